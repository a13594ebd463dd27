"""The map over shards: layout, exact sums, and the same bits with every executor."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.errors import FsinsureError, InputError, WorkerError
from fsinsure.microsim.parallel import executors
from fsinsure.microsim.parallel.executors import Execution, _on_cluster, run_batches
from fsinsure.microsim.parallel.shards import Batch, Counts, Shard, State, layout, merge, persons
from shard_work import GROUPS, YEARS, Work, digest

BATCHES = layout(GROUPS, YEARS, size=4_000)
ALL_PERSONS = sum(group.count for group in GROUPS)
WHOLE = digest(Work()(GROUPS))


def test_every_person_is_in_one_shard_and_small_groups_share_a_batch() -> None:
    shards = [*chain.from_iterable(BATCHES)]
    for group in GROUPS:
        mine = [shard for shard in shards if shard.start == group.start]
        assert [shard.first for shard in mine] == [
            group.first + sum(s.count for s in mine[:i]) for i in range(len(mine))
        ]
        assert sum(shard.count for shard in mine) == group.count
    assert len(BATCHES[-1]) == 3  # the end of the base population, and both inflows
    assert max(persons(batch) for batch in BATCHES) <= 4_000 * YEARS


@given(
    counts=st.lists(st.integers(0, 400), min_size=1, max_size=12),
    size=st.integers(1, 300),
    years=st.integers(1, 30),
)
def test_a_layout_holds_every_person_once_within_its_size(
    counts: list[int], size: int, years: int
) -> None:
    first, groups = 0, []
    for number, count in enumerate(counts):
        groups.append(Shard(first, count, (min(number, years - 1), 1)))
        first += count
    batches = layout(groups, years, size)
    ids = [i for s in chain.from_iterable(batches) for i in range(s.first, s.first + s.count)]
    assert ids == list(range(first))
    assert all(batches)
    starts = {i: group.start for group in groups for i in range(group.first, group.first + 400)}
    for batch in batches:
        assert all(shard.count > 0 for shard in batch)
        work = sum(shard.count * (years - shard.start[0]) for shard in batch)
        assert work <= size * years
    assert {s.start for s in chain.from_iterable(batches)} <= set(starts.values())


@pytest.mark.parametrize("size", [150, 1_000, 10**9])
def test_the_size_of_batches_changes_no_bit(size: int) -> None:
    assert digest(run_batches(Work(), layout(GROUPS, YEARS, size))) == WHOLE
    assert digest(run_batches(Work(seed=8), layout(GROUPS, YEARS, size))) != WHOLE


def test_sums_are_exact_or_refused() -> None:
    top = np.array([2**62, -(2**62)])
    assert merge([{"a": top}, {"a": -top}])["a"].tolist() == [0, 0]
    with pytest.raises(FsinsureError, match="sums of a do not fit into 64 bits"):
        merge([{"a": top}, {"a": top}, {"a": top}])
    low = np.array([-(2**63)])
    assert merge([{"a": low}, {"a": np.array([0])}])["a"].tolist() == low.tolist()
    with pytest.raises(FsinsureError, match="64 bits"):
        merge([{"a": low}, {"a": np.array([-1])}])
    part = {"a": np.array([1])}
    merge([part, part])
    assert part["a"].tolist() == [1], "a part was changed"


@pytest.mark.parametrize(
    "other",
    [{"a": np.array([1.0])}, {"b": np.array([1])}, {"a": np.array([1, 2])}, {}],
    ids=["floats", "name", "shape", "missing"],
)
def test_only_the_same_integer_arrays_run_batches(other: dict) -> None:
    with pytest.raises(TypeError):
        merge([{"a": np.array([1])}, other])
    with pytest.raises(TypeError):
        merge([{"a": np.array([1.0])}])


def test_a_state_is_one_value() -> None:
    one = State().plus([3], {"a": np.array([1])})
    two = one.plus([4, 5], {"a": np.array([2])})
    assert (one.done, one.counts["a"][0]) == ({3}, 1)
    assert (two.done, two.counts["a"][0]) == ({3, 4, 5}, 3)


def test_progress_reports_every_person_once() -> None:
    reported: list[tuple[int, int]] = []
    run_batches(Work(), BATCHES, Execution(progress=lambda *both: reported.append(both)))
    assert reported[0] == (0, ALL_PERSONS)
    assert reported[-1] == (ALL_PERSONS, ALL_PERSONS)
    assert sorted({*reported}) == reported
    assert len(reported) == len(BATCHES) + 1


def test_numbers_of_threads_that_are_refused() -> None:
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(InputError, match="threads must be a whole number from 1 on"):
            Execution(threads=wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="leave them out where a cluster does the work"):
        Execution(threads=2, client=object())


@pytest.mark.parametrize("threads", [2, 3, 40])
def test_threads_change_no_bit_and_are_used(threads: int) -> None:
    seen: set[int] = set()

    def work(batch: Batch) -> Counts:
        seen.add(threading.get_ident())
        return Work(seconds=0.01)(batch)

    reported: list[int] = []
    place = Execution(threads=threads, progress=lambda done, _: reported.append(done))
    assert digest(run_batches(work, BATCHES, place)) == WHOLE
    assert reported[-1] == ALL_PERSONS
    assert 1 < len(seen) <= threads
    assert threading.get_ident() not in seen


class Wrong(Work):
    """Fails as a defect of the library would."""

    def shard(self, shard: Shard) -> dict:
        raise ZeroDivisionError("on purpose")


@pytest.mark.parametrize("place", [Execution(), Execution(threads=2)])
def test_a_defect_is_not_taken_for_a_dead_worker(place: Execution) -> None:
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        run_batches(Wrong(), BATCHES, place)


def test_batches_of_dead_workers_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []

    def dying(work: Work, batches: dict[int, Batch], client: object) -> Iterator[object]:
        left.append(len(batches))
        for number, batch in [*batches.items()][:4]:
            yield (number,), work(batch)
        raise BrokenExecutor("a worker died")

    monkeypatch.setattr(executors, "cluster", dying)
    reported: list[int] = []
    execution = Execution(client=object(), progress=lambda done, _: reported.append(done))
    assert digest(run_batches(Work(), BATCHES, execution)) == WHOLE
    assert left == [10, 6, 2]
    assert reported == sorted({*reported}), "a batch was counted twice"
    monkeypatch.setattr(executors, "cluster", lambda *_: dying(Work(), {}, None))
    with pytest.raises(WorkerError, match="died before any batch was finished"):
        run_batches(Work(), BATCHES, execution)


def test_a_worker_of_another_version_is_refused() -> None:
    import fsinsure

    assert digest(_on_cluster(Work(), GROUPS, fsinsure.__version__)) == WHOLE
    with pytest.raises(InputError, match="install the same version on every worker"):
        _on_cluster(Work(), GROUPS, "0.0.0")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
def test_a_dask_cluster_with_a_killed_worker_gives_the_same_bits() -> None:
    pytest.importorskip("distributed")
    script = Path(__file__).with_name("shard_cluster.py")
    run = subprocess.run(
        [sys.executable, script, "kill"], capture_output=True, text=True, timeout=300
    )
    assert run.stdout == f"digest {WHOLE}\n", run.stderr
