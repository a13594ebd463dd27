"""One run of the person engine: all persons, group after group, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from fsinsure.dims import BASE_YEAR
from fsinsure.engine import cohort
from fsinsure.microsim.assemble import assemble
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.counters import unpack
from fsinsure.microsim.parallel.checkpoint import digest
from fsinsure.microsim.parallel.executors import HERE, add_up, cores
from fsinsure.microsim.parallel.shards import Shard, holding, layout, run_batch
from fsinsure.microsim.plan import plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microdata.schema import Persons
    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Place
    from fsinsure.microsim.parallel.shards import Counts
    from fsinsure.microsim.plan import Task
    from fsinsure.parameters import Parameters


@dataclass(frozen=True)
class Kept:
    """Where finished work is kept, and what it is the work of.

    Parameters
    ----------
    checkpoint
        The folder.
    run
        What decides the numbers, by the name that a message calls it.
    """

    checkpoint: Checkpoint
    run: Mapping[str, str]


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
    parameters: Parameters,
    base: Base,
    persons: int | Persons | None,
    seed: int,
    place: Place = HERE,
    kept: Kept | None = None,
    accelerate: bool | None = None,
) -> Simulation:
    """Simulate persons, wherever they run, and add them up.

    Parameters
    ----------
    parameters, base
        As :func:`fsinsure.engine.cohort.project`.
    persons
        How many persons of the base year; None for all of them; or who they are.
    seed
        Of the luck.
    place
        Where persons run; it changes no bit of what they come to.
    kept
        Where finished work is kept, so that the run can go on after it was stopped.
    accelerate
        Whether to run compiled (:func:`fsinsure.microsim.compiled.dispatch.chosen`).
    """
    expected = cohort.project(parameters, base)
    task = plan(expected, parameters, base, persons, seed)
    groups = [Shard(group.first, group.count, group.start) for group in task.groups]
    batches = layout(groups, len(task.years))
    work = partial(run_batch, replace(task, given=None, accelerate=accelerate))
    sent = batches if task.given is None else holding(batches, task.given)
    if dispatch.chosen(accelerate) is dispatch.live:
        place = replace(place, threads=cores())
    if kept is None:
        total = add_up(work, sent, place)
    else:
        run = {**kept.run, "seed": str(seed), "persons": str(task.persons)}
        made = {"the years and persons made of them": digest(task), "batches": digest(batches)}
        with kept.checkpoint.journal(run, len(batches), made) as journal:
            total = add_up(work, sent, place, journal)
    return collect(task, total, expected, parameters, base)


def collect(
    task: Task, total: Counts, expected: Projection, parameters: Parameters, base: Base
) -> Simulation:
    """Return a simulation from the counts of all its persons, added up."""
    sums = unpack(total, [BASE_YEAR, *(year.year for year in task.years)])
    projection = assemble(task, sums, expected, parameters, base)
    return Simulation(task, expected, sums, projection)
