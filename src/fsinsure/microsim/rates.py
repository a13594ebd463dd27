"""What a year does to accounts and pensions, by cell: the amounts of the law, in fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, STATUS, STATUSES
from fsinsure.rules import formula, pension
from fsinsure.rules.retirement import NEVER, month_index, statutory_month
from fsinsure.state import FEN, PLACES, RANKS, cells
from fsinsure.year.amounts import account_rates, credits_of, drawn_shares, rises
from fsinsure.year.terms import HALF, law_table, law_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fsinsure.parameters import Parameters
    from fsinsure.year.law import Law

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

NUMBERS: Final = (
    "retirement.min_months",
    "retirement.withdraw_share",
    "pension.award_base",
    "pension.mean_index",
    "pension.accrual",
    "pension.deemed_years",
    "pension.transitional_coefficient",
    "civil.replacement",
)
CLAIM: Final = ("low_months", "low_step", "high_step", "most_months")


@dataclass(frozen=True, eq=False)
class Rates:
    """What becomes of accounts and pensions in a year.

    Parameters
    ----------
    keep, credit
        An account after a year in a cell is ``account * keep[cell] + credit[status, rank]``, fen.
    keep_half, credit_half
        The same after the first and the second half-year ``[half, ...]``.
    flat, per_year, percent
        The rise of 1 January ``[cell]``, fen; what is topped up by age is in ``flat``.
    base
        Monthly contribution base of employees by wage rank ``[rank]``, yuan: ``base``, and that of
        unemployment insurance, ``base_unemployment``.
    number
        Single amounts of the law.
    claim
        How paid months buy months of benefit: the arguments of
        :func:`fsinsure.rules.unemployment.benefit_months` after the first.
    """

    keep: Array
    credit: Array
    keep_half: Array
    credit_half: Array
    flat: Array
    per_year: Array
    percent: Array
    base: Mapping[str, Array]
    number: Mapping[str, float]
    claim: tuple[float, ...]


def bind(law: Law, base: Mapping[str, Array], ages: Ints, before: Ints) -> Rates:
    """Bind the amounts of a year.

    Parameters
    ----------
    law
        Of the year.
    base
        By wage rank (:func:`fsinsure.year.terms.rank_bases`).
    ages, before
        Age at its end, and at its start, by year of birth ``[birth]``.
    """
    # The first half of the money is reckoned before anyone turns a year older.
    halves = [
        _half(law, float(rate), base["base"], age)
        for rate, age in zip(account_rates(law), (before, ages), strict=True)
    ]
    (keep_1, credit_1), (keep_2, credit_2) = halves
    second = float(account_rates(law)[1])
    earns = 1.0 + float(pension.account_interest(1.0, 0.0, second, HALF))
    number = {name: float(law.rate(name)) for name in NUMBERS}
    number |= {name: float(law.money[name].item()) for name in ("base_civil", "resident_base")}
    return Rates(
        keep_1 * keep_2,
        # Who is credited draws nothing, so the first credit earns interest in the second half.
        credit_1 * earns + credit_2,
        np.stack([keep_1, keep_2]),
        np.stack([credit_1, credit_2]),
        *_rises(law, before),
        base,
        number,
        tuple(law_value(f"unemployment.{name}") for name in CLAIM),
    )


def _half(law: Law, rate: float, base: Array, ages: Ints) -> tuple[Array, Array]:
    """Return what half a year keeps of an account by cell, and credits by status and rank, fen."""
    count = len(ages)
    keep = np.full(cells(count), 1.0 + float(pension.account_interest(1.0, 0.0, rate, HALF)))
    by_cell = keep[:-1].reshape(len(STATUSES), PLACES // 2, 2, count)
    for status, share in drawn_shares(law.number).items():
        by_cell[STATUS[status]] *= 1.0 - share[:, ages]
    credit = np.zeros((len(STATUSES) + 1, RANKS))
    for status, amount in credits_of(law, base).items():
        fen = np.broadcast_to(amount.ravel() * FEN, RANKS)
        credit[STATUS[status]] = fen + pension.account_interest(0.0, fen, rate, HALF)
    return keep, credit.ravel()


def _rises(law: Law, before: Ints) -> tuple[Array, Array, Array]:
    count = len(before)
    flat, per_year, percent = np.zeros((3, cells(count)))
    for status, rise in rises(law).items():
        at = STATUS[status] * PLACES * count
        here = slice(at, at + PLACES * count)
        top_up = np.broadcast_to(rise.top_up.ravel(), AGES)[before]
        flat[here] = np.tile(FEN * (rise.flat.item() + top_up), PLACES)
        per_year[here] = FEN * rise.per_year.item()
        percent[here] = rise.percent.item()
    return flat, per_year, percent


def due_months(parameters: Parameters, year: int, count: int) -> Ints:
    """Return the month in which people reach the pensionable age ``[rule, birth, month of birth]``.

    The rules are those for men, women cadres, women workers, residents, and for nobody. Whoever is
    past the age of women workers and still works, or works again, does so on the cadres' terms, as
    the cohort engine has it.

    Parameters
    ----------
    year
        In which they are looked at.
    count
        How many years of birth there are.
    """
    start = parameters.scalars["retirement.delay_from"]
    first = NEVER if start is None else month_index(int(start), 1)
    born = 12 * (BASE_YEAR - AGES + 1 + np.arange(count))[:, None] + np.arange(12)
    number = parameters.number
    found = [
        statutory_month(
            born,
            number(f"retirement.age_{who}"),
            first,
            number(f"retirement.delay_step_{who}"),
            number(f"retirement.delay_max_{who}"),
        )
        for who in ("male", "cadre", "worker")
    ]
    _, cadres, workers = found
    found[-1] = np.where(workers // 12 < year, cadres, workers)
    found.append(statutory_month(born, number("retirement.age_resident"), NEVER, 1, 0))
    found.append(np.full(born.shape, NEVER))
    return np.stack(found).astype(np.int64)


def annuity(month: Ints, year: int, count: int) -> Array:
    """Return the months over which an account is paid, if awarded in a year.

    Parameters
    ----------
    month
        When people are due, as :func:`due_months` returns it. Who was due before and vests now is
        of the age of mid-year.
    """
    born = 12 * (BASE_YEAR - AGES + 1 + np.arange(count))[:, None] + np.arange(12)
    reached = np.where(month // 12 < year, 12 * year + HALF, month)
    return np.asarray(
        formula(pension.annuity_months)((reached - born) / 12, *law_table("pension.annuity_months"))
    )
