"""Assumptions with their range, and what each moves: which should be researched first.

An assumption is what the region says of a parameter: all its dates and areas together, as their low
ends hold together and so do their high ones. With a row for each area, a region of 300 areas would
take three quarters of an hour. An assumption is moved from its low to its high end, all others as
they are, and the cohort engine projects both. What the rates of the base
year lead to (ages and contribution months) moves along, as it would had the region been given the
other value. Levers that meet observed figures are solved again each time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.analysis.observe import observe
from fsinsure.analysis.reasons import PER_PERSON, SUBJECTS, levels
from fsinsure.checks import closed
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError, did_you_mean
from fsinsure.parameters import GROWTH, resolve
from fsinsure.paths import YearPath, date_text
from fsinsure.registry import registry
from fsinsure.scenario import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from fsinsure.region.region import Region, Value
    from fsinsure.scenario import Scenario

    Progress = Callable[[int, int], None]

COURSE: Final = ("mortality", "fertility", "migration", "retirement", "labour", "entry")
"""Sections of parameters that the ages and months of the base year follow from."""

PLAIN: Final = ("path", "scalar")
"""Kinds of parameters that a range may be given for."""

OWN: Final = (
    *("scenario", "parameter", "from", "low", "central", "high", "unit"),
    *("basis", "source", "note"),
)


@dataclass(frozen=True)
class Assumption:
    """What a region assumes of a parameter.

    Parameters
    ----------
    name
        The parameter.
    values
        Its values with a range, ascending by date; first those of all areas, then area by area.
    """

    name: str
    values: tuple[Value, ...]

    @property
    def at_start(self) -> Value:
        """The first of its values."""
        return self.values[0]


def assumptions_of(scenario: Scenario) -> list[Assumption]:
    """Return the assumptions of the region that have a range and that the scenario leaves alone."""
    found = []
    for name, values in scenario.region.values.items():
        own = tuple(sorted((one for one in values if one.basis), key=lambda one: one.area))
        if own and name not in scenario.values and registry()[name].kind in PLAIN:
            found.append(Assumption(name, own))
    return found


def moved(scenario: Scenario, assumption: Assumption, end: str) -> Scenario:
    """Return a scenario with an assumption of its region at one end of its range.

    Parameters
    ----------
    scenario, assumption
        The assumption is one of :func:`assumptions_of` the scenario.
    end
        ``low`` or ``high``.
    """
    name, parameter = assumption.name, registry()[assumption.name]
    ends = {one: float(getattr(one, end)) for one in assumption.values}
    values = scenario.region.values[name]
    follows = name.partition(".")[0] in COURSE or parameter.extend in GROWTH
    if follows or any(one.area for one in values):
        text = {one: repr(number) for one, number in ends.items()}
        changed = tuple(replace(one, text=text.get(one, one.text)) for one in values)
        return replace(scenario, region=_with(scenario.region, {name: changed}))
    # As a value of the scenario it leaves the region alone, and what is remembered of it.
    numbers = [(one.date or 0, ends.get(one, float(one.text))) for one in values]
    own = YearPath(tuple(numbers)) if parameter.kind == "path" else numbers[0][1]
    return replace(scenario, values={**scenario.values, name: own})


def _with(region: Region, changed: Mapping[str, tuple[Value, ...]]) -> Region:
    """Return a region with other values of some parameters; it is equal to no other region."""
    written = [f"{name} {[one.text for one in values]}" for name, values in changed.items()]
    digest = "; ".join([region.digest, *written])
    return replace(region, history={**region.history, **changed}, digest=digest)


def assumptions(
    scenario: Scenario | str | PathLike[str],
    by: str | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """List the assumptions of the region with their range, and what the range moves.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`. What it sets itself is none of the assumptions of the region,
        and left out.
    by
        The subject to sort by, such as ``measure.unemployment`` or ``fund.pension.enterprise``;
        unless one is given, each assumption counts with its largest relative effect on any.
    progress
        Called with the number of assumptions that are done, and of all.

    Returns
    -------
    pandas.DataFrame
        Columns

        scenario, parameter, from, unit
            From (a year or month) is empty where a value has no date.
        low, central, high
            The 10th, 50th and 90th percentile of the first value, where areas differ that of the
            first area; later ones, and those of the other areas, move along.
        basis, source, note
            What the range rests on: ``estimate``, ``analogue`` or ``judgement``.
        measure.<measure>, fund.<fund>
            Change from the low to the high end, at the horizon: persons of each measure with a
            target (of all without targets), yuan of the balance of each fund. Missing where an end
            cannot be projected.
        largest, moves
            The largest change relative to the level of the scenario, and of what.
        problem
            Why an end cannot be projected; else empty.

        One row a parameter, the largest effect first; those with a problem come first of all.

    Raises
    ------
    InputError
        If `by` is not a subject, or the scenario cannot be run.
    """
    chosen = opened(scenario)
    shown = _subjects(chosen)
    if by is not None and by not in shown:
        raise InputError(
            f"by: {by!r} is not a subject.{did_you_mean(by, shown)} Use one of {', '.join(shown)}"
        )
    level = _levels(chosen)
    listed = assumptions_of(chosen)
    rows = []
    for count, assumption in enumerate(listed, start=1):
        rows.append(_row(chosen, assumption, level, shown, by))
        if progress is not None:
            progress(count, len(listed))
    table = pd.DataFrame(rows, columns=[*OWN, *shown, "largest", "moves", "problem"])
    numbers = ("low", "central", "high", *shown, "largest")
    table = table.astype(dict.fromkeys(numbers, "float64"))
    order = table.assign(effect=table["largest"].where(table["problem"] == "", math.inf))
    order = order.sort_values("effect", ascending=False, kind="stable")
    return order.drop(columns="effect").reset_index(drop=True)


def _subjects(scenario: Scenario) -> list[str]:
    """Return what an assumption may move: measures with a target, and funds."""
    wanted = {target.measure for target in scenario.targets}
    return [
        f"{kind}.{name}"
        for kind, name, _ in sorted(SUBJECTS, key=lambda one: one[0] != "measure")
        if kind == "fund" or name in wanted or not wanted
    ]


def _levels(scenario: Scenario) -> dict[str, float]:
    """Return persons of every measure and yuan of every fund at the horizon."""
    projection = cohort.project(*closed(resolve(observe(scenario)[0])))
    found = levels(projection, scenario.horizon)
    parts = {"measure": PER_PERSON, "fund": 1}
    return {
        f"{kind}.{name}": int(amount) / parts[kind]
        for (kind, name, _), amount in zip(SUBJECTS, found, strict=True)
    }


def _row(
    scenario: Scenario,
    assumption: Assumption,
    level: Mapping[str, float],
    shown: Sequence[str],
    by: str | None,
) -> dict[str, object]:
    first = assumption.at_start
    row: dict[str, object] = {
        "scenario": scenario.name,
        "parameter": assumption.name,
        "from": "" if first.date is None else date_text(first.date),
        "low": first.low,
        "central": float(first.text),
        "high": first.high,
        "unit": registry()[assumption.name].unit,
        **{column: getattr(first, column) for column in ("basis", "source", "note")},
        **dict.fromkeys(shown, math.nan),
        **{"largest": math.nan, "moves": "", "problem": ""},
    }
    found = {}
    for end in ("low", "high"):
        try:
            found[end] = _levels(moved(scenario, assumption, end))
        except (InputError, PoolError) as error:
            return {**row, "problem": f"{end}: {error}"}
    change = {name: found["high"][name] - found["low"][name] for name in shown}
    counted = [by] if by else shown
    relative = {name: abs(change[name] / level[name]) for name in counted if level[name]}
    most = max(relative, key=lambda name: relative[name], default="")
    if not most or not relative[most]:
        return {**row, **change, "largest": 0.0}
    return {**row, **change, "largest": relative[most], "moves": most}
