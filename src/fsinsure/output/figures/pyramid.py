"""The population pyramid: ages upwards, men left, women right, coloured by status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from fsinsure.dims import AGE_GROUPS, SEXES
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.style import GREY, HEAD, INK, MINOR_STATUS, PAPER, SMALL, STATUS_STYLES
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, amount, percent, unit_for
from fsinsure.output.tidy import only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Persons = NDArray[np.float64]

HEIGHT: Final = 4.7
FOOT: Final = 0.24
TOP: Final = 0.26
EDGE: Final = 0.1
MIDDLE: Final = 0.62
"""Inches between the two halves, for the ages."""
OLD: Final = AGE_GROUPS.index("60-64")
MINOR: Final = "minor"
SMALL_SHARE: Final = 0.005
"""A status with less than this share of the people is drawn with the other small ones."""


def by_status(stocks: pd.DataFrame) -> dict[str, Persons]:
    """Return persons by status, ``[sex, age_group]``, in stacking order."""
    table = stocks.groupby(["status", "sex", "age_group"])["persons"].sum()
    index = [(sex, group) for sex in SEXES for group in AGE_GROUPS]
    found = {
        str(status): rows.droplevel("status").reindex(index, fill_value=0.0).to_numpy(float)
        for status, rows in table.groupby("status")
    }
    return {
        name: found[name].reshape(len(SEXES), len(AGE_GROUPS))
        for name in STATUS_STYLES
        if name in found and found[name].any()
    }


def small(layers: Mapping[str, Persons]) -> list[str]:
    """Return the statuses too small to be seen separately, if there are several."""
    total = sum(rows.sum() for rows in layers.values())
    names = [name for name, rows in layers.items() if rows.sum() < SMALL_SHARE * total]
    return names if len(names) > 1 else []


@sheet.drawn
def pyramid(
    stocks: pd.DataFrame,
    area: str,
    place: str,
    *,
    year: int | None = None,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the people by age, sex and status at the end of a year.

    A line shows the first year of the table for comparison.

    Parameters
    ----------
    stocks
        Columns scenario, year, level, area, sex, age_group, status, persons.
    area
        One area, or the region as a whole.
    place
        Its name for readers.
    year
        Which year; the last one of the table when left out.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language, area or year; an empty table; several scenarios in one table.
    """
    columns = ("scenario", "year", "area", "sex", "age_group", "status", "persons")
    require(stocks, "stocks", *columns)
    scenario = only_scenario(stocks, "stocks")
    local = pick(stocks, "stocks", area=area)
    first = int(local["year"].min())
    shown = int(local["year"].max()) if year is None else year
    layers = by_status(pick(local, "stocks", year=shown))
    people = np.sum(list(layers.values()), axis=0)
    before = None
    if shown != first:
        before = np.sum(list(by_status(pick(local, "stocks", year=first)).values()), axis=0)
    joined = small(layers)
    if joined:
        rest = np.sum([layers.pop(name) for name in joined], axis=0)
        outside = layers.pop("not_insured", None)
        layers[MINOR] = rest
        if outside is not None:
            layers["not_insured"] = outside
    peak = float(people.max() if before is None else max(people.max(), before.max()))
    unit = unit_for(lang, peak)
    handles, words = legend_entries(list(layers), first if before is not None else None, lang)
    picture, body = sheet.open_picture(
        HEIGHT + legends.legend_height(words),
        finding(people, shown, place, lang),
        f"{title or scenario} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [
            *minor_note(joined, lang),
            *([label("pyramid.outside", lang)] if "not_insured" in layers else []),
            context.footnote(lang, scenario),
        ],
    )
    legends.legend_line(picture, body, handles, words)
    for sex, axes in enumerate(halves(picture, sheet.Box(*body[:3], HEIGHT))):
        draw_half(axes, {name: rows[sex] for name, rows in layers.items()})
        if before is not None:
            edges = np.arange(len(AGE_GROUPS) + 1) - 0.5
            axes.stairs(before[sex], edges, orientation="horizontal", color=INK, linewidth=1.2)
        format_axes(axes, sex, peak, unit)
        total, named = amount(float(people[sex].sum()), lang), label(f"sex.{SEXES[sex]}", lang)
        head = label("figure.sex_total", lang, sex=named, total=total)
        axes.set_title(head, fontsize=HEAD, color=INK, pad=4)
    middle, above = body.left + body.width / 2, body.bottom + HEIGHT - TOP + 4 * sheet.POINT
    sheet.write(picture, middle, above, label("figure.age", lang), SMALL, GREY, ha="center")
    return picture


