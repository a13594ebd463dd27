"""The common kernel: what every engine is asked to do, and what the totals must be.

A closed population for some years. In each year a person dies with a probability by age and sex;
survivors grow a year older, move between four statuses by a Markov matrix, earn a wage if
employed (persistent rank, growing mean) and are credited a contribution (employed: of the clipped
wage; flexible: of the floor). Ten totals a year are asked for.

Engines read the numbers from here and bring everything else themselves. The totals are also known
exactly as expectation and standard deviation (persons are independent), so that each engine is
held against the truth, not against another engine.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np

AGES: Final = 101
OLDEST_AT_START: Final = 79
SEXES: Final = ("male", "female")
STATUSES: Final = ("employee", "flexible", "unemployed", "not_insured")
EMPLOYEE, FLEXIBLE, UNEMPLOYED, NOT_INSURED = range(4)
RANKS: Final = 256
TOTALS: Final = ("alive", "deaths", *STATUSES, "ages", "wages", "contributions", "accounts")
"""The totals of a year: persons, years of age, yuan."""

START: Final = (0.50, 0.12, 0.04, 0.34)
"""Share of each status at the start, at every age."""
MOVES: Final = np.array(
    [
        [0.930, 0.020, 0.020, 0.030],
        [0.050, 0.900, 0.010, 0.040],
        [0.450, 0.100, 0.350, 0.100],
        [0.030, 0.010, 0.000, 0.960],
    ]
)
"""Probability of a status a year later ``[from, to]``; one in ten moves in a year."""


def turn_over(factor: float) -> None:
    """Make people move so many times as often, for all engines of this interpreter."""
    stay = np.eye(len(STATUSES), dtype=bool)
    MOVES[~stay] *= factor
    MOVES[stay] = 0.0
    MOVES[stay] = 1.0 - MOVES.sum(axis=1)
    if MOVES.min() < 0.0:
        raise ValueError(f"nobody can move {factor} times as often: above probability 1")


MEAN_WAGE: Final = 7000.0
WAGE_CV: Final = 0.6
WAGE_GROWTH: Final = 0.03
FLOOR: Final = 0.6
CAP: Final = 3.0
EMPLOYEE_RATE: Final = 0.24
FLEXIBLE_RATE: Final = 0.20
FAMILY: Final = 1e-3
"""Probability that a correct engine is judged wrong, over all totals of all years."""


@dataclass(frozen=True, eq=False)
class Persons:
    """The persons at the start, one row each."""

    age: np.ndarray
    sex: np.ndarray
    status: np.ndarray
    rank: np.ndarray
    """Wage rank, a whole number below :data:`RANKS`."""

    def __len__(self) -> int:
        return len(self.age)


def persons(count: int) -> Persons:
    """Return the same persons for every engine: traits from sequences, nothing drawn."""
    number = np.arange(count)

    def spread(step: float) -> np.ndarray:
        return (number * step) % 1.0

    status = np.searchsorted(np.cumsum(START), spread(0.6180339887498949), side="right")
    return Persons(
        (spread(0.7548776662466927) * (OLDEST_AT_START + 1)).astype(np.int64),
        number % 2,
        np.minimum(status, NOT_INSURED),
        (spread(0.5698402909980532) * RANKS).astype(np.int64),
    )


def mortality() -> np.ndarray:
    """Return the probability of death ``[sex, age]``: the library's life table."""
    table = (
        Path(__file__).parents[2] / "src" / "fsinsure" / "data" / "law" / "china" / "mortality.csv"
    )
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = np.full((len(SEXES), AGES), np.nan)
    for row in rows:
        if int(row["age"]) < AGES:
            found[:, int(row["age"])] = float(row["CL1"]), float(row["CL2"])
    return found


