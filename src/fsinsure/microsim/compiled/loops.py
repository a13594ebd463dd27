"""A year of persons as loops, person after person; :mod:`.kernel` compiles them.

The numpy engine (:mod:`fsinsure.microsim.blocks`) applies each operation to a block of persons
before the next; here one loop does several. Both do the same arithmetic in the same order for each
person and add integers, so the results have the same bits. The formulas of the law are not written
again: the functions of :mod:`fsinsure.rules` are called and compiled.

Every loop reads its arrays out of the tuples before it starts: in compiled code each access to a
tuple counts references, which costs five times the work of the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.microsim.compiled.awards import after_retirement, award_pension, retire
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.histograms import ENTITLED, record_person
from fsinsure.microsim.movers import EMPLOYEE, IS_PENSIONER, UNEMPLOYED
from fsinsure.microsim.person_rules import claimed_months
from fsinsure.microsim.tables import ALL_BITS
from fsinsure.microsim.tables import DRAWN_HALF as DRAWN_BY_STATUS
from fsinsure.rules.indexation import three_part
from fsinsure.state import GONE, RANKS

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Bits
    from fsinsure.microsim.compiled.layout import MoverBuffers, Tables
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import MoverTables
    from fsinsure.state import CellCodes, People


DRAWN_HALF: Final = np.uint8(DRAWN_BY_STATUS[UNEMPLOYED])
DRAWN_YEAR: Final = np.uint8(2 * DRAWN_HALF)
S: Final = len(SEXES)


def stay(people: People, bits: Bits, movers: MoverBuffers, year: Tables, counters: Counters) -> int:
    """Simulate the year of persons who stay; put the others among the movers, return how many."""
    stayers, retirement, births, areas = year.stayers, year.retirement, year.births, year.areas
    cells, rank, month, track = people.cell, people.rank, people.month, people.track
    months, account, pensions = people.months, people.account, people.pension
    benefit_left = people.benefit_months_left
    candidate, threshold = stayers.candidate_threshold, stayers.move_threshold
    account_factor, account_credit = stayers.account_factor, stayers.account_credit
    months_earned, first_credit = stayers.months_earned, stayers.first_credit
    flat, per_year, percent = stayers.flat, stayers.per_year, stayers.percent
    rule, due, row, draw = retirement.rule, retirement.due, movers.row, movers.draw
    status_area, indexed, closing = stayers.status_area, counters.indexed, counters.closing
    # Ends of the statuses among the totals: comparing is faster than dividing by the areas.
    unemployed, after, alive = UNEMPLOYED * areas, (UNEMPLOYED + 1) * areas, GONE * areas
    found = 0
    for i in range(len(cells)):
        cell = np.int64(cells[i])
        at = status_area[cell]
        if pensions[i] != 0.0:
            raised = three_part(
                pensions[i], months[i] / 12, flat[cell], per_year[cell], percent[cell], 0.0
            )
            pensions[i] = np.rint(raised)
            indexed[at] += np.int64(pensions[i])
        # Not above, as in numpy: the largest value is a candidate too where persons may be due.
        moves = bits[i] <= candidate[cell]
        if moves and candidate[cell] == ALL_BITS and bits[i] >= threshold[cell]:
            own = cell // births
            by = rule[at // areas, own % S, track[i]]
            moves = due[by, cell - own * births, month[i]]
        if moves:
            row[found] = i
            draw[found] = np.float64(bits[i] >> np.uint64(11)) * 2.0**-53
            found += 1
        else:
            credit = account_credit[first_credit[cell] + rank[i]]
            account[i] = np.rint(account[i] * account_factor[cell] + credit)
            months[i] += months_earned[cell]
            if unemployed <= at < after:
                benefit_left[i] -= min(benefit_left[i], DRAWN_YEAR)
            if at < alive:
                closing[0, at] += months[i]
                closing[1, at] += np.int64(account[i])
                closing[2, at] += np.int64(pensions[i])
    return found


def all_enter(
    movers: MoverBuffers, bits: Bits, probability: Array, cells: CellCodes, entry: int
) -> int:
    """Put all new persons among the movers, from the step of their entry; return how many."""
    row, draw = movers.row, movers.draw
    for i in range(len(bits)):
        low = probability[cells[i], entry]
        row[i] = i
        draw[i] = low + np.float64(bits[i] >> np.uint64(11)) * 2.0**-53 * (1.0 - low)
    return len(bits)


def load_movers(people: People, movers: MoverBuffers, count: int, year: Tables) -> None:
    """Set the cells of movers at the start."""
    births, places = year.births, S * year.areas
    cells, row, status = people.cell, movers.row, movers.status
    place, birth, now, before = movers.place, movers.birth, movers.cell, movers.before
    for k in range(count):
        cell = np.int64(cells[row[k]])
        now[k], before[k] = cell, cell
        own = cell // births
        birth[k] = cell - own * births
        status[k] = own // places
        place[k] = own - status[k] * places


def find_movers(movers: MoverBuffers, count: int, cumulative_before: Array, segment: int) -> int:
    """Find the persons who make a move in a segment of the year; return how many."""
    draw, now, moving = movers.draw, movers.cell, movers.moving
    found = 0
    for k in range(count):
        if draw[k] < cumulative_before[segment, now[k]]:
            moving[found] = k
            found += 1
    return found


def choose(movers: MoverBuffers, count: int, tables: MoverTables) -> None:
    """Choose the moves by the random numbers, and keep their residuals."""
    draw, now, status, moving = movers.draw, movers.cell, movers.status, movers.moving
    left, move, target, step = movers.left, movers.move, movers.target, movers.step
    probability, number, leads_to = tables.cumulative_probability, tables.move, tables.target
    for m in range(count):
        k = moving[m]
        cell, own, taken = now[k], status[k], 0
        while draw[k] >= probability[cell, taken + 1]:
            taken += 1
        low, high = probability[cell, taken], probability[cell, taken + 1]
        left[m] = (draw[k] - low) / (high - low)
        move[m], target[m], step[m] = number[taken, own], leads_to[taken, own], taken


def apply_moves(
    people: People, movers: MoverBuffers, count: int, year: Tables, counters: Counters
) -> None:
    """Apply moves and count them with what is carried; accounts of those who leave end."""
    months, account, pensions = people.months, people.account, people.pension
    benefit_left, at_last_claim = people.benefit_months_left, people.months_at_last_claim
    row, status, place = movers.row, movers.status, movers.place
    birth, now, moving, source = movers.birth, movers.cell, movers.moving, movers.source
    move, target, step = movers.move, movers.target, movers.step
    flows, carried, vanished = counters.flows, counters.carried, counters.vanished
    counts, totals, awarded = counters.histogram_counts, counters.totals, counters.awarded
    births, areas, ages, law = year.births, year.areas, year.movers.ages, year.law
    places, members = S * areas, year.members
    for m in range(count):
        k = moving[m]
        i, to = row[k], target[m]
        flows[(move[m] * places + place[k]) * AGES + ages[step[m], birth[k]]] += 1
        at = move[m] * areas + place[k] // S
        carried[0, at] += months[i]
        carried[1, at] += np.int64(account[i])
        carried[2, at] += np.int64(pensions[i])
        if to == UNEMPLOYED:
            paid, before = np.int64(months[i]), np.int64(at_last_claim[i])
            benefit_left[i] = np.uint8(claimed_months(paid, before, np.int64(benefit_left[i]), law))
            at_last_claim[i] = months[i]
            record_person(ENTITLED, now[k], np.int64(benefit_left[i]), members, counts, totals)
        if IS_PENSIONER[to]:
            who = status[k], place[k] % S, birth[k]
            awarded[at] += award_pension(people, i, now[k], who, to, year, counters)
        source[m] = status[k]
        status[k] = to
        now[k] = min((to * places + place[k]) * births + birth[k], GONE * places * births)
        if to >= GONE:
            vanished[place[k] // S] += np.int64(account[i])
            months[i], at_last_claim[i], benefit_left[i] = 0, 0, 0
            account[i], pensions[i] = 0.0, 0.0


def rescale_residual(movers: MoverBuffers, count: int, tables: MoverTables, segment: int) -> int:
    """Rescale residuals to the events that follow; return how many persons move once more."""
    draw, now, moving = movers.draw, movers.cell, movers.moving
    left, step, next_event = movers.left, movers.step, tables.next_event
    probability, cumulative_before = tables.cumulative_probability, tables.cumulative_before
    found = 0
    for m in range(count):
        k = moving[m]
        low = probability[now[k], next_event[step[m]]]
        draw[k] = low + left[m] * (1.0 - low)
        if draw[k] < cumulative_before[segment, now[k]]:
            moving[found] = k
            found += 1
    return found


def half_year(
    people: People, movers: MoverBuffers, count: int, half: int, tables: MoverTables
) -> None:
    """Add months and interest of half a year."""
    months, account, rank = people.months, people.account, people.rank
    benefit_left = people.benefit_months_left
    row, status, now, months_earned = movers.row, movers.status, movers.cell, tables.months_earned
    account_factor, account_credit = tables.account_factor, tables.account_credit
    for k in range(count):
        i, own = row[k], status[k]
        if own == UNEMPLOYED:
            benefit_left[i] -= min(benefit_left[i], DRAWN_HALF)
        months[i] += months_earned[own]
        credit = account_credit[half, min(own, GONE) * RANKS + np.int64(rank[i])]
        account[i] = np.rint(account[i] * account_factor[half, now[k]] + credit)


def recount(
    people: People, movers: MoverBuffers, count: int, half: int, new: bool, counters: Counters
) -> None:
    """Count persons whose cell differs from that at the start, or who are new."""
    industry_class, rank, heads, jobs = (
        people.industry_class,
        people.rank,
        counters.heads,
        counters.jobs,
    )
    row, place, now, before = movers.row, movers.place, movers.cell, movers.before
    size = heads.shape[1] // GONE  # cells of a status
    for k in range(count):
        if now[k] == before[k] and not new:
            continue
        i = row[k]
        job = (place[k] // S * CLASSES + np.int64(industry_class[i])) * RANKS + rank[i]
        heads[half, now[k]] += 1
        if now[k] // size == EMPLOYEE:
            jobs[half, job] += 1
        if not new:
            heads[half, before[k]] -= 1
            if before[k] // size == EMPLOYEE:
                jobs[half, job] -= 1


def store_movers(
    people: People, movers: MoverBuffers, count: int, year: Tables, counters: Counters
) -> None:
    """Write the cells of movers back, and add what they hold at year end."""
    births, alive = year.births, GONE * year.areas
    cells, months, account, pensions = people.cell, people.months, people.account, people.pension
    row, now, closing = movers.row, movers.cell, counters.closing
    for k in range(count):
        i = row[k]
        cells[i] = now[k]
        at = now[k] // births // S
        if at < alive:
            closing[0, at] += months[i]
            closing[1, at] += np.int64(account[i])
            closing[2, at] += np.int64(pensions[i])


def make_moves(
    people: People, movers: MoverBuffers, count: int, segment: int, year: Tables, counters: Counters
) -> None:
    """Make all moves of a segment of the year."""
    found = find_movers(movers, count, year.movers.cumulative_before, segment)
    while found:
        choose(movers, found, year.movers)
        apply_moves(people, movers, found, year, counters)
        found = rescale_residual(movers, found, year.movers, segment)


def live_year(
    people: People, bits: Bits, entry: int, movers: MoverBuffers, year: Tables, counters: Counters
) -> int:
    """Simulate persons through a year, from a step on; return how many were movers."""
    tables, new = year.movers, entry > 0
    if new:
        count = all_enter(movers, bits, tables.cumulative_probability, people.cell, entry)
    else:
        count = stay(people, bits, movers, year, counters)
    load_movers(people, movers, count, year)
    if entry <= tables.first_half:
        make_moves(people, movers, count, 0, year, counters)
        half_year(people, movers, count, 0, tables)
        recount(people, movers, count, 0, new, counters)
    if entry <= tables.retirement:
        make_moves(people, movers, count, 1, year, counters)
        found = retire(people, movers, count, year, counters)
        apply_moves(people, movers, found, year, counters)
        after_retirement(people, movers, found, year, counters)
    make_moves(people, movers, count, 2, year, counters)
    half_year(people, movers, count, 1, tables)
    recount(people, movers, count, 1, new, counters)
    store_movers(people, movers, count, year, counters)
    return count


STEPS: Final = (
    *(stay, all_enter, load_movers, find_movers, choose, apply_moves, rescale_residual),
    *(make_moves, half_year, recount, retire, award_pension, after_retirement, store_movers),
)
"""The functions that :func:`live_year` calls."""
