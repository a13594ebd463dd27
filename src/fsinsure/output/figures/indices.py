"""Sobol indices: first and total share of the variance of each parameter, a panel a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from fsinsure.output.figures import context, legends, ranked, sheet
from fsinsure.output.figures.style import GREY, HEAD, INK, PAPER, SMALL
from fsinsure.output.labels import label
from fsinsure.output.numbers import percent
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

APART: Final = 0.17
"""How far the marks of both indices are above and below the middle of a row."""
ABOVE: Final = 3
"""Lines above the rows of a panel."""


@sheet.drawn
def indices(
    table: pd.DataFrame,
    groups: pd.DataFrame,
    subjects: pd.DataFrame,
    *,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw the first and the total index of the parameters with their intervals.

    Parameters
    ----------
    table
        Columns scenario, subject, parameter, basis, first, first_low, first_high, total, total_low,
        total_high; the largest first.
    groups
        Columns subject, basis, total.
    subjects
        Columns subject, year, left_out.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table.
    """
    require(table, "indices", "scenario", "subject", "parameter", "basis", "first", "total")
    scenario = only_scenario(table, "indices")
    known = subjects.set_index("subject")
    drawn = {str(name): ranked.rows_of(table, str(name), "total") for name in known.index}
    context.one_panel(subject=drawn)
    counts = [len(own) for own in drawn.values()]
    handles, words = ranked.basis_handles(drawn.values(), lang)
    handles += _marks()
    words += [label(key, lang) for key in ("figure.index_first", "figure.index_total")]
    legend = legends.legend_height(words)
    picture, body = sheet.open_picture(
        ranked.grid_height(counts, ABOVE) + legend,
        ranked.finding(drawn, "total", ranked.EXPLAINED, lang),
        label("figure.indices_what", lang, title=title or scenario),
        [label("figure.indices_note", lang), context.footnote(lang, scenario)],
    )
    box = sheet.Box(body.left, body.bottom, body.width, body.height - legend)
    for (name, own), cell in zip(drawn.items(), ranked.grid(box, counts, ABOVE), strict=True):
        head = f"{ranked.subject_name(name, lang)} {known['year'][name]}"
        left_out = percent(float(known["left_out"][name]), 1)
        notes = [
            ranked.basis_note(groups, name, "total", lang),
            label("figure.indices_left_out", lang, share=left_out),
        ]
        lines = [(head, HEAD - 1.0, INK), *((note, SMALL - 0.5, GREY) for note in notes)]
        axes = ranked.ranked_axes(picture, cell, lines, own, lang)
        draw_indices(axes, own)
    legends.legend_line(picture, body, handles, words)
    return picture


def draw_indices(axes: Axes, own: pd.DataFrame) -> None:
    """Draw a dot with its interval for both indices of every parameter."""
    ranked.zero_line(axes)
    bounds = own[["first_low", "first_high", "total_low", "total_high"]]
    low = min(0.0, float(bounds.min().min())) if len(own) else 0.0
    high = max(1.0, float(bounds.max().max())) if len(own) else 1.0
    axes.set_xlim(low - 0.03, high + 0.03)
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    axes.set_xticks(ticks, [percent(one, 0) for one in ticks])
    for at, row in enumerate(own.to_dict("records")):
        colour = ranked.COLOURS[row["basis"]]
        for one, y, fill in (("first", at - APART, colour), ("total", at + APART, PAPER)):
            ends = [row[f"{one}_low"], row[f"{one}_high"]]
            axes.plot(ends, [y, y], "-", color=colour, linewidth=1.4, zorder=4)
            axes.plot([row[one]], [y], "o", mec=colour, mfc=fill, ms=4.5, zorder=5)


def _marks() -> list[Artist]:
    """Return the signs of both indices."""
    return [
        Line2D([], [], linestyle="-", marker="o", color=GREY, mec=GREY, mfc=fill, ms=4.5)
        for fill in (GREY, PAPER)
    ]
