"""Solve for a point that a function returns as it is, in many draws at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from fsinsure.arrays import Array, Ints

LONGEST: Final = 0.5
"""Longest step of the search, as a change of the logarithm of a number."""

SINGULAR: Final = 0.05
"""Where a step changes less than this of what was expected, nothing is learned from it."""


class Search:
    """The search for a point that a function returns as it is, by Broyden's method.

    In logarithms, so that steps are relative. The first step is the function's own; the inverse
    of the slope is corrected by what each step changed (Broyden 1965, A class of methods for
    solving nonlinear simultaneous equations). A draw whose point is found stays there, whatever
    others do.

    Parameters
    ----------
    point
        Where to start ``[number, ...]``, all positive or zero; what is zero stays so.
    exact
        Relative difference of the function from the point that ends the search of a draw.

    Attributes
    ----------
    point
        Where to take the function next.
    settled
        The draws ``[...]`` whose point is found.
    """

    def __init__(self, point: Array, exact: float) -> None:
        self.point = point
        self._exact = exact
        self.settled = np.zeros(point.shape[1:], dtype=bool)
        one = np.eye(len(point)).reshape(len(point), len(point), *(1 for _ in point.shape[1:]))
        self._inverse = np.broadcast_to(one, (len(point), *point.shape)).copy()
        self._taken: Array | None = None
        self._missing = np.zeros_like(point)

    def step(self, value: Array) -> None:
        """Take a step, knowing the value of the function; settle draws in which it is the point."""
        point = self.point
        ratio = np.divide(value, point, out=np.ones_like(point), where=(point > 0) & (value > 0))
        missing = np.log(ratio)
        if self._taken is not None:
            self._correct(self._taken, self._missing - missing)
        self.settled = self.settled | (np.abs(missing) <= self._exact).all(axis=0)
        step = (self._inverse * missing).sum(axis=1)
        self._taken = np.where(self.settled, 0.0, np.clip(step, -LONGEST, LONGEST))
        self._missing = missing
        self.point = np.where(self.settled, point, point * np.exp(self._taken))

    def of_draws(self, draws: Ints) -> Search:
        """Return the same search in some of the draws ``[draw]``."""
        some = Search(self.point[:, draws], self._exact)
        some.settled = self.settled[draws]
        some._inverse, some._missing = self._inverse[..., draws], self._missing[:, draws]
        some._taken = None if self._taken is None else self._taken[:, draws]
        return some

    def _correct(self, taken: Array, gained: Array) -> None:
        """Correct the inverse: by the step taken, so much less was missing."""
        expected = (self._inverse * gained).sum(axis=1)
        scale = (taken * expected).sum(axis=0)
        row = (taken[:, None] * self._inverse).sum(axis=0)
        usable = np.abs(scale) > SINGULAR * (taken * taken).sum(axis=0)
        row = np.divide(row, scale, out=np.zeros_like(row), where=usable)
        self._inverse += (taken - expected)[:, None] * row
