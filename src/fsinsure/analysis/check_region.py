"""Check a region as a whole: its files, its closed base year, and how plausible the result is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.analysis.check_base import check_base
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure import course_of
from fsinsure.base_year.forward import without_migration
from fsinsure.checks import prepare
from fsinsure.dims import PERSONS
from fsinsure.engine.cohort import project
from fsinsure.errors import PoolError
from fsinsure.region.census import base_census
from fsinsure.region.names import CARDS, RATE
from fsinsure.scenario import Scenario
from fsinsure.sources import CONFIDENCES
from fsinsure.statuses import PAYING, PENSIONERS, STATUS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsinsure.base_year.closure import Base
    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Region

ROUNDING: Final = 1e-9
WORKING_AGES: Final = slice(16, 60)
OLD: Final = slice(60, None)

CONTRIBUTORS: Final = (*PAYING, "resident")
"""Who contributes to a pension: at work, or to the resident scheme."""

BELIEVABLE: Final = {
    "residents_60_plus": (0.03, 0.40),
    "moved_since_census": (-0.12, 0.12),
    "residents_growth": (-0.03, 0.03),
    "workers_contribute": (0.10, 0.98),
    "old_with_pension": (0.20, 1.10),
    "contributors_per_retiree": (1.0, 12.0),
    "registered_unemployment": (0.005, 0.08),
    "card_holders": (0.10, 1.2),
}
"""Bounds of each ratio, from Chinese cities and provinces of 2010 to 2023.

Nearly all lie within them. Residents grew faster than 3 % a year only in a few cities of 2010 to
2020; pensioners may exceed the old a little, as some of them live elsewhere.
"""


@dataclass(frozen=True, eq=False)
class RegionCheck:
    """What is known of a region.

    Parameters
    ----------
    provenance
        Columns group (``figures``, ``assumptions``, ``profiles``, ``law``) and one for each
        confidence: how many values there are.
    copied
        Parameters whose values were copied from another region and not replaced.
    statuses
        Columns status, persons, share (of residents): the closed base year.
    plausibility
        Columns check, item, value, unit, published, low, high, plausible; see
        :func:`fsinsure.analysis.check_base.check_base`.
    projection
        Why the growth paths of the region cannot be projected to its horizon; empty if they can.
    """

    provenance: pd.DataFrame
    copied: tuple[str, ...]
    statuses: pd.DataFrame
    plausibility: pd.DataFrame
    projection: str

    @property
    def plausible(self) -> bool:
        """Whether nothing lies outside its plausible bounds, and the region can be projected."""
        return not self.projection and bool(self.plausibility["plausible"].fillna(True).all())


def check_region(region: Region) -> RegionCheck:
    """Close the base year of a region and judge it.

    Parameters
    ----------
    region
        From :func:`fsinsure.open_region`, which has checked its files.

    Raises
    ------
    InputError
        If the values do not fit together or the base year cannot be closed; the message names the
        figures or the position.

    Examples
    --------
    >>> import fsinsure as fs
    >>> fs.check_region(fs.regions()["example"]).plausible
    True
    """
    scenario = Scenario(region.name, region.title, region, region.horizon)
    parameters, base = prepare(scenario)
    persons = base.stock[PERSONS]
    total = float(persons.sum())
    by_status = persons.sum(axis=(1, 2, 3)).tolist()
    rows = [
        (status, count, count / total) for status, count in zip(STATUSES, by_status, strict=True)
    ]
    growth, projection = _growth(parameters, base)
    ratios = _people(parameters, base, growth)
    plausibility = pd.concat([check_base(scenario), ratios], ignore_index=True)
    return RegionCheck(
        pd.DataFrame(_provenance(region), columns=["group", *CONFIDENCES]),
        tuple(region.copied),
        pd.DataFrame(rows, columns=["status", "persons", "share"]),
        plausibility,
        projection,
    )


def _provenance(region: Region) -> Iterator[tuple[str | int, ...]]:
    """Yield the number of values by group and confidence."""
    figures = [one.confidence for one in (*region.figures.values(), *region.area_figures.values())]
    groups: dict[str, list[str]] = {
        "figures": figures,
        "assumptions": [],
        "profiles": [],
        "law": [],
    }
    for name, values in region.values.items():
        own = "profiles" if name.startswith("profile.") else "assumptions"
        for value in values:
            group = "law" if value.layer.startswith("law/") else own
            groups[group].append(value.confidence)
    for group, found in groups.items():
        yield (group, *(found.count(confidence) for confidence in CONFIDENCES))


def _people(parameters: Parameters, base: Base, growth: float | None) -> pd.DataFrame:
    """Return ratios of the closed base year that no region should be far from."""
    region, persons = parameters.region, base.stock[PERSONS]
    everybody = residents(region)
    total = float(everybody.sum())
    by_status = {status: float(persons[STATUS[status]].sum()) for status in STATUSES}
    retired, holders = by_status["retiree"], region.amount(CARDS)
    old = float(everybody[..., OLD].sum())
    ratios = {
        "residents_60_plus": old / total,
        "moved_since_census": _moved(region),
        "residents_growth": growth,
        "workers_contribute": (
            sum(by_status[one] for one in CONTRIBUTORS) / float(everybody[..., WORKING_AGES].sum())
        ),
        "old_with_pension": _old_pensioners(parameters, base) / old if old else None,
        "contributors_per_retiree": (
            sum(by_status[one] for one in ("employee", "flexible")) / retired if retired else None
        ),
        "registered_unemployment": region.amount(RATE),
        "card_holders": None if holders is None else holders / total,
    }
    rows = []
    for name, value in ratios.items():
        if value is None:  # nothing to compare
            continue
        low, high = BELIEVABLE[name]
        inside = low - ROUNDING <= value <= high + ROUNDING
        unit = "ratio" if name == "contributors_per_retiree" else "fraction"
        rows.append(("people", name, value, unit, None, low, high, inside))
    columns = ["check", "item", "value", "unit", "published", "low", "high", "plausible"]
    numbers = dict.fromkeys(("value", "published", "low", "high"), "float64")
    return pd.DataFrame(rows, columns=columns).astype({**numbers, "plausible": "boolean"})


def _moved(region: Region) -> float | None:
    """Return who moved since an earlier census that is carried forward, a share of who stayed."""
    census = base_census(region)
    if int(census) == region.base_year:
        return None
    stayed = without_migration(region, residents(region, census), int(census))
    return float(residents(region).sum() / stayed.sum()) - 1.0


def _growth(parameters: Parameters, base: Base) -> tuple[float | None, str]:
    """Return the mean growth of the residents a year up to the horizon, as the region projects.

    None, and why, if a growth path asks for more people than there are.
    """
    try:
        people = project(parameters, base).persons.sum(axis=(1, 2, 3, 4))
    except PoolError as error:
        return None, str(error)
    return float((people[-1] / people[0]) ** (1.0 / (len(people) - 1)) - 1.0), ""


def _old_pensioners(parameters: Parameters, base: Base) -> float:
    """Return the pensioners of 60 and over, as the figures have them.

    The people of each pension are spread over ages as the life course has them: placed, they could
    not be more than the residents, whatever the figures say.
    """
    course = course_of(parameters, base.totals)[PERSONS]
    count = 0.0
    for status in PENSIONERS:
        expected = course[STATUS[status]] * residents(parameters.region)
        there = float(expected.sum())
        share = float(expected[..., OLD].sum()) / there if there else 1.0
        count += share * base.totals[status]
    return count
