"""Assumptions with their range and what it moves, as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fsinsure.output.labels import label
from fsinsure.output.numbers import UNKNOWN, count, fund_unit, parameter_text, percent, unit_for
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from fsinsure.output.numbers import Unit

MEASURE, FUND = "measure.", "fund."


def assumptions(table: pd.DataFrame, horizon: int, lang: str = "zh") -> str:
    """Return assumptions as text, one a line, with what each moves most.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.assumptions.assumptions` returns it.
    horizon
        The year at whose end the effects are taken.
    lang
        ``zh`` or ``en``.
    """
    if table.empty:
        return label("assumptions.none", lang)
    measures = [name for name in table.columns if name.startswith(MEASURE)]
    unit = unit_for(lang, float(table[measures].abs().max().max()) if measures else 0.0)
    columns = ("parameter", "from", "low", "central", "high", "basis", "largest", "moves")
    header = [label(f"assumptions.{column}", lang) for column in columns]
    header += [label(f"short.{name.removeprefix(MEASURE)}", lang) for name in measures]
    lines = [_line(row, measures, unit, lang) for row in table.to_dict("records")]
    shown = text.table(header, lines, right=len(measures))
    title = label("assumptions.title", lang, year=horizon, unit=unit.name)
    problems = [
        label("assumptions.problem", lang, parameter=row["parameter"], why=row["problem"])
        for row in table.to_dict("records")
        if row["problem"]
    ]
    return "\n".join([title, shown, *problems])


def _line(row: Mapping[Hashable, Any], measures: list[str], unit: Unit, lang: str) -> list[str]:
    ends = [parameter_text(row[name], row["unit"]) for name in ("low", "central", "high")]
    basis = label(f"basis.{row['basis']}", lang)
    moves = _moves(row, lang) if row["moves"] else ""
    largest = UNKNOWN if row["problem"] else percent(row["largest"])
    changes = [
        UNKNOWN if pd.isna(row[name]) else count(row[name], unit, sign=True) for name in measures
    ]
    return [row["parameter"], row["from"], *ends, basis, largest, moves, *changes]


def _moves(row: Mapping[Hashable, Any], lang: str) -> str:
    """Return what a range moves most, and by how much for a fund."""
    subject: str = row["moves"]
    if subject.startswith(MEASURE):
        return label(f"short.{subject.removeprefix(MEASURE)}", lang)
    unit = fund_unit(lang)
    name = label("assumptions.fund", lang, fund=label(f"short.{subject.removeprefix(FUND)}", lang))
    return f"{name} {count(row[subject], unit, sign=True)} {unit.name}"
