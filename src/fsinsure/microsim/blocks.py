"""The person engine: the moves of the cohort engine, applied to persons one by one.

A block of persons is simulated through all years before the next block is touched. In each year
most people stay where they are: their 16 random bits of the year are above the threshold of their
cell, which is found for 16 years at once, and they are not touched. Of the others the whole random
number is made; those who move or are due for a pension are simulated by
:mod:`fsinsure.microsim.movers`: half a year of money, moves, retirement, moves, the other half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from fsinsure.microsim.block import Block
from fsinsure.microsim.growth import ACCOUNT_RESTARTS, PENSION_RESTARTS
from fsinsure.microsim.movers import MoverState, rule_of
from fsinsure.microsim.randomness import (
    LANES,
    LIVES,
    lanes_within,
    random_bits_of,
    uniform,
    upper_bits,
    year_bits,
)
from fsinsure.microsim.synthesis import synthesize
from fsinsure.microsim.tables import window_thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Bits, Flags
    from fsinsure.microsim.counters import YearlyCounters
    from fsinsure.microsim.synthesis import Group, Traits
    from fsinsure.microsim.tables import YearTables
    from fsinsure.state import People

    Ints = NDArray[np.intp]
    Watch = Callable[[YearTables, Block], None]
    LiveYears = Callable[["Block", "Lives", "Run", "Watch | None"], None]


class Entry(NamedTuple):
    """Where some of the people of a block enter.

    Parameters
    ----------
    year
        Index of the year.
    step
        The first step of it in which they take part; 0 for persons who were present before, who are
        not counted as new.
    people
        How many, after those of the entries before.
    """

    year: int
    step: int
    people: int


class Lives(NamedTuple):
    """Ids of the people of a block, in their order, and where these enter."""

    ids: NDArray[np.int64]
    entries: Sequence[Entry]


class Engine(NamedTuple):
    """What simulates blocks: array operations, or compiled loops with the same bits.

    Parameters
    ----------
    synthesize
        Makes persons of a group (:func:`fsinsure.microsim.synthesis.synthesize`).
    live
        Simulates a block through the years.
    order
        How it takes :class:`fsinsure.microsim.counters.YearlyCounters`.
    """

    synthesize: Callable[[Group, Traits, int, int], People]
    live: LiveYears
    order: Literal["C", "F"]


class Run(NamedTuple):
    """What a simulation of persons needs, beside the persons: as :func:`live` has it."""

    years: Sequence[YearTables]
    counters: YearlyCounters
    seed: int
    engine: Engine


class WindowDraws:
    """The random numbers of a block in a window of 16 years.

    Parameters
    ----------
    block, lives, run
        The block, who is in it, and the run.
    window
        Which window.
    """

    def __init__(self, block: Block, lives: Lives, run: Run, window: int) -> None:
        self.block, self.thresholds = block, window_thresholds(run.years)[window]
        bits = random_bits_of(run.seed, LIVES, lives.ids, window)
        self.bits = bits if block.in_order else bits.take(block.index, axis=0)
        # Not above: thresholds are rounded down, and somebody with these 16 bits may be below.
        within = self.thresholds.take(block.cell, axis=0)
        self.hits: NDArray[np.uint16] = lanes_within(upper_bits(self.bits), within)

    def numbers(self, rows: Ints, lane: int) -> Bits:
        """Return the numbers of some persons in a year of the window."""
        return year_bits(self.bits.take(rows, axis=0), lane)

    def cells_changed(self, rows: Ints) -> None:
        """Find again in which years some persons may move, by their cells."""
        within = self.thresholds.take(self.block.cell.take(rows), axis=0)
        self.hits[rows] = lanes_within(upper_bits(self.bits.take(rows, axis=0)), within)

    def movers(self, lane: int, year: YearTables) -> tuple[Ints, Bits]:
        """Return who moves at random or is due for a pension in a year; and their numbers."""
        block, stayers = self.block, year.stayers
        rows = np.flatnonzero(self.hits & np.uint16(1 << lane) != 0)
        drawn = self.numbers(rows, lane)
        cell = block.cell.take(rows)
        moves = drawn < stayers.move_threshold.take(cell)
        unsure = np.flatnonzero(~moves & stayers.examined.take(cell))
        moves[unsure] = _examine(block, rows[unsure], cell[unsure], year)
        return rows[moves], drawn[moves]


def live_years(block: Block, lives: Lives, run: Run, watch: Watch | None = None) -> None:
    """Simulate a block by array operations, year after year."""
    entries, years, counters = lives.entries, run.years, run.counters
    begin = min(entry.year for entry in entries)
    number = np.repeat(np.arange(len(entries), dtype=np.int32), [one.people for one in entries])
    present = np.array([entry.year + (entry.step > 0) for entry in entries], dtype=np.int32)
    entering = present[number]
    block.wait(np.flatnonzero(entering[block.index] > begin))
    draws: WindowDraws | None = None
    for index in range(begin, len(years)):
        year, here, lane = years[index], counters.of_year(index), index % LANES
        now = [k for k, entry in enumerate(entries) if entry.year == index]
        for k in (k for k in now if not entries[k].step):
            new = np.flatnonzero(number[block.index] == k)
            if year.opening.months.any():  # else they are stored as they are
                block.enter(new, year.opening)
            if draws is not None:
                draws.cells_changed(new)
        if draws is None or lane == 0:
            block.drop_gone(entering > index)
            draws = WindowDraws(block, lives, run, index // LANES)
        movers, drawn = draws.movers(lane, year)
        MoverState(block, movers, year, here, 0).live(uniform(drawn))
        draws.cells_changed(movers)
        for k in (k for k in now if entries[k].step):
            new = np.flatnonzero(number[block.index] == k)
            block.enter(new, year.opening)
            drawn = draws.numbers(new, lane)
            MoverState(block, new, year, here, entries[k].step).live(uniform(drawn))
            draws.cells_changed(new)
        if watch is not None:
            watch(year, block)
    pensions = block.pensions(years[-1].closing)
    counters.of_year(len(years) - 1).record_pensions(*pensions, block.code)


ARRAYS: Final = Engine(synthesize, live_years, "F")


def live(
    people: People,
    first: int | NDArray[np.int64],
    years: Sequence[YearTables],
    counters: YearlyCounters,
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
        Where to count, of all years together.
    seed
        Of the run.
    start
        Where they enter: index of the year, and the first step of it in which they take part.
        Persons who were present before have (0, 0) and are not counted as new.
    engine
        What simulates.
    watch
        Called at the end of each year with the year and the block.
    """
    ids = first + np.arange(len(people)) if isinstance(first, int) else first
    lives = Lives(ids, [Entry(*start, len(people))])
    return live_entering(people, lives, Run(years, counters, seed, engine), watch)


def live_entering(people: People, lives: Lives, run: Run, watch: Watch | None = None) -> Block:
    """Simulate a block of persons who enter at some points, and count.

    Small groups are simulated together: a year of a block takes a time of its own.

    Parameters
    ----------
    people
        All who enter, in the order of the entries. Those who were present before the first of these
        years come first.
    """
    block = Block(people, run.years[0].code)
    run.engine.live(block, lives, run, watch)
    return block


def _examine(block: Block, rows: Ints, cell: Ints, year: YearTables) -> Flags:
    """Return who is due for a pension, or holds an amount that restarts."""
    restarts = year.stayers.restarts.take(cell)
    anew = (restarts & ACCOUNT_RESTARTS > 0) & (block.account.take(rows) != 0.0)
    anew |= restarts & PENSION_RESTARTS > 0
    due = year.retirement.due.ravel().take(rule_of(year, cell, block, rows))
    return np.asarray(anew | due)
