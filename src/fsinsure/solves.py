"""Solve levers for targets: what it takes, what it costs, and until when there is time."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, overload

from fsinsure.analysis.asked import aim_of, lever_of, since_of, target_named, unreached
from fsinsure.analysis.asked_jointly import joint_of, name_of
from fsinsure.analysis.likely import Chances, Likely
from fsinsure.analysis.observe import observe
from fsinsure.analysis.solve import Lever, latest_start, solve_from
from fsinsure.answer import Answer, projected, reproduced, rerun
from fsinsure.api import run
from fsinsure.errors import IdentityError, InputError, ObservedWarning
from fsinsure.joint_answer import answered
from fsinsure.scenario import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from fsinsure.analysis.asked_jointly import Number
    from fsinsure.analysis.joint_solve import Objective
    from fsinsure.analysis.solve import Aim
    from fsinsure.joint_answer import JointAnswer
    from fsinsure.scenario import Scenario

    Names = list[str] | tuple[str, ...]


@overload
def solve(
    scenario: Scenario | str | PathLike[str],
    target: str,
    lever: str | None = None,
    *,
    value: Number | None = None,
    year: int | None = None,
    since: int | None = None,
    probability: float | None = None,
    draws: int = 256,
    seed: int = 0,
) -> Answer: ...


@overload
def solve(
    scenario: Scenario | str | PathLike[str],
    target: Names | Mapping[str, Number | None] | None = None,
    lever: str | Names | None = None,
    *,
    year: int | None = None,
    since: int | None = None,
    least: Objective = "change",
    bounds: Mapping[str, tuple[Number, Number]] | None = None,
    reserves: Mapping[str, Number] | None = None,
) -> JointAnswer: ...


def solve(  # noqa: PLR0913 (flat, so that one target needs no other name)
    scenario: Scenario | str | PathLike[str],
    target: str | Names | Mapping[str, Number | None] | None = None,
    lever: str | Names | None = None,
    *,
    value: Number | None = None,
    year: int | None = None,
    since: int | None = None,
    least: Objective = "change",
    bounds: Mapping[str, tuple[Number, Number]] | None = None,
    reserves: Mapping[str, Number] | None = None,
    probability: float | None = None,
    draws: int = 256,
    seed: int = 0,
) -> Answer | JointAnswer:
    """Return what levers must be so that targets are met, and what that costs (docs/solve.md).

    Each lever is changed by the same amount in every year from `since` to that of the last target.
    What is printed and returned is of a rerun of the scenario file of the answer.

    One target, named, is met exactly by one lever; of a scenario that is above it the answer is how
    far the lever may give way. Several targets are floors that several levers meet together, at the
    least change or cost.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`.
    target
        A measure of people, or ``balance.`` and a fund: its balance at the end of the year. Several
        as a list, or with their values by name; without any all targets of the scenario.
    lever
        A path or a number of the scenario, several as a list; by default what ``closing_levers`` of
        the region names for the measures.
    value
        Of one target: persons or yuan, a number or a text such as ``"470万"``; by default that of
        the target of the scenario, of several the last one.
    year
        At the end of which targets are to be met; by default those of the targets of the scenario.
    since
        The first year in which levers change; by default the first one after those whose published
        figures are met.
    least
        ``change``: the sum of the squared changes, each in the range of its lever; ``cost``: what
        the funds and the treasury pay more up to the horizon.
    bounds
        Low and high ends of the values of levers by name; others have those of the registry, and
        where the cost is to be least the range that the region assumes.
    reserves
        What funds keep at the end of the year of the last target, by fund: months of the outgo of
        the year (a number, or ``"6个月"``), or yuan (``"30亿"``).
    probability
        Of one target and one lever: the share of draws that are to meet it, such as 0.9, what is
        uncertain being drawn as in :func:`fsinsure.ensemble`, but for the lever.
    draws, seed
        How many draws, and of which seed, where there is a probability.

    Returns
    -------
    Answer or JointAnswer
        The levers, both runs, what the changes cost, and the scenario file; of one target named as
        a text, and one lever, without bounds and reserves, an Answer.

    Raises
    ------
    InputError
        As :func:`fsinsure.run`; if targets, levers, years, values or bounds do not fit the
        scenario; if the targets cannot be met: says what the levers give at their bounds.

    Examples
    --------
    >>> import fsinsure as fs
    >>> answer = fs.solve("baseline", "pension.enterprise", value="520万")
    >>> answer.lever, abs(answer.projected - 5_200_000) < 1
    ('growth.flexible', True)
    """
    chosen = opened(scenario)
    if chosen.actuals is not None:
        raise InputError(
            "a scenario that meets your own figures has no file that reproduces its answer: solve "
            "it without outcomes"
        )
    chosen = _observed(chosen)
    alone = isinstance(target, str) and (lever is None or isinstance(lever, str))
    if alone and least == "change" and not bounds and not reserves:
        assert isinstance(target, str)
        assert lever is None or isinstance(lever, str)
        target = target_named(target)
        aim = aim_of(chosen, target, value, year)
        moved = Lever(chosen, lever_of(chosen, target, aim, lever), aim.year)
        start = since_of(moved, since)
        if probability is None:
            return _one(moved, aim, start)
        return _likely(Likely(moved, aim, start, probability, draws, seed))
    if probability is not None:
        raise InputError(
            "a probability is for one target, named as a text, and one lever: leave it out, or "
            "solve the levers one by one"
        )
    if value is not None:
        if not isinstance(target, str):
            raise InputError(
                "value is for one target; of several give the values by name, such as "
                "{'pension.enterprise': '520万'}"
            )
        target = {target: value}
    joint = joint_of(
        chosen, target, lever, year=year, least=least, bounds=bounds, reserves=reserves
    )
    return answered(joint, since)


def _observed(scenario: Scenario) -> Scenario:
    """Return a scenario with what it observes solved."""
    solved, notes = observe(scenario)
    for text in notes:
        warnings.warn(ObservedWarning(text), stacklevel=3)
    return solved


def _one(moved: Lever, aim: Aim, start: int) -> Answer:
    """Solve one lever for one target."""
    before = run(moved.scenario)
    found = solve_from(moved, aim, start)
    short = projected(before, aim) < aim.value
    if not found.met and (short or not found.change):
        raise unreached(moved, aim, start, found)
    latest = latest_start(moved, aim, start) if short else None
    what = name_of(aim)
    text, after = rerun(
        moved.at(start, found.change),
        f"{_about(moved)}: {what} is {found.level:,.0f} in {aim.year}",
    )
    reproduced(after, aim, found.level, what)
    first, there = latest or (None, None)
    needed = None if first is None or there is None else moved.values(first, there.change)
    at_end = None if needed is None else float(needed[moved.years == aim.year].mean())
    return Answer(what, aim, moved, start, found, before, after, text, first, at_end)


def _likely(asked: Likely) -> Answer:
    """Solve one lever for one target that is to be met with a probability."""
    moved, aim, start = asked.lever, asked.aim, asked.since
    before = run(moved.scenario)
    chance = asked.chance(0.0)
    found = asked.solve()
    if not found.met and (chance < asked.probability or not found.change):
        raise unreached(moved, aim, start, found, asked.probability)
    what = name_of(aim)
    text, after = rerun(
        moved.at(start, found.change),
        f"{_about(moved)}: {what} is at least {aim.value:,.0f} in {aim.year} with a probability "
        f"of {asked.probability:.0%}",
    )
    again = asked.rerun(after.scenario)
    if abs(again - asked.chance(found.change)) > 1 / asked.draws:
        raise IdentityError(
            "the scenario file of the answer meets {what} with {again:.1%}, not {chance:.1%}. "
            "Please report this.",
            what=what,
            again=again,
            chance=asked.chance(found.change),
        )
    chances = Chances(asked.probability, chance, again, asked.draws, asked.seed)
    return Answer(what, aim, moved, start, found, before, after, text, None, None, chances)


def _about(moved: Lever) -> str:
    return f"{moved.scenario.name} with {moved.name} solved"
