"""The values that a scenario sets and where: the rows of ``fsinsure validate --explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fsinsure.scenario.paths import TablePath, YearPath, flow
from fsinsure.scenario.registry import FIRST_YEAR, registry
from fsinsure.units import show

if TYPE_CHECKING:
    from fsinsure.scenario.scenario import Scenario

_FIRST: Final = str(FIRST_YEAR)


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


def value_text(value: object, unit: str) -> str:
    """Write a value as in YAML: ``{2021: 1.5%, 2023: 0.8%}``.

    A path or table that is the same from the first projected year on is written without the year.
    """
    if isinstance(value, YearPath | TablePath):
        entry = value.entry
        return value_text(entry[_FIRST] if [*entry] == [_FIRST] else entry, unit)
    if isinstance(value, dict):
        return flow({key: value_text(inner, unit) for key, inner in value.items()})
    if value is None or isinstance(value, str):
        return value or "none"
    assert isinstance(value, float | int)
    return show(value, unit)
