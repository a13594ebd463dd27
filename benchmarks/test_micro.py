"""What the person engine costs; `make bench` runs this.

Time is of whole runs (``ns_per_person_year``); peak memory is that of an interpreter of its own
(``peak_mb``), since one that has run other cases has already held more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import fsinsure as fs

sys.path.insert(0, str(Path(__file__).parent))
from scale import Case, measure

YEARS = 5
SMALL = 1_000_000
CASES = {
    "numpy, 1 process": Case("persons", "numpy", SMALL),
    "numba, 1 process": Case("persons", "numba", SMALL),
    "numba, 2 processes": Case("persons", "numba", SMALL, processes=2),
    "the city, numpy, 2 processes": Case("persons", "numpy", 0, processes=2),
    "the city, numba, 2 processes": Case("persons", "numba", 0, processes=2),
}


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
        return fs.run(scenario, persons=how_many, processes=case.processes, **options)

    result = benchmark.pedantic(run, rounds=3 if case.persons else 1)
    assert result.meta["engine"] == "micro"
    alone = measure(case)
    seconds = benchmark.stats["min"]
    benchmark.extra_info["ns_per_person_year"] = 1e9 * seconds / alone.persons / case.years
    benchmark.extra_info["peak_mb"] = alone.peak_mb
