"""Work-injury insurance: premiums by industry, and benefits at an injury or a death.

Law: 社会保险法 第三十三条 to 第四十三条; 工伤保险条例 (2010-12-20); 人社部发〔2015〕71号 (eight
industry classes and floating tiers); 人社部发〔2014〕103号 (construction projects);
粤人社规〔2020〕55号 (groups without an employment relation). Only the employer pays (条例
第十条). Own wage (本人工资) is the mean contribution wage of the twelve months before, within 60
% and 300 % of the local mean (第六十四条): :func:`fsinsure.rules.wages.contribution_base`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, formula, reference, rule, tables

lookup = formula(tables.lookup)


@reference
def class_rate(industry_class: Numbers, rates: Sequence[float]) -> Numbers:
    """Return the base rate of an industry class 1 to 8.

    Law: 人社部发〔2015〕71号; Guangdong's own rates from 2021-05.

    Raises
    ------
    ValueError
        A class that the table does not have.

    Examples
    --------
    >>> rates = (0.002, 0.004, 0.006, 0.008, 0.009, 0.010, 0.012, 0.014)
    >>> float(class_rate(4, rates))
    0.008
    """
    return lookup(industry_class, rates, "industry class")


@reference
def floating_rate(
    industry_class: Numbers,
    base_rate: Numbers,
    factor: Numbers,
    lowest_class_factors: Sequence[float],
    other_factors: Sequence[float],
) -> Numbers:
    """Return the rate after the floating tier: ``base_rate * factor``.

    Law: 人社部发〔2015〕71号: class 1 floats up only (100, 120, 150 %), classes 2 to 8 both ways
    (50, 80, 100, 120, 150 %).

    Parameters
    ----------
    factor
        Tier of the employer, one of the tiers of the class.
    lowest_class_factors, other_factors
        The tiers of class 1, and of classes 2 to 8.

    Raises
    ------
    ValueError
        A tier that the class does not have (class 1 has no reductions), or an unknown class.

    Examples
    --------
    >>> up, both = (1.0, 1.2, 1.5), (0.5, 0.8, 1.0, 1.2, 1.5)
    >>> round(float(floating_rate(4, 0.008, 0.5, up, both)), 6)
    0.004
    >>> floating_rate(1, 0.002, 0.5, up, both)
    Traceback (most recent call last):
    ValueError: industry class 1 has the tiers 1, 1.2, 1.5; 0.5 is none of them
    """
    lookup(industry_class, range(1, 9), "industry class")  # an unknown class is an error
    classes, factors = np.broadcast_arrays(industry_class, factor)
    for chosen, allowed in ((classes == 1, lowest_class_factors), (classes > 1, other_factors)):
        wrong = chosen & ~np.isin(factors, allowed) & ~np.isnan(factors)
        if wrong.any():
            tiers = ", ".join(f"{tier:g}" for tier in allowed)
            raise ValueError(
                f"industry class {classes[wrong][0]:g} has the tiers {tiers}; "
                f"{factors[wrong][0]:g} is none of them"
            )
    return base_rate * factor


@rule
def cut_rate(rate: Numbers, cut: Numbers) -> Numbers:
    """Return the rate during a temporary cut (阶段性降低): ``rate * (1 - cut)``.

    >>> round(cut_rate(0.008, 0.2), 6)
    0.0064
    """
    return rate * (1 - cut)


@rule
def disability_lump_sum(grade: Numbers, own_wage: Numbers, months: Sequence[Numbers]) -> Numbers:
    """Return the lump sum of a disability grade (一次性伤残补助金): ``own wage * months``, yuan.

    Law: 工伤保险条例 第三十五条 to 第三十七条 (27 months at grade 1 to 7 at grade 10).

    >>> float(disability_lump_sum(10, 6000, (27, 25, 23, 21, 18, 16, 13, 11, 9, 7)))
    42000.0
    """
    return own_wage * lookup(grade, months, "disability grade")


@reference
def disability_allowance(
    grade: Numbers, own_wage: Numbers, shares: Sequence[float], minimum_wage: Numbers
) -> Numbers:
    """Return the monthly allowance of a grade (伤残津贴), yuan; 0 for grades 7 to 10.

    ``max(own wage * share, minimum wage)``. Law: 工伤保险条例 第三十五条 (grades 1 to 4: 90, 85,
    80, 75 %, paid by the fund) and 第三十六条 (grades 5 and 6: 70 and 60 %, paid by the employer
    who cannot find suitable work); the local minimum wage is the floor.

    Parameters
    ----------
    shares
        Ten shares of the own wage, one per grade; 0 where the payer pays no allowance.

    Raises
    ------
    ValueError
        A grade that the table does not have.

    Examples
    --------
    >>> fund = (0.90, 0.85, 0.80, 0.75, 0, 0, 0, 0, 0, 0)
    >>> [float(disability_allowance(grade, 6000, fund, 1900)) for grade in (1, 4, 5)]
    [5400.0, 4500.0, 0.0]
    >>> float(disability_allowance(4, 2000, fund, 1900))
    1900.0
    """
    share = lookup(grade, shares, "disability grade")
    return np.maximum(own_wage * share, minimum_wage) * (share > 0)


@reference
def allowance_top_up(allowance: Numbers, pension: Numbers) -> Numbers:
    """Return the allowance that the fund pays on top of the old-age pension, grades 1 to 4.

    ``max(allowance - pension, 0)``, yuan a month. Law: 工伤保险条例 第三十五条（三）.

    >>> float(allowance_top_up(5400, 3449)), float(allowance_top_up(3000, 3449))
    (1951.0, 0.0)
    """
    return np.maximum(allowance - pension, 0.0)


@reference
def nursing(local_wage: Numbers, share: Numbers) -> Numbers:
    """Return the monthly nursing allowance (生活护理费): ``local mean wage * share``, yuan.

    Law: 工伤保险条例 第三十四条 (50, 40 or 30 %).

    >>> nursing(7000, 0.5)
    3500.0
    """
    return local_wage * share


@rule
def termination_grant(grade: Numbers, own_wage: Numbers, months: Sequence[Numbers]) -> Numbers:
    """Return a one-off grant at the end of the job, grades 5 to 10, yuan.

    ``own wage * months[grade]``; 一次性工伤医疗补助金 is paid by the fund, 一次性伤残就业补助金
    by the employer. Law: 工伤保险条例 第三十六条 and 第三十七条 leave the months to the province.
    The table has ten rows, 0 for grades 1 to 4.

    >>> float(termination_grant(10, 6000, (0, 0, 0, 0, 10, 8, 6, 4, 2, 1)))
    6000.0
    """
    return own_wage * lookup(grade, months, "disability grade")


@reference
def survivor_pension(
    own_wage: Numbers, spouse: Numbers, others: Numbers, lone: Numbers, shares: Sequence[float]
) -> Numbers:
    """Return the monthly pension of the dependants of a dead worker (供养亲属抚恤金), yuan.

    ``own wage * min(spouse * 40 % + others * 30 % + lone * 10 %, 100 %)``. Law: 工伤保险条例
    第三十九条（二）.

    Parameters
    ----------
    spouse, others
        Dependants: a spouse (0 or 1), and others.
    lone
        Number of these dependants who are lone old people or orphans.
    shares
        The shares of the spouse, of each other dependant, and the addition for a lone dependant.

    Examples
    --------
    >>> shares = (0.4, 0.3, 0.1)
    >>> [float(survivor_pension(5000, 1, others, 0, shares)) for others in (0, 1, 3)]
    [2000.0, 3500.0, 5000.0]
    """
    total = spouse * shares[0] + others * shares[1] + lone * shares[2]
    return own_wage * np.minimum(total, 1.0)


@rule
def death_lump_sum(income_per_head: Numbers, multiple: Numbers) -> Numbers:
    """Return the lump sum at a work death (一次性工亡补助金), yuan.

    ``multiple * income``: 20 times the national urban disposable income per head of the year
    before. Law: 工伤保险条例 第三十九条（三）.

    >>> death_lump_sum(43834, 20)
    876680
    """
    return income_per_head * multiple


@rule
def funeral_grant(local_wage: Numbers, months: Numbers) -> Numbers:
    """Return the funeral grant: six months of the local mean wage, yuan.

    Law: 工伤保险条例 第三十九条（一）.

    >>> funeral_grant(7000, 6)
    42000
    """
    return local_wage * months


@reference
def project_premium(cost: Numbers, rate: Numbers) -> Numbers:
    """Return the premium of a construction project: ``contract sum * rate``, yuan, paid once.

    Law: 人社部发〔2014〕103号 (按项目参保, by the total cost of the project). All who work
    on the site are covered.

    >>> round(project_premium(100_000_000, 0.001), 2)
    100000.0
    """
    return cost * rate


@rule
def flat_premium(persons: Numbers, amount: Numbers, months: Numbers) -> Numbers:
    """Return the premium of members with a flat premium: ``persons * amount * months``, yuan.

    Law: 粤人社规〔2020〕55号 (over-age workers, interns, volunteers ... who have no employment
    relation).

    >>> flat_premium(1000, 30, 12)
    360000
    """
    return persons * amount * months
