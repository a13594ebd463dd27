"""Wages, bases, contributions: the closed form against quadrature and against wage ranks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from fsinsure.rules.contributions import (
    account_credit,
    contribution,
    floating_mean,
    pooled_credit,
    year_mean,
)
from fsinsure.rules.wages import contribution_base, expected_base, wage_at_rank

MEANS = st.floats(2_000, 40_000)
CVS = st.floats(0.1, 1.5)
FLOORS = st.floats(1_000, 6_000)
WIDTHS = st.floats(0, 30_000)
MONEY = st.floats(0, 1e5)
RATES = st.floats(0, 0.3)


def by_quadrature(mean: float, cv: float, floor: float, cap: float) -> float:
    """Integrate the clipped wage over ``z``, the normal score of the wage, piece by piece."""
    s = np.sqrt(np.log(1 + cv**2))

    def clipped(z: float) -> float:
        wage = mean * np.exp(s * z - s**2 / 2)
        return min(max(wage, floor), cap) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    kinks = [float(np.clip((np.log(x / mean) + s**2 / 2) / s, -12, 12)) for x in (floor, cap)]
    edges = [-12.0, *sorted(kinks), 12.0]
    return sum(quad(clipped, a, b)[0] for a, b in pairwise(edges))


@settings(max_examples=60)
@given(MEANS, CVS, FLOORS, WIDTHS)
def test_the_closed_form_equals_quadrature(
    mean: float, cv: float, floor: float, width: float
) -> None:
    found = expected_base(mean, cv, floor, floor + width)
    assert found == pytest.approx(by_quadrature(mean, cv, floor, floor + width), rel=1e-7)


@pytest.mark.parametrize(("count", "tolerance"), [(64, 2e-3), (1_024, 2e-4)])
@pytest.mark.parametrize("cv", [0.3, 0.5, 0.8])
def test_wage_ranks_approach_the_closed_form(cv: float, count: int, tolerance: float) -> None:
    ranks = (np.arange(count) + 0.5) / count
    nodes = contribution_base(wage_at_rank(ranks, 8_000, cv), 3_958, 22_941)
    assert nodes.mean() == pytest.approx(expected_base(8_000, cv, 3_958, 22_941), rel=tolerance)


@given(MEANS, CVS, FLOORS, WIDTHS, st.floats(0, 5_000))
def test_the_mean_base_moves_with_wage_floor_and_cap_and_stays_between(
    mean: float, cv: float, floor: float, width: float, more: float
) -> None:
    cap = floor + width
    base = expected_base(mean, cv, floor, cap)
    slack = 1e-9 * cap
    assert floor - slack <= base <= cap + slack
    assert expected_base(mean + more, cv, floor, cap) >= base - slack
    assert expected_base(mean, cv, floor, cap + more) >= base - slack
    assert expected_base(mean, cv, floor + min(more, width), cap) >= base - slack


def test_wages_far_from_the_bounds_are_not_clipped() -> None:
    assert expected_base(8_000, 0.2, 1, 1e9) == pytest.approx(8_000, rel=1e-12)
    assert expected_base(8_000, 0.2, 50_000, 60_000) == pytest.approx(50_000, rel=1e-9)
    assert expected_base(8_000, 0.2, 100, 200) == pytest.approx(200, rel=1e-9)
    assert expected_base(0, 0.2, 3_958, 22_941) == pytest.approx(3_958, rel=1e-12)


@given(MONEY, st.floats(0.08, 0.3), st.floats(0, 12))
def test_pool_and_account_are_the_whole_contribution(
    base: float, rate: float, months: float
) -> None:
    parts = account_credit(base, 0.08, months) + pooled_credit(base, rate, 0.08, months)
    assert parts == pytest.approx(contribution(base, rate, months), abs=1e-6)


@given(MONEY, MONEY, st.integers(1, 13))
def test_a_year_of_two_values_lies_between_them(before: float, after: float, month: int) -> None:
    mean = year_mean(before, after, month)
    assert min(before, after) - 1e-6 <= mean <= max(before, after) + 1e-6
    assert year_mean(before, before, month) == pytest.approx(before)


def test_floating_tiers_need_shares_that_add_up() -> None:
    assert floating_mean(0.008, (0.4, 1.0), (0, 1)) == pytest.approx(0.008)
    with pytest.raises(ValueError, match=r"must add up to 1, not 0\.9"):
        floating_mean(0.008, (0.4, 1.0), (0.4, 0.5))
    with pytest.raises(ValueError, match=r"shares must be 0 to 1, but -0\.5 was given"):
        floating_mean(0.008, (0.4, 1.0), (-0.5, 1.5))
