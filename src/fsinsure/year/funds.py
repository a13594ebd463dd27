"""Contributions and benefits of each fund in a half-year, posted to the book of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import STATUS
from fsinsure.ledger import CIVIL, CONTRIBUTIONS, ENTERPRISE, FUNDS, INJURY, RESIDENT, UNEMPLOYMENT
from fsinsure.measures import groups
from fsinsure.rules import contributions, formula, pension
from fsinsure.rules import injury as injury_rules
from fsinsure.rules import unemployment as unemployment_rules
from fsinsure.year.relief import paid_by, pay, repay
from fsinsure.year.terms import HALF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.ledger import Book
    from fsinsure.year.law import Law
    from fsinsure.year.relief import Half

    Array = NDArray[np.float64]

contribution = formula(contributions.contribution)
pension_bill = formula(pension.pension_bill)
flat_premium = formula(injury_rules.flat_premium)
stabilisation_refund = formula(unemployment_rules.stabilisation_refund)

INJURY_ONLY = ("project_worker", "intern", "platform_worker", "over_age_worker")
SUBSIDISED = {ENTERPRISE: "pension.subsidy", CIVIL: "civil.subsidy"}


def at(law: Law, name: str) -> Array:
    """Return a path at this year as ``[..., 1]``, to meet ``[..., district]``."""
    return law.value[name][..., 0, 0, 0]


def term(law: Law, name: str) -> Array:
    """Return a money term at this year as ``[..., 1]``, to meet ``[..., district]``."""
    return law.money[name][..., 0, 0]


def enterprise(law: Law, people: Array, book: Book, relief: Half) -> None:
    """Pension contributions of employers, employees and flexible workers.

    Parameters
    ----------
    people
        Persons ``[..., status, district]``; also in the other functions.
    relief
        The cuts of the half-year; what is waived of the members' own part is credited all the same.
    """
    base = term(law, "base") * people[..., STATUS["employee"], :]
    flexible = term(law, "base_flexible") * people[..., STATUS["flexible"], :]
    for payer, paid_on in (("employer", base), ("employee", base), ("flexible", flexible)):
        due = contribution(paid_on, at(law, f"pension.{payer}_rate"), HALF)
        pay(book, relief, ENTERPRISE, payer, due)
    book.post(ENTERPRISE, "payroll", (base + flexible) * HALF)


def civil(law: Law, people: Array, book: Book) -> None:
    """Pension contributions of government and institutions, and of their staff."""
    base = term(law, "base_civil") * people[..., STATUS["civil"], :]
    for payer in ("employer", "employee"):
        book.post(CIVIL, payer, contribution(base, at(law, f"civil.{payer}_rate"), HALF))
    book.post(CIVIL, "payroll", base * HALF)


def residents(law: Law, people: Array, book: Book) -> None:
    """Contributions of residents, the subsidy to their accounts and that to base pensions."""
    members = people[..., STATUS["resident"], :]
    book.post(RESIDENT, "resident", members * term(law, "resident_contribution") * HALF / 12)
    book.post(RESIDENT, "subsidy", members * term(law, "resident_subsidy") * HALF / 12)
    drawing = people[..., STATUS["resident_pensioner"], :]
    base_pensions = pension_bill(drawing, term(law, "resident_base"), HALF)
    book.post(RESIDENT, "subsidy", base_pensions * at(law, "resident.base_subsidy"))


def unemployment(law: Law, people: Array, book: Book, relief: Half) -> None:
    """Premiums, and what the insured unemployed are paid."""
    employees = term(law, "base_unemployment") * people[..., STATUS["employee"], :]
    staff = people[..., STATUS["civil"], :] * at(law, "coverage.unemployment.civil")
    civil_payroll = term(law, "base_civil") * staff
    own = at(law, "unemployment.employee_rate")
    for payer, rate in (("employer", term(law, "unemployment_rate")), ("employee", own)):
        pay(book, relief, UNEMPLOYMENT, payer, contribution(employees, rate, HALF))
        pay(book, {}, UNEMPLOYMENT, payer, contribution(civil_payroll, rate, HALF))
    covered = people[..., STATUS["flexible"], :] * at(law, "coverage.unemployment.flexible")
    flexible = term(law, "base_flexible") * covered
    # Without an employer to float a rate for, they pay the benchmark and the own part.
    both = at(law, "unemployment.employer_rate") + own
    pay(book, relief, UNEMPLOYMENT, "flexible", contribution(flexible, both, HALF))
    book.post(UNEMPLOYMENT, "payroll", (employees + civil_payroll + flexible) * HALF)
    # Flexible workers who draw are no status of their own; they are a share of the covered.
    drawing = people[..., STATUS["unemployed"], :] + covered * at(
        law, "unemployment.flexible_claims"
    )
    months = drawing * HALF
    benefit = term(law, "benefit") * months
    book.post(UNEMPLOYMENT, "benefit", benefit)
    book.post(UNEMPLOYMENT, "health", term(law, "health_premium") * months)
    book.post(UNEMPLOYMENT, "grants", benefit * at(law, "unemployment.grants"))
    book.post(UNEMPLOYMENT, "price_supplement", term(law, "price_supplement") * months)


def injury(law: Law, persons: Array, people: Array, book: Book, relief: Half) -> None:
    """Premiums by payroll and flat, and what injuries cost.

    Parameters
    ----------
    persons
        ``[..., status, district, sex, age]``, to count groups by age.
    """
    employees = people[..., STATUS["employee"], :]
    staff = people[..., STATUS["civil"], :]
    payroll, civil_payroll = term(law, "base") * employees, term(law, "base_civil") * staff
    pay(book, relief, INJURY, "employer", contribution(payroll, term(law, "injury_rate"), HALF))
    civil_due = contribution(civil_payroll, term(law, "injury_rate_civil"), HALF)
    pay(book, {}, INJURY, "employer", civil_due)
    book.post(INJURY, "payroll", (payroll + civil_payroll) * HALF)
    only = sum(
        groups()[group].count(persons) * at(law, f"coverage.injury.{group}")
        for group in INJURY_ONLY
    )
    flat = flat_premium(only, term(law, "flat_premium"), HALF)
    pay(book, relief, INJURY, "flat", flat)
    years = (employees + staff + only) * HALF / 12
    cases = years * at(law, "injury.incidence")
    graded = cases * at(law, "injury.graded_share")
    deaths = years * at(law, "injury.death_rate")
    book.post(INJURY, "medical", cases * term(law, "medical_cost"))
    book.post(INJURY, "disability", graded * term(law, "injury_lump"))
    book.post(INJURY, "death", deaths * term(law, "injury_death"))
    book.post(INJURY, "long_term", years * term(law, "long_term_cost"))


def year_end(law: Law, book: Book) -> None:
    """Post what is reckoned once a year: refunds to firms, subsidies and pooling.

    Amounts of the whole city go to the districts in proportion to the contributions they paid.
    """
    repay(law.year, book)
    # Refunds are of the premiums paid last year; those of 2020 are not modelled, nor its relief.
    premiums = paid_by(book.before or book, UNEMPLOYMENT, ("employer", "employee"))
    refund = stabilisation_refund(
        premiums, at(law, "unemployment.refund_share"), at(law, "unemployment.refund_eligible")
    )
    book.post(UNEMPLOYMENT, "stabilisation", refund)
    for fund in FUNDS:
        short = fund.rpartition(".")[2]
        paid = paid_by(book, fund, CONTRIBUTIONS)
        total = paid.sum(axis=-1, keepdims=True)
        # Without any contributions the districts share alike.
        even = np.full_like(paid, 1.0 / paid.shape[-1])
        share = np.divide(paid, total, out=even, where=total > 0)
        book.post(fund, "pool_transfer", share * at(law, f"pooling.transfer_{short}"))
        book.post(fund, "remittance", paid * at(law, f"pooling.remittance_{short}"))
        if fund in SUBSIDISED:
            book.post(fund, "subsidy", share * at(law, SUBSIDISED[fund]))
