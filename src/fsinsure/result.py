"""The result of a run: tables, pictures and provenance, each computed on first access."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fsinsure import tables
from fsinsure.analysis import channels, distributions, explain, indicators, targets
from fsinsure.analysis.observations import met_ends
from fsinsure.encode import csv_files, png_bytes
from fsinsure.errors import InputError
from fsinsure.files import write_run
from fsinsure.microsim.panel import follow, sampled
from fsinsure.output.labelled import labelled
from fsinsure.output.labels import check_language
from fsinsure.plots import Plots, check_selection
from fsinsure.run_record import run_record
from fsinsure.tables import cached_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import pandas as pd

    from fsinsure.engine.identities import Check
    from fsinsure.engine.projection import Projection
    from fsinsure.ensembles import Ensemble
    from fsinsure.microsim.simulate import Simulation
    from fsinsure.parameters import Parameters
    from fsinsure.plots import Selection
    from fsinsure.scenario import Scenario
    from fsinsure.validation.agreement import Agreement
    from fsinsure.year.event import Transitions

OF_PERSONS = ("distributions", "quantiles", "panel")
"""Tables of simulated persons."""


@dataclass(frozen=True, eq=False)
class Result:
    """The result of a run.

    Each access to a table returns a copy: editing it changes neither the result nor its files.

    Parameters
    ----------
    scenario
        The scenario that was run.
    resolved
        Its parameters as arrays.
    projection
        The arrays that the engine returned.
    checks
        The identities that were checked; all hold.
    started, seconds
        Start of the run, and its duration in seconds.
    simulation
        The simulated persons and their exact counts; None for the cohort engine.
    """

    scenario: Scenario
    resolved: Parameters
    projection: Projection
    checks: tuple[Check, ...]
    started: datetime
    seconds: float
    simulation: Simulation | None = None

    def __repr__(self) -> str:
        """Return the scenario, years, engine and duration."""
        first, last = self.scenario.region.base_year, self.scenario.horizon
        how = "cohort engine"
        if self.simulation is not None:
            plan = self.simulation.plan
            how = f"{plan.persons:,} persons, seed {plan.seed}"
        return f"<Result of {self.scenario.name}, {first} to {last}: {how}, {self.seconds:.1f} s>"

    def tables(self, lang: str = "zh") -> pd.DataFrame:
        """List the tables of a result.

        Columns: table, title, levels (whether it has areas and their total), columns, file.

        Parameters
        ----------
        lang
            ``zh`` or ``en``, for the titles.
        """
        others = () if self.simulation else OF_PERSONS
        return tables.listing("result", check_language(lang), others)

    def total(self, table: str) -> pd.DataFrame:
        """Return the rows of the whole region, without level and area.

        Parameters
        ----------
        table
            A table with areas and their total: ``enrollment``, ``stocks``, ``flows``,
            ``channels``, ``ledger`` or ``published``; else InputError.
        """
        return tables.of_level(self, table, "total")

    def areas(self, table: str) -> pd.DataFrame:
        """Return the rows of the areas, without their total; `table` as in :meth:`total`.

        Areas are in the order of the region. Balances of the funds are of the region only.
        """
        return tables.of_level(self, table, "area")

    def labelled(self, table: str, *, lang: str = "zh", unit: str | None = None) -> pd.DataFrame:
        """Return a table with headings, texts and units in words; values keep their digits.

        Parameters
        ----------
        table
            A name of :meth:`tables`, except ``explain``, ``panel`` and ``remaining``.
        lang
            ``zh`` or ``en``.
        unit
            In which people or money are shown, such as ``万人``, ``亿元`` or ``billion yuan``; as
            they are by default. Shares are shown as per cent.

        Raises
        ------
        InputError
            If the table, the language or the unit is unknown, or no column has such a unit.
        """
        one = tables.registered(self, table)
        places = self.scenario.region.names(check_language(lang))
        return labelled(getattr(self, table), one, places, lang=lang, unit=unit)

    @cached_table
    def enrollment(self) -> pd.DataFrame:
        """People in each measure: scenario, year, level, area, measure, persons."""
        return tables.enrollment(self.projection, self.scenario.name)

    @cached_table
    def stocks(self) -> pd.DataFrame:
        """People of each status: scenario, year, level, area, sex, age_group, status, persons."""
        return tables.stocks(self.projection, self.scenario.name)

    @cached_table
    def flows(self) -> pd.DataFrame:
        """Changes of status: scenario, year, level, area, from_status, to_status, persons."""
        return tables.flows(self.projection, self.scenario.name)

    @cached_table
    def channels(self) -> pd.DataFrame:
        """Decomposition of the increments of each measure into channels.

        Columns: scenario, measure, level, area, from_year, to_year, channel, persons.
        """
        return channels.table(self.projection, self.scenario.name)

    @cached_table
    def targets(self) -> pd.DataFrame:
        """Projection against the plan; columns in :func:`fsinsure.analysis.targets.table`."""
        plan, published = self.scenario, self.expected.enrollment
        return targets.table(self.enrollment, published, plan.targets, plan.horizon, plan.name)

    def remaining(self, since: int | None = None) -> pd.DataFrame:
        """Return what the years after one must bring to each target.

        Columns: scenario, measure, since, published, persons, year, target, growth_required; see
        :func:`fsinsure.analysis.targets.remaining`. People are expected values, also where persons
        were simulated.

        Parameters
        ----------
        since
            A projected year or the base year for all measures; by default for each the last year
            whose end has a figure of it that the scenario observes, or as
            :func:`fsinsure.analysis.targets.last_known`.

        Raises
        ------
        InputError
            If `since` is not a year of the projection.
        """
        plan, years = self.scenario, self.projection.years.tolist()
        known = targets.known_since(plan.targets, met_ends(plan), years, since)
        return targets.remaining(self.expected.enrollment, plan.targets, known, plan.name)

    def explain(self, measure: str, year: int, area: str | None = None) -> pd.DataFrame:
        """Explain people level by level; see :func:`fsinsure.analysis.explain.table`.

        They are expected values, also where persons were simulated.
        """
        return explain.table(self.expected.projection, self.resolved, measure, year, area)

    @cached_table
    def published(self) -> pd.DataFrame:
        """Published figures of the region, and a user's own that are met.

        Columns in :func:`fsinsure.tables.published`.
        """
        own = {one.outcome for one in self.scenario.solved or ()}
        given = self.scenario.actuals.rows if self.scenario.actuals else ()
        return tables.published(self.scenario.region, [one for one in given if one in own])

    @cached_table
    def ledger(self) -> pd.DataFrame:
        """Accounts of the funds: scenario, year, level, area, fund, item, kind, yuan."""
        return tables.ledger(self.projection, self.scenario.name)

    @cached_table
    def indicators(self) -> pd.DataFrame:
        """Indicators of the funds and of the other goals of the plan.

        Columns: scenario, year, fund, indicator, value, unit, low, high, bound, level; see
        :func:`fsinsure.analysis.indicators.table`.
        """
        return indicators.table(self.projection, self.resolved, self.scenario.name)

    @cached_table
    def distributions(self) -> pd.DataFrame:
        """Histograms of pensions, contribution months and replacement rates.

        Columns: scenario, year, quantity, group, of, low, high, persons; see
        :func:`fsinsure.analysis.distributions.histogram`. For simulated persons only.
        """
        persons = self._persons
        return distributions.histogram(
            persons.counters, persons.plan.members, 1.0 / persons.plan.scale, self.scenario.name
        )

    @cached_table
    def quantiles(self) -> pd.DataFrame:
        """Means and quantiles of the same quantities.

        Columns: scenario, year, quantity, unit, group, of, persons, mean, p5 to p95; see
        :func:`fsinsure.analysis.distributions.quantiles`.
        """
        persons = self._persons
        return distributions.quantiles(
            persons.counters, persons.plan.members, 1.0 / persons.plan.scale, self.scenario.name
        )

    def panel(
        self, ids: Sequence[int] | None = None, *, sample: int = 1_000, entering: int | None = None
    ) -> pd.DataFrame:
        """Return persons year by year: those with `ids`, or a sample.

        Columns: scenario, and those of :func:`fsinsure.microsim.panel.follow`.

        Parameters
        ----------
        ids
            The persons to follow.
        sample
            Number of persons if no `ids` are given, spread evenly over those who enter in a year.
        entering
            The year at whose end the sampled persons are first present: the base year unless a
            later one is given, for births and arrivals of that year.
        """
        import pandas as pd

        plan = self._persons.plan
        year = self.scenario.region.base_year if entering is None else entering
        found = pd.DataFrame(follow(plan, sampled(plan, sample, year) if ids is None else ids))
        found.insert(0, "scenario", self.scenario.name)
        return found

    def save_persons(self, path: str | Path) -> int:
        """Write the persons of the base year as a Parquet file (docs/persons.md).

        Returns
        -------
        int
            Number of persons written; they keep the ids of this run.

        Raises
        ------
        InputError
            If no persons were simulated, pyarrow is missing or the file cannot be written.
        """
        from fsinsure.microdata import parquet

        return parquet.save(path, self._persons.plan.saved())

    @property
    def expected(self) -> Result:
        """The same result by the expected values of the cohort engine."""
        if self.simulation is None:
            return self
        return replace(self, projection=self.simulation.expected, simulation=None)

    @property
    def _persons(self) -> Simulation:
        if self.simulation is None:
            raise InputError(
                "the cohort engine has no individual persons: run the scenario with engine='micro'"
            )
        return self.simulation

    @cached_table
    def parameters(self) -> pd.DataFrame:
        """Values in use; columns in :func:`fsinsure.tables.parameters`."""
        return tables.parameters(self.resolved, self.scenario.name)

    @cached_property
    def agreement(self) -> Agreement:
        """Comparison of the simulated persons with the expected values of the cohort engine.

        Raises
        ------
        InputError
            If no persons were simulated.
        """
        from fsinsure.validation.agreement import agree

        return agree(self._persons, self.resolved)

    @property
    def transitions(self) -> Transitions:
        """The transition probabilities of every year."""
        return self.projection.transitions

    @property
    def meta(self) -> dict[str, object]:
        """Identification of the run, as in ``run.json``."""
        return run_record(self)

    @property
    def plot(self) -> Plots:
        """Pictures of this result."""
        by_person = self.simulation is not None
        return Plots(
            self.scenario, self.resolved, lambda name: getattr(self, name), self.panel, by_person
        )

    def write(
        self,
        folder: str | Path,
        *,
        lang: str = "zh",
        plots: Selection = "main",
        bom: bool | None = None,
    ) -> list[Path]:
        """Write every table, ``run.json`` and the pictures into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the pictures.
        plots
            ``main`` draws the targets, the channels of each target and the funds; ``all`` every
            picture; ``none`` no picture.
        bom
            Whether CSV files begin with a byte order mark, by which spreadsheets recognise UTF-8;
            by default, with ``zh``.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            As :func:`fsinsure.files.write_run`: another process writes to the folder, a file in
            the way was not written by a run, or the folder cannot be written.
        """
        check_selection(plots)
        others = () if self.simulation else OF_PERSONS
        contents = csv_files("result", self, lang, bom=bom, leave_out=others)
        for name, draw in self.plot.drawings(plots, lang).items():
            contents[f"{name}.png"] = png_bytes(draw())
        agreement = {} if self.simulation is None else {"agreement": self.agreement.verdict}
        return write_run(Path(folder), contents, {**self.meta, **agreement})

    def to_excel(
        self,
        path: str | Path,
        *,
        lang: str = "zh",
        ensemble: Ensemble | None = None,
        compare: Sequence[Result] = (),
    ) -> Path:
        """Write a workbook for planners: :func:`fsinsure.workbook_api.save`."""
        # Plan figures and the record are made from results: they stand above this module.
        save: Callable[..., Path] = import_module("fsinsure.workbook_api").save
        return save(self, path, lang=lang, ensemble=ensemble, compare=compare)
