"""What the published figures of the base year must satisfy beside the equations that close it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fsinsure.base_year.census import residents
from fsinsure.base_year.forward import resident_figures
from fsinsure.errors import DataError
from fsinsure.messages import EMPTY, Message
from fsinsure.region.census import base_census
from fsinsure.region.names import CARDS, GOALS, RATE, RESIDENTS, SUMS
from fsinsure.region.validity import STOCKS
from fsinsure.sources import counts
from fsinsure.units import show
from fsinsure.year.entries import ENTRY_AGES

if TYPE_CHECKING:
    from fsinsure.region.region import Region
    from fsinsure.sources import Figure

MOST_UNEMPLOYED: Final = 0.3
"""Largest registered unemployment rate; no Chinese city has published a third of it."""

MOST_PEOPLE: Final = 2.0
"""Most people of a figure for each resident: some card holders live elsewhere."""

NEAR: Final = 0.05
"""Share by which the published residents may differ from the census."""


def check_published(region: Region) -> None:
    """Refuse figures that cannot be those of the base year, whatever is assumed.

    Raises
    ------
    DataError
        If nobody of working age lives in the region, residents differ from the census, the
        registered unemployment rate is not a rate of the base year, the holders of a social
        security card are of another day or far more than live there, a goal of the plan is in a
        unit of something else or out of any bounds, or a figure of the opening stock is given by
        area; the message names the position.
    """
    every = (*region.figures.values(), *region.area_figures.values())
    for figure in every:
        if figure.name == RESIDENTS:
            _unit_of_people(figure)
    _somebody(region)
    if int(base_census(region)) == region.base_year:  # one carried forward meets them exactly
        for figure in resident_figures(region):
            _near_the_census(region, figure)
    for figure in region.area_figures.values():
        if figure.name.startswith(STOCKS) or figure.name in (RATE, CARDS):
            _no_area(figure)
    if RATE in region.figures:
        _rate(region, region.figures[RATE])
    if CARDS in region.figures:
        _cards(region, region.figures[CARDS])
    for name in GOALS:
        if f"target.{name}" in region.figures:
            _goal(region, name, region.figures[f"target.{name}"])


def _somebody(region: Region) -> None:
    """Refuse a census without anybody of working age: nobody could be insured."""
    if residents(region)[..., ENTRY_AGES].sum() <= 0:
        census = base_census(region)
        first = next(row for row in region.census if row["census"] == census)
        raise first.error(
            "value",
            "the census {census} has nobody of {start}-{stop}: fill in the people of its cells",
            census=census,
            start=ENTRY_AGES.start,
            stop=ENTRY_AGES.stop - 1,
        )


def _near_the_census(region: Region, figure: Figure) -> None:
    people = residents(region)
    counted = people[region.index_of(figure.area)] if figure.area else people
    expected = float(counted.sum())
    if abs(figure.amount - expected) > NEAR * expected:
        of = Message(" of {area}", area=figure.area) if figure.area else EMPTY
        raise DataError(
            "{where}: {name}{of} is {amount:,.0f}, and the cells of census.csv add up to "
            "{expected:,.0f}, more than {near:.0%} apart: correct one of them",
            where=figure.where,
            name=figure.name,
            of=of,
            amount=figure.amount,
            expected=expected,
            near=NEAR,
        )


def _no_area(figure: Figure) -> None:
    raise DataError(
        "{where}: {name} is given for {area}, but the people of the base year are placed by the "
        "ages of each area, so that this figure would not be met. Keep the row of the whole "
        "region, and move those by area to outcomes.csv.",
        where=figure.where,
        name=figure.name,
        area=figure.area,
    )


def _rate(region: Region, figure: Figure) -> None:
    _share(figure)
    if figure.years != (region.base_year, region.base_year):
        where = replace(figure.where, column="date")
        raise DataError(
            "{where}: {name} is of {date}, and the base year is {base_year}: give the rate of "
            "that year",
            where=where,
            name=figure.name,
            date=figure.date,
            base_year=region.base_year,
        )


def _cards(region: Region, figure: Figure) -> None:
    _people(region, figure)
    if figure.date != region.base_date.isoformat():
        where = replace(figure.where, column="date")
        raise DataError(
            "{where}: {name} is of {date}, and the base date is {base_date}: give the holders of "
            "that day, or move this row to outcomes.csv",
            where=where,
            name=figure.name,
            date=figure.date,
            base_date=region.base_date,
        )


def _goal(region: Region, name: str, goal: Figure) -> None:
    """Refuse a goal in the unit of something else, out of any bounds, or a sum without years."""
    if name == RATE:
        _share(goal)
    else:
        _people(region, goal)
    if name in SUMS and not re.fullmatch("[0-9]{4}(/[0-9]{4})?", goal.date):
        where = replace(goal.where, column="date")
        raise DataError(
            "{where}: {name} is a sum over years, and is of {date}: write its years, such as "
            "{first_year}/{horizon}, or one year",
            where=where,
            name=goal.name,
            date=goal.date,
            first_year=region.first_year,
            horizon=region.horizon,
        )


def _share(figure: Figure) -> None:
    """Refuse what is no registered unemployment rate."""
    if figure.unit[:1] not in ("", "%", "‰") and figure.unit != "fraction":
        where = replace(figure.where, column="unit")
        raise DataError(
            "{where}: {name} is in {unit!r}: write %",
            where=where,
            name=figure.name,
            unit=figure.unit,
        )
    if not 0 <= figure.amount <= MOST_UNEMPLOYED:
        raise DataError(
            "{where}: {name} is {amount}, not between 0 and {most_unemployed:.0%}: correct the "
            "value, or its unit",
            where=figure.where,
            name=figure.name,
            amount=show(figure.amount, "fraction"),
            most_unemployed=MOST_UNEMPLOYED,
        )


def _people(region: Region, figure: Figure) -> None:
    """Refuse a figure that cannot be people of the region."""
    _unit_of_people(figure)
    there = float(residents(region).sum())
    if not 0 <= figure.amount <= MOST_PEOPLE * there:
        raise DataError(
            "{where}: {name} is {amount:,.0f} people, and {there:,.0f} live in the region: "
            "correct the value, or its unit",
            where=figure.where,
            name=figure.name,
            amount=figure.amount,
            there=there,
        )


def _unit_of_people(figure: Figure) -> None:
    if not counts(figure.unit, "人"):
        where = replace(figure.where, column="unit")
        raise DataError(
            "{where}: {name} is in {unit!r}: write 人 or 万人",
            where=where,
            name=figure.name,
            unit=figure.unit,
        )
