"""Where batches run: in this process, in its threads, in other processes, or on a Dask cluster.

All of them give the same bits, since counts add up exactly. An executor yields batches as they are
finished, in any order; batches whose worker died run again.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
)
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from fsinsure._version import __version__
from fsinsure.errors import InputError, WorkerError
from fsinsure.microsim.parallel.shards import State, merge, persons
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection

    from distributed import Client

    from fsinsure.microsim.parallel.checkpoint import CheckpointStore
    from fsinsure.microsim.parallel.shards import Batch, Counts, Work

    Progress = Callable[[int, int], None]
    Finished = Generator[tuple[tuple[int, ...], Counts], None, None]

MOST_GROUPED: Final = 32
"""Batches whose counts a cluster adds up before it returns them, at most."""


@dataclass(frozen=True)
class Execution:
    """Where batches run, and who is notified.

    Parameters
    ----------
    processes
        Processes of this machine; None or 1 for this one.
    client
        Client of a Dask cluster, which then does the work.
    progress
        Called with the number of persons that are finished and of all persons: at the start, and
        whenever batches are finished.
    threads
        Threads of this process, where it does the work.

    Raises
    ------
    InputError
        If `processes` is not a positive whole number, or given together with `client`.
    """

    processes: int | None = None
    client: Client | None = None
    progress: Progress | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        if self.processes is None:
            return
        if not is_whole(self.processes) or self.processes < 1:
            raise InputError(f"processes must be a whole number from 1 on, not {self.processes!r}")
        if self.client is not None and self.processes > 1:
            raise InputError(
                "processes are those of this machine; leave them out where a cluster does the work"
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
        The same bits for any batches, threads, processes and workers.

    Raises
    ------
    InputError
        If the checkpoint cannot be written.
    WorkerError
        If workers die and nothing is finished in between.
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
                        "workers died without finishing anything: give them more memory, or use "
                        "fewer processes. A script that uses several must call them under "
                        f"if __name__ == '__main__'. ({error})"
                    ) from error
    finally:
        # Also after Ctrl-C or an error: nothing that is finished is simulated twice.
        if store:
            store.save(state)
    return dict(state.counts)


def _executor(work: Work, left: Mapping[int, Batch], execution: Execution) -> Finished:
    if execution.client is not None:
        return cluster(work, left, execution.client)
    if (execution.processes or 1) > 1:
        return processes(work, left, execution.processes or 1)
    if execution.threads > 1:
        return threads(work, left, execution.threads)
    return (((number,), work(batch)) for number, batch in left.items())


def threads(work: Work, left: Mapping[int, Batch], count: int) -> Finished:
    """Run batches in threads of this process."""
    with closing(_completed(ThreadPoolExecutor(count), work, left)) as finished:
        yield from finished


def processes(work: Work, left: Mapping[int, Batch], count: int) -> Finished:
    """Run batches in new processes; raise BrokenExecutor if one of them dies."""
    context = get_context("spawn")
    listen, alive = context.Pipe(duplex=False)
    with pickled_work(work) as path, listen, alive:
        pool = ProcessPoolExecutor(
            min(count, len(left)), context, initializer=_start, initargs=(listen, path)
        )
        with closing(_completed(pool, partial(_run_pickled, path), left, alive.close)) as finished:
            yield from finished


@contextmanager
def pickled_work(work: Work) -> Iterator[Path]:
    """Write the work to a file, where processes read it.

    Passed to them as they start it would fill a pipe that a process which dies at its start never
    reads, and the start would never end.
    """
    with TemporaryDirectory(prefix="fsinsure-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "work"
        try:
            path.write_bytes(pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL))
        except OSError as error:
            raise InputError(
                f"cannot pass the work to processes in {folder}: {error.strerror or error}. Free "
                "it, or use one process."
            ) from error
        yield path


def _completed(
    executor: Executor,
    call: Callable[[Batch], Counts],
    left: Mapping[int, Batch],
    stop: Callable[[], None] = lambda: None,
) -> Finished:
    """Yield what an executor has finished; end the executor when that is no longer wanted."""
    try:
        with _sigint_blocked():
            number = {executor.submit(call, batch): n for n, batch in left.items()}
        for future in as_completed([*number]):
            yield (number.pop(future),), future.result()
    finally:
        stop()
        executor.shutdown(cancel_futures=True)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which a terminal sends to all of them, from the start.

    They inherit the blocked signal; on Windows they ignore it once they are up.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(listen: Connection, work: Path) -> None:
    """Prepare a worker process: it ends at once when the process that started it stops or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(listen, work), daemon=True).start()


def _end_with(listen: Connection, work: Path) -> None:
    """End this process when the far end of a pipe closes, by kill -9 too."""
    try:
        listen.recv_bytes()
    except (EOFError, OSError):
        rmtree(work.parent, ignore_errors=True)
        os._exit(0)


@cache
def _unpickled(path: Path) -> Work:
    work: Work = pickle.loads(path.read_bytes())
    return work


def _run_pickled(path: Path, batch: Batch) -> Counts:
    return _unpickled(path)(batch)


def cluster(work: Work, left: Mapping[int, Batch], client: Client) -> Finished:
    """Run batches on a Dask cluster, which adds up groups of them before it returns them.

    Dask itself repeats what a dead worker had; BrokenExecutor is raised for what it gave up on, and
    if the work was lost with the last worker that had it.
    """
    from distributed import KilledWorker, as_completed

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
        for total in as_completed([*groups], loop=client.loop):
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
            f"a worker of the cluster has fsinsure {__version__}, not {version}: install the same "
            "version on every worker."
        )
    return work(batch)
