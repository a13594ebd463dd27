"""The range of what the page shows: draws of what is uncertain in its scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fsinsure.dims import TOTAL
from fsinsure.ensemble_api import ensemble

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from fsinsure.ensembles import Ensemble
    from fsinsure.scenario import Scenario

LOW: Final = "p10"
HIGH: Final = "p90"
FEWEST: Final = 50
MOST: Final = 2_000
"""Draws that the page offers; the command line goes further."""


@dataclass(frozen=True, eq=False)
class Range:
    """Percentiles and probabilities of one scenario.

    Parameters
    ----------
    found
        The draws.
    digest
        The hash of the scenario that was drawn.
    """

    found: Ensemble
    digest: str

    def people(self, measure: str) -> dict[int, tuple[float, float]]:
        """Return the 10th and 90th percentile of persons by year."""
        table = self.found.enrollment
        return _ends(table[(table["level"] == TOTAL) & (table["measure"] == measure)])

    def balance(self, fund: str) -> dict[int, tuple[float, float]]:
        """Return the 10th and 90th percentile of the balance at the end of each year, yuan."""
        table = self.found.ledger
        rows = table[(table["level"] == TOTAL) & (table["fund"] == fund)]
        return _ends(rows[rows["item"] == "closing"])

    def probability(self, measure: str, year: int) -> float:
        """Return the share of draws that meet a target; NaN for one after the horizon."""
        table = self.found.targets
        rows = table[(table["measure"] == measure) & (table["year"] == year)]
        return float(rows["probability"].iloc[0]) if len(rows) else float("nan")


def _ends(rows: pd.DataFrame) -> dict[int, tuple[float, float]]:
    years, ends = rows["year"].tolist(), rows[[LOW, HIGH]].to_numpy().tolist()
    return {year: (low, high) for year, (low, high) in zip(years, ends, strict=True)}


def draw(
    scenario: Scenario, draws: int, progress: Callable[[int, int], None] | None = None
) -> Range:
    """Return the range of a scenario.

    Parameters
    ----------
    scenario
        As shown.
    draws
        How many.
    progress
        Called with the number of draws that are finished, and of all.

    Raises
    ------
    InputError
        As :func:`fsinsure.ensemble`.
    """
    return Range(ensemble(scenario, draws, progress=progress), scenario.hash)
