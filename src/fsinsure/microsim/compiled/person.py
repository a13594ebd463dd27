"""The year of a person who moves, or is due for a pension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.microsim.block import EMPLOYEE, IS_PENSIONER, UNEMPLOYED
from fsinsure.microsim.compiled.awards import award_pension, decide
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.growth import account_held, account_stored, pension_held, pension_stored
from fsinsure.microsim.histograms import ENTITLED, record_person
from fsinsure.microsim.person_rules import claimed_months
from fsinsure.microsim.tables import DRAWN_HALF
from fsinsure.rules.indexation import three_part
from fsinsure.state import GONE, RANKS

if TYPE_CHECKING:
    from fsinsure.microsim.compiled.layout import Persons, Real, Tables, Whole
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import MoverTables

S: Final = len(SEXES)


class Who(NamedTuple):
    """What does not change of a person: the row, and the numbers of place, birth and rank."""

    row: Whole
    place: Whole
    birth: Whole
    rank: Whole


class Now(NamedTuple):
    """What changes of a person within a year; the residual of the random number is `draw`."""

    status: Whole
    cell: Whole
    months: Whole
    account: Real
    pension: Real
    left: Whole
    claimed: Whole
    draw: Real


def live_person(
    persons: Persons, i: Whole, draw: Real, step: Whole, year: Tables, counters: Counters
) -> None:
    """Simulate a person from a step of the year to its end, and count."""
    cells, tables, before = year.cells, year.movers, np.int64(persons.cell[i])
    who = Who(i, cells.place[before], cells.birth[before], np.int64(persons.rank[i]))
    was = cells.status[before], before
    job = (who.place // S * CLASSES + np.int64(persons.industry_class[i])) * RANKS + who.rank
    if step:
        low = tables.cumulative_probability[before, step]
        now = start_of(persons, i, before, low + draw * (1.0 - low), year)
    else:
        now = raise_pension(start_of(persons, i, before, draw, year), tables)
        count_held(persons, i, np.int64(-1), counters)
    if step <= tables.first_half:
        now = make_moves(now, who, 0, persons, year, counters)
        now = half_year(now, who, 0, year)
        recount(now, was, job, 0, step > 0, counters)
    if step <= tables.retirement:
        now = make_moves(now, who, 1, persons, year, counters)
        now = retire(now, who, persons, year, counters)
    now = make_moves(now, who, 2, persons, year, counters)
    now = half_year(now, who, 1, year)
    recount(now, was, job, 1, step > 0, counters)
    store(now, who, persons, year)
    count_held(persons, i, np.int64(1), counters)


def start_of(persons: Persons, i: Whole, cell: Whole, draw: Real, year: Tables) -> Now:
    """Return a person at the start of the year."""
    growth, status = year.opening, year.cells.status[cell]
    months = persons.months[i] + growth.months[status]
    credited = growth.credited[status * RANKS + np.int64(persons.rank[i])]
    account = account_held(persons.account[i], credited, growth.account_scale[cell])
    pension: Real = 0.0
    if IS_PENSIONER[status]:
        pension = pension_held(
            persons.pension[i],
            months,
            growth.flat[cell],
            growth.per_month[cell],
            growth.pension_scale[cell],
        )
    left = max(persons.benefit_months_left[i] - growth.drawn[status], 0)
    claimed = np.int64(persons.months_at_last_claim[i])
    return Now(status, cell, months, account, pension, left, claimed, draw)


def raise_pension(now: Now, tables: MoverTables) -> Now:
    """Raise the pension in payment on 1 January."""
    if not IS_PENSIONER[now.status]:
        return now
    cell = now.cell
    flat, per_year, percent = tables.flat[cell], tables.per_year[cell], tables.percent[cell]
    raised = np.rint(three_part(now.pension, now.months / 12, flat, per_year, percent, 0.0))
    held = now.months, now.account, raised
    return Now(now.status, cell, *held, now.left, now.claimed, now.draw)


def with_draw(now: Now, draw: Real) -> Now:
    """Return a person with another residual of the random number."""
    held = now.months, now.account, now.pension
    return Now(now.status, now.cell, *held, now.left, now.claimed, draw)


def make_moves(
    now: Now, who: Who, segment: Whole, persons: Persons, year: Tables, counters: Counters
) -> Now:
    """Make all moves of a segment of the year."""
    tables = year.movers
    while now.draw < tables.cumulative_before[segment, now.cell]:
        cell, own, step = now.cell, now.status, 0
        while now.draw >= tables.cumulative_probability[cell, step + 1]:
            step += 1
        low, high = (
            tables.cumulative_probability[cell, step],
            tables.cumulative_probability[cell, step + 1],
        )
        rest = (now.draw - low) / (high - low)
        way = tables.move[step, own], tables.target[step, own], step
        now = apply_move(now, who, way, persons, year, counters)
        low = tables.cumulative_probability[now.cell, tables.next_event[step]]
        now = with_draw(now, low + rest * (1.0 - low))
    return now


def apply_move(
    now: Now,
    who: Who,
    way: tuple[Whole, Whole, Whole],
    persons: Persons,
    year: Tables,
    counters: Counters,
) -> Now:
    """Make a move and count it with what is carried; the account of those who leave ends.

    Parameters
    ----------
    way
        Number, target and step of the move.
    """
    move, to, step = way
    places, account = S * year.areas, np.int64(now.account)
    age = year.movers.ages[step, who.birth]
    counters.flows[(move * places + who.place) * AGES + age] += 1
    at = move * year.areas + who.place // S
    counters.carried[0, at] += now.months
    counters.carried[1, at] += account
    counters.carried[2, at] += np.int64(now.pension)
    if to >= GONE:
        counters.vanished[who.place // S] += account
        return Now(GONE, GONE * places * year.births, 0, 0.0, 0.0, 0, 0, now.draw)
    left, claimed, pension = now.left, now.claimed, now.pension
    if to == UNEMPLOYED:
        left = np.int64(claimed_months(now.months, claimed, left, year.law))
        claimed = now.months
        record(ENTITLED, now.cell, left, year, counters)
    if IS_PENSIONER[to]:
        pension = award_pension(now, who, to, persons, year, counters)
        counters.awarded[at] += np.int64(pension)
    cell = (to * places + who.place) * year.births + who.birth
    return Now(to, cell, now.months, now.account, pension, left, claimed, now.draw)


def record(quantity: Whole, cell: Whole, value: Whole, year: Tables, counters: Counters) -> None:
    """Add the value of a person in a cell to the histograms."""
    record_person(quantity, cell, value, year.members, counters.histogram_counts, counters.totals)


def half_year(now: Now, who: Who, half: Whole, year: Tables) -> Now:
    """Add months and interest of half a year."""
    tables, own = year.movers, now.status
    left = now.left - min(now.left, np.int64(DRAWN_HALF[own]))
    months = now.months + np.int64(tables.months_earned[own])
    credit = tables.account_credit[half, own * RANKS + who.rank]
    account = np.rint(now.account * tables.account_factor[half, now.cell] + credit)
    return Now(own, now.cell, months, account, now.pension, left, now.claimed, now.draw)


def retire(now: Now, who: Who, persons: Persons, year: Tables, counters: Counters) -> Now:
    """Retire a person who is due: to a pension, with the account paid out, or not yet."""
    if not year.stayers.examined[now.cell]:
        return now
    low = year.movers.cumulative_probability[now.cell, year.movers.retirement]
    move, to, rest, taken = decide(
        now, who, (now.draw - low) / (1.0 - low), persons, year, counters
    )
    if rest < 0.0:
        return now
    if move >= 0:
        at = now.cell + taken * (counters.retired.shape[1] // 2)
        counters.retired[0, at] += now.months
        counters.retired[1, at] += np.int64(now.account)
        way = move, to, year.movers.retirement
        now = apply_move(now, who, way, persons, year, counters)
        if taken:
            counters.vanished[who.place // S] += np.int64(now.account)
            now = Now(now.status, now.cell, 0, 0.0, now.pension, now.left, 0, now.draw)
        low = year.movers.cumulative_probability[now.cell, year.movers.retirement]
    return with_draw(now, low + rest * (1.0 - low))


def recount(
    now: Now, before: tuple[Whole, Whole], job: Whole, half: Whole, new: bool, counters: Counters
) -> None:
    """Count a person who is new, or whose cell differs from that at the start.

    Parameters
    ----------
    before
        The status and the cell at the start.
    job
        The place among the jobs, if the person is employed.
    """
    status, cell = before
    if now.cell == cell and not new:
        return
    counters.heads[half, now.cell] += 1
    if now.status == EMPLOYEE:
        counters.jobs[half, job] += 1
    if not new:
        counters.heads[half, cell] -= 1
        if status == EMPLOYEE:
            counters.jobs[half, job] -= 1


def store(now: Now, who: Who, persons: Persons, year: Tables) -> None:
    """Store what a person holds at the end of the year."""
    growth, i, status, cell = year.closing, who.row, now.status, now.cell
    persons.cell[i] = cell
    persons.months[i] = now.months - growth.months[status]
    credited = growth.credited[status * RANKS + who.rank]
    persons.account[i] = account_stored(now.account, credited, growth.account_scale[cell])
    persons.pension[i] = 0.0
    if IS_PENSIONER[status]:
        persons.pension[i] = pension_stored(
            now.pension,
            now.months,
            growth.flat[cell],
            growth.per_month[cell],
            growth.pension_scale[cell],
        )
    persons.benefit_months_left[i] = now.left + growth.drawn[status]
    persons.months_at_last_claim[i] = now.claimed


def count_held(persons: Persons, i: Whole, sign: Whole, counters: Counters) -> None:
    """Add what a person holds, as it is stored, to the sums by cell, or subtract it."""
    cell = persons.cell[i]
    counters.held[0, cell] += sign * persons.months[i]
    counters.held[1, cell] += sign * np.int64(persons.account[i])
    counters.held[2, cell] += sign * np.int64(persons.pension[i])


RARE: Final = (award_pension,)
"""Functions of the year that few persons need."""
STEPS: Final = (
    *(start_of, raise_pension, with_draw, record, half_year, recount, store, count_held),
    *(decide, apply_move, make_moves, retire, live_person),
)
"""The other functions of the year."""
