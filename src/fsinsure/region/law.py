"""Layers of law: dated values of the nation, of a province over it, of a region over both.

A layer is a folder with ``layer.yaml`` (names, and the layer that it overrides) and ``values.csv``.
The innermost layer that names a parameter, or a key of a table, gives all its values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from fsinsure.dims import SEXES
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import separated
from fsinsure.paths import date_at
from fsinsure.region.files import LAW, VALUE_COLUMNS
from fsinsure.region.known import became_known
from fsinsure.region.region import Value
from fsinsure.registry import HELD, NONE, registry
from fsinsure.sources import BASES, CONFIDENCES, data_folder
from fsinsure.tabular import known_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from fsinsure.registry import Parameter
    from fsinsure.tabular import Record

TABLES: Final = ("mortality", "fertility")
"""The demographic tables that a layer, or a region, may have."""

BOTH: Final = "both"
"""The sex of a profile that holds for men and women."""

Values = dict[str, tuple[Value, ...]]


@dataclass(frozen=True)
class Layer:
    """A layer of law.

    Parameters
    ----------
    name
        Of its folder.
    parent
        The layer that it overrides; empty for a nation.
    folder
        Where its files are.
    """

    name: str
    parent: str
    folder: Path


def layer_folders(region: Path) -> dict[str, Path]:
    """Return the folders of the known layers by name: those of a region, and the shipped ones."""
    found: dict[str, Path] = {}
    for home in (data_folder() / LAW, region / LAW):
        if home.is_dir():
            folders = sorted(one for one in home.iterdir() if (one / "layer.yaml").is_file())
            found |= {one.name: one for one in folders}
    return found


def chain(name: str, region: Path, read_layer: Callable[[Path], Layer]) -> tuple[Layer, ...]:
    """Return a layer and those that it overrides, the outermost first.

    Parameters
    ----------
    name
        Of the innermost layer.
    region
        The folder of the region, which may have layers of its own in ``law``.
    read_layer
        Reads ``layer.yaml`` of a folder.

    Raises
    ------
    InputError
        If a layer does not exist, or overrides itself.
    """
    folders = layer_folders(region)
    found: list[Layer] = []
    while name:
        if name not in folders:
            raise InputError(
                "there is no law {name!r}.{hint} Known: {folders}; a region may have its own in "
                "law/{name}/ of its folder: layer.yaml (name: {{zh, en}}, and the parent) and "
                "values.csv with the columns {value_columns}",
                name=name,
                hint=did_you_mean(name, folders),
                folders=separated(folders),
                value_columns=",".join(VALUE_COLUMNS),
            )
        if name in [one.name for one in found]:
            raise InputError(
                "the law {name} overrides itself: check parent in its layer.yaml", name=name
            )
        found.append(read_layer(folders[name]))
        name = found[-1].parent
    return tuple(reversed(found))


def values_in(
    rows: Sequence[Record], layer: str, base_year: int, areas: Collection[str] = ()
) -> Values:
    """Turn rows into the dated values of parameters.

    Parameters
    ----------
    rows
        Of ``values.csv`` or ``assumptions.csv``.
    layer
        What sets them, for the provenance.
    base_year
        From when an undated value of a path holds.
    areas
        The areas that the column ``area`` may name.

    Returns
    -------
    dict
        Values by parameter, ascending by date. A key of a table is a row of its own,
        ``pension.annuity_divisors.60``.

    Raises
    ------
    DataError
        If a parameter is unknown, or a value or a date cannot be used; the message names file,
        row and column.
    """
    found: dict[str, list[Value]] = {}
    for row in rows:
        name, key = _named(row)
        parameter = registry()[name]
        if row["unit"] and row["unit"] != parameter.unit:
            raise row.error(
                "unit",
                "{name} is in {unit}, not in {given!r}",
                name=name,
                unit=parameter.unit,
                given=row["unit"],
            )
        value = Value(
            _area(row, parameter, areas),
            key,
            _date(row, parameter, base_year),
            _text(row, parameter),
            row.required("source"),
            row.choice("confidence", CONFIDENCES),
            row["note"],
            layer,
            row.position("value"),
            *_range(row, parameter),
            known_on(row),
        )
        same = _same_date(found.setdefault(name, []), value)
        since = became_known(value, date(base_year, 12, 31)).day
        if any(became_known(one, date(base_year, 12, 31)).day == since for one in same):
            raise row.error(
                "from",
                "a second value of {parameter} from this date, known since {since} as the other: "
                "keep one, or give a revision the day when it became known",
                parameter=row["parameter"],
                since=since,
            )
        found[name].append(value)
    return {name: tuple(sorted(known, key=_order)) for name, known in found.items()}


def _same_date(values: Sequence[Value], value: Value) -> list[Value]:
    """Return the values of the area, key and date of a value: its revisions."""
    of = (value.area, value.key, value.date)
    return [one for one in values if (one.area, one.key, one.date) == of]


def _order(value: Value) -> float:
    return -1.0 if value.date is None else value.date


def _named(row: Record) -> tuple[str, int]:
    """Return the parameter that a row names, and the key of a table."""
    name, key = row.required("parameter"), ""
    if name not in registry():
        name, _, key = name.rpartition(".")
    parameter = registry().get(name)
    if parameter is None or (key and (not key.isdigit() or int(key) not in parameter.keys)):
        text = row["parameter"]
        raise row.error(
            "parameter",
            "there is no parameter {text!r}.{hint}",
            text=text,
            hint=did_you_mean(text, registry()),
        )
    return name, int(key or 0)


def _area(row: Record, parameter: Parameter, areas: Collection[str]) -> str:
    area = row.cells.get("area", "")
    if area and not parameter.by_area:
        raise row.error(
            "area", "{name} is one for all areas: leave the area out", name=parameter.name
        )
    return row.choice("area", areas) if area else ""


def _date(row: Record, parameter: Parameter, base_year: int) -> float | None:
    text = row["from"]
    if not text:
        return date_at(base_year, 1) if parameter.kind in ("path", "table") else None
    if parameter.kind not in ("path", "table"):
        raise row.error("from", "{name} has one value: leave the date out", name=parameter.name)
    found = re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?", text)
    if found is None:
        raise row.error(
            "from", "{text!r} is not a year or a month, such as 2019 or 2019-07", text=text
        )
    return date_at(int(found[1]), int(found[2] or 1))


def _text(row: Record, parameter: Parameter) -> str:
    """Return the text of a value after checking that it is one within the bounds."""
    text = row.required("value")
    if parameter.kind == "choice" or (text == HELD and parameter.can_be_held):
        return text
    if parameter.kind == "year" and text == NONE:
        return text
    row.number("value", parameter.low, parameter.high)
    return text


def _range(row: Record, parameter: Parameter) -> tuple[float | None, float | None, str]:
    """Return low, high and basis of a value; all or none of them are given."""
    given = [column for column in ("low", "high", "basis") if row.cells.get(column)]
    if not given:
        return None, None, ""
    basis = row.choice("basis", BASES)
    low = float(row.number("low", parameter.low, parameter.high))
    high = float(row.number("high", parameter.low, parameter.high))
    if not low <= float(row.number("value")) <= high:
        raise row.error(
            "low",
            "the value {value} is not between {low:g} and {high:g}: give the range of the new "
            "value, or none of low, high and basis",
            value=row["value"],
            low=low,
            high=high,
        )
    return low, high, basis


def profiles_in(rows: Sequence[Record], layer: str) -> Values:
    """Turn rows of ``profiles.csv`` into values of ``profile.<name>.<sex>``, a key an age."""
    found: dict[str, list[Value]] = {}
    for row in rows:
        name, sex = row.required("profile"), row.choice("sex", (*SEXES, BOTH))
        for each in SEXES if sex == BOTH else (sex,):
            parameter = registry().get(f"profile.{name}.{each}")
            if parameter is None:
                known = sorted({one.split(".")[1] for one in registry() if one[:8] == "profile."})
                raise row.error(
                    "profile",
                    "there is no profile {name!r}.{hint}",
                    name=name,
                    hint=did_you_mean(name, known),
                )
            age = row.number("age", parameter.keys[0], parameter.keys[-1])
            if age != int(age):
                raise row.error("age", "{age} is not a whole age", age=row["age"])
            row.number("weight", parameter.low, parameter.high)
            known_ages = found.setdefault(parameter.name, [])
            if known_ages and age <= known_ages[-1].key:
                raise row.error(
                    "age", "{age} after {key}: ages must rise", age=age, key=known_ages[-1].key
                )
            provenance = (row.required("source"), row.choice("confidence", CONFIDENCES))
            where = row.position("weight")
            value = Value("", int(age), None, row["weight"], *provenance, row["note"], layer, where)
            known_ages.append(value)
    return {name: tuple(values) for name, values in found.items()}


def overlay(layers: Iterable[Mapping[str, tuple[Value, ...]]]) -> Values:
    """Return the values of the innermost layer that names each parameter, or key of a table."""
    found: dict[str, tuple[Value, ...]] = {}
    for layer in layers:
        for name, values in layer.items():
            keys = {one.key for one in values}
            kept = [one for one in found.get(name, ()) if one.key not in keys]
            if registry()[name].kind == "profile":
                kept = []
            found[name] = tuple(sorted([*kept, *values], key=_order))
    return {name: found[name] for name in registry() if name in found}
