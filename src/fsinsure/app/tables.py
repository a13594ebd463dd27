"""Tables and notes of the page as HTML, every text escaped."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from fsinsure.app.guard import FONT_PATH
from fsinsure.app.svg import FONT
from fsinsure.columns import tables as registered
from fsinsure.output.figures.style import GREY, MET, MISSED, PALE, PAPER
from fsinsure.output.labels import label
from fsinsure.output.numbers import (
    amount,
    chance,
    count,
    fund_unit,
    months_text,
    percent_reached,
)  # fmt: skip
from fsinsure.output.tidy import met

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.app.model import Shown
    from fsinsure.app.range import Range

NONE: Final = "–"
STYLE: Final = f"""
@font-face {{font-family: "Fsinsure Sans SC"; src: url("{FONT_PATH}"); font-display: block}}
:root {{--marimo-text-font: {FONT}; --marimo-heading-font: {FONT}}}
body, button, select, input, textarea, .markdown, .prose {{font-family: {FONT} !important}}
#App > div {{padding-left: 1.25rem !important; padding-right: 1.25rem !important}}
[data-testid="notebook-actions-dropdown"] {{display: none}}
.fsinsure-name {{font-size: 0.875rem; line-height: 1.25}}
.fsinsure-heading {{font-weight: 600; margin-top: 0.6rem}}
table.fsinsure {{border-collapse: collapse; margin: 0.4rem 0; font-size: 0.9rem;
  font-variant-numeric: tabular-nums}}
table.fsinsure th, table.fsinsure td {{padding: 0.25rem 0.6rem; text-align: right;
  border-bottom: 1px solid {PALE}; white-space: nowrap}}
table.fsinsure th {{color: {GREY}; font-weight: 600; white-space: normal; vertical-align: bottom}}
table.fsinsure th:first-child, table.fsinsure td:first-child {{text-align: left; padding-left: 0}}
table.fsinsure td.words {{text-align: left; white-space: normal}}
table.fsinsure .met {{color: {MET}}} table.fsinsure .missed {{color: {MISSED}}}
svg.fsinsure {{background: {PAPER}}}
h2.fsinsure {{font-size: 1.35rem; font-weight: 600; margin: 0 0 0.6rem}}
span.fsinsure-problem {{white-space: pre-line; font-size: 0.875rem}}
p.fsinsure {{color: {GREY}; font-size: 0.875rem; margin: 0.3rem 0}}
"""
"""The look of the page; fonts of the system, with that of the pictures where they lack Chinese."""


def table(header: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]]) -> str:
    """Return a table.

    Parameters
    ----------
    header
        Texts.
    rows
        Cells as text and class; an empty class is none.

    Examples
    --------
    >>> table(["a"], [[("<1", "met")]])
    '<table class="fsinsure"><tr><th>a</th></tr><tr><td class="met">&lt;1</td></tr></table>'
    """
    head = "".join(f"<th>{escape(text)}</th>" for text in header)
    body = "".join(
        "<tr>" + "".join(_cell(text, kind) for text, kind in cells) + "</tr>" for cells in rows
    )
    return f'<table class="fsinsure"><tr>{head}</tr>{body}</table>'


def _cell(text: str, kind: str) -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<td{attribute}>{escape(text)}</td>"


def targets(
    shown: Shown, lang: str, *, pinned: Shown | None = None, drawn: Range | None = None
) -> str:
    """Return the targets: target, projected, gap, attainment, what was pinned, probability."""
    columns = registered()["result.targets"]
    header = ["measure", "year", "target", "projected", "gap", "attainment"]
    names = [columns.column(name).title[lang] for name in header]
    if pinned is not None:
        names += [label("app.pinned", lang), label("app.difference", lang)]
    if drawn is not None:
        names.append(label("app.probability", lang))
    rows = []
    for goal in shown.goals:
        open_ = math.isnan(goal.gap)
        kind = "" if open_ else "met" if met(goal.gap) else "missed"
        row = [
            (label(f"short.{goal.measure}", lang), ""),
            (str(goal.year), ""),
            (amount(goal.value, lang), ""),
            (NONE if open_ else amount(goal.projected, lang), ""),
            (NONE if open_ else amount(goal.gap, lang, sign=True), kind),
            (percent_reached(goal.projected / goal.value), kind),
        ]
        if pinned is not None:
            before = pinned.curve(goal.measure).get(goal.year, math.nan)
            lost = math.isnan(before) or open_
            row.append((NONE if math.isnan(before) else amount(before, lang), ""))
            change = NONE if lost else amount(goal.projected - before, lang, sign=True)
            row.append((change, ""))
        if drawn is not None:
            share = drawn.probability(goal.measure, goal.year)
            made = drawn.found.setting.draws
            row.append((NONE if math.isnan(share) else chance(share, made, lang), ""))
        rows.append(row)
    return table(names, rows)


def funds(shown: Shown, lang: str, *, pinned: Shown | None = None) -> str:
    """Return the funds at the horizon: balance, surplus of the year, months, first deficit."""
    year, unit = shown.scenario.horizon, fund_unit(lang)
    names = ["fund", "balance", "surplus", "months", "deficit"]
    header = [label(f"app.{name}", lang, year=year, unit=unit.name) for name in names]
    if pinned is not None:
        header += [label("app.pinned", lang), label("app.difference", lang)]
    rows = []
    for fund in shown.funds:
        balance = shown.balance(fund)
        ending = shown.indicator(fund, "depletion_year", year)
        surplus = balance[year] - balance[year - 1]
        row = [
            (label(f"short.{fund}", lang), ""),
            (count(balance[year], unit), "missed" if balance[year] < 0 else ""),
            (count(surplus, unit, sign=True), "missed" if surplus < 0 else ""),
            (months_text(shown.indicator(fund, "months_of_reserve", year)), ""),
            (NONE if math.isnan(ending) else f"{ending:.0f}", ""),
        ]
        if pinned is not None:
            before = pinned.balance(fund).get(year, math.nan)
            lost = math.isnan(before)
            row.append((NONE if lost else count(before, unit), ""))
            row.append((NONE if lost else count(balance[year] - before, unit, sign=True), ""))
        rows.append(row)
    return table(header, rows)


def heading(text: str) -> str:
    """Return a heading."""
    return f'<h2 class="fsinsure">{escape(text)}</h2>'


def note(text: str) -> str:
    """Return a note."""
    return f'<p class="fsinsure">{escape(text)}</p>'
