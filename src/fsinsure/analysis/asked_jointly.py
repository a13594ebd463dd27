"""What a solve of several levers is asked, or an error that says what to change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from fsinsure.analysis.asked import BALANCE, aim_of, lever_of, target_named, target_shown
from fsinsure.analysis.joint_solve import Joint, Objective, Reserve
from fsinsure.analysis.solve import Lever
from fsinsure.errors import InputError
from fsinsure.measures import (
    measure_named,
    measure_shown,
    names_of,
    parameter_named,
    parameter_names,
)
from fsinsure.messages import Message, separated, verbatim
from fsinsure.names import by_code, listed, meant, texts
from fsinsure.numeric.least import IN_FORCE
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS
from fsinsure.units import measure_in, parse, rounded, shown

if TYPE_CHECKING:
    from fsinsure.analysis.joint_solve import Step
    from fsinsure.analysis.solve import Aim
    from fsinsure.scenario import Scenario

MONTHS: Final = ("个月", "months", "month")
"""What ends a reserve in months."""

Number = float | str
"""A number, or one as written: ``"3%"``, ``"30亿"``."""


def joint_of(
    scenario: Scenario,
    target: str | Sequence[str] | Mapping[str, Number | None] | None,
    lever: str | Sequence[str] | None,
    *,
    year: int | None,
    least: str,
    bounds: Mapping[str, tuple[Number, Number]] | None,
    reserves: Mapping[str, Number] | None,
) -> Joint:
    """Return the levers, targets, reserves and bounds of a solve.

    Raises
    ------
    InputError
        If one of them does not fit the scenario, or bounds contradict each other.
    """
    if least not in get_args(Objective):
        raise InputError("least is 'cost' or 'change', not {least!r}", least=least)
    targets = _targets(scenario, target, year)
    last = max(one.year for one in targets)
    names = _levers(scenario, lever, targets)
    return Joint(
        scenario,
        tuple(Lever(scenario, name, last) for name in names),
        targets,
        _reserves(reserves or {}, last),
        "cost" if least == "cost" else "change",
        _bounds(scenario, names, bounds or {}, least),
    )


def _targets(
    scenario: Scenario,
    target: str | Sequence[str] | Mapping[str, Number | None] | None,
    year: int | None,
) -> tuple[Aim, ...]:
    """Return what is to be met: without names all targets of the scenario."""
    if target is None:
        own = [one for one in scenario.targets if year in (None, one.year)]
        if not own:
            raise InputError(
                "{name} has no targets: name some, with values and a year", name=scenario.name
            )
        return tuple(aim_of(scenario, one.measure, one.value, one.year) for one in own)
    names = texts(target, Message("targets"))
    if not names:
        raise InputError("no targets are given: name one, or leave them out for all of a scenario")
    given = target if isinstance(target, Mapping) else {}
    given = {target_named(name): one for name, one in given.items()}
    names = [target_named(name) for name in names]
    _once(names, Message("target"), target_shown)
    return tuple(aim_of(scenario, name, given.get(name), year) for name in names)


def _levers(
    scenario: Scenario, lever: str | Sequence[str] | None, targets: Sequence[Aim]
) -> list[str]:
    """Return the names of the levers: without names those of the region for the targets."""
    if lever is None:
        found = [
            lever_of(scenario, f"{BALANCE}{aim.subject}" if aim.money else aim.subject, aim, None)
            for aim in targets
        ]
        return list(dict.fromkeys(found))
    names = [parameter_named(name) for name in texts(lever, Message("levers"))]
    if not names:
        raise InputError("no levers are given: name one, or leave them out for those of the region")
    _once(names, Message("lever"), verbatim)
    return [lever_of(scenario, "", targets[0], name) for name in names]


def _once(names: Sequence[str], what: Message, show: Callable[[str], Message]) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(
            "the {what} {twice} is there twice: keep one", what=what, twice=show(twice[0])
        )


def _bounds(
    scenario: Scenario,
    levers: Sequence[str],
    bounds: Mapping[str, tuple[Number, Number]],
    least: str,
) -> dict[str, tuple[float, float]]:
    """Return the bounds of the values of levers that do not have those of the registry."""
    bounds = by_code(bounds, parameter_named, Message("bounds"))
    for name in bounds:
        if name not in levers:
            raise InputError(
                "bounds of {name}, which is no lever.{hint}",
                name=name,
                hint=meant(name, {one: parameter_names()[one] for one in levers}),
            )
    found = {name: _pair(name, ends) for name, ends in bounds.items()}
    if least == "cost":
        for name in levers:
            if name not in found:
                found[name] = _assumed(scenario, name)
    return found


def _pair(name: str, ends: tuple[Number, Number]) -> tuple[float, float]:
    """Return the bounds of a lever as numbers."""
    known = registry()[name]
    if isinstance(ends, str) or not isinstance(ends, Sequence) or len(ends) != 2:
        raise InputError(
            "bounds of {name} are two numbers, low and high, not {ends!r}", name=name, ends=ends
        )
    low, high = (_number(one, known.unit) for one in ends)
    assert known.low is not None
    assert known.high is not None
    if low > high:
        raise InputError(
            "bounds of {name}: low, {low}, is above high, {high}: swap them",
            name=name,
            low=shown(low, known.unit),
            high=shown(high, known.unit),
        )
    if low < known.low or high > known.high:
        raise InputError(
            "bounds of {name} lie between {low} and {high}, not {own_low} to {own_high}",
            name=name,
            low=shown(known.low, known.unit),
            high=shown(known.high, known.unit),
            own_low=shown(low, known.unit),
            own_high=shown(high, known.unit),
        )
    return low, high


def _assumed(scenario: Scenario, name: str) -> tuple[float, float]:
    """Return the range that the region assumes for a lever."""
    if name not in scenario.values:
        for one in scenario.region.values.get(name, ()):
            if one.low is not None and one.high is not None:
                return one.low, one.high
    raise InputError(
        "{name} needs bounds where the cost is to be least, or it may move as far as it pays: "
        "give {name} a low and a high end (bounds, --bound)",
        name=name,
    )


def _reserves(reserves: Mapping[str, Number], year: int) -> tuple[Reserve, ...]:
    """Return what funds are to keep at the end of a year."""
    found = []
    named = by_code(reserves, lambda name: measure_named(name, FUNDS), Message("reserves"))
    for fund, value in named.items():
        if fund not in FUNDS:
            raise InputError(
                "there is no fund {fund!r}.{hint} Funds: {funds}",
                fund=fund,
                hint=meant(str(fund), names_of(FUNDS)),
                funds=listed(fund, names_of(FUNDS)),
            )
        text = value if isinstance(value, str) else repr(float(value))
        stem = next((text.removesuffix(end) for end in MONTHS if text.endswith(end)), text)
        quantity = parse(stem)
        yuan = bool(quantity.suffix or quantity.noun)
        unit = "yuan" if yuan and stem == text else "months"
        found.append(Reserve(fund, year, float(measure_in(stem, unit).amount), unit))
    return tuple(found)


def _number(value: Number, unit: str) -> float:
    text = value if isinstance(value, str) else repr(float(value))
    return float(measure_in(text, unit).amount)


def unreached_together(joint: Joint, step: Step) -> InputError:
    """Return the error of targets that the levers cannot meet together: the best, at which bounds.

    The best is where the target that is missed most, relative to itself, is missed least.
    """
    found = step.found
    names = [
        *(target_shown(name_of(one)) for one in joint.targets),
        *(reserve_name(one) for one in joint.reserves),
    ]
    short = [
        Message(
            "{name} {missed}",
            name=names[index],
            missed=_missed(joint, index, float(found.floors[index])),
        )
        for index in np.flatnonzero(found.floors < -IN_FORCE).tolist()
    ]
    at = []
    low, high = joint.limits(step.since)
    for index, lever in enumerate(joint.levers):
        unit = registry()[lever.name].unit
        rows = lever.values(step.since, float(step.changes[index]))[lever.changed(step.since)]
        values = {"name": lever.name, "value": shown(round(float(rows.mean()), 6), unit)}
        if abs(step.changes[index] - low[index]) < IN_FORCE:
            at.append(Message("{name} {value} (its lower bound)", **values))
        elif abs(step.changes[index] - high[index]) < IN_FORCE:
            at.append(Message("{name} {value} (its upper bound)", **values))
        else:
            at.append(Message("{name} {value}", **values))
    many = len(joint.targets) + len(joint.reserves) > 1
    text = Message(
        "the levers cannot meet {more}. Nearest, with {at} from {since} on: {short}",
        more=(Message("all targets together") if many else Message("the target")),
        at=separated(at),
        since=step.since,
        short=separated(short, "; "),
    )
    if joint.refused:
        text += Message(". Further changes are not possible: {refused}", refused=joint.refused[-1])
    return InputError("{text}. Widen bounds, add a lever, or lower a target", text=text)


def _missed(joint: Joint, index: int, floor: float) -> Message:
    """Return by how much a target or reserve is missed, and which part of it is met."""
    missing = -floor * float(joint.sizes[index])
    if index >= len(joint.targets):
        return Message("lacks {missing} yuan", missing=rounded(missing, "yuan"))
    aim = joint.targets[index]
    level = aim.value - missing
    return Message(
        "{level:,.0f} of {value:,.0f} ({part:.1%})",
        level=level,
        value=aim.value,
        part=level / aim.value,
    )


def name_of(aim: Aim) -> str:
    """Return the name of a target: the measure, or ``balance.`` and the fund."""
    return f"{BALANCE}{aim.subject}" if aim.money else aim.subject


def reserve_name(reserve: Reserve) -> Message:
    """Return what a reserve is called in messages."""
    return Message("the reserve of {fund}", fund=measure_shown(reserve.fund))
