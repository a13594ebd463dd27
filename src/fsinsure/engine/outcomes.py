"""What becomes of persons, counted in fine bins: exact integers that add up over shards.

A value is a whole number (months, fen, millionths), so a bin holds it exactly and totals have no
rounding. Every person is counted once among all, and once by sex, district, status and decade of
birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, DISTRICTS, LAST_YEAR, SEXES, STATUSES
from fsinsure.state import FEN, PLACES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

MILLION: Final = 1_000_000
DECADE: Final = 10
FIRST_BIRTH: Final = BASE_YEAR - AGES + 1
"""Year of birth of who is in the first place of the axis of births."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """What is counted, and its bins.

    Parameters
    ----------
    name
        In tables.
    unit
        Of tables: fraction, months or yuan.
    per
        Whole numbers in a unit.
    steps
        Bins as (width, end), both whole numbers, one run after another from 0; what is beyond the
        last end has a bin of its own.
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
    Quantity("months_of_benefit", "months", 1, ((1, 24),), exact=True),
    Quantity("pension_in_payment", "yuan", FEN, MONEY),
)
"""In order: of awards, of awards, of awards, of who reaches the pensionable age, of claims, of who
draws a pension at the end of the base year and of the last."""

_SIZES: Final = [len(quantity.edges) for quantity in QUANTITIES]
FIRST_BIN: Final = np.cumsum([0, *_SIZES])
"""Where the bins of each quantity begin."""
BINS: Final = int(FIRST_BIN[-1])
_LOOKUP: Final = tuple(quantity.lookup for quantity in QUANTITIES)

DECADES: Final = tuple(range(FIRST_BIRTH, LAST_YEAR + 1, DECADE))
GROUPS: Final = {
    "all": ("all",),
    "sex": SEXES,
    "district": DISTRICTS,
    "status": STATUSES,
    "born": tuple(f"{year}-{year + DECADE - 1}" for year in DECADES),
}
"""By what persons are counted, and the members of each group."""
_SEX, _DISTRICT, _STATUS, _BORN, MEMBERS = (
    int(end) for end in np.cumsum([len(members) for members in GROUPS.values()])
)


def members(status: Ints, place: Ints, birth: Ints) -> Ints:
    """Return where persons are counted ``[group, person]``.

    Parameters
    ----------
    status, place, birth
        Status, district and sex together, and year of birth, as places on their axes.
    """
    found = np.zeros((len(GROUPS), len(status)), dtype=np.int64)
    found[1] = place % 2 + _SEX
    found[2] = place // 2 + _DISTRICT
    found[3] = status + _STATUS
    found[4] = birth // DECADE + _BORN
    return found


def empty() -> tuple[Ints, Ints]:
    """Return room for a year: persons ``[member * bin]`` and totals ``[quantity * member]``."""
    return (
        np.zeros(MEMBERS * BINS, dtype=np.int64),
        np.zeros(len(QUANTITIES) * MEMBERS, dtype=np.int64),
    )


def count(counts: Ints, totals: Ints, quantity: int, where: Ints, values: Ints | Array) -> None:
    """Count persons by what they have of a quantity.

    Parameters
    ----------
    counts, totals
        From :func:`empty`; added to.
    quantity
        :data:`REPLACEMENT`, ...
    where
        From :func:`members`.
    values
        Whole numbers, 0 or more ``[person]``.
    """
    whole = values.astype(np.int64)
    table = _LOOKUP[quantity]
    bins = table[np.minimum(whole // QUANTITIES[quantity].steps[0][0], len(table) - 1)]
    np.add.at(counts, where * BINS + (FIRST_BIN[quantity] + bins), 1)
    np.add.at(totals, where + quantity * MEMBERS, np.broadcast_to(whole, where.shape))


def count_awards(
    counts: Ints,
    totals: Ints,
    where: Ints,
    months: NDArray[np.uint16],
    award: Array,
    base: Array,
    vests: NDArray[np.bool_],
) -> None:
    """Count pensions that begin.

    Parameters
    ----------
    where
        From :func:`members`, by the status before.
    months
        Contribution months.
    award
        Fen a month.
    base
        What it replaces: the monthly contribution base of the own wage rank in the year of award,
        yuan; 0 for residents: they have no rate.
    vests
        Whose months count: they stand for what was paid where a pension depends on them.
    """
    count(counts, totals, AWARD, where, award)
    count(counts, totals, MONTHS, where[:, vests], months[vests].astype(np.int64))
    paid = base > 0
    rate = np.rint(award[paid] / base[paid] * (MILLION / FEN))
    count(counts, totals, REPLACEMENT, where[:, paid], rate)


def count_pensions(counts: Ints, totals: Ints, cell: Ints, births: int, pension: Array) -> None:
    """Count pensions in payment.

    Parameters
    ----------
    cell
        Of those who draw one.
    births
        How many years of birth there are.
    pension
        Fen a month.
    """
    place, birth = np.divmod(cell, births)
    status, place = np.divmod(place, PLACES)
    count(counts, totals, PENSION, members(status, place, birth), pension)
