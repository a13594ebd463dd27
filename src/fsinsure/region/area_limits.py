"""A user's table of the areas of a region: the capacity of each, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import LAST_YEAR
from fsinsure.documents.user_tables import read_table
from fsinsure.measures import measure_named, measures
from fsinsure.messages import EMPTY, Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import pandas as pd

    from fsinsure.arrays import Array
    from fsinsure.region.region import Region
    from fsinsure.tabular import Record

OPTIONAL: Final = ("measure", "year", "capacity", "least", "most")
LARGEST: Final = 10_000_000_000
"""More than the population of the world."""


@dataclass(frozen=True)
class Limit:
    """What a row says of an area.

    Parameters
    ----------
    area
        Its code.
    measure, year
        What the row is of; empty and None: of every measure and year.
    capacity
        A weight of any unit; NaN where the row has none.
    least, most
        Bounds of the increment of a year, whole persons; NaN where the row has none.
    row
        Of the table, for messages.
    """

    area: str
    measure: str
    year: int | None
    capacity: float
    least: float
    most: float
    row: Record

    def holds(self, measure: str, year: int) -> bool:
        """Return whether the row is of a measure and year."""
        return self.measure in ("", measure) and self.year in (None, year)


@dataclass(frozen=True)
class Limits:
    """The table as a whole.

    Parameters
    ----------
    rows
        The limits, in the order of the file.
    record
        Name and SHA-256 of the file, as ``run.json`` has them.
    """

    rows: tuple[Limit, ...]
    record: dict[str, str]

    def of(self, measure: str, year: int, region: Region) -> dict[str, Limit]:
        """Return the rows of a measure and year by area.

        Raises
        ------
        DataError
            If two rows are of one area.
        """
        found: dict[str, Limit] = {}
        for one in (each for each in self.rows if each.holds(measure, year)):
            if one.area in found:
                raise one.row.error(
                    "area",
                    "{area} has {measure} {year} in row {row} too: keep one of them",
                    area=one.area,
                    measure=measure,
                    year=year,
                    row=found[one.area].row.row,
                )
            found[one.area] = one
        return {area: found[area] for area in region.codes if area in found}


def check_used(limits: Limits, of: Sequence[tuple[str, int]]) -> None:
    """Refuse a row that is of none of the measures and years `of` which figures are made.

    Raises
    ------
    DataError
        If there is one.
    """
    for one in limits.rows:
        if not any(one.holds(measure, year) for measure, year in of):
            raise one.row.error(
                "year" if one.year is not None else "measure",
                "there is no plan figure of {measure}{more}: correct it, or leave the row out",
                measure=(one.measure or Message("any measure")),
                more=(EMPTY if one.year is None else Message(" in {year}", year=one.year)),
            )


def column(limits: dict[str, Limit], name: str, region: Region) -> Array:
    """Return ``capacity``, ``least`` or ``most`` of the areas ``[area]``; NaN where none is given.

    Parameters
    ----------
    limits
        By area, as :meth:`Limits.of` returns them.
    name
        The column.
    region
        Whose areas they are.
    """
    return np.array(
        [getattr(limits[area], name) if area in limits else np.nan for area in region.codes]
    )


def read_limits(table: str | PathLike[str] | pd.DataFrame, region: Region) -> Limits:
    """Read a table of areas.

    Parameters
    ----------
    table
        The path of a CSV file or a workbook (.xlsx), or a DataFrame, with the column ``area`` and
        any of ``measure``, ``year``, ``capacity``, ``least``, ``most``; blank cells are
        permitted in all but ``area``.
    region
        Whose areas they are.

    Raises
    ------
    DataError
        If an area, measure or year is unknown, a number is none, or the least is above the most;
        the message names file, row and column, or sheet and cell.
    InputError
        As :func:`fsinsure.documents.user_tables.read_table`.
    """
    given = read_table(table, "areas", ("area",), OPTIONAL)
    rows = tuple(_limit(row, region) for row in given.rows)
    return Limits(rows, {"file": given.name, "sha256": given.digest})


def _limit(row: Record, region: Region) -> Limit:
    said = {one for one in OPTIONAL if row.cells.get(one)}
    cells = {**row.cells, "area": region.area_named(row["area"])}
    if "measure" in said:
        cells["measure"] = measure_named(row["measure"])
    row = replace(row, cells=cells)
    year = None
    if "year" in said:
        first = region.first_year
        year = int(row.number("year", first, LAST_YEAR))
        if year != row.number("year"):
            raise row.error(
                "year", "{year} is not a year, such as {first}", year=row["year"], first=first
            )
    found = Limit(
        area=row.choice("area", region.codes),
        measure=row.choice("measure", measures()) if "measure" in said else "",
        year=year,
        capacity=float(row.number("capacity", 0, LARGEST)) if "capacity" in said else np.nan,
        least=_persons(row, "least") if "least" in said else np.nan,
        most=_persons(row, "most") if "most" in said else np.nan,
        row=row,
    )
    if found.least > found.most:
        raise row.error(
            "least",
            "{least} is more than the most, {most}: correct one of them",
            least=row["least"],
            most=row["most"],
        )
    return found


def _persons(row: Record, name: str) -> float:
    number = row.number(name, -LARGEST, LARGEST)
    if number != int(number):
        raise row.error(name, "{row} is not a whole number of persons", row=row[name])
    return float(number)
