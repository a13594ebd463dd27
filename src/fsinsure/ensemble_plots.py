"""The pictures of an ensemble: what each shows, and which are drawn together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from fsinsure.analysis import solvency
from fsinsure.errors import InputError, did_you_mean
from fsinsure.measures import require
from fsinsure.messages import separated
from fsinsure.plots import Drawing, Selection, until
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from fsinsure.output.figures.fan import Source
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario, Target

ENTERPRISE: Final = "pension.enterprise"


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
    """

    scenario: Scenario
    parameters: Parameters
    table: Callable[[str], pd.DataFrame]
    central: Callable[[str], pd.DataFrame]
    pairs: Callable[[str, int, str], pd.DataFrame]
    drawn: tuple[int, int, int, int]

    def targets(self, lang: str = "zh") -> Picture:
        """Draw people by year, with bands of percentiles, and how likely each target is met.

        Raises
        ------
        InputError
            If the scenario has no targets.
        """
        from fsinsure.output.figures.fan_targets import target_fan

        self._require_targets()
        return target_fan(
            self.table("enrollment"),
            self.central("enrollment"),
            self.table("targets"),
            published=self.central("published"),
            source=self._source,
            lang=lang,
            title=self._title(lang),
        )

    def funds(self, *, last: int | None = None, lang: str = "zh") -> Picture:
        """Draw the balance of each fund with bands, up to the year `last`.

        In yuan for 15 years or where `last` is given, else in years of the outgo of the time.
        """
        from fsinsure.output.figures.fan_funds import Accounts, fund_fan

        limits = solvency.limits(self.parameters)
        ledger, indicators, depletion = map(self.table, ("ledger", "indicators", "depletion"))
        return fund_fan(
            Accounts(ledger, indicators, depletion, self.central("ledger")),
            reserves=[limits.watch, limits.warning, limits.alarm],
            source=self._source,
            **until(last),
            lang=lang,
            title=self._title(lang),
        )

    def joint(
        self, measure: str | None = None, fund: str = ENTERPRISE, *, lang: str = "zh"
    ) -> Picture:
        """Draw people in a measure against the last balance of a fund, draw by draw.

        People are those at the end of the year of the first target of the measure within the
        horizon, or of the last year where there is none. By default the measure is that of the
        first target, or the enterprise pension.

        Raises
        ------
        InputError
            If there is no such measure or fund, or the opening balance of the fund is not known.
        """
        from fsinsure.output.figures.joint import joint

        if fund not in FUNDS:
            hint = did_you_mean(str(fund), FUNDS)
            raise InputError(
                "no fund '{fund}'.{hint} Known: {funds}",
                fund=fund,
                hint=hint,
                funds=separated(FUNDS),
            )
        if not self._known(fund):
            raise InputError(
                "the opening balance of {fund} is not known, so there is none to draw", fund=fund
            )
        first = self.scenario.targets[0].measure if self.scenario.targets else ENTERPRISE
        chosen = first if measure is None else require(measure)
        aim = self._target_of(chosen)
        pairs = self.pairs(chosen, aim.year if aim else self.scenario.horizon, fund)
        target = aim.value if aim else None
        return joint(pairs, target, source=self._source, lang=lang, title=self._title(lang))

    def arrivals(self, lang: str = "zh") -> Picture:
        """Draw how likely each year is the first with as many people as a target.

        Raises
        ------
        InputError
            If the scenario has no targets.
        """
        from fsinsure.output.figures.arrival import arrivals

        self._require_targets()
        tables = (self.table(name) for name in ("arrivals", "targets"))
        return arrivals(*tables, source=self._source, lang=lang, title=self._title(lang))

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

    def _require_targets(self) -> None:
        if not self.scenario.targets:
            raise InputError(
                "{name} has no targets, so there are none to draw", name=self.scenario.name
            )

    @property
    def _source(self) -> Source:
        from fsinsure.output.figures.fan import Source

        return Source(*self.drawn)

    def _title(self, lang: str) -> str:
        return self.scenario.title.get(lang, self.scenario.name)
