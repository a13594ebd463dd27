"""Loops over persons who retire: persons due, persons vested, and the pensions awarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import SEXES
from fsinsure.microsim.histograms import (
    AWARD,
    MILLION,
    MONTHS,
    REPLACEMENT,
    VESTED,
    record_person,
)
from fsinsure.microsim.movers import RETIREE
from fsinsure.microsim.person_rules import monthly_award, replaced_base, vested
from fsinsure.state import FEN

if TYPE_CHECKING:
    from fsinsure.microsim.compiled.layout import MoverBuffers, Tables
    from fsinsure.microsim.counters import Counters
    from fsinsure.state import People

S: Final = len(SEXES)


def retire(
    people: People, movers: MoverBuffers, count: int, year: Tables, counters: Counters
) -> int:
    """Select the vested for a pension, and at random some of the others who take their account.

    Returns
    -------
    int
        How many persons move.
    """
    retirement, tables = year.retirement, year.movers
    months, month, track = people.months, people.month, people.track
    row, draw, status, now = movers.row, movers.draw, movers.status, movers.cell
    place, birth, moving, left = (
        movers.place,
        movers.birth,
        movers.moving,
        movers.left,
    )
    move, target, step = movers.move, movers.target, movers.step
    rule, reached, vesting = retirement.rule, retirement.reached, retirement.vesting
    award, award_to, leave = retirement.award, retirement.award_to, retirement.leave
    leave_to, past, claims = retirement.leave_to, retirement.past, retirement.claims
    due, minimum = retirement.due, retirement.minimum
    probability, at = tables.cumulative_probability, tables.retirement
    share, members = year.law.withdraw_share, year.members
    counts, totals = counters.histogram_counts, counters.totals
    found = 0
    for k in range(count):
        own, i = status[k], row[k]
        by = rule[own, place[k] % S, track[i]]
        if not due[by, birth[k], month[i]]:
            continue
        low = probability[now[k], at]
        rest = (draw[k] - low) / (1.0 - low)
        enough = vested(months[i], minimum[by, birth[k], month[i]])
        if vesting[own] and reached[by, birth[k], month[i]]:
            record_person(VESTED, now[k], np.int64(enough), members, counts, totals)
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
            draw[k] = low + rest * (1.0 - low)
            continue
        moving[found], left[found], step[found] = k, rest, at
        found += 1
    return found


def award_pension(
    people: People,
    i: int,
    cell: int,
    who: tuple[int, int, int],
    target: int,
    year: Tables,
    counters: Counters,
) -> np.int64:
    """Set the pension of a person who joins a status that has one; return it in fen a month.

    Parameters
    ----------
    cell
        Before the move.
    who
        Its status, sex and year of birth.
    """
    (own, sex, birth), retirement, law = who, year.retirement, year.law
    members, counts, totals = year.members, counters.histogram_counts, counters.totals
    by = retirement.rule[own, sex, people.track[i]]
    divisor = retirement.divisor[by, birth, people.month[i]]
    index, months = np.float64(people.contribution_index[i]), people.months[i]
    amount = monthly_award(target, index, months, people.account[i], divisor, law)
    people.pension[i] = amount
    record_person(AWARD, cell, np.int64(amount), members, counts, totals)
    if target == RETIREE:
        record_person(MONTHS, cell, np.int64(months), members, counts, totals)
    base = replaced_base(target, retirement.base[people.rank[i]], law)
    if base > 0.0:
        rate = np.int64(np.rint(amount / base * (MILLION / FEN)))
        record_person(REPLACEMENT, cell, rate, members, counts, totals)
    return np.int64(amount)


def after_retirement(
    people: People, movers: MoverBuffers, count: int, year: Tables, counters: Counters
) -> None:
    """Rescale the residuals of the random numbers; count what is carried, end what was paid out."""
    months, account, at_last_claim = people.months, people.account, people.months_at_last_claim
    vanished, leave = counters.vanished, year.retirement.leave
    row, draw, now, place = movers.row, movers.draw, movers.cell, movers.place
    birth, places, births = movers.birth, S * year.areas, year.births
    retired, cells = counters.retired, counters.retired.shape[1] // 2
    moving, left, move, target = movers.moving, movers.left, movers.move, movers.target
    source, probability = movers.source, year.movers.cumulative_probability
    at = year.movers.retirement
    for m in range(count):
        k = moving[m]
        i = row[k]
        low = probability[now[k], at]
        draw[k] = low + left[m] * (1.0 - low)
        taken = target[m] < len(leave) and move[m] == leave[source[m]]
        held = (source[m] * places + place[k]) * births + birth[k] + np.int64(taken) * cells
        retired[0, held] += np.int64(months[i])
        retired[1, held] += np.int64(account[i])
        if taken:
            vanished[place[k] // S] += np.int64(account[i])
            months[i], account[i], at_last_claim[i] = 0, 0.0, 0
