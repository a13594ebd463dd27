"""Of a person who retires: what is decided, and the pension that is awarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.microsim.compiled.layout import At
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
    from fsinsure.microsim.compiled.layout import Persons, Real, Whole
    from fsinsure.microsim.compiled.person import Now, Who, Year

NOT_DUE: Final = (np.int64(-1), np.int64(-1), -1.0, At(0))
"""Nothing is decided, and no random number used."""


def decide(
    now: Now, who: Who, rest: Real, persons: Persons, year: Year
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
    dates, y, own = year.tables.dates, year.index, now.status
    birth, month = who.birth, At(persons.month[who.row])
    by = At(dates.rule[y, own, who.sex, At(persons.track[who.row])])
    if not dates.due[y, by, birth, month]:
        return NOT_DUE
    enough = vested(now.months, dates.minimum[y, by, birth, month])
    if dates.vesting[y, own] and dates.reached[y, by, birth, month]:
        record(VESTED, now.cell, np.int64(enough), year)
    if not dates.vesting[y, own] or enough:
        if not dates.claims[y, by, birth, month]:
            return NOT_DUE
        return dates.award[y, own], dates.award_to[y, own], rest, At(0)
    if not dates.past[y, by, birth, month]:
        return NOT_DUE
    share = year.tables.law[y].withdraw_share
    if rest < share:
        return dates.leave[y, own], dates.leave_to[y, own], rest / share, At(1)
    return np.int64(-1), np.int64(-1), (rest - share) / (1.0 - share), At(0)


def award_pension(now: Now, who: Who, target: Whole, persons: Persons, year: Year) -> Real:
    """Return the pension of a person who joins a status that has one, in fen a month.

    Parameters
    ----------
    now
        Before the move.
    """
    dates, y, i, cell = year.tables.dates, year.index, who.row, now.cell
    law = year.tables.law[y]
    by = At(dates.rule[y, now.status, who.sex, At(persons.track[i])])
    divisor = dates.divisor[y, by, who.birth, At(persons.month[i])]
    index = np.float64(persons.contribution_index[i])
    amount = monthly_award(target, index, now.months, now.account, divisor, law)
    record(AWARD, cell, np.int64(amount), year)
    if target == RETIREE:
        record(MONTHS, cell, np.int64(now.months), year)
    base = replaced_base(target, dates.base[y, who.rank], law)
    if base > 0.0:
        record(REPLACEMENT, cell, np.int64(np.rint(amount / base * (MILLION / FEN))), year)
    return np.float64(amount)


def record(quantity: Whole, cell: Whole, value: Whole, year: Year) -> None:
    """Add the value of a person in a cell to the histograms of a year."""
    counts = year.counters.histogram_counts[:, year.index]
    totals = year.counters.totals[:, year.index]
    record_person(quantity, cell, value, year.tables.members, counts, totals)
