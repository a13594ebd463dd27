"""The pensions that begin, by the formula for what persons carry and the age to the month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES
from fsinsure.microsim.rates import retirement_rules
from fsinsure.rules.pension import (
    annuity_months,
    basic_pension,
    civil_pension,
    transitional_pension,
)
from fsinsure.rules.retirement import statutory_month
from fsinsure.year.amounts import DIVISORS, annuity_divisors
from fsinsure.year.terms import HALF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fsinsure.parameters import Parameters
    from fsinsure.scenario.paths import Table
    from fsinsure.year.law import Law

    Array = NDArray[np.float64]

PERSONS, MONTHS, ACCOUNT = range(3)


@dataclass(frozen=True, eq=False)
class Awards:
    """The pensions that begin in a year, by the status that is joined ``[district]``.

    Parameters
    ----------
    persons
        Awarded to persons, yuan a month.
    expected
        By the formula, for what they carried: months, account, and the age to the month.
    index, account
        The part that varies with the own index, and the part out of the account: the sum over
        cells of its square by heads, yuan squared.
    heads
        How many people.
    """

    persons: Array
    expected: Array
    index: Array
    account: Array
    heads: Array


def awards(
    law: Law,
    status: str,
    new: Array,
    amount: Array,
    annuity: Mapping[str, Array],
    shown: tuple[Array, Array],
) -> Awards:
    """Reckon what the formula gives for the same heads, months, accounts and exact ages.

    Parameters
    ----------
    law
        Of the year.
    status
        The status that is joined.
    new
        What the cohort engine awards ``[district, sex, age]``, at ages in whole years.
    amount
        What is carried: persons, months, account ``[quantity, district, sex, age]``.
    annuity
        From :func:`own_annuity`.
    shown
        What persons were awarded, and how many they are ``[district]``.
    """
    awarded, joined = shown
    heads = amount[PERSONS]
    # Months and accounts are those of persons already; of heads there are a few more or less.
    more = _each(law, status) * (joined - heads.sum(axis=(-2, -1)))
    expected, monthly, own = new, np.zeros_like(new), np.zeros_like(new)
    if status in annuity:
        monthly = amount[ACCOUNT] / annuity[status]
        expected = new + monthly - amount[ACCOUNT] / annuity_divisors(law)
    if status == "retiree":
        own = _by_index(law, amount)
    parts = (_square_a_head(own, heads), _square_a_head(monthly, heads))
    return Awards(awarded, expected.sum(axis=(-2, -1)) + more, *parts, joined)


def _each(law: Law, status: str) -> float:
    """Return what the award has for each head alike, whatever is carried."""
    if status == "civil_retiree":
        replacement = law.rate("civil.replacement")
        return float(civil_pension(law.money["base_civil"].item(), replacement))
    if status == "resident_pensioner":
        return float(law.money["resident_base"].item())
    base, index, years, rate = (
        float(law.rate(f"pension.{name}"))
        for name in ("award_base", "mean_index", "deemed_years", "transitional_coefficient")
    )
    return float(transitional_pension(base, index, years, rate))


def _by_index(law: Law, amount: Array) -> Array:
    """Return the part of awards that is in proportion to the own index."""
    base, index, accrual, deemed, coefficient = (
        float(law.rate(f"pension.{name}"))
        for name in (
            *("award_base", "mean_index", "accrual"),
            *("deemed_years", "transitional_coefficient"),
        )
    )
    whole = basic_pension(base, index, amount[MONTHS] / 12, accrual)
    none = basic_pension(base, 0.0, amount[MONTHS] / 12, accrual)
    deemed_part = transitional_pension(base, index, deemed * amount[PERSONS], coefficient)
    return np.asarray(whole - none + deemed_part)


def own_annuity(parameters: Parameters, year: int) -> Mapping[str, Array]:
    """Return the annuity divisors (计发月数) at the exact age ``[sex, age]``, by status joined.

    The harmonic mean over the months of birth that reach the pensionable age in the year. Where
    none does, those who vest now are of the age of mid-year.
    """
    who = retirement_rules(parameters)
    cadres = parameters.number("retirement.cadre_share")
    divisors = parameters.table(DIVISORS, year)
    men = _own_annuity(year, divisors, {who["male"]: 1.0})
    women = _own_annuity(year, divisors, {who["cadre"]: cadres, who["worker"]: 1.0 - cadres})
    residents = _own_annuity(year, divisors, {who["resident"]: 1.0})
    return {
        "retiree": np.stack([men, women]),
        "resident_pensioner": np.stack([residents, residents]),
    }


def _own_annuity(year: int, divisors: Table, rules: Mapping[tuple[float, ...], float]) -> Array:
    born = 12 * (year - np.arange(AGES))[:, None] + np.arange(12)
    middle = 1.0 / annuity_months((12 * year + HALF - born) / 12, *divisors)
    weight, inverse = np.zeros((2, AGES))
    for rule, share in rules.items():
        month = statutory_month(born, *rule)
        due = share * (month // 12 == year)
        weight += due.sum(axis=-1)
        inverse += (due / annuity_months((month - born) / 12, *divisors)).sum(axis=-1)
    mean = np.divide(inverse, weight, out=np.asarray(middle.mean(axis=-1)), where=weight > 0)
    return np.asarray(1.0 / mean)


def _square_a_head(amount: Array, heads: Array) -> Array:
    """Return the squares of amounts a head, added up over people ``[district]``."""
    each = np.divide(amount * amount, heads, out=np.zeros_like(amount), where=heads > 0)
    return np.asarray(each.sum(axis=(-2, -1)))
