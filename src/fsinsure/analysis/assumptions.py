"""Assumptions with their range, and what each moves: which should be researched first.

An assumption is what the region says of a parameter: all its dates and areas together, as their low
ends hold together and so do their high ones. It is moved from its low to its high end, all others
as they are, and the cohort engine projects both. What the rates of the base year lead to (ages and
contribution months) moves along, as it would had the region been given the other value.

Most are projected together as draws. What draws cannot move as a region does is projected run by
run, and so is every assumption of a scenario that observes published figures: levers that meet
observed figures are then solved again each time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.analysis.ends import ENDS, Ends, project_ends, run_amounts, run_ends, together
from fsinsure.analysis.observe import observe
from fsinsure.analysis.subjects import subjects_of
from fsinsure.analysis.uncertain import Assumed, assumptions_of
from fsinsure.checks import closed
from fsinsure.engine import cohort
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import separated
from fsinsure.microsim.parallel.executors import Execution
from fsinsure.parameters import resolve
from fsinsure.paths import date_text
from fsinsure.registry import registry
from fsinsure.scenario import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

    from fsinsure.analysis.uncertain import Assumption
    from fsinsure.scenario import Scenario

    Progress = Callable[[int, int], None]

OWN: Final = (
    *("scenario", "parameter", "from", "low", "central", "high", "unit"),
    *("basis", "source", "note"),
)


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
    # All at the horizon, where years of targets differ.
    shown = dict.fromkeys(subjects_of(chosen), chosen.horizon)
    if by is not None and by not in shown:
        raise InputError(
            "by: {by!r} is not a subject.{hint} Use one of {shown}",
            by=by,
            hint=did_you_mean(by, shown),
            shown=separated(shown),
        )
    parameters, base = closed(resolve(observe(chosen)[0]))
    level = run_amounts(cohort.project(parameters, base), shown)
    listed = assumptions_of(chosen)
    drawn = [one for one in listed if together(one.name) and not chosen.observes]

    def halved(done: int, _total: int) -> None:
        if progress is not None and done:
            progress(done // 2, len(listed))

    moved = [Assumed(one) for one in drawn]
    ends = project_ends(parameters, base, moved, shown, Execution(progress=halved))
    found = {one.name: _of(ends, at) for at, one in enumerate(drawn)}
    alone = [one for one in listed if one.name not in found or any(found[one.name].reason[0])]
    for count, one in enumerate(alone, start=len(listed) - len(alone) + 1):
        # Also of a draw that cannot be projected a run says precisely why.
        found[one.name] = run_ends(chosen, one, shown)
        if progress is not None:
            progress(count, len(listed))
    rows = [_row(chosen.name, one, found[one.name], level, by) for one in listed]
    table = pd.DataFrame(rows, columns=[*OWN, *shown, "largest", "moves", "problem"])
    numbers = ("low", "central", "high", *shown, "largest")
    table = table.astype(dict.fromkeys(numbers, "float64"))
    order = table.assign(effect=table["largest"].where(table["problem"] == "", math.inf))
    order = order.sort_values("effect", ascending=False, kind="stable")
    return order.drop(columns="effect").reset_index(drop=True)


def _of(ends: Ends, at: int) -> Ends:
    """Return the ends of one parameter."""
    return Ends({name: own[at : at + 1] for name, own in ends.amounts.items()}, [ends.reason[at]])


def _row(
    scenario: str,
    assumption: Assumption,
    ends: Ends,
    level: Mapping[str, float],
    by: str | None,
) -> dict[str, object]:
    first = assumption.at_start
    row: dict[str, object] = {
        "scenario": scenario,
        "parameter": assumption.name,
        "from": "" if first.date is None else date_text(first.date),
        "low": first.low,
        "central": float(first.text),
        "high": first.high,
        "unit": registry()[assumption.name].unit,
        **{column: getattr(first, column) for column in ("basis", "source", "note")},
        **dict.fromkeys(level, math.nan),
        **{"largest": math.nan, "moves": "", "problem": ""},
    }
    for end, reason in zip(ENDS, ends.reason[0], strict=True):
        if reason:
            return {**row, "problem": f"{end}: {reason}"}
    change = {name: float(own[0, 1] - own[0, 0]) for name, own in ends.amounts.items()}
    counted = [by] if by else [*level]
    relative = {name: abs(change[name] / level[name]) for name in counted if level[name]}
    most = max(relative, key=lambda name: relative[name], default="")
    if not most or not relative[most]:
        return {**row, **change, "largest": 0.0}
    return {**row, **change, "largest": relative[most], "moves": most}
