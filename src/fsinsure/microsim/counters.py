"""Counts of persons in a year: integers (persons, months, fen), so that their order is irrelevant.

The numpy engine and the compiled loops write to the same arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from fsinsure.microsim import histograms
from fsinsure.state import RANKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.state import CellCode, People


CLASSES: Final = 8

Rows: TypeAlias = Any
"""An array of rows (:func:`row_type`), whose fields are attributes."""


def row_type(*fields: str) -> np.dtype[Any]:
    """Return the type of a row: fields as name, type and sometimes shape."""
    named = []
    for name, kind, *shape in map(str.split, fields):
        sizes = tuple(int(size) for size in shape[0].split(",")) if shape else ()
        named.append((name, kind, sizes))
    # Of np.record, so that fields are attributes, as in compiled loops.
    return np.dtype((np.record, np.dtype(named, align=True)))


class Counters(NamedTuple):
    """Counts of one year, all int64.

    Parameters
    ----------
    heads
        Change of heads by cell, from 31 December before to the first half-year of money, and to the
        second at year end ``[2, cell]``.
    jobs
        The same of employees by area, industry class and wage rank ``[2, job]``.
    flows
        Persons by move, place and year of birth ``[move * place * birth]``.
    carried
        Months, account and pension of those who moved or came, by move and area
        ``[3, move * area]``.
    awarded
        Pensions awarded, by move and area.
    retired
        Months and account of those who draw a pension, and of those who take their account, by the
        cell that they leave ``[2, draw or take, cell]``.
    held
        Change of months, accounts and pensions as they are stored (:mod:`.growth`), from
        31 December before to that of the year ``[3, cell]``.
    vanished
        Accounts that ended within the year, by area.
    histogram_counts, totals
        Persons by individual outcome, and the totals (:mod:`fsinsure.microsim.histograms`).
    """

    heads: Ints
    jobs: Ints
    flows: Ints
    carried: Ints
    awarded: Ints
    retired: Ints
    held: Ints
    vanished: Ints
    histogram_counts: Ints
    totals: Ints

    def record(self, quantity: int, members: histograms.Members, values: NDArray[Any]) -> None:
        """Add values of persons to the histograms (:func:`fsinsure.microsim.histograms.record`)."""
        histograms.record(quantity, members, values, self.histogram_counts, self.totals)

    def record_pensions(self, cell: Ints, pension: Array, code: CellCode) -> None:
        """Record the pensions in payment, fen a month, of persons by cell ``[person]``."""
        paid = np.flatnonzero(pension)
        members = histograms.members_of(code).take(cell.take(paid), axis=1)
        self.record(histograms.PENSION, members, pension.take(paid))

    def add_brought(self, move: int, people: People, code: CellCode) -> None:
        """Add the months, accounts and pensions that persons bring with an inflow."""
        area = people.cell.astype(np.intp) // (2 * code.births) % code.areas
        held: tuple[NDArray[Any], ...] = people.months, people.account, people.pension
        for total, amount in zip(self.carried, held, strict=True):
            add_whole(total, move * code.areas + area, amount)


BY_CELL: Final = row_type("heads i8 2", "held i8 3", "retired i8 2,2")
BY_MOVE: Final = row_type("carried i8 3", "awarded i8")


class YearlyCounters(NamedTuple):
    """Counts of some years, in the order in which a person meets them: the years last.

    The fields are those of :class:`Counters`; what is counted together lies together.

    Parameters
    ----------
    by_cell
        Heads, sums of what is held, and of what is retired with: :data:`BY_CELL` ``[cell, year]``.
    jobs
        ``[job, year, 2]``
    flows
        ``[move * place * birth, year]``
    by_move
        What is carried, and awarded: :data:`BY_MOVE` ``[move * area, year]``.
    vanished
        ``[area, year]``
    histogram_counts, totals
        ``[..., year]``
    """

    by_cell: Rows
    jobs: Ints
    flows: Ints
    by_move: Rows
    vanished: Ints
    histogram_counts: Ints
    totals: Ints

    @classmethod
    def empty(
        cls, moves: int, code: CellCode, years: int = 1, order: Literal["C", "F"] = "F"
    ) -> YearlyCounters:
        """Return zeros.

        Parameters
        ----------
        moves
            Moves and inflows of the year that has most.
        code
            Of the cells.
        years
            How many.
        order
            C where the years of a cell lie together, as loops take them; F where the cells of a
            year do, as array operations take them.
        """
        counts, totals = histograms.shapes(code)
        return cls(
            np.zeros((code.cells, years), BY_CELL, order),
            np.zeros((code.areas * CLASSES * RANKS, years, 2), np.int64, order),
            np.zeros((moves * code.places * code.births, years), np.int64, order),
            np.zeros((moves * code.areas, years), BY_MOVE, order),
            np.zeros((code.areas, years), np.int64, order),
            np.zeros((*counts, years), np.int64, order),
            np.zeros((*totals, years), np.int64, order),
        )

    def of_year(self, index: int) -> Counters:
        """Return the counts of a year, as views."""
        of_cells, of_moves = self.by_cell[:, index], self.by_move[:, index]
        return Counters(
            of_cells["heads"].T,
            self.jobs[:, index].T,
            self.flows[:, index],
            of_moves["carried"].T,
            of_moves["awarded"],
            of_cells["retired"].transpose(1, 2, 0),
            of_cells["held"].T,
            self.vanished[:, index],
            self.histogram_counts[:, index],
            self.totals[:, index],
        )


def add_some(total: Ints, at: Ints, amount: NDArray[Any]) -> None:
    """Add whole numbers to totals by index, exactly; most of them may be 0."""
    rows = np.flatnonzero(amount)
    np.add.at(total, at.take(rows), amount.take(rows).astype(np.int64))


def add_whole(total: Ints, at: Ints, amount: NDArray[Any]) -> None:
    """Add whole fen (or months) to totals by index, exactly as long as sums are below 2^53.

    Indices beyond the end are those of persons who died or left; their amounts are not counted.
    """
    total += np.bincount(at, amount, len(total)).astype(np.int64)[: len(total)]


def job_of(area: Ints, industry_class: NDArray[np.uint8], rank: NDArray[np.uint8]) -> Ints:
    """Return the index of employees in :attr:`Counters.jobs`."""
    return np.asarray((area * CLASSES + industry_class) * RANKS + rank)


def pack(counters: Mapping[int, Counters]) -> dict[str, Ints]:
    """Return the arrays of all years by name, to be added up with those of other persons."""
    return {
        f"{year}.{name}": array
        for year, found in counters.items()
        for name, array in found._asdict().items()
    }


def unpack(counts: Mapping[str, Ints], years: Sequence[int]) -> dict[int, Counters]:
    """Return the counters of each year from arrays by name."""
    return {
        year: Counters(*(counts[f"{year}.{name}"] for name in Counters._fields)) for year in years
    }
