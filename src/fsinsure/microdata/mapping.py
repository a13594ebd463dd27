"""The mapping file: which column of a user's own table is which of the layout, with its codes.

.. code-block:: yaml

    region: foshan
    encoding: utf-8
    columns:
      id: {column: 身份证号}
      area: {column: 区, codes: {禅城区: chancheng, 440605: nanhai}}
      birth: {column: 出生日期}
      months: {column: 缴费年限, unit: years}
      pension: {column: 养老金, unit: yuan, blank: 0}
      industry_class: {value: 1}
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.documents.problems import Issue, fail, quote
from fsinsure.documents.reader import read
from fsinsure.documents.user_files import opened, read_bytes, within
from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.messages import EMPTY, Message, said, separated
from fsinsure.microdata.cells import Entry, InvalidCell, parse
from fsinsure.microdata.schema import BIRTH, ID, WAGE, WEIGHTS, Schema, schema_of
from fsinsure.region.load import find_region, region_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fsinsure.microdata.schema import Column
    from fsinsure.region.region import Region

ENCODINGS: Final = ("utf-8", "gb18030")
UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "yuan": {"yuan": 100, "元": 100, "fen": 1, "分": 1, "万元": 1_000_000},
    "months": {"months": 1, "月": 1, "years": 12, "年": 12},
}
"""Factor from each unit to fen or months."""

INSTEAD: Final = {BIRTH: ("birth_year", "birth_month"), WAGE: ("wage_rank",)}

KEYS: Final = ("column", "value", "codes", "unit", "blank")
"""Keys of an entry; a wage also has those of :data:`WAGES`."""

WAGES: Final[Mapping[str, tuple[float, float]]] = {"mean": (1.0, 1e7), "cv": (0.01, 10.0)}
"""Mean (yuan a month) and coefficient of variation of all wages, with bounds."""


@dataclass(frozen=True)
class Layout:
    """A mapping file as read: the region, the column of each entry, the encoding, the weight."""

    schema: Schema
    entries: Mapping[str, Entry]
    encoding: str = "utf-8"
    weight: float = 1.0

    @property
    def columns(self) -> list[str]:
        """The columns of the user's table that are read, each once, in order."""
        found = (entry.column for entry in self.entries.values())
        return list(dict.fromkeys(column for column in found if column is not None))


def read_mapping(path: str | Path, region: Region | None = None) -> Layout:
    """Read a mapping file.

    Parameters
    ----------
    path
        The file.
    region
        The region of the persons, unless the file names it.

    Raises
    ------
    DataError
        With file, line and column of each problem.
    """
    name = str(path)
    try:
        raw = read_bytes(Path(path))
    except InputError as error:
        raise DataError("{name}: {error}", name=name, error=error) from error
    if not raw.strip():
        raise DataError(
            "{name}: the file is empty; it needs 'columns:' (docs/persons.md)", name=name
        )
    try:
        document = read(raw, name)
        issues: list[Issue] = []
        schema = schema_of(_region(document.data, Path(path), region, issues))
        found = _mapping(document.data, schema, issues)
        if issues:
            fail(issues, document.locate)
    except InputError as error:
        raise DataError(error.message) from None
    return found


def _region(
    data: Mapping[str, object], path: Path, given: Region | None, issues: list[Issue]
) -> Region:
    """Return the region that a mapping file names, that given, or the default one."""
    name = data.get("region")
    if isinstance(name, str) and given is None:
        try:
            if name in region_names():
                return find_region(name)
            source = opened(path)
            return find_region(str(within(name, source.folder, source.root)))
        except InputError as error:
            issues.append(Issue(error.message, ("region",)))
    elif name is not None:
        twice = Message("the region is given to load_persons too: give it once")
        wrong = Message("expected the name of a region, got {name}", name=quote(name))
        issues.append(Issue(twice if given else wrong, ("region",)))
    return given or find_region(None)


def _mapping(data: Mapping[str, object], schema: Schema, issues: list[Issue]) -> Layout:
    issues += _unknown(data, ("region", "columns", "encoding", "weight"), ())
    encoding = data.get("encoding", "utf-8")
    if encoding not in ENCODINGS:
        issues.append(
            Issue(
                Message(
                    "{encoding}: use {encodings}",
                    encoding=quote(encoding),
                    encodings=separated(ENCODINGS, " or "),
                ),
                ("encoding",),
            )
        )
    weight = _number(data.get("weight", Decimal(1)), ("weight",), WEIGHTS, issues)
    columns = data.get("columns")
    if not isinstance(columns, dict):
        issues.append(
            Issue(
                Message("expected one line per column, got {columns}", columns=quote(columns)),
                ("columns",),
            )
        )
        return Layout(schema, {})
    known = (ID, *schema.columns, *INSTEAD)
    issues += _unknown(columns, known, ("columns",))
    issues += _missing(columns, schema)
    entries = {
        target: _entry(target, _kind(target, schema), value, issues)
        for target, value in columns.items()
        if target in known
    }
    return Layout(schema, entries, str(encoding), weight)


