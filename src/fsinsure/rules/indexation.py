"""Indexation: the yearly rise of pensions in payment.

Law: 社会保险法 第十八条 (基本养老金正常调整机制, by wages and prices); the yearly notices of
人社部 and 财政部 since 2016 combine a flat amount, a part linked to years and pension, and a
top-up by age. Rises count from 1 January.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, formula, reference, rule, tables

steps = formula(tables.steps)


@reference
def fixed(pension: Numbers, rise: Numbers) -> Numbers:
    """Return the pension after a rise by a fixed rate: ``pension * (1 + rise)``, yuan a month.

    Law: 社会保险法 第十八条 and the yearly notices; ``rise`` is a fraction.

    >>> round(fixed(3449, 0.045), 3)
    3604.205
    """
    return pension * (1 + rise)


@rule
def linked_rate(
    wage_growth: Numbers,
    price_growth: Numbers,
    wage_weight: Numbers,
    price_weight: Numbers,
    lower: Numbers,
    upper: Numbers,
) -> Numbers:
    """Return the rate of a rise linked to wages, prices or a mix of both, within bounds.

    ``min(max(w * wage growth + p * price growth, lower), upper)``. Law: 社会保险法 第十八条.

    Parameters
    ----------
    wage_growth, price_growth
        Growth on the year before, -1 or more.
    wage_weight, price_weight
        (1, 0) links to wages, (0, 1) to prices.
    lower, upper
        Bounds of the rate. A lower bound of 0 means that pensions are never cut; an upper bound may
        be infinite.

    Examples
    --------
    Half of wage growth plus half of inflation, at most 5 %:

    >>> round(float(linked_rate(0.06, 0.02, 0.5, 0.5, 0.0, 0.05)), 4)
    0.04
    """
    rate = wage_weight * wage_growth + price_weight * price_growth
    return np.minimum(np.maximum(rate, lower), upper)


@rule
def age_top_up(age: Numbers, ages: Sequence[float], amounts: Sequence[float]) -> Numbers:
    """Return the top-up by age (高龄倾斜), yuan a month.

    The amount of the last threshold reached, 0 below the first. Law: the yearly notices on
    调整退休人员基本养老金.

    >>> [float(age_top_up(age, [70, 80], [30, 60])) for age in (69, 70, 80)]
    [0.0, 30.0, 60.0]
    """
    return steps(age, ages, amounts)


@rule
def three_part(
    pension: Numbers,
    years: Numbers,
    flat: Numbers,
    per_year: Numbers,
    percent: Numbers,
    top_up: Numbers,
) -> Numbers:
    """Return the pension after a rise in the three-part form, yuan a month.

    ``pension + flat + per_year * years + percent * pension + top_up``: 定额, 挂钩 (contribution
    years and own pension) and 倾斜 (:func:`age_top_up`). Law: the yearly notices on
    调整退休人员基本养老金.

    Parameters
    ----------
    years
        Contribution years.
    flat, per_year, top_up
        Yuan a month; ``flat`` may be negative.
    percent
        Fraction of the own pension, -1 or more.

    Examples
    --------
    >>> round(three_part(3000, 25, 30, 1, 0.01, 0), 2)
    3085.0
    """
    return pension + flat + per_year * years + percent * pension + top_up


@reference
def flat_for_rate(
    rise: Numbers,
    mean_pension: Numbers,
    mean_years: Numbers,
    per_year: Numbers,
    percent: Numbers,
    mean_top_up: Numbers,
) -> Numbers:
    """Return the flat amount that makes a three-part rise cost a given share of the mean pension.

    The national notices set the level (4.5 % of the mean pension in 2021), the province the form:
    ``flat = rise * mean pension - per_year * mean years - percent * mean pension - mean top-up``. A
    negative result means that the parts without the flat amount already cost more.

    >>> round(flat_for_rate(0.045, 3449, 25, 1, 0.015, 5), 2)
    73.47
    """
    return (rise - percent) * mean_pension - per_year * mean_years - mean_top_up
