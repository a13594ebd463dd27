"""The map over persons: which persons go together, and how what they come to adds up.

Persons are never compared with one another, so any of them can run anywhere. What comes back is
counts and whole fen in int64, which add up to the same bits in whatever order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.errors import FsinsureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.microsim.plan import Task
    from fsinsure.state import People

PERSONS: Final = 1 << 20
"""Persons of a batch: many enough that adding up their counts costs next to nothing.

The number of processes must not decide it: a run may go on with another number of them.
"""


@dataclass(frozen=True, slots=True)
class Shard:
    """Persons with consecutive ids who enter the model at the same point.

    Parameters
    ----------
    first
        Id of the first.
    count
        How many.
    start
        Where they enter: index of the projected year, and of the stage in it.
    people
        Who they are, where they come from a file; else the task makes them.
    """

    first: int
    count: int
    start: tuple[int, int] = (0, 0)
    people: People | None = None


Batch = tuple[Shard, ...]
"""Shards that one worker takes in one go: small groups together, large ones cut."""

Counts = dict[str, "NDArray[np.int64]"]
"""What persons come to, by name."""

Work = Callable[[Batch], Counts]
"""Simulates the shards of a batch and adds them up: a pure function that can be pickled."""


class State(NamedTuple):
    """How far a run is: one value, so that an interrupt finds both parts or neither.

    Parameters
    ----------
    done
        Numbers of the batches that are in the counts.
    counts
        What their persons came to.
    """

    done: frozenset[int] = frozenset()
    counts: Mapping[str, NDArray[np.int64]] = {}

    def plus(self, numbers: Iterable[int], counts: Mapping[str, NDArray[np.int64]]) -> State:
        """Return the state with more batches in it."""
        total = merge([self.counts, counts]) if self.counts else dict(counts)
        return State(self.done | frozenset(numbers), total)


def layout(groups: Iterable[Shard], years: int, size: int = PERSONS) -> tuple[Batch, ...]:
    """Cut groups of persons into batches of about the same work.

    Parameters
    ----------
    groups
        Persons who enter at the same point: those of the base year, and each inflow.
    years
        Projected years.
    size
        Persons a batch; whoever enters later counts for the years that are left.

    Returns
    -------
    tuple of Batch
        Every person of every group once, in order. It depends on the arguments alone.
    """
    batches: list[Batch] = []
    batch: list[Shard] = []
    room = size * years
    for group in groups:
        cost = years - group.start[0]
        first, end = group.first, group.first + group.count
        while first < end:
            count = min(end - first, max(1, room // cost))
            batch.append(Shard(first, count, group.start))
            first += count
            room -= count * cost
            if room < cost:
                batches.append(tuple(batch))
                batch, room = [], size * years
    return (*batches, tuple(batch)) if batch else tuple(batches)


def holding(batches: Sequence[Batch], people: People) -> tuple[Batch, ...]:
    """Return batches that hold their own persons of the base year, as views.

    A worker is sent what it works on, and never a whole population.

    Parameters
    ----------
    batches
        From :func:`layout`.
    people
        All persons of the base year, in order of their ids, from 0.
    """

    def held(shard: Shard) -> Shard:
        if shard.first >= len(people):
            return shard
        return replace(shard, people=people.take(slice(shard.first, shard.first + shard.count)))

    return tuple(tuple(held(shard) for shard in batch) for batch in batches)


def run_batch(task: Task, batch: Batch) -> Counts:
    """Simulate the persons of a batch; with the task filled in, this is the work to do."""
    for shard in batch:  # one of the base year at most: its persons are cut, not joined
        if shard.people is not None:
            task = replace(task, given=shard.people, given_from=shard.first)
    return task.run((shard.first, shard.count) for shard in batch)


def persons(batch: Batch) -> int:
    """Return how many persons a batch holds."""
    return sum(shard.count for shard in batch)


def merge(parts: Sequence[Mapping[str, NDArray[np.int64]]]) -> Counts:
    """Add counts up, exactly; the parts stay as they are.

    Parameters
    ----------
    parts
        One or more, with the same names and shapes, int64.

    Raises
    ------
    FsinsureError
        If a sum does not fit into 64 bits.
    TypeError
        If an array is not int64: anything else could round.
    """
    first, *others = parts
    total = dict(first)
    for part in (first, *others):
        wrong = [name for name, array in part.items() if array.dtype != np.int64]
        if wrong or part.keys() != total.keys():
            raise TypeError(
                f"counts must be the same int64 arrays in every part: {wrong or [*part]}"
            )
    for part in others:
        for name, array in part.items():
            total[name] = _sum(name, total[name], array)
    return total


def _sum(name: str, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    if one.shape != other.shape:
        raise TypeError(f"{name} has the shapes {one.shape} and {other.shape}")
    both = one + other
    # A sum that wrapped around has the other sign than both of its terms.
    if (((one ^ both) & (other ^ both)) < 0).any():
        raise FsinsureError(
            f"the sums of {name} do not fit into 64 bits: simulate fewer persons, or fewer years."
        )
    return both
