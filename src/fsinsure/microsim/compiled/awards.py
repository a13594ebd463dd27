"""Of a person who retires: what is decided, and the pension that is awarded."""

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
    from fsinsure.microsim.compiled.layout import Persons, Real, Tables, Whole
    from fsinsure.microsim.compiled.person import Now, Who
    from fsinsure.microsim.counters import Counters

S: Final = len(SEXES)
NOT_DUE: Final = (np.int64(-1), np.int64(-1), -1.0, np.int64(0))
"""Nothing is decided, and no random number used."""


def decide(
    now: Now, who: Who, rest: Real, persons: Persons, year: Tables, counters: Counters
) -> tuple[Whole, Whole, Real, Whole]:
    """Decide what a person does who may be due.

    Parameters
    ----------
    rest
        Of the random number, in [0, 1).

    Returns
    -------
    move, target
        Number and target of the move by which the vested draw a pension, or some of the others
        take their account; -1 for those who go on.
    rest
        Of the random number after that; -1 where none was used.
    taken
        1 where the account is taken, else 0.
    """
    retirement, own = year.retirement, now.status
    birth, month, share = who.birth, persons.month[who.row], year.law.withdraw_share
    by = retirement.rule[own, who.place % S, persons.track[who.row]]
    if not retirement.due[by, birth, month]:
        return NOT_DUE
    enough = vested(now.months, retirement.minimum[by, birth, month])
    if retirement.vesting[own] and retirement.reached[by, birth, month]:
        counts, totals = counters.histogram_counts, counters.totals
        record_person(VESTED, now.cell, np.int64(enough), year.members, counts, totals)
    if not retirement.vesting[own] or enough:
        if not retirement.claims[by, birth, month]:
            return NOT_DUE
        return retirement.award[own], retirement.award_to[own], rest, np.int64(0)
    if not retirement.past[by, birth, month]:
        return NOT_DUE
    if rest < share:
        return retirement.leave[own], retirement.leave_to[own], rest / share, np.int64(1)
    return np.int64(-1), np.int64(-1), (rest - share) / (1.0 - share), np.int64(0)


def award_pension(
    now: Now, who: Who, target: Whole, persons: Persons, year: Tables, counters: Counters
) -> Real:
    """Return the pension of a person who joins a status that has one, in fen a month.

    Parameters
    ----------
    now
        Before the move.
    """
    retirement, law, i, cell = year.retirement, year.law, who.row, now.cell
    members, counts, totals = year.members, counters.histogram_counts, counters.totals
    by = retirement.rule[now.status, who.place % S, persons.track[i]]
    divisor = retirement.divisor[by, who.birth, persons.month[i]]
    index = np.float64(persons.contribution_index[i])
    amount = monthly_award(target, index, now.months, now.account, divisor, law)
    record_person(AWARD, cell, np.int64(amount), members, counts, totals)
    if target == RETIREE:
        record_person(MONTHS, cell, np.int64(now.months), members, counts, totals)
    base = replaced_base(target, retirement.base[who.rank], law)
    if base > 0.0:
        rate = np.int64(np.rint(amount / base * (MILLION / FEN)))
        record_person(REPLACEMENT, cell, rate, members, counts, totals)
    return np.float64(amount)
