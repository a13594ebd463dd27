"""Lists for a terminal: values with their sources, conflicts, and the origin of settings."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Final

from fsinsure.output.labels import join_words, label
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fsinsure.sources import Conflict

LONGEST: Final = 60
"""Characters of a value that a list shows."""


def values(rows: Sequence[Mapping[str, str]], lang: str = "zh") -> str:
    """Return values as text, a table for each data file.

    Parameters
    ----------
    rows
        As :func:`fsinsure.sources.listing` returns them.
    lang
        ``zh`` or ``en``.
    """
    if not rows:
        return label("listing.nothing", lang)
    names = ("listing.name", "column.value", "column.unit", "listing.date")
    header = [label(key, lang) for key in (*names, "column.confidence", "listing.about")]
    blocks = []
    for file, group in groupby(rows, key=lambda row: row["file"]):
        lines = [
            [
                *(row[column] for column in ("name", "value", "unit", "date", "confidence")),
                " · ".join(part for part in (row[lang], row["source"], row["note"]) if part),
            ]
            for row in group
        ]
        blocks.append(f"{file} ({len(lines)})\n{text.table(header, lines)}")
    return "\n\n".join(blocks)


def conflicts(register: Iterable[Conflict], lang: str = "zh") -> str:
    """Return conflicts as text: both readings, their places, the one used and the reason."""
    blocks = []
    for one in register:
        used = label(f"listing.used_{one.used}", lang)
        reason = label("listing.used", lang, used=used, why=one.zh if lang == "zh" else one.why)
        head = f"{one.id}  {one.topic}  ({one.where})"
        blocks.append(
            "\n".join((head, f"  a  {one.reading_a}", f"  b  {one.reading_b}", f"  {reason}"))
        )
    return "\n\n".join(blocks) or label("listing.nothing", lang)


def nothing(wanted: str, rows: Iterable[Mapping[str, str]], lang: str = "zh") -> str:
    """Return the message that nothing was found, with the closest words of `rows`."""
    texts = "\n".join(cell for row in rows for cell in row.values()).casefold()
    known = sorted(set(re.findall(r"[^\W\d_]{2,}", texts)))
    # Words in another script have no letters in common with the text sought.
    alike = [word for word in known if word.isascii() == wanted.isascii()]
    close = get_close_matches(wanted.casefold(), alike or known, n=5, cutoff=0.0)
    if not close:
        return label("listing.nothing", lang)
    return label("listing.nothing_near", lang, text=wanted, words=join_words(close, lang))


def explanation(rows: Sequence[Sequence[str]], lang: str = "zh") -> str:
    """Return a table of the file and line that set each value; rows of key, value, set by."""
    columns = ("column.parameter", "column.value", "column.set_by")
    return text.table([label(key, lang) for key in columns], rows)


def published(rows: Sequence[Sequence[str]], lang: str = "zh") -> str:
    """Return a table of the law; rows of key, date, value, layer, confidence, source.

    Long tables are cut: ``parameters.csv`` of a run has every row.
    """
    rows = [[key, since, _short(value), *rest] for key, since, value, *rest in rows]
    columns = (
        *("column.parameter", "listing.date", "column.value", "listing.layer"),
        "column.confidence",
    )
    header = [label(key, lang) for key in (*columns, "column.source")]
    return f"{label('listing.published', lang)}\n{text.table(header, rows)}"


def exempt(day: str, files: Sequence[str], names: Sequence[str], lang: str = "zh") -> str:
    """Return the tables and parameters that ``as_of`` does not concern; a name may be a prefix."""
    shown = [f"{name}*" if name.endswith((".", "_")) else name for name in names]
    words = {"files": join_words(files, lang), "parameters": join_words(shown, lang)}
    return label("listing.exempt", lang, day=day, **words)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
