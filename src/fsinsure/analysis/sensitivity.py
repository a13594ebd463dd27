"""Sensitivity of a scenario: its tornado, and the draws of Sobol indices and Morris screening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.analysis import sensitivity_tables as tables
from fsinsure.analysis import sobol
from fsinsure.analysis.draw_blocks import DrawPlan, run_draws
from fsinsure.analysis.ends import Ends, project_ends, run_amounts, run_ends, together
from fsinsure.analysis.morris import effects, trajectories
from fsinsure.analysis.sampling import at_ends, sample
from fsinsure.analysis.sensitivity_tables import BASES, Moved
from fsinsure.analysis.subjects import amounts_of, asks_money
from fsinsure.analysis.uncertain import Assumed, assumptions_of, uncertain_in, unmoved
from fsinsure.draws import alike
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message, separated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from fsinsure.analysis.uncertain import Assumption, Uncertain
    from fsinsure.arrays import Array
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.parallel.executors import Execution
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

Tables = dict[str, "pd.DataFrame"]


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a scenario.

    Parameters
    ----------
    scenario, parameters, base, projection
        The scenario, its parameters held at the base year, that base year, and its projection.
    subjects
        As of :func:`fsinsure.analysis.subjects.subjects_of`.
    """

    scenario: Scenario
    parameters: Parameters
    base: Base
    projection: Projection
    subjects: Mapping[str, int]


@dataclass(frozen=True)
class Points:
    """How many points or trajectories, their seed, and the level of intervals."""

    count: int
    seed: int
    level: float


def tornado(
    asked: Question,
    uncertain: Sequence[Uncertain],
    alone: Sequence[Assumption],
    execution: Execution,
) -> Tables:
    """Return the tables ``tornado``, ``groups`` and ``subjects``.

    Parameters
    ----------
    asked, execution
        What is asked, and where it is projected.
    uncertain
        What is moved, together as draws.
    alone
        Assumptions that cannot vary by draw.
    """
    apart = [one for one in uncertain if isinstance(one, Assumed) and not together(one.name)]
    alone = [*(one.assumption for one in apart), *alone]
    uncertain = [one for one in uncertain if one not in apart]
    found = [project_ends(asked.parameters, asked.base, uncertain, asked.subjects, execution)]
    found += [run_ends(asked.scenario, one, asked.subjects) for one in alone]
    whole = Ends(
        {name: np.concatenate([one.amounts[name] for one in found]) for name in asked.subjects},
        [reason for one in found for reason in one.reason],
    )
    moved = [*_moved(asked.parameters, uncertain), *map(_alone, alone)]
    level = run_amounts(asked.projection, asked.subjects)
    shown = tables.tornado(moved, whole, level, asked.scenario.name)
    return {
        "tornado": shown,
        "groups": tables.by_basis(shown),
        "subjects": tables.subjects(shown, level, asked.subjects),
    }


def _moved(parameters: Parameters, uncertain: Sequence[Uncertain]) -> list[Moved]:
    ends = at_ends(parameters, uncertain).values
    rows = []
    for at, one in enumerate(uncertain):
        low, high = ends[one.name][2 * at : 2 * at + 2].reshape(2, -1)[:, 0]
        central = unmoved(parameters, one.name).reshape(-1)[0]
        rows.append(Moved(one.name, one.basis, float(low), float(central), float(high)))
    return rows


def _alone(one: Assumption) -> Moved:
    first = one.at_start
    low, high = float(first.low or 0.0), float(first.high or 0.0)
    return Moved(one.name, str(first.basis), low, float(first.text), high)


def movable(
    scenario: Scenario, names: Sequence[str] | None
) -> tuple[list[Uncertain], list[Assumption]]:
    """Return what can be drawn, and the assumptions that cannot; those with some names only.

    Raises
    ------
    InputError
        If nothing is uncertain, or a name is not.
    """
    drawn = uncertain_in(scenario)
    alone = [one for one in assumptions_of(scenario) if alike(one.name) is not None]
    known = [*(one.name for one in drawn), *(one.name for one in alone)]
    if not known:
        raise InputError(
            "nothing is uncertain in {name}: its region gives no range of an assumption that it "
            "leaves alone. Name what is under uncertainty (docs/uncertainty.md)",
            name=scenario.name,
        )
    for name in names if names is not None else ():
        if name not in known:
            raise InputError(
                "{name!r} is not uncertain in {scenario_name}.{hint} Give it a distribution under "
                "uncertainty (docs/uncertainty.md)",
                name=name,
                scenario_name=scenario.name,
                hint=did_you_mean(name, known),
            )
    if names is None:
        return drawn, alone
    return (
        [one for one in drawn if one.name in names],
        [one for one in alone if one.name in names],
    )


