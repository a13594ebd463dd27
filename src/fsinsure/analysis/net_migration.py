"""Net migration of a region between its last two censuses, by area, sex and age.

Formula and method: :mod:`fsinsure.base_year.migration` and docs/population.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.base_year.census import residents
from fsinsure.base_year.forward import mortality
from fsinsure.base_year.migration import net_migrants, yearly_migrants
from fsinsure.checks import prepare
from fsinsure.dims import AGES, SEXES, TOTAL
from fsinsure.engine.cohort import project
from fsinsure.errors import DataError, InputError
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.region.census import base_census
from fsinsure.region.names import BIRTHS
from fsinsure.scenario import Scenario
from fsinsure.sources import CONFIDENCES
from fsinsure.state import ARRIVED, DEPARTED
from fsinsure.tables import add_levels, with_total
from fsinsure.year.demography import sex_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array
    from fsinsure.region.region import Region
    from fsinsure.sources import Outcome


def net_migration(region: Region) -> pd.DataFrame:
    """Estimate the net migration between the last census up to the base year and the one before it.

    Parameters
    ----------
    region
        With two censuses in ``census.csv``, and births (``births.resident`` in ``outcomes.csv``):
        the first year no later than that after the earlier census, the last no earlier than the
        base year. Births between the years that are given are linear. A year has births of every
        area, or of the region, which are divided by the children under one of the last census.

    Returns
    -------
    DataFrame
        Columns level, area, sex, age (at the second census), net (persons of the whole period,
        by age at the second census) and yearly (persons of a mean year, by age in the year of the
        move).

    Raises
    ------
    InputError
        If there is no earlier census, births are not given from the first to the last year, or
        those of a year cannot be used; the message names file and row.

    Examples
    --------
    >>> import fsinsure as fs
    >>> found = fs.net_migration(fs.regions()["foshan"])
    >>> bool(found.query("level == 'total'")["net"].sum() > 1_500_000)
    True
    """
    first, last = censuses(region)
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


class Gross(NamedTuple):
    """Gross migration of the first projected year that keeps a net migration.

    Parameters
    ----------
    net
        Persons of a mean year between the censuses.
    departed
        Persons who leave by the rates of the region.
    recruited
        Employees who arrive because employers recruit outside (``migration.demand_share``).
    arrivals
        ``migration.arrivals`` at which they add up to `net`, not below 0.
    """

    net: float
    departed: float
    recruited: float
    arrivals: float


def gross_migration(region: Region, estimated: pd.DataFrame) -> Gross:
    """Return the arrivals of the first projected year that keep an estimated net migration.

    Parameters
    ----------
    region
        Its base year is closed, and its first year projected.
    estimated
        From :func:`net_migration`.

    Raises
    ------
    InputError
        If the base year cannot be closed.
    PoolError
        If a growth path of the first year asks for more people than there are.
    """
    first = Scenario(region.name, region.title, region, region.first_year)
    flows = project(*prepare(first)).flows[region.first_year]
    departed = sum(float(one.persons.sum()) for one in flows if one.target == DEPARTED)
    recruited = sum(
        float(one.persons.sum())
        for one in flows
        if (one.source, one.target) == (ARRIVED, "employee")
    )
    net = float(estimated.loc[estimated["level"] == TOTAL, "yearly"].sum())
    return Gross(net, departed, recruited, max(net + departed - recruited, 0.0))


def censuses(region: Region) -> tuple[int, int]:
    """Return the years of the last two censuses that are not after the base year."""
    last = int(base_census(region))
    known = sorted({int(row["census"]) for row in region.census})
    earlier = [year for year in known if year < last]
    if not earlier:
        raise InputError(
            "{name}: net migration needs a census before {last}: add its rows to census.csv",
            name=region.name,
            last=last,
        )
    return earlier[-1], last


def _births(region: Region, first: int, last: int) -> Array:
    """Return the births of each year between two censuses ``[year, area, sex]``."""
    youngest = residents(region, str(last))[..., 0].sum(axis=-1)
    by_year: dict[int, list[Outcome]] = {}
    for one in region.outcomes:
        if one.series == BIRTHS:
            by_year.setdefault(_year(one), []).append(one)
    known = {year: _of_year(found, region, youngest) for year, found in sorted(by_year.items())}
    if not known or min(known) > first + 1 or max(known) < last:
        given = (
            Message("; there are those of {known}", known=separated(map(str, known)))
            if known
            else EMPTY
        )
        raise InputError(
            "{name}: net migration needs births from {first} (or earlier) to {last}, at least of "
            "the first and the last year{given}. Add rows of the series {births} to outcomes.csv",
            name=region.name,
            first=first + 1,
            last=last,
            given=given,
            births=BIRTHS,
        )
    years = np.arange(first + 1, last + 1)
    points = list(known)
    born = np.stack(
        [np.interp(years, points, [known[year][area] for year in points])
         for area in range(len(region.codes))], axis=-1
    )  # fmt: skip
    shares = sex_shares(float(region.values["fertility.sex_ratio"][0].text))
    return np.asarray(born[..., None] * shares)


def _year(one: Outcome) -> int:
    """Return the one year of a number of births."""
    if one.date[4:] not in ("", "-12-31"):
        raise DataError(
            "{where}: {births} of {date}: give the births of a year, as 2019",
            where=one.where,
            births=BIRTHS,
            date=one.date,
        )
    return int(one.date[:4])


def _of_year(found: Sequence[Outcome], region: Region, youngest: Array) -> Array:
    """Return the births of a year by area ``[area]``; of two figures the more confident."""
    by_area: dict[str, Outcome] = {}
    for one in sorted(found, key=lambda one: -CONFIDENCES.index(one.confidence)):
        by_area[one.area] = one
    total = by_area.pop("", None)
    if total and not by_area:
        if not youngest.sum():
            raise DataError(
                "{where}: the births of the region are divided by the children under one of the "
                "census, and there are none: give the births of each area",
                where=total.where,
            )
        return np.asarray(total.amount * youngest / youngest.sum())
    missing = [code for code in region.codes if code not in by_area]
    if missing:
        raise DataError(
            "{where}: {births} of {date} is given by area but not for {missing}: add the rows, or "
            "leave those of the areas out",
            where=found[0].where,
            births=BIRTHS,
            date=found[0].date,
            missing=separated(missing),
        )
    births = np.array([by_area[code].amount for code in region.codes])
    rounding = sum(one.half_unit for one in by_area.values())
    if total and abs(births.sum() - total.amount) > (rounding + total.half_unit) * (1 + 1e-9):
        raise DataError(
            "{where}: {births} is {amount:,.0f}, and its areas add up to {total:,.0f}: correct "
            "one of them, or leave one out",
            where=total.where,
            births=BIRTHS,
            amount=total.amount,
            total=births.sum(),
        )
    return births
