"""Published figures beside the range of the draws, as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.output.labels import label, measure_name
from fsinsure.output.numbers import count, percent, unit_for, yuan_unit
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    import pandas as pd


def coverage(table: pd.DataFrame, draws: int, lang: str = "zh") -> str:
    """Return where published figures lie in the range of the draws.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.published_draws.coverage` returns it.
    draws
        How many there are.
    lang
        ``zh`` or ``en``.
    """
    if table.empty:
        return label("coverage.none", lang)
    rows = []
    for row in table.to_dict("records"):
        money = row["unit"] != "persons"
        unit = (yuan_unit if money else unit_for)(lang, row["p90"])
        low, middle, high, published = (
            unit.text(row[name], 3) if money else count(row[name], unit)
            for name in ("p10", "p50", "p90", "published")
        )
        verdict = label("coverage.inside" if row["inside"] else "coverage.outside", lang)
        if not row["judged"]:
            verdict = label("coverage.not_judged", lang)
        name = f"{measure_name(row['measure'], lang)} ({unit.name})"
        cells = [middle, f"{low} – {high}", published, percent(row["share_below"], 0), verdict]
        rows.append([name, str(row["year"]), *cells])
    names = ("measure", "year", "median", "range", "published", "below", "verdict")
    head = [label(f"coverage.{name}", lang) for name in names]
    judged = table["judged"]
    inside, every = int(table["inside"][judged].sum()), int(judged.sum())
    title = label("coverage.title", lang, inside=inside, every=every, draws=f"{draws:,}")
    return f"{title}\n{text.table(head, rows, right=5)}"
