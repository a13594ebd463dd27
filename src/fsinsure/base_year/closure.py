"""Close the base year: the people of every status, so that every published figure is met.

The plan publishes enrollment by insurance, not people by status. The statuses follow from it and
a few named assumptions (``base.*``); no figure is entered twice. With E, F, C, R for employees,
flexible workers, civil staff and retirees, D the dormant members that published figures count
(``base.dormant_counted`` of all), s the institution share:

==============================  =================================
E + F + R + D                   pension.enterprise (R published)
E + F + C + D                   pension.urban_contributors
E + s C                         unemployment
E + C + injury-only             injury
C + civil retirees              pension.civil
residents + recipients          pension.resident
==============================  =================================

Both figures that count dormant members count the same ones, so they take the place of flexible
workers; employees and civil staff do not depend on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fsinsure.arrays import Array
from fsinsure.base_year.balances import base_quantities
from fsinsure.base_year.census import residents
from fsinsure.dims import AGES
from fsinsure.errors import ClosureError
from fsinsure.measures import enrollment, groups, measures
from fsinsure.numeric.fill import fill_scale
from fsinsure.parameters import Parameters
from fsinsure.region.region import Region
from fsinsure.statuses import INSURED, STATUS, STATUSES

FILL_ORDER = (
    "resident_pensioner",
    "civil_retiree",
    "retiree",
    "civil_service",
    "employee",
    "flexible",
    "unemployed",
    "resident",
    "dormant",
)
"""The order in which statuses are placed where residents are few: pensioners before workers."""

FIRST_WORKING_AGE = 20


@dataclass(frozen=True, eq=False)
class Base:
    """The closed base year.

    Parameters
    ----------
    stock
        ``[quantity, status, area, sex, age]`` at 31 December of the base year.
    totals
        People by status, and ``injury_only``.
    coverage
        Base-year share of every coverage path by name.
    """

    stock: Array
    totals: Mapping[str, float]
    coverage: Mapping[str, float]


def close_base(parameters: Parameters) -> Base:
    """Close the base year from the published figures and the assumptions of a scenario.

    Raises
    ------
    ClosureError
        If the assumptions cannot meet a published figure; the message names it.
    """
    totals = status_totals(parameters)
    persons = place(parameters, totals)
    stock = base_quantities(parameters, persons, service_months(parameters))
    return Base(stock, totals, base_coverage(parameters, totals, persons))


def enrolled(base: Base) -> dict[str, float]:
    """People of the city in each measure in the base year."""
    counts = {name: group.count(base.stock[0]) for name, group in groups().items()}
    shares = {name: np.array([share]) for name, share in base.coverage.items()}
    people = enrollment(counts, shares).sum(axis=-1)
    return dict(zip(measures(), people.tolist(), strict=True))


def status_totals(parameters: Parameters) -> dict[str, float]:
    """Derive the people of every status (and ``injury_only``) from the published figures."""
    figure = {name: fact.amount for name, fact in parameters.region.figures.items()}
    dormant = parameters.number("base.dormant")
    counted = parameters.number("base.dormant_counted") * dormant
    retiree = figure["retirees.enterprise"]
    members = figure["enrollment.pension.enterprise"] - retiree
    civil = figure["enrollment.pension.urban_contributors"] - members
    employee = figure["enrollment.unemployment"] - (
        parameters.number("base.institution_share") * civil
    )
    paying = members - counted
    rate = figure["registered_unemployment_rate"]
    registered = rate / (1.0 - rate) * (paying + civil)
    totals = {
        "employee": employee,
        "flexible": paying - employee,
        "civil_service": civil,
        "unemployed": parameters.number("base.benefit_share") * registered,
        "dormant": dormant,
        "resident": figure["enrollment.pension.resident"] - figure["recipients.resident"],
        "retiree": retiree,
        "civil_retiree": figure["enrollment.pension.civil"] - civil,
        "resident_pensioner": figure["recipients.resident"],
        "injury_only": figure["enrollment.injury"] - employee - civil,
    }
    _refuse_negative(parameters.region, totals)
    return totals


_FIGURE_OF = {
    "employee": "enrollment.unemployment",
    "flexible": "enrollment.pension.enterprise",
    "civil_service": "enrollment.pension.urban_contributors",
    "civil_retiree": "enrollment.pension.civil",
    "injury_only": "enrollment.injury",
}


def _refuse_negative(region: Region, totals: Mapping[str, float]) -> None:
    for status, fact_name in _FIGURE_OF.items():
        if totals[status] < 0:
            fact = region.figure(fact_name)
            raise ClosureError(
                f"the base year {region.base_year} cannot meet the published {fact_name} of "
                f"{fact.value}{fact.unit} ({fact.source}): it would need "
                f"{totals[status] / 1e4:,.2f}万 people of status {status}. "
                "Change base.institution_share, base.dormant or base.dormant_counted."
            )


def place(parameters: Parameters, totals: Mapping[str, float]) -> Array:
    """Place the people of every status into areas, sexes and ages.

    Each status takes cells in proportion to its age profile times the residents, and no cell
    holds more people than live there; those who are left are ``not_insured``.

    Returns
    -------
    Array
        ``[status, area, sex, age]``
    """
    region = parameters.region
    everybody = residents(region)
    left = everybody.copy()
    persons = np.zeros((len(STATUSES), *left.shape))
    for status in FILL_ORDER:
        weight = np.broadcast_to(parameters.profile(f"stock_{status}"), left.shape)
        fits = float(left[weight > 0].sum())
        if totals[status] > fits:
            raise ClosureError(
                f"the base year {region.base_year} cannot place {totals[status] / 1e4:,.2f}万 "
                f"people of status {status}: only {fits / 1e4:,.2f}万 residents of their ages are "
                f"left. Lower {'base.dormant' if status == 'dormant' else 'that status'}."
            )
        # Weights apply to all residents of the cell, shares to those who have no status yet.
        relative = np.divide(weight * everybody, left, out=np.zeros_like(left), where=left > 0)
        scale = fill_scale(np.array(totals[status]), left.ravel(), relative.ravel())
        persons[STATUS[status]] = left * np.minimum(1.0, scale * relative)
        left = left - persons[STATUS[status]]
    persons[STATUS["not_insured"]] = left
    return persons


def service_months(parameters: Parameters) -> Array:
    """Mean contribution months a person ``[status, 1, 1, age]`` in the base year.

    A share (``base.service_density_*``) of the months since age 20, for those who may still need
    them to vest; civil staff vest with deemed years and pensioners have their award.
    """
    months = np.zeros((len(STATUSES), 1, 1, AGES))
    working = 12.0 * np.maximum(0.0, np.arange(AGES) + 0.5 - FIRST_WORKING_AGE)
    for status in INSURED:
        name = "employee" if status == "unemployed" else status
        months[STATUS[status]] = parameters.number(f"base.service_density_{name}") * working
    return months


def base_coverage(
    parameters: Parameters, totals: Mapping[str, float], persons: Array
) -> dict[str, float]:
    """Base-year share of every coverage path, injury-only groups solved from their people."""
    region = parameters.region
    holders = region.amount("social_card") or 0.0
    solved = ("project_worker", "intern", "over_age_worker")
    split = {group: parameters.number(f"base.injury_only_{group}") for group in solved}
    split["platform_worker"] = 1.0 - sum(split.values())
    coverage = {
        "coverage.pension.enterprise.dormant": parameters.number("base.dormant_counted"),
        "coverage.unemployment.civil_service": parameters.number("base.institution_share"),
        "coverage.unemployment.flexible": 0.0,
        "coverage.social_card": holders / float(residents(region).sum()),
    }
    fact = region.figure("enrollment.injury")
    for group, share in split.items():
        wanted = max(0.0, share) * totals["injury_only"]
        eligible = float(groups()[group].count(persons).sum())
        if wanted > eligible:
            raise ClosureError(
                f"the base year {region.base_year} cannot meet the published enrollment.injury of "
                f"{fact.value}{fact.unit} ({fact.source}): {wanted / 1e4:,.2f}万 {group} wanted, "
                f"{eligible / 1e4:,.2f}万 eligible. Change base.injury_only_*."
            )
        coverage[f"coverage.injury.{group}"] = wanted / eligible if eligible else 0.0
    return coverage
