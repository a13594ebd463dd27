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
    early, late
        Shares that claim their pension early and late.
    spread
        Months of equally many persons, in order, relative to the mean of the cell ``[RANKS]``.
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
        Index of the year, and the first step of it that they live through.
    cell, status
        Code of each cell, and the status in it ``[cell]``.
    ends
        Persons up to and with each cell ``[cell]``.
    each
        Share of cadres, months, account (yuan) and pension (yuan a month) of a person of the cell,
        on average ``[quantity - 1, cell]``.
    shifts
        Numbers drawn for each cell ``[axis, cell]``.
    """

    first: int
    start: tuple[int, int]
    cell: NDArray[np.uint16]
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
    cadres, mean, account, pension = (np.repeat(row, inside) for row in group.each[:, here])
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
        _tracks(_uniform(points[CADRE]), cadres, traits),
        whole_months,
        traits.index.take(rank),
        np.rint(FEN * account * relative),
        np.rint(FEN * pension * relative),
        np.zeros(len(cell), dtype=np.uint8),
        claimed_by(np.repeat(group.status[here], inside), whole_months),
    )


def _tracks(draw: Array, cadres: Array, traits: Traits) -> NDArray[np.uint8]:
    """Return pension age and claim (:attr:`fsinsure.state.People.track`) by a number in [0, 1)."""
    cadre = draw < cadres
    track = cadre.astype(np.uint8)
    if traits.early or traits.late:
        # What is left of the number is uniform again.
        low, width = np.where(cadre, 0.0, cadres), np.where(cadre, cadres, 1.0 - cadres)
        track += claim_tracks((draw - low) / width, traits)
    return track


def claim_tracks(draw: Array, traits: Traits) -> NDArray[np.uint8]:
    """Return what a claim adds to a track, by a number in [0, 1): 4 early, 2 late, 0 on time."""
    late = draw >= 1.0 - traits.late
    return np.where(draw < traits.early, 4, np.where(late, 2, 0)).astype(np.uint8)


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
