"""One cell of a user's table: from the text in it to a number of ours, or what is wrong with it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import BASE_YEAR
from fsinsure.errors import did_you_mean
from fsinsure.microdata.schema import BIRTH, COLUMNS, WAGE
from fsinsure.state import FEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_DATE: Final = re.compile(
    r"([0-9]{4})(?:([0-9]{2})([0-9]{2})?|([-/.])([0-9]{1,2})(?:\4([0-9]{1,2}))?"
    r"|年([0-9]{1,2})月(?:([0-9]{1,2})日)?)(?:[ T]00:00:00(?:\.0+)?)?"
)
_MOST_SHOWN: Final = 30
_MOST_KNOWN: Final = 500_000
"""Different texts of a column that are remembered at a time."""
BAD: Final = float("nan")


@dataclass(frozen=True)
class Entry:
    """Where one of our columns comes from.

    Parameters
    ----------
    target
        A name of :data:`~fsinsure.microdata.schema.COLUMNS`, ``id``, ``birth`` or ``wage``.
    column
        The column of the user's table, or None for a constant.
    value
        The same text for everybody, where there is no column.
    codes
        The user's code to ours; our own names are understood as well.
    scale
        What a number is multiplied by, to fen or months.
    blank
        The text that a blank cell stands for, or None where a blank is an error.
    mean, cv
        Of the wages that a wage is ranked among, yuan a month and ratio.
    """

    target: str
    column: str | None = None
    value: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1
    blank: str | None = None
    mean: float = 0.0
    cv: float = 0.0


class Unusable(ValueError):
    """A cell cannot be used; the message says why."""


class Reader(dict[str, float]):
    """Reads the texts of a column, each different one once; numbers all at a time.

    Parameters
    ----------
    entry
        What the mapping file says of the column.
    """

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def __missing__(self, text: str) -> float:
        if len(self) > _MOST_KNOWN:
            self.clear()
        try:
            found = read(text, self.entry)
        except Unusable:
            found = BAD
        self[text] = found
        return found

    def all(self, texts: Sequence[str] | Array) -> Array:
        """Return texts, or numbers, as :func:`read` reads each of them; :data:`BAD` where it fails.

        Numbers are converted together, and what does not look right is read once more by itself.
        """
        found = _numbers(texts, self.entry) if numeric(self.entry) else None
        if found is None:
            return np.fromiter(map(self.__getitem__, written(texts)), np.float64, len(texts))
        for place in np.flatnonzero(np.isnan(found)).tolist():
            found[place] = self[written(texts[place : place + 1])[0]]
        return found

    def complaint(self, text: str) -> str:
        """Return what is wrong with a text that was read as :data:`BAD`."""
        try:
            read(text, self.entry)
        except Unusable as error:
            return str(error)
        raise AssertionError(text)  # only bad texts are asked for


def numeric(entry: Entry) -> bool:
    """Tell whether a column holds plain numbers."""
    if entry.target == WAGE:
        return True
    return entry.target in COLUMNS and not COLUMNS[entry.target].codes


def written(values: Sequence[str] | Array) -> Sequence[str]:
    """Return values as they would stand in a CSV file."""
    return (
        [as_text(value) for value in values.tolist()] if isinstance(values, np.ndarray) else values
    )


def as_text(value: object) -> str:
    """Write a value of a Parquet file as it would stand in a CSV file."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    return str(value).strip()


def _numbers(texts: Sequence[str] | Array, entry: Entry) -> Array | None:
    """Return numbers, BAD where one needs a second look; None where some are no numbers."""
    if isinstance(texts, np.ndarray):
        found = texts.astype(np.float64)
    else:
        if entry.blank is not None:
            texts = [text or entry.blank for text in texts]
        if "_" in "".join(texts):
            return None  # Python's own notation, which no table has
        try:
            found = np.array(texts, dtype=object).astype(np.float64)
        except ValueError:
            return None
    low, high, whole = limits(entry)
    right = (found >= low) & (found <= high)
    if whole:
        right &= found == np.rint(found)
    found *= entry.scale
    found = found if _fractional(entry) else np.rint(found)
    return np.where(right, found, BAD)


def limits(entry: Entry) -> tuple[float, float, bool]:
    """Return the bounds of a number in the unit of the file, and whether it must be whole."""
    if entry.target == WAGE:
        return 0, 1e7, False
    column = COLUMNS[entry.target]
    per = entry.scale / (FEN if column.unit == "yuan" else 1)
    return column.low / per, column.high / per, column.whole and entry.scale == 1


def _fractional(entry: Entry) -> bool:
    return entry.target == WAGE or COLUMNS[entry.target].dtype == "float32"


def read(text: str, entry: Entry) -> float:
    """Read a cell: a code's place, fen, months, or ``12 * year + month - 1`` of a birth.

    Raises
    ------
    Unusable
        With what is wrong.
    """
    text = text.strip()
    if not text:
        if entry.blank is None:
            raise Unusable("the cell is blank; fill it, or say in the mapping what 'blank' means")
        text = entry.blank
    if entry.target == BIRTH:
        return month_of_birth(text)
    column = COLUMNS.get(entry.target)
    if column is not None and column.codes:
        return code(text, entry, column.codes)
    found = number(text)
    low, high, whole = limits(entry)
    if whole and found != int(found):
        raise Unusable(f"{shown(text)} is not a whole number")
    if not low <= found <= high:
        raise Unusable(f"{shown(text)} is not between {low:g} and {high:g}")
    found *= entry.scale
    return found if _fractional(entry) else float(round(found))


def code(text: str, entry: Entry, known: tuple[str, ...]) -> float:
    """Return the place of a code among ours."""
    meaning = entry.codes.get(text, text)
    if meaning not in known:
        words = [*entry.codes, *known]
        raise Unusable(
            f"{shown(text)} is no code of the mapping ({', '.join(words)})."
            f"{did_you_mean(text, words)}"
        )
    return known.index(meaning)


def number(text: str) -> float:
    """Return a plain number."""
    try:
        found = BAD if "_" in text else float(text)
    except ValueError:
        found = BAD
    if not math.isfinite(found):
        hint = "; write it without commas" if re.match(r"[0-9]+[,，][0-9]", text) else ""
        raise Unusable(f"{shown(text)} is not a plain number such as 1234.56{hint}")
    return found


def month_of_birth(text: str) -> float:
    """Return a date of birth in months since the year 0.

    ``19620305``, ``196203``, ``1962-03-05``, ``1962-03``, the same with ``/`` or ``.``, and
    ``1962年3月5日``.
    """
    match = _DATE.fullmatch(text)
    if not match:
        raise Unusable(f"{shown(text)} is not a date such as 19620305, 1962-03-05 or 1962-03")
    year = int(match[1])
    month = int(match[2] or match[5] or match[7])
    day = int(match[3] or match[6] or match[8] or 1)
    try:
        date(year, month, day)
    except ValueError:
        raise Unusable(f"{shown(text)} is no day of any calendar") from None
    low = int(COLUMNS["birth_year"].low)
    if not low <= year <= BASE_YEAR:
        raise Unusable(f"{shown(text)} is not between {low} and the end of {BASE_YEAR}")
    return 12 * year + month - 1


def shown(text: str) -> str:
    """Quote a cell, shortened."""
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")
