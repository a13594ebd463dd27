"""One run of the person engine: plan it, simulate its batches, assemble the projection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from fsinsure.engine import cohort
from fsinsure.microsim.assemble import assemble
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.counters import YearlyCounters, pack, unpack
from fsinsure.microsim.parallel.checkpoint import CONTENT, content_hash
from fsinsure.microsim.parallel.executors import LOCAL, cores, run_batches
from fsinsure.microsim.parallel.shards import Shard, attach_persons, layout, run_batch
from fsinsure.microsim.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microdata.schema import Persons
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Execution
    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.parameters import Parameters


NUMPY_THREADS: Final = 2
"""Largest number of threads for array operations: they hold the lock of the interpreter a third of
the time, so more threads gain little. Compiled loops never hold it."""


FEW: Final = 5_000_000
"""Person-years below which array operations take no longer than to load the compiled loops."""


@dataclass(frozen=True)
class CheckpointSpec:
    """Where the finished part of a run is kept, and which run it is.

    Parameters
    ----------
    checkpoint
        The folder.
    run
        The inputs that determine the results, by the name that messages use.
    """

    checkpoint: Checkpoint
    run: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulation of persons and its results.

    Parameters
    ----------
    plan
        The years, the persons and the seed.
    expected
        The projection of the cohort engine whose transitions they follow.
    counters
        Exact counts of all persons by year, the base year first.
    projection
        The counts as a projection, from which tables are made.
    """

    plan: SimulationPlan
    expected: Projection
    counters: Mapping[int, Counters]
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
        Where batches run; the results have the same bits anywhere. By default compiled loops use a
        thread for every core, and array operations :data:`NUMPY_THREADS`.
    keep
        Where the finished part is kept, so that a stopped run can be resumed.
    accelerate
        Whether to use compiled loops (:func:`fsinsure.microsim.compiled.dispatch.select_engine`);
        by default from :data:`FEW` person-years on, or if they are
        loaded.
    """
    expected = cohort.project(parameters, base)
    plan = make_plan(expected, parameters, base, persons, seed)
    if accelerate is None and plan.person_years < FEW and not dispatch.loaded():
        accelerate = False
    groups = [Shard(group.first, group.count, group.start) for group in plan.groups]
    batches = layout(groups, len(plan.years))
    work = partial(run_batch, replace(plan, given=None, accelerate=accelerate))
    sent = batches if plan.given is None else attach_persons(batches, plan.given)
    if execution.client is None and execution.threads is None:
        compiled = dispatch.select_engine(accelerate) is dispatch.COMPILED
        execution = replace(execution, threads=cores() if compiled else min(cores(), NUMPY_THREADS))
    if keep is None:
        total = run_batches(work, sent, execution)
    else:
        run = {**keep.run, "seed": str(seed), "persons": str(plan.persons)}
        run[CONTENT] = content_hash(plan, batches)
        none = plan.by_year(YearlyCounters.empty(0, plan.code).of_year(0), plan.empty_counters())
        with keep.checkpoint.store(run, len(batches), pack(none)) as store:
            total = run_batches(work, sent, execution, store)
    counters = unpack(total, [plan.code.base_year, *(year.year for year in plan.years)])
    projection = assemble(plan, counters, expected, parameters, base)
    return Simulation(plan, expected, counters, projection)
