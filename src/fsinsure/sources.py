"""Sources: the published figures and tables in ``data/``, each with its source and confidence.

``plan`` in a source is the 佛山市人力资源和社会保障事业发展“十四五”规划 (2021-2025), with chapter
and section. Confidence is one of

plan
    The figure stands in the plan.
official
    It stands in a law, notice, bulletin or table of an authority.
secondary
    It was taken from the press or from a compilation by others.
assumption
    It is not published; a scenario can override it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.tabular import Record, records, utf8_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from fsinsure.arrays import Array


CONFIDENCES: Final = ("plan", "official", "secondary", "assumption")

LIFE_TABLES: Final = {
    "CL1-CL2": ("CL1", "CL2"),
    "CL3-CL4": ("CL3", "CL4"),
    "CL5-CL6": ("CL5", "CL6"),
}
"""The published life tables: the columns of men and women."""

_PROVENANCE: Final = ("unit", "date", "source", "confidence", "note")

# The columns that name a row, and those that hold its value; the others give its provenance.
_LAYOUT: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "age_shape": (("age_group",), ("value",)),
    "census": (("dimension", "group"), ("value",)),
    "coverage": (("measure", "group"), ("coverage",)),
    "defaults": (("parameter",), ("value",)),
    "facts": (("fact",), ("value",)),
    "fertility": (("age_group",), ("value",)),
    "mortality": (("age",), ("CL1", "CL2", "CL3", "CL4", "CL5", "CL6")),
    "profiles": (("profile", "sex", "age"), ("weight",)),
    "reference_cases": (("rule",), ("value",)),
}

_POWERS: Final = {"‰": -3, "%": -2, "thousand": 3, "万": 4, "亿": 8}
"""Powers of ten that a unit may begin with."""


@dataclass(frozen=True)
class Fact:
    """A published figure.

    Parameters
    ----------
    name
        Dotted and stable: ``enrollment.unemployment``.
    value
        As published, digit for digit: ``Decimal('306.39')``.
    unit
        As published: ``万人``, ``亿元``, ``%`` ...
    date
        The day, the year or the years (``2016/2020``) that it refers to.
    source, confidence
        The source, and its confidence (see the module).
    en, zh
        The meaning.
    note
        Caveats for its use.
    """

    name: str
    value: Decimal
    unit: str
    date: str
    source: str
    confidence: str
    en: str
    zh: str
    note: str

    @property
    def amount(self) -> float:
        """The value in base units: persons, yuan, a fraction."""
        return base_amount(self.value, self.unit)

    @property
    def half_unit(self) -> float:
        """Half a unit of the last digit published, in base units: 50 for ``306.39`` 万人."""
        return half_unit(self.value, self.unit)


def base_amount(value: Decimal, unit: str) -> float:
    """Return a value in base units: 3063900.0 for ``306.39`` 万人."""
    return float(value.scaleb(_power(unit)))


def half_unit(value: Decimal, unit: str) -> float:
    """Return half a unit of the last digit of a value, in base units: 50.0 for ``306.39`` 万人."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return float(Decimal(5).scaleb(exponent - 1 + _power(unit)))


def _power(unit: str) -> int:
    return next((power for prefix, power in _POWERS.items() if unit.startswith(prefix)), 0)


@dataclass(frozen=True)
class Conflict:
    """Two readings of the plan that cannot both hold, and which one the library uses.

    Parameters
    ----------
    id
        ``D02``.
    topic
        The measure or fact in question.
    reading_a, reading_b
        The first and the second reading.
    where
        Their places in the plan, in the same order.
    used
        ``a``, ``b``, or ``both`` if each is used on its own.
    why, zh
        The reason, in English and in Chinese.
    """

    id: str
    topic: str
    reading_a: str
    reading_b: str
    where: str
    used: str
    why: str
    zh: str


def _folder() -> Traversable:
    return files("fsinsure").joinpath("data")


