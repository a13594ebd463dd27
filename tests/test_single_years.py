"""Age groups of any widths into single years: the groups are kept, the years are smooth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from fsinsure.base_year.single_years import single_years, stationary_shares
from fsinsure.errors import DataError
from fsinsure.year.demography import age_by_one, death_in_year

ONE = np.ones(1)
CENSUS = (0, 1, *range(5, 90, 5))
"""Age groups of the census tables by county: 0, 1-4, 5-9 ... 80-84, 85 and over."""


def dying_of(q: float) -> np.ndarray:
    return np.full(101, q)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    widths = draw(st.lists(st.integers(1, 10), min_size=1, max_size=15))
    starts = [0, *np.cumsum(widths).tolist()]
    size = len(starts)
    counts = draw(st.lists(st.floats(0, 1e6), min_size=size, max_size=size))
    return starts, counts


@given(grouped())
def test_groups_are_kept_and_no_year_is_negative(given: tuple[list[int], list[float]]) -> None:
    starts, counts = given
    shares = stationary_shares(dying_of(0.1), 101 - 16)
    years = single_years(np.array(counts), starts, shares)
    assert years.shape == (starts[-1] + 16,)
    assert (years >= 0).all()
    sums = np.add.reduceat(years, starts)
    assert sums == pytest.approx(counts, rel=1e-9, abs=1e-300)


@given(st.lists(st.floats(1.0, 1e6), min_size=3, max_size=15), st.data())
def test_it_is_the_monotone_cubic_of_scipy(counts: list[float], data: st.DataObject) -> None:
    size = len(counts) - 1
    widths = data.draw(st.lists(st.integers(1, 10), min_size=size, max_size=size))
    starts = [0, *np.cumsum(widths).tolist()]
    years = single_years(np.array(counts), starts, ONE)
    curve = PchipInterpolator([*starts, starts[-1] + 1], np.append(0.0, np.cumsum(counts)))
    expected = np.diff(curve(np.arange(starts[-1] + 2)))
    assert years == pytest.approx(expected, abs=1e-9 * sum(counts))


def test_a_level_population_stays_level() -> None:
    counts = np.array([10.0, 40.0, 50.0, 50.0, 10.0])
    years = single_years(counts, (0, 1, 5, 10, 15), ONE)
    assert years == pytest.approx(np.full(16, 10.0))


def test_a_straight_population_stays_straight_inside() -> None:
    # Persons 100, 99, 98 ... by single year: where the density is linear, harmonic means are near
    # the straight line, (a-b)^2/(4ab) of it.
    people = np.append(100.0 - np.arange(85.0), 1.0)
    counts = np.add.reduceat(people, CENSUS)
    years = single_years(counts, CENSUS, ONE)
    assert years[10:60] == pytest.approx(people[10:60], rel=0.01)


def test_single_years_come_back_as_they_are() -> None:
    people = np.random.default_rng(1).uniform(0, 5, 101)
    assert single_years(people, range(101), ONE) == pytest.approx(people, rel=1e-12)


def test_the_open_group_is_spread_by_the_life_table() -> None:
    # Constant mortality: L(x+1)/L(x) = 0.8, the open age holds 1/0.2 of its first year.
    shares = stationary_shares(dying_of(0.2), 85)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[1:15] / shares[:14] == pytest.approx(np.full(14, 0.8))
    assert shares[15] == pytest.approx(0.8**15)
    dying, _ = death_in_year(np.linspace(0.05, 0.6, 106)[None, :].repeat(2, axis=0))
    people = stationary_shares(dying, 85)
    died = people * dying[:, 85:]
    entering = died.sum(axis=-1)
    kept = np.ascontiguousarray(people - died)
    age_by_one(kept)
    kept[:, 0] += entering
    assert kept == pytest.approx(people)  # stationary: a year changes nothing


def test_a_group_without_anybody_has_nobody() -> None:
    counts = np.array([[3.0, 0.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    years = single_years(counts, (0, 1, 5, 10), ONE)
    assert (years[0, 1:5] == 0).all()
    assert years[0, 5:10].sum() == pytest.approx(5.0)
    assert (years[1] == 0).all()


def test_leading_axes_are_independent() -> None:
    counts = np.random.default_rng(2).uniform(1, 9, (3, 2, 19))
    shares = stationary_shares(np.stack([dying_of(0.1), dying_of(0.3)]), 85)
    years = single_years(counts, CENSUS, shares)
    assert years.shape == (3, 2, 101)
    assert years[1, 1] == pytest.approx(single_years(counts[1, 1], CENSUS, shares[1]), rel=1e-14)


@pytest.mark.parametrize(
    ("counts", "starts", "message"),
    [
        ([1.0, 1.0], [1, 5], "start at 0 and rise"),
        ([1.0, 1.0, 1.0], [0, 5, 5], "start at 0 and rise"),
        ([1.0, 1.0], [0, 5, 10], "2 counts for 3"),
        ([1.0, -1.0], [0, 5], "none negative"),
        ([1.0, np.nan], [0, 5], "none negative"),
    ],
)
def test_bad_groups_are_refused(counts: list[float], starts: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        single_years(np.array(counts), starts, ONE)
