"""Persons made out of cells: a pure function of what the cells hold and of the ids.

What a cell does not say of its persons is spread over them as evenly as can be: the traits of the
persons of a cell are the first of Sobol's points, moved by a number drawn for the cell. Cuts of the
population by any trait come out nearly as expected, and a person does not depend on who else is
made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.numeric.sobol import DIRECTIONS
from fsinsure.numeric.sobol import points as sobol
from fsinsure.state import FEN, People, claimed_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fsinsure.state import CellCodes

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

RANK, MONTH, CLASS, CADRE, SPREAD = range(5)
AXES: Final = len(DIRECTIONS)
"""Dimensions of the points that traits are read from."""


@dataclass(frozen=True, eq=False)
class Traits:
    """How traits are spread over persons.

    Parameters
    ----------
    classes
        Industry class, less one, of equally many persons each ``[65536]``.
    cadre_share
        Share of the women who retire by the cadres' age.
    spread
        Months of equally many persons, in order, relative to the mean of the cell ``[RANKS]``.
    index
        Own contribution index by wage rank, relative to the mean ``[RANKS]``.
    """

    classes: NDArray[np.uint8]
    cadre_share: float
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
        Index of the year, and the first step of it that they live through.
    cell, status
        Code of each cell, and the status in it ``[cell]``.
    ends
        Persons up to and with each cell ``[cell]``.
    each
        Months, account (yuan) and pension (yuan a month) of a person of the cell, on average
        ``[3, cell]``.
    shifts
        Numbers drawn for each cell ``[axis, cell]``.
    """

    first: int
    start: tuple[int, int]
    cell: CellCodes
    status: Ints
    ends: Ints
    each: Array
    shifts: Words

    @property
    def count(self) -> int:
        """Number of persons."""
        return int(self.ends[-1]) if len(self.ends) else 0


def make(group: Group, traits: Traits, first: int, count: int) -> People:
    """Make the persons of a group with consecutive ids.

    Parameters
    ----------
    group, traits
        Who they are.
    first, count
        Ids, all of the group.
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


def _uniform(point: Words) -> Array:
    return np.asarray((point >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def _people(
    group: Group, traits: Traits, here: slice, inside: Ints, points: Sequence[Words]
) -> People:
    """Give each person the traits of a point ``[axis][person]``."""
    cell = np.repeat(group.cell[here], inside)
    rank = (points[RANK] >> np.uint64(56)).astype(np.uint8)
    month = ((points[MONTH] >> np.uint64(32)) * np.uint64(12) >> np.uint64(32)).astype(np.uint8)
    spread = traits.spread.take((points[SPREAD] >> np.uint64(56)).astype(np.intp))
    mean = np.repeat(group.each[0, here], inside)
    # What is left of the point decides between the whole months on both sides.
    months = mean * spread
    months += _uniform(points[SPREAD] << np.uint64(8))
    whole_months = months.astype(np.uint16)
    relative = np.where(mean > 0.0, spread, 1.0)
    return People(
        cell,
        rank,
        traits.classes.take((points[CLASS] >> np.uint64(48)).astype(np.intp)),
        month,
        (_uniform(points[CADRE]) < traits.cadre_share).view(np.uint8),
        whole_months,
        traits.index.take(rank),
        np.rint(np.repeat(FEN * group.each[1, here], inside) * relative),
        np.rint(np.repeat(FEN * group.each[2, here], inside) * relative),
        np.zeros(len(cell), dtype=np.uint8),
        claimed_by(np.repeat(group.status[here], inside), whole_months),
    )


def class_table(shares: Sequence[float]) -> NDArray[np.uint8]:
    """Return the industry class, less one, of equally many persons each ``[65536]``.

    >>> np.bincount(class_table([0.25, 0.75])).tolist()
    [16384, 49152]
    """
    upto = np.cumsum(shares)[:-1]
    return np.searchsorted(upto, (np.arange(65536) + 0.5) / 65536, side="right").astype(np.uint8)


def whole(expected: Array, scale: float) -> Ints:
    """Return whole numbers of persons that follow the expected ones, cumulated.

    Every sum of neighbours is right to a person, and every sum from the first to half a person.

    Parameters
    ----------
    expected
        Persons, in order.
    scale
        Persons that are made for each expected one.

    Examples
    --------
    >>> whole(np.array([0.4, 0.4, 0.4, 0.4]), 1.0).tolist()
    [0, 1, 1, 2]
    """
    return np.floor(np.cumsum(expected) * scale + 0.5).astype(np.int64)
