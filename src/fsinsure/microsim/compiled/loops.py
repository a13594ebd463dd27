"""A year of persons as loops, person after person; :mod:`.kernel` compiles them.

The numpy engine (:mod:`fsinsure.microsim.blocks`) applies each operation to a block of persons
before the next; here one loop does several. Both do the same arithmetic in the same order for each
person and add integers, so the results have the same bits. The formulas of the law are not written
again: the functions of :mod:`fsinsure.rules` are called and compiled.

Every loop reads its arrays out of the tuples of :mod:`.layout` before it starts: in compiled code
each access to a tuple counts references, which cost five times the work of the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, DISTRICTS, SEXES
from fsinsure.microsim.compiled.awards import after_retirement, begin, due, retire
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.histograms import ENTITLED, code_of, note
from fsinsure.microsim.movers import DRAWN_HALF as DRAWN_BY_STATUS
from fsinsure.microsim.movers import IS_PENSIONER
from fsinsure.microsim.person_rules import claimed_months
from fsinsure.microsim.year_tables import EVERY
from fsinsure.rules.indexation import three_part
from fsinsure.state import GONE, PLACES, RANKS
from fsinsure.statuses import STATUS

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Bits
    from fsinsure.microsim.compiled.layout import (
        Body,
        Counts,
        Course,
        Retirement,
        Steady,
        Tables,
        Walkers,
    )
    from fsinsure.microsim.person_rules import PersonLaw
    from fsinsure.state import CellCodes


EMPLOYEE: Final = STATUS["employee"]
NOT_INSURED: Final = STATUS["not_insured"]
UNEMPLOYED: Final = STATUS["unemployed"]
DRAWN_HALF: Final = np.uint8(DRAWN_BY_STATUS[UNEMPLOYED])
DRAWN_YEAR: Final = np.uint8(2 * DRAWN_HALF)
D: Final = len(DISTRICTS)
S: Final = len(SEXES)


def stay(
    body: Body,
    word: Bits,
    walkers: Walkers,
    steady: Steady,
    retirement: Retirement,
    births: int,
    sums: Counts,
) -> int:
    """Do the year of all who stay; put the others among the walkers, and return how many."""
    cells, rank, month, track = body.cell, body.rank, body.month, body.track
    months, account, pensions, entitled = body.months, body.account, body.pension, body.entitled
    stay, moving, keep, credit, earned = (
        steady.stay,
        steady.moving,
        steady.keep,
        steady.credit,
        steady.earned,
    )
    flat, per_year, percent, where, pay = (
        steady.flat,
        steady.per_year,
        steady.percent,
        steady.where,
        steady.pay,
    )
    rule, due, row, luck = retirement.rule, retirement.due, walkers.row, walkers.luck
    indexed, closing = sums.indexed, sums.closing
    found = 0
    for i in range(len(cells)):
        cell = np.int64(cells[i])
        at = where[cell]
        if pensions[i] != 0.0:
            raised = three_part(
                pensions[i], months[i] / 12, flat[cell], per_year[cell], percent[cell], 0.0
            )
            pensions[i] = np.rint(raised)
            indexed[at] += np.int64(pensions[i])
        # Not above, as in numpy: the largest word of all walks too where somebody may be due.
        moves = word[i] <= stay[cell]
        if moves and stay[cell] == EVERY and word[i] >= moving[cell]:
            place = cell // births
            by = rule[place // PLACES, place % S, track[i]]
            moves = due[by, cell - place * births, month[i]]
        if moves:
            row[found] = i
            luck[found] = np.float64(word[i] >> np.uint64(11)) * 2.0**-53
            found += 1
        else:
            account[i] = np.rint(account[i] * keep[cell] + credit[pay[cell] + rank[i]])
            months[i] += earned[cell]
            if at // D == UNEMPLOYED:
                entitled[i] -= min(entitled[i], DRAWN_YEAR)
            if at < GONE * D:
                closing[0, at] += months[i]
                closing[1, at] += np.int64(account[i])
                closing[2, at] += np.int64(pensions[i])
    return found


def everybody(walkers: Walkers, word: Bits, odds: Array, cells: CellCodes, entry: int) -> int:
    """Let all walk who are new, from the step of their entry on; return how many."""
    row, luck = walkers.row, walkers.luck
    for i in range(len(word)):
        low = odds[cells[i], entry]
        row[i] = i
        luck[i] = low + np.float64(word[i] >> np.uint64(11)) * 2.0**-53 * (1.0 - low)
    return len(word)


def set_out(body: Body, walkers: Walkers, count: int, births: int) -> None:
    """Note where walkers start."""
    cells, row, status, place = body.cell, walkers.row, walkers.status, walkers.place
    birth, now, before = walkers.birth, walkers.cell, walkers.before
    for k in range(count):
        cell = np.int64(cells[row[k]])
        now[k], before[k] = cell, cell
        own = cell // births
        birth[k] = cell - own * births
        status[k] = own // PLACES
        place[k] = own - status[k] * PLACES


def movers(walkers: Walkers, count: int, reach: Array, mark: int) -> int:
    """Find the walkers who make a move before a mark of the year; return how many."""
    luck, now, mover = walkers.luck, walkers.cell, walkers.mover
    found = 0
    for k in range(count):
        if luck[k] < reach[mark, now[k]]:
            mover[found] = k
            found += 1
    return found


def choose(walkers: Walkers, count: int, course: Course) -> None:
    """Let luck choose the moves of movers, and keep what is left of it."""
    luck, now, status = walkers.luck, walkers.cell, walkers.status
    mover, left, move, target, step = (
        walkers.mover,
        walkers.left,
        walkers.move,
        walkers.target,
        walkers.step,
    )
    odds, number, leads_to = course.odds, course.move, course.target
    for m in range(count):
        k = mover[m]
        cell, own, taken = now[k], status[k], 0
        while luck[k] >= odds[cell, taken + 1]:
            taken += 1
        low, high = odds[cell, taken], odds[cell, taken + 1]
        left[m] = (luck[k] - low) / (high - low)
        move[m], target[m], step[m] = number[taken, own], leads_to[taken, own], taken


def settle(
    body: Body,
    walkers: Walkers,
    count: int,
    course: Course,
    retirement: Retirement,
    law: PersonLaw,
    sums: Counts,
) -> None:
    """Note moves, and what goes along; accounts end with those who leave."""
    months, account, pensions = body.months, body.account, body.pension
    entitled, claimed = body.entitled, body.claimed
    row, status, place, birth, now = (
        walkers.row,
        walkers.status,
        walkers.place,
        walkers.birth,
        walkers.cell,
    )
    mover, move, target, step = walkers.mover, walkers.move, walkers.target, walkers.step
    source, awarded = walkers.source, sums.awarded
    flows, carried, vanished = sums.flows, sums.carried, sums.vanished
    counts, totals = sums.outcomes, sums.totals
    births, ages = course.births, course.ages
    for m in range(count):
        k = mover[m]
        i, to = row[k], target[m]
        flows[(move[m] * PLACES + place[k]) * AGES + ages[step[m], birth[k]]] += 1
        at = move[m] * D + place[k] // S
        carried[0, at] += months[i]
        carried[1, at] += np.int64(account[i])
        carried[2, at] += np.int64(pensions[i])
        if to == UNEMPLOYED:
            paid, before = np.int64(months[i]), np.int64(claimed[i])
            entitled[i] = np.uint8(claimed_months(paid, before, np.int64(entitled[i]), law))
            claimed[i] = months[i]
            code = code_of(status[k], place[k], birth[k])
            note(ENTITLED, code, np.int64(entitled[i]), counts, totals)
        if IS_PENSIONER[to]:
            cell = status[k], place[k], birth[k]
            awarded[at] += begin(body, i, cell, to, retirement, law, sums)
        source[m] = status[k]
        status[k] = to
        now[k] = min((to * PLACES + place[k]) * births + birth[k], GONE * PLACES * births)
        if to >= GONE:
            vanished[place[k] // S] += np.int64(account[i])
            months[i], claimed[i], entitled[i] = 0, 0, 0
            account[i], pensions[i] = 0.0, 0.0


def hand_on(walkers: Walkers, count: int, course: Course, mark: int) -> int:
    """Hand what is left of the luck on to the events that follow; keep who moves once more."""
    luck, now = walkers.luck, walkers.cell
    mover, left, step = walkers.mover, walkers.left, walkers.step
    odds, after, reach = course.odds, course.after, course.reach
    found = 0
    for m in range(count):
        k = mover[m]
        low = odds[now[k], after[step[m]]]
        luck[k] = low + left[m] * (1.0 - low)
        if luck[k] < reach[mark, now[k]]:
            mover[found] = k
            found += 1
    return found


def half_year(body: Body, walkers: Walkers, count: int, half: int, course: Course) -> None:
    """Earn months and interest for half a year."""
    months, account, rank = body.months, body.account, body.rank
    entitled, claimed = body.entitled, body.claimed
    row, status, now = walkers.row, walkers.status, walkers.cell
    keep, credit, earned = course.keep, course.credit, course.earned
    for k in range(count):
        i, own = row[k], status[k]
        if own == NOT_INSURED:
            months[i] = claimed[i] = 0
        if own == UNEMPLOYED:
            entitled[i] -= min(entitled[i], DRAWN_HALF)
        months[i] += earned[own]
        pay = min(own, GONE) * RANKS + np.int64(rank[i])
        account[i] = np.rint(account[i] * keep[half, now[k]] + credit[half, pay])


def recount(
    body: Body, walkers: Walkers, count: int, half: int, births: int, new: bool, sums: Counts
) -> None:
    """Count who is elsewhere than at the start, or new."""
    klass, rank, row, place = body.klass, body.rank, walkers.row, walkers.place
    now, before, heads, jobs = walkers.cell, walkers.before, sums.heads, sums.jobs
    first, size = EMPLOYEE * PLACES * births, PLACES * births
    for k in range(count):
        if now[k] == before[k] and not new:
            continue
        i = row[k]
        job = (place[k] // S * CLASSES + np.int64(klass[i])) * RANKS + rank[i]
        heads[half, now[k]] += 1
        if first <= now[k] < first + size:
            jobs[half, job] += 1
        if not new:
            heads[half, before[k]] -= 1
            if first <= before[k] < first + size:
                jobs[half, job] -= 1


def back(body: Body, walkers: Walkers, count: int, births: int, sums: Counts) -> None:
    """Put everybody back where they are now, and count what they hold."""
    cells, months, account, pensions = body.cell, body.months, body.account, body.pension
    row, now, closing = walkers.row, walkers.cell, sums.closing
    for k in range(count):
        i = row[k]
        cells[i] = now[k]
        at = now[k] // births // S
        if at < GONE * D:
            closing[0, at] += months[i]
            closing[1, at] += np.int64(account[i])
            closing[2, at] += np.int64(pensions[i])


def moves(
    body: Body,
    walkers: Walkers,
    count: int,
    mark: int,
    course: Course,
    retirement: Retirement,
    law: PersonLaw,
    sums: Counts,
) -> None:
    """Make the moves before a mark of the year, as long as anybody makes one."""
    found = movers(walkers, count, course.reach, mark)
    while found:
        choose(walkers, found, course)
        settle(body, walkers, found, course, retirement, law, sums)
        found = hand_on(walkers, found, course, mark)


def live_year(
    body: Body, word: Bits, entry: int, walkers: Walkers, year: Tables, sums: Counts
) -> int:
    """Take persons through a year, from a step on; return how many walked."""
    steady, course, retirement, law = year.steady, year.course, year.retirement, year.law
    births, new = course.births, entry > 0
    if new:
        count = everybody(walkers, word, course.odds, body.cell, entry)
    else:
        count = stay(body, word, walkers, steady, retirement, births, sums)
    set_out(body, walkers, count, births)
    if entry <= course.mid:
        moves(body, walkers, count, 0, course, retirement, law, sums)
        half_year(body, walkers, count, 0, course)
        recount(body, walkers, count, 0, births, new, sums)
    if entry <= course.retirement:
        moves(body, walkers, count, 1, course, retirement, law, sums)
        found = due(body, walkers, count, retirement)
        found = retire(body, walkers, found, course, retirement, law, sums)
        settle(body, walkers, found, course, retirement, law, sums)
        after_retirement(body, walkers, found, course, retirement, sums)
    moves(body, walkers, count, 2, course, retirement, law, sums)
    half_year(body, walkers, count, 1, course)
    recount(body, walkers, count, 1, births, new, sums)
    back(body, walkers, count, births, sums)
    return count


STEPS: Final = (
    *(stay, everybody, set_out, movers, choose, settle, hand_on, moves, half_year, recount),
    *(due, retire, begin, after_retirement, back),
)
"""What :func:`live_year` is made of."""
