"""From wages to contribution bases.

Law: 社会保险法 第十二条 and 国发〔2005〕38号; floor and cap (60 % and 300 % of the mean wage of the
year before) by insurance year, July to June (粤人社规〔2022〕2号 and yearly notices).

Wages within a cell are lognormal. Cohorts use :func:`expected_base`, persons keep a wage rank and
use :func:`wage_at_rank` and :func:`contribution_base`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fsinsure.rules import Numbers, formula, lognormal, reference, rule

share_above = formula(lognormal.share_above)
sum_share_above = formula(lognormal.sum_share_above)
quantile = formula(lognormal.quantile)


@rule
def contribution_base(wage: Numbers, floor: Numbers, cap: Numbers) -> Numbers:
    """Return the monthly base on which contributions are paid: ``min(max(wage, floor), cap)``.

    Parameters
    ----------
    wage, floor, cap
        Yuan a month; ``floor`` <= ``cap``.

    Examples
    --------
    >>> [int(contribution_base(wage, 3958, 22941)) for wage in (3000, 8000, 30000)]
    [3958, 8000, 22941]
    """
    return np.minimum(np.maximum(wage, floor), cap)


@rule
def expected_base(mean_wage: Numbers, cv: Numbers, floor: Numbers, cap: Numbers) -> Numbers:
    """Return the mean contribution base of a cell, in closed form.

    ``E[clip(W, floor, cap)] = floor P(W < floor) + E[W; floor <= W < cap] + cap P(W >= cap)`` for a
    lognormal wage: the expected value of :func:`contribution_base`.

    Parameters
    ----------
    mean_wage
        Mean monthly wage of the cell before clipping, yuan.
    cv
        Coefficient of variation of wages within the cell, above 0.
    floor, cap
        Yuan a month, finite; ``floor`` <= ``cap``.

    Examples
    --------
    >>> round(float(expected_base(8000, 0.5, 3958, 22941)), 2)
    8050.11
    """
    at_floor = floor * (1 - share_above(floor, mean_wage, cv))
    at_cap = cap * share_above(cap, mean_wage, cv)
    between = sum_share_above(floor, mean_wage, cv) - sum_share_above(cap, mean_wage, cv)
    return at_floor + mean_wage * between + at_cap


@reference
def wage_at_rank(rank: Numbers, mean_wage: Numbers, cv: Numbers) -> Numbers:
    """Return the wage at a rank of the cell's lognormal: ``mean exp(s z(rank) - s^2 / 2)``.

    Parameters
    ----------
    rank
        Share of the cell with a lower wage, strictly between 0 and 1.

    Examples
    --------
    >>> round(float(wage_at_rank(0.5, 8000, 0.5)), 2)
    7155.42
    """
    return quantile(rank, mean_wage, cv)


@rule
def bases_by_rank(
    mean_wage: float, cv: float, floor: float, cap: float, count: int
) -> NDArray[np.float64]:
    """Return the mean contribution base in each of `count` equally probable wage ranks.

    The closed form of :func:`expected_base` between the edges of each rank, so that the ranks
    average to it.

    >>> bases = bases_by_rank(8000, 0.5, 3958, 22941, 256)
    >>> round(float(bases[0]), 2), round(float(bases.mean()), 2)
    (3958.0, 8050.11)
    """
    edges = np.asarray(quantile(np.arange(count + 1) / count, mean_wage, cv))
    # Of the wages below each edge, the parts below the floor, between, and above the cap.
    low, high = np.minimum(edges, floor), np.maximum(np.minimum(edges, cap), floor)
    at_floor = floor * (1 - share_above(low, mean_wage, cv))
    between = sum_share_above(floor, mean_wage, cv) - sum_share_above(high, mean_wage, cv)
    top = np.maximum(edges, cap)
    at_cap = cap * (share_above(cap, mean_wage, cv) - share_above(top, mean_wage, cv))
    return np.asarray(count * np.diff(at_floor + mean_wage * between + at_cap))
