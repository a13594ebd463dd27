"""The picture of the long run: balances in years of outgo, and the burden of pensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.output.figures import context, legends, money, sheet
from fsinsure.output.figures.funds import end_color, funds_end, subsidy
from fsinsure.output.figures.panels import GUTTER, Mark, Panel, cells, heights, milestones
from fsinsure.output.figures.replacement import PLAIN, draw_indicators
from fsinsure.output.figures.style import BODY, GREY, HEAD, INK, MET, MISSED, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import minus, yuan
from fsinsure.output.tidy import only_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

CELL: Final = 2.4
BURDEN: Final = 2.6


@sheet.drawn
def long_run(
    ledger: pd.DataFrame, indicators: pd.DataFrame, *, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Draw every year to the horizon: balances in years of outgo, and the burden below.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, kind, yuan; the rows of the region
        as a whole are used.
    indicators
        Columns scenario, year, fund, indicator, value: ``depletion_year`` of every fund,
        ``support_ratio`` of the enterprise pension, ``cost_rate`` and ``replacement_rate`` of that
        and the civil service's.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios; an indicator that is missing.
    """
    books = money.total_books(ledger)
    scenario = only_scenario(ledger, "ledger")
    names = money.fund_names(books)
    ends = {fund: money.depleted(indicators, fund) for fund in names}
    grid = heights(len(names) + 1, CELL)
    unit = label("figure.long_unit", lang)
    picture, body = sheet.open_picture(
        grid + GUTTER + BURDEN,
        finding(ends, int(books["year"].max()), lang),
        f"{title or scenario} · {unit}",
        [label("figure.long_note", lang), context.footnote(lang, scenario)],
    )
    upper = sheet.Box(body.left, body.bottom + BURDEN + GUTTER, body.width, grid)
    *places, free = cells(upper, len(names) + 1)
    for fund, cell in zip(names, places, strict=True):
        line = subsidy(indicators, fund, ends[fund], lang)
        draw_fund(picture, cell, books, fund, ends[fund], line, lang)
    deficit = any(year is not None for year in ends.values())
    legends.legend_column(
        picture, free, *zip(*money.balance_legend(lang, deficit=deficit), strict=True)
    )
    lower = cells(sheet.Box(body.left, body.bottom, body.width, BURDEN), 3)
    burden = dict(zip(("support_ratio", "cost_rate", "replacement_rate"), lower, strict=True))
    draw_indicators(picture, burden, indicators, lang)
    return picture


def finding(ends: Mapping[str, int | None], horizon: int, lang: str) -> str:
    """Return the title: the number of funds that become negative, and the first of them."""
    ended = {fund: year for fund, year in ends.items() if year is not None}
    if not ended:
        return label("figure.none_end", lang, horizon=horizon)
    return funds_end(ended, len(ends), horizon, lang)


def draw_fund(
    picture: sheet.Picture,
    cell: sheet.Box,
    books: pd.DataFrame,
    fund: str,
    ended: int | None,
    line: tuple[str, float, str] | None,
    lang: str,
) -> None:
    """Draw one fund's balance in years of its outgo, with its last balance in yuan above."""
    closing = money.yearly(books, fund, "closing")
    curve = (closing / money.yearly(books, fund, "outgo").where(lambda yuan: yuan > 0)).dropna()
    last = int(closing.index[-1])
    amount = yuan(float(closing.iloc[-1]), lang)
    head = [(label(f"short.{fund}", lang), HEAD, INK)]
    if line is not None:
        head.append(line)
    elif ended is None:
        head.append((label("figure.fund_stays", lang, year=last), BODY, MET))
    else:
        head.append((label("figure.fund_ends", lang, year=ended), BODY, MISSED))
    head.append((label("figure.year_end", lang, year=last, amount=amount), SMALL, GREY))
    if curve.empty:  # a fund without outgo has no balance in years of outgo
        sheet.heading(picture, cell, head)
        return
    first, last = int(curve.index[0]), int(curve.index[-1])
    panel = Panel(picture, cell, head, PLAIN)
    words = label("figure.years_of", lang, value=minus(f"{curve.iloc[-1]:.1f}"))
    end = Mark(curve.iloc[-1], words, end_color(curve), last)
    panel.set_span((first, last), money.limits(list(curve), zero=True), [end.text])
    panel.set_ticks(range(first, last + 1), milestones(first, last))
    money.draw_balance(panel, curve, ended)
    panel.label_at_end([end])
