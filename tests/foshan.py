"""The region of most tests, and names of its parts."""

from __future__ import annotations

import math

import fsinsure as fs
from fsinsure.region.load import shipped_region

FOSHAN = shipped_region("foshan")
AREAS = FOSHAN.codes
CITY = FOSHAN.name
"""The column ``area`` of its total."""

GROWTH = {2021: 0.0537, 2022: 0.0526, 2023: 0.0515, 2024: 0.0505, 2025: 0.0494}
"""Growth of employees, as estimated (docs/assumptions.md)."""
FLEXIBLE_GROWTH = 0.0241


def grown(year: int) -> float:
    """Employees at the end of a year, relative to the base year."""
    return math.prod(1 + rate for one, rate in GROWTH.items() if one <= year)


def as_found() -> fs.Scenario:
    """Return the scenario of the hand calculations.

    The baseline with the amounts of the law as found to 2025, and with the employers' rate, the
    rise of pensions and the retirement ages of 2020.
    """
    of_2020 = {"pension.employer_rate": "13%", "indexing.pension_rate": "5%"}
    ages = {"retirement.delay_from": "none", "retirement.min_months": 180}
    return fs.load("baseline").with_({"as_of": "none", **of_2020, **ages})
