"""Write a scenario as the text of a file that sets everything itself and extends no other."""

from __future__ import annotations

import json
import os.path
from typing import TYPE_CHECKING

from fsinsure.region.load import region_names, shipped_region
from fsinsure.registry import Parameter, registry, tree
from fsinsure.scenario.explain import value_text
from fsinsure.scenario.scaffold import target_line, uncertainty_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.registry import Tree
    from fsinsure.scenario.scenario import Scenario


def file_text(scenario: Scenario, comments: Sequence[str] = ()) -> str:
    """Return a scenario as YAML.

    Files and a region that are not shipped are named relative to the folder of the scenario, so
    that the text belongs into that folder. Figures of a user that it meets are not in it.

    Parameters
    ----------
    scenario
        As loaded, or changed from Python.
    comments
        Lines at the top.
    """
    lines = [f"# {line}" for line in comments]
    titles = ", ".join(f"{lang}: {_quoted(text)}" for lang, text in scenario.title.items())
    lines += [f"name: {_quoted(scenario.name)}", f"title: {{{titles}}}"]
    lines += [f"region: {_quoted(region_name(scenario))}", f"horizon: {scenario.horizon}"]
    if scenario.as_of is not None:
        lines.append(f"as_of: {scenario.as_of.isoformat()}")
    lines += _values(tree(), scenario, "")
    if scenario.observe.until is not None:
        lines += ["observe:", f"  until: {scenario.observe.until}"]
    if scenario.fitted:
        lines += ["fitted:", *(f"  {measure}: {name}" for measure, name in scenario.fitted.items())]
    if scenario.uncertainty:
        lines += [
            "uncertainty:",
            *(f"  {line}" for line in uncertainty_lines(scenario.uncertainty)),
        ]
    if scenario.relief:
        lines += ["relief:", *(f"  - {relief.yaml}" for relief in scenario.relief)]
    if scenario.targets:
        lines += ["targets:", *(f"  - {target_line(target)}" for target in scenario.targets)]
    return "\n".join(lines) + "\n"


def region_name(scenario: Scenario) -> str:
    """Return how a file names the region: the name of a shipped one, or its folder."""
    region = scenario.region
    if region.name in region_names() and shipped_region(region.name).folder == region.folder:
        return region.name
    return "./" + os.path.relpath(region.folder, scenario.folder).replace(os.sep, "/")


def _values(level: Tree, scenario: Scenario, indent: str) -> Iterator[str]:
    """Yield the lines of the values that a scenario sets, section by section."""
    for key, one in level.items():
        if isinstance(one, Parameter):
            if one.name in scenario.values:
                yield f"{indent}{key}: {_value(one.name, scenario)}"
        elif inner := list(_values(one, scenario, f"{indent}  ")):
            yield f"{indent}{key}:"
            yield from inner


def _value(name: str, scenario: Scenario) -> str:
    value, unit = scenario.values[name], registry()[name].unit
    if isinstance(value, str):
        return _quoted(value)
    return value_text(value, unit, scenario.region.first_year)


def _quoted(text: str) -> str:
    """Return a text in quotes, as YAML and JSON both have them."""
    return json.dumps(text, ensure_ascii=False)
