"""The demographic step against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.dims import AGES
from fsinsure.year.demography import (
    age_by_one,
    births,
    death_in_year,
    sex_shares,
    step,
)

NO_BIRTHS = np.zeros(AGES)


def life_table(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Survivors l(x) and person-years L(x) of a table whose last age closes it."""
    alive = np.concatenate([[1.0], np.cumprod(1.0 - q)])
    return alive[:-1], (alive[:-1] + alive[1:]) / 2.0


def long_table() -> np.ndarray:
    """Gompertz mortality to age 105, closed by certain death."""
    q = np.minimum(1.0, 0.0001 * np.exp(0.08 * np.arange(106)))
    q[105] = 1.0
    return q


def test_a_stationary_population_stays_as_it_is():
    q = np.tile(long_table(), (2, 1))
    _, lived = life_table(long_table())
    stationary = np.append(lived[:100], lived[100:].sum())
    population = np.tile(stationary, (2, 1))
    # One birth of each sex a year: 2 spread over 35 fertile ages of women.
    fertility = np.zeros(AGES)
    fertility[15:50] = 2.0 / stationary[15:50].sum()
    after = step(population, q, fertility, sex_ratio=1.0)
    assert after.births == pytest.approx([1.0, 1.0], rel=1e-12)
    np.testing.assert_allclose(after.population, population, rtol=1e-12)


def test_a_constant_probability_of_death_takes_that_share_at_every_age():
    dying, infant = death_in_year(np.full((2, AGES), 0.02))
    np.testing.assert_allclose(dying, 0.02, rtol=1e-12)
    np.testing.assert_allclose(infant, 0.01)


def test_without_deaths_and_births_everyone_is_one_year_older_and_the_open_age_collects():
    population = np.arange(2.0 * AGES).reshape(2, AGES)
    after = step(population, np.zeros((2, AGES)), NO_BIRTHS, 1.05)
    np.testing.assert_array_equal(after.population[:, 1:100], population[:, :99])
    np.testing.assert_array_equal(after.population[:, 100], population[:, 99] + population[:, 100])
    np.testing.assert_array_equal(after.population[:, 0], 0.0)


def test_certain_death_empties_the_population():
    after = step(np.ones((2, AGES)), np.ones((2, AGES)), NO_BIRTHS, 1.05)
    assert after.population.sum() == 0
    assert after.deaths.sum() == 2 * AGES


def test_births_are_fertility_times_women_of_mid_year():
    start, end = np.zeros(AGES), np.zeros(AGES)
    start[20], end[20], end[21] = 100.0, 60.0, 98.0
    fertility = np.zeros(AGES)
    fertility[20], fertility[21], fertility[14] = 0.1, 0.2, 9.9
    assert births(start, end, fertility) == pytest.approx(80 * 0.1 + 49 * 0.2)


def test_sexes_at_birth_follow_the_ratio():
    np.testing.assert_allclose(sex_shares(1.05), [1.05 / 2.05, 1 / 2.05])


def test_migrants_arrive_by_age_at_the_end_of_the_year():
    migrants = np.zeros((2, AGES))
    migrants[0, 25] = 7.0
    after = step(np.zeros((2, AGES)), np.zeros((2, AGES)), NO_BIRTHS, 1.05, migrants)
    np.testing.assert_array_equal(after.population, migrants)


def test_more_leavers_than_people_is_refused_with_sex_and_age():
    migrants = np.zeros((2, AGES))
    migrants[1, 30] = -5.0
    with pytest.raises(ValueError, match="women of age 30"):
        step(np.ones((2, AGES)), np.zeros((2, AGES)), NO_BIRTHS, 1.05, migrants)


def test_the_open_age_dies_at_the_rate_of_its_stationary_population():
    _, lived = life_table(long_table())
    dying, _ = death_in_year(long_table())
    assert dying[100] == pytest.approx(lived[100] / lived[100:].sum())


def test_a_short_life_table_is_refused():
    with pytest.raises(ValueError, match="ends at 99"):
        death_in_year(np.zeros(100))


@given(st.integers(0, 2**32 - 1))
def test_people_are_conserved(seed):
    rng = np.random.default_rng(seed)
    population = rng.uniform(0, 1e4, (3, 2, AGES))
    q = rng.uniform(0, 1, (2, AGES))
    fertility = rng.uniform(0, 0.3, AGES)
    migrants = rng.uniform(0, 50, (2, AGES))
    after = step(population, q, fertility, 1.1, migrants)
    expected = population.sum((1, 2)) + after.births.sum(1) - after.deaths.sum((1, 2))
    np.testing.assert_allclose(after.population.sum((1, 2)), expected + migrants.sum(), rtol=1e-12)


def test_ageing_keeps_the_people():
    stock = np.random.default_rng(0).uniform(size=(4, AGES))
    before = stock.copy()
    age_by_one(stock)
    np.testing.assert_array_equal(stock[:, 1:-1], before[:, :-2])
    np.testing.assert_array_equal(stock[:, -1], before[:, -2] + before[:, -1])
    assert not stock[:, 0].any()
