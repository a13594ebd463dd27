"""The Chinese font of the pictures, set by path for the texts of this library only.

The font is not registered with matplotlib: settings, font list and cache stay unchanged, and
neither a stale cache nor the settings of another library can turn hanzi into boxes.
"""

from __future__ import annotations

import atexit
import warnings
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from matplotlib import ft2font
from matplotlib.font_manager import FontProperties

from fsinsure.errors import FsinsureWarning

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
    """Return `text` as one line, with missing characters as :func:`marked` has them."""
    return marked(" ".join(text.split()))


def marked(text: str) -> str:
    """Return `text` with characters that the font lacks replaced by a geta mark.

    Titles of scenarios and names of places may contain rare hanzi or pictographs: the picture marks
    them as missing, and a FsinsureWarning names them.
    """
    known = characters() | {"\n"}
    missing = "".join(dict.fromkeys(char for char in text if char not in known))
    if not missing:
        return text
    codes = ", ".join(f"U+{ord(char):04X}" for char in missing)
    warnings.warn(
        FsinsureWarning(
            "the font of the pictures lacks {missing} ({codes}), drawn as {geta}: use another "
            "character in the title or name",
            missing=missing,
            codes=codes,
            geta=GETA,
        ),
        stacklevel=2,
    )
    return "".join(char if char in known else GETA for char in text)
