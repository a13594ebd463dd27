"""The year of persons who move, or are due for a pension, as array operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.microsim import histograms, person_rules
from fsinsure.microsim.block import EMPLOYEE, HELD, IS_PENSIONER, UNEMPLOYED, Block, decode
from fsinsure.microsim.counters import add_some, add_whole, job_of
from fsinsure.microsim.tables import DRAWN_HALF, EARNED_HALF
from fsinsure.microsim.year_tables import TRACKS
from fsinsure.rules import indexation
from fsinsure.state import CODE, FEN, GONE, RANKS
from fsinsure.statuses import STATUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Flags
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables

    Ints = NDArray[np.intp]

RETIREE = STATUS["retiree"]
PAID_OUT: Final = ("months", "account", "months_at_last_claim")
"""What ends with the account that a person takes."""


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
        self.status = self.cells.status.take(self.cell)
        self.rank = block.people.rank.take(rows)
        self.stored = block.stored(rows)
        self.held = block.evaluate(rows, self.cell, self.status, year.opening)
        self.draws = np.empty(0)

    def live(self, draws: Array) -> None:
        """Simulate the year with a number in [0, 1) for each person, and count."""
        if self.step:
            self.draws = self._rescale(self.cell, self.step, draws)
        else:
            self.draws = draws
            self._index()
        if self.step <= self.tables.first_half:
            self._move(0)
            self._half_year(0)
        if self.step <= self.tables.retirement:
            self._move(1)
            self._retire()
        self._move(2)
        self._half_year(1)
        self._store()

    def _index(self) -> None:
        """Raise the pensions in payment on 1 January."""
        rows = np.flatnonzero(IS_PENSIONER.take(self.status))
        if not len(rows):
            return
        cell, tables, held = self.cell.take(rows), self.tables, self.held
        raised = indexation.three_part(
            held.pension.take(rows),
            held.months.take(rows) / 12,
            tables.flat.take(cell),
            tables.per_year.take(cell),
            tables.percent.take(cell),
            0.0,
        )
        held.pension[rows] = np.rint(raised)

    def _store(self) -> None:
        """Store what they hold, and count how the sums by cell change."""
        block, rows = self.block, self.rows
        if not self.step:
            self._count_stored(self.before, self.stored, -1)
        block.store(rows, self.cell, self.status, self.held, self.year.closing)
        self._count_stored(self.cell, block.stored(rows), +1)

    def _count_stored(self, cell: Ints, stored: tuple[Ints, Array, Array], sign: int) -> None:
        """Add what is stored to the sums by cell, or subtract it; few have a pension."""
        months, account, pension = self.counters.held
        np.add.at(months, cell, sign * stored[0])
        np.add.at(account, cell, sign * stored[1].astype(np.int64))
        add_some(pension, cell, sign * stored[2])

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
        ends = 0, tables.first_half, tables.retirement, len(tables.target)
        if ends[segment] == ends[segment + 1]:  # it has no moves
            return
        width = tables.cumulative_probability.shape[1]
        rows = np.flatnonzero(self.draws < before.take(self.cell))
        while len(rows):
            draws, cell = self.draws.take(rows), self.cell.take(rows)
            ladder = tables.cumulative_probability.take(cell, axis=0)
            step = (draws[:, None] < ladder[:, 1:]).argmax(axis=1)
            at = np.arange(0, len(rows) * width, width) + step
            low, high = ladder.ravel().take(at), ladder.ravel().take(at + 1)
            code = step * len(CODE) + self.status.take(rows)
            move, target = tables.move.ravel().take(code), tables.target.ravel().take(code)
            now = self._apply(rows, cell, move, target)
            # The position within the interval of the move is uniform again.
            draws = self._rescale(now, tables.next_event.take(step), (draws - low) / (high - low))
            self.draws[rows] = draws
            rows = rows[draws < before.take(now)]

    def _apply(self, rows: Ints, cell: Ints, move: Ints, target: Ints) -> Ints:
        """Apply moves and count them with what is carried; accounts of those who leave end.

        Returns
        -------
        Ints
            The new cells.
        """
        counters, held, code = self.counters, self.held, self.year.code
        place, birth = self.cells.place.take(cell), self.cells.birth.take(cell)
        np.add.at(counters.flows, (move * code.places + place) * code.births + birth, 1)
        at = move * code.areas + place // 2
        account = held.account.take(rows)
        add_whole(counters.carried[0], at, held.months.take(rows))
        add_whole(counters.carried[1], at, account)
        add_some(counters.carried[2], at, held.pension.take(rows))
        claim = np.flatnonzero(target == UNEMPLOYED)
        if len(claim):
            self._claim(rows[claim], cell[claim])
        now = cell + (target - self.status.take(rows)) * (code.places * code.births)
        now = np.minimum(now, len(self.cells.status) - 1)
        award = np.flatnonzero(IS_PENSIONER.take(target))
        if len(award):
            self._award(rows[award], cell[award], at[award], target[award])
        self.cell[rows], self.status[rows] = now, np.minimum(target, GONE)
        exited = np.flatnonzero(target >= GONE)
        add_whole(counters.vanished, place[exited] // 2, account[exited])
        for name in HELD:
            getattr(held, name)[rows[exited]] = 0
        return now

    def _claim(self, rows: Ints, cell: Ints) -> None:
        """Grant months of unemployment benefit for the contributions since the last claim."""
        held, months = self.held, self.held.months[rows]
        before, left = held.months_at_last_claim[rows], held.benefit_months_left[rows]
        granted = person_rules.claimed_months(months, before, left, self.year.rates.law)
        held.benefit_months_left[rows] = granted
        held.months_at_last_claim[rows] = months
        self._record(histograms.ENTITLED, cell, held.benefit_months_left[rows])

    def _record(self, quantity: int, cell: Ints, values: NDArray[Any]) -> None:
        """Add values of persons by cell to the histograms."""
        self.counters.record(quantity, self.members.take(cell, axis=1), values)

    def _half_year(self, half: int) -> None:
        """Add months and interest of half a year, and count persons by cell."""
        tables, held, status = self.tables, self.held, self.status
        left = held.benefit_months_left
        left -= np.minimum(left, DRAWN_HALF.take(status))
        held.months += EARNED_HALF.take(status)
        held.account *= tables.account_factor[half].take(self.cell)
        held.account += tables.account_credit[half].take(status * RANKS + self.rank)
        np.rint(held.account, out=held.account)
        if self.step:
            self._count(half, np.arange(len(self.cell)), +1, self.cell)
        else:
            moved = np.flatnonzero(self.cell != self.before)
            self._count(half, moved, -1, self.before)
            self._count(half, moved, +1, self.cell)

    def _count(self, half: int, rows: Ints, sign: int, cell: Ints) -> None:
        """Add persons to, or subtract them from, the heads and jobs of cells."""
        cell = cell.take(rows)
        np.add.at(self.counters.heads[half], cell, sign)
        job = np.flatnonzero(self.cells.status.take(cell) == EMPLOYEE)
        who = rows.take(job)
        area = self.cells.place.take(cell.take(job)) // 2
        industry_class = self.block.people.industry_class.take(self.rows.take(who))
        np.add.at(self.counters.jobs[half], job_of(area, industry_class, self.rank.take(who)), sign)

    def _retire(self) -> None:
        """Retire persons by their month of birth; their own months decide whether they vest."""
        year, rule, step = self.year, self.year.retirement, self.tables.retirement
        rows = np.flatnonzero(year.stayers.examined.take(self.cell))
        if not len(rows):
            return
        cell = self.cell.take(rows)
        by = rule_of(year, cell, self.block, self.rows[rows])
        due = rule.due.ravel().take(by)
        rows, cell, by = rows[due], cell[due], by[due]
        status = self.cells.status.take(cell)
        minimum = rule.minimum.ravel().take(by)
        enough: Flags = np.asarray(
            person_rules.vested(self.held.months.take(rows), minimum), dtype=bool
        )
        first = np.flatnonzero(rule.vesting.take(status) & rule.reached.ravel().take(by))
        self._record(histograms.VESTED, cell[first], enough[first])
        enough |= ~rule.vesting.take(status)
        # Persons who lack months decide at the statutory age, whenever they meant to claim.
        leave, claim = ~enough & rule.past.ravel().take(by), enough & rule.claims.ravel().take(by)
        self._withdraw(rows[leave], cell[leave], status[leave])
        rows, cell, status = rows[claim], cell[claim], status[claim]
        self._count_retired(rows, cell, 0)
        now = self._apply(rows, cell, rule.award.take(status), rule.award_to.take(status))
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
        self._count_retired(at, cell[left], 1)
        now[left] = self._apply(at, cell[left], move, to)
        area = self.cells.place.take(cell[left]) // 2
        add_whole(self.counters.vanished, area, self.held.account.take(at))
        for name in PAID_OUT:
            getattr(self.held, name)[at] = 0
        self.draws[rows] = self._rescale(now, step, draws)

    def _count_retired(self, rows: Ints, cell: Ints, taken: int) -> None:
        """Count what persons carry who draw a pension or take their account, by the cell left."""
        held: tuple[NDArray[Any], ...] = self.held.months, self.held.account
        for total, amount in zip(self.counters.retired, held, strict=True):
            np.add.at(total[taken], cell, amount.take(rows).astype(np.int64))

    def _award(self, rows: Ints, cell: Ints, at: Ints, target: Ints) -> None:
        """Set the pensions of persons who join a status that has one, and record them.

        Parameters
        ----------
        cell
            Before the move.
        at
            Number of the move and area together.
        """
        law, people, who = self.year.rates.law, self.block.people, self.rows[rows]
        retirement = self.year.retirement
        by = rule_of(self.year, cell, self.block, who)
        months, account = self.held.months.take(rows), self.held.account.take(rows)
        # In double precision, so that the compiled engine gives the same bits.
        index = people.contribution_index.take(who).astype(np.float64)
        divisor = retirement.divisor.ravel().take(by)
        award = np.asarray(person_rules.monthly_award(target, index, months, account, divisor, law))
        retirees = target == RETIREE
        self._record(histograms.AWARD, cell, award)
        self._record(histograms.MONTHS, cell[retirees], months[retirees])
        base = retirement.base.take(self.rank.take(rows))
        replaced = np.asarray(person_rules.replaced_base(target, base, law))
        has_rate = replaced > 0.0
        rate = award[has_rate] / replaced[has_rate] * (histograms.MILLION / FEN)
        self._record(histograms.REPLACEMENT, cell[has_rate], np.rint(rate))
        add_whole(self.counters.awarded, at, award)
        self.held.pension[rows] = award


def rule_of(year: YearTables, cell: Ints, block: Block, rows: Ints) -> Ints:
    """Return the flat index of some persons in the tables ``[rule, birth, month of birth]``."""
    own, people = decode(year.code), block.people
    code = own.status.take(cell) * 2 + own.place.take(cell) % 2
    rule = year.retirement.rule.ravel().take(code * len(TRACKS) + people.track.take(rows))
    return np.asarray(
        (rule * year.code.births + own.birth.take(cell)) * 12 + people.month.take(rows)
    )
