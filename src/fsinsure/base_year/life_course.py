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

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Flags
from fsinsure.base_year.lives import Lives, born, fill_the_open_age, follow
from fsinsure.dims import PERSONS
from fsinsure.numeric.fill import fill_scale
from fsinsure.numeric.fixed_point import Search
from fsinsure.statuses import STATUS
from fsinsure.year.entries import ENTRIES, ENTRY_AGES, Entry
from fsinsure.year.law import Law

ROUNDS: Final = 100
"""Most rounds in which the factors of the profiles are found; most often five are needed."""

EXACT: Final = 1e-10
"""Relative change of the factors, and change of the open age, that end the search."""


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
    many = draws or (1,)
    each = {name: np.broadcast_to(one, many) for name, one in wanted.items()}
    lives, point = born(law, many), np.empty((len(ENTRIES), *many))
    found = _find(lives, residents, each, point)
    fill_the_open_age(lives, _aims(law, point))
    course = np.where(found[:, None, None, None, None], lives.stock[..., 0, :, :], np.nan)
    return course if draws else course[0]


def _find(lives: Lives, residents: Array, totals: Mapping[str, Array], point: Array) -> Flags:
    """Follow the lives with the factors at which the statuses have their totals.

    Parameters
    ----------
    lives
        At age 0; their stock is filled.
    residents, totals
        As of :func:`life_course`, the totals ``[draw]``.
    point
        Filled with the factors ``[status with a growth path, draw]``.

    Returns
    -------
    Array
        In which draws they are found ``[draw]``.
    """
    start = [
        totals[name] / (residents[:, ENTRY_AGES] * entry.shape(lives.law)).sum()
        for name, entry in ENTRIES.items()
    ]
    search, some = Search(np.stack(start), EXACT), lives
    point[...] = search.point
    rows = np.arange(point.shape[1])
    found = np.zeros(len(rows), dtype=bool)
    for _ in range(ROUNDS):
        now = search.point
        follow(some, _aims(some.law, now))
        needed = [
            _factor(some, entry, one, residents, totals[name][rows])
            for one, (name, entry) in zip(now, ENTRIES.items(), strict=True)
        ]
        search.step(np.stack(needed))
        done = search.settled
        if 2 * done.sum() < len(rows):
            continue
        # Those who are found leave the search; the others go on by themselves. The last one has
        # company: the sums of one draw alone add in another order.
        ready = rows[done]
        found[ready], point[:, ready] = True, search.point[:, done]
        if some is not lives:
            lives.stock[ready] = some.stock[done]
        if done.all():
            break
        left = ~done
        if left.sum() == 1:
            left[np.argmax(done)] = True
        rows, some, search = rows[left], some.of_draws(left), search.of_draws(left)
    return found


def _alone(law: Law) -> Law:
    """Return the law for a region of one area that nobody enters from outside."""
    values = {**law.values, "migration.demand_share": np.zeros(1)}
    return replace(law, values=values)


def _draws(law: Law) -> tuple[int, ...]:
    """Return the shape of the draws of a law; empty for a single one."""
    values = (np.shape(values)[:-1] for values in law.values.values())
    return np.broadcast_shapes(law.dying.shape[:-4], *values)


def _lived(law: Law) -> Array:
    """Return the persons of each age of a life table ``[..., sex, age]``, 1 at birth."""
    dying = law.dying[..., 0, 0, :, :]
    alive = np.cumprod(1.0 - dying[..., :-1], axis=-1)
    lived = np.concatenate([np.ones_like(dying[..., :1]), alive], axis=-1)
    lived[..., -1] /= dying[..., -1]
    return lived


def _aims(law: Law, factor: Array) -> dict[str, Array]:
    """Return the share of those of an age who are to be in a status with a growth path.

    Parameters
    ----------
    law
        With the profiles.
    factor
        Of each profile ``[status, ...]``.

    Returns
    -------
    dict of Array
        ``[..., 1, sex, age]`` by status, over the ages at which people enter.
    """
    pairs = zip(factor, ENTRIES.items(), strict=True)
    return {name: one[..., None, None, None] * entry.shape(law) for one, (name, entry) in pairs}


def _factor(lives: Lives, entry: Entry, factor: Array, residents: Array, total: Array) -> Array:
    """Return the factor ``[...]`` of a profile at which its status has its total.

    Those past the pension age are in proportion to the factor of the round before; below it, those
    whom full ages lack are in the others.

    Parameters
    ----------
    lives
        Followed with `factor`.
    entry
        Of the status.
    factor
        Of the round before ``[...]``.
    residents, total
        As of :func:`life_course`.
    """
    shape = entry.shape(lives.law)
    there, by_age = (
        lives.stock[..., PERSONS, STATUS[entry.status], 0, :, :],
        factor[..., None, None],
    )
    each = np.divide(there, by_age, out=np.zeros_like(there), where=by_age > 0)
    each[..., ENTRY_AGES] = np.where(shape > 0, shape, each[..., ENTRY_AGES])
    level = total / (residents * each).sum(axis=(-2, -1))
    people = _lived(lives.law)[..., ENTRY_AGES]
    wanted = level * (shape * people).sum(axis=(-2, -1))
    capacity = np.where(shape > 0, lives.capacity[entry.status] * people, 0.0)
    relative = np.divide(shape * people, capacity, out=np.zeros_like(capacity), where=capacity > 0)
    flat = capacity.reshape(*capacity.shape[:-2], shape.size)
    most = np.minimum(wanted, flat.sum(axis=-1))
    return fill_scale(most, flat, relative.reshape(flat.shape))
