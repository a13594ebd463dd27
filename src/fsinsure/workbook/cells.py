"""What stands in a cell: a value, a formula with its value, and how numbers are shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from fsinsure.output.labels import label
from fsinsure.output.numbers import TEN_THOUSAND, Unit, fund_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

FORMATS: Final = {
    "zh": {"persons": "#,##0.00", "yuan": "#,##0.00"},
    "en": {"persons": "#,##0.0", "yuan": "#,##0.000"},
}
"""Number formats of people and of money in the units of a language."""

OTHERS: Final = {
    "text": "General",
    "label": "General",
    "end": "General",
    "wrap": "General",
    "year": "0",
    "whole": "#,##0",
    "input": "#,##0",
    "rate": "0.00%",
    "share": "0.0%",
    "fine": "0.00##%",
    "ratio": "0.00",
    "months": "0.0",
    "cents": "#,##0.00",
    "any": "General",
}
"""Number formats of the other kinds of cells."""

SIGNED: Final = ("persons_change", "yuan_change")
"""Kinds of cells with a plus sign, and red below zero."""

TOLERANCE: Final = 0.5
"""Persons by which a target may be missed and is met: it is reached to the person."""


class Formula(NamedTuple):
    """A formula, and its value for those who do not recalculate."""

    text: str
    value: float | str
    array: bool = False
    """Whether it is of arrays."""


class Kind(NamedTuple):
    """A cell that is shown in another way than its column."""

    value: Plain
    kind: str


Plain: TypeAlias = "float | int | str | Formula | None"
Cell: TypeAlias = "Plain | Kind"


class Units(NamedTuple):
    """The units of people and money in a workbook."""

    persons: Unit
    yuan: Unit

    def people(self, value: float) -> float:
        """Return persons in the unit of the workbook, all digits kept."""
        return value / self.persons.divisor

    @property
    def missed(self) -> str:
        """The gap below which a target is missed, for formulas: -0.00005 of 万人."""
        return f"-{self.people(TOLERANCE):.6f}".rstrip("0")

    def money(self, value: float) -> float:
        """Return yuan in the unit of the workbook, all digits kept."""
        return value / self.yuan.divisor


def units(lang: str) -> Units:
    """Return 万人 and 亿元, or thousand persons and billion yuan.

    >>> units("zh").people(4_700_000.0), units("en").persons.name
    (470.0, 'thousand persons')
    """
    if lang == "zh":
        persons = Unit(TEN_THOUSAND, label("unit.ten_thousand", lang))
    else:
        persons = Unit(1e3, label("unit.thousand", lang))
    return Units(persons, fund_unit(lang))


def number_format(kind: str, lang: str) -> str:
    """Return the number format of a kind of cells."""
    if kind in SIGNED:
        shown = FORMATS[lang][kind.removesuffix("_change")]
        return f"+{shown};[Red]-{shown};{shown.replace('#,##', '')}"
    return FORMATS[lang].get(kind) or OTHERS[kind]


def total(cells: Iterable[float]) -> float:
    """Return the sum of the numbers among some cells, as SUM of a spreadsheet."""
    return math.fsum(cell for cell in cells if not math.isnan(cell))


def columns_of(text: str) -> int:
    """Return the width of a text in narrow characters: a Chinese one counts twice.

    >>> columns_of("2025年"), columns_of("plan")
    (6, 4)
    """
    return sum(2 if ord(char) > 0x2E7F or char in "–—…“”‘’" else 1 for char in text)


def longest(texts: Sequence[str]) -> int:
    """Return the width of the widest line of some texts."""
    return max((columns_of(line) for text in texts for line in text.splitlines()), default=0)


def records(table: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, with an attribute for each column."""
    return list(table.itertuples(index=False))


def is_missing(value: Any) -> bool:
    """Return whether a cell of a table has no value."""
    from pandas import isna

    return bool(isna(value))
