"""Where the values in use come from, and since when they are known.

The parameters table of a run, and the law and statistics that a scenario leaves as they are:
``fsinsure validate --explain``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.paths import DEFAULT_AREA, TablePath, date_text
from fsinsure.region.known import became_known, outcome_known
from fsinsure.region.region import of_area
from fsinsure.registry import registry
from fsinsure.scenario.explain import value_text
from fsinsure.scenario.observe import OBSERVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Value
    from fsinsure.scenario import Scenario


_SET_HERE: Final = ("scenario", "assumption", "", None)
"""Source, confidence, known and known_assumed of what a scenario sets."""


@dataclass(frozen=True)
class ParameterRow:
    """One line of the parameters table: a value in use, where it comes from, since when known.

    `known` is a day, empty for what a scenario sets; `known_assumed` whether it follows from the
    rule of :mod:`fsinsure.region.known` rather than from the data.
    """

    parameter: str
    area: str
    year: int | None
    value: float | str | None
    unit: str
    source: str
    confidence: str
    known: str
    known_assumed: bool | None
    set_by: str


def parameter_rows(parameters: Parameters) -> Iterator[ParameterRow]:
    """Yield every value in use with its provenance, in the order of the registry.

    A key of a table is a row, ``pension.annuity_divisors.60``. The reliefs of the scenario
    follow, each as a text at its year.
    """
    for name, known in registry().items():
        if known.optional and name not in parameters.scalars:
            continue
        if known.kind == "path":
            areas = parameters.region.codes if name in parameters.area_paths else ("",)
            for index, year in enumerate(parameters.years):
                values = parameters.by_area(name)[index].tolist()
                for area, value in zip(areas, values, strict=True):
                    yield _row(parameters, name, int(year), value, known.unit, area=area)
        elif known.kind == "profile":
            for key, value in zip(*parameters.profiles[name], strict=True):
                yield _row(parameters, name, None, value, known.unit, key)
        elif known.kind == "table":
            for year in parameters.years.tolist():
                for key, value in zip(*parameters.table(name, year), strict=True):
                    yield _row(parameters, name, year, value, known.unit, key)
        else:
            one = parameters.scalars[name]
            value = parameters.number(name) if isinstance(one, np.ndarray) else one
            yield _row(parameters, name, None, value, known.unit)
    for index, relief in enumerate(parameters.scenario.relief):
        name, text = f"relief[{index}]", f"{', '.join(relief.insurance)}: {relief.text}"
        set_by = parameters.scenario.set_by("relief", relief.position)
        yield ParameterRow(name, "", relief.year, text, "relief", *_SET_HERE, set_by)


def _row(
    parameters: Parameters,
    name: str,
    year: int | None,
    value: float | str | None,
    unit: str,
    key: int = 0,
    area: str = "",
) -> ParameterRow:
    own = parameters.scenario.values.get(name)
    shown = f"{name}.{key}" if name in parameters.tables or name in parameters.profiles else name
    met = None if year is None else parameters.scenario.solved_by.get((name, year))
    if met is not None:
        one, known = met.outcome, outcome_known(met.outcome)
        given = (met.source, one.confidence, str(known), known.assumed, OBSERVED)
        return ParameterRow(shown, area, year, value, unit, *given)
    # Before the first year that a scenario sets, a table is that of the law.
    before = isinstance(own, TablePath) and year is not None and year < own.points[0][0]
    if name in parameters.scenario.values and not before:
        set_by = str(parameters.scenario.origins[name])
        return ParameterRow(shown, area, year, value, unit, *_SET_HERE, set_by)
    values = of_area(parameters.region.values[name], area)
    entry = _in_force([one for one in values if one.key == key], year)
    last = parameters.extended.get(name)
    grown = year is not None and last is not None and year > last
    set_by = f"{entry.layer}, extended from {last}" if grown else entry.layer
    known = became_known(entry, parameters.region.base_date)
    origin = (entry.source, entry.confidence, known.day.isoformat(), known.assumed, set_by)
    return ParameterRow(shown, area, year, value, unit, *origin)


def _in_force(entries: Sequence[Value], year: int | None) -> Value:
    if year is None:
        return entries[0]
    return [entry for entry in entries if entry.date is not None and int(entry.date) <= year][-1]


def law_in_force(scenario: Scenario) -> list[tuple[str, str, str, str, str, str]]:
    """List the law and statistics that a scenario does not set.

    Returns
    -------
    list of tuple
        Key, from when, value as YAML has it, layer, confidence and source of every entry in force
        in a projected year, for the keys that a layer of law sets or that have at least one
        published value. The cells of a table, and the areas, with the same date and source are one
        entry.
    """
    rows = []
    region = scenario.region
    for name, parameter in registry().items():
        entries = region.values.get(name, ())
        if name in scenario.values or all(_assumed_here(one) for one in entries):
            continue
        for (date, layer, confidence, source), group in groupby(
            [one for one in entries if _applies(one, entries, scenario)],
            lambda one: (one.date, one.layer, one.confidence, one.source),
        ):
            found = list(group)
            value: object = _value(found[0].text)
            if parameter.kind in ("table", "profile"):
                value = dict(sorted((one.key, _value(one.text)) for one in found))
            elif any(one.area for one in found):
                value = {one.area or DEFAULT_AREA: _value(one.text) for one in found}
            text = value_text(value, parameter.unit, region.first_year)
            since = "" if date is None else date_text(date)
            rows.append((name, since, text, layer, confidence, source))
    return rows


def _value(text: str) -> float | str:
    """Return a number, or a word such as ``base``."""
    try:
        return float(text)
    except ValueError:
        return text


def _assumed_here(entry: Value) -> bool:
    """Whether a value is an assumption of the region itself: these are listed elsewhere."""
    return entry.confidence == "assumption" and not entry.layer.startswith("law/")


def _applies(entry: Value, entries: Sequence[Value], scenario: Scenario) -> bool:
    """Whether a value is in force at some time between the first projected year and the horizon."""
    if entry.date is None:
        return True
    dates = [one.date or 0 for one in entries if one.key == entry.key]
    later = [date for date in dates if date > entry.date]
    first = scenario.region.first_year
    return min(later, default=math.inf) > first and int(entry.date) <= scenario.horizon
