"""Apportionment: a whole total divided among several by weights, within bounds, in whole numbers.

1. :func:`proportional`: as near to the weights as the bounds permit; what one cannot take is
   divided among the others by their weights.
2. :func:`whole`: largest remainders (Hamilton's method). Nobody is a whole unit off the exact
   share, so it keeps quota; no method can do so and also never take a unit from one when the total
   or its weight rises (Balinski and Young, Fair Representation, 1982).
3. :func:`cumulative`: a whole total over time, such that no sum to date is more than half a unit
   off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Ints

SAME: Final = 6
"""Decimals at which two remainders are equal; the rounding of binary numbers is far smaller."""
SMALLEST: Final = 1e-12
"""Weights below this share of all weights are zero."""


def bounded(total: int, least: Array, most: Array) -> tuple[Array, Array]:
    """Return the bounds of every part where some have none of their own.

    Without one a part does not have another sign than the total: when a total grows, nobody is to
    lose. The other bound is then what the total and the other bounds leave.

    Parameters
    ----------
    total
        The whole number that is divided.
    least, most
        ``[part]``, whole numbers; NaN without one.

    Returns
    -------
    Array, Array
        ``[part]``, the least and the most of each.
    """
    if total < 0:
        low, high = bounded(-total, -most, -least)
        return -high, -low
    low = np.where(np.isnan(least), np.fmin(most, 0.0), least)
    high = np.where(np.isnan(most), np.maximum(total - low.sum() + low, low), most)
    return low, high


def reachable(weights: Array, low: Array, high: Array) -> tuple[float, float]:
    """Return the least and the greatest total: a part without weight stays as near 0 as it may."""
    fixed = np.clip(0.0, low, high)
    moves = _normal(weights) > 0
    return (
        float(np.where(moves, low, fixed).sum()),
        float(np.where(moves, high, fixed).sum()),
    )


def proportional(total: float, weights: Array, low: Array, high: Array) -> Array:
    """Divide a total by weights within bounds.

    ``x_i = min(max(k * w_i, low_i), high_i)``, with the one factor ``k`` for which they add up: all
    parts within their bounds have one ratio to their weights. Of all divisions within the bounds it
    is the one with the least ``sum((x_i - total * w_i)^2 / w_i)``, for weights that add up to 1.

    Parameters
    ----------
    total
        Between the two of :func:`reachable`.
    weights
        ``[part]``, 0 or more.
    low, high
        ``[part]``, finite.

    Returns
    -------
    Array
        ``[part]``.

    Examples
    --------
    >>> free = np.full(3, 100.0)
    >>> proportional(100, np.array([5.0, 3.0, 2.0]), np.zeros(3), np.array([20.0, 99, 99])).tolist()
    [20.0, 48.0, 32.0]
    """
    share = _normal(weights)
    moves = share > 0
    found = np.clip(np.zeros(len(share)), low, high)
    rest = total - found[~moves].sum()
    if moves.any():
        by, least, most = share[moves], low[moves], high[moves]
        factors = np.sort(np.concatenate([least / by, most / by]))  # where a part meets a bound
        sums = np.clip(factors[:, None] * by, least, most).sum(axis=1)
        found[moves] = np.clip(np.interp(rest, sums, factors) * by, least, most)
    return found


def whole(total: int, parts: Array) -> Ints:
    """Round parts of a whole total to whole numbers that add up: largest remainders first.

    Of equal remainders that of the earlier part. Within whole bounds a part stays within them.

    Parameters
    ----------
    total
        The sum of the parts, up to the rounding of binary numbers.
    parts
        ``[part]``.

    Examples
    --------
    >>> whole(10, np.array([4.6, 3.7, 1.7])).tolist()
    [4, 4, 2]
    """
    # Below a whole number that binary rounding may have moved; its remainder 1 is then the largest.
    lower = np.ceil(parts - 10.0**-SAME) - 1
    remainders = np.round(parts - lower, SAME)
    found = lower.astype(np.int64)
    first = np.argsort(-remainders, kind="stable")
    found[first[: total - int(found.sum())]] += 1
    return found


def cumulative(totals: Ints, profile: Array) -> Ints:
    """Divide whole totals over the periods of a profile.

    Parameters
    ----------
    totals
        ``[...]``
    profile
        ``[period]``, weights with a sum above 0.

    Returns
    -------
    Ints
        ``[..., period]``, adding up to the totals; a sum to date is the exact one, rounded.

    Examples
    --------
    >>> cumulative(np.array([10]), np.ones(4)).tolist()
    [[2, 3, 3, 2]]
    """
    reached = np.cumsum(profile) / np.sum(profile)
    reached[-1] = 1.0
    sums = np.rint(np.asarray(totals)[..., None] * reached).astype(np.int64)
    return np.diff(sums, prepend=0, axis=-1)


def _normal(weights: Array) -> Array:
    share = weights / weights.sum() if weights.sum() > 0 else np.zeros(len(weights))
    return np.where(share < SMALLEST, 0.0, share)
