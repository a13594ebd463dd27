"""The two partial moments of a lognormal quantity, in closed form.

Wages and contribution months within a cell are taken as lognormal with the cell's mean ``m`` and
coefficient of variation ``cv``: ``ln X ~ N(ln m - s^2 / 2, s^2)`` with ``s^2 = ln(1 + cv^2)``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from fsinsure.rules import Numbers

# Floors under the logarithms. Nobody of a cell whose mean is 0 passes a positive limit, and
# everybody passes a limit of 0, also where the mean is 0: hence the smaller floor under the limit.
_LEAST_MEAN = 1e-150
_LEAST_LIMIT = 1e-300


def sigma(cv: Numbers) -> Numbers:
    """Return the standard deviation of ``ln X``: ``sqrt(ln(1 + cv^2))``; ``cv`` > 0.

    >>> round(float(sigma(0.5)), 6)
    0.472381
    """
    return np.sqrt(np.log1p(cv * cv))


def share_above(limit: Numbers, mean: Numbers, cv: Numbers) -> Numbers:
    """Return P(X >= limit): the share of persons at or above a limit.

    ``Phi((ln(mean / limit) - s^2 / 2) / s)``

    Parameters
    ----------
    limit, mean
        Both in the same unit, 0 or more. A limit of 0 is passed by all, a mean of 0 passes nothing
        else.
    cv
        Coefficient of variation, above 0.

    Examples
    --------
    >>> round(float(share_above(180, 180, 0.5)), 6)
    0.406642
    >>> float(share_above(180, 0, 0.5)), float(share_above(0, 0, 0.5))
    (0.0, 1.0)
    """
    return ndtr(_log_ratio(limit, mean) / sigma(cv) - sigma(cv) / 2)


def sum_share_above(limit: Numbers, mean: Numbers, cv: Numbers) -> Numbers:
    """Return E[X; X >= limit] / E[X]: the share of the cell's total that they hold.

    ``Phi((ln(mean / limit) + s^2 / 2) / s)``; parameters as in :func:`share_above`.

    >>> round(float(sum_share_above(180, 180, 0.5)), 6)
    0.593358
    """
    return ndtr(_log_ratio(limit, mean) / sigma(cv) + sigma(cv) / 2)


def quantile(share: Numbers, mean: Numbers, cv: Numbers) -> Numbers:
    """Return the value below which a share of the persons is: ``mean exp(s z(share) - s^2 / 2)``.

    >>> round(float(quantile(0.5, 8000, 0.5)), 2)
    7155.42
    """
    spread = sigma(cv)
    return mean * np.exp(spread * ndtri(share) - spread * spread / 2)


def bin_means(cv: float, count: int) -> NDArray[np.float64]:
    """Return the mean of each of `count` equally probable bins, relative to the whole mean.

    Closed form; the bins average to 1.

    >>> bin_means(0.5, 4).round(4).tolist()
    [0.5029, 0.7704, 1.047, 1.6797]
    """
    edges = quantile(np.arange(count + 1) / count, 1.0, cv)
    return np.asarray(-count * np.diff(sum_share_above(edges, 1.0, cv)))


def _log_ratio(limit: Numbers, mean: Numbers) -> Numbers:
    return np.log(np.maximum(mean, _LEAST_MEAN)) - np.log(np.maximum(limit, _LEAST_LIMIT))
