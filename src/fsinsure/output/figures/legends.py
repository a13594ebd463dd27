"""Legends of pictures: in as few lines as possible, or in a column."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from matplotlib.transforms import ScaledTranslation

from fsinsure.output.figures import space
from fsinsure.output.figures.context import guest
from fsinsure.output.figures.sheet import INNER, POINT, Box, Picture, line_height, text_width
from fsinsure.output.figures.style import BODY, INK, NOTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LEGEND_SIGN: Final = 0.66
"""Inches that the sign of a legend entry takes, with the space after the entry."""

SMALL_SIGN: Final = 4.2
"""That of an entry below axes of the user, in the size of its text."""
NUMBERS_BELOW: Final = 17.0
"""Points below axes of the user for their numbers."""
BESIDE: Final = 0.6
"""Part of the width of axes that a legend takes beside what their numbers are."""
SIZES: Final = (NOTE, 7.0, 6.5, 6.0, 5.5)
"""Sizes of a legend below axes of the user: the largest at which its lines have space."""


def legend_columns(
    words: Sequence[str], size: float = BODY, most: float = INNER, sign: float = 0.0
) -> int:
    """Return the columns of a legend in `most` inches, which fills column by column.

    `sign` is what the sign of an entry takes, in the size of its text.
    """
    sign = sign * size * POINT or LEGEND_SIGN
    widths = [text_width(word, size) + sign for word in words]
    for across in range(len(words), 1, -1):
        rows, longer = divmod(len(words), across)
        sizes = [rows + (column < longer) for column in range(across)]
        ends = list(accumulate(sizes))
        if sum(max(widths[end - size : end]) for size, end in zip(sizes, ends, strict=True)) < most:
            return across
    return 1


def legend_height(words: Sequence[str]) -> float:
    """Return the height of a legend in inches, with the space under it."""
    rows = math.ceil(len(words) / legend_columns(words))
    return 0.2 * rows + 0.14


def legend_line(
    picture: Picture, body: Box, handles: Sequence[Artist], words: Sequence[str]
) -> None:
    """Draw a legend in as few lines as possible under the titles of a picture."""
    legend(picture, (body.left, body.bottom + body.height), handles, words, legend_columns(words))


def legend_column(
    picture: Picture, cell: Box, handles: Sequence[Artist], words: Sequence[str]
) -> None:
    """Draw a legend of one column from the top of a cell of the grid."""
    legend(picture, (cell.left + 0.1, cell.bottom + cell.height - 0.05), handles, words, 1)


def below(axes: Axes, handles: Sequence[Artist], words: Sequence[str]) -> None:
    """Draw a legend under the numbers of axes of the user, no wider than these.

    It is as small as the space below needs; a layout such as ``constrained`` makes space for it.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    share = BESIDE if axes.get_xlabel() else 1.0
    width, height = space.size_of(axes)[0] * share, space.below(axes) - NUMBERS_BELOW * POINT
    for size in SIZES:
        across = legend_columns(words, size, width, SMALL_SIGN)
        if line_height(size, math.ceil(len(words) / across)) <= height:
            break
    side = 0.0 if share < 1.0 else 0.5
    axes.legend(
        handles,
        words,
        loc="upper left" if share < 1.0 else "upper center",
        bbox_to_anchor=(side, 0.0),
        bbox_transform=axes.transAxes
        + ScaledTranslation(0.0, -NUMBERS_BELOW * POINT, figure.dpi_scale_trans),
        ncols=across,
        frameon=False,
        fontsize=size,
        labelcolor=INK,
        borderpad=0,
        borderaxespad=0,
        handlelength=2.0,
        columnspacing=1.2,
        labelspacing=0.2,
    )


def legend(
    picture: Picture,
    corner: tuple[float, float],
    handles: Sequence[Artist],
    words: Sequence[str],
    across: int,
) -> None:
    """Draw a legend whose upper left corner is at `corner`, in inches.

    On axes of the user it stands below these.
    """
    axes = guest()
    if axes is not None:
        below(axes, handles, words)
        return
    width, height = picture.get_size_inches()
    picture.legend(
        handles=handles,
        labels=words,
        loc="upper left",
        bbox_to_anchor=(corner[0] / width, corner[1] / height),
        ncols=across,
        frameon=False,
        fontsize=BODY,
        labelcolor=INK,
        borderpad=0,
        borderaxespad=0,
        handlelength=2.4,
        columnspacing=1.6,
    )
