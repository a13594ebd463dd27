"""The demographic step: deaths, ageing, births and migration of one step, as pure functions.

Deaths follow the Lexis diagram. People are counted at 31 December by age last birthday, so those
of age x spend the year partly at age x and partly at age x + 1, and survive it with the life-table
ratio ``L(x+1) / L(x)``, where ``L(x) = (l(x) + l(x+1)) / 2`` are the person-years lived at age x
with deaths spread evenly over the year of age. A newborn reaches 31 December with ``L(0) / l(0)``.
A stationary population therefore stays exactly as it is. The same formulas hold for age groups of
any width and steps of that width. See Preston, Heuveline and Guillot (2001), Demography, ch. 3
and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES
from fsinsure.errors import InputError

EXTENDED: Final = 100
"""Rows by which a table that ends with its open age is extended."""


def death_in_year(death_probability: Array, groups: int = AGES) -> tuple[Array, Array]:
    """Turn life-table probabilities into the probability of dying within a calendar step.

    Parameters
    ----------
    death_probability
        q(x) ``[..., age]`` for all age groups of the population or beyond. Where the table ends
        at the open age, its last entry is the probability of everyone of that age and over;
        certain death there is replaced (:func:`open_age`).
    groups
        Age groups of the population, the last open: 101 single years unless given.

    Returns
    -------
    tuple of Array
        Probability of dying in the step by age at its start ``[..., groups]``, and that of a
        child born in the step ``[...]``: ``1 - L(x+1)/L(x)``, for the open age, say 100,
        ``1 - T(101)/T(100)`` with ``T(x) = L(x) + L(x+1) + ...``, and ``1 - L(0)/l(0) = q(0)/2``.

    Raises
    ------
    ValueError
        If the table ends before the open age.
    InputError
        If it cannot be extended (:func:`open_age`).
    """
    q = np.asarray(death_probability, dtype=np.float64)
    if q.shape[-1] < groups:
        raise ValueError(
            f"a life table must reach the open age {groups - 1}, this one ends at {q.shape[-1] - 1}"
        )
    q = open_age(q, groups)
    young = q[..., :groups]
    survive = (1.0 - young[..., :-1]) * (2.0 - young[..., 1:]) / (2.0 - young[..., :-1])
    dying = np.concatenate([1.0 - survive, _stationary(q[..., groups - 1 :])[..., None]], axis=-1)
    return dying, q[..., 0] / 2.0


def open_age(death_probability: Array, groups: int = AGES) -> Array:
    """Give the open age of a life table that ends there a probability for one step.

    The last row of such a table describes an open group. By convention its q is 1: all of them
    die at some time, not within the step. That 1 is replaced by the probability of the
    stationary population of the group in a table in which ``q/(1-q)`` grows geometrically with age,
    ``q/(1-q) = G H^x``, as in the last term of Heligman and Pollard (1980), The age pattern of
    mortality, Journal of the Institute of Actuaries 107: a least-squares line through
    ``log(q/(1-q))`` of the oldest fifth of the table (ages 80 to 99).

    Parameters
    ----------
    death_probability
        q(x) ``[..., age]``. A table that goes on beyond the open age, that ends with another
        probability than 1, or that has certain death before its last row too is returned as it is.
    groups
        As in :func:`death_in_year`.

    Returns
    -------
    Array
        ``[..., age]``, the same but for its last entry.

    Raises
    ------
    InputError
        If a probability of the oldest fifth is 0 or 1, so that the line is not defined.
    """
    q = np.asarray(death_probability, dtype=np.float64)
    closed = (q[..., -1] == 1.0) & (q[..., -2] < 1.0)
    if q.shape[-1] != groups or not closed.any():
        return q
    fitted = max(2, groups // 5)
    tails = q[closed][:, -1 - fitted : -1]
    if not ((tails > 0) & (tails < 1)).all():
        raise InputError(
            "a life table that ends at its open age {groups} with certain death is extended from "
            "the ages before, but a probability of {first} to {last} is 0 or 1: give rows beyond, "
            "or the probability of the open age itself",
            groups=groups - 1,
            first=groups - 1 - fitted,
            last=groups - 2,
        )
    ages = np.arange(-fitted, EXTENDED, dtype=np.float64)
    level, growth = np.polynomial.polynomial.polyfit(
        ages[:fitted], np.log(tails / (1.0 - tails)).T, 1
    )
    ratio = np.exp(level[:, None] + growth[:, None] * ages[fitted:])  # q / (1 - q)
    q = q.copy()
    q[closed, -1] = _stationary(ratio / (1.0 + ratio))
    return q


def _stationary(q: Array) -> Array:
    """Probability of death of the stationary population of all ages of ``q [..., age]``."""
    if q.shape[-1] == 1:
        return q[..., 0]
    alive = np.cumprod(1.0 - q, axis=-1)
    alive = np.concatenate([np.ones_like(alive[..., :1]), alive], axis=-1)  # l(100), l(101), ...
    lived = (alive[..., :-1] + alive[..., 1:]) / 2.0
    return np.asarray(lived[..., 0] / lived.sum(axis=-1))


def age_by_one(stock: Array) -> None:
    """Turn a stock ``[..., age]``, contiguous in any order of axes, one age group older in place.

    The open age collects, age 0 is empty.
    """
    oldest = stock[..., -1].copy()
    # One shift of the whole memory: what crosses from one row into the next is overwritten.
    outermost_first = sorted(range(stock.ndim), key=lambda axis: -stock.strides[axis])
    flat = stock.transpose(outermost_first).reshape(-1, copy=False)
    step = stock.strides[-1] // stock.itemsize  # more than 1 where draws lie side by side
    flat[step:] = flat[:-step]
    stock[..., 0] = 0.0
    stock[..., -1] += oldest


def births(women_start: Array, women_end: Array, fertility: Array) -> Array:
    """Births of a year: fertility times the mean of the women at its start and its end.

    The mean counts the migrants of the year by half: they are exposed for half of it on average.

    Parameters
    ----------
    women_start, women_end
        Women by age ``[..., age]`` on the two 31 Decembers; at the end survivors and the year's
        migrants.
    fertility
        Children a woman a year by age ``[..., age]``, of any age.

    Returns
    -------
    Array
        Births ``[...]``, both sexes together.
    """
    return np.asarray(((women_start + women_end) / 2.0 * fertility).sum(axis=-1))


def sex_shares(sex_ratio: float | Array) -> Array:
    """Shares of boys and girls ``[..., 2]`` at a sex ratio (boys per girl)."""
    boys = np.asarray(sex_ratio, dtype=np.float64) / (1.0 + np.asarray(sex_ratio))
    return np.stack([boys, 1.0 - boys], axis=-1)


@dataclass(frozen=True, eq=False)
class Step:
    """One demographic step: ``population [..., sex, age]``, ``births`` and ``deaths`` by sex.

    `births` is ``[..., sex]``; `deaths` is ``[..., sex, age]`` by age at the start of the step,
    deaths of the newborn added to age 0.
    """

    population: Array
    births: Array
    deaths: Array


def step(
    population: Array,
    dying: Array,
    newborn_dying: Array,
    fertility: Array,
    sex_ratio: float,
    net_migrants: Array | float = 0.0,
    *,
    width: int = 1,
) -> Step:
    """Project a population by one step, as long as its age groups are wide.

    The cohort component method (Preston, Heuveline and Guillot 2001, section 6.3).

    Parameters
    ----------
    population
        Persons ``[..., sex, age]`` (male, female; the last age open) at the start.
    dying, newborn_dying
        Probabilities of dying in the step by age at its start ``[..., sex, age]``, and of those
        born in it ``[..., sex]``, as :func:`death_in_year` returns them.
    fertility
        Children a woman a year by age ``[..., age]``.
    sex_ratio
        Boys born per girl.
    net_migrants
        Net migrants of the step ``[..., sex, age]``. Half of them move at its start and are
        exposed to its mortality and fertility, half at its end.
    width
        Years in an age group and in the step.

    Returns
    -------
    Step
        Population at the end, births and deaths: ``population + births - deaths + net migrants``
        adds up.

    Raises
    ------
    ValueError
        If more people leave a cell than live there, naming sex and age.
    """
    population = np.asarray(population, dtype=np.float64)
    half = np.asarray(net_migrants, dtype=np.float64) / 2.0
    exposed = population + half
    deaths = exposed * dying
    closing = exposed - deaths
    age_by_one(closing)
    closing += half
    born = width * births(population[..., 1, :], closing[..., 1, :], fertility)
    by_sex = born[..., None] * sex_shares(sex_ratio)
    closing[..., 0] += by_sex * (1.0 - newborn_dying)
    deaths[..., 0] += by_sex * newborn_dying
    if (np.minimum(exposed, closing) < 0).any():
        *_, sex, age = np.argwhere(np.minimum(exposed, closing) < 0)[0]
        raise ValueError(
            f"more {('men', 'women')[sex]} of age {width * age} leave than live there: "
            "reduce the net departures of that age"
        )
    return Step(closing, by_sex, deaths)
