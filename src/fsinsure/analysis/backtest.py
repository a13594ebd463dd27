"""Projected against published figures, and the same for naive rules; pure functions of series.

The error of a forecast is ``forecast / published - 1``; the mean absolute percentage error (MAPE)
is the mean of its absolute values over the years judged.

Naive rules start from the base year. Beside its value they use figures of the years before it that
were known at the day from which the scenario looks ahead, in one measure and without gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis import methods
from fsinsure.analysis.methods import PROJECTION, RULES
from fsinsure.numeric import naive
from fsinsure.numeric.forecast import FEWEST
from fsinsure.region.analogues import known_analogues
from fsinsure.region.known import outcome_known
from fsinsure.region.outcomes import unit_of, year_of, yearly_growth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fsinsure.arrays import Array
    from fsinsure.region.analogues import Analogue
    from fsinsure.sources import Outcome

COLUMNS: Final = (
    *("scenario", "measure", "unit", "year", "method", "forecast", "published", "error"),
    *("judged", "known", "confidence", "source", "note"),
)
ERRORS: Final = (
    *("scenario", "measure", "unit", "method", "years", "missing", "mape", "mean_error", "worst"),
)
ROLLING: Final = ("scenario", "measure", "method", "step", "origins", "first", "last", "mape")

STEPS: Final = 3
"""Years ahead for which the naive rules are tried before the base year."""


@dataclass(frozen=True)
class Series:
    """One measure of a region: projected, published, and the same measure of the nation.

    Parameters
    ----------
    measure
        A name of :func:`fsinsure.region.outcomes.comparable`.
    base_year
        The origin of the forecasts.
    projected
        By year, persons or yuan; people from the base year on.
    published
        Figures by year, before and after the base year.
    nation
        Figures of the nation by year; empty for the nation itself.
    as_of
        The day from which the scenario looks ahead, such as ``2019-12-31``; empty without one.
    met
        Years whose figures the projection meets by construction; they judge nothing.
    fitted
        The parameter that the scenario set by these figures; empty without one.
    places
        Growth of comparable places by year.
    """

    measure: str
    base_year: int
    projected: Mapping[int, float]
    published: Mapping[int, Outcome]
    nation: Mapping[int, Outcome]
    as_of: str = ""
    met: frozenset[int] = frozenset()
    places: tuple[Analogue, ...] = ()
    fitted: str = ""

    def unfit(self, year: int) -> str:
        """Return why the figure of a year cannot judge the projection; empty if it can."""
        figure = self.published.get(year)
        if figure is None:
            return methods.NOT_PUBLISHED
        set_by_it = (*figure.fitted, *([self.fitted] if self.fitted else []))
        if set_by_it:
            return methods.FITTED + " ".join(dict.fromkeys(set_by_it))
        known = bool(self.as_of) and str(outcome_known(figure)) <= self.as_of
        return methods.IN_USE if known or year in self.met else ""

    def lacking(self, method: str) -> str:
        """Return why a method has no forecast."""
        if np.isnan(self.start()):
            return methods.NO_START
        return methods.LACKING.get(method, methods.TOO_SHORT)

    def start(self) -> float:
        """Return the published value of the base year, else the projected one; NaN if neither.

        The closed base year meets figures that are published as sums of others, such as two
        schemes together.
        """
        if self.base_year in self.published:
            return self.published[self.base_year].amount
        return self.projected.get(self.base_year, float("nan"))

    def history(self) -> list[Outcome]:
        """Return the figures before the base year that follow one another up to it."""
        return run_up_to(self.published, self.base_year - 1, self.as_of)


def run_up_to(published: Mapping[int, Outcome], last: int, as_of: str = "") -> list[Outcome]:
    """Return the longest run of yearly figures that ends with a year, the earliest first.

    Only figures known at the day `as_of`, if there is one.
    """
    found: list[Outcome] = []
    year = last
    while year in published and not (as_of and str(outcome_known(published[year])) > as_of):
        found.insert(0, published[year])
        year -= 1
    return found


def growth_of(published: Mapping[int, Outcome], year: int, as_of: str = "") -> float:
    """Return the growth from the year before, as far as it was known; NaN if it was not."""
    found = run_up_to(published, year, as_of)[-2:]
    return yearly_growth(*found) if len(found) == 2 else float("nan")


def growth_of_places(series: Series, year: int, as_of: str = "") -> float:
    """Return the median of the median growth of comparable places up to a year; NaN without any.

    Only growth known at the day `as_of`, if there is one.
    """
    known = known_analogues(series.places, series.measure, year, as_of)
    return float(np.median([one.median for one in known])) if known else float("nan")


def naive_forecasts(values: Array, nation: float, places: float, steps: int) -> dict[str, Array]:
    """Return the forecasts of every naive rule ``[step]``, NaN where the series is too short.

    Parameters
    ----------
    values
        ``[year]``, without gaps; the last is that of the origin, NaN if it is not known.
    nation
        The growth of the nation in the year of the origin; NaN if it is not known.
    places
        That of comparable places up to it.
    steps
        Number of years ahead.
    """
    none = np.full(steps, np.nan)
    # Figures are above 0, and a projected start may be 0, which has no logarithm.
    long = len(values) >= FEWEST and values[-1] > 0.0
    ahead = (
        naive.no_change(values, steps),
        naive.last_growth(values, steps) if len(values) > 1 else none,
        naive.damped_trend(values, steps) if long else none,
        naive.constant_growth(float(values[-1]), nation, steps),
        naive.constant_growth(float(values[-1]), places, steps),
    )
    return dict(zip(RULES, ahead, strict=True))


def forecasts(series: Series, last_year: int) -> dict[str, dict[int, float]]:
    """Return the forecasts of a measure by method and year, from the year after the base year."""
    years = range(series.base_year + 1, last_year + 1)
    values = np.array([*(one.amount for one in series.history()), series.start()])
    growth = growth_of(series.nation, series.base_year, series.as_of)
    places = growth_of_places(series, series.base_year, series.as_of)
    by_rule = naive_forecasts(values, growth, places, len(years))
    found = {PROJECTION: {year: series.projected.get(year, np.nan) for year in years}}
    for rule, ahead in by_rule.items():
        found[rule] = dict(zip(years, ahead.tolist(), strict=True))
    return found


def table(every: Iterable[Series], last_year: int, scenario: str) -> pd.DataFrame:
    """Compare every forecast with every published figure after the base year.

    Columns: scenario, measure, unit (persons or yuan), year, method, forecast, published, error (a
    fraction of the published figure), judged (whether the figure counts: it is published, the
    scenario did not know it, and no parameter was set by it), known (the day), confidence, source,
    note (why there is no figure or no forecast, or why it does not count). A year without a
    published figure has rows too.
    """
    rows = [row for one in every for row in _rows(one, last_year, scenario)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(series: Series, last_year: int, scenario: str) -> Iterator[tuple[object, ...]]:
    for method, ahead in forecasts(series, last_year).items():
        for year, forecast in ahead.items():
            figure = series.published.get(year)
            known = "" if figure is None else str(outcome_known(figure))
            unfit = series.unfit(year)
            note = unfit or (series.lacking(method) if np.isnan(forecast) else "")
            amount = float("nan") if figure is None else figure.amount
            source = ("", "") if figure is None else (figure.confidence, figure.source)
            yield (
                *(scenario, series.measure, unit_of(series.measure), year, method),
                *(forecast, amount, forecast / amount - 1.0, not unfit, known, *source, note),
            )


def errors(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up the errors by measure and method.

    Columns: scenario, measure, unit, method, years (judged), missing (years without a published
    figure, as text), mape (mean absolute percentage error, a fraction), mean_error (a fraction:
    above 0 is too high), worst (the error of the largest size). Empty where nothing is judged.

    Parameters
    ----------
    compared
        As :func:`table` returns it.
    """
    rows = []
    keys = list(ERRORS[:4])
    for _, found in compared.groupby(keys, sort=False):
        missing = found.loc[found["published"].isna(), "year"]
        off = found.loc[found["judged"], "error"].dropna().to_numpy()
        some = bool(off.size)
        rows.append(
            (
                *found[keys].iloc[0],
                off.size,
                " ".join(str(year) for year in missing),
                float(np.abs(off).mean()) if some else np.nan,
                float(off.mean()) if some else np.nan,
                float(off[np.argmax(np.abs(off))]) if some else np.nan,
            )
        )
    return pd.DataFrame(rows, columns=list(ERRORS))


