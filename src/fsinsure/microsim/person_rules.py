"""The rules of a year for one person, bound once.

The numpy engine calls these functions with arrays, the compiled loops with numbers: a rule that is
added here is in both. Formulas are those of :mod:`fsinsure.rules`; a parameter that a rule reads is
a field of :class:`PersonLaw`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.rules import Numbers, formula, pension, resident, retirement, unemployment
from fsinsure.state import FEN
from fsinsure.statuses import STATUS

if TYPE_CHECKING:
    from fsinsure.arrays import Flags
    from fsinsure.year.law import Law

employee_pension = formula(pension.employee_pension)
civil_pension = formula(pension.civil_pension)
resident_pension = formula(resident.resident_pension)
vested = formula(retirement.vested)
benefit_months = formula(unemployment.benefit_months)
carried_months = formula(unemployment.carried_months)

CIVIL_RETIREE: Final = STATUS["civil_retiree"]
RESIDENT_PENSIONER: Final = STATUS["resident_pensioner"]


class PersonLaw(NamedTuple):
    """The parameters of a year that rules of persons read: yuan, fractions, months."""

    withdraw_share: float
    award_base: float
    mean_index: float
    accrual: float
    deemed_index: float
    deemed_years: float
    transitional_coefficient: float
    replacement: float
    base_civil: float
    resident_base: float
    low_months: float
    low_step: float
    high_step: float
    most_months: float


SOURCE: Final = {
    "withdraw_share": "retirement",
    **dict.fromkeys(("award_base", "mean_index", "accrual"), "pension"),
    **dict.fromkeys(("deemed_index", "deemed_years", "transitional_coefficient"), "pension"),
    "replacement": "civil",
    **dict.fromkeys(("low_months", "low_step", "high_step", "most_months"), "unemployment"),
}
"""The section of the parameter of a field; the other fields are money terms."""


def person_law(law: Law) -> PersonLaw:
    """Return the parameters of a year."""
    names = [f"{SOURCE[name]}.{name}" if name in SOURCE else name for name in PersonLaw._fields]
    return PersonLaw(*(float(law.rate(name)) for name in names))


def chosen(condition: bool | np.bool | Flags, one: Numbers, other: Numbers) -> Numbers:
    """Return one of two amounts by a condition; the compiled loops choose between numbers."""
    return np.where(condition, one, other)


def monthly_award(
    target: Numbers,
    own_index: Numbers,
    months: Numbers,
    account: Numbers,
    divisor: Numbers,
    law: PersonLaw,
) -> Numbers:
    """Return the pension at award, whole fen a month.

    Parameters
    ----------
    target
        The status that is joined.
    own_index
        Contribution index relative to the mean, in double precision.
    months
        Contribution months.
    account
        Balance, fen.
    divisor
        Annuity divisor at the exact age.
    law
        Of the year.
    """
    balance = account / FEN
    employee = employee_pension(
        law.award_base,
        law.mean_index * own_index,
        months / 12,
        law.accrual,
        balance,
        divisor,
        law.deemed_index,
        law.deemed_years,
        law.transitional_coefficient,
    )
    civil = civil_pension(law.base_civil, law.replacement)
    resident = resident_pension(law.resident_base, 0, balance, divisor, 0, 0)
    others = chosen(target == RESIDENT_PENSIONER, resident, employee)
    award: Numbers = np.rint(FEN * chosen(target == CIVIL_RETIREE, civil, others))
    return award


def replaced_base(target: Numbers, base: Numbers, law: PersonLaw) -> Numbers:
    """Return the monthly base that a pension replaces, yuan; 0 for residents.

    Parameters
    ----------
    base
        Contribution base of an employee of the same wage rank.
    """
    own = chosen(target == RESIDENT_PENSIONER, 0.0, base)
    return chosen(target == CIVIL_RETIREE, law.base_civil, own)


def claimed_months(
    months: Numbers, months_at_last_claim: Numbers, left: Numbers, law: PersonLaw
) -> Numbers:
    """Return the months of unemployment benefit after a claim.

    Parameters
    ----------
    months, months_at_last_claim
        Contribution months now, and at the claim before.
    left
        Months of benefit left of that claim.
    """
    duration = law.low_months, law.low_step, law.high_step, law.most_months
    return carried_months(
        benefit_months(months - months_at_last_claim, *duration), left, law.most_months
    )


RULES: Final = (vested, monthly_award, replaced_base, claimed_months)
"""The functions that the compiled engine compiles, with all that these call."""
