"""At what cost: balance, income and outgo of each fund."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from fsinsure.analysis import solvency
from fsinsure.dims import TOTAL
from fsinsure.output.figures import funds as pictures
from fsinsure.output.figures import money
from fsinsure.output.figures.fan import BANDS
from fsinsure.output.figures.style import GREY, MISSED
from fsinsure.output.numbers import UNKNOWN, months_text, yuan, yuan_text
from fsinsure.report.blocks import figure, grid, note, section
from fsinsure.report.charts import DOTS, Look, band, chart, line, values_axis, years_axis
from fsinsure.report.markup import Markup, table, tag

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.report.material import Material

HEIGHT: Final = 360


def names(material: Material) -> list[str]:
    """Return the funds."""
    return [*dict.fromkeys(fund for fund, _ in material.accounts[0])]


def yearly(material: Material, fund: str, kind: str, at: int = 0) -> pd.Series[float]:
    """Return yuan of a fund by year, income, outgo or closing, of one of the runs."""
    return material.accounts[at][fund, kind]


def limits(material: Material) -> list[float]:
    """Return the warning limits in months of outgo, the largest first."""
    found = solvency.limits(material.result.resolved)
    return [found.watch, found.warning, found.alarm]


def reserve(material: Material, fund: str) -> pd.Series[float]:
    """Return the months of outgo that the balance covers, by year."""
    return money.indicator(material.result.indicators, "months_of_reserve", fund)


def finding(material: Material) -> str:
    """Return which funds run out, or are below a warning limit."""
    ends = {fund: money.depleted(material.result.indicators, fund) for fund in names(material)}
    months = {fund: reserve(material, fund).get(material.horizon, math.nan) for fund in ends}
    return pictures.finding(ends, months, limits(material), material.horizon, material.lang)


def totals(material: Material) -> str:
    """Return income and outgo of all funds together over the projection."""
    sums = {
        kind: sum(float(yearly(material, fund, kind).sum()) for fund in names(material))
        for kind in ("income", "outgo")
    }
    surplus = sums["income"] - sums["outgo"]
    words = {kind: yuan(amount, material.lang) for kind, amount in sums.items()}
    return material.say(
        "totals" if surplus >= 0 else "totals_short",
        **words,
        net=yuan(abs(surplus), material.lang),
        first=material.first_year + 1,
        last=material.horizon,
    )


def funds(material: Material) -> Markup:
    """Return the section of the funds."""
    return section(
        "funds",
        material.say("funds"),
        tag("p", material.ended(finding(material)), class_="finding"),
        tag("p", totals(material)),
        grid([fund_chart(material, fund) for fund in names(material)]),
        note(material.say("limits_note", months="/".join(map(money.number, limits(material))))),
    )


def verdict(material: Material, fund: str) -> str:
    """Return the months that the balance of a fund lasts, or the year in which it ends."""
    ended = money.depleted(material.result.indicators, fund)
    months = float(reserve(material, fund).get(material.horizon, math.nan))
    paid = pictures.subsidy(material.result.indicators, fund, ended, material.lang)
    if paid is not None:
        return paid[0]
    return pictures.verdict(ended, months, limits(material), material.horizon, material.lang)[0]


def fund_chart(material: Material, fund: str) -> Markup:
    """Return the chart of a fund: balance, income and outgo by year."""
    unit = material.money
    traces: list[Any] = []
    fan = spread(material, fund)
    if fan is not None:
        low, high, colour = BANDS[1]
        name = material.named("ensemble.column_range")
        traces.append(band(fan, unit, (low, high), Look(name, colour)))
    for kind, dash in (("income", "-"), ("outgo", "--")):
        look = Look(material.named(f"figure.total_{kind}"), GREY, dash, 1.5)
        traces.append(curve(material, yearly(material, fund, kind), look))
    for at in range(len(material.every)):
        own = yearly(material, fund, "closing", at)
        name = material.named("figure.balance")
        name = f"{name} · {material.titles[at]}" if material.others else name
        look = material.looks[at]._replace(name=name, marked=len(own) <= DOTS)
        traces.append(curve(material, own, look))
    limit = limits(material)[-1]
    alarm = yearly(material, fund, "outgo") * limit / 12
    name = material.say("alarm", months=money.number(limit))
    traces.append(curve(material, alarm, Look(name, MISSED, ":", 1.5)))
    drawn = chart(
        traces,
        height=HEIGHT,
        xaxis=years_axis(material.first_year, material.horizon),
        yaxis=values_axis(zero=True),
    )
    title = f"{material.short(fund)} · {unit.name}"
    return figure(material, drawn, title, verdict(material, fund), by_year(material, fund))


def curve(material: Material, values: pd.Series[float], look: Look) -> Any:
    """Return a line of yuan by year."""
    unit = material.money
    texts = []
    for year, amount in values.items():
        shown = f"{yuan_text(amount, unit)} {unit.name}"
        words = material.named("figure.year_value", year=year, value=shown)
        texts.append(f"{look.name} · {words}")
    return line(values.to_dict(), unit, texts, look)


def spread(material: Material, fund: str) -> pd.DataFrame | None:
    """Return the percentiles of the balance of a fund by year; None without draws."""
    if material.ensemble is None:
        return None
    books = material.ensemble.ledger
    rows = books[(books["level"] == TOTAL) & (books["fund"] == fund) & (books["item"] == "closing")]
    found = rows.set_index("year").sort_index()
    return None if found["p50"].isna().any() else found


def by_year(material: Material, fund: str) -> Markup:
    """Return income, outgo, balance and months of reserve of a fund by year."""
    unit = material.money
    kinds = {kind: yearly(material, fund, kind) for kind in ("income", "outgo")}
    closing, months = yearly(material, fund, "closing"), reserve(material, fund)
    fan = spread(material, fund)
    others = [yearly(material, fund, "closing", at) for at in range(1, len(material.every))]
    rows = []
    for year, balance in closing.items():
        income, outgo = (kinds[kind].get(year, math.nan) for kind in ("income", "outgo"))
        row: list[object] = [year]
        row += [money_text(material, one) for one in (income, outgo, income - outgo, balance)]
        row.append(months_text(float(months.get(year, math.nan))))
        row += [money_text(material, float(one.get(year, math.nan))) for one in others]
        if fan is not None:
            row += [money_text(material, fan[name].get(year, math.nan)) for name in ("p10", "p90")]
        rows.append(row)
    columns = [
        material.named("column.year"),
        *(material.named(f"figure.total_{kind}") for kind in ("income", "outgo")),
        material.say("surplus"),
        material.named("figure.balance"),
        material.named("indicator.months_of_reserve"),
        *material.titles[1:],
    ]
    if fan is not None:
        columns += [material.named(f"column.{name}") for name in ("p10", "p90")]
    caption = material.say("in_unit", words=material.short(fund), unit=unit.name)
    return table(caption, columns, rows)


def money_text(material: Material, yuan: float) -> str:
    """Return yuan in the unit of the page; a dash where they are not known."""
    return UNKNOWN if math.isnan(yuan) else yuan_text(yuan, material.money)
