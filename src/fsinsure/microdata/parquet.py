"""A population as a Parquet file of our own layout (docs/persons.md).

Read in batches straight into arrays; written in batches under a temporary name, so that there is a
whole file or none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.dims import BASE_YEAR
from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.microdata.duplicates import accuse, marks, suspects
from fsinsure.microdata.problems import Complaints, check_pensions, out_of_bounds
from fsinsure.microdata.schema import COLUMNS, ID, Column, Persons, empty
from fsinsure.state import FEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

LAYOUT: Final = "1"
"""Version of the layout, kept in the file."""
BATCH: Final = 131_072
"""Rows that are converted at a time."""


def arrow() -> Any:
    """Return the modules of pyarrow that we use.

    Raises
    ------
    InputError
        If it is not installed; says how to.
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
    """Write persons as a Parquet file; their ids are 0, 1, 2 and so on.

    Parameters
    ----------
    path
        The file; its folder is made if it is not there.
    batches
        Persons in order, all of the same weight. Only one batch is in memory at a time.

    Returns
    -------
    int
        How many persons were written.

    Raises
    ------
    InputError
        If pyarrow is missing or the file cannot be written; a file that was there is kept.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        count = _write(part, batches)
        os.replace(part, path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}. Choose another folder, or free it."
        ) from error
    finally:
        if part.exists():
            part.unlink()
    return count


def _write(part: Path, batches: Iterable[Persons]) -> int:
    pa = arrow()
    first, writer = 0, None
    try:
        for batch in batches:
            table = _table(pa, batch, first)
            if writer is None:
                writer = pa.parquet.ParquetWriter(
                    part, table.schema, compression="zstd", write_page_checksum=True
                )
            writer.write_table(table)
            first += len(batch)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise InputError("there is nobody to save: the population has no batches")
    return first


def _table(pa: Any, batch: Persons, first: int) -> Any:
    arrays = {ID: pa.array(np.arange(first, first + len(batch)))}
    for name, column in COLUMNS.items():
        values = batch[name]
        if column.name == "cadre":
            arrays[name] = pa.array(values.astype(bool))
        elif column.codes:
            codes = pa.array(values.astype(np.int8))
            arrays[name] = pa.DictionaryArray.from_arrays(codes, pa.array(column.codes))
        else:
            arrays[name] = pa.array(values / FEN if column.unit == "yuan" else values)
    notes = {
        "fsinsure.layout": LAYOUT,
        "fsinsure.date": f"{BASE_YEAR}-12-31",
        "fsinsure.weight": repr(float(batch.weight)),
    }
    return pa.table(arrays, metadata=notes)


def load(path: str | Path) -> Persons:
    """Read a population that :func:`save` wrote, or a file of the same layout.

    Ids may be integers or texts of any length; persons are numbered in the order of the file.

    Raises
    ------
    InputError
        If pyarrow is not installed.
    DataError
        If the file cannot be read, or a column, code, number or id cannot be used: with file, row
        (the first is 1) and column, and how many more.
    """
    name = str(path)
    with opened(path) as file:
        _check_columns(name, file.schema_arrow.names)
        weight = _weight(name, file.schema_arrow.metadata or {})
        count = file.metadata.num_rows
        if not count:
            raise DataError(f"{name}: no rows; a population has at least one person")
        found, ids = empty(count), np.empty(count, dtype=np.uint64)
        complaints = Complaints(name)
        for start, batch in batches_of(name, file, [ID, *COLUMNS]):
            stop = start + batch.num_rows
            rows = np.arange(start + 1, stop + 1)
            ids[start:stop] = marks(identities(batch.column(0), rows, ID, complaints))
            values = {
                key: _values(batch.column(at), column, rows, complaints)
                for at, (key, column) in enumerate(COLUMNS.items(), start=1)
            }
            check_pensions(
                values["status"].astype(np.int64), values["pension"], rows, "pension", complaints
            )
            for key, array in values.items():
                found[key][start:stop] = np.maximum(array, 0).astype(COLUMNS[key].dtype)
        complaints.settle()
        suspected = suspects(ids)
        if len(suspected):
            accuse(_identities(name, file, complaints), suspected, ID, complaints)
        complaints.settle()
    return Persons(found, weight)


def opened(path: str | Path) -> Any:
    """Open a Parquet file.

    Raises
    ------
    InputError, DataError
        If pyarrow is missing; if the file is not there or is no Parquet file.
    """
    pa = arrow()
    try:
        return pa.parquet.ParquetFile(path, page_checksum_verification=True)
    except pa.ArrowInvalid as error:
        raise DataError(f"{path}: not a whole Parquet file: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def batches_of(name: str, file: Any, columns: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield batches of a Parquet file and the place of their first row."""
    pa = arrow()
    start = 0
    try:
        for batch in file.iter_batches(BATCH, columns=columns):
            # Columns come in the order of the file, whatever order was asked for.
            yield start, batch.select(columns)
            start += batch.num_rows
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{name}: damaged after row {start}: {error}") from error


