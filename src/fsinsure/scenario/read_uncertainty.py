"""Read ``uncertainty``: distributions of parameters and their correlations, or what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.documents.problems import Invalid, Issue, invalid, quote, read_each
from fsinsure.draws import alike
from fsinsure.errors import did_you_mean
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.registry import NONE, SECTIONS, Parameter, registry
from fsinsure.scenario.uncertainty import (
    CORRELATIONS,
    EMPIRICAL,
    FORMS,
    PERSISTENCE,
    Correlation,
    Drawn,
    families,
    matrix,
)
from fsinsure.scenario.values import number
from fsinsure.scenario.words import meant
from fsinsure.units import show, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.documents.shape import Context

    Found = dict[str, Drawn | tuple[Correlation, ...]]

_SIGMA: Final = Parameter("sigma", "scalar", "ratio", 0, 5, "", "")
_RHO: Final = Parameter(PERSISTENCE, "scalar", "ratio", 0, 1, "", "")
_CORRELATION: Final = Parameter("correlation", "scalar", "ratio", -1, 1, "", "")

_ENDS: Final = ("low", "mode", "central", "high")
"""Numbers that ascend."""

_POSITIVE: Final = {
    "sd": Message("a value that is certain is not drawn"),
    "sigma": Message("a value that is certain is not drawn"),
    "median": Message("a lognormal number is positive"),
}

_SMALLEST: Final = 1e-9
"""Smallest eigenvalue of a correlation matrix that counts as positive definite."""

_MOST_PAIRS: Final = 3
_PAIR: Final = 2


@cache
def drawable() -> dict[str, Parameter]:
    """Return the parameters that may be drawn, by name: numbers and paths."""
    return {
        name: one
        for name, one in registry().items()
        if one.kind in ("path", "scalar") and alike(name) is None
    }


def uncertainty(value: object, _context: Context) -> Found:
    """Read the section.

    Returns
    -------
    dict
        By name of a parameter how it is drawn, and under ``correlations`` a tuple.

    Raises
    ------
    Invalid
        With all issues, located within the section.
    """
    if not isinstance(value, dict):
        raise invalid(
            "expected parameters with a distribution each, such as growth.employee: {{normal: "
            "{{mean: 5%, sd: 1.5%}}}}, got {value}",
            value=quote(value),
        )

    def one(name: str, inner: object) -> Drawn | tuple[Correlation, ...]:
        return _correlations(inner) if name == CORRELATIONS else _drawn(_known(name), inner)

    keys = list(value)
    return dict(zip(keys, read_each(value.items(), one), strict=True))


def _known(name: object, *, at_key: bool = True) -> Parameter:
    """Return the parameter of a name, if it may be drawn."""
    known = registry()
    if isinstance(name, str) and name in drawable():
        return known[name]
    if not isinstance(name, str) or name not in known:
        text = Message("no parameter {name}", name=quote(name))
        if name in SECTIONS:
            first = next(one for one in known if one.startswith(f"{name}."))
            text = Message(
                "is a section: name each parameter in full, such as {first}", first=first
            )
        elif isinstance(name, str):
            text += meant(name, (*drawable(), CORRELATIONS))
        raise Invalid(Issue(text, at_key=at_key))
    kind = known[name].kind
    why = (
        alike(name)
        if kind in ("path", "scalar")
        else Message("it is a {kind}, not a number", kind=kind)
    )
    raise Invalid(
        Issue(Message("{name} cannot be drawn: {why}", name=name, why=why), at_key=at_key)
    )


def _drawn(parameter: Parameter, value: object) -> Drawn:
    """Read how a parameter is drawn."""
    if value == NONE:
        return Drawn(None)
    forms = (*FORMS, EMPIRICAL)
    if not isinstance(value, dict):
        raise invalid(
            "expected a distribution ({forms}), such as {{{example}}}, or {none}; got {value}",
            forms=separated(forms),
            example=_example(parameter),
            none=NONE,
            value=quote(value),
        )
    issues = [
        Issue(
            Message(
                "unknown key.{hint} Known here: {forms}",
                hint=did_you_mean(key, (*forms, PERSISTENCE)),
                forms=separated((*forms, PERSISTENCE)),
            ),
            (key,),
            at_key=True,
        )
        for key in value
        if key not in (*forms, PERSISTENCE)
    ]
    given = [key for key in value if key in forms]
    if not given and not issues:
        raise invalid("no distribution: give one of {forms}", forms=separated(forms))
    issues += [
        Issue(
            Message("{key} beside {given}: keep one distribution", key=key, given=given[0]),
            (key,),
            at_key=True,
        )
        for key in given[1:]
    ]
    found = Drawn(None)
    try:
        if not issues:
            persistence = _persistence(parameter, value) if PERSISTENCE in value else None
            numbers = _numbers(parameter, given[0], value[given[0]])
            found = Drawn(families()[given[0]](**numbers), persistence)
    except Invalid as error:
        issues += error.issues
    if issues:
        raise Invalid(*issues)
    return found


def _example(parameter: Parameter) -> str:
    low, high = parameter.low or 0.0, parameter.high or 0.0
    return f"uniform: {{low: {show(low, parameter.unit)}, high: {show(high, parameter.unit)}}}"


def _persistence(parameter: Parameter, value: Mapping[str, object]) -> float:
    """Read the persistence of a path."""
    location = (PERSISTENCE,)
    if parameter.kind != "path":
        text = Message(
            "{name} is one number for all years: leave {persistence} out",
            name=parameter.name,
            persistence=PERSISTENCE,
        )
        raise Invalid(Issue(text, location, at_key=True))
    try:
        found = number(_RHO, value[PERSISTENCE])
    except Invalid as error:
        raise Invalid(*error.within(location)) from None
    if found == 1.0:
        text = Message("must be below 1: leave it out where all years have the same deviation")
        raise Invalid(Issue(text, location))
    return found


def _numbers(parameter: Parameter, form: str, value: object) -> dict[str, object]:
    """Read the numbers of a distribution; what is wrong is located beside the form's key."""
    try:
        if form == EMPIRICAL:
            return {"values": _values(parameter, value)}
        return dict(_named(parameter, FORMS[form], value))
    except Invalid as error:
        raise Invalid(*error.within((form,))) from None


