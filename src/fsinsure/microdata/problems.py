"""What is wrong with a file of persons, collected from all of it before it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.dims import PENSIONERS, STATUSES
from fsinsure.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MOST_TOLD: Final = 10
"""Problems that a message tells; the others are counted."""
MOST_KEPT: Final = 50 * MOST_TOLD


class Complaints:
    """Problems of a file by row and column.

    Parameters
    ----------
    file
        Its name in messages.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.total = 0
        self._kept: list[tuple[int, str, str]] = []

    def add(self, row: int, column: str, message: str) -> None:
        """Note a problem of a cell, or of a row where `column` is empty."""
        self.total += 1
        if len(self._kept) < MOST_KEPT:
            self._kept.append((row, column, message))

    def at(
        self,
        bad: NDArray[np.bool_],
        rows: NDArray[np.int64],
        column: str,
        message: Callable[[int], str],
    ) -> None:
        """Note a problem of every bad row.

        Parameters
        ----------
        bad
            Which of the rows are.
        rows
            Their rows in the file.
        column
            The column at fault.
        message
            Gives the text for a place in `rows`.
        """
        places = np.flatnonzero(bad)
        self.total += len(places) - len(places[:MOST_TOLD])
        for place in places[:MOST_TOLD].tolist():
            self.add(int(rows[place]), column, message(place))

    def settle(self) -> None:
        """Raise what was noted.

        Raises
        ------
        DataError
            If there is any problem: the first ten by row and column, and how many more.
        """
        if not self.total:
            return
        lines = [
            ":".join((self.file, str(row), *filter(None, (column,)))) + f": {message}"
            for row, column, message in sorted(self._kept)[:MOST_TOLD]
        ]
        if self.total > len(lines):
            lines.append(f"... and {self.total - len(lines):,} more problems")
        lines.append("Nothing was loaded.")
        raise DataError("\n".join(lines))


def out_of_bounds(values: NDArray[Any], low: float, high: float) -> NDArray[np.bool_]:
    """Tell which values are not between two bounds, both included; one that is no number is not."""
    inside: NDArray[np.bool_] = (values >= low) & (values <= high)
    return ~inside


def check_pensions(
    status: NDArray[Any],
    pension: NDArray[Any],
    rows: NDArray[np.int64],
    column: str,
    complaints: Complaints,
) -> None:
    """Note pensions in payment to people whose status has none.

    Parameters
    ----------
    status
        As places in :data:`fsinsure.dims.STATUSES`; -1 for one that was told to be bad.
    pension
        In payment a month.
    rows, column
        Where they stand in the file.
    complaints
        Where to note them.
    """
    draws = np.array([*(name in PENSIONERS for name in STATUSES), True])
    complaints.at(
        (pension > 0) & ~draws[status],
        rows,
        column,
        lambda at: f"a pension in payment, but the status is {STATUSES[int(status[at])]}",
    )
