"""Tables of an invented ensemble, in closed form: draw q of 0 to 100 has the q-th percentile."""

from __future__ import annotations

import numpy as np
import pandas as pd

from figure_tables import AIMS, BASE, BASES, FUND_BOOKS, leveled
from foshan import CITY

DRAWS = 101
PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
NAMES = ["mean", *(f"p{one}" for one in PERCENTILES)]
SLOPES = {"pension.enterprise": (0.0, 2.4e5), "unemployment": (1.5e4, 4e4), "injury": (-2e4, 1e5)}
"""Persons a year of draw 0 and draw 100."""
FLOWS = {
    "pension.enterprise": (1e9, 9e9),
    "pension.civil": (-6e8, 2e8),
    "pension.resident": (1e8, 2e8),
    "unemployment": (-1.6e9, 2e8),
    "injury": (-5e8, 3e8),
}
"""Yuan a year that the balance of a fund changes by, of draw 0 and draw 100."""
OUTGO = 2e9
"""Yuan a year of every fund."""


def values(start: float, ends: tuple[float, float], years: int) -> np.ndarray:
    """What draws 0 to 100 have after some years."""
    low, high = ends
    return start + years * (low + (high - low) * np.arange(DRAWS) / 100)


def spread(found: np.ndarray) -> list[float]:
    """Mean and percentiles: those of 101 evenly spaced draws are draws."""
    return [float(found[50]), *(float(found[one]) for one in PERCENTILES)]


def enrollment(horizon: int = 2025, scenario: str = "baseline") -> pd.DataFrame:
    rows = [
        (
            scenario,
            year,
            CITY,
            measure,
            "persons",
            *spread(values(base, SLOPES[measure], year - BASE)),
        )
        for measure, base in BASES.items()
        for year in range(BASE, horizon + 1)
    ]
    columns = ["scenario", "year", "area", "measure", "unit", *NAMES]
    return leveled(pd.DataFrame(rows, columns=columns))


def targets(year: int = 2025, horizon: int = 2025, **aims: float) -> pd.DataFrame:
    wanted = AIMS | {name.replace("_", "."): aim for name, aim in aims.items()}
    rows, together = [], np.ones(DRAWS, dtype=bool)
    for measure, aim in wanted.items():
        head = ("baseline", measure, year, aim, "persons")
        people = values(BASES[measure], SLOPES[measure], year - BASE)
        met = people >= aim
        together &= met
        known = year <= horizon
        found = [float(met.mean()), 0.01, *spread(people)] if known else [np.nan] * 10
        rows.append((*head, *found))
    both = float(together.mean()) if year <= horizon else np.nan
    rows.append(("baseline", "all", year, np.nan, "persons", both, *[np.nan] * 9))
    columns = ["scenario", "measure", "year", "target", "unit", "probability", "standard_error"]
    return pd.DataFrame(rows, columns=[*columns, *NAMES])


def arrivals(horizon: int = 2025, **aims: float) -> pd.DataFrame:
    wanted = AIMS | {name.replace("_", "."): aim for name, aim in aims.items()}
    rows = []
    for measure, aim in wanted.items():
        years = range(BASE, horizon + 1)
        people = [values(BASES[measure], SLOPES[measure], year - BASE) for year in years]
        reached = np.maximum.accumulate(np.array(people) >= aim)
        total = reached.mean(axis=1)
        first = np.diff(total, prepend=0.0)
        head = ("baseline", measure, aim, "persons")
        rows += [(*head, *row) for row in zip(years, first, total, strict=True)]
        rows.append((*head, None, 1.0 - total[-1], np.nan))
    columns = ["scenario", "measure", "target", "unit", "year", "probability", "cumulative"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})


def balances(fund: str, years: int) -> np.ndarray:
    return values(FUND_BOOKS[fund][0], FLOWS[fund], years)


def without(table: pd.DataFrame, unknown: tuple[str, ...]) -> pd.DataFrame:
    """Make the amounts of funds with an unknown opening balance unknown."""
    names = [name for name in table.columns if name in NAMES]
    table.loc[table["fund"].isin(unknown), names] = np.nan
    return table


def ledger(horizon: int = 2025, *unknown: str, subsidy: float = 0.0) -> pd.DataFrame:
    rows = [
        (year, fund, "closing", "closing", *spread(balances(fund, year - BASE)))
        for year in range(BASE, horizon + 1)
        for fund in FUND_BOOKS
    ]
    rows.append((horizon, "pension.civil", "deficit_subsidy", "income", *[subsidy] * len(NAMES)))
    table = pd.DataFrame(rows, columns=["year", "fund", "item", "kind", *NAMES])
    table.insert(1, "area", CITY)
    table.insert(0, "scenario", "baseline")
    return leveled(without(table, unknown))


def indicators(horizon: int = 2025, *unknown: str) -> pd.DataFrame:
    rows = []
    for fund in FUND_BOOKS:
        for year in range(BASE + 1, horizon + 1):
            months = balances(fund, year - BASE) / OUTGO * 12
            below = [float((months < limit).mean()) for limit in (12, 6, 3)]
            rows.append(("baseline", year, fund, "reserve_months", *below, *spread(months)))
    below = ["below_watch", "below_warning", "below_alarm"]
    columns = ["scenario", "year", "fund", "indicator", *below, *NAMES]
    return without(pd.DataFrame(rows, columns=columns), unknown)


def depletion(horizon: int = 2025, *unknown: str) -> pd.DataFrame:
    rows = []
    for fund in FUND_BOOKS:
        courses = np.array([balances(fund, year - BASE) for year in range(BASE, horizon + 1)])
        ended = (courses < 0).any(axis=0)
        years = np.sort(BASE + (courses < 0).argmax(axis=0)[ended])
        median = int(years[(len(years) - 1) // 2]) if len(years) else None
        chance = float(ended.mean())
        rows.append((fund, *((np.nan, None) if fund in unknown else (chance, median))))
    table = pd.DataFrame(rows, columns=["fund", "probability", "median_year"])
    return table.astype({"median_year": "Int64"})


def joint(measure: str = "pension.enterprise", fund: str = "injury") -> pd.DataFrame:
    """Draws in which few people and small balances go together."""
    people, yuan = values(BASES[measure], SLOPES[measure], 5), balances(fund, 5)
    table = pd.DataFrame({"persons": people, "yuan": yuan})
    whole = {"scenario": "baseline", "measure": measure, "year": 2025, "fund": fund}
    return table.assign(draw=range(DRAWS), fund_year=2025, **whole)
