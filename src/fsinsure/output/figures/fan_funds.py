"""The fan of the funds: their balances in every draw, and how likely they run out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.output.figures import context, legends, money, sheet
from fsinsure.output.figures.fan import (
    MEDIAN,
    bands_of,
    chance_color,
    chance_short,
    draw_fan,
    fan_signs,
)
from fsinsure.output.figures.funds import ALONE, several
from fsinsure.output.figures.panels import Mark, Panel, cells, heights, milestones
from fsinsure.output.figures.replacement import PLAIN
from fsinsure.output.figures.style import BLUE, BODY, GREY, HEAD, INK, MISSED, SMALL
from fsinsure.output.labels import join_words, label, of_one
from fsinsure.output.numbers import Unit, chance, minus, yuan_text, yuan_unit
from fsinsure.output.tidy import only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.output.figures.fan import Source

CELL: Final = 2.7
BELOW: Final = ("below_watch", "below_warning", "below_alarm")
"""Columns of the indicators: probabilities that the reserve is below each limit, largest first."""
BEYOND: Final = 2.5
"""How far an axis of years of outgo goes at most, in the span of the middle half of the draws."""
SUBSIDY: Final = "deficit_subsidy"
"""The item of what the treasury pays so that a fund does not run out."""


class Accounts(NamedTuple):
    """The tables about funds: of an ensemble, and the ledger of the central values."""

    ledger: pd.DataFrame
    indicators: pd.DataFrame
    depletion: pd.DataFrame
    central: pd.DataFrame


class Fund(NamedTuple):
    """What one panel shows: in yuan, or in years of outgo."""

    name: str
    bands: pd.DataFrame
    central: pd.Series[float]
    probability: float
    median_year: int | None
    below: tuple[float, ...]
    """Probabilities of the last year drawn, as :data:`BELOW`."""

    @property
    def known(self) -> bool:
        """Whether its opening balance is known, and with it all others."""
        return not math.isnan(self.probability)


@sheet.drawn
def fund_fan(
    accounts: Accounts,
    *,
    reserves: Sequence[float],
    source: Source,
    last: int | None = None,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the balance of each fund by year: bands, median, and how likely it runs out.

    Balances are in yuan, and of a long projection in years of the outgo of their time unless a
    last year is asked for: in yuan the later years would flatten the earlier.

    Parameters
    ----------
    accounts
        Tables as in :class:`fsinsure.ensembles.Ensemble` and :class:`fsinsure.Result`.
    reserves
        The three warning limits in months, the largest first.
    source
        How the draws were made.
    last
        Last year drawn, in yuan.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; a column that is missing; several scenarios.
    """
    scenario = only_scenario(accounts.ledger, "ledger")
    horizon = int(accounts.ledger["year"].max())
    span = horizon - int(accounts.ledger["year"].min())
    in_yuan = last is not None or span <= money.YEARS_DRAWN
    stop = min(last or horizon, horizon)
    funds = [
        fund_of(accounts, str(name), stop, in_yuan=in_yuan) for name in accounts.depletion["fund"]
    ]
    context.one_panel(fund=[fund.name for fund in funds])
    handles, words = zip(*fan_signs(lang), strict=True)
    scale = several(len(funds), lang) if in_yuan else [label("figure.long_unit", lang)]
    picture, body = sheet.open_picture(
        heights(len(funds) + 1, CELL),
        finding(funds, horizon, source.draws, lang),
        " · ".join([title or scenario, *scale]),
        [
            *notes(accounts, (stop, horizon), lang, cut=not in_yuan and any(map(is_cut, funds))),
            source.note(lang, scenario),
        ],
    )
    *places, free = cells(body, len(funds) + 1)
    for fund, cell in zip(funds, places, strict=True):
        unit = unit_of(fund, lang, in_yuan=in_yuan)
        head = header(fund, (stop, horizon), reserves, source.draws, lang)
        head[0] = (f"{head[0][0]} · {unit.name}" if unit.name else head[0][0], HEAD, INK)
        draw_fund(picture, cell, fund, head, unit)
    legends.legend_column(picture, free, handles, words)
    return picture


def fund_of(accounts: Accounts, name: str, stop: int, *, in_yuan: bool) -> Fund:
    """Return what the panel of a fund shows, up to the year `stop`."""
    books = pick(accounts.ledger, "ledger", level=TOTAL, fund=name)
    own = pick(accounts.indicators, "indicators", fund=name, indicator="reserve_months")
    central = money.total_books(accounts.central)
    curve = money.yearly(central, name, "closing")
    if in_yuan:
        bands = bands_of(pick(books, "ledger", item="closing"), "ledger")
    else:
        bands = bands_of(own, "indicators") / 12
        curve = (curve / money.yearly(central, name, "outgo").where(lambda yuan: yuan > 0)).dropna()
    require(accounts.depletion, "depletion", "fund", "probability", "median_year")
    (ends,) = accounts.depletion[accounts.depletion["fund"] == name].to_dict("records")
    when = None if pd.isna(ends["median_year"]) else int(ends["median_year"])
    (risks,) = pick(own, "indicators", year=stop)[[*BELOW]].itertuples(index=False)
    drawn = bands[bands.index <= stop], curve[curve.index <= stop]
    return Fund(name, *drawn, float(ends["probability"]), when, tuple(risks))


