"""Where batches run: here, in threads or processes of this machine, or on a Dask cluster.

All of them give the same bits, since counts add up exactly. A driver yields batches as they are
finished, in any order; batches whose worker died run again.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process
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

    from fsinsure.microsim.parallel.checkpoint import Journal
    from fsinsure.microsim.parallel.shards import Batch, Counts, Work

    Progress = Callable[[int, int], None]
    Finished = Generator[tuple[tuple[int, ...], Counts], None, None]

TRIES: Final = 3
"""How often in a row workers may die without anything being finished in between."""

ENDING: Final = 0.2
"""Seconds within which a parent that closed its end for dying is dead."""

MOST_GROUPED: Final = 32
"""Batches whose counts a cluster adds up before it returns them, at most."""


@dataclass(frozen=True)
class Place:
    """Where batches run, and who is told.

    Parameters
    ----------
    processes
        Of this machine; with 1, everything runs in this one.
    client
        Of a Dask cluster, which then does the work.
    progress
        Called with how many persons are finished and how many there are: at the start, and
        whenever batches are finished.
    threads
        Of this process, where it does the work: for work that leaves the interpreter alone.
    """

    processes: int = 1
    client: Client | None = None
    progress: Progress | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        if not is_whole(self.processes) or self.processes < 1:
            raise InputError(f"processes must be a whole number from 1 on, not {self.processes!r}")
        if self.client is not None and self.processes > 1:
            raise InputError(
                "processes are those of this machine; leave them out where a cluster does the work"
            )


HERE: Final = Place()


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux knows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def add_up(
    work: Work, batches: Sequence[Batch], place: Place = HERE, journal: Journal | None = None
) -> Counts:
    """Simulate every batch and add up what their persons come to.

    Parameters
    ----------
    work
        Simulates a batch.
    batches
        From :func:`fsinsure.microsim.parallel.shards.layout`.
    place
        Where.
    journal
        Keeps finished batches; what it holds already is not done again.

    Returns
    -------
    Counts
        The same bits for any batches, processes and workers.

    Raises
    ------
    InputError
        If the journal cannot be written.
    WorkerError
        If workers die again and again.
    """
    state = journal.state if journal else State()
    left = {number: batch for number, batch in enumerate(batches) if number not in state.done}
    count = [persons(batch) for batch in batches]
    done = sum(count[number] for number in state.done)
    told = place.progress or _nobody
    told(done, sum(count))
    try:
        with closing(_driver(work, left, place)) as finished:
            for numbers, counts in finished:
                state = state.plus(numbers, counts)
                if journal and journal.due():
                    journal.save(state)
                done += sum(count[number] for number in numbers)
                told(done, sum(count))
    finally:
        # Also after Ctrl-C or an error: nothing that is finished is done twice.
        if journal:
            journal.save(state)
    return dict(state.counts)


def _nobody(_done: int, _total: int) -> None:
    """Hear how far it is, and say nothing."""


def _driver(work: Work, left: Mapping[int, Batch], place: Place) -> Finished:
    if place.client is not None:
        return cluster(work, left, place.client)
    if place.processes > 1:
        return pool(work, left, place.processes)
    return serial(work, left) if place.threads == 1 else threads(work, left, place.threads)


def serial(work: Work, left: Mapping[int, Batch]) -> Finished:
    """Run batches in this process."""
    for number, batch in left.items():
        yield (number,), work(batch)


def threads(work: Work, left: Mapping[int, Batch], count: int) -> Finished:
    """Run batches in threads of this process."""
    with ThreadPoolExecutor(count) as executor:
        try:
            for number, counts in _flow(lambda batch: executor.submit(work, batch), left, count):
                yield (number,), counts
        finally:
            executor.shutdown(cancel_futures=True)


def _flow(
    submit: Callable[[Batch], Future[Counts]], left: Mapping[int, Batch], workers: int
) -> Generator[tuple[int, Counts], None, None]:
    """Hand batches out, a few more than there are workers: nobody waits, few results wait."""
    todo = iter(left.items())
    running = {submit(batch): number for number, batch in islice(todo, 2 * workers)}
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            counts = future.result()
            for number, batch in islice(todo, 1):
                running[submit(batch)] = number
            yield running.pop(future), counts


def pool(work: Work, left: Mapping[int, Batch], processes: int) -> Finished:
    """Run batches in processes; a new pool goes on when a process died."""
    with _laid_down(work) as path:
        yield from _pools(path, dict(left), processes)


def _pools(work: Path, open_: dict[int, Batch], processes: int) -> Finished:
    deaths = 0
    while open_:
        try:
            for number, counts in _one_pool(work, dict(open_), processes):
                del open_[number]
                deaths = 0
                yield (number,), counts
        except BrokenProcessPool as error:
            deaths += 1
            if deaths == TRIES:
                raise WorkerError(
                    f"worker processes died {TRIES} times without finishing anything: free memory, "
                    "or use fewer processes. In a script, the run must stand under "
                    "if __name__ == '__main__'."
                ) from error


@contextmanager
def _laid_down(work: Work) -> Iterator[Path]:
    """Lay the work down where processes pick it up.

    Handed over as they start it would fill the pipe to them, and the start of a process that dies
    before it has read all of it would never end.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(TemporaryDirectory(prefix="fsinsure-"))
            path = Path(folder) / "work"
            path.write_bytes(pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL))
        except OSError as error:
            raise InputError(
                f"cannot hand the work to processes in a temporary folder: "
                f"{error.strerror or error}. Free it, or use one process."
            ) from error
        yield path


