"""The picture of single persons: status, contributions, account and pension, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from fsinsure.errors import InputError
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.panels import GUTTER, NUMBERS, YEARS, year_ticks
from fsinsure.output.figures.style import BODY, GREY, HEAD, INK, PAPER, STATUS_STYLES
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

ROW: Final = 1.35
"""Inches of a life, without its heading."""
MOST: Final = 8
"""Lives in one picture."""
STRIP: Final = 0.14
"""Share of the height of an axis that the statuses take, at its head."""
RANKS: Final = 256
GONE: Final = "gone"
SMALL_YUAN: Final = {"zh": 1e4, "en": 1e3}
"""Yuan in the unit of accounts: 万元, thousand yuan."""
COLUMNS: Final = ("months", "account", "pension")


@sheet.drawn
def lives(
    panel: pd.DataFrame,
    names: Mapping[int, str],
    *,
    areas: Mapping[str, str],
    first_year: int = 0,
    minimum: Sequence[float] = (),
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw some persons, one below the other, at the end of each year.

    Parameters
    ----------
    panel
        Of :meth:`fsinsure.Result.panel`.
    names
        Heading of each person by id, in the order of the picture; may be empty.
    areas
        Names of the areas by code.
    first_year, minimum
        Contribution months needed for a pension, by year from the first on; drawn beside those of
        a person.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; more than eight persons; several scenarios; a person not in the table.
    """
    require(panel, "panel", "id", "year", "status", *COLUMNS)
    scenario = only_scenario(panel, "panel")
    if len(names) > MOST:
        raise InputError(
            "{names_count} lives are too many for a picture: at most {most}.",
            names_count=len(names),
            most=MOST,
        )
    unknown = [one for one in names if not (panel["id"] == one).any()]
    if unknown:
        raise InputError("The panel table has nobody with the id {unknown}.", unknown=unknown[0])
    found = panel[panel["id"].isin(list(names))]
    handles, words = legend_entries(found, lang, with_minimum=len(minimum) > 0)
    rows = ROW + sheet.line_height(HEAD) + sheet.line_height(BODY) + GUTTER
    picture, body = sheet.open_picture(
        rows * len(names) + legends.legend_height(words),
        label("figure.lives_title", lang, count=len(names))
        if len(names) > 1
        else label("figure.lives_one", lang),
        title or scenario,
        [label("figure.lives_note", lang), context.footnote(lang, scenario)],
    )
    legends.legend_line(picture, body, handles, words)
    needed = {first_year + index: month / 12 for index, month in enumerate(minimum)}
    last = max([int(found["year"].max()), *needed])
    years = (int(found["year"].min()), last)
    top = body.bottom + rows * len(names)
    for number, (one, name) in enumerate(names.items()):
        place = sheet.Box(body.left, top - rows * (number + 1) + GUTTER, body.width, rows - GUTTER)
        life = found[found["id"] == one]
        draw_life(picture, place, life, person_text(life, name, areas, lang), years, needed, lang)
    return picture


def legend_entries(
    found: pd.DataFrame, lang: str, *, with_minimum: bool
) -> tuple[list[Artist], list[str]]:
    """Return the legend entries of the statuses that occur, and of the minimum."""
    occur = [name for name in (*STATUS_STYLES, GONE) if (found["status"] == name).any()]
    handles: list[Artist] = [Patch(**style(name)) for name in occur]
    words = [label(f"status.{name}", lang) for name in occur]
    if with_minimum:
        handles.append(Line2D([], [], color=GREY, linewidth=1.0, linestyle="--"))
        words.append(label("figure.lives_minimum", lang))
    return handles, words


def style(status: str) -> dict[str, Any]:
    """Return colour, hatch and rim of a status."""
    color, hatch = STATUS_STYLES.get(status, (PAPER, "xxxxxx"))
    rim = GREY if status == GONE else PAPER
    return {"facecolor": color, "hatch": hatch, "edgecolor": rim, "linewidth": 0.4}


def person_text(life: pd.DataFrame, name: str, areas: Mapping[str, str], lang: str) -> str:
    """Return the description of a person: sex, year of birth, area and rank of the wage."""
    first = life.iloc[0]
    rank = round(100 * (first["wage_rank"] + 0.5) / RANKS)
    words = {"born": int(first["birth_year"]), "area": areas[first["area"]]}
    described = label(f"lives.{first['sex']}", lang, **words)
    if life["months"].max() > 0:  # the rank of who never contributed says nothing
        described += label("lives.rank", lang, rank=rank)
    return f"{name} · {described}" if name else described


def draw_life(
    picture: sheet.Picture,
    place: sheet.Box,
    life: pd.DataFrame,
    name: str,
    years: tuple[int, int],
    minimum: Mapping[int, float],
    lang: str,
) -> None:
    """Draw a person's months, account and pension side by side, under who it is."""
    y = sheet.heading(picture, place, [(name, HEAD, INK)])
    width = (place.width - GUTTER * (len(COLUMNS) - 1)) / len(COLUMNS)
    per = {"months": 12.0, "account": SMALL_YUAN[lang], "pension": 1.0}
    here = life[life["status"] != GONE]
    for number, column in enumerate(COLUMNS):
        left = place.left + number * (width + GUTTER)
        sheet.write(picture, left, y, label(f"life.{column}", lang), BODY, GREY, va="top")
        height = y - sheet.line_height(BODY) - 0.06 - place.bottom - YEARS
        axes = sheet.axes_in(
            picture, sheet.Box(left + NUMBERS, place.bottom + YEARS, width - NUMBERS, height)
        )
        held = here[here[column].cummax() > 0]  # an exhausted account stays at zero
        needed = minimum if column == "months" else {}
        values = held[column] / per[column]
        axes.plot(held["year"], values, color=INK, linewidth=1.4, marker="o", markersize=2.5)
        if needed:
            axes.step(
                [*needed],
                [*needed.values()],
                where="mid",
                color=GREY,
                linewidth=1.0,
                linestyle="--",
            )
        format_axes(axes, years, max([*values, *needed.values()], default=0.0), width - NUMBERS)
        draw_statuses(axes, life)
        if held.empty:
            none = label("figure.lives_none", lang)
            axes.text(0.5, 0.4, none, size=BODY, color=GREY, ha="center", transform=axes.transAxes)


def format_axes(axes: Axes, years: tuple[int, int], peak: float, width: float) -> None:
    """Set both axes and write their numbers, with space for the statuses at the head."""
    first, last = years
    axes.set_xlim(first - 0.6, last + 0.6)
    axes.set_ylim(0, (peak or 1.0) * 1.08 / (1 - STRIP))
    shown = year_ticks([first, last], 0.45 * (last - first + 1.2) / width)
    axes.set_xticks(shown, [str(year) for year in shown])
    marks = [tick for tick in MaxNLocator(3).tick_values(0, peak) if 0 <= tick <= peak * 1.05]
    axes.set_yticks(marks if peak else [0], Unit(1.0, "").ticks(marks) if peak else ["0"])
    axes.grid(axis="y")


def draw_statuses(axes: Axes, life: pd.DataFrame) -> None:
    """Colour each year at the head by the status at its end."""
    for year, status in zip(life["year"], life["status"], strict=True):
        axes.axvspan(year - 0.5, year + 0.5, ymin=1 - STRIP, ymax=1.0, **style(str(status)))
