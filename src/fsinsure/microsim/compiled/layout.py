"""The arrays of the person engine, in tuples as its compiled loops read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from fsinsure.microsim.movers import EARNED_HALF
from fsinsure.state import PLACES, RANKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Bits, Ints
    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.person_rules import PersonLaw
    from fsinsure.microsim.year_tables import Year
    from fsinsure.state import CellCodes, People


class Body(NamedTuple):
    """The arrays of :class:`fsinsure.state.People`, ``[person]``."""

    cell: CellCodes
    rank: NDArray[np.uint8]
    klass: NDArray[np.uint8]
    month: NDArray[np.uint8]
    track: NDArray[np.uint8]
    months: NDArray[np.uint16]
    own_index: NDArray[np.float32]
    account: Array
    pension: Array
    entitled: NDArray[np.uint8]
    claimed: NDArray[np.uint16]


class Steady(NamedTuple):
    """What a year does to whoever stays, by cell (:class:`fsinsure.microsim.year_tables.Year`).

    ``credit`` is by status and rank. Two more than there: ``where`` is status and district
    together, ``pay`` where the ranks of the status begin in ``credit``.
    """

    stay: Bits
    moving: Bits
    keep: Array
    credit: Array
    earned: NDArray[np.uint16]
    flat: Array
    per_year: Array
    percent: Array
    where: Ints
    pay: Ints


class Course(NamedTuple):
    """What a year does to whoever moves (:class:`fsinsure.microsim.year_tables.Year`).

    ``keep``, ``credit`` and ``earned`` are those of half a year, the latter by status; ``mid`` and
    ``retirement`` are the steps before the first half-year of money and before retirement.
    """

    odds: Array
    target: Ints
    move: Ints
    after: Ints
    reach: Array
    ages: Ints
    keep: Array
    credit: Array
    earned: NDArray[np.uint16]
    births: int
    mid: int
    retirement: int


class Retirement(NamedTuple):
    """Who retires (:class:`fsinsure.microsim.year_tables.Retirement`).

    ``base`` is what a pension replaces, by wage rank.
    """

    rule: Ints
    due: NDArray[np.bool_]
    reached: NDArray[np.bool_]
    past: NDArray[np.bool_]
    claims: NDArray[np.bool_]
    base: Array
    divisor: Array
    minimum: Array
    vesting: NDArray[np.bool_]
    award: Ints
    leave: Ints
    award_to: Ints
    leave_to: Ints


class Tables(NamedTuple):
    """Everything that persons need to know of a year."""

    steady: Steady
    course: Course
    retirement: Retirement
    law: PersonLaw


class Counts(NamedTuple):
    """The arrays of :class:`fsinsure.microsim.counters.Sums`."""

    heads: Ints
    jobs: Ints
    flows: Ints
    carried: Ints
    awarded: Ints
    indexed: Ints
    closing: Ints
    vanished: Ints
    outcomes: Ints
    totals: Ints


class Walkers(NamedTuple):
    """Room for those of a block who walk through a year: who they are, and where they are now.

    ``row`` is the place in the block. The last six are of those who make a move: their place
    among the walkers, what is left of their luck, the number of the move, where it leads, its
    step, and the status that it leaves.
    """

    row: Ints
    luck: Array
    status: Ints
    place: Ints
    birth: Ints
    cell: Ints
    before: Ints
    mover: Ints
    left: Array
    move: Ints
    target: Ints
    step: Ints
    source: Ints


Fields = TypeVar("Fields", bound=tuple[Any, ...])


def _fill(kind: type[Fields], found: Mapping[str, Any]) -> Fields:
    return kind(*(found[name] for name in kind.__annotations__))


def body(people: People) -> Body:
    """Return the arrays of persons."""
    return _fill(Body, vars(people) | {"own_index": people.index})


def counts(sums: Sums) -> Counts:
    """Return the arrays of sums."""
    return _fill(Counts, vars(sums))


def room(persons: int) -> Walkers:
    """Return room for as many walkers."""
    real = ("luck", "left")
    kinds = {name: np.float64 if name in real else np.int64 for name in Walkers._fields}
    return _fill(Walkers, {name: np.empty(persons, dtype=kind) for name, kind in kinds.items()})


_LAID_OUT: WeakKeyDictionary[Year, Tables] = WeakKeyDictionary()


def tables(year: Year) -> Tables:
    """Lay the tables of a year out, once."""
    if year not in _LAID_OUT:
        _LAID_OUT[year] = _tables(year)
    return _LAID_OUT[year]


def _tables(year: Year) -> Tables:
    place = np.arange(len(year.stay)) // year.births
    rates = year.rates
    steady = {"where": place // 2, "pay": place // PLACES * RANKS}
    mid, retirement, _ = year.marks
    course = {
        "keep": rates.keep_half,
        "credit": rates.credit_half,
        "earned": EARNED_HALF,
        "mid": mid,
        "retirement": retirement,
    }
    return Tables(
        _fill(Steady, _writable(vars(rates) | vars(year) | steady)),
        _fill(Course, _writable(vars(year) | course)),
        _fill(Retirement, _writable(vars(year.retirement) | {"base": rates.base["base"]})),
        rates.law,
    )


def _writable(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return arrays writable and in C order, copied if need be: others would be compiled anew."""
    return {
        name: np.require(value, requirements=["C", "W"]) if isinstance(value, np.ndarray) else value
        for name, value in found.items()
    }
