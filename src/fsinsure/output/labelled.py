"""Tables for readers: headings, texts and units in their language; values keep all their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fsinsure.columns import BY_ROW, of_holder
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message, separated
from fsinsure.output.labels import check_language, label, labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from fsinsure.columns import Column, Table


class DisplayUnit(NamedTuple):
    """A unit in which a column is shown."""

    of: str
    """The unit of the table."""
    divisor: float
    label: str


UNITS: Final = {
    "人": DisplayUnit("persons", 1.0, "unit.person"),
    "persons": DisplayUnit("persons", 1.0, "unit.person"),
    "千人": DisplayUnit("persons", 1e3, "unit.thousand"),
    "thousand persons": DisplayUnit("persons", 1e3, "unit.thousand"),
    "万人": DisplayUnit("persons", 1e4, "unit.ten_thousand"),
    "百万人": DisplayUnit("persons", 1e6, "unit.million"),
    "million persons": DisplayUnit("persons", 1e6, "unit.million"),
    "元": DisplayUnit("yuan", 1.0, "unit.yuan"),
    "yuan": DisplayUnit("yuan", 1.0, "unit.yuan"),
    "万元": DisplayUnit("yuan", 1e4, "unit.yuan_ten_thousand"),
    "million yuan": DisplayUnit("yuan", 1e6, "unit.yuan_million"),
    "亿元": DisplayUnit("yuan", 1e8, "unit.yuan_hundred_million"),
    "billion yuan": DisplayUnit("yuan", 1e9, "unit.yuan_billion"),
}
"""Units of people and money by name, in both languages."""


def display_unit(name: str) -> DisplayUnit:
    """Return the unit of people or money with a name such as ``万人`` or ``billion yuan``.

    Raises
    ------
    InputError
        If there is none.
    """
    if not isinstance(name, str) or name not in UNITS:
        raise InputError(
            "{name!r} is not a unit of people or money.{hint} Known: {units}.",
            name=name,
            hint=did_you_mean(name, UNITS),
            units=separated(UNITS),
        )
    return UNITS[name]


def heading(column: Column, name: str, lang: str, unit: DisplayUnit | None = None) -> str:
    """Return the heading of a column with its unit: ``人数（万人）``, ``Persons (thousand)``.

    Parameters
    ----------
    column
        What the registry says of it.
    name
        As in the table: it stays where the registry describes columns by a pattern.
    lang
        ``zh`` or ``en``.
    unit
        The unit in which it is shown, if not that of the table.
    """
    title = name if "*" in column.name else column.title[lang]
    if unit is not None:
        shown = label(unit.label, lang)
    elif column.unit in ("", BY_ROW, "year", "date", "month", "probability"):
        return title
    else:
        shown = "%" if column.unit == "share" else label(f"column_unit.{column.unit}", lang)
    return f"{title}（{shown}）" if lang == "zh" else f"{title} ({shown})"


def labelled(
    frame: pd.DataFrame,
    table: Table,
    places: Mapping[str, str],
    *,
    lang: str = "zh",
    unit: str | None = None,
) -> pd.DataFrame:
    """Return a table with headings and texts in words.

    Parameters
    ----------
    frame
        As the library gives it.
    table
        What the registry says of it.
    places
        Names of the areas and of the region by code, in the language.
    lang
        ``zh`` or ``en``.
    unit
        In which people or money are shown, such as ``万人`` or ``亿元``, in rows of units of
        their own too; otherwise as they are. Shares are shown as per cent.

    Raises
    ------
    InputError
        If the language or unit is unknown, or no column has such a unit.
    """
    check_language(lang)
    chosen = None if unit is None else display_unit(unit)
    described = {str(name): table.column(str(name)) for name in frame}
    by_row = frame["unit"] == chosen.of if chosen is not None and "unit" in frame else None
    own = any(chosen is not None and one.unit == chosen.of for one in described.values())
    if chosen is not None and not own and (by_row is None or not by_row.any()):
        raise InputError(
            "table {name} has no column in {of}: leave out {unit!r}",
            name=table.name,
            of=Message("persons") if chosen.of == "persons" else Message("yuan"),
            unit=unit,
        )
    shown = frame.copy()
    headings = {}
    for name, one in described.items():
        scaled = chosen if chosen is not None and one.unit == chosen.of else None
        headings[name] = heading(one, name, lang, scaled)
        if scaled is not None:
            shown[name] = shown[name] / scaled.divisor
        elif by_row is not None and chosen is not None and _scalable(one):
            shown[name] = shown[name].where(~by_row, shown[name] / chosen.divisor)
        elif one.unit == "share" and one.dtype == "number":
            shown[name] = shown[name].astype("float64") * 100.0
        elif one.labels:
            words = places if one.labels == "area" else _words(one.labels, lang)
            shown[name] = _in_words(shown[name], words)
    if by_row is not None and chosen is not None:
        shown["unit"] = shown["unit"].where(~by_row, label(chosen.label, lang))
    return shown.rename(columns=headings)


def _scalable(column: Column) -> bool:
    """Return whether the values of a column have the unit of their row."""
    return column.unit == BY_ROW and column.dtype == "number"


def _words(kind: str, lang: str) -> dict[str, str]:
    """Return the labels of a kind by the code that follows it."""
    start = f"{kind}."
    return {
        key.removeprefix(start): text[lang]
        for key, text in labels().items()
        if key.startswith(start)
    }


def _in_words(column: pd.Series[Any], words: Mapping[str, str]) -> pd.Series[Any]:
    """Replace codes by words and keep texts without one; categories keep their order."""
    if column.dtype == "category":
        named = {code: words.get(code, code) for code in column.cat.categories}
        return column.cat.rename_categories(named)
    return column.map(lambda code: words.get(code, code))


SHORT: Final = ("scenario", "measure", "year", "target", "projected", "gap", "attainment")
"""The columns of targets that a notebook shows first."""


def short_chances(targets: pd.DataFrame) -> pd.DataFrame:
    """Return what matters most of the targets of draws, with headings and texts in words."""
    columns = ["scenario", *("measure", "year", "target", "probability", "p10", "p50", "p90")]
    chosen = targets[[*(one for one in columns if one in targets), "unit"]]
    return labelled(chosen, of_holder("ensemble")["targets"], {}, unit="万人")


def short_targets(targets: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """Return what matters most of the targets of a result, with headings and texts in words."""
    unit = {"zh": "万人", "en": "thousand persons"}[check_language(lang)]
    columns = [*SHORT, "year_reached"]
    return labelled(targets[columns], of_holder("result")["targets"], {}, lang=lang, unit=unit)
