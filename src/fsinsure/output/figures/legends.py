"""Legends of pictures: in as few lines as possible, or in a column."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from fsinsure.output.figures.context import guest
from fsinsure.output.figures.sheet import INNER, Box, Picture, text_width
from fsinsure.output.figures.style import BODY, INK, PALE, SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist

LEGEND_SIGN: Final = 0.66
"""Inches that the sign of a legend entry takes, with the space after the entry."""


def legend_columns(words: Sequence[str]) -> int:
    """Return the number of columns of a legend, which fills column by column."""
    widths = [text_width(word, BODY) + LEGEND_SIGN for word in words]
    for across in range(len(words), 1, -1):
        rows, longer = divmod(len(words), across)
        sizes = [rows + (column < longer) for column in range(across)]
        ends = list(accumulate(sizes))
        if (
            sum(max(widths[end - size : end]) for size, end in zip(sizes, ends, strict=True))
            < INNER
        ):
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


def legend(
    picture: Picture,
    corner: tuple[float, float],
    handles: Sequence[Artist],
    words: Sequence[str],
    across: int,
) -> None:
    """Draw a legend whose upper left corner is at `corner`, in inches.

    On axes of the user it stands where it covers least.
    """
    axes = guest()
    if axes is not None:
        axes.legend(handles, words, loc="best", fontsize=SMALL, labelcolor=INK, edgecolor=PALE)
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
