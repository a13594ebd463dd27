"""Identities that are checked in every run.

Each check compares figures and returns the rows that break it; a check that compared no figure does
not pass. Stocks and flows are compared relative to the turnover, which is the opening stock and all
that joined or left: a cell emptied by large flows is zero up to the rounding of these flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import COUNTED, MONTHS, QUANTITIES
from fsinsure.engine.projection import Projection
from fsinsure.errors import IdentityError
from fsinsure.ledger import CONTRIBUTIONS, RELIEVED
from fsinsure.measures import enrollment, groups, matrix, measures
from fsinsure.messages import Message, separated, verbatim
from fsinsure.state import ARRIVED, BORN, DEAD, DEPARTED, LAND_EXPROPRIATED, Inflow
from fsinsure.statuses import ALIGNED, FUNDS, ITEMS, STATUS, STATUSES

Rows: TypeAlias = Callable[[Projection], Iterator[tuple[str, Array, Array]]]

RELATIVE = 1e-9
HALF_A_FEN = 0.005
HALF_A_PERSON = 0.5
"""Rounding of published figures: half a person."""


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Parameters
    ----------
    name
        What must hold.
    compared
        Number of figures compared.
    broken
        The offending rows as text; empty when it holds.
    """

    name: str
    compared: int
    broken: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether it holds and at least one figure was compared."""
        return self.compared > 0 and not self.broken


def check(projection: Projection, *, published: bool = True) -> tuple[Check, ...]:
    """Check every identity of a projection.

    Parameters
    ----------
    projection
        Of either engine.
    published
        Whether its base year is the published one: a population from a file need not be. Without
        a published figure of people there is nothing to compare.

    Raises
    ------
    IdentityError
        If one does not hold; the message names it and the first offending rows.
    """
    left_out: tuple[str, ...] = () if projection.weight is None else EXPECTED
    if not published or not any(one.size for _, one, _ in _base_year_as_published(projection)):
        left_out += (PUBLISHED,)
    wanted = {name: check for name, check in CHECKS.items() if name not in left_out}
    found = tuple(
        Check(n, *_collect(rows(projection), limit)) for n, (rows, limit) in wanted.items()
    )
    failed = [one for one in found if not one.passed]
    if failed:
        text = separated(
            (
                separated(
                    (
                        verbatim(one.name),
                        separated(one.broken[:3])
                        if one.broken
                        else Message("no figure was compared"),
                    ),
                    ": ",
                )
                for one in failed
            ),
            "; ",
        )
        raise IdentityError("an identity does not hold. {text}. Please report this.", text=text)
    return found


def _collect(rows: Iterator[tuple[str, Array, Array]], limit: float) -> tuple[int, tuple[str, ...]]:
    """Count the comparisons and describe those whose error (NaN included) exceeds the limit."""
    compared = 0
    broken = []
    for where, error, scale in rows:
        compared += error.size
        bad = ~(np.abs(error) <= limit * np.maximum(scale, 1.0))
        if bad.any():
            broken.append(f"{where}: off by {np.abs(error[bad]).max():.6g}")
    return compared, tuple(broken)


def _people_by_status(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare opening + joined - left with closing, for every status and area."""
    people = projection.persons.sum(axis=(-2, -1))  # [year, status, area]
    for index, (year, flows) in enumerate(projection.flows.items(), start=1):
        expected, turnover = people[index - 1].copy(), np.abs(people[index - 1])
        for flow in flows:
            for status, sign in ((flow.source, -1.0), (flow.target, 1.0)):
                if status in STATUS:
                    expected[STATUS[status]] += sign * flow.by_area
                    turnover[STATUS[status]] += np.abs(flow.by_area)
        off = expected - people[index]
        worst = STATUSES[int(np.abs(off).max(axis=1).argmax())]
        yield f"{year}, worst in {worst}", off, turnover


