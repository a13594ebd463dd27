"""The kernel in C: how fast it can be, person by person, with random numbers keyed like ours."""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import spec

COMPILER = os.environ.get("CC", "cc")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")


def version() -> str:
    """Return the version of the compiler."""
    said = subprocess.run([COMPILER, "-dumpfullversion"], stdout=subprocess.PIPE, text=True)
    return said.stdout.strip()


def compiled() -> ctypes.CDLL:
    """Compile and load the loop."""
    source = Path(__file__).with_name("limit.c")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limit.so"
        subprocess.run([COMPILER, *FLAGS, str(source), "-o", str(library)], check=True)
        return ctypes.CDLL(str(library))


def ladder() -> np.ndarray:
    """Return the chances of death and of the first statuses, cumulated ``[sex, age, status, 4]``.

    One number decides on both: it is below the chance of death, or above it by what is needed.
    """
    dying = spec.mortality()[:, :, None, None]
    steps = dying + (1.0 - dying) * np.cumsum(spec.MOVES, axis=1)[:, :-1]
    return np.concatenate([np.broadcast_to(dying, (*steps.shape[:-1], 1)), steps], axis=-1)


def credits(years: int) -> np.ndarray:
    """Return the yearly contribution ``[year, status, rank]``."""
    found = np.zeros((years, len(spec.STATUSES), spec.RANKS))
    for year in range(years):
        wage = spec.mean_wage(year) * spec.relative_wages()
        found[year, spec.EMPLOYEE] = spec.employee_contribution(wage, year)
        found[year, spec.FLEXIBLE] = spec.flexible_contribution(year)
    return found


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    start = spec.persons(count)
    people = np.stack([start.age, start.sex, start.status, start.rank], axis=1).astype(np.int32)
    given = [people, ladder(), spec.relative_wages(), credits(years)]
    tables = [np.ascontiguousarray(one) for one in given]
    lives = compiled().lives

    def run() -> np.ndarray:
        counts = np.zeros((years, 7), dtype=np.int64)
        money = np.zeros((years, 3))
        places = [one.ctypes.data_as(ctypes.c_void_p) for one in (*tables, counts, money)]
        sizes = [ctypes.c_long(count), years, spec.AGES, spec.RANKS, ctypes.c_uint64(seed)]
        lives(*sizes, *places)
        money[:, 0] *= [12.0 * spec.mean_wage(year) for year in range(years)]
        return np.concatenate([counts, money], axis=1)

    return run
