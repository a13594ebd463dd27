"""The tables of a region and of a layer of law: their columns, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError
from fsinsure.life_tables import FERTILITY_COLUMNS, LIFE_TABLES
from fsinsure.region import analogues
from fsinsure.sources import CONFLICT_COLUMNS, FIGURE_COLUMNS, OUTCOME_COLUMNS, data_folder
from fsinsure.tabular import records, utf8_text

if TYPE_CHECKING:
    from pathlib import Path

    from fsinsure.tabular import Record

VALUE_COLUMNS: Final = ("parameter", "from", "value", "unit", "source", "confidence", "note")
PROFILE_COLUMNS: Final = (
    "profile", "sex", "age", "weight", "unit", "date", "source", "confidence", "note",
)  # fmt: skip
CENSUS_COLUMNS: Final = (
    "census", "area", "sex", "age_group", "value", "unit", "date", "source", "confidence", "note",
)  # fmt: skip
RANGE_COLUMNS: Final = ("low", "high", "basis", "known")
"""What a value may have beside: its range, what the range rests on, and when it became known."""

PROVENANCE: Final = ("unit", "date", "source", "confidence", "note")
"""Columns that a demographic table may have beside its own."""

LAW: Final = "law"
"""The folder of layers: of the library, or of a region."""


@dataclass(frozen=True)
class Table:
    """A table of a folder.

    Parameters
    ----------
    columns, optional
        Those that it must have, and those that it may have.
    may_be_empty
        Whether it may have a header only, or be missing.
    may_be_blank
        Columns whose cells may be blank.
    """

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_be_empty: bool = False
    may_be_blank: tuple[str, ...] = ("area", "note", "scope")


_LIVES: Final = tuple(column for pair in LIFE_TABLES.values() for column in pair)

TABLES: Final = {
    "values.csv": Table(VALUE_COLUMNS, RANGE_COLUMNS),
    "figures.csv": Table(FIGURE_COLUMNS),
    "census.csv": Table(CENSUS_COLUMNS),
    "assumptions.csv": Table(
        VALUE_COLUMNS,
        ("area", *RANGE_COLUMNS),
        may_be_blank=("area", "from", "unit", "note", *RANGE_COLUMNS),
    ),
    "profiles.csv": Table(PROFILE_COLUMNS),
    "outcomes.csv": Table(
        OUTCOME_COLUMNS,
        ("measure", "known", "fitted"),
        may_be_empty=True,
        may_be_blank=("area", "note", "scope", "measure", "known", "fitted"),
    ),
    "analogues.csv": Table(analogues.COLUMNS, may_be_empty=True, may_be_blank=("known", "note")),
    "conflicts.csv": Table(CONFLICT_COLUMNS, may_be_empty=True),
    "mortality.csv": Table(("age", *_LIVES), PROVENANCE),
    "fertility.csv": Table(FERTILITY_COLUMNS, PROVENANCE),
}
"""Every table of a region or of a layer of law; what else lies in a folder is not read."""

FILES: Final = ("region.yaml", "layer.yaml", *TABLES)
"""The files of a region and of a layer of law."""


def shown(folder: Path, name: str) -> str:
    """Return the name of a file in messages: ``my-city/figures.csv``, ``law/china/values.csv``."""
    home = folder.parent
    if home.name != LAW:
        return f"{folder.name}/{name}"
    region = "" if home.parent == data_folder() else f"{home.parent.name}/"
    return f"{region}{LAW}/{folder.name}/{name}"


def rows_in(folder: Path, name: str) -> list[Record]:
    """Read a table of a folder; none of :data:`TABLES` that may be empty has to be there.

    Raises
    ------
    DataError
        If it is missing or cannot be used; the message names file, row and column.
    """
    path, table = folder / name, TABLES[name]
    if not path.is_file():
        if table.may_be_empty:
            return []
        raise DataError(
            "{shown}: there is no such file; it needs the columns {columns}",
            shown=shown(folder, name),
            columns=",".join(table.columns),
        )
    return records(
        shown(folder, name),
        utf8_text(path),
        table.columns,
        table.optional,
        may_be_empty=table.may_be_empty,
    )