@cache
def relative_wages() -> np.ndarray:
    """Return the wage of each rank over the mean wage ``[rank]``: lognormal, mean about 1."""
    spread = np.sqrt(np.log1p(WAGE_CV**2))
    normal = NormalDist()
    node = np.array([normal.inv_cdf((rank + 0.5) / RANKS) for rank in range(RANKS)])
    return np.exp(spread * node - spread**2 / 2)


def mean_wage(year: int) -> float:
    """Return the mean wage of a year, yuan a month; the first year is 0."""
    return MEAN_WAGE * (1.0 + WAGE_GROWTH) ** year


def employee_contribution(wage: np.ndarray, year: int) -> np.ndarray:
    """Return the yearly contribution on a monthly wage, yuan."""
    mean = mean_wage(year)
    return 12.0 * EMPLOYEE_RATE * np.minimum(np.maximum(wage, FLOOR * mean), CAP * mean)


def flexible_contribution(year: int) -> float:
    """Return the yearly contribution of a person in flexible work, yuan."""
    return 12.0 * FLEXIBLE_RATE * FLOOR * mean_wage(year)


def truth(count: int, years: int) -> tuple[np.ndarray, np.ndarray]:
    """Return expectation and standard deviation of the totals, each ``[year, total]``."""
    start = persons(count)
    shape = (len(SEXES), OLDEST_AT_START + 1, len(STATUSES), RANKS)
    found = np.ravel_multi_index((start.sex, start.age, start.status, start.rank), shape)
    heads = np.bincount(found, minlength=int(np.prod(shape))).reshape(shape).astype(float)
    group = heads.sum(axis=-1)  # [sex, age, status at the start]
    # Of one person of a group: the chance of each status, and moments of the account by rank.
    state = np.broadcast_to(np.eye(4), (*shape[:3], 4)).copy()
    first = np.zeros((*shape[:3], 4, RANKS))
    second = np.zeros_like(first)
    dying, relative = mortality(), relative_wages()
    expected = np.zeros((years, len(TOTALS)))
    variance = np.zeros_like(expected)
    for year in range(years):
        age = np.minimum(np.arange(OLDEST_AT_START + 1) + year, AGES - 1)
        q = dying[:, age][:, :, None]
        dead = q * state.sum(axis=-1)
        matrix = (1.0 - q)[..., None, None] * MOVES
        state = (state[..., None, :] @ matrix)[..., 0, :]
        wage = mean_wage(year) * relative
        paid = np.zeros((4, RANKS))
        paid[EMPLOYEE] = employee_contribution(wage, year)
        paid[FLEXIBLE] = flexible_contribution(year)
        first = np.swapaxes(matrix, -1, -2) @ first
        second = np.swapaxes(matrix, -1, -2) @ second
        second += 2.0 * paid * first + paid**2 * state[..., None]
        first += paid * state[..., None]
        alive = state.sum(axis=-1)
        older = np.minimum(np.arange(OLDEST_AT_START + 1) + year + 1, AGES - 1)[:, None]
        once = [alive, dead, *np.moveaxis(state, -1, 0), older * alive]
        square = [alive, dead, *np.moveaxis(state, -1, 0), older**2 * alive]
        for column, (mean, mean_square) in enumerate(zip(once, square, strict=True)):
            expected[year, column] = (group * mean).sum()
            variance[year, column] = (group * (mean_square - mean**2)).sum()
        earned = 12.0 * wage
        held = [
            (state[..., EMPLOYEE, None] * earned, state[..., EMPLOYEE, None] * earned**2),
            (state @ paid, state @ paid**2),
            (first.sum(axis=-2), second.sum(axis=-2)),
        ]
        for column, (mean, mean_square) in enumerate(held, start=len(once)):
            expected[year, column] = (heads * mean).sum()
            variance[year, column] = (heads * (mean_square - mean**2)).sum()
    return expected, np.sqrt(variance)


def bound(values: int) -> float:
    """Return how far from 0 the largest of some z-scores may be (Bonferroni)."""
    return NormalDist().inv_cdf(1.0 - FAMILY / (2.0 * values))
