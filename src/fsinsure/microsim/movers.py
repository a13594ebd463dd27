"""The walk through a year of those who move, or are due for a pension."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.dims import DISTRICTS
from fsinsure.microsim import histograms, person_rules
from fsinsure.microsim.counters import CLASSES, fen
from fsinsure.microsim.year_tables import TRACKS
from fsinsure.state import CODE, GONE, PLACES, RANKS, People, cells
from fsinsure.statuses import PAYING, PENSIONERS, STATUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array
    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.year_tables import Year

    Ints = NDArray[np.intp]

EMPLOYEE, NOT_INSURED, UNEMPLOYED = STATUS["employee"], STATUS["not_insured"], STATUS["unemployed"]
RETIREE = STATUS["retiree"]
D: Final = len(DISTRICTS)
IS_PENSIONER: Final = np.array([status in PENSIONERS for status in CODE])
EARNED_HALF: Final = np.array([6 * (status in PAYING) for status in CODE], dtype=np.uint16)
"""Months that half a year in a status earns ``[code]``."""

DRAWN_HALF: Final = np.array([6 * (status == "unemployed") for status in CODE], dtype=np.uint8)
"""Months of benefit that half a year in a status draws, as far as there are any left ``[code]``."""


class Cells(NamedTuple):
    """What a cell's code stands for ``[cell]``; who is gone is of no place and no birth: 0."""

    status: Ints
    place: Ints
    birth: Ints


@lru_cache(maxsize=4)
def decode(births: int) -> Cells:
    """Return what the cells stand for."""
    place, birth = np.divmod(np.arange(cells(births)), births)
    status, place = np.divmod(place, PLACES)
    assert status[-1] == GONE
    return Cells(status, place, birth)


