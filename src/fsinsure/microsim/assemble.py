"""From counters of persons to a projection: heads, flows and the ledger of the funds.

Contributions and benefits of persons are linear in heads, in the bases of their wage ranks and in
what they carry; so the functions that post the cohort's money post theirs, on counted heads and on
the bases that the counted ranks have. Individual events that no status shows (an injury, a grant)
are posted at their expectation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.dims import ACCOUNT, AGES, MONTHS, PENSION, SEXES
from fsinsure.engine.projection import Projection, close_books, coverage_of
from fsinsure.ledger import Book
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.growth import no_growth
from fsinsure.microsim.totals import closing, in_payment
from fsinsure.state import ALL_AGES, FEN, RANKS, Flow, Inflow, Move
from fsinsure.statuses import PENSIONERS, STATUS
from fsinsure.year import land, money
from fsinsure.year.event import Kind
from fsinsure.year.events import AGEING, FIRST_HALF, INDEXING, SECOND_HALF
from fsinsure.year.terms import class_rates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fsinsure.arrays import Array, Ints
    from fsinsure.base_year.closure import Base
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.growth import Growth
    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.microsim.tables import YearTables
    from fsinsure.parameters import Parameters
    from fsinsure.state import CellCode
    from fsinsure.year.event import Event, Happened
    from fsinsure.year.law import Law


def assemble(
    plan: SimulationPlan,
    counters: Mapping[int, Counters],
    expected: Projection,
    parameters: Parameters,
    base: Base,
) -> Projection:
    """Return the projection that persons add up to.

    Parameters
    ----------
    plan
        The plan of the simulation.
    counters
        Of all persons by year, the base year first.
    expected
        The projection of the cohort engine whose transitions they followed.
    parameters, base
        Those it was projected with.
    """
    weight, code = 1.0 / plan.scale, plan.code
    opening = counters[code.base_year]
    state = _State(opening.held, opening.heads[1], opening.jobs[1])
    persons = [code.by_age(state.heads, code.base_year) * weight]
    carried = [_carried(state.closing(no_growth(code), code), weight)]
    books: list[Book] = []
    flows = {}
    rates = class_rates(parameters)
    for index, (year, law) in enumerate(zip(plan.years, expected.laws, strict=True)):
        events = expected.transitions.by_year[law.year]
        counted = _Counted(year, counters[law.year], plan.inflows(index), weight)
        heads, jobs = state.heads + counted.counters.heads, state.jobs + counted.counters.jobs
        laws = [_bound(law, year.rates.base, of_half, rates[index]) for of_half in jobs]
        books.append(Book(books[-1] if books else None))
        pensions = in_payment(state.held, state.heads, year.closing, code) * weight / FEN
        state = _State(state.held + counted.counters.held, heads[1], jobs[1])
        persons.append(code.by_age(state.heads, law.year) * weight)
        carried.append(_carried(state.closing(year.closing, code), weight))
        posting = _Posting(law, counted, laws, heads, carried[-2:], books[-1])
        posting.post(events, pensions)
        flows[law.year] = counted.flows(events)
    return Projection(
        expected.years,
        np.stack(persons),
        np.stack(carried),
        flows,
        coverage_of(parameters, base),
        expected.transitions,
        expected.laws,
        close_books(parameters, expected.years, books),
        weight=weight,
        rounding=base.rounding,
    )


class _State(NamedTuple):
    """The persons at the end of a year: sums of stored amounts, heads and jobs."""

    held: Ints
    heads: Ints
    jobs: Ints

    def closing(self, growth: Growth, code: CellCode) -> Array:
        """Return what they hold ``[3, status, area]``."""
        return closing(*self, growth, code)


def _carried(held: Array, weight: float) -> Array:
    """Return what people carry, months and yuan, from what persons hold, months and fen."""
    unit = np.array([1.0, 1.0 / FEN, 1.0 / FEN])[:, None, None]
    return np.asarray(held * unit * weight)


def _bound(law: Law, bases: Mapping[str, Array], jobs: Ints, rates: Array) -> Law:
    """Return the law with the counted mean bases and injury rate of each area.

    Parameters
    ----------
    law
        Of the year.
    bases
        By wage rank ``[rank]``, by name.
    jobs
        Employees by area, industry class and wage rank (flat).
    rates
        Employers' injury premium by industry class ``[class]``.
    """
    by_class = jobs.reshape(-1, CLASSES, RANKS)
    people = by_class.sum(axis=(1, 2))
    values = dict(law.values)
    for name, base in bases.items():
        payroll = by_class @ base  # [area, class]
        total = payroll.sum(axis=1)
        values[name] = _mean(total, people, values[name])
        if name == "base":
            values["injury_rate"] = _mean(payroll @ rates, total, values["injury_rate"])
    return replace(law, values=values)


def _mean(total: Array, of: Array, otherwise: Array) -> Array:
    """Divide by area ``[area]``; without persons the mean is the expected one."""
    expected = np.broadcast_to(otherwise, of.shape).copy()
    return np.asarray(np.divide(total, of, out=expected, where=of > 0))


class _Counted:
    """The counters of a year as persons, months, yuan."""

    def __init__(
        self, year: YearTables, counters: Counters, inflows: Mapping[int, Ints], weight: float
    ) -> None:
        self.counters, self.weight, self.code = counters, weight, year.code
        self.areas = year.code.areas
        self._flows = year.flows_by_age(counters.flows)
        for move, persons in inflows.items():
            self._flows[move] += year.code.to_ages(persons, year.year)
        self._carried = counters.carried.reshape(3, -1, self.areas)
        self._awarded = counters.awarded.reshape(-1, self.areas)

    def persons(self, move: int) -> Array:
        """Persons who moved ``[area, sex, age]``."""
        shape = (self.areas, len(SEXES), AGES)
        return np.asarray(self._flows[move].reshape(shape) * self.weight)

    def carried(self, move: int) -> Array:
        """Return what movers carried ``[quantity, area]``; cadres are not counted."""
        persons = self.persons(move).sum(axis=(-2, -1))
        months, account, pension = self._carried[:, move] * self.weight
        return np.stack([persons, 0.0 * persons, months, account / FEN, pension / FEN])

    def awarded(self, move: int) -> Array:
        """Pensions that began ``[area]``, yuan a month."""
        return np.asarray(self._awarded[move] * self.weight / FEN)

    def flows(self, events: Sequence[Happened]) -> tuple[Flow, ...]:
        """Return the flows of the year, in order."""
        found: list[Flow] = []
        aged = False
        for event, moves in events:
            aged = aged or event is AGEING
            for move in moves:
                persons = self.persons(len(found))
                found.append(Flow(move.source, move.target, persons, ALL_AGES, move.reason, aged))
        return tuple(found)


class _Posting:
    """The money of a year, posted event after event.

    Parameters
    ----------
    law
        Of the year.
    counted
        What happened in it.
    laws, heads
        The law with the counted bases, and heads by cell, in the two half-years.
    carried
        What people carried at the start and at the end ``[quantity - MONTHS, status, area]``.
    book
        Where it is posted.
    """

    def __init__(
        self,
        law: Law,
        counted: _Counted,
        laws: Sequence[Law],
        heads: Ints,
        carried: Sequence[Array],
        book: Book,
    ) -> None:
        self.law, self.counted, self.laws, self.heads = law, counted, laws, heads
        (self.opening, self.closing), self.book = carried, book
        self.pensions = np.zeros(0)
        self.age = law.year - 1

    def post(self, events: Sequence[Happened], pensions: Array) -> None:
        """Post the events of the year in order, and close it.

        Parameters
        ----------
        pensions
            In payment on 1 January ``[status, area]``, yuan a month.
        """
        self.pensions = pensions
        number = 0
        for event, moves in events:
            if event.kind is Kind.IN_PLACE:
                POSTED[event](self)
            self._moves(moves, number)
            number += len(moves)
        self._close()

    def index(self) -> None:
        """Note the rise of pensions in payment."""
        rise = self.pensions - self.opening[PENSION - MONTHS]
        self.book.note("pension", "indexed", rise.sum(axis=0))

    def grow_older(self) -> None:
        """Age the subsidised; heads are by the age at the end of the year from here on."""
        self.age = self.law.year
        land.age(self.law, self.book)

    def half_year(self, half: int) -> None:
        """Post the contributions and benefits of a half-year."""
        persons = self.counted.code.by_age(self.heads[half], self.age) * self.counted.weight
        paid = {status: self.pensions[STATUS[status]] for status in PENSIONERS}
        people = persons.sum(axis=(-2, -1))
        money.post_half(self.laws[half], persons, people, paid, self.book, second=half == 1)

    def _close(self) -> None:
        counted, book, before = self.counted, self.book, self.opening[ACCOUNT - MONTHS]
        closing = self.closing[ACCOUNT - MONTHS]
        money.close_year(self.law, closing, book)
        # Credits of the half-years and what pensioners draw are one change for a person.
        vanished = counted.counters.vanished * counted.weight / FEN
        come = book.noted("account", "arrived")
        book.note("account", "credited", (closing - before).sum(axis=0) + vanished - come)
        book.note("account", "drawn", np.zeros(counted.areas))

    def _moves(self, moves: Sequence[Move | Inflow], first: int) -> None:
        """Post what the moves of an event carry, and keep pensions in payment up to date."""
        law, counted, pensions, book = self.law, self.counted, self.pensions, self.book
        amounts = [
            counted.persons(number)[None, ..., move.ages]
            for number, move in enumerate(moves, first)
        ]
        land.follow(moves, amounts, book)
        for number, move in enumerate(moves, first):
            carried = counted.carried(number)
            if isinstance(move, Inflow):
                if move.each is not None:
                    money.post_inflow(move, carried[ACCOUNT], book)
                continue
            if move.target in PENSIONERS:
                new = counted.awarded(number)
                pensions[STATUS[move.target]] += new
                money.post_award(move, new, book)
            elif money.pays(move):
                money.post_move(law, move, carried, book)
            pensions[STATUS[move.source]] -= carried[PENSION]


POSTED: Final[Mapping[Event, Callable[[_Posting], None]]] = {
    INDEXING: _Posting.index,
    FIRST_HALF: lambda posting: posting.half_year(0),
    AGEING: _Posting.grow_older,
    SECOND_HALF: lambda posting: posting.half_year(1),
}
"""What the person engine posts for each in-place event."""
