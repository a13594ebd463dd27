"""Plan figures by area: the task of a region divided among its areas by year and month.

Whole persons that add up: the months to the year, the areas to the region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.targets import required_growth
from fsinsure.dims import YEAR
from fsinsure.errors import InputError
from fsinsure.messages import Message
from fsinsure.numeric.apportion import bounded, cumulative, proportional, reachable, whole
from fsinsure.region.area_limits import column
from fsinsure.tables import add_levels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fsinsure.arrays import Array, Ints
    from fsinsure.region.area_limits import Limit
    from fsinsure.region.region import Region

TASKS: Final = ("target", "projection")
"""What is divided: the path to the targets, or the projection itself."""
LARGEST_SHARE: Final = 1e6


@dataclass(frozen=True, eq=False)
class Quota:
    """The task of one measure and year, divided among areas.

    Parameters
    ----------
    measure, year
        What it is of.
    opening
        People at the end of the year before, ``[area]``.
    increment
        People to be added in the year, ``[area]``; less than 0 where the region loses people.
    weights
        By the keys, ``[area]``, adding up to 1.
    least, most
        The bounds that a user gives, ``[area]``, NaN without one.
    """

    measure: str
    year: int
    opening: Ints
    increment: Ints
    weights: Array
    least: Array
    most: Array

    @property
    def closing(self) -> Ints:
        """People at the end of the year, ``[area]``."""
        return self.opening + self.increment


def path_to(start: float, first: int, aims: Sequence[tuple[int, float]], last: int) -> Ints:
    """Return the path to targets at a constant growth between them, in whole persons.

    ``p(y) = p(a) * (p(b) / p(a))^((y - a) / (b - a))`` between two years ``a`` and ``b``; from zero
    persons in equal steps.

    Parameters
    ----------
    start
        Persons at the end of the year `first`.
    first
        That year.
    aims
        Year and persons of each target, later than `first`, in order.
    last
        The last year of the path, at most that of the last target.

    Returns
    -------
    Ints
        ``[year]``, that of `first` first.

    Examples
    --------
    >>> path_to(100, 2020, [(2022, 121)], 2022).tolist()
    [100, 110, 121]
    """
    found, year, persons = [start], first, start
    for aim, value in aims:
        steps = np.arange(1, aim - year + 1)
        if persons > 0:
            growth = required_growth(persons, value, aim - year)
            part = persons * (1.0 + growth) ** steps
        else:
            part = value * steps / (aim - year)
        found += [*part[:-1].tolist(), value]
        year, persons = aim, value
    return np.rint(found[: last - first + 1]).astype(np.int64)


def divided(
    quota: tuple[str, int],
    total: int,
    opening: Ints,
    weights: Array,
    limits: Mapping[str, Limit],
    region: Region,
) -> tuple[Ints, Array, Array]:
    """Divide the increment of a region among its areas.

    Parameters
    ----------
    quota
        Measure and year, for messages.
    total
        The increment of the region, whole persons.
    opening
        People at the end of the year before, ``[area]``.
    weights
        ``[area]``, 0 or more.
    limits
        The rows of a user's table that hold, by area.
    region
        Whose areas they are.

    Returns
    -------
    Ints, Array, Array
        The increments ``[area]``, and the least and the most that the user gives.

    Raises
    ------
    DataError
        If the bounds leave no way to add up to the total; the message has the row of one.
    InputError
        If the areas that may take more have no weight.
    """
    least, most = (column(dict(limits), name, region) for name in ("least", "most"))
    low, high = bounded(total, least, most)
    low = np.maximum(low, -opening)  # an area cannot lose more people than it has
    for area, end, persons in zip(region.codes, high, opening.tolist(), strict=True):
        if end < -persons:
            text = Message(
                "{quota}: {area} has {persons:,} people to lose: raise it",
                quota=" ".join(map(str, quota)),
                area=area,
                persons=persons,
            )
            raise limits[area].row.error("most", text)
    if low.sum() > total:
        raise _contradiction(quota, total, limits, "least", low)
    if high.sum() < total:
        raise _contradiction(quota, total, limits, "most", high)
    under, over = reachable(weights, low, high)
    if not under <= total <= over:
        raise InputError(
            "{quota}: the areas with a weight can take {under:,.0f} to {over:,.0f} persons and "
            "the task is {total:,}: divide by another key too, or change the bounds",
            quota=" ".join(map(str, quota)),
            under=under,
            over=over,
            total=total,
        )
    return whole(total, proportional(total, weights, low, high)), least, most


def _contradiction(
    quota: tuple[str, int], total: int, limits: Mapping[str, Limit], name: str, bounds: Array
) -> Exception:
    """Return the error of bounds whose sum is on the wrong side of the total."""
    given = [one for one in limits.values() if not np.isnan(getattr(one, name))]
    other = "most" if name == "least" else "least"
    given = given or [one for one in limits.values() if not np.isnan(getattr(one, other))]
    row = max(given, key=lambda one: abs(getattr(one, name))).row if given else None
    text = Message(
        "{quota}: the least of all areas together is {bounds:,.0f}, more than the {total:,} of "
        "the region: lower it for some area"
        if name == "least"
        else "{quota}: the most of all areas together is {bounds:,.0f}, less than the {total:,} of "
        "the region: raise it for some area",
        quota=" ".join(map(str, quota)),
        bounds=bounds.sum(),
        total=total,
    )
    return InputError(text) if row is None else row.error(name, text)


def table(quotas: Sequence[Quota], region: Region, scenario: str, key: str) -> pd.DataFrame:
    """Return the plan figures by year.

    Columns: scenario, level, area, measure, year, opening (persons at the end of the year before),
    increment (persons), persons (at the end of the year), weight (the area's part of the keys),
    share (its part of the increment of the region; NaN where that is 0), least, most (bounds of a
    user, persons), key (keys and their weights).
    """
    rows = []
    for one in quotas:
        total = int(one.increment.sum())
        columns = (one.opening, one.increment, one.closing)
        sums = [[*cells.tolist(), int(cells.sum())] for cells in columns]
        weights = [*one.weights.tolist(), 1.0]
        bounds = [[*cells.tolist(), np.nan] for cells in (one.least, one.most)]
        rows += [
            (
                *(scenario, place, one.measure, one.year, opening, increment, persons, weight),
                *(increment / total if total else np.nan, least, most, key),
            )
            for place, opening, increment, persons, weight, least, most in zip(
                region.places, *sums, weights, *bounds, strict=True
            )
        ]
    names = [
        *("scenario", "area", "measure", "year", "opening", "increment", "persons"),
        *("weight", "share", "least", "most", "key"),
    ]
    found = pd.DataFrame(rows, columns=names).astype({"least": "Int64", "most": "Int64"})
    return add_levels(found, region)


def monthly(quotas: Sequence[Quota], profile: Array, region: Region, scenario: str) -> pd.DataFrame:
    """Return the plan figures by month.

    Columns: scenario, level, area, measure, year, month, increment (persons added in the month),
    persons (at its end). The months add up to the year, and the areas to the region.

    Parameters
    ----------
    quotas
        By measure and year.
    profile
        ``[month]``, adding up to 1.
    region, scenario
        Of the projection.
    """
    return add_levels(
        pd.DataFrame(
            _months(quotas, profile, region, scenario),
            columns=["scenario", "area", "measure", "year", "month", "increment", "persons"],
        ),
        region,
    )


def _months(
    quotas: Sequence[Quota], profile: Array, region: Region, scenario: str
) -> Iterator[tuple[object, ...]]:
    for one in quotas:
        parts = cumulative(one.increment, profile)  # [area, month]
        added = np.vstack([parts, parts.sum(axis=0)])
        opening = np.append(one.opening, one.opening.sum())
        persons = opening[:, None] + added.cumsum(axis=1)
        for place, ups, ends in zip(region.places, added.tolist(), persons.tolist(), strict=True):
            for month, (up, end) in enumerate(zip(ups, ends, strict=True), start=1):
                yield scenario, place, one.measure, one.year, month, up, end


def seasonal(profile: Sequence[float] | None) -> Array:
    """Return the share of each month in the increment of a year, ``[month]``, adding up to 1.

    Parameters
    ----------
    profile
        Twelve numbers in proportion, January first; a month in which people leave has one below 0.
        Equal months without one.

    Raises
    ------
    InputError
        If they are not twelve numbers whose sum is above 0.

    Examples
    --------
    >>> seasonal([0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0])[:4].tolist()
    [0.0, 0.0, 0.75, 0.25]
    """
    if profile is None:
        return np.full(YEAR, 1.0 / YEAR)
    if len(profile) != YEAR:
        raise InputError(
            "a seasonal profile has {year} numbers, January first, not {profile_count}",
            year=YEAR,
            profile_count=len(profile),
        )
    try:
        shares = np.array([float(one) for one in profile])
    except (TypeError, ValueError):
        raise InputError(
            "a seasonal profile has numbers only, not {profile!r}", profile=list(profile)
        ) from None
    if not np.isfinite(shares).all() or not shares.sum() > 0:
        raise InputError("the shares of a seasonal profile must be numbers with a sum above 0")
    shares /= shares.sum()
    if np.abs(shares).max() > LARGEST_SHARE:
        raise InputError("the shares of a seasonal profile have a sum near 0: check their signs")
    return shares
