"""What the files of a region must satisfy together, checked when a region is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError, did_you_mean
from fsinsure.measures import measures
from fsinsure.region.census import census_of

if TYPE_CHECKING:
    from fsinsure.region.region import Region
    from fsinsure.sources import Figure

ENROLLMENT: Final = "enrollment."
STOCKS: Final = (
    ENROLLMENT,
    *("retirees.", "recipients.", "contributors.", "members.", "persons.", "fund.balance."),
)
"""What begins the name of a figure of the opening stock: people, or the balance of a fund."""

BALANCE: Final = "fund.balance"


def check(region: Region) -> None:
    """Refuse files that do not fit together.

    Raises
    ------
    DataError
        If a figure of the opening stock is of another day than the base date, an enrollment is of
        an unknown measure, the census is of another year or lacks a cell, a figure by area is
        missing for an area, or an area is called like the region; the message names file, row and
        column.
    """
    if region.name in region.codes:
        raise DataError(
            f"{region.name}/region.yaml: an area is called {region.name} like the region, and "
            "tables have both in one column: give it another code"
        )
    for figure in (*region.figures.values(), *region.area_figures.values()):
        _figure(region, figure)
    _by_area(region)
    census = census_of(region, str(region.base_year))
    _total(region, float(census.counts.sum()))


def _figure(region: Region, figure: Figure) -> None:
    stem, _, measure = figure.name.partition(".")
    if f"{stem}." == ENROLLMENT and measure not in measures():
        raise DataError(
            f"{figure.where}: there is no measure {measure!r}.{did_you_mean(measure, measures())} "
            f"Measures: {', '.join(measures())}"
        )
    stock = figure.name.startswith(STOCKS) or figure.name == BALANCE
    if stock and figure.date != region.base_date.isoformat():
        raise DataError(
            f"{figure.where}: {figure.name} is of {figure.date}, and the base date of "
            f"{region.name} is {region.base_date}: give the figure of that day, or move this one "
            "to outcomes.csv"
        )


def _by_area(region: Region) -> None:
    """Refuse a figure that some areas have and others lack."""
    names = dict.fromkeys(name for name, _ in region.area_figures)
    for name in names:
        missing = [area for area in region.codes if (name, area) not in region.area_figures]
        if missing:
            one = next(found for key, found in region.area_figures.items() if key[0] == name)
            raise DataError(
                f"{one.where}: {name} is given by area but not for {', '.join(missing)}: add the "
                "rows, or leave it out"
            )


def _total(region: Region, people: float) -> None:
    """Refuse a census of which the cells differ from the published total by more than rounding."""
    figure = region.figures.get("population.census")
    if figure is None or not re.match(str(region.base_year), figure.date):
        return
    if abs(people - figure.amount) > max(figure.half_unit, 1e-6 * figure.amount):
        raise DataError(
            f"{figure.where}: population.census is {figure.amount:,.0f}, and the cells of "
            f"census.csv add up to {people:,.0f}: correct one of them"
        )
