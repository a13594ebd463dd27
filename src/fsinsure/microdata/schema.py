"""Persons as files hold them: which columns there are, and what each may hold.

The engine's own codes (cells by year of birth) are not for files; these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, DISTRICTS, SEXES, STATUSES
from fsinsure.state import PLACES, People, cell_of, claimed_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FIRST_BIRTH: Final = BASE_YEAR - AGES + 1
"""Year of birth of who is in the first place of the axis of births."""


@dataclass(frozen=True)
class Column:
    """A column of a file of persons.

    Parameters
    ----------
    name
        In files and in memory.
    dtype
        In memory.
    low, high
        Bounds, both included, in the unit of files.
    unit
        Of files: ``code``, ``year``, ``month``, ``months``, ``yuan``, ``rank`` or ``ratio``.
    meaning
        For readers; docs/persons.md is checked against it.
    codes
        What a coded column may say; in memory a code is its place in this list.
    """

    name: str
    dtype: str
    low: float
    high: float
    unit: str
    meaning: str
    codes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether only whole numbers will do."""
        return self.dtype.startswith(("uint", "int"))


def _coded(name: str, codes: tuple[str, ...], meaning: str) -> Column:
    return Column(name, "uint8", 0, len(codes) - 1, "code", meaning, codes)


COLUMNS: Final = {
    column.name: column
    for column in (
        _coded("district", DISTRICTS, "where the person lives"),
        _coded("sex", SEXES, "the sex"),
        Column("birth_year", "int16", BASE_YEAR - 120, BASE_YEAR, "year", "year of birth"),
        Column("birth_month", "uint8", 1, 12, "month", "month of birth, 1 to 12"),
        _coded("status", STATUSES, "what the person is to social insurance, at the end of 2020"),
        Column("industry_class", "uint8", 1, 8, "code", "risk class of work-injury insurance"),
        Column("wage_rank", "uint8", 0, 255, "rank", "place among wages, in 256ths from below"),
        _coded("cadre", ("no", "yes"), "whether a woman retires by the cadres' age"),
        Column("months", "uint16", 0, 12 * AGES, "months", "contribution months"),
        Column("mean_index", "float32", 0, 20, "ratio", "mean contribution index over the mean's"),
        Column("account", "float64", 0, 1e9, "yuan", "balance of the individual account"),
        Column("pension", "float64", 0, 1e7, "yuan", "pension in payment a month"),
        Column("entitled", "uint8", 0, 24, "months", "months of unemployment benefit left"),
    )
}
"""The columns in the order of files; ``id`` stands before them."""

ID: Final = "id"
BIRTH: Final = "birth"
"""A date of birth, in place of ``birth_year`` and ``birth_month``."""
WAGE: Final = "wage"
"""A monthly wage in yuan, in place of ``wage_rank``; with the mean and cv of all wages."""


@dataclass(frozen=True, eq=False)
class Persons:
    """A population as one array a column, in the order of the file.

    A person's number in the engine is the place in the file, from 0: what an id looks like costs
    nothing.

    Parameters
    ----------
    columns
        The arrays of :data:`COLUMNS` by name; codes as places in their list, money in whole fen.
    weight
        People that each person stands for.
    """

    columns: Mapping[str, NDArray[Any]]
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.columns["status"])

    def __repr__(self) -> str:
        """Say how many, not who."""
        return f"<Persons: {len(self):,}, each standing for {self.weight:,.4g}>"

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.columns[column]

    def people(self, count: int) -> People:
        """Return them as the engine has them.

        Parameters
        ----------
        count
            How many years of birth there are (:func:`fsinsure.state.births`).
        """
        place = 2 * self["district"].astype(np.int64) + self["sex"]
        # Whoever is over 100 reads 100.
        birth = np.maximum(self["birth_year"].astype(np.int64) - FIRST_BIRTH, 0)
        return People(
            cell_of(self["status"].astype(np.int64), place, birth, count).astype(np.uint16),
            self["wage_rank"].copy(),
            self["industry_class"] - np.uint8(1),
            self["birth_month"] - np.uint8(1),
            self["cadre"].copy(),
            self["months"].copy(),
            self["mean_index"].copy(),
            self["account"].copy(),
            self["pension"].copy(),
            self["entitled"].copy(),
            claimed_by(self["status"].astype(np.int64), self["months"]),
        )

    def rows(self, rows: slice) -> Persons:
        """Return some of the rows, as views."""
        return Persons({name: array[rows] for name, array in self.columns.items()}, self.weight)


def persons_of(people: People, count: int, weight: float = 1.0) -> Persons:
    """Return people of the base year as files have them.

    Parameters
    ----------
    people
        None of them gone.
    count
        How many years of birth there are (:func:`fsinsure.state.births`).
    weight
        People that each person stands for.
    """
    place, birth = np.divmod(people.cell.astype(np.int64), count)
    found = {
        "district": place % PLACES // 2,
        "sex": place % 2,
        "birth_year": birth + FIRST_BIRTH,
        "birth_month": people.month + 1,
        "status": place // PLACES,
        "industry_class": people.klass + 1,
        "wage_rank": people.rank,
        "cadre": people.track & 1,
        "months": people.months,
        "mean_index": people.index,
        "account": people.account,
        "pension": people.pension,
        "entitled": people.entitled,
    }
    columns = {name: found[name].astype(column.dtype) for name, column in COLUMNS.items()}
    return Persons(columns, weight)


def empty(count: int) -> dict[str, NDArray[Any]]:
    """Return room for a number of persons."""
    return {name: np.empty(count, dtype=column.dtype) for name, column in COLUMNS.items()}


def joined(parts: list[Persons]) -> Persons:
    """Return one population of several, of one weight."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
    return Persons(columns, parts[0].weight)
