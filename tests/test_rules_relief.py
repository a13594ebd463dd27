"""Relief: what is due is paid, waived or deferred, and what is deferred is repaid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.rules.relief import (
    combined_share,
    deferred,
    labour_cost_change,
    months_in_year,
    repaid,
    response,
    small_firm_share,
    waived,
)
from fsinsure.rules.resident import assisted_contribution, land_subsidy
from fsinsure.rules.retirement import month_index

SHARE = st.floats(0, 1)
MONTH = st.integers(month_index(2018, 1), month_index(2030, 12))


@given(MONTH, st.integers(0, 60))
def test_the_months_of_a_span_are_spread_over_its_years(first: int, length: int) -> None:
    years = np.arange(2017, 2040)
    months = months_in_year(first, first + length, years)
    assert months.sum() == length + 1
    assert months.max() <= 12


@given(MONTH, st.integers(0, 60), st.floats(0, 1e9))
def test_all_that_is_deferred_is_repaid(first: int, length: int, owed: float) -> None:
    back = repaid(owed, first, first + length, np.arange(2017, 2040))
    assert back.sum() == pytest.approx(owed)
    assert (back >= 0).all()


@given(SHARE, SHARE, st.integers(1, 12))
def test_waiver_and_deferral_take_the_same_out_of_a_year(
    share: float, eligible: float, months: int
) -> None:
    lost = waived(1e6, share, months, eligible)
    assert lost == deferred(1e6, share, months, eligible)
    assert 0 <= lost <= 1e6 * months


@given(SHARE, st.floats(1e8, 1e11))
def test_the_payroll_share_of_small_firms_is_found_again(small: float, due: float) -> None:
    relief = waived(due, 1.0, 11, small) + waived(due, 0.5, 5, 1 - small)
    assert small_firm_share(relief, due, 11, 1.0, 5, 0.5) == pytest.approx(small, abs=1e-9)


def test_the_relief_of_2020_is_plausible() -> None:
    """Employers' 13 + 0.5 + 0.4 % on 306.39万 members and some 4,400 yuan: 18.7 亿 a month.

    With half to three quarters of payroll in small firms that waives 126 to 166 亿; the plan says
    137.64 亿.
    """
    due = 306.39e4 * 4_400 * 0.139
    assert waived(due, 1, 11, 0.5) + waived(due, 0.5, 5, 0.5) == pytest.approx(126.5e8, rel=0.01)
    assert 0.5 < small_firm_share(137.64e8, due, 11, 1.0, 5, 0.5) < 0.75


def test_reliefs_that_meet_cannot_waive_more_than_all() -> None:
    assert combined_share([]) == 0
    assert combined_share([0.5, 0.5]) == 1
    with pytest.raises(ValueError, match="add up to 110 %, at most 100 % can be waived"):
        combined_share([0.6, 0.5])
    with pytest.raises(ValueError, match=r"shares must be 0 to 1, but -0\.1 was given"):
        combined_share([-0.1, 0.5])


@given(st.floats(-0.5, 0), st.floats(-2, 0))
def test_cheaper_labour_keeps_people_and_zero_switches_it_off(
    change: float, elasticity: float
) -> None:
    assert response(change, elasticity) >= 0
    assert response(change, 0.0) == 0
    assert response(0.0, elasticity) == 0


def test_cost_of_labour_falls_by_the_relief() -> None:
    assert labour_cost_change(8_000, 1_200, 0) == 0
    assert labour_cost_change(8_000, 1_200, 1_200) == pytest.approx(-1_200 / 9_200)


def test_help_is_limited() -> None:
    assert assisted_contribution(100, 180, 1.0) == 100
    assert assisted_contribution(4_800, 180, 0.5) == 90
    assert land_subsidy(9_000, 0.6, 0) == 0
