"""Retirement of the cohort engine against closed forms worked by hand.

Women workers born in 1975 reach 50 in 2025. Those due in the month k = 0..11 of 2025 retire
``floor(k / 2) + 1`` months later (国务院关于渐进式延迟法定退休年龄的办法, table 3), so those due in
January to August retire within the year, 1, 1, 2, 2, 3, 3, 4 and 4 months past 50.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import lognorm

import fsinsure as fs
from foshan import AREAS, CITY, FOSHAN
from fsinsure.base_year.closure import close_base
from fsinsure.dims import AGES, CADRES, FEMALE, MALE, MONTHS, PERSONS, QUANTITIES
from fsinsure.parameters import resolve
from fsinsure.rules.retirement import vested_months_share, vested_share
from fsinsure.scenario import Scenario
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.year import demography, people
from fsinsure.year.event import opening
from fsinsure.year.law import bind
from fsinsure.year.pension_age import EARLY, ON_TIME
from fsinsure.year.retirement import retirement

EARLY_SHARE, LATE_SHARE, CADRE_SHARE, WITHDRAW = 0.2, 0.1, 0.3, 0.4
DELAYS = (1, 1, 2, 2, 3, 3, 4, 4)
"""Months of delay of those who claim on time within 2025."""


def law_of(year, **values):
    scenario = Scenario(name="bare", title={}, region=FOSHAN, horizon=year)
    parameters = resolve(scenario.with_({f"retirement.{name}": v for name, v in values.items()}))
    return bind(parameters.with_base_coverage(close_base(parameters).coverage))[-1]


@pytest.fixture(scope="module")
def law():
    """The law of 2025, with early and late claims."""
    return law_of(
        2025,
        early_share=EARLY_SHARE,
        late_share=LATE_SHARE,
        early_months=36,
        late_months=12,
        withdraw_share=WITHDRAW,
    )


def moves_of(law, age, cadre_share, mean=200):
    """The moves of 100 women employees of an age, with so many months on average."""
    stock = np.zeros((len(QUANTITIES), len(STATUSES), len(AREAS), 2, AGES))
    cell = stock[:, STATUS["employee"], 0, FEMALE, age]
    cell[PERSONS], cell[CADRES], cell[MONTHS] = 100, 100 * cadre_share, 100 * mean
    found = retirement(law, stock, opening(stock))
    return {(move.source, move.target): move for move in found}


@pytest.fixture(scope="module")
def moves(law):
    return moves_of(law, 50, CADRE_SHARE)


def of_age(move, quantity, age):
    return move.probability[quantity, 0, FEMALE, age - move.ages.start]


def at_50(move, quantity):
    return of_age(move, quantity, 50)


def test_workers_claim_early_on_time_or_late(moves):
    """All early claims fall into 2025, 8 of 12 months of those on time, and no late ones."""
    award = moves["employee", "retiree"]
    reached = (1 - CADRE_SHARE) * (EARLY_SHARE + (1 - EARLY_SHARE - LATE_SHARE) * 8 / 12)
    vested = float(vested_share(200.0, 180.0, 0.35))
    months = float(vested_months_share(200.0, 180.0, 0.35))
    assert at_50(award, PERSONS) == pytest.approx(reached * vested, rel=1e-12)
    assert at_50(award, MONTHS) == pytest.approx(reached * months, rel=1e-12)
    assert at_50(award, CADRES) == 0.0  # their age is 55


def test_those_who_lack_months_are_asked_at_the_statutory_age(moves):
    """8 of 12 months reach it, whenever they meant to claim; the late among them too."""
    leave = moves["employee", "not_insured"]
    lacking = 1.0 - float(vested_share(200.0, 180.0, 0.35))
    expected = (1 - CADRE_SHARE) * 8 / 12 * lacking * WITHDRAW
    assert at_50(leave, PERSONS) == pytest.approx(expected, rel=1e-12)


def test_the_divisor_is_the_harmonic_mean_over_months_of_birth(law, moves):
    """195 months at 50, 190 at 51: 5/12 less for each month."""
    on_time = 1.0 / np.mean([1.0 / (195 - 5 * delay / 12) for delay in DELAYS])
    reach = law.reach["worker"]
    assert reach.divisor[EARLY, 50] == pytest.approx(195, rel=1e-12)
    assert reach.divisor[ON_TIME, 50] == pytest.approx(on_time, rel=1e-12)
    # Of the cell: all early claims at 195, and two thirds of those on time.
    early, prompt = EARLY_SHARE, (1 - EARLY_SHARE - LATE_SHARE) * 8 / 12
    both = (early + prompt) / (early / 195 + prompt / on_time)
    award = moves["employee", "retiree"]
    divisor = award.divisor[..., 0, FEMALE, 50 - award.ages.start]
    assert divisor == pytest.approx(both, rel=1e-12)


def test_late_claimants_have_the_months_when_they_claim():
    """All claim 36 months late: those born from January to August 1975 within 2028."""
    law = law_of(2028, late_share=1, late_months=36)
    award = moves_of(law, 53, CADRE_SHARE)["employee", "retiree"]
    vested = float(vested_share(200.0, 180.0, 0.35))
    expected = (1 - CADRE_SHARE) * 8 / 12 * vested
    assert of_age(award, PERSONS, 53) == pytest.approx(expected, rel=1e-12)


def test_those_past_the_age_draw_by_its_divisor_whatever_the_others_choose():
    """Nobody claims on time, but those who lacked months are asked every year: 56 from 70."""
    law = law_of(2025, early_share=0.5, late_share=0.5)
    for who in ("male", "cadre", "worker"):
        assert law.reach[who].divisor[ON_TIME, 75] == pytest.approx(56, rel=1e-12)


def test_months_reached_within_a_year_while_the_minimum_rises():
    """2031: the minimum is 192, and 186 the year before; who lacked it then has less than 198."""
    moves = moves_of(law_of(2031, withdraw_share=WITHDRAW), 56, 0.0, mean=120)
    award, leave = moves["employee", "retiree"], moves["employee", "not_insured"]
    # Those below 192 months have 120 on average if the whole birth year has this mean.
    whole = months(brentq(lambda mean: mean * lacking(192, mean) - 120, 120, 1000))
    reached = (whole.cdf(198) - whole.cdf(192)) / whole.cdf(198)
    assert of_age(award, PERSONS, 56) == pytest.approx(reached, rel=1e-3)
    assert of_age(award, MONTHS, 56) == pytest.approx(reached * 195 / 120, rel=1e-3)
    # All lacked months; those who still do have what the others leave.
    left = 1 - reached * 195 / 120
    assert of_age(leave, MONTHS, 56) == pytest.approx(WITHDRAW * left, rel=1e-3)


def test_cadres_have_the_months_of_the_whole_birth_year_past_the_age_of_workers():
    """At 55, with workers who lacked 180 months: the cell has 0.6 + 0.4 x lacking of its mean."""
    cell = 150 * (0.6 + 0.4 * lacking(180, 150))
    award = moves_of(law_of(2024), 55, 0.6, mean=cell)["employee", "retiree"]
    vested, held = 1 - months(150).cdf(180), 1 - lacking(180, 150) * months(150).cdf(180)
    assert of_age(award, CADRES, 55) == pytest.approx(vested, rel=1e-3)
    top = months(150).cdf(192)
    reached = (top - months(150).cdf(180)) / top
    workers = 0.4 * reached * 186 / cell
    assert of_age(award, MONTHS, 55) == pytest.approx(0.6 * held * 150 / cell + workers, rel=1e-3)


def months(mean):
    sigma = np.sqrt(np.log1p(0.35**2))
    return lognorm(sigma, scale=mean * np.exp(-(sigma**2) / 2))


def lacking(limit, mean):
    """Mean months of those below a limit, over the mean of all."""
    sigma = np.sqrt(np.log1p(0.35**2))
    held = lognorm(sigma, scale=mean * np.exp(sigma**2 / 2)).cdf(limit)
    return held / months(mean).cdf(limit)


def enrolled(scenario: fs.Scenario) -> float:
    table = fs.run(scenario).enrollment.set_index(["area", "year", "measure"])["persons"]
    return table[CITY, 2025, "pension.enterprise"]


def test_an_earlier_age_of_workers_raises_pension_enrollment_and_a_later_one_lowers_it(baseline):
    """Retirees stay enrolled, and their jobs are filled by others: growth paths are given."""
    now = enrolled(baseline)
    assert enrolled(baseline.with_({"retirement.age_worker": 45}, name="earlier")) > now + 1e4
    assert enrolled(baseline.with_({"retirement.age_worker": 53}, name="later")) < now - 1e4


def test_women_insured_as_flexible_workers_retire_at_55(result):
    (move,) = result.transitions.find(2021, "flexible", "retiree")
    by_age = move.by_cell(len(AREAS))[:, FEMALE]
    assert (by_age[:, :55] == 0).all()
    assert (by_age[:, 55] > 0).all()


def test_entries_past_60_join_the_resident_scheme(result):
    (law,) = (one for one in result.projection.laws if one.year == 2021)
    (move,) = result.transitions.find(2021, "not_insured", "resident_pensioner")
    share = law.rate("entry.resident_pensioner")
    assert share > 0
    expected = np.where(np.arange(AGES) >= 60, share, 0.0)
    np.testing.assert_allclose(
        move.by_cell(len(AREAS)), np.broadcast_to(expected, (len(AREAS), 2, AGES)), rtol=1e-12
    )


def test_births_are_fertility_times_the_mean_of_opening_and_closing_women(result):
    """1,000 women, 100 net arrivals and 0.1 children each: 0.1 x (1,000 + 1,100) / 2 = 105."""
    population = np.zeros((2, AGES))
    population[FEMALE, 30] = 1000
    arriving = np.zeros((2, AGES))
    arriving[FEMALE, 31] = arriving[FEMALE, 30] = 50  # half before and half after their birthday
    fertility, immortal = np.full(AGES, 0.1), np.zeros((2, AGES))
    step = demography.step(population, immortal, np.zeros(2), fertility, 1.0, arriving)
    assert step.births.sum() == pytest.approx(105, rel=1e-12)
    # The event of the year does the same with the stock as the events before left it.
    (law,) = (one for one in result.projection.laws if one.year == 2021)
    stock = np.zeros((len(QUANTITIES), len(STATUSES), len(AREAS), 2, AGES))
    stock[PERSONS, STATUS["employee"], 0, FEMALE, 30] = 1000
    start = opening(stock)
    stock[PERSONS, STATUS["employee"], 0, FEMALE, 30] = 0
    stock[PERSONS, STATUS["employee"], 0, FEMALE, 31] = 1000
    stock[PERSONS, STATUS["not_insured"], 0, FEMALE, 31] = 100
    (born,) = people.births(law, stock, start)
    rates = law.fertility.ravel()
    expected = (1000 * rates[30] + 1100 * rates[31]) / 2
    assert born.persons[0].sum() == pytest.approx(expected, rel=1e-12)
    assert born.persons[0, MALE, 0] > born.persons[0, FEMALE, 0]
