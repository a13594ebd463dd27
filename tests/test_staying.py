"""Persons who stay are not touched: what they hold after some years follows from what is stored.

Held against loops over the years written here, in both engines, over more than two windows of 16
years.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest

import fsinsure as fs
from deterministic_persons import crowd, still, world
from fsinsure.microsim import block, blocks
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.growth import after_year, no_growth
from fsinsure.microsim.plan import with_people
from fsinsure.state import RANKS
from fsinsure.statuses import STATUS
from mutations import more
from person_engine import (
    by_year,
    closing_of,
    copies,
    digest,
    empty,
    given_numbers,
    lived,
    opening_of,
    plan_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.microsim.tables import YearTables
    from fsinsure.state import People

HORIZON, EACH = 2056, RANKS
YEARS = HORIZON - 2020
YOUNG = [
    (status, 1, 0, age)
    for status in ("employee", "flexible", "civil_service", "resident", "dormant", "unemployed")
    for age in (17, 21)
]
OLD = [(status, 4, sex, 62) for status in ("retiree", "civil_retiree") for sex in (0, 1)]


@pytest.fixture(scope="module")
def plan() -> SimulationPlan:
    return plan_of("three-part-indexing", 1_000, horizon=HORIZON)


@pytest.fixture
def stayed(plan: SimulationPlan, monkeypatch: pytest.MonkeyPatch) -> tuple[People, People]:
    """The same persons at the start, and after years in which nobody moved."""
    where = YOUNG + OLD
    before, after = (crowd(where, EACH, plan.code) for _ in range(2))
    given_numbers(monkeypatch, still)
    lived(after, 0, plan.years, empty(plan.years), 0)
    assert (before.cell == after.cell).all(), "somebody moved"
    return before, after


def status_of(plan: SimulationPlan, people: People) -> np.ndarray:
    return people.cell.astype(np.int64) // (plan.code.places * plan.code.births)


def year_by_year(
    years: Sequence[YearTables], people: People, status: np.ndarray, *, rounded: bool
) -> np.ndarray:
    """Accounts year after year, rounded to whole fen each year or never."""
    account = people.account.copy()
    for year in years:
        credit = year.rates.account_credit[status * RANKS + people.rank]
        account = account * year.rates.account_factor[people.cell] + credit
        account = np.rint(account) if rounded else account
    return account


def test_accounts_are_those_of_a_loop_over_the_years(
    plan: SimulationPlan, stayed: tuple[People, People]
) -> None:
    before, after = stayed
    status = status_of(plan, before)
    exact = year_by_year(plan.years, before, status, rounded=False)
    # Half a fen of the evaluation, and credits of 36 years each rounded to a 4096th of a fen.
    assert np.abs(after.account - exact).max() < 0.5 + YEARS * 9.0 / 4096
    yearly = year_by_year(plan.years, before, status, rounded=True)
    grown = np.prod([year.rates.account_factor.max() for year in plan.years])
    assert grown > 2.5
    off = np.abs(yearly - exact)
    assert 0.5 < off.max() < 0.5 * YEARS * grown, "what rounding every year adds up to"
    assert len(np.unique(after.account)) > 100


def test_a_factor_and_a_credit_that_stay_the_same_have_a_closed_form(plan: SimulationPlan) -> None:
    """A geometric series: ``f^n a + c (f^n - 1) / (f - 1)``."""
    year = plan.years[0]
    rates, growth = year.rates, no_growth(plan.code)
    for _ in range(20):
        growth, _ = after_year(growth, rates, np.ones(plan.code.cells))
    cell = int(plan.code.of(np.array(STATUS["employee"]), 0, 80))
    factor, at = rates.account_factor[cell], STATUS["employee"] * RANKS + 200
    credit, start = rates.account_credit[at], 1_234_567.0
    expected = factor**20 * start + credit * (factor**20 - 1.0) / (factor - 1.0)
    found = (start * 4096 + growth.credited[at]) * growth.account_scale[cell]
    assert found == pytest.approx(expected, abs=0.02)


def test_pensions_are_those_of_a_loop_over_the_years(
    plan: SimulationPlan, stayed: tuple[People, People]
) -> None:
    before, after = stayed
    pension, years_paid = before.pension.copy(), before.months / 12
    for year in plan.years:
        rates, cell = year.rates, before.cell
        raised = pension * (1.0 + rates.percent[cell]) + rates.flat[cell]
        pension = raised + rates.per_year[cell] * years_paid
    drawing = before.pension > 0
    assert (pension[drawing] > 1.5 * before.pension[drawing]).all()
    assert np.abs(after.pension - pension).max() < 0.5 + 0.2
    assert (after.months[drawing] == before.months[drawing]).all()


def test_months_are_earned_and_benefit_is_drawn(
    plan: SimulationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_numbers(monkeypatch, still)
    for years, left in ((1, 18), (2, 6), (3, 0)):
        people = crowd(YOUNG, EACH, plan.code)
        people.benefit_months_left[:] = 30
        lived(people, 0, plan.years[:years], empty(plan.years[:years]), 0)
        status = status_of(plan, people)
        pays = np.isin(status, [STATUS[one] for one in ("employee", "flexible", "civil_service")])
        assert (people.months == 200 + 12 * years * pays).all()
        unemployed = status == STATUS["unemployed"]
        assert set(people.benefit_months_left[unemployed]) == {left}
        assert set(people.benefit_months_left[~unemployed]) == {30}


def test_an_account_that_is_drawn_to_the_end_is_empty_for_good(
    plan: SimulationPlan, stayed: tuple[People, People]
) -> None:
    before, after = stayed
    old = np.isin(status_of(plan, before), [STATUS["retiree"], STATUS["civil_retiree"]])
    ends = [(year.rates.account_factor[before.cell[old]] == 0.0).any() for year in plan.years]
    assert not ends[0] and ends[-1]
    assert (before.account[old] > 0).all()
    assert (after.account[old] == 0.0).all()


def test_totals_are_the_sums_of_persons(
    plan: SimulationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At random: what is computed of sums by cell, against persons evaluated one by one."""
    for years in (1, 17, YEARS):
        people = crowd(YOUNG + OLD, EACH, plan.code)
        start, counters = opening_of(people, plan.code), empty(plan.years[:years])
        lived(people, 0, plan.years[:years], counters, 5)
        found = closing_of([start, *by_year(counters)], plan.years[:years])
        size = plan.code.births * 2
        at, cells = people.cell.astype(np.int64) // size, found[0].size
        for total, held in zip(found, (people.months, people.account, people.pension), strict=True):
            sums = np.bincount(at, held, minlength=cells + 1)[:cells]
            heads = np.bincount(at, minlength=cells + 1)[:cells]
            assert (np.abs(total.ravel() - sums) <= 0.51 * heads).all()
        assert len(np.unique(at)) > 6


