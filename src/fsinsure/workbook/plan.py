"""The sheet of plan figures: the yearly task divided among the areas, with its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.dims import AREA, TOTAL
from fsinsure.output.keys import key_names
from fsinsure.output.labels import label
from fsinsure.workbook.book import BAD, Column
from fsinsure.workbook.cells import Cell, Formula, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

OPENING, YEARS = 2, 3
"""The columns of the opening stock and of the first increment; people follow each increment."""


def plan(book: Book, contents: Contents, table: pd.DataFrame) -> Page:
    """Write the sheet: increments that may be changed, and the people that follow from them."""
    page = book.page(
        "plan",
        book.text("plan.title", region=contents.region, title=contents.title),
        book.text("plan.note", by=key_names(str(table["key"].iloc[0]), contents.lang)),
        book.text("plan.input"),
    )
    years = sorted({int(year) for year in table["year"]})
    columns = [
        Column(book.head("measure")),
        Column(book.head("area")),
        Column(book.text("plan.opening", year=years[0] - 1), "whole", 13),
    ]
    for year in years:
        columns.append(Column(book.text("plan.increment", year=year), "input", 11))
        columns.append(Column(book.text("plan.persons", year=year), "whole", 13))
    rows, strong, checks = list[list[Cell]](), set[int](), list[int]()
    for measure, own in table.groupby("measure", sort=False):
        name = label(f"measure.{measure}", contents.lang)
        first = page.row + 1 + len(rows)
        areas = own[own["level"] == AREA]
        codes = list(dict.fromkeys(areas["area"]))
        for at, code in enumerate(codes):
            cells = _area(page, areas[areas["area"] == code], years, first + at)
            rows.append([name, contents.names[code], *cells])
        below = first + len(codes)
        rows += _sums(page, contents, name, own, years, (first, below))
        strong.add(len(rows) - 3)
        checks.append(below + 2)
    page.table(columns, rows, strong=strong, freeze=2)
    for row in checks:
        cell = page.ref(row, OPENING)
        page.mark(row, OPENING, row, len(columns) - 1, f"ROUND({cell},0)<>0", BAD)
    return page


def _area(page: Page, own: pd.DataFrame, years: Sequence[int], row: int) -> list[Cell]:
    """Return the cells of an area: its opening stock, then increments and people by year."""
    by_year = own.set_index("year")
    cells: list[Cell] = [float(own["opening"].iloc[0])]
    for at, year in enumerate(years):
        if year not in by_year.index:
            cells += [None, None]
            continue
        before = page.ref(row, OPENING if at == 0 else YEARS + 2 * at - 1)
        text = f"={before}+{page.ref(row, YEARS + 2 * at)}"
        cells.append(float(by_year["increment"][year]))
        cells.append(Formula(text, float(by_year["persons"][year])))
    return cells


def _sums(
    page: Page,
    contents: Contents,
    name: str,
    own: pd.DataFrame,
    years: Sequence[int],
    rows: tuple[int, int],
) -> list[list[Cell]]:
    """Return the sums over the areas, the task of the region and the difference."""
    book, (first, below) = page.book, rows
    task = own[own["level"] == TOTAL].set_index("year")
    opening = float(task["opening"].iloc[0])
    values: list[float | None] = [opening]
    for year in years:
        known = year in task.index
        values += [float(task[one][year]) if known else None for one in ("increment", "persons")]

    def row(key: str, made: Callable[[int, float], Cell]) -> list[Cell]:
        cells: list[Cell] = [
            None if one is None else made(OPENING + at, one) for at, one in enumerate(values)
        ]
        return [name, book.text(f"plan.{key}"), *cells]

    def summed(column: int, value: float) -> Cell:
        text = f"=SUM({page.ref(first, column)}:{page.ref(below - 1, column)})"
        return Kind(Formula(text, value), "whole")

    def apart(column: int, _: float) -> Cell:
        return Kind(
            Formula(f"={page.ref(below, column)}-{page.ref(below + 1, column)}", 0.0), "whole"
        )

    return [
        row("sum", summed),
        row("task", lambda _, value: Kind(value, "whole")),
        row("apart", apart),
    ]
