"""Tables of the law, read by code, by threshold, or between rows.

The tables are arguments; their dated values are data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, rule


@rule
def lookup(code: Numbers, values: Sequence[Numbers], what: str = "code", first: int = 1) -> Numbers:
    """Return the value of each code of a table that counts from ``first``.

    Parameters
    ----------
    code
        Whole numbers.
    values
        The table, in the order of the codes.
    what
        Name of the code in error messages.
    first
        Code of the first row.

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
    known = (codes >= first) & (codes <= last) & (codes % 1 == 0)
    wrong = codes[~known & ~np.isnan(codes)]
    if wrong.size:
        raise ValueError(f"{what} must be {first} to {last}, but {wrong.flat[0]} was given")
    rows = np.where(known, codes - first, 0).astype(np.int64)
    found: Numbers = np.asarray(values)[rows]
    return found


@rule
def steps(x: Numbers, thresholds: Sequence[float], values: Sequence[float]) -> Numbers:
    """Return the value of the last threshold at or below ``x``; 0 below the first threshold.

    Raises
    ------
    ValueError
        Thresholds that do not rise, or lists of unequal length.

    Examples
    --------
    >>> [float(steps(age, [65, 70, 80], [10, 30, 60])) for age in (64, 65, 79, 80)]
    [0.0, 10.0, 30.0, 60.0]
    """
    _check_table(thresholds, values)
    found: Numbers = np.append(0.0, values)[np.searchsorted(thresholds, x, side="right")]
    return found


@rule
def interpolate(x: Numbers, knots: Sequence[float], values: Sequence[float]) -> Numbers:
    """Return the value on the straight line between the rows of a table; flat outside it.

    Raises
    ------
    ValueError
        Knots that do not rise, or lists of unequal length.

    Examples
    --------
    >>> [float(interpolate(age, [60, 61], [139, 132])) for age in (59, 60, 60.5, 62)]
    [139.0, 139.0, 135.5, 132.0]
    """
    _check_table(knots, values)
    result = values[0] + 0.0 * x
    for row in range(len(knots) - 1):
        width = knots[row + 1] - knots[row]
        inside = np.minimum(np.maximum((x - knots[row]) / width, 0.0), 1.0)
        result = result + (values[row + 1] - values[row]) * inside
    return result


@rule
def rounded(x: Numbers, decimals: int | None) -> Numbers:
    """Return numbers rounded half up (四舍五入) to a number of decimals; None does not round.

    Halves are recognised up to an error of 1e-9, so that 137.25 computed in binary rounds up.

    >>> [float(rounded(x, 1)) for x in (137.25, 138.41666, -0.25)]
    [137.3, 138.4, -0.2]
    """
    if decimals is None:
        return x
    if decimals < 0:
        raise ValueError(f"decimals must be 0 or more, or None, but {decimals} was given")
    scale = 10.0**decimals
    return np.floor(x * scale + 0.5 + 1e-9) / scale


def _check_table(thresholds: Sequence[float], values: Sequence[float]) -> None:
    if len(thresholds) != len(values):
        raise ValueError(
            f"a table with {len(thresholds)} thresholds needs as many values: {values}"
        )
    if np.any(np.diff(thresholds) <= 0):
        raise ValueError(f"the thresholds of a table must rise: {thresholds}")
