"""Shared fixtures: one run of the baseline, and runs of its variations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

import fsinsure as fs

# Tests compare with English texts where they do not ask for Chinese.
os.environ["FSINSURE_LANG"] = "en"

SCENARIOS = Path(__file__).parents[1] / "scenarios"

# An example may be a whole run: on a busy machine its time says nothing about the code.
# The gate tries the same examples every time: a change fails for what it changed, not at random.
# `pytest --hypothesis-profile search` looks for new ones.
settings.register_profile("gate", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile("gate")


@pytest.fixture(scope="session")
def baseline() -> fs.Scenario:
    return fs.load(SCENARIOS / "baseline.yaml")


@pytest.fixture(scope="session")
def result(baseline: fs.Scenario) -> fs.Result:
    return fs.run(baseline)
