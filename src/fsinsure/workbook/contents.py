"""What a workbook holds: a result, and what follows from it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fsinsure.output.labels import label

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.backtests import Backtest
    from fsinsure.ensembles import Ensemble
    from fsinsure.quota_plan import QuotaPlan
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Contents:
    """A result with its plan figures, its record and its draws.

    Parameters
    ----------
    result
        Of a run.
    lang
        ``zh`` or ``en``.
    plan
        The yearly task divided among the areas; None without targets.
    record
        The projection against published figures; None where none was published.
    ensemble
        Draws of the same scenario; None without.
    compare
        Results of other scenarios of the region.
    """

    result: Result
    lang: str
    plan: QuotaPlan | None = None
    record: Backtest | None = None
    ensemble: Ensemble | None = None
    compare: tuple[Result, ...] = ()

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self.result.scenario

    @property
    def title(self) -> str:
        """The title of the scenario."""
        return self.scenario.title.get(self.lang, self.scenario.name)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the areas and of the region, by code."""
        return self.scenario.region.names(self.lang)

    @property
    def region(self) -> str:
        """The name of the region."""
        return self.names[self.scenario.region.name]

    @cached_property
    def years(self) -> list[int]:
        """The years, the base year first."""
        return [int(year) for year in self.result.projection.years]

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """The values in use."""
        return self.result.parameters

    @property
    def day(self) -> datetime.date:
        """The day by which what is in use was known."""
        if self.scenario.as_of is not None:
            return self.scenario.as_of
        known = self.parameters["known"]
        last = max((day for day in known if isinstance(day, str) and day), default="")
        return datetime.date.fromisoformat(last) if last else self.scenario.region.base_date

    def measure(self, name: str) -> str:
        """Return the short name of a measure."""
        return label(f"short.{name}", self.lang)
