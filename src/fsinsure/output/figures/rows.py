"""Names left of the rows of a picture, and texts right of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fsinsure.output.figures import space
from fsinsure.output.figures.context import guest
from fsinsure.output.figures.fonts import printable
from fsinsure.output.figures.sheet import (
    annotate,
    fitting,
    in_lines,
    line_height,
    text_width,
    wrap,
)
from fsinsure.output.figures.style import INK, NOTE, SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

NAME_SIZES: Final = (SMALL, NOTE, 7.0, 6.5, 6.0, 5.5)
"""Sizes of the names of rows beside axes of the user."""
HINTED: Final = 0.9
"""Part of the space beside axes of the user that is used: on them letters are set on whole pixels,
and texts are wider than :func:`text_width` says."""
MOST_LINES: Final = 4
"""Lines of such a name, at most."""


def name_rows(axes: Axes, names: Sequence[str], size: float, width: float) -> None:
    """Write the names of rows 0, 1, ... left of the axes, in at most two lines each.

    On axes of the user they are as small as the space beside these needs.
    """
    most = 2
    if guest() is not None:
        width = max(space.left(axes) * HINTED - 0.1, 0.4)
        size, most = in_space(names, size, width, space.size_of(axes)[1] / len(names))
    texts = [in_lines(name, size, width, most) for name in names]
    axes.set_yticks(range(len(texts)), texts, fontsize=size, color=INK, linespacing=1.15)
    axes.tick_params(axis="y", length=0)


def in_space(texts: Sequence[str], size: float, width: float, height: float) -> tuple[float, int]:
    """Return the size, at most `size`, at which texts fit into rows, and the lines of a row.

    `width` and `height` are those of a row beside axes of the user, in inches.
    """
    for small in (size, *(one for one in NAME_SIZES if one < size)):
        most = min(max(int(height / line_height(small)), 1), MOST_LINES)
        broken = [wrap(printable(text), small, width) for text in texts]
        widest = max(text_width(line, small) for lines in broken for line in lines)
        if widest <= width and max(map(len, broken)) <= most:
            break
    return small, most


def beside(axes: Axes, row: float, text: str, width: float) -> None:
    """Write right of the axes at the height of a row, shrunk to `width` inches.

    On axes of the user to the space right of these.
    """
    size = fitting(text, SMALL, width)
    if guest() is not None:
        width = max(space.right(axes) * HINTED - 0.1, 0.4)
        low, high = sorted(axes.get_ylim())
        size, most = in_space([text], SMALL, width, space.size_of(axes)[1] / (high - low))
        text = in_lines(text, size, width, most)
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
    annotate(axes, text, (1.0, row), size=size, color=INK, shift=(7.0, 0.0), **place)
