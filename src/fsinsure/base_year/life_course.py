"""What a birth year goes through under the flows of one year: the stationary state of the model.

In a population without migration whose births and mortality never change, the rates of one year
lead to a state that repeats itself: a share of the people of every age is in each status, and they
carry so many months. It is the age profile that belongs to these rates (Preston, Heuveline and
Guillot 2001, Demography, ch. 3, for the life table; here with one state for each status). A base
year whose statuses have these profiles does not change its age structure because profiles and
rates contradict each other.

Below the pension age, statuses with a growth path have the profile that is given
(:class:`fsinsure.year.entries.Entry`); all else follows: who waits for a pension, pensioners, the
unemployed and dormant members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, CADRES, COUNTED, FEMALE, PERSONS
from fsinsure.state import Inflow, Move
from fsinsure.statuses import CARRIED, STATUS, STATUSES
from fsinsure.year.entries import ENTRIES, ENTRY_AGES
from fsinsure.year.event import Opening
from fsinsure.year.events import EVENTS
from fsinsure.year.law import Law

YEARS: Final = 2 * AGES
"""Years until the state repeats itself: everyone has lived a whole life, with the final levels."""

LEFT_OUT: Final = ("migration", "births", "newborn_deaths", "land_expropriated")
"""Events without a part in it: births are given, nobody moves in or out of the region."""


def life_course(law: Law, residents: Array, totals: Mapping[str, float]) -> Array:
    """Return what people of every age are and carry, per resident of that age and sex.

    Parameters
    ----------
    law
        The year whose rates hold for ever.
    residents
        Of the region ``[sex, age]``: with them the levels of the statuses with a growth path meet
        their totals.
    totals
        Persons of each status with a growth path.

    Returns
    -------
    Array
        ``[quantity, status, sex, age]``, the quantities that head counts need; persons add up to 1
        over the statuses.
    """
    law = _alone(law)
    dying = law.dying.reshape(2, AGES)
    lived = np.cumprod(np.concatenate([np.ones((2, 1)), 1.0 - dying[:, :-1]], axis=1), axis=1)
    lived[:, -1] /= dying[:, -1]
    stock = np.zeros((COUNTED, len(STATUSES), 1, 2, AGES))
    stock[PERSONS, STATUS["not_insured"], 0] = lived
    stock[CADRES, STATUS["not_insured"], 0, FEMALE] = lived[FEMALE] * law.cadre_share
    shapes = {name: entry.shape(law) for name, entry in ENTRIES.items()}
    level = dict.fromkeys(ENTRIES, 0.0)
    for _ in range(YEARS):
        now = stock[PERSONS, :, 0]
        for name, shape in shapes.items():
            of_age = now[STATUS[name]] / now.sum(axis=0)
            level[name] = _level(shape, of_age, level[name], residents, totals[name])
        _year(law, stock, level)
        # Births: the youngest are as many as before.
        stock[PERSONS, STATUS["not_insured"], 0, :, 0] = 1.0
        stock[CADRES, STATUS["not_insured"], 0, FEMALE, 0] = law.cadre_share
    return stock[:, :, 0] / lived


def _alone(law: Law) -> Law:
    """Return the law for a region of one area that nobody enters from outside."""
    values = {**law.values, "migration.demand_share": np.zeros(1)}
    return replace(law, values=values)


def _level(shape: Array, of_age: Array, level: float, residents: Array, total: float) -> float:
    """Return the factor of the profile at which a status has its total among the residents.

    Those past the pension age are in proportion to the factor of the year before.

    Parameters
    ----------
    shape
        Profile below the pension age ``[sex, age]``, over the ages at which people enter.
    of_age
        Share of the people of every age who are in the status ``[sex, age]``.
    level
        The factor of the year before.
    residents
        ``[sex, age]``
    total
        Persons.
    """
    each = np.zeros_like(of_age)
    each[:, ENTRY_AGES] = shape
    if level:
        each += np.where(each > 0, 0.0, of_age) / level
    return total / float((residents * each).sum())


def _year(law: Law, stock: Array, level: Mapping[str, float]) -> None:
    """Run the events of a year on the stock, in place."""
    start = Opening(stock[PERSONS].sum(axis=(-2, -1)), stock[PERSONS, :, :, FEMALE].sum(axis=0))
    aligned = {f"{name}_entries": entry for name, entry in ENTRIES.items()}
    for event in EVENTS:
        if event.name in LEFT_OUT:
            continue
        if event.name in aligned:
            entry = aligned[event.name]
            people = stock[PERSONS, :, :, :, ENTRY_AGES].sum(axis=0)
            wanted = level[entry.status] * (entry.shape(law) * people).sum(axis=(-2, -1))
            moves, _ = entry.align(law, stock, wanted)
        else:
            moves = [*event.apply(law, stock, start)]
        _apply(stock, moves)


def _apply(stock: Array, moves: list[Move | Inflow]) -> None:
    """Apply the moves of an event, all at once, in place."""
    moved = [
        (move, stock[CARRIED[move.source], STATUS[move.source], :, :, move.ages] * move.probability)
        for move in moves
        if isinstance(move, Move)
    ]
    for move, amount in moved:
        stock[CARRIED[move.source], STATUS[move.source], :, :, move.ages] -= amount
        if move.target in STATUS:
            stock[move.kept, STATUS[move.target], :, :, move.ages] += amount[move.kept]
