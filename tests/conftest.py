"""Shared fixtures: one run of the baseline, and runs of its variations."""

from __future__ import annotations

from pathlib import Path

import pytest

import fsinsure as fs

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@pytest.fixture(scope="session")
def baseline() -> fs.Scenario:
    return fs.load(SCENARIOS / "baseline.yaml")


@pytest.fixture(scope="session")
def result(baseline: fs.Scenario) -> fs.Result:
    return fs.run(baseline)
