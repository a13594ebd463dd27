"""The picture of the channels of an increment: a waterfall from base to final enrollment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fsinsure.errors import IdentityError
from fsinsure.output.figures.bars import (
    FOOT,
    ROW,
    draw_waterfall,
    limits,
    names_width,
    total_text,
)
from fsinsure.output.figures.context import footnote
from fsinsure.output.figures.sheet import Picture, decapitalize, drawn, open_picture
from fsinsure.output.labels import label
from fsinsure.output.levers import OTHER
from fsinsure.output.numbers import Unit, in_unit, step_of, unit_for
from fsinsure.output.rounding import rounded, shown_parts
from fsinsure.output.tidy import figures_of, only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

TOLERANCE: Final = 0.5
"""Persons by which channels and enrollment may differ: rounding only."""


class Title(NamedTuple):
    """What a title is about, and how it is written."""

    measure: str
    unit: Unit
    lang: str


def split(
    channels: pd.DataFrame, measure: str, area: str, years: tuple[int, int], least: float
) -> pd.Series[float]:
    """Return persons by channel over `years`, gains first, each from the largest to the smallest.

    Channels below `least`, which would be shown as zero, are summed (`OTHER`, at the end).
    """
    rows = pick(channels, "channels", measure=measure, area=area)
    first, last = years
    whole = rows[(rows["from_year"] == first) & (rows["to_year"] == last)]
    found = whole.groupby("channel")["persons"].sum()
    found = shown_parts(found, least, least, OTHER)
    order = sorted(
        found.index, key=lambda name: (name == OTHER, found[name] < 0, -abs(found[name]))
    )
    return found[order]


def name_of(channel: str, lang: str) -> str:
    """Return a channel in words."""
    return label("figure.minor" if channel == OTHER else f"channel.{channel}", lang)


def finding(
    parts: pd.Series[float], edges: Sequence[float], years: tuple[int, int], title: Title
) -> str:
    """Return the title: the increment of the measure, and its largest gain and loss, as drawn."""
    measure, unit, lang = title
    first, steps, last = rounded(edges, step_of(unit))
    words = {"from_year": years[0], "to_year": years[1], "measure": label(f"short.{measure}", lang)}
    if last == first:
        return label("figure.unchanged", lang, **words)
    drawn = dict(zip(parts.index, steps, strict=True))
    ends = (max(drawn, key=lambda name: drawn[name]), min(drawn, key=lambda name: drawn[name]))
    causes = [
        label(
            "waterfall.cause",
            lang,
            channel=decapitalize(name_of(name, lang)),
            value=total_text(drawn[name], unit, sign=True),
        )
        for name, sign in zip(ends if last > first else ends[::-1], (1, -1), strict=True)
        if drawn[name] * sign * (1 if last > first else -1) > 0
    ]
    key = "waterfall.rise" if last > first else "waterfall.fall"
    total = in_unit(abs(last - first), unit)
    return label(key, lang, **words, total=total, causes=label("waterfall.and", lang).join(causes))


@drawn
def channels(
    channels: pd.DataFrame,
    enrollment: pd.DataFrame,
    measure: str,
    area: str,
    place: str,
    *,
    published: pd.DataFrame | None = None,
    lang: str = "zh",
    title: str = "",
) -> Picture:
    """Draw a waterfall from the first to the last year of `enrollment`, a bar per channel.

    Published figures of the same measure after the first year are marked below the bars.

    Parameters
    ----------
    channels
        Columns scenario, measure, area, from_year, to_year, channel, persons; the rows of the
        whole span are used.
    enrollment
        Columns scenario, year, level, area, measure, persons.
    measure, area
        What to draw; the area may be the region as a whole.
    place
        The name of the area for readers.
    published
        Columns area, measure, year, value, elapsed, own: published figures, and a user's own.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language, measure or area; an empty table; several scenarios in one table.
    IdentityError
        The channels do not add up to the change of enrollment.
    """
    columns = ("scenario", "area", "measure", "persons")
    require(channels, "channels", *columns, "from_year", "to_year", "channel")
    require(enrollment, "enrollment", *columns, "year")
    scenario = only_scenario(enrollment, "enrollment")
    rows = pick(enrollment, "enrollment", area=area, measure=measure)
    curve = rows.set_index("year")["persons"].sort_index()
    years = (int(curve.index[0]), int(curve.index[-1]))
    unit = unit_for(lang, float(curve.max()))
    parts = split(channels, measure, area, years, step_of(unit) / 2)
    off = float(curve.iloc[-1] - curve.iloc[0] - parts.sum())
    if abs(off) > TOLERANCE * (len(parts) + 1):
        raise IdentityError(
            "The channels of {measure} ({area}, {first}-{years}) miss the change of enrollment by "
            "{off:,.1f} persons. Please report this defect with the scenario file.",
            measure=measure,
            area=area,
            first=years[0],
            years=years[1],
            off=off,
        )
    edges = [float(curve.iloc[0]), *(curve.iloc[0] + parts.cumsum())]
    figures = figures_of(published, measure, area, years)
    known = {
        name: row
        for name, own in (("figure.published", False), ("figure.own", True))
        if (row := [one for one in figures if one.own is own])
    }
    low, _ = limits(edges, [one.value for one in figures])
    notes = [label("figure.bars_cut", lang)] if low > 0 else []
    picture, body = open_picture(
        ROW * (len(parts) + 2 + len(known)) + FOOT,
        finding(parts, edges, years, Title(measure, unit, lang)),
        f"{title or scenario} · {place} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [*notes, footnote(lang, scenario)],
    )
    names = [
        label("figure.total_year", lang, year=years[0]),
        *(name_of(str(name), lang) for name in parts.index),
        label("figure.total_year", lang, year=years[1]),
        *(label(name, lang) for name in known),
    ]
    draw_waterfall(picture, body, names_width(names), edges, names, unit, [*known.values()])
    return picture
