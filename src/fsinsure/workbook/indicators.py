"""The sheet of indicators: solvency of the funds, pensions and the other aims of the plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from fsinsure.output.labels import label
from fsinsure.workbook.book import BAD, GOOD, WARN, Column
from fsinsure.workbook.cells import Cell, Kind

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

KINDS: Final = {
    "ratio": "ratio",
    "fraction": "rate",
    "months": "months",
    "year": "year",
    "persons": "persons",
    "yuan": "yuan",
}
"""How the cells of each unit are shown."""

LARGE: Final = ("implicit_debt", "relief_cost")
"""Indicators of the size of a fund; other amounts are of a person and a month."""

COLOURS: Final = {
    **dict.fromkeys(("ok", "met"), GOOD),
    **dict.fromkeys(("watch", "undetermined", "not_assessed"), WARN),
    **dict.fromkeys(("warning", "alarm", "exhausted", "missed"), BAD),
}
"""The colours of the levels."""

READINGS: Final = ("value", "low", "high")
"""An indicator, and the ends of its range where it is not certain."""


def indicators(book: Book, contents: Contents) -> Page:
    """Write the sheet: an indicator a row, years across, the last level at the end."""
    page = book.page(
        "indicators",
        book.text("indicators.title", region=contents.region, title=contents.title),
        book.text("indicators.note"),
    )
    table = contents.result.indicators
    rows = [
        row
        for (fund, indicator), own in table.groupby(["fund", "indicator"], sort=False)
        for row in _rows(book, contents, str(fund), str(indicator), own)
    ]
    columns = [
        Column(book.head("fund")),
        Column(book.head("indicator")),
        Column(book.head("unit")),
        *(Column(year, "any", 11) for year in contents.years),
        Column(book.head("bound"), "any", 11),
        Column(book.head("level"), "label", 14),
    ]
    block = page.table(columns, rows, freeze=2)
    level = len(columns) - 1
    for name, look in COLOURS.items():
        text = label(f"level.{name}", contents.lang)
        cell = page.ref(block.first, level)
        page.mark(block.first, level, block.last, level, f'{cell}="{text}"', look)
    return page


def _rows(
    book: Book, contents: Contents, fund: str, indicator: str, own: pd.DataFrame
) -> list[list[Cell]]:
    """Return the rows of an indicator: its values, and its range where there is one."""
    unit = str(own["unit"].iloc[0])
    scale, kind, named = _shown(book, contents.lang, indicator, unit)
    by_year = own.set_index("year")
    judged = own[own["level"].fillna("") != ""]
    place = contents.region if fund == "total" else label(f"short.{fund}", contents.lang)
    name = _name(indicator, contents.lang)
    rows: list[list[Cell]] = []
    for reading in READINGS:
        if by_year[reading].isna().all() and reading != "value":
            continue
        values = [_value(by_year, reading, year) / scale for year in contents.years]
        cells: list[Cell] = [Kind(value, kind) for value in values]
        if kind == "year" and math.isnan(values[-1]):
            cells[-1] = Kind(book.text("indicators.none"), "end")
        bound, level = float("nan"), ""
        if reading == "value" and not judged.empty:
            last = judged.iloc[-1]
            bound, level = last["bound"] / scale, label(f"level.{last['level']}", contents.lang)
        shown = name if reading == "value" else book.text(f"indicators.{reading}", name=name)
        rows.append([place, shown, named, *cells, Kind(bound, kind), level])
    return rows


def _value(by_year: pd.DataFrame, reading: str, year: int) -> float:
    return float(by_year[reading].get(year, math.nan))


def _name(indicator: str, lang: str) -> str:
    """Return the name of an indicator; residents are named as a measure."""
    return label(
        f"short.{indicator}" if indicator == "residents" else f"indicator.{indicator}", lang
    )


def _shown(book: Book, lang: str, indicator: str, unit: str) -> tuple[float, str, str]:
    """Return the divisor, the kind of the cells and the name of the unit of an indicator."""
    if unit == "persons":
        return book.units.persons.divisor, "persons", book.units.persons.name
    if unit == "yuan" and indicator in LARGE:
        return book.units.yuan.divisor, "yuan", book.units.yuan.name
    if unit == "yuan":
        return 1.0, "cents", label("unit.yuan_month", lang)
    return 1.0, KINDS[unit], book.text(f"unit.{unit}")
