"""The picture of people against cost: a point a scenario, with its range over draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D

from fsinsure.output.figures import legends, sheet
from fsinsure.output.figures.style import GREY, HEAD, INK, PAPER, SERIES, SMALL
from fsinsure.output.labels import join_words, label, measure_name
from fsinsure.output.numbers import unit_for, yuan_unit
from fsinsure.output.tidy import require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from fsinsure.output.figures.sheet import Box, Picture

PANEL: Final = 2.6
ACROSS: Final = 3
"""Panels in a row, at most."""

NUMBERS: Final = 0.5
BELOW: Final = 0.45
ABOVE: Final = 0.5
GAP: Final = 0.25


@sheet.drawn
def trade_off(table: pd.DataFrame, year: int, draws: int, *, lang: str = "zh") -> Picture:
    """Draw a panel for each measure: people against the cost, a point a scenario.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.draw_comparison.trade_off` returns it.
    year
        At whose end the cost is taken.
    draws
        The number of common draws.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    InputError
        Unknown language; an empty table; a column that is missing.
    """
    require(table, "trade_off", "scenario", "subject", "people_mean", "cost_mean", "dominated_by")
    subjects, scenarios = list(table["subject"].unique()), list(table["scenario"].unique())
    rows = -(-len(subjects) // ACROSS)
    styles = {name: SERIES[at % len(SERIES)] for at, name in enumerate(scenarios)}
    legend = legends.legend_height(scenarios) + 0.1
    note = label("figure.trade_off_note", lang, year=year)
    picture, body = sheet.open_picture(
        rows * (PANEL + GAP) + legend,
        _finding(table, lang),
        label("figure.trade_off_title", lang, draws=f"{draws:,}", base=scenarios[0]),
        [note, sheet.footnote(lang, ", ".join(scenarios))],
    )
    columns = min(len(subjects), ACROSS)
    width = (body.width - GAP * (columns - 1)) / columns
    for at, subject in enumerate(subjects):
        row, column = divmod(at, ACROSS)
        bottom = body.bottom + body.height - legend - (row + 1) * (PANEL + GAP) + GAP
        box = sheet.Box(body.left + column * (width + GAP), bottom, width, PANEL)
        _panel(picture, box, table[table["subject"] == subject], styles, lang)
    handles = [
        Line2D([], [], color=color, marker=marker, linestyle="none", label=name)
        for name, (color, _, marker) in styles.items()
    ]
    legends.legend_line(picture, body, handles, scenarios)
    return picture


def _finding(table: pd.DataFrame, lang: str) -> str:
    """Return the scenarios that no other dominates in any measure."""
    poor = set(table.loc[table["dominated_by"] != "", "scenario"])
    names = [name for name in table["scenario"].unique() if name not in poor]
    if not names:
        return label("figure.trade_off_none", lang)
    return label("figure.trade_off_finding", lang, names=join_words(names, lang))


def _panel(
    picture: Picture,
    box: Box,
    rows: pd.DataFrame,
    styles: Mapping[str, tuple[str, Any, str]],
    lang: str,
) -> None:
    """Draw one measure."""
    people = unit_for(lang, float(rows["people_p90"].max()))
    ends = rows[["cost_p10", "cost_p90"]].abs().max().max()
    money = yuan_unit(lang, float(ends))
    name = measure_name(str(rows["subject"].iloc[0]).removeprefix("measure."), lang)
    unit = label("figure.trade_off_people", lang, unit=people.name)
    sheet.heading(picture, box, [(name, HEAD, INK), (unit, SMALL, GREY)])
    inner = sheet.Box(
        box.left + NUMBERS, box.bottom + BELOW, box.width - NUMBERS, box.height - BELOW - ABOVE
    )
    axes = sheet.axes_in(picture, inner)
    for row in rows.to_dict("records"):
        color, _, marker = styles[row["scenario"]]
        cost, persons = row["cost_mean"], row["people_mean"]
        axes.plot([row["cost_p10"], row["cost_p90"]], [persons] * 2, color=color, lw=1.0)
        axes.plot([cost] * 2, [row["people_p10"], row["people_p90"]], color=color, lw=1.0)
        face = PAPER if row["dominated_by"] else color
        axes.plot([cost], [persons], marker=marker, ms=7, mec=color, mfc=face, ls="none")
    axes.margins(0.12)
    axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=1)
    across, upward = (sheet.ticks(*span, 4) for span in (axes.get_xlim(), axes.get_ylim()))
    axes.set_xticks(across, money.ticks(across))
    axes.set_yticks(upward, people.ticks(upward))
    axes.grid()
    words = label("figure.trade_off_cost", lang, unit=money.name)
    sheet.write(picture, inner.left + inner.width, box.bottom, words, SMALL, GREY, ha="right")
