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
from fsinsure.base_year.balances import FEW, base_quantities, cells_of
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure_table import (
    Amount,
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
from fsinsure.messages import Message, separated
from fsinsure.numeric.fill import fill_scale
from fsinsure.parameters import Parameters, resolve
from fsinsure.region.names import CARDS
from fsinsure.region.region import Region
from fsinsure.scenario import Scenario
from fsinsure.scenario.scenario import Value
from fsinsure.statuses import ALIGNED, INSURED, STATUS, STATUSES, status_shown
from fsinsure.units import rounded
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

CARD_HOLDERS = "coverage.social_card"
"""The coverage path of which the base-year share is a published figure."""


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
    totals = totals_of(solution.people)
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


def solution_of(parameters: Parameters) -> Solution:
    """Solve the equations of the base year: people, and which figures and assumptions set them."""
    return solve_base(known_of(parameters))


def known_of(parameters: Parameters) -> Known:
    """Return the figures of the region and the assumptions of the base year."""
    numbers = {
        name: float(value)
        for name, value in parameters.scalars.items()
        if name.startswith("base.") and isinstance(value, int | float)
    }
    return Known(parameters.region.figures, numbers)


def status_totals(parameters: Parameters) -> dict[str, float]:
    """Derive the people of every status (and ``injury_only``) from the published figures."""
    return totals_of(solve_base(known_of(parameters)).people)


def totals_of(people: Mapping[str, Amount]) -> dict[str, Amount]:
    """Return the people of every status, and ``injury_only``, of those of every unknown."""
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
    scenario = base_year_scenario(parameters)
    if scenario.values:
        return _course(scenario, totals)
    return _default_course(parameters.region, tuple(totals.items()))


@lru_cache(maxsize=64)
def _default_course(region: Region, totals: tuple[tuple[str, float], ...]) -> Array:
    """Remember the life course of a region whose profiles no scenario changes, read-only."""
    return read_only(_course(_first_year(region, {}), dict(totals)))


def _course(scenario: Scenario, totals: Mapping[str, float]) -> Array:
    return life_course(
        bind(resolve(scenario))[0], residents(scenario.region).sum(axis=0), dict(totals)
    )


def base_year_scenario(parameters: Parameters) -> Scenario:
    """Return the scenario of whose first year the life course has the rates: :func:`course_of`."""
    own = parameters.scenario.values
    profiles = {name: value for name, value in own.items() if name.startswith("profile.")}
    return _first_year(parameters.region, profiles)


def _first_year(region: Region, profiles: Mapping[str, Value]) -> Scenario:
    return Scenario("base", {}, region, region.first_year, profiles)


def _enough_residents(parameters: Parameters, totals: Mapping[str, float]) -> None:
    """Refuse a base year with more people at work, or dormant, than residents of working age."""
    region = parameters.region
    there = residents(region)[..., ENTRY_AGES].sum()
    some = {name: totals[name] for name in (*ALIGNED, *INSURED) if totals[name]}
    if sum(some.values()) <= there:
        return
    solution = solution_of(parameters)
    parts = separated(
        (
            Message("{status} {count}", status=status_shown(name), count=rounded(count, "persons"))
            for name, count in some.items()
        ),
        " + ",
    )
    largest = max(some, key=lambda name: some[name])
    raise ClosureError(
        Message(
            "the base year {base_year} has too few residents of working age: {parts} = "
            "{some} people below the pension age, and those who are dormant between two "
            "jobs, of {there} residents of {start}-{stop}, pensioners among them. {fewer}",
            base_year=region.base_year,
            parts=parts,
            some=rounded(sum(some.values()), "persons"),
            there=rounded(there, "persons"),
            start=ENTRY_AGES.start,
            stop=ENTRY_AGES.stop - 1,
            fewer=solution.fewer(largest),
        ),
        solution.culprits(largest),
    )


def place(parameters: Parameters, totals: Mapping[str, float], course: Array) -> Array:
    """Place the people of every status into areas, sexes and ages: :func:`placed`.

    Returns
    -------
    Array
        ``[status, area, sex, age]``

    Raises
    ------
    ClosureError
        If the residents of the ages of a status are too few.
    """
    region = parameters.region
    persons, fitting = placed(residents(region), totals, course)
    for status, fits in fitting.items():
        if totals[status] > fits:
            solution = solution_of(parameters)
            raise ClosureError(
                Message(
                    "the base year {base_year} cannot place {totals} people of status "
                    "{status}: only {fits} residents of their ages are left. {fewer}",
                    base_year=region.base_year,
                    totals=rounded(totals[status], "persons"),
                    status=status,
                    fits=rounded(float(fits), "persons"),
                    fewer=solution.fewer(status),
                ),
                solution.culprits(status),
            )
    return persons


def placed(
    everybody: Array, totals: Mapping[str, float | Array], course: Array
) -> tuple[Array, dict[str, Array]]:
    """Place the people of every status into areas, sexes and ages.

    Each status takes cells in proportion to its share of an age in the life course times the
    residents, and no cell holds more people than live there; those who are left are
    ``not_insured``.

    Parameters
    ----------
    everybody
        Residents ``[area, sex, age]``.
    totals
        People ``[...]`` by status.
    course
        ``[..., quantity, status, sex, age]``: :func:`fsinsure.base_year.life_course.life_course`.

    Returns
    -------
    tuple
        Persons ``[..., status, area, sex, age]``, and by status in the order of placing the most
        who fit ``[...]``: where more are wanted, these are placed.
    """
    wanted = {status: np.asarray(totals[status]) for status in FILL_ORDER}
    draws = np.broadcast_shapes(course.shape[:-4], *(one.shape for one in wanted.values()))
    left = np.broadcast_to(everybody, (*draws, *everybody.shape)).copy()
    persons = np.zeros((*draws, len(STATUSES), *everybody.shape))
    fitting = {}
    flat = (*draws, everybody.size)
    for status in FILL_ORDER:
        shares = course[..., PERSONS, STATUS[status], None, :, :]
        weight = np.broadcast_to(shares, left.shape)
        fitting[status] = fits = np.where(weight > 0, left, 0.0).sum(axis=(-3, -2, -1))
        # Weights apply to all residents of the cell, shares to those who have no status yet.
        relative = np.divide(weight * everybody, left, out=np.zeros_like(left), where=left > 0)
        need = np.minimum(wanted[status], fits)
        scale = fill_scale(need, left.reshape(flat), relative.reshape(flat))
        taken = left * np.minimum(1.0, scale[..., None, None, None] * relative)
        persons[..., STATUS[status], :, :, :] = taken
        left = left - taken
    persons[..., STATUS["not_insured"], :, :, :] = left
    return persons, fitting


def service_months(parameters: Parameters, course: Array) -> Array:
    """Mean contribution months a person ``[..., status, 1, sex, age]`` in the base year.

    Those of the life course times ``base.service_share_*``, for those who may still need them to
    vest; civil staff vest with deemed years and pensioners have their award.

    Parameters
    ----------
    parameters
        The shares may have values by draw.
    course
        ``[..., quantity, status, sex, age]``: :func:`fsinsure.base_year.life_course.life_course`.
    """
    each = {}
    for status in INSURED:
        name = "employee" if status == "unemployed" else status
        people, held = (course[..., one, STATUS[status], None, :, :] for one in (PERSONS, MONTHS))
        mean = np.divide(held, people, out=np.zeros_like(held), where=people > FEW)
        each[status] = cells_of(parameters, f"base.service_share_{name}") * mean
    shape = np.broadcast_shapes(*(one.shape for one in each.values()))
    months = np.zeros((*shape[:-3], len(STATUSES), *shape[-3:]))
    for status, mean in each.items():
        months[..., STATUS[status], :, :, :] = mean
    return months


def base_coverage(parameters: Parameters, solution: Solution, persons: Array) -> dict[str, float]:
    """Base-year share of every coverage path; of groups, the share that their people are."""
    coverage = base_shares(known_of(parameters))
    coverage[CARD_HOLDERS] = card_holders(parameters.region)
    for group, path in partial_groups().items():
        wanted = solution.people[group]
        eligible = float(groups()[group].count(persons).sum())
        if wanted > eligible:
            # Those who are in no other status are eligible: the largest status may have too many.
            largest = max((*ALIGNED, *INSURED), key=lambda name: persons[STATUS[name]].sum())
            raise ClosureError(
                Message(
                    "{refusal}: {wanted} {group} wanted, {eligible} eligible, as "
                    "{largest} holds {persons} of the residents. Change {levers}, or have "
                    "fewer {largest}: {fewer}",
                    refusal=solution.refusal(group),
                    wanted=rounded(wanted, "persons"),
                    group=group,
                    eligible=rounded(eligible, "persons"),
                    largest=largest,
                    persons=rounded(persons[STATUS[largest]].sum(), "persons"),
                    levers=solution.levers(group),
                    fewer=solution.fewer(largest, begins=False),
                ),
                [*solution.culprits(group), *solution.culprits(largest)],
            )
        coverage[path] = wanted / eligible if eligible else 0.0
    return coverage


def card_holders(region: Region) -> float:
    """Return the share of the residents who hold a social security card; 0 if it is not known."""
    return (region.amount(CARDS) or 0.0) / float(residents(region).sum())
