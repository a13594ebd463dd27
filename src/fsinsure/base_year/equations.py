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
from math import ceil, floor

from fsinsure.errors import ClosureError
from fsinsure.units import show

Vector = dict[str, Fraction]
"""Numbers by name; a name that is missing has zero."""

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
    text: str = ""
    uses: Mapping[str, Use] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    meaning: str = ""
    pattern: str = ""

    @property
    def stated(self) -> str:
        """Name, value and source; only the name where the value is zero by definition."""
        return f"{self.name} of {self.text}" if self.text else self.name


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
    """

    people: Mapping[str, float]
    weights: Mapping[str, Mapping[str, Fraction]]
    checks: tuple[Check, ...]
    equations: Mapping[str, Equation]

    def refusal(self, unknown: str) -> str:
        """Say that the figures and assumptions that set an unknown cannot be met."""
        return _refusal(self.weights[unknown], self.equations)

    def levers(self, unknown: str) -> str:
        """Return the assumptions that set an unknown, as text."""
        levers = _levers(self.weights[unknown], self.equations)
        return _listed(levers, "or") or "one of these figures"


@dataclass(frozen=True)
class _Row:
    """A row of the elimination, and the combination of equations that it is."""

    weights: Vector
    origin: Vector

    def less(self, factor: Fraction, other: _Row) -> _Row:
        """Subtract a multiple of another row."""
        return _Row(
            _less(self.weights, factor, other.weights), _less(self.origin, factor, other.origin)
        )


def _less(vector: Vector, factor: Fraction, other: Vector) -> Vector:
    found = dict(vector)
    for name, value in other.items():
        found[name] = found.get(name, Fraction(0)) - factor * value
    return {name: value for name, value in found.items() if value}


class _Elimination:
    """Rows in reduced form: each has a pivot, an unknown that no other row contains."""

    def __init__(self, unknowns: Sequence[str]) -> None:
        self.unknowns = unknowns
        self.rows: dict[str, _Row] = {}

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
        raise _underdetermined(rows, by_name.values())
    weights = {name: _ordered(rows.rows[name].origin, by_name) for name in unknowns}
    exact = {name: _combined(weights[name], by_name) for name in unknowns}
    negative = [name for name in unknowns if exact[name] < -NEGLIGIBLE]
    if negative:
        raise _negative(negative, exact, weights[negative[0]], by_name)
    people = {name: float(max(value, Fraction(0))) for name, value in exact.items()}
    return Solution(people, weights, tuple(checks), by_name)


def _ordered(weights: Vector, by_name: Mapping[str, Equation]) -> Vector:
    return {name: weights[name] for name in by_name if name in weights}


def _combined(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> Fraction:
    return sum((w * by_name[name].value for name, w in weights.items()), Fraction(0))


def _checked(name: str, weights: Vector, by_name: Mapping[str, Equation]) -> Check:
    difference = _combined(weights, by_name)
    halves = (abs(w) * by_name[one].half_unit for one, w in weights.items())
    rounding = sum(halves, Fraction(0))
    if abs(difference) > rounding:
        raise _contradiction(name, weights, by_name, difference, rounding)
    return Check(name, weights, float(difference), float(rounding))


def _contradiction(
    name: str,
    weights: Vector,
    by_name: Mapping[str, Equation],
    difference: Fraction,
    rounding: Fraction,
) -> ClosureError:
    others = {one: -weight for one, weight in weights.items() if one != name}
    subject = name if by_name[name].text else f"the equation of {name}"
    published, assumed = _stated(weights, by_name)
    what = "figures and assumptions" if assumed else "published figures"
    advice = "Correct one of them, or leave one out"
    if assumed:
        advice = f"Leave out or change {_listed(_levers(weights, by_name), 'or')}"
    return ClosureError(
        f"{what} contradict each other: {subject} differs by {_people(difference)} people from "
        f"{_formula(others)}, of which rounding explains at most {_people(rounding)}; given are "
        f"{_listed([*published, *assumed])}. {advice}."
    )


def _underdetermined(rows: _Elimination, equations: Iterable[Equation]) -> ClosureError:
    helpful = [one for one in equations if one.missing and rows.reduced(one).weights]
    needed = len(rows.unknowns) - len(rows.rows)
    advice = f"Give {needed} of: {_options(helpful)}."
    if not helpful:
        advice = "No known figure would determine them."
    return ClosureError(
        f"the figures and assumptions leave {_listed(rows.undetermined())} open: {needed} more "
        f"{'equation is' if needed == 1 else 'equations are'} needed. {advice}"
    )


def _options(helpful: Iterable[Equation]) -> str:
    """List equations: those of one pattern together, by the groups that they state."""
    meanings: dict[str, list[str]] = {}
    stated: dict[str, list[str]] = {}
    for one in helpful:
        if one.pattern:
            stated.setdefault(one.pattern, []).extend(one.weights)
        else:
            meanings.setdefault(" with ".join(one.missing), []).append(one.meaning)
    options = [f"{names} ({', '.join(found)})" for names, found in meanings.items()]
    patterns: dict[str, list[str]] = {}
    for pattern, groups in stated.items():
        patterns.setdefault(", ".join(groups), []).append(pattern)
    options += [f"{_listed(names, 'or')} for {groups}" for groups, names in patterns.items()]
    return "; ".join(options)


def _negative(
    names: Sequence[str],
    exact: Mapping[str, Fraction],
    weights: Mapping[str, Fraction],
    by_name: Mapping[str, Equation],
) -> ClosureError:
    first = names[0]
    others = f" (negative too: {', '.join(names[1:])})" if names[1:] else ""
    valued = {name: weight for name, weight in weights.items() if by_name[name].value}
    return ClosureError(
        f"{_refusal(weights, by_name)}: it would need {_people(exact[first])} people of "
        f"{first}{others}, as {first} = {_formula(valued)}. "
        f"{_advice(exact[first], weights, by_name)}"
    )


def _refusal(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> str:
    published, assumed = _stated(weights, by_name)
    figures = f"the published {_listed(published)}" if published else ""
    assumptions = f"the assumptions {_listed(assumed)}" if assumed else ""
    both = " with ".join(filter(None, (figures, assumptions)))
    return f"the base year cannot meet {both}"


def _advice(
    amount: Fraction, weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]
) -> str:
    """Say which assumptions to change, and to what where one alone suffices."""
    limits = {}
    for name in _assumptions(weights, by_name):
        limit = by_name[name].value - amount / weights[name]
        if limit >= 0:
            if weights[name] < 0:
                limits[name] = f"lower {name} to at most {_people(Fraction(floor(limit)))}"
            else:
                limits[name] = f"raise {name} to at least {_people(Fraction(ceil(limit)))}"
    others = [name for name in _levers(weights, by_name) if name not in limits]
    if limits:
        tail = f", or change {_listed(others, 'or')}" if others else ""
        text = " or ".join(limits.values())
        return f"{text[0].upper()}{text[1:]}{tail}."
    return f"Change {_listed(others, 'or')}." if others else "Correct one of these figures."


def _stated(
    weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]
) -> tuple[list[str], list[str]]:
    """Return the figures and the assumptions of a combination, with their values."""
    published = [by_name[name].stated for name in weights if by_name[name].published]
    assumed = [by_name[name].stated for name in _assumptions(weights, by_name)]
    uses = _uses(weights, by_name)
    return published, assumed + [f"{name} of {text}" for name, text in uses.items()]


def _levers(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> list[str]:
    """Return the assumptions of a combination: those that it states and those in its weights."""
    return [*_assumptions(weights, by_name), *_uses(weights, by_name)]


def _assumptions(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> list[str]:
    """Return the assumptions whose values are combined."""
    return [name for name in weights if by_name[name].text and not by_name[name].published]


def _uses(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> dict[str, str]:
    """Return the assumptions that the weights of a combination depend on, with their values."""
    slopes: dict[str, Vector] = {}
    texts: dict[str, str] = {}
    for name, weight in weights.items():
        for use, found in by_name[name].uses.items():
            texts[use] = found.text
            slopes[use] = _less(slopes.get(use, {}), -weight, dict(found.slopes))
    return {use: text for use, text in texts.items() if slopes[use]}


def _formula(weights: Mapping[str, Fraction]) -> str:
    terms = []
    for name, weight in weights.items():
        size = "" if abs(weight) == 1 else f"{float(abs(weight)):.4g} × "
        terms.append(f"{'-' if weight < 0 else '+'} {size}{name}")
    return " ".join(terms).removeprefix("+ ") or "0"


def _people(amount: Fraction) -> str:
    whole = round(amount) if abs(amount) >= 1 else float(f"{float(amount):.3g}")
    return show(whole, "persons")


def _listed(names: Iterable[str], last: str = "and") -> str:
    found = list(names)
    return f" {last} ".join([", ".join(found[:-1]), found[-1]] if found[1:] else found)
