"""The arrays of the person engine as compiled loops read them: tuples of writable arrays."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

import numpy as np

from fsinsure.state import People

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.person_rules import PersonLaw
    from fsinsure.microsim.tables import MoverTables, Retirement, StayerTables, YearTables

PersonArrays: Final[Any] = namedtuple("PersonArrays", People.__dataclass_fields__)  # type: ignore[misc]
"""A tuple with the fields of :class:`fsinsure.state.People`."""


class MoverBuffers(NamedTuple):
    """Buffers for the movers of a block: who they are, and their present cells.

    ``row`` is the index in the block. The last six are of those who make a move: their index
    among the movers, the residual of their random number, the number of the move, its target, its
    step, and the status before.
    """

    row: Ints
    draw: Array
    status: Ints
    area_sex: Ints
    birth: Ints
    cell: Ints
    before: Ints
    moving: Ints
    left: Array
    move: Ints
    target: Ints
    step: Ints
    source: Ints


def allocate_buffers(persons: int) -> MoverBuffers:
    """Return buffers for a number of movers."""
    real = ("draw", "left")
    kinds: dict[str, Any] = {
        name: np.float64 if name in real else np.int64 for name in MoverBuffers._fields
    }
    return MoverBuffers(**{name: np.empty(persons, kind) for name, kind in kinds.items()})


def person_arrays(people: People) -> People:
    """Return the arrays of persons as a tuple with the same fields."""
    arrays: Any = PersonArrays(**vars(people))
    return cast("People", arrays)


Fields = TypeVar("Fields", bound=tuple[Any, ...])


def _writable(found: Fields) -> Fields:
    """Return arrays writable and in C order, copied if need be: others would be compiled anew."""
    return type(found)(
        *(
            np.require(value, requirements=["C", "W"]) if isinstance(value, np.ndarray) else value
            for value in found
        )
    )


class Tables(NamedTuple):
    """The tables of a year (:class:`fsinsure.microsim.tables.YearTables`)."""

    stayers: StayerTables
    movers: MoverTables
    retirement: Retirement
    law: PersonLaw


def tables(year: YearTables) -> Tables:
    """Return the tables of a year for compiled loops."""
    parts = _writable(year.stayers), _writable(year.movers), _writable(year.retirement)
    return Tables(*parts, year.rates.law)
