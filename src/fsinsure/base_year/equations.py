"""Solve for the people of the base year: linear equations on named unknowns, in exact fractions.

Published figures come first, in their order, then assumptions. An equation that does not follow
from those before it is met exactly; one that does is a check: it must hold within the rounding
of the figures that it combines. What cannot be solved is refused with the names of the figures
and assumptions concerned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from fsinsure.base_year.refusals import (
    Vector,
    contradiction,
    culprits,
    fewer,
    less,
    levers,
    negative,
    refusal,
    underdetermined,
)
from fsinsure.messages import EMPTY, Message, either, sentence, verbatim

NEGLIGIBLE = Fraction(1, 10**6)
"""People below zero that come from shares with a limited number of digits."""


@dataclass(frozen=True)
class Use:
    """An assumption that sets weights of an equation.

    Parameters
    ----------
    text
        Its value as text.
    slopes
        By unknown, the change of its weight with the assumption.
    """

    text: str
    slopes: Mapping[str, Fraction]


@dataclass(frozen=True)
class Equation:
    """The sum of `weights` times people equals `value`.

    Parameters
    ----------
    name
        The published figure or the assumption that it states.
    published
        Whether it is a published figure.
    weights
        Weight by unknown.
    value
        What the sum equals, in persons.
    half_unit
        Half a unit of the last digit published; 0 for an assumption.
    text
        The value as written, with its source.
    uses
        The assumptions that set the weights, by name.
    missing
        Figures and assumptions that are not given. If there are any, the equation is not active;
        weights that depend on them are placeholders.
    meaning
        What it says, in English.
    pattern
        The name with ``{group}`` for the group of people that it states; else empty.
    """

    name: str
    published: bool
    weights: Mapping[str, Fraction]
    value: Fraction
    half_unit: Fraction = Fraction(0)
    text: Message = EMPTY
    uses: Mapping[str, Use] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    meaning: Message = EMPTY
    pattern: str = ""

    @property
    def stated(self) -> Message:
        """Name, value and source; only the name where the value is zero by definition."""
        if not self.text:
            return verbatim(self.name)
        return Message("{name} of {value}", name=self.name, value=self.text)


@dataclass(frozen=True)
class Check:
    """An equation that follows from others.

    Parameters
    ----------
    weights
        Weight by name of the equations that are combined; 1 for the one that is checked.
    difference
        How far the value lies above what the others give: 0 if they agree exactly.
    rounding
        What the rounding of the figures explains.
    """

    name: str
    weights: Mapping[str, Fraction]
    difference: float
    rounding: float


@dataclass(frozen=True)
class Solution:
    """The people of every unknown.

    Parameters
    ----------
    people
        By unknown.
    weights
        By unknown, the weight of every equation whose value or weights set it.
    checks
        The equations that follow from others.
    equations
        All equations by name, those that are not active among them.
    pivots
        The unknown that each equation was solved for, in the order in which they were solved.
    """

    people: Mapping[str, float]
    weights: Mapping[str, Mapping[str, Fraction]]
    checks: tuple[Check, ...]
    equations: Mapping[str, Equation]
    pivots: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, unknown: str) -> Message:
        """Say that the figures and assumptions that set an unknown cannot be met."""
        return refusal(self.weights[unknown], self.equations)

    def levers(self, unknown: str) -> Message:
        """Return the assumptions that set an unknown, as text."""
        found = levers(self.weights[unknown], self.equations)
        return either(found) if found else Message("one of these figures")

    def fewer(self, unknown: str, *, begins: bool = True) -> Message:
        """Say what to change so that an unknown has fewer people; it `begins` a sentence."""
        text = fewer(self.weights[unknown], self.equations)
        return sentence(text) if begins else text

    def culprits(self, *unknowns: str) -> list[str]:
        """Return the figures and assumptions that set unknowns, those that add most first."""
        weights: Vector = {}
        for one in unknowns:
            weights = less(weights, Fraction(-1), self.weights[one])
        return culprits(weights, self.equations)


@dataclass(frozen=True)
class _Row:
    """A row of the elimination, and the combination of equations that it is."""

    weights: Vector
    origin: Vector

    def less(self, factor: Fraction, other: _Row) -> _Row:
        """Subtract a multiple of another row."""
        return _Row(
            less(self.weights, factor, other.weights), less(self.origin, factor, other.origin)
        )


class _Elimination:
    """Rows in reduced form: each has a pivot, an unknown that no other row contains."""

    def __init__(self, unknowns: Sequence[str]) -> None:
        self.unknowns = unknowns
        self.rows: dict[str, _Row] = {}
        self.pivots: dict[str, str] = {}

    def reduced(self, equation: Equation) -> _Row:
        """Return the part of an equation that does not follow from the rows."""
        weights = {name: weight for name, weight in equation.weights.items() if weight}
        row = _Row(weights, {equation.name: Fraction(1)})
        for pivot, own in self.rows.items():
            if pivot in row.weights:
                row = row.less(row.weights[pivot], own)
        return row

    def add(self, equation: Equation) -> Vector | None:
        """Add an equation; if it follows from the rows, return the combination that is zero."""
        row = self.reduced(equation)
        if not row.weights:
            return row.origin
        pivot = next(name for name in self.unknowns if name in row.weights)
        # Less a multiple of itself: the weight of the pivot becomes 1.
        row = row.less(1 - 1 / row.weights[pivot], row)
        for name, own in self.rows.items():
            if pivot in own.weights:
                self.rows[name] = own.less(own.weights[pivot], row)
        self.rows[pivot] = row
        self.pivots[equation.name] = pivot
        return None

    def undetermined(self) -> list[str]:
        """Return the unknowns that the rows do not determine."""
        closed = {pivot for pivot, row in self.rows.items() if len(row.weights) == 1}
        return [name for name in self.unknowns if name not in closed]


def solve(unknowns: Sequence[str], equations: Iterable[Equation]) -> Solution:
    """Solve for the people of every unknown.

    Parameters
    ----------
    unknowns
        Their names, in the order of messages.
    equations
        Figures before assumptions, in order of precedence. Those with something missing are not
        used; they are proposed where unknowns remain open.

    Raises
    ------
    ClosureError
        If active equations contradict each other, unknowns remain open or people are negative;
        the message names the figures and assumptions.
    """
    by_name = {one.name: one for one in equations}
    rows, checks = _Elimination(unknowns), []
    for equation in by_name.values():
        if equation.missing:
            continue
        combination = rows.add(equation)
        if combination is not None:
            checks.append(_checked(equation.name, _ordered(combination, by_name), by_name))
    if rows.undetermined():
        helpful = [one for one in by_name.values() if one.missing and rows.reduced(one).weights]
        needed = len(rows.unknowns) - len(rows.rows)
        raise underdetermined(rows.undetermined(), needed, helpful)
    weights = {name: _ordered(rows.rows[name].origin, by_name) for name in unknowns}
    exact = {name: _combined(weights[name], by_name) for name in unknowns}
    below = [name for name in unknowns if exact[name] < -NEGLIGIBLE]
    if below:
        raise negative(below, exact, weights[below[0]], by_name)
    people = {name: float(max(value, Fraction(0))) for name, value in exact.items()}
    return Solution(people, weights, tuple(checks), by_name, rows.pivots)


def _ordered(weights: Vector, by_name: Mapping[str, Equation]) -> Vector:
    return {name: weights[name] for name in by_name if name in weights}


def _combined(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> Fraction:
    return sum((w * by_name[name].value for name, w in weights.items()), Fraction(0))


def _checked(name: str, weights: Vector, by_name: Mapping[str, Equation]) -> Check:
    difference = _combined(weights, by_name)
    halves = (abs(w) * by_name[one].half_unit for one, w in weights.items())
    rounding = sum(halves, Fraction(0))
    if abs(difference) > rounding:
        raise contradiction(name, weights, by_name, difference, rounding)
    return Check(name, weights, float(difference), float(rounding))
