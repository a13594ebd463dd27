"""Figures of the user: a table like ``outcomes.csv``, of which every row is to be met."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.measures import measures
from fsinsure.region.outcomes import PEOPLE
from fsinsure.scenario.observe import Actuals
from fsinsure.sources import OUTCOME_COLUMNS, counts, outcomes_in
from fsinsure.tabular import Record, records, utf8_text

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from fsinsure.region.region import Region

NEEDED: Final = ("date", "value", "unit")
"""Columns that the table must have, beside ``measure`` or ``series``."""

OPTIONAL: Final = (*(one for one in OUTCOME_COLUMNS if one not in NEEDED), "measure", "known")
UNSAID: Final = "secondary"
"""The confidence of a row that names none."""


def read_actuals(table: str | PathLike[str] | pd.DataFrame, region: Region) -> Actuals:
    """Read the figures of a user.

    Parameters
    ----------
    table
        The path of a CSV file, or a DataFrame, with the columns of ``outcomes.csv``: ``date``,
        ``value``, ``unit`` and ``measure`` or ``series`` at least.
    region
        Whose figures they are.

    Raises
    ------
    DataError
        If the table cannot be used: an unknown column or measure, the scope of another measure, a
        figure by area, a value that is not a number, a unit that does not count people; the message
        names file, row and column.
    InputError
        If `table` is neither.
    """
    name, text = _text(table)
    rows = [_filled(row, name) for row in records(name, text, NEEDED, OPTIONAL)]
    for row in rows:
        _check(row, region)
    found = outcomes_in(rows, region.codes)
    for row, outcome in zip(rows, found, strict=True):
        if outcome.value < 0:
            raise row.error("value", f"{outcome.value} people: a figure is not negative")
        if "/" in outcome.date:
            raise row.error("date", f"{outcome.date}: give one day, such as 2019-12-31")
    return Actuals(name, hashlib.sha256(text.encode()).hexdigest(), found)


def _text(table: object) -> tuple[str, str]:
    """Return the name and the CSV text of a table."""
    if isinstance(table, str | Path):
        return Path(table).name, utf8_text(Path(table)).replace("\r\n", "\n")
    write = getattr(table, "to_csv", None)
    if not callable(write):
        raise InputError(
            "outcomes are the path of a CSV file or a DataFrame with the columns of outcomes.csv, "
            f"not a {type(table).__name__}"
        )
    return "outcomes", str(write(index=False))


def _filled(row: Record, name: str) -> Record:
    """Return a row with every column of ``outcomes.csv``; the measure may stand as the series."""
    measure = row.cells.get("measure", "") or row.cells.get("series", "")
    said = {column: text for column, text in row.cells.items() if text}
    blank = dict.fromkeys((*OUTCOME_COLUMNS, *NEEDED), "")
    standing = {"series": measure, "source": name, "confidence": UNSAID}
    return Record(row.file, row.row, {**blank, **standing, **said, "measure": measure})


def _check(row: Record, region: Region) -> None:
    """Refuse a row that cannot be met, whatever its number."""
    measure, known = row["measure"], (*measures(), PEOPLE)
    if measure not in known:
        raise row.error(
            "measure",
            f"{measure!r} is not a measure.{did_you_mean(measure, known)} Measures: "
            f"{', '.join(known)}"
            if measure
            else "name the measure whose scope the figure has",
        )
    of_series = {
        one.measure
        for one in region.outcomes
        if one.series == row["series"] and one.measure and int(one.date[:4]) > region.base_year
    }
    if of_series and measure not in of_series:
        raise row.error(
            "measure",
            f"{row['series']} has the scope of {' or '.join(sorted(of_series))} in the outcomes of "
            f"{region.name}, not that of {measure}: correct one of them",
        )
    if row["area"]:
        raise row.error("area", "only figures of the whole region are met: leave the area blank")
    if not counts(row.required("unit"), "人"):
        raise row.error("unit", f"{row['unit']!r} does not count people: write 人 or 万人")


def later(actuals: Actuals, base_year: int) -> Actuals:
    """Return the figures after the base year.

    Raises
    ------
    DataError
        If there is none.
    """
    rows = tuple(one for one in actuals.rows if int(one.date[:4]) > base_year)
    if not rows:
        raise DataError(
            f"{actuals.name}: no figure is later than the base year {base_year}; the base year "
            "itself is closed on figures.csv"
        )
    return Actuals(actuals.name, actuals.digest, rows)
