"""Demographic tables: life tables, published or of the user, and fertility by age."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.messages import separated
from fsinsure.tabular import Record, records, utf8_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fsinsure.arrays import Array

LIFE_TABLES: Final = {
    "CL1-CL2": ("CL1", "CL2"),
    "CL3-CL4": ("CL3", "CL4"),
    "CL5-CL6": ("CL5", "CL6"),
}
"""The published life tables: the columns of men and women."""

FERTILITY_COLUMNS: Final = ("age_group", "value")
FERTILITY_UNITS: Final = ("births per 1000 women", "‰")

_BESIDE: Final = ("unit", "date", "source", "confidence", "note")


def fertility_in(rows: Sequence[Record]) -> Array:
    """Return the births of a woman in a year by age ``[101]``, from rates of age groups.

    Parameters
    ----------
    rows
        Births per 1000 women of ``age_group`` (``20-24``); ages in no group have none.

    Raises
    ------
    DataError
        If a group is not a range of ages or does not rise from row to row, or a rate has another
        unit; the message names file, row and column.
    """
    rates = np.zeros(AGES)
    lowest = 0
    for row in rows:
        group = row.required("age_group")
        found = re.fullmatch(r"([0-9]{1,3})-([0-9]{1,3})", group)
        if found is None or not lowest <= int(found[1]) <= int(found[2]) < AGES:
            raise row.error(
                "age_group",
                "{group!r} where a range from {lowest} on is expected, such as {lowest}-{upper}: "
                "groups rise, and none is open",
                group=group,
                lowest=lowest,
                upper=lowest + 4,
            )
        unit = row.cells.get("unit", "")
        if unit and unit not in FERTILITY_UNITS:
            raise row.error(
                "unit",
                "{unit!r} is not one of {fertility_units}",
                unit=unit,
                fertility_units=separated(FERTILITY_UNITS),
            )
        lowest = int(found[2]) + 1
        rates[int(found[1]) : lowest] = float(row.number("value", 0, 1000).scaleb(-3))
    return rates


def published_life_table(name: str, rows: Sequence[Record]) -> Array:
    """Return a published life table.

    Parameters
    ----------
    name
        ``CL1-CL2``, ``CL3-CL4`` or ``CL5-CL6``.
    rows
        Of ``mortality.csv``.

    Returns
    -------
    Array
        Yearly death probabilities q(x) ``[sex, age]`` for ages 0 to 105.

    Raises
    ------
    InputError
        If there is no such table.
    """
    if name not in LIFE_TABLES:
        raise InputError(
            "there is no life table {name!r}.{hint} Known: {life_tables}, or a CSV file with "
            "columns age, male, female",
            name=name,
            hint=did_you_mean(name, LIFE_TABLES),
            life_tables=separated(LIFE_TABLES),
        )
    return life_table_in(rows, LIFE_TABLES[name])


def read_life_table(path: Path) -> Array:
    """Read a life table of the user.

    Parameters
    ----------
    path
        A UTF-8 CSV file with the columns ``age``, ``male`` and ``female``: yearly death
        probabilities for ages 0 to 100 or beyond, one row an age. Columns ``unit``, ``date``,
        ``source``, ``confidence`` and ``note`` may stand beside them.

    Returns
    -------
    Array
        q(x) ``[sex, age]``.

    Raises
    ------
    DataError
        If the file cannot be read, an age is missing, twice or out of order, or a probability is
        blank, not a number or outside 0 to 1; the message names file, row and column.
    """
    return life_table_in(records(str(path), utf8_text(path), ("age", *SEXES), _BESIDE), SEXES)


def life_table_in(rows: Sequence[Record], columns: tuple[str, str]) -> Array:
    """Turn rows into death probabilities ``[sex, age]``; see :func:`read_life_table`."""
    for expected, row in enumerate(rows):
        if row.number("age") != expected:
            raise row.error(
                "age",
                "{age} where {expected} is expected; one row an age, from 0 on",
                age=row["age"],
                expected=expected,
            )
    if len(rows) < AGES:
        raise DataError(
            "{file}:{row}:age: the table ends at age {rows_count}; it must reach {ages}",
            file=rows[-1].file,
            row=rows[-1].row,
            rows_count=len(rows) - 1,
            ages=AGES - 1,
        )
    return np.array([[float(row.number(column, 0, 1)) for row in rows] for column in columns])
