"""Plan figures of the areas of a region, and how actual figures stand against them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np

from fsinsure.analysis import quotas as analysis
from fsinsure.analysis import tracking
from fsinsure.analysis.observations import met_ends
from fsinsure.analysis.quota_keys import DEFAULT, area_key, combined, key_text, key_weights
from fsinsure.analysis.targets import last_known
from fsinsure.cached import cached_table
from fsinsure.drawings import of_one
from fsinsure.encode import csv_bytes, csv_files, marked, png_bytes
from fsinsure.errors import InputError, did_you_mean
from fsinsure.files import write_run
from fsinsure.measures import measure_shown, require
from fsinsure.messages import Message, separated
from fsinsure.numeric.apportion import whole
from fsinsure.region.area_limits import Limits, check_used, column, read_limits
from fsinsure.region.own_outcomes import Actuals, read_actuals
from fsinsure.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.analysis.quotas import Quota
    from fsinsure.arrays import Array, Ints
    from fsinsure.drawings import Selection
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.region.region import Region


def quotas(
    result: Result,
    by: str | Mapping[str, float] = DEFAULT,
    *,
    task: str = "target",
    measures: Sequence[str] | None = None,
    areas: str | PathLike[str] | pd.DataFrame | None = None,
    profile: Sequence[float] | None = None,
) -> QuotaPlan:
    """Divide the yearly task of a region among its areas (docs/quotas.md).

    Parameters
    ----------
    result
        Of :func:`fsinsure.run`; of simulated persons the expected values are used.
    by
        A key, or weights by key: ``employment``, ``registered``, ``enrollment``, ``uncovered``,
        ``capacity``.
    task
        ``target``: the path at a constant growth to the targets of the scenario; ``projection``:
        the projection itself.
    measures
        The measures; those of the targets unless given.
    areas
        A CSV file, a workbook (.xlsx) or a DataFrame with the column ``area`` and any of
        ``measure``, ``year``, ``capacity``, ``least``, ``most``.
    profile
        The share of each month in the increment of a year; equal months unless given.

    Returns
    -------
    QuotaPlan
        Its tables and its picture.

    Raises
    ------
    InputError
        If a key, measure or task is unknown, a key is not available, a measure has no target, or
        bounds contradict each other or the task; errors in a file name file, row and column.

    Examples
    --------
    >>> import fsinsure as fs
    >>> plan = fs.quotas(fs.run("baseline"), by={"enrollment": 0.5, "uncovered": 0.5})
    >>> of_region, of_areas = (plan.table.query("level == @x") for x in ("total", "area"))
    >>> int(of_region["persons"].sum()) == int(of_areas["persons"].sum())
    True
    """
    if not isinstance(result, Result):
        raise InputError(
            "quotas need the result of a run: fs.quotas(fs.run(scenario)), not a {kind}",
            kind=type(result).__name__,
        )
    if task not in analysis.TASKS:
        hint = did_you_mean(str(task), analysis.TASKS)
        raise InputError(
            "task must be 'target' or 'projection', not {task!r}.{hint}", task=task, hint=hint
        )
    found = QuotaPlan(
        result=result.expected,
        weights=key_weights(by),
        task=task,
        measures=_measures(result, measures),
        profile=analysis.seasonal(profile),
        limits=None if areas is None else read_limits(areas, result.scenario.region),
    )
    figures = found.quotas  # raises now if the bounds contradict each other
    if found.limits is not None:
        check_used(found.limits, [(one.measure, one.year) for one in figures])
    return found


@dataclass(frozen=True, eq=False)
class QuotaPlan:
    """Plan figures by area, measure, year and month.

    Parameters
    ----------
    result
        The run, by expected values.
    weights
        The weight of each key, adding up to 1.
    task
        What is divided.
    measures
        The measures.
    profile
        ``[month]``, the share of each month in the increment of a year.
    limits
        A user's table of areas; None without one.
    """

    result: Result
    weights: Mapping[str, float]
    task: str
    measures: tuple[str, ...]
    profile: Array
    limits: Limits | None

    def __repr__(self) -> str:
        """Return the scenario, the key and the measures."""
        names = ", ".join(self.measures)
        return f"<QuotaPlan of {self.result.scenario.name} by {key_text(self.weights)}: {names}>"

    @property
    def region(self) -> Region:
        """The region that is divided."""
        return self.result.scenario.region

    @cached_property
    def quotas(self) -> tuple[Quota, ...]:
        """The plan figures as arrays, by measure and year."""
        return tuple(one for measure in self.measures for one in self._of(measure))

    @cached_table
    def table(self) -> pd.DataFrame:
        """Plan figures by year; columns in :func:`fsinsure.analysis.quotas.table`."""
        name, key = self.result.scenario.name, key_text(self.weights)
        return analysis.table(self.quotas, self.region, name, key)

    @cached_table
    def monthly(self) -> pd.DataFrame:
        """Plan figures by month; columns in :func:`fsinsure.analysis.quotas.monthly`."""
        return analysis.monthly(self.quotas, self.profile, self.region, self.result.scenario.name)

    def track(self, actuals: str | PathLike[str] | pd.DataFrame) -> pd.DataFrame:
        """Compare actual figures to date with the plan figures of their month.

        Parameters
        ----------
        actuals
            A CSV file, a workbook (.xlsx) or a DataFrame with the columns ``measure``, ``area``
            (blank: the region), ``date`` (a month, or its last day), ``value`` and ``unit``.

        Returns
        -------
        DataFrame
            Columns in :func:`fsinsure.analysis.tracking.table`.

        Raises
        ------
        InputError
            If a row is of another scope, year or area, or cannot be read; the message names file,
            row and column, or sheet and cell.
        """
        return self._tracked(self._actuals(actuals))

    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ...) -> Picture: ...
    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ..., ax: Axes) -> Axes: ...
    def plot(
        self, lang: str = "zh", *, measure: str | None = None, ax: Axes | None = None
    ) -> Picture | Axes:
        """Draw the plan figure of every area by measure and year.

        Of all measures, or of one `measure`. With `ax` one is drawn on these axes, which are
        returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.quotas import quotas as draw

        table, names = of_one(self.table, "quotas", "measure", measure), self.region.names(lang)
        with drawing(self.result.plot.about, ax):
            picture = draw(table, names, lang=lang, title=self._title(lang))
        return picture if ax is None else ax

    @overload
    def plot_tracking(
        self,
        actuals: str | PathLike[str] | pd.DataFrame,
        lang: str = ...,
        *,
        measure: str | None = ...,
    ) -> Picture: ...
    @overload
    def plot_tracking(
        self,
        actuals: str | PathLike[str] | pd.DataFrame,
        lang: str = ...,
        *,
        measure: str | None = ...,
        ax: Axes,
    ) -> Axes: ...
    def plot_tracking(
        self,
        actuals: str | PathLike[str] | pd.DataFrame,
        lang: str = "zh",
        *,
        measure: str | None = None,
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Draw the last actual figure of every place against its plan figure; see :meth:`track`.

        Of all measures, or of one `measure`. With `ax` one is drawn on these axes, which are
        returned.
        """
        table = of_one(self.track(actuals), "tracking", "measure", measure)
        picture = self._draw_tracking(table, lang, ax)
        return picture if ax is None else ax

    def _title(self, lang: str) -> str:
        scenario = self.result.scenario
        return scenario.title.get(lang, scenario.name)

    def write(
        self,
        folder: str | Path,
        *,
        actuals: str | PathLike[str] | pd.DataFrame | None = None,
        lang: str = "zh",
        plots: Selection = "main",
    ) -> list[Path]:
        """Write the tables, ``run.json`` and the picture into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        actuals
            Actual figures, as of :meth:`track`.
        lang
            ``zh`` or ``en``, for the picture; the tables are the same.
        plots
            ``none`` draws no picture.

        Raises
        ------
        InputError
            As :meth:`track` and :func:`fsinsure.files.write_run`.
        """
        given = None if actuals is None else self._actuals(actuals)
        contents = csv_files("quotas", self, lang, leave_out=("tracking",))
        if given is not None:
            tracked = self._tracked(given)
            contents["quotas_tracking.csv"] = csv_bytes(tracked, bom=marked(lang, None))
            if plots != "none":
                contents["quotas_tracking.png"] = png_bytes(self._draw_tracking(tracked, lang))
        if plots != "none":
            contents["quotas.png"] = png_bytes(self.plot(lang))
        choices = {
            "by": dict(self.weights),
            "task": self.task,
            "profile": self.profile.tolist(),
            "areas": self.limits.record if self.limits else None,
            "actuals": given.record if given else None,
        }
        return write_run(Path(folder), contents, {**self.result.meta, "quotas": choices})

    def _actuals(self, table: str | PathLike[str] | pd.DataFrame) -> Actuals:
        found = read_actuals(table, self.region, by_area=True)
        tracking.check_actuals(found.rows, self.table, self.region)
        return found

    def _tracked(self, actuals: Actuals) -> pd.DataFrame:
        return tracking.table(actuals.rows, self.table, self.monthly, self.region)

    def _draw_tracking(self, tracked: pd.DataFrame, lang: str, ax: Axes | None = None) -> Picture:
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.tracking import tracking as draw

        with drawing(self.result.plot.about, ax):
            return draw(tracked, self.region.names(lang), lang=lang, title=self._title(lang))

    def _of(self, measure: str) -> Iterator[Quota]:
        """Yield the plan figures of a measure, year by year."""
        projected = self.result.enrollment.query("measure == @measure")
        persons = projected.pivot(index="year", columns="area", values="persons")
        first = last_known(measure, met_ends(self.result.scenario), self.region.base_year).year
        path = self._path(measure, first, persons[self.region.name])
        areas = persons.loc[first].loc[[*self.region.codes]].to_numpy(dtype=float)
        opening = whole(int(path[0]), _to_total(areas, int(path[0])))
        for year, total in enumerate(np.diff(path).tolist(), start=first + 1):
            limits = self.limits.of(measure, year, self.region) if self.limits else {}
            capacity = column(limits, "capacity", self.region)
            weights = combined(self._keys(measure, year, capacity), self.weights)
            increment, least, most = analysis.divided(
                (measure, year), total, opening, weights, limits, self.region
            )
            quota = analysis.Quota(measure, year, opening, increment, weights, least, most)
            yield quota
            opening = quota.closing

    def _path(self, measure: str, first: int, projected: pd.Series[float]) -> Ints:
        """Return the persons of the region ``[year]`` in the year `first` and after it."""
        horizon = self.result.scenario.horizon
        if self.task == "projection":
            return np.rint(projected.loc[first:horizon].to_numpy()).astype(np.int64)
        aims = sorted(
            (one.year, float(one.value))
            for one in self.result.scenario.targets
            if one.measure == measure and one.year > first
        )
        last = min(horizon, aims[-1][0]) if aims else first
        if last <= first:
            raise InputError(
                "{measure} has no target after {first}, from which its path starts: divide the "
                "projection (task='projection', --task projection)",
                measure=measure_shown(measure),
                first=first,
            )
        return analysis.path_to(float(projected[first]), first, aims, last)

    def _keys(self, measure: str, year: int, capacity: Array) -> dict[str, Array]:
        """Return the keys in use, ``[area]`` by name."""
        if "capacity" in self.weights and np.isnan(capacity).any():
            lacking = [
                area for area, one in zip(self.region.codes, capacity, strict=True) if np.isnan(one)
            ]
            name = self.limits.record["file"] if self.limits else Message("a table of areas")
            raise InputError(
                "the key capacity of {measure} {year} is not given for {lacking}: fill the column "
                "capacity of {name}{option}",
                measure=measure_shown(measure),
                year=year,
                lacking=separated(lacking),
                name=name,
                option="" if self.limits else " (areas=..., --areas FILE)",
            )
        projection = self.result.projection
        return {
            name: capacity if name == "capacity" else area_key(name, projection, measure, year - 1)
            for name in self.weights
        }


def _to_total(persons: Array, total: int) -> Array:
    """Return persons by area that add up to a whole total."""
    return persons * (total / persons.sum()) if persons.sum() > 0 else persons


def _measures(result: Result, measures: Sequence[str] | None) -> tuple[str, ...]:
    """Return the measures that are divided, each once."""
    if measures is not None:
        chosen = (measures,) if isinstance(measures, str) else measures
        found = tuple(dict.fromkeys(require(one) for one in chosen))
    else:
        found = tuple(dict.fromkeys(one.measure for one in result.scenario.targets))
    if not found:
        raise InputError(
            "{name} has no target: add one under targets, or divide the projection of named "
            "measures (task='projection' and measures=..., on the command line --task projection "
            "--measure NAME)",
            name=result.scenario.name,
        )
    return found
