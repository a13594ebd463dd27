"""A value for every year, given by a few points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fsinsure.errors import InputError

LINEAR: Final = "linear"
HOLD: Final = "hold"
GROWING: Final = ("wage", "price")
"""How a path may go on after its last point: held, or growing with wages or prices."""

DEFAULT_AREA: Final = "default"
"""What stands for the areas that a path does not name."""

Date: TypeAlias = float
"""A year, or a month within it: the year plus the elapsed months / 12 (2021.5 is July)."""


def date_at(year: int, month: int) -> Date:
    """Return the date of a month; January is the year itself."""
    return year if month == 1 else year + (month - 1) / 12


def date_text(date: Date) -> str:
    """Write a date as YAML does: ``2021``, or ``2021-07`` for a month within the year."""
    year, month = divmod(round(12 * date), 12)
    return f"{year}-{month + 1:02d}" if month else str(year)


def flow(entry: Mapping[str, object]) -> str:
    """Write a mapping as YAML in one line: ``{2021: 1.5%, 2023: 0.8%}``."""
    return f"{{{', '.join(f'{key}: {value}' for key, value in entry.items())}}}"


@dataclass(frozen=True)
class YearPath:
    """A path over years.

    Parameters
    ----------
    points
        Dates, ascending, and the value from each on. A date is a year or a month of one
        (:func:`date_at`).
    linear
        Interpolate between the points; otherwise each value holds until the next point.
    then
        What follows the last point: ``hold``, ``wage`` or ``price``; empty if the scenario does
        not specify it, and the last value holds.
    """

    points: tuple[tuple[Date, float], ...]
    linear: bool = False
    then: str = ""

    @property
    def last(self) -> Date:
        """The date of the last point."""
        return self.points[-1][0]

    @property
    def entry(self) -> dict[str, float | str]:
        """What a file would hold."""
        found: dict[str, float | str] = {date_text(date): value for date, value in self.points}
        found |= {"interpolate": LINEAR} if self.linear else {}
        return found | ({"then": self.then} if self.then else {})

    def __post_init__(self) -> None:
        years = [year for year, _ in self.points]
        if not years or any(b <= a for a, b in pairwise(years)):
            raise InputError("a path needs ascending years, got {years}", years=years)

    def at(self, years: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the value in each year; the last value holds, whatever `then` is.

        Where a value starts within a year, the year has the mean over its months.

        Parameters
        ----------
        years
            Any shape.

        Returns
        -------
        NDArray
            Of the same shape.

        Raises
        ------
        InputError
            If a year lies before the first point.
        """
        wanted = np.asarray(years)
        known = np.array([year for year, _ in self.points])
        values = np.array([value for _, value in self.points], dtype=np.float64)
        if np.any(wanted < known[0]):
            raise InputError(
                "a path that starts in {first} has no value for {wanted}",
                first=known[0],
                wanted=wanted.min(),
            )
        if self.linear:
            return np.asarray(np.interp(wanted, known, values), dtype=np.float64)
        if np.all(known == np.floor(known)):
            step: NDArray[np.float64] = values[np.searchsorted(known, wanted, side="right") - 1]
            return step
        months = 12 * wanted[..., None] + np.arange(12)
        at = np.searchsorted(np.rint(12 * known), months, side="right") - 1
        # As a change from January, so that equal values keep their last digit.
        january = values[at[..., 0]]
        return np.asarray(january + (values[at] - january[..., None]).mean(axis=-1))


def in_force(steps: Sequence[tuple[Date, float]], date: Date) -> float:
    """Return the value that holds at a date; none (NaN) before the first.

    >>> in_force([(2021, 1.0), (2022.5, 2.0)], 2022.5)
    2.0
    """
    return [math.nan, *(value for start, value in steps if start <= date)][-1]


@dataclass(frozen=True)
class AreaPaths:
    """A path for each area of a region.

    Parameters
    ----------
    paths
        The path of every area by its code, and of those not named under ``default``.
    """

    paths: tuple[tuple[str, YearPath], ...]

    @property
    def entry(self) -> dict[str, YearPath]:
        """What a file would hold."""
        return dict(self.paths)

    def of(self, area: str) -> YearPath:
        """Return the path of an area."""
        by_area = dict(self.paths)
        return by_area.get(area) or by_area[DEFAULT_AREA]


def from_year(points: tuple[tuple[Date, float], ...], first: int) -> YearPath:
    """Return a path from a year on: the last point up to it stands at its beginning."""
    before = [value for date, value in points if date <= first]
    after = tuple((date, value) for date, value in points if date > first)
    return YearPath(((first, before[-1]), *after) if before else after)


class Table(NamedTuple):
    """A table of the law: keys, ascending, and the value of each."""

    keys: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class TablePath:
    """A table for every year.

    Parameters
    ----------
    points
        Years, ascending, and the table from each on; it holds until the next.
    """

    points: tuple[tuple[int, Table], ...]

    @property
    def entry(self) -> dict[str, dict[int, float]]:
        """What a file would hold."""
        return {str(year): dict(zip(*table, strict=True)) for year, table in self.points}

    def at(self, year: int) -> Table:
        """Return the table of a year.

        Raises
        ------
        InputError
            If the year lies before the first table.
        """
        if year < self.points[0][0]:
            raise InputError(
                "a table that starts in {points} has none for {year}",
                points=self.points[0][0],
                year=year,
            )
        return [table for start, table in self.points if start <= year][-1]

    def since(self, first: int) -> TablePath:
        """Return the tables from a year on: that of the year, then those that start later."""
        later = tuple(point for point in self.points if point[0] > first)
        return TablePath(((first, self.at(first)), *later))


def table_path(cells: Iterable[tuple[int, int, float]]) -> TablePath:
    """Return the tables that dated cells make.

    Parameters
    ----------
    cells
        Year, key and value: the value of the key from the year on.

    Examples
    --------
    >>> [year for year, _ in table_path([(2006, 60, 139), (2006, 61, 132), (2024, 60, 170)]).points]
    [2006, 2024]
    """
    held: dict[int, float] = {}
    points = {}
    for year, key, value in sorted(cells):
        held[key] = value
        keys, values = zip(*sorted(held.items()), strict=True)
        points[year] = Table(keys, values)
    return TablePath(tuple(points.items()))
