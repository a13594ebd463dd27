"""Small pictures as SVG text: panels of curves by year, and bars.

The page draws them anew at every move of a slider. They take a few milliseconds, where a plotting
library takes a hundred, and the browser loads nothing for them. Numbers are in the tooltips.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

from fsinsure.output.figures.style import GREY, INK, PALE
from fsinsure.output.numbers import minus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.output.numbers import Unit

FONT: Final = (
    "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', "
    "'Fsinsure Sans SC', sans-serif"
)
WIDTH: Final = 960.0
"""Width of a picture; the page scales it."""
ACROSS: Final = 3
"""Panels side by side, at most."""
HEIGHT: Final = 290.0
HEAD: Final = 46.0
LEFT: Final = 58.0
RIGHT: Final = 16.0
FOOT: Final = 30.0
SIZE: Final = 13.5
PADDING: Final = 0.06
"""Space above and below the curves, of their height."""
TICKS: Final = 5
REACH: Final = 9.0
"""Radius within which a point shows its number."""


def tidy_step(span: float, most: int) -> float:
    """Return the largest 1, 2 or 5 of a power of ten that goes into a span `most` times or more.

    >>> tidy_step(0.36, 200), tidy_step(100, 5), tidy_step(7, 5)
    (0.001, 20.0, 1.0)
    """
    size = span / most
    power = 10.0 ** math.floor(math.log10(size) + 1e-12)
    return float(max(part * power for part in (1, 2, 5) if part * power <= size * (1 + 1e-9)))


@dataclass(frozen=True)
class Series:
    """Values by year, in persons or yuan.

    Parameters
    ----------
    name, colour
        In the legend.
    points
        Years (a fraction within one) and values.
    dash
        Of a line, as SVG has it; empty for a solid one.
    mark
        ``circle``, ``square``, ``diamond``, or empty for none.
    line
        Whether the points are joined.
    texts
        Of the tooltips; by default year and value.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dash: str = ""
    mark: str = ""
    line: bool = True
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class Band:
    """A range by year: year, low, high."""

    name: str
    colour: str
    points: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Panel:
    """A panel of curves.

    Parameters
    ----------
    title, note
        Two lines above it.
    colour
        Of the note.
    series, bands
        What it shows, in the order of drawing; bands first.
    """

    title: str
    note: str = ""
    colour: str = GREY
    series: Sequence[Series] = ()
    bands: Sequence[Band] = ()


@dataclass(frozen=True)
class _Axes:
    """The place of a panel in the picture, and the ranges of its axes."""

    left: float
    top: float
    width: float
    first: float
    last: float
    low: float
    high: float
    height: float = field(default=HEIGHT - HEAD - FOOT)

    def x(self, year: float) -> float:
        """Return the position of a year."""
        return self.left + (year - self.first) / max(self.last - self.first, 1.0) * self.width

    def y(self, value: float) -> float:
        """Return the position of a value."""
        return self.top + (self.high - value) / (self.high - self.low) * self.height


def curves(panels: Sequence[Panel], unit: Unit, note: str = "") -> str:
    """Return panels of curves with a legend.

    Parameters
    ----------
    panels
        At least one.
    unit
        Of all vertical axes.
    note
        A text at the end of the legend.
    """
    across = min(len(panels), ACROSS)
    down = math.ceil(len(panels) / across)
    cell = WIDTH / across
    body = []
    for index, panel in enumerate(panels):
        left, top = index % across * cell, index // across * HEIGHT
        axes = _axes(panel, left + LEFT, top + HEAD, cell - LEFT - RIGHT)
        body += [*_frame(panel, axes, unit), *_drawn(panel, axes, unit)]
    body += _legend(panels, down * HEIGHT + 8)
    body.append(text(WIDTH - RIGHT, down * HEIGHT + 17.5, note, colour=GREY, anchor="end"))
    return _picture(body, down * HEIGHT + 30)


def _picture(body: Sequence[str], height: float) -> str:
    style = f"font-family: {FONT}; font-size: {SIZE}px; width: 100%; max-width: {1.2 * WIDTH:.0f}px"
    return (
        f'<svg class="fsinsure" xmlns="http://www.w3.org/2000/svg" style="{style}" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}">{"".join(body)}</svg>'
    )


def _axes(panel: Panel, left: float, top: float, width: float) -> _Axes:
    years = [x for one in panel.series for x, _ in one.points]
    values = [y for one in panel.series for _, y in one.points]
    values += [end for band in panel.bands for _, *ends in band.points for end in ends]
    low, high = min(values), max(values)
    space = PADDING * (high - low) or abs(high) * PADDING or 1.0
    return _Axes(left, top, width, min(years), max(years), low - space, high + space)


def _frame(panel: Panel, axes: _Axes, unit: Unit) -> Iterator[str]:
    """Yield titles, grid and axes."""
    yield text(axes.left - LEFT + 14, axes.top - 27, panel.title, weight=600, anchor="start")
    yield text(
        axes.left - LEFT + 14, axes.top - 10, panel.note, colour=panel.colour, anchor="start"
    )
    ticks = _ticks(axes, unit)
    for value, words in zip(ticks, unit.ticks(ticks), strict=True):
        y = axes.y(value)
        colour = GREY if value == 0 else PALE
        yield line(axes.left, y, axes.left + axes.width, y, colour)
        yield text(axes.left - 6, y + 4, words, colour=GREY, anchor="end")
    bottom = axes.top + axes.height
    yield line(axes.left, bottom, axes.left + axes.width, bottom, GREY)
    step = max(1, math.ceil((axes.last - axes.first) / 6))
    for year in range(int(axes.first), int(axes.last) + 1, step):
        yield text(axes.x(year), bottom + 17, str(year), colour=GREY)


