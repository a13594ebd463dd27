"""The picture of the reserves: the balance of each fund, and the months of outgo it covers."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fsinsure.output.figures import context, legends, money, sheet
from fsinsure.output.figures.panels import Mark, Panel, cells, heights
from fsinsure.output.figures.style import (
    BASE,
    BLUE,
    BODY,
    GREY,
    HEAD,
    INK,
    MET,
    MISSED,
    RESERVE_ZONES,
)
from fsinsure.output.labels import join_words, label, of_one
from fsinsure.output.numbers import months_text, yuan_text, yuan_unit
from fsinsure.output.tidy import only_scenario

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

CELL: Final = 2.6
ALONE: Final = "funds.of_one"
"""The label of a sentence about one fund."""
WIDE: Final = 0.25
"""Half the width of a zone of a single year, in years."""


@sheet.drawn
def funds(
    ledger: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    reserves: Sequence[float],
    assumed: Collection[str] = (),
    last: int | None = None,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the balance of each fund at year end, one panel per fund.

    Zones behind the balance show the months of outgo of the warning limits; a negative balance is a
    hatched deficit.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, kind, yuan; the rows of the region
        as a whole are used.
    indicators
        Columns scenario, year, fund, indicator, value: ``months_of_reserve`` and
        ``depletion_year`` of every fund.
    reserves
        The three warning limits in months, the largest first.
    assumed
        What is an assumption: ``split`` (how the published balance of all funds is divided at the
        base year), ``limit`` (the warning limits).
    last
        Last year drawn. Panels say whether a fund ends later.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios; an indicator that is missing.
    """
    books = money.drawn_books(ledger, last)
    scenario = only_scenario(ledger, "ledger")
    horizon = int(ledger["year"].max())
    curves = {fund: money.yearly(books, fund, "closing") for fund in money.fund_names(books)}
    context.one_panel(fund=curves)
    ends = {fund: money.depleted(indicators, fund) for fund in curves}
    stop = int(books["year"].max())
    months = {
        fund: money.indicator(indicators, "months_of_reserve", fund).get(stop, math.nan)
        for fund in curves
    }
    notes = [label("figure.reserve_note", lang)]
    rests = "_".join(name for name in ("split", "limit") if name in assumed)
    if rests:
        notes.append(label(f"funds.{rests}_note", lang))
    later = {fund: year for fund, year in ends.items() if year is not None and year > stop}
    if later:
        notes.append(funds_end(later, len(ends), horizon, lang))
    if stop < horizon:
        notes.append(label("figure.shown_until", lang, year=stop, horizon=horizon))
    picture, body = sheet.open_picture(
        heights(len(curves) + 1, CELL),
        finding(ends, months, reserves, stop, lang)
        + (label(f"funds.{rests}", lang) if rests else ""),
        " · ".join([title or scenario, *several(len(curves), lang)]),
        [*notes, context.footnote(lang, scenario)],
    )
    *places, free = cells(body, len(curves) + 1)
    for (fund, curve), cell in zip(curves.items(), places, strict=True):
        unit = yuan_unit(lang, curve.abs().max())
        head = [
            (f"{label(f'short.{fund}', lang)} · {unit.name}", HEAD, INK),
            subsidy(indicators, fund, ends[fund], lang)
            or verdict(ends[fund], months[fund], reserves, stop, lang),
        ]
        panel = Panel(picture, cell, head, unit)
        draw_fund(panel, curve, money.yearly(books, fund, "outgo"), reserves, ends[fund])
    signs = money.balance_legend(lang, deficit=any(curve.min() < 0 for curve in curves.values()))
    opening = label("funds.opening_split" if "split" in assumed else "figure.base_year", lang)
    signs.insert(0, (Line2D([], [], linestyle="", **BASE), opening))
    signs[2:2] = [(Patch(color=color), words) for color, words in zones(reserves, lang)]
    legends.legend_column(picture, free, *zip(*signs, strict=True))
    return picture


def zones(reserves: Sequence[float], lang: str) -> list[tuple[str, str]]:
    """Return the colour of each zone below a warning limit, and its words."""
    ends = [money.number(months) for months in reserves]
    words = [label("figure.zone", lang, low=low, high=high) for high, low in pairwise(ends)]
    words.append(label("figure.zone_last", lang, high=ends[-1]))
    return list(zip(RESERVE_ZONES, words, strict=True))


def several(panels: int, lang: str) -> list[str]:
    """Return what the subtitle says of the axes of several panels."""
    return [label("figure.axes_differ", lang)] if panels > 1 else []


