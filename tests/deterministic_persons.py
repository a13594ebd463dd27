"""Persons with a grid of numbers instead of random ones, beside a cohort of the same people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

import fsinsure as fs
from fsinsure.api import prepare
from fsinsure.dims import AGES, QUANTITIES, SEXES
from fsinsure.engine.cohort import project, run_year
from fsinsure.ledger import Book
from fsinsure.microsim import plan
from fsinsure.state import FEN, RANKS, CellCode, Inflow, Move, People
from fsinsure.statuses import CARRIED, PENSIONERS, STATUS, STATUSES
from fsinsure.year.event import Event, Kind, Opening
from fsinsure.year.events import FIRST_HALF
from person_engine import by_year, empty, given_numbers, lived

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables
    from fsinsure.parameters import Parameters
    from fsinsure.year.law import Law

    Array = np.ndarray
    Where = tuple[str, int, int, int]
    """Status, area, sex, age in the base year."""

AREAS = len(fs.regions()["foshan"].areas)
MONTHS, ACCOUNT, PENSION = 200, 50_000.0, 3_000.0
"""What every person has here: months, yuan, and pensioners yuan a month."""

STAY = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class World:
    """A scenario as the cohort engine projects it."""

    parameters: Parameters
    base: Base
    expected: Projection

    @property
    def years(self) -> tuple[YearTables, ...]:
        """The tables of the person engine, built now: mutations are in them."""
        return plan.make_plan(self.expected, self.parameters, self.base, 1_000, 1).years


@cache
def world(name: str = "baseline") -> World:
    parameters, base = prepare(fs.load(name))
    return World(parameters, base, project(parameters, base))


def crowd(where: Sequence[Where], each: int, code: CellCode, months: int = MONTHS) -> People:
    """Make `each` persons in every cell, evenly over wage ranks and months of birth."""
    cells = [
        code.of(np.array(STATUS[status]), 2 * area + sex, AGES - 1 - age)
        for status, area, sex, age in where
    ]
    pension = [PENSION if status in PENSIONERS else 0.0 for status, *_ in where]
    one = np.tile(np.arange(each), len(where))
    none = np.zeros(len(one), dtype=np.uint8)
    outside = np.repeat([status == "not_insured" for status, *_ in where], each)
    return People(
        np.repeat(np.array(cells), each),
        (one % RANKS).astype(np.uint8),
        none.copy(),
        (one % 12).astype(np.uint8),
        none.copy(),
        np.where(outside, 0, months).astype(np.uint16),
        np.ones(len(one), dtype=np.float32),
        np.full(len(one), FEN * ACCOUNT),
        np.repeat(np.array(pension), each) * FEN,
        none.copy(),
        none.astype(np.uint16),
    )


def stock_of(where: Sequence[Where], each: int) -> Array:
    """Return the same people as ``[quantity, status, area, sex, age]``."""
    stock = np.zeros((len(QUANTITIES), len(STATUSES), AREAS, len(SEXES), AGES))
    for status, area, sex, age in where:
        months = 0.0 if status == "not_insured" else MONTHS
        held = np.array([1.0, 0.0, months, ACCOUNT, PENSION])[CARRIED[status]]
        stock[CARRIED[status], STATUS[status], area, sex, age] = each * held
    return stock


def grid(each: int) -> Callable[[int], Array]:
    """Return bits at ``(i + 1/2) / each``, in an order that is even over the ranks too."""

    def bits(count: int) -> Array:
        place = (np.arange(count) % each) * 40_503 % each
        return ((2 * place + 1) * (2**63 // each)).astype(np.uint64)

    return bits


def still(count: int) -> Array:
    """Return bits with which nobody moves."""
    return np.full(count, STAY)


def live(
    monkeypatch: pytest.MonkeyPatch,
    people: People,
    years: Sequence[YearTables],
    bits: Callable[[int], Array],
) -> list[Counters]:
    """Take people through years, with the same bits in each."""
    given_numbers(monkeypatch, bits)
    counters = empty(years)
    lived(people, 0, years, counters, 0)
    return by_year(counters)


def cohort_year(
    expected: Projection, stock: Array, *, moving: bool
) -> tuple[Array, dict[int, Array]]:
    """Take a stock through the first year of the cohort engine, without retirement and inflows.

    Returns
    -------
    tuple
        The stock at mid-year and at the end ``[half, quantity, ...]``, and what the moves carried
        by their number.
    """
    law, stock = expected.laws[0], stock.copy()
    middle, carried, number = stock, {}, 0
    recorded = dict(expected.transitions.by_year[law.year])

    def decide(event: Event, law: Law, stock: Array, start: Opening) -> Sequence[Move | Inflow]:
        if event.kind is Kind.IN_PLACE:
            return event.apply(law, stock, start)
        moving_here = moving and event.kind is Kind.MOVES
        return [move for move in recorded[event] if moving_here and isinstance(move, Move)]

    for event, moves, amounts in run_year(law, stock, Book(), decide):
        if event is FIRST_HALF:
            middle = stock.copy()
        moved = [number + i for i, move in enumerate(recorded[event]) if isinstance(move, Move)]
        number += len(recorded[event])
        for at, move, amount in zip(moved, moves, amounts, strict=bool(moves)):
            assert isinstance(move, Move)
            whole = np.zeros((*amount.shape[:-1], AGES))
            whole[..., move.ages] = amount
            carried[at] = whole
    return np.stack([middle, stock]), carried
