"""The kernel in openfisca-core: variables with yearly formulas that look at the year before.

OpenFisca computes taxes and benefits and has no random numbers of its own; formulas draw from
numpy's generator, keyed by seed, period and event, as its users do in dynamic models.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import spec
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

FIRST = 2000
"""The calendar year of the kernel's year 0; the start is the year before."""

PERSON = build_entity(key="person", plural="persons", label="A person", is_person=True)
MORTALITY = spec.mortality()
CUMULATIVE = np.cumsum(spec.MOVES, axis=1)[:, :-1]


def draw(person, when, event: int) -> np.ndarray:
    """Return a uniform number for each person."""
    key = [person.simulation.seed, when.start.year, event]
    return np.random.default_rng(key).random(person.count)


class sex(Variable):
    """0 men, 1 women."""

    value_type = int
    entity = PERSON
    definition_period = DateUnit.ETERNITY


class relative_wage(Variable):
    """Own wage over the mean wage."""

    value_type = float
    entity = PERSON
    definition_period = DateUnit.ETERNITY


class age(Variable):
    """Age at 31 December."""

    value_type = int
    entity = PERSON
    definition_period = DateUnit.YEAR

    def formula(person, when):
        """Add one to the year before."""
        return np.minimum(person("age", when.last_year) + 1, spec.AGES - 1)


class alive(Variable):
    """Whether the person lives at 31 December."""

    value_type = bool
    entity = PERSON
    definition_period = DateUnit.YEAR

    def formula(person, when):
        """Keep who lived the year before and is not taken."""
        risk = MORTALITY[person("sex", when), person("age", when.last_year)]
        return person("alive", when.last_year) & (draw(person, when, 0) >= risk)


class status(Variable):
    """Status at 31 December."""

    value_type = int
    entity = PERSON
    definition_period = DateUnit.YEAR

    def formula(person, when):
        """Draw by the row of the status of the year before."""
        rows = CUMULATIVE[person("status", when.last_year)]
        return (draw(person, when, 1)[:, None] >= rows).sum(axis=1)


class wage(Variable):
    """Monthly wage of the employed."""

    value_type = float
    entity = PERSON
    definition_period = DateUnit.YEAR

    def formula(person, when):
        """Take the own relative wage of the mean wage of the year."""
        employed = person("alive", when) & (person("status", when) == spec.EMPLOYEE)
        mean = spec.mean_wage(when.start.year - FIRST)
        return np.where(employed, mean * person("relative_wage", when), 0.0)


class contribution(Variable):
    """What is paid in the year."""

    value_type = float
    entity = PERSON
    definition_period = DateUnit.YEAR

    def formula(person, when):
        """Take from employees by their wage, from those in flexible work by the floor."""
        year = when.start.year - FIRST
        state = person("status", when)
        of_wage = spec.employee_contribution(person("wage", when), year)
        of_floor = np.where(state == spec.FLEXIBLE, spec.flexible_contribution(year), 0.0)
        paid = np.where(state == spec.EMPLOYEE, of_wage, of_floor)
        return np.where(person("alive", when), paid, 0.0)


class account(Variable):
    """What a person has paid so far."""

    value_type = float
    entity = PERSON
    definition_period = DateUnit.YEAR

    def formula(person, when):
        """Add this year's contribution to the year before."""
        return person("account", when.last_year) + person("contribution", when)


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    system = TaxBenefitSystem([PERSON])
    held = (sex, relative_wage, age, alive, status, wage, contribution, account)
    system.add_variables(*held)
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(count))
    simulation = builder.build(system)
    simulation.seed = seed
    start = spec.persons(count)
    before = str(FIRST - 1)
    simulation.set_input("sex", before, start.sex)
    simulation.set_input("relative_wage", before, spec.relative_wages()[start.rank])
    simulation.set_input("age", before, start.age)
    simulation.set_input("alive", before, np.ones(count, dtype=bool))
    simulation.set_input("status", before, start.status)
    simulation.set_input("account", before, np.zeros(count))

    def run() -> np.ndarray:
        totals = np.zeros((years, len(spec.TOTALS)))
        known = count
        for year in range(years):
            when = str(FIRST + year)
            here = simulation.calculate("alive", when)
            state = simulation.calculate("status", when)[here]
            living = int(here.sum())
            totals[year] = (
                living,
                known - living,
                *np.bincount(state, minlength=4),
                simulation.calculate("age", when)[here].sum(),
                12.0 * simulation.calculate("wage", when).sum(dtype=float),
                simulation.calculate("contribution", when).sum(dtype=float),
                simulation.calculate("account", when)[here].sum(dtype=float),
            )
            known = living
            # Only the year before is looked at; keeping every year would take gigabytes.
            for variable in held[2:]:
                holder = simulation.get_holder(variable.__name__)
                holder.delete_arrays(period(str(FIRST + year - 1)))
        return totals

    return run
