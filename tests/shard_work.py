"""A stand-in for the persons of a shard: as fast as a test needs, with random numbers of its own.

Run as a script it is a long run in a process of its own, which a test may kill::

    python tests/shard_work.py FOLDER THREADS [resume] [eager]
"""

from __future__ import annotations

import hashlib
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fsinsure.microsim.parallel import checkpoint
from fsinsure.microsim.parallel.executors import Execution, run_batches
from fsinsure.microsim.parallel.shards import Batch, Counts, Shard, layout, merge

YEARS = 5
GROUPS = (Shard(0, 39_000), Shard(39_000, 300, (1, 2)), Shard(39_300, 700, (4, 0)))
RUN = {"seed": "7", "persons": "40000"}
CITIZENS, SEED = 80_000, 7
"""Persons of the person engine, and the seed, where runs are compared bit by bit."""
ZERO = {"heads": np.zeros((5, 10), np.int64), "money": np.zeros(2, np.int64)}


def random_bits(seed: int, shard: Shard) -> NDArray[np.uint64]:
    counter = np.array([shard.first, 0, 0, 0], dtype=np.uint64)
    key = np.array([seed, 0], dtype=np.uint64)
    return np.random.Philox(key=key, counter=counter).random_raw(4 * shard.count)


@dataclass(frozen=True)
class Work:
    """Counts random bits, and adds them up as money."""

    seed: int = 7
    seconds: float = 0.0

    def __call__(self, batch: Batch) -> Counts:
        return merge([self.shard(shard) for shard in batch])

    def shard(self, shard: Shard) -> Counts:
        time.sleep(self.seconds)
        bits = random_bits(self.seed, shard)
        heads = np.bincount((bits % np.uint64(50)).astype(np.int64), minlength=50)
        money = np.array([(bits >> np.uint64(40)).sum(), shard.start[0] * shard.count])
        return {"heads": heads.reshape(5, 10), "money": money.astype(np.int64)}


def digest(counts: Counts) -> str:
    found = hashlib.sha256()
    for name in sorted(counts):
        found.update(name.encode() + counts[name].tobytes() + str(counts[name].shape).encode())
    return found.hexdigest()


def main(folder: str, threads: str, *options: str) -> None:
    batches = layout(GROUPS, YEARS, size=400)
    checkpoint.PAUSE, checkpoint.SHARE = 0.0 if "eager" in options else 0.02, 0.0
    with checkpoint.Checkpoint(Path(folder), "resume" in options).store(
        RUN, len(batches), ZERO
    ) as store:
        print("kept", len(store.state.done), flush=True)
        total = run_batches(Work(seconds=0.004), batches, Execution(int(threads)), store)
    print("digest", digest(total), flush=True)


if __name__ == "__main__":
    # A process that was started in the background inherits that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(*sys.argv[1:])
