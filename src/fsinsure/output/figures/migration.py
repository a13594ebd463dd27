"""The picture of net migration: a mean year by age, and the period by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, SEXES, TOTAL
from fsinsure.output.figures import context, sheet
from fsinsure.output.figures.style import BODY, GREY, HEAD, INK, ORANGE, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import amount, unit_for
from fsinsure.output.tidy import pick, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HEIGHT: Final = 3.4
FOOT: Final = 0.5
GUTTER: Final = 0.5
COLORS: Final = {"male": "#0072B2", "female": ORANGE}


@sheet.drawn
def migration(
    table: pd.DataFrame,
    areas: Mapping[str, str],
    censuses: tuple[int, int],
    *,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the net migrants of a mean year by age and sex, and those of the period by area.

    Parameters
    ----------
    table
        Of :func:`fsinsure.net_migration`: level, area, sex, age, net, yearly.
    areas
        Names of the areas by code.
    censuses
        The years of the two censuses.
    lang
        ``zh`` or ``en``.
    title
        The name of the region.
    """
    require(table, "net_migration", "level", "area", "sex", "age", "net", "yearly")
    whole = pick(table, "net_migration", level=TOTAL)
    total = float(whole["net"].sum())
    first, last = censuses
    heading = label("figure.migration", lang, first=first, last=last, total=amount(total, lang))
    data = label("about.censuses", lang, region=title, first=first, last=last)
    notes = [label("figure.migration_note", lang), f"{data} · {context.credit(lang)}"]
    picture, body = sheet.open_picture(HEIGHT, heading, title, notes)
    width = (body.width - GUTTER) * 0.58
    _by_age(picture, sheet.Box(body.left, body.bottom, width, body.height), whole, lang)
    left = body.left + width + GUTTER
    right = sheet.Box(left, body.bottom, body.left + body.width - left, body.height)
    _by_area(picture, right, table, areas, lang)
    return picture


def _by_age(picture: sheet.Picture, box: sheet.Box, whole: pd.DataFrame, lang: str) -> None:
    """Draw a line for men and one for women."""
    axes = sheet.axes_in(
        picture,
        sheet.Box(box.left + 0.5, box.bottom + FOOT, box.width - 0.5, box.height - FOOT - 0.3),
    )
    unit = unit_for(lang, float(whole["yearly"].abs().max()))
    for sex in SEXES:
        rows = whole[whole["sex"] == sex].sort_values("age")
        axes.plot(rows["age"], rows["yearly"], color=COLORS[sex], lw=1.6)
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set_xlim(0, AGES - 1)
    axes.set_xticks(range(0, AGES, 10), [str(age) for age in range(0, AGES, 10)])
    low, high = axes.get_ylim()
    marks = sheet.ticks(low, high, 5)
    axes.set_yticks(marks, unit.ticks(marks))
    axes.grid(axis="y")
    head = label("figure.migration_by_age", lang, unit=unit.name)
    sheet.write(picture, box.left, box.bottom + box.height, head, HEAD, INK, va="top")
    right = box.left + box.width
    for sex in reversed(SEXES):  # in line with the heading, in the colour of the line
        words = label(f"sex.{sex}", lang)
        sheet.write(
            picture,
            right,
            box.bottom + box.height,
            words,
            BODY,
            COLORS[sex],
            ha="right",
            va="top",
        )
        right -= sheet.text_width(words, BODY) + 0.2
    middle = box.left + box.width / 2
    sheet.write(picture, middle, box.bottom, label("figure.age", lang), SMALL, GREY, ha="center")


def _by_area(
    picture: sheet.Picture,
    box: sheet.Box,
    table: pd.DataFrame,
    areas: Mapping[str, str],
    lang: str,
) -> None:
    """Draw a bar for each area, the largest first; at most twelve."""
    sums = table[table["level"] != TOTAL].groupby("area", sort=False)["net"].sum()
    sums = sums.sort_values(ascending=False).head(12)
    names = [areas[str(code)] for code in sums.index]
    left = max(sheet.text_width(name, BODY) for name in names) + 0.15
    frame = sheet.Box(box.left + left, box.bottom + FOOT, box.width - left, box.height - FOOT - 0.3)
    axes = sheet.axes_in(picture, frame)
    places = np.arange(len(sums), 0, -1)
    axes.barh(places, sums, color="#56B4E9", height=0.6)
    axes.axvline(0, color=INK, lw=0.8)
    reach = float(sums.abs().max()) * 1.45
    axes.set_xlim(min(0.0, float(sums.min()) * 1.45), reach)
    axes.set_ylim(0.4, len(sums) + 0.6)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    unit = unit_for(lang, float(sums.abs().max()))
    for place, name, value in zip(places.tolist(), names, sums.tolist(), strict=True):
        height = frame.bottom + frame.height * (place - 0.4) / (len(sums) + 0.2)
        sheet.write(picture, box.left, height, name, BODY, INK, va="center")
        at = (max(value, 0.0), float(place))
        sheet.annotate(
            axes,
            unit.text(value, 1),
            at,
            size=SMALL,
            color=INK,
            shift=(4, 0),
            ha="left",
            va="center",
        )
    head = label("figure.migration_by_area", lang, unit=unit.name)
    sheet.write(picture, box.left, box.bottom + box.height, head, HEAD, INK, va="top")
