"""An ensemble: a scenario projected for many draws of what is uncertain in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.analysis import ensemble_tables as tables
from fsinsure.analysis.joint import joint
from fsinsure.analysis.published_draws import coverage, figures_after, weighted
from fsinsure.analysis.subjects import amounts_of, subjects_of
from fsinsure.cached import cached_table
from fsinsure.card import card
from fsinsure.drawings import check_selection
from fsinsure.encode import csv_files, png_bytes
from fsinsure.ensemble_plots import EnsemblePlots
from fsinsure.errors import InputError
from fsinsure.files import write_run
from fsinsure.measures import measures
from fsinsure.messages import Message, separated
from fsinsure.microdata.parquet import parquet_bytes
from fsinsure.names import meant
from fsinsure.output.labelled import short_chances
from fsinsure.region.outcomes import comparable, comparable_named, comparable_names
from fsinsure.region.own_outcomes import read_actuals, to_be_met, with_own

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from os import PathLike

    import pandas as pd

    from fsinsure.analysis.projected_draws import Draws
    from fsinsure.analysis.published_draws import Given
    from fsinsure.analysis.sampling import Sample
    from fsinsure.analysis.uncertain import Uncertain
    from fsinsure.arrays import Array, Ints
    from fsinsure.base_year.closure import Base
    from fsinsure.drawings import Selection
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario


@dataclass(frozen=True)
class Setting:
    """How draws were made."""

    draws: int
    seed: int
    design: str
    engine: str
    persons: int | None


@dataclass(frozen=True, eq=False)
class Ensemble:
    """A scenario projected for many draws.

    Each access to a table returns a copy: editing it changes neither the ensemble nor its files.

    Parameters
    ----------
    central
        The run of the scenario itself.
    base
        Its closed base year.
    uncertain
        What is drawn.
    drawn
        The values of all draws.
    all_draws
        What came of all draws, also of those that could not be projected.
    setting
        How they were made.
    started, seconds
        Start, and duration in seconds.
    weighted
        By which figures the draws were weighted (:meth:`given`); None if they were not.
    chosen
        The draws that their weights chose ``[chosen]``; None if they were not weighted.
    """

    central: Result
    base: Base
    uncertain: tuple[Uncertain, ...]
    drawn: Sample
    all_draws: Draws
    setting: Setting
    started: datetime
    seconds: float
    weighted: Given | None = None
    chosen: Ints | None = None

    def __post_init__(self) -> None:
        """Refuse an ensemble without a draw that could be projected."""
        if not self.all_draws.projected.any():
            reasons = tables.exceptions(self.all_draws, self.scenario.name)
            shown = separated(
                (
                    separated((row.draws, Message(str(row.reason))), ": ")
                    for row in reasons.itertuples()
                ),
                "; ",
            )
            raise InputError(
                "none of the {draws:,} draws could be projected ({shown}). Narrow the ranges "
                "under uncertainty, or change the central values",
                draws=self.setting.draws,
                shown=shown,
            )

    def __repr__(self) -> str:
        """Return the scenario, the number of draws and the duration."""
        kept, asked = len(self.draws.reason), self.setting.draws
        left = "" if kept == asked else f" of {asked:,}"
        return (
            f"<Ensemble of {self.scenario.name}: {kept:,}{left} draws of {len(self.uncertain)} "
            f"parameters, seed {self.setting.seed}, {self.seconds:.1f} s>"
        )

    def _repr_html_(self) -> str:
        """Return the scenario, the draws, and the probabilities of the targets for notebooks."""
        shown = short_chances(self.targets.drop(columns="scenario"))
        return card(self.scenario.title.get("zh", self.scenario.name), [repr(self)], shown)

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.central.scenario

    @property
    def years(self) -> Ints:
        """The years, the base year first."""
        return self.central.projection.years

    @cached_property
    def draws(self) -> Draws:
        """What came of the draws of the tables: :attr:`kept`."""
        return self.all_draws.select(self.kept)

    @property
    def kept(self) -> Ints:
        """The numbers of the draws of the tables.

        Those that could be projected; where they were weighted, as often as their weight says.
        """
        return np.flatnonzero(self.all_draws.projected) if self.chosen is None else self.chosen

    def given(
        self,
        sigma: float = 0.03,
        *,
        correlation: float = 0.0,
        counted: Sequence[str] | None = None,
        until: int | None = None,
        outcomes: str | PathLike[str] | pd.DataFrame | None = None,
    ) -> Ensemble:
        """Return the draws that published figures leave: weighted by how near they come.

        Figures count whenever they became known, also after ``as_of``.

        Parameters
        ----------
        sigma
            The relative standard error of a figure, that of the model included.
        correlation
            Of the errors of two consecutive years, from 0 to below 1.
        counted
            The measures whose figures count; by default all of people in insurance.
        until
            The last year of which figures count; by default all up to the horizon.
        outcomes
            Figures of your own, as of :func:`fsinsure.run`; they stand before those of the region.

        Returns
        -------
        Ensemble
            With as many draws as the weights are worth (:attr:`weighted`).

        Raises
        ------
        InputError
            If the scenario observes figures, there are none, `sigma` or `correlation` are out of
            range, or fewer than
            :data:`fsinsure.analysis.reweighting.FEWEST` draws are left; as :func:`fsinsure.run`.
        """
        if self.scenario.observes:
            raise InputError(
                "the levers of {name} meet published figures already: weight the draws of a "
                "scenario that does not observe them",
                name=self.scenario.name,
            )
        region, last = self.scenario.region, until or self.scenario.horizon
        own = None if outcomes is None else to_be_met(read_actuals(outcomes, region))
        names = measures() if counted is None else [*map(comparable_named, counted)]
        unknown = [name for name in names if name not in comparable()]
        if unknown:
            hint = meant(str(unknown[0]), comparable_names())
            raise InputError(
                "there is no measure {unknown!r}.{hint}", unknown=unknown[0], hint=hint
            )
        every = figures_after(region, with_own(region, own), last)
        figures = [one for one in every if one.measure in names]
        seed = self.setting.seed
        rows, by = weighted(self.draws, self.years, figures, sigma, correlation, seed)
        return replace(self, weighted=by, chosen=self.kept[rows])

    def coverage(self) -> pd.DataFrame:
        """Return where published figures lie in the range of the draws.

        Columns in :func:`fsinsure.analysis.published_draws.coverage`.
        """
        region, plan = self.scenario.region, self.scenario
        figures = figures_after(region, region.outcomes, plan.horizon)
        return coverage(self.draws, self.years, figures, plan)

    @cached_table
    def targets(self) -> pd.DataFrame:
        """Probability of each target and of all together, and the people of its year.

        Columns in :func:`fsinsure.analysis.ensemble_tables.targets`.
        """
        plan = self.scenario
        return tables.targets(self.draws, plan.targets, self.years, plan.horizon, plan.name)

    @cached_table
    def arrivals(self) -> pd.DataFrame:
        """The years in which targets are reached, with probabilities.

        Columns in :func:`fsinsure.analysis.ensemble_tables.arrivals`.
        """
        return tables.arrivals(self.draws, self.scenario.targets, self.years, self.scenario.name)

    @cached_table
    def enrollment(self) -> pd.DataFrame:
        """People in each measure: mean and percentiles.

        Columns in :func:`fsinsure.analysis.ensemble_tables.enrollment`.
        """
        region = self.scenario.region
        return tables.enrollment(self.draws, region, self.years, self.scenario.name)

    @cached_table
    def ledger(self) -> pd.DataFrame:
        """Accounts of the funds: mean and percentiles.

        Columns in :func:`fsinsure.analysis.ensemble_tables.ledger`.
        """
        region = self.scenario.region
        return tables.ledger(self.draws, region, self.years, self.scenario.name)

    @cached_table
    def depletion(self) -> pd.DataFrame:
        """The years in which funds run out, with probabilities.

        Columns in :func:`fsinsure.analysis.ensemble_tables.depletion`.
        """
        return tables.depletion(self.draws, self.years, self.scenario.name)

    @cached_table
    def indicators(self) -> pd.DataFrame:
        """Months of reserve; columns in :func:`fsinsure.analysis.ensemble_tables.indicators`."""
        resolved = self.central.resolved
        return tables.indicators(self.draws, resolved, self.years, self.scenario.name)

    @cached_table
    def parameters(self) -> pd.DataFrame:
        """What was drawn; columns in :func:`fsinsure.analysis.ensemble_tables.parameters`."""
        kept = self.kept
        return tables.parameters(self.uncertain, self.drawn, kept, self.scenario.name)

    @cached_table
    def drivers(self) -> pd.DataFrame:
        """What moves the targets and funds most, by a regression of ranks over the draws.

        Columns in :func:`fsinsure.analysis.ensemble_tables.drivers`; at the horizon.
        """
        kept = self.kept
        values = {
            one.name: tables.first_values(self.drawn.values[one.name])[kept]
            for one in self.uncertain
        }
        return tables.drivers(self.uncertain, values, self._subjects, self.scenario.name)

    @property
    def _subjects(self) -> dict[str, Array]:
        """What :func:`fsinsure.analysis.subjects.subjects_of` asks for, where it is known."""
        found = amounts_of(self.draws, self.years, subjects_of(self.scenario))
        return {name: one for name, one in found.items() if not np.isnan(one).any()}

    @cached_table
    def convergence(self) -> pd.DataFrame:
        """Probabilities of the targets after a part of the draws.

        Columns in :func:`fsinsure.analysis.ensemble_tables.convergence`.
        """
        plan = self.scenario
        return tables.convergence(self.draws, plan.targets, self.years, plan.horizon, plan.name)

    @cached_table
    def exceptions(self) -> pd.DataFrame:
        """Draws that could not be projected, or in which growth was limited.

        Columns in :func:`fsinsure.analysis.ensemble_tables.exceptions`.
        """
        return tables.exceptions(self.all_draws, self.scenario.name)

    @property
    def draws_table(self) -> pd.DataFrame:
        """Every projected draw, a value a row.

        Columns in :func:`fsinsure.analysis.ensemble_tables.draws_table`.
        """
        kept, plan = self.kept, self.scenario
        return tables.draws_table(self.draws, self.drawn, kept, plan.region, self.years, plan.name)

    @property
    def plot(self) -> EnsemblePlots:
        """Pictures of this ensemble."""
        made = (len(self.draws.reason), self.setting.draws, self.setting.seed)
        return EnsemblePlots(
            self.scenario,
            self.central.resolved,
            partial(getattr, self),
            partial(getattr, self.central),
            partial(joint, self.draws, self.years, self.scenario.name),
            *((*made, int(self.draws.limited.sum())), self.setting.persons),
        )

    @property
    def meta(self) -> dict[str, object]:
        """Identification of the ensemble, as in ``run.json``."""
        setting = self.setting
        return {
            **self.central.meta,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 4),
            "seed": setting.seed,
            "engine": setting.engine,
            "ensemble": {
                **{"draws": setting.draws, "projected": int(self.all_draws.projected.sum())},
                "persons": setting.persons,
                **{"design": setting.design, "drawn": [one.name for one in self.uncertain]},
                **({} if self.weighted is None else {"weighted": self.weighted.record}),
            },
        }

    def write(
        self,
        folder: str | Path,
        *,
        lang: str = "zh",
        plots: Selection = "main",
        bom: bool | None = None,
        keep_draws: bool = False,
    ) -> list[Path]:
        """Write the tables, ``run.json`` and the pictures into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the pictures.
        bom
            Whether CSV files begin with a byte order mark, by which spreadsheets recognise UTF-8;
            by default, with ``zh``.
        plots
            ``main`` draws the fans of targets and funds; ``all`` every picture; ``none`` none.
        keep_draws
            Whether to write ``draws.parquet`` too; needs pyarrow.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            As :func:`fsinsure.files.write_run`.
        """
        check_selection(plots)
        contents = csv_files("ensemble", self, lang, bom=bom)
        for name, draw in self.plot.drawings(plots, lang).items():
            contents[f"{name}.png"] = png_bytes(draw())
        if keep_draws:
            contents["draws.parquet"] = parquet_bytes(self.draws_table)
        return write_run(Path(folder), contents, self.meta)
