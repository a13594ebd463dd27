"""The sheet of the funds: balances, income and outgo by item, with charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fsinsure.dims import TOTAL
from fsinsure.output.labels import label
from fsinsure.statuses import FUNDS, ITEMS
from fsinsure.workbook.book import Column
from fsinsure.workbook.cells import Cell, Formula, total
from fsinsure.workbook.charts import BLUE, ORANGE, VERMILION, Line, dress, place, rows_of, series

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

YEARS: Final = 2
"""First column with a year."""

KINDS: Final = ("income", "outgo")


class Accounts(NamedTuple):
    """The rows of a fund on its sheet, counted from 0."""

    fund: str
    opening: int
    income: int
    outgo: int
    net: int
    closing: int


def funds(book: Book, contents: Contents) -> tuple[Page, list[Accounts]]:
    """Write the sheet; return it with the rows of every fund."""
    page = book.page(
        "funds",
        book.text("funds.title", region=contents.region, title=contents.title),
        book.text("funds.note"),
        book.text("units.money", yuan=book.units.yuan.name),
    )
    table = contents.result.ledger
    table = table[table["level"] == TOTAL]
    cells = table.set_index(["fund", "item", "year"])["yuan"]
    years = contents.years
    columns = [
        Column(book.head("fund")),
        Column(book.head("item")),
        *(Column(year, "yuan", 12) for year in years),
    ]
    page.heading(book.text("funds.closing"))
    head = page.row
    balances = [
        [label(f"short.{fund}", contents.lang), book.text("funds.balance")]
        + [_money(page, cells, fund, "closing", year) for year in years]
        for fund in FUNDS
    ]
    page.table(columns, balances, freeze=2)
    charts = page.row
    page.row += rows_of(len(FUNDS)) + 1
    page.turn()
    page.heading(book.text("funds.accounts"))
    rows, strong, accounts = list[list[Cell]](), set[int](), list[Accounts]()
    for fund in FUNDS:
        own, sums = _account(page, contents, cells, fund, page.row + 1 + len(rows))
        strong |= {one - page.row - 1 for one in sums[2:]}
        accounts.append(sums)
        rows += own
    page.table(columns, rows, strong=strong)
    page.heading(book.text("funds.memo"))
    page.table(columns, [*_memo(page, contents, cells)])
    place(page, [_chart(page, contents, one, head) for one in accounts], charts)
    return page, accounts


def _money(page: Page, cells: pd.Series[float], fund: str, item: str, year: int) -> float:
    """Return an amount in the unit of the workbook; NaN where the ledger has none."""
    return page.book.units.money(float(cells.get((fund, item, year), float("nan"))))


def _account(
    page: Page, contents: Contents, cells: pd.Series[float], fund: str, first: int
) -> tuple[list[list[Cell]], Accounts]:
    """Return the rows of a fund from the opening to the closing balance, and where sums are."""
    book, years = page.book, contents.years
    name = label(f"short.{fund}", contents.lang)
    rows: list[list[Cell]] = []

    def item(key: str) -> None:
        numbers = [_money(page, cells, fund, key, year) for year in years]
        rows.append([name, label(f"item.{key}", contents.lang), *numbers])

    def add(key: str, formula: Any, value: Any) -> int:
        """Add a row of formulas from the first projected year on."""
        made = [Formula(formula(YEARS + at), value(at)) for at in range(1, len(years))]
        rows.append([name, book.text(f"funds.{key}"), None, *made])
        return first + len(rows) - 1

    item("opening")
    found: dict[str, tuple[int, list[float]]] = {}
    for kind in KINDS:
        start = len(rows)
        for key in (key for key, of in ITEMS[fund].items() if of == kind):
            item(key)
        within = [[_number(cell) for cell in row[YEARS:]] for row in rows[start:]]
        sums = [total(column) for column in zip(*within, strict=True)]
        top, low = first + start, first + len(rows) - 1

        def summed(column: int, top: int = top, low: int = low) -> str:
            return f"=SUM({page.ref(top, column)}:{page.ref(low, column)})"

        found[kind] = add(kind, summed, sums.__getitem__), sums
    (income, gained), (outgo, paid) = found["income"], found["outgo"]
    net = add(
        "net",
        lambda column: f"={page.ref(income, column)}-{page.ref(outgo, column)}",
        lambda at: gained[at] - paid[at],
    )
    item("closing")
    return rows, Accounts(fund, first, income, outgo, net, first + len(rows) - 1)


def _number(cell: Cell) -> float:
    return cell if isinstance(cell, float) else float("nan")


def _memo(page: Page, contents: Contents, cells: pd.Series[float]) -> list[list[Cell]]:
    """Return the rows that are not part of an account."""
    return [
        [label(f"short.{fund}", contents.lang), label(f"item.{item}", contents.lang)]
        + [_money(page, cells, fund, item, year) for year in contents.years]
        for fund in FUNDS
        for item, kind in ITEMS[fund].items()
        if kind == "memo" and item != "new_pensions"
    ]


def _chart(page: Page, contents: Contents, accounts: Accounts, head: int) -> Any:
    """Return the chart of a fund: income and outgo as columns, the balance as a line."""
    book, last = page.book, YEARS + len(contents.years) - 1
    chart, line = book.chart("column"), book.chart("line")
    for key, row, colour in (
        ("income", accounts.income, BLUE),
        ("outgo", accounts.outgo, ORANGE),
    ):
        one = series(page, Line(book.text(f"funds.{key}"), row, colour), head, YEARS, last)
        chart.add_series(
            {"name": one["name"], "categories": one["categories"], "values": one["values"]}
            | {"fill": {"color": colour}, "gap": 80}
        )
    balance = Line(book.text("funds.balance"), accounts.closing, VERMILION, mark="circle")
    line.add_series(series(page, balance, head, YEARS, last))
    chart.combine(line)
    dress(chart, label(f"short.{accounts.fund}", contents.lang), book.units.yuan)
    return chart