def _values(parameter: Parameter, value: object) -> tuple[float, ...]:
    """Read the values of an empirical distribution."""
    if not isinstance(value, list):
        raise invalid("expected a list of at least two values, got {value}", value=quote(value))
    found = read_each(enumerate(value), lambda _, one: number(parameter, one))
    if len(set(found)) < _PAIR:
        raise invalid("expected at least two values that differ: what is certain is not drawn")
    return tuple(found)


def _named(parameter: Parameter, names: Sequence[str], value: object) -> dict[str, float]:
    """Read the named numbers of a distribution."""
    wanted = separated(names)
    if not isinstance(value, dict):
        raise invalid(
            "expected the numbers {wanted}; got {value}", wanted=wanted, value=quote(value)
        )
    issues = [
        Issue(
            Message(
                "unknown key.{hint} Known here: {wanted}",
                hint=did_you_mean(key, names),
                wanted=wanted,
            ),
            (key,),
            at_key=True,
        )
        for key in value
        if key not in names
    ]
    issues += [
        Issue(Message("is missing: give {wanted}", wanted=wanted), (name,), at_key=True)
        for name in names
        if name not in value
    ]
    if issues:
        raise Invalid(*issues)
    items = [(name, value[name]) for name in names]
    read = read_each(items, lambda name, one: number(_bounds(parameter, name), one))
    found = dict(zip(names, read, strict=True))
    if issues := [*_not_positive(found), *_not_ascending(found, parameter.unit)]:
        raise Invalid(*issues)
    return found


def _bounds(parameter: Parameter, name: str) -> Parameter:
    """Return the bounds of a number of a distribution: those of the parameter, or their width."""
    if name == "sigma":
        return _SIGMA
    if name == "sd":
        width = Decimal(repr(parameter.high)) - Decimal(repr(parameter.low))
        return replace(parameter, low=0.0, high=float(width))
    return parameter


def _not_positive(found: Mapping[str, float]) -> Iterator[Issue]:
    for name, why in _POSITIVE.items():
        if name in found and found[name] <= 0.0:
            yield Issue(Message("must be above 0: {why}", why=why), (name,))


