"""A table of the user: a CSV file, a workbook or a DataFrame, as rows with positions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.documents import workbook
from fsinsure.errors import InputError
from fsinsure.messages import separated
from fsinsure.tabular import Record, records, small_bytes, under_header, utf8_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NAMED: Final = frozenset({"measure", "area"})
"""Columns of a template whose cells may explain themselves."""


@dataclass(frozen=True)
class UserTable:
    """A table as it was read.

    Parameters
    ----------
    name
        Of its file, in messages and in ``run.json``.
    digest
        SHA-256: of a CSV file with the line ends of Unix, or of a workbook as it is.
    rows
        The rows under the header.
    """

    name: str
    digest: str
    rows: tuple[Record, ...]


def read_table(
    table: object,
    name: str,
    columns: Sequence[str],
    optional: Collection[str],
    sheets: Collection[str] = (),
) -> UserTable:
    """Read a table.

    Parameters
    ----------
    table
        The path of a CSV file or of a workbook (.xlsx), or a DataFrame.
    name
        What it holds, for messages; a file goes by its own name.
    columns, optional
        As of :func:`fsinsure.tabular.records`.
    sheets
        The names of the sheet that holds it in a workbook with other sheets. There what stands
        before a space in a heading, a measure or an area is its name.

    Raises
    ------
    DataError
        If it cannot be read; the message names file, row and column, or sheet and cell.
    InputError
        If `table` is none of them, or openpyxl is missing for a workbook.
    """
    if isinstance(table, str | PathLike):
        path = Path(table)
        if path.suffix.lower() == workbook.SUFFIX:
            return _of_workbook(path, columns, optional, sheets)
        name, text = path.name, utf8_text(path).replace("\r\n", "\n")
    else:
        write = getattr(table, "to_csv", None)
        if not callable(write):
            raise InputError(
                "{name} are the path of a CSV file or a DataFrame, or of a workbook (.xlsx), with "
                "the columns {columns}, not a {kind}",
                name=name,
                columns=separated(columns),
                kind=type(table).__name__,
            )
        text = str(write(index=False))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return UserTable(name, digest, tuple(records(name, text, columns, optional)))


def _of_workbook(
    path: Path, columns: Sequence[str], optional: Collection[str], sheets: Collection[str]
) -> UserTable:
    data = small_bytes(path)
    sheet = workbook.read_sheet(path.name, data, sheets)
    (first, heads), *cells = sheet.rows
    if sheet.title in sheets:
        heads = [named(head) for head in heads]
    table = iter([(first, heads), *cells])
    rows = under_header(sheet.name, table, columns, optional, letters=sheet.letters)
    if sheet.title in sheets:
        rows = [
            replace(
                row,
                cells={
                    **row.cells,
                    **{key: named(row.cells[key]) for key in NAMED & row.cells.keys()},
                },
            )
            for row in rows
        ]
    return UserTable(path.name, hashlib.sha256(data).hexdigest(), tuple(rows))


def named(text: str) -> str:
    """Return what stands before a space.

    >>> named("unemployment 失业保险"), named("")
    ('unemployment', '')
    """
    return text.split()[0] if text else ""
