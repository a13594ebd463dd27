"""A result: what a user holds after a run. Tables are made when first asked for."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fsinsure import tables
from fsinsure._version import __version__
from fsinsure.analysis import channels, distributions, indicators, targets
from fsinsure.dims import BASE_YEAR
from fsinsure.errors import InputError
from fsinsure.files import MANIFEST, write_run
from fsinsure.microsim.panel import follow, sampled
from fsinsure.plots import Plots, check_selection
from fsinsure.sources import data_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from fsinsure.engine.identities import Check
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.simulate import Simulation
    from fsinsure.output.figures.picture import Picture
    from fsinsure.parameters import Parameters
    from fsinsure.plots import Selection
    from fsinsure.scenario import Scenario
    from fsinsure.state import Transitions
    from fsinsure.validation.agreement import Agreement

CSV_TABLES = (
    *("enrollment", "stocks", "flows", "channels", "targets"),
    *("ledger", "indicators", "parameters"),
)
PERSON_TABLES = ("distributions", "quantiles")
"""Tables that there are besides where persons were simulated."""


@dataclass(frozen=True, eq=False)
class Result:
    """Everything that came out of a run.

    Parameters
    ----------
    scenario
        What was run.
    resolved
        Its parameters as arrays.
    projection
        Plain arrays, as the engine returned them.
    checks
        The identities that were checked, all of which hold.
    started, seconds
        When the run started and how long it took.
    simulation
        The persons that were simulated, and their exact counts; None for the cohort engine.
    """

    scenario: Scenario
    resolved: Parameters
    projection: Projection
    checks: tuple[Check, ...]
    started: datetime
    seconds: float
    simulation: Simulation | None = None

    def __repr__(self) -> str:
        """Say what was run, not the arrays."""
        first, last = BASE_YEAR, self.scenario.horizon
        how = "cohort engine"
        if self.simulation is not None:
            task = self.simulation.task
            how = f"{task.persons:,} persons, seed {task.seed}"
        return f"<Result of {self.scenario.name}, {first} to {last}: {how}, {self.seconds:.1f} s>"

    @cached_property
    def enrollment(self) -> pd.DataFrame:
        """People in each measure: scenario, year, district, measure, persons."""
        return tables.enrollment(self.projection, self.scenario.name)

    @cached_property
    def stocks(self) -> pd.DataFrame:
        """People of each status: scenario, year, district, sex, age_group, status, persons."""
        return tables.stocks(self.projection, self.scenario.name)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Who changed status: scenario, year, district, from_status, to_status, persons."""
        return tables.flows(self.projection, self.scenario.name)

    @cached_property
    def channels(self) -> pd.DataFrame:
        """Increments decomposed.

        Columns: scenario, measure, district, from_year, to_year, channel, persons.
        """
        return channels.table(self.projection, self.scenario.name)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """The plan against the projection; columns in :func:`fsinsure.analysis.targets.table`."""
        return targets.table(
            self.enrollment, self.scenario.targets, self.scenario.horizon, self.scenario.name
        )

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The funds' books: scenario, year, district, fund, item, kind, yuan."""
        return tables.ledger(self.projection, self.scenario.name)

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """What is read off the funds and the plan's other aims.

        Columns: scenario, year, fund, indicator, value, unit, bound, level; see
        :func:`fsinsure.analysis.indicators.table`.
        """
        return indicators.table(self.projection, self.resolved, self.scenario.name)

    @cached_property
    def distributions(self) -> pd.DataFrame:
        """How many persons have how much of a pension, months, replacement.

        Columns: scenario, year, quantity, group, of, low, high, persons; see
        :func:`fsinsure.analysis.distributions.histogram`. Persons must have been simulated.
        """
        found = self._persons
        return distributions.histogram(found.sums, 1.0 / found.task.scale, self.scenario.name)

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Mean and quantiles of the same.

        Columns: scenario, year, quantity, unit, group, of, persons, mean, p5 to p95; see
        :func:`fsinsure.analysis.distributions.quantiles`.
        """
        found = self._persons
        return distributions.quantiles(found.sums, 1.0 / found.task.scale, self.scenario.name)

    def panel(
        self, ids: Sequence[int] | None = None, *, sample: int = 1_000, entering: int = BASE_YEAR
    ) -> pd.DataFrame:
        """Follow persons year by year: those with `ids`, or a sample.

        Columns: scenario, and those of :func:`fsinsure.microsim.panel.follow`.

        Parameters
        ----------
        ids
            Whom to follow.
        sample
            How many to follow where no `ids` are given, evenly from all who enter in a year.
        entering
            The year at whose end those sampled are first known: the base year for who lived here
            then, a later one for who was born or arrived in it.
        """
        import pandas as pd

        task = self._persons.task
        found = pd.DataFrame(follow(task, sampled(task, sample, entering) if ids is None else ids))
        found.insert(0, "scenario", self.scenario.name)
        return found

    def save_persons(self, path: str | Path) -> int:
        """Write the persons of the base year as a Parquet file (docs/persons.md).

        Returns
        -------
        int
            How many were written; in the file they have the ids of this run.

        Raises
        ------
        InputError
            If no persons were simulated, pyarrow is missing or the file cannot be written.
        """
        from fsinsure.microdata import parquet

        return parquet.save(path, self._persons.task.saved())

    @property
    def _persons(self) -> Simulation:
        if self.simulation is None:
            raise InputError(
                "the cohort engine knows no single persons: run the scenario with engine='micro'"
            )
        return self.simulation

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Values in use: scenario, parameter, year, value, unit, source, confidence, set_by."""
        return tables.parameters(self.resolved, self.scenario.name)

    @cached_property
    def agreement(self) -> Agreement:
        """How the persons of a run compare with what the cohort engine expects of them.

        Raises
        ------
        InputError
            If no persons were simulated.
        """
        from fsinsure.validation.agreement import agree

        return agree(self._persons, self.resolved)

    @property
    def transitions(self) -> Transitions:
        """The transition probabilities of every year, as the engine solved them."""
        return self.projection.transitions

    @property
    def meta(self) -> dict[str, object]:
        """What is needed to tell which run this was; written as ``run.json``."""
        return {
            "fsinsure": __version__,
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "data_hash": data_hash(),
            **self._engine,
            "horizon": self.scenario.horizon,
            "deficits": dict(self.projection.ledger.deficits()),
            "extended": self.resolved.extended,
            "numpy": np.__version__,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 4),
            "checks": [
                {"name": check.name, "compared": check.compared, "passed": check.passed}
                for check in self.checks
            ],
        }

    @property
    def _engine(self) -> dict[str, object]:
        if self.simulation is None:
            return {"seed": None, "engine": "cohort"}
        task = self.simulation.task
        return {"seed": task.seed, "engine": "micro", "persons": task.persons}

    def _verdict(self) -> dict[str, object]:
        """Say in ``run.json`` too how the persons compare with the cohort engine."""
        return {} if self.simulation is None else {"agreement": self.agreement.verdict}

    @property
    def plot(self) -> Plots:
        """Pictures of this result."""
        by_person = self.simulation is not None
        return Plots(
            self.scenario, self.resolved, lambda name: getattr(self, name), self.panel, by_person
        )

    def write(
        self, folder: str | Path, *, lang: str = "zh", plots: Selection = "main"
    ) -> list[Path]:
        """Write every table, ``run.json`` and the pictures into a folder.

        Parameters
        ----------
        folder
            Made if it is not there.
        lang
            ``zh`` or ``en``, for the pictures; the tables are the same.
        plots
            ``main`` draws the targets, the channels of each target and the funds; ``all`` every
            picture; ``none`` no picture.

        Returns
        -------
        list of Path
            What was written. Each file is written whole or not at all; files that an earlier run
            left in the folder and this one does not write are removed.
        """
        check_selection(plots)
        names = CSV_TABLES if self.simulation is None else CSV_TABLES + PERSON_TABLES
        contents: dict[str, bytes] = {
            f"{name}.csv": csv_bytes(getattr(self, name)) for name in names
        }
        for name, draw in self.plot.drawings(plots, lang).items():
            contents[f"{name}.png"] = png_bytes(draw())
        # The list of files lets the next run in this folder take this one's away.
        meta = {**self.meta, **self._verdict(), "files": [*contents, MANIFEST]}
        text = json.dumps(meta, ensure_ascii=False, indent=2) + "\n"
        contents[MANIFEST] = text.encode("utf-8")
        return write_run(Path(folder), contents)


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as UTF-8 CSV in full precision, the same bytes on every system."""
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def png_bytes(picture: Picture) -> bytes:
    """Return a picture as PNG, without the time of drawing: the same bytes for the same tables."""
    buffer = io.BytesIO()
    # a tenth larger than with the default level, in two thirds of the time
    compression = {"compress_level": 3}
    picture.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs=compression)
    return buffer.getvalue()
