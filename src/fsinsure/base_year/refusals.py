"""What is said of equations that cannot be solved: the figures and assumptions, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from fsinsure.errors import ClosureError
from fsinsure.units import show

if TYPE_CHECKING:
    from fsinsure.base_year.equations import Equation

Vector = dict[str, Fraction]
"""Numbers by name; a name that is missing has zero."""


def less(vector: Vector, factor: Fraction, other: Mapping[str, Fraction]) -> Vector:
    """Return a vector less a multiple of another."""
    found = dict(vector)
    for name, value in other.items():
        found[name] = found.get(name, Fraction(0)) - factor * value
    return {name: value for name, value in found.items() if value}


def contradiction(
    name: str,
    weights: Vector,
    by_name: Mapping[str, Equation],
    difference: Fraction,
    rounding: Fraction,
) -> ClosureError:
    """Return the error of an equation that differs from what others give by more than rounding."""
    others = {one: -weight for one, weight in weights.items() if one != name}
    subject = name if by_name[name].text else f"the equation of {name}"
    published, assumed = _stated(weights, by_name)
    what = "figures and assumptions" if assumed else "published figures"
    advice = "Correct one of them, or leave one out"
    if assumed:
        advice = f"Leave out or change {listed(levers(weights, by_name), 'or')}"
    # A unit mistaken by a power of ten makes one figure the largest.
    largest = culprits({one: abs(weight) for one, weight in weights.items()}, by_name)
    return ClosureError(
        f"{what} contradict each other: {subject} differs by {_people(difference)} people from "
        f"{_formula(others)}, of which rounding explains at most {_people(rounding)}; given are "
        f"{listed([*published, *assumed])}. {advice}.",
        [*(levers(weights, by_name) if assumed else ()), *largest],
    )


def underdetermined(
    unknowns: Sequence[str], needed: int, helpful: Sequence[Equation]
) -> ClosureError:
    """Return the error of unknowns that are open, and the equations that would determine more."""
    advice = f"Give {needed} of: {_options(helpful)}."
    if not helpful:
        advice = "No known figure would determine them."
    return ClosureError(
        f"the figures and assumptions leave {listed(unknowns)} open: {needed} more "
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
    options += [f"{listed(names, 'or')} for {groups}" for groups, names in patterns.items()]
    return "; ".join(options)


def negative(
    names: Sequence[str],
    exact: Mapping[str, Fraction],
    weights: Mapping[str, Fraction],
    by_name: Mapping[str, Equation],
) -> ClosureError:
    """Return the error of unknowns below zero; `weights` are those of the first of them."""
    first = names[0]
    others = f" (negative too: {', '.join(names[1:])})" if names[1:] else ""
    valued = {name: weight for name, weight in weights.items() if by_name[name].value}
    return ClosureError(
        f"{refusal(weights, by_name)}: it would need {_people(exact[first])} people of "
        f"{first}{others}, as {first} = {_formula(valued)}. "
        f"{_advice(exact[first], weights, by_name)}",
        culprits({name: -weight for name, weight in weights.items()}, by_name),
    )


def refusal(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> str:
    """Say that figures and assumptions cannot be met."""
    published, assumed = _stated(weights, by_name)
    figures = f"the published {listed(published)}" if published else ""
    assumptions = f"the assumptions {listed(assumed)}" if assumed else ""
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
    others = [name for name in levers(weights, by_name) if name not in limits]
    if limits:
        tail = f", or change {listed(others, 'or')}" if others else ""
        text = " or ".join(limits.values())
        return f"{text[0].upper()}{text[1:]}{tail}."
    return f"Change {listed(others, 'or')}." if others else "Correct one of these figures."


def _stated(
    weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]
) -> tuple[list[str], list[str]]:
    """Return the figures and the assumptions of a combination, with their values."""
    published = [by_name[name].stated for name in weights if by_name[name].published]
    assumed = [by_name[name].stated for name in _assumptions(weights, by_name)]
    uses = _uses(weights, by_name)
    return published, assumed + [f"{name} of {text}" for name, text in uses.items()]


def culprits(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> list[str]:
    """Return the figures and assumptions of a combination, those that add most first."""
    named = [name for name in weights if by_name[name].text]
    named.sort(key=lambda name: -weights[name] * by_name[name].value)
    return [*named, *_uses(weights, by_name)]


def fewer(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> str:
    """Say what to change so that a combination has fewer people."""
    valued = [name for name in weights if by_name[name].value]
    changes = {
        "lower": [name for name in valued if weights[name] > 0],
        "raise": [name for name in valued if weights[name] < 0],
        "change": [*_uses(weights, by_name)],
    }
    text = ", or ".join(f"{verb} {listed(names, 'or')}" for verb, names in changes.items() if names)
    return f"{text[:1].upper()}{text[1:]}."


def levers(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> list[str]:
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
            slopes[use] = less(slopes.get(use, {}), -weight, found.slopes)
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


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as text: ``a, b and c``."""
    found = list(names)
    return f" {last} ".join([", ".join(found[:-1]), found[-1]] if found[1:] else found)
