"""The law and statistics that a scenario leaves as they are: ``fsinsure validate --explain``."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from fsinsure.paths import DEFAULT_AREA, date_text
from fsinsure.registry import registry
from fsinsure.scenario.explain import value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.region.region import Value
    from fsinsure.scenario import Scenario


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
