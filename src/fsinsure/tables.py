"""Tidy tables from a projection, one function per table.

Persons are numbers of people (fractional: expected values), years are calendar years. A row is of
an area, or of the region as their total; the column ``level`` says which. Columns are described in
``data/columns.csv``.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fsinsure.columns import of_holder
from fsinsure.dims import AGE_GROUPS, AGES, SEXES
from fsinsure.errors import InputError, did_you_mean, printable
from fsinsure.measures import enrollment as enroll
from fsinsure.measures import groups, measures
from fsinsure.messages import Message, separated
from fsinsure.provenance import ParameterRow, parameter_rows
from fsinsure.region.known import outcome_known
from fsinsure.region.outcomes import comparable, day_of, elapsed, unit_of, year_of
from fsinsure.region.outcomes import published as published_by_year
from fsinsure.statuses import ITEMS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fsinsure.arrays import Array
    from fsinsure.columns import Table
    from fsinsure.engine.projection import Projection
    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Region
    from fsinsure.sources import Outcome


def with_total(cells: Array, axis: int = -1) -> Array:
    """Append the total over areas to the area axis."""
    return np.concatenate([cells, cells.sum(axis=axis, keepdims=True)], axis=axis)


def add_levels(table: pd.DataFrame, region: Region) -> pd.DataFrame:
    """Insert the column ``level`` in front of ``area``: ``total`` for the region, else ``area``.

    Areas become a category in the order of the region, their total last.
    """
    levels = table["area"].map(dict(zip(region.places, region.levels, strict=True)))
    table.insert(table.columns.tolist().index("area"), "level", levels)
    table["area"] = pd.Categorical(table["area"], categories=region.places, ordered=True)
    return table


def listing(holder: str, lang: str, leave_out: Collection[str] = ()) -> pd.DataFrame:
    """Return the tables of a class: table, title, levels, columns and file."""
    rows = [
        (name, one.title[lang], one.levelled, ", ".join(one.names), one.file)
        for name, one in of_holder(holder).items()
        if name not in leave_out
    ]
    return pd.DataFrame(rows, columns=["table", "title", "levels", "columns", "file"])


def registered(holder: object, table: str, *, levelled: bool = False) -> Table:
    """Return what the registry says of a table of a result.

    Parameters
    ----------
    holder
        The result: the table has to be an attribute, not a method.
    table
        Its name there.
    levelled
        Whether only tables with areas and their total are meant.

    Raises
    ------
    InputError
        If it is no such table.
    """
    known = {
        name: one
        for name, one in of_holder("result").items()
        if (one.levelled or not levelled) and not callable(getattr(type(holder), name))
    }
    if not isinstance(table, str) or table not in known:
        what = (
            Message("a table with areas and their total")
            if levelled
            else Message("a table of a result")
        )
        hint = did_you_mean(table, known)
        raise InputError(
            "{table!r} is not {what}.{hint} Known: {known}.",
            table=table,
            what=what,
            hint=hint,
            known=separated(known),
        )
    return known[table]


def of_level(holder: object, table: str, level: str) -> pd.DataFrame:
    """Return the rows of one level, ``total`` or ``area``, of a table without that column.

    Raises
    ------
    InputError
        If the table has no levels.
    """
    registered(holder, table, levelled=True)
    found: pd.DataFrame = getattr(holder, table)
    rows = found[found["level"] == level].drop(columns="level").reset_index(drop=True)
    if level == "total":
        return rows.drop(columns="area")
    return rows.assign(area=rows["area"].cat.remove_unused_categories())


def tidy(scenario: str, cells: Array, value: str, **axes: Sequence[Any]) -> pd.DataFrame:
    """Return an array as a tidy table: one column per axis, in order, and one of values."""
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    table = pd.DataFrame({value: cells.ravel()}, index=index).reset_index()
    table.insert(0, "scenario", scenario)
    return table


def enrollment(projection: Projection, scenario: str) -> pd.DataFrame:
    """People in each measure at 31 December: scenario, year, level, area, measure, persons."""
    persons = projection.persons
    counts = {name: group.count(persons) for name, group in groups().items()}
    people = enroll(counts, projection.coverage)  # [measure, year, area]
    cells = with_total(people.transpose(1, 2, 0), axis=1)
    # The base year adds up to published figures, which are whole: drop the rounding of the sums.
    whole = np.rint(cells[0])
    cells[0] = np.where(np.abs(cells[0] - whole) < 1e-6, whole, cells[0])
    years, region = projection.years.tolist(), projection.region
    axes = {"year": years, "area": region.places, "measure": measures()}
    return add_levels(tidy(scenario, cells, "persons", **axes), region)


def stocks(projection: Projection, scenario: str) -> pd.DataFrame:
    """People of each status at 31 December.

    Columns: scenario, year, level, area, sex, age_group (five-year groups), status, persons.
    """
    persons = np.add.reduceat(projection.persons, np.arange(0, AGES, 5), axis=-1)
    cells = with_total(persons.transpose(0, 2, 3, 4, 1), axis=1)
    region = projection.region
    places = {"year": projection.years.tolist(), "area": region.places}
    people = {"sex": SEXES, "age_group": AGE_GROUPS, "status": STATUSES}
    table = add_levels(tidy(scenario, cells, "persons", **places, **people), region)
    table["age_group"] = pd.Categorical(table["age_group"], categories=AGE_GROUPS, ordered=True)
    return table


def flows(projection: Projection, scenario: str) -> pd.DataFrame:
    """People who changed status, and births, arrivals, deaths and departures of the year.

    Columns: scenario, year, level, area, from_status, to_status, persons. The base year has none:
    the model starts at its end.
    """
    region = projection.region
    rows: dict[tuple[int, str, str], Array] = {}
    for year, year_flows in projection.flows.items():
        for flow in year_flows:
            key = (year, flow.source, flow.target)
            rows[key] = rows.get(key, np.zeros(len(region.codes))) + flow.by_area
    keys = [
        (scenario, year, place, source, target)
        for year, source, target in rows
        for place in region.places
    ]
    columns = ["scenario", "year", "area", "from_status", "to_status"]
    table = pd.DataFrame(keys, columns=columns)
    table["persons"] = with_total(np.array(list(rows.values()))).ravel()
    return add_levels(table, region)


def ledger(projection: Projection, scenario: str) -> pd.DataFrame:
    """Accounts of the funds, in yuan.

    Columns: scenario, year, level, area, fund, item, kind (opening, income, outgo, closing, memo),
    yuan. Balances and interest are those of the region; the base year has only the closing balance.
    Memo items are not part of the account: ``payroll`` is the sum of contribution bases,
    ``accounts`` the individual accounts at year end, ``new_pensions`` yuan a month awarded,
    ``waived`` and ``deferred`` contributions waived and deferred out of the year,
    ``deferred_outstanding`` deferrals not yet repaid at year end.
    """
    region, books = projection.region, projection.ledger
    base_year, *years = books.years.tolist()
    rows: list[tuple[int, str, str, str, str, float]] = []
    for fund, items in ITEMS.items():
        closing = books.closing[fund]
        rows.append((base_year, region.name, fund, "closing", "closing", float(closing[0])))
        of_region = {
            "opening": closing[:-1],
            "interest": books.interest[fund],
            "closing": closing[1:],
        }
        for item, kind in {"opening": "opening", **items, "closing": "closing"}.items():
            places = (region.name,) if item in of_region else region.places
            cells = (
                of_region[item][:, None]
                if item in of_region
                else with_total(books.flows[fund, item])
            )
            rows.extend(
                (year, place, fund, item, kind, yuan)
                for year, amounts in zip(years, cells.tolist(), strict=True)
                for place, yuan in zip(places, amounts, strict=True)
            )
    columns = ["year", "area", "fund", "item", "kind", "yuan"]
    table = pd.DataFrame(rows, columns=columns).sort_values("year", kind="stable")
    table.insert(0, "scenario", scenario)
    return add_levels(table.reset_index(drop=True), region)


def published(region: Region, own: Sequence[Outcome] = ()) -> pd.DataFrame:
    """Return the published figures that have a measure, one a year, and figures of a user.

    Columns: level, area, measure, unit (persons or yuan), year, value, known (the day; for figures
    of a user that do not say, the end of the next year), confidence, source, elapsed (the share of
    the year that has passed on the day of the figure), own (whether it is of the user); see
    :mod:`fsinsure.region.outcomes`.
    """
    found = published_by_year(region.outcomes, region.conflicts)
    shipped = (
        one
        for measure in comparable()
        for area in ("", *region.codes)
        for one in found.get((measure, area), {}).values()
    )
    rows = [
        (
            *(one.area or region.name, one.measure, unit_of(one.measure), year_of(one), one.amount),
            *(str(outcome_known(one)), one.confidence, one.source),
            *(elapsed(day_of(one)), of_user),
        )
        for figures, of_user in ((shipped, False), (own, True))
        for one in figures
    ]
    columns = [
        *("area", "measure", "unit", "year", "value", "known", "confidence", "source"),
        *("elapsed", "own"),
    ]
    return add_levels(pd.DataFrame(rows, columns=columns), region)


def parameters(resolved: Parameters, scenario: str) -> pd.DataFrame:
    """Every parameter value in use, with its source.

    Columns: scenario, parameter, area (empty where areas are alike), year (none for one that does
    not change), value (text where it is not a number), unit, source, confidence, known (the day
    when it became known, empty for what the scenario sets), known_assumed (whether that day follows
    from a rule, docs/known.md), set_by (file:line:column, a layer of law, or the region).
    """
    columns = [field.name for field in fields(ParameterRow)]
    rows = [[getattr(row, column) for column in columns] for row in parameter_rows(resolved)]
    # Texts may hold names of files, which need not be valid Unicode.
    cells = [[printable(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    table = pd.DataFrame(cells, columns=columns)
    table.insert(0, "scenario", scenario)
    return table.astype({"year": "Int64", "known_assumed": "boolean"})
