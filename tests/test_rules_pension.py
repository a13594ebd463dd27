"""Pensions: account arithmetic month by month, the annuity table, indexation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.rules.indexation import fixed, flat_for_rate, linked_rate, three_part
from fsinsure.rules.pension import (
    account_closing,
    account_interest,
    account_pension,
    annuity_divisor,
    basic_pension,
    survivor_months_retired,
)
from fsinsure.rules.resident import resident_pension
from fsinsure.rules.tables import interpolate, lookup, steps

MONEY = st.floats(0, 1e6)
RATES = st.floats(0, 0.12)
GROWTH = st.floats(-0.1, 0.2)
TABLE = [139, 132, 125, 117]


@given(MONEY, st.floats(0, 1e4), RATES, st.integers(1, 12))
def test_account_interest_is_the_sum_over_months(
    opening: float, monthly: float, rate: float, months: int
) -> None:
    """Every sum earns a twelfth of the rate in its own and every later month."""
    balance, interest = opening, 0.0
    for _month in range(months):
        balance += monthly
        interest += balance * rate / 12
    found = account_interest(opening, monthly * months, rate, months)
    assert found == pytest.approx(interest, rel=1e-9, abs=1e-6)


@given(MONEY, st.floats(0, 1e5), st.floats(0, 1e5), RATES)
def test_an_account_never_falls_below_zero(
    opening: float, credited: float, paid: float, rate: float
) -> None:
    closing = account_closing(opening, credited, paid, rate, 12)
    assert closing >= 0
    if paid <= opening + credited:
        # Up to rounding: sums of some hundred thousand yuan are known to 1e-10 yuan at best.
        assert closing >= (opening + credited - paid) * (1 - 1e-9) - 1e-8


@given(st.floats(60, 63), st.floats(0, 1))
def test_annuity_months_fall_with_age_and_never_leave_the_table(age: float, more: float) -> None:
    ages = [60, 61, 62, 63]
    now, later = (float(annuity_divisor(x, ages, TABLE)) for x in (age, age + more))
    assert 117 - 1e-9 <= later <= now + 1e-9 <= 139 + 1e-9
    assert now == pytest.approx(np.interp(age, ages, TABLE))


@given(st.floats(0, 40), st.floats(0.6, 3), st.floats(5_000, 12_000))
def test_basic_pension_doubles_with_years_and_base(years: float, index: float, base: float) -> None:
    once = basic_pension(base, index, years, 0.01)
    assert basic_pension(base, index, 2 * years, 0.01) == pytest.approx(2 * once)
    assert basic_pension(2 * base, index, years, 0.01) == pytest.approx(2 * once)
    assert basic_pension(base, 1, years, 0.01) == pytest.approx(base * years / 100)


def test_replacement_of_a_full_career_by_hand() -> None:
    """35 years at the mean wage: 35 % of the base, and 35 x 12 x 8 % of it over 139 months."""
    base = 9_000.0
    pension = basic_pension(base, 1.0, 35, 0.01) + account_pension(35 * 12 * 0.08 * base, 139)
    assert pension / base == pytest.approx(0.35 + 33.6 / 139)


@given(st.floats(9, 24), st.floats(0, 40))
def test_the_grant_of_a_pensioner_never_falls_below_the_least(most: float, drawn: float) -> None:
    months = survivor_months_retired(most, drawn, 9)
    assert 9 <= months <= max(most, 9)


@given(GROWTH, GROWTH)
def test_links_to_wages_prices_and_a_mix(wages: float, prices: float) -> None:
    free = (-1.0, 1.0)
    assert linked_rate(wages, prices, 1, 0, *free) == pytest.approx(wages)
    assert linked_rate(wages, prices, 0, 1, *free) == pytest.approx(prices)
    assert linked_rate(wages, prices, 0.5, 0.5, *free) == pytest.approx((wages + prices) / 2)
    assert 0 <= linked_rate(wages, prices, 0.5, 0.5, 0, 0.05) <= 0.05


@given(
    st.lists(st.tuples(st.floats(500, 9_000), st.floats(0, 45)), min_size=2, max_size=20),
    st.floats(0, 0.1),
    st.floats(0, 3),
    st.floats(0, 0.03),
)
def test_a_three_part_rise_costs_the_rate_that_closed_it(
    people: list[tuple[float, float]], rate: float, per_year: float, percent: float
) -> None:
    pensions, years = (np.array(column) for column in zip(*people, strict=True))
    top_up = np.where(np.arange(len(people)) % 3 == 0, 60.0, 0.0)
    flat = flat_for_rate(rate, pensions.mean(), years.mean(), per_year, percent, top_up.mean())
    after = three_part(pensions, years, flat, per_year, percent, top_up)
    assert after.mean() == pytest.approx(fixed(pensions.mean(), rate), rel=1e-9)


def test_a_three_part_rise_favours_low_pensions() -> None:
    after = three_part(np.array([1_000.0, 8_000.0]), 25, 50, 1, 0.01, 0)
    rise = after / np.array([1_000.0, 8_000.0]) - 1
    assert rise[0] > rise[1] > 0.01


def test_base_pension_of_residents_is_owed_without_an_account() -> None:
    assert resident_pension(300, 0, 0, 139, 15, 3) == 300


@given(st.floats(0, 100))
def test_tables_agree_with_numpy(x: float) -> None:
    knots, values = [10, 20, 50], [1.0, 4.0, 2.0]
    assert interpolate(x, knots, values) == pytest.approx(np.interp(x, knots, values))
    place = np.searchsorted(knots, x, side="right")
    assert steps(x, knots, values) == pytest.approx([0.0, *values][place])


@pytest.mark.parametrize("code", [0, 4, 1.5, -1])
def test_a_code_outside_the_table_is_an_error(code: float) -> None:
    with pytest.raises(ValueError, match=f"grade must be 1 to 3, but {code} was given"):
        lookup(code, [27, 25, 23], what="grade")
    with pytest.raises(ValueError, match="grade must be 1 to 3"):
        lookup(np.array([1, code]), [27, 25, 23], what="grade")
