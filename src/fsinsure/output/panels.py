"""Panels of curves over years: their grid, axes, headers, and labels at the ends of lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from matplotlib.ticker import MaxNLocator

from fsinsure.output.picture import (
    POINT,
    Box,
    axes_in,
    fitting,
    line_height,
    remark,
    spread,
    text_width,
    write,
)
from fsinsure.output.style import GREY, SMALL, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from fsinsure.output.picture import Picture

NUMBERS: Final = 0.5
"""Inches left of a panel's axes for the numbers."""
YEARS: Final = 0.24
"""Inches below a panel's axes for the years."""
GUTTER: Final = 0.2
HEAD_GAP: Final = 0.1
MINOR: Final = 20
"""Longest span of years that has a small tick for each."""

Corner = Literal["upper left", "upper right", "lower right", "right"]
CORNERS: Final[dict[Corner, tuple[str, str, tuple[float, float]]]] = {
    "upper left": ("right", "bottom", (-1, 5)),
    "upper right": ("left", "bottom", (0, 6)),
    "lower right": ("left", "top", (1, -5)),
    "right": ("left", "center", (8, -2)),
}
"""Alignment and shift in points of a text beside its point."""

LEADER: Final = {
    "arrowstyle": "-",
    "color": GREY,
    "linewidth": 0.5,
    "shrinkA": 1,
    "shrinkB": 3,
    "relpos": (0.0, 0.5),
}
"""The thin line from a text that was moved to the end of its curve."""


class Mark(NamedTuple):
    """A text that belongs to a point of a panel."""

    persons: float
    text: str
    color: str
    year: int


def columns(panels: int) -> int:
    """Return how many panels stand side by side."""
    return panels if panels <= 3 else 2 if panels == 4 else 3


def cells(box: Box, panels: int) -> list[Box]:
    """Divide `box` into cells, row by row from the top."""
    across = columns(panels)
    down = math.ceil(panels / across)
    width = (box.width - GUTTER * (across - 1)) / across
    height = (box.height - GUTTER * (down - 1)) / down
    return [
        Box(
            box.left + (index % across) * (width + GUTTER),
            box.bottom + (down - 1 - index // across) * (height + GUTTER),
            width,
            height,
        )
        for index in range(panels)
    ]


def heights(panels: int, one: float) -> float:
    """Return the height of the grid in inches when one cell is `one` high."""
    down = math.ceil(panels / columns(panels))
    return down * one + (down - 1) * GUTTER


class Panel:
    """One panel: axes with years across and persons upwards, under a few lines of text.

    Parameters
    ----------
    picture, cell
        Where it stands.
    header
        Lines above the axes as (text, size, colour).
    unit
        Unit of the numbers.
    """

    def __init__(
        self,
        picture: Picture,
        cell: Box,
        header: Sequence[tuple[str, float, str]],
        unit: Unit,
    ) -> None:
        y = cell.bottom + cell.height
        for text, size, color in header:
            small = fitting(text, size, cell.width)
            write(picture, cell.left, y, text, small, color, va="top")
            y -= line_height(size)
        self.box = Box(
            cell.left + NUMBERS,
            cell.bottom + YEARS,
            cell.width - NUMBERS,
            y - HEAD_GAP - cell.bottom - YEARS,
        )
        self.axes: Axes = axes_in(picture, self.box)
        self.unit = unit
        self.size = SMALL

    def set_limits(
        self, years: Iterable[int], persons: Iterable[float], marks: Sequence[str]
    ) -> None:
        """Set both axes; `marks` are the texts that need room right of the last year."""
        first, last = min(years), max(years)
        span = max(last - first, 1)
        widest = max((text_width(text, self.size) for text in marks), default=0.0) + 0.2
        inner = max(self.box.width - widest, self.box.width * 0.35)
        self.last, self.inch = last, span / (inner * 0.96)
        self.axes.set_xlim(first - 0.04 * inner * self.inch, first + self.box.width * self.inch)
        values = [value for value in persons if not math.isnan(value)]
        low, high = min(values), max(values)
        pad = max((high - low) * 0.14, high * 0.004, 1.0)
        self.axes.set_ylim(max(low - pad, 0.0), high + pad)
        self.axes.spines["bottom"].set_bounds(first, last)

    def set_ticks(self, years: Sequence[int], keep: Iterable[int]) -> None:
        """Write numbers on the axes: the ends and `keep` always, years between in even steps."""
        first, last = min(years), max(years)
        must = sorted({first, last, *keep})
        shown = year_ticks(must, (text_width("2020", self.size) + 0.12) * self.inch)
        self.axes.set_xticks(shown, [str(year) for year in shown])
        if last - first <= MINOR:
            self.axes.set_xticks(range(first, last + 1), minor=True)
            self.axes.tick_params(which="minor", length=2)
        low, high = self.axes.get_ylim()
        ticks = [tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high]
        self.axes.set_yticks(ticks, self.unit.ticks(ticks))
        self.axes.grid(axis="y")

    def at_end(self, marks: Sequence[Mark]) -> None:
        """Write `marks` right of the last year at their heights, moved apart where they crowd."""
        low, high = self.axes.get_ylim()
        points = self.box.height / POINT
        wanted = [(mark.persons - low) / (high - low) * points for mark in marks]
        for mark, want, got in zip(marks, wanted, spread(wanted, self.size * 1.3), strict=True):
            self.axes.annotate(
                mark.text,
                (self.last, mark.persons),
                xytext=(12, got - want),
                textcoords="offset points",
                va="center",
                color=mark.color,
                size=self.size,
                annotation_clip=False,
                arrowprops=LEADER if abs(got - want) > 1 else None,
            )

    def beside(self, mark: Mark, corner: Corner) -> None:
        """Write `mark` at a corner of its point."""
        align, vertical, shift = CORNERS[corner]
        remark(
            self.axes,
            mark.text,
            (mark.year, mark.persons),
            size=self.size,
            color=mark.color,
            shift=shift,
            ha=align,
            va=vertical,
        )


def year_ticks(must: Sequence[int], room: float) -> list[int]:
    """Return the years to number: `must`, and years between them at least `room` years apart."""
    first, last = must[0], must[-1]
    for step in (1, 2, 5, 10, 20, 50):
        even = range(first, last + 1, step)
        if step >= room and all(year in even for year in must):
            return list(even)
    shown = [first]
    for year in (*must[::-1], *range(first - first % 10, last, 10)):
        if year > first and all(abs(year - other) >= room for other in shown):
            shown.append(year)
    return sorted(shown)
