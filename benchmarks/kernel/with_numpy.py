"""The kernel by hand: whole arrays, numpy's generator, nothing keyed, nothing tabulated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import spec


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    start = spec.persons(count)
    relative = spec.relative_wages()[start.rank]
    dying, cumulative = spec.mortality(), np.cumsum(spec.MOVES, axis=1)[:, :-1]

    def run() -> np.ndarray:
        random = np.random.default_rng(seed)
        age, status = start.age.copy(), start.status.copy()
        account, alive = np.zeros(count), np.ones(count, dtype=bool)
        totals = np.zeros((years, len(spec.TOTALS)))
        for year in range(years):
            dead = alive & (random.random(count) < dying[start.sex, age])
            alive &= ~dead
            age = np.minimum(age + 1, spec.AGES - 1)
            status = (random.random(count)[:, None] >= cumulative[status]).sum(axis=1)
            employed = alive & (status == spec.EMPLOYEE)
            flexible = alive & (status == spec.FLEXIBLE)
            wage = spec.mean_wage(year) * relative
            paid = np.where(employed, spec.employee_contribution(wage, year), 0.0)
            paid[flexible] = spec.flexible_contribution(year)
            account += paid
            totals[year] = (
                alive.sum(),
                dead.sum(),
                *np.bincount(status[alive], minlength=4),
                age[alive].sum(),
                12.0 * wage[employed].sum(),
                paid.sum(),
                account[alive].sum(),
            )
        return totals

    return run
