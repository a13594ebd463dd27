"""HTML of objects for notebooks: a title, some facts and a small table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

STYLE: Final = "border-left:3px solid #1f6f8b;padding:.2em 0 .2em .8em;margin:.3em 0"
MOST_ROWS: Final = 12
UNKNOWN: Final = "–"


def card(title: str, facts: Sequence[str], table: pd.DataFrame | None = None) -> str:
    """Return a title, facts and the first rows of a table as HTML; every text is escaped."""
    lines = [f"<div style='{STYLE}'>", f"<strong>{escape(title)}</strong>"]
    lines += [f"<div>{escape(fact)}</div>" for fact in facts]
    if table is not None and len(table):
        head = "".join(f"<th scope='col'>{escape(str(name))}</th>" for name in table)
        lines.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
        for row in table.head(MOST_ROWS).itertuples(index=False):
            cells = "".join(f"<td>{escape(_shown(cell))}</td>" for cell in row)
            lines.append(f"<tr>{cells}</tr>")
        lines.append("</tbody></table>")
        if len(table) > MOST_ROWS:
            lines.append(f"<div>… {len(table):,}</div>")
    return "".join([*lines, "</div>"])


def _shown(cell: object) -> str:
    """Return a cell as text: numbers rounded for reading."""
    if isinstance(cell, float):
        return UNKNOWN if cell != cell else f"{cell:,.2f}".replace("-", "−")
    return UNKNOWN if str(cell) == "<NA>" else str(cell)
