"""Net migration between two censuses: the change of every cohort less its survival.

The census survival method with forward survival: United Nations (1970), Manual VI, Methods of
Measuring Internal Migration, ch. II. Those alive at the second census who were alive at the first
are compared with the survivors of the first, those younger with the survivors of the births
between. The difference counts the net migrants who live at the second census, at their age there;
errors of the censuses and of the life table are in it too.

All functions work on arrays ``[..., sex, age]`` of single years, the last age open; a year ends at
an anniversary of the census, and migrants of a year arrive at its end.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.year.demography import age_by_one, death_in_year

STIFFNESS: Final = 100.0
"""Weight of the third differences of :func:`yearly_migrants` where no other is given."""


def mortality_by_year(
    q: Array, improvement: float, since_table: float, years: int
) -> tuple[Array, Array]:
    """Return the mortality of successive years from a life table that improves.

    Parameters
    ----------
    q
        Life table q(x) ``[sex, age]``, as :func:`fsinsure.year.demography.death_in_year` takes it.
    improvement
        Share by which q falls a year.
    since_table
        Years from the table to the first year; may be negative.
    years
        How many years.

    Returns
    -------
    tuple of Array
        Probability of dying in the year by age at its start ``[year, sex, age]``, and of those born
        in it ``[year, sex]``.
    """
    kept = (1.0 - improvement) ** (since_table + np.arange(years))
    return death_in_year(np.minimum(1.0, q * kept[:, None, None]))


def survivors(opening: Array, births: Array, dying: Array, infant: Array) -> Array:
    """Return who would live at the end if nobody moved.

    Parameters
    ----------
    opening
        Persons at the start ``[..., sex, age]``.
    births
        Births of each year ``[year, ..., sex]``.
    dying, infant
        Probability of dying in a year by age at its start ``[year, sex, age]``, and of those born
        in it ``[year, sex]``: :func:`mortality_by_year`.

    Returns
    -------
    Array
        ``[..., sex, age]`` at the end of the last year.
    """
    people = np.array(opening, dtype=np.float64, order="C")
    for born, q, q_infant in zip(births, dying, infant, strict=True):
        people *= 1.0 - q
        age_by_one(people)
        people[..., 0] = born * (1.0 - q_infant)
    return people


def net_migrants(
    opening: Array, closing: Array, births: Array, dying: Array, infant: Array
) -> Array:
    """Estimate the net migrants between two censuses.

    Parameters
    ----------
    opening, closing
        Persons at the two censuses ``[..., sex, age]``.
    births, dying, infant
        As in :func:`survivors`.

    Returns
    -------
    Array
        Persons ``[..., sex, age]`` by age at the second census, negative where more left: ``closing
        - survivors``. Those who came and died, or left again, before it do not count.
    """
    return np.asarray(closing - survivors(opening, births, dying, infant))


def yearly_migrants(net: Array, dying: Array, stiffness: float = STIFFNESS) -> Array:
    """Turn net migrants of a period into those of a mean year, by age in the year of the move.

    The period is a sum over its years, so that a cohort has moved at several ages. The mean year
    is the smooth ``m`` ``[age]`` that, repeated every year, explains the period best: it minimises
    ``|net - A m|² + stiffness |D³ m|²``, where ``A m`` are the survivors at the end of the moves of
    all years and ``D³`` third differences (Whittaker 1923, On a new method of graduation,
    Proceedings of the Edinburgh Mathematical Society 41). The penalty keeps the sum of ``net``
    nearly and lets straight lines and parabolas pass unchanged.

    Parameters
    ----------
    net
        Net migrants of the period ``[..., sex, age]``: :func:`net_migrants`.
    dying
        As in :func:`survivors` ``[year, sex, age]``.
    stiffness
        Weight of the penalty, above 0.

    Returns
    -------
    Array
        Persons a year ``[..., sex, age]`` by age at the end of the year of the move.
    """
    ages = net.shape[-1]
    roughness = np.diff(np.eye(ages), n=3, axis=0)
    penalty = stiffness * roughness.T @ roughness
    yearly = np.empty_like(net)
    for sex in range(net.shape[-2]):
        moved = _moves_of_all_years(dying[:, sex])
        solved = np.linalg.solve(moved.T @ moved + penalty, moved.T)
        yearly[..., sex, :] = net[..., sex, :] @ solved.T
    return yearly


def _moves_of_all_years(dying: Array) -> Array:
    """Return the survivors by age at the end ``[age, age of the move]`` of one move a year.

    ``dying`` is ``[year, age]``.
    """
    ages = dying.shape[-1]
    alive = np.zeros((ages, ages))  # [age of the move, age now]
    for q in dying:
        alive *= 1.0 - q
        age_by_one(alive)
        alive += np.eye(ages)
    return alive.T
