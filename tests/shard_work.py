"""A stand-in for the persons of a shard: as fast as a test needs, with luck of their own.

Run as a script it is the whole of a long run in a process of its own, which a test may kill::

    python tests/shard_work.py FOLDER PROCESSES [resume]
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fsinsure.microsim.parallel.checkpoint import Checkpoint
from fsinsure.microsim.parallel.executors import Place, add_up
from fsinsure.microsim.parallel.shards import Batch, Counts, Shard, layout, merge

YEARS = 5
GROUPS = (Shard(0, 39_000), Shard(39_000, 300, (1, 2)), Shard(39_300, 700, (4, 0)))
RUN = {"seed": "7", "persons": "40000"}


def luck(seed: int, shard: Shard) -> NDArray[np.uint64]:
    counter = np.array([shard.first, 0, 0, 0], dtype=np.uint64)
    key = np.array([seed, 0], dtype=np.uint64)
    return np.random.Philox(key=key, counter=counter).random_raw(4 * shard.count)


@dataclass(frozen=True)
class Work:
    """Counts words of luck, and adds them up as money."""

    seed: int = 7
    seconds: float = 0.0

    def __call__(self, batch: Batch) -> Counts:
        return merge([self.shard(shard) for shard in batch])

    def shard(self, shard: Shard) -> Counts:
        time.sleep(self.seconds)
        word = luck(self.seed, shard)
        heads = np.bincount((word % np.uint64(50)).astype(np.int64), minlength=50)
        money = np.array([(word >> np.uint64(40)).sum(), shard.start[0] * shard.count])
        return {"heads": heads.reshape(5, 10), "money": money.astype(np.int64)}


@dataclass(frozen=True)
class Deadly(Work):
    """Kills its own process, on one shard, as long as there is a life left to take."""

    lives: Path = Path()
    victim: int = 0

    def shard(self, shard: Shard) -> Counts:
        mine = shard.first <= self.victim < shard.first + shard.count
        for life in sorted(self.lives.glob("life-*")) if mine else ():
            life.unlink(missing_ok=True)
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            time.sleep(60)
        return super().shard(shard)


def digest(counts: Counts) -> str:
    found = hashlib.sha256()
    for name in sorted(counts):
        found.update(name.encode() + counts[name].tobytes() + str(counts[name].shape).encode())
    return found.hexdigest()


def main(folder: str, processes: str, *options: str) -> None:
    batches = layout(GROUPS, YEARS, size=400)
    checkpoint = Checkpoint(Path(folder), resume="resume" in options)
    with checkpoint.journal(RUN, len(batches)) as journal:
        journal._pause = 0.0 if "eager" in options else 0.02
        print("kept", len(journal.state.done), flush=True)
        total = add_up(Work(seconds=0.004), batches, Place(int(processes)), journal)
    print("digest", digest(total), flush=True)


if __name__ == "__main__":
    # Whoever was started in the background has inherited that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(*sys.argv[1:])
