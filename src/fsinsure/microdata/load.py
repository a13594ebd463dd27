"""A user's own table of persons, CSV or Parquet, read as a mapping file says.

Read in batches; all of it is checked before anything is returned, so that there is the whole
population or none.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from fsinsure.errors import DataError, did_you_mean
from fsinsure.microdata import parquet
from fsinsure.microdata.cells import Reader, as_text, numeric, written
from fsinsure.microdata.duplicates import accuse, marks, suspects
from fsinsure.microdata.mapping import Layout, read_mapping
from fsinsure.microdata.problems import Complaints, check_pensions
from fsinsure.microdata.schema import BIRTH, COLUMNS, ID, WAGE, Persons, joined
from fsinsure.rules.lognormal import share_above

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BATCH: Final = 65_536
RANKS: Final = 256
LONGEST_CELL: Final = 10_000
PARQUET: Final = (".parquet", ".pq")


class Batch(NamedTuple):
    """Some rows of a table by column, as texts or as numbers, and where they stand."""

    cells: Mapping[str, Sequence[str] | Array]
    rows: NDArray[np.int64]


def load_persons(path: str | Path, mapping: str | Path | None = None) -> Persons:
    """Read persons for :func:`fsinsure.run`: a file of our layout, or your own with a mapping file.

    Parameters
    ----------
    path
        A Parquet file that :meth:`fsinsure.Result.save_persons` wrote, or one of the same layout;
        with `mapping` any ``.csv`` or ``.parquet`` file.
    mapping
        The mapping file: docs/persons.md.

    Returns
    -------
    Persons
        In the order of the file.

    Raises
    ------
    InputError
        If pyarrow, which Parquet needs, is not installed.
    DataError
        If a file cannot be read, or anything in it cannot be used: with file, row and column, and
        how many more.
    """
    return parquet.load(path) if mapping is None else load(path, mapping)


def load(path: str | Path, mapping: str | Path) -> Persons:
    """Read a user's own persons.

    Parameters
    ----------
    path
        A ``.csv`` file, or a ``.parquet`` file.
    mapping
        The mapping file: docs/persons.md.

    Returns
    -------
    Persons
        In the order of the file, of the weight that the mapping gives.

    Raises
    ------
    InputError
        If a Parquet file is given and pyarrow is not installed.
    DataError
        If a file cannot be read, or a column, code, date, number, blank or id cannot be used: with
        file, row (in a CSV the line; in a Parquet file the first row is 1) and column, and how many
        more.
    """
    layout = read_mapping(mapping)
    complaints = Complaints(str(path))
    readers = {name: Reader(entry) for name, entry in layout.entries.items() if name != ID}
    parts, found = [], []
    for batch in batches(path, layout):
        found.append(marks(_ids(batch, layout, complaints)))
        parts.append(_persons(batch, readers, complaints))
    complaints.settle()
    if not parts:
        raise DataError(f"{path}: no rows; a population has at least one person")
    suspected = suspects(np.concatenate(found))
    if len(suspected):
        column = str(layout.entries[ID].column)
        ids = ((batch.cells[column], batch.rows) for batch in batches(path, layout))
        accuse(ids, suspected, column, complaints)
        complaints.settle()
    return replace(joined(parts), weight=layout.weight)


def numbers_of(path: str | Path, ids: Sequence[str], mapping: str | Path) -> dict[str, int]:
    """Return the numbers in the engine of persons with given ids, in the order asked for.

    Raises
    ------
    DataError
        If a file cannot be read or an id is not in it.
    """
    layout = read_mapping(mapping)
    column = str(layout.entries[ID].column)
    wanted = set(ids)
    found: dict[str, int] = {}
    place = 0
    for batch in batches(path, Layout({ID: layout.entries[ID]}, layout.encoding)):
        for text in batch.cells[column]:
            if text in wanted:
                found[text] = place
            place += 1
    missing = [text for text in ids if text not in found]
    if missing:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise DataError(f"{path}: nobody with the id {missing[0]}{more} in column {column}")
    return {text: found[text] for text in ids}


def batches(path: str | Path, layout: Layout) -> Iterator[Batch]:
    """Yield a table in batches of texts."""
    if Path(path).suffix.lower() in PARQUET:
        return _from_parquet(path, layout)
    return _from_csv(path, layout)


def _ids(batch: Batch, layout: Layout, complaints: Complaints) -> Sequence[str]:
    column = str(layout.entries[ID].column)
    ids = written(batch.cells[column])
    blank = np.fromiter((not text for text in ids), dtype=bool, count=len(ids))
    complaints.at(blank, batch.rows, column, lambda _: "the cell is blank; every person has an id")
    return ids


def _persons(batch: Batch, readers: dict[str, Reader], complaints: Complaints) -> Persons:
    found = {target: _read(batch, reader, complaints) for target, reader in readers.items()}
    if BIRTH in found:
        found["birth_year"], month = np.divmod(found.pop(BIRTH), 12)
        found["birth_month"] = month + 1
    if WAGE in found:
        entry = readers[WAGE].entry
        below = 1 - share_above(found.pop(WAGE), entry.mean, entry.cv)
        found["wage_rank"] = np.minimum(np.floor(below * RANKS), RANKS - 1)
    pension = readers["pension"].entry.column or "pension"
    status = np.nan_to_num(found["status"], nan=-1).astype(np.int64)
    check_pensions(status, np.nan_to_num(found["pension"]), batch.rows, pension, complaints)
    return Persons(
        {name: np.nan_to_num(found[name]).astype(column.dtype) for name, column in COLUMNS.items()}
    )


def _read(batch: Batch, reader: Reader, complaints: Complaints) -> NDArray[np.float64]:
    """Return a column as numbers; bad cells are noted and no number."""
    entry = reader.entry
    if entry.column is None:
        return np.full(len(batch.rows), reader[entry.value])
    cells = batch.cells[entry.column]
    found = reader.all(cells)
    bad = np.isnan(found)
    if bad.any():
        complaints.at(
            bad,
            batch.rows,
            entry.column,
            lambda at: reader.complaint(written(cells[at : at + 1])[0]),
        )
    return found


def _from_csv(path: str | Path, layout: Layout) -> Iterator[Batch]:
    try:
        with Path(path).open(encoding=_codec(layout), newline="") as stream:
            yield from _csv_batches(str(path), stream, layout.columns)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def _codec(layout: Layout) -> str:
    return "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding


def _csv_batches(name: str, stream: TextIO, wanted: list[str]) -> Iterator[Batch]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(stream, strict=True)
    header: list[str] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        places = _places(f"{name}:1", header, wanted)
        while True:
            rows, cells = [], []
            for record in islice(reader, BATCH):
                if not any(record):
                    continue  # a line without any text
                if len(record) != len(header):
                    raise DataError(
                        f"{name}:{reader.line_num}: {len(record)} cells under {len(header)} "
                        "columns; quote a cell that has a comma in it. Nothing was loaded."
                    )
                rows.append(reader.line_num)
                cells.append(record)
            if not cells:
                return
            across = list(zip(*cells, strict=True))
            texts = {
                column: [text.strip() for text in across[place]] for column, place in places.items()
            }
            yield Batch(texts, np.array(rows, dtype=np.int64))
    except csv.Error as error:
        raise DataError(f"{name}:{reader.line_num}: broken CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: not {error.encoding} text soon after row {reader.line_num}; save it as "
            "'CSV UTF-8', or write 'encoding: gb18030' into the mapping"
        ) from error


def _places(name: str, header: list[str], wanted: list[str]) -> dict[str, int]:
    """Return where the columns stand that a mapping names."""
    if not header:
        raise DataError(f"{name}: no header; the first line names the columns")
    for column in wanted:
        if column not in header:
            raise DataError(
                f"{name}: no column {column!r}, which the mapping names."
                f"{did_you_mean(column, header)} There are: {', '.join(header)}"
            )
        if header.count(column) > 1:
            raise DataError(f"{name}:{column}: the column is there twice; keep one")
    return {column: header.index(column) for column in wanted}


def _from_parquet(path: str | Path, layout: Layout) -> Iterator[Batch]:
    name = str(path)
    with parquet.opened(path) as file:
        _places(name, file.schema_arrow.names, layout.columns)
        numbers = {entry.column for entry in layout.entries.values() if numeric(entry)}
        numbers -= {entry.column for entry in layout.entries.values() if not numeric(entry)}
        for start, batch in parquet.batches_of(name, file, layout.columns):
            rows = np.arange(start + 1, start + batch.num_rows + 1)
            cells = {
                column: _values(batch.column(column), column in numbers)
                for column in layout.columns
            }
            yield Batch(cells, rows)


def _values(column: Any, numbers: bool) -> Sequence[str] | Array:
    """Return a column of a Parquet file: numbers as they are, else as texts.

    Each different value is written as a text once.
    """
    pa = parquet.arrow()
    kind = column.type
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if numbers and plain and not column.null_count:
        found: Array = column.to_numpy(zero_copy_only=False).astype(np.float64)
        return found
    if not pa.types.is_dictionary(kind):
        column = column.dictionary_encode()
    words = [as_text(value) for value in column.dictionary.to_pylist()]
    places = column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    texts: list[str] = np.array([*words, ""], dtype=object)[places].tolist()
    return texts
