"""The sheet of probabilities and ranges: what many draws of the assumptions give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fsinsure.dims import TOTAL
from fsinsure.output.labels import label
from fsinsure.workbook.book import BAD, GOOD, WARN, Column
from fsinsure.workbook.cells import Cell, Kind, is_missing, records
from fsinsure.workbook.charts import BLUE, PALE, VERMILION, Line, dress, floor_of, place, series

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.ensembles import Ensemble
    from fsinsure.workbook.book import Block, Book, Page
    from fsinsure.workbook.contents import Contents

SHOWN: Final = ("p10", "p25", "p50", "p75", "p90")
"""Percentiles of the sheet."""

YEARS: Final = 2
"""First column with a year."""

LIKELY, EVEN = 0.9, 0.5
"""Probabilities from which a target is likely, and below which it is unlikely."""

LIMITS: Final = ("watch", "warning", "alarm")


def draws(book: Book, contents: Contents, ensemble: Ensemble) -> Page:
    """Write the sheet: targets, people by year, balances by year, and how funds run out."""
    count = len(ensemble.draws.reason)
    page = book.page(
        "draws",
        book.text("draws.title", region=contents.region, title=contents.title),
        book.text("draws.note", draws=f"{count:,}", seed=ensemble.setting.seed),
        book.text("draws.units", persons=book.units.persons.name, yuan=book.units.yuan.name),
    )
    page.heading(book.text("draws.targets"))
    _targets(page, contents, ensemble.targets)
    page.heading(book.text("draws.funds"))
    _funds(page, contents, ensemble)
    head = page.row + 1
    page.heading(book.text("draws.paths"))
    places = _paths(page, contents, ensemble)
    page.note(book.text("targets.axes"))
    charts = [_chart(page, contents, name, at, head) for name, at in places.items()]
    place(page, charts, page.row)
    return page


def _targets(page: Page, contents: Contents, table: pd.DataFrame) -> None:
    """Write the probability of each target and of all, and the people of its year."""
    book, unit = page.book, page.book.units.people
    rows: list[list[Cell]] = [
        [
            book.text("draws.all") if row.measure == "all" else contents.measure(row.measure),
            _chance(row.probability),
            _chance(row.standard_error),
            Kind(unit(row.target), "persons"),
            *(Kind(unit(getattr(row, one)), "persons") for one in SHOWN),
        ]
        for row in records(table)
    ]
    heads = ("probability", "error", "target", *SHOWN)
    columns = [Column(book.text(f"draws.{one}"), "share", 12) for one in heads]
    block = page.table([Column(book.head("measure")), *columns], rows)
    _colour(page, block, 1)


def _chance(value: float) -> Kind:
    return Kind(float(value), "share")


def _colour(page: Page, block: Block, column: int) -> None:
    cell = page.ref(block.first, column)
    area = (block.first, column, block.last, column)
    page.mark(*area, f'AND({cell}<>"",{cell}>={LIKELY})', GOOD)
    page.mark(*area, f'AND({cell}<>"",{cell}<{EVEN})', BAD)
    page.mark(*area, f'AND({cell}<>"",{cell}<{LIKELY})', WARN)


def _funds(page: Page, contents: Contents, ensemble: Ensemble) -> None:
    """Write how likely each fund runs out, and is below its limits at the last year."""
    book, last = page.book, contents.years[-1]
    months = ensemble.indicators
    months = months[months["year"] == last].set_index("fund")
    rows: list[list[Cell]] = []
    for row in records(ensemble.depletion):
        below = [_chance(months[f"below_{one}"].get(row.fund, float("nan"))) for one in LIMITS]
        median = None if is_missing(row.median_year) else Kind(int(row.median_year), "year")
        own = [Kind(float(months[one].get(row.fund, float("nan"))), "months") for one in SHOWN]
        name = label(f"short.{row.fund}", contents.lang)
        rows.append([name, _chance(row.probability), median, *below, *own])
    columns = [
        Column(book.head("fund")),
        Column(book.text("draws.depletion", year=last), "share", 12),
        Column(book.text("draws.median_year"), "year", 12),
        *(Column(book.text(f"draws.below_{one}", year=last), "share", 12) for one in LIMITS),
        *(
            Column(book.text("draws.months", year=last, of=book.text(f"draws.{one}")), "months", 12)
            for one in SHOWN
        ),
    ]
    page.table(columns, rows)


def _paths(
    page: Page, contents: Contents, ensemble: Ensemble
) -> dict[str, tuple[int, float | None]]:
    """Write percentiles by year: people of each target, then balances.

    Returns
    -------
    dict
        The first row of each, and where the axis of its chart may start (None: as the spreadsheet
        has it).
    """
    book, years = page.book, contents.years
    people, money = ensemble.enrollment, ensemble.ledger
    people = people[people["level"] == TOTAL].set_index(["measure", "year"])
    closing = money[money["item"] == "closing"].set_index(["fund", "year"])
    rows, places = list[list[Cell]](), dict[str, tuple[int, float | None]]()
    aims = {one.measure: one for one in contents.scenario.targets}
    subjects = [(name, people, book.units.people, "persons") for name in aims]
    subjects += [(fund, closing, book.units.money, "yuan") for fund in dict.fromkeys(money["fund"])]
    for name, table, unit, kind in subjects:
        shown = contents.measure(name)
        shown = shown if kind == "persons" else book.text("draws.balance", fund=shown)
        first, low = page.row + 1 + len(rows), None
        for one in SHOWN:
            values = [unit(float(table[one][name, year])) for year in years]
            rows.append([shown, book.text(f"draws.{one}"), *(Kind(v, kind) for v in values)])
        if kind == "persons":
            level = Kind(unit(aims[name].value), kind)
            rows.append([shown, book.text("targets.level"), *([level] * len(years))])
            lowest = [unit(float(table[SHOWN[0]][name, year])) for year in years]
            highest = [unit(float(table[SHOWN[-1]][name, year])) for year in years]
            low = floor_of([*lowest, *highest, unit(aims[name].value)])
        places[f"{kind}.{name}"] = first, low
    columns = [Column(book.head("measure")), Column(book.text("series"), width=12)]
    page.table([*columns, *(Column(year, "any", 11) for year in years)], rows)
    return places


def _chart(
    page: Page, contents: Contents, name: str, at: tuple[int, float | None], head: int
) -> Any:
    """Return the chart of percentiles by year, with the target of people."""
    row, low = at
    book, last = page.book, YEARS + len(contents.years) - 1
    kind, _, subject = name.partition(".")
    chart = book.chart("line")
    looks = ((PALE, "solid", 1.5), (BLUE, "dash", 1.25), (BLUE, "solid", 2.5))
    for order, one in enumerate(SHOWN):
        colour, dash, wide = looks[min(order, len(SHOWN) - 1 - order)]
        line = Line(book.text(f"draws.{one}"), row + order, colour, dash, wide=wide)
        chart.add_series(series(page, line, head, YEARS, last))
    if kind == "persons":
        line = Line(book.text("targets.level"), row + len(SHOWN), VERMILION, "round_dot", wide=1.5)
        chart.add_series(series(page, line, head, YEARS, last))
    title = contents.measure(subject)
    if kind == "persons":
        dress(chart, title, book.units.persons, low)
    else:
        dress(chart, book.text("draws.balance", fund=title), book.units.yuan)
    return chart
