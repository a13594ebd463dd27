"""The picture of a backtest: published figures, the projection and naive rules, by measure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from fsinsure.analysis.methods import PROJECTION, RULES, best_rule
from fsinsure.errors import InputError
from fsinsure.messages import both, separated
from fsinsure.output.figures import context, legends, sheet
from fsinsure.output.figures.panels import Panel, cells, heights
from fsinsure.output.figures.style import BLUE, GREY, HEAD, INK, PALE, PAPER, SERIES, SMALL
from fsinsure.output.labels import join_words, label, measure_name, of_one
from fsinsure.output.numbers import percent, unit_for, yuan_unit
from fsinsure.output.tidy import only_scenario, require

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

CELL: Final = 2.5
LEGEND: Final = 0.5
STYLES: Final = dict(zip(RULES, (*SERIES[1:5], SERIES[6]), strict=True))
"""Colour, dash and marker of each naive rule."""

JUDGING, SHOWN, BEFORE = "judging", "shown", "before"
MARKS: Final = {JUDGING: (INK, INK, 5.0), SHOWN: (PALE, GREY, 5.0), BEFORE: (PAPER, INK, 4.0)}
"""Fill, edge and size of the mark of a figure: one that judges, one after the base year that does
not, and one up to the base year."""


@sheet.drawn
def backtest(
    table: pd.DataFrame,
    errors: pd.DataFrame,
    published: Sequence[tuple[str, int, float]],
    starts: Mapping[str, tuple[float, float]],
    base_year: int,
    *,
    lang: str = "zh",
    title: str = "",
) -> sheet.Picture:
    """Draw a panel for each measure that has a published figure after the base year.

    Parameters
    ----------
    table
        Columns scenario, measure, unit, year, method, forecast, judged.
    errors
        Columns measure, method, mape.
    published
        Measure, year and value of every published figure, also before the base year.
    starts
        The values of the base year by measure: projected, and that from which naive rules start.
    base_year
        The base year.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios in one table; no measure with a figure
        after the base year.
    """
    require(
        table, "backtest", "scenario", "measure", "unit", "year", "method", "forecast", "judged"
    )
    scenario = only_scenario(table, "backtest")
    measures = list(table["measure"].unique())
    judging = set(
        table.loc[table["judged"], ["measure", "year"]].itertuples(index=False, name=None)
    )
    later = {name for name, year, _ in published if year > base_year}
    drawn = [name for name in measures if name in later]
    if not drawn:
        raise InputError(
            "nothing was published after {year} for {names}, so there is nothing to draw",
            year=base_year,
            names=separated(both(measure_name(one, "zh"), one) for one in measures),
        )
    context.one_panel(measure=drawn)
    missing = [measure_name(name, lang) for name in measures if name not in drawn]
    sizes = errors.pivot(index="measure", columns="method", values="mape")
    notes = [label("figure.backtest_cut", lang)]
    if missing:
        notes.append(label("figure.backtest_missing", lang, names=join_words(missing, lang)))
    units = [label("figure.backtest_unit", lang)] if len(drawn) > 1 else []
    picture, body = sheet.open_picture(
        heights(len(drawn), CELL) + LEGEND,
        finding(sizes.loc[drawn], lang),
        " · ".join([title or scenario, *units]),
        [*notes, context.footnote(lang, scenario)],
    )
    grid = sheet.Box(body.left, body.bottom, body.width, body.height - LEGEND)
    for name, cell in zip(drawn, cells(grid, len(drawn)), strict=True):
        figures = [
            (year, value, BEFORE if year <= base_year else kind_of(name, year, judging))
            for measure, year, value in published
            if measure == name
        ]
        curves = forecasts_of(table, name, starts[name], base_year)
        draw_measure(picture, cell, name, figures, curves, sizes.loc[name], base_year, lang)
    rules = [rule for rule in RULES if table.loc[table["method"] == rule, "forecast"].notna().any()]
    explain_signs(picture, body, rules, lang)
    return picture


def kind_of(measure: str, year: int, judging: Collection[tuple[object, ...]]) -> str:
    """Return the kind of mark of a figure after the base year."""
    return JUDGING if (measure, year) in judging else SHOWN


def finding(sizes: pd.DataFrame, lang: str) -> str:
    """Return the title: for how many measures the projection is nearer than every naive rule.

    Those of money are left out: the money of a base year with a relief is no start for a rule. Of
    one measure it says whether it is nearer, or for money the error only.
    """
    if len(sizes) == 1:
        name = str(sizes.index[0])
        return of_one(name, finding_of_one(sizes.iloc[0], lang, money=is_money(name)), lang)
    sizes = sizes.loc[[name for name in sizes.index if not is_money(str(name))]]
    rules = sizes[[rule for rule in RULES if rule in sizes]].min(axis=1)
    judged = sizes[PROJECTION].notna()
    if not judged.any():
        return label("figure.not_judged", lang)
    better = int((sizes[PROJECTION] < rules)[judged].sum())
    return label("figure.nearer", lang, better=better, count=int(judged.sum()))


def finding_of_one(sizes: pd.Series[float], lang: str, *, money: bool) -> str:
    """Return the title of one measure: whether the projection is nearer than the best rule."""
    own, rule = float(sizes[PROJECTION]), best_rule(sizes)
    if math.isnan(own):
        return label("figure.not_judged", lang)
    if money or not rule:
        return label("figure.mape", lang, own=percent(own))
    key = "figure.nearer_one" if own < sizes[rule] else "figure.not_nearer_one"
    return label(key, lang, own=percent(own), best=percent(sizes[rule]))


def is_money(measure: str) -> bool:
    """Return whether a measure counts yuan."""
    return measure.rpartition(".")[2] in ("income", "outgo")


def forecasts_of(
    table: pd.DataFrame, measure: str, starts: tuple[float, float], base_year: int
) -> dict[str, dict[int, float]]:
    """Return the forecasts of a measure by method and year, the base year first."""
    rows = table[(table["measure"] == measure) & table["forecast"].notna()]
    return {
        str(method): {
            base_year: starts[method != PROJECTION],
            **dict(zip(of["year"], of["forecast"], strict=True)),
        }
        for method, of in rows.groupby("method", sort=False)
    }


def draw_measure(
    picture: sheet.Picture,
    cell: sheet.Box,
    name: str,
    figures: Sequence[tuple[int, float, str]],
    curves: Mapping[str, Mapping[int, float]],
    sizes: pd.Series[float],
    base_year: int,
    lang: str,
) -> None:
    """Draw one panel: limits follow the figures and the projection, not the naive rules."""
    kept = [*(value for _, value, _ in figures), *curves.get(PROJECTION, {}).values()]
    kept = [value for value in kept if value == value]  # money of the base year may be unknown
    unit = (yuan_unit if is_money(name) else unit_for)(lang, max(kept))
    lines = [
        (f"{measure_name(name, lang)} · {unit.name}", HEAD - 1.5, INK),
        *((text, SMALL - 0.5, GREY) for text in error_lines(sizes, lang)),
    ]
    width = cell.width - 0.05
    header = [(text, sheet.fitting(text, size, width), color) for text, size, color in lines]
    panel = Panel(picture, cell, header, unit)
    known = [base_year, *(year for year, _, _ in figures), *(max(of) for of in curves.values())]
    years = range(min(known), max(known) + 1)
    panel.set_limits(years, kept, [])
    panel.set_ticks(years, [base_year])
    axes = panel.axes
    axes.axvline(base_year, color=GREY, linewidth=0.6, linestyle=":", zorder=1)
    for rule in RULES:
        if rule in curves:
            color, dash, _ = STYLES[rule]
            axes.plot(
                [*curves[rule]], [*curves[rule].values()], dash, color=color, lw=1.2, zorder=3
            )
    if PROJECTION in curves:
        own = curves[PROJECTION]
        # Under the rules, which would else not be seen where they agree with it.
        axes.plot([*own], [*own.values()], "-", color=BLUE, linewidth=2.6, zorder=2)
    for year, value, kind in figures:
        fill, edge, size = MARKS[kind]
        axes.plot([year], [value], "D", color=fill, mec=edge, ms=size, zorder=4)


def error_lines(sizes: pd.Series[float], lang: str) -> list[str]:
    """Return the errors of the projection and of the best naive rule."""
    own = label("figure.mape", lang, own=percent(sizes[PROJECTION]))
    rule = best_rule(sizes)
    if not rule:
        return [own, ""]
    words = {"best": percent(sizes[rule]), "rule": label(f"method.{rule}", lang)}
    return [own, label("figure.mape_best", lang, **words)]


def explain_signs(picture: sheet.Picture, body: sheet.Box, rules: Sequence[str], lang: str) -> None:
    """Explain the marks and lines above the panels."""
    handles = [
        Line2D([], [], color=INK, linestyle="", marker="D", ms=5),
        Line2D([], [], color=BLUE, linewidth=2),
    ]
    for rule in rules:
        color, dash, _ = STYLES[rule]
        handles.append(Line2D([], [], color=color, linestyle=dash, linewidth=1.2))
    words = [label("figure.published", lang)]
    words += [label(f"method.{method}", lang) for method in (PROJECTION, *rules)]
    legends.legend_line(picture, body, handles, words)
