"""Bind the parameters of a run to arrays by year: death, birth, mobility and retirement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Flags, draws_last, read_only
from fsinsure.base_year.census import residents
from fsinsure.dims import AGES, YEAR
from fsinsure.life_tables import fertility_in, published_life_table, read_life_table
from fsinsure.parameters import Parameters
from fsinsure.paths import Table, TablePath
from fsinsure.region.region import Region
from fsinsure.statuses import ALIGNED
from fsinsure.year import response
from fsinsure.year.demography import death_in_year, open_age
from fsinsure.year.pension_age import CLAIMS, ON_TIME, Reach, claim_shares, reach_by_year
from fsinsure.year.relief import NO_RELIEF, Half, bind_relief
from fsinsure.year.terms import money_terms

PROFILES: Final = ("departure", *ALIGNED)
"""The age profiles that events read."""


@dataclass(frozen=True, eq=False)
class Law:
    """What holds in one year, as arrays.

    Parameters
    ----------
    region
        Whose law it is.
    year
        The calendar year.
    values
        Each number, each path and each money term (:func:`fsinsure.year.terms.money_terms`; none
        where only heads are counted) at this year ``[..., area]``, one entry where areas are alike.
    dying, infant
        Probability of dying in the year by age at its start ``[..., 1, 1, sex, age]``, and of
        the newborn ``[..., 1, 1, sex, 1]``.
    fertility
        Children a woman by age ``[..., 1, age]``.
    reach
        Who reaches the pension ages (:data:`fsinsure.year.pension_age.WHO`).
    claims
        The claims that anybody makes: :data:`fsinsure.year.pension_age.CLAIMS`.
    arrival
        Distribution of arrivals ``[area, sex, age]``, adding up to 1.
    profiles
        Age profiles of departures and of statuses with a growth path by name ``[sex, age]``.
    relief
        The cuts of contributions in the two half-years.
    tables
        The tables of the law, those of other years too.
    short
        Where growth ends when nobody is left who could enter: filled with the draws ``[...]`` in
        which it did, once for every growth path. None where that is an error.
    """

    region: Region
    year: int
    values: Mapping[str, Array]
    dying: Array
    infant: Array
    fertility: Array
    reach: Mapping[str, Reach]
    claims: tuple[int, ...]
    arrival: Array
    profiles: Mapping[str, Array]
    relief: tuple[Half, Half] = NO_RELIEF
    tables: Mapping[str, TablePath] = field(default_factory=dict)
    short: list[Flags] | None = None

    @property
    def cadre_share(self) -> Array:
        """The share of women with the pension age of cadres when they enter the population.

        It meets ``[..., area, age]``.
        """
        return self.values["retirement.cadre_share"][..., None]

    @cached_property
    def first_retiring(self) -> dict[str, int]:
        """The first age at which men, women cadres and women workers reach the pension age."""
        return {who: _first_reached(self.reach[who]) for who in ("male", "cadre", "worker")}

    @cached_property
    def retiring(self) -> slice:
        """The ages at which anybody insured reaches the pension age."""
        reached = [self.reach[who].share.any(axis=0) for who in ("male", "cadre", "worker")]
        return slice(int(np.argmax(np.any(reached, axis=0))), AGES)

    def share(self, name: str) -> Array:
        """Return a value that meets ``[..., quantity, area, sex, age]``."""
        return self.values[name][..., None, :, None, None]

    def cells(self, name: str) -> Array:
        """Return a value that meets ``[..., area, sex, age]``."""
        return self.values[name][..., None, None]

    def areas(self, name: str) -> Array:
        """Return a value that meets ``[..., area]``."""
        return self.values[name]

    def rate(self, name: str) -> Array:
        """Return a value that is the same in all areas ``[...]``."""
        return self.values[name][..., 0]

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
        Whether to compute the money terms too.
    """
    dying, infant = _mortality(parameters)
    region = parameters.region
    fertility = fertility_in(region.tables["fertility"])
    reach = reach_by_year(parameters)
    claims = tuple(claim for claim in CLAIMS if claim == ON_TIME or claim_shares(parameters)[claim])
    constants = parameters.constants
    amounts = money_terms(parameters) if money else {}
    reliefs = bind_relief(parameters.scenario.relief, constants["wage.small_firm_share"])
    minimum = parameters.path("retirement.min_months")
    late = parameters.number("retirement.late_months")
    amounts["retirement.min_months_late"] = _years_before(minimum, late)
    amounts["retirement.min_months_last_year"] = _years_before(minimum, YEAR)
    paths = {name: found[..., None] for name, found in {**parameters.paths, **amounts}.items()}
    paths |= {**parameters.area_paths, **response.growth(parameters)}
    profiles = {name: parameters.profile(name) for name in PROFILES}
    laws = []
    for index, year in enumerate(parameters.years):
        values = constants | {name: _beside(found[..., index, :]) for name, found in paths.items()}
        q = _beside(dying[..., index, None, None, :, :], 4), infant[..., index, None, None, :, None]
        children = values["fertility.level"][..., None] * fertility
        halves = reliefs.get(int(year), NO_RELIEF)
        terms = (
            *q,
            children,
            reach[index],
            claims,
            _arrival(parameters, index),
            profiles,
            halves,
            parameters.tables,
        )
        short: list[Flags] | None = [] if parameters.limited else None
        laws.append(Law(region, int(year), values, *terms, short))
    return laws


