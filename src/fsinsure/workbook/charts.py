"""Charts of the spreadsheet: they follow the cells that they show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.output.numbers import Unit
    from fsinsure.workbook.book import Page

BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
GREY: Final = "#595959"
PALE: Final = "#B9D5EA"

WIDTH: Final = 470
HEIGHT: Final = 260
"""Pixels of a chart."""
ACROSS: Final = 2
"""Charts beside each other."""
DOWN: Final = 2
"""Charts below each other on a printed page."""
ROW: Final = 20
"""Pixels of a row of a sheet."""


class Line(NamedTuple):
    """A series of a chart: cells of one row, and how they are drawn."""

    name: str
    row: int
    colour: str
    dash: str = "solid"
    mark: str = "none"
    wide: float = 2.25


def series(page: Page, line: Line, head: int, first: int, last: int) -> dict[str, object]:
    """Return a series of the cells of a row, over the years of a heading."""
    marked = {"type": line.mark, "size": 7}
    if line.mark != "none":
        marked |= {"fill": {"color": line.colour}, "border": {"color": line.colour}}
    drawn = {"color": line.colour, "width": line.wide, "dash_type": line.dash}
    return {
        "name": line.name,
        "categories": [page.name, head, first, head, last],
        "values": [page.name, line.row, first, line.row, last],
        "line": drawn if line.wide else {"none": True},
        "marker": marked,
    }


def dress(chart: Any, title: str, unit: Unit, low: float | None = None) -> None:
    """Give a chart its title, axes and legend; the vertical axis starts at `low` if it is given."""
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
    small = {"size": 9, "color": GREY}
    axis: dict[str, object] = {
        "name": unit.name,
        "name_font": {"size": 9, "bold": False, "color": GREY},
        "num_font": small,
        "num_format": "General",
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9", "width": 0.75}},
        "line": {"none": True},
    }
    chart.set_y_axis(axis if low is None else {**axis, "min": low})
    chart.set_x_axis({"num_font": small, "label_position": "low", "num_format": "0"})
    chart.set_legend({"position": "bottom", "font": {"size": 9}})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    chart.show_blanks_as("gap")


def rows_of(charts: int) -> int:
    """Return the rows of a sheet that some charts take."""
    return -(-charts // ACROSS) * (HEIGHT // ROW + 2)


def place(page: Page, charts: Sequence[Any], row: int) -> None:
    """Put charts beside each other from a row on, with whole charts on every printed page."""
    for at, chart in enumerate(charts):
        down, along = divmod(at, ACROSS)
        top = row + rows_of(down * ACROSS)
        if not along and not down % DOWN:
            page.turn(top)
        where = {"x_offset": 4 + along * (WIDTH + 12), "object_position": 2}
        page.sheet.insert_chart(top + 1, 0, chart, where)


def floor_of(values: Sequence[float]) -> float:
    """Return where an axis may start so that differences show: a round number, at least zero.

    >>> floor_of([392.63, 505.4, 470.0]), floor_of([1.0, 50.0])
    (300.0, 0.0)
    """
    known = [one for one in values if not math.isnan(one)]
    if not known or min(known) <= 0:
        return 0.0
    low, high = min(known), max(known)
    step = 10.0 ** math.floor(math.log10(high - low)) if high > low else low / 10
    return max(0.0, math.floor((low - (high - low) / 2) / step) * step)
