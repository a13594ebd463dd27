"""Tables and pictures as the bytes of files, and what identifies the library that made them."""

from __future__ import annotations

import io
import platform
from typing import TYPE_CHECKING, Any, Final

from fsinsure._version import __version__
from fsinsure.columns import of_holder
from fsinsure.errors import printable
from fsinsure.sources import library_hash

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from fsinsure.output.figures.sheet import Picture

FORMULA: Final = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
"""First characters of a cell that spreadsheets read as a formula."""

MARK: Final = b"\xef\xbb\xbf"
"""The byte order mark by which spreadsheets in Chinese recognise UTF-8."""


def csv_files(
    holder: str,
    tables: object,
    lang: str,
    *,
    bom: bool | None = None,
    leave_out: Collection[str] = (),
) -> dict[str, bytes]:
    """Return the CSV files of the tables that a class has, by file name.

    Parameters
    ----------
    holder
        The class, as the registry calls it (:mod:`fsinsure.columns`).
    tables
        Its instance.
    lang
        ``zh`` or ``en``.
    bom
        Whether files begin with a byte order mark; by default, those for Chinese readers.
    leave_out
        Names of tables without a file.
    """
    return {
        one.file: csv_bytes(getattr(tables, name), bom=marked(lang, bom))
        for name, one in of_holder(holder).items()
        if one.file and name not in leave_out
    }


def marked(lang: str, bom: bool | None) -> bool:
    """Return whether CSV files begin with a byte order mark."""
    return lang == "zh" if bom is None else bom


def plain(number: Any) -> str:
    """Return a number as text that reads back as the same number, but for binary tails.

    Decimal fractions have fifteen digits in binary: what is short with fifteen was meant so.

    >>> plain(36.550000000000004), plain(4_700_000.0), plain(0.1234567890123456)
    ('36.55', '4700000', '0.1234567890123456')
    """
    number = float(number)
    exact, fifteen = repr(number).removesuffix(".0"), f"{number:.15g}"
    return fifteen if len(fifteen) < len(exact) - 4 else exact


def csv_bytes(table: pd.DataFrame, *, bom: bool = False) -> bytes:
    """Return a table as UTF-8 CSV in full precision, the same bytes on every system.

    Control characters are escaped, and a text that a spreadsheet would read as a formula is
    prefixed with an apostrophe.

    Parameters
    ----------
    table
        Any table.
    bom
        Whether it begins with a byte order mark.
    """
    columns = table.select_dtypes(exclude="number")
    changed = {str(name): _safe(columns[name].astype(object)) for name in columns}
    text = table.assign(**changed).to_csv(index=False, lineterminator="\n", float_format=plain)
    return (MARK if bom else b"") + text.encode("utf-8")


def _safe(column: pd.Series[Any]) -> pd.Series[Any]:
    changed: dict[tuple[type, object], str] = {}  # True is equal to 1.0
    for cell in column.unique():
        if isinstance(cell, str):
            shown = printable(cell)
            safe = f"'{shown}" if shown.startswith(FORMULA) else shown
            if safe != cell:
                changed[str, cell] = safe
        elif isinstance(cell, float) and cell == cell:
            changed[float, cell] = plain(cell)
    return column.map(lambda cell: changed.get((type(cell), cell), cell)) if changed else column


def png_bytes(picture: Picture) -> bytes:
    """Return a picture as PNG, without the time of drawing: the same bytes for the same tables."""
    buffer = io.BytesIO()
    # Files are a tenth larger than with the default level and take two thirds of the time.
    compression = {"compress_level": 3}
    picture.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs=compression)
    return buffer.getvalue()


def provenance() -> dict[str, object]:
    """Return versions and platform, on which the last digits depend, and the library's tables."""
    from importlib.metadata import version

    return {
        "fsinsure": __version__,
        "data_hash": library_hash(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "pandas", "scipy")},
        "platform": f"{platform.system()} {platform.machine()}",
    }
