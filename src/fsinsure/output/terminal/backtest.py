"""A backtest as text: projected against published, and the errors of the naive rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fsinsure.analysis.methods import (
    FITTED,
    IN_USE,
    NO_NATION,
    NO_PLACES,
    NO_START,
    NOT_PUBLISHED,
    PROJECTION,
    TOO_SHORT,
)
from fsinsure.output.labels import label, measure_name
from fsinsure.output.numbers import UNKNOWN, Unit, percent, unit_for, yuan_text, yuan_unit
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

NOTES: Final = {
    NOT_PUBLISHED: "backtest.not_published",
    IN_USE: "backtest.in_use",
    NO_START: "backtest.no_start",
    TOO_SHORT: "backtest.too_short",
    NO_NATION: "backtest.no_nation",
    NO_PLACES: "backtest.no_places",
}
"""Label of each note of the table; a note about parameters has their names."""


def backtest(
    tables: Mapping[str, pd.DataFrame], scenario: str, as_of: str, lang: str = "zh"
) -> str:
    """Return a backtest as text.

    Parameters
    ----------
    tables
        ``table``, ``errors``, ``rolling`` and ``relief`` of a :class:`fsinsure.backtests.Backtest`.
    scenario
        Its name.
    as_of
        The day from which it looks ahead; empty without one.
    lang
        ``zh`` or ``en``.
    """
    years = tables["table"]["year"]
    head = label("backtest.title", lang, name=scenario, first=years.min(), last=years.max())
    seen = label("backtest.seen", lang, day=as_of) if as_of else label("backtest.knows", lang)
    parts = [f"{head}\n{seen}", projected(tables["table"], lang), summed(tables["errors"], lang)]
    if not tables["rolling"].empty:
        parts.append(before(tables["rolling"], lang))
    if not tables["relief"].empty:
        parts.append(relief(tables["relief"], lang))
    return "\n\n".join(parts)


def projected(table: pd.DataFrame, lang: str) -> str:
    """Return the projection beside the published figures, a line a measure and year."""
    columns = ("measure", "year", "projected", "published", "error", "note")
    rows = []
    for name, of in table[table["method"] == PROJECTION].groupby("measure", sort=False):
        if of["published"].isna().all():
            span = f"{of['year'].min()}–{of['year'].max()}"
            blank = label("backtest.not_published", lang)
            rows.append([measure_name(str(name), lang), span, *[UNKNOWN] * 3, blank])
        else:
            rows += [_line(row, lang) for row in of.to_dict("records")]
    return text.table([label(f"backtest.{column}", lang) for column in columns], rows)


def _line(row: Mapping[Hashable, Any], lang: str) -> list[str]:
    name = f"{measure_name(str(row['measure']), lang)} ({_unit(row, lang).name})"
    amounts = [_amount(row, column, lang) for column in ("forecast", "published")]
    words = note(str(row["note"]), lang)
    return [name, str(row["year"]), *amounts, percent(row["error"]), words]


def note(words: str, lang: str) -> str:
    """Return a note of the table in the language of the reader."""
    if words.startswith(FITTED):
        return label("backtest.fitted", lang, names=words.removeprefix(FITTED))
    return label(NOTES[words], lang) if words else ""


def _unit(row: Mapping[Hashable, Any], lang: str) -> Unit:
    of = yuan_unit if row["unit"] == "yuan" else unit_for
    return of(lang, row["forecast"] if pd.isna(row["published"]) else row["published"])


def _amount(row: Mapping[Hashable, Any], column: str, lang: str) -> str:
    if pd.isna(row[column]):
        return UNKNOWN
    unit = _unit(row, lang)
    if row["unit"] == "yuan":
        return yuan_text(row[column], unit)
    return unit.text(row[column], 2)


def summed(errors: pd.DataFrame, lang: str) -> str:
    """Return the mean absolute percentage errors, a line a measure and a column a method."""
    methods = list(errors["method"].unique())
    header = ["backtest.measure", *(f"method.{method}" for method in methods), "backtest.years"]
    rows = []
    for name, of in errors.groupby("measure", sort=False):
        sizes = dict(zip(of["method"], of["mape"], strict=True))
        years = int(of.loc[of["method"] == PROJECTION, "years"].iloc[0])
        shown = [percent(sizes[method]) for method in methods]
        rows.append([measure_name(str(name), lang), *shown, str(years)])
    table = text.table([label(key, lang) for key in header], rows, right=len(header) - 1)
    return f"{label('backtest.errors', lang)}\n{table}"


def before(rolling: pd.DataFrame, lang: str) -> str:
    """Return the errors of the naive rules one year ahead, from origins before the base year."""
    first = rolling[rolling["step"] == 1]
    methods = list(first["method"].unique())
    header = ["backtest.measure", *(f"method.{method}" for method in methods), "backtest.origins"]
    rows = []
    for name, of in first.groupby("measure", sort=False):
        sizes = dict(zip(of["method"], of["mape"], strict=True))
        shown = [percent(sizes.get(method, float("nan"))) for method in methods]
        rows.append([measure_name(str(name), lang), *shown, str(of["origins"].max())])
    table = text.table([label(key, lang) for key in header], rows, right=len(header) - 1)
    return f"{label('backtest.rolling_title', lang)}\n{table}"


def relief(table: pd.DataFrame, lang: str) -> str:
    """Return the relief of the base year by rule, against the published fall of income."""
    columns = ("measure", "published", "by_rule", "range", "small_share")
    rows = [
        [
            measure_name(str(row["measure"]), lang),
            percent(row["change"]),
            percent(row["by_rule"]),
            f"{percent(row['if_all_large'])} – {percent(row['if_all_small'])}",
            f"{percent(row['small_share'], 0)} / {percent(row['small_share_implied'], 0)}",
        ]
        for row in table.to_dict("records")
    ]
    found = text.table([label(f"backtest.{column}", lang) for column in columns], rows)
    return f"{label('backtest.relief', lang)}\n{found}"
