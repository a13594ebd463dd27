"""Targets of the plan: gap, attainment, the growth required and the year they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.errors import InputError
from fsinsure.measures import measures
from fsinsure.rules import Numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from fsinsure.scenario import Target

COLUMNS = (
    *("scenario", "measure", "year", "base", "target", "projected", "gap", "attainment"),
    *("growth_required", "growth_required_from_last", "growth_projected", "year_reached"),
)


def required_growth(start: Numbers, target: Numbers, years: Numbers) -> Numbers:
    """Return the yearly growth from a start to a target: ``(target / start)^(1 / years) - 1``.

    >>> round(required_growth(392.63, 470, 5), 4)
    0.0366
    """
    return (target / start) ** (1.0 / years) - 1.0


def table(
    enrollment: pd.DataFrame,
    published: pd.DataFrame,
    targets: Sequence[Target],
    horizon: int,
    scenario: str,
) -> pd.DataFrame:
    """Compare the projected enrollment of the region with each target.

    Columns: scenario, measure, year, base (the published base year), target, projected, gap
    (projected - target), attainment (projected / target), growth_required (a year, from the
    published base), growth_required_from_last (a year, from the last projected year before the
    target year), growth_projected (a year, from the base year of the projection), year_reached
    (the first year at or above the target, empty if there is none within the horizon). The figures
    of a target beyond the horizon, and a growth from zero persons, are empty too.

    Parameters
    ----------
    enrollment
        Of the projection.
    published
        Of the closed base year, for simulated persons that of the cohort engine: no published
        figure depends on a sample.
    targets, horizon, scenario
        Of the scenario.
    """
    total = enrollment[enrollment["level"] == TOTAL].set_index(["measure", "year"])["persons"]
    base_year = int(published["year"].min())
    opening = published[(published["level"] == TOTAL) & (published["year"] == base_year)]
    base = opening.set_index("measure")["persons"]
    rows = []
    for target in targets:
        path, start = total[target.measure], base[target.measure]
        end, last = min(horizon, target.year), min(horizon, target.year - 1)
        projected = float(path[end]) if end == target.year else float("nan")
        reached = path.index[path >= target.value]
        rows.append(
            (
                *(scenario, target.measure, target.year, start, target.value, projected),
                *(projected - target.value, projected / target.value),
                _growth(start, target.value, target.year - base_year),
                _growth(path[last], target.value, target.year - last),
                _growth(path[base_year], path[end], end - base_year),
                int(reached[0]) if len(reached) else None,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"year_reached": "Int64"})


REMAINING: Final = (
    *("scenario", "measure", "since", "published", "persons", "year", "target", "growth_required"),
)


def remaining(
    enrollment: pd.DataFrame, targets: Sequence[Target], since: Mapping[str, Since], scenario: str
) -> pd.DataFrame:
    """Return what the years after one must bring to each later target.

    Columns: scenario, measure, since (the year), published (whether its end is a published figure
    of the measure), persons (at its end), year (of the target), target, growth_required (a year,
    from the one to the other).

    Parameters
    ----------
    enrollment
        Of the projection by expected values: a sample would blur what is published.
    targets, scenario
        Of the scenario.
    since
        The last year that is known, by measure.
    """
    total = enrollment[enrollment["level"] == TOTAL].set_index(["measure", "year"])["persons"]
    rows = []
    for one in targets:
        year, known = since[one.measure]
        if one.year > year:
            start = float(total[one.measure, year])
            needed = _growth(start, one.value, one.year - year)
            rows.append(
                (scenario, one.measure, year, known, start, one.year, one.value, needed),
            )
    return pd.DataFrame(rows, columns=list(REMAINING))


class Since(NamedTuple):
    """The year after which the projection of a measure is open."""

    year: int
    published: bool
    """Whether the end of the year is a published figure of the measure."""


def known_since(
    targets: Sequence[Target],
    ends: Mapping[str, Collection[int]],
    years: Sequence[int],
    since: int | None,
) -> dict[str, Since]:
    """Return the year after which each measure with a target is open.

    Parameters
    ----------
    targets
        Of the scenario.
    ends
        The years by measure whose ends the scenario observes.
    years
        Those of the projection, the base year first.
    since
        The year for all measures; by default for each :func:`last_known`.

    Raises
    ------
    InputError
        If `since` is not a year of the projection.
    """
    if since is not None and since not in years:
        raise InputError(
            "{since} is not a year of the projection, {first} to {last}",
            since=since,
            first=years[0],
            last=years[-1],
        )
    return {
        one.measure: last_known(one.measure, ends, years[0])
        if since is None
        else Since(since, since == years[0] or since in ends.get(one.measure, ()))
        for one in targets
    }


def last_known(measure: str, ends: Mapping[str, Collection[int]], base_year: int) -> Since:
    """Return the last year whose end has a published figure of a measure.

    Where none is met, the last year for which any figure of people in insurance is met, which says
    something of the measure too: then it is projected. The base year is closed on figures.

    Parameters
    ----------
    measure
        Of a target.
    ends
        The years at whose end a figure is met, by measure.
    base_year
        Of the region.

    Examples
    --------
    >>> ends = {"unemployment": {2022, 2023}, "residents": {2024}}
    >>> tuple(last_known("unemployment", ends, 2020)), tuple(last_known("injury", ends, 2020))
    ((2023, True), (2023, False))
    """
    if measure in ends:
        return Since(max(ends[measure]), published=True)
    insured = [year for name, years in ends.items() if name in measures() for year in years]
    return Since(max(insured), published=False) if insured else Since(base_year, published=True)


def _growth(start: float, end: float, years: int) -> float:
    """Return the yearly growth between two numbers of persons, NaN from zero persons."""
    return float(required_growth(start, end, years)) if start > 0 else float("nan")
