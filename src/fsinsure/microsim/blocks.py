"""The person engine: the moves of the cohort engine, applied to persons one by one.

A block of persons is simulated through all years before the next block is touched. In each year
most people stay where they are: their random bits are not below the threshold of their cell, nor
are they due for a pension, and a few array operations update them. The others are simulated by
:mod:`fsinsure.microsim.movers`: half a year of money, moves, retirement, moves, the other half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.microsim.counters import add_whole
from fsinsure.microsim.movers import UNEMPLOYED, Block, MoverState, rule_of
from fsinsure.microsim.randomness import LIVES, YEARS_A_BLOCK, random_bits, random_bits_of, uniform
from fsinsure.microsim.tables import ALL_BITS, DRAWN_HALF
from fsinsure.rules import indexation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Bits
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables
    from fsinsure.state import People

    Ints = NDArray[np.intp]
    Watch = Callable[[YearTables, Ints, People], None]

DRAWN_YEAR: Final = np.uint8(2 * DRAWN_HALF[UNEMPLOYED])
"""Months of benefit that are drawn in a year."""


def live(
    people: People,
    first: int | NDArray[np.int64],
    years: Sequence[YearTables],
    counters: Sequence[Counters],
    seed: int,
    start: tuple[int, int] = (0, 0),
    watch: Watch | None = None,
) -> None:
    """Simulate a block of persons through the years, in place.

    Parameters
    ----------
    people
        With consecutive ids.
    first
        Id of the first; or all ids, where they are not consecutive.
    years
        Every projected year.
    counters
        Where to count, one a year.
    seed
        Of the run.
    start
        Where they enter: index of the year, and the first step of it in which they take part.
        Persons who were present before have (0, 0) and are not counted as new.
    watch
        Called at the end of each year with the year, the cells of all and the people.
    """
    block = Block(people, years[0].code)
    bits = None
    for index in range(start[0], len(years)):
        year, counted = years[index], counters[index]
        period, lane = divmod(index, YEARS_A_BLOCK)
        if bits is None or lane == 0:
            bits = _bits(seed, first, len(people), period)
        if index == start[0] and start[1] > 0:
            _simulate(block, np.arange(len(people)), bits[lane], year, counted, start[1])
        else:
            _live_year(block, bits[lane], year, counted)
        counted.add_closing(block.status_area, people)
        block.drawing = np.flatnonzero(people.pension)
        if watch is not None:
            watch(year, block.cell, people)
    counters[-1].record_pensions(block.cell, people.pension, block.code)
    people.cell[:] = block.cell


def _bits(seed: int, first: int | NDArray[np.int64], count: int, period: int) -> Bits:
    if isinstance(first, int):
        return random_bits(seed, LIVES, first, count, period)
    return random_bits_of(seed, LIVES, first, period)


def _simulate(
    block: Block, rows: Ints, bits: Bits, year: YearTables, counters: Counters, step: int
) -> None:
    """Simulate movers from a step of a year to its end."""
    state = MoverState(block, rows, year, counters, step)
    state.simulate(uniform(bits))
    state.store()


def _live_year(block: Block, bits: Bits, year: YearTables, counters: Counters) -> None:
    """Simulate a year of persons who were present before."""
    people, tables = block.people, year.stayers
    if len(block.drawing):
        _index(block, year, counters)
    rows = _find_movers(block, bits, year)
    state = MoverState(block, rows, year, counters, 0)
    people.account *= tables.account_factor.take(block.cell, mode="clip")
    people.account += tables.account_credit.take(block.status_rank, mode="clip")
    np.rint(people.account, out=people.account)
    people.months += tables.months_earned.take(block.cell, mode="clip")
    _draw_benefit(block)
    state.simulate(uniform(bits[rows]))
    state.store()


def _draw_benefit(block: Block) -> None:
    """Draw a year of benefit of the unemployed, as long as months are left."""
    rows = np.flatnonzero(block.people.benefit_months_left)  # few
    rows = rows[block.status_area.take(rows) // block.code.areas == UNEMPLOYED]
    left = block.people.benefit_months_left.take(rows)
    block.people.benefit_months_left[rows] = left - np.minimum(left, DRAWN_YEAR)


def _index(block: Block, year: YearTables, counters: Counters) -> None:
    """Raise the pensions in payment on 1 January."""
    people, tables, rows = block.people, year.stayers, block.drawing
    at = block.cell.take(rows)
    raised = np.rint(
        indexation.three_part(
            people.pension.take(rows),
            people.months.take(rows) / 12,
            tables.flat.take(at),
            tables.per_year.take(at),
            tables.percent.take(at),
            0.0,
        )
    )
    people.pension[rows] = raised
    add_whole(counters.indexed, block.status_area.take(rows), raised)


def _find_movers(block: Block, bits: Bits, year: YearTables) -> Ints:
    """Return the rows of persons who move at random, or are due for a pension."""
    threshold = year.stayers.candidate_threshold.take(block.cell, mode="clip")
    # Not above, so that the largest value is a candidate too where persons may be due.
    rows = np.flatnonzero(bits <= threshold)
    # Where persons may be due, those who are neither due nor move at random stay.
    unsure = np.flatnonzero(threshold.take(rows) == ALL_BITS)
    who = rows.take(unsure)
    cell = block.cell.take(who)
    by = rule_of(year, cell, block.people, who)
    moves = bits[who] < year.stayers.move_threshold.take(cell)
    moves |= year.retirement.due.ravel().take(by)
    return np.delete(rows, unsure[~moves])
