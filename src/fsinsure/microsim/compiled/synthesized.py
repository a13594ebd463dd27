"""Persons synthesized from cells as a loop, with the bits of :mod:`fsinsure.microsim.synthesis`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fsinsure.microsim.block import UNEMPLOYED
from fsinsure.microsim.compiled.layout import At
from fsinsure.microsim.randomness import uniform
from fsinsure.microsim.synthesis import (
    AXES,
    CADRE,
    CLASS,
    CLASS_BITS,
    MONTH,
    RANK,
    RANK_BITS,
    SPREAD,
    amount_of,
    month_of,
    months_of,
    track_of,
)
from fsinsure.numeric import sobol
from fsinsure.numeric.sobol import DIGITS
from fsinsure.state import RANKS, People

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Bits, Ints
    from fsinsure.microsim.compiled.layout import Whole
    from fsinsure.microsim.synthesis import Group, Traits


class Synthesized(NamedTuple):
    """The persons that are made: the columns of :class:`fsinsure.state.People` that are not 0.

    Cells have one type here, so that the loop is compiled once for regions of any size.
    """

    cell: NDArray[np.uint32]
    rank: NDArray[np.uint8]
    industry_class: NDArray[np.uint8]
    month: NDArray[np.uint8]
    track: NDArray[np.uint8]
    months: NDArray[np.uint16]
    contribution_index: NDArray[np.float32]
    account: Array
    pension: Array
    months_at_last_claim: NDArray[np.uint16]


class Source(NamedTuple):
    """What they are made of: the columns of :class:`fsinsure.microsim.synthesis.Group`.

    Parameters
    ----------
    ends, cell, status, ranks
        ``[cell]``
    each
        ``[cell, quantity]``
    shifts
        ``[cell, axis]``
    classes, spread, by_rank, early, late
        As :class:`fsinsure.microsim.synthesis.Traits` has them; `by_rank` is its index.
    low, high
        Coordinates of the low and high digits of a number (:func:`fsinsure.numeric.sobol.tables`)
        ``[axis, 65536]``.
    """

    ends: Ints
    cell: Ints
    status: Ints
    ranks: Ints
    each: Array
    shifts: Bits
    classes: NDArray[np.uint8]
    spread: Array
    by_rank: NDArray[np.float32]
    early: float
    late: float
    low: Bits
    high: Bits


def synthesize(made: Synthesized, source: Source, position: Whole, k: Whole) -> int:
    """Make persons; return how many.

    Parameters
    ----------
    position, k
        Of the first one within its group, and the cell that it lies in.
    """
    for i in range(len(made.cell)):
        while position + i >= source.ends[At(k)]:
            k += 1
        start = source.ends[At(k - 1)] if k > 0 else 0
        make_person(made, i, source, At(k), position + i - start)
    return len(made.cell)


def make_person(made: Synthesized, i: Whole, source: Source, k: Whole, within: Whole) -> None:
    """Make the person at a place within a cell."""
    spread_bits = point(source, k, SPREAD, within)
    draw = uniform(point(source, k, CADRE, within))
    cadres, mean = source.each[k, At(0)], source.each[k, At(1)]
    position: Whole = np.int64(spread_bits >> RANK_BITS)
    if not draw < cadres:
        position = position * source.ranks[k] // RANKS
    spread = source.spread[At(position)]
    rank = point(source, k, RANK, within) >> RANK_BITS
    made.cell[i] = source.cell[k]
    made.rank[i] = rank
    made.industry_class[i] = source.classes[At(point(source, k, CLASS, within) >> CLASS_BITS)]
    made.month[i] = month_of(point(source, k, MONTH, within))
    made.track[i] = track_of(draw, cadres, source.early, source.late)
    made.months[i] = np.int64(months_of(mean, spread, spread_bits))
    made.contribution_index[i] = source.by_rank[At(rank)]
    made.account[i] = amount_of(source.each[k, At(2)], mean, spread)
    made.pension[i] = amount_of(source.each[k, At(3)], mean, spread)
    made.months_at_last_claim[i] = made.months[i] if source.status[k] == UNEMPLOYED else 0


def point(source: Source, k: Whole, axis: Whole, within: Whole) -> Any:
    """Return a coordinate of the point of a place within a cell."""
    low = source.low[At(axis), At(within & ((1 << DIGITS) - 1))]
    return source.shifts[k, At(axis)] ^ low ^ source.high[At(axis), At(within >> DIGITS)]


STEPS = (point, make_person)
"""The functions that the loop calls."""


def source_of(group: Group, traits: Traits) -> Source:
    """Return what persons are made of, as the loop takes it."""
    return Source(
        group.ends,
        group.cell.astype(np.int64),
        group.status,
        group.ranks,
        np.ascontiguousarray(group.each.T),
        np.ascontiguousarray(group.shifts.T),
        traits.classes,
        traits.spread,
        traits.index,
        float(traits.early),
        float(traits.late),
        *_coordinates(),
    )


@cache
def _coordinates() -> tuple[Bits, Bits]:
    """Return the coordinates of low and of high digits ``[axis, 65536]``, once for all groups."""
    low, high = zip(*(sobol.tables(axis) for axis in range(AXES)), strict=True)
    return np.stack(low), np.stack(high)


def nobody_yet(group: Group, count: int) -> People:
    """Return people to be filled in; the cells are given when they are known."""
    return People(
        cell=np.zeros(0, dtype=group.cell.dtype),
        rank=np.zeros(count, dtype=np.uint8),
        industry_class=np.zeros(count, dtype=np.uint8),
        month=np.zeros(count, dtype=np.uint8),
        track=np.zeros(count, dtype=np.uint8),
        months=np.zeros(count, dtype=np.uint16),
        contribution_index=np.zeros(count, dtype=np.float32),
        account=np.zeros(count),
        pension=np.zeros(count),
        benefit_months_left=np.zeros(count, dtype=np.uint8),
        months_at_last_claim=np.zeros(count, dtype=np.uint16),
    )
