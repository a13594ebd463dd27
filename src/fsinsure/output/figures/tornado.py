"""The tornado: what both ends of the range of each parameter move, a panel a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.patches import Patch

from fsinsure.output.figures import context, legends, ranked, sheet, space
from fsinsure.output.figures.style import GREY, HEAD, INK, PAPER, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit, parameter_text
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

BAR: Final = 0.66
VALUE: Final = 7.0
"""Size of the values at the ends of bars."""
GAP: Final = 0.07
"""Inches between a value and its bar, and after it."""
SMALLEST: Final = 5.0
"""Size below which these values are left out."""
PART: Final = 0.45
"""Part of an axis that the bars take at least."""
STEPS: Final = 12
"""Steps in which the ends of an axis are moved apart for these values."""
ABOVE: Final = 2
"""Lines above the rows of a panel."""


@sheet.drawn
def tornado(
    table: pd.DataFrame,
    groups: pd.DataFrame,
    subjects: pd.DataFrame,
    *,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw bars from the scenario's own value, with the value of the parameter at both ends.

    Parameters
    ----------
    table
        Columns scenario, subject, parameter, basis, low, high, unit, low_effect, high_effect,
        share; the largest first.
    groups
        Columns subject, basis, linear.
    subjects
        Columns subject, year.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table.
    """
    columns = ("scenario", "subject", "parameter", "basis", "low", "high", "low_effect", "share")
    require(table, "tornado", *columns)
    scenario = only_scenario(table, "tornado")
    names = [str(one) for one in subjects["subject"]]
    drawn = {name: ranked.rows_of(table, name, "share") for name in names}
    context.one_panel(subject=drawn)
    counts = [len(own) for own in drawn.values()]
    handles, words = ranked.basis_handles(drawn.values(), lang)
    ends: list[dict[str, Any]] = [
        {"facecolor": PAPER, "edgecolor": GREY, "linewidth": 1.0},
        {"facecolor": GREY, "edgecolor": GREY, "linewidth": 1.0},
    ]
    handles += [Patch(**end) for end in ends]
    words += [label(key, lang) for key in ("figure.tornado_low", "figure.tornado_high")]
    legend = legends.legend_height(words)
    picture, body = sheet.open_picture(
        ranked.grid_height(counts, ABOVE) + legend,
        ranked.finding(drawn, "share", ranked.MOVED, lang),
        label("figure.tornado_what", lang, title=title or scenario),
        [label("figure.tornado_note", lang), context.footnote(lang, scenario)],
    )
    box = sheet.Box(body.left, body.bottom, body.width, body.height - legend)
    years = dict(zip(subjects["subject"], subjects["year"], strict=True))
    for (name, own), cell in zip(drawn.items(), ranked.grid(box, counts, ABOVE), strict=True):
        peak = float(own[["low_effect", "high_effect"]].abs().max().max()) if len(own) else 0.0
        unit = ranked.unit_of(name, peak, lang)
        head = f"{ranked.subject_name(name, lang)} {years[name]} · {unit.name}"
        note = ranked.basis_note(groups, name, "linear", lang)
        axes = ranked.ranked_axes(
            picture, cell, [(head, HEAD - 1.0, INK), (note, SMALL - 0.5, GREY)], own, lang
        )
        draw_bars(axes, own, unit)
    legends.legend_line(picture, body, handles, words)
    return picture


class Value(NamedTuple):
    """A value of a parameter, written beside the end of a bar at `x`, right or left of it."""

    x: float
    text: str
    right: bool


def draw_bars(axes: Axes, own: pd.DataFrame, unit: Unit) -> None:
    """Draw both bars of every parameter, in units of the axis."""
    ranked.zero_line(axes)
    effects = own[["low_effect", "high_effect"]] / unit.divisor
    low, high = min(float(effects.min().min()), 0.0), max(float(effects.max().max()), 0.0)
    span = (high - low) or 1.0
    rows = own.to_dict("records")
    values = [values_of(row, unit) for row in rows]
    beside = [one for of_row in values for one in of_row]
    size, ends = fitted((low, low + span), beside, space.size_of(axes)[0])
    axes.set_xlim(*ends)
    ticks = sheet.ticks(low - 0.1 * span, high + 0.1 * span, 4)
    axes.set_xticks(ticks, Unit(1.0, "").ticks(ticks))
    for at, (row, of_row) in enumerate(zip(rows, values, strict=True)):
        draw_row(axes, at, row, unit)
        for one in of_row if size else ():
            shift, side = ((3.0, 0.0), "left") if one.right else ((-3.0, 0.0), "right")
            place: dict[str, Any] = {"shift": shift, "ha": side, "va": "center"}
            sheet.annotate(axes, one.text, (one.x, at), size=size, color=INK, **place)


def fitted(
    ends: tuple[float, float], values: Sequence[Value], width: float
) -> tuple[float, tuple[float, float]]:
    """Return the size of the values beside the bars, and the ends of an axis with space for them.

    They are written smaller on a narrow axis, and not at all (size 0) where they would leave too
    little of it to the bars.
    """
    low, high = ends
    size = VALUE
    while size >= SMALLEST:
        wider = with_space(ends, values, width, size)
        if high - low >= PART * (wider[1] - wider[0]):
            return size, wider
        size -= 0.5
    margin = 0.05 * (high - low)
    return 0.0, (low - margin, high + margin)


def with_space(
    ends: tuple[float, float], values: Sequence[Value], width: float, size: float
) -> tuple[float, float]:
    """Return the ends of an axis of `width` inches with space for the values beside bars."""
    low, high = ends
    for _ in range(STEPS):
        inch = (high - low) / width
        sizes = [(one, (sheet.text_width(one.text, size) + GAP) * inch) for one in values]
        low = min([ends[0], *(one.x - long for one, long in sizes if not one.right)])
        high = max([ends[1], *(one.x + long for one, long in sizes if one.right)])
    return low, high


def draw_row(axes: Axes, at: int, row: Mapping[Hashable, Any], unit: Unit) -> None:
    """Draw the bars of one parameter; two that point the same way share the height."""
    sizes, colour = sizes_of(row, unit), ranked.COLOURS[row["basis"]]
    together = sizes[0] * sizes[1] > 0.0
    height = BAR / 2 if together else BAR
    for end, (size, fill) in enumerate(zip(sizes, (PAPER, colour), strict=True)):
        y = at + (end - 0.5) * height if together else at
        axes.barh(y, size, height * 0.92, facecolor=fill, edgecolor=colour, lw=1.0, zorder=2)


def sizes_of(row: Mapping[Hashable, Any], unit: Unit) -> list[float]:
    """Return what both ends of a parameter move, in units of the axis."""
    return [row[f"{end}_effect"] / unit.divisor for end in ("low", "high")]


def values_of(row: Mapping[Hashable, Any], unit: Unit) -> list[Value]:
    """Return the values of a parameter at both ends: one text for two that point the same way."""
    sizes = sizes_of(row, unit)
    texts = [parameter_text(row[end], row["unit"]) for end in ("low", "high")]
    if sizes[0] * sizes[1] > 0.0:
        far = max(sizes, key=abs)
        return [Value(far, " / ".join(texts), far > 0.0)]
    # An end that moves nothing is written on the side that the other leaves free.
    return [
        Value(size, text, (size or -sizes[1 - end]) > 0.0)
        for end, (size, text) in enumerate(zip(sizes, texts, strict=True))
    ]
