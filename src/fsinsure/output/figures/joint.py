"""The joint picture: people in a measure against the balance of a fund, draw by draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.colors import LinearSegmentedColormap

from fsinsure.output.figures import sheet
from fsinsure.output.figures.fan import chance_short
from fsinsure.output.figures.style import BLUE, BODY, GREY, HEAD, INK, MET, MISSED, PAPER, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit, chance, stock_text, unit_for, yuan_unit
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.output.figures.fan import Source

HEIGHT: Final = 4.8
SIDE: Final = 0.55
"""Inches left of the axes for the numbers."""
FOOT: Final = 0.46
ABOVE: Final = 0.25
"""Inches above the axes for the target."""
SHARE: Final = 0.58
"""Inches at the upper and the lower end of the axes for the shares of the corners."""
FREE: Final = 0.3
"""Inches at the left and the right end of the axes, for the half of a hexagon."""
WIDE: Final = 2.0
"""Inches at least on each side of the target, for the words of its corners."""
SHAPE: Final = 0.58
"""Rows of hexagons by their columns, in axes as high as wide: about regular ones."""
DEPTH: Final = LinearSegmentedColormap.from_list("depth", ["#C9DFEF", BLUE, "#00304F"])
CASES: Final = {
    "met_above": "figure.joint_met_above",
    "missed_above": "figure.joint_missed_above",
    "met_below": "figure.joint_met_below",
    "missed_below": "figure.joint_missed_below",
}
"""Captions of the corners."""
SIDES: Final = {"above": "figure.joint_above", "below": "figure.joint_below"}
"""Captions of the corners where there is no target."""
DOTS: Final = 1_000
"""Draws up to which each has a dot: hexagons of few draws would cross the lines."""
ACROSS: Final = (32, 64)
"""Hexagons across: the square root of the number of draws, within these ends."""


class Corners(NamedTuple):
    """Shares of draws in which the target is met or missed and the balance above zero or not."""

    met_above: float
    missed_above: float
    met_below: float
    missed_below: float


@sheet.drawn
def joint(
    draws: pd.DataFrame,
    target: float | None,
    *,
    source: Source,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw people against a balance: where the draws lie, and the share of each corner.

    Parameters
    ----------
    draws
        As :func:`fsinsure.analysis.joint.joint` returns it.
    target
        Of the measure in the year of the table; None where there is none.
    source
        How the draws were made.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; a column that is missing; several scenarios.
    """
    require(draws, "joint", "scenario", "measure", "year", "persons", "fund", "fund_year", "yuan")
    scenario = only_scenario(draws, "joint")
    corners = corners_of(draws, target)
    picture, body = sheet.open_picture(
        HEIGHT,
        finding(corners, target, source.draws, lang),
        f"{title or scenario} · {subject(draws.iloc[0], lang)}",
        [
            label("figure.joint_dots" if len(draws) <= DOTS else "figure.joint_note", lang),
            label("figure.joint_corners", lang),
            source.note(lang, scenario),
        ],
    )
    width, height = body.width - SIDE - 0.1, body.height - FOOT - ABOVE
    box = sheet.Box(body.left + SIDE, body.bottom + FOOT, width, height)
    axes = sheet.axes_in(picture, box)
    box = sheet.frame_of(axes, box)
    people = unit_for(lang, max(draws["persons"].max(), target or 0.0))
    money = yuan_unit(lang, draws["yuan"].abs().max())
    line = [] if target is None else [target]
    axes.set_xlim(*ends(draws["persons"], line, box.width, (FREE, WIDE)))
    axes.set_ylim(*ends(draws["yuan"], [0.0], box.height, (SHARE, SHARE + 0.1)))
    draw_points(axes, draws, box)
    draw_lines(axes, target, people, lang)
    write_axes(axes, draws.iloc[0], (people, money), lang)
    write_corners(axes, corners, target, lang)
    return picture


def corners_of(draws: pd.DataFrame, target: float | None) -> Corners:
    """Return the share of each corner; without a target every draw meets it."""
    met = draws["persons"] >= (float("-inf") if target is None else target)
    above = draws["yuan"] >= 0.0
    pairs = ((met, above), (~met, above), (met, ~above), (~met, ~above))
    return Corners(*(float((first & second).mean()) for first, second in pairs))


