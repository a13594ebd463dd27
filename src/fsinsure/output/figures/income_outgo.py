"""The picture of a fund's years: income above the axis, outgo below it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.output.figures import context, legends, sheet, style
from fsinsure.output.figures.money import drawn_books, items
from fsinsure.output.figures.panels import Mark, Panel
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, yuan_decimals, yuan_text, yuan_unit
from fsinsure.output.rounding import parts_of
from fsinsure.output.tidy import only_scenario, pick

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.lines import Line2D

HEIGHT: Final = 4.6
DEFICIT: Final = 5e5
"""Yuan by which outgo must exceed income in a year that is counted: the last digit of 亿元."""
FOOT: Final = 0.3
"""Inches under the years for the row of balances."""
BAR: Final = 0.62
MINOR: Final = 0.03
"""Items below this share of their side in every year are drawn together."""
OTHER: Final = style.OTHER
"""Column of the items that are drawn together."""
NEGATIVE: Final = style.NEGATIVE
"""Column of negative interest."""
PARTS: Final = 6
"""Items of a side that are drawn on their own at most."""


@sheet.drawn
def income_outgo(
    ledger: pd.DataFrame, fund: str, *, last: int | None = None, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Draw income and outgo of a fund by item and year, and their difference.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, kind, yuan; the rows of the region
        as a whole are used.
    fund
        Which fund.
    last
        Last year drawn.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language or fund; an empty table; several scenarios in one table.
    """
    scenario = only_scenario(ledger, "ledger")
    horizon = int(ledger["year"].max())
    books = pick(drawn_books(ledger, last), "ledger", fund=fund)
    sides = reclassify_negative_interest(
        {kind: items(books, fund, kind) for kind in ("income", "outgo")}
    )
    totals = {kind: table.sum(axis=1) for kind, table in sides.items()}
    unit = yuan_unit(lang, max(total.max() for total in totals.values()))
    stop = int(totals["income"].index[-1])
    joined = {kind: join_minor(table) for kind, table in sides.items()}
    notes = [
        label("figure.negative_note", lang) if NEGATIVE in sides["outgo"] else "",
        *(minor_note(sides[kind], joined[kind], kind, lang) for kind in joined),
        label("figure.shown_until", lang, year=stop, horizon=horizon) if stop < horizon else "",
        context.footnote(lang, scenario),
    ]
    words = [label("figure.net", lang)]
    picture, body = sheet.open_picture(
        HEIGHT + FOOT + legends.legend_height(words),
        finding(totals, fund, unit, lang),
        f"{title or scenario} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [note for note in notes if note],
    )
    height = body.height - FOOT - legends.legend_height(words)
    cell = sheet.Box(body.left, body.bottom + FOOT, body.width, height)
    panel = Panel(picture, cell, [], unit)
    draw_sides(panel, joined, totals, lang)
    net = totals["income"] - totals["outgo"]
    line = draw_net(picture, panel, net, words[0])
    legends.legend_line(picture, body, [line], words)
    return picture


