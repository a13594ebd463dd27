"""Shared by the pictures of money: reading the ledger and the indicators, and fund balances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fsinsure.dims import TOTAL
from fsinsure.output.figures.panels import Mark, Panel
from fsinsure.output.figures.style import BLUE, INK, MISSED, PAPER
from fsinsure.output.labels import label
from fsinsure.output.tidy import pick, require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist

YEARS_DRAWN: Final = 15
"""Years after the first of the pictures in yuan unless a last one is asked for: later amounts, in
current prices, would flatten the years of a plan."""
DEFICIT: Final[dict[str, Any]] = {
    "facecolor": "#F6CDB4",
    "edgecolor": MISSED,
    "hatch": "////",
    "linewidth": 0,
}


def last_drawn(table: pd.DataFrame, last: int | None) -> int:
    """Return the last year of a picture in yuan: the one asked for, or that of the default."""
    return int(table["year"].min()) + YEARS_DRAWN if last is None else last


def total_books(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a ledger of the region as a whole."""
    require(ledger, "ledger", "scenario", "year", "level", "fund", "item", "kind", "yuan")
    return pick(ledger, "ledger", level=TOTAL)


def drawn_books(ledger: pd.DataFrame, last: int | None) -> pd.DataFrame:
    """Return the rows of the region as a whole that a picture in yuan shows."""
    books = total_books(ledger)
    return books[books["year"] <= last_drawn(books, last)]


def fund_names(books: pd.DataFrame) -> list[str]:
    """Return the funds of a ledger, in its order."""
    return [str(fund) for fund in books["fund"].unique()]


def yearly(books: pd.DataFrame, fund: str, kind: str) -> pd.Series[float]:
    """Return yuan by year of all items of a kind: income, outgo, closing."""
    return pick(books, "ledger", fund=fund, kind=kind).groupby("year")["yuan"].sum()


def items(books: pd.DataFrame, fund: str, kind: str) -> pd.DataFrame:
    """Return yuan by year (rows) and item of a kind (columns)."""
    rows = pick(books, "ledger", fund=fund, kind=kind)
    return rows.pivot_table(index="year", columns="item", values="yuan", sort=False)


def indicator(indicators: pd.DataFrame, name: str, fund: str) -> pd.Series[float]:
    """Return an indicator of a fund by year; the years without a value are left out."""
    require(indicators, "indicators", "scenario", "year", "fund", "indicator", "value")
    rows = pick(indicators, "indicators", indicator=name, fund=fund)
    return rows.set_index("year")["value"].sort_index().dropna()


def depleted(indicators: pd.DataFrame, fund: str) -> int | None:
    """Return the first year with a negative closing balance, or None."""
    found = indicator(indicators, "depletion_year", fund)
    return None if found.empty else int(found.iloc[-1])


def subsidised(indicators: pd.DataFrame, fund: str) -> int | None:
    """Return the first year in which the treasury pays a shortfall of a fund, or None."""
    rows = indicators[indicators["indicator"] == "deficit_subsidy_year"]
    found = rows.loc[rows["fund"] == fund, "value"].dropna()
    return None if found.empty else int(found.iloc[-1])


def number(value: float) -> str:
    """Return a number of months as an analyst set it: 12, 4.5."""
    return f"{value:g}"


def limits(values: list[float], *, zero: bool = False) -> tuple[float, float]:
    """Return the ends of an axis with some space around `values`, and with zero if `zero`."""
    known = [value for value in values if not math.isnan(value)] + ([0.0] if zero else [])
    low, high = min(known), max(known)
    pad = (high - low) * 0.18 or abs(high) * 0.1 or 1.0
    return (0.0 if zero and low == 0 else low - pad), high + pad


def with_crossings(curve: pd.Series[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return years and values of a curve, with the points inserted where it passes zero."""
    years, values = curve.index.to_numpy(float), curve.to_numpy(float)
    passing = np.flatnonzero(values[:-1] * values[1:] < 0)
    share = values[passing] / (values[passing] - values[passing + 1])
    years = np.insert(years, passing + 1, years[passing] + share)
    return years, np.insert(values, passing + 1, 0.0)


def draw_balance(panel: Panel, curve: pd.Series[float], ended: int | None) -> None:
    """Draw a balance, its negative part as a deficit, and the year of depletion."""
    axes = panel.axes
    years, values = with_crossings(curve)
    if values.min() < 0:
        axes.axhline(0, color=INK, linewidth=0.8, zorder=2)
        axes.fill_between(years, values, 0, where=values <= 0, zorder=1.5, **DEFICIT)
        below = np.where(values <= 0, values, np.nan)
        axes.plot(years, below, "--", color=MISSED, linewidth=2, zorder=3)
    (line,) = axes.plot(
        years, np.where(values >= 0, values, np.nan), "-", color=BLUE, linewidth=2, zorder=3
    )
    if len(years) == len(curve):  # points where the balance passes zero have no mark
        panel.mark(line, "o", 4)
    if ended is not None and ended in curve.index:
        axes.plot([ended], [curve[ended]], "X", color=MISSED, ms=8, mec=PAPER, zorder=4)
        panel.label_near(Mark(curve[ended], str(ended), MISSED, ended), "upper right")


def balance_legend(lang: str, *, deficit: bool) -> list[tuple[Artist, str]]:
    """Return legend entries of a balance, with those of a deficit if there is one."""
    signs: list[tuple[Artist, str]] = [
        (Line2D([], [], color=BLUE, linewidth=2, marker="o", ms=4), label("figure.balance", lang))
    ]
    if deficit:
        signs += [
            (Patch(**DEFICIT), label("figure.deficit", lang)),
            (
                Line2D([], [], color=MISSED, linestyle="", marker="X", ms=8, mec=PAPER),
                label("figure.depletion", lang),
            ),
        ]
    return signs
