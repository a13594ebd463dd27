"""Reading a table of the law: by code, by threshold, or between its rows.

The tables are arguments (dated values live in ``data/rules.csv``); the functions are sums of
products, so that a number, an array and a Series come back as what they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers


def lookup(code: Numbers, values: Sequence[float], what: str = "code", first: int = 1) -> Numbers:
    """Return the value of each code of a table that counts from ``first``.

    Raises
    ------
    ValueError
        A code outside the table.

    Examples
    --------
    >>> float(lookup(2, [27, 25, 23]))
    25.0
    >>> lookup(9, [27, 25, 23], what="disability grade")
    Traceback (most recent call last):
    ValueError: disability grade must be 1 to 3, but 9 was given
    """
    codes = np.asarray(code)
    last = first + len(values) - 1
    wrong = codes[(codes < first) | (codes > last) | (codes % 1 != 0)]
    if wrong.size:
        message = f"{what} must be {first} to {last}, but {wrong.flat[0]} was given"
        raise ValueError(message)
    return sum(value * (code == first + row) for row, value in enumerate(values))


def steps(x: Numbers, thresholds: Sequence[float], values: Sequence[float]) -> Numbers:
    """Return the value of the last threshold at or below ``x``; 0 below the first threshold.

    >>> [float(steps(age, [65, 70, 80], [10, 30, 60])) for age in (64, 65, 79, 80)]
    [0.0, 10.0, 30.0, 60.0]
    """
    rises = np.diff(np.asarray(values, dtype=float), prepend=0.0)
    return sum(rise * (x >= low) for low, rise in zip(thresholds, rises, strict=True))


def interpolate(x: Numbers, knots: Sequence[float], values: Sequence[float]) -> Numbers:
    """Return the value on the straight line between the rows of a table; flat outside it.

    >>> [float(interpolate(age, [60, 61], [139, 132])) for age in (59, 60, 60.5, 62)]
    [139.0, 139.0, 135.5, 132.0]
    """
    result = values[0] + 0.0 * x
    for row in range(len(knots) - 1):
        width = knots[row + 1] - knots[row]
        inside = np.minimum(np.maximum((x - knots[row]) / width, 0.0), 1.0)
        result = result + (values[row + 1] - values[row]) * inside
    return result
