"""The values that a scenario sets and where: the rows of ``fsinsure validate --explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fsinsure.scenario.paths import Table, TablePath, YearPath, date_text
from fsinsure.scenario.registry import FIRST_YEAR, registry
from fsinsure.units import show

if TYPE_CHECKING:
    from fsinsure.scenario.scenario import Scenario, Value


class Row(NamedTuple):
    """A key, its value as written in YAML, and where it was set."""

    key: str
    value: str
    set_by: str


def explain(scenario: Scenario) -> list[Row]:
    """List the values that a scenario sets, in the order of the registry; others are defaults."""
    rows = [Row("horizon", str(scenario.horizon), str(scenario.origins.get("horizon", "default")))]
    for key, parameter in registry().items():
        if key in scenario.values:
            text = value_text(scenario.values[key], parameter.unit)
            rows.append(Row(key, text, str(scenario.origins.get(key, ""))))
    for relief in scenario.relief:
        key = f"relief: {', '.join(relief.insurance)}"
        rows.append(Row(key, relief.text, scenario.set_by("relief", relief.position)))
    for target in scenario.targets:
        text = f"{show(target.value, 'persons')} in {target.year}"
        set_by = scenario.set_by("targets", target.position)
        rows.append(Row(f"targets: {target.measure}", text, set_by))
    return rows


def value_text(value: Value, unit: str) -> str:
    """Write a value as in YAML: ``{2021: 1.5%, 2023: 0.8%}``."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, TablePath):
        (first, table), *later = value.points
        if first == FIRST_YEAR and not later:
            return table_text(table, unit)
        tables = [f"{year}: {table_text(table, unit)}" for year, table in value.points]
        return f"{{{', '.join(tables)}}}"
    if not isinstance(value, YearPath):
        return show(value, unit)
    if len(value.points) == 1 and not value.then:
        return show(value.points[0][1], unit)
    parts = [f"{date_text(date)}: {show(amount, unit)}" for date, amount in value.points]
    parts += ["interpolate: linear"] if value.linear else []
    parts += [f"then: {value.then}"] if value.then else []
    return f"{{{', '.join(parts)}}}"


def table_text(table: Table, unit: str) -> str:
    """Write a table of one year as YAML would hold it: ``{70: 1, 80: 2}``."""
    cells = [f"{key}: {show(value, unit)}" for key, value in zip(*table, strict=True)]
    return f"{{{', '.join(cells)}}}"
