"""Probability distributions of one number: quantile and distribution function, as arrays.

All but the two-piece normal are textbook families (Johnson, Kotz and Balakrishnan 1994 and 1995).
PERT is the beta distribution on an interval with mode `m` whose mean is ``(low + 4 m + high) / 6``
(Malcolm et al. 1959; Vose 2008). The two-piece normal (Wallis 2014, Statistical Science 29(1))
meets three percentiles: the 10th, the 50th and the 90th.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from scipy.special import betainc, betaincinv, ndtr, ndtri

if TYPE_CHECKING:
    from fsinsure.arrays import Array

TENTH: Final = -float(ndtri(0.1))
"""Distance of the 10th and the 90th percentile of a normal distribution from its median."""


class Distribution(Protocol):
    """What can be drawn."""

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares in (0, 1) lie."""
        ...

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        ...


@dataclass(frozen=True)
class Normal:
    """Normal distribution with a standard deviation above 0."""

    mean: float
    sd: float

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        return np.asarray(self.mean + self.sd * ndtri(share))

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        return float(ndtr((value - self.mean) / self.sd))


@dataclass(frozen=True)
class Lognormal:
    """Lognormal distribution: the median, and the standard deviation of the logarithm."""

    median: float
    sigma: float

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        return np.asarray(self.median * np.exp(self.sigma * ndtri(share)))

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        return float(ndtr(np.log(value / self.median) / self.sigma)) if value > 0.0 else 0.0


@dataclass(frozen=True)
class Uniform:
    """Uniform distribution between two ends."""

    low: float
    high: float

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        return np.asarray(self.low + (self.high - self.low) * share)

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        return float(np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0))


@dataclass(frozen=True)
class Triangular:
    """Triangular distribution: two ends and the mode between them."""

    low: float
    mode: float
    high: float

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        width, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(share * width * left)
        falling = self.high - np.sqrt((1.0 - share) * width * right)
        return np.asarray(np.where(share * width <= left, rising, falling))

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        width, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        if value <= self.low or value >= self.high:
            return float(value >= self.high)
        if value < self.mode:
            return (value - self.low) ** 2 / (width * left)
        return 1.0 - (self.high - value) ** 2 / (width * right)


@dataclass(frozen=True)
class Pert:
    """PERT distribution: two ends and the mode between them."""

    low: float
    mode: float
    high: float

    @property
    def _shape(self) -> tuple[float, float]:
        width = self.high - self.low
        left, right = self.mode - self.low, self.high - self.mode
        return 1.0 + 4.0 * left / width, 1.0 + 4.0 * right / width

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        return np.asarray(self.low + (self.high - self.low) * betaincinv(*self._shape, share))

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        within = np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)
        return float(betainc(*self._shape, within))


@dataclass(frozen=True)
class Empirical:
    """Given values, each with the same probability, and what lies between them.

    The ascending values are the quantiles at ``(index + 0.5) / count``; between these the quantile
    function is linear, beyond the first and the last it is constant.
    """

    values: tuple[float, ...]

    @property
    def _shares(self) -> Array:
        return np.asarray((np.arange(len(self.values)) + 0.5) / len(self.values))

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        return np.asarray(np.interp(share, self._shares, np.sort(self.values)))

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        ordered = np.sort(self.values)
        if value < ordered[0] or value >= ordered[-1]:
            return float(value >= ordered[-1])
        at = int(np.searchsorted(ordered, value, side="right"))
        before, after = ordered[at - 1], ordered[at]
        return float(self._shares[at - 1] + (value - before) / (after - before) / len(ordered))


@dataclass(frozen=True)
class TwoPieceNormal:
    """The distribution with given 10th, 50th and 90th percentiles.

    Two halves of normal distributions with the same median; an end that equals the median leaves
    all of that half at the median.
    """

    low: float
    central: float
    high: float

    def quantile(self, share: Array) -> Array:
        """Return the values below which shares lie."""
        score = ndtri(share) / TENTH
        below, above = self.central - self.low, self.high - self.central
        return np.asarray(self.central + score * np.where(score < 0.0, below, above))

    def share_below(self, value: float) -> float:
        """Return the probability of values up to one."""
        side = self.central - self.low if value < self.central else self.high - self.central
        if side == 0.0:
            return 0.0 if value < self.central else 1.0
        return float(ndtr(TENTH * (value - self.central) / side))


def truncated(
    one: Distribution, share: Array, low: float | None, high: float | None
) -> tuple[Array, float]:
    """Return quantiles of a distribution truncated to bounds, and the share that is cut off.

    Parameters
    ----------
    one
        The distribution.
    share
        Shares in (0, 1), of what is left.
    low, high
        Bounds; None where there is none.

    Raises
    ------
    ValueError
        If nothing is left between the bounds.
    """
    below = 0.0 if low is None else one.share_below(float(np.nextafter(low, -np.inf)))
    up_to = 1.0 if high is None else one.share_below(high)
    if up_to <= below:
        raise ValueError("nothing of the distribution lies between the bounds")
    found = one.quantile(below + share * (up_to - below))
    inside = np.clip(found, -np.inf if low is None else low, np.inf if high is None else high)
    return np.asarray(inside), 1.0 - (up_to - below)
