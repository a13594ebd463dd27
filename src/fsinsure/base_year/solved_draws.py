"""The people of the base year for many draws of its assumptions: the same equations, in floats.

The equations are solved once in exact fractions (:mod:`fsinsure.base_year.equations`), which says
which of them are independent and for which unknown each is solved. The weights of an equation are
products of assumptions, so that each draw has its own; they are eliminated in that order, all draws
at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Flags
from fsinsure.base_year.closure_table import (
    Known,
    is_number,
    share_expressions,
    solve_base,
    stated,
    terms,
    unknowns,
)
from fsinsure.base_year.equations import NEGLIGIBLE, Solution

SMALL: Final = 1e-9
"""A pivot below this is zero: the weights of the table are of the order of 1."""


@dataclass(eq=False)
class Refused:
    """The draws that cannot close, each with its first reason.

    Parameters
    ----------
    closes
        ``[draw]``
    reasons
        By reason the draws ``[draw]`` that it refuses.
    """

    closes: Flags
    reasons: dict[str, Flags] = field(default_factory=dict)

    def mark(self, reason: str, where: Flags) -> None:
        """Refuse the draws of `where` that no other reason refuses."""
        new = self.closes & where
        if new.any():
            self.reasons[reason] = self.reasons.get(reason, np.zeros_like(new)) | new
            self.closes = self.closes & ~new

    def first(self) -> Refused:
        """Return the first draw alone."""
        reasons = {name: where[:1] for name, where in self.reasons.items()}
        return Refused(self.closes[:1], reasons)


@dataclass(frozen=True, eq=False)
class _Row:
    """An equation of every draw: ``weights [unknown, draw]`` times people are ``value [draw]``."""

    weights: Array
    value: Array
    half_unit: float


def people_of_draws(
    known: Known, drawn: Mapping[str, Array], refused: Refused
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Solve for the people of every unknown in every draw.

    Parameters
    ----------
    known
        What is given, with the central value of every assumption that is drawn.
    drawn
        Values ``[draw]`` of some of the assumptions, by name.
    refused
        Where draws are marked that contradict published figures by more than rounding and a
        millionth of a person, leave unknowns open, or have negative people.

    Returns
    -------
    tuple
        The people ``[draw]`` by unknown, and by each equation that follows from others how far its
        value lies above what these give ``[draw]``. Of draws that are refused they mean nothing.

    Raises
    ------
    ClosureError
        If the central values cannot be met (:func:`fsinsure.base_year.equations.solve`).
    """
    solution = solve_base(known)
    rows = _rows(known, drawn, solution, len(refused.closes))
    origin, singular = _eliminated([rows[name] for name in solution.pivots], solution)
    refused.mark("unknowns are open", singular)
    values = np.stack([rows[name].value for name in solution.pivots])
    people = (origin * values).sum(axis=1)
    halves = np.array([rows[name].half_unit for name in solution.pivots])[:, None]
    over = {}
    for check in solution.checks:
        row = rows[check.name]
        over[check.name] = row.value - (row.weights * people).sum(axis=0)
        combined = np.abs((row.weights[:, None] * origin).sum(axis=0))
        rounding = row.half_unit + (combined * halves).sum(axis=0)
        wrong = np.abs(over[check.name]) > rounding + float(NEGLIGIBLE)
        refused.mark(f"{check.name} contradicts the others", wrong)
    for name, count in zip(unknowns(), people, strict=True):
        refused.mark(f"negative people of {name}", count < -float(NEGLIGIBLE))
    return dict(zip(unknowns(), np.maximum(people, 0.0), strict=True)), over


def shares_of_draws(known: Known, drawn: Mapping[str, Array], draws: int) -> dict[str, Array]:
    """Return the base-year share ``[draw]`` of each coverage path of a whole status."""
    return {
        path: np.broadcast_to(_number(terms(text), known, drawn), (draws,))
        for path, text in share_expressions().items()
    }


def _rows(
    known: Known, drawn: Mapping[str, Array], solution: Solution, draws: int
) -> dict[str, _Row]:
    """Return the equations that are active, by name."""
    found = {}
    for one in stated(known):
        equation = solution.equations[one.name]
        if equation.missing:
            continue
        people = [*terms(one.people), *(terms(one.equals, ("-1",)) if one.equals else ())]
        weights = np.zeros((len(unknowns()), draws))
        for group, factors in people:
            if group:
                weights[unknowns().index(group)] += _product(factors, known, drawn)
        if one.equals:
            value = -_number(people, known, drawn)
        else:
            value = np.asarray(drawn.get(one.name, float(equation.value)))
        half = float(equation.half_unit)
        found[one.name] = _Row(weights, np.broadcast_to(value, (draws,)), half)
    return found


def _number(
    people: Sequence[tuple[str, Sequence[str]]], known: Known, drawn: Mapping[str, Array]
) -> Array:
    """Return the sum of the terms that are numbers."""
    numbers = [_product(factors, known, drawn) for group, factors in people if not group]
    return np.asarray(sum(numbers, np.zeros(())))


def _product(factors: Sequence[str], known: Known, drawn: Mapping[str, Array]) -> Array:
    product = np.ones(())
    for factor in factors:
        if is_number(factor):
            product = product * float(Fraction(factor))
        elif factor in drawn and not known.figures.get(factor):
            product = product * drawn[factor]
        else:
            product = product * float(known.value(factor) or 0)
    return product


def _eliminated(rows: Sequence[_Row], solution: Solution) -> tuple[Array, Flags]:
    """Return the weight of each equation in each unknown, and in which draws unknowns are open.

    Gauss-Jordan elimination in the order of the exact solution.

    Returns
    -------
    tuple
        ``[unknown, equation, draw]``, and ``[draw]``.
    """
    size = len(rows)
    weights = np.stack([row.weights for row in rows])  # [equation, unknown, draw]
    draws = weights.shape[-1]
    origin = np.broadcast_to(np.eye(size)[..., None], (size, size, draws)).copy()
    pivots = [unknowns().index(name) for name in solution.pivots.values()]
    singular = np.zeros(draws, dtype=bool)
    for row, pivot in enumerate(pivots):
        # The equations before have been reduced by each other: this one by all of them.
        for other in range(row):
            factor = weights[row, pivots[other]].copy()
            weights[row] -= factor * weights[other]
            origin[row] -= factor * origin[other]
        zero = np.abs(weights[row, pivot]) < SMALL
        singular |= zero
        scale = np.where(zero, 1.0, weights[row, pivot])
        weights[row] /= scale
        origin[row] /= scale
        for other in range(row):
            factor = weights[other, pivot].copy()
            weights[other] -= factor * weights[row]
            origin[other] -= factor * origin[row]
    found = np.empty_like(origin)
    found[pivots] = origin
    return found, singular
