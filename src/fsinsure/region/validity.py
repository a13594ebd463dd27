"""What the files of a region must satisfy together, checked when a region is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError
from fsinsure.messages import separated
from fsinsure.region import names, outcomes
from fsinsure.region.census import base_census, census_of
from fsinsure.sources import counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.region.region import Region
    from fsinsure.sources import Figure, Outcome

STOCKS: Final = (
    *("enrollment.", "retirees.", "recipients.", "contributors.", "members.", "persons."),
    "fund.balance.",
)
"""What begins the name of a figure of the opening stock: people, or the balance of a fund."""

BALANCE: Final = "fund.balance"


def check(region: Region) -> None:
    """Refuse files that do not fit together.

    Raises
    ------
    DataError
        If a name is nearly one that is read, a figure of the opening stock is of another day than
        the base date, a unit is not one of people or money, an outcome is not of its measure or
        disagrees with another, no census is of the base year or before, one lacks a cell, a figure
        by area is missing for an area, or areas do not add up to their total; the message names
        file, row and column.
    """
    figures = (*region.figures.values(), *region.area_figures.values())
    for figure in figures:
        names.check(region, figure)
        _figure(region, figure)
    for outcome in region.outcomes:
        names.check(region, outcome)
        _outcome(outcome)
    outcomes.check(region.outcomes, region.conflicts)
    _by_area(region)
    last = base_census(region)
    _total(region, last, float(census_of(region, last).counts.sum()))
    for name in dict.fromkeys(row["census"] for row in region.census):
        census_of(region, name)


def _figure(region: Region, figure: Figure) -> None:
    if not figure.name.startswith(STOCKS) and figure.name != BALANCE:
        return
    noun, such = ("元", "亿元") if figure.name.startswith(BALANCE) else ("人", "万人")
    if not counts(figure.unit, noun):
        where = replace(figure.where, column="unit")
        raise DataError(
            "{where}: {name} is in {unit!r}: write {noun} or {such}",
            where=where,
            name=figure.name,
            unit=figure.unit,
            noun=noun,
            such=such,
        )
    if noun == "人" and figure.value < 0:
        raise DataError(
            "{where}: {name} is {value}: people are not negative",
            where=figure.where,
            name=figure.name,
            value=figure.value,
        )
    if figure.date != region.base_date.isoformat():
        raise DataError(
            "{where}: {name} is of {date}, and the base date of {region_name} is {base_date}: "
            "give the figure of that day, or move this one to outcomes.csv",
            where=figure.where,
            name=figure.name,
            date=figure.date,
            region_name=region.name,
            base_date=region.base_date,
        )


def _outcome(outcome: Outcome) -> None:
    """Refuse a series that is read, births or residents, in another unit than people."""
    if outcome.series not in names.SERIES:
        return
    if not counts(outcome.unit, "人"):
        where = replace(outcome.where, column="unit")
        raise DataError(
            "{where}: {series} is in {unit!r}: write 人 or 万人",
            where=where,
            series=outcome.series,
            unit=outcome.unit,
        )
    if outcome.value < 0:
        raise DataError(
            "{where}: {series} is {value}: people are not negative",
            where=outcome.where,
            series=outcome.series,
            value=outcome.value,
        )


def _by_area(region: Region) -> None:
    """Refuse a figure that some areas have and others lack."""
    for name in dict.fromkeys(name for name, _ in region.area_figures):
        missing = [area for area in region.codes if (name, area) not in region.area_figures]
        if missing:
            one = next(found for key, found in region.area_figures.items() if key[0] == name)
            raise DataError(
                "{where}: {name} is given by area but not for {missing}: add the rows, or leave "
                "it out",
                where=one.where,
                name=name,
                missing=separated(missing),
            )
        if name not in region.figures and name in names.read_as_totals(region):
            one = region.area_figures[name, region.codes[0]]
            raise DataError(
                "{where}: {name} is read for the region as a whole, and is given by area only: "
                "add the row of the total, with a blank area",
                where=one.where,
                name=name,
            )
        if name in region.figures:
            _adds_up(region.figures[name], [region.area_figures[name, one] for one in region.codes])


def _adds_up(total: Figure, parts: Sequence[Figure]) -> None:
    """Refuse parts that differ from their total by more than rounding; rates have no total."""
    every = (total, *parts)
    if len({one.date for one in every}) > 1 or not all(
        counts(one.unit, "人") or counts(one.unit, "元") for one in every
    ):
        return
    people = sum(one.amount for one in parts)
    if abs(people - total.amount) > sum(one.half_unit for one in every) * (1 + 1e-9):
        raise DataError(
            "{where}: {name} is {amount:,.0f}, and its areas add up to {people:,.0f}: correct one "
            "of them",
            where=total.where,
            name=total.name,
            amount=total.amount,
            people=people,
        )


def _total(region: Region, census: str, people: float) -> None:
    """Refuse a census of which the cells differ from the published total by more than rounding."""
    figure = region.figures.get("population.census")
    if figure is None or not figure.date.startswith(census):
        return
    if abs(people - figure.amount) > max(figure.half_unit, 1e-6 * figure.amount):
        raise DataError(
            "{where}: population.census is {amount:,.0f}, and the cells of census.csv add up to "
            "{people:,.0f}: correct one of them",
            where=figure.where,
            amount=figure.amount,
            people=people,
        )
