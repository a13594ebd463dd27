"""The fan of the targets: people in every draw, and how likely each target is met."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.lines import Line2D

from fsinsure.dims import TOTAL
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.fan import (
    MEDIAN,
    bands_of,
    chance_color,
    chance_short,
    draw_fan,
    fan_signs,
)
from fsinsure.output.figures.panels import Mark, Panel, cells, heights
from fsinsure.output.figures.style import BASE, BLUE, GREY, HEAD, INK, PAPER, SMALL, square
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit, chance, stock_text, unit_for
from fsinsure.output.tidy import Figured, figures_of, only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.artist import Artist

    from fsinsure.output.figures.fan import Source

CELL: Final = 3.4
SIDES: Final = 1.4
"""Inches of a panel's width that numbers and the texts at the end of the curve take."""
BESIDE: Final = 0.75
"""Inches that a text needs left of a target."""
ALL: Final = "all"
"""The measure of the row of all targets together."""


class Aim(NamedTuple):
    """A row of the targets of an ensemble; probability and percentiles NaN where not known."""

    measure: str
    year: int
    target: float
    probability: float
    p10: float
    p50: float
    p90: float

    @property
    def known(self) -> bool:
        """Whether the projection reaches the year of the target."""
        return not math.isnan(self.probability)

    def name(self, lang: str) -> str:
        """Return the short name of the measure."""
        return label(f"short.{self.measure}", lang)


