"""The sheet of channels: where the increment of each measure comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.dims import AREA, TOTAL
from fsinsure.output.labels import label
from fsinsure.workbook.book import Column
from fsinsure.workbook.cells import Cell, Formula, total

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents


def channels(book: Book, contents: Contents) -> Page:
    """Write the channels of every measure by year, and below by area for all years together."""
    page = book.page(
        "channels",
        book.text("channels.title", region=contents.region, title=contents.title),
        book.text("channels.note"),
        book.text("units.note", persons=book.units.persons.name),
    )
    table, years = contents.result.channels, contents.years
    table = table.assign(step=table["from_year"].astype(str) + "–" + table["to_year"].astype(str))
    steps = [f"{year}–{year + 1}" for year in years[:-1]]
    of_region = table[table["level"] == TOTAL]
    page.heading(book.text("channels.years"))
    _table(page, contents, of_region, "step", dict(zip(steps, steps, strict=True)), freeze=True)
    whole = table[
        (table["level"] == AREA)
        & (table["from_year"] == years[0])
        & (table["to_year"] == years[-1])
    ]
    codes = contents.scenario.region.codes
    page.heading(book.text("channels.areas", first=years[0], last=years[-1]))
    _table(page, contents, whole, "area", {code: contents.names[code] for code in codes})
    return page


def _table(
    page: Page,
    contents: Contents,
    table: pd.DataFrame,
    across: str,
    headings: dict[str, str],
    *,
    freeze: bool = False,
) -> None:
    """Write channels down and steps or areas across, with the increment of each measure."""
    book, unit, rows = page.book, page.book.units.people, list[list[Cell]]()
    first, strong, width = page.row + 1, set[int](), len(headings)
    for measure, own in table.groupby("measure", sort=False):
        start = first + len(rows)
        wide = own.pivot_table("persons", "channel", across, sort=False, aggfunc="sum")
        cells = wide.reindex(columns=list(headings)).fillna(0.0).map(unit)
        name = label(f"measure.{measure}", contents.lang)
        for channel, numbers in zip(cells.index, cells.to_numpy().tolist(), strict=True):
            row = first + len(rows)
            span = f"{page.ref(row, 2)}:{page.ref(row, 1 + width)}"
            shown = label(f"channel.{channel}", contents.lang)
            rows.append([name, shown, *numbers, Formula(f"=SUM({span})", total(numbers))])
        sums: list[Cell] = [name, book.text("channels.increment")]
        columns = [*zip(*cells.to_numpy().tolist(), strict=True)]
        for at, column in enumerate(columns):
            span = f"{page.ref(start, 2 + at)}:{page.ref(first + len(rows) - 1, 2 + at)}"
            sums.append(Formula(f"=SUM({span})", total(column)))
        span = f"{page.ref(first + len(rows), 2)}:{page.ref(first + len(rows), 1 + width)}"
        sums.append(Formula(f"=SUM({span})", total(cell for own in columns for cell in own)))
        strong.add(len(rows))
        rows.append(sums)
    page.table(
        [
            Column(book.head("measure")),
            Column(book.head("channel")),
            *(Column(name, "persons_change", 12) for name in headings.values()),
            Column(book.text("sum"), "persons_change", 12),
        ],
        rows,
        strong=strong,
        freeze=2 if freeze else None,
    )
