"""One run of the person engine: all persons, group after group, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fsinsure.dims import BASE_YEAR
from fsinsure.engine import cohort
from fsinsure.engine.assemble import assemble
from fsinsure.engine.sums import unpack
from fsinsure.engine.task import plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from fsinsure.engine.projection import Projection
    from fsinsure.engine.sums import Sums
    from fsinsure.engine.task import Task
    from fsinsure.parameters import Parameters
    from fsinsure.population.closure import Base
    from fsinsure.population.columns import Persons

    Counts = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Simulation:
    """What persons were simulated, and what they came to.

    Parameters
    ----------
    task
        The years, the persons and the seed.
    expected
        The projection of the cohort engine that they replayed.
    sums
        Exact counts of all persons by year, the base year first.
    projection
        The same as tables have it.
    """

    task: Task
    expected: Projection
    sums: Mapping[int, Sums]
    projection: Projection


def simulate(
    parameters: Parameters, base: Base, persons: int | Persons | None, seed: int
) -> Simulation:
    """Simulate persons, one block after another.

    Parameters
    ----------
    parameters, base
        As :func:`fsinsure.engine.cohort.project`.
    persons
        How many persons of the base year; None for all of them; or who they are.
    seed
        Of the luck.
    """
    expected = cohort.project(parameters, base)
    task = plan(expected, parameters, base, persons, seed)
    everybody = [(group.first, group.count) for group in task.groups if group.count]
    return collect(task, task.run_all(everybody), expected, parameters, base)


def collect(
    task: Task, total: Counts, expected: Projection, parameters: Parameters, base: Base
) -> Simulation:
    """Return a simulation from the counts of all its persons, added up."""
    sums = unpack(total, [BASE_YEAR, *(year.year for year in task.years)])
    projection = assemble(task, sums, expected, parameters, base)
    return Simulation(task, expected, sums, projection)