@cache
def package_records(name: str) -> tuple[Record, ...]:
    """Return the rows of a packaged table with their positions; see :func:`table`."""
    found = [file for file in _tables() if file.name == f"{name}.csv"]
    if not found:
        known = [file.name.removesuffix(".csv") for file in _tables()]
        raise InputError(
            f"there is no table {name!r}.{did_you_mean(name, known)} Tables: {', '.join(known)}"
        )
    text = found[0].read_text(encoding="utf-8")
    columns = text.partition("\n")[0].strip().split(",")
    return tuple(records(found[0].name, text, columns))


def _tables() -> list[Traversable]:
    tables = [file for file in _folder().iterdir() if file.name.endswith(".csv")]
    return sorted(tables, key=lambda file: file.name)


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a packaged table as text by column.

    Parameters
    ----------
    name
        Without ``.csv``: ``census``, ``profiles`` ...

    Raises
    ------
    InputError
        If there is no such table; the message lists them.
    """
    return [dict(record.cells) for record in package_records(name)]


def facts_in(rows: Sequence[Record]) -> dict[str, Fact]:
    """Turn rows into facts by name.

    Raises
    ------
    DataError
        If a cell is blank, a value is not a number, a confidence is unknown or a name occurs
        twice; the message names file, row and column.
    """
    found: dict[str, Fact] = {}
    for row in rows:
        name = row.required("fact")
        if name in found:
            raise row.error("fact", f"{name} occurs twice; keep one row")
        found[name] = Fact(
            name=name,
            value=row.number("value"),
            confidence=row.choice("confidence", CONFIDENCES),
            note=row["note"],
            **{column: row.required(column) for column in ("unit", "date", "source", "en", "zh")},
        )
    return found


@cache
def facts() -> Mapping[str, Fact]:
    """Return every published figure by name, in the order of ``data/facts.csv``."""
    return MappingProxyType(facts_in(package_records("facts")))


@cache
def conflicts() -> tuple[Conflict, ...]:
    """Return the contradictions of the plan that touch the model, with the reading in use."""
    found = []
    for row in package_records("conflicts"):
        row.choice("used", ("a", "b", "both"))
        found.append(Conflict(**{column: row.required(column) for column in row.cells}))
    return tuple(found)


def listing(
    text: str = "", confidence: str | None = None, file: str | None = None
) -> list[dict[str, str]]:
    """List the values of all tables with their sources.

    Parameters
    ----------
    text
        Only rows that contain this text, in either language; case is ignored.
    confidence
        Only rows of this confidence.
    file
        Only rows of this table, with or without ``.csv``.

    Returns
    -------
    list of dict
        ``file``, ``name``, ``value``, ``unit``, ``date``, ``source``, ``confidence``, ``note``;
        ``en`` and ``zh`` where the table has them, else empty.

    Raises
    ------
    InputError
        If the confidence or the table is unknown.
    """
    if confidence is not None and confidence not in CONFIDENCES:
        raise InputError(
            f"{confidence!r} is not a confidence.{did_you_mean(confidence, CONFIDENCES)} "
            f"Known: {', '.join(CONFIDENCES)}"
        )
    names = sorted(name for name in _LAYOUT if any(t.name == f"{name}.csv" for t in _tables()))
    if file is not None:
        chosen = file.removesuffix(".csv")
        if chosen not in names:
            raise InputError(
                f"there is no table of values {file!r}.{did_you_mean(chosen, names)} "
                f"Known: {', '.join(names)}"
            )
        names = [chosen]
    rows = [_listed(name, record) for name in names for record in package_records(name)]
    return [
        row
        for row in rows
        if (confidence is None or row["confidence"] == confidence) and contains(row, text)
    ]


def contains(row: Mapping[str, str], text: str) -> bool:
    """Return whether a cell of a row contains a text; case is ignored."""
    return text.casefold() in "\n".join(row.values()).casefold()


def _listed(name: str, record: Record) -> dict[str, str]:
    keys, values = _LAYOUT[name]
    # A key of a table of the law is named after it: pension.annuity_divisors.60.
    parameter = record.cells.get("parameter", "")
    meaning = _meanings().get(parameter) or _meanings().get(parameter.rpartition(".")[0], {})
    cells = {**meaning, **record.cells}
    return {
        "file": f"{name}.csv",
        "name": " ".join(cells[key] for key in keys if cells[key]),
        "value": cells[values[0]]
        if len(values) == 1
        else " ".join(f"{v} {cells[v]}" for v in values),
        **{column: cells.get(column, "") for column in (*_PROVENANCE, "en", "zh")},
        "date": cells.get("date") or cells.get("from") or cells.get("year", ""),
    }


@cache
def _meanings() -> dict[str, dict[str, str]]:
    """Return the meaning of each parameter in both languages."""
    rows = package_records("parameters")
    return {row["parameter"]: {"en": row["en"], "zh": row["zh"]} for row in rows}


def data_hash() -> str:
    """Return the SHA-256 of all packaged tables, independent of the line ends of a checkout."""
    digest = hashlib.sha256()
    for file in _tables():
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def national_fertility() -> Array:
    """Births per woman in 2020 by age ``[101]``, from rates of five-year groups (UN WPP 2022)."""
    rates = np.zeros(AGES)
    for row in package_records("fertility"):
        first, last = (int(age) for age in row.required("age_group").split("-"))
        rates[first : last + 1] = float(row.number("value", 0, 1000).scaleb(-3))
    rates.flags.writeable = False
    return rates


@cache
def published_life_table(name: str) -> Array:
    """Return a published life table.

    Parameters
    ----------
    name
        ``CL1-CL2``, ``CL3-CL4`` or ``CL5-CL6``.

    Returns
    -------
    Array
        Yearly death probabilities q(x) ``[sex, age]`` for ages 0 to 105, read-only.

    Raises
    ------
    InputError
        If there is no such table.
    """
    if name not in LIFE_TABLES:
        raise InputError(
            f"there is no life table {name!r}.{did_you_mean(name, LIFE_TABLES)} "
            f"Known: {', '.join(LIFE_TABLES)}, or a CSV file with columns age, male, female"
        )
    q = life_table_in(package_records("mortality"), LIFE_TABLES[name])
    q.flags.writeable = False
    return q


def read_life_table(path: Path) -> Array:
    """Read a life table of the user.

    Parameters
    ----------
    path
        A UTF-8 CSV file with the columns ``age``, ``male`` and ``female``: yearly death
        probabilities for ages 0 to 100 or beyond, one row an age. Columns ``unit``, ``date``,
        ``source``, ``confidence`` and ``note`` may stand beside them.

    Returns
    -------
    Array
        q(x) ``[sex, age]``.

    Raises
    ------
    DataError
        If the file cannot be read, an age is missing, twice or out of order, or a probability is
        blank, not a number or outside 0 to 1; the message names file, row and column.
    """
    return life_table_in(records(str(path), utf8_text(path), ("age", *SEXES), _PROVENANCE), SEXES)


def life_table_in(rows: Sequence[Record], columns: tuple[str, str]) -> Array:
    """Turn rows into death probabilities ``[sex, age]``; see :func:`read_life_table`."""
    for expected, row in enumerate(rows):
        if row.number("age") != expected:
            raise row.error(
                "age", f"{row['age']} where {expected} is expected; one row an age, from 0 on"
            )
    if len(rows) < AGES:
        raise DataError(
            f"{rows[-1].file}:{rows[-1].row}:age: the table ends at age {len(rows) - 1}; it must "
            f"reach {AGES - 1}"
        )
    return np.array([[float(row.number(column, 0, 1)) for row in rows] for column in columns])
