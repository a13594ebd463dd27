"""One cell of a user's table: from its text to a number in memory, or what is wrong with it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from fsinsure.errors import did_you_mean
from fsinsure.messages import EMPTY, Message, said, separated, worded
from fsinsure.microdata.schema import BIRTH, WAGE
from fsinsure.state import FEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array
    from fsinsure.microdata.schema import Column

    Cells: TypeAlias = "Coded | Sequence[str] | NDArray[Any]"
    """The cells of a column: texts, or numbers."""

_DATE: Final = re.compile(
    r"([0-9]{4})(?:([0-9]{2})([0-9]{2})?|([-/.])([0-9]{1,2})(?:\4([0-9]{1,2}))?"
    r"|年([0-9]{1,2})月(?:([0-9]{1,2})日)?)(?:[ T]00:00:00(?:\.0+)?)?"
)
_SAFE_DATES: Final = "1980-10, 198010 or 1980-10-01"
_MOST_SHOWN: Final = 30
_MOST_STORED: Final = 500_000
"""Different texts of a column that are remembered at a time."""
INVALID: Final = float("nan")


class Coded(NamedTuple):
    """The cells of a column as indices into its different texts."""

    texts: NDArray[np.object_]
    codes: NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Entry:
    """Where a column of the layout comes from.

    Parameters
    ----------
    target
        A name of :attr:`~fsinsure.microdata.schema.Schema.columns`, ``id``, ``birth`` or ``wage``.
    kind
        The column of the layout; that of the year for ``birth``, and none for ``id`` and ``wage``.
    column
        The column of the user's table, or None for a constant.
    value
        The text that all persons have, where there is no column.
    codes
        Code of the layout by code of the user; codes of the layout are accepted as well.
    scale
        Factor from the unit of the table to fen or months.
    blank
        The text that a blank cell stands for, or None if a blank is an error.
    mean, cv
        Of the wages among which a wage is ranked, yuan a month and ratio.
    """

    target: str
    kind: Column | None = None
    column: str | None = None
    value: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1
    blank: str | None = None
    mean: float = 0.0
    cv: float = 0.0


class InvalidCell(ValueError):
    """A cell cannot be used; the message says why."""

    def __init__(self, text: Message | str, /, **values: object) -> None:
        super().__init__(worded(text, values))


class Parser(dict[str, float]):
    """Parses a column: each different text once, plain numbers all at a time.

    Parameters
    ----------
    entry
        What the mapping file says of the column.
    """

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def __missing__(self, text: str) -> float:
        if len(self) > _MOST_STORED:
            self.clear()
        try:
            found = parse(text, self.entry)
        except InvalidCell:
            found = INVALID
        self[text] = found
        return found

    def all(self, cells: Cells) -> Array:
        """Parse cells as :func:`parse` does each of them; :data:`INVALID` where it fails.

        Numbers are converted together; what is not valid among them is parsed again by itself.
        """
        if isinstance(cells, Coded):
            return np.asarray(self.all(cells.texts.tolist())[cells.codes])
        found = _numbers(cells, self.entry) if numeric(self.entry) else None
        if found is None:
            texts = (text_at(cells, at) for at in range(len(cells)))
            return np.fromiter(map(self.__getitem__, texts), np.float64, len(cells))
        for at in np.flatnonzero(np.isnan(found)).tolist():
            found[at] = self[text_at(cells, at)]
        return found

    def problem(self, text: str) -> Message:
        """Return what is wrong with a text that was parsed as :data:`INVALID`."""
        try:
            parse(text, self.entry)
        except InvalidCell as error:
            return said(error)
        raise AssertionError(text)  # called for invalid texts only


def numeric(entry: Entry) -> bool:
    """Return whether a column holds plain numbers."""
    if entry.kind is None:
        return entry.target == WAGE
    return entry.target != BIRTH and not entry.kind.codes


def text_at(cells: Cells, at: int) -> str:
    """Return one cell as a CSV file would hold it."""
    value = cells.texts[cells.codes[at]] if isinstance(cells, Coded) else cells[at]
    return value if isinstance(value, str) else as_text(value.item())


def as_text(value: str | float | bool | None) -> str:
    """Return a value of a Parquet file as a CSV file would hold it."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    return str(value).strip()


