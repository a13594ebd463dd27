"""Panels of parameters ranked by what they move: shared by tornado and indices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from matplotlib.patches import Patch

from fsinsure.output.figures import sheet
from fsinsure.output.figures.rows import name_rows
from fsinsure.output.figures.style import BLUE, GREEN, GREY, HEAD, ORANGE, PALE, PURPLE, SMALL
from fsinsure.output.labels import closed_up, join_words, label
from fsinsure.output.levers import lever_name
from fsinsure.output.numbers import Unit, percent, unit_for, yuan_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

ROW: Final = 0.27
"""Inches a parameter."""
FOOT: Final = 0.3
"""Inches below the rows for the numbers of the axis."""
GUTTER: Final = 0.25
MOST: Final = 8
"""Parameters of a panel, at most."""
LEAST: Final = 1e-4
"""Share of what moves a subject below which a parameter is not drawn."""
NAMES: Final = 1.9
"""Inches left of the rows for the names of the parameters."""
NAME: Final = 7.0
"""Size of these names."""

MOVED: Final = ("figure.moved_most", "figure.moved_each")
EXPLAINED: Final = ("figure.explained_most", "figure.explained_each")
"""Labels of titles, for one measure and for several."""

COLOURS: Final = {"estimate": BLUE, "analogue": GREEN, "judgement": ORANGE, "scenario": PURPLE}
"""Colour of what a range rests on."""


def subject_name(subject: str, lang: str) -> str:
    """Return a subject for readers."""
    kind, _, name = subject.partition(".")
    short = label(f"short.{name}", lang)
    return short if kind == "measure" else label("sensitivity.fund", lang, fund=short)


def unit_of(subject: str, peak: float, lang: str) -> Unit:
    """Return the unit in which the effects on a subject are written."""
    return (unit_for if subject.startswith("measure.") else yuan_unit)(lang, peak)


def rows_of(table: pd.DataFrame, subject: str, size: str) -> pd.DataFrame:
    """Return the largest parameters of a subject."""
    own = table[(table["subject"] == subject) & (table[size].abs() > LEAST)]
    return own.head(MOST)


def grid(box: sheet.Box, counts: Sequence[int], above: int) -> list[sheet.Box]:
    """Divide a box into cells, two side by side, each row as high as its larger panel."""
    across = min(2, len(counts))
    width = (box.width - GUTTER * (across - 1)) / across
    cells, top = [], box.bottom + box.height
    for start in range(0, len(counts), across):
        line = counts[start : start + across]
        height = max(panel_height(count, above) for count in line)
        for column in range(len(line)):
            left = box.left + column * (width + GUTTER)
            cells.append(sheet.Box(left, top - height, width, height))
        top -= height + GUTTER
    return cells


def panel_height(count: int, above: int) -> float:
    """Return the height of a panel with some parameters, and lines above them."""
    return sheet.line_height(HEAD) + sheet.line_height(SMALL, above - 1) + ROW * count + FOOT


def grid_height(counts: Sequence[int], above: int) -> float:
    """Return the height of the whole grid in inches."""
    across = min(2, len(counts))
    lines = [counts[at : at + across] for at in range(0, len(counts), across)]
    rows = sum(max(panel_height(count, above) for count in line) for line in lines)
    return rows + GUTTER * (math.ceil(len(counts) / across) - 1)


def ranked_axes(
    picture: sheet.Picture,
    cell: sheet.Box,
    header: Sequence[tuple[str, float, str]],
    of: pd.DataFrame,
    lang: str,
) -> Axes:
    """Return axes with a row for each parameter, the first on top, under a header."""
    below = sheet.heading(picture, cell, header)
    height = ROW * len(of)
    box = sheet.Box(cell.left + NAMES, below - height - 0.02, cell.width - NAMES, height)
    axes = sheet.axes_in(picture, box)
    axes.set_ylim(len(of) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    names = [lever_name(str(name), lang) for name in of["parameter"]]
    name_rows(axes, names, NAME, NAMES - 0.1)
    return axes


def finding(drawn: Mapping[str, pd.DataFrame], size: str, keys: tuple[str, str], lang: str) -> str:
    """Return the title: the parameter first in rank of each measure, with its share.

    Of measures of people; of funds where nothing else is drawn. `size` is the column of the share,
    `keys` are the labels for one measure and for several.
    """
    people = {name: own for name, own in drawn.items() if name.startswith("measure.")} or drawn
    groups: dict[str, list[str]] = {}
    for name, own in people.items():
        if len(own):
            first = own.iloc[0]
            subject = sheet.decapitalize(subject_name(name, lang))
            shown = f"{subject} {percent(float(first[size]), 0)}"
            groups.setdefault(str(first["parameter"]), []).append(shown)
    if not groups:
        nobody = subject_name(next(iter(people)), lang)
        return label("figure.moved_by_nothing", lang, subject=sheet.decapitalize(nobody))
    if len(people) == 1:
        ((name, own),) = people.items()
        subject = sheet.decapitalize(subject_name(name, lang))
        parameter = lever_name(str(own["parameter"].iloc[0]), lang)
        share = percent(float(own[size].iloc[0]), 0)
        return closed_up(label(keys[0], lang, subject=subject, parameter=parameter, share=share))
    parts = [
        label(
            "figure.most_of",
            lang,
            parameter=sheet.decapitalize(lever_name(name, lang)),
            subjects=join_words(subjects, lang),
        )
        for name, subjects in groups.items()
    ]
    return label(keys[1], lang, parts=label("figure.most_and", lang).join(parts))


def basis_note(groups: pd.DataFrame, subject: str, column: str, lang: str) -> str:
    """Return how much of the variance of a subject rests on what."""
    own = groups[groups["subject"] == subject]
    parts = [
        f"{label(f'basis.{row.basis}', lang)} {percent(getattr(row, column), 0)}"
        for row in own.itertuples()
        if getattr(row, column) >= 0.005
    ]
    return label("figure.variance_by_basis", lang, parts=" · ".join(parts))


def basis_handles(drawn: Iterable[pd.DataFrame], lang: str) -> tuple[list[Artist], list[str]]:
    """Return the legend of the colours of what the ranges in some tables rest on."""
    there = {str(one) for own in drawn for one in own["basis"]}
    bases = [one for one in COLOURS if one in there]
    handles: list[Artist] = [Patch(facecolor=COLOURS[one], linewidth=0) for one in bases]
    return handles, [label(f"basis.{one}", lang) for one in bases]


def zero_line(axes: Axes) -> None:
    """Draw the line from which effects start."""
    axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=3)
    axes.grid(axis="x", color=PALE)
