"""What a year adds to an account and to a pension, and how an account is drawn: for both engines.

Every amount is reckoned here once. The cohort engine applies it to the sums of a cell, the person
engine to one person.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.dims import AGES, HALF_YEAR
from fsinsure.ledger import CIVIL, ENTERPRISE, RESIDENT
from fsinsure.rules import indexation, pension, resident
from fsinsure.rules.contributions import account_credit
from fsinsure.year.terms import law_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fsinsure.year.law import Law

    Array = NDArray[np.float64]

ACCOUNT_FUND: Final = {
    **dict.fromkeys(("employee", "flexible", "unemployed", "dormant", "retiree"), ENTERPRISE),
    **dict.fromkeys(("civil", "civil_retiree"), CIVIL),
    **dict.fromkeys(("outside", "resident", "resident_pensioner"), RESIDENT),
}
"""The fund that keeps the account of each status; who is outside only has one from residents."""


class Rise(NamedTuple):
    """The parts of the rise of 1 January, for :func:`fsinsure.rules.indexation.three_part`.

    Parameters
    ----------
    flat, per_year
        Yuan a month, and yuan a month for each contribution year.
    percent
        Share of the pension.
    top_up
        Yuan a month by age at 31 December before ``[..., district, sex, age]``.
    """

    flat: Array
    per_year: Array
    percent: Array
    top_up: Array


def rises(law: Law) -> dict[str, Rise]:
    """Return the rise of pensions in payment by status, broadcasting to ``[..., age]``."""
    ages, amounts = law_table("pension.top_up_age")[1], law_table("pension.top_up")[1]
    relative = tuple(amount / amounts[0] for amount in amounts)
    by_age = np.asarray(indexation.age_top_up(np.arange(AGES), ages, relative))
    three_part = Rise(
        law.cells("indexing.pension_flat"),
        law.cells("indexing.pension_per_year"),
        law.cells("percent"),
        by_age * law.cells("indexing.pension_top_up"),
    )
    none = np.zeros((1, 1, 1))
    return {
        "retiree": three_part,
        "civil_retiree": three_part,
        "resident_pensioner": Rise(law.cells("resident_rise"), none, none, none),
    }


def credits_of(law: Law, base: Array) -> dict[str, Array]:
    """Return what half a year credits to an account by status, interest apart, yuan.

    Parameters
    ----------
    base
        Monthly contribution base of employees: the mean ``[..., 1, 1, 1]``, or of each rank.
    """
    account_rate = law.cells("pension.account_rate")
    civil_rate = law.cells("civil.employee_rate")
    yearly = resident.yearly_credit(
        law.cells("resident_contribution"), law.cells("resident_subsidy"), 0, 0
    )
    return {
        "employee": np.asarray(account_credit(base, account_rate, HALF_YEAR)),
        "flexible": np.asarray(account_credit(law.cells("base_flexible"), account_rate, HALF_YEAR)),
        "civil": np.asarray(account_credit(law.cells("base_civil"), civil_rate, HALF_YEAR)),
        "resident": np.asarray(yearly / 2),
    }


def account_rates(law: Law) -> tuple[Array, Array]:
    """Return the account interest of the two half-years ``[...]``, as yearly rates.

    That of the second is the one that makes the year's interest on an opening balance exactly the
    year's rate.
    """
    rate = law.rate("pension.account_interest")
    return rate, rate / (1.0 + rate / 2.0)


@cache
def annuity_by_age() -> Array:
    """Return the months over which an account is paid, by age at award ``[age]``."""
    table = law_table("pension.annuity_months")
    return np.asarray(pension.annuity_months(np.arange(AGES), *table))


def drawn_shares(number: Mapping[str, float]) -> dict[str, Array]:
    """Return the share of a pensioner's account that half a year draws, by status ``[sex, age]``.

    Parameters
    ----------
    number
        The scalars of the law: the ages of award, and the share of cadres among women.
    """
    age = {who: number[f"retirement.age_{who}"] for who in ("male", "cadre", "worker", "resident")}
    cadres = number["retirement.cadre_share"]
    women = cadres * age["cadre"] + (1.0 - cadres) * age["worker"]
    return {
        "retiree": drawn_share(age["male"], women),
        "civil_retiree": drawn_share(age["male"], age["cadre"]),
        "resident_pensioner": drawn_share(age["resident"], age["resident"]),
    }


@lru_cache(maxsize=64)
def drawn_share(men: float, women: float) -> Array:
    """Return the share of a pensioner's account that half a year draws ``[sex, age]``.

    The months left are those of the age of award less those drawn since; in the last half-year all
    is drawn, and the pension goes on from the pool.

    Parameters
    ----------
    men, women
        Mean age of award.
    """
    ages = np.arange(AGES)
    award = np.array([men, women])[:, None]
    months = np.interp(award, ages, annuity_by_age())
    # Less a quarter year: the same share twice then draws twelve months of the year.
    left = months - 12.0 * np.maximum(ages - award, 0.0) - HALF_YEAR / 2
    return np.asarray(np.minimum(1.0, HALF_YEAR / np.maximum(left, HALF_YEAR)))
