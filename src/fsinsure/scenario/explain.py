"""The values that a scenario sets and where: the rows of ``fsinsure validate --explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fsinsure.paths import AreaPaths, Table, TablePath, YearPath, flow
from fsinsure.registry import registry
from fsinsure.units import show

if TYPE_CHECKING:
    from fsinsure.scenario.scenario import Scenario


class Row(NamedTuple):
    """A key, its value as written in YAML, and where it was set."""

    key: str
    value: str
    set_by: str


def explain(scenario: Scenario) -> list[Row]:
    """List the values that a scenario sets, in the order of the registry; others are defaults."""
    rows = [Row("horizon", str(scenario.horizon), str(scenario.origins.get("horizon", "default")))]
    if scenario.as_of is not None:
        rows.append(
            Row("as_of", scenario.as_of.isoformat(), str(scenario.origins.get("as_of", "")))
        )
    first_year = scenario.region.first_year
    for key, parameter in registry().items():
        if key in scenario.values:
            text = value_text(scenario.values[key], parameter.unit, first_year)
            rows.append(Row(key, text, str(scenario.origins.get(key, ""))))
    if "observe.until" in scenario.origins:
        until = str(scenario.observe.until or "none")
        rows.append(Row("observe.until", until, str(scenario.origins["observe.until"])))
    for measure, name in scenario.fitted.items():
        rows.append(Row(f"fitted: {measure}", name, str(scenario.origins.get("fitted", ""))))
    for name, drawn in scenario.uncertainty.values.items():
        key = f"uncertainty.{name}"
        rows.append(Row(key, drawn.text(registry()[name].unit), str(scenario.origins[key])))
    for one in scenario.uncertainty.correlations:
        key = f"correlation: {one.first}, {one.second}"
        set_by = scenario.set_by("uncertainty.correlations", one.position)
        rows.append(Row(key, show(one.value, "ratio"), set_by))
    for relief in scenario.relief:
        key = f"relief: {', '.join(relief.insurance)}"
        rows.append(Row(key, relief.text, scenario.set_by("relief", relief.position)))
    for target in scenario.targets:
        text = f"{show(target.value, 'persons')} in {target.year}"
        set_by = scenario.set_by("targets", target.position)
        rows.append(Row(f"targets: {target.measure}", text, set_by))
    return rows


def value_text(value: object, unit: str, first_year: int) -> str:
    """Write a value as in YAML: ``{2021: 1.5%, 2023: 0.8%}``.

    A path or table that is the same from the first projected year on is written without the year.
    """
    if isinstance(value, YearPath | TablePath):
        entry = value.entry
        alone = [*entry] == [str(first_year)]
        return value_text(entry[str(first_year)] if alone else entry, unit, first_year)
    if isinstance(value, AreaPaths):
        return value_text(value.entry, unit, first_year)
    if isinstance(value, Table):
        return value_text(dict(zip(*value, strict=True)), unit, first_year)
    if isinstance(value, dict):
        return flow({key: value_text(inner, unit, first_year) for key, inner in value.items()})
    if value is None or isinstance(value, str):
        return value or "none"
    assert isinstance(value, float | int)
    return show(value, unit)
