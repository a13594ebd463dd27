"""The picture of the channels of an increment: a waterfall from base to final enrollment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.errors import IdentityError
from fsinsure.output.figures.bars import FOOT, ROW, draw_waterfall, limits, names_width
from fsinsure.output.figures.sheet import Picture, decapitalize, drawn, footnote, open_picture
from fsinsure.output.labels import label
from fsinsure.output.numbers import amount, unit_for
from fsinsure.output.tidy import figures_of, only_scenario, pick, require

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE: Final = 0.5
"""Persons by which channels and enrollment may differ: rounding only."""


def split(
    channels: pd.DataFrame, measure: str, area: str, years: tuple[int, int]
) -> pd.Series[float]:
    """Return persons by channel over `years`, gains first, each from the largest to the smallest.

    Channels below `TOLERANCE` are left out.
    """
    rows = pick(channels, "channels", measure=measure, area=area)
    first, last = years
    whole = rows[(rows["from_year"] == first) & (rows["to_year"] == last)]
    found = whole.groupby("channel")["persons"].sum()
    found = found[found.abs() >= TOLERANCE]
    order = sorted(found.index, key=lambda name: (found[name] < 0, -abs(found[name])))
    return found[order]


def finding(parts: pd.Series[float], years: tuple[int, int], measure: str, lang: str) -> str:
    """Return the title: the increment of the measure and its largest channel."""
    total = float(parts.sum())
    words = {"from_year": years[0], "to_year": years[1], "measure": label(f"short.{measure}", lang)}
    if abs(total) < TOLERANCE:
        return label("figure.unchanged", lang, **words)
    main = str(parts.idxmax() if total > 0 else parts.idxmin())
    words["channel"] = decapitalize(label(f"channel.{main}", lang))
    words["value"] = amount(float(parts[main]), lang, sign=True)
    key = "figure.rise" if total > 0 else "figure.fall"
    return label(key, lang, **words, total=amount(abs(total), lang))


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
    parts = split(channels, measure, area, years)
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
    unit = unit_for(lang, float(curve.max()))
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
        finding(parts, years, measure, lang),
        f"{title or scenario} · {place} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [*notes, footnote(lang, scenario)],
    )
    names = [
        label("figure.total_year", lang, year=years[0]),
        *(label(f"channel.{name}", lang) for name in parts.index),
        label("figure.total_year", lang, year=years[1]),
        *(label(name, lang) for name in known),
    ]
    draw_waterfall(picture, body, names_width(names), edges, names, unit, [*known.values()])
    return picture
