"""The picture of adequacy and burden: replacement rates, support ratio and cost rates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError
from fsinsure.output.figures.context import footnote
from fsinsure.output.figures.money import indicator, last_drawn, limits
from fsinsure.output.figures.panels import Mark, Panel, cells, heights, milestones
from fsinsure.output.figures.sheet import Box, Picture, drawn, heading, open_picture
from fsinsure.output.figures.style import FUND_SERIES, HEAD, INK
from fsinsure.output.labels import label
from fsinsure.output.numbers import Unit, percent
from fsinsure.output.tidy import only_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

TURN: Final = 0.01
"""How far a replacement rate must lie beyond the first and the last one to be named."""
CELL: Final = 2.8
START_GAP: Final = 26
"""Points between the starts of two lines that both get a text."""
PERCENT: Final = Unit(0.01, "%")
PLAIN: Final = Unit(1.0, "")
ENTERPRISE: Final = "pension.enterprise"
BOTH: Final = (ENTERPRISE, "pension.civil")
PANELS: Final = {
    "replacement_rate": ("figure.replacement", BOTH, PERCENT),
    "average_pension": ("figure.average_pension", (*BOTH, "pension.resident"), PLAIN),
    "support_ratio": ("figure.support_ratio", (ENTERPRISE,), PLAIN),
    "cost_rate": ("figure.cost_rate", BOTH, PERCENT),
}
"""The heading of each indicator, the funds that have a line, and the unit."""


@drawn
def replacement(
    indicators: pd.DataFrame, *, last: int | None = None, lang: str = "zh", title: str = ""
) -> Picture:
    """Draw the replacement rate of new awards, the average pension, and the burden of pensions.

    Parameters
    ----------
    indicators
        Columns scenario, year, fund, indicator, value: ``replacement_rate`` and ``cost_rate`` of
        the enterprise and civil service pensions, ``average_pension`` of all three,
        ``support_ratio`` of the enterprise pension.
    last
        Last year drawn.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios; an indicator that is missing;
        nobody who retires.
    """
    scenario = only_scenario(indicators, "indicators")
    horizon = int(indicators["year"].max())
    end = last_drawn(indicators, last)
    indicators = indicators[indicators["year"] <= end]
    rates = indicator(indicators, "replacement_rate", ENTERPRISE)
    if rates.empty:
        raise InputError("No picture of replacement: nobody retires from the enterprise pension.")
    notes = [label("figure.replacement_note", lang)]
    if end < horizon:
        notes.append(label("figure.shown_until", lang, year=end, horizon=horizon))
    picture, body = open_picture(
        heights(4, CELL),
        finding(rates, indicator(indicators, "support_ratio", ENTERPRISE), lang),
        f"{title or scenario} · {label('figure.axes_differ', lang)}",
        [*notes, footnote(lang, scenario)],
    )
    draw_indicators(picture, dict(zip(PANELS, cells(body, 4), strict=True)), indicators, lang)
    return picture


def has_awards(indicators: pd.DataFrame, last: int | None = None) -> bool:
    """Return whether anybody retires from the enterprise pension up to the year `last`."""
    rates = indicator(indicators, "replacement_rate", ENTERPRISE)
    return bool((rates.index <= last_drawn(indicators, last)).any())


def draw_indicators(
    picture: Picture, places: Mapping[str, Box], indicators: pd.DataFrame, lang: str
) -> None:
    """Draw each indicator of `places` (`PANELS`) in its cell."""
    for name, cell in places.items():
        key, funds, unit = PANELS[name]
        head = label(key, lang, unit=label("unit.yuan_month", lang))
        draw_lines(picture, cell, head, curves(indicators, name, funds), unit, lang)


def curves(
    indicators: pd.DataFrame, name: str, funds: Sequence[str]
) -> dict[str, pd.Series[float]]:
    """Return an indicator of some funds by year; funds without any value are left out."""
    found = {fund: indicator(indicators, name, fund) for fund in funds}
    finite = {fund: line[line.abs() < math.inf] for fund, line in found.items()}
    return {fund: line for fund, line in finite.items() if len(line)}


def finding(rate: pd.Series[float], ratio: pd.Series[float], lang: str) -> str:
    """Return the title: the replacement rate and the support ratio, first and last."""
    first, last = rate.index[0], rate.index[-1]
    rates = {"first": percent(float(rate[first])), "last": percent(float(rate[last]))}
    turn = turning(rate)
    if turn is not None:
        extreme = {"rate": percent(float(rate[turn])), "year": turn}
        rates["last"] = label("replacement.turn", lang, last=rates["last"], **extreme)
    ratios = {"many": f"{ratio[first]:.2f}", "few": f"{ratio[last]:.2f}"}
    key = "figure.replacement_title"
    return label(key, lang, first_year=first, last_year=last, **rates, **ratios)


def turning(rate: pd.Series[float]) -> int | None:
    """Return the year of the extreme between the ends, if it is `TURN` beyond both of them."""
    ends = (float(rate.iloc[0]), float(rate.iloc[-1]))
    beyond = {int(str(rate.idxmin())): min(ends) - float(rate.min())}
    beyond[int(str(rate.idxmax()))] = float(rate.max()) - max(ends)
    year = max(beyond, key=lambda year: beyond[year])
    return year if beyond[year] >= TURN else None


def writer(unit: Unit, peak: float) -> Callable[[float], str]:
    """Return the format of the values of a panel: fewer decimals for larger values."""
    if unit == PERCENT:
        return lambda value: percent(value)
    return lambda value: unit.text(value, 2 if peak < 100 else 0)


def draw_lines(
    picture: Picture,
    cell: Box,
    head: str,
    lines: Mapping[str, pd.Series[float]],
    unit: Unit,
    lang: str,
) -> None:
    """Draw a line per fund from zero upwards, named with its value at its end.

    Without any line only the heading is written.
    """
    if not lines:
        heading(picture, cell, [(head, HEAD, INK)])
        return
    panel = Panel(picture, cell, [(head, HEAD, INK)], unit)
    every = [value for line in lines.values() for value in line]
    write = writer(unit, max(every))
    ends = []
    for fund, line in lines.items():
        name = label(f"fund_short.{fund}", lang) + " " if len(lines) > 1 else ""
        words = f"{name}{write(line.iloc[-1])}"
        ends.append(Mark(line.iloc[-1], words, FUND_SERIES[fund][0], int(line.index[-1])))
    first = min(int(line.index[0]) for line in lines.values())
    last = max(mark.year for mark in ends)
    panel.set_span((first, last), limits(every, zero=True), [mark.text for mark in ends])
    panel.set_ticks(range(first, last + 1), milestones(first, last))
    for fund, line in lines.items():
        color, dash, marker = FUND_SERIES[fund]
        (drawn_line,) = panel.axes.plot(line.index, line, dash, color=color, linewidth=2)
        panel.mark(drawn_line, marker, 4.5)
    for fund, line in lines.items():
        if apart(panel, lines, fund):
            words, color = write(line.iloc[0]), FUND_SERIES[fund][0]
            panel.label_near(Mark(line.iloc[0], words, color, int(line.index[0])), "upper right")
    panel.label_at_end(ends)


def apart(panel: Panel, lines: Mapping[str, pd.Series[float]], fund: str) -> bool:
    """Return whether a line starts far enough from the others for a text between them."""
    heights = {name: panel.place(0, line.iloc[0])[1] for name, line in lines.items()}
    here = heights.pop(fund)
    return all(abs(here - other) > START_GAP for other in heights.values())
