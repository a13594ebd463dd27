"""The age at which a pension begins: who reaches it in which year, and for how long accounts pay.

One binding of the law for both engines: the cohort engine takes shares of a birth year
(:class:`Reach`), persons the month of their own birth (:meth:`PensionAge.month`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Flags, Ints, read_only
from fsinsure.dims import AGES, HALF_YEAR
from fsinsure.parameters import Parameters
from fsinsure.paths import Table, TablePath
from fsinsure.rules import formula, pension, retirement
from fsinsure.rules.retirement import NEVER, month_index

statutory_month = formula(retirement.statutory_month)
claiming_month = formula(retirement.claiming_month)
annuity_months = formula(pension.annuity_divisor)

EARLY, ON_TIME, LATE = CLAIMS = range(3)
"""When a pension is claimed: before, at, or after the statutory age."""

DIVISORS: Final = "pension.annuity_divisors"
AT_THE_AGE: Final = (0.0, 1.0, 0.0)
"""Shares by claim of people who all claim at the statutory age."""
WHO: Final = ("male", "cadre", "worker", "resident")
"""Whose pension age a rule is: men, women cadres, women workers, and residents."""


@dataclass(frozen=True)
class PensionAge:
    """The pension age of some people.

    Parameters
    ----------
    age
        Statutory age before any delay, years.
    start, step, most
        The delay: :func:`fsinsure.rules.retirement.delay_months`.
    early, late
        Months by which those claim who claim early, or late.
    until
        The age of the law of the base year: those below it at its end, but past an age that a
        scenario lowers, reach the new one in the first projected year.
    first
        The first month of the first projected year.
    """

    age: float
    start: int = NEVER
    step: float = 1.0
    most: float = 0.0
    early: float = 0.0
    late: float = 0.0
    until: float = 0.0
    first: int = 0

    def month(self, born: Ints, claim: int = ON_TIME) -> Ints:
        """Return the month index in which people born in a month index claim."""
        statutory = statutory_month(born, self.age, self.start, self.step, self.most)
        shift = (-self.early, 0.0, self.late)[claim]
        original = born + 12 * self.age
        month = np.asarray(claiming_month(statutory, original, self.start, shift), dtype=np.int64)
        near = born + 12 * self.until >= self.first
        return np.where(near, np.maximum(month, self.first), month)


@dataclass(frozen=True, eq=False)
class Reach:
    """Who reaches a pension age in a year, by age at 31 December.

    Parameters
    ----------
    share
        Of those who were still below it on 1 January (or, where nobody was, of those past it
        without a pension): the share that reaches it by 31 December, exact to the month, by
        claim ``[claim, age]``.
    below
        Share of the birth year still below it at 31 December ``[age]``.
    divisor
        Annuity divisor at the exact age, the harmonic mean over the months of birth that reach it
        ``[claim, age]``; at mid-year where none does.
    statutory
        The share that reaches the statutory age, whenever they claim ``[age]``.
    past
        Whether everyone was past the statutory age on 1 January ``[age]``.
    """

    share: Array
    below: Array
    divisor: Array
    statutory: Array
    past: Flags


def pension_ages(parameters: Parameters) -> dict[str, PensionAge]:
    """Return the pension ages of :data:`WHO`."""
    start, number = parameters.scalars["retirement.delay_from"], parameters.number
    region = parameters.region
    first = NEVER if start is None else month_index(int(start), 1)
    shifts = number("retirement.early_months"), number("retirement.late_months")
    ages = {
        who: PensionAge(
            number(f"retirement.age_{who}"),
            first,
            number(f"retirement.delay_step_{who}"),
            number(f"retirement.delay_max_{who}"),
            *shifts,
            region.base_value(f"retirement.age_{who}"),
            12 * region.first_year,
        )
        for who in ("male", "cadre", "worker")
    }
    resident = PensionAge(number("retirement.age_resident"), first=12 * region.first_year)
    return ages | {"resident": resident}


def claim_shares(parameters: Parameters) -> tuple[float, float, float]:
    """Return the shares that claim early, on time and late; `fsinsure.checks` checks their sum."""
    early, late = (parameters.number(f"retirement.{name}_share") for name in ("early", "late"))
    return early, max(0.0, 1.0 - early - late), late


def reach_by_year(parameters: Parameters) -> list[dict[str, Reach]]:
    """Return who reaches the pension ages of :data:`WHO` in every projected year."""
    years, divisors = (*parameters.years[[0, -1]].tolist(),), parameters.tables[DIVISORS]
    shares = claim_shares(parameters)
    found = {
        who: _reach(age, AT_THE_AGE if who == "resident" else shares, divisors, *years)
        for who, age in pension_ages(parameters).items()
    }
    indices = range(len(parameters.years))
    return [{who: reach[index] for who, reach in found.items()} for index in indices]


@lru_cache(maxsize=256)
def _reach(
    age: PensionAge,
    shares: tuple[float, float, float],
    divisors: TablePath,
    first_year: int,
    horizon: int,
) -> tuple[Reach, ...]:
    years = np.arange(first_year - 1, horizon + 1)
    born = 12 * (years[:, None] - np.arange(AGES))[..., None] + np.arange(12)  # [year, age, month]
    below = np.zeros((len(CLAIMS), len(years), AGES))
    divisor = np.ones((len(CLAIMS), len(years) - 1, AGES))
    for claim in CLAIMS:
        if shares[claim] or claim == ON_TIME:  # those past the age without a pension are on time
            month = age.month(born, claim)
            below[claim] = shares[claim] * (month // 12 > years[:, None, None]).mean(axis=-1)
            for index, year in enumerate(years[1:]):
                table = divisors.at(int(year))
                divisor[claim, index] = _divisor(month[index + 1], born[index + 1], year, table)
    # The same people a year before: one age younger, and everyone was below it at birth.
    before = np.zeros_like(below[:, 1:])
    before[..., 1:] = below[:, :-1, :-1]
    before[..., 0] = np.array(shares)[:, None]
    total = before.sum(axis=0)
    past = np.zeros_like(before)
    past[ON_TIME] = 1.0
    share = np.divide(before - below[:, 1:], total, out=past, where=total > 0)
    left = below[:, 1:].sum(axis=0)
    if shares == AT_THE_AGE:
        statutory, gone = share[ON_TIME], total == 0
    else:
        on_time = _reach(age, AT_THE_AGE, divisors, first_year, horizon)
        statutory = np.stack([one.statutory for one in on_time])
        gone = np.stack([one.past for one in on_time])
    for one in (share, left, divisor, statutory, gone):
        read_only(one)
    return tuple(
        Reach(share[:, index], left[index], divisor[:, index], statutory[index], gone[index])
        for index in range(len(years) - 1)
    )


def _divisor(month: Ints, born: Ints, year: int, table: Table) -> Array:
    """Return the harmonic mean over those who claim in a year ``[age]``, from ``[age, month]``."""
    due = month // 12 == year
    inverse = 1.0 / divisor_at(np.where(due, month - born, 12 * year + HALF_YEAR - born), table)
    count = due.sum(axis=-1)
    claimed = (inverse * due).sum(axis=-1) / np.maximum(count, 1)
    return np.asarray(1.0 / np.where(count > 0, claimed, inverse.mean(axis=-1)))


def divisor_at(months: Ints, table: Table) -> Array:
    """Return the annuity divisor (计发月数) at an age in whole months."""
    return np.asarray(_by_month(table)[np.clip(months, 0, 12 * AGES - 1)])


@lru_cache(maxsize=256)
def _by_month(table: Table) -> Array:
    months = annuity_months(np.arange(12 * AGES) / 12, *table)
    return read_only(np.asarray(months, dtype=np.float64))
