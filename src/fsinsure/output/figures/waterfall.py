"""The picture of where an increment comes from: a waterfall from base to final enrollment."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from matplotlib.ticker import MaxNLocator

from fsinsure.dims import CITY
from fsinsure.errors import IdentityError
from fsinsure.output.figures.picture import (
    Box,
    Picture,
    axes_in,
    credit,
    drawn,
    open_picture,
    remark,
    text_width,
)
from fsinsure.output.labels import check_language, label
from fsinsure.output.style import (
    BLUE,
    BODY,
    GREY,
    INK,
    LARGE,
    PAPER,
    VERMILION,
    Unit,
    amount,
    minus,
    unit_for,
)
from fsinsure.output.tidy import only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

ROW: Final = 0.36
"""Height of a bar with its space, in inches."""
BAR: Final = 0.62
FOOT: Final = 0.32
TOLERANCE: Final = 0.5
"""Persons by which channels and enrollment may differ: rounding only."""


def split(
    channels: pd.DataFrame, measure: str, district: str, years: tuple[int, int]
) -> pd.Series[float]:
    """Return persons by channel over `years`, gains first, each from the largest to the smallest.

    Channels without anybody are left out.
    """
    rows = pick(channels, "channels", measure=measure, district=district)
    first, last = years
    whole = rows[(rows["from_year"] == first) & (rows["to_year"] == last)]
    if whole.empty:
        inside = (rows["from_year"] >= first) & (rows["to_year"] <= last)
        whole = rows[inside & (rows["to_year"] == rows["from_year"] + 1)]
    found = whole.groupby("channel")["persons"].sum()
    found = found[found.abs() >= TOLERANCE]
    order = sorted(found.index, key=lambda name: (found[name] < 0, -abs(found[name])))
    return found[order]


def finding(parts: pd.Series[float], years: tuple[int, int], measure: str, lang: str) -> str:
    """Return the title: how much the measure grows or falls, and through which channel most."""
    total = float(parts.sum())
    words = {"from_year": years[0], "to_year": years[1], "measure": label(f"short.{measure}", lang)}
    if abs(total) < TOLERANCE:
        return label("figure.unchanged", lang, **words)
    main = str(parts.idxmax() if total > 0 else parts.idxmin())
    name = label(f"channel.{main}", lang)
    return label(
        "figure.rise" if total > 0 else "figure.fall",
        lang,
        **words,
        total=amount(abs(total), lang),
        channel=name[:1].lower() + name[1:],
        value=amount(float(parts[main]), lang, sign=True),
    )


@drawn
def channels(
    channels: pd.DataFrame,
    enrollment: pd.DataFrame,
    measure: str,
    *,
    district: str = CITY,
    lang: str = "zh",
    title: str = "",
) -> Picture:
    """Draw a waterfall from the first to the last year of `enrollment`, a bar per channel.

    Parameters
    ----------
    channels
        Columns scenario, measure, district, from_year, to_year, channel, persons. The row of the
        whole span is used where there is one, else the yearly steps are added.
    enrollment
        Columns scenario, year, district, measure, persons.
    measure, district
        What to draw.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language, measure or district; an empty table; several scenarios in one table.
    IdentityError
        The channels do not add up to the change of enrollment.
    """
    check_language(lang)
    columns = ("scenario", "district", "measure", "persons")
    require(channels, "channels", *columns, "from_year", "to_year", "channel")
    require(enrollment, "enrollment", *columns, "year")
    scenario = only_scenario(enrollment, "enrollment")
    rows = pick(enrollment, "enrollment", district=district, measure=measure)
    curve = rows.set_index("year")["persons"].sort_index()
    years = (int(curve.index[0]), int(curve.index[-1]))
    parts = split(channels, measure, district, years)
    off = float(curve.iloc[-1] - curve.iloc[0] - parts.sum())
    if abs(off) > TOLERANCE * (len(parts) + 1):
        raise IdentityError(
            f"The channels of {measure} ({district}, {years[0]}-{years[1]}) miss the change of "
            f"enrollment by {off:,.1f} persons. Please report this defect with the scenario file."
        )
    unit = unit_for(lang, float(curve.max()))
    edges = [float(curve.iloc[0]), *(curve.iloc[0] + parts.cumsum())]
    left, right = limits(edges)
    notes = [label("figure.bars_cut", lang)] if left > 0 else []
    where = label(f"district.{district}", lang)
    picture, body = open_picture(
        ROW * (len(parts) + 2) + FOOT,
        finding(parts, years, measure, lang),
        f"{title or scenario} · {where} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [*notes, credit(lang, scenario)],
    )
    names = [
        label("figure.total_year", lang, year=years[0]),
        *(label(f"channel.{name}", lang) for name in parts.index),
        label("figure.total_year", lang, year=years[1]),
    ]
    side = max(text_width(name, BODY) for name in names) + 0.15
    axes = axes_in(
        picture, Box(body.left + side, body.bottom + FOOT, body.width - side, body.height - FOOT)
    )
    axes.set_xlim(left, right)
    draw_bars(axes, edges, unit)
    axes.set_yticks(range(len(names)), names, fontsize=BODY, color=INK)
    return picture


def limits(edges: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the axis: the increment fills it, not the totals.

    With a total below zero the axis holds zero, where the bars of the totals start.
    """
    low, high = min(edges), max(edges)
    if low < 0:
        high = max(high, 0.0)
        return low - 0.04 * (high - low), high + 0.2 * (high - low)
    span = max(high - low, low * 0.01, 1.0)
    return max(low - 0.32 * span, 0.0), high + 0.16 * span


