"""Whether the targets are met: a card and a chart for each, and what they need."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.output.figures import targets as pictures
from fsinsure.output.figures.fan import BANDS, chance_color, chance_short
from fsinsure.output.figures.sheet import decapitalize
from fsinsure.output.figures.style import BLUE, GREY, INK, MET, MISSED
from fsinsure.output.numbers import UNKNOWN, chance, fixed, percent, percent_reached, stock_text
from fsinsure.output.tidy import figures_of
from fsinsure.report.blocks import figure, grid, note, section
from fsinsure.report.charts import DOTS, Look, band, chart, dots, line, values_axis, years_axis
from fsinsure.report.markup import Markup, table, tag

if TYPE_CHECKING:
    from fsinsure.output.figures.targets import Goal
    from fsinsure.report.material import Material

HEIGHT: Final = 340


def finding(material: Material) -> str:
    """Return how many targets are met, and the largest gap."""
    if not material.goals:
        return material.named("summary.no_targets")
    return pictures.finding(material.goals, material.unit, material.lang)


def verdict(material: Material, goal: Goal) -> str:
    """Return whether a target is met."""
    if not goal.known:
        return material.named("figure.not_due")
    return material.named("level.met" if goal.met else "level.missed")


def probability(material: Material, goal: Goal) -> float | None:
    """Return the probability of a target; None where there are no draws or it is not known."""
    if material.ensemble is None:
        return None
    rows = material.ensemble.targets
    own = rows[(rows["measure"] == goal.measure) & (rows["year"] == goal.year)]
    share = float(own["probability"].iloc[0])
    return None if math.isnan(share) else share


def cards(material: Material) -> Markup:
    """Return a card for each target: verdict, people, gap and probability."""
    return tag("div", *(card(material, goal) for goal in material.goals), class_="cards")


def card(material: Material, goal: Goal) -> Markup:
    """Return the card of one target."""
    unit, lang = material.unit, material.lang
    target = stock_text(goal.target, unit)
    kind = ("met" if goal.met else "missed") if goal.known else "open"
    lines: list[Markup] = [
        tag("h3", material.named("figure.panel_year", measure=goal.name(lang), year=goal.year)),
        tag("p", verdict(material, goal), class_=f"verdict {kind}"),
    ]
    if goal.known:
        projected = stock_text(goal.projected, unit, projected=True)
        key = "targets.attained" if math.isnan(goal.increase) else "targets.attained_both"
        shares = {"percent": percent_reached(goal.attainment), "share": percent(goal.increase)}
        lines.append(tag("p", projected, tag("small", f" {unit.name}"), class_="large"))
        words = f"{target} {unit.name}"
        lines.append(tag("p", material.named("figure.target_value", value=words)))
        lines.append(tag("p", goal.gap_text(lang, unit)))
        lines.append(tag("p", material.named(key, **shares)))
    else:
        lines.append(tag("p", target, tag("small", f" {unit.name}"), class_="large"))
    share = probability(material, goal)
    if share is not None and material.ensemble is not None:
        words = chance(share, len(material.ensemble.draws.reason), lang)
        shown = material.named("figure.fan_chance", chance=words)
        lines.append(tag("p", shown, style=f"color:{chance_color(share)}"))
    return tag("article", *lines, class_=f"card {kind}")


def targets(material: Material) -> Markup:
    """Return the section of the targets."""
    if not material.goals:
        return section("targets", material.say("targets"), tag("p", finding(material)))
    charts = [target(material, goal) for goal in material.goals]
    return section(
        "targets",
        material.say("targets"),
        tag("p", material.ended(finding(material)), class_="finding"),
        grid(charts),
        overview(material),
        note(material.named("figure.axes_cut")),
    )


def overview(material: Material) -> Markup:
    """Return the table of the targets."""
    unit, lang = material.unit, material.lang
    columns = [
        material.named(f"column.{name}") if name != "chance" else material.say("chance")
        for name in (
            *("measure", "year", "base", "target", "projected", "gap", "attainment"),
            *("growth_required", "growth_projected", "year_reached", "chance"),
        )
    ]
    reached = material.result.targets["year_reached"]
    rows = []
    for goal, year in zip(material.goals, reached, strict=True):
        share = probability(material, goal)
        known = goal.known
        rows.append(
            [
                *(goal.name(lang), goal.year),
                *(stock_text(one, unit) for one in (goal.base, goal.target)),
                stock_text(goal.projected, unit, projected=True) if known else UNKNOWN,
                fixed(goal.gap, unit, sign=True) if known else UNKNOWN,
                percent_reached(goal.attainment),
                *(percent(one, 2) for one in (goal.growth_required, goal.growth_projected)),
                UNKNOWN if pd.isna(year) else int(year),
                UNKNOWN if share is None else chance_short(share, lang),
            ]
        )
    if material.ensemble is None:
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    caption = material.say("in_unit", words=material.say("targets"), unit=unit.name)
    return table(caption, columns, rows)


def target(material: Material, goal: Goal) -> Markup:
    """Return the chart of one target, with its data."""
    lang, unit = material.lang, material.unit
    own = material.curve(material.result, goal.measure)
    fan = spread(material, goal.measure)
    traces: list[Any] = []
    if fan is not None:
        low, high, colour = BANDS[1]
        name = material.named("ensemble.column_range")
        traces.append(band(fan, unit, (low, high), Look(name, colour)))
    if goal.base:
        path = {year: goal.path(year) for year in range(goal.first, goal.year + 1)}
        texts = [point(material, year, value) for year, value in path.items()]
        required = material.say("required")
        traces.append(line(path, unit, texts, Look(required, GREY, "--", 1.5)))
    for at, one in enumerate(material.every):
        curve = material.curve(one, goal.measure).to_dict()
        texts = [point(material, year, value, at) for year, value in curve.items()]
        name = material.titles[at] if material.others else material.named("figure.projected")
        look = material.looks[at]._replace(name=name, marked=len(curve) <= DOTS)
        traces.append(line(curve, unit, texts, look))
    traces += marks(material, goal)
    last = max(material.horizon, goal.year)
    drawn = chart(
        traces,
        height=HEIGHT,
        xaxis=years_axis(goal.first, last),
        yaxis=values_axis(),
    )
    words = [verdict(material, goal)]
    if goal.known:
        words = [material.ended(sentence(material, goal))]
    title = material.named("figure.panel_year", measure=goal.name(lang), year=goal.year)
    title = f"{title} · {unit.name}"
    return figure(material, drawn, title, words[0], by_year(material, goal, own, fan))


def sentence(material: Material, goal: Goal) -> str:
    """Return projection, target and gap of a target."""
    words = {
        "measure": goal.name(material.lang),
        "year": goal.year,
        "projected": stock_text(goal.projected, material.unit, projected=True),
        "target": stock_text(goal.target, material.unit),
        "verdict": decapitalize(goal.gap_text(material.lang, material.unit)),
    }
    return material.named("summary.target", **words)


def point(material: Material, year: object, value: float, at: int | None = None) -> str:
    """Return the text of a point of a curve: year, people, and the scenario if there are more."""
    words = f"{stock_text(value, material.unit, projected=True)} {material.unit.name}"
    found = material.named("figure.year_value", year=year, value=words)
    return f"{material.titles[at]} · {found}" if at is not None and material.others else found


def marks(material: Material, goal: Goal) -> list[Any]:
    """Return the target, and the figures published of the same measure."""
    unit = material.unit
    colour = (MET if goal.met else MISSED) if goal.known else INK
    words = f"{stock_text(goal.target, unit)} {unit.name}"
    aimed = material.named("figure.target_value", value=words)
    name = material.named("figure.target")
    found = [
        dots(
            [goal.year],
            [goal.target / unit.divisor],
            [f"{goal.year} · {aimed}"],
            name=name,
            colour=colour,
            symbol="diamond",
        )
    ]
    region, last = material.result.scenario.region, max(material.horizon, goal.year)
    known = figures_of(material.result.published, goal.measure, region.name, (goal.first - 1, last))
    for own in (False, True):
        own_figures = [one for one in known if one.own is own]
        if own_figures:
            texts = [
                material.named(
                    "figure.year_value",
                    year=one.name,
                    value=f"{stock_text(one.value, unit)} {unit.name}",
                )
                for one in own_figures
            ]
            key = "figure.own" if own else "figure.published"
            found.append(
                dots(
                    [one.at for one in own_figures],
                    [one.value / unit.divisor for one in own_figures],
                    texts,
                    name=material.named(key),
                    colour=BLUE if own else INK,
                    symbol="square",
                    size=9,
                )
            )
    return found


def spread(material: Material, measure: str) -> pd.DataFrame | None:
    """Return the percentiles of a measure by year; None without draws."""
    if material.ensemble is None:
        return None
    rows = material.ensemble.enrollment
    own = rows[(rows["level"] == TOTAL) & (rows["measure"] == measure)]
    return own.set_index("year").sort_index()


def by_year(
    material: Material, goal: Goal, own: pd.Series[float], fan: pd.DataFrame | None
) -> Markup:
    """Return the data of a chart: people by year, with the range, the required path and others."""
    unit = material.unit
    columns = [material.named("column.year"), *material.titles]
    if goal.base:
        columns.append(material.named("figure.required"))
    if fan is not None:
        columns += [material.named(f"column.{name}") for name in ("p10", "p50", "p90")]
    curves = [material.curve(one, goal.measure) for one in material.every]
    rows = []
    for year in sorted({*own.index, *(year for one in curves for year in one.index)}):
        row: list[object] = [year]
        row += [
            stock_text(one[year], unit, projected=True) if year in one.index else UNKNOWN
            for one in curves
        ]
        if goal.base:
            row.append(stock_text(goal.path(year), unit) if year <= goal.year else UNKNOWN)
        if fan is not None:
            row += [
                stock_text(fan[name][year], unit, projected=True) if year in fan.index else UNKNOWN
                for name in ("p10", "p50", "p90")
            ]
        rows.append(row)
    caption = material.say("in_unit", words=goal.name(material.lang), unit=unit.name)
    return table(caption, columns, rows)
