"""The picture of several scenarios side by side."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.lines import Line2D

from fsinsure.dims import TOTAL
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.fonts import printable
from fsinsure.output.figures.panels import DOTS, Mark, Panel, cells, heights
from fsinsure.output.figures.style import BODY, GREY, HEAD, INK, PAPER, SERIES, SMALL
from fsinsure.output.labels import join_words, label
from fsinsure.output.levers import MATERIAL
from fsinsure.output.numbers import Unit, count, fund_unit, stock_text, unit_for
from fsinsure.output.tidy import met, pick, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

CELL: Final = 3.4
LOWER: Final = 1.9
"""Height of a panel of differences."""
HEADING: Final = 0.4
NAMED: Final = 4
"""Scenarios that the title names at most."""


def letters(count: int) -> list[str]:
    """Return A, B, ... Z, AA, AB, ... for `count` scenarios."""
    return [
        (ascii_uppercase[index // 26 - 1] if index >= 26 else "") + ascii_uppercase[index % 26]
        for index in range(count)
    ]


def finding(targets: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    """Return the title: of how many targets each scenario meets how many."""
    known = targets[targets["gap"].notna()]
    if known.empty:
        return label("figure.compare", lang, count=len(names))
    gaps = known["gap"].map(met).groupby(known["scenario"])
    reached, due = gaps.sum(), gaps.size()
    counts = {name: (int(reached.get(name, 0)), int(due.get(name, 0))) for name in names}
    if all(some == every for some, every in counts.values()):
        return label("comparison.all", lang, count=len(names))
    if len(names) > NAMED:
        best = sum(some == every for some, every in counts.values())
        return label("comparison.many", lang, count=len(names), met=best, rest=len(names) - best)
    parts = (
        label("comparison.of", lang, scenario=names[name], met=some, due=every)
        for name, (some, every) in counts.items()
    )
    return label("comparison.some", lang, parts=join_words(parts, lang))


@sheet.drawn
def comparison(
    enrollment: pd.DataFrame,
    targets: pd.DataFrame,
    ledger: pd.DataFrame | None = None,
    *,
    lang: str = "zh",
    titles: Mapping[str, str] | None = None,
) -> sheet.Picture:
    """Draw the enrollment of every scenario, and beneath it the differences from the first.

    One panel per measure that has a target; then a panel with the differences of each that differs,
    and one for each fund whose balance differs.

    Parameters
    ----------
    enrollment
        Columns scenario, year, level, area, measure, persons, with the rows of all scenarios; the
        rows of the whole region are used. Every scenario in it is drawn, also where two coincide.
    targets
        Columns scenario, measure, year, target, gap. Without rows, every measure of `enrollment`
        gets a panel.
    ledger
        Columns scenario, year, level, fund, item, yuan; None for no funds.
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
    tables = {name: pick(whole, "enrollment", measure=name) for name in measures}
    unit = unit_for(lang, max(table["persons"].max() for table in tables.values()))
    tags = dict(zip(names, letters(len(names)), strict=True))
    words = [
        sheet.shortened(f"{tag}  {printable(names[name])}", BODY, sheet.INNER - legends.LEGEND_SIGN)
        for name, tag in tags.items()
    ]
    apart = gaps(tables, ledger, [*names], lang)
    keys, above = legends.legend_height(words), HEADING if apart else 0.0
    one = max(CELL, 1.2 + sheet.line_height(SMALL, len(names) + 2))
    lower = heights(len(apart), LOWER) if apart else 0.0
    picture, body = sheet.open_picture(
        heights(len(measures), one) + keys + lower + above,
        finding(targets, names, lang),
        label("figure.unit_axis", lang, unit=unit.name),
        [*notes_of(targets, len(names), len(measures), lang), context.credit(lang)],
    )
    legends.legend_line(picture, body, [series(index) for index in range(len(names))], words)
    grid = sheet.Box(
        body.left, body.bottom + lower + above, body.width, body.height - keys - lower - above
    )
    for (measure, table), cell in zip(tables.items(), cells(grid, len(measures)), strict=True):
        aims = () if targets.empty else goals(targets[targets["measure"] == measure], tags)
        panel = Panel(picture, cell, [(label(f"short.{measure}", lang), HEAD, INK)], unit)
        draw_measure(panel, table, aims, tags, lang)
    if apart:
        text = label("comparison.differences", lang, scenario=tags[next(iter(tags))])
        sheet.write(picture, body.left, body.bottom + lower + 0.08, text, HEAD, GREY)
        draw_gaps(picture, sheet.Box(body.left, body.bottom, body.width, lower), apart, tags)
    return picture


