"""Peak memory of 1,000 draws over five years, beyond what the imports take.

Run ``python benchmarks/memory.py``; numpy reports its allocations to tracemalloc.
"""

from __future__ import annotations

import tracemalloc

import numpy as np

import fsinsure as fs
from fsinsure.engine.cohort import stream
from fsinsure.parameters import resolve
from fsinsure.population.closure import close_base


def main() -> None:
    """Print the peak in MB."""
    parameters = resolve(fs.load("baseline"))
    base = close_base(parameters)
    growth = 0.01 + 0.003 * np.random.default_rng(0).standard_normal((1000, 5))
    drawn = parameters.hold(base.coverage).with_paths({"growth.employee": growth})
    tracemalloc.start()
    draws = sum(block.enrollment.shape[1] for block in stream(drawn, base))
    _, peak = tracemalloc.get_traced_memory()
    print(f"{draws} draws x 5 years: peak {peak / 1e6:.0f} MB beyond the imports")


if __name__ == "__main__":
    main()
