"""A population as a Parquet file of the library's own layout (docs/persons.md).

Files are read batch by batch and written batch by batch under a temporary name.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from fsinsure.dims import BASE_YEAR
from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.microdata.schema import COLUMNS, ID, YES_NO, Persons, check_weight
from fsinsure.state import FEN

LAYOUT: Final = "1"
"""Version of the layout, stored in the metadata of the file."""
BATCH: Final = 131_072
"""Rows converted at a time."""
MOST_ROWS: Final = 2_000_000_000
"""More than the residents of any country; a footer that declares more rows is damaged."""
KINDS: Final = ("texts", "integers", "numbers", "booleans", "dates")
"""Kinds of columns that can be read; an integer column also holds numbers."""


def arrow() -> Any:
    """Return pyarrow with the modules used here.

    Raises
    ------
    InputError
        If it is not installed; the message gives the command.
    """
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise InputError(
            "Parquet files need pyarrow, which is not installed: pip install 'fsinsure[parquet]'"
        ) from error
    return pyarrow


def save(path: str | Path, batches: Iterable[Persons]) -> int:
    """Write persons as a Parquet file with the ids 0, 1, 2, ...

    Parameters
    ----------
    path
        The file; missing folders are created. A symbolic link is replaced, not followed.
    batches
        Persons in order, all of one weight. One batch is in memory at a time.

    Returns
    -------
    int
        Number of persons written.

    Raises
    ------
    InputError
        If pyarrow is missing or the file cannot be written; an existing file is then unchanged.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        count = _write(part, batches)
        os.replace(part, path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}. Choose another folder, or free it."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _write(part: Path, batches: Iterable[Persons]) -> int:
    pa = arrow()
    first, writer = 0, None
    # Exclusive creation follows no link that another process may have put there.
    with part.open("xb") as stream:
        try:
            for batch in batches:
                table = _table(pa, batch, first)
                if writer is None:
                    writer = pa.parquet.ParquetWriter(
                        stream, table.schema, compression="zstd", write_page_checksum=True
                    )
                writer.write_table(table)
                first += len(batch)
        finally:
            if writer is not None:
                writer.close()
    if writer is None:
        raise InputError("no persons to save: the population is empty")
    return first


def _table(pa: Any, batch: Persons, first: int) -> Any:
    arrays = {ID: pa.array(np.arange(first, first + len(batch)))}
    for name, column in COLUMNS.items():
        values = batch[name]
        if column.name == "cadre":
            arrays[name] = pa.array(values.astype(bool))
        elif column.codes:
            codes = pa.array(values.astype(np.int16))
            arrays[name] = pa.DictionaryArray.from_arrays(codes, pa.array(column.codes))
        else:
            arrays[name] = pa.array(values / FEN if column.unit == "yuan" else values)
    metadata = {
        "fsinsure.layout": LAYOUT,
        "fsinsure.date": f"{BASE_YEAR}-12-31",
        "fsinsure.weight": repr(check_weight(batch.weight, "the population")),
    }
    return pa.table(arrays, metadata=metadata)


