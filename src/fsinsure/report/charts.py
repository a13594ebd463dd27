"""Interactive charts: what all of them share, as plotly figures that become JSON."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import plotly.graph_objects as go

from fsinsure.output.figures.style import GREY, INK, PALE, PAPER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from fsinsure.output.numbers import Unit

FONT: Final = "FsinsureSansSC"
"""The name under which the page embeds the font."""
DASHES: Final = {"-": "solid", "--": "dash", "-.": "dashdot", ":": "dot"}
"""The dashes of the pictures as plotly names them."""

DOTS: Final = 12
"""Points of a line up to which each has a dot."""


class Chart(NamedTuple):
    """A chart of the page: its figure as JSON, and its height."""

    figure: dict[str, Any]
    height: int


def plain(words: str) -> str:
    """Return words that plotly shows as they are: it reads tags in texts.

    >>> plain("<b>up</b>")
    '&lt;b&gt;up&lt;/b&gt;'
    """
    return escape(words, quote=False)


class Look(NamedTuple):
    """How a line is drawn."""

    name: str
    colour: str
    dash: str = "-"
    width: float = 2.5
    marked: bool = False
    """Whether each point has a dot."""
    scenario: int | None = None
    """The box that shows or hides it; None for a line that always shows."""


def line(values: Mapping[Any, float], unit: Unit, texts: Sequence[str], look: Look) -> go.Scatter:
    """Return a line of amounts by year, with a text for each point."""
    return go.Scatter(
        x=[*map(int, values)],
        y=[value / unit.divisor for value in values.values()],
        customdata=[*map(plain, texts)],
        name=plain(look.name),
        mode="lines+markers" if look.marked else "lines",
        line={"color": look.colour, "dash": DASHES[look.dash], "width": look.width},
        marker={"size": 7, "color": look.colour},
        hovertemplate="%{customdata}<extra></extra>",
        meta=None if look.scenario is None else {"scenario": look.scenario},
    )


def band(rows: pd.DataFrame, unit: Unit, ends: tuple[str, str], look: Look) -> go.Scatter:
    """Return the area between two columns of a table by year."""
    at = [*map(int, rows.index)]
    low, high = ((rows[end] / unit.divisor).tolist() for end in ends)
    return go.Scatter(
        x=[*at, *at[::-1]],
        y=[*low, *high[::-1]],
        name=plain(look.name),
        fill="toself",
        fillcolor=look.colour,
        mode="lines",
        line={"width": 0, "color": look.colour},
        hoverinfo="skip",
    )


def dots(
    at: Iterable[float],
    values: Iterable[object],
    texts: Sequence[str],
    *,
    name: str,
    colour: str,
    symbol: str,
    size: int = 11,
) -> go.Scatter:
    """Return points with a text for each."""
    return go.Scatter(
        x=[*at],
        y=[*values],
        customdata=[*map(plain, texts)],
        name=plain(name),
        mode="markers",
        marker={
            "symbol": symbol,
            "size": size,
            "color": colour,
            "line": {"color": colour if symbol.endswith("open") else PAPER, "width": 2},
        },
        hovertemplate="%{customdata}<extra></extra>",
    )


def bars(
    names: Sequence[str],
    sizes: Sequence[float],
    texts: Sequence[str],
    *,
    name: str,
    colour: str | Sequence[str],
    base: Sequence[float] | None = None,
    filled: bool = True,
    shown: bool = True,
) -> go.Bar:
    """Return horizontal bars with a text for each, written beside it where `shown`."""
    fill = colour if filled else PAPER
    return go.Bar(
        y=[*map(plain, names)],
        x=[*sizes],
        base=None if base is None else [*base],
        orientation="h",
        name=plain(name),
        customdata=[*map(plain, texts)],
        text=[*map(plain, texts)] if shown else None,
        textposition="outside" if shown else "none",
        textfont={"color": INK},
        cliponaxis=False,
        marker={"color": fill, "line": {"color": colour, "width": 1}},
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )


def chart(traces: Sequence[Any], *, height: int, legend: bool = True, **layout: Any) -> Chart:
    """Return a chart of traces in the style of the page."""
    figure = go.Figure(
        data=[*traces],
        layout={
            "template": go.layout.Template(),
            "font": {"family": f"{FONT}, sans-serif", "size": 12.5, "color": INK},
            "paper_bgcolor": PAPER,
            "plot_bgcolor": PAPER,
            "height": height,
            "margin": {"l": 8, "r": 16, "t": 10, "b": 8},
            "showlegend": legend,
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": -0.14,
                "yanchor": "top",
                "font": {"size": 12},
            },
            "hoverlabel": {"bgcolor": PAPER, "bordercolor": GREY, "font": {"family": FONT}},
            "dragmode": "zoom",
            "hovermode": "closest",
            **layout,
        },
    )
    return Chart(json.loads(figure.to_json()), height)


def years_axis(first: int, last: int) -> dict[str, Any]:
    """Return a horizontal axis of years."""
    step = 1 if last - first <= 10 else 5 if last - first <= 40 else 10
    return {
        "range": [first - 0.25, last + 0.35],
        "dtick": step,
        "tick0": first if step == 1 else first - first % step,
        "tickformat": "d",
        "gridcolor": PALE,
        "showgrid": False,
        "linecolor": GREY,
        "ticks": "outside",
        "automargin": True,
    }


def values_axis(*, zero: bool = False) -> dict[str, Any]:
    """Return a vertical axis of amounts, whose unit stands in the title of the chart."""
    return {
        "gridcolor": PALE,
        "zeroline": zero,
        "zerolinecolor": INK,
        "rangemode": "tozero" if zero else "normal",
        "automargin": True,
        "nticks": 6,
        "tickformat": ",~r",
        "separatethousands": True,
    }


def names_axis(names: Sequence[str]) -> dict[str, Any]:
    """Return a vertical axis of names, the first on top."""
    return {
        "categoryorder": "array",
        "categoryarray": [*map(plain, reversed(names))],
        "automargin": True,
        "ticklen": 4,
        "tickcolor": PAPER,
        "ticks": "outside",
    }
