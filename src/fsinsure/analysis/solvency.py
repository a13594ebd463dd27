"""Is a fund solvent: present values, reserves in months, warning levels. Pure functions of arrays.

Practice is that of actuarial valuations of social security (ILO/ISSA guidelines; World Bank,
PROST): an open group is projected, flows fall in mid-year, and they are discounted at the rate
that the fund earns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.parameters import Parameters

    Array = NDArray[np.float64]

EXHAUSTED = "exhausted"


def discount(rate: Array) -> Array:
    """Return what a yuan of each year is worth at the end of the base year ``[year]``.

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
    return float(flow @ discount(rate))


def implicit_debt(opening: float, income: Array, outgo: Array, rate: Array) -> float:
    """Return the open-group implicit debt: PV of outgo less income, less the opening balance, yuan.

    Parameters
    ----------
    opening
        Balance at the end of the base year, yuan.
    income, outgo
        Yuan ``[year]``; income without interest, which the discount rate stands for.
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
    """Return the actuarial balance, a fraction of payroll: what the rate has to spare.

    ``(opening + PV of income - PV of outgo) / PV of payroll``; arguments as
    :func:`implicit_debt`. Negative: by so much would the contribution rate have to rise at once.

    >>> rate = np.array([0.0])
    >>> actuarial_balance(10.0, np.array([50.0]), np.array([80.0]), np.array([400.0]), rate)
    -0.05
    """
    return -implicit_debt(opening, income, outgo, rate) / present_value(payroll, rate)


def months_of_reserve(balance: Array, outgo: Array) -> Array:
    """Return for how many months of this year's outgo the closing balance would last ``[year]``.

    ``balance / (outgo / 12)``; without outgo without end (``inf``, ``-inf`` below nothing).

    >>> months_of_reserve(np.array([6.0, 6.0]), np.array([12.0, 0.0])).tolist()
    [6.0, inf]
    """
    endless = np.where(balance < 0, -np.inf, np.inf)
    return np.divide(12.0 * balance, outgo, out=endless, where=outgo > 0)


@dataclass(frozen=True)
class Limits:
    """The warning limits of a fund's reserve, months of outgo, each below the one before."""

    watch: float
    warning: float
    alarm: float

    def level(self, months: float) -> str:
        """Name the level of a reserve: a limit that is just kept is not yet crossed.

        >>> [Limits(12, 6, 3).level(months) for months in (12, 11.9, 3, 2, -1)]
        ['ok', 'watch', 'warning', 'alarm', 'exhausted']
        """
        if months < 0:
            return EXHAUSTED
        below = [name for name in ("alarm", "warning", "watch") if months < getattr(self, name)]
        return below[0] if below else "ok"

    def next(self, level: str) -> float:
        """Return the limit that is crossed next; none (NaN) below nothing.

        >>> Limits(12, 6, 3).next("watch")
        6.0
        """
        following = {"ok": self.watch, "watch": self.warning, "warning": self.alarm, "alarm": 0.0}
        return float(following.get(level, np.nan))


def limits(parameters: Parameters) -> Limits:
    """Return the warning limits of a scenario."""
    return Limits(*(parameters.number(f"reserve.{name}") for name in ("watch", "warning", "alarm")))
