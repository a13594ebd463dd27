"""Which levers are reported as reasons for a difference, and which are summed as minor ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

MATERIAL: Final = {"yuan": 1e6, "persons": 100.0}
"""A subject is reported if a lever moves it by at least this much, by unit: the last of two
decimals of 亿元 and 万人."""
MINOR: Final = 0.05
"""A part below this share of all movement is summed with the other minor ones."""
OTHER: Final = ""
"""Name of the minor levers together."""


def material(reasons: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the subjects that some lever moves by a reported amount (`MATERIAL`)."""
    large = reasons["value"].abs() >= reasons["unit"].map(MATERIAL)
    keys = [reasons[column] for column in ("scenario", "kind", "subject")]
    return reasons[large.groupby(keys).transform("any")]


def top_levers(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the values of one subject by lever in the order of the steps, the minor ones summed.

    The minor ones (`MINOR`) are last, under the name `OTHER`; a single one keeps its name.
    """
    values = rows.sort_values("step").set_index("lever")["value"]
    large = values.abs() >= MINOR * values.abs().sum()
    if (~large & (values != 0)).sum() == 1:
        return values[values != 0]
    found = values[large]
    rest = float(values[~large].sum())
    if rest:
        found.loc[OTHER] = rest
    return found
