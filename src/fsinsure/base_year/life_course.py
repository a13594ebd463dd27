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

In the stationary state those of an age are those of the age before, a year later. So one birth year
is followed from birth on, one age after another, with a factor for each profile; the factors are
those at which the statuses have their totals. They depend on the people past the pension age, and
these on them: a few rounds find both. Deaths take a share of every status alike, so shares do not
change by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from fsinsure.arrays import Array, Flags
from fsinsure.dims import AGES, CADRES, COUNTED, FEMALE, PERSONS
from fsinsure.numeric.fill import fill_scale
from fsinsure.numeric.fixed_point import Search
from fsinsure.state import Inflow, Move
from fsinsure.statuses import CARRIED, STATUS, STATUSES
from fsinsure.year.entries import ENTRIES, ENTRY_AGES, Entry
from fsinsure.year.event import Kind, Opening
from fsinsure.year.events import AGEING, EVENTS, RETIREMENT
from fsinsure.year.law import Law
from fsinsure.year.retirement import insured, without_months

LEFT_OUT: Final = ("deaths", "migration", "births", "newborn_deaths", "land_expropriated")
"""Events without a part in it: births are given, deaths change no share, nobody moves in or out."""

FEW_ROUNDS: Final = 12
ROUNDS: Final = 100
"""Rounds in which the factors of the profiles are found: of all draws together, and of the rest."""

SHARED: Final = 4
"""Axes of the death probabilities that all draws share."""

EXACT: Final = 1e-10
"""Relative change of the factors, and change of the open age, that end the search."""

OPEN_AGE: Final = 2
"""Years of the open age in each round: its people are a mixture of many years."""

NOBODY: Final = Opening(np.zeros((len(STATUSES), 1)), np.zeros((1, AGES)))
"""The opening stock of events that do not read it."""

PROFILES: Final = {f"{name}_entries": entry for name, entry in ENTRIES.items()}
"""The entries of the statuses with a growth path by the name of their event."""


class Leaving(NamedTuple):
    """Those of an age who leave a status for another; the share is ``[..., 1, 1, sex, 1]``."""

    source: str
    target: str
    share: Array


@dataclass(eq=False)
class Lives:
    """Birth years that are followed, one for each draw.

    Parameters
    ----------
    law
        The year whose rates hold for ever.
    stock
        ``[..., quantity, status, 1, sex, age]`` for each person alive at the age.
    fixed
        By event and age the moves that do not depend on who is there.
    capacity
        By status with a growth path the most persons of the age who can be in it
        ``[..., sex, age]``, over the ages at which people enter.
    """

    law: Law
    stock: Array
    fixed: Mapping[str, Sequence[Sequence[Leaving]]]
    capacity: Mapping[str, Array]

    def column(self, age: int) -> Array:
        """View those of an age: ``[..., quantity, status, 1, sex, 1]``."""
        return self.stock[..., age : age + 1]


def life_course(law: Law, residents: Array, totals: Mapping[str, float | Array]) -> Array:
    """Return what people of every age are and carry, per resident of that age and sex.

    Parameters
    ----------
    law
        The year whose rates hold for ever; with draws, some values have a draw axis in front.
    residents
        Of the region ``[sex, age]``: with them the levels of the statuses with a growth path meet
        their totals.
    totals
        Persons ``[...]`` of each status with a growth path.

    Returns
    -------
    Array
        ``[..., quantity, status, sex, age]``, the quantities that head counts need; persons add up
        to 1 over the statuses. NaN in draws for which no stationary state is found.
    """
    law = _alone(law)
    wanted = {name: np.asarray(totals[name], dtype=np.float64) for name in ENTRIES}
    draws = np.broadcast_shapes(_draws(law), *(one.shape for one in wanted.values()))
    found, settled = _search(law, residents, wanted, draws, FEW_ROUNDS if draws else ROUNDS)
    if draws and not settled.all():
        rest = ~settled
        some = {name: one[rest] if one.ndim else one for name, one in wanted.items()}
        few = (int(rest.sum()),)
        found[rest], settled[rest] = _search(_of_draws(law, rest), residents, some, few, ROUNDS)
    return np.where(settled[..., None, None, None, None], found, np.nan)


def _search(
    law: Law, residents: Array, wanted: Mapping[str, Array], draws: tuple[int, ...], rounds: int
) -> tuple[Array, Flags]:
    """Return the life course of every draw, and whether its factors are found."""
    lives, lived = _born(law, draws), _lived(law)
    start = [
        wanted[name] / (residents[:, ENTRY_AGES] * entry.shape(law)).sum()
        for name, entry in ENTRIES.items()
    ]
    search = Search(np.stack([np.broadcast_to(one, draws) for one in start]), EXACT)
    aims: dict[str, Array] = {}
    for _ in range(rounds):
        point = dict(zip(ENTRIES, search.point, strict=True))
        aims = {name: _aim(law, ENTRIES[name], one) for name, one in point.items()}
        _live(lives, aims)
        needed = [
            _factor(lives, lived, entry, point[name], residents, wanted[name])
            for name, entry in ENTRIES.items()
        ]
        search.step(np.stack(needed))
        if search.settled.all():
            break
    _fill_the_open_age(lives, aims)
    return lives.stock[..., 0, :, :].copy(), search.settled


