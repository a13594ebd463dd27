"""The result of a run: its tables, and pictures, files, exports and provenance made from them."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fsinsure import exports
from fsinsure.card import card
from fsinsure.columns import of_holder
from fsinsure.drawings import check_selection
from fsinsure.encode import csv_files, png_bytes, provenance
from fsinsure.files import write_run
from fsinsure.output.labelled import short_targets
from fsinsure.output.labels import label
from fsinsure.plots import Plots
from fsinsure.report.write import write_report
from fsinsure.result_tables import OF_PERSONS, ResultTables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import xarray

    from fsinsure.drawings import Selection
    from fsinsure.ensembles import Ensemble
    from fsinsure.validation.agreement import Agreement
    from fsinsure.year.event import Transitions


class Result(ResultTables):
    """The result of a run; :class:`fsinsure.result_tables.ResultTables` has its tables."""

    def __repr__(self) -> str:
        """Return the scenario, years, engine and duration."""
        first, last = self.scenario.region.base_year, self.scenario.horizon
        how = "cohort engine"
        if self.simulation is not None:
            plan = self.simulation.plan
            how = f"{plan.persons:,} persons, seed {plan.seed}"
        return f"<Result of {self.scenario.name}, {first} to {last}: {how}, {self.seconds:.1f} s>"

    def _repr_html_(self) -> str:
        """Return the scenario, how it was run, and its targets for notebooks."""
        title = self.scenario.title.get("zh", self.scenario.name)
        shown = short_targets(self.targets).drop(columns=label("column.scenario", "zh"))
        return card(title, [repr(self)], shown)

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
        plan = self.simulation.plan if self.simulation else None
        return {
            **provenance(),
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "region": self.scenario.region.name,
            "region_hash": self.scenario.region.digest,
            "seed": plan.seed if plan else None,
            "engine": "micro" if plan else "cohort",
            **({"persons": plan.persons} if plan else {}),
            "horizon": self.scenario.horizon,
            "as_of": None if self.scenario.as_of is None else self.scenario.as_of.isoformat(),
            "deficits": dict(self.projection.ledger.deficits()),
            "deficit_subsidies": dict(self.projection.ledger.subsidised()),
            "extended": self.resolved.extended,
            **({"observed": observed} if (observed := self.scenario.observed) else {}),
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 4),
            "checks": [
                {"name": check.name, "compared": check.compared, "passed": check.passed}
                for check in self.checks
            ],
        }

    @property
    def plot(self) -> Plots:
        """Pictures of this result."""
        plan = None if self.simulation is None else self.simulation.plan
        return Plots(
            self.scenario, self.resolved, lambda name: getattr(self, name), self.panel, plan
        )

    def to_xarray(self) -> xarray.Dataset:
        """Return people and balances as arrays; see :func:`fsinsure.exports.to_xarray`."""
        return exports.to_xarray(self)

    def to_iamc(self) -> pd.DataFrame:
        """Return people and money in the IAMC format; see :func:`fsinsure.exports.to_iamc`."""
        return exports.to_iamc(self)

    def to_parquet(self, folder: str | Path) -> list[Path]:
        """Write every table as a Parquet file, and ``run.json``, into a folder.

        Dtypes and the order of areas and ages are kept; a value that is a number in one row and
        a text in another becomes text.

        Raises
        ------
        InputError
            If pyarrow is not installed (the extra ``parquet``); as :meth:`write`.
        """
        others = ("explain", "panel", *(() if self.simulation else OF_PERSONS))
        names = [name for name in of_holder("result") if name not in others]
        tables = {
            name: self.remaining() if name == "remaining" else getattr(self, name) for name in names
        }
        return write_run(Path(folder), exports.parquet_files(tables), self.meta)

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

    report = write_report  # one HTML page
