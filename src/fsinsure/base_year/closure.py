"""Close the base year: the people of every status, so that every published figure is met.

Enrollment is published by insurance, not by status. The statuses follow from the published figures
and a few named assumptions (``base.*``), as ``data/closure.csv`` and the coverage matrix say; no
figure is entered twice. For the figures of the default region, with E, F, C, R for employees,
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
from functools import lru_cache

import numpy as np

from fsinsure.arrays import Array, read_only
from fsinsure.base_year.balances import base_quantities
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure_table import (
    Known,
    base_shares,
    partial_groups,
    solve_base,
    total,
)
from fsinsure.base_year.equations import Solution
from fsinsure.base_year.life_course import life_course
from fsinsure.dims import MONTHS, PERSONS
from fsinsure.errors import ClosureError
from fsinsure.measures import enrollment, groups, measures
from fsinsure.numeric.fill import fill_scale
from fsinsure.parameters import Parameters, resolve
from fsinsure.region.names import CARDS
from fsinsure.region.region import Region
from fsinsure.scenario import Scenario
from fsinsure.scenario.scenario import Value
from fsinsure.statuses import ALIGNED, INSURED, STATUS, STATUSES
from fsinsure.year.entries import ENTRY_AGES
from fsinsure.year.law import bind

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

FEW = 1e-9
"""Share of the people of an age below which nobody is in a status."""


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
    rounding
        Published figures that follow from others, and how far each lies above what they give.
    """

    stock: Array
    totals: Mapping[str, float]
    coverage: Mapping[str, float]
    rounding: Mapping[str, float]


def close_base(parameters: Parameters) -> Base:
    """Close the base year from the published figures and the assumptions of a scenario.

    Raises
    ------
    ClosureError
        If the assumptions cannot meet a published figure; the message names it.
    """
    solution = solution_of(parameters)
    totals = _totals(solution.people)
    _enough_residents(parameters, totals)
    course = course_of(parameters, totals)
    persons = place(parameters, totals, course)
    stock = base_quantities(parameters, persons, service_months(parameters, course), course)
    rounding = {check.name: check.difference for check in solution.checks}
    return Base(stock, totals, base_coverage(parameters, solution, persons), rounding)


def enrolled(base: Base) -> dict[str, float]:
    """Return the people of the region in each measure in the base year."""
    counts = {name: group.count(base.stock[0]) for name, group in groups().items()}
    shares = {name: np.array([share]) for name, share in base.coverage.items()}
    people = enrollment(counts, shares).sum(axis=-1)
    return dict(zip(measures(), people.tolist(), strict=True))


def status_totals(parameters: Parameters) -> dict[str, float]:
    """Derive the people of every status (and ``injury_only``) from the published figures."""
    return _totals(solution_of(parameters).people)


def solution_of(parameters: Parameters) -> Solution:
    """Solve the equations of the base year: people, and which figures and assumptions set them."""
    return solve_base(_known(parameters))


def _known(parameters: Parameters) -> Known:
    numbers = {
        name: float(value)
        for name, value in parameters.scalars.items()
        if name.startswith("base.") and isinstance(value, int | float)
    }
    return Known(parameters.region.figures, numbers)


def _totals(people: Mapping[str, float]) -> dict[str, float]:
    statuses = {name: amount for name, amount in people.items() if name in STATUS}
    return statuses | {"injury_only": total("injury_only", people)}


def course_of(parameters: Parameters, totals: Mapping[str, float]) -> Array:
    """Return what the rates of the base year lead to, of every age.

    The rates are the defaults of the region, whatever the scenario projects; the age profiles are
    those of the scenario.

    Returns
    -------
    Array
        ``[quantity, status, sex, age]``: :func:`fsinsure.base_year.life_course.life_course`.
    """
    own = parameters.scenario.values
    profiles = {name: value for name, value in own.items() if name.startswith("profile.")}
    if profiles:
        return _course(parameters.region, tuple(totals.items()), profiles)
    return _default_course(parameters.region, tuple(totals.items()))


@lru_cache(maxsize=64)
def _default_course(region: Region, totals: tuple[tuple[str, float], ...]) -> Array:
    """Remember the life course of a region whose profiles no scenario changes, read-only."""
    return read_only(_course(region, totals, {}))


def _course(
    region: Region, totals: tuple[tuple[str, float], ...], profiles: Mapping[str, Value]
) -> Array:
    first = Scenario("base", {}, region, region.first_year, profiles)
    law = bind(resolve(first))[0]
    return life_course(law, residents(region).sum(axis=0), dict(totals))


