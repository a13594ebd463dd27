"""The person engine: the same moves, applied to persons one by one.

A block of persons goes through all years before the next block is touched. In each year most
people stay where they are: their word of luck is not below the threshold of their cell, nor are
they due for a pension, and they are done in a few array operations. The others walk through the
year (:mod:`fsinsure.microsim.movers`): half a year of money, moves, retirement, moves, the other
half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.microsim.counters import fen
from fsinsure.microsim.movers import DRAWN_HALF, UNEMPLOYED, Block, D, Walk, rule_of
from fsinsure.microsim.randomness import LIVES, YEARS_A_BLOCK, uniform, words, words_of
from fsinsure.microsim.year_tables import EVERY
from fsinsure.rules import indexation
from fsinsure.state import GONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Bits
    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.year_tables import Year
    from fsinsure.state import People

    Ints = NDArray[np.intp]
    Watch = Callable[[Year, Ints, People], None]

DRAWN_YEAR: Final = np.uint8(2 * DRAWN_HALF[UNEMPLOYED])
"""Months of benefit that a year draws."""


def live(
    people: People,
    first: int | NDArray[np.int64],
    years: Sequence[Year],
    sums: Sequence[Sums],
    seed: int,
    start: tuple[int, int] = (0, 0),
    watch: Watch | None = None,
) -> None:
    """Take a block of persons through the years, in place.

    Parameters
    ----------
    people
        With consecutive ids.
    first
        Id of the first; or all ids, where they are not consecutive.
    years
        Every projected year.
    sums
        Where to count, one a year.
    seed
        Of the run.
    start
        Where they enter: index of the year, and the first step of it that they live through. Who
        was there before has (0, 0) and is not counted as new.
    watch
        Called at the end of each year with the year, the cells of all and the people.
    """
    block = Block(people, years[0].births)
    luck = None
    for index in range(start[0], len(years)):
        year, total = years[index], sums[index]
        period, lane = divmod(index, YEARS_A_BLOCK)
        if luck is None or lane == 0:
            luck = _words(seed, first, len(people), period)
        if index == start[0] and start[1] > 0:
            _enter(block, luck[lane], year, total, start[1])
        else:
            _live_year(block, luck[lane], year, total)
        _close(block, total)
        if watch is not None:
            watch(year, block.cell, people)
    sums[-1].note_pensions(block.cell, people.pension)
    people.cell[:] = block.cell


def _words(seed: int, first: int | NDArray[np.int64], count: int, period: int) -> Bits:
    if isinstance(first, int):
        return words(seed, LIVES, first, count, period)
    return words_of(seed, LIVES, first, period)


def _enter(block: Block, word: Bits, year: Year, sums: Sums, step: int) -> None:
    """Take persons who enter at a step of a year to its end: all of them walk."""
    walk = Walk(block, np.arange(len(word)), year, sums, step)
    walk.through(uniform(word))
    walk.back()


def _live_year(block: Block, word: Bits, year: Year, sums: Sums) -> None:
    """Take persons who were there before through a year."""
    people, rates = block.people, year.rates
    if len(block.drawing):
        _index(block, year, sums)
    rows = _movers(block, word, year)
    walk = Walk(block, rows, year, sums, 0)
    people.account *= rates.keep.take(block.cell, mode="clip")
    people.account += rates.credit.take(block.pay, mode="clip")
    np.rint(people.account, out=people.account)
    people.months += year.earned.take(block.cell, mode="clip")
    _draw(block)
    walk.through(uniform(word[rows]))
    walk.back()


def _draw(block: Block) -> None:
    """Let who is unemployed draw a year of benefit, as far as there is any left."""
    rows = np.flatnonzero(block.people.entitled)  # few
    rows = rows[block.where.take(rows) // D == UNEMPLOYED]
    left = block.people.entitled.take(rows)
    block.people.entitled[rows] = left - np.minimum(left, DRAWN_YEAR)


def _index(block: Block, year: Year, sums: Sums) -> None:
    """Raise the pensions in payment on 1 January."""
    people, rates, rows = block.people, year.rates, block.drawing
    at = block.cell.take(rows)
    raised = indexation.three_part(
        people.pension.take(rows),
        people.months.take(rows) / 12,
        rates.flat.take(at),
        rates.per_year.take(at),
        rates.percent.take(at),
        0.0,
    )
    raised = np.rint(raised)
    people.pension[rows] = raised
    sums.indexed += fen(block.where.take(rows), raised, GONE * D)


def _movers(block: Block, word: Bits, year: Year) -> Ints:
    """Return the rows of those who move by luck, or are due for a pension."""
    people = block.people
    stay = year.stay.take(block.cell, mode="clip")
    # Not above, so that the largest word of all walks too where somebody may be due.
    rows = np.flatnonzero(word <= stay)
    # Where somebody may be due, those who are neither due nor moved by luck stay.
    unsure = np.flatnonzero(stay.take(rows) == EVERY)
    who = rows.take(unsure)
    cell = block.cell.take(who)
    by = rule_of(year, cell, people.track.take(who), people.month.take(who))
    walks = (word[who] < year.moving.take(cell)) | year.retirement.due.ravel().take(by)
    return np.delete(rows, unsure[~walks])


def _close(block: Block, sums: Sums) -> None:
    """Count what people hold at the end of the year."""
    people, where, size = block.people, block.where, GONE * D
    rows = block.drawing = np.flatnonzero(people.pension)
    sums.closing[0] += fen(where, people.months, size + 1)[:-1]
    sums.closing[1] += fen(where, people.account, size + 1)[:-1]
    sums.closing[2] += fen(where.take(rows), people.pension.take(rows), size)
