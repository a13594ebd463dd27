"""The scenarios that are shipped, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.scenario.files import bundled_names
from fsinsure.scenario.loader import load

if TYPE_CHECKING:
    import pandas as pd


def scenarios() -> pd.DataFrame:
    """List the scenarios that are shipped.

    Returns
    -------
    DataFrame
        Columns name (what :func:`fsinsure.load` and :func:`fsinsure.run` take), title_zh, title_en,
        region, base_year, horizon, as_of (the day by which values must have been known; empty if
        all are used).
    """
    import pandas as pd

    rows = []
    for name in bundled_names():
        one = load(name)
        day = "" if one.as_of is None else one.as_of.isoformat()
        titles = (one.title.get(lang, one.name) for lang in ("zh", "en"))
        rows.append((name, *titles, one.region.name, one.region.base_year, one.horizon, day))
    columns = ["name", "title_zh", "title_en", "region", "base_year", "horizon", "as_of"]
    return pd.DataFrame(rows, columns=columns)
