"""Individual outcomes in fine bins: exact integers that add up over shards.

A value is a whole number (months, fen, millionths), so totals have no rounding. Every person is
counted once among all, and once by sex, area, status and decade of birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fsinsure.arrays import Ints
from fsinsure.dims import SEXES
from fsinsure.state import FEN, CellCode
from fsinsure.statuses import STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

Members: TypeAlias = NDArray[np.int32]
"""Where persons are counted, members of groups."""

MILLION: Final = 1_000_000
DECADE: Final = 10


@dataclass(frozen=True, eq=False)
class Quantity:
    """A quantity and its bins.

    Parameters
    ----------
    name
        In tables.
    unit
        Of tables: fraction, months or yuan.
    per
        Whole numbers in a unit.
    steps
        Bins as (width, end), both whole numbers, one run after another from 0; values beyond the
        last end have a bin of their own.
    exact
        Whether each bin holds a single value.
    """

    name: str
    unit: str
    per: int
    steps: tuple[tuple[int, int], ...]
    exact: bool = False

    @property
    def edges(self) -> Ints:
        """Lower ends of the bins."""
        found, start = [], 0
        for width, end in self.steps:
            found.append(np.arange(start, end, width))
            start = end
        return np.concatenate([*found, [start]])

    @property
    def lookup(self) -> Ints:
        """The bin of every multiple of the finest width."""
        finest = self.steps[0][0]
        values = np.arange(0, self.steps[-1][1] + 1, finest)
        return np.searchsorted(self.edges, values, side="right") - 1


MONEY: Final = tuple(
    (width * FEN, end * FEN)
    for width, end in ((20, 2_000), (100, 10_000), (500, 50_000), (2_500, 250_000))
)
REPLACEMENT, MONTHS, AWARD, VESTED, ENTITLED, PENSION = range(6)
QUANTITIES: Final = (
    Quantity("replacement_rate", "fraction", MILLION, ((10_000, 3 * MILLION),)),
    Quantity("months_at_award", "months", 1, ((1, 600),), exact=True),
    Quantity("pension_at_award", "yuan", FEN, MONEY),
    Quantity("vested", "fraction", 1, ((1, 1),), exact=True),
    Quantity("months_of_benefit", "months", 1, ((1, 25),), exact=True),
    Quantity("pension_in_payment", "yuan", FEN, MONEY),
)
"""In order: of awards (three), of persons who reach the pensionable age, of claims, and of
pensioners at the end of the base year and of the last."""

_SIZES: Final = [len(quantity.edges) for quantity in QUANTITIES]
FIRST_BIN: Final = np.cumsum([0, *_SIZES])
"""Where the bins of each quantity begin."""
BINS: Final = int(FIRST_BIN[-1])
LOOKUP: Final = np.concatenate([quantity.lookup for quantity in QUANTITIES])
"""Bins of every multiple of the finest width of each quantity, one quantity after another."""
FIRST_LOOKUP: Final = np.cumsum([0, *(len(quantity.lookup) for quantity in QUANTITIES)])
FINEST: Final = np.array([quantity.steps[0][0] for quantity in QUANTITIES])

KINDS: Final = len(QUANTITIES)


def groups(areas: Sequence[str], code: CellCode) -> dict[str, tuple[str, ...]]:
    """Return the groupings by which persons are counted, and the members of each.

    Parameters
    ----------
    areas
        The codes of the areas.
    code
        Of the cells; it says which years of birth there are.
    """
    first, end = code.first_birth, code.first_birth + code.births
    return {
        "all": ("all",),
        "sex": SEXES,
        "area": tuple(areas),
        "status": STATUSES,
        "born": tuple(f"{year}-{year + DECADE - 1}" for year in range(first, end, DECADE)),
    }


def member_names(areas: Sequence[str], code: CellCode) -> tuple[tuple[str, str], ...]:
    """Return group and member ``[member]``, in the order in which persons are counted."""
    found = groups(areas, code).items()
    return tuple((group, of) for group, members in found for of in members)


@lru_cache(maxsize=4)
def members_of(code: CellCode) -> Members:
    """Return where the persons of a cell are counted ``[group, cell]``.

    The last cell, of persons who died or left, has no meaning.
    """
    shape = (len(STATUSES), code.areas, len(SEXES), code.births)
    status, area, sex, birth = np.indices(shape, dtype=np.int32).reshape(4, -1)
    sizes = (1, len(SEXES), code.areas, len(STATUSES))
    first = np.cumsum(sizes, dtype=np.int32)[:, None]
    members = first + np.stack([sex, area, status, birth // DECADE])
    return np.pad(members, ((1, 0), (0, 1)))


def shapes(code: CellCode) -> tuple[tuple[int], tuple[int]]:
    """Return the shapes of the arrays of a year.

    Persons are counted by ``[member * bin]``, totals by ``[quantity * member]``.
    """
    members = len(member_names(("",) * code.areas, code))
    return (members * BINS,), (KINDS * members,)


def bin_of(quantity: int, value: Any) -> Any:
    """Return the bin of a value among those of its quantity."""
    start, end = FIRST_LOOKUP[quantity], FIRST_LOOKUP[quantity + 1]
    return LOOKUP[start + np.minimum(value // FINEST[quantity], end - start - 1)]


def record(
    quantity: int, members: Members, values: NDArray[Any], counts: Ints, totals: Ints
) -> None:
    """Add values of persons to the histograms of a year.

    Parameters
    ----------
    quantity
        :data:`REPLACEMENT`, ...
    members
        Where the persons are counted, out of :func:`members_of` ``[group, person]``.
    values
        Whole numbers, 0 or more ``[person]``.
    counts, totals
        Of the :func:`shapes`; added to.
    """
    whole = values.astype(np.int64)
    at = FIRST_BIN[quantity] + bin_of(quantity, whole)
    first = quantity * (len(totals) // KINDS)
    for member in members:
        np.add.at(counts, member * BINS + at, 1)
        np.add.at(totals, first + member, whole)


def record_person(
    quantity: int,
    cell: int,
    value: np.signedinteger[Any],
    members: Members,
    counts: Ints,
    totals: Ints,
) -> None:
    """Add the value of one person in a cell, as :func:`record` does, in compiled loops.

    Parameters
    ----------
    members
        Of all cells: :func:`members_of`.
    """
    at = FIRST_BIN[quantity] + bin_of(quantity, value)
    first = quantity * (len(totals) // KINDS)
    for group in range(len(members)):
        member = members[group, cell]
        counts[member * BINS + at] += 1
        totals[first + member] += value
