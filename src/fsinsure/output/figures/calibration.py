"""The picture of a calibration: published figures, and the projection before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.panels import Panel, cells, heights
from fsinsure.output.figures.style import BLUE, GREY, HEAD, INK, PALE, PAPER, SMALL
from fsinsure.output.labels import label, measure_name, of_one
from fsinsure.output.numbers import percent, unit_for, yuan_unit
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

CELL: Final = 2.5
LEGEND: Final = 0.5

EARLIER: Final = "earlier"
MARKS: Final = {
    "fitted": (INK, INK, 5.0),
    "held_out": (PAPER, INK, 5.5),
    "left_out": (PALE, GREY, 4.5),
    EARLIER: (PALE, GREY, 4.5),
}
"""Fill, edge and size of the mark of a figure by its use; one up to the base year is neither."""


@sheet.drawn
def calibration(
    curves: pd.DataFrame,
    figures: pd.DataFrame,
    history: Sequence[tuple[str, int, float]],
    base_year: int,
    *,
    errors: Mapping[str, float],
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw a panel for each measure.

    Parameters
    ----------
    curves
        Columns scenario, measure, year, before, after.
    figures
        Columns measure, unit, year, published, error_before, error_after, use, judged.
    history
        Measure, year and value of what was published up to the base year.
    base_year
        The base year.
    errors
        Mean absolute errors: ``fit_before``, ``fit_after``, ``held_after``, ``held_naive``.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table.
    """
    require(curves, "curves", "scenario", "measure", "year", "before", "after")
    scenario = only_scenario(curves, "curves")
    measures = list(curves["measure"].unique())
    context.one_panel(measure=measures)
    several, words = len(measures) > 1, finding(errors, lang)
    units = [label("figure.backtest_unit", lang)] if several else []
    picture, body = sheet.open_picture(
        heights(len(measures), CELL) + LEGEND,
        words if several else of_one(measures[0], words, lang),
        " · ".join([title or scenario, *units]),
        [label("figure.calibration_note", lang), context.footnote(lang, scenario)],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - LEGEND)
    for name, cell in zip(measures, cells(grid, len(measures)), strict=True):
        rows = figures[figures["measure"] == name]
        marks = [(year, value, EARLIER) for measure, year, value in history if measure == name]
        marks += list(zip(rows["year"], rows["published"], rows["use"], strict=True))
        lines = curves[curves["measure"] == name].set_index("year")
        draw_measure(picture, cell, name, lines, marks, rows, base_year, lang)
    explain_signs(picture, body, figures, lang)
    return picture


def finding(errors: Mapping[str, float], lang: str) -> str:
    """Return the title: the mean error of the fit, and of what was held out."""
    names = ("fit_before", "fit_after", "held_after", "held_naive")
    facts = {name: percent(errors[name]) for name in names}
    if errors["held_after"] != errors["held_after"]:
        return label("figure.calibration_fit", lang, **facts)
    if errors["held_naive"] != errors["held_naive"]:
        return label("figure.calibration_held_alone", lang, **facts)
    return label("figure.calibration_held", lang, **facts)


def draw_measure(
    picture: sheet.Picture,
    cell: sheet.Box,
    name: str,
    lines: pd.DataFrame,
    marks: Sequence[tuple[int, float, str]],
    rows: pd.DataFrame,
    base_year: int,
    lang: str,
) -> None:
    """Draw one panel: both projections, and what was published."""
    values = [*lines["before"].dropna(), *lines["after"].dropna(), *(one for _, one, _ in marks)]
    money = rows["unit"].iloc[0] == "yuan"
    unit = (yuan_unit if money else unit_for)(lang, max(values))
    width = cell.width - 0.05
    texts = [
        (f"{measure_name(name, lang)} · {unit.name}", HEAD - 1.5, INK),
        (error_line(rows, lang), SMALL - 0.5, GREY),
    ]
    header = [(text, sheet.fitting(text, size, width), color) for text, size, color in texts]
    panel = Panel(picture, cell, header, unit)
    years = sorted({*lines.index.tolist(), *(year for year, _, _ in marks)})
    span = range(years[0], years[-1] + 1)
    panel.set_limits(span, values, [])
    panel.set_ticks(span, [base_year])
    panel.axes.axvline(base_year, color=GREY, linewidth=0.6, linestyle=":", zorder=1)
    panel.axes.plot(lines.index, lines["before"], "--", color=GREY, linewidth=1.4, zorder=2)
    panel.axes.plot(lines.index, lines["after"], "-", color=BLUE, linewidth=2.2, zorder=3)
    for year, value, use in marks:
        fill, edge, size = MARKS[use]
        panel.axes.plot([year], [value], "D", color=fill, mec=edge, ms=size, zorder=4)


def error_line(rows: pd.DataFrame, lang: str) -> str:
    """Return the mean errors of a measure before and after: of the fit, of what was held out."""
    parts = {
        "figure.calibration_error": rows[rows["use"] == "fitted"],
        "figure.calibration_error_held": rows[rows["judged"].astype(bool)],
    }
    found = []
    for key, some in parts.items():
        if len(some):
            sizes = (some[f"error_{when}"].abs().mean() for when in ("before", "after"))
            before, after = (percent(float(size)) for size in sizes)
            found.append(label(key, lang, before=before, after=after))
    return " · ".join(found)


def explain_signs(
    picture: sheet.Picture, body: sheet.Box, figures: pd.DataFrame, lang: str
) -> None:
    """Explain the marks and lines above the panels."""
    uses = [use for use in ("fitted", "held_out") if (figures["use"] == use).any()]
    handles = [
        *(
            Line2D([], [], color=fill, mec=edge, linestyle="", marker="D", ms=size)
            for fill, edge, size in (MARKS[use] for use in uses)
        ),
        Line2D([], [], color=GREY, linestyle="--", linewidth=1.4),
        Line2D([], [], color=BLUE, linewidth=2.2),
    ]
    keys = {"fitted": "figure.calibration_fitted", "held_out": "figure.calibration_held_out"}
    names = [*(keys[use] for use in uses), "figure.calibration_before", "figure.calibration_after"]
    legends.legend_line(picture, body, handles, [label(name, lang) for name in names])
