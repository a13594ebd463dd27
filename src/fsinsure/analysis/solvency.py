"""Solvency of a fund: present values, months of reserve, warning levels; pure functions of arrays.

The methods are those of actuarial valuations of social security (ILO/ISSA guidelines; World Bank,
PROST): an open group is projected, flows occur in mid-year, and they are discounted at the
interest rate of the fund.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.parameters import Parameters


EXHAUSTED = "exhausted"


def discount(rate: Array) -> Array:
    """Return the discount factors of mid-year flows to the end of the base year ``[year]``.

    ``v(t) = (1 + i(t) / 2) / ((1 + i(1)) ... (1 + i(t)))``: a flow of mid-year earns half a year
    of simple interest, as in the books, so that opening balance + present value of income less
    outgo = present value of the closing balance, exactly.

    Parameters
    ----------
    rate
        Interest rate ``[year]`` of the projected years.

    Examples
    --------
    >>> discount(np.array([0.0, 0.1])).round(4).tolist()
    [1.0, 0.9545]
    """
    return np.asarray((1.0 + rate / 2.0) / np.cumprod(1.0 + rate))


def present_value(flow: Array, rate: Array) -> float:
    """Return the present value of yearly mid-year flows at the end of the base year, yuan."""
    return float((flow * discount(rate)).sum())


def implicit_debt(opening: float, income: Array, outgo: Array, rate: Array) -> float:
    """Return the open-group implicit debt, PV(outgo - income) - opening balance, yuan.

    Parameters
    ----------
    opening
        Balance at the end of the base year, yuan.
    income, outgo
        Yuan ``[year]``; income without interest, which the discount rate represents.
    rate
        Discount rate ``[year]``.

    Examples
    --------
    >>> implicit_debt(100.0, np.array([50.0]), np.array([80.0]), np.array([0.0]))
    -70.0
    """
    return present_value(outgo - income, rate) - opening


def actuarial_balance(
    opening: float, income: Array, outgo: Array, payroll: Array, rate: Array
) -> float:
    """Return the actuarial balance, a fraction of payroll.

    ``(opening + PV of income - PV of outgo) / PV of payroll``, NaN without payroll; arguments as
    :func:`implicit_debt`. If it is negative, the contribution rate would have to rise by that much
    at once.

    >>> rate = np.array([0.0])
    >>> actuarial_balance(10.0, np.array([50.0]), np.array([80.0]), np.array([400.0]), rate)
    -0.05
    """
    base = present_value(payroll, rate)
    return -implicit_debt(opening, income, outgo, rate) / base if base else float("nan")


def months_of_reserve(balance: Array, outgo: Array) -> Array:
    """Return the closing balance in months of this year's outgo ``[year]``.

    ``balance / (outgo / 12)``; without outgo ``inf``, or ``-inf`` for a negative balance.

    >>> months_of_reserve(np.array([6.0, 6.0]), np.array([12.0, 0.0])).tolist()
    [6.0, inf]
    """
    endless = np.where(np.isnan(balance), np.nan, np.where(balance < 0, -np.inf, np.inf))
    return np.divide(12.0 * balance, outgo, out=endless, where=outgo != 0)


@dataclass(frozen=True)
class Limits:
    """The warning limits of the reserve of a fund, months of outgo, in descending order."""

    watch: float
    warning: float
    alarm: float

    def level(self, months: float) -> str:
        """Return the level of a reserve: the lowest limit that it is below; empty for NaN.

        >>> [Limits(12, 6, 3).level(months) for months in (12, 11.9, 3, 2, -1)]
        ['ok', 'watch', 'warning', 'alarm', 'exhausted']
        """
        if np.isnan(months):
            return ""
        if months < 0:
            return EXHAUSTED
        below = [name for name in ("alarm", "warning", "watch") if months < getattr(self, name)]
        return below[0] if below else "ok"

    def next(self, level: str) -> float:
        """Return the limit below a level; NaN if there is none.

        >>> Limits(12, 6, 3).next("watch")
        6.0
        """
        following = {"ok": self.watch, "watch": self.warning, "warning": self.alarm, "alarm": 0.0}
        return float(following.get(level, np.nan))


def limits(parameters: Parameters) -> Limits:
    """Return the warning limits of a scenario."""
    return Limits(*(parameters.number(f"reserve.{name}") for name in ("watch", "warning", "alarm")))