def decimals(unit: Unit) -> int:
    """Return the decimals that tell a hundred persons (2 of 万人) or a million yuan (2 of 亿元)."""
    if unit.divisor in LARGE.values():
        return round(math.log10(unit.divisor)) - 6
    return max(round(math.log10(unit.divisor)) - 2, 0)


def total_text(persons: float, unit: Unit) -> str:
    """Return a total with as many decimals as the changes, so that a reader can add them up."""
    return unit.text(persons, decimals(unit))


def change_text(persons: float, unit: Unit) -> str:
    """Return a gain or loss with its sign in the unit of the axis, to the person if it is small."""
    shown = f"{persons / unit.divisor:+,.{decimals(unit)}f}"
    if not float(shown.replace(",", "")):
        shown = f"{persons / unit.divisor:+.{decimals(unit) + 2}f}"
    return minus(shown)


def draw_bars(axes: Axes, edges: Sequence[float], unit: Unit) -> None:
    """Draw the two totals and the channels between them, from the top down."""
    left, right = axes.get_xlim()
    bottom = len(edges)
    axes.set_ylim(bottom + 0.5, -0.5)
    texts: dict[str, Any] = {"size": BODY, "color": INK, "shift": (4.0, 0.0), "va": "center"}
    foot = max(left, 0.0)
    for row, persons in ((0, edges[0]), (bottom, edges[-1])):
        axes.barh(row, persons - foot, left=foot, height=BAR, color=GREY)
        remark(axes, total_text(persons, unit), (max(persons, foot), row), **texts)
        if left > 0:
            cut(axes, left + 0.05 * (right - left), row)
    for row, (start, end) in enumerate(pairwise(edges), start=1):
        gain = end >= start
        style: dict[str, Any] = (
            {"color": BLUE} if gain else {"color": VERMILION, "hatch": "////", "ec": PAPER}
        )
        axes.barh(row, end - start, left=start, height=BAR, linewidth=0, **style)
        remark(axes, change_text(end - start, unit), (max(start, end), row), **texts)
    for row, edge in enumerate(edges):
        axes.plot([edge, edge], [row - BAR / 2, row + 1 + BAR / 2], color=GREY, linewidth=0.7)
    ticks = [tick for tick in MaxNLocator(6).tick_values(left, right) if left <= tick <= right]
    axes.set_xticks(ticks, unit.ticks(ticks))
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def cut(axes: Axes, x: float, row: int) -> None:
    """Show that the bar of a total is cut: two slanted white strokes."""
    span = axes.get_xlim()[1] - axes.get_xlim()[0]
    for shift in (0.0, 0.012 * span):
        axes.plot(
            [x + shift - 0.006 * span, x + shift + 0.006 * span],
            [row + BAR * 0.62, row - BAR * 0.62],
            color=PAPER,
            linewidth=2.2,
            zorder=5,
        )
