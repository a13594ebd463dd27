"""The font of the page: of the bundled font the characters that the page has."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from fsinsure.output.figures.fonts import font_path

if TYPE_CHECKING:
    from collections.abc import Iterable


def subset(characters: Iterable[str]) -> bytes:
    """Return a font file (WOFF) with some characters of the bundled font; others are left out.

    The bytes depend on the characters only: no time of writing is kept.
    """
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options(flavor="woff", layout_features=["kern"], hinting=False, notdef_outline=True)
    options.recalc_timestamp = False
    file = io.BytesIO()
    with load_font(str(font_path()), options) as font:
        cut = Subsetter(options)
        cut.populate(unicodes=sorted(map(ord, set(characters))))
        cut.subset(font)
        save_font(font, file, options)
    return file.getvalue()


def data_uri(characters: Iterable[str]) -> str:
    """Return the same as an address that holds the font itself."""
    return f"data:font/woff;base64,{base64.b64encode(subset(characters)).decode('ascii')}"
