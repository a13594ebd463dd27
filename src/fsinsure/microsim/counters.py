"""What persons come to in a year: counts and whole fen, so that the order does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.dims import AGES, DISTRICTS
from fsinsure.microsim import histograms
from fsinsure.state import GONE, PLACES, RANKS, cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Ints


CLASSES: Final = 8
NAMES: Final = (
    *("heads", "jobs", "flows", "carried"),
    *("awarded", "indexed", "closing", "vanished"),
    *("outcomes", "totals"),
)


class Sums:
    """What persons come to in one year. Everything is int64: persons, months, or fen.

    Parameters
    ----------
    moves
        How many moves and inflows the year has.
    births
        How many years of birth there are.

    Attributes
    ----------
    heads
        Change of heads by cell, from 31 December before to the first half-year of money, and to the
        second at year end ``[2, cell]``.
    jobs
        The same of employees by district, industry class and wage rank ``[2, job]``.
    flows
        Persons by move, place and age ``[move * place * age]``.
    carried
        Months, account and pension of those who moved, by move and district
        ``[3, move * district]``.
    awarded
        Pensions that begin, by move and district.
    indexed
        Pensions in payment after the rise of 1 January, by status and district.
    closing
        Months, accounts and pensions at year end ``[3, status * district]``.
    vanished
        Accounts that ended within the year, by district: of those who walked, what was there at
        its start and was added by half-years, less what is there at its end.
    notes
        What becomes of persons; counted when the sums are packed.
    outcomes, totals
        Persons by what becomes of them, and its totals (:mod:`fsinsure.microsim.histograms`).
    """

    def __init__(self, moves: int, births: int) -> None:
        districts = len(DISTRICTS)
        self.heads = np.zeros((2, cells(births)), dtype=np.int64)
        self.jobs = np.zeros((2, districts * CLASSES * RANKS), dtype=np.int64)
        self.flows = np.zeros(moves * PLACES * AGES, dtype=np.int64)
        self.carried = np.zeros((3, moves * districts), dtype=np.int64)
        self.awarded = np.zeros(moves * districts, dtype=np.int64)
        self.indexed = np.zeros(GONE * districts, dtype=np.int64)
        self.closing = np.zeros((3, GONE * districts), dtype=np.int64)
        self.vanished = np.zeros(districts, dtype=np.int64)
        self.notes = histograms.Notes()
        self.outcomes, self.totals = histograms.empty()

    def note_pensions(self, cell: NDArray[Any], pension: NDArray[np.float64]) -> None:
        """Note the pensions in payment, fen a month, of persons by cell ``[person]``."""
        drawing = np.flatnonzero(pension)
        births = (len(self.heads[0]) - 1) // (GONE * PLACES)
        code = histograms.codes(births).take(cell.take(drawing))
        self.notes.add(histograms.PENSION, code, pension.take(drawing))

    def settle(self) -> None:
        """Count what was noted."""
        self.notes.settle(self.outcomes, self.totals)

    def flow(self, move: Ints, place: Ints, age: Ints) -> None:
        """Count persons who move."""
        np.add.at(self.flows, (move * PLACES + place) * AGES + age, 1)


def fen(at: Ints, amount: NDArray[np.generic], size: int) -> Ints:
    """Add up whole fen (or months) by place ``[size]``, exactly as long as sums are below 2^53."""
    return np.bincount(at, amount, size).astype(np.int64)


def pack(sums: Mapping[int, Sums]) -> dict[str, Ints]:
    """Return the arrays of all years by name, to be added up with those of other persons."""
    for one in sums.values():
        one.settle()
    return {f"{year}.{name}": getattr(one, name) for year, one in sums.items() for name in NAMES}


def unpack(counts: Mapping[str, Ints], years: Sequence[int]) -> dict[int, Sums]:
    """Return the sums of each year out of arrays by name."""
    found = {}
    for year in years:
        one = found[year] = Sums.__new__(Sums)
        one.notes = histograms.Notes()
        for name in NAMES:
            setattr(one, name, counts[f"{year}.{name}"])
    return found
