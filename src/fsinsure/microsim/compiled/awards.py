"""Loops over persons who retire: what is awarded and what is taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.dims import DISTRICTS, SEXES, STATUS
from fsinsure.microsim.histograms import (
    AWARD,
    MILLION,
    MONTHS,
    REPLACEMENT,
    VESTED,
    code_of,
    note,
)
from fsinsure.rules.pension import civil_pension, employee_pension
from fsinsure.rules.resident import resident_pension
from fsinsure.rules.retirement import vested
from fsinsure.state import FEN

if TYPE_CHECKING:
    from fsinsure.microsim.compiled.layout import Body, Counts, Course, Law, Retirement, Walkers

CIVIL: Final = STATUS["civil"]
RESIDENT: Final = STATUS["resident"]
D: Final = len(DISTRICTS)
S: Final = len(SEXES)


def due(body: Body, walkers: Walkers, count: int, retirement: Retirement) -> int:
    """Find who has reached the pensionable age by the own month of birth; return how many."""
    month, cadre, row = body.month, body.cadre, walkers.row
    status, place, birth, mover = walkers.status, walkers.place, walkers.birth, walkers.mover
    rule, due = retirement.rule, retirement.due
    found = 0
    for k in range(count):
        i = row[k]
        if due[rule[status[k], place[k] % S, cadre[i]], birth[k], month[i]]:
            mover[found] = k
            found += 1
    return found


def retire(
    body: Body,
    walkers: Walkers,
    count: int,
    course: Course,
    retirement: Retirement,
    law: Law,
    sums: Counts,
) -> int:
    """Let the vested draw a pension; of the others, let luck send some away with their account."""
    months, month, cadre, row, luck = body.months, body.month, body.cadre, walkers.row, walkers.luck
    place, birth, rule, reached = walkers.place, walkers.birth, retirement.rule, retirement.reached
    status, now, mover, left = walkers.status, walkers.cell, walkers.mover, walkers.left
    move, target, step, source = walkers.move, walkers.target, walkers.step, walkers.source
    vesting, award, leave = retirement.vesting, retirement.award, retirement.leave
    award_to, leave_to = retirement.award_to, retirement.leave_to
    odds, at, least, share = course.odds, course.retirement, law.min_months, law.withdraw_share
    found = 0
    for m in range(count):
        k = mover[m]
        own = status[k]
        i = row[k]
        low = odds[now[k], at]
        rest = (luck[k] - low) / (1.0 - low)
        source[found] = own
        enough = vested(months[i], least)
        if vesting[own] and reached[rule[own, place[k] % S, cadre[i]], birth[k], month[i]]:
            code = code_of(own, place[k], birth[k])
            note(VESTED, code, np.int64(enough), sums.outcomes, sums.totals)
        if not vesting[own] or enough:
            move[found], target[found] = award[own], award_to[own]
        elif rest < share:
            rest /= share
            move[found], target[found] = leave[own], leave_to[own]
        else:
            rest = (rest - share) / (1.0 - share)
            luck[k] = low + rest * (1.0 - low)
            continue
        mover[found], left[found], step[found] = k, rest, at
        found += 1
    return found


def monthly(own: Any, own_index: Any, years: Any, balance: Any, divisor: Any, law: Law) -> Any:
    """Return the pension of a person at award, fen a month."""
    if own == CIVIL:
        amount = civil_pension(law.base_civil, law.replacement)
    elif own == RESIDENT:
        amount = resident_pension(law.resident_base, 0, balance, divisor, 0, 0)
    else:
        amount = employee_pension(
            law.award_base,
            law.mean_index * np.float64(own_index),
            years,
            law.accrual,
            balance,
            divisor,
            law.deemed_years,
            law.transitional_coefficient,
        )
    return np.rint(FEN * amount)


def note_award(
    body: Body, i: int, own: int, code: int, retirement: Retirement, law: Law, sums: Counts
) -> None:
    """Count a pension that begins: what it is, what it stands for, and what it replaces."""
    counts, totals, amount = sums.outcomes, sums.totals, body.pension[i]
    note(AWARD, code, np.int64(amount), counts, totals)
    if retirement.vesting[own]:
        note(MONTHS, code, np.int64(body.months[i]), counts, totals)
    if own != RESIDENT:
        base = law.base_civil if own == CIVIL else retirement.base[body.rank[i]]
        rate = np.int64(np.rint(amount / base * (MILLION / FEN)))
        note(REPLACEMENT, code, rate, counts, totals)


def award(
    body: Body,
    walkers: Walkers,
    count: int,
    course: Course,
    retirement: Retirement,
    law: Law,
    sums: Counts,
) -> None:
    """Set the pensions that begin; who was not vested has taken the account."""
    months, account, pensions, luck = body.months, body.account, body.pension, walkers.luck
    own_index, month, cadre = body.own_index, body.month, body.cadre
    row, place, birth, now = walkers.row, walkers.place, walkers.birth, walkers.cell
    mover, left, move, source = walkers.mover, walkers.left, walkers.move, walkers.source
    rule, annuity, leave = retirement.rule, retirement.annuity, retirement.leave
    odds, at = course.odds, course.retirement
    awarded, vanished = sums.awarded, sums.vanished
    for m in range(count):
        k, own = mover[m], source[m]
        i = row[k]
        low = odds[now[k], at]
        luck[k] = low + left[m] * (1.0 - low)
        if move[m] == leave[own]:
            vanished[place[k] // S] += np.int64(account[i])
            account[i] = 0.0
            continue
        divisor = annuity[rule[own, place[k] % S, cadre[i]], birth[k], month[i]]
        pensions[i] = monthly(own, own_index[i], months[i] / 12, account[i] / FEN, divisor, law)
        awarded[move[m] * D + place[k] // S] += np.int64(pensions[i])
        note_award(body, i, own, code_of(own, place[k], birth[k]), retirement, law, sums)
