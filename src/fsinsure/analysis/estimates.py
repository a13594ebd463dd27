"""Estimators of assumptions from published series, with their range.

Each takes the outcomes of a region up to its base year, in the last run of years without a gap, and
returns what `assumptions.csv` holds: the 10th, the 50th and the 90th percentile of a yearly growth.
No figure after the base year is read. A test computes the values of the shipped regions again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import stdtrit

from fsinsure.errors import InputError
from fsinsure.messages import Message, phrase
from fsinsure.numeric.forecast import AHEAD, FEWEST, HIGH, damped_trend
from fsinsure.region.analogues import known_analogues
from fsinsure.region.outcomes import check_positive, year_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fsinsure.arrays import Array
    from fsinsure.region.region import Region


class Widths(NamedTuple):
    """How far the mean growth of the next years may lie from its central value, a half-range.

    Parameters
    ----------
    own
        By the errors of :func:`forecast_growth` in the region's own series.
    independent
        By the spread of comparable places, if their lead or lag of a year says nothing of the next.
    lasting
        The same, if it lasts: the spread of places in a single year.
    """

    own: float
    independent: float
    lasting: float


class Growth(NamedTuple):
    """A yearly growth ``[year]`` with its range.

    Parameters
    ----------
    low, central, high
        The 10th, the 50th and the 90th percentile, fractions; the ends are those of the mean
        growth of the years, and each year's growth is moved alike.
    """

    low: Array
    central: Array
    high: Array


def forecast_growth(region: Region, series: str) -> Growth:
    """Forecast the growth of a series of the region in the :data:`AHEAD` years after its base year.

    A damped trend on the logarithms, with the range of its errors in forecasts from earlier years
    (:mod:`fsinsure.numeric.forecast`).

    Raises
    ------
    DataError
        If a figure is not above 0; the message names file and row.
    InputError
        If the region has fewer than :data:`fsinsure.numeric.forecast.FEWEST` figures in a row
        up to its base year.
    """
    logs = np.log(_run(region, series))
    if len(logs) < FEWEST:
        raise InputError(
            "a forecast of {series} needs {fewest} years in a row up to {base_year}, and the "
            "outcomes of {name} have {logs_count}: use the growth of a comparable place",
            series=series,
            fewest=FEWEST,
            base_year=region.base_year,
            name=region.name,
            logs_count=len(logs),
        )
    found = damped_trend(logs, AHEAD)
    yearly = np.diff(np.concatenate([logs[-1:], found.forecast]))
    moved = (yearly - found.half_range, yearly, yearly + found.half_range)
    return Growth(*(np.expm1(one) for one in moved))


def mean_growth(region: Region, series: str) -> Growth:
    """Return the mean growth of a series up to the base year, and the range of a single year.

    For series too short to forecast: mean and standard deviation of the yearly growth, with the
    quantile of Student's t.

    Raises
    ------
    InputError
        If there are fewer than three figures in a row.
    """
    return _mean_growth(region, series, _run(region, series))


def outside_growth(region: Region) -> Growth:
    """Return the mean growth of contributors to the urban pension outside unemployment insurance.

    Most are flexible workers; government staff are among them. Contributors follow from members
    ``M`` and contributors for each retiree ``r``: ``M r / (1 + r)``. Range as of
    :func:`mean_growth`.
    """
    names = ("pension.urban_employee", "pension.contributors_per_retiree", "unemployment")
    members, each, insured = (_by_year(region, name) for name in names)
    years = members.keys() & each.keys() & insured.keys()
    outside = {
        year: members[year] * each[year] / (1.0 + each[year]) - insured[year] for year in years
    }
    return _mean_growth(
        region, phrase("contributors outside"), _unbroken(outside, region.base_year)
    )


def growth_widths(region: Region, series: str, day: str) -> Widths:
    """Return the half-range of the mean growth of :data:`AHEAD` years: own, and by analogues.

    It sets no assumption: it reproduces the table of widths in docs/assumptions.md, which says why
    the own range is used.

    Of each analogue known by the day, of a year up to the base year: the variance of growth between
    its places, pooled by their degrees of freedom, times the quantile of Student's t. A mean of
    independent years has its variance divided by their number.

    Parameters
    ----------
    region
        With analogues of the series.
    series
        A measure.
    day
        The day by which analogues must have been known, such as ``2019-12-31``.

    Raises
    ------
    InputError
        As :func:`forecast_growth`; if no analogue of the series was known by the day.
    """
    found = known_analogues(region.analogues, series, region.base_year, day)
    if not found:
        raise InputError(
            "{name} has no analogue of {series} up to {base_year} that was known by {day}: add "
            "rows to its analogues.csv",
            name=region.name,
            series=series,
            base_year=region.base_year,
            day=day,
        )
    own = forecast_growth(region, series)
    freedom = np.array([one.count - 1 for one in found])
    variances = np.array([one.sd**2 for one in found])
    spread = float(np.sqrt(freedom @ variances / freedom.sum()))
    lasting = float(stdtrit(freedom.sum(), HIGH)) * spread
    half = float((own.high - own.low)[0]) / 2.0
    return Widths(half, lasting / float(np.sqrt(AHEAD)), lasting)


def _mean_growth(region: Region, name: str, figures: Array) -> Growth:
    if len(figures) < 3:
        raise InputError(
            "the growth of {name} needs three years in a row up to {base_year}, and the outcomes "
            "of {region_name} have {figures_count}",
            name=Message(name),
            base_year=region.base_year,
            region_name=region.name,
            figures_count=len(figures),
        )
    if (figures <= 0).any():
        raise InputError(
            "the growth of {name} needs figures above 0, and the outcomes of {region_name} give "
            "{figures:,.0f}: correct outcomes.csv",
            name=Message(name),
            region_name=region.name,
            figures=figures.min(),
        )
    yearly = figures[1:] / figures[:-1] - 1.0
    mean = yearly.mean()
    half = float(stdtrit(len(yearly) - 1, HIGH)) * yearly.std(ddof=1)
    return Growth(*(np.full(AHEAD, one) for one in (mean - half, mean, mean + half)))


def _by_year(region: Region, series: str) -> dict[int, float]:
    """Return the figures of a series of the whole region up to the base year.

    A series need not have a measure, so that its figures were not checked when they were read.
    """
    found = [
        one
        for one in region.outcomes
        if one.series == series and not one.area and year_of(one) <= region.base_year
    ]
    for one in found:
        check_positive(one)
    return {year_of(one): one.amount for one in found}


def _run(region: Region, series: str) -> Array:
    return _unbroken(_by_year(region, series), region.base_year)


def _unbroken(figures: Mapping[int, float], last: int) -> Array:
    """Return the figures of the years up to `last`, back to the first gap."""
    found: list[float] = []
    while last - len(found) in figures:
        found.append(figures[last - len(found)])
    return np.array(found[::-1])


ESTIMATORS: Mapping[str, Callable[[Region], Growth]] = {
    "forecast_growth(unemployment)": lambda region: forecast_growth(region, "unemployment"),
    "mean_growth(unemployment)": lambda region: mean_growth(region, "unemployment"),
    "outside_growth": outside_growth,
}
"""The estimators that the source of an assumption names (``estimate: ...``)."""