def _unknown(
    data: Mapping[str, object], known: tuple[str, ...], location: tuple[str, ...]
) -> Iterator[Issue]:
    for key in data:
        if key not in known:
            text = Message(
                "unknown key.{hint} Known: {known}",
                hint=did_you_mean(key, known),
                known=separated(known),
            )
            yield Issue(text, (*location, key), at_key=True)


def _missing(columns: Mapping[str, object], schema: Schema) -> Iterator[Issue]:
    other = {name: instead for instead, names in INSTEAD.items() for name in names}
    for name in (ID, *schema.columns):
        instead = other.get(name)
        if name in columns and instead in columns:
            yield Issue(
                Message(
                    "both {name} and {instead} are given: keep one", name=name, instead=instead
                ),
                ("columns", name),
                True,
            )
        elif name not in columns and instead not in columns:
            also = Message(" (or {instead})", instead=instead) if instead else EMPTY
            yield Issue(
                Message(
                    "no line for {name}{also}: name its 'column', or give one 'value' for all",
                    name=name,
                    also=also,
                ),
                ("columns",),
                True,
            )


def _kind(target: str, schema: Schema) -> Column | None:
    """Return the column of the layout that bounds an entry: that of the year for ``birth``."""
    return schema.columns.get("birth_year" if target == BIRTH else target)


def _entry(target: str, kind: Column | None, data: object, issues: list[Issue]) -> Entry:
    place = ("columns", target)
    if not isinstance(data, dict):
        issues.append(
            Issue(Message("expected {{column: ...}}, got {data}", data=quote(data)), place)
        )
        return Entry(target, kind)
    wages = WAGES if target == WAGE else {}
    issues += _unknown(data, (*KEYS, *wages), place)
    if ("column" in data) == ("value" in data):
        issues.append(Issue(Message("give either a 'column' or a 'value' for all"), place))
    if target == ID and "column" not in data:
        issues.append(Issue(Message("ids differ between persons: name their column"), place))
    texts = {
        key: _text(data[key], (*place, key), issues)
        for key in ("column", "value", "blank")
        if key in data
    }
    entry = Entry(
        target,
        kind,
        texts.get("column"),
        texts.get("value", ""),
        _codes(target, kind, data.get("codes", {}), issues),
        _scale(target, kind, data.get("unit"), issues),
        texts.get("blank"),
        *(_number(data.get(key), (*place, key), limits, issues) for key, limits in wages.items()),
    )
    issues += _unreadable(entry, texts)
    return entry


def _unreadable(entry: Entry, texts: Mapping[str, str]) -> Iterator[Issue]:
    """Yield the problems of texts that stand for cells."""
    for key in ("value", "blank"):
        if texts.get(key) and entry.target != ID:
            try:
                parse(texts[key], entry)
            except InvalidCell as error:
                yield Issue(said(error), ("columns", entry.target, key))


def _text(value: object, place: tuple[str, ...], issues: list[Issue]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if not isinstance(value, str) or not value.strip():
        issues.append(
            Issue(Message("expected a text or a number, got {value}", value=quote(value)), place)
        )
        return ""
    return value.strip()


def _codes(
    target: str, column: Column | None, value: object, issues: list[Issue]
) -> dict[str, str]:
    place = ("columns", target, "codes")
    known = column.codes if column else ()
    if not isinstance(value, dict):
        issues.append(
            Issue(
                Message("expected {{their code: our code}}, got {value}", value=quote(value)), place
            )
        )
        return {}
    if value and not known:
        issues.append(Issue(Message("only columns of codes have codes"), place, True))
        return {}
    found: dict[str, str] = {}
    for code, meaning in value.items():
        here = (*place, code)
        text = _text(meaning, here, issues)
        if text and text not in known:
            hint = did_you_mean(text, known)
            issues.append(
                Issue(
                    Message(
                        "{text} is not one of {known}.{hint}",
                        text=quote(text),
                        known=separated(known),
                        hint=hint,
                    ),
                    here,
                )
            )
        if found.setdefault(code.strip(), text) != text:
            issues.append(Issue(Message("the code has two meanings: keep one"), here))
    return found


def _scale(target: str, column: Column | None, unit: object, issues: list[Issue]) -> float:
    kind = column.unit if column else ""
    known = UNITS.get(kind, {})
    if unit is None:
        return known.get(kind, 1)
    if not isinstance(unit, str) or unit not in known:
        use = (
            Message("use {known}", known=separated(known))
            if known
            else Message("this column has no unit")
        )
        issues.append(
            Issue(Message("{unit}: {use}", unit=quote(unit), use=use), ("columns", target, "unit"))
        )
        return 1
    return known[unit]


def _number(
    value: object, place: tuple[str, ...], limits: tuple[float, float], issues: list[Issue]
) -> float:
    low, high = limits
    if isinstance(value, Decimal) and value.is_finite() and low <= value <= high:
        return float(value)
    issues.append(
        Issue(
            Message(
                "expected a number from {low:g} to {high:,.0f}, got {value}",
                low=low,
                high=high,
                value=quote(value),
            ),
            place,
        )
    )
    return 1.0
