"""An ensemble: a scenario projected for many draws of what is uncertain in it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.analysis import ensemble_tables as tables
from fsinsure.analysis.draw_blocks import DrawPlan, Persons, run_draws
from fsinsure.analysis.projected_draws import Draws
from fsinsure.analysis.sampling import Sample, sample, shares_of
from fsinsure.analysis.uncertain import Uncertain, uncertain_in
from fsinsure.api import COHORT, ENGINES, MICRO, run
from fsinsure.base_year.closure import Base
from fsinsure.checks import prepare
from fsinsure.errors import InputError, did_you_mean
from fsinsure.files import write_run
from fsinsure.microdata.parquet import parquet_bytes
from fsinsure.microsim.parallel.executors import Execution
from fsinsure.numeric.design import DESIGNS
from fsinsure.plots import check_selection
from fsinsure.result import Result, csv_bytes
from fsinsure.scenario import opened
from fsinsure.statuses import FUNDS
from fsinsure.tables import cached_table
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from distributed import Client

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Progress
    from fsinsure.plots import Selection
    from fsinsure.scenario import Scenario

MOST: Final = 1_000_000
"""Draws, at most."""

CSV_TABLES: Final = (
    *("targets", "arrivals", "enrollment", "ledger", "depletion", "indicators"),
    *("parameters", "drivers", "convergence", "refused"),
)


def ensemble(  # noqa: PLR0913 (flat, as run)
    scenario: Scenario | str | PathLike[str],
    draws: int = 2_000,
    *,
    seed: int = 0,
    design: str = "sobol",
    engine: str = COHORT,
    persons: int | None = None,
    threads: int | None = None,
    client: Client | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Project a scenario for many draws of what is uncertain in it.

    Every assumption of the region with a range is drawn unless the scenario sets it, and what the
    scenario names under ``uncertainty`` (docs/uncertainty.md). The same seed gives the same draw to
    the same parameter in every scenario.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`.
    draws
        How many, 2 or more.
    seed
        Of the draws, and with persons of the first draw.
    design
        ``sobol`` (scrambled, evenly spread), ``latin`` (Latin hypercube) or ``random``.
    engine
        ``cohort`` for expected values, ``micro`` for persons: then each draw is a simulation.
    persons
        With ``micro``: the number of persons of each draw.
    threads
        Threads of this process; by default one for every core.
    client
        Client of a Dask cluster that does the work instead.
    checkpoint
        Where the finished part is kept until you remove it (:class:`fsinsure.Checkpoint`), so that
        a run that was stopped can go on.
    progress
        Called with the number of draws that are finished, and of all.

    Returns
    -------
    Ensemble
        Tables with mean and percentiles, probabilities of the targets, and pictures; the same bits
        for any threads and workers.

    Raises
    ------
    InputError
        If an argument is invalid, nothing is uncertain, or no draw could be projected; as
        :func:`fsinsure.run`.

    Examples
    --------
    >>> import fsinsure as fs
    >>> sure = fs.ensemble("baseline", draws=64)
    >>> sure.targets["probability"].between(0, 1).all().item()
    True
    """
    _check(draws, seed, design, engine, persons)
    clock, started = time.perf_counter(), datetime.now(UTC)
    central = run(opened(scenario))
    chosen = central.scenario
    parameters, base = prepare(chosen)
    uncertain = uncertain_in(chosen)
    if not uncertain:
        raise InputError(
            f"nothing is uncertain in {chosen.name}: its region gives no range of an assumption "
            "that it leaves alone. Name what is under uncertainty (docs/uncertainty.md)"
        )
    drawn = sample(parameters, uncertain, shares_of(chosen, uncertain, draws, seed, design))
    by_person = Persons(persons, seed) if engine == MICRO else None
    plan = DrawPlan(parameters, base, drawn, draws, persons=by_person)
    setting = Setting(draws, seed, design, engine, persons)
    keep = {**_identity(central), **{name: str(one) for name, one in asdict(setting).items()}}
    zero = Draws.empty(parameters, draws, money=True).arrays
    store = checkpoint.store(keep, len(plan.blocks), zero) if checkpoint else nullcontext()
    with store as kept:
        found = run_draws(plan, Execution(threads, client, progress), kept)
    seconds = time.perf_counter() - clock
    return Ensemble(central, base, tuple(uncertain), drawn, found, setting, started, seconds)


