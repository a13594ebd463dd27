"""A value for every year, given by a few points."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from fsinsure.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


HOLD: Final = "hold"
GROWING: Final = ("wage", "price")
"""How a path may go on after its last point: held, or growing with wages or prices."""

Date: TypeAlias = float
"""A year, or a month within it: the year plus the elapsed months / 12 (2021.5 is July)."""


def date_at(year: int, month: int) -> Date:
    """Return the date of a month; January is the year itself."""
    return year if month == 1 else year + (month - 1) / 12


def date_text(date: Date) -> str:
    """Write a date as YAML does: ``2021``, or ``2021-07`` for a month within the year."""
    year, month = divmod(round(12 * date), 12)
    return f"{year}-{month + 1:02d}" if month else str(year)


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

    def __post_init__(self) -> None:
        years = [year for year, _ in self.points]
        if not years or any(b <= a for a, b in pairwise(years)):
            raise InputError(f"a path needs ascending years, got {years}")

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
            raise InputError(f"a path that starts in {known[0]} has no value for {wanted.min()}")
        if self.linear:
            return np.asarray(np.interp(wanted, known, values), dtype=np.float64)
        if np.all(known == np.floor(known)):
            step: NDArray[np.float64] = values[np.searchsorted(known, wanted, side="right") - 1]
            return step
        months = 12 * wanted[..., None] + np.arange(12)
        at = np.searchsorted(np.rint(12 * known), months, side="right") - 1
        # The mean of equal values is rounded; a year without a change keeps its value exactly.
        same = at[..., 0] == at[..., -1]
        return np.where(same, values[at[..., 0]], values[at].mean(axis=-1))


def from_year(points: tuple[tuple[Date, float], ...], first: int) -> YearPath:
    """Return a path from a year on: the last point up to it stands at its beginning."""
    before = [value for date, value in points if date <= first]
    after = tuple((date, value) for date, value in points if date > first)
    return YearPath(((first, before[-1]), *after) if before else after)
