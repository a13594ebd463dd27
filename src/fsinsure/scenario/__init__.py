"""Scenarios: the questions of an analyst, written in YAML, read safely, merged and frozen."""

from __future__ import annotations

from fsinsure.paths import TablePath, YearPath
from fsinsure.registry import Parameter, registry
from fsinsure.scenario.explain import explain
from fsinsure.scenario.loader import load, opened
from fsinsure.scenario.scaffold import scaffold
from fsinsure.scenario.scenario import Origin, Scenario
from fsinsure.scenario.schema import json_schema, schema_text
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
    "opened",
    "registry",
    "scaffold",
    "schema_text",
]
