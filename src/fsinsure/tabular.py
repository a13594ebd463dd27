"""Read CSV tables strictly: every error names the file, the row and the column.

Rows are numbered as lines in an editor: the header is row 1.
"""

from __future__ import annotations

import calendar
import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError, InputError, Position, did_you_mean
from fsinsure.files import reason
from fsinsure.messages import EMPTY, Message, separated, worded
from fsinsure.units import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

LARGEST: Final = 1_000_000
"""Largest size of a user's table, bytes."""


@dataclass(frozen=True)
class Record:
    """One row of a table.

    Parameters
    ----------
    file
        Name used in messages.
    row
        Its line in the file; the header is 1.
    cells
        Text by column, stripped.
    letters
        Those of the columns, if the table is a sheet of a workbook.
    """

    file: str
    row: int
    cells: Mapping[str, str]
    letters: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def position(self, column: str) -> Position:
        """Return the position of a cell."""
        return Position(self.file, self.row, column, self.letters)

    def error(self, column: str, message: Message | str, /, **values: object) -> DataError:
        """Return an error with the position of a cell."""
        return DataError(separated((self.position(column), worded(message, values)), ": "))

    def required(self, column: str) -> str:
        """Return the text of a cell that must not be blank."""
        if not self.cells[column]:
            raise self.error(column, "the cell is blank; every row needs a value here")
        return self.cells[column]

    def choice(self, column: str, known: Collection[str]) -> str:
        """Return the text of a cell that must be one of `known`."""
        text = self.required(column)
        if text not in known:
            raise self.error(
                column,
                "{text!r} is not one of {known}.{hint}",
                text=text,
                known=separated(known),
                hint=did_you_mean(text, known),
            )
        return text

    def number(self, column: str, low: float | None = None, high: float | None = None) -> Decimal:
        """Return a cell as an exact number between two inclusive bounds."""
        text = self.required(column)
        try:
            quantity = parse(text)
        except InputError as error:
            raise self.error(
                column, "{error}; expected a plain number such as 0.0125", error=error
            ) from error
        if quantity.suffix or quantity.noun:
            raise self.error(column, "{text!r} has a unit; expected a plain number", text=text)
        amount = quantity.amount
        # As a float: 0.99 written out is above the float 0.99 of a bound.
        size = float(amount)
        if (low is not None and size < low) or (high is not None and size > high):
            raise self.error(
                column, "{text} is not between {low:g} and {high:g}", text=text, low=low, high=high
            )
        return amount


def last_day(text: str) -> date:
    """Return the last day of a day, a month or a year.

    Raises
    ------
    ValueError
        If it is none of them, or not in the calendar.

    Examples
    --------
    >>> last_day("2020-02").isoformat(), last_day("2019").isoformat()
    ('2020-02-29', '2019-12-31')
    """
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
        raise ValueError(text)
    year, *rest = map(int, text.split("-"))
    month = rest[0] if rest else 12
    return date(year, month, rest[1] if len(rest) > 1 else calendar.monthrange(year, month)[1])


def known_on(row: Record) -> str:
    """Return the last day of the date in the column ``known``, as ``2019-07-31``; empty without.

    Raises
    ------
    DataError
        If it is not a day, a month or a year of the calendar.
    """
    text = row.cells.get("known", "")
    try:
        return last_day(text).isoformat() if text else ""
    except ValueError:
        raise row.error(
            "known",
            "{text!r} is not a day, a month or a year, such as 2019-07-01, 2019-07 or 2019",
            text=text,
        ) from None


