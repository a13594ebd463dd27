"""People in a measure and the balance of a fund, draw by draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fsinsure.analysis.ensemble_tables import region_enrollment
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from fsinsure.analysis.projected_draws import Draws
    from fsinsure.arrays import Ints


def joint(
    draws: Draws, years: Ints, scenario: str, measure: str, year: int, fund: str
) -> pd.DataFrame:
    """Return what came of each draw that was projected.

    Columns: scenario, draw (counted from 0), measure, year, persons (of the region at its end),
    fund, fund_year (the last), yuan (the balance at its end).

    Parameters
    ----------
    draws
        Those that could be projected.
    years
        The base year first.
    scenario
        Its name.
    measure, year
        The people counted, at the end of which year.
    fund
        Its name.
    """
    people = region_enrollment(draws, measure)[:, year - int(years[0])]
    return pd.DataFrame(
        {
            "scenario": scenario,
            "draw": range(len(people)),
            "measure": measure,
            "year": year,
            "persons": people,
            "fund": fund,
            "fund_year": int(years[-1]),
            "yuan": draws.closing[:, FUNDS.index(fund), -1],
        }
    )
