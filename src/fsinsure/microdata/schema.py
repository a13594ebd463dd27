"""Persons as files hold them: the columns and their bounds, which depend on the region.

The person engine has codes of its own (cells by year of birth), which are never written to files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fsinsure.dims import AGES, SEXES
from fsinsure.errors import DataError
from fsinsure.messages import EMPTY, Message
from fsinsure.state import CellCode, People, claimed_by
from fsinsure.statuses import STATUSES

if TYPE_CHECKING:
    from fsinsure.region.region import Region

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

OLDEST: Final = 120
"""Years before the base year at which a person may be born."""

ID: Final = "id"
BIRTH: Final = "birth"
"""A date of birth, in place of ``birth_year`` and ``birth_month``."""
WAGE: Final = "wage"
"""A monthly wage in yuan, in place of ``wage_rank``; with the mean and cv of all wages."""


@dataclass(frozen=True)
class Schema:
    """How files have the persons of a region.

    Parameters
    ----------
    region
        Its name.
    areas
        The codes of its areas, in order.
    base_year
        The year at whose end persons are what the files say.
    """

    region: str
    areas: tuple[str, ...]
    base_year: int

    @property
    def date(self) -> str:
        """The date of the files."""
        return f"{self.base_year}-12-31"

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The columns in the order of files, after ``id``."""
        years = self.base_year - OLDEST, self.base_year
        at = f"insurance status at the end of {self.base_year}"
        columns = (
            _coded("area", self.areas, "area of residence"),
            _coded("sex", SEXES, "sex"),
            Column("birth_year", "int16", *years, "year", "year of birth"),
            Column("birth_month", "uint8", 1, 12, "month", "month of birth, 1 to 12"),
            _coded("status", STATUSES, at),
            Column("industry_class", "uint8", 1, 8, "code", "risk class of work-injury insurance"),
            Column(
                "wage_rank", "uint8", 0, 255, "rank", "rank among wages, in 256ths from the lowest"
            ),
            _coded("cadre", YES_NO, "whether a woman has the pensionable age of cadres, see below"),
            Column("months", "uint16", 0, 12 * AGES, "months", "contribution months"),
            Column(
                "mean_index", "float32", 0, 20, "ratio", "mean contribution index over the mean's"
            ),
            Column("account", "float64", 0, 1e9, "yuan", "balance of the individual account"),
            Column("pension", "float64", 0, 1e7, "yuan", "monthly pension in payment"),
            Column("entitled", "uint8", 0, 24, "months", "months of unemployment benefit left"),
        )
        return {column.name: column for column in columns}


def schema_of(region: Region) -> Schema:
    """Return how files have the persons of a region."""
    return Schema(region.name, region.codes, region.base_year)


@dataclass(frozen=True, eq=False)
class Persons:
    """A population as one array per column, in the order of the file.

    The number of a person in the engine is the row in the file, from 0.

    Parameters
    ----------
    columns
        The arrays of :attr:`Schema.columns` by name; codes as indices into their tuple, money in
        whole fen.
    schema
        The region whose residents they are.
    weight
        Number of people that each person represents.
    """

    columns: Mapping[str, NDArray[Any]]
    schema: Schema
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.columns["status"])

    def __repr__(self) -> str:
        """Return number and weight, no personal data."""
        return f"<Persons: {len(self):,}, each representing {self.weight:,.4g} people>"

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.columns[column]

    def people(self, code: CellCode) -> People:
        """Return them in the form of the engine.

        Parameters
        ----------
        code
            Of their cells.
        """
        place = len(SEXES) * self["area"].astype(np.int64) + self["sex"]
        # Persons over 100 are in the open age group of 100.
        birth = np.maximum(self["birth_year"].astype(np.int64) - code.first_birth, 0)
        return People(
            code.of(self["status"].astype(np.int64), place, birth),
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
        columns = {name: array[rows] for name, array in self.columns.items()}
        return Persons(columns, self.schema, self.weight)

    def check(self, region: Region, residents: float) -> Message:
        """Compare them with a region, and the people that all represent with its residents.

        Returns
        -------
        Message
            What to warn of if they differ by more than :data:`NEAR`, else an empty message.

        Raises
        ------
        DataError
            If they are of another region or date, or differ by more than a factor :data:`FAR`.
        """
        own, wanted = self.schema, schema_of(region)
        if own != wanted:
            raise DataError(
                "the persons are those of {region} on {date}, in {areas_count} areas; the region "
                "of the scenario is {wanted_region} on {wanted_date}, in {wanted_count} areas. "
                "Load persons with the region of the scenario: load_persons(..., region=...), or "
                "'region' in the mapping file.",
                region=own.region,
                date=own.date,
                areas_count=len(own.areas),
                wanted_region=wanted.region,
                wanted_date=wanted.date,
                wanted_count=len(wanted.areas),
            )
        total = len(self) * self.weight
        ratio = total / residents
        if 1 / NEAR <= ratio <= NEAR:
            return EMPTY
        text = Message(
            "{count:,} persons of weight {weight:g} represent {total:,.0f} people, but the "
            "scenario has {residents:,.0f} residents in {base_year}",
            count=len(self),
            weight=self.weight,
            total=total,
            residents=residents,
            base_year=own.base_year,
        )
        if 1 / FAR <= ratio <= FAR:
            return Message(
                "{text}; people who are born or arrive later are simulated for all of them",
                text=text,
            )
        fitting = residents / max(len(self), 1)
        raise DataError(
            "{text}. Persons must represent all residents: give their weight, for all residents "
            "{fitting:.8g}, as 'weight' in the mapping file or as load_persons(..., weight=...).",
            text=text,
            fitting=fitting,
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
        raise DataError(
            "{where}: weight {value!r} is not a number from {low:g} to {high:,.0f}",
            where=where,
            value=value,
            low=low,
            high=high,
        )
    return weight


def persons_of(people: People, code: CellCode, schema: Schema, weight: float = 1.0) -> Persons:
    """Return people of the base year in the form of files.

    Parameters
    ----------
    people
        None of them dead or departed.
    code
        Of their cells.
    schema
        Of their region.
    weight
        Number of people that each person represents.
    """
    own, birth = np.divmod(people.cell.astype(np.int64), code.births)
    status, place = np.divmod(own, code.places)
    found = {
        "area": place // len(SEXES),
        "sex": place % len(SEXES),
        "birth_year": birth + code.first_birth,
        "birth_month": people.month + 1,
        "status": status,
        "industry_class": people.industry_class + 1,
        "wage_rank": people.rank,
        "cadre": people.track & 1,
        "months": people.months,
        "mean_index": people.contribution_index,
        "account": people.account,
        "pension": people.pension,
        "entitled": people.benefit_months_left,
    }
    columns = {name: found[name].astype(column.dtype) for name, column in schema.columns.items()}
    return Persons(columns, schema, weight)


def joined(parts: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Concatenate batches of columns; a column leaves the batches before the next is joined."""
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in [*parts[0]]}
