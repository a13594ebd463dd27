"""A region as text: what is known of it, its closed base year, and how plausible that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import percent, unit_for
from fsinsure.output.terminal import text
from fsinsure.output.terminal.base_check import check_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from fsinsure.analysis.check_region import RegionCheck

GROUPS = {
    "figures": "figures",
    "assumptions": "assumptions",
    "profiles": "profiles",
    "law": "law_values",
}
"""Label of each group of values."""

MOST_COPIED = 8
"""Copied parameters that are named; the others are counted."""


def listing(rows: Sequence[Sequence[str]], lang: str = "zh") -> str:
    """Return a table of regions; rows of name, title, base date, number of areas, law."""
    header = [
        label(f"region.{column}", lang) for column in ("name", "title", "date", "areas", "laws")
    ]
    return text.table(header, rows)


def region_check(checked: RegionCheck, title: Mapping[str, object], lang: str = "zh") -> str:
    """Return what :func:`fsinsure.analysis.check_region.check_region` found, as text.

    Parameters
    ----------
    checked
        What it returned.
    title
        Values for the first line: name, title and year.
    lang
        ``zh`` or ``en``.
    """
    parts = [
        label("region.checked", lang, **title),
        _provenance(checked.provenance, lang),
        _statuses(checked.statuses, lang),
        check_lines(checked.plausibility, lang),
    ]
    if checked.copied:
        shown = list(checked.copied[:MOST_COPIED])
        names, count = join_words(shown, lang), len(checked.copied)
        parts.insert(2, label("region.copied", lang, count=count, names=names))
    parts.append(label("region.plausible" if checked.plausible else "region.implausible", lang))
    return "\n\n".join(parts)


def _provenance(table: pd.DataFrame, lang: str) -> str:
    columns = [column for column in table.columns if column != "group"]
    header = [label("region.values", lang), *(label(f"confidence.{one}", lang) for one in columns)]
    lines = [
        [label(f"region.{GROUPS[row['group']]}", lang), *(str(row[one]) for one in columns)]
        for row in table.to_dict("records")
    ]
    return text.table(header, lines, right=len(columns))


def _statuses(table: pd.DataFrame, lang: str) -> str:
    unit = unit_for(lang, float(table["persons"].max()))
    header = [label("column.status", lang), unit.name, label("region.share", lang)]
    lines = [
        [
            label(f"status.{row['status']}", lang),
            unit.text(row["persons"], 2),
            percent(row["share"]),
        ]
        for row in table.to_dict("records")
    ]
    return text.table(header, lines, right=2)
