"""A census before the base year, carried forward to it: survivors, births, and who moved.

Cohorts survive by the mortality of the region and have the children of its fertility, as in every
projected year. What the published residents of the base date differ by are those who moved in or
out, and nearly all of them are young: one factor for all ages below :data:`MOVING_BELOW` of an
area meets its figure. The old are the survivors of the census (docs/population.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.base_year.migration import mortality_by_year
from fsinsure.errors import DataError
from fsinsure.life_tables import fertility_in, published_life_table
from fsinsure.messages import EMPTY, Message
from fsinsure.region.names import RESIDENTS
from fsinsure.year.demography import step

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.region.region import Region
    from fsinsure.sources import Figure

MOVING_BELOW: Final = 60
"""Of the net migrants of 2010 to 2020 in Foshan 98 of 100 were younger at its end."""

MOST_A_YEAR: Final = 0.05
"""Share a year by which residents may differ from the survivors of the census."""


def mortality(region: Region, first: int, last: int) -> tuple[Array, Array]:
    """Return the mortality of each year from one year end to another by the values of a region.

    Returns
    -------
    tuple of Array
        As :func:`fsinsure.base_year.migration.mortality_by_year`.
    """
    table = region.values["mortality.table"][0].text
    q = published_life_table(table, region.tables["mortality"])
    level = float(region.values["mortality.level"][0].text)
    improvement = region.base_value("mortality.improvement")
    since = first + 1 - float(region.values["mortality.table_year"][0].text)
    return mortality_by_year(np.minimum(1.0, level * q), improvement, since, last - first)


def without_migration(region: Region, opening: Array, first: int) -> Array:
    """Return who would live at the base date if nobody had moved since a census.

    Parameters
    ----------
    opening
        Residents at the census ``[area, sex, age]``.
    first
        Its year; the census stands for the end of it.

    Returns
    -------
    Array
        ``[area, sex, age]``
    """
    people = opening
    fertility = region.base_value("fertility.level") * fertility_in(region.tables["fertility"])
    sex_ratio = float(region.values["fertility.sex_ratio"][0].text)
    for dying, infant in zip(*mortality(region, first, region.base_year), strict=True):
        people = step(people, dying, infant, fertility, sex_ratio).population
    return people


def resident_figures(region: Region) -> list[Figure]:
    """Return the published residents of the base date: of every area, else of the region."""
    every = (*region.area_figures.values(), *region.figures.values())
    year = str(region.base_year)
    found = [one for one in every if one.name == RESIDENTS and one.date.startswith(year)]
    return [one for one in found if one.area] or found


def carried_forward(region: Region, opening: Array, first: int) -> Array:
    """Return the residents of the base date ``[area, sex, age]`` from an earlier census.

    Parameters
    ----------
    opening, first
        As of :func:`without_migration`.

    Raises
    ------
    DataError
        If the residents of the base date are not published, or differ from the survivors by more
        than :data:`MOST_A_YEAR` a year.
    """
    figures = resident_figures(region)
    if not figures:
        raise DataError(
            "{file}: no census of {base_year}, and that of {first} is carried forward to the "
            "residents of {base_date}: add {residents} of that day to figures.csv, for the region "
            "or every area",
            file=region.census[0].file,
            base_year=region.base_year,
            first=first,
            base_date=region.base_date,
            residents=RESIDENTS,
        )
    people = without_migration(region, opening, first).copy()
    for figure in figures:
        areas = [region.index_of(figure.area)] if figure.area else [*range(len(region.codes))]
        some = people[areas]
        young = float(some[..., :MOVING_BELOW].sum())
        total = float(some.sum())
        most = MOST_A_YEAR * (region.base_year - first) * total
        wanted = figure.amount - (total - young)
        if not total and not figure.amount:
            continue
        if young == 0 or abs(figure.amount - total) > most or wanted <= 0:
            of = Message(" of {area}", area=figure.area) if figure.area else EMPTY
            raise DataError(
                "{where}: {name}{of} is {amount:,.0f}, and the survivors of the census {first} "
                "with their children would be {total:,.0f}, more than {most_a_year:.0%} a year "
                "apart, or nobody is under {moving_below}: correct one of them",
                where=figure.where,
                name=figure.name,
                of=of,
                amount=figure.amount,
                first=first,
                total=total,
                most_a_year=MOST_A_YEAR,
                moving_below=MOVING_BELOW,
            )
        some[..., :MOVING_BELOW] *= wanted / young
        people[areas] = some
    return people