def _alone(law: Law) -> Law:
    """Return the law for a region of one area that nobody enters from outside."""
    values = {**law.values, "migration.demand_share": np.zeros(1)}
    return replace(law, values=values)


def _draws(law: Law) -> tuple[int, ...]:
    """Return the shape of the draws of a law; empty for a single one."""
    values = (np.shape(values)[:-1] for values in law.values.values())
    return np.broadcast_shapes(law.dying.shape[:-4], *values)


def _of_draws(law: Law, draws: Flags) -> Law:
    """Return the law of some of its draws."""
    values = {name: one[draws] if one.ndim > 1 else one for name, one in law.values.items()}
    dying = law.dying[draws] if law.dying.ndim > SHARED else law.dying
    return replace(law, values=values, dying=dying)


def _lived(law: Law) -> Array:
    """Return the persons of each age of a life table ``[..., sex, age]``, 1 at birth."""
    dying = law.dying[..., 0, 0, :, :]
    alive = np.cumprod(1.0 - dying[..., :-1], axis=-1)
    lived = np.concatenate([np.ones_like(dying[..., :1]), alive], axis=-1)
    lived[..., -1] /= dying[..., -1]
    return lived


def _born(law: Law, draws: tuple[int, ...]) -> Lives:
    """Return birth years at age 0, nobody insured."""
    # In memory the age is in front and the draws are last: what is done at an age goes over the
    # draws side by side. Axes are where every event expects them.
    memory = np.zeros((AGES, COUNTED, len(STATUSES), 1, 2, *draws))
    stock = np.moveaxis(memory, range(-len(draws), 0), range(len(draws))) if draws else memory
    stock = np.moveaxis(stock, len(draws), -1)
    stock[..., PERSONS, STATUS["not_insured"], :, :, 0] = 1.0
    stock[..., CADRES, STATUS["not_insured"], :, FEMALE, 0] = law.cadre_share
    capacity = {
        name: np.zeros((*draws, *entry.shape(law).shape)) for name, entry in ENTRIES.items()
    }
    return Lives(law, stock, _fixed(law, stock), capacity)


def _fixed(law: Law, stock: Array) -> dict[str, list[list[Leaving]]]:
    """Return by event and age the moves that do not depend on who is there."""
    found = {}
    for event in EVENTS:
        if event.kind is Kind.MOVES and event.name not in (*LEFT_OUT, *PROFILES):
            found[event.name] = _by_age(event.apply(law, stock, NOBODY))
    return found | {RETIREMENT.name: _by_age(without_months(law))}


def _by_age(moves: Sequence[Move | Inflow]) -> list[list[Leaving]]:
    """Sort moves by the age at which they happen; those that nobody makes are left out."""
    found: list[list[Leaving]] = [[] for _ in range(AGES)]
    for move in moves:
        if not isinstance(move, Move):
            raise TypeError(f"{move.source}: nobody enters a life course from outside")
        for position, age in enumerate(range(*move.ages.indices(AGES))):
            share = move.probability[..., position : position + 1]
            if share.any():
                found[age].append(Leaving(move.source, move.target, _draws_last(share)))
    return found


def _draws_last(share: Array) -> Array:
    """Copy a share ``[..., 1, 1, sex, 1]`` so that in memory its draws lie side by side."""
    if share.ndim == 4:
        return share
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(share, 0, -1)), -1, 0)


def _live(lives: Lives, aims: Mapping[str, Array]) -> None:
    """Follow the birth years from age to age, with the aims of :func:`_aim`."""
    for age in range(1, AGES - 1):
        lives.column(age)[...] = lives.column(age - 1)
        _year(lives, age, aims)
    if not lives.column(AGES - 1)[..., PERSONS, :, :, :, :].any():
        lives.column(AGES - 1)[...] = lives.column(AGES - 2)
    for _ in range(OPEN_AGE):
        _grow_older(lives, aims)


def _grow_older(lives: Lives, aims: Mapping[str, Array]) -> None:
    """Add a year at the open age; in a stationary population as many reach it as die in it."""
    column, dying = lives.column(AGES - 1), lives.law.dying[..., None, :, :, :, -1:]
    column[...] = dying * lives.column(AGES - 2) + (1.0 - dying) * column
    _year(lives, AGES - 1, aims)


