"""Every picture of a result: what each shows, and which there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fsinsure.analysis import solvency
from fsinsure.dims import BASE_YEAR, CITY
from fsinsure.measures import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.output.figures.picture import Picture
    from fsinsure.result import Result

PORTRAITS = (
    ("pension_at_award", "sex"),
    ("replacement_rate", "sex"),
    ("months_at_award", "status"),
)
"""Distributions among all pictures, and by what they are told apart."""
LONG_RUN = 2035
"""Horizon from which on the picture of the long run is among all pictures."""


def shown(last: int | None) -> dict[str, int]:
    """Return the last year as an argument of a picture, which has its own where none is given."""
    return {} if last is None else {"last": last}


@dataclass(frozen=True, eq=False)
class Plots:
    """Pictures of a result: matplotlib figures that show themselves in a notebook."""

    result: Result

    def targets(self, lang: str = "zh") -> Picture:
        """Projected against target curves, the required path and the gap."""
        from fsinsure.output.figures.targets import targets

        return targets(
            self.result.enrollment, self.result.targets, lang=lang, title=self._title(lang)
        )

    def channels(
        self, measure: str = "pension.enterprise", *, district: str = CITY, lang: str = "zh"
    ) -> Picture:
        """Waterfall of a measure from the base year to the horizon, by channel."""
        from fsinsure.output.figures.waterfall import channels

        tables = (self.result.channels, self.result.enrollment)
        return channels(
            *tables, require(measure), district=district, lang=lang, title=self._title(lang)
        )

    def pyramid(
        self, year: int | None = None, *, district: str = CITY, lang: str = "zh"
    ) -> Picture:
        """Draw the population by status; the last year unless another is given."""
        from fsinsure.output.figures.pyramid import pyramid

        return pyramid(
            self.result.stocks, year=year, district=district, lang=lang, title=self._title(lang)
        )

    def funds(self, *, last: int | None = None, lang: str = "zh") -> Picture:
        """Draw the balance of each fund with its warning limits, up to the year `last`."""
        from fsinsure.output.figures.funds import funds

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
        from fsinsure.output.figures.income_outgo import income_outgo

        return income_outgo(
            self.result.ledger, fund, **shown(last), lang=lang, title=self._title(lang)
        )

    def relief(self, *, lang: str = "zh") -> Picture:
        """Draw what was waived, refunded, deferred and repaid, and the people it kept."""
        from fsinsure.output.figures.relief import relief

        tables = (self.result.ledger, self.result.indicators)
        return relief(*tables, lang=lang, title=self._title(lang))

    def replacement(self, *, last: int | None = None, lang: str = "zh") -> Picture:
        """Draw replacement rate, average pension, support ratio and cost rate."""
        from fsinsure.output.figures.replacement import replacement

        return replacement(
            self.result.indicators, **shown(last), lang=lang, title=self._title(lang)
        )

    def long_run(self, *, lang: str = "zh") -> Picture:
        """Draw balances in years of outgo and the burden of pensions, to the horizon."""
        from fsinsure.output.figures.long_run import long_run

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
        from fsinsure.output.figures.distribution import distribution

        tables = (self.result.distributions, self.result.quantiles)
        title = self._title(lang)
        return distribution(*tables, quantity, by, year=year, lang=lang, title=title)

    def lives(self, ids: Sequence[int] | Mapping[int, str], *, lang: str = "zh") -> Picture:
        """Draw some persons year by year: status, contribution years, account and pension.

        Parameters
        ----------
        ids
            Whom, at most eight; with a text for each to be written over the life, if you like.
        lang
            ``zh`` or ``en``.
        """
        from fsinsure.output.figures.lives import lives

        names = dict(ids) if isinstance(ids, Mapping) else dict.fromkeys(ids, "")
        return lives(
            self.result.panel([*names]),
            names,
            minimum=self.result.resolved.path("retirement.min_months").tolist(),
            lang=lang,
            title=self._title(lang),
        )

    def all(self, lang: str = "zh") -> dict[str, Picture]:
        """Every picture by file name (without ending).

        The picture of relief is among them where the scenario has any, that of replacement where
        anybody retires, the long run where the horizon is 2035 or later.
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
            known = set(self.result.distributions["quantity"])  # few persons may lack some
            for quantity, by in (one for one in PORTRAITS if one[0] in known):
                pictures[f"distribution-{quantity}"] = self.distribution(quantity, by, lang=lang)
        return pictures | self._money(lang)

    def _money(self, lang: str) -> dict[str, Picture]:
        from fsinsure.output.figures.relief import has_relief
        from fsinsure.output.figures.replacement import has_awards

        pictures = {"funds": self.funds(lang=lang)}
        for fund in self.result.ledger["fund"].unique():
            pictures[f"income-outgo-{fund}"] = self.income_outgo(str(fund), lang=lang)
        if has_awards(self.result.indicators):
            pictures["replacement"] = self.replacement(lang=lang)
        if has_relief(self.result.ledger):
            pictures["relief"] = self.relief(lang=lang)
        if self.result.scenario.horizon >= LONG_RUN:
            pictures["long-run"] = self.long_run(lang=lang)
        return pictures

    def _reserves(self) -> list[float]:
        limits = solvency.limits(self.result.resolved)
        return [limits.watch, limits.warning, limits.alarm]

    def _title(self, lang: str) -> str:
        return self.result.scenario.title.get(lang, self.result.scenario.name)
