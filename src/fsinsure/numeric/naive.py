"""Naive forecasts of a short yearly series, against which a projection is judged.

No rule knows more than the series itself. A series is ``[year]`` without gaps, positive, the last
value that of the origin; forecasts are ``[step]`` of the years after it.
"""

from __future__ import annotations

import numpy as np

from fsinsure.arrays import Array
from fsinsure.numeric import forecast


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
    """Return the damped trend of the logarithms.

    The series has at least :data:`fsinsure.numeric.forecast.FEWEST` values. The constants are
    chosen as in :func:`fsinsure.numeric.forecast.damped_trend`, always by errors up to
    :data:`fsinsure.numeric.forecast.AHEAD` years ahead: they do not depend on `steps`.

    Examples
    --------
    A series without growth has none ahead:

    >>> damped_trend(np.full(forecast.FEWEST, 100.0), 2).round(6).tolist()
    [100.0, 100.0]
    """
    logs = np.log(series)
    chosen = forecast.damped_trend(logs, forecast.AHEAD).smoothing
    alone = forecast.Smoothing(*(np.atleast_1d(each) for each in chosen))
    return np.asarray(np.exp(forecast.damped_trend(logs, steps, smoothing=alone).forecast))
