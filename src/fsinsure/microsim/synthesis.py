"""Persons synthesized from cells: a pure function of the cells and the ids.

Traits that a cell does not determine are distributed evenly over its persons: they are read off the
first points of a Sobol sequence, randomized by a digital shift drawn for the cell. The distribution
of any trait in the population is close to the expected one, and a person does not depend on which
other persons are synthesized.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.microsim.person_rules import chosen
from fsinsure.microsim.randomness import uniform
from fsinsure.numeric.sobol import DIRECTIONS
from fsinsure.numeric.sobol import points as sobol
from fsinsure.state import FEN, RANKS, People, claimed_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from fsinsure.arrays import Array, Bits, Ints
    from fsinsure.rules import Numbers
    from fsinsure.state import CellCodes


RANK, MONTH, CLASS, CADRE, SPREAD = range(5)
AXES: Final = len(DIRECTIONS)
"""Dimensions of the Sobol sequence that traits are read off."""


@dataclass(frozen=True, eq=False)
class Traits:
    """Distribution of traits over persons.

    Parameters
    ----------
    classes
        Industry class, less one, at 65,536 equal probabilities ``[65536]``.
    early, late
        Shares that claim their pension early and late.
    spread
        Months relative to the mean of the cell at equal probabilities, ascending ``[RANKS]``.
    index
        Own contribution index by wage rank, relative to the mean ``[RANKS]``.
    """

    classes: NDArray[np.uint8]
    early: float
    late: float
    spread: Array
    index: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Group:
    """Persons who enter the model at the same point, cell after cell.

    Parameters
    ----------
    first
        Id of the first person.
    start
        Index of the year, and the first step of it in which they take part.
    cell, status
        Code of each cell, and the status in it ``[cell]``.
    ends
        Cumulative number of persons up to and including each cell ``[cell]``.
    each
        Share of cadres, months, account (yuan) and pension (yuan a month) of a person of the cell,
        on average ``[quantity - 1, cell]``.
    ranks
        Number of ranks of months, from the lowest, that persons without the age of cadres have
        ``[cell]``: fewer than all where they lack months (:mod:`fsinsure.microsim.waiting`).
    shifts
        Digital shifts, random bits for each cell ``[axis, cell]``.
    """

    first: int
    start: tuple[int, int]
    cell: CellCodes
    status: Ints
    ends: Ints
    each: Array
    ranks: Ints
    shifts: Bits

    @property
    def count(self) -> int:
        """Number of persons."""
        return int(self.ends[-1]) if len(self.ends) else 0


def synthesize(group: Group, traits: Traits, first: int, count: int) -> People:
    """Synthesize the persons of a group with consecutive ids.

    Parameters
    ----------
    group, traits
        The cells, and the distribution of traits.
    first, count
        First id and number of ids, all of the group.
    """
    position = first - group.first
    end = position + count
    low, high = np.searchsorted(group.ends, [position, end - 1], side="right")
    here = slice(low, high + 1)
    ends = group.ends[here]
    starts = np.concatenate([group.ends[low - 1 : low] if low else [0], ends[:-1]])
    inside = np.minimum(ends, end) - np.maximum(starts, position)
    within = np.arange(position, end) - np.repeat(starts, inside)
    points = [
        np.repeat(group.shifts[axis, here], inside) ^ sobol(axis, within) for axis in range(AXES)
    ]
    return _people(group, traits, here, inside, points)


def _people(
    group: Group, traits: Traits, here: slice, inside: Ints, points: Sequence[Bits]
) -> People:
    """Return persons with the traits at their points ``[axis][person]``."""
    cell = np.repeat(group.cell[here], inside)
    rank = (points[RANK] >> RANK_BITS).astype(np.uint8)
    cadres, mean, account, pension = (np.repeat(row, inside) for row in group.each[:, here])
    draw = uniform(points[CADRE])
    position = (points[SPREAD] >> RANK_BITS).astype(np.intp)
    short = position * np.repeat(group.ranks[here], inside) // RANKS
    spread = traits.spread.take(np.where(draw < cadres, position, short))
    months = months_of(mean, spread, points[SPREAD]).astype(np.uint16)
    return People(
        cell,
        rank,
        traits.classes.take((points[CLASS] >> CLASS_BITS).astype(np.intp)),
        month_of(points[MONTH]).astype(np.uint8),
        np.asarray(track_of(draw, cadres, traits.early, traits.late), dtype=np.uint8),
        months,
        traits.index.take(rank),
        np.asarray(amount_of(account, mean, spread)),
        np.asarray(amount_of(pension, mean, spread)),
        np.zeros(len(cell), dtype=np.uint8),
        claimed_by(np.repeat(group.status[here], inside), months),
    )


RANK_BITS, CLASS_BITS, HALF_BITS = np.uint64(56), np.uint64(48), np.uint64(32)
"""Bits of a coordinate below those that are read: of ranks, industry classes, months of birth."""


def month_of(bits: Any) -> Any:
    """Return the month of birth, 0 to 11, at a coordinate."""
    return (bits >> HALF_BITS) * np.uint64(12) >> HALF_BITS


def months_of(mean: Numbers, spread: Numbers, bits: Any) -> Any:
    """Return contribution months, to be cut to whole ones.

    The bits of a coordinate that give no rank round to a neighbouring month without bias.
    """
    return mean * spread + uniform(bits << np.uint64(8))


def amount_of(each: Numbers, mean: Numbers, spread: Numbers) -> Numbers:
    """Return an account or pension in fen, proportional to months where a cell has any.

    Parameters
    ----------
    each
        On average of the cell, yuan.
    mean, spread
        Months on average of the cell, and those of the person relative to them.
    """
    return np.rint(FEN * each * chosen(mean > 0.0, spread, 1.0))


def track_of(draw: Numbers, cadres: Numbers, early: float, late: float) -> Numbers:
    """Return pension age and claim (:attr:`fsinsure.state.People.track`) by a number in [0, 1).

    Parameters
    ----------
    cadres
        Share with the age of cadres: the numbers below it are theirs.
    early, late
        Shares of both that claim early and late.
    """
    track = chosen(draw < cadres, 1, 0)
    if not early and not late:
        return track
    # The position within the interval is uniform again.
    low, width = chosen(track == 1, 0.0, cadres), chosen(track == 1, cadres, 1.0 - cadres)
    return track + claim_track((draw - low) / width, early, late)


def claim_track(draw: Numbers, early: float, late: float) -> Numbers:
    """Return the track of a claim by a number in [0, 1): 4 early, 2 late, 0 on time."""
    return chosen(draw < early, 4, chosen(draw >= 1.0 - late, 2, 0))


RULES: Final = (month_of, months_of, amount_of, claim_track, track_of)
"""The functions that the compiled engine compiles."""


def class_table(shares: ArrayLike) -> NDArray[np.uint8]:
    """Return the industry class, less one, at 65,536 equal probabilities.

    >>> np.bincount(class_table([0.25, 0.75])).tolist()
    [16384, 49152]
    """
    bounds = np.cumsum(shares)[:-1]
    return np.searchsorted(bounds, (np.arange(65536) + 0.5) / 65536, side="right").astype(np.uint8)


def cumulative_round(expected: Array, scale: float) -> Ints:
    """Return cumulative whole numbers of persons, rounded from expected ones.

    The sum over any consecutive cells differs from the expected one by less than one person, the
    sum from the first cell by at most half a person.

    Parameters
    ----------
    expected
        Expected persons by cell, in order.
    scale
        Persons synthesized for each expected person.

    Examples
    --------
    >>> cumulative_round(np.array([0.4, 0.4, 0.4, 0.4]), 1.0).tolist()
    [0, 1, 1, 2]
    """
    return np.floor(np.cumsum(expected) * scale + 0.5).astype(np.int64)
