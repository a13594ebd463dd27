"""The year of a person who moves, or is due for a pension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.dims import SEXES
from fsinsure.microsim.block import EMPLOYEE, IS_PENSIONER, UNEMPLOYED
from fsinsure.microsim.compiled.awards import award_pension, decide, record
from fsinsure.microsim.compiled.layout import At
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.growth import account_held, account_stored, pension_held, pension_stored
from fsinsure.microsim.histograms import ENTITLED
from fsinsure.microsim.person_rules import claimed_months
from fsinsure.microsim.tables import DRAWN_HALF, EARNED_HALF
from fsinsure.rules.indexation import three_part
from fsinsure.state import GONE, RANKS

if TYPE_CHECKING:
    from fsinsure.microsim.compiled.layout import Persons, Real, Tables, Whole
    from fsinsure.microsim.counters import YearlyCounters

S: Final = len(SEXES)


class Year(NamedTuple):
    """A year: its number among all, the tables of all, and where to count."""

    index: Whole
    tables: Tables
    counters: YearlyCounters


class Who(NamedTuple):
    """What does not change of a person: the row, and the numbers of traits."""

    row: Whole
    place: Whole
    area: Whole
    sex: Whole
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


def live_person(persons: Persons, i: Whole, draw: Real, step: Whole, year: Year) -> None:
    """Simulate a person from a step of the year to its end, and count."""
    tables, cell = year.tables, At(persons.cell[i])
    row = tables.of_cell[cell, year.index]
    where = At(row.place), At(row.area), At(row.sex)
    who = Who(i, *where, At(row.birth), At(persons.rank[i]))
    was = At(row.status), cell
    job = At((who.area * CLASSES + At(persons.industry_class[i])) * RANKS + who.rank)
    if step:
        low = tables.cumulative_probability[cell, year.index, step]
        now = start_of(persons, who, cell, low + draw * (1.0 - low), year)
    else:
        now = raise_pension(start_of(persons, who, cell, draw, year), year)
        count_held(persons, i, np.int64(-1), year)
    if step <= tables.first_half[year.index]:
        now = make_moves(now, who, 0, persons, year)
        now = half_year(now, who, 0, year)
        recount(now, was, job, 0, step > 0, year)
    if step <= tables.retirement[year.index]:
        now = make_moves(now, who, 1, persons, year)
        now = retire(now, who, persons, year)
    now = make_moves(now, who, 2, persons, year)
    now = half_year(now, who, 1, year)
    recount(now, was, job, 1, step > 0, year)
    store(now, who, persons, year)
    count_held(persons, i, np.int64(1), year)


def start_of(persons: Persons, who: Who, cell: Whole, draw: Real, year: Year) -> Now:
    """Return a person at the start of the year."""
    i, row = who.row, year.tables.of_cell[cell, year.index]
    status = At(row.status)
    months = persons.months[i] + np.int64(row.months)
    credited = year.tables.of_credit[credit_of(who, status), year.index].credited
    account = account_held(persons.account[i], credited, row.account_scale)
    pension: Real = 0.0
    if IS_PENSIONER[status]:
        rise = row.pension_flat, row.pension_per_month, row.pension_scale
        pension = pension_held(persons.pension[i], months, *rise)
    left = max(persons.benefit_months_left[i] - np.int64(row.drawn), 0)
    claimed = np.int64(persons.months_at_last_claim[i])
    return Now(status, cell, months, account, pension, left, claimed, draw)


def credit_of(who: Who, status: Whole) -> Whole:
    """Return where the credits of a person are in a status."""
    return who.rank if status == EMPLOYEE else At(status + RANKS)


def raise_pension(now: Now, year: Year) -> Now:
    """Raise the pension in payment on 1 January."""
    if not IS_PENSIONER[now.status]:
        return now
    row = year.tables.of_cell[now.cell, year.index]
    rise = row.rise_flat, row.rise_per_year, row.rise_percent
    raised = np.rint(three_part(now.pension, now.months / 12, *rise, 0.0))
    held = now.months, now.account, raised
    return Now(now.status, now.cell, *held, now.left, now.claimed, now.draw)


def with_draw(now: Now, draw: Real) -> Now:
    """Return a person with another residual of the random number."""
    held = now.months, now.account, now.pension
    return Now(now.status, now.cell, *held, now.left, now.claimed, draw)


def make_moves(now: Now, who: Who, segment: Whole, persons: Persons, year: Year) -> Now:
    """Make all moves of a segment of the year."""
    tables, y = year.tables, year.index
    while now.draw < tables.of_cell[now.cell, y].cumulative_before[segment]:
        cell, step = now.cell, At(0)
        while now.draw >= tables.cumulative_probability[cell, y, At(step + 1)]:
            step = At(step + 1)
        low = tables.cumulative_probability[cell, y, step]
        high = tables.cumulative_probability[cell, y, At(step + 1)]
        rest = (now.draw - low) / (high - low)
        row = tables.of_step[now.status, y, step]
        now = apply_move(now, who, (At(row.move), At(row.target)), persons, year)
        low = tables.cumulative_probability[now.cell, y, At(row.next_event)]
        now = with_draw(now, low + rest * (1.0 - low))
    return now


def apply_move(now: Now, who: Who, way: tuple[Whole, Whole], persons: Persons, year: Year) -> Now:
    """Make a move and count it with what is carried; the account of those who leave ends.

    Parameters
    ----------
    way
        Number and target of the move.
    """
    (move, to), tables, y = way, year.tables, year.index
    places, account = S * tables.areas, np.int64(now.account)
    year.counters.flows[At((move * places + who.place) * tables.births + who.birth), y] += 1
    count = year.counters.by_move[At(move * tables.areas + who.area), y]
    count.carried[0] += now.months
    count.carried[1] += account
    count.carried[2] += np.int64(now.pension)
    if to >= GONE:
        year.counters.vanished[who.area, y] += account
        return Now(At(GONE), At(GONE * places * tables.births), 0, 0.0, 0.0, 0, 0, now.draw)
    left, claimed, pension = now.left, now.claimed, now.pension
    if to == UNEMPLOYED:
        left = np.int64(claimed_months(now.months, claimed, left, tables.law[y]))
        claimed = now.months
        record(ENTITLED, now.cell, left, year)
    if IS_PENSIONER[to]:
        pension = award_pension(now, who, to, persons, year)
        count.awarded += np.int64(pension)
    cell = At((to * places + who.place) * tables.births + who.birth)
    return Now(to, cell, now.months, now.account, pension, left, claimed, now.draw)


def half_year(now: Now, who: Who, half: Whole, year: Year) -> Now:
    """Add months and interest of half a year."""
    own = now.status
    left = now.left - min(now.left, np.int64(DRAWN_HALF[own]))
    months = now.months + np.int64(EARNED_HALF[own])
    credit = year.tables.of_credit[credit_of(who, own), year.index].account_credit[half]
    factor = year.tables.of_cell[now.cell, year.index].account_factor[half]
    account = np.rint(now.account * factor + credit)
    return Now(own, now.cell, months, account, now.pension, left, now.claimed, now.draw)


def retire(now: Now, who: Who, persons: Persons, year: Year) -> Now:
    """Retire a person who is due: to a pension, with the account paid out, or not yet."""
    tables, y = year.tables, year.index
    if not tables.of_cell[now.cell, y].examined:
        return now
    low = tables.cumulative_probability[now.cell, y, At(tables.retirement[y])]
    move, to, rest, taken = decide(now, who, (now.draw - low) / (1.0 - low), persons, year)
    if rest < 0.0:
        return now
    if move >= 0:
        count = year.counters.by_cell[now.cell, y]
        count.retired[0, taken] += now.months
        count.retired[1, taken] += np.int64(now.account)
        now = apply_move(now, who, (At(move), At(to)), persons, year)
        if taken:
            year.counters.vanished[who.area, y] += np.int64(now.account)
            now = Now(now.status, now.cell, 0, 0.0, now.pension, now.left, 0, now.draw)
        low = tables.cumulative_probability[now.cell, y, At(tables.retirement[y])]
    return with_draw(now, low + rest * (1.0 - low))


def recount(
    now: Now, before: tuple[Whole, Whole], job: Whole, half: Whole, new: bool, year: Year
) -> None:
    """Count a person who is new, or whose cell differs from that at the start.

    Parameters
    ----------
    before
        The status and the cell at the start.
    job
        The place among the jobs, if the person is employed.
    """
    (status, cell), counters, y = before, year.counters, year.index
    if now.cell == cell and not new:
        return
    counters.by_cell[now.cell, y].heads[half] += 1
    if now.status == EMPLOYEE:
        counters.jobs[job, y, half] += 1
    if not new:
        counters.by_cell[cell, y].heads[half] -= 1
        if status == EMPLOYEE:
            counters.jobs[job, y, half] -= 1


def store(now: Now, who: Who, persons: Persons, year: Year) -> None:
    """Store what a person holds at the end of the year."""
    i, row = who.row, year.tables.of_cell[now.cell, At(year.index + 1)]
    persons.cell[i] = now.cell
    persons.months[i] = now.months - np.int64(row.months)
    credited = year.tables.of_credit[credit_of(who, now.status), At(year.index + 1)].credited
    persons.account[i] = account_stored(now.account, credited, row.account_scale)
    persons.pension[i] = 0.0
    if IS_PENSIONER[now.status]:
        rise = row.pension_flat, row.pension_per_month, row.pension_scale
        persons.pension[i] = pension_stored(now.pension, now.months, *rise)
    persons.benefit_months_left[i] = now.left + np.int64(row.drawn)
    persons.months_at_last_claim[i] = now.claimed


def count_held(persons: Persons, i: Whole, sign: Whole, year: Year) -> None:
    """Add what a person holds, as it is stored, to the sums by cell, or subtract it."""
    count = year.counters.by_cell[At(persons.cell[i]), year.index]
    count.held[0] += sign * persons.months[i]
    count.held[1] += sign * np.int64(persons.account[i])
    count.held[2] += sign * np.int64(persons.pension[i])


RARE: Final = (record, award_pension)
"""Functions of the year that few persons need."""
STEPS: Final = (
    *(credit_of, start_of, raise_pension, with_draw, half_year, recount, store, count_held),
    *(decide, apply_move, make_moves, retire, live_person),
)
"""The other functions of the year."""
