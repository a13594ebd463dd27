"""What becomes of persons, counted in fine bins: exact integers that add up over shards.

A value is a whole number (months, fen, millionths), so a bin holds it exactly and totals have no
rounding. Every person is counted once among all, and once by sex, district, status and decade of
birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, DISTRICTS, LAST_YEAR, SEXES
from fsinsure.state import FEN, PLACES
from fsinsure.statuses import STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints


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
    Quantity("months_of_benefit", "months", 1, ((1, 25),), exact=True),
    Quantity("pension_in_payment", "yuan", FEN, MONEY),
)
"""In order: of awards, of awards, of awards, of who reaches the pensionable age, of claims, of who
draws a pension at the end of the base year and of the last."""

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
    "district": DISTRICTS,
    "status": STATUSES,
    "born": tuple(f"{year}-{year + DECADE - 1}" for year in DECADES),
}
"""By what persons are counted, and the members of each group."""
_SEX, _DISTRICT, _STATUS, _BORN, MEMBERS = (
    int(end) for end in np.cumsum([len(members) for members in GROUPS.values()])
)


CODES: Final = len(STATUSES) * PLACES * len(DECADES)
"""How many *codes* there are: status, place and decade of birth of a person, together."""


def _members() -> Ints:
    status, place, decade = np.unravel_index(
        np.arange(CODES), (len(STATUSES), PLACES, len(DECADES))
    )
    everybody = np.zeros(CODES, dtype=np.int64)
    own = (everybody, place % 2 + _SEX, place // 2 + _DISTRICT, status + _STATUS, decade + _BORN)
    return np.stack(own)


MEMBERS_OF: Final = _members()
"""Where the persons of a code are counted ``[group, code]``."""


def code_of(status: Any, place: Any, birth: Any) -> Any:
    """Return the code of a person."""
    return (status * PLACES + place) * len(DECADES) + birth // DECADE


@cache
def codes(births: int) -> Ints:
    """Return the code of every cell; that of who is gone is of no meaning.

    Parameters
    ----------
    births
        How many years of birth there are.
    """
    status, place, birth = np.indices((len(STATUSES), PLACES, births)).reshape(3, -1)
    return np.append(code_of(status, place, birth), 0)


def empty() -> tuple[Ints, Ints]:
    """Return room for a year: persons ``[member * bin]`` and totals ``[quantity * member]``."""
    return (
        np.zeros(MEMBERS * BINS, dtype=np.int64),
        np.zeros(len(QUANTITIES) * MEMBERS, dtype=np.int64),
    )


class Notes:
    """What became of persons, in the order in which it was noted; counted all at a time."""

    def __init__(self) -> None:
        self._noted: tuple[list[tuple[Ints, Ints]], ...] = tuple([] for _ in QUANTITIES)

    def add(self, quantity: int, code: Ints, values: NDArray[Any]) -> None:
        """Note what some persons have of a quantity.

        Parameters
        ----------
        quantity
            :data:`REPLACEMENT`, ...
        code
            From :func:`codes` ``[person]``.
        values
            Whole numbers, 0 or more ``[person]``.
        """
        if len(code):
            self._noted[quantity].append((code, values.astype(np.int64)))

    def add_awards(
        self,
        code: Ints,
        months: NDArray[np.uint16],
        award: Array,
        base: Array,
        vests: NDArray[np.bool_],
    ) -> None:
        """Note pensions that begin.

        Parameters
        ----------
        code
            From :func:`codes`, by the status before.
        months
            Contribution months.
        award
            Fen a month.
        base
            What it replaces: the monthly contribution base of the own wage rank in the year of
            award, yuan; 0 for residents, who have no rate.
        vests
            Whose months count: they stand for what was paid where a pension depends on them.
        """
        self.add(AWARD, code, award)
        self.add(MONTHS, code[vests], months[vests])
        paid = base > 0
        self.add(REPLACEMENT, code[paid], np.rint(award[paid] / base[paid] * (MILLION / FEN)))

    def settle(self, counts: Ints, totals: Ints) -> None:
        """Count what was noted, and forget it.

        Parameters
        ----------
        counts, totals
            From :func:`empty`; added to.
        """
        by_member, sums = counts.reshape(MEMBERS, BINS), totals.reshape(-1, MEMBERS)
        for quantity, noted in enumerate(self._noted):
            if noted:
                code, values = (np.concatenate(part) for part in zip(*noted, strict=True))
                bins = by_member[:, FIRST_BIN[quantity] : FIRST_BIN[quantity + 1]]
                _count(bins, sums[quantity], quantity, code, values)
                noted.clear()


def bin_of(quantity: int, value: Any) -> Any:
    """Return the bin of a value among those of its quantity."""
    start, end = FIRST_LOOKUP[quantity], FIRST_LOOKUP[quantity + 1]
    return LOOKUP[start + np.minimum(value // FINEST[quantity], end - start - 1)]


def note(
    quantity: int, code: int, value: np.signedinteger[Any], counts: Ints, totals: Ints
) -> None:
    """Count what one person has of a quantity at once: :class:`Notes`, where loops are compiled."""
    at = FIRST_BIN[quantity] + bin_of(quantity, value)
    for group in range(len(MEMBERS_OF)):
        member = MEMBERS_OF[group, code]
        counts[member * BINS + at] += 1
        totals[quantity * MEMBERS + member] += value


def _count(by_member: Ints, sums: Ints, quantity: int, code: Ints, values: Ints) -> None:
    bins = bin_of(quantity, values)
    size = by_member.shape[1]
    totals = np.bincount(code, values, CODES)  # whole numbers below 2^53 add up exactly
    for members in MEMBERS_OF:
        at = members[code] * size + bins
        by_member += np.bincount(at, minlength=MEMBERS * size).reshape(-1, size)
        sums += np.bincount(members, totals, MEMBERS).astype(np.int64)
