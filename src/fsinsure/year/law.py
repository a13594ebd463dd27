"""Bind the parameters of a run to arrays by year: death, birth, mobility and retirement."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.base_year.census import residents
from fsinsure.dims import AGES, BASE_YEAR
from fsinsure.profiles import profile
from fsinsure.rules.retirement import NEVER, month_index, not_yet_due_share
from fsinsure.sources import national_fertility, published_life_table, read_life_table
from fsinsure.year import response
from fsinsure.year.demography import death_in_year
from fsinsure.year.relief import NO_RELIEF, Half, bind_relief
from fsinsure.year.terms import terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fsinsure.parameters import Parameters
    from fsinsure.scenario.paths import Table, TablePath

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reach:
    """Who reaches the statutory age in a year, by sex and age at 31 December ``[sex, age]``.

    Parameters
    ----------
    share
        Of the people who were still below it on 1 January (or, where nobody was, of those past
        it who have not retired): the share that reaches it by 31 December. Exact to the month.
    below
        Share of the birth year still below it at 31 December.
    """

    share: Array
    below: Array

    @property
    def ages(self) -> slice:
        """The ages at which anybody reaches it."""
        return slice(int(np.argmax((self.share > 0).any(axis=0))), AGES)


@dataclass(frozen=True, eq=False)
class Law:
    """What holds in one year, as arrays.

    Parameters
    ----------
    year
        The calendar year.
    value
        Each path at this year, ``[..., 1, 1, 1, 1]``, ready to meet
        ``[..., quantity, district, sex, age]``.
    number
        The scalars that are numbers.
    dying, infant
        Probability of dying in the year by age at its start ``[..., 1, 1, sex, age]``, and of
        the newborn ``[..., 1, 1, sex, 1]``.
    fertility
        Children a woman by age ``[..., 1, age]``.
    insured, civil, resident
        Who reaches the pensionable age among insured workers, civil staff, and residents.
    arrival
        Where an arrival turns up: ``[district, sex, age]``, adding up to 1.
    money
        The money terms (:func:`fsinsure.year.terms.terms`) ``[..., 1, 1, 1]``; empty where only
        heads are counted.
    relief
        The cuts of contributions in the two half-years.
    tables
        The tables of the law, those of other years too.
    """

    year: int
    value: Mapping[str, Array]
    number: Mapping[str, float]
    dying: Array
    infant: Array
    fertility: Array
    insured: Reach
    civil: Reach
    resident: Reach
    arrival: Array
    money: Mapping[str, Array] = field(default_factory=dict)
    relief: tuple[Half, Half] = NO_RELIEF
    tables: Mapping[str, TablePath] = field(default_factory=dict)

    def rate(self, name: str) -> Array:
        """Return a path at this year ``[...]`` without the cell axes."""
        return self.value[name][..., 0, 0, 0, 0]

    def table(self, name: str) -> Table:
        """Return the keys and values of a table in this year: ``pension.annuity_divisors``."""
        return self.tables[name].at(self.year)


def bind(parameters: Parameters, *, money: bool = False) -> list[Law]:
    """Return the law of every projected year.

    Parameters
    ----------
    parameters
        Resolved and held at the base year.
    money
        Whether to work out the money terms too.
    """
    dying, infant = _mortality(parameters)
    fertility = national_fertility()
    insured, civil, resident = _retirement(parameters)
    arrival = residents().sum(axis=(1, 2), keepdims=True) * profile("arrival")
    arrival = arrival / arrival.sum()
    number = {
        name: float(value)
        for name, value in parameters.scalars.items()
        if isinstance(value, int | float)
    }
    amounts = terms(parameters) if money else {}
    reliefs = bind_relief(parameters.scenario.relief, number["wage.small_firm_share"])
    paths = {**parameters.paths, **response.growth(parameters)}
    laws = []
    for index, year in enumerate(parameters.years):
        value = {name: values[..., index, None, None, None, None] for name, values in paths.items()}
        laws.append(
            Law(
                int(year),
                value,
                number,
                dying[..., index, None, None, :, :],
                infant[..., index, None, None, :, None],
                value["fertility.level"][..., 0, 0, :] * fertility,
                insured[index],
                civil[index],
                resident[index],
                arrival,
                {name: found[..., index, None, None, None] for name, found in amounts.items()},
                reliefs.get(int(year), NO_RELIEF),
                parameters.tables,
            )
        )
    return laws


def _mortality(parameters: Parameters) -> tuple[Array, Array]:
    """Deaths in the year ``[..., year, sex, age]`` and of the newborn ``[..., year, sex]``."""
    table = str(parameters.scalars["mortality.table"])
    if table.endswith(".csv"):
        folder = parameters.scenario.folder or Path()
        q = read_life_table(folder / table)
    else:
        q = published_life_table(table)
    improvement = parameters.path("mortality.improvement")
    kept = np.cumprod(1.0 - improvement, axis=-1)
    # From the year of the table to the base year the first rate of the path holds.
    years = BASE_YEAR - parameters.number("mortality.table_year")
    kept = kept * (1.0 - improvement[..., :1]) ** years
    q_by_year = np.minimum(1.0, q * kept[..., None, None])
    return death_in_year(q_by_year)


def _retirement(parameters: Parameters) -> tuple[list[Reach], ...]:
    start = parameters.scalars["retirement.delay_from"]
    rules = tuple(
        tuple(
            parameters.number(f"retirement.{rule}_{who}")
            for rule in ("age", "delay_step", "delay_max")
        )
        for who in ("male", "cadre", "worker")
    )
    return _reach_by_year(
        int(parameters.years[-1]),
        NEVER if start is None else month_index(int(start), 1),
        rules,
        parameters.number("retirement.age_resident"),
        parameters.number("retirement.cadre_share"),
    )


@lru_cache(maxsize=64)
def _reach_by_year(
    horizon: int,
    start: int,
    rules: tuple[tuple[float, ...], ...],
    resident_age: float,
    cadre_share: float,
) -> tuple[list[Reach], ...]:
    """Who reaches the pensionable age each year: insured workers, civil staff, residents."""
    years = np.arange(BASE_YEAR, horizon + 1)[:, None]
    # Share of each birth year below the age at each 31 December ``[year, age]``.
    men, cadres, workers = (
        not_yet_due_share(years - np.arange(AGES), years, age, start, step, most)
        for age, step, most in rules
    )
    women = cadre_share * cadres + (1.0 - cadre_share) * workers
    residents_below = not_yet_due_share(years - np.arange(AGES), years, resident_age, NEVER, 1, 0)
    return tuple(
        _reach(np.stack(below, axis=1))
        for below in ((men, women), (men, cadres), (residents_below, residents_below))
    )


def _reach(below: Array) -> list[Reach]:
    """Turn the shares below the age ``[year, sex, age]`` into who reaches it in each year."""
    after = below[1:]
    # The same people a year before: one age younger, and everyone was below it at birth.
    before = np.concatenate([np.ones_like(after[..., :1]), below[:-1, :, :-1]], axis=-1)
    share = np.divide(before - after, before, out=np.ones_like(after), where=before > 0)
    return [Reach(*pair) for pair in zip(share, after, strict=True)]
