"""Unemployment insurance: what must hold for every record, and the price link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.rules.unemployment import (
    benefit_months,
    carried_months,
    expected_months_drawn,
    job_retention_refund,
    job_search_subsidy,
    monthly_benefit,
    price_link_active,
    price_supplement,
)

GUANGDONG = (48, 12, 6, 24)
MONTHS = st.integers(0, 600)


@given(MONTHS)
def test_duration_by_counting_the_law_out(months: int) -> None:
    count = sum(months >= 12 * year for year in range(1, 5))
    count += sum(months >= 48 + 6 * half for half in range(1, 100))
    assert benefit_months(months, *GUANGDONG) == min(count, 24)


@given(MONTHS, st.integers(0, 60))
def test_longer_records_never_buy_less(months: int, more: int) -> None:
    assert benefit_months(months + more, *GUANGDONG) >= benefit_months(months, *GUANGDONG)


@given(st.integers(12, 600))
def test_duration_lies_within_the_national_ceilings(months: int) -> None:
    """社会保险法 第四十六条: 12 months below 5 years, 18 below 10, 24 from 10 years on."""
    ceiling = 12 if months < 60 else 18 if months < 120 else 24
    assert benefit_months(months, *GUANGDONG) <= ceiling


@given(st.integers(0, 24), st.integers(0, 24))
def test_carried_months_are_capped(new: int, unused: int) -> None:
    assert max(new, unused) <= carried_months(new, unused, 24) <= 24


@given(st.integers(0, 24), st.floats(0, 0.99))
def test_months_drawn_by_adding_up_chances(entitled: int, leave: float) -> None:
    expected = sum((1 - leave) ** month for month in range(entitled))
    assert expected_months_drawn(entitled, leave) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(st.floats(-0.05, 0.1), st.floats(-0.05, 0.2))
def test_the_price_link_pays_only_when_triggered(prices: float, food: float) -> None:
    active = price_link_active(prices, food, 0.035, 0.06)
    paid = price_supplement(1_548, prices, active)
    assert paid >= 0
    assert (paid == 0) == (prices <= 0 or not (prices >= 0.035 or food >= 0.06))
    if paid > 0:
        assert paid == pytest.approx(1_548 * prices)


def test_sizes_by_hand() -> None:
    assert monthly_benefit(1_720, 0.9) == pytest.approx(1_548)
    assert job_search_subsidy(4_000, 0.15, 3, 6) == pytest.approx(1_800)
    assert job_retention_refund(1e8, 0.5, 0.5) == pytest.approx(2.5e7)