@pytest.fixture(params=["numpy", "compiled"])
def engine(request: pytest.FixtureRequest) -> blocks.Engine:
    """Both engines, one after the other."""
    if request.param == "numpy":
        return blocks.ARRAYS
    if find_spec("numba") is None:
        pytest.skip("numba is not installed")
    return dispatch.COMPILED


def test_another_probability_leaves_the_lives_of_all_others_as_they_are(
    engine: blocks.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers of a person do not depend on the scenario: more retirees die, and no one else."""
    code = world().years[0].code
    where = [(status, 1, sex, age) for status, _, sex, age in YOUNG + OLD]
    where += [("employee", 2, 0, 58), ("employee", 2, 1, 47)]

    def run() -> tuple[People, np.ndarray]:
        people, was = crowd(where, 2_000, code), np.zeros((len(where) * 2_000, 5), dtype=np.int64)
        years = world().years
        counters = empty(years, engine)

        def watch(year: YearTables, own: block.Block) -> None:
            own.write(year.closing)
            was[:, year.year - 2021] = people.cell // (code.places * code.births)

        blocks.live(people, 0, years, counters, 3, engine=engine, watch=watch)
        return people, was

    people, was = run()
    more("retiree", "dead", 3.0)(monkeypatch)
    others, became = run()
    start = np.repeat([STATUS[status] for status, *_ in where], 2_000)
    retiree = (was == STATUS["retiree"]).any(axis=1) | (start == STATUS["retiree"])
    assert retiree.sum() > 3_000
    for name, array in vars(people).items():
        assert np.array_equal(array[~retiree], getattr(others, name)[~retiree]), name
    assert (became[retiree] != was[retiree]).any()
    # A retiree who dies in one of the runs only dies in the one where more do.
    dead = [(one[retiree, -1] == len(STATUS)).sum() for one in (was, became)]
    assert dead[1] > 1.5 * dead[0]


def test_persons_of_a_file_are_put_in_order_by_cell_with_the_same_bits(
    engine: blocks.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = plan_of("baseline", 40_000)
    shuffled = work.people(0, 40_000).take(np.random.default_rng(1).permutation(40_000))
    found, put = [], []
    for ordered in (True, False):
        people, counters = copies(shuffled), empty(work.years, engine)
        if not ordered:
            monkeypatch.setattr(block, "_order", lambda *_: None)
        first = block.Block(people, work.code)
        put.append((np.diff(first.cell) >= 0).all())
        lived(people, 1_000, work.years, counters, 7, engine=engine)
        found.append(digest(people, *by_year(counters)))
    assert put == [True, False]
    assert found[0] == found[1]
    # Persons are made cell after cell, and are not moved.
    assert block.Block(work.people(0, 40_000), work.code).in_order


def test_accounts_that_cannot_be_added_exactly_are_refused() -> None:
    work = plan_of("baseline", 40_000)
    people = work.people(0, 40_000)
    with_people(work, people)
    people.account[:] = 1e11  # a thousand million yuan, the most of a file
    with pytest.raises(fs.InputError, match="too much to be added exactly: check the unit"):
        with_people(work, people.take(np.zeros(40_000, dtype=np.int64)))


@pytest.mark.parametrize(
    ("table", "status", "message"),
    [
        ("account_credit", "flexible", "credits by wage rank are those of employees alone"),
        ("account_credit", "employee", None),
        ("account_factor", "employee", "accounts of a status with credits grow at one rate"),
        ("account_factor", "retiree", None),
    ],
)
def test_rates_that_the_totals_could_not_follow_are_refused(
    plan: SimulationPlan, table: str, status: str, message: str | None
) -> None:
    year, code = plan.years[0], plan.code
    changed = getattr(year.rates, table).copy()
    size = RANKS if table == "account_credit" else code.places * code.births
    changed[STATUS[status] * size + 1] += 0.5
    rates = replace(year.rates, **{table: changed})
    if message is None:
        after_year(no_growth(code), rates, np.ones(code.cells))
        return
    with pytest.raises(NotImplementedError, match=message):
        after_year(no_growth(code), rates, np.ones(code.cells))
