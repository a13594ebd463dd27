"""HTML of objects for notebooks: a title, some facts and a small table."""

from __future__ import annotations

from html import escape
from numbers import Number
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

STYLE: Final = "border-left:3px solid #1f6f8b;padding:.2em 0 .2em .8em;margin:.3em 0"
CELL: Final = "padding:.1em .6em;text-align:"
MOST_ROWS: Final = 12
UNKNOWN: Final = "–"


def card(title: str, facts: Sequence[str], table: pd.DataFrame | None = None) -> str:
    """Return a title, facts and the first rows of a table as HTML; every text is escaped."""
    lines = [f"<div style='{STYLE}'>", f"<strong>{escape(title)}</strong>"]
    lines += [f"<div>{escape(fact)}</div>" for fact in facts]
    if table is not None and len(table):
        aligned = ["left" if _is_text(table[name]) else "right" for name in table]
        head = "".join(
            f"<th scope='col' style='{CELL}{side}'>{escape(str(name))}</th>"
            for name, side in zip(table, aligned, strict=True)
        )
        lines.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
        for row in table.head(MOST_ROWS).itertuples(index=False):
            cells = "".join(
                f"<td style='{CELL}{side}'>{escape(_shown(cell))}</td>"
                for cell, side in zip(row, aligned, strict=True)
            )
            lines.append(f"<tr>{cells}</tr>")
        lines.append("</tbody></table>")
        if len(table) > MOST_ROWS:
            lines.append(f"<div>… {len(table):,}</div>")
    return "".join([*lines, "</div>"])


def _is_text(column: pd.Series) -> bool:
    return not all(isinstance(one, Number) or _is_missing(one) for one in column)


def _is_missing(cell: object) -> bool:
    return str(cell) in ("<NA>", "nan")


def _shown(cell: object) -> str:
    """Return a cell as text: numbers rounded for reading."""
    if _is_missing(cell):
        return UNKNOWN
    return f"{cell:,.2f}".replace("-", "−") if isinstance(cell, float) else str(cell)
