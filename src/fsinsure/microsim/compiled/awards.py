"""Loops over persons who retire: who is due, who is vested, and what pension begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import DISTRICTS, SEXES
from fsinsure.microsim.histograms import (
    AWARD,
    MILLION,
    MONTHS,
    REPLACEMENT,
    VESTED,
    code_of,
    note,
)
from fsinsure.microsim.person_rules import is_vested, monthly_award, replaced_base
from fsinsure.state import FEN
from fsinsure.statuses import STATUS

if TYPE_CHECKING:
    from fsinsure.microsim.compiled.layout import Body, Counts, Course, Retirement, Walkers
    from fsinsure.microsim.person_rules import PersonLaw

RETIREE: Final = STATUS["retiree"]
D: Final = len(DISTRICTS)
S: Final = len(SEXES)


def due(body: Body, walkers: Walkers, count: int, retirement: Retirement) -> int:
    """Find those who claim, or have reached the statutory age; return how many."""
    month, track, row = body.month, body.track, walkers.row
    status, place, birth, mover = walkers.status, walkers.place, walkers.birth, walkers.mover
    rule, due = retirement.rule, retirement.due
    found = 0
    for k in range(count):
        i = row[k]
        if due[rule[status[k], place[k] % S, track[i]], birth[k], month[i]]:
            mover[found] = k
            found += 1
    return found


def retire(
    body: Body,
    walkers: Walkers,
    count: int,
    course: Course,
    retirement: Retirement,
    law: PersonLaw,
    sums: Counts,
) -> int:
    """Select the vested for a pension, and at random some of the others who take their account."""
    months, month, track, row, luck = body.months, body.month, body.track, walkers.row, walkers.luck
    place, birth, rule, reached = walkers.place, walkers.birth, retirement.rule, retirement.reached
    status, now, mover, left = walkers.status, walkers.cell, walkers.mover, walkers.left
    move, target, step = walkers.move, walkers.target, walkers.step
    vesting, award, leave = retirement.vesting, retirement.award, retirement.leave
    award_to, leave_to = retirement.award_to, retirement.leave_to
    past, claims, minimum = retirement.past, retirement.claims, retirement.minimum
    odds, at, share = course.odds, course.retirement, law.withdraw_share
    found = 0
    for m in range(count):
        k = mover[m]
        own = status[k]
        i = row[k]
        by = rule[own, place[k] % S, track[i]]
        low = odds[now[k], at]
        rest = (luck[k] - low) / (1.0 - low)
        enough = is_vested(months[i], minimum[by, birth[k], month[i]])
        if vesting[own] and reached[by, birth[k], month[i]]:
            code = code_of(own, place[k], birth[k])
            note(VESTED, code, np.int64(enough), sums.outcomes, sums.totals)
        if not vesting[own] or enough:
            if not claims[by, birth[k], month[i]]:
                continue
            move[found], target[found] = award[own], award_to[own]
        elif not past[by, birth[k], month[i]]:
            continue
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


def begin(
    body: Body,
    i: int,
    cell: tuple[int, int, int],
    target: int,
    retirement: Retirement,
    law: PersonLaw,
    sums: Counts,
) -> np.int64:
    """Set the pension of a person who joins a status that has one; return it in fen a month.

    Parameters
    ----------
    cell
        Status, place and year of birth.
    """
    own, place, birth = cell
    counts, totals = sums.outcomes, sums.totals
    by = retirement.rule[own, place % S, body.track[i]]
    divisor = retirement.divisor[by, birth, body.month[i]]
    index, months = np.float64(body.own_index[i]), body.months[i]
    amount = monthly_award(target, index, months, body.account[i], divisor, law)
    body.pension[i] = amount
    code = code_of(own, place, birth)
    note(AWARD, code, np.int64(amount), counts, totals)
    if target == RETIREE:
        note(MONTHS, code, np.int64(months), counts, totals)
    base = replaced_base(target, retirement.base[body.rank[i]], law)
    if base > 0.0:
        rate = np.int64(np.rint(amount / base * (MILLION / FEN)))
        note(REPLACEMENT, code, rate, counts, totals)
    return np.int64(amount)


def after_retirement(
    body: Body,
    walkers: Walkers,
    count: int,
    course: Course,
    retirement: Retirement,
    sums: Counts,
) -> None:
    """Pass on what is left of the numbers drawn; close the accounts that were taken."""
    account, luck, row, place = body.account, walkers.luck, walkers.row, walkers.place
    now, mover, left, move = walkers.cell, walkers.mover, walkers.left, walkers.move
    leave, odds, at, vanished = retirement.leave, course.odds, course.retirement, sums.vanished
    for m in range(count):
        k = mover[m]
        i = row[k]
        low = odds[now[k], at]
        luck[k] = low + left[m] * (1.0 - low)
        if walkers.target[m] < len(leave) and move[m] == leave[walkers.source[m]]:
            vanished[place[k] // S] += np.int64(account[i])
            account[i] = 0.0
