"""The pension of residents outside employment, and the land-expropriation subsidy.

Law: 国发〔2014〕8号 (城乡居民基本养老保险): yearly tiers, a public subsidy by tier, a base
pension from 60, an account paid over 139 months.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, formula, reference, rule, tables

lookup, steps = formula(tables.lookup), formula(tables.steps)


@reference
def tier_amount(tier: Numbers, amounts: Sequence[float]) -> Numbers:
    """Return the yearly contribution of a tier, counted from 1, yuan.

    Law: 国发〔2014〕8号 第四条 (provinces set the tiers).

    Raises
    ------
    ValueError
        A tier that the table does not have.

    Examples
    --------
    >>> float(tier_amount(2, (180, 240, 360)))
    240.0
    """
    return lookup(tier, amounts, "contribution tier")


@reference
def tier_subsidy(
    amount: Numbers, from_amounts: Sequence[float], subsidies: Sequence[float]
) -> Numbers:
    """Return the yearly public subsidy to an account by the amount paid, yuan.

    Law: 国发〔2014〕8号 第四条 (at least 30 yuan at the lowest tier, 60 from 500 yuan on).

    >>> [float(tier_subsidy(amount, (100, 500), (30, 60))) for amount in (0, 100, 499, 500)]
    [0.0, 30.0, 30.0, 60.0]
    """
    return steps(amount, from_amounts, subsidies)


@reference
def assisted_contribution(amount: Numbers, lowest: Numbers, share: Numbers) -> Numbers:
    """Return the contribution that the government pays for the poor or disabled, yuan a year.

    ``min(amount, lowest) * share``: all or part of the lowest tier, for the poor and the
    severely disabled. Law: 国发〔2014〕8号 第四条.

    >>> float(assisted_contribution(360, 180, 1.0))
    180.0
    """
    return np.minimum(amount, lowest) * share


@rule
def yearly_credit(
    own: Numbers, subsidy: Numbers, collective: Numbers, assisted: Numbers
) -> Numbers:
    """Return the yearly credit to the account: ``own + subsidy + collective + assisted``, yuan.

    Law: 国发〔2014〕8号 第五条. Interest: :func:`fsinsure.rules.pension.account_interest`.

    >>> yearly_credit(360, 60, 0, 0)
    420
    """
    return own + subsidy + collective + assisted


@rule
def resident_pension(
    base_pension: Numbers,
    years: Numbers,
    balance: Numbers,
    divisor: Numbers,
    long_years: Numbers,
    per_long_year: Numbers,
) -> Numbers:
    """Return the monthly resident pension at award, yuan.

    ``base pension + per_long_year * max(years - long_years, 0) + balance / divisor``. Law:
    国发〔2014〕8号 第六条 (base pension; 139 months; an addition for long contribution).

    Parameters
    ----------
    base_pension
        基础养老金, yuan a month (Foshan 2020: 300).
    long_years, per_long_year
        Years beyond which each further year adds ``per_long_year`` yuan a month.
    divisor
        计发月数 of the account, months, above 0.

    Examples
    --------
    >>> round(float(resident_pension(300, 20, 13900, 139, 15, 3)), 2)
    415.0
    """
    return base_pension + per_long_year * np.maximum(years - long_years, 0) + balance / divisor


@rule
def land_subsidy(contribution: Numbers, share: Numbers, remaining: Numbers) -> Numbers:
    """Return the subsidy to a member whose land was expropriated (被征地), yuan a year.

    ``min(contribution * share, remaining)``: a share of the contribution as a flexible worker,
    until the sum reserved for the person is used up. Law: 社会保险法 第九十六条;
    国办发〔2006〕29号 and provincial rules on 被征地农民养老保障.

    >>> float(land_subsidy(9000, 0.6, 20000)), float(land_subsidy(9000, 0.6, 3000))
    (5400.0, 3000.0)
    """
    return np.minimum(contribution * share, remaining)
