"""Contributions and benefits of each fund in a half-year, posted to the book of the year."""

from __future__ import annotations

from fsinsure.arrays import Array
from fsinsure.dims import HALF_YEAR
from fsinsure.ledger import (
    CIVIL,
    CONTRIBUTIONS,
    ENTERPRISE,
    INJURY,
    RESIDENT,
    UNEMPLOYMENT,
    Book,
    shares_paid,
)
from fsinsure.measures import groups
from fsinsure.rules import contributions, formula, pension
from fsinsure.rules import injury as injury_rules
from fsinsure.rules import unemployment as unemployment_rules
from fsinsure.statuses import FUNDS, STATUS, SUBSIDY
from fsinsure.year.law import Law
from fsinsure.year.relief import Half, paid_by, pay, repay

contribution = formula(contributions.contribution)
pension_bill = formula(pension.pension_bill)
flat_premium = formula(injury_rules.flat_premium)
job_retention_refund = formula(unemployment_rules.job_retention_refund)

INJURY_ONLY = ("project_worker", "intern", "platform_worker", "over_age_worker")


def enterprise(law: Law, people: Array, book: Book, relief: Half) -> None:
    """Pension contributions of employers, employees and flexible workers.

    Parameters
    ----------
    people
        Persons ``[..., status, area]``; also in the other functions.
    relief
        The cuts of the half-year; what is waived of the members' own part is credited all the same.
    """
    base = law.areas("base") * people[..., STATUS["employee"], :]
    flexible = law.areas("base_flexible") * people[..., STATUS["flexible"], :]
    for payer, paid_on in (("employer", base), ("employee", base), ("flexible", flexible)):
        due = contribution(paid_on, law.areas(f"pension.{payer}_rate"), HALF_YEAR)
        pay(book, relief, ENTERPRISE, payer, due)
    book.post(ENTERPRISE, "payroll", (base + flexible) * HALF_YEAR)


def civil(law: Law, people: Array, book: Book) -> None:
    """Pension contributions of government and institutions, and of their staff."""
    base = law.areas("base_civil") * people[..., STATUS["civil_service"], :]
    for payer in ("employer", "employee"):
        book.post(CIVIL, payer, contribution(base, law.areas(f"civil.{payer}_rate"), HALF_YEAR))
    book.post(CIVIL, "payroll", base * HALF_YEAR)


def residents(law: Law, people: Array, book: Book) -> None:
    """Contributions of residents, the subsidy to their accounts and that to base pensions."""
    members = people[..., STATUS["resident"], :]
    book.post(RESIDENT, "resident", members * law.areas("resident_contribution") * HALF_YEAR / 12)
    book.post(RESIDENT, "subsidy", members * law.areas("resident_subsidy") * HALF_YEAR / 12)
    drawing = people[..., STATUS["resident_pensioner"], :]
    base_pensions = pension_bill(drawing, law.areas("resident_base"), HALF_YEAR)
    book.post(RESIDENT, "subsidy", base_pensions * law.areas("resident.base_subsidy"))


