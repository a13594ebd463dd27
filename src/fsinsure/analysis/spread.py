"""How values spread over draws: mean, percentiles, probabilities and their standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Flags

PERCENTILES: Final = (5, 10, 25, 50, 75, 90, 95)

COLUMNS: Final = ("mean", *(f"p{one}" for one in PERCENTILES))
"""The columns of a table of draws, in the place of the values of a run."""


def spread(values: Array) -> Array:
    """Return mean and percentiles over the draws.

    Percentiles interpolate between draws (definition 7 of Hyndman and Fan 1996). Equal draws have
    their value in every column, to the last bit.

    Parameters
    ----------
    values
        ``[draw, ...]``, one draw or more.

    Returns
    -------
    Array
        ``[..., column]`` as :data:`COLUMNS`.
    """
    first = values[0]
    mean = first + (values - first).mean(axis=0)
    found = np.percentile(values, PERCENTILES, axis=0)
    return np.moveaxis(np.concatenate([mean[None], found]), 0, -1)


def first_year(holds: Flags) -> Array:
    """Return the index of the first year in which something holds, infinite where it never does.

    Parameters
    ----------
    holds
        ``[draw, year]``

    Returns
    -------
    Array
        ``[draw]``

    >>> first_year(np.array([[False, True, False], [False, False, False]])).tolist()
    [1.0, inf]
    """
    return np.where(holds.any(axis=-1), holds.argmax(axis=-1), np.inf)


def years_spread(years: Array) -> Array:
    """Return percentiles of years that may never come, infinite where they never do.

    A percentile is a year that occurs: the smallest that as large a share of draws has reached.

    Parameters
    ----------
    years
        ``[draw]``, infinite for never.

    Returns
    -------
    Array
        ``[percentile]``

    >>> years_spread(np.array([2023.0, 2025.0, np.inf, np.inf])).tolist()
    [2023.0, 2023.0, 2023.0, 2025.0, inf, inf, inf]
    """
    return np.asarray(np.percentile(years, PERCENTILES, method="inverted_cdf"))


def probability(holds: Flags) -> tuple[float, float]:
    """Return the share of draws in which something holds, and its standard error.

    The standard error is that of independent draws, ``sqrt(p (1 - p) / n)`` with one draw of either
    kind added (Agresti and Coull 1998), so that no finite number of draws is certain; evenly spread
    points have a smaller one (Owen 1997).

    >>> [round(one, 3) for one in probability(np.array([True] * 75 + [False] * 25))]
    [0.75, 0.043]
    """
    draws = len(holds)
    share = float(holds.mean())
    near = (holds.sum() + 1.0) / (draws + 2.0)
    return share, float(np.sqrt(near * (1.0 - near) / (draws + 2.0)))
