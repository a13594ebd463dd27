"""What is asked of draws at one date: people of measures, and balances of funds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.analysis.ensemble_tables import region_enrollment
from fsinsure.analysis.reasons import PER_PERSON
from fsinsure.measures import measures
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.analysis.projected_draws import Draws
    from fsinsure.arrays import Array, Ints
    from fsinsure.scenario import Scenario

MEASURE, FUND = "measure", "fund"

UNITS = {MEASURE: "persons", FUND: "yuan"}


def subjects_of(scenario: Scenario) -> dict[str, int]:
    """Return what may be asked of a scenario, and the year at whose end it is taken.

    ``measure.<measure>`` is each measure with a target, in its (last) year or at the horizon if
    that comes first, and each measure at the horizon where there are no targets; ``fund.<fund>``
    is the balance of each fund at the horizon.
    """
    wanted = {one.measure: min(one.year, scenario.horizon) for one in scenario.targets}
    people = wanted or dict.fromkeys(measures(), scenario.horizon)
    return {
        **{f"{MEASURE}.{name}": year for name, year in people.items()},
        **{f"{FUND}.{name}": scenario.horizon for name in FUNDS},
    }


def unit_of(subject: str) -> str:
    """Return the unit of a subject.

    >>> unit_of("measure.unemployment"), unit_of("fund.injury")
    ('persons', 'yuan')
    """
    return UNITS[subject.partition(".")[0]]


def asks_money(subjects: Mapping[str, int]) -> bool:
    """Return whether any subject is a fund."""
    return any(subject.startswith(f"{FUND}.") for subject in subjects)


def counted(subject: str, amount: Array) -> Array:
    """Return amounts in whole yuan, or in parts of a person.

    So what does not move a subject moves it by nothing.
    """
    parts = PER_PERSON if subject.startswith(f"{MEASURE}.") else 1
    return np.asarray(np.rint(amount * parts) / parts)


def amounts_of(draws: Draws, years: Ints, subjects: Mapping[str, int]) -> dict[str, Array]:
    """Return the amount ``[draw]`` of each subject in its year.

    Parameters
    ----------
    draws
        With the books of the funds, if a subject is one.
    years
        The years, the base year first.
    subjects
        As of :func:`subjects_of`.
    """
    found = {}
    for subject, year in subjects.items():
        kind, _, name = subject.partition(".")
        at = year - int(years[0])
        people = kind == MEASURE
        own = region_enrollment(draws, name) if people else draws.closing[:, FUNDS.index(name)]
        found[subject] = own[:, at]
    return found
