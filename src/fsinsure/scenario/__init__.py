"""Scenarios: what an analyst asks, written in YAML, read safely, merged and frozen."""

from __future__ import annotations

from typing import Any

from fsinsure.scenario.explain import explain
from fsinsure.scenario.load import load
from fsinsure.scenario.paths import TablePath, YearPath
from fsinsure.scenario.registry import Parameter, registry
from fsinsure.scenario.scaffold import scaffold
from fsinsure.scenario.scenario import Origin, Scenario
from fsinsure.scenario.target import Target

__all__ = [
    "Origin",
    "Parameter",
    "Scenario",
    "TablePath",
    "Target",
    "YearPath",
    "explain",
    "json_schema",
    "load",
    "registry",
    "scaffold",
    "schema_text",
]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, described in Chinese and English."""
    from fsinsure.scenario.schema import json_schema as build

    return build()


def schema_text() -> str:
    """Return the JSON Schema as the text of ``schema/scenario.schema.json``."""
    from fsinsure.scenario.schema import schema_text as write

    return write()
