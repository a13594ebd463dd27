"""The person engine: the moves of the cohort engine, applied to persons one by one.

A block of persons is simulated through all years before the next block is touched. In each year
most people stay where they are: their 16 random bits of the year are above the threshold of their
cell, and they are not touched. Of the others the whole random number is made; those who move or are
due for a pension are simulated by :mod:`fsinsure.microsim.movers`: half a year of money, moves,
retirement, moves, the other half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.microsim.block import Block
from fsinsure.microsim.growth import ACCOUNT_RESTARTS, PENSION_RESTARTS
from fsinsure.microsim.movers import MoverState, rule_of
from fsinsure.microsim.randomness import (
    LANES,
    LIVES,
    random_bits,
    random_bits_of,
    uniform,
    upper_bits,
    year_bits,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Bits, Flags
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables
    from fsinsure.state import People

    Ints = NDArray[np.intp]
    Ids = int | NDArray[np.int64]
    Watch = Callable[[YearTables, Block], None]
    LiveYear = Callable[[int, int, Counters], None]
    Window = Callable[[Block, Sequence[YearTables], "Draws"], LiveYear]


class Engine(NamedTuple):
    """What simulates blocks: array operations, or compiled loops with the same bits.

    Parameters
    ----------
    window
        Returns what simulates a block through a year of a window of 16 years.
    record_pensions
        Records the pensions in payment at the end of a year.
    """

    window: Window
    record_pensions: Callable[[Block, YearTables, Counters], None]


class Draws(NamedTuple):
    """Which random numbers a block has in a window of 16 years.

    Parameters
    ----------
    seed
        Of the run.
    first, people
        Id of the first of the people and their number; `first` are all ids, where they are not
        consecutive.
    period
        Which window.
    """

    seed: int
    first: Ids
    people: int
    period: int


def window(block: Block, years: Sequence[YearTables], draws: Draws) -> LiveYear:
    """Return what simulates a block through a year of a window, by array operations.

    It takes the index of the year, the first step of the year in which the persons take part (0
    for persons who were present before), and where to count.
    """
    bits = _bits(draws)
    if not block.in_order:
        bits = bits.take(block.index, axis=0)

    def live_year(index: int, step: int, counters: Counters) -> None:
        year, lane = years[index], index % LANES
        if step:
            rows, drawn = np.arange(len(block.cell)), year_bits(bits, lane)
        else:
            rows, drawn = _find_movers(block, bits, lane, year)
        MoverState(block, rows, year, counters, step).live(uniform(drawn))

    return live_year


def record_pensions(block: Block, year: YearTables, counters: Counters) -> None:
    """Record the pensions in payment at the end of a year, by array operations."""
    counters.record_pensions(*block.pensions(year.closing), block.code)


ARRAYS: Final = Engine(window, record_pensions)


def live(
    people: People,
    first: Ids,
    years: Sequence[YearTables],
    counters: Sequence[Counters],
    seed: int,
    start: tuple[int, int] = (0, 0),
    engine: Engine = ARRAYS,
    watch: Watch | None = None,
) -> Block:
    """Simulate a block of persons through the years, and count.

    Parameters
    ----------
    people
        With consecutive ids; their cells and amounts are written by the block that is returned.
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
    engine
        What simulates a year.
    watch
        Called at the end of each year with the year and the block.
    """
    begin, step = start
    block = Block(people, years[begin].code, years[begin].opening)
    live_year: LiveYear | None = None
    for index in range(begin, len(years)):
        if live_year is None or index % LANES == 0:
            block.drop_gone()
            live_year = engine.window(block, years, Draws(seed, first, len(people), index // LANES))
        live_year(index, step if index == begin else 0, counters[index])
        if watch is not None:
            watch(years[index], block)
    engine.record_pensions(block, years[-1], counters[-1])
    return block


def _bits(draws: Draws) -> Bits:
    seed, first, people, period = draws
    if isinstance(first, int):
        return random_bits(seed, LIVES, first, people, period)
    return random_bits_of(seed, LIVES, first, period)


def _find_movers(block: Block, bits: Bits, lane: int, year: YearTables) -> tuple[Ints, Bits]:
    """Return the rows of persons who move at random, or are due for a pension; and their bits."""
    stayers = year.stayers
    threshold = stayers.candidate_threshold.take(block.cell, mode="clip")
    # Not above: the threshold is rounded down, and somebody with these 16 bits may be below it.
    rows = np.flatnonzero(upper_bits(bits, lane) <= threshold)
    drawn = year_bits(bits.take(rows, axis=0), lane)
    cell = block.cell.take(rows)
    moves = drawn < stayers.move_threshold.take(cell)
    unsure = np.flatnonzero(~moves & stayers.examined.take(cell))
    moves[unsure] = _examine(block, rows[unsure], cell[unsure], year)
    return rows[moves], drawn[moves]


def _examine(block: Block, rows: Ints, cell: Ints, year: YearTables) -> Flags:
    """Return who is due for a pension, or holds an amount that restarts."""
    restarts = year.stayers.restarts.take(cell)
    anew = (restarts & ACCOUNT_RESTARTS > 0) & (block.account.take(rows) != 0.0)
    anew |= restarts & PENSION_RESTARTS > 0
    due = year.retirement.due.ravel().take(rule_of(year, cell, block, rows))
    return np.asarray(anew | due)