class Block:
    """A block of persons on its way: their state, and what follows from it and is kept beside it.

    Parameters
    ----------
    people
        Changed in place.
    births
        How many years of birth there are.

    Attributes
    ----------
    cell
        As of the people, wide enough to look things up.
    pay
        Status and rank together: by them accounts are credited.
    where
        Status and district together: by them is counted what people hold.
    drawing
        Rows of those with a pension.
    """

    def __init__(self, people: People, births: int) -> None:
        self.people = people
        self.cell = people.cell.astype(np.intp)
        self.where = self.cell // (2 * births)
        self.pay = self.where // D * RANKS + people.rank
        self.drawing = np.flatnonzero(people.pension)

    def move(self, rows: Ints, cell: Ints, births: int) -> None:
        """Put some persons into other cells."""
        self.cell[rows] = cell
        where = cell // (2 * births)
        self.where[rows] = where
        self.pay[rows] = where // D * RANKS + self.people.rank[rows]


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
        self.cells = decode(year.births)
        self.codes = histograms.codes(year.births)
        self.before = block.cell.take(rows)
        self.cell = self.before.copy()
        self.months, self.pension = people.months.take(rows), people.pension.take(rows)
        self.account = people.account.take(rows)
        self.entitled, self.claimed = people.entitled.take(rows), people.claimed.take(rows)
        self.ended = self.account.copy()
        self.luck = np.empty(0)

    def through(self, luck: Array) -> None:
        """Walk through the year with a number in [0, 1) each, and count."""
        year = self.year
        self.luck = self._spread(self.cell, self.step, luck) if self.step else luck
        mid, retirement, _ = year.marks
        if self.step <= mid:
            self._move(0)
            self._half_year(0)
        if self.step <= retirement:
            self._move(1)
            self._retire()
        self._move(2)
        self._half_year(1)

    def back(self) -> None:
        """Put everybody back into the block."""
        people, rows = self.block.people, self.rows
        district = self.cells.place.take(self.before) // 2
        self.sums.vanished += fen(district, self.ended - self.account, D)
        people.months[rows], people.account[rows] = self.months, self.account
        people.pension[rows] = self.pension
        people.entitled[rows], people.claimed[rows] = self.entitled, self.claimed
        moved = np.flatnonzero(self.cell != self.before)
        self.block.move(rows[moved], self.cell[moved], self.year.births)

    def _spread(self, cell: Ints, step: Ints | int, luck: Array) -> Array:
        """Spread luck over what the steps from one on share out, for people of cells."""
        odds = self.year.odds
        low = odds.ravel().take(cell * odds.shape[1] + step)
        return np.asarray(low + luck * (1.0 - low))

    def _gather(self, cell: Ints, step: int, luck: Array) -> Array:
        """Return the luck of people of cells who did not move before a step: uniform again."""
        low = self.year.odds[:, step].take(cell)
        return np.asarray((luck - low) / (1.0 - low))

    def _move(self, mark: int) -> None:
        """Make the moves before a mark, as long as anybody makes one."""
        year, reach, width = self.year, self.year.reach[mark], self.year.odds.shape[1]
        rows = np.flatnonzero(self.luck < reach.take(self.cell))
        while len(rows):
            luck, cell = self.luck.take(rows), self.cell.take(rows)
            ladder = year.odds.take(cell, axis=0)
            step = (luck[:, None] < ladder[:, 1:]).argmax(axis=1)
            at = np.arange(0, len(rows) * width, width) + step
            low, high = ladder.ravel().take(at), ladder.ravel().take(at + 1)
            code = step * len(CODE) + self.cells.status.take(cell)
            now = self._settle(
                rows, cell, year.move.ravel().take(code), year.target.ravel().take(code), step
            )
            # What is left of the luck of who moved is uniform again.
            luck = self._spread(now, year.after.take(step), (luck - low) / (high - low))
            self.luck[rows] = luck
            rows = rows[luck < reach.take(now)]

    def _settle(self, rows: Ints, cell: Ints, move: Ints, target: Ints, step: Ints | int) -> Ints:
        """Note moves, and what goes along; accounts end with those who leave.

        Returns
        -------
        Ints
            The cells where they are now.
        """
        year, sums, cells = self.year, self.sums, self.cells
        place, birth = cells.place.take(cell), cells.birth.take(cell)
        sums.flow(move, place, year.ages.ravel().take(step * year.births + birth))
        at = move * D + place // 2
        size = sums.carried.shape[1]
        sums.carried[0] += fen(at, self.months.take(rows), size)
        sums.carried[1] += fen(at, self.account.take(rows), size)
        sums.carried[2] += fen(at, self.pension.take(rows), size)
        claim = np.flatnonzero(target == UNEMPLOYED)
        if len(claim):
            self._claim(rows[claim], self.codes.take(cell[claim]))
        now = cell + (target - cells.status.take(cell)) * (PLACES * year.births)
        now = np.minimum(now, len(cells.status) - 1)
        self.cell[rows] = now
        award = np.flatnonzero(IS_PENSIONER.take(target))
        if len(award):
            self._award(rows[award], cell[award], at[award], target[award])
        gone = rows[target >= GONE]
        self.account[gone] = self.pension[gone] = 0.0
        self.months[gone] = self.claimed[gone] = self.entitled[gone] = 0
        return now

    def _claim(self, rows: Ints, code: Ints) -> None:
        """Buy months of unemployment benefit with what was paid since the last claim."""
        left = self.entitled[rows].astype(np.int64)
        months = self.months[rows].astype(np.int64)
        law = self.year.rates.law
        self.entitled[rows] = person_rules.claimed_months(months, self.claimed[rows], left, law)
        self.claimed[rows] = self.months[rows]
        self.sums.notes.add(histograms.ENTITLED, code, self.entitled[rows])

    def _half_year(self, half: int) -> None:
        """Earn months and interest for half a year, and count who is where."""
        rates = self.year.rates
        status = self.cells.status.take(self.cell)
        outside = status == NOT_INSURED
        self.months[outside] = self.claimed[outside] = 0
        self.entitled -= np.minimum(self.entitled, DRAWN_HALF.take(status))
        self.months += EARNED_HALF.take(status)
        pay = status * RANKS + self.block.people.rank.take(self.rows)
        after = self.account * rates.keep_half[half].take(self.cell)
        after += rates.credit_half[half].take(pay)
        np.rint(after, out=after)
        self.ended += after - self.account
        self.account = after
        if self.step:
            self._count(half, np.arange(len(self.cell)), +1, self.cell)
        else:
            moved = np.flatnonzero(self.cell != self.before)
            self._count(half, moved, -1, self.before)
            self._count(half, moved, +1, self.cell)

    def _count(self, half: int, rows: Ints, sign: int, cell: Ints) -> None:
        """Count heads and jobs in or out of cells."""
        cell = cell.take(rows)
        np.add.at(self.sums.heads[half], cell, sign)
        size = PLACES * self.year.births
        job = np.flatnonzero((cell >= EMPLOYEE * size) & (cell < (EMPLOYEE + 1) * size))
        who, people = self.rows.take(rows.take(job)), self.block.people
        district = self.cells.place.take(cell.take(job)) // 2
        at = (district * CLASSES + people.klass.take(who)) * RANKS + people.rank.take(who)
        np.add.at(self.sums.jobs[half], at, sign)

    def _retire(self) -> None:
        """Reach the pension age by the own month of birth; vest by the own months."""
        year, people, rule = self.year, self.block.people, self.year.retirement
        step = year.marks[1]
        rows = np.flatnonzero(year.due.take(self.cell))
        cell, who = self.cell.take(rows), self.rows.take(rows)
        by = rule_of(year, cell, people.track.take(who), people.month.take(who))
        due = rule.due.ravel().take(by)
        rows, cell, by = rows[due], cell[due], by[due]
        status = self.cells.status.take(cell)
        minimum = rule.minimum.ravel().take(by)
        enough = np.asarray(person_rules.is_vested(self.months.take(rows), minimum))
        first = np.flatnonzero(rule.vesting.take(status) & rule.reached.ravel().take(by))
        self.sums.notes.add(histograms.VESTED, self.codes.take(cell[first]), enough[first])
        enough |= ~rule.vesting.take(status)
        # Those who lack months are asked at the statutory age, whenever they meant to claim.
        leave, claim = ~enough & rule.past.ravel().take(by), enough & rule.claims.ravel().take(by)
        self._leave(rows[leave], cell[leave], status[leave])
        rows, cell, status = rows[claim], cell[claim], status[claim]
        move, target = rule.award.take(status), rule.award_to.take(status)
        now = self._settle(rows, cell, move, target, step)
        # They moved without using their luck.
        luck = self._gather(cell, step, self.luck.take(rows))
        self.luck[rows] = self._spread(now, step, luck)

    def _leave(self, rows: Ints, cell: Ints, status: Ints) -> None:
        """Let some of those who lack months take their account; luck decides, and is handed on."""
        year, rule, step = self.year, self.year.retirement, self.year.marks[1]
        share = year.rates.law.withdraw_share
        luck = self._gather(cell, step, self.luck.take(rows))
        leaves = luck < share
        left, stay = np.flatnonzero(leaves), np.flatnonzero(~leaves)
        luck[left] /= share
        luck[stay] = (luck[stay] - share) / (1.0 - share)
        at, move, to = rows[left], rule.leave.take(status[left]), rule.leave_to.take(status[left])
        now = cell.copy()
        now[left] = self._settle(at, cell[left], move, to, step)
        self.account[at] = 0.0
        self.luck[rows] = self._spread(now, step, luck)

    def _award(self, rows: Ints, cell: Ints, at: Ints, target: Ints) -> None:
        """Set the pensions of those who join a status that has one, and note them.

        Parameters
        ----------
        cell
            Where they come from.
        at
            Number of the move and district together.
        """
        rates, people, who = self.year.rates, self.block.people, self.rows.take(rows)
        by = rule_of(self.year, cell, people.track.take(who), people.month.take(who))
        months, account = self.months.take(rows), self.account.take(rows)
        # In double precision, so that the compiled engine gives the same bits.
        index = people.index.take(who).astype(np.float64)
        divisor = self.year.retirement.divisor.ravel().take(by)
        award = np.asarray(
            person_rules.monthly_award(target, index, months, account, divisor, rates.law)
        )
        base = rates.base["base"].take(people.rank.take(who))
        replaced = np.asarray(person_rules.replaced_base(target, base, rates.law))
        self.sums.notes.add_awards(
            self.codes.take(cell), months, award, replaced, target == RETIREE
        )
        self.sums.awarded += fen(at, award, len(self.sums.awarded))
        self.pension[rows] = award


def rule_of(year: Year, cell: Ints, track: NDArray[np.uint8], month: NDArray[np.uint8]) -> Ints:
    """Return where persons find themselves in the tables ``[rule, birth, month]``, laid flat."""
    cells = decode(year.births)
    place = cells.place.take(cell)
    code = (cells.status.take(cell) * 2 + place % 2) * len(TRACKS) + track
    rule = year.retirement.rule.ravel().take(code)
    return np.asarray((rule * year.births + cells.birth.take(cell)) * 12 + month)