def finding(people: Persons, year: int, place: str, lang: str) -> str:
    """Return the title: the population and the share of those aged 60 and over."""
    total = float(people.sum())
    share = percent(float(people[:, OLD:].sum()) / total if total else 0.0)
    words = {"area": place, "total": amount(total, lang)}
    return label("figure.pyramid", lang, year=year, share=share, **words)


def minor_note(joined: Sequence[str], lang: str) -> list[str]:
    """Return the line that names the statuses drawn together, if any."""
    if not joined:
        return []
    words = [label(f"status.{name}", lang) for name in joined]
    return [label("figure.minor_of", lang, names=join_words(words, lang).lower())]


def halves(picture: sheet.Picture, box: sheet.Box) -> tuple[Axes, Axes]:
    """Return axes for men and women with space for the ages between them."""
    width = (box.width - MIDDLE) / 2 - EDGE
    bottom, height = box.bottom + FOOT, box.height - FOOT - TOP
    left = sheet.axes_in(picture, sheet.Box(box.left + EDGE, bottom, width, height))
    right = sheet.axes_in(
        picture, sheet.Box(box.left + EDGE + width + MIDDLE, bottom, width, height)
    )
    return left, right


def draw_half(axes: Axes, layers: Mapping[str, Persons]) -> None:
    """Stack the statuses of one sex from the middle outwards, one path for all ages of each."""
    left = np.zeros(len(AGE_GROUPS))
    low = np.arange(len(AGE_GROUPS)) - 0.5
    for name, persons in layers.items():
        right = left + persons
        corners = np.array([(left, low), (right, low), (right, low + 1), (left, low + 1)])
        bars = Path.make_compound_path_from_polys(corners.transpose(2, 0, 1))
        axes.add_patch(PathPatch(bars, **style(name)))
        left = right


def style(name: str) -> dict[str, Any]:
    """Return colour, hatch and rim of a status."""
    color, hatch = STATUS_STYLES.get(name, MINOR_STATUS)
    return {"facecolor": color, "hatch": hatch, "edgecolor": PAPER, "linewidth": 0.4}


def legend_entries(
    layers: Sequence[str], first: int | None, lang: str
) -> tuple[list[Artist], list[str]]:
    """Return the legend entries of the colours and the outline."""
    handles: list[Artist] = [Patch(**style(name)) for name in layers]
    words = [label("figure.minor" if name == MINOR else f"status.{name}", lang) for name in layers]
    if first is not None:
        handles.append(Line2D([], [], color=INK, linewidth=1.2))
        words.append(label("figure.outline", lang, year=first))
    return handles, words


def format_axes(axes: Axes, sex: int, peak: float, unit: Unit) -> None:
    """Write numbers on the axes; men run leftwards, and the ages stand between the halves."""
    top = peak * 1.04
    axes.set_ylim(-0.5, len(AGE_GROUPS) - 0.5)
    marks = sheet.ticks(0.0, top, 4)
    axes.set_xticks(marks, unit.ticks(marks))
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    if sex == 0:
        axes.set_xlim(top, 0.0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.spines["right"].set_visible(True)
    else:
        axes.set_xlim(0.0, top)
        axes.set_yticks(range(len(AGE_GROUPS)), AGE_GROUPS)
        for text in axes.get_yticklabels():
            text.set_horizontalalignment("center")
        axes.tick_params(axis="y", pad=MIDDLE / sheet.POINT / 2)
