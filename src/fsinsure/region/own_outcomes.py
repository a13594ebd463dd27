"""A user's own outcomes: a table like ``outcomes.csv``, in the place of the region's figures."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError
from fsinsure.region.outcomes import check, year_of
from fsinsure.sources import OUTCOME_COLUMNS, outcomes_in
from fsinsure.tabular import Record, records, utf8_text

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.region.region import Region
    from fsinsure.sources import Outcome

NEEDED: Final = ("measure", "date", "value", "unit")
OPTIONAL: Final = (*(one for one in OUTCOME_COLUMNS if one not in NEEDED), "known", "fitted")
UNSAID: Final = "secondary"
"""The confidence of a row that names none."""


def with_own(
    region: Region, table: str | PathLike[str] | pd.DataFrame | None
) -> tuple[Outcome, ...]:
    """Return the outcomes of a region, with those of a table in the place of its own.

    Parameters
    ----------
    region
        Whose figures they are.
    table
        A CSV file or a DataFrame with the columns measure, date, value and unit at least, further
        ones as in ``outcomes.csv``; None for the figures of the region alone.

    Raises
    ------
    DataError
        If the table cannot be used; the message names file, row and column.
    InputError
        If `table` is neither.
    """
    if table is None:
        return region.outcomes
    name, text = _text(table)
    rows = [_filled(row, name) for row in records(name, text, NEEDED, OPTIONAL)]
    for row in rows:
        row.required("measure")
    own = outcomes_in(rows, region.codes)
    check(own, region.conflicts)
    given = {(one.measure, one.area, year_of(one)) for one in own}
    kept = [
        one
        for one in region.outcomes
        if not one.measure or (one.measure, one.area, year_of(one)) not in given
    ]
    return (*kept, *own)


def _text(table: object) -> tuple[str, str]:
    """Return the name and the CSV text of a table."""
    if isinstance(table, str | PathLike):
        return Path(table).name, utf8_text(Path(table))
    write = getattr(table, "to_csv", None)
    if not callable(write):
        raise InputError(
            "outcomes are the path of a CSV file or a DataFrame with the columns of outcomes.csv, "
            f"not a {type(table).__name__}"
        )
    return "outcomes", str(write(index=False))


def _filled(row: Record, name: str) -> Record:
    """Return a row with every column of ``outcomes.csv``."""
    said = {column: text for column, text in row.cells.items() if text}
    blank = dict.fromkeys((*OUTCOME_COLUMNS, *NEEDED), "")
    standing = {"series": row["measure"], "source": name, "confidence": UNSAID}
    return Record(row.file, row.row, {**blank, **standing, **said})
