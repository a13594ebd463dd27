"""A result: what a user holds after a run. Tables are made when first asked for."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fsinsure import __version__, tables
from fsinsure.analysis import channels, distributions, indicators, targets
from fsinsure.dims import BASE_YEAR, CITY
from fsinsure.engine.lives import follow
from fsinsure.errors import InputError
from fsinsure.files import MANIFEST, write_run
from fsinsure.measures import require
from fsinsure.sources import data_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from fsinsure.engine.identities import Check
    from fsinsure.engine.projection import Projection
    from fsinsure.engine.simulate import Simulation
    from fsinsure.output.picture import Picture
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario
    from fsinsure.state import Transitions

CSV_TABLES = (
    *("enrollment", "stocks", "flows", "channels", "targets"),
    *("ledger", "indicators", "parameters"),
)
PERSON_TABLES = ("distributions", "quantiles")
"""Tables that there are besides where persons were simulated."""
PORTRAITS = (
    ("pension_at_award", "sex"),
    ("replacement_rate", "sex"),
    ("months_at_award", "status"),
)
"""Distributions among all pictures, and by what they are told apart."""
LONG_RUN = 2035
"""Horizon from which on the picture of the long run is among all pictures."""


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

    def panel(self, ids: Sequence[int] | None = None, *, sample: int = 1_000) -> pd.DataFrame:
        """Follow persons year by year: those with `ids`, or a `sample` of the base year's.

        Columns: scenario, and those of :func:`fsinsure.engine.lives.follow`.
        """
        import pandas as pd

        task = self._persons.task
        if ids is None:
            if sample < 1:
                raise InputError(f"a sample of {sample}: follow at least one person")
            count = min(sample, task.persons)
            ids = (np.arange(count) * task.persons // count).tolist()
        found = pd.DataFrame(follow(task, ids))
        found.insert(0, "scenario", self.scenario.name)
        return found

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

    @property
    def plot(self) -> Plots:
        """Pictures of this result."""
        return Plots(self)

    def write(self, folder: str | Path, *, lang: str = "zh", plots: bool = True) -> list[Path]:
        """Write every table, ``run.json`` and the pictures into a folder.

        Parameters
        ----------
        folder
            Made if it is not there.
        lang
            ``zh`` or ``en``, for the pictures; the tables are the same.
        plots
            Whether to draw.

        Returns
        -------
        list of Path
            What was written. Each file is written whole or not at all; files that an earlier run
            left in the folder and this one does not write are removed.
        """
        names = CSV_TABLES if self.simulation is None else CSV_TABLES + PERSON_TABLES
        contents: dict[str, bytes] = {
            f"{name}.csv": csv_bytes(getattr(self, name)) for name in names
        }
        if plots:
            for name, picture in self.plot.all(lang).items():
                contents[f"{name}.png"] = png_bytes(picture)
        # The list of files lets the next run in this folder take this one's away.
        meta = {**self.meta, "files": [*contents, MANIFEST]}
        text = json.dumps(meta, ensure_ascii=False, indent=2) + "\n"
        contents[MANIFEST] = text.encode("utf-8")
        return write_run(Path(folder), contents)


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as UTF-8 CSV in full precision, the same bytes on every system."""
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def png_bytes(picture: Picture) -> bytes:
    """Return a picture as PNG, without the time of drawing: the same bytes for the same tables."""
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def shown(last: int | None) -> dict[str, int]:
    """Return the last year as an argument of a picture, which has its own where none is given."""
    return {} if last is None else {"last": last}


