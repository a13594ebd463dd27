"""From what persons came to, back to a projection: heads, flows and the books of the funds.

Contributions and benefits of persons are linear in heads, in the bases of their wage ranks and in
what they carry; so the functions that post the cohort's money post theirs, on counted heads and on
the bases that the counted ranks have. What a person's own luck would decide, but no status shows
(an injury, a grant), is posted at its expectation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, DISTRICTS, PENSIONERS, SEXES, STATUS, STATUSES
from fsinsure.engine.projection import Projection, close_books, coverage_of
from fsinsure.ledger import Book
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.year_tables import END, MID
from fsinsure.state import ALL_AGES, FEN, PLACES, RANKS, Flow, Move, ages_at
from fsinsure.year import land, money
from fsinsure.year.terms import class_rates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fsinsure.base_year.closure import Base
    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.plan import Task
    from fsinsure.microsim.year_tables import Year
    from fsinsure.parameters import Parameters
    from fsinsure.state import Event, Inflow
    from fsinsure.year.law import Law

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

ACCOUNT, PENSION = 1, 2
"""Among the quantities that people carry."""


def assemble(
    task: Task,
    sums: Mapping[int, Sums],
    expected: Projection,
    parameters: Parameters,
    base: Base,
) -> Projection:
    """Return the projection that persons add up to.

    Parameters
    ----------
    task
        What was simulated.
    sums
        What all persons came to, by year, the base year first.
    expected
        The projection of the cohort engine that they replayed.
    parameters, base
        Those it was projected with.
    """
    weight = 1.0 / task.scale
    opening = sums[BASE_YEAR]
    heads, jobs = opening.heads[1], opening.jobs[1]
    persons = [_by_age(heads, BASE_YEAR) * weight]
    carried = [_closing(opening, weight)]
    books: list[Book] = []
    flows = {}
    rates = class_rates(parameters)
    for index, (year, law) in enumerate(zip(task.years, expected.laws, strict=True)):
        events = expected.transitions.by_year[law.year]
        counted = _Counted(year, sums[law.year], task.inflows(index), weight)
        first, second = (
            _Half(law, year, heads + counted.sums.heads[half], jobs + counted.sums.jobs[half])
            for half in (0, 1)
        )
        books.append(Book(books[-1] if books else None))
        _post(events, counted, (first, second), (carried[-1], rates[index]), books[-1])
        heads, jobs = second.heads, second.jobs
        persons.append(_by_age(heads, law.year) * weight)
        carried.append(_closing(counted.sums, weight))
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
    )


def _by_age(heads: Ints, year: int) -> Array:
    """Lay heads by cell out as ``[status, district, sex, age]`` at the end of a year."""
    return _ages(heads[:-1].reshape(len(STATUSES), len(DISTRICTS), len(SEXES), -1), year)


def _ages(by_birth: Ints, year: int) -> Array:
    """Turn the last axis from years of birth into ages at the end of a year."""
    count = by_birth.shape[-1]
    return np.asarray(by_birth @ np.eye(AGES)[ages_at(year, count)], dtype=np.float64)


def _closing(sums: Sums, weight: float) -> Array:
    """Return what people carry at the end of a year ``[quantity, status, district]``."""
    unit = np.array([1.0, 1.0 / FEN, 1.0 / FEN])[:, None, None]
    cells = sums.closing.reshape(3, len(STATUSES), len(DISTRICTS))
    return np.asarray(cells * unit * weight, dtype=np.float64)


class _Half:
    """Heads and jobs in a half-year, and the law with the bases that these jobs have."""

    def __init__(self, law: Law, year: Year, heads: Ints, jobs: Ints) -> None:
        self.law, self.year, self.heads, self.jobs = law, year, heads, jobs

    def bound(self, rates: Array) -> Law:
        """Return the law with the counted mean bases and injury rate of each district.

        Parameters
        ----------
        rates
            Employers' injury premium by industry class ``[class]``.
        """
        by_class = self.jobs.reshape(len(DISTRICTS), CLASSES, RANKS)
        people = by_class.sum(axis=(1, 2))
        terms = dict(self.law.money)
        for name, base in self.year.rates.base.items():
            payroll = by_class @ base  # [district, class]
            terms[name] = _mean(payroll.sum(axis=1), people, terms[name])
            if name == "base":
                terms["injury_rate"] = _mean(
                    payroll @ rates, payroll.sum(axis=1), terms["injury_rate"]
                )
        return replace(self.law, money=terms)


def _mean(total: Array, of: Array, otherwise: Array) -> Array:
    """Divide by district ``[district, 1, 1]``; where there is nobody the mean is the expected."""
    expected = np.full(len(DISTRICTS), otherwise.item())
    mean = np.divide(total, of, out=expected, where=of > 0)
    return np.asarray(mean)[:, None, None]


class _Counted:
    """What happened in a year, counted, as persons, months, yuan."""

    def __init__(self, year: Year, sums: Sums, inflows: Mapping[int, Ints], weight: float) -> None:
        self.sums, self.weight, self.year = sums, weight, year
        self._flows = sums.flows.reshape(-1, PLACES, AGES).astype(np.float64)
        for move, persons in inflows.items():
            self._flows[move] += _ages(persons, year.year)
        self._carried = sums.carried.reshape(3, -1, len(DISTRICTS))
        self._awarded = sums.awarded.reshape(-1, len(DISTRICTS))

    def persons(self, move: int) -> Array:
        """Persons who moved ``[district, sex, age]``."""
        shape = (len(DISTRICTS), len(SEXES), AGES)
        return np.asarray(self._flows[move].reshape(shape) * self.weight)

    def carried(self, move: int) -> Array:
        """Return what they carried ``[quantity, district]``."""
        persons = self.persons(move).sum(axis=(-2, -1))
        months, account, pension = self._carried[:, move] * self.weight
        return np.stack([persons, months, account / FEN, pension / FEN])

    def awarded(self, move: int) -> Array:
        """Pensions that began ``[district]``, yuan a month."""
        return np.asarray(self._awarded[move] * self.weight / FEN)

    def indexed(self) -> Array:
        """Pensions in payment on 1 January ``[status, district]``, yuan a month."""
        cells = self.sums.indexed.reshape(len(STATUSES), len(DISTRICTS))
        return np.asarray(cells * self.weight / FEN)

    def flows(self, events: Sequence[Event]) -> tuple[Flow, ...]:
        """Return the flows of the year, in order."""
        found: list[Flow] = []
        aged = False
        for name, event in events:
            aged = aged or name == "ageing"
            for move in event:
                persons = self.persons(len(found))
                found.append(Flow(move.source, move.target, persons, ALL_AGES, move.reason, aged))
        return tuple(found)


def _post(
    events: Sequence[Event],
    counted: _Counted,
    halves: tuple[_Half, _Half],
    before: tuple[Array, Array],
    book: Book,
) -> None:
    """Post a year's money to its book, event after event.

    Parameters
    ----------
    before
        What people carried at the start ``[quantity, status, district]``, and the injury premiums
        by class.
    """
    opening, rates = before
    pensions = counted.indexed()
    book.note("pension", "indexed", (pensions - opening[PENSION]).sum(axis=0))
    law, number, aged = halves[0].law, 0, False
    for name, event in events:
        aged = aged or name == "ageing"
        if name == "subsidised_ageing":
            land.age(law, book)
        _post_event(law, event, number, counted, pensions, book)
        number += len(event)
        if name in (MID, END):
            half = halves[int(name == END)]
            persons = _by_age(half.heads, law.year if aged else law.year - 1) * counted.weight
            paid = {status: pensions[STATUS[status]] for status in PENSIONERS}
            people = persons.sum(axis=(-2, -1))
            bound = half.bound(rates)
            money.post_half(bound, persons, people, paid, book, second=name == END)
    closing = _closing(counted.sums, counted.weight)[ACCOUNT]
    money.close_year(law, closing, book)
    # What half-years add to accounts and what pensioners draw of them is one change for a person.
    vanished = counted.sums.vanished * counted.weight / FEN
    book.note("account", "credited", (closing - opening[ACCOUNT]).sum(axis=0) + vanished)
    book.note("account", "drawn", np.zeros(len(DISTRICTS)))


def _post_event(
    law: Law,
    event: Sequence[Move | Inflow],
    first: int,
    counted: _Counted,
    pensions: Array,
    book: Book,
) -> None:
    """Post what the moves of an event carry, and keep pensions in payment up to date."""
    amounts = [
        counted.persons(number)[None, ..., move.ages] for number, move in enumerate(event, first)
    ]
    land.follow(event, amounts, book)
    for number, move in enumerate(event, first):
        if not isinstance(move, Move):
            continue
        carried = counted.carried(number)
        if move.target in PENSIONERS:
            new = counted.awarded(number)
            pensions[STATUS[move.target]] += new
            money.post_award(move, new, book)
        elif money.pays(move):
            money.post_move(law, move, carried, book)
        pensions[STATUS[move.source]] -= carried[money.PENSION]
