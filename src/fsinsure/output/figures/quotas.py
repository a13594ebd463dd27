"""The picture of plan figures: what each area adds in each year, a panel a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.patches import Patch

from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.panels import Mark, Panel, cells, heights
from fsinsure.output.figures.style import (
    BLUE,
    GREEN,
    GREY,
    HEAD,
    INK,
    ORANGE,
    PALE,
    PAPER,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
)
from fsinsure.output.keys import key_names
from fsinsure.output.labels import join_words, label, measure_name
from fsinsure.output.numbers import DECIMALS, Unit, amount, unit_for
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

CELL: Final = 3.4
BAR: Final = 0.8
MOST_WRITTEN: Final = 7
"""Most years of a panel whose numbers are written."""
STYLES: Final[tuple[dict[str, Any], ...]] = (
    {"facecolor": BLUE},
    {"facecolor": ORANGE, "hatch": "////", "edgecolor": PAPER},
    {"facecolor": SKY},
    {"facecolor": GREEN, "hatch": "....", "edgecolor": PAPER},
    {"facecolor": PURPLE},
    {"facecolor": YELLOW, "hatch": "\\\\\\\\", "edgecolor": GREY},
    {"facecolor": VERMILION},
)
"""Colour and hatch of the largest areas, stacked upwards in the order of the region."""
OTHERS: Final[dict[str, Any]] = {"facecolor": PALE}
REST: Final = ""
"""The areas beside the largest, drawn as one."""


@sheet.drawn
def quotas(
    table: pd.DataFrame, names: Mapping[str, str], *, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Draw the increments of areas by year, stacked, with the total of the region.

    Parameters
    ----------
    table
        Columns scenario, level, area, measure, year, increment, key.
    names
        Names of areas by code.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table.
    """
    require(table, "quotas", "scenario", "level", "area", "measure", "year", "increment", "key")
    scenario = only_scenario(table, "quotas")
    rows = table[table["level"] == "area"]
    drawn = largest(rows)
    styles = {area: OTHERS if area == REST else style for area, style in _styles(drawn)}
    words = [names[area] if area else label("figure.quotas_others", lang) for area in drawn]
    measures = [str(name) for name in rows["measure"].unique()]
    context.one_panel(measure=measures)
    divided = label("figure.quotas_by", lang, by=key_names(str(table["key"].iat[0]), lang))
    below = legends.legend_height(words)
    picture, body = sheet.open_picture(
        heights(len(measures), CELL) + below,
        finding(rows, lang),
        f"{title or scenario} · {divided}",
        [label("figure.quotas_note", lang), context.footnote(lang, scenario)],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - below)
    for measure, cell in zip(measures, cells(grid, len(measures)), strict=True):
        added = by_year(rows[rows["measure"] == measure], drawn)
        draw_measure(picture, cell, measure, added, styles, lang)
    handles = [Patch(linewidth=0, **styles[area]) for area in drawn]
    legends.legend_line(picture, body, handles, words)
    return picture


def largest(rows: pd.DataFrame) -> list[str]:
    """Return the areas that are drawn, in their order, and :data:`REST` where there are more."""
    areas = [str(area) for area in rows["area"].unique()]
    if len(areas) <= len(STYLES):
        return areas
    sums = rows["increment"].abs().groupby(rows["area"]).sum()
    kept = set(sums.nlargest(len(STYLES)).index)
    return [*(area for area in areas if area in kept), REST]


def by_year(rows: pd.DataFrame, drawn: list[str]) -> pd.DataFrame:
    """Return the increments of a measure by year (rows) and drawn area (columns)."""
    places = rows["area"].astype(object).where(rows["area"].isin(drawn), REST)
    return rows.pivot_table(
        index="year", columns=places, values="increment", aggfunc="sum"
    ).reindex(columns=drawn, fill_value=0)


def finding(rows: pd.DataFrame, lang: str) -> str:
    """Return the title: what the region adds of each measure in the years drawn."""
    sums = rows.groupby("measure", sort=False)["increment"].sum()
    parts = [
        label(
            "figure.quotas_part",
            lang,
            measure=sheet.decapitalize(measure_name(str(measure), lang)),
            amount=amount(float(total), lang),
        )
        for measure, total in sums.items()
    ]
    span = f"{rows['year'].min()}–{rows['year'].max()}"
    count = rows["area"].nunique()
    return label(
        "figure.quotas_title", lang, years=span, parts=join_words(parts, lang), count=count
    )


def draw_measure(
    picture: sheet.Picture,
    cell: sheet.Box,
    measure: str,
    added: pd.DataFrame,
    styles: Mapping[str, Mapping[str, Any]],
    lang: str,
) -> None:
    """Draw one panel: parts above zero are stacked upwards, those below it downwards."""
    up, down = added.clip(lower=0).sum(axis=1), added.clip(upper=0).sum(axis=1)
    peak = float(max(up.max(), -down.min(), 1.0))
    unit = unit_for(lang, peak)
    header = [(f"{measure_name(measure, lang)} · {unit.name}", HEAD - 1.0, INK)]
    panel = Panel(picture, cell, header, unit)
    years = [int(year) for year in added.index]
    low = float(down.min())
    panel.set_span((years[0] - 0.5, years[-1] + 0.5), (low * 1.15, peak * 1.15), [])
    panel.set_ticks(years)
    few = len(years) <= MOST_WRITTEN
    above, under = np.zeros(len(years)), np.zeros(len(years))
    for area in added:
        sizes = added[area].to_numpy(dtype=float)
        bottoms = np.where(sizes < 0, under, above)
        panel.axes.bar(
            years, sizes, BAR, bottom=bottoms, zorder=2, linewidth=0, **styles[str(area)]
        )
        if few:
            write_parts(panel, years, sizes, bottoms)
        above += np.maximum(sizes, 0)
        under += np.minimum(sizes, 0)
    panel.axes.axhline(0, color=GREY, linewidth=0.8, zorder=3)
    for year, total, top in zip(years, added.sum(axis=1), above, strict=True):
        if few:
            mark = Mark(float(top), text_of(float(total), unit), INK, year)
            panel.write(mark, year, (0, 3), ha="center", va="bottom")


def write_parts(
    panel: Panel, years: list[int], sizes: NDArray[np.float64], bottoms: NDArray[np.float64]
) -> None:
    """Write the persons of an area into its parts that are high enough."""
    low, high = panel.axes.get_ylim()
    inches = np.abs(sizes) / (high - low) * panel.box.height
    for year, size, bottom, height in zip(years, sizes, bottoms, inches, strict=True):
        if height > sheet.line_height(panel.size):
            mark = Mark(float(bottom + size / 2), text_of(float(size), panel.unit), INK, year)
            panel.write(mark, year, (0, 0), ha="center", va="center")


def text_of(persons: float, unit: Unit) -> str:
    """Return persons in a unit, all with the decimals of it."""
    return unit.text(persons, DECIMALS.get(unit.divisor, 0))


def _styles(drawn: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return list(zip(drawn, [*STYLES, OTHERS], strict=False))
