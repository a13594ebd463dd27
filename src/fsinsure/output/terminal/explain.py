"""What made a number of people, as lines: one level is indented below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message, separated
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import UNKNOWN, minus
from fsinsure.output.terminal import text
from fsinsure.sources import table as data
from fsinsure.units import shown

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    Row = Mapping[Hashable, Any]

SHOWN: Final = ("measure", "group", "status", "opening", "coverage", "ageing", "flow", "figure")
"""Kinds of rows of people that are lines; the events of a flow stand beside it."""

ENTRY: Final = "coverage."
"""What begins the name of the path of a share."""


def levels(table: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    """Return an explanation without the parameters of events.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.explain.table` returns it.
    names
        Names of the areas by code, and of the region.
    lang
        ``zh`` or ``en``.
    """
    rows: list[dict[Hashable, Any]] = table.to_dict("records")
    depth: dict[int, int] = {0: -1}
    lines = []
    for row in rows:
        depth[row["row"]] = depth[row["parent"]] + 1
        if row["kind"] in SHOWN:
            found = [one for one in rows if one["parent"] == row["row"]]
            indent = "  " * depth[row["row"]]
            shown = f"{indent}{_name(row, names, lang)}"
            lines.append([shown, minus(f"{row['value']:+,.0f}"), _about(row, found, lang)])
    top = rows[0]
    lines[0][1] = f"{top['value']:,.0f}"
    header = [label(f"explain.{key}", lang) for key in ("what", "persons", "from")]
    events = dict.fromkeys(row["name"] for row in rows if row["kind"] == "event")
    if events:
        shown = join_words((label(f"event.{one}", lang) for one in events), lang)
        ways = label("explain.more", lang, events=shown, year=top["year"] - 1)
    else:
        ways = label("explain.base", lang)
    return f"{text.table(header, [_middle_right(lines, one) for one in lines])}\n{ways}"


def _middle_right(lines: list[list[str]], line: list[str]) -> list[str]:
    """Return a line with its number padded to the widest, so that numbers end in one column."""
    width = max(text.width(one[1]) for one in lines)
    return [line[0], line[1].rjust(width), line[2]]


def _name(row: Row, names: Mapping[str, str], lang: str) -> str:
    """Return what a row is about, for reading."""
    kind, name = row["kind"], str(row["name"])
    if kind == "measure":
        place = names.get(str(row["area"]), str(row["area"]))
        facts = {"measure": label(f"measure.{name}", lang), "year": row["year"], "place": place}
        return label("explain.measure", lang, **facts)
    if kind == "group":
        return next(one[lang] for one in data("groups") if one["group"] == name)
    if kind == "status":
        return label(f"status.{name}", lang)
    if kind == "flow":
        source, _, target = name.partition(" > ")
        return f"{label(f'status.{source}', lang)} → {label(f'status.{target}', lang)}"
    if kind == "figure":
        return name
    return label(f"explain.{kind}", lang, year=row["year"] - 1, ages=name)


def _about(row: Row, parts: Sequence[Row], lang: str) -> str:
    """Return events of a flow, the share of a group with its source, or the source of a figure."""
    if row["kind"] == "flow":
        events = (str(one["name"]) for one in parts if one["kind"] == "event")
        return join_words((label(f"event.{one}", lang) for one in events), lang)
    if row["kind"] == "group":
        share = row["value"] / row["people"] if row["people"] else 1.0
        shown = f"{share:.2%} × {row['people']:,.0f}"
        of = [_sourced(one, lang) for one in parts if str(one["name"]).startswith(ENTRY)]
        return "; ".join([shown, *of[:1]])
    if row["kind"] == "figure":
        return (
            _sourced(row, lang)
            if row["source"]
            else "; ".join(_sourced(one, lang) for one in parts)
        )
    return ""


def _sourced(row: Row, lang: str) -> str:
    """Return a source with its confidence, and for a parameter its value."""
    value = f"{row['name']} {_value(row, lang)}: " if row["kind"] == "parameter" else ""
    confidence = label(f"confidence.{row['confidence']}", lang)
    return f"{value}{row['source']} ({confidence})"


def parameters(table: pd.DataFrame, event: str, lang: str) -> str:
    """Return what an event, by its name in either language, reads: values with their source.

    Raises
    ------
    InputError
        If no flow of the number happened in such an event.
    """
    known = list(dict.fromkeys(table.loc[table["kind"] == "event", "name"]))
    words = {label(f"event.{one}", "zh"): one for one in known}
    event = words.get(event, event)
    own = table[(table["kind"] == "event") & (table["name"] == event)]
    if own.empty:
        raise InputError(
            "no event {event!r} made this number.{hint} Events: {known}",
            event=event,
            hint=did_you_mean(event, [*known, *words]),
            known=(separated(known) or Message("none")),
        )
    read = table[(table["kind"] == "parameter") & table["parent"].isin(own["row"])]
    keys = ("parameter", "area", "value", "set_by", "source", "confidence", "known")
    several = read["name"].duplicated(keep=False)
    rows = [
        [
            str(row["name"]),
            str(row["area"]) if many else "",
            _value(row, lang),
            *(str(row[key]) for key in keys[3:]),
        ]
        for row, many in zip(read.to_dict("records"), several, strict=True)
    ]
    return text.table([label(f"column.{key}", lang) for key in keys], rows)


def _value(row: Row, lang: str) -> str:
    """Return the value of a parameter: a dash for a table, whose values are not listed."""
    value = row["value"]
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return UNKNOWN
    if isinstance(value, str):
        return value
    return shown(round(float(value), 6), str(row["unit"])).text(lang)
