"""Targets of the plan: gap, attainment, the growth required and the year they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.rules import Numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def not_assessed(targets: Sequence[Target], horizon: int) -> str:
    """Return a sentence that names the targets after the horizon; empty if there are none."""
    late = [f"{target.measure} {target.year}" for target in targets if target.year > horizon]
    if not late:
        return ""
    return (
        f"targets after the horizon {horizon} are not assessed: {', '.join(late)}; "
        "a longer horizon would include them"
    )


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


REMAINING: Final = ("scenario", "measure", "since", "persons", "year", "target", "growth_required")


def remaining(
    enrollment: pd.DataFrame, targets: Sequence[Target], since: int, scenario: str
) -> pd.DataFrame:
    """Return what the years after one must bring to each later target.

    Columns: scenario, measure, since (the year), persons (projected at its end), year (of the
    target), target, growth_required (a year, from the one to the other).

    Parameters
    ----------
    enrollment, targets, scenario
        As of :func:`table`.
    since
        The last year that is known.
    """
    total = enrollment[(enrollment["level"] == TOTAL) & (enrollment["year"] == since)]
    people = total.set_index("measure")["persons"]
    rows = []
    for one in targets:
        if one.year > since:
            start = float(people[one.measure])
            needed = _growth(start, one.value, one.year - since)
            rows.append((scenario, one.measure, since, start, one.year, one.value, needed))
    return pd.DataFrame(rows, columns=list(REMAINING))


def _growth(start: float, end: float, years: int) -> float:
    """Return the yearly growth between two numbers of persons, NaN from zero persons."""
    return float(required_growth(start, end, years)) if start > 0 else float("nan")
