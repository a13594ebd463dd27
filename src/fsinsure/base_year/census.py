"""The residents of the base year by area, sex and single year of age, from the census.

Every cell of the census is met exactly; single years within an age group are those of
:mod:`fsinsure.base_year.single_years`. A census stands for the 31 December of its year; an earlier
one than the base year is carried forward to it (:mod:`fsinsure.base_year.forward`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.arrays import read_only
from fsinsure.base_year.forward import carried_forward
from fsinsure.base_year.single_years import open_shares, single_years
from fsinsure.dims import AGES, SEXES
from fsinsure.life_tables import published_life_table
from fsinsure.region.census import base_census, census_of
from fsinsure.year.demography import death_in_year

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.region.region import Region


@lru_cache(maxsize=64)
def residents(region: Region, census: str | None = None) -> Array:
    """Return the residents ``[area, sex, age]`` at a census or at the base date, read-only.

    Parameters
    ----------
    region
        With its census.
    census
        Its year in ``census.csv``. Unless one is given the residents are those of the base date:
        of its census, or of the last one before it, carried forward.
    """
    if census is None:
        last = base_census(region)
        people = residents(region, last)
        if int(last) == region.base_year:
            return people
        return read_only(carried_forward(region, people, int(last)))
    found = census_of(region, census)
    table = region.values["mortality.table"][0].text
    q = published_life_table(table, region.tables["mortality"])
    dying, _ = death_in_year(q)
    counts = found.counts
    if counts.shape[1] == 1:
        shares = open_shares(counts[:, 0], found.starts, dying.mean(axis=0))
        together = single_years(counts[:, 0], found.starts, shares)
        people = by_sex(together, q, float(region.values["fertility.sex_ratio"][0].text))
    else:
        shares = open_shares(counts, found.starts, dying)
        people = single_years(counts, found.starts, shares)
    assert people.shape[1:] == (len(SEXES), AGES)
    return read_only(people)


def by_sex(people: Array, q: Array, sex_ratio: float) -> Array:
    """Split people ``[..., age]`` into ``[..., sex, age]`` by the sex ratio at birth and survival.

    The ratio of men to women at age x is that at birth times ``L(x)`` of men over ``L(x)`` of
    women, the person-years lived in the life table.

    Parameters
    ----------
    people
        Persons, both sexes together.
    q
        Life table q(x) ``[sex, age]``.
    sex_ratio
        Boys born for each girl.
    """
    alive = np.cumprod(1.0 - q[:, :AGES], axis=1)
    alive = np.concatenate([np.ones((len(SEXES), 1)), alive], axis=1)
    lived = alive[:, :-1] + alive[:, 1:]
    ratio = sex_ratio * np.divide(lived[0], lived[1], out=np.ones(AGES), where=lived[1] > 0)
    men = people * ratio / (1.0 + ratio)
    return np.stack([men, people - men], axis=-2)
