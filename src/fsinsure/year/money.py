"""What the people of a year carry and are paid: accounts, pensions in payment, awards.

Half of the money of a year is reckoned on the opening stock, half on the closing stock, like
contribution months: who moves, comes or dies pays and draws half a year. Formulas are those of
:mod:`fsinsure.rules`; they are linear in what the people of a cell carry, so sums do.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES, PENSIONERS, STATUS
from fsinsure.ledger import CIVIL, ENTERPRISE, PENSION_FUND, RESIDENT, Book
from fsinsure.rules import indexation, pension, resident
from fsinsure.rules.contributions import account_credit
from fsinsure.state import DEAD, DEPARTED, Move
from fsinsure.year import funds, land
from fsinsure.year.funds import at
from fsinsure.year.terms import HALF, law_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fsinsure.state import Inflow
    from fsinsure.year.law import Law
    from fsinsure.year.people import Opening
    from fsinsure.year.relief import Half

    Array = NDArray[np.float64]

ACCOUNT_FUND = {
    **dict.fromkeys(("employee", "flexible", "unemployed", "dormant", "retiree"), ENTERPRISE),
    **dict.fromkeys(("civil", "civil_retiree"), CIVIL),
    **dict.fromkeys(("outside", "resident", "resident_pensioner"), RESIDENT),
}
"""The fund that keeps the account of each status; who is outside only has one from residents."""

WITH_DEATH_GRANT = ("employee", "flexible", "retiree")
ACCOUNT_TAKEN = "account taken"

PERSONS, MONTHS, ACCOUNT, PENSION = range(4)


def indexing(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Raise the pensions in payment on 1 January, in place."""
    book = start.book
    if book is None:
        return []
    before = _pensions(stock)
    ages, amounts = law_table("pension.top_up_age")[1], law_table("pension.top_up")[1]
    relative = tuple(amount / amounts[0] for amount in amounts)
    top_up = indexation.age_top_up(np.arange(AGES), ages, relative)
    top_up = top_up * law.value["indexing.pension_top_up"][..., 0, :, :, :]
    for status in ("retiree", "civil_retiree"):
        cells = stock[..., STATUS[status], :, :, :]
        persons, months = cells[..., PERSONS, :, :, :], cells[..., MONTHS, :, :, :]
        cells[..., PENSION, :, :, :] = indexation.three_part(
            cells[..., PENSION, :, :, :],
            months / 12,
            law.value["indexing.pension_flat"][..., 0, :, :, :] * persons,
            law.value["indexing.pension_per_year"][..., 0, :, :, :],
            law.money["percent"],
            top_up * persons,
        )
    residents = stock[..., STATUS["resident_pensioner"], :, :, :]
    residents[..., PENSION, :, :, :] += (
        law.money["resident_rise"] * residents[..., PERSONS, :, :, :]
    )
    for status, pensions in _pensions(stock).items():
        book.note("pension", "indexed", pensions - before[status])
    return []


def _by_status(stock: Array, quantity: int) -> Array:
    """Sum a quantity to ``[..., status, district]``."""
    return np.asarray(stock[..., quantity, :, :, :, :].sum(axis=(-2, -1)))


def _pensions(stock: Array) -> dict[str, Array]:
    """Pensions in payment by status ``[..., district]``, yuan a month."""
    return {
        status: stock[..., PENSION, STATUS[status], :, :, :].sum(axis=(-2, -1))
        for status in PENSIONERS
    }


