"""The arrays of the person engine as compiled loops read them: tuples of writable arrays."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

import numpy as np

from fsinsure.microsim.histograms import members_of
from fsinsure.state import People

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.histograms import Members
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
    place: Ints
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
    """Return the arrays of persons as a tuple with the same fields.

    Cells are copied to 32 bits, so that the loops are compiled once for all regions.
    """
    arrays: Any = PersonArrays(**{**vars(people), "cell": people.cell.astype(np.uint32)})
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
    """The tables of a year (:class:`fsinsure.microsim.tables.YearTables`), and sizes of cells.

    What depends on the region is a value here, and no constant of the loops, so that they are
    compiled once for all regions.
    """

    stayers: StayerTables
    movers: MoverTables
    retirement: Retirement
    law: PersonLaw
    members: Members
    areas: int
    births: int


def tables(year: YearTables) -> Tables:
    """Return the tables of a year for compiled loops."""
    parts = _writable(year.stayers), _writable(year.movers), _writable(year.retirement)
    code, members = year.code, members_of(year.code)
    return Tables(*parts, year.rates.law, members, code.areas, code.births)
