"""The kernel in polars: one frame, a lazy query a year; who died leaves the frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import spec

EMPLOYED = pl.col("status") == spec.EMPLOYEE
FLEXIBLE = pl.col("status") == spec.FLEXIBLE
OTHERS = [pl.col("status") == status for status in (spec.UNEMPLOYED, spec.NOT_INSURED)]


def frame(count: int) -> pl.DataFrame:
    """Return the persons at the start."""
    start = spec.persons(count)
    return pl.DataFrame(
        {
            "age": start.age.astype(np.uint8),
            "sex": start.sex.astype(np.uint8),
            "status": start.status.astype(np.uint8),
            "relative": spec.relative_wages()[start.rank],
            "account": np.zeros(count),
        }
    )


def looked_up(values: np.ndarray, at: pl.Expr) -> pl.Expr:
    """Return the values of a table at positions."""
    return pl.lit(pl.Series(values)).gather(at)


def a_year_on(people: pl.DataFrame, year: int, random: np.random.Generator) -> pl.DataFrame:
    """Return who is alive a year later."""
    death, move = (pl.Series(random.random(len(people))) for _ in range(2))
    cell = pl.col("sex").cast(pl.UInt32) * spec.AGES + pl.col("age")
    ladder = np.cumsum(spec.MOVES, axis=1)[:, :-1]
    above = [pl.col("move") >= looked_up(step, pl.col("status")) for step in ladder.T]
    wage = spec.mean_wage(year) * pl.col("relative")
    bounds = (share * spec.mean_wage(year) for share in (spec.FLOOR, spec.CAP))
    paid = (
        pl.when(EMPLOYED)
        .then(12.0 * spec.EMPLOYEE_RATE * wage.clip(*bounds))
        .when(FLEXIBLE)
        .then(spec.flexible_contribution(year))
        .otherwise(0.0)
    )
    return (
        people.lazy()
        .with_columns(death=death, move=move)
        .filter(pl.col("death") >= looked_up(spec.mortality().ravel(), cell))
        .with_columns(
            age=pl.min_horizontal(pl.col("age") + 1, spec.AGES - 1),
            status=pl.sum_horizontal(one.cast(pl.UInt8) for one in above),
        )
        .with_columns(paid=paid)
        .with_columns(account=pl.col("account") + pl.col("paid"))
        .drop("death", "move")
        .collect()
    )


def build(count: int, years: int, seed: int) -> Callable[[], np.ndarray]:
    """Return what runs the kernel."""
    start = frame(count)

    def run() -> np.ndarray:
        random, people = np.random.default_rng(seed), start
        totals = np.zeros((years, len(spec.TOTALS)))
        for year in range(years):
            before = len(people)
            people = a_year_on(people, year, random)
            found = people.select(
                *(one.sum().alias(f"of_{at}") for at, one in enumerate([EMPLOYED, FLEXIBLE])),
                *(one.sum().alias(f"other_{at}") for at, one in enumerate(OTHERS)),
                ages=pl.col("age").cast(pl.Int64).sum(),
                wages=12.0 * spec.mean_wage(year) * pl.col("relative").filter(EMPLOYED).sum(),
                paid=pl.col("paid").sum(),
                accounts=pl.col("account").sum(),
            )
            totals[year] = (len(people), before - len(people), *found.row(0))
        return totals

    return run