def _numbers(cells: Sequence[str] | NDArray[Any], entry: Entry) -> Array | None:
    """Return numbers, INVALID where one must be parsed by itself; None if some are not numbers."""
    if isinstance(cells, np.ndarray):
        found = cells.astype(np.float64)
    else:
        if entry.blank is not None:
            cells = [text or entry.blank for text in cells]
        if "_" in "".join(cells):
            return None  # a separator of digits in Python, but not in tables
        try:
            found = np.array(cells, dtype=object).astype(np.float64)
        except ValueError:
            return None
    low, high, whole = limits(entry)
    valid = (found >= low) & (found <= high)
    if whole:
        valid &= found == np.rint(found)
    found *= entry.scale
    found = found if _fractional(entry) else np.rint(found)
    return np.where(valid, found, INVALID)


def limits(entry: Entry) -> tuple[float, float, bool]:
    """Return the bounds of a number in the unit of the table, and whether it must be whole."""
    column = entry.kind
    if column is None:  # a wage
        return 0, 1e7, False
    per = entry.scale / (FEN if column.unit == "yuan" else 1)
    return column.low / per, column.high / per, column.whole and entry.scale == 1


def _fractional(entry: Entry) -> bool:
    return entry.kind is None or entry.kind.dtype == "float32"


def parse(text: str, entry: Entry) -> float:
    """Return the number of a cell: index of a code, fen, months, or :func:`month_of_birth`.

    Raises
    ------
    InvalidCell
        The message says what is wrong.
    """
    text = text.strip()
    if not text:
        if entry.blank is None:
            raise InvalidCell("the cell is blank; fill it, or set 'blank' in a mapping file")
        text = entry.blank
    if entry.kind is not None and entry.target == BIRTH:
        return month_of_birth(text, entry.kind)
    if entry.kind is not None and entry.kind.codes:
        return code(text, entry, entry.kind.codes)
    found = number(text)
    low, high, whole = limits(entry)
    if whole and found != int(found):
        raise InvalidCell("{text} is not a whole number", text=quoted(text))
    if not low <= found <= high:
        raise InvalidCell(
            "{text} is not between {low:g} and {high:g}", text=quoted(text), low=low, high=high
        )
    found *= entry.scale
    return found if _fractional(entry) else float(round(found))


def code(text: str, entry: Entry, known: tuple[str, ...]) -> float:
    """Return the index of a code in the list of the layout."""
    meaning = entry.codes.get(text, text)
    if meaning not in known:
        codes = [*entry.codes, *known]
        raise InvalidCell(
            "{text} is not one of {codes}.{hint}",
            text=quoted(text),
            codes=separated(codes),
            hint=did_you_mean(text, codes),
        )
    return known.index(meaning)


def number(text: str) -> float:
    """Return a plain number."""
    try:
        found = INVALID if "_" in text else float(text)
    except ValueError:
        found = INVALID
    if not math.isfinite(found):
        hint = (
            Message("; write it without commas") if re.match(r"[0-9]+[,，][0-9]", text) else EMPTY
        )
        raise InvalidCell(
            "{text} is not a plain number such as 1234.56{hint}", text=quoted(text), hint=hint
        )
    return found


def month_of_birth(text: str, years: Column) -> float:
    """Return a date of birth as ``12 * year + month - 1``.

    Accepted are ``19620305``, ``196203``, ``1962-03-05``, ``1962-03``, the same with ``/`` or
    ``.``, and ``1962年3月5日``. Refused is ``1980.1``: a spreadsheet that holds ``1980.10``
    (October) as a number writes it, and so does a table that means January.

    Parameters
    ----------
    text
        As written.
    years
        The column of the year of birth, with its bounds.

    Raises
    ------
    InvalidCell
        If the text is not such a date, may be read as two, or is out of bounds.
    """
    match = _DATE.fullmatch(text)
    if not match:
        raise InvalidCell(
            "{text} is not a date such as 19620305, 1962-03-05 or 1962-03", text=quoted(text)
        )
    year = int(match[1])
    month = int(match[2] or match[5] or match[7])
    day = int(match[3] or match[6] or match[8] or 1)
    if match[4] == "." and match[5] == "1" and not match[6]:
        raise InvalidCell(
            "{text} may be January, or October as a number without its last zero; write the "
            "column as text in a form such as {safe_dates}",
            text=quoted(text),
            safe_dates=_SAFE_DATES,
        )
    try:
        date(year, month, day)
    except ValueError:
        raise InvalidCell("{text} is not a date of the calendar", text=quoted(text)) from None
    if not years.low <= year <= years.high:
        raise InvalidCell(
            "{text} is not between {low} and the end of {high}",
            text=quoted(text),
            low=years.low,
            high=years.high,
        )
    return 12 * year + month - 1


def quoted(text: str) -> str:
    """Return a cell in quotation marks, shortened."""
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")
