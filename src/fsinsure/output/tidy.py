"""Reading tidy tables: the rows and columns that a picture needs, and errors for missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd


def require(table: pd.DataFrame, name: str, *columns: str) -> pd.DataFrame:
    """Return `table` if it has rows and `columns`.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(f"The {name} table lacks the column(s) {', '.join(missing)}.")
    if table.empty:
        raise InputError(f"The {name} table has no rows, so there is nothing to draw.")
    return table


def pick(table: pd.DataFrame, name: str, **values: Hashable) -> pd.DataFrame:
    """Return the rows whose columns have the given `values`.

    Raises
    ------
    InputError
        No row has one of them; the message names the known values.
    """
    for column, value in values.items():
        require(table, name, column)
        found = table[table[column] == value]
        if found.empty:
            known = [str(item) for item in table[column].unique()]
            shown = ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
            hint = did_you_mean(str(value), known)
            raise InputError(f"No {column} '{value}' in the {name} table.{hint} Known: {shown}.")
        table = found
    return table


def only_scenario(table: pd.DataFrame, name: str) -> str:
    """Return the one scenario of `table`.

    Raises
    ------
    InputError
        There are several; a comparison draws them.
    """
    require(table, name, "scenario")
    names = [str(item) for item in table["scenario"].unique()]
    if len(names) > 1:
        raise InputError(
            f"The {name} table holds {len(names)} scenarios ({', '.join(names)}): draw them with "
            "the comparison figure, or keep the rows of one."
        )
    return names[0]


def met(gap: float) -> bool:
    """Return whether a target is reached, to the person; NaN (beyond the horizon) is not."""
    return gap >= -0.5
