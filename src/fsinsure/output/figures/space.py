"""Space around axes of the user, in inches: what is written beside them stays clear of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS_BETWEEN: Final = 0.3
"""Inches that other axes need for the numbers at their edges."""


class Edges(NamedTuple):
    """A rectangle on a figure, in inches from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float


def edges_of(axes: Axes) -> Edges:
    """Return the frame of axes."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = axes.get_window_extent()
    return Edges(*(side / figure.dpi for side in box.extents))


def size_of(axes: Axes) -> tuple[float, float]:
    """Return width and height of axes."""
    own = edges_of(axes)
    return own.right - own.left, own.top - own.bottom


def left(axes: Axes) -> float:
    """Return the space from axes to their left neighbour, or to the edge of the figure."""
    own = edges_of(axes)
    ends = [one.right for one in _others(axes) if one.right <= own.left and _beside(one, own)]
    return own.left - max(ends, default=0.0)


def right(axes: Axes) -> float:
    """Return the space to the numbers of the right neighbour, or to the edge of the figure."""
    own = edges_of(axes)
    starts = [one.left for one in _others(axes) if one.left >= own.right and _beside(one, own)]
    if starts:
        return min(starts) - NUMBERS_BETWEEN - own.right
    return _size(axes)[0] - own.right


def above(axes: Axes) -> float:
    """Return the space to the numbers of the axes above, or to the edge of the figure."""
    own = edges_of(axes)
    starts = [one.bottom for one in _others(axes) if one.bottom >= own.top and _over(one, own)]
    if starts:
        return min(starts) - NUMBERS_BETWEEN - own.top
    return _size(axes)[1] - own.top


def below(axes: Axes) -> float:
    """Return the space to the axes below, or to the edge of the figure."""
    own = edges_of(axes)
    ends = [one.top for one in _others(axes) if one.top <= own.bottom and _over(one, own)]
    return own.bottom - max(ends, default=0.0)


def _size(axes: Axes) -> tuple[float, float]:
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    return float(width), float(height)


def _others(axes: Axes) -> list[Edges]:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return [edges_of(one) for one in figure.axes if one is not axes]


def _beside(one: Edges, own: Edges) -> bool:
    return one.bottom < own.top and one.top > own.bottom


def _over(one: Edges, own: Edges) -> bool:
    return one.left < own.right and one.right > own.left