def check_layout(path: str | Path, weight: float | None = None) -> float:
    """Check that a file has the columns of the layout, and return its weight.

    Parameters
    ----------
    path
        The file.
    weight
        Number of people that each person represents, for a file whose metadata does not hold it.

    Raises
    ------
    InputError
        If pyarrow is not installed.
    DataError
        If the file cannot be read, has other columns or another date, or its weight is unknown.
    """
    name = str(path)
    with opened(path) as file:
        _check_columns(name, file.schema_arrow)
        return _weight(name, file.schema_arrow.metadata or {}, weight)


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Turn every error of pyarrow, and of texts that are not UTF-8, into a DataError.

    Parameters
    ----------
    where
        What was read, for the message.
    """
    try:
        yield
    except (OSError, UnicodeError, OverflowError, arrow().ArrowException) as error:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(f"{where}: cannot be read: {text.splitlines()[0]}") from error


@contextmanager
def opened(path: str | Path) -> Iterator[Any]:
    """Open a Parquet file whose schema can be read.

    Raises
    ------
    InputError, DataError
        If pyarrow is missing; if the file does not exist or is not a Parquet file.
    """
    pa = arrow()
    with reading(f"{path}"):
        file = pa.parquet.ParquetFile(path, page_checksum_verification=True)
    with file:
        with reading(f"{path}"):
            declared = file.metadata.num_rows, file.schema_arrow.names
        if not 0 <= declared[0] <= MOST_ROWS:
            raise DataError(f"{path}: damaged: the footer declares {declared[0]:,} rows")
        yield file


def batches_of(name: str, file: Any, columns: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield batches of a Parquet file, checked against its own types, and their first row from 0.

    Raises
    ------
    DataError
        If a batch is damaged, a text is not UTF-8, or the file does not hold the number of rows
        that its footer declares.
    """
    start = 0
    batches = file.iter_batches(BATCH, columns=columns)
    while True:
        with reading(f"{name}: damaged after row {start}"):
            batch = next(batches, None)
        if batch is None:
            break
        for column in columns:
            with reading(f"{name}:{column}: damaged after row {start}"):
                batch.column(column).validate(full=True)
        yield start, batch
        start += batch.num_rows
    if start != file.metadata.num_rows:
        raise DataError(
            f"{name}: damaged: the footer declares {file.metadata.num_rows:,} rows, "
            f"the file holds {start:,}"
        )


def check_kind(file: str, column: str, kind: Any, allowed: tuple[str, ...]) -> None:
    """Refuse a column whose type is none of the allowed :data:`KINDS`.

    A dictionary-encoded column is of the kind of its values.
    """
    types = arrow().types
    value = kind.value_type if types.is_dictionary(kind) else kind
    found = {
        "texts": types.is_string(value) or types.is_large_string(value),
        "integers": types.is_integer(value),
        "numbers": types.is_integer(value) or types.is_floating(value) or types.is_decimal(value),
        "booleans": types.is_boolean(value),
        "dates": types.is_date(value) or types.is_timestamp(value),
    }
    if not any(found[name] for name in allowed):
        raise DataError(f"{file}:{column}: the column is {kind}; expected {' or '.join(allowed)}")


def _check_columns(name: str, schema: Any) -> None:
    known, columns = [ID, *COLUMNS], schema.names
    missing = [column for column in known if column not in columns]
    if missing:
        raise DataError(
            f"{name}: no column {', '.join(missing)}; a file of our layout has "
            f"{', '.join(known)}. For another layout give a mapping file (docs/persons.md)."
        )
    for column in columns:
        if column not in known:
            raise DataError(f"{name}:{column}: unknown column.{did_you_mean(column, known)}")
        if columns.count(column) > 1:
            raise DataError(f"{name}:{column}: the column occurs twice; keep one")
        allowed = ("integers", "texts") if column == ID else ("numbers",)
        if column != ID and COLUMNS[column].codes:
            allowed = ("texts", "booleans") if COLUMNS[column].codes == YES_NO else ("texts",)
        check_kind(name, column, schema.field(column).type, allowed)


def _weight(name: str, metadata: Mapping[bytes, bytes], given: float | None) -> float:
    """Return the weight of a file: as its metadata or the caller gives it, never a default."""
    expected = {"date": f"{BASE_YEAR}-12-31", "layout": LAYOUT}
    found = {
        key: metadata[f"fsinsure.{key}".encode()].decode(errors="replace")
        for key in (*expected, "weight")
        if f"fsinsure.{key}".encode() in metadata
    }
    for key, value in expected.items():
        if found.get(key, value) != value:
            raise DataError(f"{name}: {key} {found[key]}; this version reads {key} {value}")
    stated = found.get("weight")
    if stated is None and given is None:
        raise DataError(
            f"{name}: the metadata has no fsinsure.weight, the number of people that each person "
            "represents. Programs such as pandas drop it when they save the file again. Give it: "
            "load_persons(path, weight=...)."
        )
    if stated is None or given is None:
        return check_weight(given if stated is None else stated, name)
    if check_weight(stated, name) != given:
        raise DataError(
            f"{name}: weight={given!r}, but the metadata of the file has {stated}; leave weight out"
        )
    return given