def finding(funds: Sequence[Fund], horizon: int, draws: int, lang: str) -> str:
    """Return the title: how many funds may run out, and which is most likely to."""
    if len(funds) == 1:
        return of_one(funds[0].name, risk(funds[0], horizon, draws, lang), lang, ALONE)
    some = [fund for fund in funds if fund.probability > 0]
    if not any(fund.known for fund in funds):
        return label("figure.fan_unknown", lang)
    if not some:
        return label("figure.fan_lasts", lang, horizon=horizon, draws=f"{draws:,}")
    most = max(some, key=lambda fund: fund.probability)
    name = label(f"short.{most.name}", lang)
    words = {"fund": sheet.decapitalize(name), "chance": chance(most.probability, draws, lang)}
    counts = {"count": len(some), "total": len(funds), "horizon": horizon}
    return label("figure.fan_ends", lang, **words, **counts)


def risk(fund: Fund, horizon: int, draws: int, lang: str) -> str:
    """Return how likely a fund runs out, and when if it is likely."""
    if not fund.known:
        return label("figure.fan_unknown", lang)
    words = label(
        "figure.fan_end", lang, year=horizon, chance=chance(fund.probability, draws, lang)
    )
    if fund.median_year is not None:
        words += label("figure.fan_median_year", lang, year=fund.median_year)
    return words


def notes(accounts: Accounts, years: tuple[int, int], lang: str, *, cut: bool) -> list[str]:
    """Return the lines below the panels."""
    stop, horizon = years
    lines = [label("figure.fan_note", lang)]
    drawn = accounts.ledger["fund"].isin(accounts.depletion["fund"])
    paid = accounts.ledger[drawn & (accounts.ledger["item"] == SUBSIDY)]
    kept = [str(fund) for fund, rows in paid.groupby("fund", sort=False) if rows["mean"].max() > 0]
    if kept:
        names = join_words([label(f"short.{fund}", lang) for fund in kept], lang)
        lines.append(label("figure.fan_subsidised", lang, names=names))
    if stop < horizon:
        lines.append(label("figure.shown_until", lang, year=stop, horizon=horizon))
    if cut:
        lines.append(label("figure.fan_cut", lang))
    return lines


def header(
    fund: Fund, years: tuple[int, int], reserves: Sequence[float], draws: int, lang: str
) -> list[tuple[str, float, str]]:
    """Return the lines above a panel: fund, probability that it runs out, and of low reserves."""
    stop, horizon = years
    name = (label(f"short.{fund.name}", lang), HEAD, INK)
    words = risk(fund, horizon, draws, lang)
    if not fund.known:
        return [name, (words, BODY, GREY)]
    risks = "/".join(chance_short(share, lang) for share in fund.below)
    limits = "/".join(money.number(months) for months in reserves)
    return [
        name,
        (words, BODY, chance_color(1.0 - fund.probability)),
        (label("figure.fan_below", lang, year=stop, limits=limits, risks=risks), SMALL, GREY),
    ]


def unit_of(fund: Fund, lang: str, *, in_yuan: bool) -> Unit:
    """Return the unit of a panel; years of outgo have none."""
    if not in_yuan or fund.bands.empty:
        return PLAIN
    return yuan_unit(lang, fund.bands.abs().to_numpy().max())


def draw_fund(
    picture: sheet.Picture,
    cell: sheet.Box,
    fund: Fund,
    head: list[tuple[str, float, str]],
    unit: Unit,
) -> None:
    """Draw one panel: bands, median, central values, and the line of zero."""
    if fund.bands.empty:  # not known, or without outgo and so without a balance in years of it
        sheet.heading(picture, cell, head)
        return
    panel = Panel(picture, cell, head, unit)
    first, last = int(fund.bands.index[0]), int(fund.bands.index[-1])
    middle = float(fund.bands[MEDIAN].iloc[-1])
    text = minus(f"{middle:.1f}") if unit == PLAIN else yuan_text(middle, unit)
    end = Mark(middle, text, BLUE if middle >= 0 else MISSED, last)
    panel.set_span((first, last), limits_of(fund, cut=unit == PLAIN), [end.text])
    panel.set_ticks(range(first, last + 1), milestones(first, last))
    panel.axes.hlines(0, first, last, color=INK, linewidth=0.8, zorder=2)
    draw_fan(panel.axes, fund.bands, fund.central)
    panel.label_at_end([end])


def limits_of(fund: Fund, *, cut: bool) -> tuple[float, float]:
    """Return the ends of the axis, which where it is `cut` keep the middle half readable."""
    bands = fund.bands
    low, high = money.limits([*bands["p5"], *bands["p95"], *fund.central], zero=True)
    if not cut:
        return low, high
    inner = money.limits([*bands["p25"], *bands["p75"]], zero=True)
    span = BEYOND * (inner[1] - inner[0])
    return max(low, inner[1] - span), min(high, inner[0] + span)


def is_cut(fund: Fund) -> bool:
    """Whether a part of the bands or of the central values lies beyond a cut axis."""
    return not fund.bands.empty and limits_of(fund, cut=True) != limits_of(fund, cut=False)
