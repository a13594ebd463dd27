"""The pictures of an ensemble: what each shows, and which are drawn together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, overload

from fsinsure.analysis import solvency
from fsinsure.drawings import data_words, of_one, one_of, until
from fsinsure.errors import InputError
from fsinsure.measures import require
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.drawings import Drawing, Selection
    from fsinsure.output.figures.fan import Source
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario, Target

ENTERPRISE: Final = "pension.enterprise"
TOGETHER: Final = "all"
"""The measure of the row of all targets together."""


@dataclass(frozen=True, eq=False)
class EnsemblePlots:
    """Pictures of an ensemble: matplotlib figures that show themselves in a notebook.

    Parameters
    ----------
    scenario, parameters
        What was projected, with its central values.
    table, central
        Return a table of the ensemble, and of the run of the central values, by its name.
    pairs
        Returns people of a measure at the end of a year and the last balance of a fund, by draw; as
        :func:`fsinsure.analysis.joint.joint`.
    drawn
        The draws that could be projected, those that were asked for, their seed, and in how many
        growth was limited.
    persons
        The simulated persons of each draw; None for expected values.
    """

    scenario: Scenario
    parameters: Parameters
    table: Callable[[str], pd.DataFrame]
    central: Callable[[str], pd.DataFrame]
    pairs: Callable[[str, int, str], pd.DataFrame]
    drawn: tuple[int, int, int, int]
    persons: int | None = None

    def about(self, lang: str) -> str:
        """Return what the pictures rest on: data, assumptions and engine."""
        from fsinsure.output.labels import label

        data = data_words(self.central("parameters"), self.scenario.region, lang)
        if self.persons is None:
            return f"{data} · {label('about.cohort', lang)}"
        return f"{data} · {label('about.each_draw', lang, persons=f'{self.persons:,}')}"

    @overload
    def targets(
        self, lang: str = ..., *, measure: str | None = ..., year: int | None = ...
    ) -> Picture: ...
    @overload
    def targets(
        self, lang: str = ..., *, measure: str | None = ..., year: int | None = ..., ax: Axes
    ) -> Axes: ...
    def targets(
        self,
        lang: str = "zh",
        *,
        measure: str | None = None,
        year: int | None = None,
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Draw people by year, with bands of percentiles, and how likely each target is met.

        Of all targets, or of those of one `measure` or `year`. With `ax` one is drawn on these
        axes, which are returned.

        Raises
        ------
        InputError
            If the scenario has no targets, or none of the measure or the year.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.fan_targets import target_fan

        aims, some = self._aims(measure, year)
        with drawing(self.about, ax):
            picture = target_fan(
                self.table("enrollment"),
                self.central("enrollment"),
                aims,
                some=some,
                published=self.central("published"),
                source=self._source,
                lang=lang,
                title=self._title(lang),
            )
        return picture if ax is None else ax

    @overload
    def funds(
        self, *, fund: str | None = ..., last: int | None = ..., lang: str = ...
    ) -> Picture: ...
    @overload
    def funds(
        self, *, fund: str | None = ..., last: int | None = ..., lang: str = ..., ax: Axes
    ) -> Axes: ...
    def funds(
        self,
        *,
        fund: str | None = None,
        last: int | None = None,
        lang: str = "zh",
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Draw the balance of each fund with bands, up to the year `last`.

        In yuan for 15 years or where `last` is given, else in years of the outgo of the time. Of
        all funds, or of one `fund`. With `ax` one is drawn on these axes, which are returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.fan_funds import Accounts, fund_fan

        limits = solvency.limits(self.parameters)
        ledger, indicators = self.table("ledger"), self.table("indicators")
        depletion = of_one(self.table("depletion"), "depletion", "fund", fund)
        with drawing(self.about, ax):
            picture = fund_fan(
                Accounts(ledger, indicators, depletion, self.central("ledger")),
                reserves=[limits.watch, limits.warning, limits.alarm],
                source=self._source,
                **until(last),
                lang=lang,
                title=self._title(lang),
            )
        return picture if ax is None else ax

    @overload
    def joint(self, measure: str | None = ..., fund: str = ..., *, lang: str = ...) -> Picture: ...
    @overload
    def joint(
        self, measure: str | None = ..., fund: str = ..., *, lang: str = ..., ax: Axes
    ) -> Axes: ...
    def joint(
        self,
        measure: str | None = None,
        fund: str = ENTERPRISE,
        *,
        lang: str = "zh",
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Draw people in a measure against the last balance of a fund, draw by draw.

        People are those at the end of the year of the first target of the measure within the
        horizon, or of the last year where there is none. By default the measure is that of the
        first target, or the enterprise pension. With `ax` it is drawn on these axes, which are
        returned.

        Raises
        ------
        InputError
            If there is no such measure or fund, or the opening balance of the fund is not known.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.joint import joint

        fund = str(one_of("fund", fund, FUNDS))
        if not self._known(fund):
            raise InputError(
                "the opening balance of {fund} is not known, so there is none to draw", fund=fund
            )
        first = self.scenario.targets[0].measure if self.scenario.targets else ENTERPRISE
        chosen = first if measure is None else require(measure)
        aim = self._target_of(chosen)
        pairs = self.pairs(chosen, aim.year if aim else self.scenario.horizon, fund)
        target = aim.value if aim else None
        with drawing(self.about, ax):
            picture = joint(pairs, target, source=self._source, lang=lang, title=self._title(lang))
        return picture if ax is None else ax

    @overload
    def arrivals(
        self, lang: str = ..., *, measure: str | None = ..., year: int | None = ...
    ) -> Picture: ...
    @overload
    def arrivals(
        self, lang: str = ..., *, measure: str | None = ..., year: int | None = ..., ax: Axes
    ) -> Axes: ...
    def arrivals(
        self,
        lang: str = "zh",
        *,
        measure: str | None = None,
        year: int | None = None,
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Draw how likely each year is the first with as many people as a target.

        Of all targets, or of those of one `measure` or `year`. With `ax` one is drawn on these
        axes, which are returned.

        Raises
        ------
        InputError
            If the scenario has no targets, or none of the measure or the year.
        """
        from fsinsure.output.figures.arrival import arrivals
        from fsinsure.output.figures.context import drawing

        aims, some = self._aims(measure, year)
        with drawing(self.about, ax):
            picture = arrivals(
                self.table("arrivals"),
                aims,
                some=some,
                source=self._source,
                lang=lang,
                title=self._title(lang),
            )
        return picture if ax is None else ax

    def all(self, lang: str = "zh") -> dict[str, Picture]:
        """Every picture by file name (without ending); those of targets where there are any."""
        return {name: draw() for name, draw in self.drawings("all", lang).items()}

    def drawings(self, plots: Selection, lang: str = "zh") -> dict[str, Drawing]:
        """Return, by file name (without ending), the functions that draw the selected pictures.

        ``main``: the fans of targets and of funds.
        """
        if plots == "none":
            return {}
        found: dict[str, Drawing] = {}
        if self.scenario.targets:
            found["targets"] = partial(self.targets, lang)
        found["funds"] = partial(self.funds, lang=lang)
        if plots == "all":
            if self._known(ENTERPRISE):
                found["joint"] = partial(self.joint, lang=lang)
            if self.scenario.targets:
                found["arrivals"] = partial(self.arrivals, lang)
        return found

    def _target_of(self, measure: str) -> Target | None:
        """Return the first target of a measure within the horizon."""
        due = (one for one in self.scenario.targets if one.year <= self.scenario.horizon)
        return next((one for one in due if one.measure == measure), None)

    def _known(self, fund: str) -> bool:
        """Return whether the opening balance of a fund is known."""
        rows = self.table("depletion").set_index("fund")
        return bool(rows["probability"].notna()[fund])

    def _aims(self, measure: str | None, year: int | None) -> tuple[pd.DataFrame, bool]:
        """Return the rows of some targets and that of all together, and whether any is left out."""
        if not self.scenario.targets:
            raise InputError(
                "{name} has no targets, so there are none to draw", name=self.scenario.name
            )
        table = self.table("targets")
        together = table["measure"] == TOGETHER
        own = of_one(table[~together], "targets", "measure", measure)
        own = of_one(own, "targets", "year", year)
        rows = table.loc[[*own.index, *table.index[together]]]
        return rows, len(rows) < len(table)

    @property
    def _source(self) -> Source:
        from fsinsure.output.figures.fan import Source

        return Source(*self.drawn)

    def _title(self, lang: str) -> str:
        return self.scenario.title.get(lang, self.scenario.name)
