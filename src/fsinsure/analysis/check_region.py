"""Check a region as a whole: its files, its closed base year, and how plausible the result is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.analysis.check_base import check_base
from fsinsure.base_year.census import residents
from fsinsure.checks import prepare
from fsinsure.scenario import Scenario
from fsinsure.sources import CONFIDENCES
from fsinsure.statuses import PAYING, PENSIONERS, STATUS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsinsure.arrays import Array
    from fsinsure.region.region import Region

ROUNDING: Final = 1e-9
WORKING_AGES: Final = slice(16, 60)
OLD: Final = slice(60, None)

BELIEVABLE: Final = {
    "residents_60_plus": (0.03, 0.40),
    "workers_insured": (0.05, 0.98),
    "old_with_pension": (0.20, 1.0),
    "contributors_per_retiree": (1.0, 12.0),
}
"""Bounds of each ratio, from Chinese cities and provinces of 2010 to 2023; wider than any seen."""


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
    """

    provenance: pd.DataFrame
    copied: tuple[str, ...]
    statuses: pd.DataFrame
    plausibility: pd.DataFrame

    @property
    def plausible(self) -> bool:
        """Whether nothing lies outside its plausible bounds."""
        return bool(self.plausibility["plausible"].fillna(True).all())


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
    _, base = prepare(scenario)
    persons = base.stock[0]
    total = float(persons.sum())
    by_status = persons.sum(axis=(1, 2, 3)).tolist()
    rows = [
        (status, count, count / total) for status, count in zip(STATUSES, by_status, strict=True)
    ]
    plausibility = pd.concat([check_base(scenario), _people(region, persons)], ignore_index=True)
    return RegionCheck(
        pd.DataFrame(_provenance(region), columns=["group", *CONFIDENCES]),
        tuple(region.copied),
        pd.DataFrame(rows, columns=["status", "persons", "share"]),
        plausibility,
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


def _people(region: Region, persons: Array) -> pd.DataFrame:
    """Return ratios of the closed base year that no region should be far from."""
    everybody = residents(region)
    by_status = {status: float(persons[STATUS[status]].sum()) for status in STATUSES}
    working = float(everybody[..., WORKING_AGES].sum())
    old = float(everybody[..., OLD].sum())
    pensioners = sum(float(persons[STATUS[one]][..., OLD].sum()) for one in PENSIONERS)
    retired = by_status["retiree"]
    ratios = {
        "residents_60_plus": old / float(everybody.sum()),
        "workers_insured": sum(by_status[one] for one in PAYING) / working,
        "old_with_pension": pensioners / old,
        "contributors_per_retiree": (
            sum(by_status[one] for one in ("employee", "flexible")) / retired if retired else None
        ),
    }
    rows = []
    for name, value in ratios.items():
        low, high = BELIEVABLE[name]
        inside = None if value is None else low - ROUNDING <= value <= high + ROUNDING
        unit = "ratio" if name == "contributors_per_retiree" else "fraction"
        rows.append(("people", name, value, unit, None, low, high, inside))
    columns = ["check", "item", "value", "unit", "published", "low", "high", "plausible"]
    numbers = dict.fromkeys(("value", "published", "low", "high"), "float64")
    return pd.DataFrame(rows, columns=columns).astype({**numbers, "plausible": "boolean"})
