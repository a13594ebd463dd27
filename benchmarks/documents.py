"""Tables of measurements, kept in documents between a pair of comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def fill(document: Path, name: str, lines: Sequence[str]) -> None:
    """Put lines between ``<!-- name -->`` and ``<!-- end of name -->`` of a document."""
    text = document.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"{document}: one {begin} ... {end} is wanted")
    inside = "\n".join([begin, "", *lines, "", end])
    document.write_text(pattern.sub(lambda _: inside, text), encoding="utf-8", newline="\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, numbers to the right but for the first column."""
    ruler = "|---|" + "---:|" * (len(heads) - 1)
    return [f"| {' | '.join(heads)} |", ruler, *(f"| {' | '.join(row)} |" for row in rows)]
