"""Which levers are reported as reasons for a difference, and which are summed as minor ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fsinsure.output.labels import label
from fsinsure.output.rounding import shown_parts
from fsinsure.registry import registry, without_remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

MATERIAL: Final = {"yuan": 1e6, "persons": 100.0}
"""A subject is reported if a lever moves it by at least this much, by unit: the last of two
decimals of 亿元 and 万人."""
MINOR: Final = 0.05
"""A part below this share of all movement is summed with the other minor ones."""
OTHER: Final = ""
"""Name of the minor levers together."""
RELIEF: Final = re.compile(r"relief\[(\d+)\] (added|removed)")
"""The name of a lever that is a relief."""


def material(reasons: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the subjects that some lever moves by a reported amount (`MATERIAL`)."""
    large = reasons["value"].abs() >= reasons["unit"].map(MATERIAL)
    keys = [reasons[column] for column in ("scenario", "kind", "subject")]
    return reasons[large.groupby(keys).transform("any")]


def top_levers(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the values of one subject by lever in the order of the steps, the minor ones summed.

    The minor ones (`MINOR`) are last, under the name `OTHER`; a single one keeps its name. None is
    so small that it would be shown as zero.
    """
    values = rows.sort_values("step").set_index("lever")["value"]
    least = MATERIAL[str(rows["unit"].iloc[0])] / 2
    share = MINOR * float(values.abs().sum())
    minor = (values.abs() < share) & (values.abs() >= least)
    return shown_parts(values, least if minor.sum() == 1 else share, least, OTHER)


def lever_name(lever: str, lang: str, reliefs: Mapping[str, str] | None = None) -> str:
    """Return a lever in words: the meaning of a parameter without its remarks, or a relief.

    Parameters
    ----------
    lever
        A key of ``data/parameters.csv``, ``relief[0] added``, or `OTHER`.
    lang
        ``zh`` or ``en``.
    reliefs
        What the reliefs are, by lever; without it they are numbered.

    Examples
    --------
    >>> lever_name("wage.cv", "en"), lever_name("relief[0] added", "en")
    ('Coefficient of variation of declared wages', 'Relief 1 added')
    """
    if lever == OTHER:
        return label("figure.minor", lang)
    if lever in (reliefs or {}):
        return (reliefs or {})[lever]
    relief = RELIEF.fullmatch(lever)
    if relief:
        return label(f"lever.relief_{relief[2]}", lang, number=int(relief[1]) + 1)
    known = registry().get(lever)
    if known is None:
        return lever
    return without_remarks(known.zh if lang == "zh" else known.en)


def relief_name(relief: Mapping[str, object], change: str, lang: str) -> str:
    """Return a relief in words, for which `change` is ``added`` or ``removed``."""
    return label(
        f"lever.{change}",
        lang,
        action=label(f"lever.{relief['action']}", lang),
        firms=label(f"lever.{relief['group']}", lang).strip(),
        payer=label(f"item.{relief['payer']}", lang).lower(),
        share=relief["share"],
        first=relief["from"],
        last=relief["to"],
    )


def relief_names(
    levers: Iterable[str],
    first: Sequence[Mapping[str, object]],
    second: Sequence[Mapping[str, object]],
    lang: str,
) -> dict[str, str]:
    """Return the reliefs among levers in words.

    Parameters
    ----------
    levers
        The levers between two scenarios.
    first, second
        The reliefs of the scenario from which they lead, and of that to which: what a file would
        hold.
    lang
        ``zh`` or ``en``.
    """
    found = {}
    for lever in levers:
        matched = RELIEF.fullmatch(lever)
        if matched:
            whose = second if matched[2] == "added" else first
            found[lever] = relief_name(whose[int(matched[1])], matched[2], lang)
    return found
