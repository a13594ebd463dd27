"""Plain text for a terminal: aligned tables; Chinese characters are two columns wide."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Sequence


def width(text: str) -> int:
    """Return the columns of a terminal that a text fills.

    >>> width("养老 a")
    6
    """
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: int = 0) -> str:
    """Return rows under a header, with two spaces between columns.

    Parameters
    ----------
    header
        One name a column.
    rows
        One text a column.
    right
        How many of the last columns hold numbers and are aligned to the right.

    Returns
    -------
    str
        Lines without a line end after the last.
    """
    lines = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(width(cell) for cell in column) for column in zip(*lines, strict=True)]
    first_right = len(widths) - right
    return "\n".join(
        "  ".join(
            _pad(cell, size, index >= first_right)
            for index, (cell, size) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _pad(cell: str, size: int, to_right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if to_right else cell + space
