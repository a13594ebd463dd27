"""The kernel in neworder: a data frame, a Monte Carlo stream, transitions in its C++ module."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import spec

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # says that there is no MPI
    import neworder


class Kernel(neworder.Model):
    """The population as a data frame; the dead leave it."""

    def __init__(self, count: int, years: int, seed: int) -> None:
        super().__init__(neworder.LinearTimeline(0, years, years), lambda *_: seed)
        start = spec.persons(count)
        self.population = pd.DataFrame(
            {
                "age": start.age,
                "sex": start.sex,
                "status": start.status,
                "relative_wage": spec.relative_wages()[start.rank],
                "account": 0.0,
            },
            index=neworder.df.unique_index(count),
        )
        self.mortality = spec.mortality()
        self.categories = np.arange(len(spec.STATUSES))
        self.totals = np.zeros((years, len(spec.TOTALS)))

    def step(self) -> None:
        """Live a year."""
        year = self.timeline.index
        people = self.population
        risk = self.mortality[people.sex.to_numpy(), people.age.to_numpy()]
        dead = self.mc.hazard(risk) == 1
        self.population = people = people[~dead].copy()
        people["age"] = np.minimum(people.age + 1, spec.AGES - 1)
        neworder.df.transition(self, self.categories, spec.MOVES, people, "status")
        wage = spec.mean_wage(year) * people.relative_wage
        employed, flexible = people.status == spec.EMPLOYEE, people.status == spec.FLEXIBLE
        paid = spec.employee_contribution(wage, year).where(employed, 0.0)
        paid = paid.mask(flexible, spec.flexible_contribution(year))
        people["account"] += paid
        self.totals[year] = (
            len(people),
            dead.sum(),
            *people.status.value_counts().reindex(self.categories, fill_value=0),
            people.age.sum(),
            12.0 * wage[employed].sum(),
            paid.sum(),
            people.account.sum(),
        )


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    model = Kernel(count, years, seed)

    def run() -> np.ndarray:
        if not neworder.run(model):
            raise RuntimeError("neworder stopped early")
        return model.totals

    return run
