"""The year of persons who move, or are due for a pension, as array operations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from fsinsure.dims import AGES
from fsinsure.microsim import histograms, person_rules
from fsinsure.microsim.counters import add_whole, job_of
from fsinsure.microsim.tables import ALL_BITS, DRAWN_HALF
from fsinsure.microsim.year_tables import TRACKS
from fsinsure.state import CODE, FEN, GONE, RANKS, CellCode, People
from fsinsure.statuses import PENSIONERS, STATUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Flags
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables

    Ints = NDArray[np.intp]

EMPLOYEE, UNEMPLOYED = STATUS["employee"], STATUS["unemployed"]
RETIREE = STATUS["retiree"]
CHANGED: Final = ("months", "account", "pension", "benefit_months_left", "months_at_last_claim")
"""What changes of a person within a year, besides the cell."""
PAID_OUT: Final = ("months", "account", "months_at_last_claim")
"""What ends with the account that a person takes."""
IS_PENSIONER: Final = np.array([status in PENSIONERS for status in CODE])


class Cells(NamedTuple):
    """Status, place and year of birth of each cell ``[cell]``; 0 of the last one."""

    status: Ints
    place: Ints
    birth: Ints


@lru_cache(maxsize=4)
def decode(code: CellCode) -> Cells:
    """Return what the cells mean."""
    own, birth = np.divmod(np.arange(code.cells), code.births)
    status, place = np.divmod(own, code.places)
    assert status[-1] == GONE
    return Cells(status, place, birth)


class Block:
    """A block of persons, with indices derived from their cells.

    Parameters
    ----------
    people
        Changed in place.
    code
        Of their cells.

    Attributes
    ----------
    cell
        As of the people, of the type of indices.
    status_rank
        Status and rank together: the index of credits of accounts.
    status_area
        Status and area together: the index of totals.
    drawing
        Rows of persons with a pension.
    """

    def __init__(self, people: People, code: CellCode) -> None:
        self.people = people
        self.code = code
        self.cell = people.cell.astype(np.intp)
        self.status_area = self.cell // (2 * code.births)
        self.status_rank = self.status_area // code.areas * RANKS + people.rank
        self.drawing = np.flatnonzero(people.pension)

    def move(self, rows: Ints, cell: Ints) -> None:
        """Put some persons into other cells."""
        self.cell[rows] = cell
        status_area = cell // (2 * self.code.births)
        self.status_area[rows] = status_area
        self.status_rank[rows] = status_area // self.code.areas * RANKS + self.people.rank[rows]


class MoverState:
    """The state of persons during a year, most of whom move.

    Parameters
    ----------
    block, rows
        The block, and the rows of these persons.
    year, counters
        The tables of the year, and where to count.
    step
        The first step in which they take part: 0 for persons who were present before.
    """

    def __init__(
        self, block: Block, rows: Ints, year: YearTables, counters: Counters, step: int
    ) -> None:
        self.block, self.rows, self.counters, self.step = block, rows, counters, step
        self.year, self.tables = year, year.movers
        self.cells = decode(year.code)
        self.members = histograms.members_of(year.code)
        self.before = block.cell.take(rows)
        self.cell = self.before.copy()
        self.people = block.people.take(rows)
        self.ended = self.people.account.copy()
        self.draws = np.empty(0)

    def simulate(self, draws: Array) -> None:
        """Simulate the year with a number in [0, 1) for each person, and count."""
        self.draws = self._rescale(self.cell, self.step, draws) if self.step else draws
        if self.step <= self.tables.first_half:
            self._move(0)
            self._half_year(0)
        if self.step <= self.tables.retirement:
            self._move(1)
            self._retire()
        self._move(2)
        self._half_year(1)

    def store(self) -> None:
        """Write the state back into the block."""
        area = self.cells.place.take(self.before) // 2
        add_whole(self.counters.vanished, area, self.ended - self.people.account)
        for name in CHANGED:
            getattr(self.block.people, name)[self.rows] = getattr(self.people, name)
        moved = np.flatnonzero(self.cell != self.before)
        self.block.move(self.rows[moved], self.cell[moved])

    def _rescale(self, cell: Ints, step: Ints | int, draws: Array) -> Array:
        """Map uniform numbers to the interval of the steps from one on, of persons by cell."""
        probability = self.tables.cumulative_probability
        low = probability.ravel().take(cell * probability.shape[1] + step)
        return np.asarray(low + draws * (1.0 - low))

    def _residual(self, cell: Ints, step: int, draws: Array) -> Array:
        """Return uniform numbers from those of persons who did not move before a step."""
        low = self.tables.cumulative_probability[:, step].take(cell)
        return np.asarray((draws - low) / (1.0 - low))

    def _move(self, segment: int) -> None:
        """Make all moves of a segment of the year (:attr:`MoverTables.cumulative_before`)."""
        tables, before = self.tables, self.tables.cumulative_before[segment]
        width = tables.cumulative_probability.shape[1]
        rows = np.flatnonzero(self.draws < before.take(self.cell))
        while len(rows):
            draws, cell = self.draws.take(rows), self.cell.take(rows)
            ladder = tables.cumulative_probability.take(cell, axis=0)
            step = (draws[:, None] < ladder[:, 1:]).argmax(axis=1)
            at = np.arange(0, len(rows) * width, width) + step
            low, high = ladder.ravel().take(at), ladder.ravel().take(at + 1)
            code = step * len(CODE) + self.cells.status.take(cell)
            move, target = tables.move.ravel().take(code), tables.target.ravel().take(code)
            now = self._apply(rows, cell, move, target, step)
            # The position within the interval of the move is uniform again.
            draws = self._rescale(now, tables.next_event.take(step), (draws - low) / (high - low))
            self.draws[rows] = draws
            rows = rows[draws < before.take(now)]

    def _apply(self, rows: Ints, cell: Ints, move: Ints, target: Ints, step: Ints | int) -> Ints:
        """Apply moves and count them with what is carried; accounts of those who leave end.

        Returns
        -------
        Ints
            The new cells.
        """
        counters, people, code = self.counters, self.people, self.year.code
        place, birth = self.cells.place.take(cell), self.cells.birth.take(cell)
        age = self.tables.ages.ravel().take(step * code.births + birth)
        np.add.at(counters.flows, (move * code.places + place) * AGES + age, 1)
        at = move * code.areas + place // 2
        held: tuple[NDArray[Any], ...] = people.months, people.account, people.pension
        for total, amount in zip(counters.carried, held, strict=True):
            add_whole(total, at, amount.take(rows))
        claim = np.flatnonzero(target == UNEMPLOYED)
        if len(claim):
            self._claim(rows[claim], cell[claim])
        now = cell + (target - self.cells.status.take(cell)) * (code.places * code.births)
        now = np.minimum(now, len(self.cells.status) - 1)
        self.cell[rows] = now
        award = np.flatnonzero(IS_PENSIONER.take(target))
        if len(award):
            self._award(rows[award], cell[award], at[award], target[award])
        exited = rows[target >= GONE]
        for name in CHANGED:
            getattr(people, name)[exited] = 0
        return now

    def _claim(self, rows: Ints, cell: Ints) -> None:
        """Grant months of unemployment benefit for the contributions since the last claim."""
        people, law = self.people, self.year.rates.law
        months, left = (
            array[rows].astype(np.int64) for array in (people.months, people.benefit_months_left)
        )
        before = people.months_at_last_claim[rows]
        granted = person_rules.claimed_months(months, before, left, law)
        people.benefit_months_left[rows] = granted
        people.months_at_last_claim[rows] = people.months[rows]
        self._record(histograms.ENTITLED, cell, people.benefit_months_left[rows])

    def _record(self, quantity: int, cell: Ints, values: NDArray[Any]) -> None:
        """Add values of persons by cell to the histograms."""
        self.counters.record(quantity, self.members.take(cell, axis=1), values)

    def _half_year(self, half: int) -> None:
        """Add months and interest of half a year, and count persons by cell."""
        tables, people, status = self.tables, self.people, self.cells.status.take(self.cell)
        people.benefit_months_left -= np.minimum(
            people.benefit_months_left, DRAWN_HALF.take(status)
        )
        people.months += tables.months_earned.take(status)
        after = people.account * tables.account_factor[half].take(self.cell)
        after += tables.account_credit[half].take(status * RANKS + people.rank)
        np.rint(after, out=after)
        self.ended += after - people.account
        people.account = after
        if self.step:
            self._count(half, np.arange(len(self.cell)), +1, self.cell)
        else:
            moved = np.flatnonzero(self.cell != self.before)
            self._count(half, moved, -1, self.before)
            self._count(half, moved, +1, self.cell)

    def _count(self, half: int, rows: Ints, sign: int, cell: Ints) -> None:
        """Add persons to, or subtract them from, the heads and jobs of cells."""
        cell, people = cell.take(rows), self.people
        np.add.at(self.counters.heads[half], cell, sign)
        job = np.flatnonzero(self.cells.status.take(cell) == EMPLOYEE)
        who = rows.take(job)
        area = self.cells.place.take(cell.take(job)) // 2
        at = job_of(area, people.industry_class.take(who), people.rank.take(who))
        np.add.at(self.counters.jobs[half], at, sign)

    def _retire(self) -> None:
        """Retire persons by their month of birth; their own months decide whether they vest."""
        year, rule, step = self.year, self.year.retirement, self.tables.retirement
        rows = np.flatnonzero(year.stayers.candidate_threshold.take(self.cell) == ALL_BITS)
        cell = self.cell.take(rows)
        by = rule_of(year, cell, self.people, rows)
        due = rule.due.ravel().take(by)
        rows, cell, by = rows[due], cell[due], by[due]
        status = self.cells.status.take(cell)
        minimum = rule.minimum.ravel().take(by)
        enough: Flags = np.asarray(
            person_rules.vested(self.people.months.take(rows), minimum), dtype=bool
        )
        first = np.flatnonzero(rule.vesting.take(status) & rule.reached.ravel().take(by))
        self._record(histograms.VESTED, cell[first], enough[first])
        enough |= ~rule.vesting.take(status)
        # Persons who lack months decide at the statutory age, whenever they meant to claim.
        leave, claim = ~enough & rule.past.ravel().take(by), enough & rule.claims.ravel().take(by)
        self._withdraw(rows[leave], cell[leave], status[leave])
        rows, cell, status = rows[claim], cell[claim], status[claim]
        self._count_retired(rows, cell)
        now = self._apply(rows, cell, rule.award.take(status), rule.award_to.take(status), step)
        # No random number was used for this move.
        draws = self._residual(cell, step, self.draws.take(rows))
        self.draws[rows] = self._rescale(now, step, draws)

    def _withdraw(self, rows: Ints, cell: Ints, status: Ints) -> None:
        """Pay out the accounts of some persons who lack months, drawn at random."""
        rule, step = self.year.retirement, self.tables.retirement
        share = self.year.rates.law.withdraw_share
        draws = self._residual(cell, step, self.draws.take(rows))
        leaves = draws < share
        left, stay = np.flatnonzero(leaves), np.flatnonzero(~leaves)
        draws[left] /= share
        draws[stay] = (draws[stay] - share) / (1.0 - share)
        at, move, to = rows[left], rule.leave.take(status[left]), rule.leave_to.take(status[left])
        now = cell.copy()
        self._count_retired(at, cell[left] + self.year.code.cells)
        now[left] = self._apply(at, cell[left], move, to, step)
        for name in PAID_OUT:
            getattr(self.people, name)[at] = 0
        self.draws[rows] = self._rescale(now, step, draws)

    def _count_retired(self, rows: Ints, at: Ints) -> None:
        """Count what persons carry who draw a pension or take their account."""
        held: tuple[NDArray[Any], ...] = self.people.months, self.people.account
        for total, amount in zip(self.counters.retired, held, strict=True):
            np.add.at(total, at, amount.take(rows).astype(np.int64))

    def _award(self, rows: Ints, cell: Ints, at: Ints, target: Ints) -> None:
        """Set the pensions of persons who join a status that has one, and record them.

        Parameters
        ----------
        cell
            Before the move.
        at
            Number of the move and area together.
        """
        law, people = self.year.rates.law, self.people
        retirement = self.year.retirement
        by = rule_of(self.year, cell, people, rows)
        months, account = people.months.take(rows), people.account.take(rows)
        # In double precision, so that the compiled engine gives the same bits.
        index = people.contribution_index.take(rows).astype(np.float64)
        divisor = retirement.divisor.ravel().take(by)
        award = np.asarray(person_rules.monthly_award(target, index, months, account, divisor, law))
        retirees = target == RETIREE
        self._record(histograms.AWARD, cell, award)
        self._record(histograms.MONTHS, cell[retirees], months[retirees])
        base = retirement.base.take(people.rank.take(rows))
        replaced = np.asarray(person_rules.replaced_base(target, base, law))
        has_rate = replaced > 0.0
        rate = award[has_rate] / replaced[has_rate] * (histograms.MILLION / FEN)
        self._record(histograms.REPLACEMENT, cell[has_rate], np.rint(rate))
        add_whole(self.counters.awarded, at, award)
        people.pension[rows] = award


def rule_of(year: YearTables, cell: Ints, people: People, rows: Ints) -> Ints:
    """Return the flat index of some persons in the tables ``[rule, birth, month of birth]``."""
    own = decode(year.code)
    code = own.status.take(cell) * 2 + own.place.take(cell) % 2
    rule = year.retirement.rule.ravel().take(code * len(TRACKS) + people.track.take(rows))
    return np.asarray(
        (rule * year.code.births + own.birth.take(cell)) * 12 + people.month.take(rows)
    )
