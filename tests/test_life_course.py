"""Age profiles and rates that agree: what the rates of a year lead to stays as it is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fsinsure.base_year import closure
from fsinsure.base_year.balances import base_quantities
from fsinsure.base_year.life_course import life_course
from fsinsure.checks import prepare
from fsinsure.dims import COUNTED, FEMALE, MALE, PERSONS
from fsinsure.engine.cohort import apply, run_year
from fsinsure.errors import PoolError
from fsinsure.scenario import load
from fsinsure.state import Move
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.year.entries import ENTRIES, ENTRY_AGES
from fsinsure.year.event import opening
from fsinsure.year.law import Law, bind

STILL = {f"growth.{status}": 0 for status in ENTRIES}
STILL |= {f"migration.departure_{one}": 0 for one in ("not_insured", "employee", "dormant")}
STILL |= {"migration.arrivals": 0, "migration.demand_share": 0, "mortality.improvement": 0}
TOTALS = {"employee": 1.8e6, "flexible": 2e5, "civil_service": 8e4, "resident": 1.3e5}
YEARS = 20
FIVE = range(0, 101, 5)


@cache
def laws() -> list[Law]:
    parameters, _ = prepare(load("baseline").with_({"horizon": 2020 + YEARS, **STILL}))
    return bind(parameters)


@cache
def residents() -> np.ndarray:
    """The population of the life table ``[sex, age]``: 9.5 million."""
    dying, infant = laws()[0].dying.reshape(2, 101), laws()[0].infant.reshape(2, 1)
    lived = (1 - infant) * np.cumprod(np.c_[np.ones(2), 1 - dying[:, :-1]], axis=1)
    lived[:, -1] /= dying[:, -1]
    boys = laws()[0].rate("fertility.sex_ratio")
    people = lived * np.array([[boys], [1.0]])
    return people * 9.5e6 / people.sum()


@cache
def course() -> np.ndarray:
    return life_course(laws()[0], residents(), TOTALS)


def stock() -> np.ndarray:
    """A region of one area in the stationary state."""
    return np.ascontiguousarray((course() * residents())[:, :, None])


def of_one_area(law: Law) -> Law:
    """The law of that region; as many are born as the life table has."""
    women = residents()[FEMALE] @ law.fertility.reshape(-1)
    born = residents()[:, 0] / (1 - law.infant.reshape(2))
    arrival = law.arrival.sum(axis=0, keepdims=True)
    return replace(law, arrival=arrival, fertility=law.fertility * born.sum() / women)


def test_everyone_of_an_age_is_something() -> None:
    assert course().shape == (3, len(STATUSES), 2, 101)
    assert (course() >= -1e-12).all()
    assert course()[PERSONS].sum(axis=0) == pytest.approx(np.ones((2, 101)))


def test_the_statuses_with_a_growth_path_have_their_totals() -> None:
    people = (course()[PERSONS] * residents()).sum(axis=(1, 2))
    found = {status: people[STATUS[status]] for status in TOTALS}
    assert found == pytest.approx(TOTALS, rel=1e-6)


def test_below_the_pension_age_they_have_the_given_profile() -> None:
    for status, entry in ENTRIES.items():
        shape = entry.shape(laws()[0])
        there = course()[PERSONS, STATUS[status]][:, ENTRY_AGES]
        ratio = there[shape > 0] / shape[shape > 0]
        assert ratio == pytest.approx(np.full(ratio.shape, ratio[0]), rel=1e-9)


def test_past_the_pension_age_there_are_no_more_civil_staff_and_as_many_retirees() -> None:
    # Everyone of them draws a pension at the age, men at 60: nothing changes after that.
    staff, drawing = (
        course()[PERSONS, STATUS[one], MALE] for one in ("civil_service", "civil_retiree")
    )
    assert (staff[60:] == 0).all()
    assert drawing[60:] == pytest.approx(np.full(41, staff[59]))


def test_a_year_of_all_events_leaves_the_stationary_state_as_it_is() -> None:
    people = stock()
    before, scale = people.copy(), np.abs(people).sum(axis=(1, 2, 3, 4), keepdims=True)
    for _ in run_year(of_one_area(laws()[0]), people, None):
        pass
    assert np.abs((people - before) / scale).max() < 1e-9


def test_twenty_constant_years_keep_the_age_structure_of_every_status() -> None:
    stays_through_twenty_years(stock())


def test_a_base_year_that_is_closed_by_the_life_course_stays_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Statuses placed one after another, and months from the life course: the same stock.
    whole = {f"base.service_share_{one}": 1 for one in ("employee", "flexible", "dormant")}
    parameters, _ = prepare(load("baseline").with_({**STILL, **whole}))
    everyone = residents()[None]
    monkeypatch.setattr(closure, "residents", lambda region: everyone)
    people = (course()[PERSONS] * residents()).sum(axis=(1, 2))
    totals = dict(zip(STATUSES, people.tolist(), strict=True))
    placed = closure.place(parameters, totals, course())
    assert placed == pytest.approx(stock()[PERSONS], rel=1e-6, abs=1e-3)
    months = closure.service_months(parameters, course())
    base = base_quantities(parameters, placed, months, course())
    stays_through_twenty_years(np.ascontiguousarray(base[:COUNTED]))


def stays_through_twenty_years(people: np.ndarray) -> None:
    before = people[PERSONS, :, 0].copy()
    for law in laws():
        for _ in run_year(of_one_area(law), people, None):
            pass
    after = people[PERSONS, :, 0]
    assert after.sum() == pytest.approx(9.5e6, rel=1e-6)
    for status, old, new in zip(STATUSES, before.sum(axis=1), after.sum(axis=1), strict=True):
        shares = np.array([np.add.reduceat(one, FIVE) / one.sum() for one in (old, new)])
        large = shares.max(axis=0) > 0.01
        assert large.any()
        drift = shares[1, large] / shares[0, large] - 1
        assert np.abs(drift).max() < 0.02, status
        assert new.sum() == pytest.approx(old.sum(), rel=0.01), status


def entries(people: np.ndarray, status: str, growth: float) -> list[Move]:
    law = of_one_area(laws()[0])
    law = replace(law, values={**law.values, f"growth.{status}": np.array([growth])})
    return [
        move for move in ENTRIES[status](law, people, opening(stock())) if isinstance(move, Move)
    ]


def test_a_growth_path_is_met_in_proportion_to_the_profile_whatever_left_before() -> None:
    people = stock()
    employees = people[PERSONS, STATUS["employee"], 0]
    total = employees.sum()
    lost = np.random.default_rng(1).uniform(0, 0.1, employees.shape) * employees
    lost[:, 50:] = 0.0
    employees -= lost
    people[PERSONS, STATUS["not_insured"], 0] += lost
    apply(people, entries(people, "employee", 0.03))
    assert employees.sum() == pytest.approx(1.03 * total)
    shape = ENTRIES["employee"].shape(laws()[0])
    per_head = employees[:, ENTRY_AGES][shape > 0] / (residents()[:, ENTRY_AGES] * shape)[shape > 0]
    assert per_head == pytest.approx(np.full(per_head.shape, per_head[0]), rel=1e-9)


def test_nobody_enters_or_is_sent_away_past_the_pension_age() -> None:
    for growth in (0.05, -0.05):
        people = stock()
        before = people[PERSONS].copy()
        moves = entries(people, "employee", growth)
        apply(people, moves)
        assert people[PERSONS, :, 0, MALE, 60:] == pytest.approx(before[:, 0, MALE, 60:])
        assert people[PERSONS, :, 0, FEMALE, 50:] == pytest.approx(before[:, 0, FEMALE, 50:])
        assert (
            {move.target for move in moves} == {"employee"}
            if growth > 0
            else {"employee", "dormant"}
        )


def test_where_an_age_has_no_pool_the_other_ages_make_up_for_it() -> None:
    people = stock()
    for pool in ENTRIES["employee"].pools:
        people[PERSONS, STATUS["civil_service"], 0, :, 30] += people[
            PERSONS, STATUS[pool], 0, :, 30
        ]
        people[PERSONS, STATUS[pool], 0, :, 30] = 0.0
    before = people[PERSONS, STATUS["employee"], 0].copy()
    apply(people, entries(people, "employee", 0.02))
    after = people[PERSONS, STATUS["employee"], 0]
    assert after[:, 30] == pytest.approx(before[:, 30])
    assert after.sum() == pytest.approx(1.02 * before.sum())


def test_too_few_people_in_the_pools_are_an_error() -> None:
    with pytest.raises(PoolError, match=r"growth\.employee asks for"):
        entries(stock(), "employee", 3.0)
