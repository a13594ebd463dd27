"""A user's own figures: a table like ``outcomes.csv``, to be met or to judge a projection."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.measures import measures
from fsinsure.region.outcomes import PEOPLE, check, comparable, year_of
from fsinsure.sources import OUTCOME_COLUMNS, Outcome, counts, outcomes_in
from fsinsure.tabular import Record, records, utf8_text

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.region.region import Region

NEEDED: Final = ("date", "value", "unit")
"""Columns that the table must have, beside ``measure`` or ``series``."""

OPTIONAL: Final = (
    *(one for one in OUTCOME_COLUMNS if one not in NEEDED),
    *("measure", "known", "fitted"),
)
UNSAID: Final = "secondary"
"""The confidence of a row that names none."""


@dataclass(frozen=True)
class Actuals:
    """Figures that a user gives beside those of a region.

    Parameters
    ----------
    name
        Of their file, in messages and in ``run.json``.
    digest
        SHA-256 of the table.
    rows
        The figures.
    """

    name: str
    digest: str
    rows: tuple[Outcome, ...]


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
        value that is not a number; the message names file, row and column.
    InputError
        If `table` is neither.
    """
    name, text = _text(table)
    rows = [_filled(row, name) for row in records(name, text, NEEDED, OPTIONAL)]
    for row in rows:
        _check(row, region)
    return Actuals(name, hashlib.sha256(text.encode()).hexdigest(), outcomes_in(rows, region.codes))


def to_be_met(actuals: Actuals) -> Actuals:
    """Return the figures if each can be met by a lever: people of the whole region on a day.

    Raises
    ------
    DataError
        If one cannot; the message names file, row and column.
    """
    for one in actuals.rows:
        if one.measure not in (*measures(), PEOPLE):
            text = f"{one.measure} is money, and only people are met: leave the row out"
            raise _error(one, "measure", text)
        if one.area:
            text = "only figures of the whole region are met: leave the area blank"
            raise _error(one, "area", text)
        if not counts(one.unit, "人"):
            text = f"{one.unit!r} does not count people: write 人 or 万人"
            raise _error(one, "unit", text)
        if one.value < 0:
            raise _error(one, "value", f"{one.value} people: a figure is not negative")
        if "/" in one.date:
            raise _error(one, "date", f"{one.date}: give one day, such as 2019-12-31")
    return actuals


def with_own(
    region: Region, table: str | PathLike[str] | pd.DataFrame | None
) -> tuple[Outcome, ...]:
    """Return the outcomes of a region, with those of a table in the place of its own.

    Parameters
    ----------
    region
        Whose figures they are.
    table
        As of :func:`read_actuals`; None for the figures of the region alone.

    Raises
    ------
    DataError, InputError
        As :func:`read_actuals`, and if a figure cannot be compared as its measure says.
    """
    if table is None:
        return region.outcomes
    own = read_actuals(table, region).rows
    check(own, region.conflicts)
    given = {(one.measure, one.area, year_of(one)) for one in own}
    kept = [
        one
        for one in region.outcomes
        if not one.measure or (one.measure, one.area, year_of(one)) not in given
    ]
    return (*kept, *own)


def later(actuals: Actuals, base_year: int) -> Actuals:
    """Return the figures after the base year.

    Raises
    ------
    DataError
        If there is none.
    """
    rows = tuple(one for one in actuals.rows if year_of(one) > base_year)
    if not rows:
        raise DataError(
            f"{actuals.name}: no figure is later than the base year {base_year}; the base year "
            "itself is closed on figures.csv"
        )
    return Actuals(actuals.name, actuals.digest, rows)


def _error(one: Outcome, column: str, text: str) -> DataError:
    return DataError(f"{replace(one.where, column=column)}: {text}")


def _text(table: object) -> tuple[str, str]:
    """Return the name and the CSV text of a table."""
    if isinstance(table, str | PathLike):
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
    """Refuse a row without a measure, or with another than its series has in the region."""
    measure, known = row["measure"], comparable()
    if measure not in known:
        raise row.error(
            "measure",
            f"{measure!r} is not a measure.{did_you_mean(measure, known)} Measures: "
            f"{', '.join(known)}"
            if measure
            else "it is blank: name the measure whose scope the figure has",
        )
    of_series = {
        one.measure
        for one in region.outcomes
        if one.series == row["series"] and one.measure and year_of(one) > region.base_year
    }
    if of_series and measure not in of_series:
        raise row.error(
            "measure",
            f"{row['series']} has the scope of {' or '.join(sorted(of_series))} in the outcomes of "
            f"{region.name}, not that of {measure}: correct one of them",
        )