def chosen(shown: pd.DataFrame, uncertain: Sequence[Uncertain], most: int) -> list[Uncertain]:
    """Return the parameters with the largest share in the tornado of any subject."""
    names = {one.name for one in uncertain}
    largest = shown[shown["parameter"].isin(names)].groupby("parameter", sort=False)["share"].max()
    kept = set(largest[largest > 0.0].nlargest(most).index)
    return [one for one in uncertain if one.name in kept]


def independent(scenario: Scenario, uncertain: Sequence[Uncertain], method: str) -> None:
    """Refuse parameters that are correlated.

    Raises
    ------
    InputError
        With the pairs.
    """
    names = {one.name for one in uncertain}
    pairs = [
        Message(
            "{first} and {second} ({value:g})", first=one.first, second=one.second, value=one.value
        )
        for one in scenario.uncertainty.correlations
        if {one.first, one.second} <= names
    ]
    if pairs:
        raise InputError(
            "method={method!r} needs independent parameters, and {name} correlates {pairs}. Use "
            "method='tornado', name only one of each pair in parameters, or remove the "
            "correlations",
            method=method,
            name=scenario.name,
            pairs=separated(pairs, "; "),
        )


def variance(
    asked: Question,
    uncertain: Sequence[Uncertain],
    shown: Tables,
    points: Points,
    execution: Execution,
) -> Tables:
    """Return the tables of Sobol indices: ``indices``, and more of ``groups`` and ``subjects``.

    Parameters
    ----------
    asked, execution
        What is asked, and where it is projected.
    uncertain
        What is moved.
    shown
        From :func:`tornado`.
    points
        Of each of the two matrices.

    Raises
    ------
    InputError
        If no point could be projected.
    """
    names = [one.name for one in uncertain]
    basis = {one.name: one.basis for one in uncertain}
    groups = {
        one: frozenset(at for at, name in enumerate(names) if basis[name] == one)
        for one in BASES
        if one in basis.values()
    }
    made = sobol.pages(len(names), [*groups.values()])
    shares = sobol.design(names, points.count, points.seed, made)
    values = _values(asked, uncertain, shares, execution)
    sets = [*(frozenset({at}) for at in range(len(names))), *groups.values()]
    found = {
        subject: sobol.indices(own, made, sets, points.level, points.seed)
        for subject, own in values.items()
    }
    _some(min(one.points for one in found.values()), asked.scenario)
    scenario, effects_ = asked.scenario.name, shown["tornado"]
    together = tables.grouped(found, names, groups, scenario)
    return {
        **shown,
        "indices": tables.indices(found, names, basis, scenario),
        "groups": shown["groups"].merge(together, how="left", on=["scenario", "subject", "basis"]),
        "subjects": tables.variances(shown["subjects"], effects_, found, names),
    }


def screening(
    asked: Question,
    uncertain: Sequence[Uncertain],
    shown: Tables,
    points: Points,
    execution: Execution,
) -> Tables:
    """Return the table ``screening`` of Morris beside those of the tornado.

    Arguments and errors as of :func:`variance`.
    """
    names = [one.name for one in uncertain]
    shares = trajectories(names, points.count, points.seed)
    values = _values(asked, uncertain, shares, execution)
    found = {
        subject: effects(shares, own, names, points.level, points.seed)
        for subject, own in values.items()
    }
    _some(int(np.isfinite(next(iter(found.values()))).any()), asked.scenario)
    basis = {one.name: one.basis for one in uncertain}
    return {**shown, "screening": tables.screening(found, names, basis, asked.scenario.name)}


def _values(
    asked: Question, uncertain: Sequence[Uncertain], shares: Array, execution: Execution
) -> dict[str, Array]:
    """Return the amounts ``[draw]`` of the subjects for shares ``[name, draw]``."""
    own = {one.name: row for one, row in zip(uncertain, shares, strict=True)}
    drawn, count = sample(asked.parameters, uncertain, own), shares.shape[1]
    money = asks_money(asked.subjects)
    plan = DrawPlan(asked.parameters, asked.base, drawn, count, money=money)
    found = run_draws(plan, execution)
    return amounts_of(found, asked.projection.years, asked.subjects)


def _some(complete: int, scenario: Scenario) -> None:
    if not complete:
        raise InputError(
            "no point of {name} could be projected with all its neighbours. Narrow the ranges "
            "under uncertainty, or name fewer parameters",
            name=scenario.name,
        )
