"""What a year adds to an account and to a pension, and how an account is drawn: for both engines.

Every amount is computed here once. The cohort engine applies it to the sums of a cell, the person
engine to one person.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fsinsure.arrays import Array, joined, read_only
from fsinsure.dims import AGES, HALF_YEAR
from fsinsure.paths import Table, TablePath
from fsinsure.rules import contributions, formula, indexation, pension, resident
from fsinsure.year.law import Law
from fsinsure.year.pension_age import DIVISORS

account_credit = formula(contributions.account_credit)
age_top_up = formula(indexation.age_top_up)
yearly_credit = formula(resident.yearly_credit)


class Rise(NamedTuple):
    """The parts of the rise of 1 January, for :func:`fsinsure.rules.indexation.three_part`.

    Parameters
    ----------
    flat, per_year
        Yuan a month, and yuan a month for each contribution year.
    percent
        Share of the pension.
    top_up
        Yuan a month by age at 31 December before ``[..., area, sex, age]``.
    """

    flat: Array
    per_year: Array
    percent: Array
    top_up: Array


def rises(law: Law) -> dict[str, Rise]:
    """Return the rise of pensions in payment by status, broadcasting to ``[..., age]``."""
    multiple = law.table("indexing.pension_top_up_multiple")
    by_age = age_top_up(np.arange(AGES), *multiple)
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
    paid, subsidy = law.cells("resident_contribution"), law.cells("resident_subsidy")
    yearly = yearly_credit(paid, subsidy, 0, 0)
    return {
        "employee": account_credit(base, account_rate, HALF_YEAR),
        "flexible": account_credit(law.cells("base_flexible"), account_rate, HALF_YEAR),
        "civil_service": account_credit(law.cells("base_civil"), civil_rate, HALF_YEAR),
        "resident": np.asarray(yearly / 2),
    }


def account_rates(law: Law) -> tuple[Array, Array]:
    """Return the account interest of the two half-years ``[...]``, as yearly rates.

    With the rate of the second half-year, the year's interest on an opening balance is exactly the
    year's rate.
    """
    rate = law.rate("pension.account_interest")
    return rate, rate / (1.0 + rate / 2.0)


@lru_cache(maxsize=64)
def _by_age(divisors: Table) -> Array:
    return read_only(np.asarray(pension.annuity_divisor(np.arange(AGES), *divisors)))


def drawn_shares(law: Law, year: int) -> dict[str, Array]:
    """Return the share of a pensioner's account that half a year draws, by status.

    Parameters
    ----------
    law
        With the ages of award, the share of cadres among women, and the annuity divisors.
    year
        At whose end pensioners have the ages.

    Returns
    -------
    dict
        ``[..., sex, age]``
    """
    who = ("male", "cadre", "worker", "resident")
    men, cadre, worker, resident = (law.rate(f"retirement.age_{one}") for one in who)
    cadres = law.rate("retirement.cadre_share")
    divisors = law.tables[DIVISORS]
    ages = {
        "retiree": (men, cadres * cadre + (1.0 - cadres) * worker),
        "civil_retiree": (men, cadre),
        "resident_pensioner": (resident, resident),
    }
    return {
        status: _one_share(divisors, year, float(men), float(women))
        if np.ndim(women) == 0
        else _drawn_share(divisors, year, joined([men[..., None], women[..., None]]))
        for status, (men, women) in ages.items()
    }


@lru_cache(maxsize=512)
def _one_share(divisors: TablePath, year: int, men: float, women: float) -> Array:
    """Remember the share where ages do not vary by draw, read-only."""
    return read_only(_drawn_share(divisors, year, np.array([men, women])))


def _drawn_share(divisors: TablePath, year: int, ages_of_award: Array) -> Array:
    """Return the share of a pensioner's account that half a year draws ``[..., sex, age]``.

    The months left are the annuity divisor at the age and in the year of award, less the months
    drawn since. The last half-year draws all of it, and the pool pays the pension from then on.

    Parameters
    ----------
    divisors
        Those of every year.
    year
        At whose end pensioners have the ages.
    ages_of_award
        Mean age of award ``[..., sex]``.
    """
    ages = np.arange(AGES)
    award = ages_of_award[..., None]
    years = np.maximum(ages - award, 0.0)
    awarded = year - np.floor(years)
    months = np.interp(award, ages, _by_age(divisors.points[0][1]))
    for start, table in divisors.points[1:]:
        months = np.where(awarded >= start, np.interp(award, ages, _by_age(table)), months)
    # Less a quarter year: the same share twice then draws twelve months of the year.
    left = months - 12.0 * years - HALF_YEAR / 2
    return np.asarray(np.minimum(1.0, HALF_YEAR / np.maximum(left, HALF_YEAR)))
