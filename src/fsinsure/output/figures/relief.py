"""The picture of relief: waived, refunded, deferred and repaid, and the people kept insured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from fsinsure.errors import InputError
from fsinsure.output.figures import sheet
from fsinsure.output.figures.money import fund_names, total_books
from fsinsure.output.figures.panels import Mark, Panel, cells, heights
from fsinsure.output.figures.style import BLUE, GREEN, GREY, HEAD, INK, ORANGE, PAPER, PURPLE, SMALL
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, amount, stock_text, unit_for, yuan, yuan_text, yuan_unit
from fsinsure.output.tidy import only_scenario

CELL: Final = 2.9
BAR: Final = 0.56
COSTS: Final = ("waived", "relief_refund", "deferred")
"""Items that leave the fund, stacked upwards; what is repaid stands below the axis."""
STYLES: Final[Mapping[str, dict[str, Any]]] = {
    "waived": {"facecolor": BLUE},
    "relief_refund": {"facecolor": ORANGE, "hatch": "////", "edgecolor": PAPER},
    "deferred": {"facecolor": "#A9D5F2"},
    "repaid": {"facecolor": GREEN, "hatch": "....", "edgecolor": PAPER},
}
PEOPLE: Final = "people_kept"


@sheet.drawn
def relief(
    ledger: pd.DataFrame, indicators: pd.DataFrame, *, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Draw the relief of each year, one panel per fund, and the people it kept in work.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, kind, yuan, with the items ``waived``,
        ``relief_refund``, ``deferred``, ``repaid`` and ``deferred_outstanding``; the rows of the
        region are used.
    indicators
        Columns scenario, year, fund, indicator, value. ``people_kept`` gets a panel of its own
        where it is not zero.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios; a ledger without any relief.
    """
    books = total_books(ledger)
    scenario = only_scenario(ledger, "ledger")
    tables = relief_tables(books)
    if not tables:
        raise InputError(
            "The scenario {scenario} has no relief, so there is nothing to draw: add entries "
            "under relief to the scenario.",
            scenario=scenario,
        )
    kept = people(indicators)
    used = [item for item in STYLES if any(table[item].any() for table in tables.values())]
    words = [label(f"relief.{item}", lang) for item in used]
    panels = len(tables) + (not kept.empty)
    picture, body = sheet.open_picture(
        heights(panels, CELL) + sheet.legend_height(words),
        finding(tables, lang),
        title or scenario,
        [label("figure.axes_differ", lang), sheet.footnote(lang, scenario)],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - sheet.legend_height(words))
    places = cells(grid, panels)
    for (fund, table), cell in zip(tables.items(), places, strict=False):
        draw_fund(picture, cell, fund, table, lang)
    if not kept.empty:
        draw_people(picture, places[-1], kept, lang)
    sheet.legend_line(picture, body, [Patch(linewidth=0, **STYLES[item]) for item in used], words)
    return picture