def first_half(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Pay contributions and benefits for half a year on the opening stock, in place."""
    rate = law.value["pension.account_interest"][..., 0, 0, 0, 0]
    _half_year(law, stock, start.book, rate, law.relief[0])
    if start.book is not None:
        land.subsidise(law, start.book, second=False)
    return []


def second_half(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Pay contributions and benefits for the other half on the closing stock, in place.

    The rate of the second half-year is the one that makes the year's interest on an opening
    balance exactly the year's rate.
    """
    rate = law.value["pension.account_interest"][..., 0, 0, 0, 0]
    _half_year(law, stock, start.book, rate / (1.0 + rate / 2.0), law.relief[1])
    if start.book is not None:
        land.subsidise(law, start.book, second=True)
        funds.year_end(law, start.book)
        balances = _by_status(stock, ACCOUNT)
        for status, fund in ACCOUNT_FUND.items():
            start.book.post(fund, "accounts", balances[..., STATUS[status], :])
    return []


def _half_year(law: Law, stock: Array, book: Book | None, rate: Array, relief: Half) -> None:
    if book is None:
        return
    people = _by_status(stock, PERSONS)
    _credit_accounts(law, stock, people, rate[..., None, None, None], book)
    for status, pensions in _pensions(stock).items():
        book.post(PENSION_FUND[status], "pension", pension.pension_bill(1, pensions, HALF))
    _draw_accounts(law, stock, book)
    funds.enterprise(law, people, book, relief)
    funds.civil(law, people, book)
    funds.residents(law, people, book)
    funds.unemployment(law, people, book, relief)
    funds.injury(law, stock[..., PERSONS, :, :, :, :], people, book, relief)


def _credit_accounts(law: Law, stock: Array, people: Array, rate: Array, book: Book) -> None:
    """Credit half a year and its interest to every account, in place.

    Parameters
    ----------
    people
        Persons ``[..., status, district]``.
    rate
        Interest of the year ``[..., 1, 1, 1]``.
    """
    persons, accounts = stock[..., PERSONS, :, :, :, :], stock[..., ACCOUNT, :, :, :, :]
    yearly = resident.yearly_credit(
        law.money["resident_contribution"], law.money["resident_subsidy"], 0, 0
    )
    account_rate = law.value["pension.account_rate"][..., 0, :, :, :]
    civil_rate = law.value["civil.employee_rate"][..., 0, :, :, :]
    each = {
        "employee": account_credit(law.money["base"], account_rate, HALF),
        "flexible": account_credit(law.money["base_flexible"], account_rate, HALF),
        "civil": account_credit(law.money["base_civil"], civil_rate, HALF),
        "resident": yearly / 2,
    }
    # A yuan earns the same in every account, and a person of a status is credited the same.
    interest = pension.account_interest(1.0, 0.0, rate, HALF)
    earned = interest[..., 0, 0] * _by_status(stock, ACCOUNT).sum(axis=-2)
    accounts *= 1.0 + interest[..., None]
    book.note("account", "credited", earned)
    for status, amount in each.items():
        credit = amount + pension.account_interest(0.0, amount, rate, HALF)
        accounts[..., STATUS[status], :, :, :] += credit * persons[..., STATUS[status], :, :, :]
        book.note("account", "credited", credit[..., 0, 0] * people[..., STATUS[status], :])


def settle(
    law: Law, stock: Array, moves: Sequence[Move | Inflow], amounts: Sequence[Array], book: Book
) -> None:
    """Settle what the people of an event's moves carry: refunds, grants, transfers and awards.

    Parameters
    ----------
    stock
        After the event, with all quantities; awards change it in place.
    amounts
        What each move carried, as :func:`fsinsure.engine.cohort.apply` returns it.
    """
    land.follow(moves, amounts, book)
    for move, amount in zip(moves, amounts, strict=True):
        if not isinstance(move, Move):
            continue
        if move.target == DEAD:
            _death(law, move, amount, book)
        elif move.target == DEPARTED:
            left = amount[..., ACCOUNT, :, :, :].sum(axis=(-2, -1))
            book.post(ACCOUNT_FUND[move.source], "account_out", left)
            book.note("account", "departed", left)
        elif move.reason == ACCOUNT_TAKEN:
            left = amount[..., ACCOUNT, :, :, :]
            stock[..., ACCOUNT, STATUS[move.target], :, :, move.ages] -= left
            _refund(ACCOUNT_FUND[move.source], left.sum(axis=(-2, -1)), book)
        elif move.target in PENSIONERS:
            _award(law, stock, move, amount, book)
        elif ACCOUNT_FUND[move.source] != ACCOUNT_FUND[move.target]:
            carried = amount[..., ACCOUNT, :, :, :].sum(axis=(-2, -1))
            book.post(ACCOUNT_FUND[move.source], "account_out", carried)
            book.post(ACCOUNT_FUND[move.target], "account_in", carried)


def _refund(fund: str, balance: Array, book: Book) -> None:
    book.post(fund, "refund", pension.death_refund(balance, 1.0))
    book.note("account", "refunded", balance)


def _death(law: Law, move: Move, amount: Array, book: Book) -> None:
    """Refund the account and pay the grant; the pension of half a year was paid."""
    carried = amount.sum(axis=(-2, -1))
    fund = ACCOUNT_FUND[move.source]
    _refund(fund, carried[..., ACCOUNT, :], book)
    if move.source in WITH_DEATH_GRANT:
        grant = pension.death_benefit(at(law, "income.urban"), at(law, "pension.death_months"), 0)
        book.post(fund, "death", carried[..., PERSONS, :] * grant)
    if move.source in PENSIONERS:
        book.note("pension", "ended", carried[..., PENSION, :])


def _award(law: Law, stock: Array, move: Move, amount: Array, book: Book) -> None:
    """Award a pension; the account goes along, and is drawn from then on."""
    persons, months, account = (
        amount[..., carried, :, :, :] for carried in (PERSONS, MONTHS, ACCOUNT)
    )
    annuity = annuity_by_age()[move.ages]
    value = {name: law.value[f"pension.{name}"][..., 0, :, :, :] for name in AWARD}
    if move.target == "retiree":
        award = (
            pension.basic_pension(
                value["award_base"], value["mean_index"], months / 12, value["accrual"]
            )
            + pension.account_pension(account, annuity)
            + pension.transitional_pension(
                value["award_base"],
                value["mean_index"],
                value["deemed_years"] * persons,
                value["transitional_coefficient"],
            )
        )
    elif move.target == "civil_retiree":
        rate = law.value["civil.replacement"][..., 0, :, :, :]
        award = law.money["base_civil"] * rate * persons
    else:
        award = resident.resident_pension(
            law.money["resident_base"] * persons, 0, account, annuity, 0, 0
        )
    stock[..., PENSION, STATUS[move.target], :, :, move.ages] += award
    new = award.sum(axis=(-2, -1))
    book.post(PENSION_FUND[move.target], "new_pensions", new)
    book.note("pension", "awarded", new)


@cache
def annuity_by_age() -> Array:
    """Return the months over which an account is paid, by age at award ``[age]``."""
    table = law_table("pension.annuity_months")
    return np.asarray(pension.annuity_months(np.arange(AGES), *table))


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
    left = months - 12.0 * np.maximum(ages - award, 0.0) - HALF / 2
    return np.asarray(np.minimum(1.0, HALF / np.maximum(left, HALF)))


def _draw_accounts(law: Law, stock: Array, book: Book) -> None:
    """Pay half a year of the account pensions out of the pensioners' accounts, in place."""
    number = {name: law.number[f"retirement.age_{name}"] for name in AGE_OF_AWARD}
    cadres = law.number["retirement.cadre_share"]
    women = cadres * number["cadre"] + (1.0 - cadres) * number["worker"]
    ages_of_award = {
        "retiree": (number["male"], women),
        "civil_retiree": (number["male"], number["cadre"]),
        "resident_pensioner": (number["resident"], number["resident"]),
    }
    for status, ages in ages_of_award.items():
        accounts = stock[..., ACCOUNT, STATUS[status], :, :, :]
        share = drawn_share(*ages)
        book.note("account", "drawn", np.vecdot(accounts, share).sum(axis=-1))
        accounts *= 1.0 - share


AGE_OF_AWARD = ("male", "cadre", "worker", "resident")
AWARD = ("award_base", "mean_index", "accrual", "deemed_years", "transitional_coefficient")
