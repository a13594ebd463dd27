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


def listing(rows: Sequence[Sequence[str]], lang: str = "zh") -> str:
    """Return a table of regions; rows of name, title, base date, number of areas, law."""
    header = [
        label(f"region.{column}", lang) for column in ("name", "title", "date", "areas", "laws")
    ]
    return text.table(header, rows)


def copies(copied: Mapping[str, str], folder: str, lang: str = "zh") -> str:
    """Return how many values are copied and the command that lists them; empty if there are none.

    Parameters
    ----------
    copied
        The region from which each parameter was copied, by parameter.
    folder
        Of the region.
    lang
        ``zh`` or ``en``.
    """
    if not copied:
        return ""
    profiles = {name.split(".")[1] for name in copied if name.startswith("profile.")}
    assumed = [name for name in copied if not name.startswith("profile.")]
    places = join_words(list(dict.fromkeys(copied.values())), lang)
    counts = {"assumptions": len(assumed), "profiles": len(profiles)}
    return label("region.copied", lang, **counts, places=places, folder=folder)


def region_check(
    checked: RegionCheck, title: Mapping[str, object], copied: str = "", lang: str = "zh"
) -> str:
    """Return what :func:`fsinsure.analysis.check_region.check_region` found, as text.

    Parameters
    ----------
    checked
        What it returned.
    title
        Values for the first line: name, title and year.
    copied
        What :func:`copies` returned.
    lang
        ``zh`` or ``en``.
    """
    parts = [
        label("region.checked", lang, **title),
        _provenance(checked.provenance, lang),
        _statuses(checked.statuses, lang),
        check_lines(checked.plausibility, lang),
    ]
    if copied:
        parts.insert(2, copied)
    if checked.projection:
        parts.append(label("region.not_projected", lang, reason=checked.projection))
    else:
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
