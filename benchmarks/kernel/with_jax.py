"""The kernel in JAX on the processor: one compiled scan over the years, threefry keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import spec


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel; compiled here, as the others import and build here."""
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    start, relative = spec.persons(count), spec.relative_wages()
    sex = jnp.asarray(start.sex, jnp.int32)
    wage = jnp.asarray(relative[start.rank])
    base = jnp.asarray(np.clip(relative, spec.FLOOR, spec.CAP)[start.rank])
    dying = jnp.asarray(spec.mortality().ravel(), jnp.float32)
    ladder = jnp.asarray(np.cumsum(spec.MOVES, axis=1)[:, :-1], jnp.float32)

    def a_year_on(people: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, Any]:
        age, status, account, alive = people
        key, mean, flexible_contribution = given
        death, move = jax.random.uniform(key, (2, count), jnp.float32)
        dead = alive & (death < dying[sex * spec.AGES + age])
        alive = alive & ~dead
        age = jnp.minimum(age + 1, spec.AGES - 1)
        status = (move[:, None] >= ladder[status]).sum(axis=1, dtype=jnp.int32)
        of = [alive & (status == one) for one in range(len(spec.STATUSES))]
        employed, flexible = of[spec.EMPLOYEE], of[spec.FLEXIBLE]
        contribution = 12.0 * spec.EMPLOYEE_RATE * mean * base
        paid = jnp.where(employed, contribution, jnp.where(flexible, flexible_contribution, 0.0))
        account = account + paid
        totals = (
            *(alive.sum(), dead.sum(), *(one.sum() for one in of)),
            jnp.where(alive, age, 0).sum(),
            12.0 * mean * jnp.where(employed, wage, 0.0).sum(),
            paid.sum(),
            jnp.where(alive, account, 0.0).sum(),
        )
        return (age, status, account, alive), jnp.stack([one.astype(jnp.float64) for one in totals])

    @jax.jit
    def lives(key: Any) -> Any:
        people = (
            jnp.asarray(start.age, jnp.int32),
            jnp.asarray(start.status, jnp.int32),
            jnp.zeros(count),
            jnp.ones(count, dtype=bool),
        )
        means = jnp.asarray([spec.mean_wage(year) for year in range(years)])
        flexible = jnp.asarray([spec.flexible_contribution(year) for year in range(years)])
        given = jax.random.split(key, years), means, flexible
        return jax.lax.scan(a_year_on, people, given)[1]

    compiled = lives.lower(jax.random.key(seed)).compile()
    return lambda: np.asarray(compiled(jax.random.key(seed)))
