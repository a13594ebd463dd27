"""Pictures of docs/scale.md, on the sheet and in the colours of the library's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FuncFormatter, NullFormatter

from fsinsure.output.figures.legends import legend_line
from fsinsure.output.figures.sheet import Box, Picture, axes_in, drawn, open_picture, write
from fsinsure.output.figures.style import BODY, INK, PAPER, SERIES, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scale_table import Measured

HEIGHT: Final = 2.6
GAP: Final = 0.7
LEFT: Final = 0.45
KERNELS: Final = {"numpy": SERIES[0], "numba": SERIES[1]}
NOTE: Final = "Two cores, two threads; whole runs with all tables."


def draw(rows: Sequence[Measured], folder: Path) -> None:
    """Write all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in (("cost", cost(rows)), ("workers", workers(rows))):
        picture.savefig(folder / f"scale-{name}.png", facecolor=PAPER, metadata={"Software": None})


@drawn
def cost(rows: Sequence[Measured]) -> Picture:
    """Show what a person and year costs, by number of persons and by years."""
    picture, body = open_picture(
        HEIGHT + 0.9, "What a person and year costs", "baseline scenario, one process", [NOTE]
    )
    left, right = halves(body)
    by_persons, by_years = panel(picture, left), panel(picture, right)
    for axes, series, across in (
        (by_persons, "persons", lambda row: row.persons),
        (by_years, "years", lambda row: row.years),
    ):
        lines(axes, [row for row in rows if row.series == series], across, nanoseconds)
        axes.set_ylim(0, 1.12 * axes.get_ylim()[1])
    by_persons.set_xscale("log")
    by_persons.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    by_persons.xaxis.set_minor_formatter(NullFormatter())
    head(picture, left, "Processor ns a person-year, 5 years, by persons")
    head(picture, right, "The same, 1 million persons, by years")
    handles = by_persons.get_lines()
    legend_line(picture, body, handles, [line.get_label() for line in handles])
    return picture


@drawn
def workers(rows: Sequence[Measured]) -> Picture:
    """Show how much faster more threads and Dask workers are."""
    picture, body = open_picture(
        HEIGHT + 0.9, "Threads and Dask workers", "the whole city, 5 years", [NOTE]
    )
    cells = halves(body)
    titles = {
        "threads": "Seconds by threads",
        "workers": "Seconds by Dask workers",
    }
    for cell, (series, title) in zip(cells, titles.items(), strict=True):
        axes = panel(picture, cell)
        found = [row for row in rows if row.series == series]
        lines(axes, found, lambda row: row.threads, lambda row: row.seconds)
        axes.set_xticks(sorted({row.threads for row in found}))
        axes.margins(x=0.25)
        axes.set_ylim(0, 1.12 * axes.get_ylim()[1])
        head(picture, cell, title)
        handles = axes.get_lines()
    legend_line(picture, body, handles, [line.get_label() for line in handles])
    return picture


def nanoseconds(row: Measured) -> float:
    """Return the cost of a row."""
    return row.nanoseconds


def lines(
    axes: object,
    rows: Sequence[Measured],
    across: Callable[[Measured], float],
    up: Callable[[Measured], float],
) -> None:
    """Draw one line a kernel, each point with its number: the highest above, others below."""
    highest: dict[float, tuple[float, str]] = {}
    for row in rows:
        highest[across(row)] = max(highest.get(across(row), (0.0, "")), (up(row), row.kernel))
    for kernel, (color, dash, marker) in KERNELS.items():
        own = sorted((row for row in rows if row.kernel == kernel), key=across)
        x, y = [across(row) for row in own], [up(row) for row in own]
        axes.plot(x, y, dash, color=color, marker=marker, markersize=4, label=kernel)
        for place in zip(x, y, strict=True):
            axes.annotate(
                f"{place[1]:.1f}" if place[1] < 10 else f"{place[1]:.0f}",
                place,
                xytext=(0, 5 if highest[place[0]] == (place[1], kernel) else -13),
                textcoords="offset points",
                ha="center",
                size=SMALL,
                color=color,
            )


def halves(body: Box) -> tuple[Box, Box]:
    """Return the places of two panels side by side, below a key and their heads."""
    width = (body.width - GAP) / 2
    bottom = body.bottom + 0.3
    left = Box(body.left + LEFT, bottom, width - LEFT / 2, HEIGHT)
    return left, left._replace(left=body.left + width + GAP + LEFT / 2)


def panel(picture: Picture, cell: Box) -> object:
    """Return axes with a light grid."""
    axes = axes_in(picture, cell)
    axes.grid(axis="y")
    return axes


def head(picture: Picture, cell: Box, text: str) -> None:
    """Write above a panel."""
    write(picture, cell.left - LEFT, cell.bottom + cell.height + 0.12, text, BODY, INK)