def reclassify_negative_interest(sides: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Move negative interest, which a deficit costs, from income to outgo."""
    income, outgo = sides["income"], sides["outgo"]
    if "interest" not in income or not (income["interest"] < 0).any():
        return sides
    interest = income["interest"]
    return {
        "income": income.assign(interest=interest.clip(lower=0)),
        "outgo": outgo.assign(**{NEGATIVE: -interest.clip(upper=0)}),
    }


def item_name(item: str, lang: str) -> str:
    """Return an item in words."""
    special = {OTHER: "figure.minor", NEGATIVE: "figure.negative"}
    return label(special.get(item, f"item.{item}"), lang)


def join_minor(table: pd.DataFrame) -> pd.DataFrame:
    """Return the items by size, without empty ones, the minor ones summed."""
    sums = table.abs().sum().sort_values(ascending=False, kind="stable")
    sums = sums[sums > 0]
    shares = table.div(table.sum(axis=1), axis=0).abs().max()
    most = PARTS
    minor = [item for rank, item in enumerate(sums.index) if shares[item] < MINOR or rank >= most]
    minor = minor if len(minor) > 1 or len(sums) > most else []
    joined = table[[item for item in sums.index if item not in minor]].copy()
    if minor:
        joined[OTHER] = table[minor].sum(axis=1)
    return joined


def minor_note(table: pd.DataFrame, joined: pd.DataFrame, kind: str, lang: str) -> str:
    """Return the line that names the items drawn together; empty if there are none."""
    if OTHER not in joined:
        return ""
    names = [
        item_name(item, lang) for item in table.columns if item not in joined and table[item].any()
    ]
    key = "figure.minor_income" if kind == "income" else "figure.minor_outgo"
    return label(key, lang, names=join_words(names, lang))


def finding(totals: dict[str, pd.Series[float]], fund: str, unit: Unit, lang: str) -> str:
    """Return the title: the surplus of the first and the last year, and the years of deficit."""
    net = totals["income"] - totals["outgo"]
    name = label(f"short.{fund}", lang)
    words = {"fund": name, "year": net.index[-1], "unit": unit.name}
    words["net"] = yuan_text(abs(net.iloc[-1]), unit)
    if len(net) == 1:
        return label(
            "income_outgo.one" if net.iloc[-1] >= 0 else "income_outgo.one_deficit", lang, **words
        )
    negative = net.index[net < -DEFICIT]
    words |= {"first_year": net.index[0], "first": yuan_text(net.iloc[0], unit)}
    words |= {"net": yuan_text(net.iloc[-1], unit), "count": len(negative), "total": len(net)}
    key = "income_outgo.deficits" if len(negative) else "income_outgo.surplus"
    return label(key, lang, **words)


def draw_sides(
    panel: Panel, sides: dict[str, pd.DataFrame], totals: dict[str, pd.Series[float]], lang: str
) -> None:
    """Draw the bars of both sides, with totals, and name their parts right of the last year."""
    years = totals["income"].index
    top, bottom = (max(float(totals[kind].max()), 1.0) for kind in ("income", "outgo"))
    marks = [
        mark
        for kind, table in sides.items()
        for mark in part_marks(table, totals[kind], kind, panel.unit, lang)
    ]
    air = (top + bottom) * 0.08
    span = (float(years[0]) - 0.45, float(years[-1]) + BAR / 2)
    panel.set_span(span, (-bottom - air, top + air), [mark.text for mark in marks])
    panel.set_ticks([int(year) for year in years], unsigned=True)
    for kind, table in sides.items():
        draw_bars(panel, table, kind)
    panel.axes.axhline(0, color=style.INK, linewidth=0.8, zorder=3)
    panel.label_at_end(marks)


def signed(kind: str) -> int:
    """Return 1 for income, which is drawn above the axis, and -1 for outgo."""
    return 1 if kind == "income" else -1


def part_marks(
    table: pd.DataFrame, total: pd.Series[float], kind: str, unit: Unit, lang: str
) -> list[Mark]:
    """Return the texts of one side: the total outside, then its parts at their middles."""
    sign, year = signed(kind), int(table.index[-1])
    heading = label("figure.total_income" if kind == "income" else "figure.total_outgo", lang)
    color = style.BLUE if kind == "income" else style.MISSED
    words = f"{heading} {yuan_text(total.iloc[-1], unit)}"
    found = [Mark(sign * total.iloc[-1], words, color, year)]
    edges = [0.0, *table.iloc[-1].cumsum()]
    step = unit.divisor / 10.0 ** yuan_decimals(total.iloc[-1], unit)
    parts = parts_of(table.iloc[-1], step)
    for item, part, (start, end) in zip(table.columns, parts, pairwise(edges), strict=True):
        words = item_text(table[item], part, yuan_decimals(total.iloc[-1], unit), unit, lang)
        found.append(Mark(sign * (start + end) / 2, words, style.INK, year))
    return found


def item_text(amounts: pd.Series[float], last: float, decimals: int, unit: Unit, lang: str) -> str:
    """Return an item with its `last` amount, or with the year before in which it was paid."""
    name, paid = item_name(str(amounts.name), lang), amounts[amounts != 0]
    if paid.index[-1] == amounts.index[-1]:
        return f"{name} {unit.text(last, decimals)}"
    words = f"{name} {yuan_text(paid.iloc[-1], unit)}"
    return label("figure.in_year", lang, words=words, year=paid.index[-1])


def draw_bars(panel: Panel, table: pd.DataFrame, kind: str) -> None:
    """Draw the bars of one side, away from the axis, the largest item nearest to it."""
    floor = np.zeros(len(table))
    for item in table.columns:
        color, hatch = style.ITEM_STYLES.get(item, style.OTHER_ITEM)
        amounts = signed(kind) * table[item].to_numpy()
        panel.axes.bar(
            table.index,
            amounts,
            BAR,
            floor,
            color=color,
            hatch=hatch,
            ec=style.PAPER,
            linewidth=0.6,
        )
        floor = floor + amounts


def draw_net(picture: sheet.Picture, panel: Panel, net: pd.Series[float], name: str) -> Line2D:
    """Draw the difference of each year as a line, and write it under the years."""
    (line,) = panel.axes.plot(
        net.index,
        net,
        "-D",
        color=style.INK,
        linewidth=1.4,
        ms=6,
        mec=style.PAPER,
        mew=1.2,
        zorder=4,
    )
    y = panel.box.bottom - 0.24 - 0.14
    sheet.write(picture, panel.box.left - 0.5, y, name, style.SMALL, style.GREY, va="center")
    left = panel.axes.get_xlim()[0]
    shown = [yuan_text(value, panel.unit, sign=True) for value in net]
    widest = max(sheet.text_width(text, style.BODY) for text in shown) + 0.06
    step = next(step for step in range(1, 99) if step / panel.inch >= widest)
    for year, text, value in list(zip(net.index, shown, net, strict=True))[::-step]:
        x = panel.box.left + (year - left) / panel.inch
        sheet.write(
            picture,
            x,
            y,
            text,
            style.BODY,
            style.INK if value >= 0 else style.MISSED,
            ha="center",
            va="center",
        )
    return line
