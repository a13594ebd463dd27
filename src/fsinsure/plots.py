"""The pictures of a result: what each shows, and which are drawn together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, overload

from fsinsure.analysis import solvency
from fsinsure.drawings import credited, data_words, of_one, one_of, until
from fsinsure.measures import require

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.drawings import Drawing, Selection
    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

PORTRAITS = (
    ("pension_at_award", "status"),
    ("replacement_rate", "status"),
    ("months_at_award", "status"),
)
"""Distributions among all pictures, with the group by which each is divided."""
LONG_RUN = 15
"""Years from which on the picture of the long run is among all pictures."""


@dataclass(frozen=True, eq=False)
class Plots:
    """Pictures of a result: matplotlib figures that show themselves in a notebook.

    Parameters
    ----------
    scenario, parameters
        What was run.
    table
        Returns a table of the result by its name.
    panel
        Follows persons with the given ids; as :meth:`fsinsure.Result.panel`.
    plan
        The simulation of persons; None for expected values.
    """

    scenario: Scenario
    parameters: Parameters
    table: Callable[[str], pd.DataFrame]
    panel: Callable[[Sequence[int]], pd.DataFrame]
    plan: SimulationPlan | None

    def about(self, lang: str) -> str:
        """Return what the pictures rest on: data, assumptions, engine, sample and seed."""
        from fsinsure.output.labels import label

        data = data_words(self.table("parameters"), self.scenario.region, lang)
        if self.plan is None:
            return f"{data} · {label('about.cohort', lang)}"
        key = "about.persons" if self.plan.scale == 1 else "about.sample"
        how = label(key, lang, persons=f"{self.plan.persons:,}", seed=self.plan.seed)
        return f"{data} · {how}"

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
        """Projected against target curves, the required path, the gap and published figures.

        Of all targets, or of those of one `measure` or `year`. With `ax` one is drawn on these
        axes, which are returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.targets import targets

        enrollment, aims = self._tables("enrollment", "targets")
        shown = of_one(of_one(aims, "targets", "measure", measure), "targets", "year", year)
        with drawing(self.about, ax):
            picture = targets(
                enrollment,
                shown,
                some=len(shown) < len(aims),
                published=self.table("published"),
                lang=lang,
                title=self._title(lang),
            )
        return picture if ax is None else ax

    @overload
    def channels(
        self, measure: str = ..., *, area: str | None = ..., lang: str = ...
    ) -> Picture: ...
    @overload
    def channels(
        self, measure: str = ..., *, area: str | None = ..., lang: str = ..., ax: Axes
    ) -> Axes: ...
    def channels(
        self,
        measure: str = "pension.enterprise",
        *,
        area: str | None = None,
        lang: str = "zh",
        ax: Axes | None = None,
    ) -> Picture | Axes:
        """Waterfall of a measure from the base year to the horizon, by channel.

        With `ax` it is drawn on these axes, with its title, and they are returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.waterfall import channels

        with drawing(self.about, ax):
            picture = channels(
                *self._tables("channels", "enrollment"),
                require(measure),
                *self._place(area, lang),
                published=self.table("published"),
                lang=lang,
                title=self._title(lang),
            )
        return picture if ax is None else ax

    @credited
    def pyramid(
        self, year: int | None = None, *, area: str | None = None, lang: str = "zh"
    ) -> Picture:
        """Draw the population by status; the last year unless another is given."""
        from fsinsure.output.figures.pyramid import pyramid

        title, place = self._title(lang), self._place(area, lang)
        return pyramid(self.table("stocks"), *place, year=year, lang=lang, title=title)

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
        """Draw the balance of each fund with its warning limits, up to the year `last`.

        Of all funds, or of one `fund`. With `ax` one is drawn on these axes, which are returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.funds import funds

        limits = solvency.limits(self.parameters)
        used = self.table("parameters")
        judged = used.loc[used["confidence"] == "assumption", "parameter"]
        kinds = {"split": "fund.share_", "limit": "reserve."}
        assumed = [name for name, start in kinds.items() if judged.str.startswith(start).any()]
        with drawing(self.about, ax):
            picture = funds(
                of_one(self.table("ledger"), "ledger", "fund", fund),
                self.table("indicators"),
                reserves=[limits.watch, limits.warning, limits.alarm],
                assumed=assumed,
                **until(last),
                lang=lang,
                title=self._title(lang),
            )
        return picture if ax is None else ax

    @credited
    def income_outgo(
        self, fund: str = "pension.enterprise", *, last: int | None = None, lang: str = "zh"
    ) -> Picture:
        """Draw income and outgo of a fund by item and year, up to the year `last`."""
        from fsinsure.output.figures.income_outgo import income_outgo

        ledger, title = self.table("ledger"), self._title(lang)
        fund = str(one_of("fund", fund, ledger["fund"].unique()))
        return income_outgo(ledger, fund, **until(last), lang=lang, title=title)

    @credited
    def relief(self, *, lang: str = "zh") -> Picture:
        """Draw what was waived, refunded, deferred and repaid, and the people it kept."""
        from fsinsure.output.figures.relief import relief

        return relief(*self._tables("ledger", "indicators"), lang=lang, title=self._title(lang))

    @credited
    def replacement(self, *, last: int | None = None, lang: str = "zh") -> Picture:
        """Draw replacement rate, average pension, support ratio and cost rate."""
        from fsinsure.output.figures.replacement import replacement

        title = self._title(lang)
        return replacement(self.table("indicators"), **until(last), lang=lang, title=title)

    @credited
    def long_run(self, *, lang: str = "zh") -> Picture:
        """Draw balances in years of outgo and the burden of pensions, to the horizon."""
        from fsinsure.output.figures.long_run import long_run

        return long_run(*self._tables("ledger", "indicators"), lang=lang, title=self._title(lang))

    @credited
    def distribution(
        self,
        quantity: str = "pension_at_award",
        by: str = "status",
        *,
        year: int | None = None,
        lang: str = "zh",
    ) -> Picture:
        """Draw the distribution of a quantity over persons, a panel for each member of a group.

        Quantities and groups are those of `Result.distributions`; the last year that has the
        quantity unless another is given. By ``status`` schemes are apart; other groups mix them.
        """
        from fsinsure.output.figures.distribution import distribution

        tables = self._tables("distributions", "quantiles")
        areas, title = self.scenario.region.names(lang), self._title(lang)
        return distribution(*tables, quantity, by, year=year, areas=areas, lang=lang, title=title)

    @credited
    def lives(self, ids: Sequence[int] | Mapping[int, str], *, lang: str = "zh") -> Picture:
        """Draw some persons year by year: status, contribution years, account and pension.

        Parameters
        ----------
        ids
            Ids of at most eight persons; a mapping gives each a text for its heading.
        lang
            ``zh`` or ``en``.
        """
        from fsinsure.output.figures.lives import lives

        names = dict(ids) if isinstance(ids, Mapping) else dict.fromkeys(ids, "")
        minimum = self.parameters.path("retirement.min_months").tolist()
        return lives(
            self.panel([*names]),
            names,
            minimum=minimum,
            first_year=self.scenario.region.first_year,
            areas=self.scenario.region.names(lang),
            lang=lang,
            title=self._title(lang),
        )

    def all(self, lang: str = "zh") -> dict[str, Picture]:
        """Every picture by file name (without ending).

        The picture of relief is among them where the scenario has any, that of replacement where
        anybody retires, the long run of 15 years or more.
        """
        return {name: draw() for name, draw in self.drawings("all", lang).items()}

    def drawings(self, plots: Selection, lang: str = "zh") -> dict[str, Drawing]:
        """Return, by file name (without ending), the functions that draw the selected pictures.

        ``main``: targets, the channels of each target, and the balances of the funds.
        """
        if plots == "none":
            return {}
        measures = dict.fromkeys(target.measure for target in self.scenario.targets)
        found: dict[str, Drawing] = {}
        if measures:
            found["targets"] = partial(self.targets, lang)
        for measure in measures:
            found[f"channels-{measure}"] = partial(self.channels, measure, lang=lang)
        if plots == "all":
            found |= self._people(lang)
        found["funds"] = partial(self.funds, lang=lang)
        return found | self._money(lang) if plots == "all" else found

    def _people(self, lang: str) -> dict[str, Drawing]:
        found: dict[str, Drawing] = {
            f"pyramid-{year}": partial(self.pyramid, year, lang=lang)
            for year in (self.scenario.region.base_year, self.scenario.horizon)
        }
        if self.plan is not None:
            known = set(self.table("distributions")["quantity"])  # few persons may lack some
            for quantity, by in (one for one in PORTRAITS if one[0] in known):
                name = f"distribution-{quantity}"
                found[name] = partial(self.distribution, quantity, by, lang=lang)
        return found

    def _money(self, lang: str) -> dict[str, Drawing]:
        from fsinsure.output.figures.relief import has_relief
        from fsinsure.output.figures.replacement import has_awards

        ledger, indicators = self._tables("ledger", "indicators")
        found: dict[str, Drawing] = {
            f"income-outgo-{fund}": partial(self.income_outgo, str(fund), lang=lang)
            for fund in ledger["fund"].unique()
        }
        if has_awards(indicators):
            found["replacement"] = partial(self.replacement, lang=lang)
        if has_relief(ledger):
            found["relief"] = partial(self.relief, lang=lang)
        if self.scenario.horizon - self.scenario.region.base_year >= LONG_RUN:
            found["long-run"] = partial(self.long_run, lang=lang)
        return found

    def _tables(self, first: str, second: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        return self.table(first), self.table(second)

    def _place(self, area: str | None, lang: str) -> tuple[str, str]:
        """Return the code and the name of an area, or of the region where none is given."""
        region = self.scenario.region
        code = region.name if area is None else region.codes[region.index_of(area)]
        return code, region.names(lang)[code]

    def _title(self, lang: str) -> str:
        return self.scenario.title.get(lang, self.scenario.name)
