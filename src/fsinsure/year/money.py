"""Accounts, pensions in payment and awards of a year.

Half of the money of a year is computed on the opening stock, half on the closing stock, like
contribution months: those who move, arrive or die pay and draw half a year. Formulas are those of
:mod:`fsinsure.rules`; they are linear in what the people of a cell carry, so sums do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import ACCOUNT, HALF_YEAR, MONTHS, PENSION, PERSONS
from fsinsure.ledger import Book
from fsinsure.rules import formula, indexation, pension, resident
from fsinsure.state import ACCOUNT_TAKEN, DEAD, DEPARTED, Inflow, Move
from fsinsure.statuses import ACCOUNT_FUND, DEATH_GRANT, PAYING, PENSION_FUND, PENSIONERS, STATUS
from fsinsure.year import funds, land
from fsinsure.year.amounts import account_rates, credits_of, drawn_shares, rises
from fsinsure.year.event import Opening
from fsinsure.year.law import Law

three_part, pension_bill = formula(indexation.three_part), formula(pension.pension_bill)
account_interest, death_refund = formula(pension.account_interest), formula(pension.death_refund)
death_benefit, employee_pension = formula(pension.death_benefit), formula(pension.employee_pension)
civil_pension = formula(pension.civil_pension)
resident_pension = formula(resident.resident_pension)


def indexing(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Raise the pensions in payment on 1 January, in place."""
    book = start.book
    if book is None:
        return []
    before = _pensions(stock)
    for status, rise in rises(law).items():
        cells = stock[..., STATUS[status], :, :, :]
        persons, months = cells[..., PERSONS, :, :, :], cells[..., MONTHS, :, :, :]
        pensions, parts = cells[..., PENSION, :, :, :], (rise.per_year, rise.percent)
        flat, top_up = rise.flat * persons, rise.top_up * persons
        cells[..., PENSION, :, :, :] = three_part(pensions, months / 12, flat, *parts, top_up)
    for status, pensions in _pensions(stock).items():
        book.note("pension", "indexed", pensions - before[status])
    return []


def _by_status(stock: Array, quantity: int) -> Array:
    """Sum a quantity to ``[..., status, area]``."""
    return np.asarray(stock[..., quantity, :, :, :, :].sum(axis=(-2, -1)))


def _pensions(stock: Array) -> dict[str, Array]:
    """Pensions in payment by status ``[..., area]``, yuan a month."""
    return {
        status: stock[..., PENSION, STATUS[status], :, :, :].sum(axis=(-2, -1))
        for status in PENSIONERS
    }


