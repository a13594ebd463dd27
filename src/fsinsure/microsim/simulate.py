"""One run of the person engine: plan it, simulate its batches, assemble the projection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from fsinsure.dims import BASE_YEAR
from fsinsure.engine import cohort
from fsinsure.microsim.assemble import assemble
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.counters import pack, unpack
from fsinsure.microsim.parallel.checkpoint import CONTENT, content_hash
from fsinsure.microsim.parallel.executors import LOCAL, cores, run_batches
from fsinsure.microsim.parallel.shards import Shard, attach_persons, layout, run_batch
from fsinsure.microsim.plan import plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microdata.schema import Persons
    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Execution
    from fsinsure.microsim.parallel.shards import Counts
    from fsinsure.microsim.plan import Task
    from fsinsure.parameters import Parameters


NUMPY_THREADS: Final = 2
"""Threads for array operations, at most: they hold the lock of the interpreter a third of the time,
so more threads gain little. Compiled loops never hold it."""


@dataclass(frozen=True)
class CheckpointSpec:
    """Where the finished part of a run is kept, and which run it is.

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
    """The persons that were simulated, and the results.

    Parameters
    ----------
    task
        The years, the persons and the seed.
    expected
        The projection of the cohort engine whose transitions they follow.
    sums
        Exact counts of all persons by year, the base year first.
    projection
        The same as a projection, of which tables are made.
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
    execution: Execution = LOCAL,
    keep: CheckpointSpec | None = None,
    accelerate: bool | None = None,
) -> Simulation:
    """Simulate persons and add up their counts.

    Parameters
    ----------
    parameters, base
        As :func:`fsinsure.engine.cohort.project`.
    persons
        Number of persons of the base year; None for all of them; or the persons.
    seed
        Of the random numbers.
    execution
        Where batches run; the results have the same bits anywhere. By default compiled loops run
        in a thread for every core, and array operations in :data:`NUMPY_THREADS`.
    keep
        Where the finished part is kept, so that the run can go on after it was stopped.
    accelerate
        Whether to run compiled (:func:`fsinsure.microsim.compiled.dispatch.chosen`).
    """
    expected = cohort.project(parameters, base)
    task = plan(expected, parameters, base, persons, seed)
    groups = [Shard(group.first, group.count, group.start) for group in task.groups]
    batches = layout(groups, len(task.years))
    work = partial(run_batch, replace(task, given=None, accelerate=accelerate))
    sent = batches if task.given is None else attach_persons(batches, task.given)
    if execution.client is None and execution.threads is None:
        compiled = dispatch.chosen(accelerate) is dispatch.live
        execution = replace(execution, threads=cores() if compiled else min(cores(), NUMPY_THREADS))
    if keep is None:
        total = run_batches(work, sent, execution)
    else:
        run = {**keep.run, "seed": str(seed), "persons": str(task.persons)}
        run[CONTENT] = content_hash(task, batches)
        with keep.checkpoint.store(run, len(batches), pack(task.sums())) as store:
            total = run_batches(work, sent, execution, store)
    return collect(task, total, expected, parameters, base)


def collect(
    task: Task, total: Counts, expected: Projection, parameters: Parameters, base: Base
) -> Simulation:
    """Return a simulation from the counts of all its persons, added up."""
    sums = unpack(total, [BASE_YEAR, *(year.year for year in task.years)])
    projection = assemble(task, sums, expected, parameters, base)
    return Simulation(task, expected, sums, projection)
