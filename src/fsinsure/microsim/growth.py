"""What staying in a cell adds to months, accounts and pensions since the base year.

Persons who stay are not touched: what they hold is kept *as stored*, deflated to the base year and
less what staying has added, so that it does not depend on when it was stored:

- months: ``held = stored + months[status]``
- account: ``held = (stored + credited[status, rank]) * account_scale[cell]``
- pension: ``held = (stored + flat[cell] + per_month[cell] * months) * pension_scale[cell]``
- months of benefit: ``left = max(stored - drawn[status], 0)``

Stored amounts are whole numbers, in units of :data:`UNIT` at the start, so their sums are exact in
any order, and the totals of a year follow from sums by cell (:mod:`fsinsure.microsim.totals`). The
amounts of a person are rounded to whole fen when they are evaluated: at an event, in a panel and at
the end (``docs/decisions/0009``). The functions of one amount take arrays in the numpy engine and
numbers in the compiled loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.microsim.tables import DRAWN_HALF, EARNED_HALF
from fsinsure.rules import Numbers, indexation
from fsinsure.state import GONE, RANKS
from fsinsure.statuses import STATUS, STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.rates import Rates
    from fsinsure.state import CellCode, People

UNIT: Final = 2.0**-12
"""Fen in a unit of stored amounts at the start. The sum of a cell may reach 2^63 units, some
2 * 10^13 yuan."""

EARNED_YEAR: Final = 2 * EARNED_HALF[: GONE + 1].astype(np.int64)
"""Contribution months of a year in a status ``[status]``, the last one that of the gone."""
DRAWN_YEAR: Final = 2 * DRAWN_HALF[: GONE + 1].astype(np.int64)
"""Months of benefit that a year in a status draws ``[status]``."""

ACCOUNT_RESTARTS: Final = np.uint8(1)
PENSION_RESTARTS: Final = np.uint8(2)


class Growth(NamedTuple):
    """What staying has added by the end of a year.

    Parameters
    ----------
    months
        Contribution months earned ``[status]``.
    drawn
        Months of benefit drawn ``[status]``.
    account_scale
        Fen of a stored unit of accounts ``[cell]``.
    credited
        Units credited to accounts ``[status, rank]`` (flat), whole numbers.
    pension_scale
        Fen of a stored unit of pensions ``[cell]``.
    flat, per_month
        Units by which pensions rose, and those for each contribution month ``[cell]``, whole
        numbers.
    """

    months: Ints
    drawn: Ints
    account_scale: Array
    credited: Array
    pension_scale: Array
    flat: Array
    per_month: Array


def no_growth(code: CellCode) -> Growth:
    """Return the growth at the end of the base year: none."""
    scale, none = np.full(code.cells, UNIT), np.zeros(code.cells)
    months = np.zeros(GONE + 1, dtype=np.int64)
    return Growth(months, months, scale, np.zeros((GONE + 1) * RANKS), scale, none, none)


def stored_at_start(people: People) -> tuple[Array, Array, Array]:
    """Return months, accounts and pensions of persons of the base year as they are stored."""
    return people.months.astype(np.float64), people.account / UNIT, people.pension / UNIT


def after_year(before: Growth, rates: Rates, settled: Array) -> tuple[Growth, NDArray[np.uint8]]:
    """Return the growth by the end of a year, and the cells in which amounts restart.

    Parameters
    ----------
    before
        By the end of the year before.
    rates
        Of the year.
    settled
        The factor of accounts in the last half-year before ``[cell]``: 0 where no account is left.

    Returns
    -------
    growth
        Where a year ends an account or the pension before (a factor of 0), the
        scale stays as it was.
    restarts
        :data:`ACCOUNT_RESTARTS` and :data:`PENSION_RESTARTS` ``[cell]``: persons there who hold
        such an amount must be evaluated and stored anew in this year.

    Raises
    ------
    NotImplementedError
        If credits of a status other than employees differ by rank, or if credited accounts of a
        status grow at several rates: the totals could not be computed.
    """
    ended = rates.account_factor == 0.0
    scale = before.account_scale * np.where(ended, 1.0, rates.account_factor)
    slope = indexation.three_part(1.0, 0.0, 0.0, 0.0, rates.percent, 0.0)
    anew = np.asarray(slope == 0.0)
    pension_scale = before.pension_scale * np.where(anew, 1.0, slope)
    flat = indexation.three_part(0.0, 0.0, rates.flat, 0.0, 0.0, 0.0)
    per_month = indexation.three_part(0.0, 1.0 / 12, 0.0, rates.per_year, 0.0, 0.0)
    restarts = ACCOUNT_RESTARTS * (ended & (settled != 0.0)) + PENSION_RESTARTS * anew
    growth = Growth(
        before.months + EARNED_YEAR,
        before.drawn + DRAWN_YEAR,
        scale,
        before.credited + _credited(rates.account_credit, scale),
        pension_scale,
        before.flat + np.rint(flat / pension_scale),
        before.per_month + np.rint(per_month / pension_scale),
    )
    return growth, restarts.astype(np.uint8)


def _credited(credit: Array, scale: Array) -> Array:
    """Return the credit of a year in units ``[status, rank]`` (flat)."""
    by_rank = credit.reshape(GONE + 1, RANKS)
    by_cell = scale[:-1].reshape(len(STATUSES), -1)
    others = np.delete(np.arange(GONE), STATUS["employee"])
    if np.ptp(by_rank[others], axis=1).any():
        raise NotImplementedError(
            "credits by wage rank are those of employees alone: count others by rank too "
            "(microsim/counters.py), add them in microsim/totals.py, and keep them by rank in "
            "OF_CREDIT (microsim/compiled/layout.py)"
        )
    if np.ptp(by_cell[by_rank[:GONE].any(axis=1)], axis=1).any():
        raise NotImplementedError(
            "accounts of a status with credits grow at one rate: for several, credits must be by "
            "cell, here and in microsim/totals.py"
        )
    units = by_rank / np.append(by_cell[:, 0], 1.0)[:, None]
    return np.asarray(np.rint(units)).ravel()


def account_held(stored: Numbers, credited: Numbers, scale: Numbers) -> Numbers:
    """Return the balance of an account in whole fen."""
    return np.rint((stored + credited) * scale)


def account_stored(held: Numbers, credited: Numbers, scale: Numbers) -> Numbers:
    """Return a balance as it is stored: a whole number of units."""
    return np.rint(held / scale) - credited


def pension_held(
    stored: Numbers, months: Numbers, flat: Numbers, per_month: Numbers, scale: Numbers
) -> Numbers:
    """Return a pension in payment in whole fen a month."""
    return np.rint((stored + flat + per_month * months) * scale)


def pension_stored(
    held: Numbers, months: Numbers, flat: Numbers, per_month: Numbers, scale: Numbers
) -> Numbers:
    """Return a pension in payment as it is stored: a whole number of units."""
    return np.rint(held / scale) - flat - per_month * months


AMOUNTS: Final = (account_held, account_stored, pension_held, pension_stored)
"""The functions that the compiled engine compiles."""
