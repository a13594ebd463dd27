"""Scenarios compared draw by draw, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fsinsure.output.labels import label
from fsinsure.output.numbers import UNKNOWN, count, fund_unit, percent, unit_for
from fsinsure.output.terminal import text
from fsinsure.output.terminal.ensemble import ALL

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from fsinsure.output.numbers import Unit


def draw_comparison(
    targets: pd.DataFrame,
    differences: pd.DataFrame,
    regret: pd.DataFrame,
    draws: int,
    year: int,
    lang: str = "zh",
) -> str:
    """Return the probabilities of the targets by scenario, and how scenarios differ.

    Parameters
    ----------
    targets, differences, regret
        The tables of a comparison of ensembles.
    draws, year
        How many common draws, and at whose end balances are compared.
    lang
        ``zh`` or ``en``.
    """
    parts = [] if targets.empty else [_chances(targets, lang)]
    return "\n\n".join([*parts, _differences(differences, regret, draws, year, lang)])


def _chances(targets: pd.DataFrame, lang: str) -> str:
    scenarios = list(targets["scenario"].unique())
    wide = targets.pivot_table(
        index="measure", columns="scenario", values="probability", sort=False, dropna=False
    )
    rows = [
        [
            label("ensemble.all_targets", lang) if name == ALL else label(f"short.{name}", lang),
            *(UNKNOWN if pd.isna(chance) else percent(chance, 1) for chance in own[scenarios]),
        ]
        for name, own in wide.iterrows()
    ]
    shown = text.table([label("column.measure", lang), *scenarios], rows, right=len(scenarios))
    return f"{label('ensemble.compared', lang)}\n{shown}"


def _differences(
    differences: pd.DataFrame, regret: pd.DataFrame, draws: int, year: int, lang: str
) -> str:
    people = differences[differences["unit"] == "persons"]
    units = {
        "persons": unit_for(lang, float(people[["p10", "p90"]].abs().max().max() or 0.0)),
        "yuan": fund_unit(lang),
    }
    best = regret.set_index(["scenario", "subject"])["probability_best"]
    rows = [_line(row, units, best, lang) for row in differences.to_dict("records")]
    names = ("scenario", "subject", "median", "range", "higher", "best")
    head = [label(f"ensemble.column_{name}", lang) for name in names]
    against = str(differences["against"].iloc[0])
    shown = {name: one.name for name, one in units.items()}
    facts = {"draws": f"{draws:,}", "year": year, **shown}
    title = label("ensemble.differences", lang, against=against, **facts)
    return f"{title}\n{text.table(head, rows, right=4)}"


def _line(
    row: Mapping[Hashable, Any], units: Mapping[str, Unit], best: pd.Series[float], lang: str
) -> list[str]:
    unit = units[row["unit"]]
    kind, _, name = row["subject"].partition(".")
    words = label("ensemble.cost", lang)
    if kind == "measure":
        words = label(f"short.{name}", lang)
    elif kind == "fund":
        words = label("ensemble.fund", lang, fund=label(f"short.{name}", lang))
    low, middle, high = (count(row[one], unit, sign=True) for one in ("p10", "p50", "p90"))
    chances = (row["probability_higher"], best[row["scenario"], row["subject"]])
    return [
        *(row["scenario"], words, middle, f"{low} – {high}"),
        *(percent(one, 0) for one in chances),
    ]
