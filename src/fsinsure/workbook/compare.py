"""The sheet of scenarios: people and balances of this one and of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.dims import TOTAL
from fsinsure.output.labels import label
from fsinsure.statuses import FUNDS
from fsinsure.workbook.book import BAD, GOOD, Column
from fsinsure.workbook.cells import Cell, Formula

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.result import Result
    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents


def side_by_side(book: Book, contents: Contents) -> Page:
    """Write the sheet: a column of amounts and one of differences for each scenario."""
    page = book.page(
        "compare",
        book.text("compare.title", region=contents.region, title=contents.title),
        book.text("compare.note"),
        book.text("draws.units", persons=book.units.persons.name, yuan=book.units.yuan.name),
    )
    results = (contents.result, *contents.compare)
    page.heading(book.text("compare.people"))
    _people(page, contents, results)
    last = min(one.scenario.horizon for one in results)
    page.heading(book.text("compare.funds", year=last))
    _funds(page, contents, results, last)
    return page


def _title(result: Result, lang: str) -> str:
    return str(result.scenario.title.get(lang, result.scenario.name))


def _people(page: Page, contents: Contents, results: Sequence[Result]) -> None:
    """Write people of every measure and year with a target, and the gap of each scenario."""
    book, unit = page.book, page.book.units.people
    aims = dict.fromkeys(
        (one.measure, one.year) for result in results for one in result.scenario.targets
    )
    paths = [_of_region(result) for result in results]
    goals = [
        {(one.measure, one.year): one.value for one in result.scenario.targets}
        for result in results
    ]
    rows: list[list[Cell]] = []
    for key in aims:
        people = [path.get(key, float("nan")) for path in paths]
        gaps = [one - goal.get(key, float("nan")) for one, goal in zip(people, goals, strict=True)]
        cells = [unit(one) for pair in zip(people, gaps, strict=True) for one in pair]
        rows.append([contents.measure(key[0]), key[1], *cells])
    columns = [Column(book.head("measure")), Column(book.head("year"), "year")]
    for result in results:
        name = _title(result, contents.lang)
        columns.append(Column(name, "persons", 16))
        columns.append(Column(book.text("compare.gap", name=name), "persons_change", 16))
    block = page.table(columns, rows, freeze=2)
    for at in range(len(results)):
        column = 3 + 2 * at
        cell = page.ref(block.first, column)
        area = (block.first, column, block.last, column)
        line = book.units.missed
        page.mark(*area, f'AND({cell}<>"",{cell}<{line})', BAD)
        page.mark(*area, f'AND({cell}<>"",{cell}>={line})', GOOD)


def _of_region(result: Result) -> dict[tuple[str, int], float]:
    """Return people of the region by measure and year."""
    table = result.enrollment
    table = table[table["level"] == TOTAL]
    keys = zip(table["measure"], table["year"], strict=True)
    return dict(zip(keys, table["persons"].tolist(), strict=True))


def _funds(page: Page, contents: Contents, results: Sequence[Result], last: int) -> None:
    """Write the balance of every fund, and its difference from this scenario."""
    book, unit = page.book, page.book.units.money
    closing = [_closing(result, last) for result in results]
    first = page.row + 1
    rows: list[list[Cell]] = []
    for at, fund in enumerate(FUNDS):
        own = [unit(one[fund]) for one in closing]
        cells: list[Cell] = [own[0], None]
        for other, balance in enumerate(own[1:], start=1):
            column = 2 + 2 * other
            text = f"={page.ref(first + at, column)}-{page.ref(first + at, 2)}"
            missing = balance != balance or own[0] != own[0]
            cells += [balance, None if missing else Formula(text, balance - own[0])]
        rows.append([label(f"short.{fund}", contents.lang), last, *cells])
    columns = [Column(book.head("fund")), Column(book.head("year"), "year")]
    for at, result in enumerate(results):
        name = _title(result, contents.lang)
        apart = book.text("compare.change", name=name) if at else ""
        columns += [Column(name, "yuan", 16), Column(apart, "yuan_change", 16)]
    page.table(columns, rows)


def _closing(result: Result, year: int) -> dict[str, float]:
    table = result.ledger
    table = table[(table["item"] == "closing") & (table["year"] == year)]
    return dict(zip(table["fund"], table["yuan"].tolist(), strict=True))
