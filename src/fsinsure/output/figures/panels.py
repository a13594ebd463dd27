"""Panels of curves over years: their grid, axes, headings, and labels at the ends of lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

import numpy as np
from matplotlib.transforms import Bbox

from fsinsure.output.figures import sheet
from fsinsure.output.figures.style import GREY, SMALL
from fsinsure.output.numbers import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray


Places = TypeVar("Places", float, "NDArray[np.float64]")

NUMBERS: Final = 0.5
"""Inches left of a panel's axes for the numbers."""
YEARS: Final = 0.24
"""Inches below a panel's axes for the years."""
GUTTER: Final = 0.2
HEAD_GAP: Final = 0.1
STEPS: Final = 200
"""Points of a curve that are tested when a text is placed."""
LONG: Final = 40
"""Span of years from which on the years numbered are every twentieth."""
MINOR: Final = 20
"""Longest span of years that has a small tick for each."""

GUIDES: Final = 1.5
"""Lines with a lower drawing order are guides and no curves; a text may cover them."""
TOUCH: Final = 3.0
"""Points from a curve within which a text would touch it or its marks."""

MARK_GAP: Final = 0.12
"""Inches between the marks of a curve, from middle to middle, so that they do not merge."""

Corner = Literal[
    "upper left", "above", "upper right", "lower right", "below", "lower left", "right", "high"
]
CORNERS: Final[dict[Corner, tuple[str, str, tuple[float, float]]]] = {
    "upper left": ("right", "bottom", (-1, 5)),
    "above": ("center", "bottom", (0, 6)),
    "upper right": ("left", "bottom", (0, 6)),
    "lower right": ("left", "top", (1, -5)),
    "below": ("center", "top", (0, -6)),
    "lower left": ("right", "top", (-1, -5)),
    "right": ("left", "center", (8, -2)),
    "high": ("left", "bottom", (0, 14)),
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
DOTS: Final = 16
"""Longest curve, in years, that has a mark for each."""


class Mark(NamedTuple):
    """A text that belongs to a point of a panel."""

    value: float
    text: str
    color: str
    year: int


def columns(panels: int) -> int:
    """Return how many panels stand side by side."""
    return panels if panels <= 3 else 2 if panels == 4 else 3


def cells(box: sheet.Box, panels: int) -> list[sheet.Box]:
    """Divide `box` into cells, row by row from the top."""
    across = columns(panels)
    down = math.ceil(panels / across)
    width = (box.width - GUTTER * (across - 1)) / across
    height = (box.height - GUTTER * (down - 1)) / down
    return [
        sheet.Box(
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
    """One panel: axes with years across and values upwards, under a few lines of text.

    Parameters
    ----------
    picture, cell
        Where it is drawn.
    header
        Lines above the axes as (text, size, colour).
    unit
        Unit of the numbers.
    """

    def __init__(
        self,
        picture: sheet.Picture,
        cell: sheet.Box,
        header: Sequence[tuple[str, float, str]],
        unit: Unit,
    ) -> None:
        y = sheet.heading(picture, cell, header)
        self.box = sheet.Box(
            cell.left + NUMBERS,
            cell.bottom + YEARS,
            cell.width - NUMBERS,
            y - HEAD_GAP - cell.bottom - YEARS,
        )
        self.axes: Axes = sheet.axes_in(picture, self.box)
        self.box = sheet.frame_of(self.axes, self.box)
        self.unit = unit
        self.size = SMALL
        self.texts: list[Bbox] = []

    def set_limits(
        self, years: Iterable[int], persons: Iterable[float], marks: Sequence[str]
    ) -> None:
        """Set both axes; `marks` are the texts right of the last year."""
        values = [value for value in persons if not math.isnan(value)]
        low, high = min(values), max(values)
        pad = max((high - low) * 0.14, high * 0.004, 1.0)
        self.set_span((min(years), max(years)), (max(low - pad, 0.0), high + pad), marks)

    def set_span(
        self, years: tuple[float, float], values: tuple[float, float], marks: Sequence[str]
    ) -> None:
        """Set both axes to the given ends; `marks` are the texts right of the last year."""
        first, last = years
        span = (last - first) or 1.0
        widest = max((sheet.text_width(text, self.size) for text in marks), default=0.0) + 0.2
        inner = max(self.box.width - widest, self.box.width * 0.35)
        self.last, self.inch = last, span / (inner * 0.96)
        left = first - 0.04 * inner * self.inch
        self.axes.set_xlim(left, left + self.box.width * self.inch)
        self.axes.set_ylim(*values)
        self.axes.spines["bottom"].set_bounds(first, last)

    def set_ticks(
        self, years: Sequence[int], keep: Iterable[int] = (), *, unsigned: bool = False
    ) -> None:
        """Write the numbers of both axes; years: the ends, those to `keep`, and even steps.

        With `unsigned` values below zero have no minus sign.
        """
        first, last = min(years), max(years)
        must = sorted({first, last, *keep})
        shown = year_ticks(must, (sheet.text_width("0000", self.size) + 0.12) * self.inch)
        self.axes.set_xticks(shown, [str(year) for year in shown])
        if last - first <= MINOR:
            self.axes.set_xticks(range(first, last + 1), minor=True)
            self.axes.tick_params(which="minor", length=2)
        low, high = self.axes.get_ylim()
        marks = sheet.ticks(low, high, 5)
        shown_values = [abs(mark) for mark in marks] if unsigned else marks
        self.axes.set_yticks(marks, self.unit.ticks(shown_values))
        self.axes.grid(axis="y")

    def label_at_end(self, marks: Sequence[Mark]) -> None:
        """Write `marks` right of the last year at their heights, moved apart where they crowd."""
        low, high = self.axes.get_ylim()
        points = self.box.height / sheet.POINT
        wanted = [(mark.value - low) / (high - low) * points for mark in marks]
        for mark, want, got in zip(
            marks, wanted, sheet.spread_labels(wanted, self.size * 1.3), strict=True
        ):
            leader = LEADER if abs(got - want) > 1 else None
            self.write(mark, self.last, (12, got - want), va="center", arrowprops=leader)
            x, y = self.place(self.last, mark.value)
            self.texts.append(self.text_box(mark.text, x + 12, y + got - want, "left", "center"))

    def label_near(self, mark: Mark, wanted: Corner) -> None:
        """Write `mark` at a corner of its point: `wanted`, or the one with the fewest obstacles.

        The curves must have been drawn.
        """
        curves, guides = (self.points(behind=behind) for behind in (False, True))
        corner = min(
            (wanted, *CORNERS), key=lambda corner: self.crowding(mark, corner, curves, guides)
        )
        self.texts.append(self.corner_box(mark, corner))
        align, vertical, shift = CORNERS[corner]
        self.write(mark, mark.year, shift, ha=align, va=vertical)

    def write(self, mark: Mark, year: float, shift: tuple[float, float], **style: Any) -> None:
        """Write `mark` at its height in `year`, `shift` points away."""
        at = (year, mark.value)
        sheet.annotate(
            self.axes, mark.text, at, size=self.size, color=mark.color, shift=shift, **style
        )

    def place(self, year: Places, value: Places) -> tuple[Places, Places]:
        """Return where points stand, in points from the lower left corner of the axes."""
        low, high = self.axes.get_ylim()
        x = (year - self.axes.get_xlim()[0]) / self.inch / sheet.POINT
        return x, (value - low) / (high - low) * self.box.height / sheet.POINT

    def text_box(self, text: str, x: float, y: float, align: str, vertical: str) -> Bbox:
        """Return the box of a text, in points from the lower left corner of the axes."""
        width, height = sheet.text_width(text, self.size) / sheet.POINT, self.size * 1.2
        left = x - {"left": 0, "center": 0.5, "right": 1}[align] * width
        bottom = y - {"bottom": 0, "center": 0.5, "top": 1}[vertical] * height
        return Bbox.from_bounds(left, bottom, width, height)

    def corner_box(self, mark: Mark, corner: Corner) -> Bbox:
        """Return the box of `mark` at a corner of its point."""
        align, vertical, (right, up) = CORNERS[corner]
        x, y = self.place(mark.year, mark.value)
        return self.text_box(mark.text, x + right, y + up, align, vertical)

    def crowding(
        self, mark: Mark, corner: Corner, curves: NDArray[np.float64], guides: NDArray[np.float64]
    ) -> tuple[bool, int, int, int]:
        """Return the obstacles to `mark` at a corner: edge, texts, points of curves and guides.

        `curves` and `guides` are close points, as :meth:`points` returns them.
        """
        box = self.corner_box(mark, corner)
        right, top = self.box.width / sheet.POINT, self.box.height / sheet.POINT
        outside = min(box.x0, box.y0) < 0 or box.x1 > right or box.y1 > top
        near = box.padded(TOUCH)
        return (
            outside,
            box.count_overlaps(self.texts),
            int(near.count_contains(curves)),
            int(near.count_contains(guides)),
        )

    def points(self, *, behind: bool) -> NDArray[np.float64]:
        """Return close points of all curves, or of the guides behind them.

        Shape ``[point, 2]``, in points from the lower left corner of the axes.
        """
        found = [np.empty((2, 0))]
        for line in self.axes.lines:
            if (line.get_zorder() < GUIDES) != behind:
                continue
            data = np.asarray(line.get_xydata(), dtype=float)
            steps = np.linspace(0, len(data) - 1, STEPS if len(data) > 1 else 1)
            at = np.arange(len(data))
            found.append(np.array([np.interp(steps, at, column) for column in data.T]))
        years, values = np.concatenate(found, axis=1)
        return np.column_stack(self.place(years, values))

    def marked(self, points: int) -> tuple[int, int]:
        """Return matplotlib's ``markevery`` for a curve: the last of its points and every n-th."""
        step = max(math.ceil(MARK_GAP * self.inch), 1)
        return (points - 1) % step, step

    def mark(self, line: Line2D, marker: str, size: float) -> None:
        """Mark the years of a curve unless it is long."""
        points = len(np.asarray(line.get_xdata()))
        if points <= DOTS:
            line.set(marker=marker, ms=size, markevery=self.marked(points))


def milestones(first: int, last: int) -> list[int]:
    """Return the years to number between the ends of a long axis."""
    return list(range(first + 10 - first % 20 + 10, last, 20)) if last - first > LONG else []


def year_ticks(must: Sequence[int], least: float) -> list[int]:
    """Return the years to number: `must`, and years between them at least `least` years apart."""
    first, last = must[0], must[-1]
    for step in (1, 2, 5, 10, 20, 50):
        even = range(first, last + 1, step)
        if step >= least and all(year in even for year in must):
            return list(even)
    shown = [first]
    for year in (*must[::-1], *range(first - first % 10, last, 10)):
        if year > first and all(abs(year - other) >= least for other in shown):
            shown.append(year)
    return sorted(shown)