def _fill_the_open_age(lives: Lives, aims: Mapping[str, Array]) -> None:
    """Fill the open age with those who reached it, until its people stay as they are."""
    column = lives.column(AGES - 1)
    column[...] = lives.column(AGES - 2)
    same = np.zeros(column.shape[:-5], dtype=bool)
    for _ in range(AGES):
        before = column.copy()
        _grow_older(lives, aims)
        column[...] = np.where(same[..., None, None, None, None, None], before, column)
        same = np.abs(column - before).max(axis=(-5, -4, -3, -2, -1)) <= EXACT
        if same.all():
            return


def _aim(law: Law, entry: Entry, factor: Array) -> Array:
    """Return the share of those of an age who are to be in a status: ``[..., 1, sex, age]``."""
    return np.asarray(factor[..., None, None, None] * entry.shape(law))


def _year(lives: Lives, age: int, aims: Mapping[str, Array]) -> None:
    """Run the events of the year in which people reach an age on those people, in place."""
    law, column, ages = lives.law, lives.column(age), slice(age, age + 1)
    now = age - 1
    for event in EVENTS:
        if event is AGEING:
            now = age
        elif event.kind is Kind.IN_PLACE:
            event.apply(law, column, NOBODY)
        elif event.name in PROFILES:
            if ENTRY_AGES.start <= age < ENTRY_AGES.stop:
                _align(lives, PROFILES[event.name], age, aims)
        elif event.name not in LEFT_OUT:
            moves = [*lives.fixed[event.name][now]]
            if event is RETIREMENT and age >= law.retiring.start:
                own = insured(law, lives.stock, ages)
                moves = [*(Leaving(one.source, one.target, one.probability) for one in own), *moves]
            _apply(column, moves)


def _align(lives: Lives, entry: Entry, age: int, aims: Mapping[str, Array]) -> None:
    """Bring a status to its profile, as far as there are people, and note how many could be in it.

    The same as :meth:`fsinsure.year.entries.Entry.align`, at one age and with a given factor.
    """
    position = age - ENTRY_AGES.start
    aim = aims[entry.status][..., position : position + 1]
    if not aim.any():
        return
    law, column = lives.law, lives.column(age)
    people = np.maximum(column[..., PERSONS, :, :, :, :], 0.0)
    there = people[..., STATUS[entry.status], :, :, :]
    pools = sum(people[..., STATUS[pool], :, :, :] for pool in entry.weights(law))
    capacity = there + pools
    lives.capacity[entry.status][..., position] = capacity[..., 0, :, 0]
    change = np.where(aim > 0, np.minimum(aim, capacity) - there, 0.0)
    moves = [
        Leaving(one.source, one.target, one.probability)
        for one in entry.enter(law, people, np.maximum(change, 0.0))
    ]
    if (change < 0).any():
        share = np.divide(-change, there, out=np.zeros_like(there), where=change < 0)
        moves.append(Leaving(entry.status, entry.exit_to, share[..., None, :, :, :]))
    _apply(column, moves)


def _apply(column: Array, moves: Sequence[Leaving]) -> None:
    """Apply the moves of an event at an age, all at once, in place."""
    moved = [
        column[..., CARRIED[one.source], STATUS[one.source], :, :, :] * one.share for one in moves
    ]
    for one, amount in zip(moves, moved, strict=True):
        carried = CARRIED[one.source]
        column[..., carried, STATUS[one.source], :, :, :] -= amount
        if one.target in STATUS:
            column[..., carried, STATUS[one.target], :, :, :] += amount


def _factor(
    lives: Lives, lived: Array, entry: Entry, factor: Array, residents: Array, total: Array
) -> Array:
    """Return the factor ``[...]`` of a profile at which its status has its total.

    Those past the pension age are in proportion to the factor of the round before; below it, those
    whom full ages lack are in the others.

    Parameters
    ----------
    lives
        Followed with `factor`.
    lived
        Persons of each age of a life table ``[..., sex, age]``.
    entry
        Of the status.
    factor
        Of the round before ``[...]``.
    residents
        ``[sex, age]``
    total
        Persons ``[...]``.
    """
    shape = entry.shape(lives.law)
    there, by_age = (
        lives.stock[..., PERSONS, STATUS[entry.status], 0, :, :],
        factor[..., None, None],
    )
    each = np.divide(there, by_age, out=np.zeros_like(there), where=by_age > 0)
    each[..., ENTRY_AGES] = np.where(shape > 0, shape, each[..., ENTRY_AGES])
    level = total / (residents * each).sum(axis=(-2, -1))
    people = lived[..., ENTRY_AGES]
    wanted = level * (shape * people).sum(axis=(-2, -1))
    capacity = np.where(shape > 0, lives.capacity[entry.status] * people, 0.0)
    relative = np.divide(shape * people, capacity, out=np.zeros_like(capacity), where=capacity > 0)
    flat = capacity.reshape(*capacity.shape[:-2], shape.size)
    most = np.minimum(wanted, flat.sum(axis=-1))
    return fill_scale(most, flat, relative.reshape(flat.shape))
