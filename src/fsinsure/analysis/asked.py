"""What a solve is asked: target, lever and years, or an error that says what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.analysis.solve import Aim, Lever
from fsinsure.errors import InputError
from fsinsure.measures import (
    measure_named,
    measure_shown,
    measures,
    names_of,
    parameter_named,
    parameter_names,
)
from fsinsure.messages import Message, both, separated
from fsinsure.names import listed, meant
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS
from fsinsure.units import is_whole, measure_in, shown

if TYPE_CHECKING:
    from fsinsure.analysis.solve import Found
    from fsinsure.scenario import Scenario

BALANCE: Final = "balance."
"""What begins the name of a target that is the closing balance of a fund."""


def target_named(word: str) -> str:
    """Return the target that a word names, or the word itself: a measure, or a fund's balance.

    >>> target_named("失业保险"), target_named("balance.失业保险")
    ('unemployment', 'balance.unemployment')
    """
    if isinstance(word, str) and word.startswith(BALANCE):
        return f"{BALANCE}{measure_named(word.removeprefix(BALANCE), FUNDS)}"
    return measure_named(word)


def target_shown(target: str) -> Message:
    """Return a target in messages: in Chinese its name, in English its code."""
    name = measure_shown(target.removeprefix(BALANCE))
    zh = Message("the balance of {fund}", fund=name) if target.startswith(BALANCE) else name
    return both(zh.text("zh"), target)


def aim_of(scenario: Scenario, target: str, value: float | str | None, year: int | None) -> Aim:
    """Return what is to be met, from the arguments and else from the scenario's targets."""
    target = target_named(target)
    money = isinstance(target, str) and target.startswith(BALANCE)
    names = {
        **names_of(measures()),
        **{
            f"{BALANCE}{fund}": tuple(f"{BALANCE}{one}" for one in known)
            for fund, known in names_of(FUNDS).items()
        },
    }
    if target not in names:
        raise InputError(
            "there is no target {target!r}.{hint} Targets: {known}",
            target=target,
            hint=meant(str(target), names),
            known=listed(target, names),
        )
    own = [one for one in scenario.targets if one.measure == target and year in (None, one.year)]
    if year is None and not own:
        raise InputError(
            "{name} has no target for {target}: give a value and a year",
            name=scenario.name,
            target=target_shown(target),
        )
    last = max(own, key=lambda one: one.year, default=None)
    at = last.year if last is not None else year
    region = scenario.region
    if not is_whole(at) or not region.first_year <= at <= scenario.horizon:
        raise InputError(
            "the year of a target is one of {first_year} to {horizon}, not {at}: choose one, or "
            "lengthen the horizon",
            first_year=region.first_year,
            horizon=scenario.horizon,
            at=at,
        )
    if value is None:
        if last is None:
            raise InputError(
                "{name} has no target for {target} in {at}: give a value",
                name=scenario.name,
                target=target_shown(target),
                at=at,
            )
        amount = last.value
    else:
        unit = "yuan" if money else "persons"
        text = value if isinstance(value, str) else repr(float(value))
        amount = float(measure_in(text, unit).amount)
    if amount < 0 and not money:
        raise InputError("a target counts people, so it is not negative: {value}", value=value)
    return Aim(target.removeprefix(BALANCE), money, int(at), amount)


def lever_of(scenario: Scenario, target: str, aim: Aim, lever: str | None) -> str:
    """Return the name of the lever that is solved."""
    region = scenario.region
    if lever is None:
        if aim.money or target not in region.closing_levers:
            raise InputError(
                "closing_levers of {name} name no lever for {target}: name one, such as "
                "growth.employee",
                name=region.name,
                target=target_shown(target),
            )
        return region.closing_levers[target]
    known, word = registry(), lever
    lever = parameter_named(word)
    if lever not in known:
        raise InputError(
            "there is no lever {lever!r}.{hint}", lever=word, hint=meant(word, parameter_names())
        )
    of_one_value = known[lever].kind == "scalar" and (
        lever in scenario.values or lever in region.values
    )
    if known[lever].kind != "path" and not of_one_value:
        raise InputError(
            "{lever} is not a number in {name}: a lever is a path or a number, such as "
            "growth.employee",
            lever=lever,
            name=scenario.name,
        )
    return lever


def since_of(lever: Lever, since: int | None) -> int:
    """Return the first year in which the lever changes."""
    first = lever.first
    if first > lever.last:
        raise InputError(
            "published figures are met up to {first}, and the target is of {last}: choose a later "
            "year",
            first=first - 1,
            last=lever.last,
        )
    if since is None:
        return first
    if not is_whole(since) or not first <= since <= lever.last:
        raise InputError(
            "since is a year from {first} to {last}, not {since}",
            first=first,
            last=lever.last,
            since=since,
        )
    return int(since)


def unreached(
    lever: Lever, aim: Aim, since: int, found: Found, probability: float | None = None
) -> InputError:
    """Return the error of a target that the lever cannot meet."""
    name, known = lever.name, registry()[lever.name]
    at = lever.values(since, found.change)[lever.years == aim.year].mean()
    low, high = lever.bounds(since)
    value = shown(round(float(at), 6), known.unit)
    where = Message("at {shown}", shown=value)
    if found.change in (low, high) and found.change:
        where = Message("at its lower bound, {shown}", shown=value)
        if found.change > 0:
            where = Message("at its upper bound, {shown}", shown=value)
    what = (
        Message("the balance of {fund}", fund=measure_shown(aim.subject))
        if aim.money
        else measure_shown(aim.subject)
    )
    text = Message(
        "{what} cannot be {value:,.0f} at the end of {year}",
        what=what,
        value=aim.value,
        year=aim.year,
    )
    if probability is not None:
        text += Message(" with a probability of {probability:.0%}", probability=probability)
    if not found.change:
        text += Message(
            ": {name} does not move it from {level:,.0f}: name another lever",
            name=name,
            level=found.level,
        )
        return InputError(separated((text, found.refused), ". ") if found.refused else text)
    text += Message(
        ": {name} {where} from {since} on gives {level:,.0f}",
        name=name,
        where=where,
        since=since,
        level=found.level,
    )
    if found.refused:
        return InputError(
            "{text}, and a larger change is not possible: {refused}",
            text=text,
            refused=found.refused,
        )
    return InputError("{text}. Choose another value or year, or name another lever", text=text)
