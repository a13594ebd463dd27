"""Unemployment insurance: benefit, its duration, grants, and refunds to firms.

Law: 社会保险法 第四十四条 to 第五十二条; 广东省失业保险条例 (text of 2022-06-01), whose duration
rule lies within the national ceilings of 12, 18 and 24 months; 粤人社规〔2019〕28号 (floating
rates).
"""

from __future__ import annotations

import numpy as np

from fsinsure.rules import Numbers, reference, rule

_NO_EXIT = 1e-12
"""Distance of a monthly exit from 0 and from 1, below the error of the arithmetic."""


@rule
def benefit_months(
    paid_months: Numbers, low_months: Numbers, low_step: Numbers, high_step: Numbers, most: Numbers
) -> Numbers:
    """Return the months of benefit for a contribution record.

    ``min(floor(min(paid, low) / low_step) + floor(max(paid - low, 0) / high_step), most)``: one
    month for each full year of the first four (``low_months`` 48, ``low_step`` 12), then one for
    each full half year (``high_step`` 6), at most 24; hence none below a year (第十五条). Law:
    广东省失业保险条例 第十七条.

    Parameters
    ----------
    paid_months
        Months paid since the last claim; fractions of a month do not count.

    Examples
    --------
    >>> [int(benefit_months(12 * years, 48, 12, 6, 24)) for years in (1, 3.9, 4, 4.5, 10, 14, 30)]
    [1, 3, 4, 5, 16, 24, 24]
    """
    low = np.minimum(paid_months, low_months) // low_step
    high = np.maximum(paid_months - low_months, 0) // high_step
    return np.minimum(low + high, most)


@rule
def carried_months(new_months: Numbers, unused_months: Numbers, most: Numbers) -> Numbers:
    """Return the months of a new claim and the months left from the last claim, at most ``most``.

    Law: 广东省失业保险条例 第十八条 (paid time restarts, unused months carry over, at most 24).

    >>> int(carried_months(16, 10, 24))
    24
    """
    return np.minimum(new_months + unused_months, most)


@rule
def monthly_benefit(minimum_wage: Numbers, ratio: Numbers) -> Numbers:
    """Return the monthly benefit: ``minimum wage * ratio``, yuan.

    Law: 广东省失业保险条例 第十九条 (90 % of the city's minimum wage).

    >>> round(monthly_benefit(1720, 0.9), 2)
    1548.0
    """
    return minimum_wage * ratio


@reference
def health_premium(base: Numbers, rate: Numbers) -> Numbers:
    """Return the monthly health-insurance premium that the fund pays for a claimant, yuan.

    ``base * rate``, both payers' parts together. Law: 社会保险法 第四十八条; 广东省失业保险条例
    第二十四条.

    >>> round(health_premium(5626, 0.055), 2)
    309.43
    """
    return base * rate


@rule
def price_link_active(
    price_growth: Numbers, food_growth: Numbers, price_trigger: Numbers, food_trigger: Numbers
) -> Numbers | np.bool:
    """Return whether prices trigger the supplement in a month: one of the two triggers suffices.

    Law: 发改价格〔2021〕1553号 (consumer prices up 3.5 % on the year before, or food 6 %; 3.0 %
    from 2022-09 to 2023-03).

    >>> price_link_active(0.021, 0.061, 0.035, 0.06), price_link_active(0.03, 0.0, 0.035, 0.06)
    (True, False)
    """
    return (price_growth >= price_trigger) | (food_growth >= food_trigger)


@rule
def price_supplement(standard: Numbers, price_growth: Numbers, active: Numbers) -> Numbers:
    """Return the monthly price supplement (价格临时补贴), yuan.

    ``standard * max(price growth, 0)`` while :func:`price_link_active`, else 0. Law:
    发改价格〔2021〕1553号.

    Parameters
    ----------
    standard
        Amount that the growth applies to, yuan a month: the local minimum-living standard (低保),
        or the benefit itself where a scenario links it.
    price_growth
        Growth of the price index of the poor (SCPI, or CPI) on the year before.
    active
        From :func:`price_link_active`; a share of the year's months also works.

    Examples
    --------
    >>> float(price_supplement(1548, 0.04, True)), float(price_supplement(1548, 0.03, False))
    (61.92, 0.0)
    """
    return standard * np.maximum(price_growth, 0.0) * active


@reference
def expected_months_drawn(entitled: Numbers, monthly_exit: Numbers) -> Numbers:
    """Return the mean months of benefit drawn when claimants leave at a constant monthly rate.

    ``(1 - (1 - h)^d) / h``, the sum of the probabilities of still drawing in months 1 to d; ``d``
    at an exit of 0.

    >>> [round(float(expected_months_drawn(12, h)), 4) for h in (0.0, 0.1)]
    [12.0, 7.1757]
    """
    exit_rate = np.clip(monthly_exit, _NO_EXIT, 1 - _NO_EXIT)
    drawn: Numbers = -np.expm1(entitled * np.log1p(-exit_rate)) / exit_rate
    return drawn


@reference
def early_job_grant(benefit: Numbers, unused_months: Numbers, share: Numbers) -> Numbers:
    """Return the lump sum for unused months: ``benefit * unused months * share``, yuan.

    Law: 广东省失业保险条例 第二十二条 (half, for a job of a year with three months insured) and
    第二十三条 (all, for starting a business).

    >>> early_job_grant(1548, 10, 0.5)
    7740.0
    """
    return benefit * unused_months * share


@reference
def job_search_subsidy(base: Numbers, share: Numbers, months: Numbers, most: Numbers) -> Numbers:
    """Return the job-search subsidy of a claim: ``base * share`` for at most ``most`` months, yuan.

    Law: 广东省失业保险条例 第二十条 (15 % of the own mean base, up to six months).

    >>> round(float(job_search_subsidy(4000, 0.15, 10, 6)), 2)
    3600.0
    """
    return base * share * np.minimum(months, most)


@reference
def lump_sum(amount: Numbers, months: Numbers) -> Numbers:
    """Return a grant of a number of monthly amounts: ``amount * months``, yuan.

    Childbirth: 3 benefits (广东省失业保险条例 第二十一条). Death while drawing: 3 + 6 monthly
    wages for funeral and survivors (第二十五条).

    >>> lump_sum(1548, 3)
    4644
    """
    return amount * months


@rule
def job_retention_refund(premiums: Numbers, share: Numbers, eligible: Numbers) -> Numbers:
    """Return the refund to firms that kept their staff (稳岗返还), yuan.

    ``premiums * share * eligible``.

    Law: 广东省失业保险条例; yearly notices (2022: 30 % for large firms; more for small ones).

    Parameters
    ----------
    premiums
        Unemployment premiums that the firms of a size paid in the year before, both payers.
    share
        Share refunded to firms of that size.
    eligible
        Payroll share of the firms below the layoff limit.

    Examples
    --------
    >>> round(job_retention_refund(1_000_000, 0.3, 0.8), 2)
    240000.0
    """
    return premiums * share * eligible


@rule
def employer_rate(benchmark: Numbers, factor: Numbers) -> Numbers:
    """Return an employer's floating rate: ``benchmark * factor``.

    Law: 粤人社规〔2019〕28号 (factors 0.4, 0.6 and 1.0 of 0.8 %). The mean over all employers is
    :func:`fsinsure.rules.contributions.floating_mean`.

    >>> round(employer_rate(0.008, 0.4), 6)
    0.0032
    """
    return benchmark * factor
