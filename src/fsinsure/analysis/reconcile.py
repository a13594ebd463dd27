"""Reconciliation of a published ledger: differences are reported, never absorbed.

The balance of a fund closes at ``opening + income - outgo``. Published ledgers often do not:
figures are rounded, revised, or leave out transfers between levels of government.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.messages import Message, separated, verbatim
from fsinsure.units import measure_in

AMOUNTS: Final = ("opening", "income", "outgo", "closing")

ALL_FUNDS: Final = "all"
"""The fund of a table without a fund column."""

COLUMNS: Final = (
    *("fund", "year", *AMOUNTS, "opening_from", "expected_closing"),
    *("unexplained", "unexplained_share", "opening_less_closing_before", "rounding"),
)

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_BEYOND = 10**20


class _Amount(NamedTuple):
    """An amount as published: its value, and half a unit of its last digit, both in yuan."""

    value: Decimal
    half_unit: Decimal


class _Year(NamedTuple):
    """One row of the table; an amount that is not published is None."""

    row: Hashable
    fund: str
    year: int
    amounts: Mapping[str, _Amount | None]


def reconcile(table: pd.DataFrame) -> pd.DataFrame:
    """Compare each published closing balance with the balance that the flows of the year imply.

    Parameters
    ----------
    table
        One row a fund and year, in any order. Columns ``year``, ``opening``, ``income``, ``outgo``,
        ``closing`` and, where there are several, ``fund``; other columns are ignored. Amounts are
        yuan: numbers, or text such as ``6.59万亿`` or ``60455亿元``. A blank cell is "not
        published".

    Returns
    -------
    pandas.DataFrame
        In order of fund (of first appearance) and year, with the columns

        fund, year, opening, income, outgo, closing
            As given, yuan; the fund is ``all`` where the table has no funds.
        opening_from
            ``table``; ``closing of 2020`` where the opening is blank and the closing of the year
            before is known, which is then used; or ``not published``.
        expected_closing
            ``opening + income - outgo``.
        unexplained
            ``closing - expected_closing``: positive if there is money that no flow records.
        unexplained_share
            ``unexplained`` over the size of the closing.
        opening_less_closing_before
            The published opening less the closing of the year before; blank in the first year,
            after a gap in the years, and where no opening is published.
        rounding
            The largest part of ``unexplained`` that the rounding of amounts given as text can
            explain: half a unit of the last digit of each. Numbers are exact.

        A value that depends on a figure that is not published is blank. Sums are exact (decimal):
        a ledger that adds up as printed leaves exactly 0.

    Raises
    ------
    InputError
        The table is not a DataFrame, or has no rows.
    DataError
        A column is missing or duplicated, a cell cannot be read, an income or outgo is negative,
        or a year of a fund is duplicated; the message names the row by its index label, and the
        column.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     [(2020, None, None, None, "100亿"), (2021, None, "60亿", "50亿", "112亿")],
    ...     columns=["year", "opening", "income", "outgo", "closing"],
    ... )
    >>> found = reconcile(table)
    >>> found["opening_from"][1], float(found["unexplained"][1]), float(found["rounding"][1])
    ('closing of 2020', 200000000.0, 200000000.0)
    """
    years = _read(table)
    by_year = {(row.fund, row.year): row for row in years}
    funds = list(dict.fromkeys(row.fund for row in years))
    ordered = sorted(years, key=lambda row: (funds.index(row.fund), row.year))
    rows = [_reconciled(row, by_year.get((row.fund, row.year - 1))) for row in ordered]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _reconciled(current: _Year, before: _Year | None) -> dict[str, object]:
    """Return the row of a year; `before` is the year before, if it is published."""
    opening, income, outgo, closing = (current.amounts[name] for name in AMOUNTS)
    closing_before = before.amounts["closing"] if before else None
    origin = "table" if opening else "not published"
    step = None
    if opening and closing_before:
        step = opening.value - closing_before.value
    elif closing_before:
        opening, origin = closing_before, f"closing of {current.year - 1}"
    expected = unexplained = share = rounding = None
    if opening and income and outgo:
        expected = opening.value + income.value - outgo.value
        if closing:
            unexplained = closing.value - expected
            share = unexplained / abs(closing.value) if closing.value else None
            parts = (opening, income, outgo, closing)
            rounding = sum((part.half_unit for part in parts), Decimal(0))
    amounts = [_float(part.value if part else None) for part in (opening, income, outgo, closing)]
    sums = [_float(value) for value in (expected, unexplained, share, step, rounding)]
    cells = [current.fund, current.year, *amounts, origin, *sums]
    return dict(zip(COLUMNS, cells, strict=True))


def _float(value: Decimal | None) -> float:
    return float("nan") if value is None else float(value)


def _read(table: pd.DataFrame) -> list[_Year]:
    """Read every row; an error names the cell that cannot be read."""
    if not isinstance(table, pd.DataFrame):
        raise InputError("a ledger is a pandas DataFrame, not {kind}", kind=type(table).__name__)
    names = [name if isinstance(name, str) else "" for name in table.columns]
    for name in ("year", *AMOUNTS):
        if name not in names:
            rest = [other for other in names if other not in ("year", "fund", *AMOUNTS)]
            raise DataError(
                "the ledger has no column {name!r}.{hint} It needs year, {amounts}; leave cells "
                "blank that are not published.",
                name=name,
                hint=did_you_mean(name, rest),
                amounts=separated(AMOUNTS),
            )
    for name in ("fund", "year", *AMOUNTS):
        if names.count(name) > 1:
            raise DataError(
                "the ledger has {count} columns {name!r}: keep one.",
                count=names.count(name),
                name=name,
            )
    if table.empty:
        raise InputError("the ledger has no rows")
    columns = {name: table.iloc[:, names.index(name)].tolist() for name in ("year", *AMOUNTS)}
    funds = table.iloc[:, names.index("fund")].tolist() if "fund" in names else None
    found: dict[tuple[str, int], _Year] = {}
    for place, row in enumerate(table.index.tolist()):
        fund = ALL_FUNDS if funds is None else _fund(funds[place], row)
        year = _year(columns["year"][place], row)
        amounts = {name: _amount(columns[name][place], row, name) for name in AMOUNTS}
        if (fund, year) in found:
            earlier = _label(found[fund, year].row)
            raise _error(
                row,
                "year",
                "{year} of fund {fund} is in row {earlier} too",
                year=year,
                fund=_short(fund),
                earlier=earlier,
            )
        found[fund, year] = _Year(row, fund, year, amounts)
    return list(found.values())


def _fund(cell: Any, row: Hashable) -> str:
    if _blank(cell):
        raise _error(row, "fund", "the cell is blank; every row needs a fund")
    if isinstance(cell, int) and abs(cell) > _BEYOND:
        raise _error(row, "fund", "{cell} is not the name of a fund", cell=_short(cell))
    return str(cell).strip()


def _year(cell: Any, row: Hashable) -> int:
    """Read a year: 2021, 2021.0, ``2021`` or ``2021年``."""
    if isinstance(cell, str):
        digits = cell.strip().removesuffix("年")
        number = Decimal(digits) if re.fullmatch("[0-9]{4}", digits) else None
    else:
        number = _exact(cell)
    if number is None or not _FIRST_YEAR <= number <= _LAST_YEAR or number % 1:
        raise _error(row, "year", "{cell} is not a year, such as 2019", cell=_short(cell))
    return int(number)


def _amount(cell: Any, row: Hashable, column: str) -> _Amount | None:
    """Read yuan; None if the cell is blank."""
    if _blank(cell):
        return None
    try:
        amount = _from_text(cell) if isinstance(cell, str) else _from_number(cell)
    except InputError as error:
        raise _error(
            row, column, "{error}; expected yuan, such as 6.59万亿 or 1500", error=error
        ) from error
    if column in ("income", "outgo") and amount.value < 0:
        raise _error(
            row, column, "{cell} is negative; write income and outgo as positive", cell=_short(cell)
        )
    return amount


def _from_text(text: str) -> _Amount:
    quantity = measure_in(text, "yuan")
    return _Amount(quantity.amount, quantity.step / 2)


def _from_number(cell: Any) -> _Amount:
    exact = _exact(cell)
    if exact is None:
        raise InputError("{cell} is not an amount", cell=_short(cell))
    if not abs(exact) < _BEYOND:
        raise InputError("{cell} is beyond any amount", cell=_short(cell))
    return _Amount(exact, Decimal(0))


def _exact(cell: Any) -> Decimal | None:
    """Return a number as it prints, so that 0.1 + 0.2 is 0.3; None for anything else."""
    if isinstance(cell, Decimal):
        return None if cell.is_nan() else cell
    if isinstance(cell, bool | np.timedelta64):  # numpy counts a span of time among the integers
        return None
    if isinstance(cell, int | np.integer):
        return Decimal(int(cell))
    if isinstance(cell, Fraction):
        return Decimal(cell.numerator) / cell.denominator
    if isinstance(cell, float | np.floating):
        return _exact(Decimal(str(cell)))
    return None


def _blank(cell: Any) -> bool:
    if isinstance(cell, Decimal):
        return cell.is_nan()  # a signalling NaN cannot be compared
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell)) or (
        isinstance(cell, str) and not cell.strip()
    )


def _short(cell: Any) -> Message:
    if isinstance(cell, int) and abs(cell) > _BEYOND:
        return Message("a huge number")  # its conversion to text could take minutes
    text = repr(cell)
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    return verbatim(shown)


def _label(row: Hashable) -> Message:
    return verbatim(row) if isinstance(row, str) and len(row) <= 40 else _short(row)


def _error(row: Hashable, column: str, text: str, /, **values: object) -> DataError:
    return DataError(
        "ledger row {label}, column {column}: {message}",
        label=_label(row),
        column=column,
        message=Message(text, **values),
    )