def _ticks(axes: _Axes, unit: Unit) -> list[float]:
    step = tidy_step((axes.high - axes.low) / unit.divisor, TICKS) * unit.divisor
    first, last = math.ceil(axes.low / step), math.floor(axes.high / step)
    return [count * step for count in range(first, last + 1)]


def _drawn(panel: Panel, axes: _Axes, unit: Unit) -> Iterator[str]:
    """Yield bands, lines and marks."""
    for band in panel.bands:
        there = [(axes.x(x), axes.y(high)) for x, _, high in band.points]
        back = [(axes.x(x), axes.y(low)) for x, low, _ in reversed(band.points)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*there, *back))
        yield f'<polygon class="band" points="{points}" fill="{band.colour}" fill-opacity="0.18"/>'
    for one in panel.series:
        at = [(axes.x(x), axes.y(y)) for x, y in one.points]
        if one.line and len(at) > 1:
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in at)
            dash = f' stroke-dasharray="{one.dash}"' if one.dash else ""
            yield (
                f'<polyline class="curve" points="{points}" fill="none" stroke="{one.colour}" '
                f'stroke-width="2.2"{dash}/>'
            )
        texts = one.texts or [f"{x:.0f}" for x, _ in one.points]
        for (x, y), when, (_, value) in zip(at, texts, one.points, strict=True):
            shown = f"{one.name} {when}: {minus(f'{value / unit.divisor:,.2f}')} {unit.name}"
            yield _mark(x, y, one.mark, one.colour)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{REACH}" fill="transparent">'
            yield f"<title>{escape(shown)}</title></circle>"


def _mark(x: float, y: float, mark: str, colour: str) -> str:
    if mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    if mark == "square":
        return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{colour}"/>'
    if mark == "diamond":
        return f'<path d="M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z" fill="{colour}"/>'
    return ""


def _legend(panels: Sequence[Panel], y: float) -> Iterator[str]:
    """Yield the signs of every series and band, each once."""
    entries: dict[str, Series | Band] = {}
    for panel in panels:
        for series in panel.series:
            entries.setdefault(series.name, series)
        for band in panel.bands:
            entries.setdefault(band.name, band)
    x = 14.0
    for name, one in entries.items():
        if isinstance(one, Band):
            yield (
                f'<rect x="{x:.1f}" y="{y - 1:.1f}" width="22" height="12" fill="{one.colour}" '
                'fill-opacity="0.18"/>'
            )
        else:
            dash = f' stroke-dasharray="{one.dash}"' if one.dash else ""
            if one.line:
                yield line(x, y + 5, x + 22, y + 5, one.colour, f' stroke-width="2.2"{dash}')
            yield _mark(x + 11, y + 5, one.mark, GREY if one.mark == "diamond" else one.colour)
        yield text(x + 28, y + 9.5, name, anchor="start")
        x += 48 + width_of(name)


def width_of(words: str) -> float:
    """Return about how wide a text is: hanzi fill a square, other letters about half of one."""
    return sum(SIZE if ord(char) > 255 else SIZE * 0.56 for char in words)


def line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    """Return a straight line."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    colour: str = INK,
    anchor: str = "middle",
    weight: int = 400,
) -> str:
    """Return a line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


ROW: Final = 26.0
NUMBERS: Final = 80.0


def bars(
    names: Sequence[str], sides: Sequence[tuple[str, str, Sequence[float]]], unit: Unit
) -> str:
    """Return horizontal bars with their numbers.

    Parameters
    ----------
    names
        Of the bars.
    sides
        Name, colour, and a value for each bar, persons or yuan: one side, or several side by side.
    unit
        Of the numbers.
    """
    values = [value for _, _, found in sides for value in found]
    low, high = min(0.0, *values), max(0.0, *values)
    edge = max(width_of(name) for name in names) + 16
    scale = (WIDTH * 0.8 - edge - 2 * NUMBERS) / max(high - low, 1e-9)
    zero = edge + NUMBERS - low * scale
    height = ROW * 0.8 / len(sides)
    body = []
    for row, name in enumerate(names):
        top = row * ROW + 4
        body.append(text(edge - 8, top + 15, name, anchor="end"))
        for index, (side, colour, found) in enumerate(sides):
            value, y = found[row], top + index * height
            x, width = zero + min(value, 0.0) * scale, abs(value) * scale
            shown = unit.text(value, 2, sign=True)
            tip = f"{name} · {side}: {shown} {unit.name}"
            body.append(
                f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                f'height="{height:.1f}" fill="{colour}"><title>{escape(tip)}</title></rect>'
            )
        first = sides[0][2][row]
        ends = [found[row] for _, _, found in sides if (found[row] >= 0) == (first >= 0)]
        at = zero + scale * (max(ends) if first >= 0 else min(ends)) + (6 if first >= 0 else -6)
        shown, anchor = unit.text(first, 2, sign=True), "start" if first >= 0 else "end"
        body.append(text(at, top + 15, shown, colour=GREY, anchor=anchor))
    end = len(names) * ROW + 4
    body.append(line(zero, 0, zero, end, GREY))
    panel = Panel("", series=[Series(side, colour, [], mark="square", line=False)
                              for side, colour, _ in sides])  # fmt: skip
    return _picture([*body, *_legend([panel], end + 10)], end + 30)
