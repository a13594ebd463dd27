"""A user's own table of persons, CSV or Parquet, read as a mapping file says.

The table is read in batches and all of it is checked before anything is returned: the result is
the whole population or an error.

Duplicate ids are found with eight bytes of memory per person. Each id is hashed to 64 bits. Equal
ids have equal hashes, so every duplicate is found; where hashes are equal, the ids themselves are
read again and compared, so different ids are never reported.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.files import reason
from fsinsure.messages import Message, separated
from fsinsure.microdata import parquet
from fsinsure.microdata.cells import Coded, Entry, Parser, as_text, numeric, text_at
from fsinsure.microdata.mapping import Layout, read_mapping
from fsinsure.microdata.problems import Problems
from fsinsure.microdata.schema import BIRTH, ID, WAGE, Persons, Schema, joined, schema_of
from fsinsure.region.load import find_region
from fsinsure.region.region import Region
from fsinsure.rules.lognormal import share_above
from fsinsure.state import FEN, RANKS
from fsinsure.statuses import PENSIONERS, STATUSES
from fsinsure.tabular import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TextIO

    from numpy.typing import NDArray

    from fsinsure.arrays import Array
    from fsinsure.microdata.cells import Cells

    Ids = Sequence[Any] | NDArray[Any]

BATCH: Final = 65_536
PARQUET: Final = (".parquet", ".pq")
HAS_PENSION: Final = np.array([*(name in PENSIONERS for name in STATUSES), True])
"""Whether a status has a pension in payment; the last entry is of cells already refused."""


def own_layout(schema: Schema, weight: float) -> Layout:
    """Return the layout that :func:`fsinsure.microdata.parquet.save` writes."""
    entries = {ID: Entry(ID, column=ID)} | {
        name: Entry(name, kind, name, scale=FEN if kind.unit == "yuan" else 1)
        for name, kind in schema.columns.items()
    }
    return Layout(schema, entries, weight=weight)


class Batch(NamedTuple):
    """Some rows of a table by column, as texts or as numbers, and their numbers in the file."""

    cells: Mapping[str, Cells]
    rows: NDArray[np.int64]


def load_persons(
    path: str | Path,
    mapping: str | Path | None = None,
    *,
    weight: float | None = None,
    region: Region | str | None = None,
) -> Persons:
    """Read persons for :func:`fsinsure.run`: a file of our layout, or your own with a mapping file.

    Parameters
    ----------
    path
        A Parquet file that :meth:`fsinsure.Result.save_persons` wrote, or one of the same layout;
        with `mapping` any ``.csv`` or ``.parquet`` file.
    mapping
        The mapping file (docs/persons.md); it also holds the weight, and may name the region.
    weight
        Number of people that each person represents, 0.01 to 1e9. Needed for a Parquet file of
        the layout whose metadata does not hold it, for example because pandas saved it again.
    region
        The region of the persons, its name or its folder: by default the one that the file names,
        or else the default region.

    Returns
    -------
    Persons
        In the order of the file.

    Raises
    ------
    InputError
        If pyarrow, which Parquet needs, is not installed, a weight is given beside a mapping, or
        there is no such region.
    DataError
        If a file cannot be read or is damaged, is of another region or date, its weight is
        unknown, or a column, code, date,
        number, blank or id cannot be used: with file, row (in a CSV the line; in a Parquet file the
        first row is 1) and column, and the number of further problems.
    """
    given = region if region is None or isinstance(region, Region) else find_region(region)
    if mapping is None:
        schema = schema_of(given) if given else None
        schema, weight = parquet.check_layout(path, schema, weight)
        return _load(str(path), own_layout(schema, weight), _from_parquet)
    if weight is not None:
        raise InputError("give the weight in the mapping file, 'weight: ...', or leave out mapping")
    read = _from_parquet if Path(path).suffix.lower() in PARQUET else _from_csv
    return _load(str(path), read_mapping(mapping, given), read)


def _load(name: str, layout: Layout, read: Callable[[str, Layout], Iterator[Batch]]) -> Persons:
    column = str(layout.entries[ID].column)
    problems = Problems(name)
    parsers = {name: Parser(entry) for name, entry in layout.entries.items() if name != ID}
    parts, hashes = [], []
    for batch in read(name, layout):
        hashes.append(id_hashes(_ids(batch, column, problems)))
        parts.append(_arrays(batch, parsers, layout.schema, problems))
    problems.raise_if_any()
    if not parts:
        raise DataError("{name}: no rows; a population has at least one person", name=name)
    ids = ((_ids(batch, column, problems), batch.rows) for batch in read(name, layout))
    report_duplicates(np.concatenate(hashes), ids, column, problems)
    problems.raise_if_any()
    return Persons(joined(parts), layout.schema, layout.weight)


def _ids(batch: Batch, column: str, problems: Problems) -> Ids:
    cells = batch.cells[column]
    ids = cells.texts[cells.codes] if isinstance(cells, Coded) else cells
    blank = np.asarray(ids, dtype=object) == ""
    problems.add_rows(
        blank, batch.rows, column, lambda _: Message("the cell is blank; every person needs an id")
    )
    return ids


def id_hashes(ids: Ids) -> NDArray[np.uint64]:
    """Return a hash for each id, of a batch of integers or of texts ``[person]``."""
    from pandas.util import hash_array

    array = np.asarray(ids)
    if array.dtype.kind not in "iu":
        array = array.astype(object)
    return hash_array(array, categorize=False)


def report_duplicates(
    hashes: NDArray[np.uint64],
    batches: Iterable[tuple[Ids, NDArray[np.int64]]],
    column: str,
    problems: Problems,
) -> None:
    """Add a problem for each person whose id occurs in an earlier row.

    The message does not contain the id, which may identify a real person.

    Parameters
    ----------
    hashes
        Of all ids of the file.
    batches
        Ids and their row numbers; read only if some hashes are equal.
    column
        The column of ids in the file.
    problems
        Where they are added.
    """
    hashes = np.sort(hashes)
    candidates = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(candidates):
        return
    first: dict[Any, int] = {}
    for ids, rows in batches:
        for position in np.flatnonzero(np.isin(id_hashes(ids), candidates)).tolist():
            row = int(rows[position])
            earlier = first.setdefault(ids[position], row)
            if earlier != row:
                problems.add(
                    row,
                    column,
                    Message("same id as row {earlier}; each person needs its own", earlier=earlier),
                )


def _arrays(
    batch: Batch, parsers: dict[str, Parser], schema: Schema, problems: Problems
) -> dict[str, NDArray[Any]]:
    """Return a batch as the arrays of :class:`Persons`; what cannot be used is a problem."""
    found = {target: _parsed(batch, parser, problems) for target, parser in parsers.items()}
    if BIRTH in found:
        found["birth_year"], month = np.divmod(found.pop(BIRTH), 12)
        found["birth_month"] = month + 1
    if WAGE in found:
        entry = parsers[WAGE].entry
        below = 1 - share_above(found.pop(WAGE), entry.mean, entry.cv)
        found["wage_rank"] = np.minimum(np.floor(below * RANKS), RANKS - 1)
    status = np.nan_to_num(found["status"], nan=-1).astype(np.int64)  # -1: already refused
    problems.add_rows(
        (np.nan_to_num(found["pension"]) > 0) & ~HAS_PENSION[status],
        batch.rows,
        parsers["pension"].entry.column or "pension",
        lambda at: Message(
            "a pension in payment, but the status is {status}", status=STATUSES[int(status[at])]
        ),
    )
    return {
        name: np.nan_to_num(found[name]).astype(column.dtype)
        for name, column in schema.columns.items()
    }


def _parsed(batch: Batch, parser: Parser, problems: Problems) -> Array:
    """Return a column as numbers, NaN for cells with a problem."""
    entry = parser.entry
    if entry.column is None:
        return np.full(len(batch.rows), parser[entry.value])
    cells = batch.cells[entry.column]
    found = parser.all(cells)
    bad = np.isnan(found)
    if bad.any():
        problems.add_rows(
            bad, batch.rows, entry.column, lambda at: parser.problem(text_at(cells, at))
        )
    return found


def _from_csv(name: str, layout: Layout) -> Iterator[Batch]:
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    try:
        with Path(name).open(encoding=encoding, newline="") as stream:
            yield from _csv_batches(name, stream, layout.columns)
    except OSError as error:
        raise DataError(
            "{name}: cannot be read: {strerror}", name=name, strerror=reason(error)
        ) from error


def _csv_batches(name: str, stream: TextIO, wanted: list[str]) -> Iterator[Batch]:
    table = rows_of(name, stream)
    row, header = next(table, (1, []))
    places = _places(f"{name}:{row}", [cell.strip() for cell in header], wanted)
    while True:
        rows, records = [], []
        for row, record in islice(table, BATCH):
            rows.append(row)
            records.append(record)
        if not rows:
            return
        across = list(zip(*records, strict=True))
        cells = {column: [text.strip() for text in across[at]] for column, at in places.items()}
        yield Batch(cells, np.array(rows, dtype=np.int64))


def _places(name: str, header: list[str], wanted: list[str]) -> dict[str, int]:
    """Return the position of each column that a mapping names."""
    if not header:
        raise DataError("{name}: no header; the first line names the columns", name=name)
    for column in wanted:
        if column not in header:
            raise DataError(
                "{name}: no column {column!r}, which the mapping names.{hint} There are: {header}",
                name=name,
                column=column,
                hint=did_you_mean(column, header),
                header=separated(header),
            )
        if header.count(column) > 1:
            raise DataError(
                "{name}:{column}: the column occurs twice; keep one", name=name, column=column
            )
    return {column: header.index(column) for column in wanted}


def _from_parquet(name: str, layout: Layout) -> Iterator[Batch]:
    with parquet.opened(name) as file:
        schema, ids = file.schema_arrow, layout.entries[ID].column
        _places(name, schema.names, layout.columns)
        for column in layout.columns:
            parquet.check_kind(name, column, schema.field(column).type, parquet.KINDS)
        texts = {entry.column for entry in layout.entries.values() if not numeric(entry)}
        for start, batch in parquet.batches_of(name, file, layout.columns):
            cells = {}
            for column in layout.columns:
                with parquet.reading(f"{name}:{column}"):
                    cells[column] = _cells(batch.column(column), column in texts, column == ids)
            yield Batch(cells, np.arange(start + 1, start + batch.num_rows + 1))


def _cells(column: Any, as_texts: bool, ids: bool) -> Cells:
    """Return a column of a Parquet file: as numbers, or as coded texts where texts are needed.

    Ids are texts unless they are integers.
    """
    types = parquet.arrow().types
    if types.is_floating(column.type):
        column = column.cast("float64")
    whole = types.is_integer(column.type) and (ids or not as_texts)
    if not column.null_count and (whole or (types.is_floating(column.type) and not as_texts)):
        numbers: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return numbers
    if not types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = column.dictionary
    if types.is_date(values.type) or types.is_timestamp(values.type):
        values = values.cast("string")  # Python has no dates before year 1 and after 9999
    texts = np.array([*map(as_text, values.to_pylist()), ""], dtype=object)
    return Coded(texts, column.indices.fill_null(len(values)).to_numpy())
