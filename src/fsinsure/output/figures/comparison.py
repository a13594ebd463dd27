"""The picture of several scenarios side by side."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from fsinsure._version import __version__
from fsinsure.dims import TOTAL
from fsinsure.output.figures import sheet
from fsinsure.output.figures.fonts import printable
from fsinsure.output.figures.panels import DOTS, Mark, Panel, cells, heights
from fsinsure.output.figures.style import BODY, HEAD, INK, PAPER, SERIES, SMALL
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, stock_text, unit_for
from fsinsure.output.tidy import met, pick, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

CELL: Final = 3.4


def letters(count: int) -> list[str]:
    """Return A, B, ... Z, AA, AB, ... for `count` scenarios."""
    return [
        (ascii_uppercase[index // 26 - 1] if index >= 26 else "") + ascii_uppercase[index % 26]
        for index in range(count)
    ]


def finding(targets: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    """Return the title: the scenarios that reach every target, and their number."""
    known = targets[targets["gap"].notna()]
    if known.empty:
        return label("figure.compare", lang, count=len(names))
    reached = known["gap"].map(met).groupby(known["scenario"]).all()
    reaching = [name for name in names if bool(reached.get(name, False))]
    count = len(names)
    if len(reaching) == count:
        return label("figure.compare_all", lang, count=count)
    if not reaching:
        return label("figure.compare_none", lang, count=count)
    joined = join_words((names[name] for name in reaching), lang)
    return label("figure.compare_some", lang, count=count, met=len(reaching), names=joined)


@sheet.drawn
def comparison(
    enrollment: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    lang: str = "zh",
    titles: Mapping[str, str] | None = None,
) -> sheet.Picture:
    """Draw the enrollment of every scenario, one panel per measure that has a target.

    Parameters
    ----------
    enrollment
        Columns scenario, year, level, area, measure, persons, with the rows of all scenarios; the
        rows of the whole region are used. Every scenario in it is drawn, also where two coincide.
    targets
        Columns scenario, measure, year, target, gap. Without rows, every measure of `enrollment`
        gets a panel.
    lang
        ``zh`` or ``en``.
    titles
        Scenario name to its title for readers; names stand for themselves where missing.

    Raises
    ------
    InputError
        Unknown language; no enrollment; a target of a measure that `enrollment` does not hold.
    """
    require(enrollment, "enrollment", "scenario", "year", "area", "measure", "persons")
    if not targets.empty:
        require(targets, "targets", "scenario", "measure", "year", "target", "gap")
    whole = pick(enrollment, "enrollment", level=TOTAL)
    names = {name: (titles or {}).get(name, name) for name in map(str, whole["scenario"].unique())}
    measures = list((whole if targets.empty else targets)["measure"].astype(str).unique())
    tables = [pick(whole, "enrollment", measure=measure) for measure in measures]
    unit = unit_for(lang, max(table["persons"].max() for table in tables))
    tags = dict(zip(names, letters(len(names)), strict=True))
    words = [
        sheet.shortened(f"{tag}  {printable(names[name])}", BODY, sheet.INNER - sheet.LEGEND_SIGN)
        for name, tag in tags.items()
    ]
    keys = sheet.legend_height(words)
    notes = [label("figure.compare_note", lang)]
    if not shared(targets, len(names)):
        notes.append(label("figure.own_targets", lang))
    notes.append(label("figure.axes_cut" if len(measures) > 1 else "figure.axis_cut", lang))
    picture, body = sheet.open_picture(
        heights(len(measures), max(CELL, 1.2 + sheet.line_height(SMALL, len(names) + 2))) + keys,
        finding(targets, names, lang),
        label("figure.unit_axis", lang, unit=unit.name),
        [*notes, label("figure.version", lang, version=__version__)],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - keys)
    for measure, table, cell in zip(measures, tables, cells(grid, len(measures)), strict=True):
        aims = () if targets.empty else goals(targets[targets["measure"] == measure], tags)
        panel = Panel(picture, cell, [(label(f"short.{measure}", lang), HEAD, INK)], unit)
        draw_measure(panel, table, aims, tags, lang)
    sheet.legend_line(picture, body, [series(index) for index in range(len(names))], words)
    return picture


def goals(targets: pd.DataFrame, tags: Mapping[str, str]) -> list[tuple[int, float, str]]:
    """Return the distinct targets of one measure: year, persons, and letters of the scenarios.

    The letters are empty for a target of at least half of the scenarios.
    """
    found = []
    for year, aim in targets[["year", "target"]].drop_duplicates().itertuples(index=False):
        rows = targets[(targets["year"] == year) & (targets["target"] == aim)]
        sharing = [tag for name, tag in tags.items() if name in set(rows["scenario"])]
        few = 2 * len(sharing) < len(tags)
        found.append((int(year), float(aim), "·".join(sharing) if few else ""))
    return found


def shared(targets: pd.DataFrame, scenarios: int) -> bool:
    """Whether all scenarios have the same targets."""
    sharing = targets.groupby(["measure", "year", "target"])["scenario"].nunique()
    return bool((sharing == scenarios).all())


def series(index: int) -> Line2D:
    """Return the line of the scenario at `index`, without points."""
    color, dash, marker = SERIES[index % len(SERIES)]
    return Line2D([], [], color=color, linestyle=dash, linewidth=1.8, marker=marker, ms=4.5)


def draw_measure(
    panel: Panel,
    table: pd.DataFrame,
    aims: Sequence[tuple[int, float, str]],
    tags: Mapping[str, str],
    lang: str,
) -> None:
    """Draw one panel: a line per scenario, named at its end, and the targets."""
    curves = {
        name: pick(table, "enrollment", scenario=name).set_index("year")["persons"].sort_index()
        for name in tags
    }
    first = min(int(curve.index[0]) for curve in curves.values())
    ends = end_marks(curves, tags, panel.unit)
    aimed = []
    for year, aim, whose in aims:
        key = "figure.target_of" if whose else "figure.target_value"
        text = label(key, lang, value=stock_text(aim, panel.unit), names=whose)
        aimed.append(Mark(aim, text, INK, year))
    last = max(mark.year for mark in (*ends, *aimed))
    years = range(first, last + 1)
    every = [value for curve in curves.values() for value in curve]
    after = [mark for mark in (*ends, *aimed) if mark.year == last]
    panel.set_limits(years, [*every, *(aim for _, aim, _ in aims)], [mark.text for mark in after])
    panel.set_ticks(years, [year for year, *_ in aims])
    for index, curve in enumerate(curves.values()):
        line = series(index)
        line.set_data(curve.index.to_numpy(), curve.to_numpy())
        line.set_markevery(len(curve) // 5 if len(curve) > DOTS else panel.marked(len(curve)))
        panel.axes.add_line(line)
    for year, aim, _ in aims:
        panel.axes.hlines(aim, first, year, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
        panel.axes.plot([year], [aim], "D", color=INK, ms=8, mec=PAPER, zorder=1.8)
    panel.label_at_end(after)
    for mark in (*ends, *aimed):
        if mark.year < last:
            panel.label_near(mark, "lower right" if mark in ends else "upper left")


def end_marks(
    curves: Mapping[str, pd.Series[float]], tags: Mapping[str, str], unit: Unit
) -> list[Mark]:
    """Return letter and value at the end of each line; lines that end alike share one text."""
    found: dict[tuple[int, str], list[str]] = {}
    for name, curve in curves.items():
        value = stock_text(float(curve.iloc[-1]), unit, projected=True)
        found.setdefault((int(curve.index[-1]), value), []).append(name)
    order = list(curves)
    return [
        Mark(
            float(curves[alike[0]].iloc[-1]),
            f"{'·'.join(tags[name] for name in alike)} {value}",
            SERIES[order.index(alike[0]) % len(SERIES)][0] if len(alike) == 1 else INK,
            year,
        )
        for (year, value), alike in found.items()
    ]
