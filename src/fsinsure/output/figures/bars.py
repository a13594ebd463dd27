"""Waterfalls: bars of two totals, and between them the steps from the first to the second."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from fsinsure.output.figures import space
from fsinsure.output.figures.context import guest
from fsinsure.output.figures.rows import name_rows
from fsinsure.output.figures.sheet import (
    Box,
    annotate,
    axes_in,
    text_width,
    ticks,
)
from fsinsure.output.figures.style import (
    BLUE,
    BODY,
    GREY,
    INK,
    NOTE,
    PAPER,
    SMALL,
    VERMILION,
    square,
)
from fsinsure.output.numbers import DECIMALS, step_of
from fsinsure.output.rounding import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from fsinsure.output.figures.sheet import Picture
    from fsinsure.output.numbers import Unit
    from fsinsure.output.tidy import Figured

ROW: Final = 0.36
"""Height of a bar with its space, in inches."""
BAR: Final = 0.62
FOOT: Final = 0.32


def limits(
    edges: Sequence[float], figures: Iterable[float] = (), *, span: float = 0.0
) -> tuple[float, float]:
    """Return the ends of the axis, which show the increment and `figures`, and cut the totals.

    With a negative total the axis includes zero, where the bars of the totals start. Otherwise the
    steps have a width of at least `span`, so that several waterfalls may have one scale.
    """
    shown = [*edges, *figures]
    low, high = min(shown), max(shown)
    if low < 0:
        high = max(high, 0.0)
        return low - 0.04 * (high - low), high + 0.2 * (high - low)
    spare = max(span - (high - low), low * 0.01 - (high - low), 0.0) / 2
    low, high = low - spare, high + spare
    span = max(high - low, 1.0)
    return max(low - 0.32 * span, 0.0), high + 0.16 * span


def total_text(value: float, unit: Unit, *, sign: bool = False) -> str:
    """Return persons or yuan with as many decimals as all others, so that a reader can add up."""
    return unit.text(value, DECIMALS.get(unit.divisor, 0), sign=sign)


def names_width(names: Iterable[str]) -> float:
    """Return the inches that the names left of the bars take."""
    return max(text_width(name, BODY) for name in names) + 0.15


def draw_waterfall(
    picture: Picture,
    box: Box,
    side: float,
    edges: Sequence[float],
    names: Sequence[str],
    unit: Unit,
    figures: Sequence[Sequence[Figured]] = (),
    *,
    span: float = 0.0,
) -> None:
    """Draw totals and steps from the top down, with `names` in the `side` inches at the left.

    `edges` are the first total and the ends of the steps; `figures` are marked in rows below, which
    have the last of the names.
    """
    frame = Box(box.left + side, box.bottom + FOOT, box.width - side, box.height - FOOT)
    axes = axes_in(picture, frame)
    width = space.size_of(axes)[0]
    left, right = limits(edges, [one.value for row in figures for one in row], span=span)
    axes.set_xlim(left, right)
    draw_bars(axes, edges, unit)
    for row, marks in enumerate(figures, start=len(names) - len(figures)):
        draw_figures(axes, marks, row, (right - left) / width)
    axes.set_ylim(len(names) - 0.5, -0.5)
    at = ticks(left, right, 6)
    axes.set_xticks(at, unit.ticks(at))
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    name_rows(axes, names, BODY, side - 0.1)


def draw_bars(axes: Axes, edges: Sequence[float], unit: Unit) -> None:
    """Draw the bars of the totals and of the steps, with their values."""
    left, right = axes.get_xlim()
    bottom = len(edges)
    axes.set_ylim(bottom + 0.5, -0.5)
    size = BODY if guest() is None else NOTE
    texts: dict[str, Any] = {"size": size, "color": INK, "shift": (4.0, 0.0), "va": "center"}
    foot = max(left, 0.0)
    first, parts, last = rounded(edges, step_of(unit))
    for row, persons, shown in ((0, edges[0], first), (bottom, edges[-1], last)):
        axes.barh(row, persons - foot, left=foot, height=BAR, color=GREY)
        annotate(axes, total_text(shown, unit), (max(persons, foot), row), **texts)
        if left > 0:
            cut(axes, left + 0.05 * (right - left), row)
    for row, (start, end) in enumerate(pairwise(edges), start=1):
        gain = end >= start
        style: dict[str, Any] = (
            {"color": BLUE} if gain else {"color": VERMILION, "hatch": "////", "ec": PAPER}
        )
        axes.barh(row, end - start, left=start, height=BAR, linewidth=0, **style)
        words = total_text(parts[row - 1], unit, sign=True)
        annotate(axes, words, (max(start, end), row), **texts)
    for row, edge in enumerate(edges):
        axes.plot([edge, edge], [row - BAR / 2, row + 1 + BAR / 2], color=GREY, linewidth=0.7)


def draw_figures(axes: Axes, figures: Sequence[Figured], row: int, inch: float) -> None:
    """Mark figures in a row, with their years where these do not overlap.

    `inch` is the persons or yuan of an inch of the axis.
    """
    before = -math.inf
    for one in sorted(figures, reverse=True):
        least = (text_width(one.name, SMALL) + 0.05) * inch
        axes.plot([one.value], [row + 0.12], zorder=5, **square(own=one.own))
        if abs(one.value - before) >= least:
            text: dict[str, Any] = {"size": SMALL, "color": INK, "shift": (0.0, 4.0)}
            annotate(axes, one.name, (one.value, row + 0.12), ha="center", va="bottom", **text)
            before = one.value


def cut(axes: Axes, x: float, row: int) -> None:
    """Mark the bar of a total as cut, by two slanted white strokes."""
    span = axes.get_xlim()[1] - axes.get_xlim()[0]
    for shift in (0.0, 0.012 * span):
        axes.plot(
            [x + shift - 0.006 * span, x + shift + 0.006 * span],
            [row + BAR * 0.62, row - BAR * 0.62],
            color=PAPER,
            linewidth=2.2,
            zorder=5,
        )
