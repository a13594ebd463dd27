"""Birth years that are followed from age to age under the rates of one year.

The events are those of the year, at one age after another; what a person of an age becomes within
a year is what those of the next age are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from fsinsure.arrays import Array, Ints, some_draws
from fsinsure.dims import AGES, CADRES, COUNTED, FEMALE, PERSONS
from fsinsure.state import Inflow, Move
from fsinsure.statuses import CARRIED, STATUS, STATUSES
from fsinsure.year.entries import ENTRIES, ENTRY_AGES, Entry
from fsinsure.year.event import Kind, Opening
from fsinsure.year.events import AGEING, EVENTS, RETIREMENT
from fsinsure.year.law import Law
from fsinsure.year.retirement import insured, without_months

SETTLED: Final = 1e-10
"""Change in a year at which the open age stays as it is."""

LONGEST: Final = 100
"""Most years that the open age is filled for."""

LEFT_OUT: Final = ("deaths", "migration", "births", "newborn_deaths", "land_expropriated")
"""Events without a part in it: births are given, deaths change no share, nobody moves in or out."""

SHARED: Final = 4
"""Axes of probabilities ``[..., 1, 1, sex, age]`` that all draws share."""

OPEN_AGE: Final = 2
"""Years of the open age in each round: its people are a mixture of many years."""

NOBODY: Final = Opening(np.zeros((len(STATUSES), 1)), np.zeros((1, AGES)))
"""The opening stock of events that do not read it."""

PROFILES: Final = {f"{name}_entries": entry for name, entry in ENTRIES.items()}
"""The entries of the statuses with a growth path by the name of their event."""


class Leaving(NamedTuple):
    """Those of an age who leave a status for another, and what they keep.

    The share is ``[..., 1, 1, sex, 1]``.
    """

    source: str
    target: str
    share: Array
    kept: slice

    def of_draws(self, draws: Ints) -> Leaving:
        """Return the same of some draws."""
        if self.share.ndim == SHARED:
            return self
        return self._replace(share=_draws_last(self.share[draws]))


def leaving(move: Move) -> Leaving:
    """Return a move of an event at an age."""
    return Leaving(move.source, move.target, move.probability, move.kept)


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

    def of_draws(self, draws: Ints) -> Lives:
        """Copy the lives of some draws."""
        stock = _nobody((len(draws),))
        stock[...] = self.stock[draws]
        fixed = {
            name: [[one.of_draws(draws) for one in moves] for moves in by_age]
            for name, by_age in self.fixed.items()
        }
        capacity = {name: some_draws(one, draws) for name, one in self.capacity.items()}
        return Lives(_of_draws(self.law, draws), stock, fixed, capacity)


def _of_draws(law: Law, draws: Ints) -> Law:
    """Return the law of some of its draws."""
    values = {
        name: some_draws(one, draws) if one.ndim > 1 else one for name, one in law.values.items()
    }
    dying = some_draws(law.dying, draws) if law.dying.ndim > SHARED else law.dying
    return replace(law, values=values, dying=dying)


def _nobody(draws: tuple[int, ...]) -> Array:
    """Return an empty stock ``[draw, quantity, status, 1, sex, age]``.

    In memory the age is in front and the draws are last: what is done at an age goes over the draws
    side by side. Axes are where every event expects them.
    """
    memory = np.zeros((AGES, COUNTED, len(STATUSES), 1, 2, *draws))
    return np.moveaxis(np.moveaxis(memory, -1, 0), 1, -1)


def born(law: Law, draws: tuple[int, ...]) -> Lives:
    """Return birth years at age 0, nobody insured."""
    stock = _nobody(draws)
    stock[..., PERSONS, STATUS["not_insured"], :, :, 0] = 1.0
    stock[..., CADRES, STATUS["not_insured"], :, FEMALE, 0] = law.rate("retirement.cadre_share")[
        ..., None
    ]
    shapes = {name: entry.shape(law).shape for name, entry in ENTRIES.items()}
    capacity = {name: np.zeros((*draws, *shape)) for name, shape in shapes.items()}
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
                found[age].append(Leaving(move.source, move.target, _draws_last(share), move.kept))
    return found


def _draws_last(share: Array) -> Array:
    """Copy a share ``[..., 1, 1, sex, 1]`` so that in memory its draws lie side by side."""
    if share.ndim == SHARED:
        return share
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(share, 0, -1)), -1, 0)


def follow(lives: Lives, aims: Mapping[str, Array]) -> None:
    """Follow the birth years from age to age, with the aims of each status.

    An aim is the share of those of an age who are to be in a status with a growth path:
    ``[..., 1, sex, age]``, over the ages at which people enter.
    """
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


def fill_the_open_age(lives: Lives, aims: Mapping[str, Array]) -> None:
    """Fill the open age with those who reached it, until its people stay as they are."""
    column = lives.column(AGES - 1)
    column[...] = lives.column(AGES - 2)
    same = np.zeros(column.shape[:-5], dtype=bool)
    for _ in range(AGES):
        before = column.copy()
        _grow_older(lives, aims)
        column[...] = np.where(same[..., None, None, None, None, None], before, column)
        same = np.abs(column - before).max(axis=(-5, -4, -3, -2, -1)) <= SETTLED
        if same.all():
            return


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
                moves = [
                    *(Leaving(one.source, one.target, one.probability, one.kept) for one in own),
                    *moves,
                ]
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
    capacity = there + entry.in_pools(law, people)
    lives.capacity[entry.status][..., position] = capacity[..., 0, :, 0]
    change = np.where(aim > 0, np.minimum(aim, capacity) - there, 0.0)
    moves = [leaving(one) for one in entry.enter(law, people, np.maximum(change, 0.0))]
    if (change < 0).any():
        share = np.divide(-change, there, out=np.zeros_like(there), where=change < 0)
        moves.append(
            Leaving(entry.status, entry.exit_to, share[..., None, :, :, :], CARRIED[entry.status])
        )
    _apply(column, moves)


def _apply(column: Array, moves: Sequence[Leaving]) -> None:
    """Apply the moves of an event at an age, all at once, in place."""
    moved = [
        column[..., CARRIED[one.source], STATUS[one.source], :, :, :] * one.share for one in moves
    ]
    for one, amount in zip(moves, moved, strict=True):
        column[..., CARRIED[one.source], STATUS[one.source], :, :, :] -= amount
        if one.target in STATUS:
            column[..., one.kept, STATUS[one.target], :, :, :] += amount[..., one.kept, :, :, :]