def _people_in_total(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare opening + births + arrivals - deaths - departures with closing."""
    people = projection.persons.sum(axis=(-4, -3, -2, -1))
    for index, (year, flows) in enumerate(projection.flows.items(), start=1):
        joined = sum(flow.by_area.sum() for flow in flows if flow.source in (BORN, ARRIVED))
        left = sum(flow.by_area.sum() for flow in flows if flow.target in (DEAD, DEPARTED))
        off = people[index - 1] + joined - left - people[index]
        yield str(year), np.array(off), np.array(people[index - 1] + joined + left)


def _no_negative_stock(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    # Heads and months to the unit; yuan to a millionth of the total that people hold.
    total = projection.carried.sum(axis=(-2, -1))  # [year, quantity]
    total[:, : COUNTED - MONTHS] = 1e6
    for index, year in enumerate(projection.years):
        persons, one = projection.persons[index], total[index] * 1e-6
        yield f"{year}, persons", np.minimum(persons, 0.0) + 0.0 * persons, np.ones(1)
        by_cell = projection.stock
        held = projection.carried[index] if by_cell is None else by_cell[index, MONTHS:]
        scale = one.reshape(-1, *[1] * (held.ndim - 1))
        yield str(year), np.minimum(held, 0.0) + 0.0 * held, scale


def _coverage_at_most_one(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    for index, year in enumerate(projection.years):
        share = matrix({name: values[index] for name, values in projection.coverage.items()})
        yield str(year), np.maximum(share - 1.0, 0.0) + np.minimum(share, 0.0), np.ones(1)


def _probabilities(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Check that no probability is below 0 or above 1 and no inflow negative.

    Whether the moves of one event together take more people than there are shows in the stocks.
    """
    for year, events in projection.transitions.by_year.items():
        for event, moves in events:
            off = []
            for move in moves:
                size = move.persons if isinstance(move, Inflow) else move.probability
                over = 0.0 if isinstance(move, Inflow) else 1.0 - float(size.max())
                off.append(min(float(size.min()), over, 0.0))
            if off:
                yield f"{event.name} {year}", np.array(off), np.ones(1)


def _base_year_as_published(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Check that every published base-year enrollment is met to the person.

    Whole persons meet it as nearly as rounding allows: the cumulated count is right to half a
    person at every cell, so a measure is off by at most half the total variation of its coverage
    along the cells.
    """
    persons = projection.persons[0]
    counts = {name: group.count(persons) for name, group in groups().items()}
    share = {name: values[0] for name, values in projection.coverage.items()}
    people = enrollment(counts, share).sum(axis=-1)
    covered = matrix(share)
    by_cell = np.broadcast_to(
        covered.swapaxes(1, 2)[:, :, :, None], (len(covered), *persons.shape)
    ).reshape(len(covered), -1)
    variation = np.abs(np.diff(by_cell, axis=-1, prepend=0.0, append=0.0)).sum(axis=-1)
    for index, measure in enumerate(measures()):
        name = f"enrollment.{measure}"
        published = projection.region.amount(name)
        if published is None:
            continue
        off = people[index] - published + projection.rounding.get(name, 0.0)
        one = 1.0 + (projection.weight or 0.0) * variation[index]
        yield f"{measure} {projection.years[0]}", np.array(off), np.array(one)


def _growth_paths_met(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare every aligned status at year end with its growth path, transfers apart."""
    people = projection.persons.sum(axis=(-2, -1))
    for index, law in enumerate(projection.laws, start=1):
        for status in ALIGNED:
            opening = people[index - 1, STATUS[status]]
            expected = opening * (1.0 + law.areas(f"growth.{status}"))
            for flow in projection.flows[law.year]:
                if flow.reason == LAND_EXPROPRIATED:
                    sign = (flow.target == status) - (flow.source == status)
                    expected = expected + sign * flow.by_area
            off = expected - people[index, STATUS[status]]
            yield f"growth.{status} {law.year}", off, np.maximum(opening, expected)


def _money_conserved(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare opening + income - outgo with closing, in every fund and year."""
    books = projection.ledger
    sign = {"income": 1.0, "outgo": -1.0, "memo": 0.0}
    for fund in FUNDS:
        closing = books.closing[fund]
        change = books.interest[fund].copy()
        turnover = np.abs(change)
        for item, kind in ITEMS[fund].items():
            if item != "interest":
                flow = books.flows[fund, item].sum(axis=-1)
                change += sign[kind] * flow
                turnover = turnover + np.abs(sign[kind] * flow)
        yield fund, closing[:-1] + change - closing[1:], np.abs(closing[:-1]) + turnover


def _carried(quantity: str, joined: Sequence[str], left: Sequence[str]) -> Rows:
    """Compare opening + joined - left with closing for a quantity that people carry."""

    def rows(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
        at = QUANTITIES.index(quantity) - MONTHS
        held = projection.carried[:, at].sum(axis=-2)  # [year, area]
        for index, book in enumerate(projection.ledger.books, start=1):
            expected, turnover = held[index - 1].copy(), np.abs(held[index - 1])
            for sign, events in ((1.0, joined), (-1.0, left)):
                for event in events:
                    expected = expected + sign * book.noted(quantity, event)
                    turnover = turnover + np.abs(book.noted(quantity, event))
            off = expected - held[index]
            rounded = HALF_A_FEN * _movers(projection, index) / RELATIVE
            yield f"{quantity} {projection.years[index]}", off, turnover + rounded

    return rows


def _movers(projection: Projection, index: int) -> Array:
    """Return the people whose amounts a move rounds to whole fen, by area: of persons alone."""
    flows = projection.flows[int(projection.years[index])]
    moved = sum((flow.by_area for flow in flows), np.zeros(projection.persons.shape[2]))
    return np.asarray(moved if projection.weight is not None else np.zeros_like(moved))


def _account_transfers_cancel(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare the accounts that funds pass on with those that funds take, and net departures."""
    flows = projection.ledger.flows
    for index, book in enumerate(projection.ledger.books):
        taken, given = (
            sum(flows[fund, item][index] for fund in FUNDS if item in ITEMS[fund])
            for item in ("account_in", "account_out")
        )
        away = book.noted("account", "departed") - book.noted("account", "arrived")
        year = projection.years[index + 1]
        turnover = np.asarray(given + taken)
        yield f"accounts passed on {year}", np.asarray(given - taken - away), turnover


def _dues_settled(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare contributions due with those paid, waived and deferred."""
    flows = projection.ledger.flows
    for fund in RELIEVED:
        payers = [item for item in ITEMS[fund] if item in CONTRIBUTIONS]
        for index, book in enumerate(projection.ledger.books):
            owed = [due for (name, _), due in book.tally.items() if name == f"due.{fund}"]
            due = np.asarray(sum(owed[1:], owed[0]))
            met = sum(flows[fund, item][index] for item in (*payers, "waived", "deferred"))
            yield f"{fund} {projection.years[index + 1]}", np.asarray(due - met), due


def _deferrals_owed(projection: Projection) -> Iterator[tuple[str, Array, Array]]:
    """Compare deferred - repaid with the change of the balance owed."""
    flows = projection.ledger.flows
    for fund in RELIEVED:
        owed = flows[fund, "deferred_outstanding"]
        before = np.concatenate([np.zeros_like(owed[:1]), owed[:-1]])
        off = before + flows[fund, "deferred"] - flows[fund, "repaid"] - owed
        yield fund, off, before + flows[fund, "deferred"]


_ACCOUNTS = _carried("account", ("credited", "arrived"), ("refunded", "departed", "drawn"))
_PENSIONS = _carried("pension", ("indexed", "awarded"), ("ended",))
PUBLISHED = "published base-year figures met"
CHECKS: dict[str, tuple[Rows, float]] = {
    "people conserved by status and area": (_people_by_status, RELATIVE),
    "people conserved in total": (_people_in_total, RELATIVE),
    "no negative stock and no NaN": (_no_negative_stock, 1e-6),
    "coverage between 0 and 1": (_coverage_at_most_one, RELATIVE),
    "probabilities between 0 and 1": (_probabilities, RELATIVE),
    PUBLISHED: (_base_year_as_published, HALF_A_PERSON),
    "growth paths met": (_growth_paths_met, RELATIVE),
    "money conserved in every fund": (_money_conserved, RELATIVE),
    "accounts conserved by area": (_ACCOUNTS, RELATIVE),
    "pensions conserved by area": (_PENSIONS, RELATIVE),
    "account transfers cancel": (_account_transfers_cancel, RELATIVE),
    "contributions due are paid, forgone or deferred": (_dues_settled, RELATIVE),
    "deferrals are owed until repaid": (_deferrals_owed, RELATIVE),
}
"""Every check by name, with its tolerance, relative to the larger of the scale and 1."""

EXPECTED = ("growth paths met",)
"""Checks of expected values; simulated persons meet them within sampling error only."""
