"""The map over persons: how they are cut into batches, and how the counts of batches add up.

Persons are never compared with one another, so any of them can run anywhere. The results are
counts and whole fen in int64, whose sum has the same bits in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from fsinsure.errors import FsinsureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.state import People

PERSONS: Final = 1 << 20
"""Persons of a batch: so many that the time to add up their counts is negligible.

It does not depend on the number of processes: a run may be resumed with another number of them.
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
        The persons, where they come from a file; otherwise the plan synthesizes them.
    """

    first: int
    count: int
    start: tuple[int, int] = (0, 0)
    people: People | None = None


Batch = tuple[Shard, ...]
"""Shards that a worker simulates at a time: small groups together, large ones cut."""

Counts = dict[str, "NDArray[np.int64]"]
"""Counts of persons and sums of months and fen, by name."""

Work = Callable[[Batch], Counts]
"""Simulates the shards of a batch and adds up their counts: a pure function, can be pickled."""


class State(NamedTuple):
    """The finished part of a run: one value, so that an interrupt never separates its parts.

    Parameters
    ----------
    done
        Numbers of the batches that are in the counts.
    counts
        The sum of their counts; of draws the results, in the rows of those that are finished.
    """

    done: frozenset[int] = frozenset()
    counts: Mapping[str, NDArray[Any]] = {}

    def plus(self, numbers: Iterable[int], counts: Mapping[str, NDArray[np.int64]]) -> State:
        """Return the state with more finished batches."""
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
        Persons a batch; those who enter later count by the years that are left.

    Returns
    -------
    tuple of Batch
        Every person of every group once, in order. It depends on the arguments alone.
    """
    batches: list[Batch] = []
    batch: list[Shard] = []
    space = size * years
    for group in groups:
        cost = years - group.start[0]
        first, end = group.first, group.first + group.count
        while first < end:
            count = min(end - first, max(1, space // cost))
            batch.append(Shard(first, count, group.start))
            first += count
            space -= count * cost
            if space < cost:
                batches.append(tuple(batch))
                batch, space = [], size * years
    return (*batches, tuple(batch)) if batch else tuple(batches)


def attach_persons(batches: Sequence[Batch], people: People) -> tuple[Batch, ...]:
    """Return batches that hold their own persons of the base year, as views.

    A worker receives the persons that it simulates, and never a whole population.

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


def run_batch(plan: SimulationPlan, batch: Batch) -> Counts:
    """Simulate the persons of a batch; with the plan bound, this is a :data:`Work`."""
    for shard in batch:  # at most one has persons of the base year: a group is cut, not joined
        if shard.people is not None:
            plan = replace(plan, given=shard.people, given_from=shard.first)
    return plan.run((shard.first, shard.count) for shard in batch)


def persons(batch: Batch) -> int:
    """Return how many persons a batch holds."""
    return sum(shard.count for shard in batch)


def merge(parts: Sequence[Mapping[str, NDArray[np.int64]]]) -> Counts:
    """Add counts up, exactly; the parts are not changed.

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


def _sum(name: str, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    if a.shape != b.shape:
        raise TypeError(f"{name} has the shapes {a.shape} and {b.shape}")
    total = a + b
    # The sign of a sum that wrapped around differs from the signs of both terms.
    if (((a ^ total) & (b ^ total)) < 0).any():
        raise FsinsureError(
            "the sums of {name} do not fit into 64 bits: simulate fewer persons, or fewer years.",
            name=name,
        )
    return total
