"""What is said of equations that cannot be solved: the figures and assumptions, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from fsinsure.errors import ClosureError
from fsinsure.messages import EMPTY, Message, either, sentence, separated
from fsinsure.units import shown

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
    subject = name if by_name[name].text else Message("the equation of {name}", name=name)
    published, assumed = _stated(weights, by_name)
    what = Message("figures and assumptions") if assumed else Message("published figures")
    advice = Message("Correct one of them, or leave one out")
    if assumed:
        advice = Message("Leave out or change {names}", names=either(levers(weights, by_name)))
    # A unit mistaken by a power of ten makes one figure the largest.
    largest = culprits({one: abs(weight) for one, weight in weights.items()}, by_name)
    return ClosureError(
        Message(
            "{what} contradict each other: {subject} differs by {people} people from {formula}, "
            "of which rounding explains at most {rounding}; given are {given}. {advice}.",
            what=what,
            subject=subject,
            people=_people(difference),
            formula=_formula(others),
            rounding=_people(rounding),
            given=either((*published, *assumed), " and "),
            advice=advice,
        ),
        [*(levers(weights, by_name) if assumed else ()), *largest],
    )


def underdetermined(
    unknowns: Sequence[str], needed: int, helpful: Sequence[Equation]
) -> ClosureError:
    """Return the error of unknowns that are open, and the equations that would determine more."""
    advice = Message("Give {needed} of: {options}.", needed=needed, options=_options(helpful))
    if not helpful:
        advice = Message("No known figure would determine them.")
    more = Message("{count} more equations are needed", count=needed)
    if needed == 1:
        more = Message("1 more equation is needed")
    return ClosureError(
        "the figures and assumptions leave {unknowns} open: {more}. {advice}",
        unknowns=either(unknowns, " and "),
        more=more,
        advice=advice,
    )


def _options(helpful: Iterable[Equation]) -> Message:
    """List equations: those of one pattern together, by the groups that they state."""
    meanings: dict[tuple[str, ...], list[Message]] = {}
    stated: dict[str, list[str]] = {}
    for one in helpful:
        if one.pattern:
            stated.setdefault(one.pattern, []).extend(one.weights)
        else:
            meanings.setdefault(one.missing, []).append(one.meaning)
    options = [
        Message("{names} ({meanings})", names=separated(names, " with "), meanings=separated(found))
        for names, found in meanings.items()
    ]
    patterns: dict[str, list[str]] = {}
    for pattern, groups in stated.items():
        patterns.setdefault(", ".join(groups), []).append(pattern)
    options += [
        Message("{names} for {groups}", names=either(names), groups=groups)
        for groups, names in patterns.items()
    ]
    return separated(options, "; ")


def negative(
    names: Sequence[str],
    exact: Mapping[str, Fraction],
    weights: Mapping[str, Fraction],
    by_name: Mapping[str, Equation],
) -> ClosureError:
    """Return the error of unknowns below zero; `weights` are those of the first of them."""
    first = names[0]
    others = Message(" (negative too: {names})", names=separated(names[1:])) if names[1:] else EMPTY
    valued = {name: weight for name, weight in weights.items() if by_name[name].value}
    return ClosureError(
        Message(
            "{refusal}: it would need {people} people of {first}{others}, as {first} = {formula}. "
            "{advice}",
            refusal=refusal(weights, by_name),
            people=_people(exact[first]),
            first=first,
            others=others,
            formula=_formula(valued),
            advice=_advice(exact[first], weights, by_name),
        ),
        culprits({name: -weight for name, weight in weights.items()}, by_name),
    )


def refusal(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> Message:
    """Say that figures and assumptions cannot be met."""
    published, assumed = _stated(weights, by_name)
    parts = []
    if published:
        parts.append(Message("the published {figures}", figures=either(published, " and ")))
    if assumed:
        parts.append(Message("the assumptions {names}", names=either(assumed, " and ")))
    return Message("the base year cannot meet {parts}", parts=separated(parts, " with "))


def _advice(
    amount: Fraction, weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]
) -> Message:
    """Say which assumptions to change, and to what where one alone suffices."""
    limits = {}
    for name in _assumptions(weights, by_name):
        limit = by_name[name].value - amount / weights[name]
        if limit >= 0:
            if weights[name] < 0:
                limits[name] = Message(
                    "lower {name} to at most {limit}",
                    name=name,
                    limit=_people(Fraction(floor(limit))),
                )
            else:
                limits[name] = Message(
                    "raise {name} to at least {limit}",
                    name=name,
                    limit=_people(Fraction(ceil(limit))),
                )
    others = [name for name in levers(weights, by_name) if name not in limits]
    change = Message("change {names}", names=either(others))
    if limits:
        changes = [separated(limits.values(), " or "), *([change] if others else [])]
        return sentence(Message("{changes}.", changes=separated(changes, ", or ")))
    if others:
        return sentence(Message("{changes}.", changes=change))
    return Message("Correct one of these figures.")


def _stated(
    weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]
) -> tuple[list[Message], list[Message]]:
    """Return the figures and the assumptions of a combination, with their values."""
    published = [by_name[name].stated for name in weights if by_name[name].published]
    assumed = [by_name[name].stated for name in _assumptions(weights, by_name)]
    uses = _uses(weights, by_name)
    used = [Message("{name} of {value}", name=name, value=text) for name, text in uses.items()]
    return published, assumed + used


def culprits(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> list[str]:
    """Return the figures and assumptions of a combination, those that add most first."""
    named = [name for name in weights if by_name[name].text]
    named.sort(key=lambda name: -weights[name] * by_name[name].value)
    return [*named, *_uses(weights, by_name)]


def fewer(weights: Mapping[str, Fraction], by_name: Mapping[str, Equation]) -> Message:
    """Say what to change so that a combination has fewer people."""
    valued = [name for name in weights if by_name[name].value]
    high = [name for name in valued if weights[name] > 0]
    low = [name for name in valued if weights[name] < 0]
    uses = _uses(weights, by_name)
    changes = []
    if high:
        changes.append(Message("lower {names}", names=either(high)))
    if low:
        changes.append(Message("raise {names}", names=either(low)))
    if uses:
        changes.append(Message("change {names}", names=either(uses)))
    return Message("{changes}.", changes=separated(changes, ", or "))


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


def _people(amount: Fraction) -> Message:
    whole = round(amount) if abs(amount) >= 1 else float(f"{float(amount):.3g}")
    return shown(whole, "persons")
