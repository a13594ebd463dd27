"""The common kernel of the benchmarks: totals of persons against exact expectations.

No engine is needed for the expectation and the spread of its totals, and it has moves, deaths,
ageing, ranks and accounts: an independent check of tables and random numbers over many years.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

KERNEL = Path(__file__).parents[1] / "benchmarks" / "kernel"
PERSONS, YEARS, SEEDS = 20_000, 20, (1, 2, 3)


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.syspath_prepend(str(KERNEL))
    return {name: importlib.import_module(name) for name in ("spec", "with_fsinsure", "with_numpy")}


def scores(spec, totals) -> np.ndarray:
    expected, spread = spec.truth(PERSONS, YEARS)
    return (totals - expected) / spread


@pytest.mark.parametrize("engine", ["with_fsinsure", "with_numpy"])
def test_totals_are_those_of_the_kernel(kernel, engine) -> None:
    spec, variant = kernel["spec"], ["numpy"] if engine == "with_fsinsure" else []
    found = [kernel[engine].build(PERSONS, YEARS, seed, *variant)() for seed in SEEDS]
    z = np.array([scores(spec, totals) for totals in found])
    assert z.shape == (len(SEEDS), YEARS, len(spec.TOTALS))
    assert np.abs(z).max() < spec.bound(z.size)
    # neither is the spread overstated, which would let anything pass
    assert 0.5 < np.sqrt((z**2).mean()) < 1.5


@pytest.mark.parametrize("off", ["mortality", "employee_contribution"])
def test_a_kernel_that_is_off_is_found(kernel, monkeypatch, off) -> None:
    spec = kernel["spec"]
    totals = kernel["with_fsinsure"].build(PERSONS, YEARS, 1, "numpy")()
    right = getattr(spec, off)
    by = {"mortality": 1.2, "employee_contribution": 1.03}[off]
    monkeypatch.setattr(spec, off, lambda *args: by * right(*args))
    z = scores(spec, totals)
    assert np.abs(z).max() > spec.bound(z.size)