def relief_tables(books: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return yuan by year (rows) and item (columns) of each fund that has relief.

    The years go from the first with relief to the last with relief or a repayment, all funds alike.
    """
    names = [*STYLES, "deferred_outstanding"]
    rows = books[books["item"].isin(names) & (books["yuan"] != 0)]
    if rows.empty:
        return {}
    moving = rows[rows["item"] != "deferred_outstanding"]["year"]
    years = range(int(moving.min()), int(moving.max()) + 1)
    found = {}
    for fund in fund_names(rows):
        table = rows[rows["fund"] == fund].pivot_table(index="year", columns="item", values="yuan")
        found[fund] = table.reindex(index=years, columns=names).fillna(0.0)
    return found


def has_relief(ledger: pd.DataFrame) -> bool:
    """Return whether a ledger has any relief to draw."""
    return bool(relief_tables(total_books(ledger)))


def people(indicators: pd.DataFrame) -> pd.Series[float]:
    """Return the people kept, from the first year with any to the last; empty without any."""
    rows = indicators[indicators["indicator"] == PEOPLE]
    kept = rows.groupby("year")["value"].sum()
    some = kept.index[kept.abs() >= 0.5]
    return kept.loc[some.min() : some.max()] if len(some) else kept.iloc[:0]


def finding(tables: Mapping[str, pd.DataFrame], lang: str) -> str:
    """Return the title: the totals waived, refunded and deferred, and the years."""
    sums = {item: sum(float(table[item].sum()) for table in tables.values()) for item in COSTS}
    unit = yuan_unit(lang, max(sums.values()))
    parts = [
        label(f"relief_sum.{item}", lang, value=f"{yuan_text(total, unit)} {unit.name}")
        for item, total in sums.items()
        if total
    ]
    costs = pd.concat([table[list(COSTS)] for table in tables.values()], axis=1).sum(axis=1)
    years = costs.index[costs > 0]
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return label("figure.relief_title", lang, years=span, parts=join_words(parts, lang))


def cost_text(table: pd.DataFrame, lang: str) -> str:
    """Return the cost of relief to the fund, without deferrals."""
    cost = float(table["waived"].sum() + table["relief_refund"].sum())
    if not cost:
        return label("figure.relief_free", lang)
    return label("figure.relief_cost", lang, amount=yuan(cost, lang))


def owed_text(table: pd.DataFrame, lang: str) -> str:
    """Return the state of the deferrals at the end."""
    if not table["deferred"].any():
        return label("figure.relief_no_deferral", lang)
    owed = float(table["deferred_outstanding"].iloc[-1])
    if owed < 1.0:
        return label("figure.relief_settled", lang)
    return label("figure.relief_owed", lang, year=table.index[-1], amount=yuan(owed, lang))


def draw_fund(
    picture: sheet.Picture, cell: sheet.Box, fund: str, table: pd.DataFrame, lang: str
) -> None:
    """Draw one fund: relief upwards, repayments downwards."""
    up = table[list(COSTS)].sum(axis=1)
    unit = yuan_unit(lang, max(up.max(), table["repaid"].max()))
    head = [
        (f"{label(f'short.{fund}', lang)} · {unit.name}", HEAD, INK),
        (cost_text(table, lang), SMALL, GREY),
        (owed_text(table, lang), SMALL, GREY),
    ]
    panel = open_bars(picture, cell, head, unit, (-table["repaid"], up))
    floor = np.zeros(len(table))
    for item in COSTS:
        panel.axes.bar(table.index, table[item], BAR, floor, linewidth=0, **STYLES[item])
        floor = floor + table[item].to_numpy()
    panel.axes.bar(table.index, -table["repaid"], BAR, linewidth=0, **STYLES["repaid"])
    for year in map(int, table.index):
        write_value(panel, year, up[year], yuan_text(up[year], unit))
        write_value(panel, year, -table["repaid"][year], yuan_text(table["repaid"][year], unit))


def open_bars(
    picture: sheet.Picture,
    cell: sheet.Box,
    head: list[tuple[str, float, str]],
    unit: Unit,
    ends: tuple[pd.Series[float], pd.Series[float]],
) -> Panel:
    """Return a panel for bars from the lower to the upper `ends`, with space for their values."""
    panel = Panel(picture, cell, head, unit)
    years = [int(year) for year in ends[1].index]
    low, high = min(0.0, float(ends[0].min())), max(0.0, float(ends[1].max()))
    pad = (high - low) * 0.14 or 1.0
    # A year takes at most a third of the panel.
    side = 0.5 + max(3 - len(years), 0) / 2
    span = (years[0] - side - 0.1, years[-1] + side - 0.1)
    panel.set_span(span, (low - pad if low else 0.0, high + pad), [])
    panel.set_ticks(years, unsigned=True)
    panel.axes.axhline(0, color=INK, linewidth=0.8, zorder=3)
    return panel


def write_value(panel: Panel, year: int, value: float, text: str) -> None:
    """Write the value of a bar at its end, unless it is zero or wider than a year."""
    if value and sheet.text_width(text, SMALL) + 0.04 < 1 / panel.inch:
        up, side = (3.0, "bottom") if value > 0 else (-3.0, "top")
        panel.write(Mark(value, text, INK, year), year, (0.0, up), ha="center", va=side)


def draw_people(picture: sheet.Picture, cell: sheet.Box, kept: pd.Series[float], lang: str) -> None:
    """Draw the people kept in work by year."""
    unit = unit_for(lang, float(kept.abs().max()))
    most = int(str(kept.abs().idxmax()))
    words = label("figure.people_most", lang, amount=amount(float(kept[most]), lang), year=most)
    name = label(f"indicator.{PEOPLE}", lang)
    head = [(f"{name} · {unit.name}", HEAD, INK), (words, SMALL, GREY)]
    panel = open_bars(picture, cell, head, unit, (kept.clip(upper=0), kept))
    panel.axes.bar(kept.index, kept, BAR, color=PURPLE)
    for year, value in zip(map(int, kept.index), kept, strict=True):
        write_value(panel, year, value, stock_text(value, unit, projected=True))
