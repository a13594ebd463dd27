"""The picture of a solve: how far targets are met before and after, and what levers change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from fsinsure.errors import InputError, did_you_mean
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.rows import beside, name_rows
from fsinsure.output.figures.style import BLUE, GREY, HEAD, INK, MET, PAPER, SMALL
from fsinsure.output.labels import constraint_name, label
from fsinsure.output.levers import lever_name
from fsinsure.output.numbers import lever_text, limit_text, percent
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

ROW: Final = 0.34
"""Inches of a target or a lever."""
HEADING: Final = 0.32
FOOT: Final = 0.45
NAMES: Final = 2.3
"""Inches left of the marks for names."""
TEXTS: Final = 2.3
"""Inches right of the marks for values."""
SIGN: Final = 7.0
"""Size of a mark, in points."""


LEAST: Final = 5e-4
"""A change below this share of its range is none."""
TARGETS, LEVERS = "targets", "levers"


@sheet.drawn
def solve(
    levers: pd.DataFrame,
    constraints: pd.DataFrame,
    *,
    part: str | None = None,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the attainment of targets and reserves before and after, and the change of each lever.

    Parameters
    ----------
    levers, constraints
        As :class:`fsinsure.joint_answer.JointAnswer` has them.
    part
        ``targets`` or ``levers`` draws only these.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table.
    """
    require(levers, "levers", "scenario", "lever", "before", "after", "share", "unit")
    require(constraints, "constraints", "kind", "name", "limit", "before", "after", "unit")
    scenario = only_scenario(levers, "levers")
    drawn = parts_of(part)
    words = [label(f"solve.joint_{name}", lang) for name in ("before", "after")]
    above = legends.legend_height(words) if TARGETS in drawn else 0.0
    tables = {TARGETS: constraints, LEVERS: levers}
    heights = [HEADING + ROW * len(tables[name]) + FOOT for name in drawn]
    picture, body = sheet.open_picture(
        above + sum(heights),
        finding(levers, lang),
        title or scenario,
        [label("figure.solve_note", lang), context.footnote(lang, scenario)],
    )
    top = body.bottom + body.height - above
    for name, height in zip(drawn, heights, strict=True):
        top -= height
        cell = sheet.Box(body.left, top, body.width, height)
        PARTS[name](picture, cell, tables[name], lang)
    if TARGETS in drawn:
        signs = [_sign(filled=filled) for filled in (False, True)]
        legends.legend_line(picture, body, signs, words)
    return picture


def finding(levers: pd.DataFrame, lang: str) -> str:
    """Return the title: the lever that changes most, in its range, or that none has to."""
    sizes = levers["share"].abs()
    if sizes.max() < LEAST:
        return label("solve.joint_none", lang)
    most = levers.iloc[int(sizes.to_numpy().argmax())]
    words = {end: lever_text(most[end], most["unit"], lang) for end in ("before", "after")}
    lever = sheet.decapitalize(lever_name(str(most["lever"]), lang))
    key = "figure.solve_one" if len(levers) == 1 else "figure.solve_most"
    return label(key, lang, lever=lever, count=len(levers), **words)


def parts_of(part: str | None) -> list[str]:
    """Return the parts that are drawn: all, or the one asked for."""
    if part is None:
        context.one_panel(part=PARTS)
        return [*PARTS]
    if part not in PARTS:
        raise InputError(
            "part must be 'targets' or 'levers', not {part!r}.{hint}",
            part=part,
            hint=did_you_mean(str(part), PARTS),
        )
    return [part]


def _sign(*, filled: bool) -> Line2D:
    """Return the mark of a target before (open) or after (full), for the legend."""
    face = MET if filled else PAPER
    return Line2D([], [], color=MET, marker="o", ms=SIGN, linestyle="", markerfacecolor=face)


def _draw_targets(
    picture: sheet.Picture, cell: sheet.Box, constraints: pd.DataFrame, lang: str
) -> None:
    """Draw the attainment of each target and reserve before and after."""
    names = [
        constraint_name(kind, name, lang)
        for kind, name in zip(constraints["kind"], constraints["name"], strict=True)
    ]
    texts = [
        label(
            "figure.solve_change",
            lang,
            before=limit_text(before, unit, lang),
            after=limit_text(after, unit, lang),
        )
        for before, after, unit in zip(
            *(constraints[column] for column in ("before", "after", "unit")), strict=True
        )
    ]
    axes = _panel(picture, cell, label("figure.solve_targets", lang), names, texts)
    limits = constraints["limit"].where(constraints["limit"] > 0)  # no attainment of others
    before, after = (constraints[column] / limits for column in ("before", "after"))
    rows = range(len(names))
    axes.hlines(rows, before, after, color=MET, linewidth=1.5, zorder=2)
    axes.plot(before, rows, "o", color=MET, ms=SIGN, markerfacecolor=PAPER, zorder=3)
    axes.plot(after, rows, "o", color=MET, ms=SIGN, zorder=3)
    axes.axvline(1.0, color=GREY, linewidth=0.9, zorder=1)
    _percent(axes, [1.0, *before.dropna(), *after.dropna()])


def _draw_levers(picture: sheet.Picture, cell: sheet.Box, levers: pd.DataFrame, lang: str) -> None:
    """Draw the change of each lever as a part of its range."""
    texts = [
        label(
            "figure.solve_change",
            lang,
            before=lever_text(before, unit, lang),
            after=lever_text(after, unit, lang),
        )
        + (f" ({label(f'solve.at_{bound}', lang)})" if bound else "")
        for before, after, unit, bound in zip(
            *(levers[column] for column in ("before", "after", "unit", "bound")), strict=True
        )
    ]
    names = [lever_name(str(name), lang) for name in levers["lever"]]
    axes = _panel(picture, cell, label("figure.solve_levers", lang), names, texts)
    shares = levers["share"].tolist()
    axes.barh(range(len(names)), shares, 0.55, color=BLUE, zorder=2)
    axes.axvline(0.0, color=GREY, linewidth=0.9, zorder=3)
    _percent(axes, [0.0, *shares])


def _panel(
    picture: sheet.Picture,
    cell: sheet.Box,
    head: str,
    names: Sequence[str],
    texts: Sequence[str],
) -> Axes:
    """Return axes with a row for each name and its text on the right."""
    sheet.heading(picture, cell, [(head, HEAD, INK)])
    box = sheet.Box(
        cell.left + NAMES, cell.bottom + FOOT, cell.width - NAMES - TEXTS, ROW * len(names)
    )
    axes = sheet.axes_in(picture, box)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x")
    name_rows(axes, names, SMALL, NAMES - 0.1)
    for row, text in enumerate(texts):
        beside(axes, row, text, TEXTS - 0.15)
    return axes


def _percent(axes: Axes, values: Sequence[float]) -> None:
    """Set an axis of shares around some values."""
    low, high = min(values), max(values)
    space = 0.06 * ((high - low) or 1.0)
    axes.set_xlim(low - space, high + space)
    marks = sheet.ticks(low - space, high + space, 4)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    axes.set_xticks(marks, [percent(mark, 0 if step >= 0.01 else 1) for mark in marks])


PARTS: Final = {TARGETS: _draw_targets, LEVERS: _draw_levers}
"""What draws each part, in their order."""
