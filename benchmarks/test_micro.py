"""What the person engine costs; `make bench` runs this.

``test_stepping`` times the years alone, of persons who are made already: what a person and year
costs with all rules on. ``test_persons`` times whole runs; peak memory is that of an interpreter of
its own (``peak_mb``), since one that has run other cases has already held more.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.api import prepare
from fsinsure.engine import cohort
from fsinsure.microsim.blocks import live
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.plan import BLOCK, make_plan

sys.path.insert(0, str(Path(__file__).parent))
from scale import Case, measure

YEARS = 5
SMALL = 1_000_000
CASES = {
    "numpy": Case("persons", "numpy", SMALL, threads=1),
    "numba, threads": Case("persons", "numba", SMALL),
    "the city, numpy": Case("persons", "numpy", 0, threads=1),
    "the city, numpy, 2 threads": Case("persons", "numpy", 0, threads=2),
    "the city, numba, threads": Case("persons", "numba", 0),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kernel", ["numpy", "numba"])
def test_stepping(benchmark, kernel, threads) -> None:
    """Five years of a million persons, in blocks; numpy in one thread only."""
    if kernel == "numba":
        pytest.importorskip("numba")
    elif threads > 1:
        pytest.skip("numpy holds the interpreter between its operations")
    parameters, base = prepare(fs.load("baseline"))
    plan = make_plan(cohort.project(parameters, base), parameters, base, SMALL, seed=7)
    plan = replace(plan, accelerate=kernel == "numba")
    engine, size = dispatch.select_engine(plan.accelerate), SMALL // threads
    few = plan.people(0, 1_000)
    live(few, 0, plan.years, plan.empty_counters(engine), 7, engine=engine)  # compiles

    def people() -> tuple[tuple[object], dict[str, object]]:
        blocks = [
            (first, plan.people(first, min(BLOCK, start + size - first)))
            for start in range(0, SMALL, size)
            for first in range(start, start + size, BLOCK)
        ]
        return (blocks,), {}

    def step(blocks: list) -> None:
        def some(number: int) -> None:
            counters = plan.empty_counters(engine)
            for first, persons in blocks[number::threads]:
                live(persons, first, plan.years, counters, 7, engine=engine)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(some, range(threads)))

    benchmark.pedantic(step, setup=people, rounds=5)
    one = plan.people(0, 1)
    seconds = benchmark.stats["min"]
    benchmark.extra_info["ns_per_person_year"] = 1e9 * seconds / SMALL / YEARS
    benchmark.extra_info["bytes_a_person"] = sum(
        np.asarray(getattr(one, field.name)).itemsize for field in fields(one)
    )


@pytest.mark.parametrize("name", CASES)
def test_persons(benchmark, name) -> None:
    """Five years of a million persons, and of the whole city."""
    case = CASES[name]
    if case.kernel == "numba":
        pytest.importorskip("numba")
    scenario = fs.load("baseline").with_({"horizon": 2020 + case.years})
    options = {"engine": "micro", "seed": 7, "accelerate": case.kernel == "numba"}
    fs.run(scenario, persons=1_000, **options)  # imports and compiles

    def run() -> fs.Result:
        how_many = case.persons or "full"
        return fs.run(scenario, persons=how_many, threads=case.threads or None, **options)

    result = benchmark.pedantic(run, rounds=3)
    assert result.meta["engine"] == "micro"
    alone = measure(case)
    seconds = benchmark.stats["min"]
    benchmark.extra_info["ns_per_person_year"] = 1e9 * seconds / alone.persons / case.years
    benchmark.extra_info["peak_mb"] = alone.peak_mb
