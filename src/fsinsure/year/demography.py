"""The demographic step: deaths, ageing, births and migration of one year, as pure functions.

The year's deaths follow the Lexis diagram. People are counted at 31 December by age last birthday,
so someone of age x spends the year partly at age x and partly at age x + 1, and survives it with
the life-table ratio ``L(x+1) / L(x)``, where ``L(x) = (l(x) + l(x+1)) / 2`` are the person-years
lived at age x with deaths spread evenly over the year of age; a newborn reaches 31 December with
``L(0) / l(0)``. A stationary population therefore stays exactly as it is. See Preston, Heuveline
and Guillot (2001), Demography, ch. 3 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FERTILE_AGES = slice(15, 50)


def death_in_year(death_probability: Array) -> tuple[Array, Array]:
    """Turn life-table probabilities into the probability of dying within a calendar year.

    Parameters
    ----------
    death_probability
        q(x) ``[..., age]`` for ages 0 to 100 or beyond. Where the table ends at 100, its last
        entry is the yearly probability of everyone of that age and over.

    Returns
    -------
    tuple of Array
        Probability of dying in the year by age at its start ``[..., 101]``, and that of a child
        born in the year ``[...]``: ``1 - L(x+1)/L(x)``, for the open age ``1 - T(101)/T(100)``
        with ``T(x) = L(x) + L(x+1) + ...``, and ``1 - L(0)/l(0) = q(0) / 2``.

    Raises
    ------
    ValueError
        If the table ends before age 100.
    """
    q = np.asarray(death_probability, dtype=np.float64)
    if q.shape[-1] < AGES:
        raise ValueError(f"a life table must reach age 100, this one ends at {q.shape[-1] - 1}")
    young = q[..., :AGES]
    survive = (1.0 - young[..., :-1]) * (2.0 - young[..., 1:]) / (2.0 - young[..., :-1])
    dying = np.concatenate([1.0 - survive, _open_age(q[..., AGES - 1 :])[..., None]], axis=-1)
    return dying, q[..., 0] / 2.0


def _open_age(q: Array) -> Array:
    """Yearly probability of death of everyone from the first age of ``q [..., age]`` on."""
    if q.shape[-1] == 1:
        return q[..., 0]
    alive = np.cumprod(1.0 - q, axis=-1)
    alive = np.concatenate([np.ones_like(alive[..., :1]), alive], axis=-1)  # l(100), l(101), ...
    lived = (alive[..., :-1] + alive[..., 1:]) / 2.0
    return np.asarray(lived[..., 0] / lived.sum(axis=-1))


def age_by_one(stock: Array) -> None:
    """Turn a stock ``[..., age]``, contiguous, a year older in place.

    The open age collects, age 0 is empty.
    """
    oldest = stock[..., -1].copy()
    # One shift of the whole memory: what crosses from one row into the next is overwritten.
    flat = stock.reshape(-1, copy=False)
    flat[1:] = flat[:-1]
    stock[..., 0] = 0.0
    stock[..., -1] += oldest


def births(women_start: Array, women_end: Array, fertility: Array) -> Array:
    """Children born in a year: fertility times the mean of women at its start and its end.

    Parameters
    ----------
    women_start, women_end
        Women by age ``[..., 101]`` on the two 31 Decembers (at the end: survivors, before
        migration).
    fertility
        Children a woman a year by age ``[..., 101]``; ages outside 15-49 are not counted.

    Returns
    -------
    Array
        Births ``[...]``, both sexes together.
    """
    women = (women_start[..., FERTILE_AGES] + women_end[..., FERTILE_AGES]) / 2.0
    return np.asarray((women * fertility[..., FERTILE_AGES]).sum(axis=-1))


def sex_shares(sex_ratio: float | Array) -> Array:
    """Shares of boys and girls ``[..., 2]`` at a sex ratio (boys per girl)."""
    boys = np.asarray(sex_ratio, dtype=np.float64) / (1.0 + np.asarray(sex_ratio))
    return np.stack([boys, 1.0 - boys], axis=-1)


@dataclass(frozen=True, eq=False)
class Step:
    """One demographic year: ``population [..., sex, age]``, ``births`` and ``deaths`` by sex.

    `births` is ``[..., sex]``; `deaths` is ``[..., sex, age]`` by age at the start of the year,
    deaths of the newborn added to age 0.
    """

    population: Array
    births: Array
    deaths: Array


def step(
    population: Array,
    death_probability: Array,
    fertility: Array,
    sex_ratio: float,
    net_migrants: Array | float = 0.0,
) -> Step:
    """Project a population by one year.

    Parameters
    ----------
    population
        Persons ``[..., sex, age]`` (male, female; ages 0 to 100, the last open) at 31 December.
    death_probability
        Life-table q(x) ``[..., sex, age]`` for ages 0 to 100 or beyond (:func:`death_in_year`).
    fertility
        Children a woman a year by age ``[..., age]``.
    sex_ratio
        Boys born per girl.
    net_migrants
        Net migrants of the year ``[..., sex, age]`` by age at its end; they neither die nor bear
        children here in the year of their move.

    Returns
    -------
    Step
        Population at the next 31 December, births and deaths: ``population + births - deaths +
        net migrants`` adds up.

    Raises
    ------
    ValueError
        If more people leave a cell than live there, naming sex and age.
    """
    population = np.asarray(population, dtype=np.float64)
    dying, infant = death_in_year(death_probability)
    deaths = population * dying
    older = population - deaths
    age_by_one(older)
    born = births(population[..., 1, :], older[..., 1, :], fertility)
    by_sex = born[..., None] * sex_shares(sex_ratio)
    older[..., 0] += by_sex * (1.0 - infant)
    deaths[..., 0] += by_sex * infant
    older = older + net_migrants
    if (older < 0).any():
        *_, sex, age = np.argwhere(older < 0)[0]
        raise ValueError(
            f"more {('men', 'women')[sex]} of age {age} leave than live there: "
            "reduce the net departures of that age"
        )
    return Step(older, by_sex, deaths)
