"""The kernel in vivarium: components on a clock, a state machine, columns of a state table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import spec
from vivarium import Component, InteractiveContext
from vivarium.framework.engine import Builder
from vivarium.framework.event import Event
from vivarium.framework.population import SimulantData
from vivarium.framework.results import Observer
from vivarium.framework.state_machine import Machine, State

START = pd.Timestamp(2000, 1, 1)
STEP = pd.Timedelta(days=365.25)


def year_of(event: Event) -> int:
    """Return the year of a step, the first is 0; an event is at the end of its step."""
    return round((event.time - START) / STEP) - 1


class Persons(Component):
    """Age, sex, and whether alive: deaths and ageing."""

    def __init__(self, start: spec.Persons) -> None:
        super().__init__()
        self.start = start
        self.mortality = spec.mortality()

    def setup(self, builder: Builder) -> None:
        """Declare columns and random streams."""
        self.randomness = builder.randomness.get_stream("deaths")
        builder.population.register_initializer(
            initializer=self.initialize,
            columns=["age", "sex", "is_alive", "previous_alive"],
            required_resources=[],
        )

    def initialize(self, data: SimulantData) -> None:
        """Fill the columns."""
        columns = {"age": self.start.age, "sex": self.start.sex}
        columns |= {"is_alive": True, "previous_alive": True}
        self.population_view.initialize(pd.DataFrame(columns, index=data.index))

    def on_time_step_prepare(self, event: Event) -> None:
        """Remember who was alive."""
        alive = self.population_view.get(event.index, "is_alive")
        self.population_view.update("previous_alive", lambda _: alive.rename("previous_alive"))

    def on_time_step(self, event: Event) -> None:
        """Apply deaths and ageing."""
        people = self.population_view.get(event.index, ["age", "sex"], query="is_alive == True")
        risk = pd.Series(self.mortality[people["sex"], people["age"]], index=people.index)
        dead = self.randomness.filter_for_probability(people.index, risk)
        left = people.index.difference(dead)
        self.population_view.update("is_alive", lambda _: pd.Series(False, index=dead))
        older = np.minimum(people["age"].loc[left] + 1, spec.AGES - 1)
        self.population_view.update("age", lambda _: older)


class Status(Machine):
    """The statuses of the living as vivarium's state machine, from a given start."""

    def __init__(self, start: spec.Persons) -> None:
        states = [State(name) for name in spec.STATUSES]
        for state, row in zip(states, spec.MOVES, strict=True):
            for target, chance in zip(states, row, strict=True):
                if target is not state and chance:
                    state.add_transition(
                        output_state=target,
                        probability_function=lambda index, chance=chance: pd.Series(
                            chance, index=index
                        ),
                    )
        super().__init__("status", states)
        self.start = start

    def on_post_setup(self, event: Event) -> None:
        """Take the start as given, not from initialization weights."""

    def initialize_state(self, data: SimulantData) -> None:
        """Fill the column."""
        names = np.array(spec.STATUSES, dtype=object)[self.start.status]
        self.population_view.initialize(pd.Series(names, index=data.index, name="status"))

    def on_time_step(self, event: Event) -> None:
        """Move those who are alive."""
        living = self.population_view.get_filtered_index(event.index, query="is_alive == True")
        self.transition(living, event.time)


class Pay(Component):
    """Wage and contribution, after the moves of the year."""

    def __init__(self, start: spec.Persons) -> None:
        super().__init__()
        self.start = start

    @property
    def time_step_priority(self) -> int:
        """After deaths and moves."""
        return 8

    def setup(self, builder: Builder) -> None:
        """Declare columns."""
        builder.population.register_initializer(
            initializer=self.initialize,
            columns=["relative_wage", "wage", "paid", "account"],
            required_resources=[],
        )

    def initialize(self, data: SimulantData) -> None:
        """Fill the columns."""
        columns: dict[str, Any] = {"relative_wage": spec.relative_wages()[self.start.rank]}
        columns |= {"wage": 0.0, "paid": 0.0, "account": 0.0}
        self.population_view.initialize(pd.DataFrame(columns, index=data.index))

    def on_time_step(self, event: Event) -> None:
        """Pay in."""
        year = year_of(event)
        status = self.population_view.get(event.index, "status", query="is_alive == True")
        employed = status == "employee"
        flexible = status == "flexible"

        def pay(columns: pd.DataFrame) -> pd.DataFrame:
            columns = columns.loc[status.index]
            wage = (spec.mean_wage(year) * columns["relative_wage"]).where(employed, 0.0)
            paid = spec.employee_contribution(wage, year).where(employed, 0.0)
            paid = paid.mask(flexible, spec.flexible_contribution(year))
            return columns.assign(wage=wage, paid=paid, account=columns["account"] + paid)

        self.population_view.update(["relative_wage", "wage", "paid", "account"], pay)


class Totals(Observer):
    """The totals of each year, as vivarium's observations gathered by year."""

    def __init__(self, years: int) -> None:
        super().__init__()
        self.totals = np.zeros((years, len(spec.TOTALS)))

    def register_observations(self, builder: Builder) -> None:
        """Ask for nothing else: the totals are taken at the end of each step."""

    def on_collect_metrics(self, event: Event) -> None:
        """Count a year."""
        columns = ["age", "status", "wage", "paid", "account", "is_alive", "previous_alive"]
        people = self.population_view.get(event.index, columns)
        living = people[people["is_alive"]]
        counts = living["status"].value_counts().reindex(spec.STATUSES, fill_value=0)
        self.totals[year_of(event)] = (
            len(living),
            (people["previous_alive"] & ~people["is_alive"]).sum(),
            *counts,
            living["age"].sum(),
            12.0 * living["wage"].sum(),
            living["paid"].sum(),
            living["account"].sum(),
        )


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    start = spec.persons(count)
    totals = Totals(years)
    simulation = InteractiveContext(
        components=[Persons(start), Status(start), Pay(start), totals],
        configuration={
            "time": {
                "start": {"year": START.year, "month": 1, "day": 1},
                "end": {"year": START.year + years, "month": 1, "day": 1},
                "step_size": STEP.days + 0.25,
            },
            "population": {"population_size": count},
            "randomness": {"random_seed": seed, "map_size": 10 * count, "key_columns": []},
        },
        logging_verbosity=0,
    )

    def run() -> np.ndarray:
        simulation.take_steps(years, with_logging=False)
        return totals.totals

    return run
