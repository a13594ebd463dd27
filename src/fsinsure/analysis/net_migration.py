"""Net migration of a region between its last two censuses, by area, sex and age.

Formula and method: :mod:`fsinsure.base_year.migration` and docs/population.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.base_year.census import residents
from fsinsure.base_year.forward import mortality
from fsinsure.base_year.migration import net_migrants, yearly_migrants
from fsinsure.dims import AGES, SEXES
from fsinsure.errors import InputError
from fsinsure.region.census import base_census
from fsinsure.tables import add_levels, with_total
from fsinsure.year.demography import sex_shares

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.region.region import Region

BIRTHS: Final = "births.resident"
"""The series of outcomes with the births between the censuses."""


def net_migration(region: Region) -> pd.DataFrame:
    """Estimate the net migration between the last census up to the base year and the one before it.

    Parameters
    ----------
    region
        With two censuses in ``census.csv``, and births (``births.resident`` in ``outcomes.csv``) of
        at least two years, the first of them no later than the earlier census. Births between the
        years that are given are linear.

    Returns
    -------
    DataFrame
        Columns level, area, sex, age (at the second census), net (persons of the whole period,
        by age at the second census) and yearly (persons of a mean year, by age in the year of the
        move).

    Raises
    ------
    InputError
        If there is no earlier census, or no births are given.

    Examples
    --------
    >>> import fsinsure as fs
    >>> found = fs.net_migration(fs.regions()["foshan"])
    >>> bool(found.query("level == 'total'")["net"].sum() > 1_500_000)
    True
    """
    first, last = _censuses(region)
    opening, closing = residents(region, str(first)), residents(region, str(last))
    dying, infant = mortality(region, first, last)
    born = _births(region, first, last)
    net = net_migrants(opening, closing, born, dying, infant)
    yearly = yearly_migrants(net, dying)
    places = pd.MultiIndex.from_product(
        [region.places, SEXES, range(AGES)], names=["area", "sex", "age"]
    )
    values = {"net": with_total(net, 0).ravel(), "yearly": with_total(yearly, 0).ravel()}
    return add_levels(pd.DataFrame(values, index=places).reset_index(), region)


def _censuses(region: Region) -> tuple[int, int]:
    """Return the years of the last two censuses that are not after the base year."""
    last = int(base_census(region))
    known = sorted({int(row["census"]) for row in region.census})
    earlier = [year for year in known if year < last]
    if not earlier:
        raise InputError(
            f"{region.name}: net migration needs a census before {last}: add its rows to census.csv"
        )
    return earlier[-1], last


def _births(region: Region, first: int, last: int) -> Array:
    """Return the births of each year between two censuses ``[year, area, sex]``."""
    youngest = residents(region, str(last))[..., 0].sum(axis=-1)
    known: dict[int, Array] = {}
    for one in region.outcomes:
        if one.series == BIRTHS:
            year = int(one.date[:4])
            by_area = known.setdefault(year, np.zeros(len(region.codes)))
            if one.area:
                by_area[region.codes.index(one.area)] += one.amount
            else:
                by_area += one.amount * youngest / youngest.sum()
    if not known:
        raise InputError(
            f"{region.name}: net migration needs births between {first} and {last}: add rows of "
            f"the series {BIRTHS} to outcomes.csv"
        )
    years = np.arange(first + 1, last + 1)
    points = np.array(sorted(known))
    born = np.stack(
        [np.interp(years, points, [known[year][area] for year in points.tolist()])
         for area in range(len(region.codes))], axis=-1
    )  # fmt: skip
    shares = sex_shares(float(region.values["fertility.sex_ratio"][0].text))
    return np.asarray(born[..., None] * shares)
