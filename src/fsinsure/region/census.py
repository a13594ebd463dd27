"""The rows of ``census.csv`` as arrays by area, sex and age group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.errors import DataError, did_you_mean
from fsinsure.messages import separated
from fsinsure.sources import CONFIDENCES, base_amount
from fsinsure.sources import counts as is_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array
    from fsinsure.region.region import Region
    from fsinsure.tabular import Record

BOTH: Final = "both"
"""The sex of rows that count men and women together."""


@dataclass(frozen=True, eq=False)
class Census:
    """A census by age group.

    Parameters
    ----------
    starts
        First age of each group; the last group is open.
    counts
        Persons ``[area, sex, group]``; one sex where men and women are counted together.
    """

    starts: tuple[int, ...]
    counts: Array


def base_census(region: Region) -> str:
    """Return the last census of a region that is not after the base date: its name, a year.

    Raises
    ------
    DataError
        If there is none; the message says which there are.
    """
    known = sorted({row["census"] for row in region.census})
    until = [one for one in known if re.fullmatch("[0-9]{4}", one) and int(one) <= region.base_year]
    if not until:
        raise DataError(
            "{file}: no census of {base_year} or before; it has {known}. Add the rows of "
            "{base_year}, or of an earlier census, which is carried forward to the residents of "
            "the base date",
            file=region.census[0].file,
            base_year=region.base_year,
            known=separated(known),
        )
    return until[-1]


def census_of(region: Region, name: str) -> Census:
    """Return a census of a region.

    Parameters
    ----------
    region
        With the rows of its ``census.csv``.
    name
        Of the census: the year in its first column.

    Raises
    ------
    DataError
        If there is no such census, or cells are missing or occur twice; the message names file,
        row and column.
    """
    rows = [row for row in region.census if row["census"] == name]
    if not rows:
        known = sorted({row["census"] for row in region.census})
        raise DataError(
            "{file}: no census {name}; it has {known}. Add the rows of {name}",
            file=region.census[0].file,
            name=name,
            known=separated(known),
        )
    if not re.fullmatch("[0-9]{4}", name):
        raise rows[0].error(
            "census", "{name!r} is not the year of a census, such as 2010", name=name
        )
    sexes = (BOTH,) if rows[0]["sex"] == BOTH else SEXES
    groups = list(dict.fromkeys(row.required("age_group") for row in rows))
    starts = _starts(rows, groups)
    counts = np.full((len(region.codes), len(sexes), len(groups)), np.nan)
    for row in rows:
        area, sex = row.choice("area", region.codes), row.choice("sex", sexes)
        cell = region.codes.index(area), sexes.index(sex), groups.index(row["age_group"])
        if not np.isnan(counts[cell]):
            raise row.error(
                "age_group",
                "{area} {sex} {age_group} occurs twice; keep one",
                area=area,
                sex=sex,
                age_group=row["age_group"],
            )
        row.required("source")
        row.choice("confidence", CONFIDENCES)
        if not is_count(row.required("unit"), "人"):
            raise row.error(
                "unit", "{unit!r} is not a unit of people, such as 人 or 万人", unit=row["unit"]
            )
        if not row.required("date").startswith(name):
            raise row.error(
                "date",
                "{date} is not in {name}, the year of this census",
                date=row["date"],
                name=name,
            )
        counts[cell] = base_amount(row.number("value", 0, 1e12), row["unit"])
    if np.isnan(counts).any():
        at_area, at_sex, at_group = (int(at) for at in np.argwhere(np.isnan(counts))[0])
        raise DataError(
            "{file}:{row}: the census {name} has no row for {codes}, {sexes}, {groups}; every "
            "area needs it",
            file=rows[0].file,
            row=rows[0].row,
            name=name,
            codes=region.codes[at_area],
            sexes=sexes[at_sex],
            groups=groups[at_group],
        )
    return Census(starts, counts)


def _starts(rows: Sequence[Record], groups: Sequence[str]) -> tuple[int, ...]:
    """Return the first age of each group; they must follow one another without a gap."""
    first = {group: next(row for row in rows if row["age_group"] == group) for group in groups}
    starts = []
    expected = 0
    for group in groups:
        found = re.fullmatch(r"([0-9]+)(?:-([0-9]+)|(\+))?", group)
        if found is None or int(found[1]) != expected:
            hint = did_you_mean(group, ["0-4", f"{expected}+", f"{expected}-{expected + 4}"])
            raise first[group].error(
                "age_group",
                "{group!r} where a group from {expected} on is expected, such as "
                "{expected}-{upper} or {expected}+ for the last.{hint}",
                group=group,
                expected=expected,
                upper=expected + 4,
                hint=hint,
            )
        starts.append(expected)
        expected = int(found[2] or found[1]) + 1
        if found[3] and group != groups[-1]:
            raise first[group].error(
                "age_group", "{group} is open: it must be the last group", group=group
            )
    if not groups[-1].endswith("+") or expected > AGES:
        raise first[groups[-1]].error(
            "age_group",
            "the last group must be open and start by {ages}, such as 85+",
            ages=AGES - 1,
        )
    return tuple(starts)
