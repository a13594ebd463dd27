"""Split age groups of any widths into single years of age, keeping every group.

The cumulative population is interpolated at whole ages by a monotone cubic: PCHIP with the weighted
harmonic means of Fritsch and Butland (1984), A method for constructing local monotone piecewise
cubic interpolants, SIAM Journal on Scientific and Statistical Computing 5, and three-point ends,
the formula of ``scipy.interpolate.PchipInterpolator``, the import of which takes longer than a run.
Every group keeps its total because the curve goes through the cumulative totals; no year is
negative because it is monotone. The open group is spread like a stable population
that continues the group below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.errors import DataError

MOST_GROWTH: Final = 0.15
"""Largest growth rate of the people of the open group: beyond it counts are taken for errors."""

BISECTIONS: Final = 50
"""Halvings of its range: to the last digit."""


def single_years(counts: Array, starts: Sequence[int], oldest_shares: Array) -> Array:
    """Split age groups into single years of age.

    Parameters
    ----------
    counts
        Persons by group ``[..., group]``, none negative; the last group is open. Groups without
        anybody are allowed.
    starts
        First age of each group ``[group]``, rising from 0, at least two.
    oldest_shares
        Shares of the open group by single year ``[..., age]`` from its first age to the open age
        of the result, adding up to 1: :func:`open_shares`.

    Returns
    -------
    Array
        Persons by single year ``[..., age]``, from 0 to the last age of `oldest_shares`, which is
        open.

    Raises
    ------
    DataError
        If the groups do not start at 0 and rise, do not match the counts, or a count is negative or
        not a number.

    Notes
    -----
    The years of the open group enter the interpolation as groups of one year, so that the group
    below it leans on the first of them and they themselves stay as the shares say.
    """
    counts = np.asarray(counts, dtype=np.float64)
    _check(counts, starts)
    oldest = counts[..., -1:] * oldest_shares
    groups = np.concatenate([counts[..., :-1], oldest], axis=-1)
    closed = int(starts[-1])
    last = closed + oldest.shape[-1]
    knots = np.array([*starts[:-1], *range(closed, last + 1)], dtype=np.float64)
    years = _monotone_cubic(knots, groups, np.arange(float(closed)))
    kept = _exactly(years, counts[..., :-1], starts)
    return np.concatenate([kept, oldest], axis=-1)


def open_shares(
    counts: Array, starts: Sequence[int], dying: Array, most: float = MOST_GROWTH
) -> Array:
    """Return the age distribution of the open group: that of a stable population.

    Its growth rate r is the one at which the group below and the open group stand to each other as
    counted: ages are in proportion to ``L(x) exp(-r x)`` (Preston, Heuveline and Guillot 2001,
    Demography, ch. 7). Where one of the two groups is empty, the distribution is stationary, r = 0.

    Parameters
    ----------
    counts, starts
        As in :func:`single_years`, the groups ``[..., group]`` over the axes of `dying`.
    dying
        Probability of dying in a calendar year by age at its start ``[..., age]``, the last age
        open, as :func:`fsinsure.year.demography.death_in_year` returns it: ``1 - L(x+1)/L(x)``,
        for the open age ``1 - T(x+1)/T(x)``.
    most
        Largest growth rate, and the largest decrease.

    Returns
    -------
    Array
        Shares ``[..., age]`` from the first age of the open group to the open age; each adds up
        to 1.
    """
    below, first = int(starts[-2]), int(starts[-1])
    lived = np.concatenate(
        [np.ones_like(dying[..., :1]), np.cumprod(1.0 - dying[..., below:-1], axis=-1)], axis=-1
    )
    lived[..., -1] /= dying[..., -1]  # the open age: T(x), everyone of that age and over
    two = np.asarray(counts[..., -2:], dtype=np.float64)
    known = (two > 0.0).all(axis=-1)
    wanted = np.divide(two[..., 1], two.sum(axis=-1), out=np.zeros(known.shape), where=known)
    low, high = np.full(known.shape, -most), np.full(known.shape, most)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        older = _stable(lived, middle)[..., first - below :].sum(axis=-1) > wanted
        low, high = np.where(older, middle, low), np.where(older, high, middle)
    shares = _stable(lived, np.where(known, (low + high) / 2.0, 0.0))[..., first - below :]
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _stable(lived: Array, growth: Array) -> Array:
    """Return a stable age distribution ``[..., age]`` from person-years lived."""
    people = lived * np.exp(-growth[..., None] * np.arange(lived.shape[-1]))
    return np.asarray(people / people.sum(axis=-1, keepdims=True))


def _check(counts: Array, starts: Sequence[int]) -> None:
    if len(starts) < 2 or starts[0] != 0 or (np.diff(starts) <= 0).any():
        raise DataError(
            "age groups must start at 0 and rise, these start at {starts}", starts=list(starts)
        )
    if counts.shape[-1] != len(starts):
        raise DataError(
            "{shape} counts for {starts_count} age groups",
            shape=counts.shape[-1],
            starts_count=len(starts),
        )
    if not (counts >= 0.0).all() or not np.isfinite(counts).all():
        raise DataError("persons of an age group must be numbers, none negative")


def _monotone_cubic(knots: Array, groups: Array, ages: Array) -> Array:
    """Return persons ``[..., age]`` between each age and the next, ages within the groups."""
    width = np.diff(knots)
    slope = _slopes(groups / width, width)
    at = np.searchsorted(knots, ages, side="right") - 1
    h = width[at]

    def below(t: Array) -> Array:
        """Persons of the group below the share `t` of its width."""
        return np.asarray(
            groups[..., at] * t**2 * (3.0 - 2.0 * t)
            + h * slope[..., at] * t * (1.0 - t) ** 2
            - h * slope[..., at + 1] * t**2 * (1.0 - t)
        )

    first = (ages - knots[at]) / h
    return below(first + 1.0 / h) - below(first)


def _slopes(per_year: Array, width: Array) -> Array:
    """Return persons a year of age at the knots ``[..., knot]``, from those of the groups."""
    before, after = per_year[..., :-1], per_year[..., 1:]
    a, b = width[:-1] + 2.0 * width[1:], 2.0 * width[:-1] + width[1:]
    product = before * after
    # (a + b) / (a / before + b / after), and 0 beside a group without anybody.
    below = a * after + b * before
    inner = np.divide((a + b) * product, below, out=np.zeros_like(below), where=product > 0)
    first = _end(per_year[..., 0], per_year[..., 1], width[0], width[1])
    last = _end(per_year[..., -1], per_year[..., -2], width[-1], width[-2])
    return np.concatenate([first[..., None], inner, last[..., None]], axis=-1)


def _end(at: Array, beyond: Array, width: float, width_beyond: float) -> Array:
    """Return the three-point slope at an end, not negative, and 0 where nobody is there."""
    slope = ((2.0 * width + width_beyond) * at - width * beyond) / (width + width_beyond)
    return np.where(at > 0.0, np.maximum(slope, 0.0), 0.0)


def _exactly(years: Array, counts: Array, starts: Sequence[int]) -> Array:
    """Remove what rounding of the cumulative leaves: negative years, sums a hair off."""
    years = np.maximum(years, 0.0)
    sums = np.add.reduceat(years, np.asarray(starts[:-1]), axis=-1)
    factor = np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)
    return np.asarray(years * np.repeat(factor, np.diff(starts), axis=-1))
