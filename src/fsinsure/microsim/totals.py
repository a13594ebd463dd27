"""The totals of a year from sums of stored amounts by cell (:mod:`fsinsure.microsim.growth`).

The sums are exact integers; what is computed of them here, in floating point and in a fixed order,
has the same bits for any division of the persons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.microsim.block import EMPLOYEE
from fsinsure.microsim.counters import CLASSES
from fsinsure.state import GONE, RANKS
from fsinsure.statuses import STATUSES

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.growth import Growth
    from fsinsure.state import CellCode


def closing(held: Ints, heads: Ints, jobs: Ints, growth: Growth, code: CellCode) -> Array:
    """Return what persons hold at the end of a year ``[3, status, area]``: months, fen, fen.

    Parameters
    ----------
    held
        Sums of stored months, accounts and pensions ``[3, cell]``.
    heads
        Persons ``[cell]``.
    jobs
        Employees by area, industry class and wage rank (flat).
    growth
        By the end of the year.
    code
        Of the cells.
    """
    months, account, _ = (_by_status(one, code) for one in held)
    persons = _by_status(heads, code)
    months = months + growth.months[:GONE, None, None] * persons
    scale = _by_status(growth.account_scale, code)
    # Accounts with credits grow at one rate in a status, and credits differ by rank in jobs alone.
    credited = growth.credited.reshape(GONE + 1, RANKS)
    units = credited[:GONE, 0, None] * persons.sum(axis=2)
    ranks = jobs.reshape(code.areas, CLASSES, RANKS).sum(axis=1)
    units[EMPLOYEE] = (ranks * credited[EMPLOYEE]).sum(axis=1)
    fen = (account * scale).sum(axis=2) + scale[:, :, 0] * units
    return np.stack([months.sum(axis=2), fen, in_payment(held, heads, growth, code)])


def in_payment(held: Ints, heads: Ints, growth: Growth, code: CellCode) -> Array:
    """Return the pensions in payment ``[status, area]``, fen a month.

    Parameters
    ----------
    growth
        By the end of a year. With the persons at its start it gives their pensions after the rise
        of 1 January.
    """
    months, _, pension = held
    units = pension + growth.flat * heads + growth.per_month * months
    return np.asarray(_by_status(units * growth.pension_scale, code).sum(axis=2))


def _by_status(cells: Array | Ints, code: CellCode) -> Array:
    """Return amounts by cell as ``[status, area, (sex, birth)]``, without the gone."""
    return np.asarray(cells[:-1].reshape(len(STATUSES), code.areas, -1))
