"""The Chinese font of the pictures, set by path for the texts of this library only.

The font is not registered with matplotlib: settings, font list and cache stay unchanged, and
neither a stale cache nor the settings of another library can turn hanzi into boxes.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from matplotlib import ft2font
from matplotlib.font_manager import FontProperties

FONT_FILE: Final = "FsinsureSansSC-Regular.ttf"
GETA: Final = "〓"
"""The mark of Chinese printers for a character that is not in the font."""


@cache
def font_path() -> Path:
    """Return the path of the font file; from a zipped package it is unpacked until exit."""
    keep = ExitStack()
    atexit.register(keep.close)
    return keep.enter_context(as_file(files("fsinsure.output") / "fonts" / FONT_FILE))


def font(size: float) -> FontProperties:
    """Return the font at `size` points."""
    return FontProperties(fname=str(font_path()), size=size)


@cache
def characters() -> frozenset[str]:
    """Return every character that the font can draw."""
    return frozenset(map(chr, ft2font.FT2Font(str(font_path())).get_charmap()))


def printable(text: str) -> str:
    """Return `text` with missing characters replaced by a geta mark, and line breaks by spaces.

    Scenario titles may contain rare hanzi or pictographs; the picture marks them as missing.
    """
    known = characters()
    flat = " ".join(text.split())
    return "".join(char if char in known else GETA for char in flat)
