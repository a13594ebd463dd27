"""What a year adds to and takes from accounts and pensions, by cell, in fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, STATUS, STATUSES
from fsinsure.rules import pension
from fsinsure.rules.retirement import NEVER, month_index, statutory_month
from fsinsure.state import FEN, PLACES, RANKS, cells
from fsinsure.year.amounts import DIVISORS, account_rates, credits_of, drawn_shares, rises
from fsinsure.year.terms import HALF

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
    """What a year adds to and takes from accounts and pensions.

    Parameters
    ----------
    keep, credit
        An account after a year in a cell is ``account * keep[cell] + credit[status, rank]``, fen.
    keep_half, credit_half
        The same after the first and the second half-year ``[half, ...]``.
    flat, per_year, percent
        The rise of 1 January ``[cell]``, fen; ``flat`` contains the top-up by age.
    base
        Monthly contribution base of employees by wage rank ``[rank]``, yuan: ``base``, and that of
        unemployment insurance, ``base_unemployment``.
    number
        Single amounts of the law.
    claim
        The duration of unemployment benefit in claims of the year: the arguments of
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
    # The first half of the money is computed before ageing.
    halves = [
        _half(law, float(rate), base["base"], age, law.year - 1 + half)
        for half, (rate, age) in enumerate(zip(account_rates(law), (before, ages), strict=True))
    ]
    (keep_1, credit_1), (keep_2, credit_2) = halves
    second = float(account_rates(law)[1])
    earns = 1.0 + float(pension.account_interest(1.0, 0.0, second, HALF))
    number = {name: float(law.rate(name)) for name in NUMBERS}
    number |= {name: float(law.money[name].item()) for name in ("base_civil", "resident_base")}
    return Rates(
        keep_1 * keep_2,
        # No status is both credited and drawn: the first credit earns interest in the second half.
        credit_1 * earns + credit_2,
        np.stack([keep_1, keep_2]),
        np.stack([credit_1, credit_2]),
        *_rises(law, before),
        base,
        number,
        tuple(float(law.rate(f"unemployment.{name}")) for name in CLAIM),
    )


def _half(law: Law, rate: float, base: Array, ages: Ints, year: int) -> tuple[Array, Array]:
    """Return what half a year keeps of an account by cell, and credits by status and rank, fen.

    Parameters
    ----------
    ages
        By year of birth ``[birth]``, at the end of a year.
    """
    count = len(ages)
    keep = np.full(cells(count), 1.0 + float(pension.account_interest(1.0, 0.0, rate, HALF)))
    by_cell = keep[:-1].reshape(len(STATUSES), PLACES // 2, 2, count)
    for status, share in drawn_shares(law, year).items():
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


def retirement_rules(parameters: Parameters) -> dict[str, tuple[float, ...]]:
    """Return the arguments of :func:`statutory_month` after the first, by who is meant.

    For men, women cadres, women workers and residents, in this order.
    """
    start, number = parameters.scalars["retirement.delay_from"], parameters.number
    first = NEVER if start is None else month_index(int(start), 1)
    rules: dict[str, tuple[float, ...]] = {
        who: (
            number(f"retirement.age_{who}"),
            first,
            number(f"retirement.delay_step_{who}"),
            number(f"retirement.delay_max_{who}"),
        )
        for who in ("male", "cadre", "worker")
    }
    return rules | {"resident": (number("retirement.age_resident"), NEVER, 1, 0)}


def due_months(parameters: Parameters, year: int, count: int) -> Ints:
    """Return the month in which people reach the pensionable age ``[rule, birth, month of birth]``.

    The rules are those for men, women cadres, women workers, residents, and for nobody. Women past
    the age of workers who still work, or work again, are under the rule for cadres, as in the
    cohort engine.

    Parameters
    ----------
    year
        In which they are looked at.
    count
        How many years of birth there are.
    """
    born = 12 * (BASE_YEAR - AGES + 1 + np.arange(count))[:, None] + np.arange(12)
    rules = retirement_rules(parameters).values()
    men, cadres, workers, residents = (statutory_month(born, *rule) for rule in rules)
    workers = np.where(workers // 12 < year, cadres, workers)
    nobody = np.full(born.shape, NEVER)
    return np.stack([men, cadres, workers, residents, nobody]).astype(np.int64)


def annuity_divisors(law: Law, month: Ints, count: int) -> Array:
    """Return the annuity divisors (计发月数) of accounts awarded this year, by exact age.

    Parameters
    ----------
    month
        When people are due, as :func:`due_months` returns it. Those who were due before and vest
        now are of the age of mid-year.

    Returns
    -------
    Array
        ``[rule, birth, month of birth]``
    """
    born = 12 * (BASE_YEAR - AGES + 1 + np.arange(count))[:, None] + np.arange(12)
    reached = np.where(month // 12 < law.year, 12 * law.year + HALF, month)
    return np.asarray(pension.annuity_months((reached - born) / 12, *law.table(DIVISORS)))
