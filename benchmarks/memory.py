"""Peak memory of many draws over five years, beyond what the imports take.

Run ``python benchmarks/memory.py`` for 1,000 draws, head counts alone and with money, or
``python benchmarks/memory.py --many`` for 10,000 with money. numpy reports its allocations to
tracemalloc.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc

import numpy as np

import fsinsure as fs
from fsinsure.base_year.closure import close_base
from fsinsure.engine.cohort import stream
from fsinsure.parameters import resolve


def peak(draws: int, *, money: bool) -> None:
    """Print the peak in MB of streaming draws that a consumer lets go of one by one."""
    parameters = resolve(fs.load("baseline"))
    base = close_base(parameters)
    random = np.random.default_rng(0)
    growth = 0.01 + 0.003 * random.standard_normal((draws, 5))
    wage = 0.05 + 0.01 * random.standard_normal((draws, 5))
    held = parameters.with_base_coverage(base.coverage)
    drawn = held.with_draws({"growth.employee": growth, "wage.growth": wage})
    tracemalloc.start()
    clock = time.perf_counter()
    counted = sum(block.enrollment.shape[1] for block in stream(drawn, base, money=money))
    seconds = time.perf_counter() - clock
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    what = "people and money" if money else "people"
    print(
        f"{counted:,} draws x 5 years, {what}: peak {most / 1e6:.0f} MB beyond the imports "
        f"({seconds:.0f} s while memory is traced)"
    )


def main() -> None:
    """Measure what the command line asks for."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("--many", action="store_true", help="10,000 draws with money")
    if command.parse_args().many:
        peak(10_000, money=True)
    else:
        peak(1000, money=False)
        peak(1000, money=True)


if __name__ == "__main__":
    main()
