"""Draws weighted by published figures: importance weights and their effective number.

A draw counts by the likelihood of what was published given what it projects: with ``r`` the
logarithms of projected over published and ``S`` the covariance of their errors, the log weight is
``-r' S^-1 r / 2`` and a constant. The draws of the assumptions become draws of what is left of them
once the figures are known (importance sampling). The effective number of draws is ``1 / sum w^2``
for weights of sum 1 (A. Kong, *A note on importance sampling using standardized weights*,
University of Chicago, 1992).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from fsinsure.arrays import Array

FEWEST: Final = 30
"""Effective draws below which quantiles are refused: the 10th percentile would rest on three."""


def error_covariance(
    measures: Sequence[str], years: ArrayLike, sigma: ArrayLike, correlation: float = 0.0
) -> Array:
    """Return the covariance of the errors of figures ``[figure, figure]``.

    Errors of one measure are correlated by ``correlation ** years apart``, those of different
    measures are independent.

    Parameters
    ----------
    measures, years
        Of each figure.
    sigma
        The relative standard error of each figure, above 0.
    correlation
        Of the errors of two consecutive years, from 0 to below 1.

    Raises
    ------
    InputError
        If a standard error is not above 0, or the correlation is not in its range.

    Examples
    --------
    >>> error_covariance(["a", "a"], [2021, 2023], [0.1, 0.2], 0.5).round(4).tolist()
    [[0.01, 0.005], [0.005, 0.04]]
    """
    errors, when = np.asarray(sigma, dtype=np.float64), np.asarray(years)
    if not (np.isfinite(errors) & (errors > 0.0)).all():
        raise InputError(
            "the standard error of a figure must be above 0, such as 1%, not {errors}",
            errors=errors.min(),
        )
    if not 0.0 <= correlation < 1.0:
        raise InputError(
            "the correlation of the errors of two years is from 0 to below 1, not {correlation}",
            correlation=correlation,
        )
    same = np.equal.outer(np.asarray(measures), np.asarray(measures))
    apart = np.abs(np.subtract.outer(when, when))
    return np.asarray(np.where(same, correlation**apart, 0.0) * np.outer(errors, errors))


def log_weights(projected: Array, published: ArrayLike, covariance: Array) -> Array:
    """Return the log weight of every draw ``[draw]``, up to a constant.

    Parameters
    ----------
    projected
        ``[draw, figure]``; a draw that projects zero or less of a figure, or NaN, has no weight.
    published
        ``[figure]``, above 0.
    covariance
        Of the errors of the logarithms ``[figure, figure]``: :func:`error_covariance`.

    Examples
    --------
    >>> log_weights(np.array([[1.0], [np.e]]), [1.0], np.eye(1)).tolist()
    [-0.0, -0.5]
    """
    from scipy.linalg import solve_triangular

    possible = np.all(projected > 0.0, axis=1)  # false of NaN, too
    ratio = np.log(np.where(possible[:, None], projected, 1.0) / np.asarray(published))
    scaled = solve_triangular(np.linalg.cholesky(covariance), ratio.T, lower=True)
    return np.where(possible, -0.5 * (scaled**2).sum(axis=0), -np.inf)


def normalised(logs: Array) -> Array:
    """Return weights ``[draw]`` of sum 1.

    Raises
    ------
    InputError
        If no draw has a weight.

    Examples
    --------
    >>> normalised(np.log([1.0, 3.0])).round(6).tolist()
    [0.25, 0.75]
    """
    most = np.max(logs)
    if not np.isfinite(most):
        raise InputError(
            "no draw can be weighted by the figures: every draw projects zero of one of them, or "
            "cannot be projected"
        )
    weights = np.exp(logs - most)
    return np.asarray(weights / weights.sum())


def effective_size(weights: Array) -> float:
    """Return the number of equally weighted draws that tell as much: ``1 / sum w^2``.

    >>> effective_size(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    return float(1.0 / (weights**2).sum())


def check_size(weights: Array, fewest: int = FEWEST) -> float:
    """Return the effective number of draws if there are enough.

    Raises
    ------
    InputError
        If there are fewer than `fewest`; says what to change.
    """
    size = effective_size(weights)
    if size < fewest:
        raise InputError(
            "only {size:.1f} of {weights_count:,} draws count after weighting by the figures, at "
            "least {fewest} are needed: take about {wanted:,.0f} draws, allow the figures larger "
            "standard errors, or calibrate the scenario first so that draws lie near the figures "
            "(fsinsure calibrate)",
            size=size,
            weights_count=len(weights),
            fewest=fewest,
            wanted=len(weights) * 2 * fewest / size,
        )
    return size
