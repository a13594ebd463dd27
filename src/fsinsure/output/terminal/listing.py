"""Lists for a terminal: values with where they come from, conflicts, who set what."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from fsinsure.output.labels import label, listed
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Conflict(Protocol):
    """Two readings that cannot both hold (``fsinsure.sources.Conflict``)."""

    @property
    def id(self) -> str:
        """Its number in the register."""

    @property
    def topic(self) -> str:
        """What is in question."""

    @property
    def reading_a(self) -> str:
        """What the one place says."""

    @property
    def reading_b(self) -> str:
        """What the other place says."""

    @property
    def where(self) -> str:
        """The two places."""

    @property
    def used(self) -> str:
        """Which reading is used: ``a``, ``b`` or ``both``."""

    @property
    def why(self) -> str:
        """The reason in English."""

    @property
    def zh(self) -> str:
        """The reason in Chinese."""


def values(rows: Sequence[Mapping[str, str]], lang: str = "zh") -> str:
    """Lay out values, a table for each data file.

    Parameters
    ----------
    rows
        As :func:`fsinsure.sources.listing` returns them.
    lang
        ``zh`` or ``en``.
    """
    if not rows:
        return label("listing.nothing", lang)
    header = [
        label(key, lang)
        for key in (
            "listing.name",
            "column.value",
            "column.unit",
            "listing.date",
            "column.confidence",
            "listing.about",
        )
    ]
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
    """Lay out conflicts: both readings, where they stand, which is used and why."""
    blocks = [
        "\n".join(
            (
                f"{conflict.id}  {conflict.topic}  ({conflict.where})",
                f"  a  {conflict.reading_a}",
                f"  b  {conflict.reading_b}",
                "  "
                + label(
                    "listing.used",
                    lang,
                    used=label(f"listing.used_{conflict.used}", lang),
                    why=conflict.zh if lang == "zh" else conflict.why,
                ),
            )
        )
        for conflict in register
    ]
    return "\n\n".join(blocks) or label("listing.nothing", lang)


def nothing(wanted: str, rows: Iterable[Mapping[str, str]], lang: str = "zh") -> str:
    """Say that nothing was found, and which words of `rows` come closest to what was wanted."""
    texts = "\n".join(cell for row in rows for cell in row.values()).casefold()
    known = sorted(set(re.findall(r"[^\W\d_]{2,}", texts)))
    # Letters of the other script have nothing in common with what was wanted.
    alike = [word for word in known if word.isascii() == wanted.isascii()]
    close = get_close_matches(wanted.casefold(), alike or known, n=5, cutoff=0.0)
    if not close:
        return label("listing.nothing", lang)
    return label("listing.nothing_near", lang, text=wanted, words=listed(close, lang))


def explanation(rows: Sequence[Sequence[str]], lang: str = "zh") -> str:
    """Lay out which file and line set each value; rows of key, value, set by."""
    columns = ("column.parameter", "column.value", "column.set_by")
    return text.table([label(key, lang) for key in columns], rows)


def published(rows: Sequence[Sequence[str]], lang: str = "zh") -> str:
    """Lay out dated defaults in use; rows of key, from when, value, confidence, source."""
    columns = ("column.parameter", "listing.date", "column.value", "column.confidence")
    header = [label(key, lang) for key in (*columns, "column.source")]
    return f"{label('listing.published', lang)}\n{text.table(header, rows)}"
