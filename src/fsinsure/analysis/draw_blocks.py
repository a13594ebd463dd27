"""Many draws in blocks: in threads of this process or on a Dask cluster, and kept when stopped."""

from __future__ import annotations

from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fsinsure._version import __version__
from fsinsure.analysis.person_draws import simulate_draws
from fsinsure.analysis.projected_draws import Draws, project_draws
from fsinsure.errors import InputError, WorkerError
from fsinsure.microsim.parallel.executors import LOCAL, cores, threads
from fsinsure.microsim.parallel.shards import State

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from distributed import Client

    from fsinsure.analysis.sampling import Sample
    from fsinsure.base_year.closure import Base
    from fsinsure.microsim.parallel.checkpoint import CheckpointStore
    from fsinsure.microsim.parallel.executors import Execution
    from fsinsure.parameters import Parameters

    Finished = Generator[tuple[tuple[int, ...], Draws], None, None]

BLOCK: Final = 512
"""Draws that are closed together: enough to outweigh the calls, some 0.2 GB of base years."""


@dataclass(frozen=True, eq=False)
class Persons:
    """How many persons each draw is simulated with, and the seed of the first draw."""

    count: int | None
    seed: int


@dataclass(frozen=True, eq=False)
class DrawPlan:
    """What is projected of every draw.

    Parameters
    ----------
    parameters, base
        Of the central values.
    drawn
        The values of all draws.
    draws
        How many there are.
    money
        Whether to keep the books of the funds.
    persons
        None for expected values; else each draw is simulated person by person.
    block
        Draws that are closed together; each of persons is alone.
    """

    parameters: Parameters
    base: Base
    drawn: Sample
    draws: int
    money: bool = True
    persons: Persons | None = None
    block: int = BLOCK

    @property
    def blocks(self) -> list[slice]:
        """The draws of every block."""
        size = self.block if self.persons is None else 1
        return [slice(at, min(at + size, self.draws)) for at in range(0, self.draws, size)]

    def __call__(self, rows: slice) -> Draws:
        """Return what comes of a block of draws."""
        drawn, count = self.drawn.select_draws(rows), rows.stop - rows.start
        if self.persons is None:
            return project_draws(self.parameters, self.base, drawn, count, money=self.money)
        seed = seed_of(self.persons.seed, rows.start)
        return simulate_draws(self.parameters, self.base, drawn, self.persons.count, seed)


def seed_of(seed: int, draw: int) -> int:
    """Return a seed for the persons of a draw: neighbouring seeds share none."""
    return int.from_bytes(sha256(f"{seed}/{draw}".encode()).digest()[:8], "little")


def run_draws(
    plan: DrawPlan, execution: Execution = LOCAL, store: CheckpointStore | None = None
) -> Draws:
    """Project all draws of a plan.

    Parameters
    ----------
    plan
        What is projected.
    execution
        Where, and who is notified of the number of finished draws.
    store
        Keeps finished blocks; those in it are not projected again.

    Returns
    -------
    Draws
        The same bits for any threads and workers.

    Raises
    ------
    InputError
        If the checkpoint cannot be written.
    WorkerError
        If workers of a cluster die again and again.
    """
    blocks = plan.blocks
    whole, done = Draws.empty(plan.parameters, plan.draws, money=plan.money), frozenset[int]()
    if store and store.state.done:
        whole, done = Draws.of(store.state.counts), store.state.done
    on_progress = execution.progress or (lambda _done, _total: None)
    finished = sum(blocks[one].stop - blocks[one].start for one in done)
    on_progress(finished, plan.draws)
    left = {number: rows for number, rows in enumerate(blocks) if number not in done}
    try:
        with closing(_executor(plan, left, execution)) as results:
            for (number,), part in results:
                whole.put(blocks[number], part)
                done |= {number}
                if store and store.due:
                    store.save(State(done, whole.arrays))
                finished += blocks[number].stop - blocks[number].start
                on_progress(finished, plan.draws)
    finally:
        if store:
            store.save(State(done, whole.arrays))
    return whole


def _executor(plan: DrawPlan, left: Mapping[int, slice], execution: Execution) -> Finished:
    if execution.client is not None:
        return _cluster(plan, left, execution.client)
    count = execution.threads or (cores() if plan.persons is None else 1)
    if count > 1 and len(left) > 1:
        return threads(plan, left, count)
    return (((number,), plan(rows)) for number, rows in left.items())


def _cluster(plan: DrawPlan, left: Mapping[int, slice], client: Client) -> Finished:
    """Project blocks on a Dask cluster, which repeats those of a dead worker."""
    from distributed import KilledWorker
    from distributed import as_completed as as_finished

    known = client.scatter(plan, broadcast=True, hash=False)
    # pure=False: results of another run that the cluster still has are not taken for ours.
    number = {
        client.submit(_on_cluster, known, rows, __version__, pure=False): one
        for one, rows in left.items()
    }
    try:
        for future in as_finished([*number], loop=client.loop):
            yield (number.pop(future),), future.result()
            future.release()
    except (KilledWorker, CancelledError) as error:
        raise WorkerError(
            "workers of the cluster died: look at their logs, and give each more memory or fewer "
            "threads ({kind}: {error}).",
            kind=type(error).__name__,
            error=error,
        ) from error
    finally:
        for future in (*number, known):
            future.release()


def _on_cluster(plan: DrawPlan, rows: slice, version: str) -> Draws:
    if version != __version__:
        raise InputError(
            "a worker of the cluster has fsinsure {version}, not {here}: install the same version "
            "on every worker.",
            version=__version__,
            here=version,
        )
    return plan(rows)
