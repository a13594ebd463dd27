"""Why what is shown differs from what was pinned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fsinsure.app import tables
from fsinsure.app.controls import name_of
from fsinsure.compare_api import compare
from fsinsure.output.labels import join_words, label
from fsinsure.output.levers import OTHER, material, top_levers
from fsinsure.output.numbers import count, fund_unit, unit_for
from fsinsure.registry import registry

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.app.model import Shown
    from fsinsure.result import Result


def reasons(pinned: Shown, shown: Shown, lang: str) -> str:
    """Return the contributions of the levers that differ, as tables.

    Raises
    ------
    FsinsureError
        As :func:`fsinsure.compare`.
    """
    table = compare(_called(pinned.result, "pinned"), _called(shown.result, "shown")).reasons
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
        values = top_levers(same)
        shown = {name: count(float(value), unit, sign=True) for name, value in values.items()}
        parts = [f"{_lever(str(one), lang)} {text}" for one, text in shown.items() if text != "0"]
        name = label(f"short.{subject}", lang)
        cells.append([(name, ""), (total, ""), (join_words(parts, lang), "words")])
    header = [title, label("column.difference", lang), label("app.parts", lang)]
    return tables.table(header, cells)


def _lever(name: str, lang: str) -> str:
    """Return what a lever is called: the meaning of a parameter, else its name."""
    if name == OTHER:
        return label("figure.minor", lang)
    known = registry().get(name)
    return name if known is None else name_of(known, lang)


def _called(result: Result, name: str) -> Result:
    """Return a result under another name: both may be changes of one scenario."""
    return replace(result, scenario=replace(result.scenario, name=name))
