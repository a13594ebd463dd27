"""Persons made out of cells: a pure function of what the cells hold and of the ids.

What a cell does not say of its persons is spread over them as evenly as can be: the traits of the
persons of a cell are the points of a Kronecker sequence (Roberts 2018, R_d), shifted by a number
drawn for the cell. Cuts of the population by any trait come out nearly as expected, and a person
does not depend on who else is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.state import FEN, People

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

RANK, MONTH, CLASS, CADRE, SPREAD = range(5)
_ROOT: Final = 1.1347241384015195
"""The root of ``x^6 = x + 1``: its inverse powers fill five dimensions evenly."""
STEPS: Final = tuple(int(_ROOT ** -(axis + 1) * 2**64) for axis in range(5))


@dataclass(frozen=True, eq=False)
class Traits:
    """How traits are spread over persons.

    Parameters
    ----------
    classes
        Cumulative share of the industry classes ``[class]``, the last being 1.
    cadre_share
        Of the women below both ages.
    spread
        Months of equally many persons, in order, relative to the mean of the cell ``[RANKS]``.
    index
        Own contribution index by wage rank, relative to the mean ``[RANKS]``.
    """

    classes: Array
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
    cell
        Code of each cell ``[cell]``.
    ends
        Persons up to and with each cell ``[cell]``.
    months, account, pension
        What a person of the cell has on average ``[cell]``: months, yuan, yuan a month.
    shifts
        Numbers drawn for each cell ``[axis, cell]``.
    past
        Whether a woman worker is past the pensionable age ``[birth, month of birth]`` when she
        enters: then whoever still works is a cadre.
    """

    first: int
    start: tuple[int, int]
    cell: NDArray[np.uint16]
    ends: Ints
    months: Array
    account: Array
    pension: Array
    shifts: Words
    past: NDArray[np.bool_]

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
    position = first - group.first + np.arange(count)
    low, high = np.searchsorted(group.ends, [position[0], position[-1]], side="right")
    ends = group.ends[low : high + 1]
    starts = np.concatenate([group.ends[low - 1 : low] if low else [0], ends[:-1]])
    inside = np.minimum(ends, position[-1] + 1) - np.maximum(starts, position[0])
    here = np.repeat(np.arange(low, high + 1), inside)
    within = (position - np.repeat(starts, inside)).astype(np.uint64)
    point = group.shifts[:, here] + within * np.array(STEPS, dtype=np.uint64)[:, None]
    return _people(group, traits, here, point)


def _uniform(point: Words) -> Array:
    return (point >> np.uint64(11)) * 2.0**-53


def _people(group: Group, traits: Traits, here: Ints, point: Words) -> People:
    """Give each person the traits of a point ``[axis, person]``."""
    cell = group.cell[here]
    rank = (point[RANK] >> np.uint64(56)).astype(np.uint8)
    month = (((point[MONTH] >> np.uint64(32)) * np.uint64(12)) >> np.uint64(32)).astype(np.uint8)
    klass = np.searchsorted(traits.classes[:-1], _uniform(point[CLASS]), side="right")
    place, birth = np.divmod(cell.astype(np.int64), group.past.shape[0])
    past = (place % 2 == 1) & group.past[birth, month]
    cadre = past | (_uniform(point[CADRE]) < traits.cadre_share)
    mean = group.months[here]
    spread = traits.spread[(point[SPREAD] >> np.uint64(56)).astype(np.int64)]
    # What is left of the point decides between the whole months on both sides.
    months = np.floor(mean * spread + _uniform(point[SPREAD] << np.uint64(8)))
    relative = np.where(mean > 0, spread, 1.0)
    return People(
        cell,
        rank,
        klass.astype(np.uint8),
        month,
        cadre.astype(np.uint8),
        months.astype(np.uint16),
        traits.index[rank],
        np.rint(FEN * group.account[here] * relative),
        np.rint(FEN * group.pension[here] * relative),
        np.zeros(len(here), dtype=np.uint8),
    )


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
