"""Persons have the same bits for any blocks, batches, threads and cluster."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import fsinsure as fs
from fsinsure.microsim import plan as tasks
from fsinsure.microsim import simulate
from fsinsure.microsim.parallel.shards import layout
from person_engine import digest_of
from shard_work import CITIZENS, SEED

pytestmark = pytest.mark.slow
compiled = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


def run(scenario: fs.Scenario, **where: Any) -> str:
    return digest_of(fs.run(scenario, "micro", persons=CITIZENS, seed=SEED, **where))


@pytest.fixture(scope="module")
def whole(baseline: fs.Scenario) -> str:
    """The digest of all sums and tables: numpy, one thread, blocks as shipped."""
    return run(baseline, accelerate=False, threads=1)


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut persons into more than one batch."""
    monkeypatch.setattr(simulate, "layout", partial(layout, size=20_000))


def test_another_seed_has_other_bits(baseline: fs.Scenario, whole: str) -> None:
    found = fs.run(baseline, "micro", persons=CITIZENS, seed=SEED + 1, accelerate=False)
    assert digest_of(found) != whole


@pytest.mark.parametrize("block", [1_000, 19_991, 10**7])
def test_blocks(
    baseline: fs.Scenario, whole: str, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    whole_run = tasks.SimulationPlan.run
    monkeypatch.setattr(
        tasks.SimulationPlan, "run", lambda self, ranges: whole_run(self, ranges, block=block)
    )
    assert run(baseline, accelerate=False) == whole


@pytest.mark.usefixtures("cut")
def test_threads(baseline: fs.Scenario, whole: str) -> None:
    assert run(baseline, accelerate=False, threads=3) == whole


@compiled
@pytest.mark.parametrize("block", [1_000, tasks.BLOCK])
@pytest.mark.usefixtures("cut")
def test_compiled_in_threads(
    baseline: fs.Scenario, whole: str, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    whole_run = tasks.SimulationPlan.run
    monkeypatch.setattr(
        tasks.SimulationPlan, "run", lambda self, ranges: whole_run(self, ranges, block=block)
    )
    assert run(baseline, accelerate=True, threads=3) == whole


@pytest.mark.skipif(find_spec("distributed") is None, reason="Dask is not installed")
def test_dask(whole: str) -> None:
    script = Path(__file__).with_name("shard_cluster.py")
    done = subprocess.run(
        [sys.executable, str(script), "persons"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert f"digest {whole}" in done.stdout, done.stderr[-3000:]
