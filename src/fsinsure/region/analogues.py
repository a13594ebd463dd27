"""Growth of a measure in comparable places, by year: an analogue for the region's own.

Rows of ``analogues.csv``. They enter no projection: they are a yardstick for the width of an
assumption and for a forecast.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fsinsure.region.outcomes import comparable
from fsinsure.sources import CONFIDENCES
from fsinsure.tabular import known_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fsinsure.tabular import Record

COLUMNS: Final = (
    *("series", "places", "count", "date", "median", "sd", "low", "high", "unit"),
    *("known", "source", "confidence", "note"),
)
UNIT: Final = "%"
"""Of median, standard deviation, low and high."""


@dataclass(frozen=True)
class Analogue:
    """The growth of a measure from the year before, in comparable places.

    Parameters
    ----------
    series
        The measure, such as ``unemployment``.
    places
        Who they are.
    count
        How many.
    year
        The year of the growth.
    median, sd, low, high
        Over the places: median, standard deviation, least and largest; fractions.
    known
        When the figures of the year became known, a day; the end of the next year where the table
        does not say.
    """

    series: str
    places: str
    count: int
    year: int
    median: float
    sd: float
    low: float
    high: float
    known: str


def analogues_in(rows: Sequence[Record]) -> tuple[Analogue, ...]:
    """Turn rows into analogues.

    Raises
    ------
    DataError
        If a cell is blank or no number, a series is no measure, a year is none or occurs twice, or
        median, least and largest are out of order; the message names file, row and column.
    """
    found: dict[tuple[str, int], Analogue] = {}
    for row in rows:
        one = _read(row)
        if (one.series, one.year) in found:
            raise row.error(
                "date",
                "{series} of {year} occurs twice; keep one row",
                series=one.series,
                year=one.year,
            )
        found[one.series, one.year] = one
    return tuple(found.values())


def _read(row: Record) -> Analogue:
    row.choice("confidence", CONFIDENCES)
    row.choice("unit", (UNIT,))
    row.required("source")
    if not re.fullmatch("[0-9]{4}", row.required("date")):
        raise row.error("date", "{date!r} is not a year such as 2019", date=row["date"])
    year = int(row["date"])
    low, median, high = (float(row.number(name)) / 100 for name in ("low", "median", "high"))
    if not low <= median <= high:
        raise row.error(
            "median",
            "{median} is not between {low} and {high}",
            median=row["median"],
            low=row["low"],
            high=row["high"],
        )
    count = row.number("count", 2, 1000)
    if count != int(count):
        raise row.error("count", "{count} is not a whole number of places", count=row["count"])
    return Analogue(
        series=row.choice("series", comparable()),
        places=row.required("places"),
        count=int(count),
        year=year,
        median=median,
        sd=float(row.number("sd", 0, 100)) / 100,
        low=low,
        high=high,
        known=known_on(row) or f"{year + 1}-12-31",
    )


def known_analogues(
    analogues: Iterable[Analogue], series: str, last: int, day: str = ""
) -> list[Analogue]:
    """Return the analogues of a measure up to a year, the earliest first.

    Parameters
    ----------
    analogues
        Those of a region.
    series
        The measure.
    last
        The last year of a growth.
    day
        The day by which it must have been known, such as ``2019-12-31``; empty for whatever is.
    """
    found = [one for one in analogues if one.series == series and one.year <= last]
    return sorted((one for one in found if not day or one.known <= day), key=lambda one: one.year)
