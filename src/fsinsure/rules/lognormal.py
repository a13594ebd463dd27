"""The two partial moments of a lognormal quantity, in closed form.

Wages and contribution months within a cell are taken as lognormal with the cell's mean ``m`` and
coefficient of variation ``cv``: ``ln X ~ N(ln m - s^2 / 2, s^2)`` with ``s^2 = ln(1 + cv^2)``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from fsinsure.rules import Numbers, formula, rule

# Floors under the logarithms. In a cell with mean 0 the share above a positive limit is 0, and the
# share above a limit of 0 is 1 whatever the mean: hence the smaller floor under the limit.
_LEAST_MEAN = 1e-150
_LEAST_LIMIT = 1e-300


@rule
def share_above(limit: Numbers, mean: Numbers, cv: Numbers) -> Numbers:
    """Return P(X >= limit): the share of persons at or above a limit.

    ``Phi((ln(mean / limit) - s^2 / 2) / s)``

    Parameters
    ----------
    limit, mean
        Both in the same unit, 0 or more. A limit of 0 has a share of 1, also where the mean is 0.
    cv
        Coefficient of variation, above 0.

    Examples
    --------
    >>> round(float(share_above(180, 180, 0.5)), 6)
    0.406642
    >>> float(share_above(180, 0, 0.5)), float(share_above(0, 0, 0.5))
    (0.0, 1.0)
    """
    spread = _sigma(cv)
    return ndtr(_log_ratio(limit, mean) / spread - spread / 2)


@rule
def sum_share_above(limit: Numbers, mean: Numbers, cv: Numbers) -> Numbers:
    """Return E[X; X >= limit] / E[X]: the share of the total held by those at or above a limit.

    ``Phi((ln(mean / limit) + s^2 / 2) / s)``; parameters as in :func:`share_above`.

    >>> round(float(sum_share_above(180, 180, 0.5)), 6)
    0.593358
    """
    spread = _sigma(cv)
    return ndtr(_log_ratio(limit, mean) / spread + spread / 2)


@rule
def quantile(share: Numbers, mean: Numbers, cv: Numbers) -> Numbers:
    """Return the value below which a share of the persons is: ``mean exp(s z(share) - s^2 / 2)``.

    >>> round(float(quantile(0.5, 8000, 0.5)), 2)
    7155.42
    """
    spread = _sigma(cv)
    return mean * np.exp(spread * ndtri(share) - spread * spread / 2)


_quantile, _sum_share_above = formula(quantile), formula(sum_share_above)


@rule
def bin_means(cv: float, count: int) -> NDArray[np.float64]:
    """Return the mean of each of `count` equally probable bins, relative to the whole mean.

    Closed form; the bins average to 1.

    >>> bin_means(0.5, 4).round(4).tolist()
    [0.5029, 0.7704, 1.047, 1.6797]
    """
    edges = _quantile(np.arange(count + 1) / count, 1.0, cv)
    return np.asarray(-count * np.diff(_sum_share_above(edges, 1.0, cv)))


def _sigma(cv: Numbers) -> Numbers:
    """Return the standard deviation of ``ln X``."""
    return np.sqrt(np.log1p(cv * cv))


def _log_ratio(limit: Numbers, mean: Numbers) -> Numbers:
    return np.log(np.maximum(mean, _LEAST_MEAN)) - np.log(np.maximum(limit, _LEAST_LIMIT))
