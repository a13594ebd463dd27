"""The picture of the main question: projected enrollment and its gaps to the targets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.lines import Line2D

from fsinsure.dims import TOTAL
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.panels import Mark, Panel, cells, heights
from fsinsure.output.figures.style import (
    BASE,
    BLUE,
    GREY,
    HEAD,
    INK,
    MET,
    MISSED,
    PAPER,
    SMALL,
    square,
)
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, amount, percent, percent_reached, stock_text, unit_for
from fsinsure.output.tidy import figures_of, met, only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from fsinsure.output.tidy import Figured

CELL: Final = 3.6
SIDES: Final = 1.4
"""Inches of a panel's width that numbers and the texts at the end of the curve take."""
NAMED: Final = 4
"""Targets named in the title at most, those that fall short most."""
BESIDE: Final = 0.75
"""Inches that a text needs left of a target."""


class Goal(NamedTuple):
    """The base year and a row of the targets table (`COLUMNS`), NaN where not known."""

    first: int
    measure: str
    year: int
    base: float
    target: float
    projected: float
    gap: float
    attainment: float
    growth_required: float
    growth_projected: float

    @property
    def known(self) -> bool:
        """Whether the projection reaches the year of the target."""
        return not math.isnan(self.gap)

    @property
    def met(self) -> bool:
        """Whether the target is reached, to the person."""
        return met(self.gap)

    def path(self, year: int) -> float:
        """Return the persons in `year` on the path of constant growth that meets the target."""
        return self.base * (1 + self.growth_required) ** (year - self.first)

    def name(self, lang: str) -> str:
        """Return the short name of the measure."""
        return label(f"short.{self.measure}", lang)

    def dated(self, lang: str) -> str:
        """Return the short name of the measure with the year of the target."""
        return label("figure.panel_year", lang, measure=self.name(lang), year=self.year)

    @property
    def increase(self) -> float:
        """The share of the needed increase that is projected; NaN where none is needed."""
        needed = self.target - self.base
        return (self.projected - self.base) / needed if needed > 0 else math.nan

    def gap_text(self, lang: str, unit: Unit) -> str:
        """Return the gap in words: short by, above by, or exactly on target."""
        if round(self.gap) == 0:
            return label("figure.exact", lang)
        key = "figure.above" if self.met else "figure.short"
        size = abs(self.gap)
        shown = stock_text(size, unit, projected=True)
        if float(shown.replace(",", "")) == 0:
            return label(key, lang, value=amount(size, lang))
        return label(key, lang, value=f"{shown} {unit.name.removesuffix('persons')}".rstrip())


COLUMNS: Final = Goal._fields[1:]


def goals(targets: pd.DataFrame, first_year: int, last_year: int) -> list[Goal]:
    """Read the targets table; for a target after `last_year` only the target itself is known."""
    table = targets[[*COLUMNS]].copy()
    unknown = ["projected", "gap", "attainment", "growth_projected"]
    table.loc[table["year"] > last_year, unknown] = math.nan
    return [Goal(first_year, *row) for row in table.to_numpy(dtype=object)]


def finding(aims: Sequence[Goal], unit: Unit, lang: str, *, some: bool = False) -> str:
    """Return the title: the number of targets met, and the gap of each, the shortest first.

    With `some` there are targets that are not shown, of which it says nothing.
    """
    due = [aim for aim in aims if aim.known]
    if not due:
        return label("targets.some_beyond" if some else "figure.none_due", lang)
    met = sum(aim.met for aim in due)
    twice = len({aim.measure for aim in due}) < len(due)
    gaps = [
        label(
            "targets.gap",
            lang,
            measure=sheet.decapitalize(aim.dated(lang) if twice else aim.name(lang)),
            gap=sheet.decapitalize(aim.gap_text(lang, unit)),
        )
        for aim in sorted(due, key=lambda aim: aim.gap)
    ]
    rest = [label("targets.more", lang, count=len(gaps) - NAMED)] if len(gaps) > NAMED else []
    key = "all_met" if met == len(due) else "some_met" if met else "none_met"
    if len(due) == 1:
        key = "one_met" if met else "one_missed"
    elif some:
        key = "of_shown"
    shown = join_words([*gaps[:NAMED], *rest], lang)
    return label(f"targets.{key}", lang, count=len(due), met=met, year=due[0].year, gaps=shown)


def last_drawn(aims: Sequence[Goal], figures: Sequence[Sequence[Figured]], horizon: int) -> int:
    """Return the last year drawn: as long after a target as it lies after the base year."""
    need = max(2 * aim.year - aim.first for aim in aims)
    known = max((math.ceil(one.at) for marks in figures for one in marks), default=0)
    return min(horizon, max(need, known))


