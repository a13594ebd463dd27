"""The sheets of inputs: every value in use with its source, and the ranges of assumptions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from fsinsure.output.labels import label
from fsinsure.registry import registry
from fsinsure.workbook.book import Column
from fsinsure.workbook.cells import Cell, Kind, records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.analysis.uncertain import Assumption
    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

KINDS: Final = {"fraction": "fine", "year": "year"}
"""How values of each unit are shown; all others as they are."""


def kind_of(value: object, unit: str) -> str:
    """Return how a value is shown: whole amounts of people and money with separators."""
    if unit in ("persons", "yuan") and isinstance(value, float) and value.is_integer():
        return "whole"
    return KINDS.get(unit, "any")


def parameters(book: Book, contents: Contents) -> Page:
    """Write every value in use with its source."""
    page = book.page(
        "parameters",
        book.text("parameters.title", region=contents.region, title=contents.title),
        book.text("parameters.note"),
    )
    table = contents.parameters
    columns = [
        Column(book.head("parameter")),
        Column(book.text("meaning"), "wrap", 40),
        Column(book.head("area")),
        Column(book.text("from"), "year", 7),
        Column(book.text("to"), "year", 7),
        Column(book.head("value"), "any", 13),
        Column(book.head("unit"), "label"),
        Column(book.head("source"), "wrap", 44),
        Column(book.head("confidence")),
        Column(book.head("known"), width=20),
        Column(book.head("set_by"), "wrap", 22),
    ]
    order = {area: at for at, area in enumerate(("", *contents.names))}
    known = {name: at for at, name in enumerate(dict.fromkeys(table["parameter"]))}
    places = table["area"].fillna("").map(order).fillna(0)
    table = table.assign(at=table["parameter"].map(known), place=places)
    table = table.sort_values(["at", "place", "year"], kind="stable")
    values = table.astype(object).where(table.notna(), None)
    same = groupby(records(values), lambda row: row._replace(year=row.year is None))
    rows = [_value(book, contents, [*of]) for _, of in same]
    block = page.table(columns, rows, freeze=1)
    page.sheet.autofilter(block.first - 1, 0, block.last, len(columns) - 1)
    return page


def _value(book: Book, contents: Contents, years: Sequence[Any]) -> list[Cell]:
    """Return the cells of a value in use that is the same in consecutive years."""
    row, last = years[0], years[-1]
    value: Cell = row.value
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        value = None if value is None else str(value)
    assumed = book.text("assumed") if row.known_assumed else ""
    return [
        row.parameter,
        meaning(row.parameter, contents.lang),
        contents.names.get(row.area, row.area) if row.area else "",
        None if row.year is None else int(row.year),
        None if row.year is None else int(last.year),
        Kind(value, kind_of(value, row.unit)),
        unit_name(book, row.unit),
        row.source or "",
        label(f"confidence.{row.confidence}", contents.lang) if row.confidence else "",
        f"{row.known} {assumed}".strip() if row.known else "",
        row.set_by or "",
    ]


def ranges(book: Book, contents: Contents, assumptions: Sequence[Assumption]) -> Page:
    """Write the low, central and high value of every assumption, and what they rest on."""
    page = book.page(
        "ranges",
        book.text("ranges.title", region=contents.region),
        book.text("ranges.note"),
    )
    if not assumptions:
        page.note(book.text("ranges.none"))
        return page
    columns = [
        Column(book.head("parameter")),
        Column(book.text("meaning"), "wrap", 40),
        *(Column(book.text(f"ranges.{one}"), "any", 12) for one in ("low", "central", "high")),
        Column(book.head("unit"), "label"),
        Column(book.text("ranges.basis"), width=10),
        Column(book.head("source"), "wrap", 40),
        Column(book.text("remark"), "wrap", 40),
    ]
    rows: list[list[Cell]] = []
    for one in assumptions:
        first = one.at_start
        unit = registry()[one.name].unit
        rows.append(
            [
                one.name,
                meaning(one.name, contents.lang),
                *(
                    Kind(one, kind_of(one, unit))
                    for one in (first.low, float(first.text), first.high)
                ),
                unit_name(book, unit),
                label(f"basis.{first.basis}", contents.lang),
                first.source,
                first.note,
            ]
        )
    block = page.table(columns, rows, freeze=1)
    page.sheet.autofilter(block.first - 1, 0, block.last, len(columns) - 1)
    return page


def meaning(parameter: str, lang: str) -> str:
    """Return what a parameter means; that of a table has its key behind its name."""
    known = registry()
    name = parameter
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return str(getattr(known[name], lang)) if name in known else ""


def unit_name(book: Book, unit: str) -> str:
    """Return the name of the unit of a parameter."""
    return book.text(f"unit.{unit}") if unit else ""