@sheet.drawn
def target_fan(
    enrollment: pd.DataFrame,
    central: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    source: Source,
    published: pd.DataFrame | None = None,
    some: bool = False,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw people by year in a panel for each target: bands, median, target and its probability.

    Parameters
    ----------
    enrollment, targets
        As in :class:`fsinsure.ensembles.Ensemble`.
    central
        The enrollment of the central values, as in :class:`fsinsure.Result`.
    source
        How the draws were made.
    published
        Published figures, as in :class:`fsinsure.Result`: marked where they are of the measure. A
        base year without spread is a published figure too.
    some
        Whether the scenario has other targets than these.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; a column that is missing; several scenarios.
    """
    scenario = only_scenario(enrollment, "enrollment")
    together, aims = aims_of(targets)
    whole = pick(enrollment, "enrollment", level=TOTAL)
    place, span = str(whole["area"].iloc[0]), int(whole["year"].max())
    fans = [bands_of(pick(whole, "enrollment", measure=aim.measure), "enrollment") for aim in aims]
    runs = [central_of(central, aim.measure) for aim in aims]
    figures = [
        figures_of(published, aim.measure, place, (int(fan.index[0]), span))
        for aim, fan in zip(aims, fans, strict=True)
    ]
    context.one_panel(measure=[aim.measure for aim in aims], year=[aim.year for aim in aims])
    unit = unit_for(lang, max(aim.target for aim in aims))
    based = any(base_figure(fan) for fan in fans)
    handles, words = zip(*signs(figures, lang, based=based), strict=True)
    legend = legends.legend_height(words)
    picture, body = sheet.open_picture(
        heights(len(aims), CELL) + legend,
        finding(aims, None if some else together, source.draws, lang),
        f"{title or scenario} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [
            label("figure.fan_note", lang),
            label("figure.axes_cut" if len(aims) > 1 else "figure.axis_cut", lang),
            source.note(lang, scenario),
        ],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - legend)
    rows = zip(aims, fans, runs, figures, cells(grid, len(aims)), strict=True)
    for aim, fan, run, marks, cell in rows:
        tight = is_tight(aim, fan, cell)
        head = header(aim, source.draws, lang, unit, tight=tight)
        panel = Panel(picture, cell, head, unit)
        draw_aim(panel, aim, fan, run, marks, lang, tight=tight)
    legends.legend_line(picture, body, handles, words)
    return picture


def aims_of(targets: pd.DataFrame) -> tuple[float, list[Aim]]:
    """Return the probability of all targets together, and the targets."""
    columns = Aim._fields
    require(targets, "targets", *columns)
    together = float(pick(targets, "targets", measure=ALL)["probability"].iloc[0])
    rows = targets[targets["measure"] != ALL]
    return together, [Aim(*row) for row in rows[[*columns]].itertuples(index=False)]


def central_of(central: pd.DataFrame, measure: str) -> pd.Series[float]:
    """Return the people of the region in a measure by year, of the central values."""
    require(central, "central enrollment", "year", "level", "measure", "persons")
    rows = pick(central, "central enrollment", level=TOTAL, measure=measure)
    return rows.set_index("year")["persons"].sort_index()


def base_figure(fan: pd.DataFrame) -> list[float]:
    """Return the published figure of the base year, none where it spreads over the draws."""
    start = fan.iloc[0]
    return [] if start["p95"] - start["p5"] > 0.5 else [float(start[MEDIAN])]


def finding(aims: Sequence[Aim], together: float | None, draws: int, lang: str) -> str:
    """Return the title: how likely the targets are met together, and which is least likely.

    Without a probability of all `together` these are some of the targets only.
    """
    known = [aim for aim in aims if aim.known]
    if not known:
        return label("figure.none_due" if together is not None else "targets.some_beyond", lang)
    least = min(known, key=lambda aim: aim.probability)
    words: dict[str, Any] = {
        "measure": sheet.decapitalize(least.name(lang)),
        "year": least.year,
    }
    own = chance(least.probability, draws, lang)
    if least.probability == 0.0:
        name = words["measure"]
        return label("figure.fan_never", lang, measure=name, draws=f"{draws:,}")
    if len(aims) == 1:
        return label("figure.fan_one", lang, **words, chance=own)
    if together is None:
        return label("figure.fan_shown", lang, **words, chance=own, count=len(known))
    if together == 1.0:
        return label("figure.fan_always", lang, draws=f"{draws:,}")
    if len(known) < len(aims):
        return label("figure.fan_due", lang, measure=words["measure"], chance=own, count=len(known))
    both = chance(together, draws, lang)
    return label("figure.fan_all", lang, measure=words["measure"], chance=both, own=own)


def header(
    aim: Aim, draws: int, lang: str, unit: Unit, *, tight: bool
) -> list[tuple[str, float, str]]:
    """Return the lines above a panel: measure, probability, range; target where it is `tight`."""
    name = label("figure.panel_year", lang, measure=aim.name(lang), year=aim.year)
    lines = [(sheet.in_unit(name, unit.name), HEAD, INK)]
    if aim.known:
        words = label("figure.fan_chance", lang, chance=chance(aim.probability, draws, lang))
        ends = {
            name: stock_text(getattr(aim, name), unit, projected=True) for name in ("p10", "p90")
        }
        lines.append((words, HEAD, chance_color(aim.probability)))
        lines.append((label("figure.fan_range", lang, **ends, year=aim.year), SMALL, GREY))
    else:
        lines.append((label("figure.not_due", lang), HEAD, GREY))
    if tight:
        target = label("figure.target_value", lang, value=stock_text(aim.target, unit))
        lines.append((target, SMALL, GREY))
    return lines


def is_tight(aim: Aim, fan: pd.DataFrame, cell: sheet.Box) -> bool:
    """Whether a long fan leaves no space for texts beside the target."""
    first, last = int(fan.index[0]), int(fan.index[-1])
    return (aim.year - first) / max(last - first, 1) * (cell.width - SIDES) < BESIDE


def draw_aim(
    panel: Panel,
    aim: Aim,
    fan: pd.DataFrame,
    run: pd.Series[float],
    figures: Sequence[Figured],
    lang: str,
    *,
    tight: bool,
) -> None:
    """Draw one panel; a `tight` one has its numbers in the header."""
    first, stop = int(fan.index[0]), int(fan.index[-1])
    last = max(stop, aim.year)
    color = chance_color(aim.probability) if aim.known else INK
    words = label("figure.target_value", lang, value=stock_text(aim.target, panel.unit))
    middle = float(fan[MEDIAN].iloc[-1])
    end = Mark(middle, stock_text(middle, panel.unit, projected=True), BLUE, stop)
    marks = [] if tight else [Mark(aim.target, words, color, aim.year)]
    if aim.known:  # below the target, as it is sorted before it
        marks.insert(0, Mark(aim.target, chance_short(aim.probability, lang), color, aim.year))
    years = range(first, last + 1)
    at_end = [mark for mark in (*marks, end) if mark.year == last]
    ends = [*fan["p5"], *fan["p95"], *run, aim.target, *(one.value for one in figures)]
    panel.set_limits(years, ends, [mark.text for mark in at_end])
    panel.set_ticks(years, [aim.year])
    draw_fan(panel.axes, fan, run)
    panel.axes.plot([aim.year], [aim.target], "D", color=color, ms=7, mec=PAPER, zorder=4)
    for one in figures:  # one by one: no text need avoid the way between them
        panel.axes.plot([one.at], [one.value], zorder=5, **square(own=one.own))
    for base in base_figure(fan):
        panel.axes.plot([first], [base], zorder=5, **BASE)
    start = Mark(fan[MEDIAN].iloc[0], stock_text(fan[MEDIAN].iloc[0], panel.unit), INK, first)
    panel.label_near(start, "lower right" if fan[MEDIAN].iloc[-1] > start.value else "upper right")
    panel.label_at_end(at_end)
    for mark in [mark for mark in (*marks, end) if mark.year < last]:
        panel.label_near(mark, "upper left")


def signs(
    figures: Sequence[Sequence[Figured]], lang: str, *, based: bool
) -> list[tuple[Artist, str]]:
    """Return the signs of the panels and their words, of the base year if it is `based`."""
    found = fan_signs(lang)
    if based:
        found.insert(0, (Line2D([], [], linestyle="", **BASE), label("figure.base_year", lang)))
    target = Line2D([], [], color=INK, linestyle="", marker="D", ms=7, mec=PAPER)
    found.append((target, label("figure.target", lang)))
    for own in sorted({one.own for marks in figures for one in marks}):
        key = "figure.own" if own else "figure.published"
        found.append((Line2D([], [], linestyle="", **square(own=own)), label(key, lang)))
    return found
