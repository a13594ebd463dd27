"""Overrides from Python: the same values, checks and error texts as in a file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING

from fsinsure.errors import did_you_mean
from fsinsure.scenario.paths import TablePath, YearPath, date_text
from fsinsure.scenario.problems import Issue, fail, quote
from fsinsure.scenario.registry import registry
from fsinsure.scenario.schema import validate
from fsinsure.scenario.values import LINEAR, Where

if TYPE_CHECKING:
    from pathlib import Path

    from fsinsure.errors import Position
    from fsinsure.scenario.problems import Location
    from fsinsure.scenario.schema import Content

OTHER_KEYS = ("horizon", "targets", "relief")
_MOST_NESTED = 4


def read_overrides(name: str, overrides: Mapping[str, object], folder: Path | None) -> Content:
    """Validate overrides by dotted key.

    Parameters
    ----------
    name
        Of the scenario that they make.
    overrides
        What YAML would hold, by dotted key.
    folder
        Where file names are looked up.

    Raises
    ------
    ScenarioError
        One line for each problem, without positions.
    """
    known = registry()
    issues = [_unknown(key) for key in overrides if key not in known and key not in OTHER_KEYS]
    if issues:
        fail(issues, _nowhere)
    data: dict[str, object] = {"name": name}
    for key, value in overrides.items():
        try:
            held = as_yaml(value)
        except ValueError as error:
            issues.append(Issue(str(error), (key,)))
            continue
        if key not in known:
            data[key] = held
            continue
        *outer, last = known[key].location
        level = data
        for part in outer:
            inner = level.setdefault(part, {})
            assert isinstance(inner, dict)
            level = inner
        level[last] = held
    if issues:
        fail(issues, _nowhere)
    return validate(data, Where(folder, folder, folder), _nowhere)


def _nowhere(_location: Location, _at_key: bool) -> Position | None:
    return None


def _unknown(key: object) -> Issue:
    if not isinstance(key, str):
        return Issue(f"a key must be a text such as 'growth.employee', got {quote(key)}")
    known = (*registry(), *OTHER_KEYS)
    hint = did_you_mean(key, known) or " 'fsinsure new' writes a file with every key"
    return Issue(f"unknown key.{hint}", (key,))


def as_yaml(value: object, depth: int = 0) -> object:
    """Turn a Python value into what the YAML reader would give.

    Raises
    ------
    ValueError
        If a key stands twice (``2021`` and ``"2021"``) or the nesting is too deep.
    """
    if depth > _MOST_NESTED:
        raise ValueError("nested too deep")
    if value is None or isinstance(value, bool | str | Decimal):
        return value
    if isinstance(value, YearPath):
        points: dict[object, object] = {date_text(date): held for date, held in value.points}
        return {**as_yaml_mapping(points, depth), **_mode(value)}
    if isinstance(value, TablePath):
        tables: dict[object, object] = {
            year: dict(zip(*table, strict=True)) for year, table in value.points
        }
        return as_yaml_mapping(tables, depth)
    if isinstance(value, Integral):
        # Huge integers are slow to convert; any text that is no number is refused as well.
        return Decimal(int(value)) if int(value).bit_length() <= 128 else "a huge integer"
    if isinstance(value, Real):
        try:
            return Decimal(repr(float(value)))
        except OverflowError:
            return "a huge number"
    if isinstance(value, Mapping):
        return as_yaml_mapping(value, depth)
    if isinstance(value, list | tuple):
        return [as_yaml(item, depth + 1) for item in value]
    return value


def as_yaml_mapping(value: Mapping[object, object], depth: int) -> dict[str, object]:
    """Turn a mapping into one with text keys."""
    found: dict[str, object] = {}
    for key, inner in value.items():
        text = str(key)
        if text in found:
            raise ValueError(f"{text} a second time")
        found[text] = as_yaml(inner, depth + 1)
    return found


def _mode(path: YearPath) -> dict[str, object]:
    return {"interpolate": LINEAR} if path.linear else {}
