"""A population as a Parquet file of the library's own layout (docs/persons.md).

Files are read batch by batch and written batch by batch under a temporary name.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.files import reason
from fsinsure.messages import separated, verbatim
from fsinsure.microdata.schema import ID, YES_NO, Persons, Schema, check_weight, schema_of
from fsinsure.region.load import find_region, region_names
from fsinsure.state import FEN

if TYPE_CHECKING:
    import pandas as pd

LAYOUT: Final = "2"
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


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file.

    Raises
    ------
    InputError
        If pyarrow is not installed.
    """
    pa, buffer = arrow(), io.BytesIO()
    found = pa.Table.from_pandas(table, preserve_index=False)
    pa.parquet.write_table(found, buffer, compression="zstd")
    return buffer.getvalue()


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
            "cannot write {path}: {strerror}. Choose another folder, or free it.",
            path=path,
            strerror=reason(error),
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
    for name, column in batch.schema.columns.items():
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
        "fsinsure.region": batch.schema.region,
        "fsinsure.date": batch.schema.date,
        "fsinsure.weight": repr(check_weight(batch.weight, "the population")),
    }
    return pa.table(arrays, metadata=metadata)


def check_layout(
    path: str | Path, schema: Schema | None = None, weight: float | None = None
) -> tuple[Schema, float]:
    """Check that a file has the columns of the layout; return its schema and its weight.

    Parameters
    ----------
    path
        The file.
    schema
        Of the region of the persons; by default of the one that the metadata name, or else of the
        default region.
    weight
        Number of people that each person represents, for a file whose metadata does not hold it.

    Raises
    ------
    InputError
        If pyarrow is not installed.
    DataError
        If the file cannot be read, has other columns, another region or another date, or its
        weight is unknown.
    """
    name = str(path)
    with opened(path) as file:
        metadata = _metadata(file.schema_arrow.metadata or {})
        schema = schema or _schema(name, metadata.get("region"))
        expected = {"layout": LAYOUT, "region": schema.region, "date": schema.date}
        for key, value in expected.items():
            if metadata.get(key, value) != value:
                raise DataError(
                    "{name}: {key} {metadata}; expected {key} {value}",
                    name=name,
                    key=key,
                    metadata=metadata[key],
                    value=value,
                )
        _check_columns(name, file.schema_arrow, schema)
        return schema, _weight(name, metadata.get("weight"), weight)


def _metadata(metadata: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return what the metadata of a file hold of the layout."""
    keys = {key: f"fsinsure.{key}".encode() for key in ("layout", "region", "date", "weight")}
    return {
        key: metadata[own].decode(errors="replace") for key, own in keys.items() if own in metadata
    }


def _schema(file: str, region: str | None) -> Schema:
    """Return the schema of the region that a file names; of the default one for None."""
    if region is not None and region not in region_names():
        raise DataError(
            "{file}: persons of the region {region!r}, which is not shipped with the library. "
            "Give it: load_persons(path, region=...), a folder or what open_region returns.",
            file=file,
            region=region,
        )
    return schema_of(find_region(region))


@contextmanager
def reading(where: str, row: int | None = None) -> Iterator[None]:
    """Turn every error of pyarrow, and of texts that are not UTF-8, into a DataError.

    Parameters
    ----------
    where
        What was read, for the message.
    row
        After which row it must be damaged.
    """
    try:
        yield
    except (OSError, UnicodeError, OverflowError, arrow().ArrowException) as error:
        first = reason(error)
        if getattr(error, "errno", None) is None:  # pyarrow's own, of several lines
            first = verbatim(next(iter(str(first).splitlines()), ""))
        if row is not None:
            raise DataError(
                "{where}: damaged after row {row}: cannot be read: {error}",
                where=where,
                row=row,
                error=first,
            ) from error
        raise DataError("{where}: cannot be read: {error}", where=where, error=first) from error


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
            raise DataError(
                "{path}: damaged: the footer declares {declared:,} rows",
                path=path,
                declared=declared[0],
            )
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
        with reading(name, start):
            batch = next(batches, None)
        if batch is None:
            break
        for column in columns:
            with reading(f"{name}:{column}", start):
                batch.column(column).validate(full=True)
        yield start, batch
        start += batch.num_rows
    if start != file.metadata.num_rows:
        raise DataError(
            "{name}: damaged: the footer declares {num_rows:,} rows, the file holds {start:,}",
            name=name,
            num_rows=file.metadata.num_rows,
            start=start,
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
        raise DataError(
            "{file}:{column}: the column is {kind}; expected {allowed}",
            file=file,
            column=column,
            kind=kind,
            allowed=separated(allowed, " or "),
        )


def _check_columns(name: str, found: Any, schema: Schema) -> None:
    known, columns = [ID, *schema.columns], found.names
    missing = [column for column in known if column not in columns]
    if missing:
        raise DataError(
            "{name}: no column {missing}; a file of our layout has {known}. For another layout "
            "give a mapping file (docs/persons.md).",
            name=name,
            missing=separated(missing),
            known=separated(known),
        )
    for column in columns:
        if column not in known:
            raise DataError(
                "{name}:{column}: unknown column.{hint}",
                name=name,
                column=column,
                hint=did_you_mean(column, known),
            )
        if columns.count(column) > 1:
            raise DataError(
                "{name}:{column}: the column occurs twice; keep one", name=name, column=column
            )
        allowed = ("integers", "texts") if column == ID else ("numbers",)
        if column != ID and (codes := schema.columns[column].codes):
            allowed = ("texts", "booleans") if codes == YES_NO else ("texts",)
        check_kind(name, column, found.field(column).type, allowed)


def _weight(name: str, stated: str | None, given: float | None) -> float:
    """Return the weight of a file: as its metadata or the caller gives it, never a default."""
    if stated is None and given is None:
        raise DataError(
            "{name}: the metadata has no fsinsure.weight, the number of people that each person "
            "represents. Programs such as pandas drop it when they save the file again. Give it: "
            "load_persons(path, weight=...).",
            name=name,
        )
    if stated is None or given is None:
        return check_weight(given if stated is None else stated, name)
    if check_weight(stated, name) != given:
        raise DataError(
            "{name}: weight={given!r}, but the metadata of the file has {stated}; leave weight out",
            name=name,
            given=given,
            stated=stated,
        )
    return given
