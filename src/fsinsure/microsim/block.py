"""A block of persons with what they hold, as it is stored while they stay in their cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.microsim.growth import (
    account_held,
    account_stored,
    pension_held,
    pension_stored,
    stored_at_start,
)
from fsinsure.state import CODE, GONE, RANKS
from fsinsure.statuses import PENSIONERS, STATUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Flags
    from fsinsure.microsim.growth import Growth
    from fsinsure.state import CellCode, CellCodes, People

    Ints = NDArray[np.intp]

EMPLOYEE, UNEMPLOYED = STATUS["employee"], STATUS["unemployed"]
IS_PENSIONER: Final = np.array([status in PENSIONERS for status in CODE])


MANY: Final = 8
"""Part of a block that must be gone before it is made smaller: one in so many."""


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


@dataclass(eq=False)
class Held:
    """What persons hold: months, and whole fen; the names are those of people."""

    months: Ints
    account: Array
    pension: Array
    benefit_months_left: Ints
    months_at_last_claim: Ints


HELD: Final = tuple(Held.__dataclass_fields__)
"""What changes of a person within a year, besides the cell."""


class Block:
    """A block of persons.

    Parameters
    ----------
    people
        Changed in place by :meth:`write`.
    code
        Of their cells.

    Attributes
    ----------
    index
        Where the persons are among the people: they lie by cell, and those who are gone leave.
    in_order
        Whether they are the people in their order.
    people
        Their traits, and the months at the last claim.
    cell
        As of the people, of the type of indices.
    months, account, pension, benefit_months_left
        As stored.
    """

    def __init__(self, people: People, code: CellCode) -> None:
        self.everybody, self.code = people, code
        order = _order(people.cell, code)
        self.in_order = order is None
        self.index: Ints = np.arange(len(people)) if order is None else order
        self.people = people if order is None else people.take(order)
        self.cell = self.people.cell.astype(np.intp)
        self.months = self.people.months.astype(np.int64)
        self.benefit_months_left = self.people.benefit_months_left.astype(np.int64)
        _, self.account, self.pension = stored_at_start(self.people)

    def wait(self, rows: Ints) -> None:
        """Leave some persons out until they enter: they are as if they were gone."""
        self.cell[rows] = self.code.cells - 1

    def enter(self, rows: Ints, opening: Growth) -> None:
        """Store what some persons have as they enter.

        Parameters
        ----------
        opening
            What staying has added before.
        """
        cell = self.people.cell[rows].astype(np.intp)
        if not opening.months.any():  # nothing has grown: that is how they are stored
            self.cell[rows] = cell
            return
        held = Held(*(getattr(self.people, name)[rows] for name in HELD))
        held.months = held.months.astype(np.int64)
        held.benefit_months_left = held.benefit_months_left.astype(np.int64)
        self.store(rows, cell, decode(self.code).status.take(cell), held, opening)

    def stored(self, rows: Ints) -> tuple[Ints, Array, Array]:
        """Return months, accounts and pensions of some persons as they are stored."""
        return self.months.take(rows), self.account.take(rows), self.pension.take(rows)

    def evaluate(self, rows: Ints, cell: Ints, status: Ints, growth: Growth) -> Held:
        """Return what some persons hold in their cells, by the growth until then."""
        months = self.months.take(rows) + growth.months.take(status)
        credited = growth.credited.take(status * RANKS + self.people.rank.take(rows))
        scale = growth.account_scale.take(cell)
        account = np.asarray(account_held(self.account.take(rows), credited, scale))
        pension = np.zeros(len(rows))
        paid = np.flatnonzero(IS_PENSIONER.take(status))
        if len(paid):
            rise = _rise(growth, cell[paid])
            pension[paid] = pension_held(self.pension.take(rows[paid]), months[paid], *rise)
        left = np.maximum(self.benefit_months_left.take(rows) - growth.drawn.take(status), 0)
        claimed = self.people.months_at_last_claim.take(rows).astype(np.int64)
        return Held(months, account, pension, left, claimed)

    def store(self, rows: Ints, cell: Ints, status: Ints, held: Held, growth: Growth) -> None:
        """Put some persons into cells, and store what they hold, by the growth until then."""
        self.cell[rows] = cell
        credited = growth.credited.take(status * RANKS + self.people.rank.take(rows))
        scale = growth.account_scale.take(cell)
        self.account[rows] = account_stored(held.account, credited, scale)
        pension = np.zeros(len(rows))
        paid = np.flatnonzero(IS_PENSIONER.take(status))
        if len(paid):
            rise = _rise(growth, cell[paid])
            pension[paid] = pension_stored(held.pension[paid], held.months[paid], *rise)
        self.pension[rows] = pension
        self.months[rows] = held.months - growth.months.take(status)
        self.benefit_months_left[rows] = held.benefit_months_left + growth.drawn.take(status)
        self.people.months_at_last_claim[rows] = held.months_at_last_claim

    def drop_gone(self, waiting: Flags) -> None:
        """Leave out those who died or left, if they are many; they hold nothing.

        Parameters
        ----------
        waiting
            Who of the people has yet to enter.
        """
        gone = (self.cell == self.code.cells - 1) & ~waiting[self.index]
        if MANY * np.count_nonzero(gone) < max(len(gone), 1):
            return
        exited, alive = self.index[gone], np.flatnonzero(~gone)
        self.everybody.cell[exited] = self.code.cells - 1
        for name in HELD:
            getattr(self.everybody, name)[exited] = 0
        self.people, self.index = self.people.take(alive), self.index[alive]
        self.in_order = False
        self.cell, self.benefit_months_left = self.cell[alive], self.benefit_months_left[alive]
        self.months, self.account, self.pension = self.stored(alive)

    def pensions(self, growth: Growth) -> tuple[Ints, Array]:
        """Return the cells of pensioners, and their pensions by the end of a year."""
        status = decode(self.code).status.take(self.cell)
        paid = np.flatnonzero(IS_PENSIONER.take(status))
        cell, months = self.cell.take(paid), self.months.take(paid)
        held = pension_held(self.pension.take(paid), months, *_rise(growth, cell))
        return cell, np.asarray(held)

    def write(self, growth: Growth) -> None:
        """Write the cells, and what persons hold by the end of a year, into the people."""
        status = decode(self.code).status.take(self.cell)
        held = self.evaluate(np.arange(len(self.cell)), self.cell, status, growth)
        self.everybody.cell[self.index] = self.cell
        for name in HELD:
            getattr(self.everybody, name)[self.index] = getattr(held, name)


def _order(cell: CellCodes, code: CellCode) -> Ints | None:
    """Return an order of persons by cell; None if those of a cell lie together already.

    Persons of a cell read the same rows of tables: in the order of a file they take longer.
    """
    if np.count_nonzero(cell[1:] != cell[:-1]) < code.cells:
        return None
    return np.argsort(cell, kind="stable")


def _rise(growth: Growth, cell: Ints) -> tuple[Array, Array, Array]:
    """Return flat, per_month and scale of pensions by cell."""
    return growth.flat.take(cell), growth.per_month.take(cell), growth.pension_scale.take(cell)
