"""A Dask cluster in a process of its own, so that what Dask leaves behind is not ours to collect.

``python tests/shard_cluster.py kill`` runs the stand-in of persons, kills all workers, and prints
the digest; ``persons`` prints that of real ones, and kills no worker. ``serve`` prints the
address of a cluster without workers, starts one when a line comes in, and ends with its input; the
one worker of ``strangers`` cannot import fsinsure.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from typing import Any

from distributed import Client, LocalCluster

import fsinsure as fs
from fsinsure.microsim import simulate
from fsinsure.microsim.parallel.executors import Execution, run_batches
from fsinsure.microsim.parallel.shards import layout
from person_engine import digest_of
from shard_work import CITIZENS, GROUPS, SEED, YEARS, Work, digest


def cluster(workers: int) -> Any:
    return LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0")


def kill() -> None:
    with cluster(2) as local, Client(local) as client:
        pids = list(client.run(os.getpid).values())
        reported: list[int] = []

        def progress(done: int, total: int) -> None:
            reported.append(done)
            if len(reported) == 2:
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)

        batches = layout(GROUPS, YEARS, size=2_000)
        total = run_batches(
            Work(seconds=0.02), batches, Execution(client=client, progress=progress)
        )
        assert reported[-1] == sum(group.count for group in GROUPS)
        assert not {*pids} & {*client.run(os.getpid).values()}, "no worker was killed"
        print("digest", digest(total), flush=True)


def persons() -> None:
    """Simulate persons on two workers, in several batches."""
    simulate.layout = partial(layout, size=20_000)
    with cluster(2) as local, Client(local) as client:
        scenario = fs.load("baseline")
        found = fs.run(
            scenario, "micro", persons=CITIZENS, seed=SEED, client=client, accelerate=False
        )
        print("digest", digest_of(found), flush=True)


def serve() -> None:
    with cluster(0) as local:
        print(local.scheduler_address, flush=True)
        if sys.stdin.readline():
            local.scale(1)
        sys.stdin.read()


def strangers() -> None:
    with cluster(1) as local, Client(local) as client:
        client.run(exec, "import sys; sys.modules['fsinsure'] = None")
        print(local.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    {"kill": kill, "persons": persons, "serve": serve, "strangers": strangers}[sys.argv[1]]()
