"""Contributions: what is paid in, and who pays it.

Law: 社会保险法 第十二条 (pension), 第三十五条 (injury), 第四十四条 (unemployment); 国发〔2005〕38号
for the individual account and flexible workers. Rates are fractions, bases yuan a month.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, reference, rule


@rule
def contribution(base: Numbers, rate: Numbers, months: Numbers) -> Numbers:
    """Return the contribution of one payer in a year: ``base * rate * months``, yuan.

    Law: 社会保险法 第十二条, 第三十五条 and 第四十四条.

    Parameters
    ----------
    base
        Contribution base, yuan a month.
    rate
        Contribution rate, 0 to 1.
    months
        Months paid, 0 or more.

    Examples
    --------
    The employer's pension contribution at 15 % on the floor of 2022:

    >>> round(contribution(3958, 0.15, 12), 2)
    7124.4
    """
    return base * rate * months


@rule
def account_credit(base: Numbers, account_rate: Numbers, months: Numbers) -> Numbers:
    """Return the yearly credit to the individual account: ``base * account_rate * months``, yuan.

    Law: 国发〔2005〕38号 第三条 and 第六条: 8 points, of the employee's own contribution or of the
    20 % that a flexible worker pays.

    >>> round(account_credit(3958, 0.08, 12), 2)
    3799.68
    """
    return base * account_rate * months


@reference
def pooled_credit(base: Numbers, rate: Numbers, account_rate: Numbers, months: Numbers) -> Numbers:
    """Return the yearly credit to the pooled fund: ``base * (rate - account_rate) * months``, yuan.

    Of the 20 % of a flexible worker, 12 points go to the pool (国发〔2005〕38号 第三条).

    >>> round(pooled_credit(3958, 0.20, 0.08, 12), 2)
    5699.52
    """
    return base * (rate - account_rate) * months


@reference
def contribution_index(base: Numbers, reference_wage: Numbers) -> Numbers:
    """Return the index of a year's contributions: ``base / reference_wage``.

    Law: 国发〔2005〕38号 第六条 (本人平均缴费工资指数 is the mean of this over the years paid).

    Parameters
    ----------
    base
        Own contribution base, yuan a month.
    reference_wage
        Local mean wage of the year before (在岗职工月平均工资), yuan a month, above 0.

    Examples
    --------
    >>> round(contribution_index(3958, 7647), 4)
    0.5176
    """
    return base / reference_wage


@reference
def year_mean(before: Numbers, after: Numbers, change_month: Numbers) -> Numbers:
    """Return the mean over a calendar year of a value that changes in ``change_month``.

    ``(before * (change_month - 1) + after * (13 - change_month)) / 12``. Bases change in July (7).
    The month is 1 to 13: 1 gives ``after``, and 13 gives ``before``.

    >>> year_mean(3376, 3958, 7)
    3667.0
    """
    return (before * (change_month - 1) + after * (13 - change_month)) / 12


@reference
def floating_mean(rate: Numbers, factors: Sequence[float], shares: Sequence[float]) -> Numbers:
    """Return the mean rate of employers over the floating tiers: ``rate * sum(factor * share)``.

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
    if not np.isclose(sum(shares), 1.0, rtol=0.0, atol=1e-9):
        raise ValueError(f"the payroll shares of the tiers must add up to 1, not {sum(shares):g}")
    return rate * sum(factor * share for factor, share in zip(factors, shares, strict=True))
