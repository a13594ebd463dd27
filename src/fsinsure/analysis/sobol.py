"""Sobol indices: the shares of the variance that parameters, alone and in groups, explain.

Two matrices of independent points in the unit cube, A and B, and for each set of parameters a page:
A with the columns of that set from B. With centred values ``f`` and their variance ``V`` over A and
B (Saltelli et al. 2010, table 2, b and f)::

    first = mean(f(B) (f(page) - f(A))) / V
    total = mean((f(A) - f(page))^2) / (2 V)

Of a set of several columns the same formulas give the exact index of the group. The estimates are
those of ``scipy.stats.sobol_indices``; that function takes neither points of which some are missing
nor resampled ones with a seed, which intervals and refused draws need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.numeric.design import coordinates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array

    Columns = frozenset[int]

RESAMPLES: Final = 1_000
"""Bootstrap samples of the points: enough for the 2.5th percentile."""

SLICE: Final = 50
"""Bootstrap samples that are summed at a time."""

NOTHING: Final = 1e-12
"""Standard deviation relative to the mean below which values are taken to be all alike."""

BOUNDS: Final = ("estimate", "low", "high")


class Indices(NamedTuple):
    """First and total indices of sets of parameters.

    Parameters
    ----------
    first, total
        ``[set, bound]``, bounds as :data:`BOUNDS`; missing (NaN) where nothing varies.
    mean, sd
        Of the values.
    points
        Points that were complete.
    """

    first: Array
    total: Array
    mean: float
    sd: float
    points: int


def pages(count: int, groups: Sequence[Columns]) -> list[Columns]:
    """Return the columns that each page takes from B: none (A), all (B), each, each group.

    >>> [sorted(one) for one in pages(2, [frozenset({0, 1}), frozenset({1})])]
    [[], [0, 1], [0], [1]]
    """
    each = [frozenset({column}) for column in range(count)]
    return list(dict.fromkeys([frozenset(), frozenset(range(count)), *each, *groups]))


def design(names: Sequence[str], points: int, seed: int, made: Sequence[Columns]) -> Array:
    """Return shares ``[name, point x page]``, the pages of a point side by side.

    So draws of a point, many of which share a base year, are projected together.

    Parameters
    ----------
    names
        The parameters.
    points, seed
        Number of scrambled Sobol points in twice as many dimensions as there are names.
    made
        From :func:`pages`.
    """
    twice = [*names, *(f"{name} again" for name in names)]
    cube = coordinates(twice, points, seed, "sobol", twice)
    own, other = cube[: len(names), :, None], cube[len(names) :, :, None]
    swapped = np.array([[column in one for one in made] for column in range(len(names))])
    return np.where(swapped[:, None, :], other, own).reshape(len(names), -1)


def indices(
    values: Array,
    made: Sequence[Columns],
    sets: Sequence[Columns],
    level: float,
    seed: int,
) -> Indices:
    """Return the indices of sets of parameters with bootstrap intervals.

    Intervals are percentiles over points drawn with replacement (Efron and Tibshirani 1993,
    chapter 13; Archer, Saltelli and Sobol 1997).

    Parameters
    ----------
    values
        Of the draws of :func:`design` ``[point x page]``; NaN where there is none, and then the
        point is left out.
    made, sets
        The pages, and those whose indices are asked for.
    level
        Of the intervals, such as 0.95.
    seed
        Of the resampling.
    """
    table = values.reshape(-1, len(made))
    table = table[np.isfinite(table).all(axis=1)]
    count = len(table)
    unknown = np.full((len(sets), 3), np.nan)
    none = Indices(unknown, unknown, np.nan, np.nan, count)
    if count == 0:
        return none
    pair = table[:, :2]
    mean, sd = float(pair.mean()), float(pair.std())
    if sd <= NOTHING * abs(mean):
        return none._replace(mean=mean, sd=0.0)
    scaled = (table - mean) / sd
    summed = _summands(scaled, [made.index(one) for one in sets])
    found = [_ratios(np.full((1, count), 1.0), summed)]
    random = np.random.default_rng(seed)
    for _ in range(0, RESAMPLES, SLICE):
        chosen = random.integers(count, size=(SLICE, count))
        weight = np.stack([np.bincount(row, minlength=count) for row in chosen])
        found.append(_ratios(weight.astype(np.float64), summed))
    tail = (1.0 - level) / 2.0
    spread = np.quantile(np.concatenate(found[1:]), [tail, 1.0 - tail], axis=0)
    first, total = np.moveaxis(np.concatenate([found[0], spread]), 0, -1).reshape(2, len(sets), 3)
    return Indices(first, total, mean, sd, count)


def _summands(scaled: Array, places: Sequence[int]) -> Array:
    """Return what is averaged of every point ``[point, ...]``: moments, then first, then total."""
    own, other = scaled[:, :1], scaled[:, 1:2]
    page = scaled[:, places]
    moments = [(own + other) / 2.0, (own**2 + other**2) / 2.0]
    return np.concatenate([*moments, other * (page - own), (own - page) ** 2 / 2.0], axis=1)


def _ratios(weight: Array, summed: Array) -> Array:
    """Return first and total indices ``[sample, first and total of each set]``."""
    # Not a matrix product, whose last digits depend on the processor.
    means = np.einsum("rp,pk->rk", weight, summed) / weight.sum(axis=1, keepdims=True)
    variance = means[:, 1:2] - means[:, :1] ** 2
    return np.asarray(means[:, 2:] / np.where(variance > 0.0, variance, np.nan))
