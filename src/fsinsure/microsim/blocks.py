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
    Watch = Callable[[YearTables, Block], None]
    LiveYear = Callable[..., None]
    Window = Callable[[Block, Sequence[YearTables], "Draws"], LiveYear]


NOBODY: Final = np.zeros(0, dtype=np.intp)


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
    ids
        Of the people of the block.
    period
        Which window.
    """

    seed: int
    ids: NDArray[np.int64]
    period: int


class Entry(NamedTuple):
    """Where some of the people of a block enter.

    Parameters
    ----------
    year
        Of the year.
    step
        The first step of it in which they take part; 0 for persons who were present before, who are
        not counted as new.
    people
        How many, after those of the entries before.
    """

    year: int
    step: int
    people: int


def window(block: Block, years: Sequence[YearTables], draws: Draws) -> LiveYear:
    """Return what simulates a block through a year of a window, by array operations.

    It takes the index of the year, where to count, and of persons who enter in it the first step
    and their rows.
    """
    bits = random_bits_of(draws.seed, LIVES, draws.ids, draws.period)
    if not block.in_order:
        bits = bits.take(block.index, axis=0)

    def live_year(index: int, counters: Counters, step: int = 0, new: Ints = NOBODY) -> None:
        year, lane = years[index], index % LANES
        if step:
            rows, drawn = new, year_bits(bits.take(new, axis=0), lane)
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
    first: int | NDArray[np.int64],
    years: Sequence[YearTables],
    counters: Sequence[Counters],
    seed: int,
    start: tuple[int, int] = (0, 0),
    engine: Engine = ARRAYS,
    watch: Watch | None = None,
) -> Block:
    """Simulate a block of persons who enter at one point, and count.

    Parameters
    ----------
    people
        Their cells and amounts are written by the block that is returned.
    first
        Id of the first, where ids are consecutive; or all ids.
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
    ids = first + np.arange(len(people)) if isinstance(first, int) else first
    run = Run(years, counters, seed, engine)
    return live_entering(people, ids, [Entry(*start, len(people))], run, watch)


class Run(NamedTuple):
    """What a simulation of persons needs, beside the persons: as :func:`live` has it."""

    years: Sequence[YearTables]
    counters: Sequence[Counters]
    seed: int
    engine: Engine


def live_entering(
    people: People,
    ids: NDArray[np.int64],
    entries: Sequence[Entry],
    run: Run,
    watch: Watch | None = None,
) -> Block:
    """Simulate a block of persons who enter at some points, and count.

    Small groups are simulated together: a year of a block takes a time of its own.

    Parameters
    ----------
    people, ids
        All who enter, in the order of the entries.
    entries
        Those who were present before the first of these years come first.
    """
    years, counters, seed, engine = run
    begin = min(entry.year for entry in entries)
    block = Block(people, years[begin].code)
    number = np.repeat(np.arange(len(entries), dtype=np.int32), [one.people for one in entries])
    present = np.array([entry.year + (entry.step > 0) for entry in entries], dtype=np.int32)
    entering = present[number]
    block.wait(np.flatnonzero(entering[block.index] > begin))
    live_year: LiveYear | None = None
    for index in range(begin, len(years)):
        here = [k for k, entry in enumerate(entries) if entry.year == index]
        for k in (k for k in here if not entries[k].step):
            if years[index].opening.months.any():  # else they are stored as they are
                block.enter(np.flatnonzero(number[block.index] == k), years[index].opening)
        if live_year is None or index % LANES == 0:
            block.drop_gone(entering > index)
            live_year = engine.window(block, years, Draws(seed, ids, index // LANES))
        live_year(index, counters[index])
        for k in (k for k in here if entries[k].step):
            new = np.flatnonzero(number[block.index] == k)
            block.enter(new, years[index].opening)
            live_year(index, counters[index], entries[k].step, new)
        if watch is not None:
            watch(years[index], block)
    engine.record_pensions(block, years[-1], counters[-1])
    return block


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
