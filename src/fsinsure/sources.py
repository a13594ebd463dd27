"""Published figures, conflicts and outcomes: rows of data with source and confidence.

Confidence is one of

plan
    The figure stands in the plan of the region that is assessed.
official
    It stands in a law, notice, bulletin or table of an authority.
secondary
    It was taken from the press or from a compilation by others.
assumption
    It is not published; a scenario can override it.

The basis of the range of an assumption is one of

estimate
    Estimated from data by a named estimator; a test computes it again.
analogue
    A published figure of a comparable place, or of the nation.
judgement
    Neither; the note says what was weighed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.errors import Position
from fsinsure.tabular import Record, known_on, last_day, records

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


CONFIDENCES: Final = ("plan", "official", "secondary", "assumption")

BASES: Final = ("estimate", "analogue", "judgement")
"""What the range of an assumption rests on; see the module."""

_POWERS: Final = {"‰": -3, "%": -2, "thousand": 3, "万亿": 12, "万": 4, "亿": 8}
"""Powers of ten that a unit may begin with."""


@dataclass(frozen=True)
class Figure:
    """A published figure.

    Parameters
    ----------
    name
        Dotted and stable: ``enrollment.unemployment``.
    area
        The area that it is about; empty for the whole region.
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
    where
        The position of the value.
    """

    name: str
    area: str
    value: Decimal
    unit: str
    date: str
    source: str
    confidence: str
    en: str
    zh: str
    note: str
    where: Position

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that it refers to: of ``2021/2025``, 2021 and 2025."""
        first, _, last = self.date.partition("/")
        return int(first[:4]), int((last or first)[:4])

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


def counts(unit: str, noun: str) -> bool:
    """Return whether a unit counts a noun (``人``, ``元``), also in thousands, 万 or 亿.

    >>> counts("万人", "人"), counts("thousand", "人"), counts("元/月", "元")
    (True, True, False)
    """
    scales = "|".join(one for one, power in _POWERS.items() if power > 0)
    return bool(unit) and re.fullmatch(f"({scales})? ?({noun})?", unit) is not None


def _power(unit: str) -> int:
    return next((power for prefix, power in _POWERS.items() if unit.startswith(prefix)), 0)


@dataclass(frozen=True)
class Conflict:
    """Two figures or readings that cannot both hold, and which one the library uses.

    Parameters
    ----------
    id
        ``D02``.
    topic
        The measure or fact in question.
    reading_a, reading_b
        The first and the second reading.
    where
        Their places in the sources, in the same order.
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


@dataclass(frozen=True)
class Outcome:
    """A published figure of a series by year.

    Parameters
    ----------
    series
        What is counted, dotted.
    area
        The area that it is about; empty for the whole region.
    date
        The day or year that it refers to.
    value, unit
        As published.
    scope
        Who or what exactly is counted.
    source, confidence, note
        Its provenance.
    where
        The position of the value.
    measure
        The measure whose scope it has, so that a projection may be compared with it; empty where
        none has.
    known
        When it became known, a day; empty where the table does not say.
    fitted
        Parameters that were set with this figure in view, which therefore judges nothing.
    """

    series: str
    area: str
    date: str
    value: Decimal
    unit: str
    scope: str
    source: str
    confidence: str
    note: str
    where: Position
    measure: str = ""
    known: str = ""
    fitted: tuple[str, ...] = ()

    @property
    def amount(self) -> float:
        """The value in base units: persons, yuan, a fraction."""
        return base_amount(self.value, self.unit)

    @property
    def half_unit(self) -> float:
        """Half a unit of the last digit published, in base units."""
        return half_unit(self.value, self.unit)


def data_folder() -> Path:
    """Return the folder of the tables shipped with the library."""
    return Path(str(files("fsinsure").joinpath("data")))


@cache
def package_records(name: str) -> tuple[Record, ...]:
    """Return the rows of a table of the library with their positions: ``parameters`` ..."""
    file = data_folder() / f"{name}.csv"
    text = file.read_text(encoding="utf-8")
    columns = text.partition("\n")[0].strip().split(",")
    return tuple(records(file.name, text, columns))


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the library as text by column."""
    return [dict(record.cells) for record in package_records(name)]


FIGURE_COLUMNS: Final = (
    "figure", "area", "value", "unit", "date", "source", "confidence", "en", "zh", "note",
)  # fmt: skip


def figures_in(rows: Sequence[Record], areas: Collection[str]) -> dict[tuple[str, str], Figure]:
    """Turn rows into figures by name and area.

    Raises
    ------
    DataError
        If a cell is blank, a value is not a number, a date is none, a confidence or area is
        unknown or a figure occurs twice; the message names file, row and column.
    """
    found: dict[tuple[str, str], Figure] = {}
    for row in rows:
        name, area = row.required("figure"), row["area"]
        if area:
            row.choice("area", areas)
        if (name, area) in found:
            raise row.error("figure", "{name} occurs twice; keep one row", name=name)
        found[name, area] = Figure(
            name=name,
            area=area,
            value=row.number("value"),
            confidence=row.choice("confidence", CONFIDENCES),
            note=row["note"],
            date=_date(row),
            where=row.position("value"),
            **{column: row.required(column) for column in ("unit", "source", "en", "zh")},
        )
    return found


