"""The pensions that begin, by the formula for what persons carry and the age to the month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import MONTHS, PERSONS
from fsinsure.rules import formula, pension
from fsinsure.year.law import Law
from fsinsure.year.money import AWARD

basic_pension = formula(pension.basic_pension)
transitional_pension = formula(pension.transitional_pension)


@dataclass(frozen=True, eq=False)
class Awards:
    """The pensions that begin in a year, by the status that is joined ``[area]``.

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
    law: Law, status: str, new: Array, amount: Array, account: Array, observed: tuple[Array, Array]
) -> Awards:
    """Compute the awards by the formula for the same heads, months, accounts and exact ages.

    Parameters
    ----------
    law
        Of the year.
    status
        The status that is joined.
    new
        What the cohort engine awards ``[area, sex, age]``.
    amount
        What is carried ``[quantity, area, sex, age]``, pensions apart.
    account
        Its part of the award ``[area, sex, age]``.
    observed
        What persons were awarded, and how many they are ``[area]``.
    """
    awarded, joined = observed
    heads = amount[PERSONS]
    # Months and accounts are those of persons already; of heads there are a few more or less.
    more = _each(law, status) * (joined - heads.sum(axis=(-2, -1)))
    own = _by_index(law, amount) if status == "retiree" else np.zeros_like(new)
    parts = (_squares_per_capita(own, heads), _squares_per_capita(account, heads))
    return Awards(awarded, new.sum(axis=(-2, -1)) + more, *parts, joined)


def _each(law: Law, status: str) -> float:
    """Return what the award has for each head alike, whatever is carried."""
    if status == "civil_retiree":
        replacement = law.rate("civil.replacement")
        return float(pension.civil_pension(float(law.rate("base_civil")), replacement))
    if status == "resident_pensioner":
        return float(law.rate("resident_base"))
    base, _, _, index, deemed, coefficient = (float(law.rate(name)) for name in AWARD)
    return float(transitional_pension(base, index, deemed, coefficient))


def _by_index(law: Law, amount: Array) -> Array:
    """Return the part of awards that is in proportion to the own index."""
    base, index, accrual, *_ = (float(law.rate(name)) for name in AWARD)
    whole = basic_pension(base, index, amount[MONTHS] / 12, accrual)
    none = basic_pension(base, 0.0, amount[MONTHS] / 12, accrual)
    return np.asarray(whole - none)


def _squares_per_capita(amount: Array, heads: Array) -> Array:
    """Return the squares of amounts per capita, added up over people ``[area]``."""
    each = np.divide(amount * amount, heads, out=np.zeros_like(amount), where=heads > 0)
    return np.asarray(each.sum(axis=(-2, -1)))