def finding(corners: Corners, target: float | None, count: int, lang: str) -> str:
    """Return the title: how likely the target is met and the balance above zero."""
    key = "figure.joint_fund" if target is None else "figure.joint_title"
    return label(key, lang, chance=chance(corners.met_above, count, lang))


def subject(first: pd.Series[float], lang: str) -> str:
    """Return what is drawn against what."""
    measure, fund = (label(f"short.{first[key]}", lang) for key in ("measure", "fund"))
    fund = sheet.decapitalize(fund)
    years = {"year": first["year"], "fund_year": first["fund_year"]}
    return label("figure.joint_of", lang, measure=measure, fund=fund, **years)


def ends(
    values: pd.Series[float], lines: Sequence[float], inches: float, space: tuple[float, float]
) -> tuple[float, float]:
    """Return the ends of an axis.

    Parameters
    ----------
    values, lines
        What it shows.
    inches
        Its length.
    space
        Inches free of values at both ends, and at least on each side of every line.
    """
    free, least = space
    low, high = min([*lines, values.min()]), max([*lines, values.max()])
    pad = ((high - low) or abs(high) * 0.1 or 1.0) * free / (inches - 2.0 * free)
    low, high = low - pad, high + pad
    share = least / (inches - least)
    for line in lines:
        low, high = min(low, line - share * (high - line)), max(high, line + share * (line - low))
    return low, high


def draw_points(axes: Axes, draws: pd.DataFrame, box: sheet.Box) -> None:
    """Draw a dot for each draw, or for many the number in each hexagon, darker for more of them."""
    if len(draws) <= DOTS:
        axes.scatter(
            draws["persons"], draws["yuan"], s=18, color=BLUE, alpha=0.5, linewidths=0, zorder=2
        )
        return
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    least, most = ACROSS
    across = round(min(max(len(draws) ** 0.5, least), most))
    down = max(round(across * SHAPE * box.height / box.width), 3)
    axes.hexbin(
        draws["persons"],
        draws["yuan"],
        gridsize=(across, down),
        extent=(left, right, low, high),
        mincnt=1,
        cmap=DEPTH,
        linewidths=0.3,
        edgecolors=PAPER,
        zorder=2,
    )


def draw_lines(axes: Axes, target: float | None, unit: Unit, lang: str) -> None:
    """Draw the target and zero."""
    axes.axhline(0, color=INK, linewidth=1.0, zorder=3)
    if target is not None:
        axes.axvline(target, color=INK, linewidth=1.0, linestyle="--", zorder=3)
        words = label("figure.target_value", lang, value=stock_text(target, unit))
        at = (target, axes.get_ylim()[1])
        sheet.annotate(axes, words, at, size=BODY, color=INK, shift=(0, 3), ha="center")


def write_axes(
    axes: Axes,
    first: pd.Series[float],
    units: tuple[Unit, Unit],
    lang: str,
) -> None:
    """Write the numbers of both axes and what they are."""
    people, money = units
    across, upward = (sheet.ticks(*span, 6) for span in (axes.get_xlim(), axes.get_ylim()))
    axes.set_xticks(across, people.ticks(across))
    axes.set_yticks(upward, money.ticks(upward))
    axes.grid()
    measure, fund = (label(f"short.{first[key]}", lang) for key in ("measure", "fund"))
    words = {"measure": measure, "year": first["year"], "unit": people.name}
    below = label("figure.joint_people", lang, **words)
    axes.set_xlabel(below, fontsize=BODY, color=GREY, loc="right")
    words = {"fund": fund, "year": first["fund_year"], "unit": money.name}
    beside = label("figure.joint_balance", lang, **words)
    axes.set_ylabel(beside, fontsize=BODY, color=GREY, loc="top")


def write_corners(axes: Axes, corners: Corners, target: float | None, lang: str) -> None:
    """Write the share of draws in every corner, with what it means."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    for name, share in corners._asdict().items():
        reach, side = name.split("_")
        if target is None and reach == "missed":
            continue
        good = name == "met_above"
        x, align, along = (right, "right", -6) if reach == "met" else (left, "left", 6)
        y, upper = (high, -14) if side == "above" else (low, 18)
        key = SIDES[side] if target is None else CASES[name]
        color = GREY if not share else MET if good else MISSED
        for text, size, up in (
            (chance_short(share, lang), HEAD, 0),
            (label(key, lang), SMALL, -11),
        ):
            sheet.annotate(
                axes, text, (x, y), size=size, color=color, shift=(along, upper + up), ha=align
            )
