"""The picture of people against cost: a point a scenario, with its range over draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D

from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.style import GREY, HEAD, INK, PAPER, SERIES, SMALL
from fsinsure.output.labels import join_words, label, measure_name, of_one
from fsinsure.output.numbers import unit_for, yuan_unit
from fsinsure.output.tidy import require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from fsinsure.output.figures.fan import Source
    from fsinsure.output.figures.sheet import Box, Picture

PANEL: Final = 2.6
ACROSS: Final = 3
"""Panels in a row, at most."""

NUMBERS: Final = 0.5
BELOW: Final = 0.45
ABOVE: Final = 0.5
GAP: Final = 0.25


@sheet.drawn
def trade_off(
    table: pd.DataFrame,
    year: int,
    source: Source,
    *,
    lang: str = "zh",
    titles: Mapping[str, str] | None = None,
) -> Picture:
    """Draw a panel for each measure: people against the cost, a point a scenario.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.draw_comparison.trade_off` returns it.
    year
        At whose end the cost is taken.
    source
        How the common draws were made.
    lang
        ``zh`` or ``en``.
    titles
        Scenario name to its title for readers; names stand for themselves where missing.

    Raises
    ------
    InputError
        Unknown language; an empty table; a column that is missing.
    """
    require(table, "trade_off", "scenario", "subject", "people_mean", "cost_mean", "dominated_by")
    subjects, scenarios = list(table["subject"].unique()), list(table["scenario"].unique())
    context.one_panel(measure=[name.removeprefix("measure.") for name in subjects])
    rows = -(-len(subjects) // ACROSS)
    styles = {name: SERIES[at % len(SERIES)] for at, name in enumerate(scenarios)}
    shown = {name: (titles or {}).get(name, name) for name in scenarios}
    words = [*shown.values()]
    legend = legends.legend_height(words) + 0.1
    note = label("figure.trade_off_note", lang, year=year)
    picture, body = sheet.open_picture(
        rows * (PANEL + GAP) - GAP + legend,
        words_of(subjects, _finding(table, shown, lang), lang),
        label("figure.trade_off_title", lang, draws=f"{source.draws:,}", base=words[0]),
        [note, source.note(lang, ", ".join(scenarios))],
    )
    columns = min(len(subjects), ACROSS)
    width = (body.width - GAP * (columns - 1)) / columns
    for at, subject in enumerate(subjects):
        row, column = divmod(at, ACROSS)
        bottom = body.bottom + body.height - legend - row * (PANEL + GAP) - PANEL
        box = sheet.Box(body.left + column * (width + GAP), bottom, width, PANEL)
        _panel(picture, box, table[table["subject"] == subject], styles, lang)
    handles = [
        Line2D([], [], color=color, marker=marker, linestyle="none")
        for color, _, marker in styles.values()
    ]
    legends.legend_line(picture, body, handles, words)
    return picture


def words_of(subjects: list[str], words: str, lang: str) -> str:
    """Return the title, which names the measure where one is drawn."""
    if len(subjects) > 1:
        return words
    return of_one(subjects[0].removeprefix("measure."), words, lang)


def _finding(table: pd.DataFrame, shown: Mapping[str, str], lang: str) -> str:
    """Return the scenarios that no other dominates in any measure."""
    poor = set(table.loc[table["dominated_by"] != "", "scenario"])
    names = [title for name, title in shown.items() if name not in poor]
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
    axes.set_xlabel(words, fontsize=SMALL, color=GREY, loc="right", labelpad=2)