def first_half(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Months, contributions and benefits of half a year, on the opening stock, in place."""
    _half_year(law, stock, start.book, second=False)
    return []


def second_half(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Months, contributions and benefits of half a year, on the closing stock, in place."""
    _half_year(law, stock, start.book, second=True)
    if start.book is not None:
        close_year(law, _by_status(stock, ACCOUNT), start.book)
    return []


def _half_year(law: Law, stock: Array, book: Book | None, *, second: bool) -> None:
    earn_months(stock)
    if book is None:
        return
    people = _by_status(stock, PERSONS)
    rate = account_rates(law)[int(second)]
    _credit_accounts(law, stock, people, rate[..., None, None, None], book)
    _draw_accounts(law, stock, law.year - 1 + second, book)
    post_half(law, stock[..., PERSONS, :, :, :, :], people, _pensions(stock), book, second=second)


def earn_months(stock: Array) -> None:
    """Add six contribution months for everyone who pays now, in place.

    Twice a year, so that those who pay all year earn twelve months, and those who start, stop, die
    or leave within it earn six on average.
    """
    for status in PAYING:
        cells = stock[..., STATUS[status], :, :, :]
        cells[..., MONTHS, :, :, :] += HALF_YEAR * cells[..., PERSONS, :, :, :]


def post_half(
    law: Law,
    persons: Array,
    people: Array,
    pensions: Mapping[str, Array],
    book: Book,
    *,
    second: bool,
) -> None:
    """Post the contributions and benefits of half a year.

    Parameters
    ----------
    persons
        ``[..., status, area, sex, age]``
    people
        The same, added up to ``[..., status, area]``.
    pensions
        In payment, by status ``[..., area]``, yuan a month.
    second
        Whether it is the second half-year.
    """
    relief = law.relief[int(second)]
    for status, paid in pensions.items():
        book.post(PENSION_FUND[status], "pension", pension_bill(1, paid, HALF_YEAR))
    funds.enterprise(law, people, book, relief)
    funds.civil(law, people, book)
    funds.residents(law, people, book)
    funds.unemployment(law, people, book, relief)
    funds.injury(law, persons, people, book, relief)
    land.subsidise(law, book, second=second)


def close_year(law: Law, accounts: Array, book: Book) -> None:
    """Post what is computed once a year, and the accounts ``[..., status, area]``, yuan."""
    funds.year_end(law, book)
    for status, fund in ACCOUNT_FUND.items():
        book.post(fund, "accounts", accounts[..., STATUS[status], :])


def _credit_accounts(law: Law, stock: Array, people: Array, rate: Array, book: Book) -> None:
    """Credit half a year and its interest to every account, in place.

    Parameters
    ----------
    people
        Persons ``[..., status, area]``.
    rate
        Interest of the year ``[..., 1, 1, 1]``.
    """
    persons, accounts = stock[..., PERSONS, :, :, :, :], stock[..., ACCOUNT, :, :, :, :]
    # A yuan earns the same in every account, and a person of a status is credited the same.
    interest = account_interest(1.0, 0.0, rate, HALF_YEAR)
    earned = interest[..., 0, 0] * _by_status(stock, ACCOUNT).sum(axis=-2)
    accounts *= 1.0 + interest[..., None]
    book.note("account", "credited", earned)
    for status, amount in credits_of(law, law.cells("base")).items():
        credit = amount + account_interest(0.0, amount, rate, HALF_YEAR)
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
        if isinstance(move, Inflow):
            brought = move.brought()
            if brought is not None:
                post_inflow(move, brought[..., ACCOUNT - MONTHS, :, :, :].sum(axis=(-2, -1)), book)
        elif move.target in PENSIONERS:
            post_award(move, _award(law, stock, move, amount), book)
        elif pays(move):
            post_move(law, move, amount.sum(axis=(-2, -1)), book)


def pays(move: Move) -> bool:
    """Return whether money changes hands at a move that is no award."""
    leaves = move.target in (DEAD, DEPARTED) or move.reason == ACCOUNT_TAKEN
    return leaves or ACCOUNT_FUND[move.source] != ACCOUNT_FUND[move.target]


def post_move(law: Law, move: Move, carried: Array, book: Book) -> None:
    """Post refunds, grants and transfers at a move that is no award.

    Parameters
    ----------
    carried
        What the movers carried ``[..., quantity, area]``.
    """
    fund, account = ACCOUNT_FUND[move.source], carried[..., ACCOUNT, :]
    if move.target == DEAD:
        _death(law, move, carried, book)
    elif move.reason == ACCOUNT_TAKEN:
        _refund(fund, account, book)
    else:
        book.post(fund, "account_out", account)
        if move.target == DEPARTED:
            book.note("account", "departed", account)
        else:
            book.post(ACCOUNT_FUND[move.target], "account_in", account)


def post_inflow(inflow: Inflow, account: Array, book: Book) -> None:
    """Post the accounts that people from outside bring ``[..., area]``, yuan."""
    book.post(ACCOUNT_FUND[inflow.target], "account_in", account)
    book.note("account", "arrived", account)


def post_award(move: Move, new: Array, book: Book) -> None:
    """Post the pensions that begin with a move ``[..., area]``, yuan a month."""
    book.post(PENSION_FUND[move.target], "new_pensions", new)
    book.note("pension", "awarded", new)


def _refund(fund: str, balance: Array, book: Book) -> None:
    book.post(fund, "refund", death_refund(balance, 1.0))
    book.note("account", "refunded", balance)


def _death(law: Law, move: Move, carried: Array, book: Book) -> None:
    """Refund the account and pay the grant; the pension of half a year was paid."""
    fund = ACCOUNT_FUND[move.source]
    _refund(fund, carried[..., ACCOUNT, :], book)
    if move.source in DEATH_GRANT:
        grant = death_benefit(law.areas("income.urban"), law.areas("pension.death_months"), 0)
        book.post(fund, "death", carried[..., PERSONS, :] * grant)
    if move.source in PENSIONERS:
        book.note("pension", "ended", carried[..., PENSION, :])


def _award(law: Law, stock: Array, move: Move, amount: Array) -> Array:
    """Award a pension; the account is transferred, and drawn from then on.

    Returns
    -------
    Array
        What begins ``[..., area]``, yuan a month.
    """
    persons, months, account = (amount[..., q, :, :, :] for q in (PERSONS, MONTHS, ACCOUNT))
    if move.target == "civil_retiree":
        award = civil_pension(law.cells("base_civil"), law.cells("civil.replacement")) * persons
    elif move.divisor is None:
        raise ValueError(f"a move to {move.target} awards a pension without a divisor")
    elif move.target == "retiree":
        base, index, accrual, deemed_index, deemed, coefficient = map(law.cells, AWARD)
        drawn = (account, move.divisor, deemed_index, deemed * persons, coefficient)
        award = employee_pension(base, index, months / 12, accrual, *drawn)
    else:
        base = law.cells("resident_base") * persons
        award = resident_pension(base, 0, account, move.divisor, 0, 0)
    stock[..., PENSION, STATUS[move.target], :, :, move.ages] += award
    return np.asarray(award.sum(axis=(-2, -1)))


def _draw_accounts(law: Law, stock: Array, year: int, book: Book) -> None:
    """Pay half a year of the account pensions out of the pensioners' accounts, in place."""
    for status, share in drawn_shares(law, year).items():
        accounts = stock[..., ACCOUNT, STATUS[status], :, :, :]
        drawn = share[..., None, :, :]
        # Not BLAS, whose last digits depend on the processor: einsum calls it only with optimize.
        book.note("account", "drawn", np.einsum("...sa,...sa->...", accounts, drawn))
        accounts *= 1.0 - drawn


AWARD = tuple(
    f"pension.{name}"
    for name in (
        *("award_base", "mean_index", "accrual"),
        *("deemed_index", "deemed_years", "transitional_coefficient"),
    )
)
"""The parameters of a pension at award."""
