"""Shared by the fans: bands of percentiles over years, their legend, and how draws were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fsinsure.output.figures import context
from fsinsure.output.figures.style import BLUE, INK, MET, MISSED
from fsinsure.output.labels import label
from fsinsure.output.numbers import percent_between
from fsinsure.output.tidy import require_columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

BANDS: Final = (("p5", "p95", "#DCEAF4"), ("p10", "p90", "#B9D5EA"), ("p25", "p75", "#86B8DB"))
"""Lower and upper percentile of each band, and its colour, the widest first."""
PERCENTILES: Final = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")
MEDIAN: Final = "p50"
CENTRAL: Final[dict[str, Any]] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (3, 2))}
LIKELY: Final = 0.9
"""Probability from which on something good is likely: it lies within the lower end of the band of
80 % of the draws."""


class Source(NamedTuple):
    """How the draws of a picture were made."""

    draws: int
    """Those that could be projected."""
    asked: int
    seed: int
    limited: int = 0
    """Those in which growth ended when nobody was left who could enter."""

    def note(self, lang: str, scenario: str) -> str:
        """Return the line below a picture: draws, seed, scenario and version."""
        key = "figure.draws" if self.draws == self.asked else "figure.draws_of"
        counts = {"draws": f"{self.draws:,}", "asked": f"{self.asked:,}"}
        drawn = label(key, lang, **counts, seed=self.seed)
        if self.limited:
            drawn += label("figure.draws_limited", lang, limited=f"{self.limited:,}")
        return f"{drawn} · {context.footnote(lang, scenario)}"


def bands_of(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the percentiles of a table by year; years in which one is not finite are left out.

    Raises
    ------
    InputError
        A percentile is missing.
    """
    require_columns(rows, name, "year", *PERCENTILES)
    found = rows.set_index("year")[[*PERCENTILES]].sort_index()
    return found.replace([np.inf, -np.inf], np.nan).dropna()


def draw_fan(axes: Axes, bands: pd.DataFrame, central: pd.Series[float]) -> None:
    """Draw the bands, the median, and the run of the central values."""
    for low, high, color in BANDS:
        axes.fill_between(bands.index, bands[low], bands[high], color=color, linewidth=0, zorder=1)
    axes.plot(bands.index, bands[MEDIAN], "-", color=BLUE, linewidth=2, zorder=3)
    axes.plot(central.index, central, **CENTRAL, zorder=3.1)


def fan_signs(lang: str) -> list[tuple[Artist, str]]:
    """Return the signs of a fan and their words."""
    shades: list[tuple[Artist, str]] = [
        (Patch(color=color), label("figure.band", lang, low=low[1:], high=high[1:]))
        for low, high, color in BANDS
    ]
    return [
        (Line2D([], [], color=BLUE, linewidth=2), label("figure.median_line", lang)),
        (Line2D([], [], **CENTRAL), label("figure.central_run", lang)),
        *shades[::-1],
    ]


def chance_color(good: float) -> str:
    """Return the colour of the probability of something good: likely, likelier than not, or not."""
    shown = round(good, 2)  # as it is written: 90 % is likely
    return MET if shown >= LIKELY else INK if shown >= 0.5 else MISSED


def chance_short(share: float, lang: str) -> str:
    """Return a probability where there is no space for the number of draws."""
    if share in (0.0, 1.0):
        return label("figure.no_draw" if share == 0.0 else "figure.every_draw", lang)
    return percent_between(share)