def _first_reached(reach: Reach) -> int:
    """Return the first age at which anybody claims, or reaches the statutory age."""
    reached = (reach.share > 0).any(axis=0) | (reach.statutory > 0)
    return int(np.argmax(reached)) if reached.any() else AGES


def _beside(values: Array, axes: int = 1) -> Array:
    """Return values with so many axes behind the draws, these side by side in memory."""
    return draws_last(values) if values.ndim > axes else values


def _arrival(parameters: Parameters, index: int) -> Array:
    """Return the distribution of arrivals ``[area, sex, age]`` in a projected year."""
    weight = parameters.by_area("migration.arrival_weight")[..., index, :]
    people = residents(parameters.region).sum(axis=(1, 2))
    where = (people * weight)[..., None, None] * parameters.profile("arrival")
    return np.asarray(where / where.sum(axis=(-3, -2, -1), keepdims=True))


def _mortality(parameters: Parameters) -> tuple[Array, Array]:
    """Deaths in the year ``[..., year, sex, age]`` and of the newborn ``[..., year, sex]``."""
    table = str(parameters.scalars["mortality.table"])
    if table.endswith(".csv"):
        folder = parameters.scenario.folder or Path()
        q = open_age(read_life_table(folder / table))
    else:
        q = _published(parameters.region, table)
    level = parameters.constant("mortality.level")[..., None, None]
    q = np.minimum(1.0, level * q)  # [..., 1, sex, age]
    improvement = parameters.path("mortality.improvement")
    kept = np.cumprod(1.0 - improvement, axis=-1)
    # From the year of the table to the base year the first rate of the path holds.
    years = parameters.region.base_year - parameters.number("mortality.table_year")
    kept = kept * (1.0 - improvement[..., :1]) ** years
    q_by_year = np.minimum(1.0, q * kept[..., None, None])
    return death_in_year(q_by_year)


@lru_cache(maxsize=64)
def _published(region: Region, table: str) -> Array:
    """Remember a published life table with an open age ``[sex, age]``, read-only."""
    return read_only(open_age(published_life_table(table, region.tables["mortality"])))


def _years_before(path: Array, months: float) -> Array:
    """Shift a path ``[..., year]`` by whole years; before the first year its first value holds."""
    index = np.maximum(np.arange(path.shape[-1]) - int(months) // 12, 0)
    return np.asarray(path[..., index])