@sheet.drawn
def targets(
    enrollment: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    published: pd.DataFrame | None = None,
    some: bool = False,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw projected enrollment against each target, with the gap in words.

    One panel per row of `targets`: the projected curve from the base year to the horizon, the
    path of constant growth from base to target, the target, the distance between them, and what
    was published of the same measure.

    Parameters
    ----------
    enrollment
        Columns scenario, year, level, area, measure, persons; the rows of the region as a
        whole are used.
    targets
        Columns measure, year, base, target, projected, gap, attainment, growth_required,
        growth_projected; persons and yearly fractions. A target after the last projected year is
        drawn without a gap.
    published
        Columns area, measure, year, value, elapsed, own: published figures, and a user's own, of
        which those after the base year are marked.
    some
        Whether the scenario has other targets than these.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table; a target of a measure
        that the enrollment table does not hold.
    """
    require(enrollment, "enrollment", "scenario", "year", "area", "measure", "persons")
    require(targets, "targets", *COLUMNS)
    scenario = only_scenario(enrollment, "enrollment")
    whole = pick(enrollment, "enrollment", level=TOTAL)
    aims = goals(targets, int(whole["year"].min()), int(whole["year"].max()))
    curves = [
        pick(whole, "enrollment", measure=aim.measure).set_index("year")["persons"].sort_index()
        for aim in aims
    ]
    place, span = str(whole["area"].iloc[0]), int(whole["year"].max())
    figures = [
        figures_of(published, aim.measure, place, (aim.first, max(span, aim.year))) for aim in aims
    ]
    stop = last_drawn(aims, figures, span)
    curves = [curve[curve.index <= stop] for curve in curves]
    context.one_panel(measure=[aim.measure for aim in aims], year=[aim.year for aim in aims])
    unit = unit_for(lang, max(aim.target for aim in aims))
    owns = {one.own for marks in figures for one in marks}
    handles, words = signs(lang, gaps=any(aim.known for aim in aims), owns=owns)
    legend = legends.legend_height(words)
    picture, body = sheet.open_picture(
        heights(len(aims), CELL) + legend,
        finding(aims, unit, lang, some=some),
        f"{title or scenario} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [
            label("figure.axes_cut" if len(aims) > 1 else "figure.axis_cut", lang),
            *not_marked(aims, figures, lang),
            *([label("targets.cut", lang, year=stop, horizon=span)] if stop < span else []),
            context.footnote(lang, scenario),
        ],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - legend)
    grids = cells(grid, len(aims))
    for aim, curve, marks, cell in zip(aims, curves, figures, grids, strict=True):
        tight = is_tight(aim, curve, cell)
        panel = Panel(picture, cell, header(aim, unit, lang, values=tight), unit)
        draw_goal(panel, aim, curve, marks, lang, tight=tight)
    legends.legend_line(picture, body, handles, words)
    return picture


def not_marked(aims: Sequence[Goal], figures: Sequence[Sequence[Figured]], lang: str) -> list[str]:
    """Name the measures whose panels have no published figure, where others have one."""
    lacking = {
        aim.name(lang): all(one.own for one in marks)
        for aim, marks in zip(aims, figures, strict=True)
    }
    if all(lacking.values()) or not any(lacking.values()):
        return []
    names = join_words([name for name, without in lacking.items() if without], lang)
    return [label("figure.none_of_scope", lang, year=aims[0].first, names=names)]


def is_tight(aim: Goal, curve: pd.Series[float], cell: sheet.Box) -> bool:
    """Whether a long curve leaves no space for texts beside the target."""
    share = (aim.year - aim.first) / max(int(curve.index[-1]) - aim.first, 1)
    return share * (cell.width - SIDES) < BESIDE


def header(aim: Goal, unit: Unit, lang: str, *, values: bool) -> list[tuple[str, float, str]]:
    """Return the lines above a panel: measure, gap, attainment, growth.

    Attainment is of the target, and of the increase that it needs from the base year. With `values`
    target and projection are written there too.
    """
    name = aim.dated(lang)
    required = percent(aim.growth_required, 2)
    if not aim.known:
        growth = label("figure.growth_needed", lang, required=required)
        gap, color = label("figure.not_due", lang), GREY
    else:
        projected = percent(aim.growth_projected, 2)
        growth = label("figure.growth", lang, required=required, projected=projected)
        gap, color = aim.gap_text(lang, unit), MET if aim.met else MISSED
    name = sheet.in_unit(name, unit.name)
    lines = [(name, HEAD, INK), (gap, HEAD, color), (growth, SMALL, GREY)]
    if aim.known:
        reached = {"percent": percent_reached(aim.attainment), "share": percent(aim.increase)}
        key = "targets.attained" if math.isnan(aim.increase) else "targets.attained_both"
        lines.insert(2, (label(key, lang, **reached), SMALL, GREY))
    if values:
        both = (stock_text(aim.target, unit), stock_text(aim.projected, unit, projected=True))
        words = label("figure.both", lang, target=both[0], projected=both[1])
        lines.insert(2, (words, SMALL, GREY))
    return lines


def draw_goal(
    panel: Panel,
    aim: Goal,
    curve: pd.Series[float],
    figures: Sequence[Figured],
    lang: str,
    *,
    tight: bool,
) -> None:
    """Draw one panel with published `figures`; a `tight` one has its numbers in the header."""
    first, last = int(curve.index[0]), max(int(curve.index[-1]), aim.year)
    path = [aim.path(year) for year in range(first, aim.year + 1)]
    color = MET if aim.met else MISSED if aim.known else INK
    words = stock_text(aim.target, panel.unit)
    aimed = Mark(aim.target, label("figure.target_value", lang, value=words), color, aim.year)
    words = stock_text(curve.iloc[-1], panel.unit, projected=True)
    stop = int(curve.index[-1])
    key = "figure.projected_value" if stop <= aim.year else "figure.year_value"
    end = Mark(curve.iloc[-1], label(key, lang, value=words, year=stop), BLUE, stop)
    years = range(first, last + 1)
    after = [mark.text for mark in (aimed, end) if mark.year == last]
    required = [aim.target] if math.isnan(path[-1]) else path
    panel.set_limits(years, [*curve, *required, *(one.value for one in figures)], after)
    panel.set_ticks(years, [aim.year])
    axes = panel.axes
    axes.plot(years[: len(path)], path, "--", color=GREY, linewidth=1.4, zorder=2)
    (line,) = axes.plot(curve.index, curve, "-", color=BLUE, linewidth=2, zorder=3)
    panel.mark(line, "o", 4)
    if aim.known:
        ends = (aim.projected, aim.target)
        axes.vlines(aim.year, *ends, color=color, linewidth=5, alpha=0.35, zorder=1)
    axes.plot([aim.year], [aim.target], "D", color=color, ms=7, mec=PAPER, zorder=4)
    axes.plot([first], [curve.iloc[0]], zorder=5, **BASE)
    for one in figures:  # one by one: no text need avoid the way between them
        axes.plot([one.at], [one.value], zorder=5, **square(own=one.own))
    start = Mark(curve.iloc[0], stock_text(curve.iloc[0], panel.unit), INK, first)
    rising = max(aim.target, curve.iloc[-1]) > curve.iloc[0]
    panel.label_near(start, "lower right" if rising else "upper right")
    if tight:
        panel.label_at_end([end])
    else:
        place_ends(panel, aim, aimed, end)


def place_ends(panel: Panel, aim: Goal, aimed: Mark, end: Mark) -> None:
    """Write target and projection right of the panel, or beside their points where it goes on."""
    last = max(aimed.year, end.year)
    panel.label_at_end([mark for mark in (aimed, end) if mark.year == last])
    if aimed.year < last:
        words = stock_text(aim.projected, panel.unit, projected=True)
        reached = Mark(aim.projected, words, BLUE, aim.year)
        panel.label_near(aimed, "right" if aim.met else "upper left")
        panel.label_near(reached, "upper left" if aim.met else "lower right")
    if end.year < last:
        ahead = end.value > aim.path(end.year)
        panel.label_near(end, "upper left" if ahead else "lower right")


def signs(lang: str, *, gaps: bool, owns: Collection[bool]) -> tuple[list[Line2D], list[str]]:
    """Return the signs of the panels and their words, of gaps and figures if there are any.

    `owns` has whether the figures that are marked are of the user.
    """
    handles = [
        Line2D([], [], linestyle="", **BASE),
        Line2D([], [], color=BLUE, linewidth=2, marker="o", ms=4),
        Line2D([], [], color=GREY, linewidth=1.4, linestyle="--"),
        Line2D([], [], color=INK, linestyle="", marker="D", ms=7, mec=PAPER),
        Line2D([], [], color=INK, linewidth=5, alpha=0.35),
    ]
    words = [label(f"figure.{key}", lang) for key in ("projected", "required", "target", "gap")]
    words.insert(0, label("figure.base_year", lang))
    if not gaps:
        handles, words = handles[:-1], words[:-1]
    for own in sorted(owns):
        handles.append(Line2D([], [], linestyle="", **square(own=own)))
        words.append(label("figure.own" if own else "figure.published", lang))
    return handles, words
