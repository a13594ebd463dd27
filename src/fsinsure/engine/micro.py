"""The person engine: the same moves, applied to persons one by one.

A block of persons goes through all years before the next block is touched. In each year most
people stay where they are: their word of luck is not below the threshold of their cell, nor are
they due for a pension, and they are done in a few array operations. The others walk through the
year: the moves before mid-year, half a year of money, retirement, the moves after, the other half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import DISTRICTS, STATUS
from fsinsure.engine import outcomes
from fsinsure.engine.luck import LIVES, YEARS_A_BLOCK, uniform, words
from fsinsure.engine.replay import EVERY
from fsinsure.engine.sums import CLASSES, Sums
from fsinsure.rules import indexation, pension, resident
from fsinsure.rules.retirement import vested
from fsinsure.rules.unemployment import benefit_months
from fsinsure.state import CODE, FEN, GONE, PLACES, RANKS, People, ages_at
from fsinsure.year.people import PAYING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fsinsure.engine.replay import Year

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["People", "Sums", "live"]

EMPLOYEE, OUTSIDE, UNEMPLOYED = STATUS["employee"], STATUS["outside"], STATUS["unemployed"]
CIVIL, RESIDENT = STATUS["civil"], STATUS["resident"]
D: Final = len(DISTRICTS)
EARNED_HALF: Final = np.array([6 * (status in PAYING) for status in CODE], dtype=np.uint16)
"""Months that half a year in a status earns ``[code]``."""


class Block:
    """A block of persons on its way: their state, and what follows from it and is kept beside it.

    Parameters
    ----------
    people
        Changed in place.
    births
        How many years of birth there are.
    """

    def __init__(self, people: People, births: int) -> None:
        self.people = people
        self.cell = people.cell.astype(np.intp)
        # Status and rank together say what is credited; status and district, where one is counted.
        self.pay = np.empty_like(self.cell)
        self.where = np.empty_like(self.cell)
        self.place(slice(None), births)
        self.drawing = np.flatnonzero(people.pension)

    def place(self, rows: Ints | slice, births: int) -> None:
        """Note where some persons are now."""
        place = self.cell[rows] // births
        status = place // PLACES
        self.pay[rows] = status * RANKS + self.people.rank[rows]
        self.where[rows] = np.minimum(place // 2, GONE * D)


def live(
    people: People,
    first: int,
    years: Sequence[Year],
    sums: Sequence[Sums],
    seed: int,
    start: tuple[int, int] = (0, 0),
) -> None:
    """Take a block of persons through the years, in place.

    Parameters
    ----------
    people
        With consecutive ids.
    first
        Id of the first.
    years
        Every projected year.
    sums
        Where to count, one a year.
    seed
        Of the run.
    start
        Where they enter: index of the year, and the first step of it that they live through. Who
        was there before has (0, 0) and is not counted as new.
    """
    block = Block(people, years[0].births)
    luck = None
    for index in range(start[0], len(years)):
        period, lane = divmod(index, YEARS_A_BLOCK)
        if luck is None or lane == 0:
            luck = words(seed, LIVES, first, len(people), period)
        if index == start[0] and start[1] > 0:
            everybody = np.arange(len(people))
            _walk(block, everybody, luck[lane], years[index], sums[index], start[1])
            _close(block, years[index], sums[index])
        else:
            live_year(block, luck[lane], years[index], sums[index])
    count_pensions(block, years[-1].births, sums[-1])
    people.cell[:] = block.cell


def count_pensions(block: Block, births: int, sums: Sums) -> None:
    """Count the pensions in payment by their level."""
    rows = block.drawing
    pension = block.people.pension[rows]
    outcomes.count_pensions(sums.outcomes, sums.totals, block.cell[rows], births, pension)


def live_year(block: Block, word: NDArray[np.uint64], year: Year, sums: Sums) -> None:
    """Take persons who were there before through a year."""
    people, cell, rates = block.people, block.cell, year.rates
    if len(block.drawing):
        _index(block, year)
        sums.indexed += _fen(block.where[block.drawing], people.pension[block.drawing], GONE * D)
    movers = _movers(block, word, year)
    walkers = Walk(block, movers, year, sums, 0)
    people.account *= rates.keep.take(cell, mode="clip")
    people.account += rates.credit.take(block.pay, mode="clip")
    np.rint(people.account, out=people.account)
    people.months += year.earned.take(cell, mode="clip")
    walkers.through(uniform(word[movers]))
    walkers.back()
    _close(block, year, sums)


def _walk(
    block: Block, rows: Ints, word: NDArray[np.uint64], year: Year, sums: Sums, step: int
) -> None:
    walkers = Walk(block, rows, year, sums, step)
    walkers.through(uniform(word[rows]))
    walkers.back()


def _fen(at: Ints, amount: Array, size: int) -> Ints:
    """Add up whole fen by place in an array."""
    return np.bincount(at, amount, size).astype(np.int64)


def _index(block: Block, year: Year) -> None:
    """Raise the pensions in payment on 1 January."""
    people, rates, rows = block.people, year.rates, block.drawing
    at = block.cell[rows]
    raised = indexation.three_part(
        people.pension[rows],
        people.months[rows] / 12,
        rates.flat[at],
        rates.per_year[at],
        rates.percent[at],
        0.0,
    )
    people.pension[rows] = np.rint(raised)


def _movers(block: Block, word: NDArray[np.uint64], year: Year) -> Ints:
    """Find who moves by luck, or is due for a pension."""
    people = block.people
    stay = year.stay.take(block.cell, mode="clip")
    rows = np.flatnonzero(word < stay)
    unsure = np.flatnonzero(stay[rows] == EVERY)
    some = rows[unsure]
    cell = block.cell[some]
    out = word[some] >= year.moving[cell]
    some, cell, unsure = some[out], cell[out], unsure[out]
    place, birth = np.divmod(cell, year.births)
    rule = year.retirement.rule[place // PLACES, place % 2, people.cadre[some]]
    due = year.retirement.due[rule, birth, people.month[some]]
    keep = np.ones(len(rows), dtype=np.bool_)
    keep[unsure[~due]] = False
    return rows[keep]


def _close(block: Block, year: Year, sums: Sums) -> None:
    """Count what people hold at the end of the year."""
    people, where = block.people, block.where
    size = GONE * D + 1
    block.drawing = np.flatnonzero(people.pension)
    rows = block.drawing
    sums.closing[0] += np.bincount(where, people.months, size).astype(np.int64)[:-1]
    sums.closing[1] += _fen(where, people.account, size)[:-1]
    sums.closing[2] += _fen(where[rows], people.pension[rows], size)[:-1]


class Walk:
    """Persons on their way through the year, most of whom move.

    Parameters
    ----------
    block, rows
        The block, and who of it walks.
    year, sums
        The year, and where to count.
    step
        The first step that they live through: 0 for who was there before.
    """

    def __init__(self, block: Block, rows: Ints, year: Year, sums: Sums, step: int) -> None:
        people = block.people
        self.block, self.rows, self.year, self.sums, self.step = block, rows, year, sums, step
        self.cell = block.cell[rows]
        self.before = self.cell.copy()
        place, self.birth = np.divmod(self.cell, year.births)
        self.status, self.place = np.divmod(place, PLACES)
        self.district = self.place // 2
        self.rank, self.klass = people.rank[rows], people.klass[rows]
        self.months, self.account = people.months[rows], people.account[rows]
        self.pension, self.entitled = people.pension[rows], people.entitled[rows]
        self.luck = np.empty(0)
        sums.vanished += _fen(self.district, self.account, D)

    def through(self, luck: Array) -> None:
        """Walk through the year with a number in [0, 1) each, and count."""
        self.luck, year = luck, self.year
        new = self.step > 0
        if new:
            low = year.odds[self.cell, self.step - 1]
            self.luck = low + luck * (1.0 - low)
        if self.step <= year.mid:
            self._move(year.mid)
            self._half_year(0, new=new)
            self._retire()
        self._move(year.odds.shape[1])
        self._half_year(1, new=new)

    def back(self) -> None:
        """Put everybody back into the block."""
        people, rows = self.block.people, self.rows
        self.sums.vanished -= _fen(self.district, self.account, D)
        self.block.cell[rows] = self.cell
        people.months[rows], people.account[rows] = self.months, self.account
        people.pension[rows], people.entitled[rows] = self.pension, self.entitled
        self.block.place(rows[self.cell != self.before], self.year.births)

    def _move(self, end: int) -> None:
        """Make the moves up to a step, as long as anybody makes one."""
        odds = self.year.odds
        if not end:
            return
        rows = np.flatnonzero(self.luck < odds[self.cell, end - 1])
        while len(rows):
            luck, ladder = self.luck[rows], odds[self.cell[rows]]
            step = (luck[:, None] >= ladder).sum(axis=1)
            some = np.arange(len(rows))
            low = np.where(step > 0, ladder[some, step - 1], 0.0)
            # What is left of the luck of who moved is uniform again.
            left = (luck - low) / (ladder[some, step] - low)
            status = self.status[rows]
            self._settle(rows, self.year.move[step, status], self.year.target[step, status], step)
            low = odds[self.cell[rows], self.year.last[step]]
            self.luck[rows] = low + left * (1.0 - low)
            rows = rows[self.luck[rows] < odds[self.cell[rows], end - 1]]

    def _settle(self, rows: Ints, move: Ints, target: Ints, step: Ints | int) -> None:
        """Note moves, and what goes along; accounts end with those who leave."""
        year, sums = self.year, self.sums
        early = np.less(step, year.aged)
        ages = ages_at(year.year, year.births)[self.birth[rows]]
        younger = ages_at(year.year - 1, year.births)[self.birth[rows]]
        sums.flow(move, self.place[rows], np.where(early, younger, ages))
        at = move * D + self.district[rows]
        for row, carried in enumerate((self.months, self.account, self.pension)):
            sums.carried[row] += _fen(at, carried[rows], sums.carried.shape[1])
        claim = rows[target == UNEMPLOYED]
        self.entitled[claim] = benefit_months(self.months[claim], *year.rates.claim)
        self._note(outcomes.ENTITLED, claim, self.entitled[claim])
        self._put(rows, target)
        gone = rows[target >= GONE]
        self.account[gone] = 0.0
        self.pension[gone] = 0.0
        self.months[gone] = 0

    def _put(self, rows: Ints, target: Ints) -> None:
        births = self.year.births
        self.status[rows] = target
        cell = (target * PLACES + self.place[rows]) * births + self.birth[rows]
        self.cell[rows] = np.minimum(cell, GONE * PLACES * births)

    def _half_year(self, half: int, *, new: bool) -> None:
        """Earn months and interest for half a year, and count who is where."""
        rates = self.year.rates
        self.months[self.status == OUTSIDE] = 0
        self.months += EARNED_HALF[self.status]
        pay = np.minimum(self.status, GONE) * RANKS + self.rank
        after = self.account * rates.keep_half[half][self.cell]
        after += rates.credit_half[half][pay]
        np.rint(after, out=after)
        self.sums.vanished += _fen(self.district, after - self.account, D)
        self.account = after
        moved = np.flatnonzero(self.cell != self.before)
        if new:
            self._count(half, np.arange(len(self.cell)), +1, self.cell)
        else:
            self._count(half, moved, -1, self.before)
            self._count(half, moved, +1, self.cell)

    def _count(self, half: int, rows: Ints, sign: int, cell: Ints) -> None:
        """Count heads and jobs in or out of cells."""
        np.add.at(self.sums.heads[half], cell[rows], sign)
        first = EMPLOYEE * PLACES * self.year.births
        size = PLACES * self.year.births
        rows = rows[(cell[rows] >= first) & (cell[rows] < first + size)]
        job = (self.district[rows] * CLASSES + self.klass[rows]) * RANKS + self.rank[rows]
        np.add.at(self.sums.jobs[half], job, sign)

    def _retire(self) -> None:
        """Reach the pensionable age by the own month of birth; vest by the own months."""
        year, people, rule = self.year, self.block.people, self.year.retirement
        cadre, month = people.cadre[self.rows], people.month[self.rows]
        by = rule.rule[self.status, self.place % 2, cadre]
        rows = np.flatnonzero(rule.due[by, self.birth, month])
        status = self.status[rows]
        number = year.rates.number
        enough = vested(self.months[rows], number["retirement.min_months"])
        first = rule.vesting[status] & rule.reached[by[rows], self.birth[rows], month[rows]]
        self._note(outcomes.VESTED, rows[first], enough[first])
        enough |= ~rule.vesting[status]
        annuity = rule.annuity[by[rows], self.birth[rows], month[rows]]
        self._leave(rows[~enough], number["retirement.withdraw_share"])
        rows, status = rows[enough], status[enough]
        award = self._award(rows, status, annuity[enough])
        self._note_awards(rows, award)
        self._settle(rows, rule.award[status], rule.award_to[status], year.mid)
        self.pension[rows] = award
        at = rule.award[status] * D + self.district[rows]
        self.sums.awarded += _fen(at, award, len(self.sums.awarded))
        self._shift(rows, self.luck[rows], status)

    def _members(self, rows: Ints) -> Ints:
        return outcomes.members(self.status[rows], self.place[rows], self.birth[rows])

    def _note(self, quantity: int, rows: Ints, values: Ints) -> None:
        """Count persons by what becomes of them."""
        sums = self.sums
        outcomes.count(sums.outcomes, sums.totals, quantity, self._members(rows), values)

    def _note_awards(self, rows: Ints, award: Array) -> None:
        rates, sums, status = self.year.rates, self.sums, self.status[rows]
        own = np.where(
            status == CIVIL, rates.number["base_civil"], rates.base["base"][self.rank[rows]]
        )
        base = np.where(status == RESIDENT, 0.0, own)
        held = (self.months[rows], award, base, self.year.retirement.vesting[status])
        outcomes.count_awards(sums.outcomes, sums.totals, self._members(rows), *held)

    def _leave(self, rows: Ints, share: float) -> None:
        """Let some of those who lack months take their account; luck decides, and is handed on."""
        rule, mid = self.year.retirement, self.year.mid
        status = self.status[rows].copy()
        low = self.year.odds[self.cell[rows], mid - 1] if mid else np.zeros(len(rows))
        luck = (self.luck[rows] - low) / (1.0 - low)
        leaves = luck < share
        luck[leaves] /= share if share else 1.0
        luck[~leaves] = (luck[~leaves] - share) / (1.0 - share if share < 1.0 else 1.0)
        left = rows[leaves]
        self._settle(left, rule.leave[status[leaves]], rule.leave_to[status[leaves]], mid)
        self.account[left] = 0.0
        low = self.year.odds[self.cell[rows], mid - 1] if mid else np.zeros(len(rows))
        self.luck[rows] = low + luck * (1.0 - low)

    def _shift(self, rows: Ints, luck: Array, source: Ints) -> None:
        """Hand the luck of those who moved without using it on to their new cell."""
        mid, odds, births = self.year.mid, self.year.odds, self.year.births
        if not mid:
            return
        cell = (source * PLACES + self.place[rows]) * births + self.birth[rows]
        before, low = odds[cell, mid - 1], odds[self.cell[rows], mid - 1]
        self.luck[rows] = low + (luck - before) / (1.0 - before) * (1.0 - low)

    def _award(self, rows: Ints, status: Ints, annuity: Array) -> Array:
        """Return the pensions that begin, fen a month."""
        number = self.year.rates.number
        account = self.account[rows] / FEN
        index = number["pension.mean_index"] * self.block.people.index[self.rows[rows]]
        own = pension.employee_pension(
            number["pension.award_base"],
            index,
            self.months[rows] / 12,
            number["pension.accrual"],
            account,
            annuity,
            number["pension.deemed_years"],
            number["pension.transitional_coefficient"],
        )
        civil = pension.civil_pension(number["base_civil"], number["civil.replacement"])
        base = number["resident_base"]
        residents = resident.resident_pension(base, 0, account, annuity, 0, 0)
        award = np.where(status == CIVIL, civil, np.where(status == RESIDENT, residents, own))
        return np.asarray(np.rint(FEN * award))
