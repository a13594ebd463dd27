"""The arrays of the person engine as compiled loops read them: tuples of writable arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from fsinsure.microsim.block import decode
from fsinsure.microsim.histograms import members_of
from fsinsure.microsim.randomness import LANES, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Bits, Ints
    from fsinsure.microsim.block import Block, Cells
    from fsinsure.microsim.growth import Growth
    from fsinsure.microsim.histograms import Members
    from fsinsure.microsim.person_rules import PersonLaw
    from fsinsure.microsim.tables import MoverTables, Retirement, StayerTables, YearTables


Whole: TypeAlias = Any
Real: TypeAlias = Any
"""Numbers of persons in the loops: of numpy's types where they are not compiled."""


class Persons(NamedTuple):
    """The persons of a block (:class:`fsinsure.microsim.block.Block`), and their random numbers.

    Parameters
    ----------
    cell, months, account, pension, benefit_months_left, months_at_last_claim
        What changes; amounts as they are stored ``[person]``.
    rank, industry_class, month, track, contribution_index
        Traits.
    bits
        Their blocks of random bits ``[person, 4]``.
    upper
        The same as the upper 16 bits of each year ``[person, 16]``.
    hits
        In which years of the window they may move, a bit a year ``[person]``.
    """

    cell: Ints
    months: Ints
    account: Array
    pension: Array
    benefit_months_left: Ints
    months_at_last_claim: NDArray[np.uint16]
    rank: NDArray[np.uint8]
    industry_class: NDArray[np.uint8]
    month: NDArray[np.uint8]
    track: NDArray[np.uint8]
    contribution_index: NDArray[np.float32]
    bits: Bits
    upper: NDArray[np.uint16]
    hits: NDArray[np.uint16]


def persons_of(block: Block) -> Persons:
    """Return the persons of a block; what changes of them changes in the block."""
    size, traits = len(block.cell), block.people
    bits = np.empty((size, NUMBERS), dtype=np.uint64)
    found = Persons(
        block.cell,
        block.months,
        block.account,
        block.pension,
        block.benefit_months_left,
        traits.months_at_last_claim,
        traits.rank,
        traits.industry_class,
        traits.month,
        traits.track,
        traits.contribution_index,
        bits,
        bits.view(np.uint16).reshape(size, LANES),
        np.empty(size, dtype=np.uint16),
    )
    changing = found[:6]
    writable = _writable(found)
    assert all(one is other for one, other in zip(changing, writable[:6], strict=True))
    return writable


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
    opening: Growth
    closing: Growth
    law: PersonLaw
    cells: Cells
    members: Members
    areas: int
    births: int


def tables(year: YearTables) -> Tables:
    """Return the tables of a year for compiled loops."""
    parts = _writable(year.stayers), _writable(year.movers), _writable(year.retirement)
    grown = _writable(year.opening), _writable(year.closing)
    code = year.code
    cells, members = _writable(decode(code)), members_of(code)
    return Tables(*parts, *grown, year.rates.law, cells, members, code.areas, code.births)


def thresholds(years: Sequence[YearTables], period: int) -> NDArray[np.uint16]:
    """Return the upper bits up to which a person may move in a window ``[cell, 16]``.

    The thresholds of all years of a cell lie side by side; those beyond the last year are 0.
    """
    here = years[period * LANES : (period + 1) * LANES]
    found = np.zeros((len(here[0].stayers.candidate_threshold), LANES), dtype=np.uint16)
    for lane, year in enumerate(here):
        found[:, lane] = year.stayers.candidate_threshold
    return found
