"""Every error that fsinsure raises on purpose.

::

    FsinsureError
    ├── InputError              the user gave something that cannot be used (exit code 2)
    │   ├── ScenarioError       a scenario file: file, line, column, key, what was expected
    │   └── DataError           a data or table file: file, row, column, what was expected
    ├── ClosureError            the base year cannot meet a published figure
    ├── PoolError               the people needed by a growth path do not exist
    ├── MeasureError            figures of different measures were set against each other
    ├── WorkerError             the processes or machines that do the work die again and again
    └── IdentityError           an identity of the model does not hold: a defect, please report it

Each message says what is wrong, where, and what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class FsinsureError(Exception):
    """Base of every error that fsinsure raises on purpose."""


class InputError(FsinsureError):
    """Something the user gave cannot be used; nothing was computed or written."""


@dataclass(frozen=True)
class Position:
    """Where in a file a value stands; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ScenarioError(InputError):
    """A scenario cannot be used.

    Parameters
    ----------
    message
        What is wrong and what to do.
    position
        Where it stands, when it came from a file.
    """

    def __init__(self, message: str, position: Position | None = None) -> None:
        self.position = position
        super().__init__(f"{position}: {message}" if position else message)


class DataError(InputError):
    """A data file cannot be used: the message names file, row, column and what was expected."""


class ClosureError(InputError):
    """The base-year assumptions cannot meet a published figure; the message says which."""


class PoolError(FsinsureError):
    """A growth path asks for more people than there are.

    The message names the pool, the year, the shortfall and the levers that would help.
    """


class MeasureError(InputError):
    """A figure of one measure was set against a figure of another."""


class WorkerError(FsinsureError):
    """The processes or machines that do the work died again and again; what is finished is kept."""


class ExtendedWarning(UserWarning):
    """Dated amounts run past their last known year: the message names each and the year."""


class IdentityError(FsinsureError):
    """An identity of the model does not hold. This is a defect of the library: please report it."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest known word, or an empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
