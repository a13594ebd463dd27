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

OTHER: Final = ""
"""The small items of a side of the accounts together."""
NEGATIVE: Final = "interest on a deficit"
OTHER_ITEM: Final = ("#B0B0B0", "xxxx")
ITEM_STYLES: Final[dict[str, tuple[str, str]]] = {
    "employer": (BLUE, ""),
    "employee": (SKY, ""),
    "flexible": ("#9BCDEB", "////"),
    "resident": ("#003F63", ""),
    "flat": ("#9BCDEB", ""),
    "land_subsidy": ("#C6E2D8", ""),
    "subsidy": (GREEN, ""),
    "deficit_subsidy": ("#005A46", "////"),
    "pool_transfer": ("#7FC7A8", "...."),
    "interest": ("#A5DFCB", ""),
    "account_in": (YELLOW, ""),
    "repaid": ("#B9A800", ""),
    "pension": (VERMILION, ""),
    "benefit": ("#C04F00", ""),
    "medical": ("#E07B39", ""),
    "disability": (VERMILION, "////"),
    "long_term": ("#8C3A00", ""),
    "remittance": (ORANGE, ""),
    "account_out": ("#7A3600", ""),
    "refund": (PURPLE, ""),
    "death": ("#A03E78", ""),
    "health": ("#F7CFA0", ""),
    "grants": ("#7A3600", "...."),
    "price_supplement": ("#FBE3C8", ""),
    "job_retention_refund": ("#E3A9C9", ""),
    "relief_refund": ("#D9A0C0", "////"),
    NEGATIVE: ("#5B2A4A", ""),
    OTHER: OTHER_ITEM,
}
"""Colour and hatch of each item of the accounts, the same in every picture and fund: income in
blue, green and yellow, outgo in red, brown and purple."""

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


BASE: Final[dict[str, Any]] = {
    "marker": "o",
    "ms": 8,
    "mfc": PAPER,
    "mec": INK,
    "mew": 1.4,
    "color": INK,
}
"""The mark of the base year, which is closed on published figures and not projected."""


def square(*, own: bool) -> dict[str, Any]:
    """Return the style of the mark of a published figure, hollow where it is of the user."""
    edge, face = (INK, PAPER) if own else (PAPER, INK)
    return {"marker": "s", "ms": 5, "mec": edge, "mfc": face, "color": INK}
