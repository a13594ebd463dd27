"""The tables that users get, and the dtype, unit and meaning of their columns in two languages.

``data/tables.csv`` lists the tables by name, ``holder.table``: the class that has it and its name
there. ``data/columns.csv`` describes the columns. A column means the same in every table; where it
does not, a row of its own names the tables. Documentation, headings and a test that the columns of
every table match are made from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message
from fsinsure.statuses import package_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

DTYPES: Final = ("text", "category", "integer", "number", "boolean", "mixed")
"""``category`` is text in an order of its own, ``mixed`` numbers and texts."""

BY_ROW: Final = "by row"
"""The unit of a column whose rows have units of their own."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        As in the table; ``*`` stands for any text.
    dtype
        One of :data:`DTYPES`.
    unit
        ``persons``, ``yuan``, ``share`` ...; empty for none, ``by row`` if the rows say.
    labels
        The kind of label that names its texts, such as ``status``; empty if they stay as they are.
    title, meaning
        By language.
    """

    name: str
    dtype: str
    unit: str
    labels: str
    title: Mapping[str, str]
    meaning: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    name
        ``holder.table``.
    file
        The CSV file that ``write`` makes of it; empty if none.
    title
        By language.
    columns
        In their order.
    optional
        Those of them that are there with some methods only.
    """

    name: str
    file: str
    title: Mapping[str, str]
    columns: tuple[Column, ...]
    optional: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(one.name for one in self.columns)

    @property
    def levelled(self) -> bool:
        """Whether it has rows of areas and of their total."""
        return {"level", "area"} <= set(self.names)

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        InputError
            If the table has none.
        """
        for one in self.columns:
            if fnmatchcase(name, one.name):
                return one
        hint = did_you_mean(name, self.names)
        raise InputError(
            "table {name} has no column {column!r}.{hint}", name=self.name, column=name, hint=hint
        )


@cache
def columns() -> dict[tuple[str, str], Column]:
    """Return every column by its name and the table that it is special to, or an empty text."""
    texts = ("zh", "en", "meaning_zh", "meaning_en")
    names = ("column", "tables", "dtype", "unit", "labels", *texts)
    found: dict[tuple[str, str], Column] = {}
    for row in package_rows("columns", names):
        one = Column(
            row["column"],
            row.choice("dtype", DTYPES),
            row["unit"],
            row["labels"],
            {"zh": row.required("zh"), "en": row.required("en")},
            {"zh": row.required("meaning_zh"), "en": row.required("meaning_en")},
        )
        for table in row["tables"].split() or ("",):
            if (one.name, table) in found:
                raise row.error(
                    "column",
                    "{name} occurs twice for {table}",
                    name=one.name,
                    table=(table or Message("all tables")),
                )
            found[one.name, table] = one
    return found


@cache
def tables() -> dict[str, Table]:
    """Return every table by name, in the order of the file."""
    known = columns()
    found = {}
    for row in package_rows("tables", ("table", "file", "zh", "en", "columns")):
        name, words = row["table"], row["columns"].split()
        plain = [word.removesuffix("?") for word in words]
        for word in plain:
            if (word, name) not in known and (word, "") not in known:
                raise row.error("columns", "{word!r} is not in columns.csv", word=word)
        described = tuple(known.get((word, name)) or known[word, ""] for word in plain)
        optional = frozenset(word[:-1] for word in words if word.endswith("?"))
        title = {"zh": row.required("zh"), "en": row.required("en")}
        found[name] = Table(name, row["file"], title, described, optional)
    return found


def of_holder(holder: str) -> dict[str, Table]:
    """Return the tables of a class by their names there.

    >>> list(of_holder("answer"))
    ['path', 'people', 'funds']
    """
    return {
        name.removeprefix(f"{holder}."): one
        for name, one in tables().items()
        if name.startswith(f"{holder}.")
    }
