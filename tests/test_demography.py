"""The demographic step against closed forms and the worked examples of a textbook."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.dims import AGES
from fsinsure.life_tables import fertility_in, published_life_table
from fsinsure.year.demography import (
    age_by_one,
    births,
    death_in_year,
    open_age,
    sex_shares,
    step,
)

NO_BIRTHS = np.zeros(AGES)


def immortal(groups: int = AGES) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((2, groups)), np.zeros(2)


def life_table(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Survivors l(x) and person-years L(x) of a table whose last age closes it."""
    alive = np.concatenate([[1.0], np.cumprod(1.0 - q)])
    return alive[:-1], (alive[:-1] + alive[1:]) / 2.0


def long_table(width: int = 1) -> np.ndarray:
    """Gompertz mortality to age 105, closed by certain death."""
    q = np.minimum(1.0, 0.0001 * width * np.exp(0.08 * np.arange(0, 106, width)))
    q[-1] = 1.0
    return q


@pytest.mark.parametrize(("width", "groups"), [(1, AGES), (5, 21), (5, 18)])
def test_a_stationary_population_stays_as_it_is(width, groups):
    q = np.tile(long_table(width), (2, 1))
    _, lived = life_table(long_table(width))
    lived = width * lived
    stationary = np.append(lived[: groups - 1], lived[groups - 1 :].sum())
    population = np.tile(stationary, (2, 1))
    # One birth of each sex a year, spread over the fertile ages of women.
    fertile = slice(15 // width, 50 // width)
    fertility = np.zeros(groups)
    fertility[fertile] = 2.0 / stationary[fertile].sum()
    after = step(population, *death_in_year(q, groups), fertility, sex_ratio=1.0, width=width)
    assert after.births == pytest.approx([width, width], rel=1e-12)
    np.testing.assert_allclose(after.population, population, rtol=1e-12)


@pytest.mark.parametrize(("width", "groups"), [(1, AGES), (5, 18)])
@pytest.mark.parametrize("rate", [0.02, -0.01])
def test_a_stable_population_grows_at_its_rate(width, groups, rate):
    """The stable age structure is exp(-r x) L(x); with Lotka's fertility it grows by exp(r n)."""
    q = np.tile(long_table(width), (2, 1))
    dying, infant = death_in_year(q, groups)
    grown = np.exp(rate * width)
    structure = np.ones(groups)
    structure[1:-1] = np.cumprod((1.0 - dying[1, :-2]) / grown)
    # The open group: what is left of it and what enters keep their ratio.
    entering = structure[-2] * (1.0 - dying[1, -2])
    structure[-1] = entering / (grown - (1.0 - dying[1, -1]))
    assert grown > 1.0 - dying[1, -1]
    population = np.tile(structure, (2, 1))
    # As many children as leave a first group of exp(r n) after the deaths of the newborn.
    fertile = slice(15 // width, 50 // width)
    fertility = np.zeros(groups)
    mean_women = structure[fertile].sum() * (1.0 + grown) / 2.0
    fertility[fertile] = 2.0 * grown / (1.0 - infant[1]) / (width * mean_women)
    after = step(population, dying, infant, fertility, 1.0, width=width)
    np.testing.assert_allclose(after.population, population * grown, rtol=1e-12)


def leslie(dying: np.ndarray, infant: float, maternity: np.ndarray, width: int) -> np.ndarray:
    """The Leslie matrix of a female population, daughters per woman and year in `maternity`."""
    groups = len(maternity)
    survive = 1.0 - dying
    matrix = np.diag(survive[:-1], -1)
    matrix[-1, -1] = survive[-1]
    for age in range(groups):
        next_age = min(age + 1, groups - 1)
        matrix[0, age] = (
            (1.0 - infant) * width / 2.0 * (maternity[age] + survive[age] * maternity[next_age])
        )
    return matrix


@pytest.mark.parametrize(("width", "groups"), [(1, AGES), (5, 18), (10, 10)])
def test_the_step_of_women_is_their_leslie_matrix(width, groups):
    rng = np.random.default_rng(width)
    q = rng.uniform(0.0, 0.5, (2, groups + 3))
    fertility = rng.uniform(0.0, 0.3, groups)
    population = rng.uniform(0.0, 1e4, (2, groups))
    dying, infant = death_in_year(q, groups)
    after = step(population, dying, infant, fertility, 1.05, width=width)
    matrix = leslie(dying[1], infant[1], fertility / 2.05, width)
    np.testing.assert_allclose(after.population[1], matrix @ population[1], rtol=1e-12)


# Preston, Heuveline and Guillot (2001), Demography, Boxes 6.1 and 6.2: women of Sweden, 1993, by
# five-year groups to 85 and over; person-years lived per 100,000 births; yearly fertility; net
# migrants of 1993-1998. The last two groups of migrants, 425 together, are split so that the book's
# results for them follow.
WOMEN = np.array([
    293395, 248369, 240012, 261346, 285209, 314388, 281290, 286923, 304108, 324946, 247613, 211351,
    215140, 221764, 223506, 183654, 141990, 112424,
])  # fmt: skip
LIVED = np.array([
    497487, 497138, 496901, 496531, 495902, 495168, 494213, 492760, 490447, 486613, 480665, 471786,
    457852, 436153, 402775, 350358, 271512, 291707,
])  # fmt: skip
FERTILITY = np.array([0, 0, 0, 0.0120, 0.0908, 0.1499, 0.1125, 0.0441, 0.0074, 0.0003, *[0] * 8])
MIGRANTS = np.array([
    6840, 4150, 3365, 5270, 9240, 8230, 5470, 3155, 1770, 1115, 1075, 845, 645, 530, 465, 300, 250,
    175,
])  # fmt: skip
CLOSED_1998 = [
    293574, 293189, 248251, 239833, 261015, 284787, 313782, 280463, 285576, 301731, 320974, 243039,
    205109, 204944, 204793, 194419, 142324, 131768,
]  # fmt: skip
OPEN_1998 = [
    298682, 252007, 244150, 268267, 293515, 320624, 284767, 288031, 303166, 322062, 243989, 205841,
    205516, 205270, 194771, 142565, 131966,
]  # fmt: skip


def sweden(women: np.ndarray, migrants: np.ndarray | float = 0.0) -> np.ndarray:
    """Women five years later; men of no number bear none."""
    beyond = LIVED[-1] / (LIVED[-2] + LIVED[-1])  # T(85) / T(80)
    dying = np.append(1.0 - LIVED[1:] / LIVED[:-1], 1.0 - beyond)
    dying[-2] = 1.0 - beyond
    newborn = 1.0 - LIVED[0] / 500_000
    both = np.stack([np.zeros(len(women)), women])
    moved = np.stack([np.zeros(len(women)), migrants + np.zeros(len(women))])
    infants = np.array([0.0, newborn])
    return step(
        both, np.stack([dying, dying]), infants, FERTILITY, 1.05, moved, width=5
    ).population[1]


def test_five_year_groups_are_those_of_a_textbook():
    after = sweden(WOMEN)
    assert after.round().tolist() == CLOSED_1998
    assert after.sum() == pytest.approx(4_449_570, abs=1)
    assert sweden(after).sum() == pytest.approx(4_478_712, abs=1)


def test_migrants_of_five_years_move_half_at_the_start_and_half_at_the_end():
    # The youngest are left out: the book counts women at the start with the half that moves then
    # and women at the end with both, which exposes migrants for three quarters of the time.
    assert sweden(WOMEN, MIGRANTS)[1:].round().tolist() == OPEN_1998


def test_a_constant_probability_of_death_takes_that_share_at_every_age():
    dying, infant = death_in_year(np.full((2, AGES), 0.02))
    np.testing.assert_allclose(dying, 0.02, rtol=1e-12)
    np.testing.assert_allclose(infant, 0.01)


def test_without_deaths_and_births_everyone_is_one_year_older_and_the_open_age_collects():
    population = np.arange(2.0 * AGES).reshape(2, AGES)
    after = step(population, *immortal(), NO_BIRTHS, 1.05)
    np.testing.assert_array_equal(after.population[:, 1:100], population[:, :99])
    np.testing.assert_array_equal(after.population[:, 100], population[:, 99] + population[:, 100])
    np.testing.assert_array_equal(after.population[:, 0], 0.0)


def test_certain_death_empties_the_population():
    after = step(np.ones((2, AGES)), *death_in_year(np.ones((2, AGES))), NO_BIRTHS, 1.05)
    assert after.population.sum() == 0
    assert after.deaths.sum() == 2 * AGES


def test_births_are_fertility_times_the_mean_of_women_at_any_age():
    start, end = np.zeros(AGES), np.zeros(AGES)
    start[20], end[20], end[21] = 100.0, 60.0, 98.0
    start[13], end[52] = 50.0, 40.0
    fertility = np.zeros(AGES)
    fertility[20], fertility[21], fertility[13], fertility[52] = 0.1, 0.2, 0.01, 0.02
    by_hand = 80 * 0.1 + 49 * 0.2 + 25 * 0.01 + 20 * 0.02
    assert births(start, end, fertility) == pytest.approx(by_hand)


def test_women_who_arrive_in_the_year_are_counted_by_half():
    women, arrivals = np.zeros((2, AGES)), np.zeros((2, AGES))
    women[1, 30], arrivals[1, 30] = 1000.0, 100.0
    after = step(women, *immortal(), np.full(AGES, 0.1), 1.05, arrivals)
    assert after.births.sum() == pytest.approx(105.0)
    closing = np.zeros(AGES)
    closing[31] = 1100.0
    assert births(women[1], closing, np.full(AGES, 0.1)) == pytest.approx(105.0)


def test_national_fertility_outside_15_to_49_bears_children_too():
    # 0.12 per 1,000 at 10-14 and 0.10 at 50-54 (WPP 2022), one woman at every age.
    one = np.ones(AGES)
    inside = np.where(
        (np.arange(AGES) >= 15) & (np.arange(AGES) < 50),
        fertility_in(FOSHAN.tables["fertility"]),
        0.0,
    )
    more = births(one, one, fertility_in(FOSHAN.tables["fertility"])) - births(one, one, inside)
    assert more == pytest.approx(5 * 0.00012 + 5 * 0.00010)


def test_sexes_at_birth_follow_the_ratio():
    np.testing.assert_allclose(sex_shares(1.05), [1.05 / 2.05, 1 / 2.05])


def test_half_of_the_migrants_live_through_the_mortality_of_the_step():
    migrants = np.zeros((2, AGES))
    migrants[0, 25] = 8.0
    dying = np.full((2, AGES), 0.25)
    after = step(np.zeros((2, AGES)), dying, np.zeros(2), NO_BIRTHS, 1.05, migrants)
    assert after.population[0, 25] == 4.0
    assert after.population[0, 26] == 3.0
    assert after.deaths[0, 25] == 1.0
    assert after.population.sum() == 7.0


@pytest.mark.parametrize(("width", "age"), [(1, 30), (5, 150)])
def test_more_leavers_than_people_is_refused_with_sex_and_age(width, age):
    migrants = np.zeros((2, AGES))
    migrants[1, 30] = -5.0
    with pytest.raises(ValueError, match=f"women of age {age}"):
        step(np.ones((2, AGES)), *immortal(), NO_BIRTHS, 1.05, migrants, width=width)


# The open age


def test_the_open_age_dies_at_the_rate_of_its_stationary_population():
    _, lived = life_table(long_table())
    dying, _ = death_in_year(long_table())
    assert dying[100] == pytest.approx(lived[100] / lived[100:].sum())


def geometric_table(last: int) -> np.ndarray:
    ratio = 3e-5 * 1.1 ** np.arange(last + 1)
    return ratio / (1.0 + ratio)


def test_a_table_that_ends_at_its_open_age_is_extended_by_the_law_of_its_old_ages():
    ends = geometric_table(100)
    ends[100] = 1.0
    assert death_in_year(ends)[0][100] == pytest.approx(death_in_year(geometric_table(250))[0][100])
    assert 0.2 < death_in_year(ends)[0][100] < 0.5
    assert open_age(ends)[:100].tolist() == ends[:100].tolist()


def test_an_extended_table_is_near_the_longer_one_it_was_cut_from():
    for name in ("CL1-CL2", "CL3-CL4", "CL5-CL6"):
        whole = published_life_table(name, FOSHAN.tables["mortality"])
        cut = whole[:, :AGES].copy()
        cut[:, 100] = 1.0
        np.testing.assert_allclose(
            death_in_year(cut)[0][:, 100], death_in_year(whole)[0][:, 100], rtol=0.15
        )


def test_what_is_no_open_age_with_certain_death_stays_as_it_is():
    stated = geometric_table(100)
    assert open_age(stated) is stated  # a probability of the open age
    assert (
        open_age(published_life_table("CL1-CL2", FOSHAN.tables["mortality"]))[0, 105] == 1.0
    )  # beyond the open age
    both = np.stack([np.append(stated[:-1], 1.0), stated])
    assert open_age(both)[1].tolist() == stated.tolist()
    assert 0 < open_age(both)[0, 100] < 1


def test_a_table_that_cannot_be_extended_is_refused():
    ends = geometric_table(100)
    ends[90], ends[100] = 0.0, 1.0
    with pytest.raises(fs.InputError, match=r"open age 100 .* a probability of 80 to 99 is 0 or 1"):
        death_in_year(ends)


def test_a_run_with_a_table_that_ends_at_100_has_people_over_100(tmp_path):
    q = published_life_table("CL1-CL2", FOSHAN.tables["mortality"])[:, :AGES].copy()
    q[:, 100] = 1.0
    rows = [f"{age},{men},{women}" for age, (men, women) in enumerate(q.T)]
    (tmp_path / "q.csv").write_text("age,male,female\n" + "\n".join(rows), encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "name: cut\nextends: baseline\nhorizon: 2040\n"
        "mortality: {table: q.csv, table_year: 2013, level: 1}\n",
        encoding="utf-8",
    )
    # The published table ends with certain death at 105: below a level of 1 that weighs more.
    cut = fs.load(tmp_path / "s.yaml")
    whole = cut.with_({"mortality.table": "CL1-CL2"})
    ended, went_on = (fs.run(one).projection.persons[-1] for one in (cut, whole))
    assert ended[..., 100].sum() == pytest.approx(went_on[..., 100].sum(), rel=0.1)
    np.testing.assert_allclose(ended[..., :100].sum(), went_on[..., :100].sum(), rtol=1e-6)


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
    after = step(population, *death_in_year(q), fertility, 1.1, migrants)
    expected = population.sum((1, 2)) + after.births.sum(1) - after.deaths.sum((1, 2))
    np.testing.assert_allclose(after.population.sum((1, 2)), expected + migrants.sum(), rtol=1e-12)


def test_ageing_keeps_the_people():
    stock = np.random.default_rng(0).uniform(size=(4, AGES))
    before = stock.copy()
    age_by_one(stock)
    np.testing.assert_array_equal(stock[:, 1:-1], before[:, :-2])
    np.testing.assert_array_equal(stock[:, -1], before[:, -2] + before[:, -1])
    assert not stock[:, 0].any()