def _date(row: Record) -> str:
    """Return the day, month, year or years that a row refers to."""
    text = row.required("date")
    first, slash, last = text.partition("/")
    try:
        for part in (first, last) if slash else (first,):
            last_day(part)
    except ValueError:
        raise row.error(
            "date",
            "{text!r} is not a day, a month, a year or a range of years of the calendar, such as "
            "2019-12-31, 2019-07, 2019 or 2016/2019",
            text=text,
        ) from None
    if last and last < first[: len(last)]:
        raise row.error(
            "date", "{text!r} ends before it begins: write the earlier one first", text=text
        )
    return text


CONFLICT_COLUMNS: Final = (
    "id", "topic", "reading_a", "reading_b", "where", "used", "why", "zh",
)  # fmt: skip


def conflicts_in(rows: Sequence[Record]) -> tuple[Conflict, ...]:
    """Turn rows into conflicts; see :func:`figures_in`."""
    found = []
    for row in rows:
        row.choice("used", ("a", "b", "both"))
        found.append(Conflict(**{column: row.required(column) for column in row.cells}))
    return tuple(found)


OUTCOME_COLUMNS: Final = (
    "series", "area", "date", "value", "unit", "scope", "source", "confidence", "note",
)  # fmt: skip


def outcomes_in(rows: Sequence[Record], areas: Collection[str]) -> tuple[Outcome, ...]:
    """Turn rows into outcomes; see :func:`figures_in`."""
    found = []
    for row in rows:
        if row["area"]:
            row.choice("area", areas)
        found.append(
            Outcome(
                area=row["area"],
                value=row.number("value"),
                confidence=row.choice("confidence", CONFIDENCES),
                note=row["note"],
                scope=row["scope"],
                date=_date(row),
                where=row.position("value"),
                measure=row.cells.get("measure", ""),
                known=known_on(row),
                fitted=tuple(row.cells.get("fitted", "").split()),
                **{column: row.required(column) for column in ("series", "unit", "source")},
            )
        )
    return tuple(found)


def library_hash() -> str:
    """Return the SHA-256 of the tables of the library, whatever the line ends of a checkout."""
    digest = hashlib.sha256()
    for file in sorted(data_folder().glob("*.csv")):
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def listed(tables: Mapping[str, Sequence[Record]]) -> list[dict[str, str]]:
    """List the values of tables with their sources.

    Parameters
    ----------
    tables
        Rows by file name, such as ``figures.csv``.

    Returns
    -------
    list of dict
        ``file``, ``name``, ``value``, ``unit``, ``date``, ``source``, ``confidence``, ``note``;
        ``en`` and ``zh`` where the table has them, else empty.
    """
    return [_listed(name, record) for name, rows in tables.items() for record in rows]


def contains(row: Mapping[str, str], text: str) -> bool:
    """Return whether a cell of a row contains a text; case is ignored."""
    return text.casefold() in "\n".join(row.values()).casefold()


_PROVENANCE: Final = ("unit", "date", "source", "confidence", "note", "en", "zh")
_VALUES: Final = ("value", "weight", "coverage")
_BESIDE: Final = ("from", "scope", "low", "high", "basis", "known", "fitted")


def _listed(name: str, record: Record) -> dict[str, str]:
    """List a row: its other columns name it, except for a life table, which has many values."""
    # A key of a table of the law is named after it: pension.annuity_divisors.60.
    parameter = record.cells.get("parameter", "")
    meaning = _meanings().get(parameter) or _meanings().get(parameter.rpartition(".")[0], {})
    cells = {**meaning, **record.cells}
    values: list[str] = [column for column in _VALUES if column in cells]
    # The measure names a row of the coverage matrix; an outcome is named by its series.
    beside = (*_BESIDE, "measure") if "series" in cells else _BESIDE
    keys = [one for one in record.cells if one not in (*_PROVENANCE, *values, *beside)]
    if not values:
        keys, values = keys[:1], keys[1:]
    shown = " ".join(f"{value} {cells[value]}" for value in values)
    return {
        "file": name,
        "name": " ".join(cells[key] for key in keys if cells[key]),
        "value": cells[values[0]] if len(values) == 1 else shown,
        **{column: cells.get(column, "") for column in _PROVENANCE},
        "date": cells.get("date") or cells.get("from", ""),
    }


@cache
def _meanings() -> dict[str, dict[str, str]]:
    """Return the meaning of each parameter in both languages."""
    rows = package_records("parameters")
    return {row["parameter"]: {"en": row["en"], "zh": row["zh"]} for row in rows}
