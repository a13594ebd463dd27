"""The sheet of the record: the projection against figures published since, and naive rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fsinsure.output.labels import label, measure_name
from fsinsure.output.terminal.backtest import note
from fsinsure.workbook.book import Column
from fsinsure.workbook.cells import Cell, Formula, Kind, records

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

PROJECTED, PUBLISHED = 3, 4
"""Columns of the first table."""

OWN = "projection"
"""The method that is judged."""


def record(book: Book, contents: Contents, table: pd.DataFrame, errors: pd.DataFrame) -> Page:
    """Write the sheet: figure by figure, and the mean errors beside those of naive rules."""
    page = book.page(
        "record",
        book.text("record.title", region=contents.region, title=contents.title),
        book.text("record.note"),
    )
    page.heading(book.text("record.figures"))
    own = table[table["method"] == OWN]
    first = page.row + 1
    rows = [_figure(page, contents, row, first + at) for at, row in enumerate(records(own))]
    columns = [
        Column(book.head("measure")),
        Column(book.head("unit")),
        Column(book.head("year"), "year", 8),
        Column(book.text("record.projected"), "cents", 12),
        Column(book.text("record.published"), "cents", 12),
        Column(book.text("record.error"), "share", 10),
        Column(book.text("record.judged"), "label", 10),
        Column(book.head("confidence")),
        Column(book.head("source"), "wrap", 40),
        Column(book.text("record.why"), "wrap", 30),
    ]
    page.table(columns, rows, freeze=1)
    page.heading(book.text("record.errors"))
    _errors(page, contents, errors)
    return page


def _figure(page: Page, contents: Contents, row: Any, at: int) -> list[Cell]:
    """Return the cells of a figure; the error follows from both numbers."""
    book = page.book
    unit = book.units.persons if row.unit == "persons" else book.units.yuan
    kind = "persons" if row.unit == "persons" else "yuan"
    text = f"={page.ref(at, PROJECTED)}/{page.ref(at, PUBLISHED)}-1"
    known = row.published == row.published
    return [
        measure_name(row.measure, contents.lang),
        unit.name,
        int(row.year),
        Kind(row.forecast / unit.divisor, kind),
        Kind(row.published / unit.divisor, kind),
        Formula(text, row.error) if known and row.error == row.error else None,
        book.text("yes" if row.judged else "no"),
        label(f"confidence.{row.confidence}", contents.lang) if row.confidence else "",
        row.source,
        note(row.note, contents.lang),
    ]


def _errors(page: Page, contents: Contents, errors: pd.DataFrame) -> None:
    """Write the mean absolute percentage errors: measures down, methods across."""
    book = page.book
    judged = errors[errors["years"] > 0]
    if judged.empty:
        page.note(book.text("record.none"))
        return
    methods = list(dict.fromkeys(errors["method"]))
    rows: list[list[Cell]] = []
    for measure, own in judged.groupby("measure", sort=False):
        found = own.set_index("method")
        cells: list[Cell] = [
            Kind(float(found["mape"].get(method, float("nan"))), "share") for method in methods
        ]
        years = int(found["years"].max())
        rows.append([measure_name(str(measure), contents.lang), years, *cells])
    heads = [Column(label(f"method.{method}", contents.lang), "share") for method in methods]
    first = [Column(book.head("measure")), Column(book.text("record.years"), "whole")]
    page.table([*first, *heads], rows)
