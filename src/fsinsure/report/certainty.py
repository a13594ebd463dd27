"""How surely: probabilities and ranges of the targets and the funds over the draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from fsinsure.output.figures import fan_funds, fan_targets, money
from fsinsure.output.figures.fan import LIKELY, chance_short
from fsinsure.output.figures.style import BLUE, GREY, INK, MET, MISSED
from fsinsure.output.numbers import UNKNOWN, chance, percent, stock_text, yuan_text
from fsinsure.report.blocks import bullets, figure, note, section
from fsinsure.report.charts import bars, chart, dots, names_axis
from fsinsure.report.funds import limits
from fsinsure.report.markup import Markup, table, tag

if TYPE_CHECKING:
    from fsinsure.output.figures.fan_targets import Aim
    from fsinsure.report.material import Material

ROW: Final = 52
"""Pixels of a target."""
FRAME: Final = 100
"""Pixels above and below the targets."""


def draws(material: Material) -> int:
    """Return how many draws there are."""
    assert material.ensemble is not None
    return len(material.ensemble.draws.reason)


def findings(material: Material) -> list[str]:
    """Return how likely the targets are met and the funds run out, or that there are no draws."""
    if material.ensemble is None:
        return [material.say("no_draws")]
    found = [fan_funds.finding(material.risks, material.horizon, draws(material), material.lang)]
    if material.goals:
        both, aims = fan_targets.aims_of(material.ensemble.targets)
        found.insert(0, fan_targets.finding(aims, both, draws(material), material.lang))
    return [material.ended(one) for one in found]


def certainty(material: Material) -> Markup:
    """Return the section of probabilities and ranges."""
    title = material.say("certainty")
    if material.ensemble is None:
        return section("certainty", title, tag("p", material.say("no_draws")))
    setting = material.ensemble.setting
    shown = {"draws": f"{draws(material):,}", "count": len(material.ensemble.uncertain)}
    parts: list[Markup] = [bullets(findings(material))]
    if material.goals:
        parts.append(of_targets(material))
    parts.append(of_funds(material))
    parts.append(note(material.say("draws_note", **shown, seed=setting.seed)))
    return section("certainty", title, *parts)


def of_targets(material: Material) -> Markup:
    """Return the ranges of the targets, as shares of each, and their table."""
    assert material.ensemble is not None
    _, aims = fan_targets.aims_of(material.ensemble.targets)
    known = [one for one in aims if one.known]
    names = [panel_name(material, one) for one in known]
    data = chances(material, aims)
    title = material.say("ranges")
    if not known:
        return tag("div", tag("h3", title), data)
    low, middle, high = (
        [getattr(one, name) / one.target for one in known] for name in ("p10", "p50", "p90")
    )
    texts = [f"{percent(a)} – {percent(b)}" for a, b in zip(low, high, strict=True)]
    sizes = [b - a for a, b in zip(low, high, strict=True)]
    colours = [colour_of(one) for one in known]
    words = material.named("ensemble.column_range")
    traces: list[Any] = [
        bars(names, sizes, texts, name=words, colour=colours, base=low),
        dots(
            middle,
            names,
            [percent(one) for one in middle],
            name=material.named("figure.median_line"),
            colour=INK,
            symbol="line-ns-open",
            size=22,
        ),
    ]
    ends = (min(*low, 1.0), max(*high, 1.0))
    pad = 0.08 * (ends[1] - ends[0])
    drawn = chart(
        traces,
        height=ROW * len(known) + FRAME,
        xaxis={
            "range": [ends[0] - pad, ends[1] + 3 * pad],
            "tickformat": ".0%",
            "gridcolor": "#E6E6E6",
            "zeroline": False,
            "automargin": True,
            "nticks": 6,
        },
        yaxis=names_axis(names),
        bargap=0.55,
        shapes=[target_line()],
    )
    return figure(material, drawn, title, material.say("ranges_note"), data)


def target_line() -> dict[str, Any]:
    """Return the line of the target, 100 %."""
    return {
        **{"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper"},
        "line": {"color": GREY, "width": 2, "dash": "dot"},
    }


def colour_of(aim: Aim) -> str:
    """Return the colour of a range by how likely its target is met."""
    shown = round(aim.probability, 2)
    return MET if shown >= LIKELY else BLUE if shown >= 0.5 else MISSED


def panel_name(material: Material, aim: Aim) -> str:
    """Return the name of a target with its probability."""
    words = chance_short(aim.probability, material.lang)
    return f"{aim.name(material.lang)} {aim.year} · {words}"


def chances(material: Material, aims: list[Aim]) -> Markup:
    """Return the table of the probabilities and ranges of the targets."""
    assert material.ensemble is not None
    unit, lang = material.unit, material.lang
    columns = [
        *(material.named(f"column.{name}") for name in ("measure", "year", "target")),
        material.say("chance"),
        *(material.named(f"column.{name}") for name in ("p10", "p50", "p90")),
    ]
    rows = [
        [
            *(aim.name(lang), aim.year, stock_text(aim.target, unit)),
            chance_short(aim.probability, lang) if aim.known else UNKNOWN,
            *(
                stock_text(one, unit, projected=True) if aim.known else UNKNOWN
                for one in (aim.p10, aim.p50, aim.p90)
            ),
        ]
        for aim in aims
    ]
    both = fan_targets.aims_of(material.ensemble.targets)[0]
    shown = UNKNOWN if math.isnan(both) else chance(both, draws(material), lang)
    rows.append([material.named("ensemble.all_targets"), "", "", shown, "", "", ""])
    caption = material.say("in_unit", words=material.say("ranges"), unit=unit.name)
    return table(caption, columns, rows)


def of_funds(material: Material) -> Markup:
    """Return the table of the risks of the funds."""
    lang, unit = material.lang, material.money
    months = [money.number(one) for one in limits(material)]
    columns = [
        material.named("column.fund"),
        material.say("runs_out", year=material.horizon),
        *(material.say("below", months=one) for one in months),
        *(material.named(f"column.{name}") for name in ("p10", "p50", "p90")),
    ]
    rows = []
    for fund in material.risks:
        ends = fund.bands.iloc[-1] if len(fund.bands) else None
        risks = (fund.probability, *fund.below)
        rows.append(
            [
                material.short(fund.name),
                *(chance_short(one, lang) if fund.known else UNKNOWN for one in risks),
                *(
                    UNKNOWN if ends is None else yuan_text(float(ends[name]), unit)
                    for name in ("p10", "p50", "p90")
                ),
            ]
        )
    title = material.say("risks", year=material.horizon, unit=unit.name)
    return tag("div", tag("h3", title), table(title, columns, rows, hidden=True))
