"""Forecasts of short series by exponential smoothing with a damped trend, and their record.

Level and trend are smoothed, and the trend fades by a factor a year::

    y[t]     = level[t-1] + damping * trend[t-1] + error[t]
    level[t] = level[t-1] + damping * trend[t-1] + a * error[t]
    trend[t] = damping * trend[t-1] + b * error[t]

(Gardner and McKenzie 1985, Management Science 31(10); Hyndman et al. 2008, model ETS(A, Ad, N).)
The forecast for h years ahead is ``level + (damping + ... + damping^h) * trend``. The states at the
start are those of least squares.

A series of ten figures does not determine three constants by its errors of one year. They are
chosen by what the forecast is used for: the errors of the mean yearly change up to the horizon, in
forecasts from earlier years (rolling origins) with the figures that were then known. The range of
the mean yearly change is their spread times the quantile of Student's t for the number of origins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from fsinsure.arrays import Array

DAMPING: Final = np.linspace(0.80, 0.98, 10)
"""Damping factors to choose from: the usual bounds (Hyndman and Athanasopoulos, chapter 8)."""

WEIGHTS: Final = np.linspace(0.0, 1.0, 6)
"""Weights of the last error to choose from: for the level, and for the trend relative to it."""

SHORTEST: Final = 4
"""Fewest figures from which a forecast is made."""

FIRST: Final = 5
"""Figures known at the first origin, unless another number is given."""

FEWEST: Final = FIRST + 2
"""Fewest figures of a series: two after the first origin, by which the constants are chosen."""

AHEAD: Final = 5
"""Years ahead of a growth that is estimated, and of the naive rule, whatever is asked of it."""

HIGH: Final = 0.9
"""The upper end of a range is the 90th percentile; the lower one is as far from the middle."""


class Smoothing(NamedTuple):
    """The constants of the smoothing; arrays where several are tried at once.

    Parameters
    ----------
    level, trend
        Weights of the last error, `a` and `b`.
    damping
        Of the trend, a year.
    """

    level: Array
    trend: Array
    damping: Array


class Record(NamedTuple):
    """Forecasts from the end of a series, and the errors of earlier ones.

    Parameters
    ----------
    smoothing
        The constants in use.
    forecast
        ``[year]``, the years after the series.
    errors
        ``[origin, year]``: figure less forecast, from every origin; NaN after the series.
    """

    smoothing: Smoothing
    forecast: Array
    errors: Array

    @property
    def yearly(self) -> Array:
        """The errors of the mean yearly change ``[origin, year]``."""
        return self.errors / np.arange(1, self.errors.shape[1] + 1)

    @property
    def spread(self) -> float:
        """Root mean square of the errors of the mean yearly change."""
        return float(np.sqrt(np.nanmean(self.yearly**2)))

    @property
    def half_range(self) -> float:
        """From the middle to the 10th or the 90th percentile of the mean yearly change.

        It holds 80 % of sums of independent changes only roughly: about 70 % after ten, as the
        constants were chosen by few origins, and 85 to 90 % after thirty to sixty.
        """
        return float(stdtrit(len(self.errors) - 1, HIGH)) * self.spread


def candidates() -> Smoothing:
    """Return the constants to choose from, ``[candidate]``; those that smooth least come last."""
    level, relative, damping = np.meshgrid(WEIGHTS, WEIGHTS, DAMPING, indexing="ij")
    return Smoothing(level.ravel(), (level * relative).ravel(), damping.ravel())


def damped_trend(
    series: Array, horizon: int, first: int = FIRST, smoothing: Smoothing | None = None
) -> Record:
    """Forecast a series, with the constants that did best in forecasts from earlier years.

    Parameters
    ----------
    series
        ``[year]``, one figure a year, such as logarithms of a number of people.
    horizon
        Years to forecast.
    first
        Figures known at the first origin, at least :data:`SHORTEST`.
    smoothing
        Constants to choose from ``[candidate]``; :func:`candidates` unless given.

    Returns
    -------
    Record
        Of the constants with the least root mean square of the errors of the mean yearly change.
        The spread is that of the errors among which they were chosen, and so on the low side.

    Raises
    ------
    ValueError
        If the series does not reach beyond the first origin, or has values that are not finite.

    Examples
    --------
    A trend that never changes goes on, damped:

    >>> found = damped_trend(np.linspace(0.0, 0.9, 10), horizon=2)
    >>> float(found.smoothing.damping)
    0.98
    """
    values = np.asarray(series, dtype=np.float64)
    if not SHORTEST <= first < len(values) - 1 or not np.isfinite(values).all():
        raise ValueError(
            f"a forecast needs {SHORTEST} figures or more at its first origin ({first}), two "
            f"or more after it ({len(values)} in all), and a value for each"
        )
    tried = candidates() if smoothing is None else smoothing
    made = np.stack(_forecasts(values, tried, horizon)[first - 1 :])  # [origin, year, candidate]
    errors = _figures_after(values, horizon, first)[..., None] - made[:-1]
    steps = np.arange(1, horizon + 1)[:, None]
    spread = np.sqrt(np.nanmean((errors / steps) ** 2, axis=(0, 1)))
    best = int(np.argmin(spread))
    chosen = Smoothing(*(each[best] for each in tried))
    return Record(chosen, made[-1, :, best], errors[..., best])


def _figures_after(values: Array, horizon: int, first: int) -> Array:
    """Return the figures after each origin ``[origin, year]``, NaN after the series."""
    padded = np.concatenate([values, np.full(horizon, np.nan)])
    return np.stack([padded[n : n + horizon] for n in range(first, len(values))])


def _forecasts(values: Array, smoothing: Smoothing, horizon: int) -> list[Array]:
    """Return the forecasts ``[year, candidate]`` from the end of every year of a series.

    Level, trend and errors are linear in the two states at the start: they are followed as a
    constant and the coefficients of both (axis 0), and least squares gives the states.
    """
    a, b, damping = smoothing
    level = np.zeros((3, *a.shape))
    trend = np.zeros((3, *a.shape))
    level[1] = trend[2] = 1.0
    products = np.zeros((3, 3, *a.shape))
    reach = np.cumsum(damping[None] ** np.arange(1, horizon + 1)[:, None], axis=0)
    made = []
    for figure in values:
        expected = level + damping * trend
        error = -expected
        error[0] += figure
        products += error[:, None] * error[None, :]
        level, trend = expected + a * error, damping * trend + b * error
        start = _least_squares(products)
        made.append(np.sum(start * level, axis=0) + reach * np.sum(start * trend, axis=0))
    return made


def _least_squares(products: Array) -> Array:
    """Return ``(1, level, trend)`` at the start ``[3, candidate]`` that minimise the errors."""
    determinant = products[1, 1] * products[2, 2] - products[1, 2] ** 2
    safe = np.where(determinant > 0, determinant, np.inf)  # the first year has one figure for two
    level = (products[1, 2] * products[0, 2] - products[2, 2] * products[0, 1]) / safe
    trend = (products[1, 2] * products[0, 1] - products[1, 1] * products[0, 2]) / safe
    return np.stack([np.ones_like(level), level, trend])
