"""The problems of a file of persons, collected from the whole file and reported in one error."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fsinsure.errors import DataError
from fsinsure.messages import Message, separated

MOST_SHOWN: Final = 10
"""Problems shown in a message; the remaining ones are counted."""
MOST_STORED: Final = 50 * MOST_SHOWN


class Problems:
    """Problems of a file by row and column.

    Parameters
    ----------
    file
        Its name in messages.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.total = 0
        self._stored: list[tuple[int, str, Message]] = []

    def add(self, row: int, column: str, message: Message) -> None:
        """Add a problem of a cell, or of a row where `column` is empty."""
        self.total += 1
        if len(self._stored) < MOST_STORED:
            self._stored.append((row, column, message))

    def add_rows(
        self,
        bad: NDArray[np.bool_],
        rows: NDArray[np.int64],
        column: str,
        message: Callable[[int], Message],
    ) -> None:
        """Add a problem for each bad row.

        Parameters
        ----------
        bad
            Mask over `rows`.
        rows
            Row numbers in the file.
        column
            The column of the problem.
        message
            Returns the text for a position in `rows`.
        """
        positions = np.flatnonzero(bad)
        self.total += len(positions) - len(positions[:MOST_SHOWN])
        for position in positions[:MOST_SHOWN].tolist():
            self.add(int(rows[position]), column, message(position))

    def raise_if_any(self) -> None:
        """Raise the collected problems.

        Raises
        ------
        DataError
            If there is any problem: the first ten by row and column, and the number of the others.
        """
        if not self.total:
            return
        lines = [
            separated((":".join((self.file, str(row), *filter(None, (column,)))), message), ": ")
            for row, column, message in sorted(self._stored, key=itemgetter(0, 1))[:MOST_SHOWN]
        ]
        if self.total > len(lines):
            lines.append(Message("... and {count:,} more problems", count=self.total - len(lines)))
        lines.append(Message("No person was loaded."))
        raise DataError(separated(lines, "\n"))
