"""The kernel through fsinsure's own machinery: moves, yearly tables, blocks of persons.

Nothing here simulates: the kernel is written as the `Move`s of a year, from which the tables of the
person engine are built, and `live` simulates the persons. The engine does what it always does
beside (accounts in whole fen, contribution months, flows by age, heads at mid-year, what movers
carry).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import spec

from fsinsure.dims import AGES, SEXES
from fsinsure.microsim import blocks, year_tables
from fsinsure.microsim.counters import YearlyCounters
from fsinsure.microsim.person_rules import PersonLaw
from fsinsure.microsim.plan import BLOCK
from fsinsure.microsim.rates import Rates
from fsinsure.microsim.tables import Retirement, YearTables
from fsinsure.microsim.totals import closing
from fsinsure.state import CODE, DEAD, FEN, CellCode, Move, People
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.year import events
from fsinsure.year.event import Event, Happened

CODES: Final = np.array([STATUS[name] for name in spec.STATUSES])
AREAS: Final = 5
"""As a city has; the persons of the kernel are all in the first one."""
BASE_YEAR: Final = 2020
SHAPE: Final = (1, AREAS, len(SEXES), AGES)
CLAIM: Final = (12, 12, 12, 24)
"""The rule of months of unemployment benefit; the engine records them at each claim."""


def kernel_year() -> tuple[Happened, ...]:
    """Return the kernel as the events of a year."""
    dying = np.broadcast_to(spec.mortality(), SHAPE)
    deaths = tuple(Move(name, DEAD, dying) for name in spec.STATUSES)
    labour = tuple(
        Move(source, target, np.full(SHAPE, chance))
        for source, row in zip(spec.STATUSES, spec.MOVES, strict=True)
        for target, chance in zip(spec.STATUSES, row, strict=True)
        if source != target and chance
    )
    return (
        (events.INDEXING, ()),
        (events.FIRST_HALF, ()),
        (Event("deaths", never), deaths),
        (events.AGEING, ()),
        (Event("labour", never), labour),
        (events.RETIREMENT, ()),
        (events.SECOND_HALF, ()),
    )


def never(*_: object) -> list[Move]:
    """Stand for events whose moves are known."""
    raise AssertionError


def credits(year: int) -> np.ndarray:
    """Return the yearly contribution ``[status, rank]`` in yuan, the last row for the gone."""
    found = np.zeros((len(STATUSES) + 1, spec.RANKS))
    wage = spec.mean_wage(year) * spec.relative_wages()
    found[STATUS["employee"]] = spec.employee_contribution(wage, year)
    found[STATUS["flexible"]] = spec.flexible_contribution(year)
    return found


def rates(year: int, size: int) -> Rates:
    """Return changes of accounts: no interest, the contribution at the end, after the moves."""
    credit = FEN * credits(year).ravel()
    return Rates(
        account_factor=np.ones(size),
        account_credit=credit,
        account_factor_half=np.ones((2, size)),
        account_credit_half=np.stack([np.zeros_like(credit), credit]),
        flat=np.zeros(size),
        per_year=np.zeros(size),
        percent=np.zeros(size),
        base={"base": np.zeros(spec.RANKS)},
        law=PersonLaw(*(0.0,) * (len(PersonLaw._fields) - len(CLAIM)), *CLAIM),
    )


def nobody_retires(count: int) -> Retirement:
    """Return the tables of a year in which nobody reaches the pensionable age."""
    shape, codes = (year_tables.NO_RULE + 1, count, 12), np.full(len(CODE), -1)
    return Retirement(
        rule=np.full((len(CODE), 2, 2), year_tables.NO_RULE),
        due=np.zeros(shape, dtype=np.bool_),
        reached=np.zeros(shape, dtype=np.bool_),
        past=np.zeros(shape, dtype=np.bool_),
        claims=np.zeros(shape, dtype=np.bool_),
        divisor=np.ones(shape),
        minimum=np.zeros(shape),
        base=np.zeros(spec.RANKS),
        vesting=np.zeros(len(CODE), dtype=np.bool_),
        award=codes,
        leave=codes,
        award_to=codes,
        leave_to=codes,
    )


def tables(years: int) -> list[YearTables]:
    """Return the tables of all years, built by the engine's own functions."""
    code = CellCode(AREAS, BASE_YEAR, BASE_YEAR + years)
    kernel, nobody = kernel_year(), nobody_retires(code.births)
    found: list[YearTables] = []
    for index in range(years):
        before = found[-1] if found else None
        money = rates(index, code.cells)
        found.append(
            year_tables.build_tables(kernel, BASE_YEAR + 1 + index, code, nobody, money, before)
        )
    return found


