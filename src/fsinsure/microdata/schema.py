"""Persons as files hold them: the columns and their bounds.

The person engine has codes of its own (cells by year of birth), which are never written to files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fsinsure.dims import AGES, AREAS, BASE_YEAR, SEXES
from fsinsure.errors import DataError
from fsinsure.state import PLACES, People, cell_of, claimed_by
from fsinsure.statuses import STATUSES

FIRST_BIRTH: Final = BASE_YEAR - AGES + 1
"""Year of birth at index 0 of the axis of births."""

WEIGHTS: Final = (0.01, 1e9)
"""Bounds of a weight: from a hundred simulated persons per resident to one for a whole country."""

FAR, NEAR = 2.0, 1.05
"""Ratio of a population's total to the residents of the scenario, in either direction, above which
it is refused and above which there is a warning.

Two counts of the residents of one region (registered, actual, by different dates) differ by a few
percent; 5 % is more than a year's growth of any measure. No two counts differ by a factor of 2: the
weight is then wrong, or the table holds other people.
"""


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
        Bounds, both allowed, in the unit of files.
    unit
        Of files: ``code``, ``year``, ``month``, ``months``, ``yuan``, ``rank`` or ``ratio``.
    meaning
        Description; docs/persons.md is checked against it.
    codes
        Allowed codes of a coded column; in memory a code is its index in this tuple.
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
        """Whether only whole numbers are allowed."""
        return self.dtype.startswith(("uint", "int"))


def _coded(name: str, codes: tuple[str, ...], meaning: str) -> Column:
    dtype = np.min_scalar_type(len(codes) - 1).name
    return Column(name, dtype, 0, len(codes) - 1, "code", meaning, codes)


YES_NO: Final = ("no", "yes")

COLUMNS: Final = {
    column.name: column
    for column in (
        _coded("area", AREAS, "area of residence"),
        _coded("sex", SEXES, "sex"),
        Column("birth_year", "int16", BASE_YEAR - 120, BASE_YEAR, "year", "year of birth"),
        Column("birth_month", "uint8", 1, 12, "month", "month of birth, 1 to 12"),
        _coded("status", STATUSES, "insurance status at the end of 2020"),
        Column("industry_class", "uint8", 1, 8, "code", "risk class of work-injury insurance"),
        Column("wage_rank", "uint8", 0, 255, "rank", "rank among wages, in 256ths from the lowest"),
        _coded("cadre", YES_NO, "whether a woman has the pensionable age of cadres, see below"),
        Column("months", "uint16", 0, 12 * AGES, "months", "contribution months"),
        Column("mean_index", "float32", 0, 20, "ratio", "mean contribution index over the mean's"),
        Column("account", "float64", 0, 1e9, "yuan", "balance of the individual account"),
        Column("pension", "float64", 0, 1e7, "yuan", "monthly pension in payment"),
        Column("entitled", "uint8", 0, 24, "months", "months of unemployment benefit left"),
    )
}
"""The columns in the order of files, after ``id``."""

ID: Final = "id"
BIRTH: Final = "birth"
"""A date of birth, in place of ``birth_year`` and ``birth_month``."""
WAGE: Final = "wage"
"""A monthly wage in yuan, in place of ``wage_rank``; with the mean and cv of all wages."""


@dataclass(frozen=True, eq=False)
class Persons:
    """A population as one array per column, in the order of the file.

    The number of a person in the engine is the row in the file, from 0.

    Parameters
    ----------
    columns
        The arrays of :data:`COLUMNS` by name; codes as indices into their tuple, money in whole
        fen.
    weight
        Number of people that each person represents.
    """

    columns: Mapping[str, NDArray[Any]]
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.columns["status"])

    def __repr__(self) -> str:
        """Return number and weight, no personal data."""
        return f"<Persons: {len(self):,}, each representing {self.weight:,.4g} people>"

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.columns[column]

    def people(self, count: int) -> People:
        """Return them in the form of the engine.

        Parameters
        ----------
        count
            Number of birth cohorts (:func:`fsinsure.state.births`).
        """
        area_sex = 2 * self["area"].astype(np.int64) + self["sex"]
        # Persons over 100 are in the open age group of 100.
        birth = np.maximum(self["birth_year"].astype(np.int64) - FIRST_BIRTH, 0)
        return People(
            cell_of(self["status"].astype(np.int64), area_sex, birth, count),
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

    def check_total(self, residents: float) -> str:
        """Compare the people that all persons represent with the residents of a region.

        Returns
        -------
        str
            Text of a warning if they differ by more than :data:`NEAR`, else an empty text.

        Raises
        ------
        DataError
            If they differ by more than a factor :data:`FAR`.
        """
        total = len(self) * self.weight
        ratio = total / residents
        if 1 / NEAR <= ratio <= NEAR:
            return ""
        text = (
            f"{len(self):,} persons of weight {self.weight:g} represent {total:,.0f} people, but "
            f"the scenario has {residents:,.0f} residents in {BASE_YEAR}"
        )
        if 1 / FAR <= ratio <= FAR:
            return f"{text}; people who are born or arrive later are simulated for all of them"
        fitting = residents / max(len(self), 1)
        raise DataError(
            f"{text}. Persons must represent all residents: give their weight, for all residents "
            f"{fitting:.8g}, as 'weight' in the mapping file or as load_persons(..., weight=...)."
        )


def check_weight(value: object, where: str) -> float:
    """Return a weight as a number.

    Parameters
    ----------
    value
        A number, or its text in a file.
    where
        What it is the weight of, for the message.

    Raises
    ------
    DataError
        If it is not a number within :data:`WEIGHTS`.
    """
    low, high = WEIGHTS
    try:
        weight = float(f"{value}")
    except ValueError:
        weight = float("nan")
    if not low <= weight <= high:
        raise DataError(f"{where}: weight {value!r} is not a number from {low:g} to {high:,.0f}")
    return weight


def persons_of(people: People, count: int, weight: float = 1.0) -> Persons:
    """Return people of the base year in the form of files.

    Parameters
    ----------
    people
        None of them dead or departed.
    count
        Number of birth cohorts (:func:`fsinsure.state.births`).
    weight
        Number of people that each person represents.
    """
    area_sex, birth = np.divmod(people.cell.astype(np.int64), count)
    found = {
        "area": area_sex % PLACES // 2,
        "sex": area_sex % 2,
        "birth_year": birth + FIRST_BIRTH,
        "birth_month": people.month + 1,
        "status": area_sex // PLACES,
        "industry_class": people.industry_class + 1,
        "wage_rank": people.rank,
        "cadre": people.track & 1,
        "months": people.months,
        "mean_index": people.contribution_index,
        "account": people.account,
        "pension": people.pension,
        "entitled": people.benefit_months_left,
    }
    columns = {name: found[name].astype(column.dtype) for name, column in COLUMNS.items()}
    return Persons(columns, weight)


def joined(parts: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Concatenate batches of columns; a column leaves the batches before the next is joined."""
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in COLUMNS}
