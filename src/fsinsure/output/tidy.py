"""Reading tidy tables: the rows and columns that a picture needs, and errors for missing ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import EMPTY, separated

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
    require_columns(table, name, *columns)
    if table.empty:
        raise InputError("The {name} table has no rows, so there is nothing to draw.", name=name)
    return table


def require_columns(table: pd.DataFrame, name: str, *columns: str) -> None:
    """Raise InputError unless `table` has `columns`; it may have no rows."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(
            "The {name} table lacks the column(s) {missing}.", name=name, missing=separated(missing)
        )


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
            # Of numbers, such as years, the closest digits are not what was meant.
            hint = did_you_mean(value, known) if isinstance(value, str) else EMPTY
            raise InputError(
                "No {column} '{value}' in the {name} table.{hint} Known: {shown}.",
                column=column,
                value=value,
                name=name,
                hint=hint,
                shown=shown,
            )
        table = found
    return table


class Figured(NamedTuple):
    """A published figure of a picture, or one of the user."""

    at: float
    """The years that have passed at its day: 2023.0 at the end of 2023, 2023.5 in mid-2024."""
    value: float
    own: bool
    """Whether it is of the user."""

    @property
    def name(self) -> str:
        """The year of its day, with the month where it is not the end of the year.

        >>> Figured(2023.0, 1.0, False).name, Figured(2023.4973, 1.0, True).name
        ('2023', '2024-06')
        """
        year, part = divmod(self.at, 1.0)
        return f"{year + 1:.0f}-{math.ceil(part * 12):02d}" if part else f"{year:.0f}"


def figures_of(
    published: pd.DataFrame | None, measure: str, area: str, years: tuple[int, int]
) -> list[Figured]:
    """Return the figures of one measure and area between the ends of two years, in their order.

    Parameters
    ----------
    published
        Columns area, measure, year, value, elapsed, own; None for no figures.
    measure, area
        What is drawn: figures of another measure are left out.
    years
        The year after whose end they begin, and the last year.
    """
    if published is None:
        return []
    columns = ("year", "elapsed", "value", "own")
    require_columns(published, "published", "area", "measure", *columns)
    rows = published[(published["measure"] == measure) & (published["area"] == area)]
    found = (
        Figured(year - 1 + elapsed, value, own)
        for year, elapsed, value, own in rows[[*columns]].itertuples(index=False)
    )
    return sorted(one for one in found if years[0] < one.at <= years[1])


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
            "The {name} table holds {names_count} scenarios ({names}): draw them with the "
            "comparison figure, or keep the rows of one.",
            name=name,
            names_count=len(names),
            names=separated(names),
        )
    return names[0]


def met(gap: float) -> bool:
    """Return whether a target is reached, to the person; NaN (beyond the horizon) is not."""
    return gap >= -0.5
