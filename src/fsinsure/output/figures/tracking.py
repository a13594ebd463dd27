"""The picture of tracking: the part of the year's task that is done, a panel a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.rows import beside, name_rows
from fsinsure.output.figures.style import GREY, HEAD, INK, MET, MISSED, SMALL
from fsinsure.output.labels import label, measure_name, of_one
from fsinsure.output.numbers import minus, percent
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

ROW: Final = 0.26
"""Inches of a place."""
HEADING: Final = 0.3
FOOT: Final = 0.35
NAMES: Final = 1.5
"""Inches left of the bars for the names of places."""
TEXTS: Final = 2.4
"""Inches right of the bars for the persons a month that are needed."""
COLORS: Final = {True: MET, False: MISSED}


@sheet.drawn
def tracking(
    table: pd.DataFrame, names: Mapping[str, str], *, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Draw the last actual figure of every place: the part of the task done, and that planned.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.tracking.table` returns it.
    names
        Names of areas and region by code.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table.
    """
    columns = ("area", "measure", "year", "month", "on_track", "gap", "increment", "done")
    require(table, "tracking", "scenario", *columns, "rate_needed")
    scenario = only_scenario(table, "tracking")
    last = latest(table)
    parts = [(str(measure), rows) for measure, rows in last.groupby("measure", sort=False)]
    context.one_panel(measure=[measure for measure, _ in parts])
    words = [label(f"tracking.{name}", lang) for name in ("on_track", "behind", "by_now")]
    above = legends.legend_height(words)
    picture, body = sheet.open_picture(
        above + sum(height_of(rows) for _, rows in parts),
        finding(last, lang),
        title or scenario,
        [label("figure.tracking_note", lang), context.footnote(lang, scenario)],
    )
    top = body.bottom + body.height - above
    for measure, rows in parts:
        top -= height_of(rows)
        cell = sheet.Box(body.left, top, body.width, height_of(rows))
        draw_measure(picture, cell, measure, rows, names, lang)
    handles = [*(Patch(facecolor=COLORS[met]) for met in (True, False)), by_now()]
    legends.legend_line(picture, body, handles, words)
    return picture


def finding(last: pd.DataFrame, lang: str) -> str:
    """Return the title: how many figures are on track, of one measure with its name."""
    met, measures = int(last["on_track"].sum()), last["measure"].unique()
    words = label("figure.tracking_title", lang, met=met, count=len(last))
    return words if len(measures) > 1 else of_one(str(measures[0]), words, lang)


def latest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the last row in time of each place and measure."""
    ordered = table.sort_values(["year", "month"], kind="stable")
    last = ordered.groupby(["area", "measure"], sort=False).tail(1)
    return table.loc[table.index.isin(last.index)]


def height_of(rows: pd.DataFrame) -> float:
    """Return the height of a panel in inches."""
    return HEADING + ROW * len(rows) + FOOT


def by_now() -> Line2D:
    """Return the mark of the part that is planned, for the legend."""
    return Line2D([], [], color=INK, linestyle="", marker="|", ms=11, mew=2)


def draw_measure(
    picture: sheet.Picture,
    cell: sheet.Box,
    measure: str,
    rows: pd.DataFrame,
    names: Mapping[str, str],
    lang: str,
) -> None:
    """Draw one panel: a bar a place, a mark where the plan is, and the rate needed."""
    sheet.heading(picture, cell, [(measure_name(measure, lang), HEAD, INK)])
    box = sheet.Box(
        cell.left + NAMES, cell.bottom + FOOT, cell.width - NAMES - TEXTS, ROW * len(rows)
    )
    axes = sheet.axes_in(picture, box)
    planned = (
        rows["done"] - rows["gap"] / rows["increment"].where(rows["increment"] != 0)
    ).tolist()
    done, at = rows["done"].fillna(0.0).tolist(), list(range(len(rows)))[::-1]
    axes.barh(at, done, 0.62, color=[COLORS[bool(met)] for met in rows["on_track"]], zorder=2)
    axes.plot(planned, at, "|", color=INK, ms=13, mew=2, zorder=3)
    ends = [0.0, 1.0, *done]
    axes.set_xlim(min(ends) * 1.05, max(ends) * 1.05)
    axes.set_ylim(-0.5, len(rows) - 0.5)
    places = [month_of(row, names) for row in rows.to_dict("records")]
    name_rows(axes, places[::-1], SMALL, NAMES - 0.1)
    marks = sheet.ticks(*axes.get_xlim(), 5)
    axes.set_xticks(marks, [percent(mark, 0) for mark in marks])
    axes.grid(axis="x")
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=3)
    axes.axvline(1, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for height, text in zip(at, rate_texts(rows, lang), strict=True):
        beside(axes, height, text, TEXTS - 0.1)


def month_of(row: Mapping[object, object], names: Mapping[str, str]) -> str:
    """Return the name of a place and the month of its figure."""
    return f"{names[str(row['area'])]} {row['year']}-{row['month']:02d}"


def rate_texts(rows: pd.DataFrame, lang: str) -> Sequence[str]:
    """Return what each place has done, and needs a month for the rest of the year."""
    found = []
    for done, rate in zip(rows["done"], rows["rate_needed"], strict=True):
        text = percent(done)
        if rate == rate:  # none after December
            needed = minus(f"{round(rate):+,d}")
            text += " · " + label("figure.tracking_rate", lang, rate=needed)
        found.append(text)
    return found
