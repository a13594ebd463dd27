"""The plausibility of the base year as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fsinsure.output.labels import label
from fsinsure.output.numbers import LARGE, percent, unit_for
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any


def base_check(table: pd.DataFrame, name: str, year: int, lang: str = "zh") -> str:
    """Return the checks of the base year as text, a block for each published figure.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.check_base.check_base` returns it.
    name, year
        Name of the scenario, and its base year.
    lang
        ``zh`` or ``en``.
    """
    title = label("check.title", lang, year=year, name=name)
    return f"{title}\n{check_lines(table, lang)}"


def check_lines(table: pd.DataFrame, lang: str) -> str:
    """Return the rows of a table of checks as text."""
    columns = ("item", "value", "published", "believable", "verdict", "evidence")
    header = [label(f"check.{column}", lang) for column in columns]
    lines: list[list[str]] = []
    for check, rows in table.groupby("check", sort=False):
        lines.append([label(f"check.{check}", lang), "", "", "", "", ""])
        lines += [_line(row, lang) for row in rows.to_dict("records")]
    return text.table(header, lines)


def _line(row: Mapping[Hashable, Any], lang: str) -> list[str]:
    shown = {
        key: "" if pd.isna(row[key]) else amount(row[key], row["unit"], lang)
        for key in ("value", "published", "low", "high")
    }
    bounds = verdict = ""
    if shown["high"]:
        low = shown["low"].split(" ")[0]
        bounds = label("check.between", lang, low=low, high=shown["high"])
    elif shown["low"]:
        bounds = label("check.at_least", lang, low=shown["low"])
    if not pd.isna(row["plausible"]):
        verdict = label("check.yes" if row["plausible"] else "check.no", lang)
    item = label(f"check.{row['check']}.{row['item']}", lang)
    evidence = row.get("evidence", "")
    said = label(f"check.{evidence}", lang) if isinstance(evidence, str) and evidence else ""
    return [f"  {item}", shown["value"], shown["published"], bounds, verdict, said]


def amount(value: float, unit: str, lang: str) -> str:
    """Return a value with its unit: ``137.64 亿元``, ``58.56%``, ``23.5 months``."""
    if unit == "fraction":
        return percent(value, 2)
    if unit == "persons":
        persons = unit_for(lang, value)
        return f"{persons.text(value, 2)} {persons.name}"
    if unit == "yuan":
        return f"{value / LARGE[lang]:,.2f} {label('unit.yuan_large', lang)}"
    if unit == "ratio":
        return f"{value:,.2f}"
    places = 1 if unit == "months" else 0
    return f"{value:,.{places}f} {label(f'unit.{unit}', lang)}"
