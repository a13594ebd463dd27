"""When the targets are reached: bars of the probability of each first year, and of never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.patches import Patch

from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.fan import chance_short
from fsinsure.output.figures.fan_targets import Aim, aims_of
from fsinsure.output.figures.panels import GUTTER, year_ticks
from fsinsure.output.figures.style import BLUE, GREY, HEAD, INK, MISSED, PAPER, SKY, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import chance, percent, stock_text, unit_for
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.output.figures.fan import Source

CELL: Final = 1.65
SIDE: Final = 0.45
"""Inches left of the bars for the numbers."""
YEARS: Final = 0.24
TOP: Final = 1.22
"""Height of the axes over that of the highest bar, for the text above it."""
APART: Final = 0.85
"""Inches from the last year to the bar of never, and from there to the end."""
SLOT: Final = 0.42
"""Inches of a year from which on the probability is written above its bar."""
NEVER: Final[dict[str, Any]] = {
    "facecolor": "#F6CDB4",
    "edgecolor": MISSED,
    "hatch": "////",
    "linewidth": 0,
}


class Arrival(NamedTuple):
    """A target, the probability of every first year, and that it is not reached."""

    aim: Aim
    years: pd.Series[float]
    never: float

    @property
    def reached(self) -> float:
        """The probability that it is reached within the horizon."""
        return round(1.0 - self.never, 9)

    @property
    def in_time(self) -> float:
        """The probability that it is reached by its year."""
        late = float(self.years[self.years.index > self.aim.year].sum())
        return round(1.0 - self.never - late, 9)


@sheet.drawn
def arrivals(
    table: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    source: Source,
    some: bool = False,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the probability of each year to be the first with as many people as a target.

    Parameters
    ----------
    table, targets
        ``arrivals`` and ``targets`` as in :class:`fsinsure.ensembles.Ensemble`.
    source
        How the draws were made.
    some
        Whether the scenario has other targets than these.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; a column that is missing; several scenarios.
    """
    require(table, "arrivals", "scenario", "measure", "target", "year", "probability")
    scenario = only_scenario(table, "arrivals")
    _, aims = aims_of(targets)
    context.one_panel(measure=[aim.measure for aim in aims], year=[aim.year for aim in aims])
    found = [arrival_of(table, aim) for aim in aims]
    horizon = int(table["year"].max())
    span = shown_years(found)
    late = any(aim.year < span[1] for aim in aims)
    handles, words = signs(horizon, lang, late=late)
    legend = legends.legend_height(words)
    picture, body = sheet.open_picture(
        len(aims) * CELL + (len(aims) - 1) * GUTTER + legend,
        finding(found, horizon, source.draws, lang, some=some),
        title or scenario,
        [label("figure.arrival_note", lang), source.note(lang, scenario)],
    )
    top = body.bottom + body.height - legend
    for number, one in enumerate(found):
        bottom = top - CELL - number * (CELL + GUTTER)
        cell = sheet.Box(body.left, bottom, body.width, CELL)
        draw_target(picture, cell, one, span, horizon, source.draws, lang)
    legends.legend_line(picture, body, handles, words)
    return picture


def arrival_of(table: pd.DataFrame, aim: Aim) -> Arrival:
    """Return the probabilities of a target."""
    rows = table[(table["measure"] == aim.measure) & (table["target"] == aim.target)]
    rows = rows.drop_duplicates(["year"])
    known = rows[rows["year"].notna()]
    never = float(rows.loc[rows["year"].isna(), "probability"].iloc[0])
    return Arrival(aim, known.set_index("year")["probability"].sort_index(), never)


def shown_years(found: Sequence[Arrival]) -> tuple[int, int]:
    """Return the first and last year drawn: later ones in which nothing is reached are left out."""
    first, horizon = int(found[0].years.index[0]), int(found[0].years.index[-1])
    likely = [int(year) for one in found for year in one.years.index[one.years > 0]]
    due = [min(one.aim.year, horizon) for one in found]
    start = first if first in likely or first == horizon else first + 1
    return start, max([*likely, *due])


