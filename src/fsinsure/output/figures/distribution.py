"""The picture of the distribution of a quantity over persons, a panel for each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.output.figures import context, sheet
from fsinsure.output.figures.panels import GUTTER, cells, heights
from fsinsure.output.figures.style import BLUE, BODY, GREY, HEAD, INK, MISSED, SKY, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit, amount, percent
from fsinsure.output.tidy import only_scenario, pick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

CELL: Final = 2.45
MOST: Final = 9
"""Panels at most: the largest groups."""
LEAST: Final = 0.01
"""Share of all persons below which a group has no panel."""
BEYOND: Final = 1.25
"""How far the axis goes, in 95th percentiles of the group that goes farthest."""
TOWER: Final = 2.5
"""How many times as high as the next one a bar may be before it is cut."""
TOP_SPACE: Final = 1.12
"""Height of the axis over that of the highest bar."""
MIXED: Final = ("pension_at_award", "pension_in_payment", "replacement_rate")
"""Quantities of several schemes, whose levels differ by a multiple."""
YES_OR_NO: Final = "vested"


@dataclass(frozen=True)
class Scale:
    """How a quantity is shown: divided by `per`, in a unit, its density per `width` of the unit."""

    per: float
    unit: str
    width: float
    decimals: int = 0


SCALES: Final = {
    "replacement_rate": Scale(0.01, "%", 5),
    "months_at_award": Scale(12, "unit.years", 1, 1),
    "pension_at_award": Scale(1, "unit.yuan_month", 100),
    "pension_in_payment": Scale(1, "unit.yuan_month", 100),
    "months_of_benefit": Scale(1, "unit.months", 1),
}


@sheet.drawn
def distribution(
    distributions: pd.DataFrame,
    quantiles: pd.DataFrame,
    quantity: str = "pension_at_award",
    by: str = "status",
    *,
    year: int | None = None,
    areas: Mapping[str, str] | None = None,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw a histogram for each member of a group, with its median and middle 80 %.

    Parameters
    ----------
    distributions, quantiles
        As in :class:`fsinsure.Result`.
    quantity, by
        Which quantity, and the group whose members have a panel each.
    year
        The last that has the quantity unless another is given.
    areas
        Names of the areas by code; their codes are written where there are none.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language, quantity, group or year; an empty table; several scenarios.
    """
    scenario = only_scenario(distributions, "distributions")
    if quantity not in SCALES:
        known = separated(SCALES)
        also = (
            Message(" (yes or no: its share is the mean in quantiles)")
            if quantity == YES_OR_NO
            else EMPTY
        )
        raise InputError(
            "No picture of '{quantity}'{also}.{hint} Known: {known}.",
            quantity=quantity,
            also=also,
            hint=did_you_mean(quantity, SCALES),
            known=known,
        )
    chosen = pick(distributions, "distributions", quantity=quantity, group=by)
    chosen = pick(chosen, "distributions", year=int(chosen["year"].max()) if year is None else year)
    when = int(chosen["year"].iloc[0])
    middle = pick(quantiles, "quantiles", quantity=quantity, group=by, year=when)
    chosen, middle = (named_areas(rows, by, areas) for rows in (chosen, middle))
    middle = middle.set_index("of")
    members = largest(middle["persons"])
    notes = [label("figure.distribution_note", lang), context.footnote(lang, scenario)]
    if by != "status" and quantity in MIXED:
        notes.insert(0, label("distribution.mixed", lang))
    if len(members) < len(middle):
        notes.insert(0, label("figure.distribution_largest", lang, shown=len(members)))
    picture, body = sheet.open_picture(
        heights(len(members), CELL),
        finding(middle.loc[members], quantity, by, when, lang),
        subtitle(title or scenario, SCALES[quantity], len(members), lang),
        notes,
    )
    draw_panels(picture, cells(body, len(members)), chosen, middle.loc[members], quantity, lang)
    return picture


def named_areas(rows: pd.DataFrame, by: str, areas: Mapping[str, str] | None) -> pd.DataFrame:
    """Return rows with the names of areas instead of their codes."""
    return rows.assign(of=rows["of"].replace(dict(areas))) if by == "area" and areas else rows


def largest(persons: pd.Series[float]) -> list[str]:
    """Return the members with the most persons, in the order of the table."""
    kept = persons[persons >= LEAST * persons.sum()].nlargest(MOST).index
    return [str(name) for name in persons.index if name in kept]


def unit_name(scale: Scale, lang: str) -> str:
    """Return the unit of a quantity for readers."""
    return scale.unit if scale.unit == "%" else label(scale.unit, lang)


def subtitle(title: str, scale: Scale, panels: int, lang: str) -> str:
    """Return the scenario, what the height of a bar is, and that panels differ."""
    unit = unit_name(scale, lang)
    parts = [title, label("figure.density", lang, width=f"{scale.width:g}", unit=unit)]
    if panels > 1:
        parts.append(label("figure.axes_differ", lang))
    return " · ".join(parts)


