"""Backtest of a scenario: what it projected, what was published, and what naive rules would say."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from fsinsure.analysis import backtest as analysis
from fsinsure.analysis import relief_record
from fsinsure.analysis.measured import projected
from fsinsure.analysis.observations import met_ends
from fsinsure.api import run
from fsinsure.cached import cached_table
from fsinsure.drawings import check_selection, of_one
from fsinsure.encode import csv_files, png_bytes
from fsinsure.errors import InputError, ObservedWarning
from fsinsure.files import write_run
from fsinsure.region.load import region_names, shipped_region
from fsinsure.region.outcomes import comparable, of_region, published
from fsinsure.region.own_outcomes import Actuals, judging, with_own
from fsinsure.result import Result
from fsinsure.scenario import opened

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.drawings import Selection
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.region.region import Region
    from fsinsure.scenario import Scenario
    from fsinsure.sources import Outcome


def backtest(
    scenario: Scenario | str | PathLike[str],
    outcomes: str | PathLike[str] | pd.DataFrame | None = None,
) -> Backtest:
    """Compare a scenario with the figures published after its base year, and with naive rules.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`; it is run with the cohort engine.
    outcomes
        A CSV file, a workbook (.xlsx) or a DataFrame with the columns measure, date, value and unit
        at least (docs/regions.md), in the place of the region's figures of the same measure and
        year.

    Returns
    -------
    Backtest
        Its tables and its picture.

    Warns
    -----
    ObservedWarning
        If a row of `outcomes` is not later than the base year, or later than the horizon.

    Raises
    ------
    InputError
        As :func:`fsinsure.run`; if `outcomes` cannot be used, with file, row and column; if no
        figure after the base year has a measure.

    Examples
    --------
    >>> import fsinsure as fs
    >>> tested = fs.backtest("baseline")
    >>> sorted(tested.errors["method"].unique())
    ['damped_trend', 'last_growth', 'nation', 'no_change', 'places', 'projection']
    """
    chosen = opened(scenario)
    region = chosen.region
    own = None
    if outcomes is not None:
        own, notes = judging(outcomes, region, chosen.horizon)
        for text in notes:
            warnings.warn(ObservedWarning(text), stacklevel=2)
    found = Backtest(run(chosen), with_own(region, own), own)
    if not found.series:
        raise InputError(
            "{name} has no figure with a measure after {base_year} and up to {horizon}: fill the "
            "column measure of its outcomes.csv, or give a table of your own",
            name=region.name,
            base_year=region.base_year,
            horizon=chosen.horizon,
        )
    return found


@dataclass(frozen=True, eq=False)
class Backtest:
    """The record of a scenario.

    Parameters
    ----------
    result
        The run of the scenario.
    outcomes
        The published figures that it is compared with.
    actuals
        Those of them that a user gave; None without any.
    """

    result: Result
    outcomes: tuple[Outcome, ...]
    actuals: Actuals | None = None

    def __repr__(self) -> str:
        """Return the scenario and the measures."""
        names = ", ".join(one.measure for one in self.series)
        return f"<Backtest of {self.result.scenario.name}: {names}>"

    @property
    def region(self) -> Region:
        """The region of the scenario."""
        return self.result.scenario.region

    @property
    def as_of(self) -> str:
        """The day from which the scenario looks ahead; empty if it uses whatever is known."""
        day = self.result.scenario.as_of
        return "" if day is None else str(day)

    @cached_property
    def series(self) -> tuple[analysis.Series, ...]:
        """Every measure with a figure after the base year, and those of the targets."""
        scenario = self.result.scenario
        published_here = published(self.outcomes, self.region.conflicts)
        figures = {name: of_region(published_here, name) for name in comparable()}
        base_year, horizon = self.region.base_year, scenario.horizon
        met = met_ends(scenario)
        compared = [
            name
            for name in comparable()
            if any(base_year < year <= horizon for year in figures[name])
        ]
        aims = {target.measure for target in scenario.targets} if compared else set()
        nation = _nation(self.region)
        of_nation = published(nation.outcomes, nation.conflicts) if nation else {}
        return tuple(
            analysis.Series(
                measure=name,
                base_year=base_year,
                projected=projected(self.result.projection, name),
                published=figures[name],
                nation=of_region(of_nation, name),
                as_of=self.as_of,
                met=frozenset(met.get(name, ())),
                fitted=scenario.fitted.get(name, ""),
                places=self.region.analogues,
            )
            for name in comparable()
            if name in compared or name in aims
        )

    @property
    def last_year(self) -> int:
        """The last year with a published figure, at most the horizon."""
        horizon = self.result.scenario.horizon
        return max(year for one in self.series for year in one.published if year <= horizon)

    @cached_table
    def table(self) -> pd.DataFrame:
        """Forecasts and published figures; columns in :func:`fsinsure.analysis.backtest.table`."""
        return analysis.table(self.series, self.last_year, self.result.scenario.name)

    @cached_table
    def errors(self) -> pd.DataFrame:
        """Errors by measure and method; columns in :func:`fsinsure.analysis.backtest.errors`."""
        return analysis.errors(self.table)

    @cached_table
    def rolling(self) -> pd.DataFrame:
        """Naive rules before the base year; see :func:`fsinsure.analysis.backtest.rolling`."""
        return analysis.rolling(self.series, self.result.scenario.name)

    @cached_table
    def relief(self) -> pd.DataFrame:
        """Relief of the base year; see :func:`fsinsure.analysis.relief_record.relief_record`."""
        return relief_record.relief_record(
            self.result.resolved, self.outcomes, self.result.scenario.name
        )

    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ...) -> Picture: ...
    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ..., ax: Axes) -> Axes: ...
    def plot(
        self, lang: str = "zh", *, measure: str | None = None, ax: Axes | None = None
    ) -> Picture | Axes:
        """Draw the published figures, the projection and the naive rules, a panel a measure.

        Of all measures, or of one `measure`. With `ax` one is drawn on these axes, which are
        returned.
        """
        from fsinsure.output.figures.backtest import backtest as draw
        from fsinsure.output.figures.context import drawing

        scenario, base_year = self.result.scenario, self.region.base_year
        history = [
            (one.measure, year, figure.amount)
            for one in self.series
            for year, figure in one.published.items()
        ]
        starts = {
            one.measure: (one.projected.get(base_year, one.start()), one.start())
            for one in self.series
        }
        title = scenario.title.get(lang, scenario.name)
        table = of_one(self.table, "backtest", "measure", measure)
        with drawing(self.result.plot.about, ax):
            picture = draw(table, self.errors, history, starts, base_year, lang=lang, title=title)
        return picture if ax is None else ax

    def write(
        self, folder: str | Path, *, lang: str = "zh", plots: Selection = "main"
    ) -> list[Path]:
        """Write the tables, ``run.json`` and the picture into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the picture; the tables are the same.
        plots
            ``none`` draws no picture; ``main`` and ``all`` draw the one there is.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            If `plots` is none of these; as :func:`fsinsure.files.write_run`.
        """
        check_selection(plots)
        contents = csv_files("backtest", self, lang)
        if plots != "none":
            contents["backtest.png"] = png_bytes(self.plot(lang))
        own = None if self.actuals is None else self.actuals.record
        return write_run(Path(folder), contents, {**self.result.meta, "backtest_outcomes": own})


def _nation(region: Region) -> Region | None:
    """Return the shipped region of the nation whose law the region has, unless it is that one."""
    name = region.laws[0]
    return shipped_region(name) if name in region_names() and name != region.name else None
