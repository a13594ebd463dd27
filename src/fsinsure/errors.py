"""The errors and warnings of fsinsure.

::

    FsinsureError
    ├── InputError              the user gave something that cannot be used (exit code 2)
    │   ├── ScenarioError       a scenario file: file, line, column, key, what was expected
    │   └── DataError           a data or table file: file, row, column, what was expected
    ├── ClosureError            the base year cannot meet a published figure
    ├── PoolError               the people needed by a growth path do not exist
    ├── MeasureError            figures of different measures were compared
    ├── WorkerError             worker processes or machines failed repeatedly
    └── IdentityError           an identity of the model does not hold: a defect, please report it
    FsinsureWarning             also itself: early or late claims without effect, a character that
    │                           the font of the pictures lacks
    ├── ExtendedWarning         dated amounts are used after their last known year
    ├── IdentifiabilityWarning  published figures do not tell parameters apart
    ├── ObservedWarning         figures to be met leave a year open, or are not used
    └── TargetWarning           a target year lies after the horizon

Each message says what is wrong, where, and what to do next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from fsinsure.messages import EMPTY, Message, said, separated, worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, marks that reorder text, and bytes of a file name that are not UTF-8."""


class _Worded(BaseException):
    """An error or a warning in the words of a message: `str` gives the language in use.

    Parameters
    ----------
    message
        What is wrong, and what to do next: a message, or its template.
    **values
        The values of the template.
    """

    def __init__(self, message: Message | str, /, **values: object) -> None:
        super().__init__(worded(message, values))

    @property
    def message(self) -> Message:
        """The message."""
        return said(self)

    def text(self, lang: str) -> str:
        """Return the message in ``zh`` or ``en``."""
        return self.message.text(lang)


class FsinsureError(_Worded, Exception):
    """Base of the errors of fsinsure."""


class InputError(FsinsureError):
    """Input that cannot be used, or a place that cannot be written."""


@dataclass(frozen=True)
class Position:
    """Position of a value in a file, counted from 1; a column of a table has a name.

    Parameters
    ----------
    file, line, column
        Where it is.
    letters
        By column, where the table is a sheet of a workbook: then the cell is named.
    """

    file: str
    line: int
    column: int | str
    letters: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        """Return ``actuals.csv:5:value``, or ``actuals.xlsx:Sheet1!C5``."""
        letter = self.letters.get(str(self.column))
        if letter:
            return f"{self.file}!{letter}{self.line}"
        return f"{self.file}:{self.line}:{self.column}"


class ScenarioError(InputError):
    """A scenario cannot be used.

    Parameters
    ----------
    message
        What is wrong, and what to do next.
    position
        The position, if the value came from a file.
    """

    def __init__(
        self, message: Message | str, position: Position | None = None, /, **values: object
    ) -> None:
        self.position = position
        self.bare = worded(message, values)
        """The message without the position."""
        super().__init__(placed(position, self.bare))


class DataError(InputError):
    """A data file cannot be used; the message names file, row, column and what was expected."""


class ClosureError(InputError):
    """The base-year assumptions cannot meet a published figure; the message says which.

    Parameters
    ----------
    message
        What cannot be met, and what to change.
    names
        The figures and assumptions that force it, the first one to look at first.
    """

    def __init__(
        self, message: Message | str, names: Iterable[str] = (), /, **values: object
    ) -> None:
        self.names = tuple(names)
        super().__init__(message, **values)


class PoolError(FsinsureError):
    """A growth path needs more people than there are.

    The message names the pool, the year, the shortfall and the levers that would help.

    Parameters
    ----------
    message
        What is wrong; kept as `short`.
    levers
        The parameters that would help.
    advice
        What to do next.
    """

    def __init__(
        self, message: Message, levers: Sequence[str] = (), advice: Message = EMPTY, /
    ) -> None:
        self.short = message
        self.levers = tuple(levers)
        super().__init__(separated((message, advice), " ") if advice else message)


class MeasureError(InputError):
    """A figure of one measure was compared with a figure of another."""


class WorkerError(FsinsureError):
    """Worker processes or machines failed repeatedly; finished work is kept."""


class FsinsureWarning(_Worded, UserWarning):
    """Base of the warnings of fsinsure; the command line prints them as notes."""


class ExtendedWarning(FsinsureWarning):
    """Dated amounts are used after their last known year; the message names each and the year."""


class IdentifiabilityWarning(FsinsureWarning):
    """Published figures do not tell some parameters apart; the message names them."""


class ObservedWarning(FsinsureWarning):
    """Figures that are observed leave a year open, or some are not used; the message says which."""


class TargetWarning(FsinsureWarning):
    """Targets after the horizon are not assessed; the message names them."""


class IdentityError(FsinsureError):
    """An identity of the model does not hold: a defect of the library, please report it."""


def placed(position: Position | str | None, message: Message) -> Message:
    """Return a message with the position in front, if there is one."""
    return separated((position, message), ": ") if position else message


def did_you_mean(word: object, known: Iterable[str]) -> Message:
    """Return ``" Did you mean 'x'?"`` for the closest known word, or an empty message."""
    found = close(word, known) if isinstance(word, str) else ""
    return Message(" Did you mean '{known}'?", known=found) if found else EMPTY


def close(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the closest known word, or an empty text; `cutoff` is the least similarity."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=cutoff)), "")


def printable(text: str) -> str:
    r"""Return a text whose control characters are spelled out; line ends and tabs stay.

    >>> printable("a\x1b[31mb.yaml")
    'a\\x1b[31mb.yaml'
    """
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
