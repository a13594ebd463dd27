"""The tables of an answer: what levers, people and funds are before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.analysis.solve import Lever

ITEM: Final = {"income": "income", "outgo": "outgo", "closing": "balance"}
"""Items of the table of funds by the kind of the ledger."""


def path(lever: Lever, since: int, change: float, codes: Sequence[str]) -> pd.DataFrame:
    """Return lever, year, area (empty where alike), before, after and unit of a lever."""
    own, new = lever.own, lever.values(since, change)
    areas = codes if own.shape[1] > 1 else ("",)
    rows = [
        (year, area, float(own[row, column]), float(new[row, column]))
        for row, year in enumerate(lever.years.tolist())
        for column, area in enumerate(areas)
    ]
    table = pd.DataFrame(rows, columns=["year", "area", "before", "after"])
    table.insert(0, "lever", lever.name)
    table["unit"] = registry()[lever.name].unit
    return table


def people(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return year, level, area, measure, before, after and difference, persons, of two runs."""
    return _compared(before, after, ["year", "level", "area", "measure"], "persons")


def funds(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return year, fund, item, before, after and difference, yuan, of two ledgers."""
    return _compared(_accounts(before), _accounts(after), ["year", "fund", "item"], "yuan")


def named(table: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Return a table with the name of its scenario in front."""
    table.insert(0, "scenario", scenario)
    return table


def _compared(
    before: pd.DataFrame, after: pd.DataFrame, keys: list[str], value: str
) -> pd.DataFrame:
    """Return the values of two tables of the same rows side by side."""
    table = before[["scenario", *keys, value]].rename(columns={value: "before"})
    table["after"] = after[value]
    table["difference"] = table["after"] - table["before"]
    return table


def _accounts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return scenario, year, fund, item and yuan of the region."""
    whole = ledger[ledger["level"] == TOTAL]
    found = whole.assign(item=whole["kind"].map(ITEM)).dropna(subset="item")
    keys = ["scenario", "year", "fund", "item"]
    return found[[*keys, "yuan"]].groupby(keys, sort=False, as_index=False).sum()