def _enough_residents(parameters: Parameters, totals: Mapping[str, float]) -> None:
    """Refuse a base year with more people at work, or dormant, than residents of working age."""
    region = parameters.region
    there = residents(region)[..., ENTRY_AGES].sum()
    some = {name: totals[name] for name in (*ALIGNED, *INSURED) if totals[name]}
    if sum(some.values()) <= there:
        return
    solution = solution_of(parameters)
    parts = " + ".join(f"{name} {count / 1e4:,.2f}万" for name, count in some.items())
    largest = max(some, key=lambda name: some[name])
    raise ClosureError(
        f"the base year {region.base_year} has too few residents of working age: {parts} = "
        f"{sum(some.values()) / 1e4:,.2f}万 people below the pension age, and those who are "
        f"dormant between two jobs, of {there / 1e4:,.2f}万 residents of {ENTRY_AGES.start}-"
        f"{ENTRY_AGES.stop - 1}, pensioners among them. {solution.fewer(largest)}",
        solution.culprits(largest),
    )


def place(parameters: Parameters, totals: Mapping[str, float], course: Array) -> Array:
    """Place the people of every status into areas, sexes and ages.

    Each status takes cells in proportion to its share of an age in the life course times the
    residents, and no cell holds more people than live there; those who are left are
    ``not_insured``.

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
        weight = np.broadcast_to(course[PERSONS, STATUS[status]], left.shape)
        fits = float(left[weight > 0].sum())
        if totals[status] > fits:
            solution = solution_of(parameters)
            raise ClosureError(
                f"the base year {region.base_year} cannot place {totals[status] / 1e4:,.2f}万 "
                f"people of status {status}: only {fits / 1e4:,.2f}万 residents of their ages are "
                f"left. {solution.fewer(status)}",
                solution.culprits(status),
            )
        # Weights apply to all residents of the cell, shares to those who have no status yet.
        relative = np.divide(weight * everybody, left, out=np.zeros_like(left), where=left > 0)
        scale = fill_scale(np.array(totals[status]), left.ravel(), relative.ravel())
        persons[STATUS[status]] = left * np.minimum(1.0, scale * relative)
        left = left - persons[STATUS[status]]
    persons[STATUS["not_insured"]] = left
    return persons


def service_months(parameters: Parameters, course: Array) -> Array:
    """Mean contribution months a person ``[status, 1, sex, age]`` in the base year.

    Those of the life course times ``base.service_share_*``, for those who may still need them to
    vest; civil staff vest with deemed years and pensioners have their award.

    Parameters
    ----------
    course
        ``[quantity, status, sex, age]``: :func:`fsinsure.base_year.life_course.life_course`.
    """
    months = np.zeros((len(STATUSES), 1, *course.shape[2:]))
    for status in INSURED:
        name = "employee" if status == "unemployed" else status
        people, held = course[PERSONS, STATUS[status]], course[MONTHS, STATUS[status]]
        each = np.divide(held, people, out=np.zeros_like(held), where=people > FEW)
        months[STATUS[status], 0] = parameters.number(f"base.service_share_{name}") * each
    return months


def base_coverage(parameters: Parameters, solution: Solution, persons: Array) -> dict[str, float]:
    """Base-year share of every coverage path; of groups, the share that their people are."""
    coverage = base_shares(_known(parameters))
    region = parameters.region
    holders = region.amount(CARDS) or 0.0
    coverage["coverage.social_card"] = holders / float(residents(region).sum())
    for group, path in partial_groups().items():
        wanted = solution.people[group]
        eligible = float(groups()[group].count(persons).sum())
        if wanted > eligible:
            # Those who are in no other status are eligible: the largest status may have too many.
            largest = max((*ALIGNED, *INSURED), key=lambda name: persons[STATUS[name]].sum())
            fewer = solution.fewer(largest)
            fewer = fewer[:1].lower() + fewer[1:]
            raise ClosureError(
                f"{solution.refusal(group)}: {wanted / 1e4:,.2f}万 {group} wanted, "
                f"{eligible / 1e4:,.2f}万 eligible, as {largest} holds "
                f"{persons[STATUS[largest]].sum() / 1e4:,.2f}万 of the residents. Change "
                f"{solution.levers(group)}, or have fewer {largest}: {fewer}",
                [*solution.culprits(group), *solution.culprits(largest)],
            )
        coverage[path] = wanted / eligible if eligible else 0.0
    return coverage
