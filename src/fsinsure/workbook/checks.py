"""The sheet of checks: the identities of the run, and sums of this workbook as formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.measures import measures
from fsinsure.output.labels import label
from fsinsure.workbook.book import BAD, GOOD, Column
from fsinsure.workbook.cells import Cell, Formula
from fsinsure.workbook.enrollment import YEARS as PEOPLE_YEARS
from fsinsure.workbook.funds import YEARS as MONEY_YEARS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.workbook.book import Block, Book, Page
    from fsinsure.workbook.contents import Contents
    from fsinsure.workbook.funds import Accounts

SMALL: Final = "0.000001"
"""Differences of sums below it are rounding, in the units of the workbook."""


def checks(
    book: Book,
    contents: Contents,
    people: tuple[Page, Block, Block | None],
    money: tuple[Page, Sequence[Accounts]],
) -> Page:
    """Write the sheet."""
    page = book.page(
        "checks",
        book.text("checks.title", region=contents.region, title=contents.title),
        book.text("checks.note"),
    )
    page.heading(book.text("checks.identities"))
    rows: list[list[Cell]] = [
        [
            label(f"identity.{one.name}", contents.lang),
            one.compared,
            book.text("checks.holds" if one.passed else "checks.broken"),
        ]
        for one in contents.result.checks
    ]
    columns = [
        Column(book.text("checks.identity"), width=44),
        Column(book.text("checks.compared"), "whole", 14),
        Column(book.text("checks.outcome"), "label", 12),
    ]
    block = page.table(columns, rows)
    _colour(page, block.first, 2, block.last, 2)
    page.heading(book.text("checks.sums"))
    _sums(page, contents, people, money)
    return page


def _colour(page: Page, first: int, left: int, last: int, right: int) -> None:
    cell = page.ref(first, left)
    page.mark(first, left, last, right, f'{cell}="{page.book.text("checks.holds")}"', GOOD)
    page.mark(first, left, last, right, f'{cell}="{page.book.text("checks.broken")}"', BAD)


def _sums(
    page: Page,
    contents: Contents,
    people: tuple[Page, Block, Block | None],
    money: tuple[Page, Sequence[Accounts]],
) -> None:
    """Write whether areas add up to the region, and balances follow from income and outgo."""
    book, years = page.book, contents.years
    rows = [*_areas(page, contents, *people), *_balances(page, contents, *money)]
    columns = [
        Column(book.text("checks.identity")),
        *(Column(year, "text", 9) for year in years),
    ]
    block = page.table(columns, rows)
    _colour(page, block.first, 1, block.last, len(years))


def _verdict(page: Page, difference: str) -> Formula:
    """Return the formula that says whether a difference is zero; it is in every run."""
    texts = page.book.text("checks.holds"), page.book.text("checks.broken")
    return Formula(f'=IF(ABS({difference})<{SMALL},"{texts[0]}","{texts[1]}")', texts[0])


def _areas(
    page: Page, contents: Contents, sheet: Page, total: Block, areas: Block | None
) -> list[list[Cell]]:
    """Return a row a measure: the areas add up to the region."""
    if areas is None:
        return []
    rows: list[list[Cell]] = []
    codes = len(contents.scenario.region.codes)
    for at, measure in enumerate(measures()):
        first = areas.first + at * codes
        cells: list[Cell] = []
        for year in range(len(contents.years)):
            column = PEOPLE_YEARS + year
            parts = f"{sheet.ref(first, column)}:{sheet.ref(first + codes - 1, column)}"
            of = f"SUM('{sheet.name}'!{parts})-'{sheet.name}'!{sheet.ref(total.first + at, column)}"
            cells.append(_verdict(page, of))
        name = label(f"measure.{measure}", contents.lang)
        rows.append([page.book.text("checks.areas", name=name), *cells])
    return rows


def _balances(
    page: Page, contents: Contents, sheet: Page, accounts: Sequence[Accounts]
) -> list[list[Cell]]:
    """Return a row a fund: opening balance, income and outgo give the closing balance."""
    rows: list[list[Cell]] = []
    table = contents.result.ledger
    missing = set(table[(table["item"] == "closing") & table["yuan"].isna()]["fund"])
    for of in accounts:
        if of.fund in missing:
            continue
        cells: list[Cell] = [None]
        for year in range(1, len(contents.years)):
            column = MONEY_YEARS + year
            at = {
                key: f"'{sheet.name}'!{sheet.ref(getattr(of, key), column)}"
                for key in ("opening", "net", "closing")
            }
            cells.append(_verdict(page, f"{at['opening']}+{at['net']}-{at['closing']}"))
        name = label(f"short.{of.fund}", contents.lang)
        rows.append([page.book.text("checks.balance", name=name), *cells])
    return rows
