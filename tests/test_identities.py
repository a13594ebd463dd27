"""The identities: rounding of large flows passes, a real error does not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from foshan import AREAS
from fsinsure.dims import ACCOUNT, AGES, MONTHS, QUANTITIES, SEXES
from fsinsure.engine import identities
from fsinsure.ledger import Book
from fsinsure.state import ARRIVED, DEPARTED, Flow
from fsinsure.statuses import FUNDS, ITEMS, STATUS, STATUSES

SHAPE = (2, len(STATUSES), len(AREAS), len(SEXES), AGES)
MOVERS = 1e8 / 3.0 * np.random.default_rng(3).dirichlet(np.ones(12))
"""People who leave a cell in twelve moves, all that were there."""


def flow(source: str, target: str, persons: float) -> Flow:
    return Flow(source, target, np.full((len(AREAS), 1, 1), persons), slice(30, 31))


def broken(check: str, projection: SimpleNamespace) -> tuple[str, ...]:
    rows, limit = identities.CHECKS[check]
    compared, found = identities._collect(rows(projection), limit)
    assert compared
    return found


def emptied(extra: float) -> SimpleNamespace:
    """A city whose unemployed all leave, and as many arrive outside; `extra` are left over."""
    persons = np.zeros(SHAPE)
    persons[0, STATUS["unemployed"], :, 0, 30] = MOVERS.sum()
    persons[1, STATUS["unemployed"], :, 0, 30] = extra
    moves = [flow("unemployed", DEPARTED, each) for each in MOVERS]
    return SimpleNamespace(persons=persons, flows={2021: tuple(moves)})


BY_STATUS = "people conserved by status and area"
IN_TOTAL = "people conserved in total"


def test_a_cell_that_large_flows_empty_is_zero_up_to_their_rounding():
    assert 1e-9 < abs(MOVERS.sum() - sum(MOVERS[::-1])) < 1e-6
    for rounding in (0.0, 1e-6, -1e-6):
        assert broken(BY_STATUS, emptied(rounding)) == ()
        assert broken(IN_TOTAL, emptied(rounding)) == ()


@pytest.mark.parametrize("persons", [1.0, -1.0, np.nan])
def test_a_person_who_is_not_accounted_for_is_found_in_an_emptied_cell(persons):
    assert broken(BY_STATUS, emptied(persons))[0].startswith("2021, worst in unemployed")
    assert broken(IN_TOTAL, emptied(persons))[0].startswith("2021")


def test_a_flow_into_the_wrong_status_is_found():
    persons = np.zeros(SHAPE)
    persons[:, STATUS["not_insured"], :, 0, 30] = 1000.0
    persons[1, STATUS["resident"], :, 0, 30] = 7.0
    arrived = (flow(ARRIVED, "not_insured", 7.0),)
    wrong = SimpleNamespace(persons=persons, flows={2021: arrived})
    assert broken(BY_STATUS, wrong)
    assert broken(IN_TOTAL, wrong) == ()


@pytest.mark.parametrize(
    ("left_over", "movers", "weight", "holds"),
    [
        (1e-4, 0.0, None, True),
        (500.0, 0.0, None, False),
        # 40,000 persons who moved may be off by half a fen each, people of a cell are not.
        (380.0, 40_000.0, 1.0, True),
        (420.0, 40_000.0, 1.0, False),
        (380.0, 40_000.0, None, False),
    ],
)
def test_accounts_that_are_all_paid_out_are_zero_up_to_the_rounding(
    left_over, movers, weight, holds
):
    areas = len(AREAS)
    held = np.zeros((2, len(QUANTITIES) - MONTHS, len(STATUSES), areas))
    account = ACCOUNT - MONTHS
    held[0, account, 0], held[1, account, 0] = 1e11, left_over
    book = Book()
    for name in ("refunded", "departed"):
        book.note("account", name, np.full(areas, 5e10))
    projection = SimpleNamespace(
        flows={2021: [SimpleNamespace(by_area=np.full(areas, movers))]},
        persons=np.zeros((2, len(STATUSES), areas)),
        weight=weight,
        carried=held,
        years=[2020, 2021],
        ledger=SimpleNamespace(books=[book]),
    )
    assert (broken("accounts conserved by area", projection) == ()) is holds


@pytest.mark.parametrize(("taken", "holds"), [(3.5e10 + 1.0, True), (3.5e10 + 1e3, False)])
def test_accounts_that_funds_take_are_those_that_funds_transfer_and_arrivals_bring(taken, holds):
    flows = {
        (fund, item): np.zeros((1, 1))
        for fund in FUNDS
        for item in ("account_in", "account_out")
        if item in ITEMS[fund]
    }
    flows["pension.enterprise", "account_out"] = np.full((1, 1), 4e10)
    flows["pension.civil", "account_in"] = np.full((1, 1), taken)
    book = Book()
    book.note("account", "departed", np.full(1, 1e10))
    book.note("account", "arrived", np.full(1, 5e9))
    ledger = SimpleNamespace(flows=flows, books=[book])
    projection = SimpleNamespace(ledger=ledger, years=[2020, 2021])
    assert (broken("account transfers cancel", projection) == ()) is holds


def test_a_growth_path_to_zero_is_met_up_to_the_rounding_of_the_people_who_leave():
    persons = np.zeros(SHAPE)
    at = [STATUS[status] for status in identities.ALIGNED]
    persons[0, at, :, 0, 30] = 1e8
    persons[1, at, :, 0, 30] = 1e-8
    law = SimpleNamespace(year=2021, areas=lambda name: np.array([-1.0]))
    run = SimpleNamespace(persons=persons, laws=[law], flows={2021: ()})
    assert broken("growth paths met", run) == ()
    persons[1, STATUS["civil_service"], 0, 0, 30] = 1.0
    assert broken("growth paths met", run)[0].startswith("growth.civil_service 2021")
