"""What the published figures of the base year must satisfy beside the equations that close it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fsinsure.base_year.census import residents
from fsinsure.base_year.forward import resident_figures
from fsinsure.errors import DataError
from fsinsure.region.census import base_census
from fsinsure.region.validity import STOCKS
from fsinsure.sources import counts
from fsinsure.year.entries import ENTRY_AGES

if TYPE_CHECKING:
    from fsinsure.region.region import Region
    from fsinsure.sources import Figure

RATE: Final = "registered_unemployment_rate"
CARDS: Final = "social_card"

MOST_UNEMPLOYED: Final = 0.3
"""Largest registered unemployment rate; no Chinese city has published a third of it."""

MOST_CARDS: Final = 2.0
"""Most holders of a card for each resident: some were registered here and live elsewhere."""

NEAR: Final = 0.05
"""Share by which the published residents may differ from the census."""


def check_published(region: Region) -> None:
    """Refuse figures that cannot be those of the base year, whatever is assumed.

    Raises
    ------
    DataError
        If nobody of working age lives in the region, residents differ from the census, the
        registered unemployment rate is not a rate of the base year, far more people have a social
        security card than live there, or a figure of the opening stock is given by area; the
        message names the position.
    """
    _somebody(region)
    for figure in resident_figures(region):
        _near_the_census(region, figure)
    for figure in region.area_figures.values():
        if figure.name.startswith(STOCKS) or figure.name in (RATE, CARDS):
            _no_area(figure)
    if RATE in region.figures:
        _rate(region, region.figures[RATE])
    if CARDS in region.figures:
        _cards(region, region.figures[CARDS])


def _somebody(region: Region) -> None:
    """Refuse a census without anybody of working age: nobody could be insured."""
    if residents(region)[..., ENTRY_AGES].sum() <= 0:
        census = base_census(region)
        first = next(row for row in region.census if row["census"] == census)
        raise first.error(
            "value",
            f"the census {census} has nobody of {ENTRY_AGES.start}-"
            f"{ENTRY_AGES.stop - 1}: fill in the people of its cells",
        )


def _near_the_census(region: Region, figure: Figure) -> None:
    people = residents(region)
    counted = people[region.index_of(figure.area)] if figure.area else people
    expected = float(counted.sum())
    if not counts(figure.unit, "人"):
        where = replace(figure.where, column="unit")
        raise DataError(f"{where}: {figure.name} is in {figure.unit!r}: write 人 or 万人")
    if abs(figure.amount - expected) > NEAR * expected:
        of = f" of {figure.area}" if figure.area else ""
        raise DataError(
            f"{figure.where}: {figure.name}{of} is {figure.amount:,.0f}, and the cells of "
            f"census.csv add up to {expected:,.0f}, more than {NEAR:.0%} apart: correct one of them"
        )


def _no_area(figure: Figure) -> None:
    raise DataError(
        f"{figure.where}: {figure.name} is given for {figure.area}, but the people of the base "
        "year are placed by the ages of each area, so that this figure would not be met. Keep the "
        "row of the whole region, and move those by area to outcomes.csv."
    )


def _rate(region: Region, figure: Figure) -> None:
    if figure.unit[:1] not in ("", "%", "‰") and figure.unit != "fraction":
        where = replace(figure.where, column="unit")
        raise DataError(f"{where}: {figure.name} is in {figure.unit!r}: write %")
    if not 0 <= figure.amount <= MOST_UNEMPLOYED:
        raise DataError(
            f"{figure.where}: {figure.name} is {figure.amount:.0%}, not between 0 and "
            f"{MOST_UNEMPLOYED:.0%}: correct the value, or its unit"
        )
    if not figure.date.startswith(str(region.base_year)):
        where = replace(figure.where, column="date")
        raise DataError(
            f"{where}: {figure.name} is of {figure.date}, and the base year is "
            f"{region.base_year}: give the rate of that year"
        )


def _cards(region: Region, figure: Figure) -> None:
    if not counts(figure.unit, "人"):
        where = replace(figure.where, column="unit")
        raise DataError(f"{where}: {figure.name} is in {figure.unit!r}: write 人 or 万人")
    there = float(residents(region).sum())
    if not 0 <= figure.amount <= MOST_CARDS * there:
        raise DataError(
            f"{figure.where}: {figure.name} is {figure.amount:,.0f} people, and {there:,.0f} live "
            "in the region: correct the value, or its unit"
        )