def _one_pool(
    work: Path, left: Mapping[int, Batch], processes: int
) -> Generator[tuple[int, Counts], None, None]:
    context = get_context("spawn")
    listen, alive = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(
        min(processes, len(left)),
        mp_context=context,
        initializer=_start,
        initargs=(work, listen),
    )

    def submit(batch: Batch) -> Future[Counts]:
        with _out_of_reach():  # some of these start a process
            return executor.submit(_batch_here, batch)

    finished = False
    try:
        yield from _flow(submit, left, processes)
        finished = True
    finally:
        if not finished:
            alive.close()  # stopped: the workers end at once
        executor.shutdown(cancel_futures=True)
        alive.close()
        listen.close()


@contextmanager
def _out_of_reach() -> Iterator[None]:
    """Start processes that Ctrl-C, which goes to the whole group, leaves to their parent.

    They inherit that the signal is blocked, before they could say anything about it; where signals
    cannot be blocked (Windows) they ignore it once they are up.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_work: Work | None = None
"""What a worker process does to a batch: sent once."""


def _start(work: Path, listen: Connection) -> None:
    """Begin life as a worker, and end it when the process that wants the results does."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(listen, work), daemon=True).start()
    _work = pickle.loads(work.read_bytes())


def _end_with(listen: Connection, work: Path) -> None:
    """Wait until the other end closes, or its process dies, by kill -9 too."""
    try:
        listen.recv_bytes()
    except (EOFError, OSError):
        parent = parent_process()
        assert parent is not None
        parent.join(ENDING)
        if not parent.is_alive():  # nobody else is left to clear up
            rmtree(work.parent, ignore_errors=True)
        os._exit(0)


def _batch_here(batch: Batch) -> Counts:
    assert _work is not None
    return _work(batch)


def cluster(work: Work, left: Mapping[int, Batch], client: Client) -> Finished:
    """Run batches on a Dask cluster, which adds groups of them up before it returns them."""
    from distributed import KilledWorker

    open_ = dict(left)
    deaths = 0
    while open_:
        try:
            for numbers, counts in _one_cluster(work, tuple(open_.items()), client):
                for number in numbers:
                    del open_[number]
                deaths = 0
                yield numbers, counts
        except (KilledWorker, CancelledError) as error:
            # Dask itself repeats what a dead worker had; this is what it gave up on, or the work
            # itself that was lost with the last worker who knew it.
            deaths += 1
            if deaths == TRIES:
                raise WorkerError(
                    f"workers of the cluster died {TRIES} times without finishing anything: look "
                    "at their logs, and give each more memory or fewer threads."
                ) from error


def _one_cluster(work: Work, left: Sequence[tuple[int, Batch]], client: Client) -> Finished:
    from distributed import as_completed

    size = min(MOST_GROUPED, max(1, round(len(left) ** 0.5)))
    known = client.scatter(work, broadcast=True, hash=False)
    groups = {}
    held = {}
    for start in range(0, len(left), size):
        group = left[start : start + size]
        # pure=False: results of another run that the cluster still has are not taken for ours.
        sent = [_sent(batch, client) for _, batch in group]
        parts = [
            client.submit(_batch_there, known, batch, __version__, pure=False) for batch in sent
        ]
        total = client.submit(merge, parts, pure=False)
        held[total] = sent
        groups[total] = tuple(number for number, _ in group)
    try:
        for total in as_completed(list(groups), loop=client.loop):
            counts = total.result()
            del held[total]
            yield groups.pop(total), counts
    finally:
        # What nobody wants any longer, the cluster forgets.
        for future in (*groups, known):
            future.release()


def _sent(batch: Batch, client: Client) -> object:
    """Return a batch, or the future of one that holds persons, sent to one worker.

    The graph of the work, which the scheduler keeps, stays small.
    """
    if all(shard.people is None for shard in batch):
        return batch
    (sent,) = client.scatter([batch], hash=False)
    return sent


def _batch_there(work: Work, batch: Batch, version: str) -> Counts:
    if version != __version__:
        raise InputError(
            f"a worker of the cluster has fsinsure {__version__}, not {version}: install the same "
            "version on every worker."
        )
    return work(batch)
