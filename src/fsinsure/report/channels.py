"""Through whom people come and go: the channels of each measure, entries and departures."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from fsinsure.dims import TOTAL
from fsinsure.output.figures.bars import limits, total_text
from fsinsure.output.figures.style import BLUE, GREY, VERMILION
from fsinsure.output.figures.waterfall import Title, finding, name_of, split
from fsinsure.output.numbers import step_of, unit_for
from fsinsure.output.rounding import rounded
from fsinsure.report.blocks import figure, grid, note, section
from fsinsure.report.charts import Chart, bars, chart, names_axis
from fsinsure.report.markup import Markup, details, join, table

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.output.numbers import Unit
    from fsinsure.report.material import Material

ROW: Final = 30
"""Pixels of a bar with its space."""
FRAME: Final = 70
"""Pixels above and below the bars."""


def parts_of(material: Material, measure: str) -> pd.Series[float]:
    """Return the people of each channel of a measure over the whole projection."""
    region = material.result.scenario.region
    years = (material.first_year, material.horizon)
    least = step_of(material.unit) / 2
    return split(material.result.channels, measure, region.name, years, least)


def edges_of(material: Material, measure: str) -> list[float]:
    """Return the people at the start, and after each channel."""
    start = float(material.curve(material.result, measure).iloc[0])
    return [start, *(start + parts_of(material, measure).cumsum())]


def findings(material: Material) -> list[str]:
    """Return for each measure its increment, and its largest gain and loss."""
    years = (material.first_year, material.horizon)
    return [
        material.ended(
            finding(
                parts_of(material, measure),
                edges_of(material, measure),
                years,
                Title(measure, material.unit, material.lang),
            )
        )
        for measure in material.measures
    ]


def channels(material: Material) -> Markup:
    """Return the section of the channels."""
    pairs = zip(material.measures, findings(material), strict=True)
    charts = [waterfall(material, measure, words) for measure, words in pairs]
    return section(
        "channels",
        material.say("channels"),
        note(material.say("channels_note")),
        grid(charts),
        movements(material),
    )


def waterfall(material: Material, measure: str, sentence: str) -> Markup:
    """Return the chart of the channels of a measure, from the base year to the horizon."""
    parts, unit = parts_of(material, measure), material.unit
    edges = edges_of(material, measure)
    first, moved, last = rounded(edges, step_of(unit))
    names = [
        material.named("figure.total_year", year=material.first_year),
        *(name_of(str(name), material.lang) for name in parts.index),
        material.named("figure.total_year", year=material.horizon),
    ]
    texts = [
        total_text(first, unit),
        *(total_text(people, unit, sign=True) for people in moved),
        total_text(last, unit),
    ]
    drawn = steps(names, edges, texts, unit)
    rows = list(zip(names, texts, strict=True))
    caption = material.say("in_unit", words=material.short(measure), unit=unit.name)
    columns = [material.named("column.channel"), material.named("column.persons")]
    data = table(caption, columns, rows)
    return figure(material, drawn, f"{material.short(measure)} · {unit.name}", sentence, data)


def steps(names: list[str], edges: list[float], texts: list[str], unit: Unit) -> Chart:
    """Return bars of two totals, and of the steps between them."""
    low, high = limits(edges)
    foot = max(low, 0.0)
    sizes = [edges[0] - foot, *(b - a for a, b in pairwise(edges)), edges[-1] - foot]
    colours = [GREY, *(BLUE if size >= 0 else VERMILION for size in sizes[1:-1]), GREY]
    base = [foot, *edges[:-1], foot]
    drawn = bars(
        names,
        [one / unit.divisor for one in sizes],
        texts,
        name="",
        colour=colours,
        base=[one / unit.divisor for one in base],
    )
    return chart(
        [drawn],
        height=ROW * len(names) + FRAME,
        legend=False,
        xaxis=span((low, high), unit),
        yaxis=names_axis(names),
        bargap=0.3,
    )


def span(ends: tuple[float, float], unit: Unit) -> dict[str, Any]:
    """Return a horizontal axis of amounts between two ends, with space for texts at the right."""
    low, high = (one / unit.divisor for one in ends)
    return {
        "range": [low, high + 0.12 * (high - low)],
        "nticks": 5,
        "tickformat": ",~r",
        "gridcolor": "#E6E6E6",
        "zeroline": False,
        "automargin": True,
    }


def movements(material: Material) -> Markup:
    """Return gross entries and departures of each status over the projection, with the data."""
    flows = material.result.flows
    rows = flows[(flows["level"] == TOTAL) & (flows["from_status"] != flows["to_status"])]
    moved = rows.groupby(["from_status", "to_status"], sort=False)["persons"].sum()
    entries = moved.groupby("to_status").sum()
    leaving = moved.groupby("from_status").sum()
    names = insured(material)
    unit = unit_for(material.lang, float(max(entries[names].max(), leaving[names].max())))
    words = [material.named(f"status.{name}") for name in names]
    gains = [float(entries.get(name, 0.0)) for name in names]
    losses = [-float(leaving.get(name, 0.0)) for name in names]
    traces = [
        bars(words, *scaled(gains, unit), name=material.say("entries"), colour=BLUE),
        bars(words, *scaled(losses, unit), name=material.say("departures"), colour=VERMILION),
    ]
    reach = 1.3 * max(map(abs, [*gains, *losses])) / unit.divisor
    drawn = chart(
        traces,
        height=ROW * len(names) + FRAME + 30,
        barmode="overlay",
        xaxis=span((-reach * unit.divisor, reach * unit.divisor), unit),
        yaxis=names_axis(words),
        bargap=0.3,
    )
    net = [a + b for a, b in zip(gains, losses, strict=True)]
    lines = [
        [name, *(total_text(one, unit, sign=True) for one in row)]
        for name, *row in zip(words, gains, losses, net, strict=True)
    ]
    years = f"{material.first_year + 1}–{material.horizon}"
    title = f"{material.say('movements', years=years)} · {unit.name}"
    columns = [
        material.named("column.status"),
        *(material.say(key) for key in ("entries", "departures", "net")),
    ]
    data = table(title, columns, lines)
    plotted = figure(material, drawn, title, material.say("movements_note"), data)
    return join([plotted, details(material.say("moves"), moves(material, moved, unit, years))])


def scaled(amounts: list[float], unit: Unit) -> tuple[list[float], list[str]]:
    """Return people in a unit, and their texts."""
    return [one / unit.divisor for one in amounts], [
        total_text(one, unit, sign=True) for one in amounts
    ]


def insured(material: Material) -> list[str]:
    """Return the statuses of insured people, in the order of the tables."""
    stocks = material.result.stocks
    return [str(name) for name in stocks["status"].unique() if name != "not_insured"]


def moves(material: Material, moved: pd.Series[float], unit: Unit, years: str) -> Markup:
    """Return the table of the people who changed from one status to another."""
    found = moved.sort_values(ascending=False, kind="stable").reset_index()
    rows = [
        [
            material.named(f"status.{source}"),
            material.named(f"status.{target}"),
            unit.text(float(people), 2),
        ]
        for source, target, people in found.to_numpy()
        if people >= 0.5
    ]
    columns = [material.named(f"column.{name}") for name in ("from_status", "to_status", "persons")]
    title = f"{material.say('moves')} · {years} · {unit.name}"
    return table(title, columns, rows, wording=(0, 1))
