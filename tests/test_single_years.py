"""Age groups of any widths into single years: the groups are kept, the years are smooth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from fsinsure.base_year.single_years import open_shares, single_years
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
    shares = np.full(16, 1 / 16)
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


def test_the_open_group_of_a_stable_population_comes_back() -> None:
    # Constant mortality, growth of 2 %: every age is 0.8 exp(-0.02) of the one before.
    ratio = 0.8 * np.exp(-0.02)
    people = ratio ** np.arange(101)
    people[100] *= 1 + 0.8 / 0.2  # T(100)/L(100): those of 100 and over die at 0.2 a year
    counts = np.add.reduceat(people, CENSUS)
    shares = open_shares(counts, CENSUS, dying_of(0.2))
    assert shares.sum() == pytest.approx(1.0)
    assert shares * counts[-1] == pytest.approx(people[85:], rel=1e-9)


def test_the_open_group_of_a_stationary_population_stays_through_a_year() -> None:
    dying, _ = death_in_year(np.linspace(0.0, 0.6, 106)[None, :].repeat(2, axis=0))
    people = np.cumprod(np.concatenate([np.ones((2, 1)), 1 - dying[:, :-1]], axis=1), axis=1)
    people[:, -1] /= dying[:, -1]
    counts = np.add.reduceat(people, CENSUS, axis=1)
    oldest = open_shares(counts, CENSUS, dying) * counts[:, -1:]
    assert oldest == pytest.approx(people[:, 85:])
    died = oldest * dying[:, 85:]
    after = oldest - died
    age_by_one(after)
    after[:, 0] = people[:, 85]
    assert after == pytest.approx(oldest)


def test_an_open_group_beside_an_empty_one_is_stationary() -> None:
    counts = np.zeros((3, 19))
    counts[1, -1] = counts[2, -2] = 5.0
    shares = open_shares(counts, CENSUS, dying_of(0.2))
    assert shares[:, 1:15] / shares[:, :14] == pytest.approx(np.full((3, 14), 0.8))


def test_a_group_without_anybody_has_nobody() -> None:
    counts = np.array([[3.0, 0.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    years = single_years(counts, (0, 1, 5, 10), ONE)
    assert (years[0, 1:5] == 0).all()
    assert years[0, 5:10].sum() == pytest.approx(5.0)
    assert (years[1] == 0).all()


def test_leading_axes_are_independent() -> None:
    counts = np.random.default_rng(2).uniform(1, 9, (3, 2, 19))
    shares = open_shares(counts, CENSUS, np.stack([dying_of(0.1), dying_of(0.3)]))
    assert shares.shape == (3, 2, 16)
    years = single_years(counts, CENSUS, shares)
    assert years.shape == (3, 2, 101)
    assert years[1, 1] == pytest.approx(single_years(counts[1, 1], CENSUS, shares[1, 1]), rel=1e-14)


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
