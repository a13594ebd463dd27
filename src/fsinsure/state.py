"""Plain containers: what moves, from where to where, with which probability.

A *stock* is an array ``[..., quantity, status, area, sex, age]`` at 31 December (see
:mod:`fsinsure.dims`). A :class:`Move` is the atom of the library: some people of one status leave
it for another with a probability. The cohort engine multiplies stocks by probabilities; the person
engine compares a draw with the same probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fsinsure.arrays import Array, Ints
from fsinsure.dims import AGES, MONTHS, SEXES
from fsinsure.statuses import CARRIED, STATUS, STATUSES

CellCodes: TypeAlias = NDArray[np.uint16 | np.uint32]
"""Codes of cells, of the type that :attr:`CellCode.dtype` chooses."""

ALL_AGES: Final = slice(0, AGES)

DEAD = "dead"
DEPARTED = "departed"
BORN = "born"
ARRIVED = "arrived"

STATUTORY_AGE: Final = "statutory age"
ACCOUNT_TAKEN: Final = "account taken"
LAND_EXPROPRIATED: Final = "land-expropriated transfer"
"""Reasons of moves that decide what happens to money."""

CODE: Final = {**STATUS, DEAD: len(STATUSES), DEPARTED: len(STATUSES) + 1}
"""Where a move may lead, as a number; from :data:`GONE` on, out of the population."""

GONE: Final = len(STATUSES)
FEN: Final = 100
"""Fen in a yuan. Whole fen in floating point add up exactly, in whatever order."""

RANKS: Final = 256
"""Wage ranks, equally many persons in each."""


@dataclass(frozen=True, eq=False)
class Move:
    """People who leave one status for another (or die, or leave the region).

    Parameters
    ----------
    source
        The status that they leave.
    target
        The status that they join, ``"dead"`` or ``"departed"``.
    probability
        Share of the source that moves, broadcastable to ``[..., quantity, area, sex, age]``
        with the ages of `ages`. Its quantity axis has length 1 where the movers carry the mean
        of their cell, else one entry a quantity (movers picked by what they carry).
    ages
        The ages that the probability covers; nobody of another age moves.
    reason
        Why they move, where the two statuses do not say it: the name of the rule or path.
    divisor
        Where they draw a pension from an account: its annuity divisor (计发月数), broadcastable to
        ``[..., area, sex, age]``.
    """

    source: str
    target: str
    probability: Array
    ages: slice = field(default_factory=lambda: ALL_AGES)
    reason: str = ""
    divisor: Array | None = None

    @property
    def kept(self) -> slice:
        """The quantities that they still have in their new status, of those they carried.

        Who takes the account ends the insurance, and the months with it (人社部令第13号 art. 3).
        """
        return slice(MONTHS) if self.reason == ACCOUNT_TAKEN else CARRIED[self.source]

    def by_cell(self, areas: int) -> Array:
        """Return the probability of a person, as ``[..., area, sex, age]`` over all ages."""
        persons = self.probability[..., 0, :, :, :]
        shape = (*persons.shape[:-3], areas, len(SEXES), AGES)
        full = np.zeros(shape)
        full[..., self.ages] = persons
        return full


@dataclass(frozen=True, eq=False)
class Inflow:
    """People who come from outside the population: born, or arrived in the region.

    Parameters
    ----------
    source
        ``"born"`` or ``"arrived"``.
    target
        The status that they join.
    persons
        How many, broadcastable to ``[..., area, sex, age]`` with the ages of `ages`.
    cadre_share
        Share of the women among them with the pension age of cadres, broadcastable to
        ``[..., area, age]``.
    ages
        The ages that `persons` covers.
    reason
        Why they come: the name of the path.
    each
        What a person brings on average of the quantities from months on that the stock has,
        broadcastable to ``[..., quantity, area, sex, age]``; None: nothing.
    """

    source: str
    target: str
    persons: Array
    cadre_share: Array | float
    ages: slice = field(default_factory=lambda: ALL_AGES)
    reason: str = ""
    each: Array | None = None

    def brought(self) -> Array | None:
        """Return what they bring in all ``[..., quantity, area, sex, age]``; None: nothing."""
        return None if self.each is None else self.each * self.persons[..., None, :, :, :]


@dataclass(frozen=True, eq=False)
class Flow:
    """How many made a move or an inflow: persons ``[..., area, sex, age]`` of the given ages.

    The age is that of 31 December, except where `aged` is false: those people (the year's dead)
    left before everyone's age went up by one.
    """

    source: str
    target: str
    persons: Array
    ages: slice
    reason: str = ""
    aged: bool = True

    @cached_property
    def by_area(self) -> Array:
        """Persons ``[..., area]``."""
        return np.asarray(self.persons.sum(axis=(-2, -1)))


@dataclass(frozen=True)
class CellCode:
    """How the cell of a person is coded: status, place and year of birth in one number.

    A *place* is an area and a sex together, ``2 * area + sex``.

    Parameters
    ----------
    areas
        How many areas there are.
    base_year, horizon
        The years of birth run from age 100 in the base year to age 0 at the horizon.
    """

    areas: int
    base_year: int
    horizon: int

    @cached_property
    def places(self) -> int:
        """How many places there are."""
        return self.areas * len(SEXES)

    @cached_property
    def first_birth(self) -> int:
        """The first year of birth."""
        return self.base_year - AGES + 1

    @cached_property
    def births(self) -> int:
        """How many years of birth there are."""
        return AGES + self.horizon - self.base_year

    @cached_property
    def cells(self) -> int:
        """How many cells there are; the last is that of those who died or left."""
        return len(STATUSES) * self.places * self.births + 1

    @cached_property
    def dtype(self) -> type[np.uint16 | np.uint32]:
        """The narrowest type that holds the code of every cell.

        16 bits are enough for 30 areas to 5 years after the base year and 18 to 80 years.
        """
        return np.uint16 if self.cells <= 2**16 else np.uint32

    def of(self, status: Ints, place: Ints, birth: Ints) -> CellCodes:
        """Return the code of a person's cell, by the numbers of status, place and year of birth."""
        code = (status * self.places + place) * self.births + birth
        return np.asarray(code, dtype=self.dtype)

    def ages_at(self, end_of: int) -> Ints:
        """Return the age at 31 December by year of birth ``[birth]``; the unborn count as 0."""
        return np.clip(end_of - (self.first_birth + np.arange(self.births)), 0, AGES - 1)

    def to_ages(self, by_birth: Ints, end_of: int) -> Array:
        """Turn the last axis from years of birth into ages at 31 December."""
        return np.asarray(by_birth @ np.eye(AGES)[self.ages_at(end_of)], dtype=np.float64)

    def by_age(self, cells: Ints, end_of: int) -> Array:
        """Return amounts by cell ``[..., cell]`` as ``[..., status, area, sex, age]``.

        The age is that of 31 December; what the gone have is left out.
        """
        shape = (*cells.shape[:-1], len(STATUSES), self.areas, len(SEXES), self.births)
        return self.to_ages(cells[..., :-1].reshape(shape), end_of)


def claimed_by(status: Ints, months: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the contribution months at the last claim of persons of whom it is not known.

    The unemployed have claimed with all of them; nobody else has claimed.
    """
    return np.where(status == STATUS["unemployed"], months, np.uint16(0))


@dataclass(eq=False)
class People:
    """Persons, one a row, in the order of their ids.

    A person's *cell* is a code of status, area, sex and year of birth (:class:`CellCode`), so
    that a person who stays in a status stays in the cell.

    Parameters
    ----------
    cell
        The code, of the type that :attr:`CellCode.dtype` chooses.
    rank
        Wage rank, of :data:`RANKS`; kept for life.
    industry_class
        Industry class, less one.
    month
        Month of birth, 0 to 11.
    track
        Whose pension age a woman has and when a person claims: 0 workers and 1 cadres, on time;
        2 and 3 the same for late claims, 4 and 5 for early ones.
    months
        Contribution months.
    contribution_index
        Own contribution index relative to the mean.
    account, pension
        Balance, and pension in payment a month, both in whole fen.
    benefit_months_left
        Months of unemployment benefit that are left of the last claim.
    months_at_last_claim
        Contribution months at the last claim: those paid since buy the next one.
    """

    cell: CellCodes
    rank: NDArray[np.uint8]
    industry_class: NDArray[np.uint8]
    month: NDArray[np.uint8]
    track: NDArray[np.uint8]
    months: NDArray[np.uint16]
    contribution_index: NDArray[np.float32]
    account: Array
    pension: Array
    benefit_months_left: NDArray[np.uint8]
    months_at_last_claim: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.cell)

    def take(self, rows: Ints | slice) -> People:
        """Return some of the rows, as copies (views for a slice)."""
        arrays = [getattr(self, field.name) for field in fields(self)]
        if isinstance(rows, slice):
            return People(*(array[rows] for array in arrays))
        return People(*(array.take(rows) for array in arrays))


def joined(parts: Sequence[People]) -> People:
    """Return persons after one another, copied unless they are one part."""
    if len(parts) == 1:
        return parts[0]
    arrays = zip(*(vars(part).values() for part in parts), strict=True)
    return People(*(np.concatenate(same) for same in arrays))
