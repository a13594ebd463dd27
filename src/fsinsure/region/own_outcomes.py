"""A user's own figures: a table like ``outcomes.csv``, to be met or to judge a projection."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from fsinsure.documents.user_tables import read_table
from fsinsure.errors import DataError
from fsinsure.messages import EMPTY, Message, separated, worded
from fsinsure.names import listed, meant
from fsinsure.region.outcomes import (
    account,
    check_measure,
    check_year_end,
    comparable,
    comparable_named,
    comparable_names,
    contradictions,
    named,
    year_of,
)
from fsinsure.sources import OUTCOME_COLUMNS, Outcome, outcomes_in
from fsinsure.tabular import Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import pandas as pd

    from fsinsure.region.region import Region

SHEETS: Final = ("已公布数据", "Outcomes")
"""The names that the sheet of figures may have in a workbook with other sheets."""

NEEDED: Final = ("date", "value", "unit")
"""Columns that the table must have, beside ``measure`` or ``series``."""

OPTIONAL: Final = (
    *(one for one in OUTCOME_COLUMNS if one not in NEEDED),
    *("measure", "known", "fitted"),
)
MOST_APART: Final = 10.0
"""Ratio of two figures of a measure from which on one of them is taken to be in a wrong unit."""

UNSAID: Final = "secondary"
"""The confidence of a row that names none."""


@dataclass(frozen=True)
class Actuals:
    """Figures that a user gives beside those of a region.

    Parameters
    ----------
    name
        Of their file, in messages and in ``run.json``.
    digest
        SHA-256 of the table.
    rows
        The figures.
    """

    name: str
    digest: str
    rows: tuple[Outcome, ...]

    @property
    def record(self) -> dict[str, str]:
        """Name and SHA-256, as ``run.json`` has them."""
        return {"file": self.name, "sha256": self.digest}


def read_actuals(
    table: str | PathLike[str] | pd.DataFrame, region: Region, *, by_area: bool = False
) -> Actuals:
    """Read the figures of a user.

    Parameters
    ----------
    table
        The path of a CSV file or a workbook (.xlsx), or a DataFrame, with the columns of
        ``outcomes.csv``: ``date``, ``value``, ``unit`` and ``measure`` or ``series`` at least.
    region
        Whose figures they are.
    by_area
        Whether a row may be of an area of the region.

    Raises
    ------
    DataError
        If the table cannot be used: an unknown column or measure, the scope of another measure, an
        area (an unknown one if `by_area`), a value that is not a number above 0 or of another order
        of magnitude than the figures of the region, figures of one measure and day that contradict
        each other; the message names file, row and column,
        or sheet and cell.
    InputError
        As :func:`fsinsure.documents.user_tables.read_table`.
    """
    given = read_table(table, "outcomes", NEEDED, OPTIONAL, SHEETS)
    rows = [_filled(row, given.name, region) for row in given.rows]
    for row in rows:
        _check(row, region, by_area=by_area)
    found = outcomes_in(rows, region.codes)
    for one in found:
        check_measure(one)
        if "/" in one.date:
            raise _error(one, "date", "{date}: give one day, such as 2019-12-31", date=one.date)
        if not one.area:
            _check_size(one, region)
    for words in contradictions(found):
        raise DataError("{words}: correct one, or leave it out", words=words)
    return Actuals(given.name, given.digest, found)


def to_be_met(actuals: Actuals) -> Actuals:
    """Return the figures if each can be met by a lever: people on a day.

    Raises
    ------
    DataError
        If one cannot; the message names file, row and column.
    """
    for one in actuals.rows:
        if account(one.measure):
            text = Message(
                "{measure} is money, and only people are met: leave the row out",
                measure=one.measure,
            )
            raise _error(one, "measure", text)
    return actuals


def to_be_judged_by(actuals: Actuals) -> Actuals:
    """Return the figures if each can judge a projection.

    Raises
    ------
    DataError
        If people are not of a 31 December, or money is not of a whole year; the message names file,
        row and column.
    """
    for one in actuals.rows:
        check_year_end(one, Message("leave the row out"))
    return actuals


def judging(
    table: str | PathLike[str] | pd.DataFrame, region: Region, horizon: int
) -> tuple[Actuals, list[Message]]:
    """Return the figures of a user's table that judge a projection, and notes on the others.

    Raises
    ------
    DataError, InputError
        As :func:`read_actuals`, :func:`to_be_judged_by` and :func:`later`.
    """
    given = to_be_judged_by(read_actuals(table, region))
    own = later(given, region.base_year)
    return own, [*filter(None, (earlier(given, region.base_year), beyond(own, horizon)))]


def with_own(region: Region, actuals: Actuals | None) -> tuple[Outcome, ...]:
    """Return the outcomes of a region, with those of a user in the place of its own.

    A figure in the place of one that parameters were set by was in view with it: it judges nothing
    either.

    Parameters
    ----------
    region
        Whose figures they are.
    actuals
        The figures of the user; None for those of the region alone.
    """
    if actuals is None:
        return region.outcomes
    replaced: dict[tuple[str, str, int], list[Outcome]] = {_key(one): [] for one in actuals.rows}
    kept: list[Outcome] = []
    for one in region.outcomes:
        same = replaced.get(_key(one)) if one.measure else None
        (kept if same is None else same).append(one)
    own = [
        replace(one, fitted=_united(each.fitted for each in (one, *replaced[_key(one)])))
        for one in actuals.rows
    ]
    return (*kept, *own)


def _key(one: Outcome) -> tuple[str, str, int]:
    return one.measure, one.area, year_of(one)


def _united(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(names)))


def beyond(actuals: Actuals, horizon: int) -> Message:
    """Return the note on figures after the horizon, which nothing uses; empty without any."""
    after = [one for one in actuals.rows if year_of(one) > horizon]
    if not after:
        return EMPTY
    return Message(
        "not used, as later than the horizon {horizon}: {figures}",
        horizon=horizon,
        figures=named(after),
    )


def earlier(actuals: Actuals, base_year: int) -> Message:
    """Return the note on figures up to the base year, which nothing uses; empty without any."""
    before = [one for one in actuals.rows if year_of(one) <= base_year]
    if not before:
        return EMPTY
    return Message(
        "not used, as not later than the base year {base_year}, which is closed on figures.csv: "
        "{figures}",
        base_year=base_year,
        figures=named(before),
    )


def later(actuals: Actuals, base_year: int) -> Actuals:
    """Return the figures after the base year.

    Raises
    ------
    DataError
        If there is none.
    """
    rows = tuple(one for one in actuals.rows if year_of(one) > base_year)
    if not rows:
        raise DataError(
            "{name}: no figure is later than the base year {base_year}; the base year itself is "
            "closed on figures.csv",
            name=actuals.name,
            base_year=base_year,
        )
    return Actuals(actuals.name, actuals.digest, rows)


def _check_size(one: Outcome, region: Region) -> None:
    """Refuse a figure of another order of magnitude than those of the region: a wrong unit."""
    own = [each for each in region.outcomes if each.measure == one.measure and not each.area]
    if not own:
        return
    near = min(own, key=lambda each: abs(year_of(each) - year_of(one)))
    ratio = one.amount / near.amount
    if not 1 / MOST_APART <= ratio <= MOST_APART:
        text = Message(
            "{value}{unit} is {ratio:.3g} times the published {near_value}{near_unit} of {date}: "
            "check the unit",
            value=one.value,
            unit=one.unit,
            ratio=ratio,
            near_value=near.value,
            near_unit=near.unit,
            date=near.date,
        )
        raise _error(one, "value", text)


def _error(one: Outcome, column: str, text: Message | str, /, **values: object) -> DataError:
    where = replace(one.where, column=column)
    return DataError(separated((where, worded(text, values)), ": "))


def _filled(row: Record, name: str, region: Region) -> Record:
    """Return a row with every column of ``outcomes.csv``; the measure may stand as the series."""
    measure = row.cells.get("measure", "") or row.cells.get("series", "")
    filled = {column: text for column, text in row.cells.items() if text}
    blank = dict.fromkeys((*OUTCOME_COLUMNS, *NEEDED), "")
    standing = {"series": measure, "source": name, "confidence": UNSAID}
    cells = {**blank, **standing, **filled, "measure": comparable_named(measure)}
    cells["area"] = region.area_named(cells["area"]) if cells["area"] else ""
    return replace(row, cells={**cells, "date": dashed(cells["date"])})


def dashed(date: str) -> str:
    """Return a date as spreadsheets write it in Chinese, with dashes; any other text as it is.

    >>> dashed("2024/6/30"), dashed("2024/12"), dashed("2016/2019")
    ('2024-06-30', '2024-12', '2016/2019')
    """
    found = re.fullmatch(r"([0-9]{4})/([0-9]{1,2})(?:/([0-9]{1,2}))?", date)
    return "-".join(part.zfill(2) for part in found.groups() if part) if found else date


def _check(row: Record, region: Region, *, by_area: bool) -> None:
    """Refuse a row without a measure, or with another than its series has, or of an area."""
    measure, known = row["measure"], comparable()
    if measure not in known:
        raise row.error(
            "measure",
            (
                Message(
                    "{measure!r} is not a measure.{hint} Measures: {known}",
                    measure=measure,
                    hint=meant(measure, comparable_names()),
                    known=listed(measure, comparable_names()),
                )
                if measure
                else Message("it is blank: name the measure whose scope the figure has")
            ),
        )
    if row["area"] and not by_area:
        raise row.error("area", "only figures of the whole region are used: leave the area blank")
    of_series = {
        one.measure
        for one in region.outcomes
        if one.series == row["series"] and one.measure and year_of(one) > region.base_year
    }
    if of_series and measure not in of_series:
        raise row.error(
            "measure",
            "{series} has the scope of {of_series} in the outcomes of {name}, not that of "
            "{measure}: correct one of them",
            series=row["series"],
            of_series=separated(sorted(of_series), " or "),
            name=region.name,
            measure=measure,
        )