def identities(
    column: Any, rows: NDArray[np.int64], name: str, complaints: Complaints
) -> NDArray[Any]:
    """Return the ids of a batch as integers or texts; a blank one is noted."""
    pa = arrow()
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (text or pa.types.is_integer(kind) or pa.types.is_dictionary(kind)):
        raise DataError(f"{complaints.file}:{name}: ids are {kind}; expected integers or texts")
    bad = _nulls(column)
    complaints.at(bad, rows, name, lambda _: "the cell is blank; every person needs an id")
    if bad.any():
        return np.zeros(len(rows), dtype=np.int64)  # the file is refused whatever they are
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _identities(
    name: str, file: Any, complaints: Complaints
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    for start, batch in batches_of(name, file, [ID]):
        rows = np.arange(start + 1, start + batch.num_rows + 1)
        yield identities(batch.column(0), rows, ID, complaints), rows


def _check_columns(name: str, columns: list[str]) -> None:
    known = [ID, *COLUMNS]
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
            raise DataError(f"{name}:{column}: the column is there twice; keep one")


def _weight(name: str, notes: dict[bytes, bytes]) -> float:
    date = notes.get(b"fsinsure.date", f"{BASE_YEAR}-12-31".encode()).decode()
    layout = notes.get(b"fsinsure.layout", LAYOUT.encode()).decode()
    if date != f"{BASE_YEAR}-12-31":
        raise DataError(f"{name}: persons of {date}; expected those of {BASE_YEAR}-12-31")
    if layout != LAYOUT:
        raise DataError(f"{name}: layout {layout}; this version reads layout {LAYOUT}")
    text = notes.get(b"fsinsure.weight", b"1").decode()
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise DataError(f"{name}: a weight of {text!r}; expected a number above 0")
    return weight


def _nulls(column: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = column.is_null(nan_is_null=False).to_numpy(zero_copy_only=False)
    return found


def _values(
    values: Any, column: Column, rows: NDArray[np.int64], complaints: Complaints
) -> NDArray[Any]:
    """Return a column of a batch as held in memory; bad cells are noted, bad codes -1."""
    blank = _nulls(values)
    complaints.at(blank, rows, column.name, lambda _: "the cell is blank; fill it")
    if column.codes:
        found, said = _codes(values, column), "one of " + ", ".join(column.codes)
        bad = (found < 0) & ~blank
    else:
        found, said = _numbers(values, column, complaints.file), f"{column.low:g}..{column.high:g}"
        bad = out_of_bounds(found, column.low, column.high) & ~blank
        if column.whole:
            broken = ~bad & ~blank & (found != np.rint(found))
            complaints.at(
                broken, rows, column.name, lambda at: f"{found[at]:g} is not a whole number"
            )
            blank = blank | broken
    shown: Any = values.to_pandas() if bad.any() else ()
    complaints.at(bad, rows, column.name, lambda at: f"{_shown(shown[at])} is not {said}")
    if column.unit == "yuan":
        found = np.rint(found * FEN)
    return np.where(bad | blank, -1 if column.codes else 0, found).astype(np.float64)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else f"{value}"


def _codes(values: Any, column: Column) -> NDArray[Any]:
    pa = arrow()
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
    if pa.types.is_boolean(values.type) and column.codes == ("no", "yes"):
        return np.asarray(values.fill_null(False).cast(pa.int8()))
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return np.full(len(values), -1)
    known = pa.array(column.codes, type=values.type)
    return np.asarray(pa.compute.index_in(values, value_set=known).fill_null(-1))


def _numbers(values: Any, column: Column, file: str) -> NDArray[Any]:
    pa = arrow()
    kind = values.type
    if pa.types.is_decimal(kind):
        values = values.cast(pa.float64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise DataError(f"{file}:{column.name}: the column is {kind}; expected numbers")
    return np.asarray(values.fill_null(0)).astype(np.float64)
