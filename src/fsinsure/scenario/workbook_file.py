"""Read a scenario from a workbook: the same values with the same errors as in YAML.

The workbook is one that ``fsinsure new`` writes (docs/workbook.md). A row of the sheet of
parameters sets one key: in the column ``value``, or by year in the columns of years. What stands
before a space in a heading is its name, so that a heading may explain itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from fsinsure.documents import workbook
from fsinsure.documents.reader import Document, resolve
from fsinsure.documents.reader import read as read_yaml
from fsinsure.errors import DataError, Position, ScenarioError, did_you_mean
from fsinsure.measures import parameter_named, parameter_names
from fsinsure.messages import either, said, separated
from fsinsure.names import meant
from fsinsure.registry import place, registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsinsure.documents.problems import Location
    from fsinsure.documents.workbook import Sheet
    from fsinsure.messages import Message

SHEETS: Final = {
    "parameters": ("参数", "Parameters"),
    "targets": ("目标", "Targets"),
    "relief": ("减免", "Relief"),
}
"""The names of the sheets that a scenario is read from, in Chinese and English."""

KEY, VALUE, UNIT = "parameter", "value", "unit"
SHOWN: Final = ("meaning", "low", "high", "baseline")
"""Columns that explain a parameter and are not read."""

TARGET: Final = ("measure", "year", VALUE, UNIT, "baseline", "source")
RELIEF: Final = (
    *("action", "insurance", "payer", "share", "from", "to"),
    *("group", "repay_from", "repay_to"),
)
PLAIN: Final = ("name", "description", "extends", "region", "horizon", "as_of", "targets", "relief")
DOTTED: Final = ("title", "observe", "fitted", "uncertainty")
"""Keys of a scenario beside its parameters, and sections whose keys are written with a dot."""

TEXTS: Final = ("name", "title.zh", "title.en", "description", "extends", "region", "source")
"""Keys whose values are texts, also where a cell holds digits."""

SCALES: Final = {
    "persons": {
        **{"人": 0, "千人": 3, "万人": 4, "百万人": 6, "亿人": 8},
        **{"persons": 0, "thousand persons": 3, "million persons": 6},
    },
    "yuan": {
        **{"元": 0, "万元": 4, "百万元": 6, "亿元": 8, "万亿元": 12},
        **{"yuan": 0, "million yuan": 6, "billion yuan": 9},
    },
}
"""The powers of ten of the units that a number may be in."""

_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2})?")


@dataclass(frozen=True)
class _Row:
    """A row of a sheet: its cells by heading, and where they are."""

    sheet: Sheet
    number: int
    cells: dict[str, str]
    letters: dict[str, str]

    def at(self, column: str) -> Position:
        return Position(self.sheet.name, self.number, column, self.letters)

    def error(self, column: str, message: Message | str, /, **values: object) -> ScenarioError:
        return ScenarioError(message, self.at(column), **values)


def read(raw: bytes, file: str) -> Document:
    """Read a workbook as the plain values of a scenario file, with the cell of each.

    Parameters
    ----------
    raw
        The content of the file.
    file
        Its name in messages.

    Raises
    ------
    ScenarioError
        If it cannot be read as one; the message names sheet and cell.
    """
    try:
        sheets = workbook.read_sheets(file, raw, SHEETS)
    except DataError as error:
        raise ScenarioError(said(error)) from None
    if "parameters" not in sheets:
        raise ScenarioError(
            "{file}: no sheet {names}: 'fsinsure new my.xlsx' writes a workbook to fill in",
            None,
            file=file,
            names=either(SHEETS["parameters"]),
        )
    document = Document({})
    sheet = sheets["parameters"]
    (first, _), *_ = sheet.rows
    head = Position(sheet.name, first, KEY, {KEY: sheet.letters[0]})
    document.keys[()] = document.values[()] = head
    for row in _rows(sheet, (KEY, VALUE), (UNIT, *SHOWN), years=True):
        _set(document, row)
    for key, columns in (("targets", TARGET), ("relief", RELIEF)):
        if key in sheets:
            _list(document, key, _rows(sheets[key], columns, (), years=False))
    return document


def _rows(
    sheet: Sheet, needed: tuple[str, ...], known: tuple[str, ...], *, years: bool
) -> Iterator[_Row]:
    """Yield the rows under the headings of a sheet."""
    (first, heads), *rows = sheet.rows
    names = [head.split()[0] if head else "" for head in heads]
    letters = dict(zip(names, sheet.letters, strict=True))
    head = _Row(sheet, first, {}, letters)
    for name, letter in zip(names, sheet.letters, strict=True):
        at = Position(sheet.name, first, name, {name: letter})
        if not name:
            raise ScenarioError("a column without a heading", at)
        if names.count(name) > 1:
            raise ScenarioError("the heading {name!r} a second time", at, name=name)
        if name not in (*needed, *known) and not (years and _DATE.fullmatch(name)):
            hint = did_you_mean(name, (*needed, *known))
            raise ScenarioError("unknown heading {name!r}.{hint}", at, name=name, hint=hint)
    if missing := [name for name in needed if name not in names]:
        raise ScenarioError(
            "{sheet}: no column {missing} in row {first}",
            None,
            sheet=sheet.name,
            missing=separated(missing),
            first=first,
        )
    for number, cells in rows:
        yield _Row(head.sheet, number, dict(zip(names, cells, strict=True)), letters)


def _set(document: Document, row: _Row) -> None:
    """Set what a row of the sheet of parameters says, if it says anything."""
    key = parameter_named(row.cells[KEY])
    dated = {name: text for name, text in row.cells.items() if _DATE.fullmatch(name) and text}
    given = row.cells[VALUE]
    if not given and not dated:
        return
    if not key:
        raise row.error(KEY if given else next(iter(dated)), "a value without a parameter")
    if given and dated:
        raise row.error(
            next(iter(dated)),
            "{key} has a value for all years too ({where}): keep one of them",
            key=key,
            where=row.at(VALUE),
        )
    location = _location(key, row)
    if location in document.values:
        first = document.values[location]
        raise row.error(
            KEY, "{key} a second time (first in row {first})", key=key, first=first.line
        )
    within = given[:1] in ("{", "[")  # keys inside the cell are at fault where they stand
    document.keys[location] = row.at(VALUE if within else KEY)
    document.values[location] = row.at(VALUE if given else next(iter(dated)))
    if given:
        place(document.data, location, _value(key, row, VALUE))
        return
    if key in registry() and registry()[key].kind != "path":
        raise row.error(
            next(iter(dated)),
            "{key} is the same in all years: fill the column {column}",
            key=key,
            column=VALUE,
        )
    for date in dated:
        at = (*location, date)
        document.keys[at] = document.values[at] = row.at(date)
    place(document.data, location, {date: _value(key, row, date) for date in dated})


def _location(key: str, row: _Row) -> tuple[str, ...]:
    """Return where a dotted key stands in a YAML file."""
    if key in registry():
        return registry()[key].location
    section, _, rest = key.partition(".")
    if key in PLAIN or (rest and section in DOTTED):
        return (section, rest) if rest else (section,)
    names = {**parameter_names(), **dict.fromkeys(PLAIN, ())}
    raise row.error(KEY, "unknown parameter {key!r}.{meant}", key=key, meant=meant(key, names))


def _value(key: str, row: _Row, column: str) -> object:
    """Return the value of a cell: a number in base units, a text, or YAML in one line."""
    text = row.cells[column]
    if key in TEXTS:
        return text
    if text[0] in "{[":
        return _flow(text, row.at(column))
    value = resolve(text)
    unit = registry()[key].unit if key in registry() else ""
    return _scaled(value, text, unit, row, column)


def _flow(text: str, position: Position) -> object:
    """Return a value that is written as YAML; errors name the cell, and line and column in it."""
    if text[0] == "{":
        return read_yaml(text.encode(), str(position)).data
    one_line = " ".join(text.split())
    return read_yaml(f"value: {one_line}".encode(), str(position)).data["value"]


def _scaled(value: object, text: str, unit: str, row: _Row, column: str) -> object:
    """Return a value times the unit that its row names."""
    named = row.cells.get(UNIT, "")
    scales = SCALES.get(unit, {})
    if not named or named not in scales:
        if named and scales:
            raise row.error(
                UNIT,
                "{named!r} is no unit of this parameter: use one of {known}",
                named=named,
                known=separated(scales),
            )
        return value
    if not scales[named]:
        return value
    if not isinstance(value, Decimal):
        raise row.error(
            column,
            "{text!r} is not a number in {named}: write the number alone, such as 470",
            text=text,
            named=named,
        )
    return value.scaleb(scales[named])


def _list(document: Document, key: str, rows: Iterator[_Row]) -> None:
    """Set a list: an entry for each row, under the headings of its sheet."""
    entries: list[object] = []
    for row in rows:
        at: Location = (key, len(entries))
        entry: dict[str, object] = {}
        filled = {name: text for name, text in row.cells.items() if text and name != UNIT}
        for name, text in filled.items():
            document.keys[(*at, name)] = document.values[(*at, name)] = row.at(name)
            entry[name] = _entry(name, text, row)
        document.keys[at] = document.values[at] = row.at(next(iter(row.cells)))
        entries.append(entry)
    if entries:
        if key in document.data:
            first = document.values[key,]
            raise ScenarioError(
                "{key} is set in {first} too: keep one",
                document.values[key, 0],
                key=key,
                first=first,
            )
        document.values[key,] = document.keys[key,] = document.values[key, 0]
        document.data[key] = entries


def _entry(name: str, text: str, row: _Row) -> object:
    """Return a cell of a list: people in their unit, funds as a list, all else as in YAML."""
    if name == "insurance":
        return [part.strip() for part in re.split("[,，、]", text)]
    if name in (VALUE, "baseline"):
        return _scaled(resolve(text), text, "persons", row, name)
    if name in ("measure", "action", "payer", "group"):
        return text.split()[0]
    return text if name in TEXTS else resolve(text)