def unemployment(law: Law, people: Array, book: Book, relief: Half) -> None:
    """Premiums, and what the insured unemployed are paid."""
    employees = law.areas("base_unemployment") * people[..., STATUS["employee"], :]
    covered = law.areas("coverage.unemployment.civil_service")
    staff = people[..., STATUS["civil_service"], :] * covered
    civil_payroll = law.areas("base_civil") * staff
    own = law.areas("unemployment.employee_rate")
    for payer, rate in (("employer", law.areas("unemployment_rate")), ("employee", own)):
        pay(book, relief, UNEMPLOYMENT, payer, contribution(employees, rate, HALF_YEAR))
        pay(book, {}, UNEMPLOYMENT, payer, contribution(civil_payroll, rate, HALF_YEAR))
    covered = people[..., STATUS["flexible"], :] * law.areas("coverage.unemployment.flexible")
    flexible = law.areas("base_flexible") * covered
    # Without an employer to float a rate for, they pay the benchmark and the own part.
    both = law.areas("unemployment.employer_rate") + own
    pay(book, relief, UNEMPLOYMENT, "flexible", contribution(flexible, both, HALF_YEAR))
    book.post(UNEMPLOYMENT, "payroll", (employees + civil_payroll + flexible) * HALF_YEAR)
    # Flexible workers who draw are no status of their own; they are a share of the covered.
    flexible_claims = covered * law.areas("unemployment.flexible_claims")
    months = (people[..., STATUS["unemployed"], :] + flexible_claims) * HALF_YEAR
    benefit = law.areas("benefit") * months
    book.post(UNEMPLOYMENT, "benefit", benefit)
    book.post(UNEMPLOYMENT, "health", law.areas("health_premium") * months)
    book.post(UNEMPLOYMENT, "grants", benefit * law.areas("unemployment.grants"))
    book.post(UNEMPLOYMENT, "price_supplement", law.areas("price_supplement") * months)


def injury(law: Law, persons: Array, people: Array, book: Book, relief: Half) -> None:
    """Premiums by payroll and flat, and what injuries cost.

    Parameters
    ----------
    persons
        ``[..., status, area, sex, age]``, to count groups by age.
    """
    employees = people[..., STATUS["employee"], :]
    staff = people[..., STATUS["civil_service"], :]
    payroll, civil_payroll = law.areas("base") * employees, law.areas("base_civil") * staff
    due = contribution(payroll, law.areas("injury_rate"), HALF_YEAR)
    pay(book, relief, INJURY, "employer", due)
    civil_due = contribution(civil_payroll, law.areas("injury_rate_civil"), HALF_YEAR)
    pay(book, {}, INJURY, "employer", civil_due)
    book.post(INJURY, "payroll", (payroll + civil_payroll) * HALF_YEAR)
    only = sum(
        groups()[group].count(persons) * law.areas(f"coverage.injury.{group}")
        for group in INJURY_ONLY
    )
    flat = flat_premium(only, law.areas("flat_premium"), HALF_YEAR)
    pay(book, relief, INJURY, "flat", flat)
    years = (employees + staff + only) * HALF_YEAR / 12
    cases = years * law.areas("injury.incidence")
    graded = cases * law.areas("injury.graded_share")
    deaths = years * law.areas("injury.death_rate")
    book.post(INJURY, "medical", cases * law.areas("medical_cost"))
    book.post(INJURY, "disability", graded * law.areas("injury_lump"))
    book.post(INJURY, "death", deaths * law.areas("injury_death"))
    book.post(INJURY, "long_term", years * law.areas("long_term_cost"))


def year_end(law: Law, book: Book) -> None:
    """Post what is computed once a year: refunds to firms, subsidies and pooling.

    Amounts of the whole region go to the areas in proportion to the contributions they paid.
    """
    repay(law.year, book)
    # Refunds are of the premiums paid last year; those of 2020 are not modelled, nor its relief.
    premiums = paid_by(book.before or book, UNEMPLOYMENT, ("employer", "employee"))
    share, eligible = (law.areas(f"unemployment.refund_{of}") for of in ("share", "eligible"))
    refund = job_retention_refund(premiums, share, eligible)
    book.post(UNEMPLOYMENT, "job_retention_refund", refund)
    for fund in FUNDS:
        short = fund.rpartition(".")[2]
        paid = paid_by(book, fund, CONTRIBUTIONS)
        share = shares_paid(paid)
        book.post(fund, "pool_transfer", share * law.areas(f"pooling.transfer_{short}"))
        book.post(fund, "remittance", paid * law.areas(f"pooling.remittance_{short}"))
        if fund in SUBSIDY:
            book.post(fund, "subsidy", share * law.areas(SUBSIDY[fund]))
