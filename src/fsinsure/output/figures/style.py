"""Colours, line styles and font sizes of the pictures.

The colours are those of Okabe and Ito (2008), distinguishable with any colour vision; lines also
differ by dash and marker, and stacked areas by lightness and hatch, so that a grey print stays
readable.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from fsinsure.statuses import FUND_ROWS, STATUS_ROWS

Dash = Literal["-", "--", "-.", ":"]

BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
INK: Final = "#222222"
GREY: Final = "#595959"
PALE: Final = "#D9D9D9"
PAPER: Final = "#FFFFFF"

MET: Final = "#00755A"
"""A target that is met: the green of the palette, dark enough for text on white."""
MISSED: Final = "#B84A00"
"""A target that is missed: the vermilion of the palette, dark enough for text on white."""

TITLE: Final = 14.0
HEAD: Final = 10.5
BODY: Final = 9.0
SMALL: Final = 8.0
NOTE: Final = 7.5

STATUS_STYLES: Final = {
    row["status"]: (row["colour"], row["hatch"])
    for row in sorted(STATUS_ROWS, key=lambda row: int(row["layer"]))
}
"""Colour and hatch of each status, in stacking order from the middle of a pyramid outwards:
contributors, former contributors, pensioners, those not insured."""

MINOR_STATUS: Final = ("#8C8C8C", "xxxx")
"""Colour and hatch of the small statuses drawn together."""

SERIES: Final[tuple[tuple[str, Dash, str], ...]] = (
    (BLUE, "-", "o"),
    (MISSED, "--", "s"),
    (MET, "-.", "^"),
    ("#A03E78", ":", "D"),
    (INK, "-", "v"),
    ("#8A6100", "--", "P"),
    ("#5B3A8C", "-.", "X"),
    (GREY, ":", "p"),
)
"""Colour, dash and marker of the first, second, ... scenario; used again from the start. The
colours are the palette's, darkened until they can be read as text."""

FUND_SERIES: Final = {row["fund"]: (row["colour"], row["dash"], row["marker"]) for row in FUND_ROWS}
"""Colour, dash and marker of each fund where several share a panel."""

RESERVE_ZONES: Final = ("#FCF3CF", "#FAD7A0", "#F0A57A")
"""Below the first, second and third warning limit of a fund's reserve: darker is nearer to zero."""


def square(*, own: bool) -> dict[str, Any]:
    """Return the style of the mark of a published figure, hollow where it is of the user."""
    edge, face = (INK, PAPER) if own else (PAPER, INK)
    return {"marker": "s", "ms": 5, "mec": edge, "mfc": face, "color": INK}