@dataclass(frozen=True, eq=False)
class Plots:
    """Pictures of a result: matplotlib figures that show themselves in a notebook."""

    result: Result

    def targets(self, lang: str = "zh") -> Picture:
        """Projected against target curves, the required path and the gap."""
        from fsinsure.output.targets import targets

        return targets(
            self.result.enrollment, self.result.targets, lang=lang, title=self._title(lang)
        )

    def channels(
        self, measure: str = "pension.enterprise", *, district: str = CITY, lang: str = "zh"
    ) -> Picture:
        """Waterfall of a measure from the base year to the horizon, by channel."""
        from fsinsure.output.waterfall import channels

        tables = (self.result.channels, self.result.enrollment)
        return channels(
            *tables, require(measure), district=district, lang=lang, title=self._title(lang)
        )

    def pyramid(
        self, year: int | None = None, *, district: str = CITY, lang: str = "zh"
    ) -> Picture:
        """Draw the population by status; the last year unless another is given."""
        from fsinsure.output.pyramid import pyramid

        return pyramid(
            self.result.stocks, year=year, district=district, lang=lang, title=self._title(lang)
        )

    def funds(self, *, last: int | None = None, lang: str = "zh") -> Picture:
        """Draw the balance of each fund with its warning limits, up to the year `last`."""
        from fsinsure.output.funds import funds

        return funds(
            self.result.ledger,
            self.result.indicators,
            reserves=self._reserves(),
            **shown(last),
            lang=lang,
            title=self._title(lang),
        )

    def income_outgo(
        self, fund: str = "pension.enterprise", *, last: int | None = None, lang: str = "zh"
    ) -> Picture:
        """Draw income and outgo of a fund by item and year, up to the year `last`."""
        from fsinsure.output.income_outgo import income_outgo

        return income_outgo(
            self.result.ledger, fund, **shown(last), lang=lang, title=self._title(lang)
        )

    def relief(self, *, lang: str = "zh") -> Picture:
        """Draw what was waived, refunded, deferred and repaid, and the people it kept."""
        from fsinsure.output.relief import relief

        tables = (self.result.ledger, self.result.indicators)
        return relief(*tables, lang=lang, title=self._title(lang))

    def replacement(self, *, last: int | None = None, lang: str = "zh") -> Picture:
        """Draw replacement rate, average pension, support ratio and cost rate."""
        from fsinsure.output.replacement import replacement

        return replacement(
            self.result.indicators, **shown(last), lang=lang, title=self._title(lang)
        )

    def long_run(self, *, lang: str = "zh") -> Picture:
        """Draw balances in years of outgo and the burden of pensions, to the horizon."""
        from fsinsure.output.long_run import long_run

        tables = (self.result.ledger, self.result.indicators)
        return long_run(*tables, lang=lang, title=self._title(lang))

    def distribution(
        self,
        quantity: str = "pension_at_award",
        by: str = "sex",
        *,
        year: int | None = None,
        lang: str = "zh",
    ) -> Picture:
        """Draw how many persons have how much of a quantity, a panel for each member of a group.

        Quantities and groups are those of `Result.distributions`; the last year that has the
        quantity unless another is given.
        """
        from fsinsure.output.distribution import distribution

        tables = (self.result.distributions, self.result.quantiles)
        title = self._title(lang)
        return distribution(*tables, quantity, by, year=year, lang=lang, title=title)

    def all(self, lang: str = "zh") -> dict[str, Picture]:
        """Every picture by file name (without ending).

        The picture of relief is among them where the scenario has any, the long run where the
        horizon is 2035 or later.
        """
        pictures = {}
        targets = self.result.scenario.targets
        if targets:
            pictures["targets"] = self.targets(lang)
        for measure in dict.fromkeys(target.measure for target in targets):
            pictures[f"channels-{measure}"] = self.channels(measure, lang=lang)
        for year in (BASE_YEAR, self.result.scenario.horizon):
            pictures[f"pyramid-{year}"] = self.pyramid(year, lang=lang)
        if self.result.simulation is not None:
            for quantity, by in PORTRAITS:
                pictures[f"distribution-{quantity}"] = self.distribution(quantity, by, lang=lang)
        return pictures | self._money(lang)

    def _money(self, lang: str) -> dict[str, Picture]:
        from fsinsure.output.relief import has_relief

        pictures = {"funds": self.funds(lang=lang)}
        for fund in self.result.ledger["fund"].unique():
            pictures[f"income-outgo-{fund}"] = self.income_outgo(str(fund), lang=lang)
        pictures["replacement"] = self.replacement(lang=lang)
        if has_relief(self.result.ledger):
            pictures["relief"] = self.relief(lang=lang)
        if self.result.scenario.horizon >= LONG_RUN:
            pictures["long-run"] = self.long_run(lang=lang)
        return pictures

    def _reserves(self) -> list[float]:
        table = self.result.parameters.set_index("parameter")["value"]
        return [float(table[f"reserve.{name}"]) for name in ("watch", "warning", "alarm")]

    def _title(self, lang: str) -> str:
        return self.result.scenario.title.get(lang, self.result.scenario.name)