def value_text(value: float, scale: Scale, lang: str) -> str:
    """Return a value with its unit."""
    gap = "" if scale.unit == "%" else " "
    return f"{value / scale.per:,.{scale.decimals}f}{gap}{unit_name(scale, lang)}"


def member_text(member: str, by: str, lang: str) -> str:
    """Return the name of a member of a group for readers."""
    if by == "area":
        return member
    if by == "born":
        return label("figure.born", lang, years=member.replace("-", "–"))
    return label("figure.everybody" if by == "all" else f"{by}.{member}", lang)


def finding(middle: pd.DataFrame, quantity: str, by: str, year: int, lang: str) -> str:
    """Return the title: the medians of two members, or the lowest and highest of several."""
    named = label(f"quantity.{quantity}", lang)
    if by == "area":  # areas differ by the age and status of their people only
        return label("distribution.by_area", lang, year=year, quantity=named)
    ordered = middle["p50"] if len(middle) <= 2 else middle["p50"].sort_values(kind="stable")
    ends = dict.fromkeys((ordered.index[0], ordered.index[-1]))
    parts = []
    for name in ends:
        value = value_text(ordered[name], SCALES[quantity], lang)
        member = member_text(name, by, lang)
        parts.append(label("figure.distribution_member", lang, member=member, value=value))
    medians = label("figure.distribution_between", lang).join(parts)
    return label("figure.distribution_title", lang, year=year, quantity=named, medians=medians)


def draw_panels(
    picture: sheet.Picture,
    places: Sequence[sheet.Box],
    chosen: pd.DataFrame,
    middle: pd.DataFrame,
    quantity: str,
    lang: str,
) -> None:
    """Draw a panel for each member, all on the same axes."""
    scale, by = SCALES[quantity], str(chosen["group"].iloc[0])
    last = float(middle["p95"].max()) / scale.per * BEYOND
    for place, member in zip(places, middle.index, strict=True):
        row = middle.loc[member]
        named = member_text(member, by, lang)
        persons = amount(float(row["persons"]), lang)
        median = label("figure.median", lang, value=value_text(row["p50"], scale, lang))
        axes = panel(picture, place, [(f"{named} · {persons}", HEAD, INK), (median, BODY, GREY)])
        axes.set_xlim(0, max(last, scale.width))
        draw_bars(axes, chosen[chosen["of"] == member], scale)
        draw_middle(axes, row, scale)
        set_ticks(axes)
        axes.set_xlabel(unit_name(scale, lang), fontsize=SMALL, color=GREY, labelpad=1)


def panel(
    picture: sheet.Picture, cell: sheet.Box, header: Sequence[tuple[str, float, str]]
) -> Axes:
    """Return axes under a few lines of text."""
    y = sheet.heading(picture, cell, header)
    below, left = 0.4, 0.42
    height = y - 0.1 - cell.bottom - below
    inner = sheet.Box(cell.left + left, cell.bottom + below, cell.width - left - GUTTER / 2, height)
    axes = sheet.axes_in(picture, inner)
    axes.grid(axis="y")
    return axes


def draw_bars(axes: Axes, rows: pd.DataFrame, scale: Scale) -> None:
    """Draw the share of persons in each bin, per `scale.width` of the quantity."""
    low, high = (rows[end].to_numpy() / scale.per for end in ("low", "high"))
    share = rows["persons"].to_numpy() / rows["persons"].sum()
    known = np.isfinite(high)  # the last bin has no width to be drawn over
    low, width = low[known], (high - low)[known]
    height = share[known] * scale.width / width
    axes.bar(low, height, width=width, align="edge", color=SKY, edgecolor=BLUE, linewidth=0.4)
    top = highest(height)
    axes.set_ylim(0, top * TOP_SPACE)
    for at in np.flatnonzero(height > top):
        place = (low[at] + width[at], top * TOP_SPACE)
        sheet.annotate(
            axes, percent(height[at], 0), place, size=SMALL, color=BLUE, shift=(3, -3), va="top"
        )


def highest(height: NDArray[np.float64]) -> float:
    """Return the height of a panel, which cuts a bar much higher than all others."""
    ordered = np.sort(height)
    return float(min(ordered[-1], TOWER * ordered[-2]) if len(ordered) > 1 else ordered[-1])


def draw_middle(axes: Axes, row: pd.Series[float], scale: Scale) -> None:
    """Draw the median as a line and the middle 80 % as a bar at the top."""
    axes.axvline(float(row["p50"]) / scale.per, color=MISSED, linewidth=1.4)
    low, high = (float(row[name]) / scale.per for name in ("p10", "p90"))
    axes.plot(
        [low, high], [1.0, 1.0], color=MISSED, linewidth=3, transform=axes.get_xaxis_transform()
    )


def set_ticks(axes: Axes) -> None:
    """Write numbers on both axes."""
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    across = sheet.ticks(0, right, 4)
    axes.set_xticks(across, Unit(1.0, "").ticks(across))
    upward = sheet.ticks(0, top, 4)
    axes.set_yticks(upward, [f"{text}%" for text in Unit(0.01, "%").ticks(upward)])
