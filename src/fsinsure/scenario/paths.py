"""A value for every year, given by a few points."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class YearPath:
    """A path over years.

    Parameters
    ----------
    points
        Years, ascending, and the value from each on.
    linear
        Interpolate between the points; otherwise each value holds until the next point.
    """

    points: tuple[tuple[int, float], ...]
    linear: bool = False

    def __post_init__(self) -> None:
        years = [year for year, _ in self.points]
        if not years or any(b <= a for a, b in pairwise(years)):
            raise InputError(f"a path needs ascending years, got {years}")

    def at(self, years: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the value in each year; the last point holds for ever after.

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
        step: NDArray[np.float64] = values[np.searchsorted(known, wanted, side="right") - 1]
        return step