def finding(found: Sequence[Arrival], horizon: int, draws: int, lang: str, *, some: bool) -> str:
    """Return the title: the target that is least likely reached within the horizon.

    With `some` there are targets that are not shown, of which it says nothing.
    """
    least = min(found, key=lambda one: one.reached)
    own = chance(least.reached, draws, lang)
    if len(found) > 1 and least.reached == 1.0 and not some:
        return label("figure.arrival_all", lang, year=horizon, chance=own)
    name = sheet.decapitalize(least.aim.name(lang))
    words = {"measure": name, "year": horizon, "chance": own}
    if len(found) == 1:
        return label("figure.arrival_one", lang, **words)
    if some:
        return label("figure.arrival_shown", lang, **words)
    return label("figure.arrival_title", lang, **words)


def signs(horizon: int, lang: str, *, late: bool) -> tuple[list[Patch], list[str]]:
    """Return the signs of the bars and their words."""
    found = [(Patch(color=BLUE), label("figure.in_time", lang))]
    if late:
        found.append((Patch(color=SKY), label("figure.late", lang)))
    found.append((Patch(**NEVER), label("figure.never", lang, year=horizon)))
    handles, words = zip(*found, strict=True)
    return list(handles), list(words)


def draw_target(
    picture: sheet.Picture,
    cell: sheet.Box,
    one: Arrival,
    span: tuple[int, int],
    horizon: int,
    draws: int,
    lang: str,
) -> None:
    """Draw the bars of one target."""
    unit = unit_for(lang, one.aim.target)
    words = {
        "measure": one.aim.name(lang),
        "target": f"{stock_text(one.aim.target, unit)} {unit.name}",
        "year": min(one.aim.year, horizon),
        "chance": chance(one.in_time, draws, lang),
    }
    y = sheet.heading(picture, cell, [(label("figure.arrival_head", lang, **words), HEAD, INK)])
    box = sheet.Box(
        cell.left + SIDE, cell.bottom + YEARS, cell.width - SIDE, y - 0.08 - cell.bottom - YEARS
    )
    axes = sheet.axes_in(picture, box)
    first, last = span
    inch = (last - first + 1) / (sheet.frame_of(axes, box).width - 2 * APART)
    apart = last + 0.5 + APART * inch
    axes.set_xlim(first - 0.5, apart + APART * inch)
    shown = one.years[(one.years.index >= first) & (one.years.index <= last)]
    axes.set_ylim(0, max(*shown, one.never) * TOP)
    draw_bars(axes, one, shown, apart, inch, lang)
    must = sorted({first, last, min(max(one.aim.year, first), last)})
    years = year_ticks(must, (sheet.text_width("0000", SMALL) + 0.12) * inch)
    never = label("figure.never", lang, year=horizon)
    axes.set_xticks([*years, apart], [*map(str, years), never])
    axes.tick_params(axis="x", length=0)
    marks = sheet.ticks(*axes.get_ylim(), 3)
    axes.set_yticks(marks, [percent(mark, 0) for mark in marks])
    axes.grid(axis="y")


def draw_bars(
    axes: Axes, one: Arrival, shown: pd.Series[float], apart: float, inch: float, lang: str
) -> None:
    """Draw the bars of the years and that of never, with their probabilities where they fit."""
    colors = [BLUE if year <= one.aim.year else SKY for year in shown.index]
    axes.bar(shown.index.astype(int), shown, 0.8, color=colors, zorder=2, edgecolor=PAPER, lw=0)
    axes.bar([apart], [one.never], 0.5 * APART * inch, zorder=2, **NEVER)
    texts = {at: share for at, share in zip(shown.index.astype(float), shown, strict=True) if share}
    if 1.0 / inch < SLOT:
        texts = dict(sorted(texts.items(), key=lambda item: item[1])[-1:])
    for at, share in {**texts, apart: one.never}.items():
        color = INK if at != apart else MISSED if share else GREY
        text = chance_short(share, lang)
        sheet.annotate(axes, text, (at, share), size=SMALL, color=color, shift=(0, 3), ha="center")
