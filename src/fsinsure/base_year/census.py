"""The residents of the base year by area, sex and single year of age.

The census publishes margins only: areas, sexes, and the ages 0-14, 15-59, 60+ and 65+. The
cells result from raking a seed to them. The seed has two parts in each area: non-migrants with
the national age structure of 2020 (five-year groups, split smoothly; by sex as the sex ratio at
birth and the life table CL1-CL2 imply), and people from other cities, whose number is published,
with the age profile ``inflow``, a named assumption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, AREAS, SEXES
from fsinsure.errors import DataError
from fsinsure.numeric.raking import Margin, rake
from fsinsure.profiles import profile
from fsinsure.sources import base_amount, facts, half_unit, package_records, published_life_table
from fsinsure.tabular import Record

AGE_MARGIN: Final = ("0-14", "15-59", "60-64", "65+")
"""The age groups of the margin; the census publishes 60+ for the last two together."""

FIRST_AGES: Final = (0, 15, 60, 65)
"""The first age of each."""

SEED_TABLE: Final = "CL1-CL2"
"""The life table by which men and women of the seed have survived since birth."""


@cache
def residents() -> Array:
    """Residents at the census ``[area, sex, age]`` (5 x 2 x 101), read-only.

    Fractional persons, all positive. Every margin is the published one, reconciled to the exact
    total (see :func:`margins`).
    """
    people = rake(seed(), margins())
    people.flags.writeable = False
    return people


class Figure(NamedTuple):
    """A published margin: persons, and half a unit of its last digit."""

    persons: float
    half_unit: float


def figures_in(rows: Sequence[Record]) -> dict[tuple[str, str], Figure]:
    """Return the figures of the census by dimension and group.

    Raises
    ------
    DataError
        If a value is not a number or blank; the message names file, row and column.
    """
    found = {}
    for row in rows:
        value, unit = row.number("value", 0, 1e10), row.required("unit")
        key = (row.required("dimension"), row.required("group"))
        found[key] = Figure(base_amount(value, unit), half_unit(value, unit))
    return found


def reconcile(published: Mapping[str, Figure], total: float) -> dict[str, float]:
    """Scale rounded figures to an exact total; figures published in persons are kept.

    Parameters
    ----------
    published
        Figures by group.
    total
        Their required sum, persons.

    Returns
    -------
    dict
        Persons by group; each still rounds to its published figure.

    Raises
    ------
    DataError
        If the rounding of the published figures does not explain the difference.
    """
    exact = sum(each.persons for each in published.values() if each.half_unit <= 0.5)
    rounded = sum(each.persons for each in published.values() if each.half_unit > 0.5)
    factor = (total - exact) / rounded if rounded else 1.0
    found = {
        group: each.persons * (factor if each.half_unit > 0.5 else 1.0)
        for group, each in published.items()
    }
    off = [g for g, each in published.items() if abs(found[g] - each.persons) >= each.half_unit]
    if off or abs(sum(found.values()) - total) > 0.5:
        raise DataError(
            f"census.csv: {', '.join(published)} add up to {exact + rounded:,.0f}, not to the "
            f"total {total:,.0f}, by more than their rounding explains: check these figures"
        )
    return found


@cache
def margins() -> tuple[Margin, ...]:
    """Return the published margins of the census, reconciled to its exact total.

    Areas, sexes and the ages 0-14, 15-59 and 60+ are each scaled in proportion (an area
    that is published to the person is kept); 65+ is scaled like 60+ and 60-64 is the difference.
    """
    figures = figures_in(package_records("census"))
    total = figures["total", "all"].persons

    def group(dimension: str, names: Sequence[str]) -> dict[str, float]:
        return reconcile({name: figures[dimension, name] for name in names}, total)

    areas, sexes = group("area", AREAS), group("sex", SEXES)
    ages = group("age", ("0-14", "15-59", "60+"))
    old, oldest = figures["age", "60+"], figures["age", "65+"]
    over_65 = reconcile({"65+": oldest}, oldest.persons * ages["60+"] / old.persons)["65+"]
    age_totals = [ages["0-14"], ages["15-59"], ages["60+"] - over_65, over_65]
    age_group = np.searchsorted(FIRST_AGES, np.arange(AGES), side="right") - 1
    sex_totals, area_totals = (np.array(list(found.values())) for found in (sexes, areas))
    return (
        Margin("age", 2, age_group, AGE_MARGIN, np.array(age_totals)),
        Margin("sex", 1, np.arange(len(SEXES)), SEXES, sex_totals),
        Margin("area", 0, np.arange(len(AREAS)), AREAS, area_totals),
    )


def seed() -> Array:
    """Return the seed ``[area, sex, age]``, persons.

    The non-migrants of the city (residents less people from other cities) are split over the
    areas like the registered population; all further residents of an area are from other
    cities.
    """
    people = margins()[-1].totals
    registered = np.array([facts()[f"population.registered.2021.{d}"].amount for d in AREAS])
    rest = float(people.sum()) - facts()["population.inflow"].amount
    here = rest * registered / registered.sum()
    if (here > people).any():
        name = AREAS[int(np.argmax(here - people))]
        raise DataError(
            f"facts.csv: population.registered.2021.{name} gives {name} more people who did not "
            "come from elsewhere than it has residents: check it against census.csv"
        )
    structures = [by_sex(national_ages()), profile("inflow")]
    native, inflow = (structure / structure.sum() for structure in structures)
    cells: Array = here[:, None, None] * native + (people - here)[:, None, None] * inflow
    return cells


def national_ages() -> Array:
    """National population of 2020 by single year of age ``[101]``, persons."""
    rows = package_records("age_shape")
    counts = [base_amount(row.number("value", 0, 1e7), row.required("unit")) for row in rows]
    years = single_years(np.array(counts), AGES // (len(rows) - 1))
    # The last group is open: everyone over 100 counts as 100.
    return np.append(years[: AGES - 1], counts[-1])


def single_years(counts: Array, width: int) -> Array:
    """Split age groups of equal width into single years, smoothly and none negative.

    The cumulative population is interpolated by a monotone cubic, so that each group keeps its
    total: PCHIP (Fritsch and Butland 1984) with three-point ends, the formula of
    ``scipy.interpolate.PchipInterpolator``, the import of which takes longer than a run.

    Parameters
    ----------
    counts
        Persons by group ``[group]``, at least two, all positive.
    width
        Years in a group.

    Returns
    -------
    Array
        Persons by single year ``[group * width]``.
    """
    per_year = counts / width
    before, after = per_year[:-1], per_year[1:]
    inner = 2.0 * before * after / (before + after)
    first = max(0.0, (3.0 * per_year[0] - per_year[1]) / 2.0)
    last = max(0.0, (3.0 * per_year[-1] - per_year[-2]) / 2.0)
    slope = np.concatenate([[first], inner, [last]])
    start = np.concatenate([[0.0], np.cumsum(counts)])
    t = np.arange(width) / width
    cumulative = (
        start[:-1, None]
        + counts[:, None] * t**2 * (3.0 - 2.0 * t)
        + width * slope[:-1, None] * t * (1.0 - t) ** 2
        - width * slope[1:, None] * t**2 * (1.0 - t)
    )
    return np.diff(np.append(cumulative.ravel(), start[-1]))


def by_sex(people: Array) -> Array:
    """Split people by age ``[age]`` into ``[sex, age]`` by the sex ratio at birth and survival.

    The ratio of men to women at age x is that at birth times ``L(x)`` of men over ``L(x)`` of
    women, the person-years lived in the life table.
    """
    q = published_life_table(SEED_TABLE)[:, :AGES]
    alive = np.concatenate([np.ones((2, 1)), np.cumprod(1.0 - q, axis=1)], axis=1)
    lived = alive[:, :-1] + alive[:, 1:]
    ratio = facts()["population.sex_ratio_at_birth"].amount * lived[0] / lived[1]
    men = people * ratio / (1.0 + ratio)
    return np.stack([men, people - men])
