"""The least of an objective under floors and bounds, by successive quadratic models.

``min f(x)`` so that ``g_j(x) >= 0`` and ``low <= x <= high``, for functions that are dear and
smooth, and cheaper by the block than one by one. In each step `f` and all `g` are computed at the
points of a stencil, in one call; the quadratics through them are minimised within a trust region by
D. Kraft's SLSQP, and the step is taken if it lowers the merit ``f + MERIT max_j(-g_j, 0)``, else
the region is halved (J. Nocedal and S. J. Wright, Numerical Optimization, 2nd edition, 2006,
chapters 4 and 18). Where the floors of the models cannot be met, the lowest is raised as far as it
can be.

The multipliers solve the conditions of Karush, Kuhn and Tucker, ``grad f = sum_j multiplier_j
grad g_j`` with those of the bounds in force among them, as least squares that are not negative (the
same book, chapter 12). What is found is the least in its neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsinsure.arrays import Array

WIDTH: Final = 1e-3
"""Of the stencil."""

MISSED: Final = 1e-9
"""How far below 0 a floor may be and count as met."""

IN_FORCE: Final = 1e-7
"""How near a floor or a bound counts as in force."""

SHORTEST: Final = 1e-9
"""The step at which the search ends."""

MERIT: Final = 1e3
"""What a missed floor weighs against the objective, of which the slope is of the size of 1."""

STEPS: Final = 60

PRECISION: Final = 1e-13
"""Of the least of a model."""


class Least(NamedTuple):
    """Where a search ended.

    Parameters
    ----------
    at
        ``[lever]``
    objective
        There.
    floors
        ``[floor]``; not negative (but for :data:`MISSED`) if `met`.
    multipliers
        ``[floor]``: by how much the objective grows if a floor is raised by 1; 0 of those that
        are not in force.
    residual
        What the multipliers leave of the slope of the objective, as a share of it: 0 at a least.
    moves
        ``[floor, lever]``: by how much the point moves if a floor is raised by 1; 0 of those with
        the multiplier 0.
    met
        Whether all floors are met; else the point is the one whose lowest floor is the highest.
    """

    at: Array
    objective: float
    floors: Array
    multipliers: Array
    residual: float
    moves: Array
    met: bool


@dataclass(frozen=True, eq=False)
class Problem:
    """An objective, floors and bounds.

    Parameters
    ----------
    values
        Of points ``[point, lever]`` the objective and the floors ``[point, 1 + floor]``; NaN of a
        point that is not possible. Levers and floors are of the size of 1.
    low, high
        Bounds ``[lever]``.
    """

    values: Callable[[Array], Array]
    low: Array
    high: Array


@dataclass(frozen=True, eq=False)
class Model:
    """Quadratics near a point.

    Parameters
    ----------
    point, values
        The point ``[lever]``, and objective and floors there ``[1 + floor]``.
    slopes
        At the point ``[1 + floor, lever]``.
    bends
        Second derivatives ``[1 + floor, lever, lever]``.
    """

    point: Array
    values: Array
    slopes: Array
    bends: Array

    def at(self, point: Array) -> Array:
        """Return objective and floors ``[1 + floor]``."""
        step = point - self.point
        return np.asarray(self.values + self.slopes @ step + self.bends @ step @ step / 2)

    def slopes_at(self, point: Array) -> Array:
        """Return their slopes ``[1 + floor, lever]``."""
        return np.asarray(self.slopes + self.bends @ (point - self.point))

    @property
    def missed(self) -> float:
        """How far the lowest floor is below 0."""
        return float(np.maximum(-self.values[1:], 0.0).max(initial=0.0))


def model_at(problem: Problem, point: Array) -> Model:
    """Return the quadratics through the values at a stencil near a point, in one call.

    The stencil lies within the bounds; the levers of a point at a bound are extrapolated from it.
    Where a value is not possible, the function is taken to go on as a line.
    """
    levers = len(point)
    width = np.minimum(WIDTH, (problem.high - problem.low) / 2)
    centre = np.clip(point, problem.low + width, problem.high - width)
    steps = np.diag(width)
    pairs = list(combinations(range(levers), 2))
    both = [steps[one] + steps[other] for one, other in pairs]
    stencil = np.array([point - centre, np.zeros(levers), *steps, *-steps, *both])
    found = problem.values(centre + stencil)
    own, middle, up, down = found[0], found[1], found[2 : 2 + levers], found[2 + levers :][:levers]
    up = np.where(np.isnan(up), 2 * middle - down, up)
    down = np.where(np.isnan(down), 2 * middle - up, down)
    wide = np.where(width > 0, width, 1.0)[:, None]  # 0: no point differs
    slopes = np.nan_to_num((up - down) / (2 * wide))
    bends = np.zeros((levers, levers, len(own)))
    bends[np.arange(levers), np.arange(levers)] = (up - 2 * middle + down) / wide**2
    for (one, other), value in zip(pairs, found[2 + 2 * levers :], strict=True):
        across = (value - up[one] - up[other] + middle) / (wide[one] * wide[other])
        bends[one, other] = bends[other, one] = across
    bends = np.where(np.isfinite(bends), bends, 0.0).transpose(2, 0, 1)
    return Model(point, own, slopes.T + bends @ (point - centre), bends)


def least(problem: Problem, start: Array) -> Least:
    """Return the least of an objective under floors, or how near all floors can be met.

    Parameters
    ----------
    problem
        The objective and the floors.
    start
        A point ``[lever]`` that is possible.

    Examples
    --------
    Twice the first lever and the second are to be 1, with the least sum of squares:

    >>> def values(x):
    ...     return np.stack([(x**2).sum(axis=1), 2 * x[:, 0] + x[:, 1] - 1], axis=1)
    >>> found = least(Problem(values, np.full(2, -5.0), np.full(2, 5.0)), np.zeros(2))
    >>> found.at.round(6).tolist(), found.multipliers.round(6).tolist(), found.met
    ([0.4, 0.2], [0.4], True)
    """
    model = model_at(problem, np.clip(start, problem.low, problem.high))
    radius = float(np.max(problem.high - problem.low))
    scale = float(max(np.abs(model.slopes[0]).max(), np.abs(model.bends[0]).max())) or 1.0
    for _ in range(STEPS):
        low, high = (
            np.clip(model.point + end, problem.low, problem.high) for end in (-radius, radius)
        )
        point = _least_of(model, low, high, scale)
        length = float(np.abs(point - model.point).max())
        if length <= SHORTEST:
            break
        other = model_at(problem, point)
        gained = (model.values[0] - other.values[0]) / scale + MERIT * (model.missed - other.missed)
        if gained > 0:
            model, radius = other, 2 * radius
        else:  # also where the point is not possible
            radius = length / 2
    return _described(problem, model)


def _least_of(model: Model, low: Array, high: Array, scale: float) -> Array:
    """Return the least of a model between bounds; where its floors cannot be met the nearest."""
    levers = len(low)
    point = _slsqp(
        (lambda x: float(model.at(x)[0] / scale), lambda x: model.slopes_at(x)[0] / scale),
        (lambda x: model.at(x)[1:], lambda x: model.slopes_at(x)[1:]),
        model.point,
        (low, high),
    )
    if (model.at(point)[1:] >= -MISSED).all():
        return point
    lowest = float(model.values[1:].min())
    nearest = _slsqp(
        (lambda x: -float(x[levers]), lambda _: np.append(np.zeros(levers), -1.0)),
        (
            lambda x: model.at(x[:levers])[1:] - x[levers],
            lambda x: np.pad(
                model.slopes_at(x[:levers])[1:], ((0, 0), (0, 1)), constant_values=-1.0
            ),
        ),
        np.append(model.point, min(lowest, 0.0)),
        (np.append(low, -np.inf), np.append(high, 0.0)),
    )[:levers]
    floors = [model.at(one)[1:].min() for one in (point, nearest)]
    return nearest if floors[1] > floors[0] else point


def _slsqp(
    objective: tuple[Callable[[Array], float], Callable[[Array], Array]],
    floors: tuple[Callable[[Array], Array], Callable[[Array], Array]],
    start: Array,
    bounds: tuple[Array, Array],
) -> Array:
    """Return where SLSQP ends; functions come with their slopes."""
    from scipy.optimize import Bounds, minimize

    search: Any = minimize  # its stubs know no constraints with slopes
    found = search(
        objective[0],
        start,
        jac=objective[1],
        method="SLSQP",
        bounds=Bounds(*bounds),
        constraints=[{"type": "ineq", "fun": floors[0], "jac": floors[1]}],
        options={"maxiter": 200, "ftol": PRECISION},
    )
    return np.asarray(np.clip(found.x, *bounds))


def _described(problem: Problem, model: Model) -> Least:
    """Return the point of a model with its multipliers."""
    from scipy.optimize import nnls

    point, values, slopes = model.point, model.values, model.slopes
    in_force = values[1:] <= IN_FORCE
    unit = np.eye(len(point))
    bounds = (unit[point - problem.low <= IN_FORCE], -unit[problem.high - point <= IN_FORCE])
    conditions = np.concatenate([slopes[1:][in_force], *bounds])
    multipliers = np.zeros(len(values) - 1)
    size = float(np.linalg.norm(slopes[0]))
    residual = 1.0 if size else 0.0
    if len(conditions) and size:
        # Of the length of 1, so that the least squares do not depend on units.
        lengths = np.maximum(np.linalg.norm(conditions, axis=1), 1e-300)
        found, rest = nnls((conditions / lengths[:, None]).T, slopes[0] / size)
        multipliers[in_force] = (found * size / lengths)[: in_force.sum()]
        residual = float(rest)
    moves = _moves(problem, model, multipliers)
    met = model.missed <= MISSED
    return Least(point, float(values[0]), values[1:], multipliers, residual, moves, met)


def _moves(problem: Problem, model: Model, multipliers: Array) -> Array:
    """Return by how much the least moves with each floor ``[floor, lever]``.

    The conditions at the least are solved for a floor raised by 1, the levers at a bound held
    (A. V. Fiacco, Introduction to Sensitivity and Stability Analysis, 1983).
    """
    from scipy.linalg import null_space

    free = np.minimum(model.point - problem.low, problem.high - model.point) > IN_FORCE
    tight = np.flatnonzero(multipliers > 0)
    moves = np.zeros((len(multipliers), len(free)))
    if not free.any() or not len(tight):
        return moves
    floors = model.slopes[1:][tight][:, free]
    bends = model.bends[0] - np.tensordot(multipliers, model.bends[1:], axes=1)
    bends = bends[np.ix_(free, free)]
    onto = np.linalg.pinv(floors)  # the shortest ways onto the raised floors
    along = null_space(floors)  # and those that leave the floors as they are
    if along.shape[1]:
        reduced = along.T @ bends @ along
        onto = onto - along @ np.linalg.lstsq(reduced, along.T @ bends @ onto, rcond=None)[0]
    moves[np.ix_(tight, free)] = onto.T
    return moves