def notes_of(targets: pd.DataFrame, scenarios: int, measures: int, lang: str) -> list[str]:
    """Return the notes under the panels."""
    notes = [label("figure.compare_note", lang)]
    if not shared(targets, scenarios):
        notes.append(label("figure.own_targets", lang))
    notes.append(label("figure.axes_cut" if measures > 1 else "figure.axis_cut", lang))
    return notes


class Gaps(NamedTuple):
    """What is written above a panel of differences, their unit, and the curve of each scenario."""

    name: str
    unit: Unit
    curves: dict[str, pd.Series[float]]


def gaps(
    tables: Mapping[str, pd.DataFrame],
    ledger: pd.DataFrame | None,
    names: Sequence[str],
    lang: str,
) -> list[Gaps]:
    """Return the differences from the first scenario of measures and funds, if any is material."""
    found: list[tuple[str, str, pd.DataFrame]] = [
        (label(f"short.{measure}", lang), "persons", curves_of(table, "persons"))
        for measure, table in tables.items()
    ]
    if ledger is not None:
        closing = pick(pick(ledger, "ledger", level=TOTAL), "ledger", item="closing")
        found += [
            (label("comparison.fund", lang, fund=label(f"short.{fund}", lang)), "yuan", curves)
            for fund in closing["fund"].unique()
            for curves in [curves_of(closing[closing["fund"] == fund], "yuan")]
        ]
    kept = []
    for name, kind, curves in found:
        apart = curves[[*names[1:]]].sub(curves[names[0]], axis=0).dropna(how="all")
        most = float(apart.abs().max().max()) if len(apart) else 0.0
        if most >= MATERIAL[kind]:
            unit = unit_for(lang, most) if kind == "persons" else fund_unit(lang)
            kept.append(Gaps(name, unit, {one: apart[one].dropna() for one in names[1:]}))
    return kept


def curves_of(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return values by year (rows) and scenario (columns)."""
    return table.pivot_table(index="year", columns="scenario", values=value, sort=False)


def draw_gaps(
    picture: sheet.Picture, box: sheet.Box, apart: Sequence[Gaps], tags: Mapping[str, str]
) -> None:
    """Draw a panel for each measure or fund that differs: a line per scenario, and zero."""
    order = list(tags)
    for one, cell in zip(apart, cells(box, len(apart)), strict=True):
        panel = Panel(picture, cell, [(f"{one.name} · {one.unit.name}", BODY, INK)], one.unit)
        years = sorted({int(year) for curve in one.curves.values() for year in curve.index})
        ends = [
            Mark(
                float(curve.iloc[-1]),
                f"{tags[name]} {count(float(curve.iloc[-1]), one.unit, sign=True)}",
                SERIES[order.index(name) % len(SERIES)][0],
                int(curve.index[-1]),
            )
            for name, curve in one.curves.items()
            if len(curve)
        ]
        values = [0.0, *(value for curve in one.curves.values() for value in curve)]
        pad = (max(values) - min(values)) * 0.14
        last = [mark for mark in ends if mark.year == years[-1]]
        limits = (min(values) - pad, max(values) + pad)
        panel.set_span((years[0], years[-1]), limits, [mark.text for mark in last])
        panel.set_ticks(years)
        panel.axes.hlines(0, years[0], years[-1], color=INK, linewidth=0.8, zorder=1.8)
        for name, curve in one.curves.items():
            line = series(order.index(name))
            line.set_data(curve.index.to_numpy(), curve.to_numpy())
            line.set_markevery(len(curve) // 5 if len(curve) > DOTS else panel.marked(len(curve)))
            panel.axes.add_line(line)
        panel.label_at_end(last)


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
