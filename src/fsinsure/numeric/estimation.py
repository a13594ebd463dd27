"""Parameters estimated from figures within bounds: intervals, and which cannot be distinguished.

The residuals are ``r(x) = (ln projected(x) - ln published) / sigma``, and the estimate minimises
their sum of squares; with known standard errors that is the maximum likelihood under normal errors
of the logarithm. Near the estimate the model is taken as linear (G. A. F. Seber and C. J. Wild,
*Nonlinear Regression*, 1989, chapters 2 and 5): the covariance is ``s^2 (J'J)^-1``.

Collinearity is that of the Jacobian with columns of unit length (D. A. Belsley, E. Kuh and R. E.
Welsch, *Regression Diagnostics*, 1980, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Flags

LEVEL: Final = 0.8
"""The probability of the intervals: from the 10th to the 90th percentile."""

WEAK: Final = 1 / 30
"""Singular value, relative to the largest, below which a direction is hardly determined."""

ZERO: Final = 1e-7
"""The same, below which it is not determined: derivatives by differences are no better."""

ALIKE: Final = 0.95
"""Correlation of two estimates above which they only move together."""

LINKED: Final = 0.1
"""The entry of the projection on hardly determined directions from which on two are linked."""

BOUND: Final = 1e-6
"""How near a bound an estimate is at it, of the width of the bounds."""

ORTHOGONAL: Final = 1e-3
"""The cosine of residuals and a column of the Jacobian up to which an estimate is the best."""

SMALL: Final = 1e-6
"""The length of residuals from which on they matter: below, the fit is exact."""

PRECISION: Final = 1e-10
"""The tolerances of the search."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """What a search found.

    Parameters
    ----------
    values
        ``[parameter]``
    residuals
        ``[figure]``, over their standard errors.
    jacobian
        ``[figure, parameter]``: the derivatives of the residuals.
    bound
        -1 where an estimate is at its lower bound, 1 at its upper one, else 0 ``[parameter]``.
    known
        Whether the standard errors of the figures are known; else their common factor is estimated.
    """

    values: Array
    residuals: Array
    jacobian: Array
    bound: Array
    known: bool

    @property
    def freedom(self) -> int:
        """Figures less the directions that they determine, of parameters not at a bound."""
        free = self.bound == 0
        if not free.any():
            return len(self.residuals)
        singular, _ = directions(unit_columns(self.jacobian[:, free])[0])
        return len(self.residuals) - int((singular > ZERO * singular[0]).sum())

    @property
    def scale(self) -> float:
        """The standard error of a residual: 1 if known, NaN without degrees of freedom."""
        if self.known:
            return 1.0
        if self.freedom < 1:
            return float("nan")
        return float(np.sqrt((self.residuals**2).sum() / self.freedom))

    @cached_property
    def _inverse(self) -> Array:
        """``(J'J)^-1`` ``[parameter, parameter]``, NaN where there is none."""
        free = np.flatnonzero(self.bound == 0)
        found = np.full((len(self.values),) * 2, np.nan)
        if not free.size:
            return found
        columns, length = unit_columns(self.jacobian[:, free])
        singular, vectors = directions(columns)
        firm = singular > ZERO * singular[0]
        weights = np.where(firm, 1.0 / np.where(firm, singular, 1.0) ** 2, 0.0)
        inverse = vectors.T @ (weights[:, None] * vectors) / np.outer(length, length)
        open_ = (vectors[~firm] ** 2).sum(axis=0) > ZERO
        inverse[open_, :] = inverse[:, open_] = np.nan
        found[np.ix_(free, free)] = inverse
        return found

    @property
    def covariance(self) -> Array:
        """The covariance of the estimates ``[parameter, parameter]``; NaN where there is none.

        There is none of an estimate at a bound, and of one that the figures do not determine. Those
        at a bound count as known for the others.
        """
        return self.scale**2 * self._inverse

    @property
    def errors(self) -> Array:
        """The standard errors ``[parameter]``; NaN as of :attr:`covariance`."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> Array:
        """The correlation of the estimates ``[parameter, parameter]``; NaN as their covariance.

        It does not depend on the size of the residuals.
        """
        size = np.sqrt(np.diag(self._inverse))
        return np.asarray(self._inverse / np.outer(size, size))

    def interval(self, level: float = LEVEL) -> Array:
        """Return the ends of the intervals ``[2, parameter]``.

        By the t distribution with the degrees of freedom, by the normal one if the standard errors
        of the figures are known.
        """
        from scipy.special import ndtri, stdtrit

        share = (1.0 + level) / 2
        if self.known:
            times = float(ndtri(share))
        else:
            times = float(stdtrit(self.freedom, share)) if self.freedom > 0 else float("nan")
        return self.values + times * np.outer([-1.0, 1.0], self.errors)

    def together(self) -> list[tuple[int, ...]]:
        """Return the groups of parameters that the figures cannot tell apart, by index.

        A group is linked by correlations of estimates above :data:`ALIKE`, or by the directions in
        which the residuals hardly change (condition index above 30). A group of one does not move
        the figures at all.
        """
        singular, vectors = directions(unit_columns(self.jacobian)[0])
        weak = vectors[singular < WEAK * singular[0]]
        projection = weak.T @ weak
        linked = (np.abs(projection) > LINKED) | (np.abs(self.correlation) > ALIKE)
        np.fill_diagonal(linked, val=False)
        alone = np.diag(projection) > 1.0 - LINKED
        return connected(linked | np.diag(alone))


def unit_columns(jacobian: Array) -> tuple[Array, Array]:
    """Return a matrix with columns of length 1, and their lengths; columns of zeros stay.

    >>> columns, length = unit_columns(np.array([[3.0, 0.0], [4.0, 0.0]]))
    >>> columns.tolist(), length.tolist()
    ([[0.6, 0.0], [0.8, 0.0]], [5.0, 1.0])
    """
    length = np.sqrt((jacobian**2).sum(axis=0))
    length = np.where(length > 0.0, length, 1.0)
    return jacobian / length, length


def directions(columns: Array) -> tuple[Array, Array]:
    """Return singular values, the largest first, and the direction of each.

    Returns
    -------
    tuple
        ``[direction]``, zeros among them where there are fewer figures than parameters, and
        ``[direction, parameter]``.
    """
    _, some, vectors = np.linalg.svd(columns, full_matrices=True)
    singular = np.zeros(columns.shape[1])
    singular[: len(some)] = some
    return singular, np.asarray(vectors)


def connected(linked: Flags) -> list[tuple[int, ...]]:
    """Return the groups of what is linked ``[one, other]``, also with itself, in order.

    >>> connected(np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=bool))
    [(0, 2), (1,)]
    """
    from scipy.sparse.csgraph import connected_components

    _, group = connected_components(linked, directed=False)
    members = [np.flatnonzero(group == one) for one in dict.fromkeys(group.tolist())]
    return [tuple(one.tolist()) for one in members if len(one) > 1 or linked[one[0], one[0]]]


def estimate(
    residuals: Callable[[Array], Array],
    jacobian: Callable[[Array], Array],
    start: Array,
    bounds: tuple[Array, Array],
    *,
    known: bool,
) -> Estimate:
    """Return the parameters with the smallest sum of squared residuals within bounds.

    By the trust-region reflective algorithm (M. A. Branch, T. F. Coleman and Y. Li, *SIAM Journal
    on Scientific Computing* 21, 1999; :func:`scipy.optimize.least_squares`).

    Parameters
    ----------
    residuals
        Of some values ``[parameter]``, ``[figure]`` over their standard errors; not finite where
        the values are not possible: the search keeps away from there.
    jacobian
        Their derivatives ``[figure, parameter]``.
    start
        ``[parameter]``, possible.
    bounds
        The lowest and the highest values ``[parameter]``.
    known
        Whether the standard errors of the residuals are 1; else only relative to each other.

    Raises
    ------
    ArithmeticError
        If the search does not end, or ends before the best values as those beyond are not possible.
    """
    from scipy.optimize import least_squares

    found = least_squares(
        residuals,
        np.clip(start, *bounds),
        jac=jacobian,
        bounds=bounds,
        method="trf",
        x_scale="jac",
        xtol=PRECISION,
        ftol=PRECISION,
        gtol=PRECISION,
    )
    if not found.success:
        raise ArithmeticError(str(found.message))
    values, bound = _at_bounds(found.x, found.grad, bounds)
    best = Estimate(values, residuals(values), jacobian(values), bound, known)
    if not _is_best(best):
        raise ArithmeticError("better values would not be possible")
    return best


def _is_best(found: Estimate) -> bool:
    """Return whether the residuals are orthogonal to the derivatives by all but those at bounds."""
    size = np.linalg.norm(found.residuals)
    columns, _ = unit_columns(found.jacobian[:, found.bound == 0])
    return bool(size <= SMALL or (np.abs(columns.T @ found.residuals) <= ORTHOGONAL * size).all())


def _at_bounds(values: Array, gradient: Array, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return values put on the bounds beyond which they would be better, and which these are."""
    low, high = bounds
    near = BOUND * (high - low)
    at_low = (values - low <= near) & (gradient > 0.0)
    at_high = (high - values <= near) & (gradient < 0.0)
    values = np.where(at_low, low, np.where(at_high, high, values))
    return values, at_high.astype(np.float64) - at_low.astype(np.float64)
