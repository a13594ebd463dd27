"""Naive forecasts of a short yearly series, against which a projection is judged.

No rule knows more than the series itself. A series is ``[year]`` without gaps, positive, the last
value that of the origin; forecasts are ``[step]`` of the years after it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fsinsure.arrays import Array

DAMPED_MIN: Final = 4
"""Fewest years of a series in which damping and trend can be separated."""

_WEIGHTS: Final = np.arange(1, 11) / 10
_DAMPING: Final = np.arange(80, 100, 2) / 100
"""Damping below 0.8 forgets a trend within few years; 1 would not damp at all (Gardner and
McKenzie 1985; Hyndman and Athanasopoulos, Forecasting, chapter 8.2)."""


def no_change(series: Array, steps: int) -> Array:
    """Return the last value for every step.

    >>> no_change(np.array([90.0, 100.0]), 2).tolist()
    [100.0, 100.0]
    """
    return np.full(steps, float(series[-1]))


def constant_growth(start: float, growth: float, steps: int) -> Array:
    """Return a start that grows by a fraction a year.

    >>> constant_growth(100.0, 0.1, 2).round(6).tolist()
    [110.0, 121.0]
    """
    return np.asarray(start * (1.0 + growth) ** np.arange(1, steps + 1))


def last_growth(series: Array, steps: int) -> Array:
    """Return the growth of the last year, carried on; it needs two values.

    >>> last_growth(np.array([80.0, 100.0]), 2).tolist()
    [125.0, 156.25]
    """
    return constant_growth(float(series[-1]), float(series[-1] / series[-2]) - 1.0, steps)


def damped_trend(series: Array, steps: int) -> Array:
    """Return Holt's damped trend of the logarithms, with at least :data:`DAMPED_MIN` values.

    With ``y`` the logarithms, ``level = a y + (1 - a)(level + p trend)`` and
    ``trend = b (level - level before) + (1 - b) p trend``; the forecast of step ``h`` is
    ``level + (p + ... + p^h) trend``. The recursion starts with the first value and the first
    growth. Of all weights a, b in 0.1, 0.2 ... 1 and damping p in 0.8, 0.82 ... 0.98 those with the
    least squared errors of one step are used, the first of several.

    Examples
    --------
    A series without growth has none ahead:

    >>> damped_trend(np.full(4, 100.0), 2).round(6).tolist()
    [100.0, 100.0]
    """
    logs = np.log(series)
    a, b, p = (grid.ravel() for grid in np.meshgrid(_WEIGHTS, _WEIGHTS, _DAMPING, indexing="ij"))
    level = np.full(a.shape, logs[0])
    trend = np.full(a.shape, logs[1] - logs[0])
    errors = np.zeros(a.shape)
    for index, value in enumerate(logs[1:], start=1):
        expected = level + p * trend
        if index > 1:  # the first growth is the start of the trend
            errors += (value - expected) ** 2
        before, level = level, a * value + (1.0 - a) * expected
        trend = b * (level - before) + (1.0 - b) * p * trend
    best = int(np.argmin(errors))
    damped = np.cumsum(p[best] ** np.arange(1, steps + 1))
    return np.asarray(np.exp(level[best] + damped * trend[best]))
