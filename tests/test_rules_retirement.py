"""Retirement: what must hold for every delay rule, not only for the law of 2025."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from fsinsure.rules.retirement import (
    NEVER,
    delay_months,
    due_share,
    month_index,
    not_yet_due_share,
    statutory_month,
    vested,
    vested_months_share,
    vested_share,
)

STARTS = st.one_of(st.just(NEVER), st.integers(month_index(2021, 1), month_index(2060, 12)))
AGES = st.sampled_from([50, 55, 60, 63, 65])
STEPS = st.integers(1, 24)
MOST = st.integers(0, 120)
BIRTH_YEARS = st.integers(1930, 2020)
LAW = {
    "men": (60, month_index(2025, 1), 4, 36),
    "women cadres": (55, month_index(2025, 1), 4, 36),
    "women workers": (50, month_index(2025, 1), 2, 60),
}


@given(STARTS, STEPS, MOST)
def test_delay_rises_by_one_month_every_step(start: int, step: int, most: int) -> None:
    due = start + np.arange(-50, step * (most + 3))
    delay = delay_months(due, start, step, most)
    assert not delay[due < start].any()
    assert (np.bincount(delay[due >= start])[1:most] == step).all()
    assert (delay[due >= start + step * max(most - 1, 0)] == most).all()
    assert set(np.diff(delay)) <= {0, 1}


@given(AGES, STARTS, STEPS, MOST)
def test_the_older_retire_first(age: int, start: int, step: int, most: int) -> None:
    births = np.arange(month_index(1930, 1), month_index(2020, 1))
    assert (np.diff(statutory_month(births, age, start, step, most)) >= 1).all()


@given(BIRTH_YEARS, AGES, STARTS, STEPS, MOST)
def test_every_birth_year_retires_exactly_once(
    birth_year: int, age: int, start: int, step: int, most: int
) -> None:
    years = np.arange(birth_year + age - 1, birth_year + age + 13)
    shares = due_share(birth_year, years, age, start, step, most)
    assert 12 * shares == pytest.approx(np.round(12 * shares), abs=1e-12)
    assert round(12 * shares.sum()) == 12
    waiting = not_yet_due_share(birth_year, years, age, start, step, most)
    assert waiting[0] == 1
    assert waiting[-1] == 0
    assert -np.diff(waiting) == pytest.approx(shares[1:], abs=1e-12)


@given(BIRTH_YEARS, AGES, STEPS, MOST)
def test_without_delay_a_birth_year_retires_together(
    birth_year: int, age: int, step: int, most: int
) -> None:
    assert due_share(birth_year, birth_year + age, age, NEVER, step, most) == 1
    assert due_share(birth_year, birth_year + age, age, month_index(2025, 1), step, 0) == 1


@pytest.mark.parametrize("rule", LAW.values(), ids=LAW)
def test_the_reform_ends_in_2039(rule: tuple[int, int, int, int]) -> None:
    """The tables of the law run to births due in December 2036 (men, cadres) or 2034 (workers)."""
    age, _start, step, most = rule
    last = month_index(2025, 1) + step * most - 1
    assert statutory_month(last - 12 * age, *rule) == month_index(2039, 12)
    assert statutory_month(last + 1 - 12 * age, *rule) == month_index(2040, 1)


@pytest.mark.parametrize("rule", LAW.values(), ids=LAW)
def test_the_reform_shrinks_the_years_of_retirement(rule: tuple[int, int, int, int]) -> None:
    """While the age rises by 1 month in ``step``, ``step / (step + 1)`` of a year retires."""
    age, _start, step, _most = rule
    births = np.arange(1930, 2000)
    retiring = np.array([due_share(births, year, *rule).sum() for year in range(2025, 2040)])
    assert retiring.mean() == pytest.approx(step / (step + 1), abs=0.005)
    assert due_share(births, 2024, *rule).sum() == 1
    assert due_share(births, 2040, *rule).sum() == 1
    assert age in (50, 55, 60)


MEANS = st.floats(1, 600)
MINIMA = st.floats(1, 480)
CVS = st.floats(0.05, 1)


@given(MEANS, MINIMA, CVS)
def test_vested_shares_are_the_lognormal_moments(mean: float, low: float, cv: float) -> None:
    """Held against 20,000 persons at equally probable ranks of the cell."""
    s = np.sqrt(np.log(1 + cv**2))
    months = mean * np.exp(s * ndtri((np.arange(20_000) + 0.5) / 20_000) - s**2 / 2)
    enough = vested(months, low)
    assert vested_share(mean, low, cv) == pytest.approx(enough.mean(), abs=1e-4)
    share = months[enough].sum() / months.sum()
    assert vested_months_share(mean, low, cv) == pytest.approx(share, abs=2e-3)


@given(MEANS, MINIMA, CVS, st.floats(0.01, 50))
def test_vesting_rises_with_months_and_falls_with_the_minimum(
    mean: float, low: float, cv: float, more: float
) -> None:
    for share in (vested_share, vested_months_share):
        assert 0 <= share(mean, low, cv) <= 1
        assert share(mean + more, low, cv) >= share(mean, low, cv)
        assert share(mean, low + more, cv) <= share(mean, low, cv)
    assert vested_months_share(mean, low, cv) >= vested_share(mean, low, cv)


def test_without_months_none_are_vested_and_without_a_minimum_all() -> None:
    means = np.array([0.0, 0.0, 240.0])
    minima = np.array([180.0, 0.0, 0.0])
    for share in (vested_share, vested_months_share):
        assert share(means, minima, 0.4).tolist() == [0, 1, 1]
