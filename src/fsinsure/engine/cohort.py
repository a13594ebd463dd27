"""The cohort engine: expected stocks, moved by the events of the year.

Deterministic. With draws, every array has a draw axis in front and all draws advance together;
:func:`stream` runs them in blocks and keeps head counts and, if asked, the money of the region. The
draw axis of a stock is in front for who reads it, but last in memory
(:func:`fsinsure.arrays.draws_last`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from fsinsure.arrays import Array, Flags, Ints, draws_last
from fsinsure.base_year.closure import Base
from fsinsure.base_year.closure_draws import Bases
from fsinsure.dims import CADRES, COUNTED, FEMALE, MONTHS, PERSONS, QUANTITIES
from fsinsure.draws import closing, varying
from fsinsure.engine.projection import Projection, close_books, coverage_of
from fsinsure.errors import InputError, PoolError, placed
from fsinsure.ledger import Book, Ledger
from fsinsure.measures import enrollment, groups
from fsinsure.messages import separated
from fsinsure.parameters import Parameters
from fsinsure.state import Flow, Inflow, Move
from fsinsure.statuses import CARRIED, FUNDS, STATUS
from fsinsure.year import events
from fsinsure.year.event import Event, Opening, Transitions, opening
from fsinsure.year.law import Law, bind
from fsinsure.year.money import settle

BLOCK = 64
"""Draws that advance together: enough to outweigh the calls, few enough to stay near."""


@dataclass(frozen=True, eq=False)
class Counts:
    """What is kept of a block of draws: head counts, and the money of the region.

    Parameters
    ----------
    years
        ``[year]``, the base year first.
    enrollment
        Persons ``[measure, draw, year, area]``.
    residents
        All persons ``[draw, year]``.
    closing
        Yuan ``[fund, draw, year]`` at 31 December, funds in the order of
        :data:`fsinsure.statuses.FUNDS`; None where only heads are counted.
    flows
        Yuan of the region ``[draw, year]`` of the projected years by fund and item, interest among
        them; empty where only heads are counted.
    limited
        In which draws growth ended as nobody was left who could enter ``[draw]``
        (:attr:`fsinsure.parameters.Parameters.limited`).
    """

    years: Ints
    enrollment: Array
    residents: Array
    limited: Flags
    closing: Array | None = None
    flows: Mapping[tuple[str, str], Array] = field(default_factory=dict)


def apply(stock: Array, moves: Sequence[Move | Inflow]) -> list[Array]:
    """Apply the moves of one event to a stock, in place and all at once.

    Parameters
    ----------
    stock
        ``[..., quantity, status, area, sex, age]``
    moves
        Probabilities are of the stock before the event.

    Returns
    -------
    list of Array
        What each move carried: ``[..., quantity, area, sex, age]`` with the quantities that
        its source can hold (of an inflow the persons, without that axis).
    """
    amounts = [
        _cells(stock, move) * move.probability if isinstance(move, Move) else move.persons
        for move in moves
    ]
    for move, amount in zip(moves, amounts, strict=True):
        if isinstance(move, Move):
            cells = _cells(stock, move)
            cells -= amount
            if move.target in STATUS:
                cells = stock[..., move.kept, STATUS[move.target], :, :, move.ages]
                cells += amount[..., move.kept, :, :, :]
        else:
            cells = stock[..., STATUS[move.target], :, :, move.ages]
            cells[..., PERSONS, :, :, :] += amount
            women = np.broadcast_to(amount, cells[..., PERSONS, :, :, :].shape)[..., FEMALE, :]
            cells[..., CADRES, :, FEMALE, :] += move.cadre_share * women
            brought = move.brought()
            if brought is not None:
                cells[..., MONTHS : MONTHS + brought.shape[-4], :, :, :] += brought
    return amounts


def advance(stock: Array, moves: Sequence[Move | Inflow]) -> list[Array]:
    """Apply the moves of one event like :func:`apply`, where only the totals of moves are needed.

    Where all moves lead out of the population, each from another status, what stays is one
    product, and what each move carried is returned as its sum ``[..., quantity, area, 1, 1]``.
    """
    leaving = [move for move in moves if isinstance(move, Move) and move.target not in STATUS]
    if len({move.source for move in leaving}) < len(moves):
        return apply(stock, moves)
    amounts = []
    for move in leaving:
        cells = _cells(stock, move)
        amounts.append(_weighted_sum(cells, move.probability))
        cells *= 1.0 - move.probability
    return amounts


def _weighted_sum(cells: Array, weight: Array) -> Array:
    """Sum ``cells * weight`` over sexes and ages, whose axes stay with length 1."""
    # Not BLAS, whose last digits depend on the processor: einsum calls it only with optimize.
    return np.asarray(np.einsum("...sa,...sa->...", cells, weight))[..., None, None]


def _cells(stock: Array, move: Move) -> Array:
    """View the cells that a move leaves: ``[..., quantity, area, sex, age]``."""
    return stock[..., CARRIED[move.source], STATUS[move.source], :, :, move.ages]


Moves: TypeAlias = "Sequence[Move | Inflow]"


def moves_of(event: Event, law: Law, stock: Array, start: Opening) -> Moves:
    """Return the moves of an event."""
    return event.apply(law, stock, start)


def moves_of_draws(event: Event, law: Law, stock: Array, start: Opening) -> Moves:
    """Return the moves of an event, what varies by draw with the draws last in memory."""
    return [_beside(move, stock.ndim - 1) for move in event.apply(law, stock, start)]


def _beside(move: Move | Inflow, axes: int) -> Move | Inflow:
    """Return a move from a stock with so many axes, status apart, with its draws side by side."""
    if isinstance(move, Inflow):
        found = move.persons.ndim == axes - 1
        return replace(move, persons=draws_last(move.persons)) if found else move
    found = move.probability.ndim == axes
    return replace(move, probability=draws_last(move.probability)) if found else move


def run_year(
    law: Law,
    stock: Array,
    book: Book | None,
    decide: Callable[[Event, Law, Array, Opening], Moves] = moves_of,
    carry: Callable[[Array, Moves], list[Array]] = apply,
) -> Iterator[tuple[Event, Moves, list[Array]]]:
    """Run the events of a year on a stock, in place: the only place that does.

    Parameters
    ----------
    law
        Of the year.
    stock
        ``[..., quantity, status, area, sex, age]`` at the opening.
    book
        Where the money of the year is posted; None where only heads are counted.
    decide
        Which moves an event makes; validation has them from elsewhere.
    carry
        :func:`apply`, or :func:`advance`.

    Yields
    ------
    tuple
        Each event after it happened, its moves and what they carried.
    """
    start = opening(stock, book)
    for event in events.EVENTS:
        moves = decide(event, law, stock, start)
        amounts = carry(stock, moves)
        if book is not None:
            settle(law, stock, moves, amounts, book)
        yield event, moves, amounts


def project(parameters: Parameters, base: Base) -> Projection:
    """Project one scenario in full: stocks, flows and the transitions that produced them.

    Parameters
    ----------
    parameters
        Resolved and held at the base year, without draws.
    base
        The closed base year.

    Raises
    ------
    PoolError
        If a growth path asks for more people than there are, with the position of a lever.
    ValueError
        If parameters vary by draw.
    """
    if parameters.draws is not None:
        raise ValueError(
            "parameters vary by draw: use stream, or Parameters.select_draws for one of the draws"
        )
    try:
        return _projected(parameters, base)
    except PoolError as error:
        where = parameters.position(*error.levers)
        raise PoolError(placed(where, error.message), error.levers) from None


def _projected(parameters: Parameters, base: Base) -> Projection:
    """Project year by year."""
    laws = bind(parameters, money=True)
    stock = base.stock.copy()
    history = np.empty((len(laws) + 1, *stock.shape))
    history[0] = stock
    books: list[Book] = []
    flows: dict[int, tuple[Flow, ...]] = {}
    moves_by_year = {}
    for index, law in enumerate(laws, start=1):
        book = Book(books[-1] if books else None)
        year_flows: list[Flow] = []
        year_moves = []
        aged = False
        for event, moves, amounts in run_year(law, stock, book):
            aged = aged or event is events.AGEING
            both = zip(moves, amounts, strict=True)
            year_flows.extend(_flow(move, amount, aged) for move, amount in both)
            year_moves.append((event, tuple(moves)))
        history[index] = stock
        books.append(book)
        flows[law.year] = tuple(year_flows)
        moves_by_year[law.year] = tuple(year_moves)
    years = _years(laws)
    return Projection(
        years,
        history[:, 0],
        history[:, MONTHS:].sum(axis=(-2, -1)),
        flows,
        coverage_of(parameters, base),
        Transitions(moves_by_year),
        laws,
        close_books(parameters, years, books),
        history,
        rounding=base.rounding,
    )


def stream(
    parameters: Parameters, base: Base | Bases, *, money: bool = False, block: int = BLOCK
) -> Iterator[Counts]:
    """Project many draws in blocks, keeping head counts and, if asked, the funds.

    Parameters
    ----------
    parameters
        Held at the base year, numbers or paths with a draw axis
        (:meth:`fsinsure.parameters.Parameters.with_draws`).
    base
        The closed base year, the same for all draws, or that of each.
    money
        Whether to keep the books of the funds too.
    block
        Draws that advance together.

    Yields
    ------
    Counts
        Enrollment and funds of the next draws, in order.

    Raises
    ------
    InputError
        If parameters and base years have different numbers of draws, or numbers that close the base
        year vary and all draws have the same.
    """
    from concurrent.futures import ThreadPoolExecutor

    draws = parameters.draws or 1
    own = [name for name in varying([parameters.scalars]) if closing(name)]
    if own and isinstance(base, Base):
        raise InputError(
            "{own} close the base year: close that of each draw "
            "(fsinsure.base_year.closure_draws.close_draws)",
            own=separated(own),
        )
    if isinstance(base, Bases):
        draws = parameters.draws or base.draws
        if draws != base.draws:
            raise InputError(
                "{draws} draws of parameters, and {base_draws} base years",
                draws=draws,
                base_draws=base.draws,
            )
    blocks = [slice(first, min(first + block, draws)) for first in range(0, draws, block)]
    # numpy releases the interpreter inside each operation, so threads run in parallel.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda part: _of_block(parameters, base, part, money=money), blocks)


def _of_block(parameters: Parameters, base: Base | Bases, draws: slice, *, money: bool) -> Counts:
    """Project some of the draws."""
    if draws.stop - draws.start > 1 or (parameters.draws is None and isinstance(base, Base)):
        return _of_draws(parameters, base, draws, money=money)
    # Sums over the cells of one draw alone would add in another order: two of it beside each other.
    found = _of_draws(parameters, base, np.repeat(draws.start, 2), money=money)
    flows = {key: total[:1] for key, total in found.flows.items()}
    balances = None if found.closing is None else found.closing[:, :1]
    people, everybody = found.enrollment[:, :1], found.residents[:1]
    return Counts(found.years, people, everybody, found.limited[:1], balances, flows)


def _of_draws(
    parameters: Parameters, base: Base | Bases, draws: slice | Ints, *, money: bool
) -> Counts:
    """Project draws that advance together."""
    chosen = parameters.select_draws(draws)
    kept = len(QUANTITIES) if money else COUNTED
    if isinstance(base, Bases):
        base = base.select_draws(draws)
    opening = base.stock[..., :kept, :, :, :, :]
    count = draws.stop - draws.start if isinstance(draws, slice) else len(draws)
    stock = draws_last(np.empty((count, *opening.shape[-5:])))
    stock[...] = opening
    return _project_block(chosen, base, stock, money=money)


def _project_block(
    parameters: Parameters, base: Base | Bases, stock: Array, *, money: bool
) -> Counts:
    """Project draws from their base stock ``[draw, ...]``, which is overwritten."""
    counts, residents = [_count(stock)], [_residents(stock)]
    books: list[Book] = []
    laws = bind(parameters, money=money)
    for law in laws:
        book = Book(books[-1] if books else None) if money else None
        for _ in run_year(law, stock, book, moves_of_draws, advance):
            pass
        if book is not None:
            books.append(book)
        counts.append(_count(stock))
        residents.append(_residents(stock))
    years = _years(laws)
    by_group = {name: np.stack([count[name] for count in counts], axis=1) for name in groups()}
    people = enrollment(by_group, coverage_of(parameters, base))
    everyone = np.stack(residents, axis=1)
    limited = np.zeros(len(stock), dtype=bool)
    for short in (one for law in laws for one in law.short or ()):
        limited |= short
    if not money:
        return Counts(years, people, everyone, limited)
    totals = _totals(close_books(parameters, years, books), len(stock))
    return Counts(years, people, everyone, limited, *totals)


def _totals(ledger: Ledger, draws: int) -> tuple[Array, dict[tuple[str, str], Array]]:
    """Return closing balances ``[fund, draw, year]`` and the region's flows ``[draw, year]``."""
    years = len(ledger.years)
    closing = [np.broadcast_to(ledger.closing[fund], (draws, years)) for fund in FUNDS]
    whole = {key: cells.sum(axis=-1) for key, cells in ledger.flows.items()}
    whole |= {(fund, "interest"): earned for fund, earned in ledger.interest.items()}
    flows = {key: np.broadcast_to(total, (draws, years - 1)) for key, total in whole.items()}
    return np.stack(closing), flows


def _count(stock: Array) -> dict[str, Array]:
    persons = stock[..., PERSONS, :, :, :, :]
    return {name: group.count(persons) for name, group in groups().items()}


def _residents(stock: Array) -> Array:
    return np.asarray(stock[..., PERSONS, :, :, :, :].sum(axis=(-4, -3, -2, -1)))


def _flow(move: Move | Inflow, amount: Array, aged: bool) -> Flow:
    persons = amount[..., PERSONS, :, :, :] if isinstance(move, Move) else amount
    return Flow(move.source, move.target, persons, move.ages, move.reason, aged)


def _years(laws: Sequence[Law]) -> Ints:
    return np.array([laws[0].region.base_year, *(law.year for law in laws)])
