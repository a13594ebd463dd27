"""Comparison of scenarios: tables, the parameters that differ, and the attribution to levers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

import pandas as pd

from fsinsure.analysis import reasons, winners_losers
from fsinsure.cached import cached_table
from fsinsure.card import card
from fsinsure.differing import differing
from fsinsure.drawings import check_selection, credited, of_one
from fsinsure.encode import csv_files, png_bytes, provenance
from fsinsure.errors import InputError, did_you_mean
from fsinsure.files import write_run
from fsinsure.messages import separated
from fsinsure.output.labelled import short_targets
from fsinsure.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fsinsure.drawings import Selection
    from fsinsure.output.figures.sheet import Picture


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two or more results, each compared with the first.

    Parameters
    ----------
    results
        The results to compare.
    by_person
        Whether the table of winners and losers is written too.
    """

    results: tuple[Result, ...]
    by_person: bool = False

    def __repr__(self) -> str:
        """Return the names of the scenarios."""
        first, *others = (result.scenario.name for result in self.results)
        return f"<Comparison of {', '.join(others)} with {first}>"

    def _repr_html_(self) -> str:
        """Return the scenarios and their targets for notebooks."""
        titles = self._titles("zh")
        shown = short_targets(self.targets.assign(scenario=self.targets["scenario"].map(titles)))
        return card(" · ".join(titles.values()), [repr(self)], shown)

    @cached_table
    def targets(self) -> pd.DataFrame:
        """The targets of every scenario; columns as in ``Result.targets``."""
        return self._joined("targets")

    @cached_table
    def enrollment(self) -> pd.DataFrame:
        """Enrollment of every scenario.

        Columns: scenario, year, level, area, measure, persons, difference (from the first scenario,
        empty for a year that it does not reach).
        """
        return self._with_difference("enrollment", ["year", "level", "area", "measure"], "persons")

    @cached_table
    def ledger(self) -> pd.DataFrame:
        """The accounts of the funds of every scenario.

        Columns: scenario, year, level, area, fund, item, kind, yuan, difference (as in
        `enrollment`).
        """
        return self._with_difference("ledger", ["year", "level", "area", "fund", "item"], "yuan")

    @cached_table
    def indicators(self) -> pd.DataFrame:
        """The indicators of every scenario.

        Columns: as in ``Result.indicators``, and difference (as in `enrollment`).
        """
        return self._with_difference("indicators", ["year", "fund", "indicator"], "value")

    def _with_difference(self, name: str, keys: list[str], value: str) -> pd.DataFrame:
        """Return a table of every scenario, with the difference from the first."""
        table = self._joined(name)
        first = getattr(self.results[0], name).set_index(keys)[value]
        base = first.reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy()
        return table.assign(difference=table[value] - base)

    def _joined(self, name: str) -> pd.DataFrame:
        tables: list[pd.DataFrame] = [getattr(result, name) for result in self.results]
        return pd.concat(tables, ignore_index=True)

    @cached_table
    def channels(self) -> pd.DataFrame:
        """The decomposition of every scenario; columns as in ``Result.channels``."""
        return self._joined("channels")

    @cached_table
    def parameters(self) -> pd.DataFrame:
        """Parameters that differ, the horizon and ``as_of`` included, with one column per scenario.

        Columns: parameter, area (empty where the value holds for all), year, and the scenarios.
        Paths are compared up to the longest horizon, also for scenarios that end earlier; a
        parameter that one scenario sets by area is compared area by area.
        """
        return differing(self.results)

    @cached_table
    def reasons(self) -> pd.DataFrame:
        """Attribution of the differences to levers, every scenario against the first.

        Columns: scenario, against, step, lever, kind (``fund``: closing balance, ``measure``:
        enrollment), subject, year (the last that both reach), value, unit (yuan, persons). The
        values of a subject add up over the steps to its whole difference, exactly in whole yuan
        and 1024ths of a person. Levers are switched in the order of
        :func:`fsinsure.analysis.reasons.levers`; each step is a projection of the cohort engine.

        Where persons were simulated, the decomposition is that of the expected values of the cohort
        engine. Its total differs from :attr:`ledger` and :attr:`enrollment` by sampling variation
        and by terms that are not linear for persons (``Result.agreement``).
        """
        first, *others = (
            reasons.Side(result.scenario, result.projection) for result in self._expected.results
        )
        return pd.concat([reasons.table(first, other) for other in others], ignore_index=True)

    @cached_property
    def _expected(self) -> Comparison:
        """The same comparison by the expected values of the cohort engine."""
        return Comparison(tuple(result.expected for result in self.results))

    @cached_table
    def persons(self) -> pd.DataFrame:
        """Winners and losers, every scenario against the first.

        Both scenarios use the same persons of the base year and random numbers. Columns: scenario,
        against, quantity, unit, group, of, persons, winners, losers, mean, mean_winners,
        mean_losers, p5 to p95; see :func:`fsinsure.analysis.winners_losers.table`. Pensions are
        discounted at the interest of the funds in the first scenario (``fund.interest``).

        Raises
        ------
        InputError
            If a result is not from the person engine, or seed, horizon or persons differ.
        """
        sides = []
        for result in self.results:
            if result.simulation is None:
                raise InputError(
                    "{name} was not run person by person: run every scenario to compare with "
                    "engine='micro', and the same persons and seed",
                    name=result.scenario.name,
                )
            sides.append((result.scenario.name, result.simulation.plan))
        rate = self.results[0].resolved.path("fund.interest")
        tables = [winners_losers.table(sides[0], other, rate) for other in sides[1:]]
        return pd.concat(tables, ignore_index=True)

    @credited
    def plot_persons(
        self,
        quantity: str = "pensions",
        by: str = "born",
        *,
        scenario: str | None = None,
        lang: str = "zh",
    ) -> Picture:
        """Draw the numbers and amounts of winners and losers by group.

        Parameters
        ----------
        quantity
            ``pensions`` (present value), ``pension`` (a month, at the end) or ``months``.
        by
            ``all``, ``sex``, ``area``, ``status`` (of the base year) or ``born``.
        scenario
            The scenario compared with the first; the second result by default.
        lang
            ``zh`` or ``en``.
        """
        from fsinsure.output.figures.gains import gains as draw

        chosen = self._chosen(scenario)
        return draw(
            self.persons[self.persons["scenario"] == chosen],
            quantity,
            by,
            areas=self.results[0].scenario.region.names(lang),
            until=self.results[0].scenario.horizon,
            lang=lang,
            titles=self._titles(lang),
        )

    def _chosen(self, scenario: str | None) -> str:
        """Return the name of the scenario to compare with the first."""
        others = [result.scenario.name for result in self.results[1:]]
        chosen = others[0] if scenario is None else scenario
        if chosen not in others:
            raise InputError(
                "{chosen!r} is not compared with {name}.{hint} Compared: {others}",
                chosen=chosen,
                name=self.results[0].scenario.name,
                hint=did_you_mean(chosen, others),
                others=separated(others),
            )
        return chosen

    @credited
    def plot(self, lang: str = "zh") -> Picture:
        """Draw the enrollment of every scenario against the targets."""
        from fsinsure.output.figures.comparison import comparison

        tables = (self.enrollment, self.targets, self.ledger)
        return comparison(*tables, lang=lang, titles=self._titles(lang))

    @overload
    def plot_reasons(
        self,
        kind: str = ...,
        *,
        subject: str | None = ...,
        scenario: str | None = ...,
        lang: str = ...,
    ) -> Picture: ...
    @overload
    def plot_reasons(
        self,
        kind: str = ...,
        *,
        subject: str | None = ...,
        scenario: str | None = ...,
        lang: str = ...,
        ax: Axes,
    ) -> Axes: ...
    def plot_reasons(
        self,
        kind: str = "fund",
        *,
        subject: str | None = None,
        scenario: str | None = None,
        lang: str = "zh",
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Draw the effects of the levers as a waterfall per subject.

        The effects are those of the cohort engine, also where persons were simulated
        (:attr:`reasons`).

        Parameters
        ----------
        kind
            ``fund`` (closing balances) or ``measure`` (enrollment).
        subject
            One fund or measure; by default all that move noticeably.
        scenario
            The scenario compared with the first; the second result by default.
        lang
            ``zh`` or ``en``.
        ax
            Axes on which the waterfall of one subject is drawn; they are returned.

        Raises
        ------
        InputError
            Unknown kind, scenario or language, or no subject of the kind differs.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.reasons import reasons

        chosen = self._chosen(scenario)
        rows = self.reasons[self.reasons["scenario"] == chosen]
        with drawing(self.about, ax):
            picture = reasons(
                of_one(rows, "reasons", "subject", subject),
                self._expected.ledger,
                self._expected.enrollment,
                kind=kind,
                expected=any(result.simulation for result in self.results),
                lang=lang,
                titles=self._titles(lang),
                reliefs=self.reliefs(lang)[chosen],
            )
        return picture if ax is None else ax

    def about(self, lang: str = "zh") -> str:
        """Return what the pictures rest on: in full, what the first scenario does."""
        return self.results[0].plot.about(lang)

    def reliefs(self, lang: str = "zh") -> dict[str, dict[str, str]]:
        """Return the reliefs among the levers in words, by scenario and lever."""
        from fsinsure.output.levers import relief_names

        first, *others = (result.scenario for result in self.results)
        table = self.reasons
        return {
            other.name: relief_names(
                table.loc[table["scenario"] == other.name, "lever"].unique(),
                [relief.entry for relief in first.relief],
                [relief.entry for relief in other.relief],
                lang,
            )
            for other in others
        }

    def _titles(self, lang: str) -> dict[str, str]:
        return {
            result.scenario.name: result.scenario.title.get(lang, result.scenario.name)
            for result in self.results
        }

    def write(
        self,
        folder: str | Path,
        *,
        lang: str = "zh",
        plots: Selection = "main",
        bom: bool | None = None,
    ) -> list[Path]:
        """Write the tables, the pictures and ``run.json`` into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run or comparison that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the pictures.
        plots
            ``none`` draws no picture; ``main`` and ``all`` draw the enrollment against the targets
            and the attribution of the differences.
        bom
            Whether CSV files begin with a byte order mark; by default, with ``zh``.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            As :func:`fsinsure.files.write_run`.
        """
        from fsinsure.output.levers import material

        check_selection(plots)
        others = () if self.by_person else ("persons",)
        contents = csv_files("comparison", self, lang, bom=bom, leave_out=others)
        if plots != "none":
            contents["comparison.png"] = png_bytes(self.plot(lang))
            moved = material(self.reasons)[["scenario", "kind"]].drop_duplicates()
            for scenario, kind in moved.itertuples(index=False):
                picture = self.plot_reasons(kind, scenario=scenario, lang=lang)
                contents[f"reasons_{kind}_{scenario}.png"] = png_bytes(picture)
        versions = provenance()
        runs = {
            result.scenario.name: {k: v for k, v in result.meta.items() if k not in versions}
            for result in self.results
        }
        return write_run(Path(folder), contents, {**versions, "scenarios": runs})
