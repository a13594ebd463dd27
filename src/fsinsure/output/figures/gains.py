"""The picture of winners and losers: their shares by group, and their mean changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError
from fsinsure.output.figures import context, sheet
from fsinsure.output.figures.distribution import member_text, named_areas
from fsinsure.output.figures.style import BODY, GREEN, INK, MET, MISSED, ORANGE, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit, amount, minus, percent, yuan_unit
from fsinsure.output.tidy import only_scenario, pick

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    import pandas as pd
    from matplotlib.axes import Axes

ROW: Final = 0.42
"""Inches of a group."""
FOOT: Final = 0.5
"""Inches for the numbers and what they are."""
SPAN: Final = 1.9
"""Length of each side of the axis, in the longest bar: the rest is for the texts."""
LEAST: Final = {"yuan": 100.0, "yuan a month": 1.0, "months": 1.0}
"""The least change of a winner or loser, by unit: as in `fsinsure.analysis.winners_losers`."""


@sheet.drawn
def gains(
    persons: pd.DataFrame,
    quantity: str = "pensions",
    by: str = "born",
    *,
    areas: Mapping[str, str] | None = None,
    until: int | None = None,
    lang: str = "zh",
    titles: Mapping[str, str] | None = None,
) -> sheet.Picture:
    """Draw what winners gain and losers lose in each member of a group, all of them together.

    At the bars: their number and mean change.

    Parameters
    ----------
    persons
        Of :class:`fsinsure.Comparison`, the rows of one scenario.
    quantity
        ``pensions``, ``pension`` or ``months``.
    by
        ``all``, ``sex``, ``area``, ``status`` or ``born``.
    areas
        Names of the areas by code; their codes are written where there are none.
    until
        The last year that is counted.
    lang
        ``zh`` or ``en``.
    titles
        Titles of the scenarios for readers; their names are used where there is none.

    Raises
    ------
    InputError
        Unknown language, quantity or group; an empty table; several scenarios; no winners or
        losers.
    """
    scenario = only_scenario(persons, "persons")
    rows = named_areas(pick(persons, "persons", quantity=quantity, group=by), by, areas)
    title = finding(rows, quantity, lang)
    rows = rows[rows["winners"] + rows["losers"] > 0]
    if rows.empty:
        raise InputError(
            "Nobody wins or loses any {quantity}: there is nothing to draw.", quantity=quantity
        )
    known = titles or {}
    against = str(rows["against"].iloc[0])
    both = {"scenario": scenario, "against": against}
    shown = {role: known.get(name, name) for role, name in both.items()}
    under = label("figure.gains_against", lang, **shown)
    least = change_text(LEAST[str(rows["unit"].iloc[0])], str(rows["unit"].iloc[0]), lang)
    notes = [label("gains.note", lang, least=least.lstrip("+")), context.footnote(lang, scenario)]
    if until is not None:
        notes.insert(0, label("gains.until", lang, year=until))
    picture, body = sheet.open_picture(ROW * len(rows) + FOOT, title, under, notes)
    draw_rows(picture, body, rows, by, lang)
    return picture


def finding(rows: pd.DataFrame, quantity: str, lang: str) -> str:
    """Return the title: the mean change of all, and the share and mean of winners and losers."""
    unit, total = str(rows["unit"].iloc[0]), float(rows["persons"].sum())
    sides = {}
    for side in ("winners", "losers"):
        people = float(rows[side].sum())
        mean = float((rows[side] * rows[f"mean_{side}"]).sum()) / people if people else 0.0
        words = {"share": percent(people / total, 2), "mean": change_text(mean, unit, lang)}
        sides[side] = label(f"gains.{side}", lang, **words)
    overall = change_text(float((rows["mean"] * rows["persons"]).sum() / total), unit, lang)
    named = label(f"gains.{quantity}", lang)
    return label("gains.title", lang, quantity=named, mean=overall, **sides)


def draw_rows(
    picture: sheet.Picture, body: sheet.Box, rows: pd.DataFrame, by: str, lang: str
) -> None:
    """Draw a line of bars for each member: losers to the left, winners to the right."""
    names = [member_text(str(of), by, lang) for of in rows["of"]]
    left = max(sheet.text_width(name, BODY) for name in names) + 0.2
    frame = sheet.Box(body.left + left, body.bottom + FOOT, body.width - left, body.height - FOOT)
    axes = sheet.axes_in(picture, frame)
    won, lost = (rows[side] * rows[f"mean_{side}"] for side in ("winners", "losers"))
    unit = sum_unit(str(rows["unit"].iloc[0]), float(max(won.max(), -lost.min())), lang)
    places = range(len(rows), 0, -1)
    axes.barh(places, won, color=GREEN, height=0.6)
    axes.barh(places, lost, color=ORANGE, height=0.6)
    span = SPAN * float(max(won.max(), -lost.min()))
    axes.set_xlim(-span, span)
    axes.set_ylim(0.4, len(rows) + 0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=INK, linewidth=0.8)
    marks = sheet.ticks(-span, span, 6)
    axes.set_xticks(marks, unit.ticks([abs(mark) for mark in marks]))
    for place, name, row in zip(places, names, rows.to_dict("records"), strict=True):
        height = frame.bottom + frame.height * (place - 0.4) / (len(rows) + 0.2)
        sheet.write(picture, body.left, height, name, BODY, INK, va="center")
        draw_means(axes, place, row, lang)
    middle = frame.left + frame.width / 2
    sheet.write(
        picture,
        middle,
        body.bottom,
        label("gains.axis", lang, unit=unit.name),
        SMALL,
        INK,
        ha="center",
    )


def draw_means(axes: Axes, place: int, row: Mapping[Hashable, Any], lang: str) -> None:
    """Write the number of winners and losers and their mean change at the ends of their bars."""
    for side, sign, color in (("winners", 1, MET), ("losers", -1, MISSED)):
        total = row[side] * row[f"mean_{side}"]
        if total:
            mean = change_text(row[f"mean_{side}"], str(row["unit"]), lang)
            words = label("gains.end", lang, people=amount(float(row[side]), lang), mean=mean)
            align = "left" if sign > 0 else "right"
            at = (total, float(place))
            sheet.annotate(
                axes, words, at, size=SMALL, color=color, shift=(4 * sign, 0), ha=align, va="center"
            )


def sum_unit(unit: str, peak: float, lang: str) -> Unit:
    """Return the unit of the axis, of what all in a group gain together."""
    if unit == "months":
        return Unit(1e4, label("gains.months_many", lang))
    money = yuan_unit(lang, peak)
    if unit == "yuan":
        return money
    return Unit(money.divisor, label("gains.a_month", lang, unit=money.name))


def change_text(value: float, unit: str, lang: str) -> str:
    """Return a change with its sign and unit."""
    keys = {"yuan": "unit.yuan", "yuan a month": "unit.yuan_month", "months": "unit.months"}
    decimals = 1 if abs(value) < 10 else 0
    return f"{minus(f'{value:+,.{decimals}f}')} {label(keys[unit], lang)}"