def records(
    file: str,
    text: str,
    columns: Sequence[str],
    optional: Collection[str] = (),
    *,
    may_be_empty: bool = False,
) -> list[Record]:
    """Split a CSV text into rows.

    Parameters
    ----------
    file
        Name for messages.
    text
        The table, header first. Blank lines are skipped.
    columns
        Required columns, in any order.
    optional
        Columns that may be present too.
    may_be_empty
        Whether a header without rows, or a file without text, is a table too.

    Raises
    ------
    DataError
        If a column is missing, duplicated or unknown, a row has too few or too many cells, there
        are no rows, or the quoting is broken.
    """
    table = rows_of(file, io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return under_header(file, table, columns, optional, may_be_empty=may_be_empty)


def under_header(
    file: str,
    table: Iterator[tuple[int, list[str]]],
    columns: Sequence[str],
    optional: Collection[str] = (),
    *,
    letters: Sequence[str] = (),
    may_be_empty: bool = False,
) -> list[Record]:
    """Return the rows of a table under its header, as :func:`records`.

    Parameters
    ----------
    file, columns, optional, may_be_empty
        As of :func:`records`.
    table
        Row number and cells, the header first; as many cells in every row.
    letters
        Those of the columns, if the table is a sheet of a workbook.

    Raises
    ------
    DataError
        If a column is missing, duplicated or unknown, or there are no rows.
    """
    first, cells = next(table, (1, []))
    header = [cell.strip() for cell in cells]
    named = dict(zip(header, letters, strict=True)) if letters else {}
    if header:
        _check(file, first, header, columns, optional, named)
    found = [
        Record(file, row, dict(zip(header, map(str.strip, cells), strict=True)), named)
        for row, cells in table
    ]
    if not found and not may_be_empty:
        raise DataError(
            "{file}: no rows; expected a header {columns} and rows under it",
            file=file,
            columns=",".join(columns),
        )
    return found


def rows_of(file: str, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the cells of each row of a CSV that has any text, header first.

    Parameters
    ----------
    file
        Name for messages.
    lines
        The table, with the line ends of the file.

    Raises
    ------
    DataError
        If a row does not have as many cells as the header, the quoting is broken, or a line cannot
        be decoded.
    """
    reader = csv.reader(lines, strict=True)
    header: list[str] = []
    try:
        for cells in reader:
            if not any(map(str.strip, cells)):
                continue
            header = header or cells
            if len(cells) != len(header):
                raise DataError(
                    "{file}:{line_num}: {cells_count} cells under {header_count} columns "
                    "({header}); quote a cell that has a comma in it",
                    file=file,
                    line_num=reader.line_num,
                    cells_count=len(cells),
                    header_count=len(header),
                    header=separated(header),
                )
            yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(
            "{file}:{line_num}: broken CSV: {error}",
            file=file,
            line_num=reader.line_num,
            error=error,
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            "{file}: not {encoding} text soon after row {line_num}; save it as 'CSV UTF-8', or "
            "give its encoding ('encoding: gb18030' in a mapping file)",
            file=file,
            encoding=error.encoding,
            line_num=reader.line_num,
        ) from error


def _check(
    file: str,
    row: int,
    header: list[str],
    columns: Sequence[str],
    optional: Collection[str],
    letters: Mapping[str, str],
) -> None:
    """Refuse a header, in row `row`, with a missing, an unknown or a repeated column."""
    missing = [column for column in columns if column not in header]
    if missing:
        raise DataError(
            "{file}:{row}: no column {missing}; the header is {header!r} and needs {columns}",
            file=file,
            row=row,
            missing=separated(missing),
            header=",".join(header),
            columns=",".join(columns),
        )
    known = [*columns, *optional]
    for column in header:
        where = Position(file, row, column, letters)
        if column not in known:
            name = (
                Message(" {column!r}", column=column) if letters else EMPTY
            )  # the position of a cell does not name it
            raise DataError(
                "{where}: unknown column{name}.{hint}",
                where=where,
                name=name,
                hint=did_you_mean(column, known),
            )
        if header.count(column) > 1:
            raise DataError("{where}: the column is there twice; keep one", where=where)


def utf8_text(path: Path) -> str:
    """Read a table of the user as UTF-8 text.

    Raises
    ------
    DataError
        As :func:`small_bytes`, or if it is not UTF-8.
    """
    data = small_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise DataError(
            "{path}:{row}: not UTF-8; save the table as 'CSV UTF-8' in the spreadsheet",
            path=path,
            row=row,
        ) from error
    if "\0" in text:
        raise DataError(
            "{path}: holds NUL bytes, so it is not a text table; save it as CSV UTF-8", path=path
        )
    return text


def small_bytes(path: Path) -> bytes:
    """Read a table of the user.

    Raises
    ------
    DataError
        If the file is missing, cannot be read or is larger than 1 MB.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(
                "{path}: more than 1 MB; a table of this kind is far smaller", path=path
            )
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            "{path}: cannot be read: {strerror}", path=path, strerror=reason(error)
        ) from error
