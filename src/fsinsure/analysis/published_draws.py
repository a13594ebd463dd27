"""Draws beside published figures: where the figures lie, and draws weighted by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.analysis.measured import projected_draws
from fsinsure.analysis.observations import met_ends
from fsinsure.analysis.reweighting import (
    check_size,
    effective_size,
    error_covariance,
    log_weights,
    normalised,
)
from fsinsure.errors import InputError
from fsinsure.region.known import outcome_known
from fsinsure.region.outcomes import comparable, of_region, published, unit_of, year_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from fsinsure.analysis.projected_draws import Draws
    from fsinsure.arrays import Array, Ints
    from fsinsure.region.region import Region
    from fsinsure.scenario import Scenario
    from fsinsure.sources import Outcome

RANGE: Final = (10, 90)
"""Percentiles of the range that is to hold four fifths of the figures."""


def figures_after(region: Region, outcomes: Sequence[Outcome], horizon: int) -> list[Outcome]:
    """Return the published figures of a region from the year after the base year on."""
    found = published(outcomes, region.conflicts)
    return [
        figure
        for measure in comparable()
        for year, figure in of_region(found, measure).items()
        if region.base_year < year <= horizon
    ]


def projected_figures(draws: Draws, years: Ints, figures: Sequence[Outcome]) -> Array:
    """Return what the draws project of figures ``[draw, figure]``."""
    counts = draws.counts(years)
    columns = [
        projected_draws(counts, one.measure)[:, year_of(one) - int(years[0])] for one in figures
    ]
    return np.stack(columns, axis=-1) if columns else np.empty((len(draws.reason), 0))


def coverage(
    draws: Draws, years: Ints, figures: Sequence[Outcome], scenario: Scenario
) -> pd.DataFrame:
    """Return where published figures lie in the range of the draws.

    Columns: scenario, measure, unit, year, p10, p50, p90, published, inside (the range of four
    fifths), share_below (of the draws), judged (False of a figure that the scenario meets, that was
    known to it, or that set a parameter), source.
    """
    met = met_ends(scenario)
    day = "" if scenario.as_of is None else str(scenario.as_of)
    projected = projected_figures(draws, years, figures)
    rows = []
    for one, values in zip(figures, projected.T, strict=True):
        low, high = np.percentile(values, RANGE)
        amount = one.amount
        rows.append(
            (
                *(scenario.name, one.measure, unit_of(one.measure), year_of(one)),
                *(low, np.median(values), high, amount, bool(low <= amount <= high)),
                *(float((values < amount).mean()), _judges(one, scenario, met, day), one.source),
            )
        )
    columns = ["scenario", "measure", "unit", "year", "p10", "p50", "p90", "published", "inside"]
    return pd.DataFrame(rows, columns=[*columns, "share_below", "judged", "source"])


def _judges(one: Outcome, scenario: Scenario, met: Mapping[str, Collection[int]], day: str) -> bool:
    """Return whether a figure judges a scenario, as in a backtest."""
    known = bool(day) and str(outcome_known(one)) <= day
    set_by_it = bool(one.fitted) or one.measure in scenario.fitted
    return not (known or set_by_it or year_of(one) in met.get(one.measure, ()))


class Given(NamedTuple):
    """Figures by which draws were weighted.

    Parameters
    ----------
    figures
        The figures.
    sigma
        Their relative standard error.
    correlation
        Of the errors of two consecutive years.
    effective
        The effective number of draws.
    of
        How many draws were weighted.
    """

    figures: tuple[Outcome, ...]
    sigma: float
    correlation: float
    effective: float
    of: int

    @property
    def record(self) -> dict[str, object]:
        """By what draws were weighted, for ``run.json``."""
        return {
            "figures": [
                {"measure": one.measure, "date": one.date, "value": str(one.value)}
                for one in self.figures
            ],
            **{"sigma": self.sigma, "correlation": self.correlation},
            **{"effective": self.effective, "of": self.of},
        }


def weighted(
    draws: Draws,
    years: Ints,
    figures: Sequence[Outcome],
    sigma: float,
    correlation: float,
    seed: int,
) -> tuple[Ints, Given]:
    """Return as many draws as their weights are worth, chosen by their weights.

    Weights are likelihoods of the figures (:mod:`fsinsure.analysis.reweighting`). As many draws as
    the effective number are taken at equal steps of the summed weights (systematic resampling;
    Douc and Cappe 2005), so that whatever is computed of them has the standard errors of what the
    figures leave.

    Parameters
    ----------
    draws
        Those that could be projected.
    years, figures
        As of :func:`projected_figures`.
    sigma, correlation
        As of :func:`fsinsure.analysis.reweighting.error_covariance`.
    seed
        Of where the steps begin.

    Returns
    -------
    tuple
        The chosen draws ``[chosen]``, ascending, and by what they were weighted.

    Raises
    ------
    InputError
        If there are no figures, or too few draws are left.
    """
    if not figures:
        raise InputError(
            "there is no published figure after the base year: give figures of your own (outcomes)"
        )
    names, when = [one.measure for one in figures], [year_of(one) for one in figures]
    errors = error_covariance(names, when, np.full(len(figures), sigma), correlation)
    amounts = [one.amount for one in figures]
    weights = normalised(log_weights(projected_figures(draws, years, figures), amounts, errors))
    check_size(weights)
    effective = effective_size(weights)
    count = int(effective)
    start = np.random.Generator(np.random.Philox(key=seed)).random()
    steps = (start + np.arange(count)) / count
    chosen = np.searchsorted(np.cumsum(weights), steps)
    rows = np.minimum(chosen, len(weights) - 1).astype(np.int64)
    return rows, Given(tuple(figures), sigma, correlation, effective, len(weights))
