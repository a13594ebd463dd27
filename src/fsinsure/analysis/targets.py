"""Targets: is the plan met, by how much is it missed, and what would it take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fsinsure.dims import BASE_YEAR, CITY
from fsinsure.measures import measures
from fsinsure.rules import Numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.scenario import Target

COLUMNS = [
    "scenario",
    "measure",
    "year",
    "base",
    "target",
    "projected",
    "gap",
    "attainment",
    "growth_required",
    "growth_required_from_last",
    "growth_projected",
    "arrival_year",
]


def required_growth(start: Numbers, target: Numbers, years: Numbers) -> Numbers:
    """Yearly growth that leads from a start to a target: ``(target / start)^(1 / years) - 1``.

    >>> round(required_growth(392.63, 470, 5), 4)
    0.0366
    """
    return (target / start) ** (1.0 / years) - 1.0


def table(
    enrollment: pd.DataFrame, targets: Sequence[Target], horizon: int, scenario: str
) -> pd.DataFrame:
    """Set the projected enrollment of the city against each target.

    Columns: scenario, measure, year, base, target, projected, gap (projected - target), attainment
    (projected / target), growth_required (a year, from the base year), growth_required_from_last
    (a year, from the last projected year before the target year), growth_projected (a year, from
    the base year), arrival_year (none if the target is not reached within the horizon). What a
    target beyond the horizon would be measured by is left empty.
    """
    city = enrollment[enrollment["district"] == CITY].set_index(["measure", "year"])["persons"]
    base = {measure: float(city[measure, BASE_YEAR]) for measure in measures()}
    rows = []
    for target in targets:
        path = city[target.measure]
        start = base[target.measure]
        last = min(horizon, target.year - 1)
        seen = target.year <= horizon
        projected = float(path[target.year]) if seen else float("nan")
        end = min(horizon, target.year)
        reached = path[path >= target.value]
        rows.append(
            (
                scenario,
                target.measure,
                target.year,
                start,
                target.value,
                projected,
                projected - target.value,
                projected / target.value,
                required_growth(start, target.value, target.year - BASE_YEAR),
                required_growth(float(path[last]), target.value, target.year - last),
                required_growth(start, float(path[end]), end - BASE_YEAR),
                int(reached.index[0]) if len(reached) else None,
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"arrival_year": "Int64"})
