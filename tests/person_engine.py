"""Helpers of tests of the person engine: its tables, and all outcomes as one digest."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import fsinsure as fs
from fsinsure.api import prepare
from fsinsure.engine import cohort
from fsinsure.microsim import blocks
from fsinsure.microsim.counters import Counters, YearlyCounters
from fsinsure.microsim.plan import SimulationPlan, count_opening, make_plan
from fsinsure.microsim.totals import closing
from fsinsure.state import CellCode, People

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest
    from numpy.typing import NDArray

    from fsinsure.microsim.tables import YearTables

PERSONS, SEED = 300_000, 7
SCENARIOS = Path(__file__).parents[1] / "scenarios"


@cache
def plan_of(name: str, persons: int, **changes: float) -> SimulationPlan:
    """Return the plan of a simulation of a scenario; keys of changes have ``__`` for dots."""
    overrides = {key.replace("__", "."): value for key, value in changes.items()}
    scenario = fs.load(SCENARIOS / f"{name}.yaml").with_(overrides)
    parameters, base = prepare(scenario)
    return make_plan(cohort.project(parameters, base), parameters, base, persons, seed=7)


def empty(years: Sequence[YearTables], engine: blocks.Engine = blocks.ARRAYS) -> YearlyCounters:
    """Return empty counters of some years."""
    most = max(len(year.moves) for year in years)
    return YearlyCounters.empty(most, years[0].code, len(years), engine.order)


def copies(people: People) -> People:
    """Return the same persons in arrays of their own."""
    return People(*(array.copy() for array in vars(people).values()))


def by_year(counters: YearlyCounters) -> list[Counters]:
    """Return the counters of each year."""
    return [counters.of_year(index) for index in range(counters.flows.shape[1])]


def digest(*found: People | Counters) -> str:
    """Return a digest of every bit of persons and counters."""
    seen = hashlib.sha256()
    for one in found:
        for name, array in (one._asdict() if isinstance(one, Counters) else vars(one)).items():
            seen.update(f"{name} {array.dtype} {array.shape}".encode())
            seen.update(np.ascontiguousarray(array).tobytes())
    return seen.hexdigest()


def digest_of(result: fs.Result) -> str:
    """Return a digest of all counters and tables of a run."""
    assert result.simulation
    seen = hashlib.sha256(digest(*result.simulation.counters.values()).encode())
    for name in ("enrollment", "stocks", "flows", "ledger", "distributions", "quantiles"):
        seen.update(getattr(result, name).to_csv().encode())
    return seen.hexdigest()


def lived(
    people: People,
    first: int,
    years: Sequence[YearTables],
    counters: YearlyCounters,
    seed: int,
    start: tuple[int, int] = (0, 0),
    engine: blocks.Engine = blocks.ARRAYS,
) -> None:
    """Simulate persons, and leave them as they are at the end of the last year."""
    block = blocks.live(people, first, years, counters, seed, start, engine)
    block.write(years[-1].closing)


def given_numbers(patch: pytest.MonkeyPatch, numbers: Callable[[int], NDArray[np.uint64]]) -> None:
    """Give persons the same numbers in every year, of a function of their count."""
    patch.setattr(blocks, "random_bits_of", lambda *args: numbers(len(args[2]))[:, None])
    upper = np.uint64(48)
    patch.setattr(
        blocks, "upper_bits", lambda bits: (bits >> upper).astype(np.uint16).repeat(16, 1)
    )
    patch.setattr(blocks, "year_bits", lambda bits, _: bits[:, 0])


def opening_of(people: People, code: CellCode) -> Counters:
    """Return the counts of persons at the end of the base year."""
    counters = YearlyCounters.empty(0, code).of_year(0)
    count_opening(people, counters, code)
    return counters


def closing_of(counters: Sequence[Counters], years: Sequence[YearTables]) -> NDArray[np.float64]:
    """Return months and fen that persons hold at the end of the last year ``[3, status, area]``.

    Parameters
    ----------
    counters
        Of the base year and of the projected ones.
    years
        The projected ones.
    """
    held = np.sum([one.held for one in counters], axis=0)
    heads = np.sum([one.heads[1] for one in counters], axis=0)
    jobs = np.sum([one.jobs[1] for one in counters], axis=0)
    return closing(held, heads, jobs, years[-1].closing, years[-1].code)


def outcome(work: SimulationPlan, engine: blocks.Engine, block: int, seed: int) -> str:
    """Simulate all persons, block by block, and return a digest of their state and counters."""
    counters, everybody = empty(work.years, engine), []
    for group in work.groups:
        for first in range(group.first, group.first + group.count, block):
            count = min(block, group.first + group.count - first)
            people = work.people(first, count, engine)
            lived(people, first, work.years, counters, seed, group.start, engine)
            everybody.append(people)
    whole = [
        np.concatenate([getattr(part, name) for part in everybody]) for name in vars(everybody[0])
    ]
    return digest(People(*whole), *by_year(counters))
