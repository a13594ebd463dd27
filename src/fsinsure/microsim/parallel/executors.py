"""Where batches run: in threads of this process, or on a Dask cluster.

Both give the same bits, since counts add up exactly. An executor yields batches as they are
finished, in any order; batches whose worker died run again.
"""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from fsinsure._version import __version__
from fsinsure.errors import InputError, WorkerError
from fsinsure.microsim.parallel.shards import State, merge, persons
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from distributed import Client

    from fsinsure.microsim.parallel.checkpoint import CheckpointStore
    from fsinsure.microsim.parallel.shards import Batch, Counts, Work

    Progress = Callable[[int, int], None]
    Finished = Generator[tuple[tuple[int, ...], Counts], None, None]

Part = TypeVar("Part")
Out = TypeVar("Out")

MOST_GROUPED: Final = 32
"""Batches whose counts a cluster adds up before it returns them, at most."""


@dataclass(frozen=True)
class Execution:
    """Where batches run, and who is notified.

    Parameters
    ----------
    threads
        Threads of this process; None for the default of one.
    client
        Client of a Dask cluster, which then does the work.
    progress
        Called with the number of persons that are finished and of all persons: at the start, and
        whenever batches are finished.

    Raises
    ------
    InputError
        If `threads` is not a positive whole number, or given together with `client`.
    """

    threads: int | None = None
    client: Client | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        if self.threads is None:
            return
        if not is_whole(self.threads) or self.threads < 1:
            raise InputError(
                "threads must be a whole number from 1 on, not {threads!r}", threads=self.threads
            )
        if self.client is not None:
            raise InputError(
                "threads are those of this process; leave them out where a cluster does the work"
            )


LOCAL: Final = Execution()


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def run_batches(
    work: Work,
    batches: Sequence[Batch],
    execution: Execution = LOCAL,
    store: CheckpointStore | None = None,
) -> Counts:
    """Simulate every batch and add up the counts.

    Parameters
    ----------
    work
        Simulates a batch.
    batches
        From :func:`fsinsure.microsim.parallel.shards.layout`.
    execution
        Where.
    store
        Keeps finished batches; those in it are not simulated again.

    Returns
    -------
    Counts
        The same bits for any batches, threads and workers.

    Raises
    ------
    InputError
        If the checkpoint cannot be written.
    WorkerError
        If workers of a cluster die and no batch is finished in between.
    """
    state = store.state if store else State()
    size = [persons(batch) for batch in batches]
    on_progress = execution.progress or (lambda _done, _total: None)
    on_progress(sum(size[number] for number in state.done), sum(size))
    try:
        while left := {n: batch for n, batch in enumerate(batches) if n not in state.done}:
            before = state
            try:
                with closing(_executor(work, left, execution)) as finished:
                    for numbers, counts in finished:
                        state = state.plus(numbers, counts)
                        del counts  # not kept while the next ones are computed
                        if store and store.due:
                            store.save(state)
                        on_progress(sum(size[number] for number in state.done), sum(size))
            except BrokenExecutor as error:
                if state.done == before.done:
                    raise WorkerError(
                        "workers of the cluster died before any batch was finished: look at their "
                        "logs, and give each more memory or fewer threads ({error}).",
                        error=error,
                    ) from error
    finally:
        # Also after Ctrl-C or an error: no finished batch is simulated twice.
        if store:
            store.save(state)
    return dict(state.counts)


def _executor(work: Work, left: Mapping[int, Batch], execution: Execution) -> Finished:
    if execution.client is not None:
        return cluster(work, left, execution.client)
    if execution.threads is not None and execution.threads > 1:
        return threads(work, left, execution.threads)
    return (((number,), work(batch)) for number, batch in left.items())


def threads(
    work: Callable[[Part], Out], left: Mapping[int, Part], count: int
) -> Generator[tuple[tuple[int, ...], Out], None, None]:
    """Run batches in threads of this process."""
    pool = ThreadPoolExecutor(count)
    try:
        number = {pool.submit(work, batch): n for n, batch in left.items()}
        for future in as_completed([*number]):
            yield (number.pop(future),), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def cluster(work: Work, left: Mapping[int, Batch], client: Client) -> Finished:
    """Run batches on a Dask cluster, which adds up groups of them before it returns them.

    Dask itself repeats what a dead worker had; BrokenExecutor is raised for what it gave up on, and
    if the work was lost with the last worker that had it.
    """
    from distributed import KilledWorker
    from distributed import as_completed as as_finished

    numbers = tuple(left)
    size = min(MOST_GROUPED, max(1, round(len(numbers) ** 0.5)))
    known = client.scatter(work, broadcast=True, hash=False)
    groups = {}
    for start in range(0, len(numbers), size):
        group = numbers[start : start + size]
        # pure=False: results of another run that the cluster still has are not taken for ours.
        parts = [
            client.submit(_on_cluster, known, _sent(left[n], client), __version__, pure=False)
            for n in group
        ]
        groups[client.submit(merge, parts, pure=False)] = group
    try:
        for total in as_finished([*groups], loop=client.loop):
            yield groups.pop(total), total.result()
    except (KilledWorker, CancelledError) as error:
        raise BrokenExecutor(f"{type(error).__name__}: {error}") from error
    finally:
        for future in (*groups, known):
            future.release()


def _sent(batch: Batch, client: Client) -> object:
    """Return a batch, or the future of one that holds persons, which is sent to one worker.

    So the graph of the work, which the scheduler keeps, stays small.
    """
    if all(shard.people is None for shard in batch):
        return batch
    (sent,) = client.scatter([batch], hash=False)
    return sent


def _on_cluster(work: Work, batch: Batch, version: str) -> Counts:
    if version != __version__:
        raise InputError(
            "a worker of the cluster has fsinsure {version}, not {here}: install the same version "
            "on every worker.",
            version=__version__,
            here=version,
        )
    return work(batch)
