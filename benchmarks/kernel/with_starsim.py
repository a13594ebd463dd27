"""The kernel in starsim: its own background deaths and ageing, a module for work, an analyzer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import spec
import starsim as ss


class Work(ss.Demographics):
    """Status, wage and contribution; one keyed draw a person and year."""

    def __init__(self) -> None:
        super().__init__(name="work")
        self.define_states(
            ss.IntArr("status"),
            ss.FloatArr("relative_wage"),
            ss.FloatArr("paid", default=0.0),
            ss.FloatArr("account", default=0.0),
        )
        self.draw = ss.random(name="work_draw")
        self.cumulative = np.cumsum(spec.MOVES, axis=1)[:, :-1]

    def step(self) -> None:
        """Move between statuses, and pay."""
        # Those who die in this step are still among them, and not counted.
        uids = self.sim.people.auids
        rows = self.cumulative[self.status[uids]]
        status = (self.draw.rvs(uids)[:, None] >= rows).sum(axis=1)
        wage = spec.mean_wage(self.ti) * self.relative_wage[uids]
        paid = np.where(status == spec.EMPLOYEE, spec.employee_contribution(wage, self.ti), 0.0)
        paid[status == spec.FLEXIBLE] = spec.flexible_contribution(self.ti)
        self.status[uids] = status
        self.paid[uids] = paid
        self.account[uids] += paid


class Count(ss.Analyzer):
    """The totals of each year, of those who are alive after its deaths."""

    def __init__(self, years: int) -> None:
        super().__init__()
        self.totals = np.zeros((years, len(spec.TOTALS)))

    def step(self) -> None:
        """Count a year."""
        people, work = self.sim.people, self.sim.demographics.work
        uids = people.alive.uids
        status = work.status[uids]
        wage = spec.mean_wage(self.ti) * work.relative_wage[uids]
        # Starsim's people grow older at the end of the step.
        age = np.minimum(people.age[uids] + 1, spec.AGES - 1)
        self.totals[self.ti] = (
            len(uids),
            self.sim.demographics.deaths.n_deaths,
            *np.bincount(status, minlength=4),
            age.sum(dtype=float),
            12.0 * wage[status == spec.EMPLOYEE].sum(dtype=float),
            work.paid[uids].sum(dtype=float),
            work.account[uids].sum(dtype=float),
        )


def deaths() -> ss.Deaths:
    """Return starsim's deaths with the rates that amount to the kernel's probabilities."""
    mortality = spec.mortality()
    table = pd.DataFrame(
        {"Time": 2000, "Sex": name, "AgeGrpStart": age, "mx": -np.log1p(-mortality[sex, age])}
        for sex, name in enumerate(("Male", "Female"))
        for age in range(spec.AGES)
    )
    return ss.Deaths(death_rate=table, rate_units=1)


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    work, counted = Work(), Count(years)
    sim = ss.Sim(
        n_agents=count,
        start=2000,
        stop=2000 + years - 1,
        dt=1,
        rand_seed=seed,
        demographics=[deaths(), work],
        analyzers=counted,
        use_aging=True,
        verbose=0,
    )
    sim.init()
    start = spec.persons(count)
    sim.people.age[:] = start.age
    sim.people.female[:] = start.sex == 1
    sim.demographics.work.status[:] = start.status
    sim.demographics.work.relative_wage[:] = spec.relative_wages()[start.rank]

    def run() -> np.ndarray:
        sim.run()
        return sim.analyzers[0].totals

    return run
