"""Plan figures by area, and actual figures against them, as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.output.keys import key_names
from fsinsure.output.labels import label, measure_name
from fsinsure.output.numbers import UNKNOWN, minus, percent
from fsinsure.output.terminal import text
from fsinsure.output.tidy import only_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN: Final = 6
"""Years of a table; further ones are in the files."""


def quotas(table: pd.DataFrame, names: Mapping[str, str], lang: str = "zh") -> str:
    """Return the persons that each area adds in each year, a table a measure.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.quotas.table` returns it.
    names
        Names of areas and region by code.
    lang
        ``zh`` or ``en``.
    """
    name, key = only_scenario(table, "quotas"), key_names(str(table["key"].iat[0]), lang)
    parts = [label("quotas.title", lang, name=name, by=key)]
    for measure, rows in table.groupby("measure", sort=False):
        parts.append(f"{measure_name(str(measure), lang)}\n{_of_measure(rows, names, lang)}")
    return "\n\n".join(parts)


def _of_measure(rows: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    added = rows.pivot_table(index="area", columns="year", values="increment", sort=False)
    years = [*added.columns]
    first, last = years[0], years[-1]
    opening = rows[rows["year"] == first].set_index("area")["opening"]
    closing = rows[rows["year"] == last].set_index("area")["persons"]
    shown = years if len(years) <= SHOWN else [*years[: SHOWN - 1], last]
    header = [
        label("column.area", lang),
        label("quotas.end", lang, year=first - 1),
        *(f"+{year}" for year in shown),
        label("quotas.end", lang, year=last),
    ]
    lines = [
        [
            names[str(area)],
            whole(opening[area]),
            *(whole(added.loc[area, year]) for year in shown),
            whole(closing[area]),
        ]
        for area in added.index
    ]
    return text.table(header, lines, right=len(header) - 1)


def tracking(table: pd.DataFrame, names: Mapping[str, str], lang: str = "zh") -> str:
    """Return actual figures against the plan figures of their month, a line each.

    Parameters
    ----------
    table
        As :func:`fsinsure.analysis.tracking.table` returns it.
    names
        Names of areas and region by code.
    lang
        ``zh`` or ``en``.
    """
    columns = ("month", "actual", "planned", "gap", "done", "rate_to_date", "rate_needed", "state")
    header = [label("column.area", lang), *(label(f"tracking.{name}", lang) for name in columns)]
    parts = [label("tracking.title", lang)]
    for measure, rows in table.groupby("measure", sort=False):
        lines = [
            [
                names[str(row["area"])],
                f"{row['year']}-{row['month']:02d}",
                *(whole(row[name]) for name in ("actual", "planned", "gap")),
                *(percent(row["done"]), whole(row["rate_to_date"]), whole(row["rate_needed"])),
                label("tracking.on_track" if row["on_track"] else "tracking.behind", lang),
            ]
            for row in rows.to_dict("records")
        ]
        shown = text.table(header, lines, right=len(header) - 1)
        parts.append(f"{measure_name(str(measure), lang)}\n{shown}")
    return "\n\n".join(parts)


def whole(persons: float) -> str:
    """Return whole persons, a dash where they are not known.

    >>> whole(-1234.2), whole(float("nan"))
    ('−1,234', '–')
    """
    return UNKNOWN if pd.isna(persons) else minus(f"{round(persons):,d}")
