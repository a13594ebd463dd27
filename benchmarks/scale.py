"""How the person engine scales: with persons, years, threads and Dask workers.

``python benchmarks/scale.py measure`` runs every case in an interpreter of its own and writes
``benchmarks/scale.csv``; names of series choose some and keep the others. ``python
benchmarks/scale.py document`` draws ``docs/images/scale-*.png`` from it and fills the tables of
``docs/scale.md``. Times are of one whole ``fs.run``: cohort engine, persons, merging and tables;
imports and compiling are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from documents import fill, table
from scale_table import SERIES, Measured, read, write

LARGER: Final = {"Guangdong": 126_000_000, "China": 1_410_000_000}
"""Residents (census of 2020, rounded)."""
SPANS: Final = (5, 30)
CORES: Final = (2, 64, 1024)
DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "scale.md"
IMAGES: Final = DOCUMENT.parent / "images"
KERNELS: Final = ("numpy", "numba")


@dataclass(frozen=True)
class Case:
    """One run.

    Parameters
    ----------
    series
        What is varied: ``persons``, ``years``, ``threads``, ``workers``; or ``larger``: as many
        persons as a province or the nation, in the structure of the city's.
    kernel
        ``numpy`` or ``numba``.
    persons
        How many at the start; 0 is the whole city.
    years
        Projected years.
    threads
        Of this process, or workers of the Dask cluster; 0 for the default of the library.
    dask
        Whether a local Dask cluster does it.
    """

    series: str
    kernel: str
    persons: int
    years: int = 5
    threads: int = 0
    dask: bool = False


def cases() -> list[Case]:
    """Return all runs."""
    found = []
    for kernel in KERNELS:
        found += [Case("persons", kernel, n) for n in (100_000, 300_000, 1_000_000, 3_000_000, 0)]
        found += [Case("years", kernel, 1_000_000, years) for years in (1, 5, 10, 20, 30)]
        found += [Case("threads", kernel, 0, threads=some) for some in (1, 2)]
        found += [Case("workers", kernel, 0, threads=some, dask=True) for some in (1, 2)]
    return found + [Case("larger", "numba", persons) for persons in LARGER.values()]


def megabytes(who: int) -> float:
    """Return the peak resident memory of this process, or of the largest of its children."""
    unit = 2**20 if platform.system() == "Darwin" else 2**10
    return resource.getrusage(who).ru_maxrss / unit


def busy() -> float:
    """Return the processor seconds of this process and its ended children."""
    return sum(os.times()[:4])


def run(case: Case) -> Measured:
    """Run a case here, after a small run that imports and compiles."""
    import fsinsure as fs
    from fsinsure.microsim.parallel.executors import cores
    from fsinsure.microsim.simulate import NUMPY_THREADS

    scenario = fs.load("baseline")
    scenario = scenario.with_({"horizon": scenario.region.base_year + case.years})
    options = {"engine": "micro", "seed": 7, "accelerate": case.kernel == "numba"}
    fs.run(scenario, persons=1_000, **options)
    cluster = None
    if case.dask:
        from dask.distributed import Client, LocalCluster

        cluster = LocalCluster(n_workers=case.threads, threads_per_worker=1, dashboard_address=None)
        options["client"] = Client(cluster)
    else:
        options["threads"] = case.threads or None
    before, begun = busy(), time.perf_counter()
    result = fs.run(scenario, persons=case.persons or "full", **options)
    seconds = time.perf_counter() - begun
    if cluster is not None:
        options["client"].close()
        cluster.close()
    worked = busy() - before
    people = int(result.meta["persons"])
    beside = case.threads if case.dask else 0
    peak = megabytes(resource.RUSAGE_SELF) + beside * megabytes(resource.RUSAGE_CHILDREN)
    used = case.threads or (cores() if case.kernel == "numba" else min(cores(), NUMPY_THREADS))
    named = asdict(case) | {"persons": people, "threads": used}
    return Measured(**named, seconds=seconds, cpu_seconds=worked, peak_mb=peak)


def measure(case: Case, rounds: int = 1) -> Measured:
    """Run a case in a new interpreter some times; return the fastest."""
    found = []
    for _ in range(rounds):
        command = [sys.executable, str(Path(__file__)), "one", json.dumps(asdict(case))]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(Measured(**json.loads(done.stdout.splitlines()[-1])))
    return min(found, key=lambda one: one.seconds)


def costs(rows: list[Measured]) -> list[str]:
    """Return the lines of a table: what each run took."""
    heads = ("varied", "kernel", "persons", "years", "threads", "s", "processor s")
    cells = [
        (
            row.series,
            row.kernel,
            f"{row.persons:,}",
            str(row.years),
            str(row.threads),
            f"{row.seconds:.2f}",
            f"{row.cpu_seconds:.2f}",
            # Workers spend most of it on starting and importing, once.
            "" if row.dask else f"{row.nanoseconds:.1f}",
            f"{row.peak_mb:.0f}",
        )
        for row in sorted(rows, key=lambda row: SERIES.index(row.series))
    ]
    return table((*heads, "processor ns a person-year", "peak MB"), cells)


def extrapolate(rows: list[Measured]) -> list[str]:
    """Return the lines of a table: time by the clock, by place, years, kernel and cores.

    From the whole city: in one thread with numpy, as each worker of a cluster has it, and in two
    with numba. What was measured with as many persons stands beside.
    """
    threads = {"numpy": 1, "numba": 2}
    city = {
        row.kernel: row.threads * row.seconds / (row.persons * row.years)
        for row in rows
        if row.series == "threads" and row.threads == threads[row.kernel]
    }
    seen = {
        (row.kernel, row.persons, row.years): clock(row.seconds / 3600)
        for row in rows
        if row.series == "larger"
    }
    cells = []
    for place, persons in LARGER.items():
        for years in SPANS:
            for kernel in KERNELS:
                hours = persons * years * city[kernel] / 3600
                times = [clock(hours / cores) for cores in CORES]
                measured = seen.get((kernel, persons, years), "")
                cells.append((place, str(years), kernel, *times, measured))
    named = [f"{cores:,} cores" for cores in CORES]
    return table(("persons of", "years", "kernel", *named, "measured on 2"), cells)


def clock(hours: float) -> str:
    """Return a time as a reader would say it."""
    seconds = 3600 * hours
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{hours:.1f} h"


def main() -> None:
    """Do what the command line asks for."""
    command = argparse.ArgumentParser(description=__doc__)
    verbs = command.add_subparsers(dest="verb", required=True)
    measuring = verbs.add_parser("measure")
    measuring.add_argument("series", nargs="*", help=", ".join(SERIES))
    measuring.add_argument("--rounds", type=int, default=2)
    verbs.add_parser("document")
    verbs.add_parser("one").add_argument("case")
    asked = command.parse_args()
    if asked.verb == "one":
        print(json.dumps(asdict(run(Case(**json.loads(asked.case))))))
    elif asked.verb == "document":
        from scale_pictures import draw

        rows = read()
        draw(rows, IMAGES)
        fill(
            DOCUMENT, "costs", ["![Cost of a person-year](images/scale-cost.png)", "", *costs(rows)]
        )
        fill(DOCUMENT, "workers", ["![Seconds by workers](images/scale-workers.png)"])
        fill(DOCUMENT, "larger", extrapolate(rows))
    else:
        wanted = [case for case in cases() if not asked.series or case.series in asked.series]
        kept = [row for row in read() if asked.series and row.series not in asked.series]
        for case in wanted:
            row = measure(case, asked.rounds)
            kept.append(row)
            write(kept)
            print(f"{row}  {row.nanoseconds:.1f} ns a person and year", file=sys.stderr)


if __name__ == "__main__":
    main()
