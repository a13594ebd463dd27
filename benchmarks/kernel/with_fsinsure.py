"""The kernel through fsinsure's own machinery: moves, yearly tables, blocks of persons.

Nothing here simulates: the kernel is written as the `Move`s of a year, laid out as the tables of
the person engine, and `live` takes the persons through them. The engine does what it always does
beside (accounts in whole fen, contribution months, flows by age, heads at mid-year).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

import numpy as np
import spec

from fsinsure.dims import AGES, BASE_YEAR, DISTRICTS, SEXES, STATUS, STATUSES
from fsinsure.engine import fast, micro, replay
from fsinsure.state import DEAD, Move

BLOCK: Final = 32_768
CODES: Final = np.array([STATUS[name] for name in spec.STATUSES])
FLOATS: Final = ("account", "pension")
NUMBERS: Final = (*replay.NUMBERS, "base_civil", "resident_base", "index")
"""What a law says of retirement, which the kernel has not."""
SHAPE: Final = (1, len(DISTRICTS), len(SEXES), AGES)


def moves() -> tuple[tuple[Move, ...], tuple[Move, ...]]:
    """Return the deaths and the moves between statuses of every year."""
    dying = np.broadcast_to(spec.mortality(), SHAPE)
    deaths = tuple(Move(name, DEAD, dying) for name in spec.STATUSES)
    labour = tuple(
        Move(source, target, np.full(SHAPE, chance))
        for source, row in zip(spec.STATUSES, spec.MOVES, strict=True)
        for target, chance in zip(spec.STATUSES, row, strict=True)
        if source != target and chance
    )
    return deaths, labour


def credits(year: int) -> np.ndarray:
    """Return the yearly contribution ``[status, rank]`` in fen, the last row for the gone."""
    found = np.zeros((len(STATUSES) + 1, spec.RANKS))
    wage = spec.mean_wage(year) * spec.relative_wages()
    found[STATUS["employee"]] = spec.employee_contribution(wage, year)
    found[STATUS["flexible"]] = spec.flexible_contribution(year)
    return found * replay.FEN


def tables(years: int) -> list[replay.Year]:
    """Return the tables of all years."""
    count = replay.births(BASE_YEAR + years)
    size = len(STATUSES) * replay.PLACES * count + 1
    deaths, labour = moves()
    nobody = np.zeros((4, count, replay.MONTHS))
    found = []
    for index in range(years):
        calendar = BASE_YEAR + 1 + index
        before, after = (replay.ages_at(year, count) for year in (calendar - 1, calendar))
        stages = (
            replay._stage("deaths", deaths, 0, before, count, size),
            replay._stage("labour", labour, len(deaths), after, count, size),
            replay._marker("mid", size),
            replay._marker("end", size),
        )
        credit = credits(index).ravel()
        found.append(
            replay.Year(
                calendar,
                count,
                stages,
                (*deaths, *labour),
                (),
                replay._stay(stages, nobody > 0, count, size),
                due=nobody > 0,
                annuity=nobody,
                keep=np.ones(size),
                credit=credit,
                keep_half=np.ones((2, size)),
                credit_half=np.stack([credit / 2, credit / 2]),
                rise=np.ones(size),
                rise_flat=np.zeros(size),
                rise_per_month=np.zeros(size),
                earned=replay._earned(count, size),
                number=dict.fromkeys(NUMBERS, 0.0),
                fund_of=np.zeros(len(STATUSES), dtype=np.int64),
            )
        )
    return found


def people(count: int, years: int) -> micro.People:
    """Return the kernel's persons as the engine keeps them."""
    start = spec.persons(count)
    births = replay.births(BASE_YEAR + years)
    cell = replay.cell_of(CODES[start.status], start.sex, AGES - 1 - start.age, births)
    empty = {
        field.name: np.zeros(count, dtype=np.float64 if field.name in FLOATS else np.uint8)
        for field in dataclasses.fields(micro.People)
    }
    own = {"cell": cell.astype(np.uint16), "rank": start.rank.astype(np.uint8)}
    own |= {"months": np.zeros(count, np.uint16), "index": np.ones(count, np.float32)}
    return micro.People(**(empty | own))


def totals(begin: np.ndarray, sums: list[micro.Sums], years: list[replay.Year]) -> np.ndarray:
    """Return the kernel's totals from what the engine counted; heads at the start by cell."""
    found = np.zeros((len(years), len(spec.TOTALS)))
    count = years[0].births
    heads = begin.copy()
    jobs = JOBS_AT_START.copy()
    alive = int(begin.sum())
    for index, (year, total) in enumerate(zip(years, sums, strict=True)):
        heads += total.heads[1]
        jobs += total.jobs[1].reshape(-1, spec.RANKS).sum(axis=0)
        by = heads[:-1].reshape(len(STATUSES), replay.PLACES, count).sum(axis=1)
        living, paid = int(by.sum()), credits(index) / replay.FEN
        flexible = by[STATUS["flexible"]].sum() * paid[STATUS["flexible"], 0]
        wage = spec.mean_wage(index) * spec.relative_wages()
        found[index] = (
            living,
            alive - living,
            *by.sum(axis=1)[CODES],
            by.sum(axis=0) @ replay.ages_at(year.year, count),
            12.0 * (jobs @ wage),
            jobs @ paid[STATUS["employee"]] + flexible,
            total.accounts.sum() / replay.FEN,
        )
        alive = living
    return found


JOBS_AT_START = np.zeros(spec.RANKS, dtype=np.int64)


def build(count: int, years: int, seed: int, variant: str) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    yearly, persons = tables(years), people(count, years)
    size = len(yearly[0].stay)
    begin = np.bincount(persons.cell, minlength=size)
    start = spec.persons(count)
    JOBS_AT_START[:] = np.bincount(start.rank[start.status == spec.EMPLOYEE], minlength=spec.RANKS)

    def run() -> np.ndarray:
        sums = [micro.Sums(year) for year in yearly]
        if variant == "numpy":
            for first in range(0, count, BLOCK):
                micro.live(persons.take(slice(first, first + BLOCK)), first, yearly, sums, seed)
        else:
            threads = 2 if variant.endswith("-2") else 1
            fast.live(persons, 0, yearly, sums, seed, threads)
        return totals(begin, sums, yearly)

    if variant != "numpy":
        # Compile before the clock runs; a later interpreter reads the cache.
        fast.live(people(64, years), 0, yearly, [micro.Sums(y) for y in yearly], seed)
    return run
