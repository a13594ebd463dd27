"""Run the common kernel in one engine after another, and print them side by side.

``python benchmarks/kernel/run.py`` runs every engine; names choose some. Each runs in its own
interpreter, so that peak memory is its own, the best of some rounds counts, and the totals of each
are held against their exact expectation. Ends with 1 if an engine fails or is wrong.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import spec

sys.path.insert(0, str(Path(__file__).parents[1]))
from documents import fill, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "scale.md"

ENGINES = {
    "fsinsure-numpy": "fsinsure",
    "fsinsure-numba": "fsinsure",
    "fsinsure-numba-2": "fsinsure",
    "numpy": "numpy",
    "polars": "polars",
    "jax": "jax",
    "starsim": "starsim",
    "openfisca": "openfisca-core",
    "neworder": "neworder",
    "vivarium": "vivarium",
    "limit": "",
}
"""Engine, and the package whose version is printed; a loop in C is no package."""
MISSING = 3
"""Exit code of an engine that is not installed."""
OURS, PEERS = list(ENGINES)[:3], list(ENGINES)[4:-1]


def measure(name: str, count: int, years: int, rounds: int) -> dict[str, object]:
    """Run one engine in this process; return times, memory and totals."""
    begun = time.perf_counter()
    module, _, variant = name.partition("-")
    engine = importlib.import_module(f"with_{module}")
    build = engine.build
    imported = time.perf_counter()
    extra = {"variant": variant} if variant else {}
    best, cpu, building, totals = np.inf, np.inf, 0.0, []
    for turn in range(rounds):
        clock = time.perf_counter()
        run = build(count, years, 7 + turn, **extra)
        built, busy = time.perf_counter(), time.process_time()
        found = run()
        best = min(best, time.perf_counter() - built)
        cpu = min(cpu, time.process_time() - busy)
        building = max(building, built - clock)
        totals.append(np.asarray(found, dtype=float).tolist())
        del run
    package = ENGINES[name]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 if sys.platform == "darwin" else 1024
    )
    return {
        "name": name,
        "version": importlib.metadata.version(package) if package else engine.version(),
        "import": imported - begun,
        "setup": building,
        "seconds": best,
        "cpu": cpu,
        "peak": peak / (2**20 if sys.platform == "darwin" else 1),
        "totals": totals,
    }


def ask(name: str, options: argparse.Namespace) -> dict[str, object]:
    """Run one engine in a new interpreter."""
    arguments = [name, "--one", f"--persons={options.persons}", f"--years={options.years}"]
    arguments += [f"--rounds={options.rounds}", f"--turnover={options.turnover}"]
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == MISSING:
        return {"name": name, "missing": done.stdout.strip()}
    if done.returncode:
        return {"name": name, "error": f"exit code {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def worst(result: dict[str, object], expected: np.ndarray, spread: np.ndarray) -> tuple[float, str]:
    """Return the z-score furthest from 0, and which total it is of."""
    off = np.asarray(result["totals"]) - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(off == 0.0, 0.0, off / spread)
    if not np.isfinite(score).all():
        return np.inf, "a total that is not finite"
    at = np.unravel_index(np.abs(score).argmax(), score.shape)
    return float(score[at]), f"{spec.TOTALS[at[2]]} of year {at[1] + 1}"


def report(results: list[dict[str, object]], options: argparse.Namespace) -> bool:
    """Print the results side by side; return whether all ran and were right."""
    expected, spread = spec.truth(options.persons, options.years)
    limit = spec.bound(options.rounds * expected.size)
    work = options.persons * options.years
    print(
        f"{options.persons:,} persons x {options.years} years, best of {options.rounds}; "
        f"z: furthest of {options.rounds * expected.size} totals from the truth, |z| < {limit:.1f}"
    )
    print(
        f"{'engine':18}{'version':>9}{'seconds':>9}{'cpu s':>8}{'ns/person-year':>16}"
        f"{'peak MB':>9}{'set-up s':>10}{'import s':>10}{'z':>7}"
    )
    fine = True
    for one in results:
        if "missing" in one:
            print(f"{one['name']:18} not run: {one['missing']}")
            continue
        if "error" in one:
            print(f"{one['name']:18} {one['error']}")
            fine = False
            continue
        score, where = worst(one, expected, spread)
        right = abs(score) < limit
        fine &= right
        print(
            f"{one['name']:18}{one['version']:>9}{one['seconds']:9.2f}{one['cpu']:8.2f}"
            f"{1e9 * one['seconds'] / work:16.1f}{one['peak']:9.0f}{one['setup']:10.2f}"
            f"{one['import']:10.2f}{score:7.1f}{'' if right else '  WRONG: ' + where}"
        )
    for name, one in times(results).items():
        peers = {peer: found for peer, found in times(results).items() if peer in PEERS}
        if name in OURS and peers:
            peer = min(peers, key=lambda peer: peers[peer][1])
            print(
                f"{name}: {peers[peer][0] / one[0]:.1f} times as fast as {peer} by the clock, "
                f"{peers[peer][1] / one[1]:.1f} times by processor time"
            )
    return bool(fine)


def times(results: list[dict[str, object]]) -> dict[str, tuple[float, float]]:
    """Return seconds of the clock and of the processor by engine, of those that ran."""
    return {one["name"]: (one["seconds"], one["cpu"]) for one in results if "seconds" in one}


def lines(results: list[dict[str, object]], options: argparse.Namespace) -> list[str]:
    """Return the results as the lines of a table."""
    work = options.persons * options.years
    cells = [
        (
            f"{one['name']} {one['version']}",
            f"{one['seconds']:.2f}",
            f"{one['cpu']:.2f}",
            f"{1e9 * one['cpu'] / work:.1f}",
            f"{one['peak']:.0f}",
        )
        for one in results
        if "seconds" in one
    ]
    heads = ("engine", "s", "processor s", "processor ns a person-year", "peak MB")
    return table(heads, cells)


def main() -> int:
    """Do what the command line asks for."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("engines", nargs="*", metavar="ENGINE", help=f"of {', '.join(ENGINES)}")
    command.add_argument("--persons", type=int, default=1_000_000)
    command.add_argument("--years", type=int, default=50)
    command.add_argument("--rounds", type=int, default=1)
    command.add_argument("--turnover", type=float, default=1.0, help="times as many moves")
    command.add_argument("--document", action="store_true", help="fill the table of docs/scale.md")
    command.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = command.parse_args()
    unknown = set(options.engines) - set(ENGINES)
    if unknown:
        command.error(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    spec.turn_over(options.turnover)
    if options.one:
        try:
            found = measure(options.engines[0], options.persons, options.years, options.rounds)
        except (ImportError, FileNotFoundError) as error:
            print(error)
            return MISSING
        print(json.dumps(found))
        return 0
    results = [ask(name, options) for name in options.engines or ENGINES]
    fine = report(results, options)
    if options.document and fine:
        fill(DOCUMENT, "peers", lines(results, options))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