def finding(
    ends: Mapping[str, int | None],
    months: Mapping[str, float],
    reserves: Sequence[float],
    stop: int,
    lang: str,
) -> str:
    """Return the title, of the years drawn: the first fund to end, or those below a limit.

    Of one fund it says what stands above its panel.
    """
    if len(ends) == 1:
        ((fund, end),) = ends.items()
        return of_one(fund, verdict(end, months[fund], reserves, stop, lang)[0], lang, ALONE)
    limit = reserves[0]
    ended = {fund: year for fund, year in ends.items() if year is not None and year <= stop}
    if ended:
        return funds_end(ended, len(ends), stop, lang)
    low = [label(f"short.{fund}", lang) for fund in ends if months[fund] < limit]
    if low:
        words = {"year": stop, "limit": money.number(limit), "names": join_words(low, lang)}
        return label("figure.funds_low", lang, **words)
    return label("figure.funds_ok", lang, year=stop, limit=money.number(limit))


def funds_end(ended: Mapping[str, int], total: int, horizon: int, lang: str) -> str:
    """Return the number of funds with a negative balance by the horizon, and the first of them."""
    first = min(ended, key=lambda fund: ended[fund])
    if total == 1:
        return of_one(first, label("figure.fund_ends", lang, year=ended[first]), lang, ALONE)
    fund = sheet.decapitalize(label(f"short.{first}", lang))
    words = {"fund": fund, "year": ended[first], "horizon": horizon}
    return label("figure.funds_end", lang, count=len(ended), total=total, **words)


def subsidy(
    indicators: pd.DataFrame, fund: str, ended: int | None, lang: str
) -> tuple[str, float, str] | None:
    """Return the line under the name of a fund that only the treasury keeps from ending, if so."""
    since = money.subsidised(indicators, fund)
    if ended is not None or since is None:
        return None
    return label("figure.fund_subsidised", lang, year=since), BODY, MISSED


def verdict(
    ended: int | None, months: float, reserves: Sequence[float], year: int, lang: str
) -> tuple[str, float, str]:
    """Return the line under a fund's name: months of reserve, or the year of depletion."""
    if ended is not None and ended <= year:
        return label("figure.fund_ends", lang, year=ended), BODY, MISSED
    passed = [limit for limit in reserves if months < limit]
    lasts = {"year": year, "months": months_text(months)}
    if ended is not None:
        return label("funds.later", lang, **lasts, ended=ended), BODY, MISSED
    if not passed:
        return label("figure.fund_lasts", lang, **lasts), BODY, MET
    return label("figure.fund_low", lang, **lasts, limit=money.number(passed[-1])), BODY, MISSED


def draw_fund(
    panel: Panel,
    curve: pd.Series[float],
    outgo: pd.Series[float],
    reserves: Sequence[float],
    ended: int | None,
) -> None:
    """Draw one panel: the zones of the warning limits, the balance, its first and last value."""
    first, last = int(curve.index[0]), int(curve.index[-1])
    end = Mark(curve.iloc[-1], yuan_text(curve.iloc[-1], panel.unit), end_color(curve), last)
    tops = [outgo / 12 * months for months in reserves]
    span = money.limits([*curve, *tops[0]], zero=True)
    panel.set_span((first, last), span, [end.text])
    panel.set_ticks(range(first, last + 1))
    for color, top, below in zip(RESERVE_ZONES, tops, [*tops[1:], outgo * 0], strict=True):
        top, below = (one_year_wide(edge) for edge in (top, below))
        panel.axes.fill_between(top.index, top, below, color=color, linewidth=0, zorder=1)
        panel.axes.plot(top.index, top, ":", color=GREY, linewidth=0.8, zorder=1.2)
    money.draw_balance(panel, curve, ended)
    panel.axes.plot([first], [curve.iloc[0]], zorder=5, **BASE)
    start = Mark(curve.iloc[0], yuan_text(curve.iloc[0], panel.unit), INK, first)
    panel.label_near(start, "upper right")
    panel.label_at_end([end])


def one_year_wide(edge: pd.Series[float]) -> pd.Series[float]:
    """Return the edge of a zone, which has a width too where there is only one year."""
    if len(edge) > 1:
        return edge
    return pd.Series([edge.iloc[0]] * 2, index=[edge.index[0] - WIDE, edge.index[0] + WIDE])


def end_color(curve: pd.Series[float]) -> str:
    """Return the colour of the text at the end of a balance."""
    return BLUE if curve.iloc[-1] >= 0 else MISSED
