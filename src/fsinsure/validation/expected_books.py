"""The ledger that the cohort engine expects, given the moves that persons determine themselves.

Each year is run once more with the recorded transitions, from the persons of the base year. At the
pension age the moves are the observed ones: the heads of each cell with the months and accounts
that they carried, and by area the pensions that they were awarded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import ACCOUNT, CADRES, MONTHS, PENSION, PERSONS
from fsinsure.engine.cohort import run_year
from fsinsure.ledger import Book
from fsinsure.microsim.counters import Counters
from fsinsure.state import ACCOUNT_TAKEN, FEN, CellCode, Inflow, Move
from fsinsure.statuses import CARRIED, PENSION_FUND, PENSIONERS, STATUS
from fsinsure.validation.expected_awards import Awards, awards
from fsinsure.validation.moments import Counts, count_movers, observed_share
from fsinsure.year.demography import age_by_one
from fsinsure.year.event import Event, Happened, Kind, Opening, Transitions
from fsinsure.year.events import AGEING, FIRST_HALF
from fsinsure.year.law import Law

Moves = Sequence[Move | Inflow]

SOMEBODY: Final = 1e-9
"""Persons below which a cell counts as empty."""


@dataclass(frozen=True, eq=False)
class Carried:
    """What persons carried who retired in a year, and were awarded.

    Parameters
    ----------
    retired
        Months and yuan, for as many people as they stand for, of those who draw a pension and of
        those who take their account ``[quantity - MONTHS, 2, status, area, sex, age]``.
    awarded
        Pensions that begin, yuan a month ``[move, area]``.
    """

    retired: Array
    awarded: Array


def carried_by(counters: Counters, code: CellCode, year: int, weight: float) -> Carried:
    """Return what persons carried, from exact counts.

    Parameters
    ----------
    counters
        Of the year.
    code
        Of the cells.
    year
        At whose end they have the ages.
    weight
        How many people a person stands for.
    """
    retired = code.by_age(counters.retired.reshape(2, 2, -1), year) * weight
    retired[ACCOUNT - MONTHS] /= FEN
    return Carried(retired, counters.awarded.reshape(-1, code.areas) * weight / FEN)


class Settled(NamedTuple):
    """A move of the year with what it is expected to carry.

    Parameters
    ----------
    move
        Which move.
    amount
        ``[quantity, area, sex, age]`` with the quantities that its source holds.
    """

    move: Move
    amount: Array


@dataclass(frozen=True, eq=False)
class Books:
    """What is expected of a year's money.

    Parameters
    ----------
    law
        Of the year.
    book
        As posted.
    stock
        ``[half, quantity, status, area, sex, age]`` when each half of the money is computed, by
        the age at the end of the year.
    settled
        The moves and what they carried.
    came
        The inflows of whom anybody brings an account.
    gaps
        What persons carried and were awarded at the pension age, against what the cohort engine
        would have had the same heads carry, and awarded for what they carried.
    awards
        The pensions that begin.
    """

    law: Law
    book: Book
    stock: Array
    settled: Sequence[Settled]
    came: Sequence[Inflow]
    gaps: Sequence[tuple[str, float, float]]
    awards: Mapping[str, Awards]


def replay(
    stock: Array,
    transitions: Transitions,
    laws: Sequence[Law],
    persons: Counts,
    carried: Mapping[int, Carried],
    weight: float,
) -> Iterator[Books]:
    """Run the years with their money.

    Parameters
    ----------
    stock
        Of the cohort's base year ``[quantity, status, area, sex, age]``.
    transitions, laws
        As the cohort engine solved and used them.
    persons
        Heads at the start, of those who came and of those who retired.
    carried
        By year.
    weight
        How many people a person stands for.
    """
    stock = of_persons(stock, weight * persons.heads[0])
    there = persons.heads[0].copy()
    book: Book | None = None
    for law in laws:
        book = Book(book)
        one = _Year(law, stock, there, persons.flows[law.year], carried[law.year], weight, book)
        one.through(transitions.by_year[law.year])
        halves = np.stack([one.first, stock])
        yield Books(law, book, halves, one.settled, one.came, one.gaps, one.awards)


def of_persons(stock: Array, heads: Array) -> Array:
    """Give heads what people of their cell carry on average."""
    share = np.divide(heads, stock[0], out=np.zeros_like(heads), where=stock[0] > 0)
    return np.asarray(stock * share)


class _Year:
    """One year with the recorded moves; at the pension age with the observed ones."""

    def __init__(
        self,
        law: Law,
        stock: Array,
        there: Array,
        flows: Sequence[Array],
        carried: Carried,
        weight: float,
        book: Book,
    ) -> None:
        self.law, self.stock, self.there, self.weight, self.book = law, stock, there, weight, book
        self.flows, self.carried = flows, carried
        self.first = stock.copy()
        self.pensions = stock[PENSION].copy()
        self.settled: list[Settled] = []
        self.came: list[Inflow] = []
        self.gaps: list[tuple[str, float, float]] = []
        self.awards: dict[str, Awards] = {}

    def through(self, recorded: Sequence[Happened]) -> None:
        """Run the events of the year."""
        made = dict(recorded)
        number = 0

        def decide(event: Event, law: Law, stock: Array, start: Opening) -> Moves:
            if event is FIRST_HALF:
                self.first = stock.copy()
            if event.kind is Kind.IN_PLACE:
                return event.apply(law, stock, start)
            heads = self.flows[number : number + len(made[event])]
            if event.kind is Kind.INDIVIDUAL:
                self.pensions = stock[PENSION].copy()
                return self._retiring(made[event], heads)
            return [
                replace(move, persons=self.weight * came[..., move.ages])
                if isinstance(move, Inflow)
                else move
                for move, came in zip(made[event], heads, strict=True)
            ]

        for event, moves, amounts in run_year(self.law, self.stock, self.book, decide):
            if event is AGEING:
                age_by_one(self.there)
                age_by_one(self.first)
            both = zip(moves, amounts, strict=True)
            settled = [Settled(move, amount) for move, amount in both if isinstance(move, Move)]
            self.settled.extend(settled)
            self.came.extend(
                one for one in moves if isinstance(one, Inflow) and one.each is not None
            )
            if event.kind is Kind.INDIVIDUAL:
                self._retired(settled, number)
            count_movers(self.there, moves, self.flows[number : number + len(moves)])
            number += len(moves)

    def _retiring(self, moves: Sequence[Move | Inflow], heads: Sequence[Array]) -> list[Move]:
        """Return the moves at the pension age as observed."""
        return [
            self._as_observed(move, moved)
            for move, moved in zip(moves, heads, strict=True)
            if isinstance(move, Move)  # there are no inflows at the pension age
        ]

    def _retired(self, settled: Sequence[Settled], first: int) -> None:
        """Set the awards to those of persons, and note the gaps."""
        self._left_behind({one.move.source for one in settled})
        new = self.stock[PENSION] - self.pensions
        for status in PENSIONERS:
            joining = [one.move.target == status for one in settled]
            numbers = (first + np.flatnonzero(joining)).tolist()
            total = self.carried.awarded[numbers].sum(axis=0)
            heads = np.sum([self.flows[number].sum(axis=(-2, -1)) for number in numbers], axis=0)
            amount, account = _added(
                [one for one in settled if one.move.target == status], new[0].shape
            )
            award, observed = new[STATUS[status]], (total, self.weight * heads)
            self.awards[status] = awards(self.law, status, award, amount, account, observed)
            self._award(status, award, total)

    def _left_behind(self, sources: set[str]) -> None:
        """Set what is left to zero where nobody stays.

        Persons carried a little more or less than expected. Where some stay that is left to them,
        below zero too in a small cell, so that sums over cells are not biased.
        """
        for source in sources:
            cells = self.stock[:, STATUS[source]]
            alone = cells[PERSONS] < SOMEBODY * self.weight
            for quantity in (MONTHS, ACCOUNT):
                cells[quantity] = np.where(alone, 0.0, cells[quantity])

    def _as_observed(self, move: Move, heads: Array) -> Move:
        """Return a move with the observed heads, months and accounts of each cell."""
        source = STATUS[move.source]
        share = observed_share(heads, self.there[source], move.by_cell(len(heads)))[..., move.ages]
        probability = np.empty((CARRIED[move.source].stop, *share.shape))
        probability[PERSONS] = probability[CADRES] = share
        law = np.broadcast_to(move.probability, probability.shape)
        carried = self.carried.retired[:, int(move.reason == ACCOUNT_TAKEN), source]
        for name, quantity in (("months", MONTHS), ("account", ACCOUNT)):
            amount = carried[quantity - MONTHS][..., move.ages]
            held = self.stock[quantity, source, :, :, move.ages]
            # Those with more than others as the cohort engine has it.
            tilt = np.ones_like(share)
            np.divide(law[quantity], law[PERSONS], out=tilt, where=law[PERSONS] > 0)
            self._gap(
                f"{name} carried from {move.source} to {move.target}", amount, held * share * tilt
            )
            probability[quantity] = 0.0
            np.divide(amount, held, out=probability[quantity], where=held != 0)
        return replace(move, probability=probability)

    def _gap(self, name: str, persons: Array, cohort: Array) -> None:
        self.gaps.append((name, float(persons.sum()), float(cohort.sum())))

    def _award(self, status: str, new: Array, awarded: Array) -> None:
        """Scale the awards of the cohort engine to the total that persons were awarded."""
        total = new.sum(axis=(-2, -1))
        self._gap(f"pensions awarded to {status}", awarded, total)
        more = np.divide(awarded - total, total, out=np.zeros_like(total), where=total > 0)
        self.stock[PENSION, STATUS[status]] += new * more[:, None, None]
        self.book.post(PENSION_FUND[status], "new_pensions", total * more)
        self.book.note("pension", "awarded", total * more)


def _added(settled: Sequence[Settled], cells: tuple[int, ...]) -> tuple[Array, Array]:
    """Add up what some moves carried, and the pensions that their accounts pay.

    Parameters
    ----------
    settled
        The moves.
    cells
        How many areas, sexes and ages there are.

    Returns
    -------
    tuple of Array
        ``[quantity, area, sex, age]``, pensions apart, and ``[area, sex, age]``.
    """
    total, account = np.zeros((PENSION, *cells)), np.zeros(cells)
    for one in settled:
        total[..., one.move.ages] += one.amount[:PENSION]
        if one.move.divisor is not None:
            account[..., one.move.ages] += one.amount[ACCOUNT] / one.move.divisor
    return total, account