def _not_ascending(found: Mapping[str, float], unit: str) -> Iterator[Issue]:
    """Yield an issue where numbers do not ascend, or the two ends are equal."""
    ends = [name for name in _ENDS if name in found]
    for name, after in pairwise(ends):
        if found[name] > found[after]:
            text = Message(
                "{found} is above {after}, {limit}",
                found=shown(found[name], unit),
                after=after,
                limit=shown(found[after], unit),
            )
            yield Issue(
                Message("{text}: lower {name} or raise {after}", text=text, name=name, after=after),
                (name,),
            )
    if len(ends) > 1 and found["low"] == found["high"]:
        both = shown(found["low"], unit)
        yield Issue(
            Message("low and high are both {both}: what is certain is not drawn", both=both),
            ("high",),
        )


def _correlations(value: object) -> tuple[Correlation, ...]:
    """Read the list of correlations, and refuse those that cannot hold together."""
    if not isinstance(value, list):
        raise invalid(
            "expected a list of correlations, each {{between: [a parameter, another], value: "
            "0.5}}, got {value}",
            value=quote(value),
        )
    found = read_each(enumerate(value), lambda _, one: _correlation(one))
    pairs = [one.pair for one in found]
    issues = [
        Issue(
            Message("{pair} a second time: keep one", pair=separated(sorted(pair), " and ")),
            (index,),
        )
        for index, pair in enumerate(pairs)
        if pair in pairs[:index]
    ]
    if issues:
        raise Invalid(*issues)
    if text := _contradiction(found):
        raise invalid(text)
    return tuple(found)


def _correlation(value: object) -> Correlation:
    keys = ("between", "value")
    if not isinstance(value, dict):
        raise invalid(
            "expected the keys {keys}; got {value}", keys=separated(keys), value=quote(value)
        )
    issues = [
        Issue(Message("unknown key. Known here: {keys}", keys=separated(keys)), (key,), at_key=True)
        for key in value
        if key not in keys
    ]
    issues += [
        Issue(Message("is missing"), (key,), at_key=True) for key in keys if key not in value
    ]
    if issues:
        raise Invalid(*issues)
    readers = {"between": _between, "value": _strength}
    between, strength = read_each(
        [(key, value[key]) for key in keys], lambda key, one: readers[key](one)
    )
    assert isinstance(between, tuple)
    assert isinstance(strength, float)
    return Correlation(between[0], between[1], strength)


def _between(value: object) -> tuple[str, str]:
    """Read the two names of a correlation."""
    if not isinstance(value, list) or len(value) != _PAIR:
        raise invalid(
            "expected two parameters, such as [wage.growth, price.growth], got {value}", value=value
        )
    read = read_each(enumerate(value), lambda _, name: _known(name, at_key=False).name)
    if read[0] == read[1]:
        raise invalid("{name} with itself: name two parameters", name=read[0])
    return read[0], read[1]


def _strength(value: object) -> float:
    found = number(_CORRELATION, value)
    if abs(found) == 1.0:
        raise invalid(
            "must be above -1 and below 1: two that always move together are better one parameter"
        )
    return found


def _contradiction(found: Sequence[Correlation]) -> Message:
    """Say why correlations cannot hold together; empty if their matrix is positive definite.

    The eigenvector `v` of the smallest eigenvalue names the pairs to blame: what each adds to it is
    ``2 v[i] v[j] r[i, j]``. With all correlations times `s` the smallest eigenvalue is
    ``1 + s (smallest - 1)``, so `s` may be up to ``1 / (1 - smallest)``.
    """
    names = sorted({name for one in found for name in one.pair})
    if not names:
        return EMPTY
    sizes, vectors = np.linalg.eigh(matrix(found, names))
    if sizes[0] > _SMALLEST:
        return EMPTY
    weight = dict(zip(names, vectors[:, 0], strict=True))

    def share(one: Correlation) -> float:
        return float(weight[one.first] * weight[one.second] * one.value)

    guilty = [one for one in sorted(found, key=share) if share(one) < 0.0][:_MOST_PAIRS]
    pairs = [
        Message(
            "{first} with {second} ({value:g})",
            first=one.first,
            second=one.second,
            value=one.value,
        )
        for one in guilty
    ]
    factor = np.floor(100.0 / (1.0 - sizes[0]) - 1e-6) / 100.0
    return Message(
        "these correlations cannot hold together (their matrix is not positive definite). Bring "
        "closer to 0 first: {pairs}. All of them times {factor:g} can hold together",
        pairs=separated(pairs, "; "),
        factor=float(factor),
    )
