"""The sheets of people: enrollment of the region and its areas, and the population by status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.dims import AGE_GROUPS, AREA, TOTAL
from fsinsure.measures import measures
from fsinsure.output.labels import label
from fsinsure.statuses import STATUSES
from fsinsure.workbook.book import Block, Column
from fsinsure.workbook.cells import Cell, Formula, total

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

YEARS: Final = 2
"""First column with a year."""


def enrollment(book: Book, contents: Contents) -> tuple[Page, Block, Block | None]:
    """Write people in each measure, of the region and below by area; return both tables."""
    page = book.page(
        "enrollment",
        book.text("enrollment.title", region=contents.region, title=contents.title),
        book.text("enrollment.note"),
        book.text("units.note", persons=book.units.persons.name),
    )
    years, region = contents.years, contents.scenario.region
    columns = [
        Column(book.head("measure")),
        Column(book.head("area")),
        *(Column(year, "persons", 11) for year in years),
        Column(book.text("growth"), "rate", 12),
    ]
    table = contents.result.enrollment
    page.heading(book.text("enrollment.total"))
    of_region = page.table(columns, _rows(page, contents, table, TOTAL, [region.name]), freeze=2)
    page.heading(book.text("enrollment.areas"))
    rows = _rows(page, contents, table, AREA, list(region.codes))
    of_areas = page.table(columns, rows)
    page.sheet.autofilter(of_areas.first - 1, 0, of_areas.last, len(columns) - 1)
    return page, of_region, of_areas


def _rows(
    page: Page, contents: Contents, table: pd.DataFrame, level: str, places: list[str]
) -> list[list[Cell]]:
    """Return the people of every measure and place by year, with the growth of a year."""
    years, unit = contents.years, page.book.units.people
    people = table[table["level"] == level].set_index(["measure", "area", "year"])["persons"]
    first = page.row + 1
    rows: list[list[Cell]] = []
    for measure in measures():
        for place in places:
            cells = [unit(people[measure, place, year]) for year in years]
            row = first + len(rows)
            ends = [page.ref(row, YEARS + len(years) - 1), page.ref(row, YEARS)]
            growth: Cell = None
            if cells[0] > 0 and len(years) > 1:
                text = f"=({ends[0]}/{ends[1]})^(1/{len(years) - 1})-1"
                growth = Formula(text, (cells[-1] / cells[0]) ** (1 / (len(years) - 1)) - 1)
            name = label(f"measure.{measure}", contents.lang)
            rows.append([name, contents.names[place], *cells, growth])
    return rows


def people(book: Book, contents: Contents) -> Page:
    """Write the population of the base year and of the last year, by age group and status."""
    page = book.page(
        "people",
        book.text("people.title", region=contents.region, title=contents.title),
        book.text("units.note", persons=book.units.persons.name),
    )
    names = [label(f"status.{status}", contents.lang) for status in STATUSES]
    columns = [
        Column(book.head("age_group")),
        *(Column(name, "persons", 11) for name in names),
        Column(book.text("sum"), "persons", 12),
    ]
    stocks = contents.result.stocks
    stocks = stocks[stocks["level"] == TOTAL]
    for year in dict.fromkeys((contents.years[0], contents.years[-1])):
        if year != contents.years[0]:
            page.turn()
        page.heading(book.text("people.year", year=year))
        of_year = stocks[stocks["year"] == year]
        cells = of_year.groupby(["age_group", "status"])["persons"].sum()
        _by_age(page, cells, columns, freeze=year == contents.years[0])
    return page


def _by_age(page: Page, cells: pd.Series[float], columns: list[Column], *, freeze: bool) -> None:
    """Write people by age group and status with both sums."""
    unit, first = page.book.units.people, page.row + 1
    numbers = [[unit(cells[group, status]) for status in STATUSES] for group in AGE_GROUPS]
    rows: list[list[Cell]] = []
    for at, (group, own) in enumerate(zip(AGE_GROUPS, numbers, strict=True)):
        span = f"{page.ref(first + at, 1)}:{page.ref(first + at, len(own))}"
        rows.append([group, *own, Formula(f"=SUM({span})", total(own))])
    sums: list[Cell] = [page.book.text("sum")]
    for column, of_status in enumerate(zip(*numbers, strict=True), start=1):
        span = f"{page.ref(first, column)}:{page.ref(first + len(rows) - 1, column)}"
        sums.append(Formula(f"=SUM({span})", total(of_status)))
    every = f"{page.ref(first + len(rows), 1)}:{page.ref(first + len(rows), len(STATUSES))}"
    whole = total(cell for own in numbers for cell in own)
    sums.append(Formula(f"=SUM({every})", whole))
    page.table(columns, [*rows, sums], strong={len(rows)}, freeze=1 if freeze else None)
