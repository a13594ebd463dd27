"""The picture of a solve: how far targets are met before and after, and what levers change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from fsinsure.output.figures import legends, sheet
from fsinsure.output.figures.style import BLUE, BODY, GREY, HEAD, INK, MET, PAPER, SMALL
from fsinsure.output.labels import constraint_name, label
from fsinsure.output.numbers import lever_text, limit_text, percent
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

ROW: Final = 0.3
"""Inches of a target or a lever."""
HEADING: Final = 0.32
FOOT: Final = 0.45
NAMES: Final = 2.3
"""Inches left of the marks for names."""
TEXTS: Final = 2.3
"""Inches right of the marks for values."""
SIGN: Final = 7.0
"""Size of a mark, in points."""


@sheet.drawn
def solve(
    levers: pd.DataFrame, constraints: pd.DataFrame, *, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Draw the attainment of targets and reserves before and after, and the change of each lever.

    Parameters
    ----------
    levers, constraints
        As :class:`fsinsure.joint_answer.JointAnswer` has them.
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
    words = [label(f"solve.joint_{name}", lang) for name in ("before", "after")]
    above = legends.legend_height(words)
    heights = [HEADING + ROW * len(table) + FOOT for table in (constraints, levers)]
    picture, body = sheet.open_picture(
        above + sum(heights),
        label("figure.solve_title", lang),
        title or scenario,
        [label("figure.solve_note", lang), sheet.footnote(lang, scenario)],
    )
    upper = sheet.Box(body.left, body.bottom + heights[1], body.width, heights[0])
    _draw_targets(picture, upper, constraints, lang)
    lower = sheet.Box(body.left, body.bottom, body.width, heights[1])
    _draw_levers(picture, lower, levers, lang)
    signs = [_sign(filled=filled) for filled in (False, True)]
    legends.legend_line(picture, body, signs, words)
    return picture


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
    rows = range(len(names))[::-1]
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
    names = [str(name) for name in levers["lever"]]
    axes = _panel(picture, cell, label("figure.solve_levers", lang), names, texts)
    shares = levers["share"].tolist()
    axes.barh(range(len(names))[::-1], shares, 0.55, color=BLUE, zorder=2)
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
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.set_yticks([])
    axes.grid(axis="x")
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        y = box.bottom + box.height - (row + 0.5) * ROW
        size = sheet.fitting(name, BODY, NAMES - 0.15)
        sheet.write(picture, box.left - 0.1, y, name, size, INK, ha="right", va="center")
        size = sheet.fitting(text, SMALL, TEXTS - 0.15)
        sheet.write(picture, box.left + box.width + 0.1, y, text, size, INK, va="center")
    return axes


def _percent(axes: Axes, values: Sequence[float]) -> None:
    """Set an axis of shares around some values."""
    low, high = min(values), max(values)
    space = 0.06 * ((high - low) or 1.0)
    axes.set_xlim(low - space, high + space)
    marks = sheet.ticks(low - space, high + space, 4)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    axes.set_xticks(marks, [percent(mark, 0 if step >= 0.01 else 1) for mark in marks])