def people(start: spec.Persons, code: CellCode) -> People:
    """Return the kernel's persons as the engine keeps them."""
    none = np.zeros(len(start), dtype=np.uint8)
    return People(
        cell=code.of(CODES[start.status], start.sex, AGES - 1 - start.age),
        rank=start.rank.astype(np.uint8),
        industry_class=none,
        month=none,
        track=none,
        months=none.astype(np.uint16),
        contribution_index=np.ones(len(start), dtype=np.float32),
        account=np.zeros(len(start)),
        pension=np.zeros(len(start)),
        benefit_months_left=none.copy(),
        months_at_last_claim=none.astype(np.uint16),
    )


def totals(
    start: spec.Persons, heads: np.ndarray, counters: YearlyCounters, yearly: list[YearTables]
) -> np.ndarray:
    """Return the kernel's totals from what the engine counted; heads at the start by cell."""
    code = yearly[0].code
    found = np.zeros((len(yearly), len(spec.TOTALS)))
    employed = start.rank[start.status == spec.EMPLOYEE]
    new_heads, new_held = (
        np.moveaxis(counters.by_cell[name], 0, -1).copy() for name in ("heads", "held")
    )
    new_jobs = counters.jobs.T[1].copy()
    jobs = np.zeros(len(counters.jobs), dtype=np.int64)
    jobs[: spec.RANKS] = np.bincount(employed, minlength=spec.RANKS)
    held = np.zeros((3, code.cells), dtype=np.int64)
    alive = len(start)
    for index in range(len(yearly)):
        heads, jobs = heads + new_heads[index, 1], jobs + new_jobs[index]
        held = held + new_held[index]
        ranks = jobs.reshape(-1, spec.RANKS).sum(axis=0)
        by = heads[:-1].reshape(len(STATUSES), code.places, code.births).sum(axis=1)
        living, paid = int(by.sum()), credits(index)
        found[index] = (
            living,
            alive - living,
            *by.sum(axis=1)[CODES],
            by.sum(axis=0) @ code.ages_at(BASE_YEAR + 1 + index),
            12.0 * (ranks @ (spec.mean_wage(index) * spec.relative_wages())),
            ranks @ paid[STATUS["employee"]]
            + by[STATUS["flexible"]].sum() * paid[STATUS["flexible"], 0],
            closing(held, heads, jobs, yearly[index].closing, code)[1].sum() / FEN,
        )
        alive = living
    return found


def added(first: YearlyCounters, *others: YearlyCounters) -> YearlyCounters:
    """Add up what two threads counted."""
    for other in others:
        first.jobs[...] += other.jobs
        for name in ("heads", "held"):
            first.by_cell[name] += other.by_cell[name]
    return first


def build(count: int, years: int, seed: int, variant: str) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    start, yearly = spec.persons(count), tables(years)
    code = yearly[0].code
    persons = people(start, code)
    heads = np.bincount(persons.cell, minlength=code.cells)

    def empty() -> YearlyCounters:
        order = "F" if variant == "numpy" else "C"
        return YearlyCounters.empty(len(yearly[0].moves), code, years, order)

    def with_numpy() -> np.ndarray:
        counters = empty()
        for first in range(0, count, BLOCK):
            here = persons.take(slice(first, first + BLOCK))
            blocks.live(here, first, yearly, counters, seed)
        return totals(start, heads, counters, yearly)

    if variant == "numpy":
        return with_numpy

    from fsinsure.microsim.compiled import dispatch

    threads = 2 if variant.endswith("-2") else 1
    cuts = [count * part // threads for part in range(threads + 1)]

    def with_numba() -> np.ndarray:
        parts = [empty() for _ in range(threads)]

        def live(part: int) -> None:
            for first in range(cuts[part], cuts[part + 1], BLOCK):
                here = persons.take(slice(first, min(first + BLOCK, cuts[part + 1])))
                blocks.live(here, first, yearly, parts[part], seed, engine=dispatch.COMPILED)

        with ThreadPoolExecutor(threads) as executor:
            list(executor.map(live, range(threads)))
        return totals(start, heads, added(*parts), yearly)

    # Compile before the clock runs; a later interpreter reads the cache.
    few = people(spec.persons(64), code)
    blocks.live(few, 0, yearly, empty(), seed, engine=dispatch.COMPILED)
    return with_numba
