"""The pictures of the page: curves against targets, balances of funds, channels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from fsinsure.app.svg import Band, Panel, Series, bars, curves
from fsinsure.output.figures.style import BLUE, GREY, INK, MET, MISSED, PALE
from fsinsure.output.labels import label
from fsinsure.output.numbers import amount, fund_unit, percent_reached, unit_for
from fsinsure.output.tidy import figures_of, met

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.app.model import Goal, Shown
    from fsinsure.app.range import Range
    from fsinsure.output.numbers import Unit

MINOR: Final = 0.01
"""A channel below this share of all movement is summed with the other minor ones."""
REST: Final = ""
"""The minor channels together."""
DASH: Final = "6 4"


def enrollment(
    shown: Shown, lang: str, *, pinned: Shown | None = None, drawn: Range | None = None
) -> str:
    """Return the curve of each measure against its target.

    Parameters
    ----------
    shown
        What is projected now: solid.
    lang
        ``zh`` or ``en``.
    pinned
        What was pinned: dashed.
    drawn
        The range of draws of what is projected now.
    """
    aims = {goal.measure: goal for goal in shown.goals}
    lines = {measure: shown.curve(measure) for measure in shown.measures}
    peaks = [value for one in lines.values() for value in one.values()]
    unit = unit_for(lang, max([*peaks, *(goal.value for goal in aims.values())]))
    panels = []
    for measure, curve in lines.items():
        note, colour = _verdict(aims.get(measure), lang)
        series = [_now(curve, lang), *_published(shown, measure, lang)]
        if pinned is not None:
            series.insert(0, _pin(pinned.curve(measure), lang))
        if measure in aims:
            series.append(_target(aims[measure], colour, lang))
        bands = [] if drawn is None else [_band(drawn.people(measure), lang)]
        panels.append(Panel(label(f"short.{measure}", lang), note, colour, series, bands))
    return curves(panels, unit, _unit_note(unit, lang))


def funds(
    shown: Shown, lang: str, *, pinned: Shown | None = None, drawn: Range | None = None
) -> str:
    """Return the balance of each fund by year; arguments as of :func:`enrollment`."""
    panels = []
    for fund in shown.funds:
        series = [_now(shown.balance(fund), lang)]
        if pinned is not None:
            series.insert(0, _pin(pinned.balance(fund), lang))
        bands = [] if drawn is None else [_band(drawn.balance(fund), lang)]
        panels.append(Panel(label(f"short.{fund}", lang), series=series, bands=bands))
    unit = fund_unit(lang)
    return curves(panels, unit, _unit_note(unit, lang))


def _unit_note(unit: Unit, lang: str) -> str:
    return label("figure.unit_axis", lang, unit=unit.name)


def channels(
    shown: Shown, measure: str, year: int, lang: str, *, pinned: Shown | None = None
) -> str:
    """Return the increment of a measure to the end of a year by channel, as bars."""
    sides = [(label("figure.projected", lang), BLUE, shown.channels(measure, year))]
    if pinned is not None:
        sides.append((label("app.pinned", lang), PALE, pinned.channels(measure, year)))
    names = _material([found for _, _, found in sides])
    peak = max((abs(value) for _, _, found in sides for value in found.values()), default=0.0)
    words = [
        label("figure.minor", lang) if name == REST else label(f"channel.{name}", lang)
        for name in names
    ]
    columns = [
        (name, colour, [_sum(found, one, names) for one in names]) for name, colour, found in sides
    ]
    return bars(words, columns, unit_for(lang, peak)) if names else ""


def _material(sides: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the channels that are drawn, the largest first, the minor ones as one."""
    names = dict.fromkeys(name for side in sides for name in side)
    size = {name: max(abs(side.get(name, 0.0)) for side in sides) for name in names}
    least = MINOR * sum(size.values())
    large = sorted((name for name in names if size[name] > least), key=lambda one: -size[one])
    return [*large, REST] if any(0 < size[one] <= least for one in names) else large


def _sum(persons: Mapping[str, float], name: str, drawn: Sequence[str]) -> float:
    if name != REST:
        return persons.get(name, 0.0)
    return sum(value for one, value in persons.items() if one not in drawn)


def _verdict(goal: Goal | None, lang: str) -> tuple[str, str]:
    """Return the gap to a target in words, and the colour of the verdict."""
    if goal is None:
        return "", GREY
    if math.isnan(goal.gap):
        return label("figure.not_due", lang), GREY
    key = "figure.above" if met(goal.gap) else "figure.short"
    gap = label(key, lang, value=amount(abs(goal.gap), lang))
    share = percent_reached(goal.projected / goal.value)
    reached = label("app.attained", lang, percent=share)
    return f"{gap} · {reached}", MET if met(goal.gap) else MISSED


def _now(curve: Mapping[int, float], lang: str) -> Series:
    return Series(label("figure.projected", lang), BLUE, list(curve.items()), mark="circle")


def _pin(curve: Mapping[int, float], lang: str) -> Series:
    return Series(label("app.pinned", lang), GREY, list(curve.items()), dash=DASH)


def _band(ends: Mapping[int, tuple[float, float]], lang: str) -> Band:
    points = [(year, low, high) for year, (low, high) in ends.items()]
    return Band(label("app.band", lang), BLUE, points)


def _published(shown: Shown, measure: str, lang: str) -> list[Series]:
    """Return what was published of a measure after the base year, as squares."""
    region = shown.scenario.region
    years = (region.base_year, shown.scenario.horizon)
    marks = figures_of(shown.result.published, measure, region.name, years)
    points = [(mark.at, mark.value) for mark in marks]
    texts = [mark.name for mark in marks]
    name = label("app.published", lang)
    return [Series(name, INK, points, mark="square", line=False, texts=texts)] if marks else []


def _target(goal: Goal, colour: str, lang: str) -> Series:
    name, at = label("figure.target", lang), [(float(goal.year), goal.value)]
    return Series(name, colour, at, mark="diamond", line=False)
