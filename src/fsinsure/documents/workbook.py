"""Read tables of an .xlsx workbook as texts, as a CSV file would have them.

Cells are what the workbook stores. Its number formats say how many digits a number has at least,
and which of day, month and year a date shows: 2024-06 in a cell is stored as 2024-06-01.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from fsinsure.errors import DataError, InputError
from fsinsure.messages import separated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

SUFFIX: Final = ".xlsx"
MOST_XML: Final = 20_000_000
"""Bytes of a workbook when it is unpacked, at most."""
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 200

CHINESE: Final = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 31, 51, 53, 54, 58), 'yyyy"年"m"月"d"日"'),
    30: "m-d-yy",
}
"""Date formats that a Chinese spreadsheet stores by number only (ECMA-376, part 1, 18.8.30).

Those that show no year are of a day, which is stored with its year.
"""

_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, TypeError),
    *(AttributeError, SyntaxError, ArithmeticError, RuntimeError),
)
"""What openpyxl raises for a damaged file, by experience; it documents no errors of its own."""


@dataclass(frozen=True)
class Sheet:
    """The table of a workbook.

    Parameters
    ----------
    name
        For messages: ``actuals.xlsx:Sheet1``.
    title
        On its tab.
    letters
        The columns that have any text, such as ``A``.
    rows
        The rows that have any text, with their numbers: a text for each letter.
    """

    name: str
    title: str
    letters: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]


def read_sheet(file: str, data: bytes, named: Collection[str] = ()) -> Sheet:
    """Read one sheet of a workbook: one that is named, else the only one that has any cells.

    Parameters
    ----------
    file
        Name for messages.
    data
        The content of the file.
    named
        Names of the sheet, in any language.

    Raises
    ------
    DataError
        If it is no workbook or a far too large one, more than one sheet or none has cells and none
        is named, or a cell is merged with others, an error, a time, nothing but spaces, or a
        formula without a stored value; the message names sheet and cell.
    InputError
        If openpyxl is not installed.
    """
    formulas, values = _both(file, data)
    wanted = [sheet for sheet in formulas.worksheets if sheet.title in named]
    filled = wanted or [sheet for sheet in formulas.worksheets if _is_filled(file, sheet)]
    if len(filled) != 1:
        names = ", ".join(sheet.title for sheet in filled) or "none"
        raise DataError(
            "{file}: sheets with cells: {names}; keep the table alone in a workbook of its own",
            file=file,
            names=names,
        )
    return _read(file, filled[0], values)


def read_sheets(file: str, data: bytes, wanted: Mapping[str, Collection[str]]) -> dict[str, Sheet]:
    """Read the sheets of a workbook that are named, by key; all others are left aside.

    Parameters
    ----------
    file, data
        As of :func:`read_sheet`.
    wanted
        The names that the sheet of each key may have.

    Raises
    ------
    DataError, InputError
        As :func:`read_sheet`; if a key has two sheets.
    """
    formulas, values = _both(file, data)
    found: dict[str, Sheet] = {}
    for key, names in wanted.items():
        of_key = [sheet for sheet in formulas.worksheets if sheet.title in names]
        if len(of_key) > 1:
            both = separated((sheet.title for sheet in of_key), " and ")
            raise DataError(
                "{file}: the sheets {both} are of the same kind: keep one", file=file, both=both
            )
        for sheet in of_key:
            if _is_filled(file, sheet):
                found[key] = _read(file, sheet, values)
    return found


def _both(file: str, data: bytes) -> tuple[Any, Any]:
    return _opened(file, data, formulas=True), _opened(file, data, formulas=False)


def _read(file: str, sheet: Any, values: Any) -> Sheet:
    """Read a sheet that has cells."""
    name = f"{file}:{sheet.title}"
    for merged in sorted(sheet.merged_cells.ranges, key=str):
        raise DataError(
            "{name}!{coordinate}: {coord} are merged, and only the first has a value: unmerge "
            "them and fill each",
            name=name,
            coordinate=merged.start_cell.coordinate,
            coord=merged.coord,
        )
    stored = values[sheet.title]
    grid = {row[0].row: [_text(name, cell, stored) for cell in row] for row in sheet.iter_rows()}
    used = [at for at, cells in enumerate(zip(*grid.values(), strict=True)) if any(cells)]
    first = next(sheet.iter_rows())
    return Sheet(
        name,
        sheet.title,
        tuple(first[at].column_letter for at in used),
        tuple((row, [cells[at] for at in used]) for row, cells in grid.items() if any(cells)),
    )


def _opened(file: str, data: bytes, *, formulas: bool) -> Any:
    """Return the workbook with its formulas, or with the values stored for them."""
    openpyxl = _openpyxl()
    with _reading(file), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of drawings and validations, which no table has
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > MOST_XML:
            raise DataError(
                "{file}: more than {most_xml:.0f} MB when it is unpacked",
                file=file,
                most_xml=MOST_XML / 1e6,
            )
        return openpyxl.load_workbook(io.BytesIO(data), data_only=not formulas)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError as error:
        if error.name != "openpyxl":
            raise
        raise InputError(
            "workbooks (.xlsx) need openpyxl, which is not installed: pip install "
            "'fsinsure[excel]', or save the table as 'CSV UTF-8'"
        ) from error
    return openpyxl


@contextmanager
def _reading(file: str) -> Iterator[None]:
    """Turn every error of a damaged file into a DataError."""
    try:
        yield
    except _BROKEN as error:
        raise DataError(
            "{file}: not a workbook that can be read: save it as .xlsx in the spreadsheet, "
            "without a password, or as 'CSV UTF-8'",
            file=file,
        ) from error


def _is_filled(file: str, sheet: Any) -> bool:
    """Return whether a sheet has a value; refuse one of a size that no table of this kind has."""
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        raise DataError(
            "{file}:{title}: cells down to row {max_row:,} and to column {max_column:,}; a table "
            "of this kind is far smaller: delete the empty rows and columns, or save the table as "
            "'CSV UTF-8'",
            file=file,
            title=sheet.title,
            max_row=sheet.max_row,
            max_column=sheet.max_column,
        )
    return any(cell.value is not None for row in sheet.iter_rows() for cell in row)


def _text(name: str, cell: Any, stored: Any) -> str:
    """Return a cell as text, a formula by its stored value."""
    where = f"{name}!{cell.coordinate}"
    if cell.data_type == "f":
        cell = stored[cell.coordinate]
        if cell.value is None:
            raise DataError(
                "{where}: a formula without a stored value: open the workbook in the spreadsheet "
                "and save it, or write the value",
                where=where,
            )
    if cell.data_type == "e":
        raise DataError(
            "{where}: {value} is an error of the spreadsheet: write a value",
            where=where,
            value=cell.value,
        )
    value = cell.value
    if value is None:
        return ""
    number = cell._style.numFmtId if cell.has_style else 0
    shape = CHINESE.get(number, cell.number_format)
    if number in CHINESE and isinstance(value, int | float):
        value = _dated(where, value, cell.parent.parent.epoch)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_text(value, shape)
    if isinstance(value, date):
        return _date_text(where, value, shape)
    if isinstance(value, str):
        if value and not value.strip():
            raise DataError(
                "{where}: nothing but spaces: clear the cell, or write a value", where=where
            )
        return value.strip()
    raise DataError(
        "{where}: {value} is a time, not a day, a month or a year", where=where, value=value
    )


def _dated(where: str, serial: float, epoch: datetime) -> object:
    """Return the date of a serial number whose format openpyxl does not know."""
    from openpyxl.utils.datetime import from_excel

    with _reading(where):
        return from_excel(serial, epoch)


def number_text(value: float, shape: str) -> str:
    """Return a number with its 15 digits, and at least the decimals that its format shows.

    >>> number_text(331.2, "0.00"), number_text(0.1 + 0.2, "General"), number_text(0.05, "0%")
    ('331.20', '0.3', '5%')
    """
    amount = Decimal(f"{value:.15g}")
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shape.split(";")[0])
    percent = "%" in plain
    text = f"{(amount * 100).normalize() if percent else amount:f}"
    shown = re.search(r"0\.(0+)", plain)
    lacking = len(shown[1]) - len(text.partition(".")[2]) if shown else 0
    if lacking > 0:
        text = (text if "." in text else f"{text}.") + "0" * lacking
    return f"{text}%" if percent else text


def _date_text(where: str, value: date, shape: str) -> str:
    """Return the day, the month or the year that a date shows."""
    if isinstance(value, datetime) and value.time() != time():
        raise DataError(
            "{where}: {value} has a time: write the day or the month only", where=where, value=value
        )
    shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shape.split(";")[0]).lower()
    if "d" in shown or ("m" not in shown and "y" not in shown):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
