"""Individual outcomes in fine bins: exact integers that add up over shards.

A value is a whole number (months, fen, millionths), so totals have no rounding. Every person is
counted once among all, and once by sex, area, status and decade of birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fsinsure.arrays import Ints
from fsinsure.dims import AGES, AREAS, BASE_YEAR, LAST_YEAR, SEXES
from fsinsure.state import FEN, PLACES
from fsinsure.statuses import STATUSES

MILLION: Final = 1_000_000
DECADE: Final = 10
FIRST_BIRTH: Final = BASE_YEAR - AGES + 1
"""Year of birth at index 0 of the axis of births."""


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

DECADES: Final = tuple(range(FIRST_BIRTH, LAST_YEAR + 1, DECADE))
GROUPS: Final = {
    "all": ("all",),
    "sex": SEXES,
    "area": AREAS,
    "status": STATUSES,
    "born": tuple(f"{year}-{year + DECADE - 1}" for year in DECADES),
}
"""The groupings by which persons are counted, and the members of each."""
_SEX, _AREA, _STATUS, _BORN, MEMBERS = (
    int(end) for end in np.cumsum([len(members) for members in GROUPS.values()])
)


SHAPES: Final = ((MEMBERS * BINS,), (len(QUANTITIES) * MEMBERS,))
"""Shapes of the arrays of a year: persons ``[member * bin]``, totals ``[quantity * member]``."""


def _members() -> Ints:
    shape = (len(STATUSES), PLACES, len(DECADES))
    status, area_sex, decade = np.indices(shape).reshape(3, -1)
    return np.stack(
        [
            0 * status,
            area_sex % 2 + _SEX,
            area_sex // 2 + _AREA,
            status + _STATUS,
            decade + _BORN,
        ]
    )


MEMBERS_OF: Final = _members()
"""Where the persons of a code are counted ``[group, code]``."""


def code_of(status: Any, area_sex: Any, birth: Any) -> Any:
    """Return the code of a person."""
    return (status * PLACES + area_sex) * len(DECADES) + birth // DECADE


@cache
def codes(births: int) -> Ints:
    """Return the code of every cell; that of persons who died or left has no meaning.

    Parameters
    ----------
    births
        Number of years of birth.
    """
    cell = np.indices((len(STATUSES), PLACES, births)).reshape(3, -1)
    return np.append(code_of(*cell), 0)


def bin_of(quantity: int, value: Any) -> Any:
    """Return the bin of a value among those of its quantity."""
    start, end = FIRST_LOOKUP[quantity], FIRST_LOOKUP[quantity + 1]
    return LOOKUP[start + np.minimum(value // FINEST[quantity], end - start - 1)]


def record(quantity: int, code: Ints, values: NDArray[Any], counts: Ints, totals: Ints) -> None:
    """Add values of persons to the histograms of a year.

    Parameters
    ----------
    quantity
        :data:`REPLACEMENT`, ...
    code
        From :func:`codes` ``[person]``.
    values
        Whole numbers, 0 or more ``[person]``.
    counts, totals
        Of the shapes :data:`SHAPES`; added to.
    """
    whole = values.astype(np.int64)
    at = FIRST_BIN[quantity] + bin_of(quantity, whole)
    for members in MEMBERS_OF:
        member = members.take(code)
        np.add.at(counts, member * BINS + at, 1)
        np.add.at(totals, quantity * MEMBERS + member, whole)


def record_person(
    quantity: int, code: int, value: np.signedinteger[Any], counts: Ints, totals: Ints
) -> None:
    """Add the value of one person, as :func:`record` does, in compiled loops."""
    at = FIRST_BIN[quantity] + bin_of(quantity, value)
    for group in range(len(MEMBERS_OF)):
        member = MEMBERS_OF[group, code]
        counts[member * BINS + at] += 1
        totals[quantity * MEMBERS + member] += value
