"""Scenarios side by side in a terminal: balances of funds, effects of relief, differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import TOTAL
from fsinsure.output.labels import join_words, label
from fsinsure.output.levers import OTHER, lever_name, material, top_levers
from fsinsure.output.numbers import count, fund_unit, step_of, unit_for
from fsinsure.output.rounding import parts_of
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from fsinsure.output.numbers import Unit


def balances(ledger: pd.DataFrame, lang: str = "zh") -> str:
    """Return a table of the closing balances and their differences from the first scenario.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, yuan, difference (from the first scenario).
        The table is of the last year that every scenario reaches.
    lang
        ``zh`` or ``en``.
    """
    year = int(ledger.groupby("scenario")["year"].max().min())
    closing = ledger[
        (ledger["item"] == "closing") & (ledger["level"] == TOTAL) & (ledger["year"] == year)
    ]
    unit = fund_unit(lang)
    scenarios = list(dict.fromkeys(closing["scenario"]))
    lines: dict[str, list[str]] = {}
    for row in closing.to_dict("records"):
        shown = count(row["yuan"], unit)
        if row["scenario"] != scenarios[0]:
            shown += f" ({count(row['difference'], unit, sign=True)})"
        lines.setdefault(label(f"short.{row['fund']}", lang), []).append(shown)
    rows = [[fund, *cells] for fund, cells in lines.items()]
    body = text.table([label("column.fund", lang), *scenarios], rows, right=len(scenarios))
    return f"{label('summary.balances', lang, unit=unit.name, year=year)}\n{body}"


def relief(indicators: pd.DataFrame, lang: str = "zh") -> str:
    """Return the cost of relief by year and fund, and the number of people it keeps insured.

    Parameters
    ----------
    indicators
        Columns scenario, year, fund, indicator, value.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    str
        A line a scenario and year with relief; empty if there is none.
    """
    unit = fund_unit(lang)
    costs = indicators[(indicators["indicator"] == "relief_cost") & (indicators["value"] > 0)]
    kept = indicators[indicators["indicator"] == "people_kept"]
    people = kept.set_index(["scenario", "year"])["value"].to_dict()
    lines = []
    for (scenario, year), rows in costs.groupby(["scenario", "year"]):
        parts = [
            f"{label(f'short.{fund}', lang)} {count(value, unit)}"
            for fund, value in zip(
                rows["fund"], parts_of(rows["value"], step_of(unit)), strict=True
            )
        ]
        persons = float(people[scenario, year])
        shown = unit_for(lang, abs(persons))
        key = "summary.relief_kept" if persons else "summary.relief_unanswered"
        which = {"scenario": scenario, "year": year, "parts": join_words(parts, lang)}
        cost = {"cost": count(float(rows["value"].sum()), unit), "unit": unit.name}
        effect = {"people": count(persons, shown), "persons": shown.name}
        mine = kept[kept["scenario"] == scenario].set_index("year")["value"].sort_index()
        left = count(float(mine.iloc[-1]), shown)
        effect |= {"horizon": str(mine.index[-1]), "left": left}
        lines.append(label(key, lang, **which, **cost, **effect))
    return "\n".join(lines)


def deferrals(ledger: pd.DataFrame, lang: str = "zh") -> str:
    """Return the contributions deferred by year, and those still outstanding at the end.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, yuan.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    str
        A line a scenario and year with deferrals; empty if there is none.
    """
    unit = fund_unit(lang)
    whole = ledger[ledger["level"] == TOTAL].groupby(["item", "scenario", "year"])["yuan"].sum()
    lines = []
    for (scenario, year), amount in whole["deferred"].items():
        if amount > 0:
            left = whole["deferred_outstanding"][scenario]
            words = {"scenario": scenario, "year": year, "amount": count(amount, unit)}
            owed = {"horizon": left.index[-1], "owed": count(float(left.iloc[-1]), unit)}
            lines.append(label("summary.deferred", lang, **words, unit=unit.name, **owed))
    return "\n".join(lines)


def why(
    reasons: pd.DataFrame,
    lang: str = "zh",
    *,
    reliefs: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Return, for each fund and measure, the levers that move it, the largest first.

    Parameters
    ----------
    reasons
        Columns scenario, against, step, lever, kind, subject, year, value, unit; with rows.
    lang
        ``zh`` or ``en``.
    reliefs
        What the reliefs among the levers are, by scenario and lever.
    """
    blocks = []
    for (scenario, against, year), rows in reasons.groupby(
        ["scenario", "against", "year"], sort=False
    ):
        who = {"scenario": scenario, "against": against, "year": year}
        moved = material(rows)
        if moved.empty:
            blocks.append(label("summary.no_reason", lang, **who))
            continue
        parts = [
            _kind(same, lang, (reliefs or {}).get(str(scenario)))
            for _, same in moved.groupby("kind", sort=False)
        ]
        blocks.append("\n".join([label("summary.reasons", lang, **who), *parts]))
    return "\n\n".join(blocks)


def _kind(rows: pd.DataFrame, lang: str, reliefs: Mapping[str, str] | None) -> str:
    kind = str(rows["kind"].iloc[0])
    unit = fund_unit(lang) if kind == "fund" else unit_for(lang, rows["value"].abs().max())
    cells, parts = [], [""]
    for subject, same in rows.groupby("subject", sort=False):
        total = count(float(same["value"].sum()), unit, sign=True)
        cells.append([label(f"short.{subject}", lang), total])
        parts.append(f" = {parts_in_words(top_levers(same), unit, lang, reliefs)}")
    name = label("summary.reasons_of", lang, kind=label(f"kind.{kind}", lang), unit=unit.name)
    lines = text.table([name, label("column.difference", lang)], cells, right=1).split("\n")
    return "\n".join(line + part for line, part in zip(lines, parts, strict=True))


def parts_in_words(
    values: pd.Series[float], unit: Unit, lang: str, reliefs: Mapping[str, str] | None = None
) -> str:
    """Return the levers that move a subject, as of :func:`fsinsure.output.levers.top_levers`."""
    values = values.iloc[np.argsort(-values.abs().where(values.index != OTHER, 0.0), kind="stable")]
    words = (
        f"{lever_name(str(name), lang, reliefs)} {count(part, unit, sign=True)}"
        for name, part in zip(values.index, parts_of(values, step_of(unit)), strict=True)
        if part
    )
    return join_words(words, lang)
