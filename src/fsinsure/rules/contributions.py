"""What is paid in, and by whom.

Law: 社会保险法 第十二条 (pension), 第三十五条 (injury), 第四十四条 (unemployment); 国发〔2005〕38号
for the individual account and flexible workers. Rates are fractions, bases yuan a month.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers


def contribution(base: Numbers, rate: Numbers, months: Numbers) -> Numbers:
    """Return what one payer pays in a year: ``base * rate * months``, yuan.

    Examples
    --------
    The employer's pension contribution at 15 % on the floor of 2022:

    >>> round(contribution(3958, 0.15, 12), 2)
    7124.4
    """
    return base * rate * months


def account_credit(base: Numbers, account_rate: Numbers, months: Numbers) -> Numbers:
    """Return what a year adds to the individual account: ``base * account_rate * months``, yuan.

    Law: 国发〔2005〕38号 第三条 and 第六条: 8 points, of the employee's own contribution or of the
    20 % that a flexible worker pays.

    >>> round(account_credit(3958, 0.08, 12), 2)
    3799.68
    """
    return base * account_rate * months


def pooled_credit(base: Numbers, rate: Numbers, account_rate: Numbers, months: Numbers) -> Numbers:
    """Return what a year adds to the pooled fund: ``base * (rate - account_rate) * months``, yuan.

    A flexible worker paying 20 % leaves 12 points to the pool (国发〔2005〕38号 第三条).

    >>> round(pooled_credit(3958, 0.20, 0.08, 12), 2)
    5699.52
    """
    return base * (rate - account_rate) * months


def contribution_index(base: Numbers, mean_wage: Numbers) -> Numbers:
    """Return the index of a year's contributions: own base over the mean wage of the year before.

    Law: 国发〔2005〕38号 第六条 (本人平均缴费工资指数 is the mean of this over the years paid).

    >>> round(contribution_index(3958, 7647), 4)
    0.5176
    """
    return base / mean_wage


def year_mean(before: Numbers, after: Numbers, first_month: Numbers) -> Numbers:
    """Return the mean over a calendar year of a value that changes in ``first_month``.

    ``(before * (first_month - 1) + after * (13 - first_month)) / 12``. Bases change in July (7); 1
    yields ``after``, and 13 ``before``.

    >>> year_mean(3376, 3958, 7)
    3667.0
    """
    return (before * (first_month - 1) + after * (13 - first_month)) / 12


def floating_mean(rate: Numbers, factors: Sequence[float], shares: Sequence[float]) -> Numbers:
    """Return the mean rate of employers spread over floating tiers: ``rate * sum(factor * share)``.

    Parameters
    ----------
    rate
        Benchmark rate.
    factors, shares
        Factor of each tier and the share of payroll in it; the shares add up to 1.

    Raises
    ------
    ValueError
        Shares that are negative or do not add up to 1.

    Examples
    --------
    >>> round(floating_mean(0.008, (0.4, 0.6, 1.0), (0.5, 0.3, 0.2)), 6)
    0.00464
    """
    if min(shares) < 0 or not np.isclose(sum(shares), 1.0, rtol=0.0, atol=1e-9):
        message = f"the payroll shares of the tiers must add up to 1, not {sum(shares):g}"
        raise ValueError(message)
    return rate * sum(factor * share for factor, share in zip(factors, shares, strict=True))