def _check(draws: int, seed: int, design: str, engine: str, persons: int | None) -> None:
    """Refuse invalid arguments."""
    if not is_whole(draws) or not 2 <= draws <= MOST:
        raise InputError(f"draws must be a whole number from 2 to {MOST:,}, not {draws!r}")
    if not is_whole(seed) or not 0 <= seed < 2**63:
        raise InputError(f"seed must be a whole number from 0 to 2^63 - 1, not {seed!r}")
    if design not in DESIGNS:
        hint = did_you_mean(str(design), DESIGNS)
        raise InputError(f"design must be one of {', '.join(DESIGNS)}, not {design!r}.{hint}")
    if engine not in ENGINES:
        raise InputError(f"engine must be 'cohort' or 'micro', not {engine!r}")
    if (engine == MICRO) != (persons is not None):
        raise InputError("give a number of persons with engine='micro', and only with it")
    if persons is not None and (not is_whole(persons) or persons < 1_000):
        raise InputError(f"persons must be a whole number from 1,000 on, not {persons!r}")


def _identity(central: Result) -> dict[str, str]:
    """Return what decides the numbers of the draws, by the name that a message calls it."""
    meta = central.meta
    return {
        "scenario": str(meta["scenario_hash"]),
        "data": str(meta["data_hash"]),
        "fsinsure": str(meta["fsinsure"]),
    }


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
    """

    central: Result
    base: Base
    uncertain: tuple[Uncertain, ...]
    drawn: Sample
    all_draws: Draws
    setting: Setting
    started: datetime
    seconds: float

    def __post_init__(self) -> None:
        """Refuse an ensemble without a draw that could be projected."""
        if not self.all_draws.projected.any():
            reasons = tables.refused(self.all_draws, self.scenario.name)
            shown = "; ".join(f"{row.draws}: {row.reason}" for row in reasons.itertuples())
            raise InputError(
                f"none of the {self.setting.draws:,} draws could be projected ({shown}). Narrow "
                "the ranges under uncertainty, or change the central values"
            )

    def __repr__(self) -> str:
        """Return the scenario, the number of draws and the duration."""
        kept, asked = len(self.draws.reason), self.setting.draws
        left = "" if kept == asked else f" of {asked:,}"
        return (
            f"<Ensemble of {self.scenario.name}: {kept:,}{left} draws of {len(self.uncertain)} "
            f"parameters, seed {self.setting.seed}, {self.seconds:.1f} s>"
        )

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
        """What came of the draws that could be projected."""
        return self.all_draws.select(self.all_draws.projected)

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
        kept = self.all_draws.projected
        return tables.parameters(self.uncertain, self.drawn, kept, self.scenario.name)

    @cached_table
    def drivers(self) -> pd.DataFrame:
        """What moves the targets and funds most, by a regression of ranks over the draws.

        Columns in :func:`fsinsure.analysis.ensemble_tables.drivers`; at the horizon.
        """
        kept = self.all_draws.projected
        values = {
            one.name: tables.first_values(self.drawn.values[one.name])[kept]
            for one in self.uncertain
        }
        return tables.drivers(self.uncertain, values, self._subjects, self.scenario.name)

    @property
    def _subjects(self) -> dict[str, Array]:
        """People of each measure with a target in its year, and each known balance of a fund."""
        last, found = int(self.years[-1]), {}
        for one in self.scenario.targets:
            people = tables.region_enrollment(self.draws, one.measure)
            found[f"measure.{one.measure}"] = people[:, min(one.year, last) - int(self.years[0])]
        for at, fund in enumerate(FUNDS):
            found[f"fund.{fund}"] = self.draws.closing[:, at, -1]
        return {name: one for name, one in found.items() if not np.isnan(one).any()}

    @cached_table
    def convergence(self) -> pd.DataFrame:
        """Probabilities of the targets after a part of the draws.

        Columns in :func:`fsinsure.analysis.ensemble_tables.convergence`.
        """
        plan = self.scenario
        return tables.convergence(self.draws, plan.targets, self.years, plan.horizon, plan.name)

    @cached_table
    def refused(self) -> pd.DataFrame:
        """Draws that could not be projected: scenario, reason, draws, share."""
        return tables.refused(self.all_draws, self.scenario.name)

    @property
    def draws_table(self) -> pd.DataFrame:
        """Every projected draw, a value a row.

        Columns in :func:`fsinsure.analysis.ensemble_tables.draws_table`.
        """
        kept, plan = self.all_draws.projected, self.scenario
        return tables.draws_table(self.draws, self.drawn, kept, plan.region, self.years, plan.name)

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
                **{"draws": setting.draws, "projected": len(self.draws.reason)},
                **{"design": setting.design, "drawn": [one.name for one in self.uncertain]},
            },
        }

    def write(
        self,
        folder: str | Path,
        *,
        lang: str = "zh",
        plots: Selection = "main",
        keep_draws: bool = False,
    ) -> list[Path]:
        """Write the tables, ``run.json`` and the pictures into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the pictures; the tables are the same.
        plots
            ``main``, ``all`` or ``none``.
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
        contents = {f"{name}.csv": csv_bytes(getattr(self, name)) for name in CSV_TABLES}
        if keep_draws:
            contents["draws.parquet"] = parquet_bytes(self.draws_table)
        return write_run(Path(folder), contents, self.meta)
