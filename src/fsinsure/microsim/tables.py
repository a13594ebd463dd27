"""The tables of a year that persons look up.

The numpy engine (:mod:`fsinsure.microsim.blocks`) uses these arrays, the compiled loops
(:mod:`fsinsure.microsim.compiled.loops`) a copy of all years by cell and year
(:mod:`fsinsure.microsim.compiled.layout`). Tables are by cell (:class:`fsinsure.state.CellCode`);
the last cell is that of persons who died or left.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np

from fsinsure.microsim.randomness import LANES
from fsinsure.state import CODE
from fsinsure.statuses import PAYING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Bits, Flags, Ints
    from fsinsure.microsim.growth import Growth
    from fsinsure.microsim.rates import Rates
    from fsinsure.state import CellCode, Inflow, Move

ALL_BITS: Final = np.uint64(2**64 - 1)
"""The threshold of cells from which everybody moves."""

EARNED_HALF: Final = np.array([6 * (status in PAYING) for status in CODE], dtype=np.uint16)
"""Contribution months of half a year in a status ``[code]``."""

DRAWN_HALF: Final = np.array([6 * (status == "unemployed") for status in CODE], dtype=np.uint8)
"""Months of benefit that are drawn in half a year in a status, as long as any are left
``[code]``."""


class StayerTables(NamedTuple):
    """Who stays in a year ``[cell]``.

    Parameters
    ----------
    candidate_threshold
        Upper 16 random bits up to which a person may move, and in cells that are examined all.
    move_threshold
        Random bits below which a person moves.
    examined
        Whether persons may be due, or amounts restart.
    restarts
        Which amounts restart (:func:`fsinsure.microsim.growth.after_year`).
    """

    candidate_threshold: NDArray[np.uint16]
    move_threshold: Bits
    examined: Flags
    restarts: NDArray[np.uint8]


class MoverTables(NamedTuple):
    """What a year does to persons who move, or may be due for a pension.

    Parameters
    ----------
    cumulative_probability
        Probability of having moved before a step ``[cell, step]``, rising from 0; one entry more
        than there are steps.
    target, move
        Where a step leads, as a code, and the number of the move ``[step, status]``.
    next_event
        First step of the event after that of a step: nobody moves twice in an event ``[step]``.
    cumulative_before
        Probability of having moved before the first half-year of money, before retirement, and by
        the end ``[3, cell]``.
    account_factor, account_credit
        An account after half a year is
        ``account * account_factor[half, cell] + account_credit[half, (status, rank)]``, fen.
    flat, per_year, percent
        The rise of pensions on 1 January ``[cell]``, fen and fractions; `flat` contains the
        top-up by age.
    first_half, retirement
        The steps before the first half-year of money and before retirement.
    """

    cumulative_probability: Array
    target: Ints
    move: Ints
    next_event: Ints
    cumulative_before: Array
    account_factor: Array
    account_credit: Array
    flat: Array
    per_year: Array
    percent: Array
    first_half: int
    retirement: int


class Retirement(NamedTuple):
    """Who reaches the pensionable age, and where that leads.

    Parameters
    ----------
    rule
        Number of the pension age and claim of a person ``[code, sex, track]``.
    due
        Whether persons claim, or have reached the statutory age, by the end of the year
        ``[rule, birth, month of birth]``.
    reached
        Whether they claim for the first time within the year, by the same.
    past
        Whether they have reached the statutory age by its end, by the same.
    claims
        Whether they claim by its end, by the same.
    divisor
        Annuity divisor (计发月数) of an account awarded this year, by the same.
    minimum
        Contribution months that they need, by the same.
    base
        Monthly contribution base of employees by wage rank, yuan, which a pension replaces.
    vesting
        Whether a status needs the minimum months ``[code]``.
    award, leave
        Number of the move by which the vested draw a pension, and by which others take their
        account ``[code]``.
    award_to, leave_to
        The codes that these lead to ``[code]``.
    """

    rule: Ints
    due: Flags
    reached: Flags
    past: Flags
    claims: Flags
    divisor: Array
    minimum: Array
    base: Array
    vesting: Flags
    award: Ints
    leave: Ints
    award_to: Ints
    leave_to: Ints


@dataclass(frozen=True, eq=False)
class InflowGroup:
    """Persons who enter the population at one point of a year.

    Parameters
    ----------
    move
        Number of the inflow within the year.
    step
        The first step in which they take part.
    status
        The status that they join.
    persons
        Expected number by place and year of birth ``[place, birth]``.
    each
        Months and account (yuan) that a person brings on average ``[quantity, place, birth]``.
    """

    move: int
    step: int
    status: int
    persons: Array
    each: Array


@dataclass(frozen=True, eq=False)
class YearTables:
    """The tables of a projected year.

    Parameters
    ----------
    year
        The calendar year.
    code
        Of the cells.
    moves
        Moves and inflows in order: the *number* of a move is its index here.
    aged
        Whether those who move have the age of the end of the year, not of its start ``[move]``.
    entries
        The inflows.
    stayers, movers, retirement
        Tables by cell, and of retirement.
    rates
        Changes of accounts and pensions, and the parameters of rules of persons.
    opening, closing
        What staying has added by the end of the year before, and by that of the year.
    """

    year: int
    code: CellCode
    moves: tuple[Move | Inflow, ...]
    aged: Flags
    entries: tuple[InflowGroup, ...]
    stayers: StayerTables
    movers: MoverTables
    retirement: Retirement
    rates: Rates
    opening: Growth
    closing: Growth

    def flows_by_age(self, flows: Ints) -> Array:
        """Turn :attr:`fsinsure.microsim.counters.Counters.flows` into ``[move, place, age]``."""
        by_birth = flows.reshape(-1, self.code.places, self.code.births)[: len(self.moves)]
        before, after = (self.code.to_ages(by_birth, self.year - back) for back in (1, 0))
        return np.where(self.aged[:, None, None], after, before)


Made = TypeVar("Made")


class ByYears(Generic[Made]):
    """What is made of consecutive years: once, also by several threads, while they are in use.

    Parameters
    ----------
    make
        Makes it.
    """

    def __init__(self, make: Callable[[Sequence[YearTables]], Made]) -> None:
        self._make, self._lock = make, Lock()
        self._known: WeakKeyDictionary[YearTables, tuple[list[ReferenceType[YearTables]], Made]]
        self._known = WeakKeyDictionary()

    def __call__(self, years: Sequence[YearTables]) -> Made:
        """Return it."""
        with self._lock:
            of, found = self._known.get(years[-1], ([], None))
            if found is None or [one() for one in of] != list(years):
                found = self._make(years)
                self._known[years[-1]] = [ref(year) for year in years], found
            return found


def _window_thresholds(years: Sequence[YearTables]) -> NDArray[np.uint16]:
    found = np.zeros((-(-len(years) // LANES), years[0].code.cells, LANES), dtype=np.uint16)
    for index, year in enumerate(years):
        window, lane = divmod(index, LANES)
        found[window, :, lane] = year.stayers.candidate_threshold
    return found


window_thresholds: Final = ByYears(_window_thresholds)
"""The upper bits up to which persons may move ``[window, cell, 16]``: the years of a window of 16
lie side by side; beyond the last year is 0."""
