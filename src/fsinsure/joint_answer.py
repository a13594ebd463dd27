"""The answer of a solve of several levers: tables, picture, scenario file and its rerun."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np
import pandas as pd

from fsinsure.analysis import solved
from fsinsure.analysis.asked import since_of
from fsinsure.analysis.asked_jointly import name_of, unreached_together
from fsinsure.analysis.joint_solve import cost_of
from fsinsure.answer import FILE, projected, reproduced, rerun
from fsinsure.api import run
from fsinsure.cached import cached_table
from fsinsure.encode import csv_files, png_bytes
from fsinsure.files import write_run
from fsinsure.numeric.least import IN_FORCE
from fsinsure.registry import registry
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from fsinsure.analysis.joint_solve import Joint, Reserve, Step
    from fsinsure.arrays import Array
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.result import Result

LEVERS: Final = (
    *("lever", "since", "last", "before", "after", "low", "high", "range", "share", "bound"),
    "unit",
)
CONSTRAINTS: Final = (
    *("kind", "name", "year", "limit", "before", "after", "unit", "binding", "shadow_price"),
)


def answered(joint: Joint, since: int | None) -> JointAnswer:
    """Return the answer of several levers, checked by a rerun.

    Raises
    ------
    InputError
        If a start is not possible, or the targets cannot be met together.
    IdentityError
        If the rerun does not give what was found.
    """
    start = max(since_of(lever, since) for lever in joint.levers)
    step = joint.solve(start)
    if not step.found.met:
        raise unreached_together(joint, step)
    before = run(joint.scenario)
    names = ", ".join(name_of(one) for one in joint.targets)
    levers = ", ".join(lever.name for lever in joint.levers)
    text, after = rerun(
        joint.at(start, step.changes),
        f"{joint.scenario.name} with {levers} solved for {names}: the least {joint.objective}",
    )
    spare = joint.values(start, step.changes[None])[0, 1:]
    for aim, more in zip(joint.targets, spare, strict=False):
        reproduced(after, aim, aim.value + float(more), name_of(aim))
    short = any(projected(before, aim) < aim.value for aim in joint.targets)
    latest = joint.latest(start) if short else None
    return JointAnswer(joint, step, before, after, text, joint.prices(step), latest)


@dataclass(frozen=True, eq=False)
class JointAnswer:
    """What it takes to meet several targets at the least cost or change.

    Parameters
    ----------
    joint
        Levers, targets, reserves, bounds and what is least.
    step
        The changes of the levers.
    before, after
        The run of the unsolved scenario, and that of :attr:`text`.
    text
        The scenario file that reproduces the answer; it belongs into the folder of the scenario
        where that names files or a region of its own.
    prices
        What one unit more of each target and reserve costs, yuan ``[floor]``.
    latest
        The latest start that still meets all, with its changes. None where the unsolved scenario
        meets them, or no later start does.
    """

    joint: Joint
    step: Step
    before: Result
    after: Result
    text: str
    prices: Array
    latest: Step | None

    def __repr__(self) -> str:
        """Return the targets, and the levers with their changes."""
        both = zip(self.joint.levers, self.step.changes.tolist(), strict=True)
        changes = ", ".join(
            f"{one.name} by {show(round(change, 6), registry()[one.name].unit)}"
            for one, change in both
        )
        targets = ", ".join(name_of(one) for one in self.joint.targets)
        return f"<JointAnswer: {targets} with the least {self.joint.objective}: {changes}>"

    @property
    def cost(self) -> float:
        """What funds and treasury pay more up to the horizon, yuan; negative if they gain."""
        before, after = (cost_of(one.projection.ledger) for one in (self.before, self.after))
        return after - before

    @property
    def change(self) -> float:
        """The root of the sum of the squared changes, each in the range of its lever."""
        return float(np.linalg.norm(self.step.changes / self.joint.ranges))

    @cached_table
    def path(self) -> pd.DataFrame:
        """The levers: scenario, lever, year, area (empty where alike), before, after, unit."""
        return self._moved(self.step)

    @cached_table
    def latest_path(self) -> pd.DataFrame:
        """The levers with the latest start, columns as of `path`; empty if there is none."""
        return self.path.iloc[:0] if self.latest is None else self._moved(self.latest)

    def _moved(self, step: Step) -> pd.DataFrame:
        codes = self.before.scenario.region.codes
        both = zip(self.joint.levers, step.changes.tolist(), strict=True)
        tables = [solved.path(lever, step.since, change, codes) for lever, change in both]
        return solved.named(pd.concat(tables, ignore_index=True), self.before.scenario.name)

    @cached_table
    def levers(self) -> pd.DataFrame:
        """The levers in the years that change.

        Columns: scenario, lever, since, last (the first and the last year that change), before,
        after (means of years and areas), low, high (the bounds), range (in which its change is
        measured), share (the change in it), bound (``low`` or ``high``: at a bound; else empty),
        unit.
        """
        rows = [self._lever(index) for index in range(len(self.joint.levers))]
        return solved.named(pd.DataFrame(rows, columns=list(LEVERS)), self.before.scenario.name)

    def _lever(self, index: int) -> tuple[Any, ...]:
        lever, since = self.joint.levers[index], self.step.since
        change, width = float(self.step.changes[index]), float(self.joint.ranges[index])
        rows = lever.changed(since)
        means = [float(one[rows].mean()) for one in (lever.own, lever.values(since, change))]
        ends = [float(end[index]) for end in self.joint.limits(since)]
        near = [abs(change - end) <= IN_FORCE * width for end in ends]
        bound = "low" if near[0] else "high" if near[1] else ""
        years = lever.years[rows]
        return (
            *(lever.name, int(years[0]), int(years[-1]), *means),
            *self.joint.bounds_of(lever.name),
            *(width, change / width, bound, registry()[lever.name].unit),
        )

    @cached_table
    def constraints(self) -> pd.DataFrame:
        """Targets and reserves: columns scenario, kind, name, year, limit and more.

        kind (``target`` or ``reserve``), name, year, limit, before, after, unit (``persons``,
        ``yuan`` or ``months``), binding (whether it is met exactly), shadow_price (what one unit
        more of the limit costs, yuan; 0 of those that do not bind).
        """
        rows = [*self._targets(), *self._reserves()]
        table = pd.DataFrame(rows, columns=list(CONSTRAINTS))
        return solved.named(table, self.before.scenario.name)

    def _targets(self) -> Iterator[tuple[Any, ...]]:
        for index, aim in enumerate(self.joint.targets):
            level = [projected(one, aim) for one in (self.before, self.after)]
            place = ("target", name_of(aim), aim.year, aim.value)
            yield (*place, *level, aim.unit, self._binds(index), float(self.prices[index]))

    def _reserves(self) -> Iterator[tuple[Any, ...]]:
        funds = self.funds.set_index(["year", "fund", "item"])
        for index, one in enumerate(self.joint.reserves, start=len(self.joint.targets)):
            level = [_kept(funds[column], one) for column in ("before", "after")]
            place = ("reserve", one.fund, one.year, one.value)
            yield (*place, *level, one.unit, self._binds(index), float(self.prices[index]))

    def _binds(self, index: int) -> bool:
        return bool(self.step.found.floors[index] <= IN_FORCE)

    @cached_table
    def people(self) -> pd.DataFrame:
        """People: scenario, year, level, area, measure, before, after, difference (persons)."""
        return solved.people(self.before.enrollment, self.after.enrollment)

    @cached_table
    def funds(self) -> pd.DataFrame:
        """Cost: scenario, year, fund, item (income, outgo, balance), before, after, difference.

        In yuan; income and outgo are those of the year, interest among the income.
        """
        return solved.funds(self.before.ledger, self.after.ledger)

    @overload
    def plot(self, lang: str = ..., *, part: str | None = ...) -> Picture: ...
    @overload
    def plot(self, lang: str = ..., *, part: str | None = ..., ax: Axes) -> Axes: ...
    def plot(
        self, lang: str = "zh", *, part: str | None = None, ax: Axes | None = None
    ) -> Picture | Axes:
        """Draw the levers and the targets before and after.

        Both, or one `part`: ``targets`` or ``levers``. With `ax` one is drawn on these axes, which
        are returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.solve import solve as draw

        scenario = self.before.scenario
        title = scenario.title.get(lang, scenario.name)
        with drawing(self.before.plot.about, ax):
            picture = draw(self.levers, self.constraints, part=part, lang=lang, title=title)
        return picture if ax is None else ax

    def write(self, folder: str | Path, *, lang: str = "zh") -> list[Path]:
        """Write the tables, the picture, the scenario file and ``run.json`` into a folder.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            As :func:`fsinsure.files.write_run`.
        """
        contents = {
            **csv_files("joint", self, lang),
            "solve.png": png_bytes(self.plot(lang)),
            FILE: self.text.encode("utf-8"),
        }
        records = self.constraints.drop(columns="scenario").to_json(orient="records")
        names = [one.name for one in self.joint.levers]
        asked = {
            "targets": json.loads(records),
            "least": self.joint.objective,
            "since": self.step.since,
            "changes": dict(zip(names, self.step.changes.tolist(), strict=True)),
            "cost": self.cost,
            "change": self.change,
            "latest": None if self.latest is None else self.latest.since,
        }
        return write_run(Path(folder), contents, {**self.before.meta, "solve": asked})


def _kept(column: pd.Series[float], reserve: Reserve) -> float:
    """Return the balance of a fund, yuan or months of outgo, by year, fund and item."""
    kept = float(column[reserve.year, reserve.fund, "balance"])
    if reserve.unit == "yuan":
        return kept
    outgo = float(column[reserve.year, reserve.fund, "outgo"])
    return kept * 12 / outgo if outgo else float("inf")
