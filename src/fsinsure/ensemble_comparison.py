"""Ensembles of scenarios side by side, draw by draw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, overload

import numpy as np

from fsinsure.analysis import draw_comparison as tables
from fsinsure.analysis.draw_comparison import COST, Side
from fsinsure.analysis.ensemble_tables import region_enrollment
from fsinsure.cached import cached_table
from fsinsure.card import card
from fsinsure.drawings import check_selection, of_one
from fsinsure.encode import csv_files, png_bytes, provenance
from fsinsure.errors import InputError
from fsinsure.files import write_run
from fsinsure.messages import Message, separated
from fsinsure.output.labelled import short_chances
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.arrays import Array, Flags
    from fsinsure.drawings import Selection
    from fsinsure.ensembles import Ensemble
    from fsinsure.output.figures.sheet import Picture

MEASURE: Final = "measure."
"""How the name of a subject that is a measure begins."""


@dataclass(frozen=True, eq=False)
class EnsembleComparison:
    """Two or more ensembles with the same draws, each compared with the first.

    The cost of a scenario in a draw is how much lower the balances of all funds are together, at
    the end of the last year that all reach, than in the first scenario: what its income and outgo
    take from the funds, in yuan. A fund whose balance is not known is left out.

    Parameters
    ----------
    ensembles
        Of scenarios of one region with different names, with the same number of draws, seed and
        design.

    Raises
    ------
    InputError
        If the draws are not the same, or no draw could be projected in all.
    """

    ensembles: tuple[Ensemble, ...]

    def __post_init__(self) -> None:
        """Refuse ensembles whose draws have nothing in common."""
        first, *others = (asdict(one.setting) for one in self.ensembles)
        for other in others:
            differing = [name for name in first if first[name] != other[name]]
            if differing:
                shown = separated(
                    Message(
                        "{name} ({value} and {other})",
                        name=one,
                        value=first[one],
                        other=other[one],
                    )
                    for one in differing
                )
                raise InputError(
                    "the ensembles differ in {shown}: make them with the same, so that their "
                    "draws are common",
                    shown=shown,
                )
        if not self._common.any():
            raise InputError("no draw could be projected in all scenarios: compare fewer of them")

    def __repr__(self) -> str:
        """Return the names of the scenarios and the number of common draws."""
        first, *others = (one.scenario.name for one in self.ensembles)
        return (
            f"<Comparison of {', '.join(others)} with {first}: {self._common.sum():,} common draws>"
        )

    def _repr_html_(self) -> str:
        """Return the scenarios and the probabilities of their targets for notebooks."""
        titles = [one.scenario.title.get("zh", one.scenario.name) for one in self.ensembles]
        return card(" · ".join(titles), [repr(self)], short_chances(self.targets))

    @cached_property
    def _common(self) -> Flags:
        """Which draws could be projected in every scenario."""
        projected = [one.all_draws.projected for one in self.ensembles]
        return np.asarray(np.logical_and.reduce(projected))

    @property
    def draws(self) -> int:
        """The number of common draws."""
        return int(self._common.sum())

    @cached_property
    def years(self) -> dict[str, int]:
        """The year of each subject: of people that of the target, of money the last."""
        found = {
            f"measure.{target.measure}": min(target.year, self.last)
            for one in self.ensembles
            for target in one.scenario.targets
        }
        return {name: found.get(name, self.last) for name in self.sides[0].subjects}

    @cached_property
    def last(self) -> int:
        """The last year that all scenarios reach."""
        return min(int(one.years[-1]) for one in self.ensembles)

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """The subjects of every scenario in the common draws."""
        held = [self._balances(one) for one in self.ensembles]
        known = [at for at in range(len(FUNDS)) if not any(np.isnan(h[:, at]).any() for h in held)]
        found = []
        for one, own in zip(self.ensembles, held, strict=True):
            subjects = self._people(one)
            subjects |= {f"fund.{FUNDS[at]}": own[:, at] for at in known}
            subjects[COST] = (held[0][:, known] - own[:, known]).sum(axis=-1)
            found.append(Side(one.scenario.name, subjects))
        return tuple(found)

    def _people(self, one: Ensemble) -> dict[str, Array]:
        """Return the people of each measure with a target in any scenario, in its year."""
        found = {}
        draws = one.all_draws.select(self._common)
        for target in (target for each in self.ensembles for target in each.scenario.targets):
            year = min(target.year, self.last)
            people = region_enrollment(draws, target.measure)
            found[f"measure.{target.measure}"] = people[:, year - int(one.years[0])]
        return found

    def _balances(self, one: Ensemble) -> Array:
        """Return the closing balances of the last year ``[draw, fund]``."""
        draws = one.all_draws.select(self._common)
        return draws.closing[:, :, self.last - int(one.years[0])]

    @cached_table
    def targets(self) -> pd.DataFrame:
        """The targets of every scenario with their probabilities, as of each ensemble."""
        import pandas as pd

        return pd.concat([one.targets for one in self.ensembles], ignore_index=True)

    @cached_table
    def differences(self) -> pd.DataFrame:
        """How every scenario differs from the first.

        Columns in :func:`fsinsure.analysis.draw_comparison.differences`.
        """
        return self._with_year(tables.differences(self.sides))

    @cached_table
    def regret(self) -> pd.DataFrame:
        """How far every scenario is from the best in the same draw.

        Columns in :func:`fsinsure.analysis.draw_comparison.regret`.
        """
        return self._with_year(tables.regret(self.sides))

    @cached_table
    def trade_off(self) -> pd.DataFrame:
        """People of every measure against the cost.

        Columns in :func:`fsinsure.analysis.draw_comparison.trade_off`.
        """
        return self._with_year(tables.trade_off(self.sides))

    def _with_year(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add the column ``year`` after the subject."""
        at = table.columns.tolist().index("subject") + 1
        table.insert(at, "year", table["subject"].map(self.years))
        return table

    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ...) -> Picture: ...
    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ..., ax: Axes) -> Axes: ...
    def plot(
        self, lang: str = "zh", *, measure: str | None = None, ax: Axes | None = None
    ) -> Picture | Axes:
        """Draw the people of every measure with a target against the cost, a point a scenario.

        Of all measures, or of one `measure`. With `ax` one is drawn on these axes, which are
        returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.fan import Source
        from fsinsure.output.figures.trade_off import trade_off

        first = self.ensembles[0]
        table = self.trade_off.assign(measure=lambda table: table["subject"].str[len(MEASURE) :])
        source = Source(self.draws, first.setting.draws, first.setting.seed)
        titles = {
            one.scenario.name: one.scenario.title.get(lang, one.scenario.name)
            for one in self.ensembles
        }
        with drawing(first.plot.about, ax):
            picture = trade_off(
                of_one(table, "trade_off", "measure", measure),
                *(self.last, source),
                lang=lang,
                titles=titles,
            )
        return picture if ax is None else ax

    def write(
        self,
        folder: str | Path,
        *,
        lang: str = "zh",
        plots: Selection = "main",
        bom: bool | None = None,
    ) -> list[Path]:
        """Write the tables, ``run.json`` and the picture into a folder.

        Raises
        ------
        InputError
            If `plots` is none of ``main``, ``all`` and ``none``; as
            :func:`fsinsure.files.write_run`.
        """
        check_selection(plots)
        contents = csv_files("ensemble_comparison", self, lang, bom=bom)
        if plots != "none" and not self.trade_off.empty:
            contents["trade_off.png"] = png_bytes(self.plot(lang))
        names = [one.scenario.name for one in self.ensembles]
        ensemble = {**asdict(self.ensembles[0].setting), "common": self.draws}
        meta = {**provenance(), "scenarios": names, "ensemble": ensemble}
        return write_run(Path(folder), contents, meta)
