"""The sheet of targets: the projection against the plan, with formulas that follow a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fsinsure.dims import TOTAL
from fsinsure.output.tidy import met
from fsinsure.workbook.book import BAD, GOOD, Block, Column
from fsinsure.workbook.cells import Cell, Formula, is_missing, records
from fsinsure.workbook.charts import (
    BLUE,
    GREEN,
    ORANGE,
    VERMILION,
    Line,
    dress,
    floor_of,
    place,
    series,
)

if TYPE_CHECKING:
    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents

COLUMNS: Final = (
    *("measure", "year", "base", "target", "projected", "gap"),
    *("attained", "needed", "needed_last", "grown", "first", "verdict"),
)
"""Columns of the table of targets."""

YEAR, BASE, TARGET, PROJECTED, GAP, ATTAINED, NEEDED, VERDICT = map(
    COLUMNS.index,
    ("year", "base", "target", "projected", "gap", "attained", "needed", "verdict"),
)

YEARS: Final = 2
"""First column with a year in the table of paths."""


class Rows(NamedTuple):
    """The rows of a target: of its figures, and of the paths below."""

    own: int
    projected: int
    required: int
    level: int
    published: int


def targets(book: Book, contents: Contents) -> Page:
    """Write the sheet."""
    page = book.page(
        "targets",
        book.text("targets.title", region=contents.region, title=contents.title),
        book.text("targets.note"),
        book.text("units.note", persons=book.units.persons.name),
    )
    table = contents.result.targets
    if table.empty:
        page.note(book.text("targets.none"))
        return page
    head = page.row + len(table) + 3  # the years of the paths
    places = [_rows(page.row + 1 + at, head + 1 + 4 * at) for at in range(len(table))]
    rows = [
        _figures(page, contents, row, of, head)
        for row, of in zip(records(table), places, strict=True)
    ]
    block = page.table(_columns(book, contents), rows, freeze=1)
    _colour(page, block, book)
    page.heading(book.text("targets.paths"))
    lows = _paths(page, contents, places)
    page.note(book.text("targets.axes"))
    charts = [
        _chart(page, contents, at, of, (head, low))
        for at, (of, low) in enumerate(zip(places, lows, strict=True))
    ]
    place(page, charts, page.row)
    return page


def _rows(own: int, first: int) -> Rows:
    return Rows(own, first, first + 1, first + 2, first + 3)


def _columns(book: Book, contents: Contents) -> list[Column]:
    people = book.units.persons.name

    def of(key: str, kind: str) -> Column:
        return Column(book.text(f"targets.{key}", unit=people, year=contents.years[0]), kind, 12)

    return [
        Column(book.head("measure")),
        of("year", "year"),
        of("base", "persons"),
        of("target", "persons"),
        of("projected", "persons"),
        of("gap", "persons_change"),
        of("attained", "share"),
        of("needed", "rate"),
        of("needed_last", "rate"),
        of("grown", "rate"),
        of("first", "year"),
        of("verdict", "label"),
    ]


def _figures(page: Page, contents: Contents, row: Any, of: Rows, head: int) -> list[Cell]:
    """Return the cells of a target: what a planner may change, and formulas of it."""
    first, last, unit = contents.years[0], contents.years[-1], page.book.units.people
    cell = [page.ref(of.own, at) for at in range(len(COLUMNS))]

    def path(year: int) -> str:
        return page.ref(of.projected, YEARS + year - first)

    end, before = min(row.year, last), min(row.year - 1, last)
    needed = f"=({cell[TARGET]}/{cell[BASE]})^(1/({cell[YEAR]}-{first}))-1"
    needed_last = f"=({cell[TARGET]}/{path(before)})^(1/{row.year - before})-1"
    grown = f"=({path(end)}/{path(first)})^(1/{end - first})-1"
    cells: list[Cell] = [
        contents.measure(row.measure),
        int(row.year),
        unit(row.base),
        unit(row.target),
        Formula(f"={path(end)}", unit(row.projected)),
        Formula(f"={cell[PROJECTED]}-{cell[TARGET]}", unit(row.gap)),
        Formula(f"={cell[PROJECTED]}/{cell[TARGET]}", row.attainment),
        Formula(needed, row.growth_required),
        Formula(needed_last, row.growth_required_from_last),
        Formula(grown, row.growth_projected),
        _reached(page, contents, row, of, head),
        _verdict(page.book, row, cell[GAP]),
    ]
    if row.year > last:
        cells[PROJECTED : ATTAINED + 1] = [None] * 3
        cells[VERDICT] = page.book.text("targets.beyond")
    return cells


def _reached(page: Page, contents: Contents, row: Any, of: Rows, head: int) -> Formula:
    """Return the formula of the first year at or above the target."""
    never, end = page.book.text("targets.never"), YEARS + len(contents.years) - 1
    path = f"{page.ref(of.projected, YEARS)}:{page.ref(of.projected, end)}"
    years = f"{page.ref(head, YEARS, fixed=True)}:{page.ref(head, end, fixed=True)}"
    goal = page.ref(of.own, TARGET)
    text = f'=IF(MAX({path})<{goal},"{never}",MIN(IF({path}>={goal},{years})))'
    return Formula(text, never if is_missing(row.year_reached) else int(row.year_reached), True)


def _verdict(book: Book, row: Any, gap: str) -> Formula:
    """Return the formula that says whether a target is met, to the person."""
    texts = book.text("targets.met"), book.text("targets.missed")
    return Formula(
        f'=IF({gap}>={book.units.missed},"{texts[0]}","{texts[1]}")', texts[not met(row.gap)]
    )


def _colour(page: Page, block: Block, book: Book) -> None:
    """Colour gaps, attainments and verdicts: met or missed."""
    gap = f"${page.ref(block.first, GAP)}"
    line = book.units.missed
    for column in (GAP, ATTAINED, VERDICT):
        area = (block.first, column, block.last, column)
        page.mark(*area, f'AND({gap}<>"",{gap}<{line})', BAD)
        page.mark(*area, f'AND({gap}<>"",{gap}>={line})', GOOD)


def _paths(page: Page, contents: Contents, places: list[Rows]) -> list[float]:
    """Write the path of each target: projected, required, the target and published figures.

    Returns
    -------
    list of float
        Where the axis of the chart of each may start.
    """
    book, years, unit = page.book, contents.years, page.book.units.people
    result = contents.result
    people = result.enrollment[result.enrollment["level"] == TOTAL]
    projected = people.set_index(["measure", "year"])["persons"]
    known = result.published
    known = known[(known["level"] == TOTAL) & (known["elapsed"] == 1.0)]
    published = known.groupby(["measure", "year"])["value"].last().to_dict()
    rows, lows = list[list[Cell]](), list[float]()
    for row, of in zip(records(result.targets), places, strict=True):
        name = contents.measure(row.measure)
        base, goal, growth = (page.ref(of.own, at, fixed=True) for at in (BASE, TARGET, NEEDED))
        within = [year for year in years if year <= row.year]
        required = [
            Formula(
                f"={base}*(1+{growth})^{year - years[0]}",
                unit(row.base * (1 + row.growth_required) ** (year - years[0])),
            )
            for year in within
        ]
        blank: list[Cell] = [None] * (len(years) - len(within))
        known_rows = [published.get((row.measure, year), float("nan")) for year in years]
        ahead = [projected[row.measure, year] for year in years]
        lows.append(floor_of([unit(one) for one in (*ahead, *known_rows, row.base, row.target)]))
        rows += [
            [name, book.text("targets.projected_path")] + [unit(one) for one in ahead],
            [name, book.text("targets.required_path"), *required, *blank],
            [
                name,
                book.text("targets.level"),
                *([Formula(f"={goal}", unit(row.target))] * len(years)),
            ],
            [name, book.text("targets.published")] + [unit(one) for one in known_rows],
        ]
    columns = [Column(book.head("measure")), Column(book.text("series"))]
    page.table([*columns, *(Column(year, "persons", 11) for year in years)], rows)
    return lows


def _chart(page: Page, contents: Contents, at: int, of: Rows, axes: tuple[int, float]) -> Any:
    """Return the chart of a target; its axes are the row of years and the lowest number."""
    book, target = page.book, contents.scenario.targets[at]
    chart = book.chart("line")
    lines = [
        Line(book.text("targets.projected_path"), of.projected, BLUE),
        Line(book.text("targets.required_path"), of.required, ORANGE, "dash"),
        Line(book.text("targets.level"), of.level, VERMILION, "round_dot", wide=1.5),
        Line(book.text("targets.published"), of.published, GREEN, mark="diamond", wide=0),
    ]
    for one in lines:
        chart.add_series(series(page, one, axes[0], YEARS, YEARS + len(contents.years) - 1))
    title = f"{contents.measure(target.measure)} · {target.year}"
    dress(chart, title, book.units.persons, axes[1])
    return chart