def rolling(every: Iterable[Series], scenario: str) -> pd.DataFrame:
    """Try the naive rules before the base year, from every origin that has figures.

    Each year from which a figure and one before it are published is an origin; its forecasts of one
    to :data:`STEPS` years are compared with what was published up to the base year. The projection
    has no other origin than the base year and is not tried; nor are comparable places, whose growth
    is known of the last years only.

    Columns: scenario, measure, method, step (years ahead), origins (their number), first, last (the
    first and the last origin), mape (a fraction).
    """
    rows: list[tuple[object, ...]] = []
    for series in every:
        found: dict[tuple[str, int], dict[int, float]] = {}
        for origin, method, step, error in _origins(series):
            found.setdefault((method, step), {})[origin] = abs(error)
        for method in RULES:
            for step in range(1, STEPS + 1):
                off = found.get((method, step))
                if off:
                    size = float(np.mean(list(off.values())))
                    head = (scenario, series.measure, method, step)
                    rows.append((*head, len(off), min(off), max(off), size))
    return pd.DataFrame(rows, columns=list(ROLLING))


def _origins(series: Series) -> Iterator[tuple[int, str, int, float]]:
    """Yield origin, rule, years ahead and error of each forecast before the base year."""
    for origin in range(min(series.published, default=series.base_year), series.base_year):
        before = run_up_to(series.published, origin)
        if len(before) < 2:
            continue
        values = np.array([one.amount for one in before])
        growth = growth_of(series.nation, origin)
        for rule, ahead in naive_forecasts(values, growth, np.nan, STEPS).items():
            for step, forecast in enumerate(ahead.tolist(), start=1):
                figure = series.published.get(origin + step)
                if figure and year_of(figure) <= series.base_year and not np.isnan(forecast):
                    yield origin, rule, step, forecast / figure.amount - 1.0
