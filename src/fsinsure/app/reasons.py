"""Why what is shown differs from what was pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.app import tables
from fsinsure.app.model import called
from fsinsure.compare_api import compare
from fsinsure.output.labels import label
from fsinsure.output.levers import material, top_levers
from fsinsure.output.numbers import count, fund_unit, unit_for
from fsinsure.output.terminal.side_by_side import parts_in_words

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.app.model import Shown


def reasons(pinned: Shown, shown: Shown, lang: str) -> str:
    """Return the contributions of the levers that differ, as tables.

    Raises
    ------
    FsinsureError
        As :func:`fsinsure.compare`.
    """
    table = compare(called(pinned.result, "pinned"), called(shown.result, "shown")).reasons
    moved = material(table) if len(table) else table
    if not len(moved):
        return tables.note(label("app.no_reason", lang))
    year = int(moved["year"].iloc[0])
    parts = [tables.note(label("app.why", lang, year=year))]
    parts += [_kind(rows, str(kind), lang) for kind, rows in moved.groupby("kind", sort=False)]
    return "".join(parts)


def _kind(rows: pd.DataFrame, kind: str, lang: str) -> str:
    """Return the table of the funds, or of the measures: differences, and what they consist of."""
    unit = fund_unit(lang) if kind == "fund" else unit_for(lang, rows["value"].abs().max())
    title = label("summary.reasons_of", lang, kind=label(f"kind.{kind}", lang), unit=unit.name)
    cells = []
    for subject, same in rows.groupby("subject", sort=False):
        total = count(float(same["value"].sum()), unit, sign=True)
        parts = parts_in_words(top_levers(same), unit, lang)
        name = label(f"short.{subject}", lang)
        cells.append([(name, ""), (total, ""), (parts, "words")])
    header = [title, label("column.difference", lang), label("app.parts", lang)]
    return tables.table(header, cells)
