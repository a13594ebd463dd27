"""Checkpoints: after kill -9, Ctrl-C or a full disk a run is resumed with the same bits."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fsinsure.errors import InputError
from fsinsure.microsim.parallel import checkpoint
from fsinsure.microsim.parallel.checkpoint import Checkpoint, CheckpointStore
from fsinsure.microsim.parallel.executors import Execution, run_batches
from fsinsure.microsim.parallel.shards import Counts, Shard, State, layout
from shard_work import GROUPS, RUN, YEARS, ZERO, Work, digest

BATCHES = layout(GROUPS, YEARS, size=4_000)
WHOLE = digest(Work()(GROUPS))
SCRIPT = Path(__file__).with_name("shard_work.py")

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out" / ".checkpoint"


@dataclass(frozen=True)
class Interrupted(Work):
    """Is interrupted by Ctrl-C at one shard."""

    victim: int = 20_000

    def shard(self, shard: Shard) -> Counts:
        if shard.first <= self.victim < shard.first + shard.count:
            raise KeyboardInterrupt
        return super().shard(shard)


class Recorded(Work):
    """Notes which shards it simulates."""

    seen: list[int] = []  # noqa: RUF012

    def shard(self, shard: Shard) -> Counts:
        self.seen.append(shard.first)
        return super().shard(shard)


def opened(
    folder: Path, batches: int = len(BATCHES), *, resume: bool = True
) -> AbstractContextManager[CheckpointStore]:
    return Checkpoint(folder, resume).store(RUN, batches, ZERO)


def stopped(folder: Path) -> int:
    """Leave half a run in a folder; return how many batches it kept."""
    with opened(folder, resume=False) as store, pytest.raises(KeyboardInterrupt):
        run_batches(Interrupted(), BATCHES, store=store)
    return len(store.state.done)


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_stopped_run_goes_on_where_it_was(folder: Path) -> None:
    finished = stopped(folder)
    assert 0 < finished < len(BATCHES)
    assert kept(folder) == ["finished.bin", "lock"]
    Recorded.seen.clear()
    reported: list[int] = []
    checkpoint = Checkpoint(folder, resume=True)
    with checkpoint.store(RUN, len(BATCHES), ZERO) as store:
        execution = Execution(progress=lambda done, _: reported.append(done))
        total = run_batches(Recorded(), BATCHES, execution, store)
    assert digest(total) == WHOLE
    assert Recorded.seen[0] == BATCHES[finished][0].first, "something was done twice, or left out"
    assert reported[0] == sum(shard.count for batch in BATCHES[:finished] for shard in batch)
    assert reported[-1] == sum(group.count for group in GROUPS)
    checkpoint.remove()
    assert not folder.exists()


def test_a_finished_run_is_kept_until_its_results_are_written(folder: Path) -> None:
    with opened(folder, resume=False) as store:
        run_batches(Work(), BATCHES, store=store)
    with opened(folder) as store:
        assert len(store.state.done) == len(BATCHES)
        assert digest(run_batches(Interrupted(), BATCHES, store=store)) == WHOLE


def test_a_run_may_go_on_with_other_threads(folder: Path) -> None:
    stopped(folder)
    with opened(folder) as store:
        assert digest(run_batches(Work(), BATCHES, Execution(2), store)) == WHOLE


def test_resume_with_nothing_kept_starts_at_the_beginning(folder: Path) -> None:
    with opened(folder) as store:
        assert not store.state.done
        assert digest(run_batches(Work(), BATCHES, store=store)) == WHOLE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": "8"}, "it differs in seed (7 there, 8 here)."),
        ({"persons": "1"}, "it differs in persons (40000 there, 1 here)."),
        ({"data": "ff"}, "it differs in data (none there, ff here)."),
        ({"seed": "8", "persons": "1"}, "seed (7 there, 8 here), persons (40000 there, 1 here)."),
    ],
)
@pytest.mark.parametrize("again", [True, False], ids=["resume", "anew"])
def test_another_run_is_refused_and_what_is_kept_stays(
    folder: Path, change: dict[str, str], said: str, again: bool
) -> None:
    stopped(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with (
        pytest.raises(InputError) as error,
        Checkpoint(folder, resume=again).store({**RUN, **change}, len(BATCHES), ZERO),
    ):
        pytest.fail("opened")
    assert said in str(error.value)
    assert "choose another folder with --out" in str(error.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_another_layout_is_another_run(folder: Path) -> None:
    stopped(folder)
    with pytest.raises(InputError, match=r"number of batches \(10 there, 12 here\)"):
        opened(folder, 12).__enter__()


def test_without_resume_a_stopped_run_is_not_overwritten(folder: Path) -> None:
    finished = stopped(folder)
    with pytest.raises(InputError, match=rf"\({finished} of 10 batches are done\): add --resume"):
        opened(folder, resume=False).__enter__()


def test_two_runs_do_not_share_a_folder(folder: Path) -> None:
    with (
        opened(folder, resume=False),
        pytest.raises(InputError, match="another run is at work in"),
    ):
        opened(folder).__enter__()


def test_files_of_others_stay(folder: Path) -> None:
    stopped(folder)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    Checkpoint(folder).remove()
    assert kept(folder) == ["notes.txt"]


def test_a_half_written_file_of_a_killed_save_does_no_harm(folder: Path) -> None:
    stopped(folder)
    (folder / "finished.part").write_bytes(b"half")
    with opened(folder) as store:
        assert digest(run_batches(Work(), BATCHES, store=store)) == WHOLE
    assert kept(folder) == ["finished.bin", "lock"]


def damage(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "cut", raw[:-1]
    yield "cut in the hash", raw[:20]
    yield "longer", raw + b"\0"
    for at in (0, 31, 32, len(raw) // 2, len(raw) - 1):
        yield f"bit {at}", raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    yield "other content", b"shopping list" * 100


def test_a_damaged_file_is_refused_and_stays(folder: Path) -> None:
    stopped(folder)
    file = folder / "finished.bin"
    for kind, raw in damage(file.read_bytes()):
        file.write_bytes(raw)
        with (
            pytest.raises(InputError, match=r"finished\.bin is damaged: .*Delete .* to start anew"),
            opened(folder),
        ):
            pytest.fail(kind)
        assert file.read_bytes() == raw


@pytest.mark.parametrize(
    "other",
    [
        {"heads": np.zeros((5, 11), np.int64)},
        {"heads": np.zeros(50, np.int64)},
        {"another": np.zeros(1, np.int64)},
    ],
)
def test_counts_of_another_shape_or_name_are_refused(folder: Path, other: Counts) -> None:
    """Also where the hash is right: the file of another program, or of a defect."""
    with opened(folder, resume=False) as store:
        store.save(State().plus([0], {**ZERO, **other}))
    with pytest.raises(InputError, match="is damaged"), opened(folder):
        pytest.fail("opened")


def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save after every batch."""
    monkeypatch.setattr(CheckpointStore, "due", True)


@pytest.mark.parametrize("where", ["replace", "fsync"])
@pytest.mark.parametrize("save", [1, 3])
def test_a_full_disk_is_reported_and_what_was_kept_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, where: str, save: int
) -> None:
    eager(monkeypatch)
    calls = 0
    real = getattr(os, where)

    def full(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls >= save:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments)

    with opened(folder, resume=False) as store:
        monkeypatch.setattr(os, where, full)
        with pytest.raises(
            InputError, match=r"cannot keep finished work in .*No space left"
        ) as error:
            run_batches(Work(), BATCHES, store=store)
    assert "go on with --resume" in str(error.value)
    assert not [*folder.glob("*.part")]
    monkeypatch.undo()
    with opened(folder) as store:
        assert len(store.state.done) == save - 1
        assert digest(run_batches(Work(), BATCHES, store=store)) == WHOLE


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of 160 KB."""
    place = tmp_path / "tiny"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill_up(disk: Path) -> None:
    with (
        (disk / "ballast").open("wb", buffering=0) as file,
        pytest.raises(OSError, match="No space left"),
    ):
        while file.write(bytes(4096)):
            pass


def test_a_disk_that_is_really_full(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eager(monkeypatch)
    folder = tiny / ".checkpoint"
    with opened(folder, resume=False) as store:

        def fill(_done: int, _all: int) -> None:
            if store.state.done and not (tiny / "ballast").exists():
                fill_up(tiny)

        with pytest.raises(InputError, match="cannot keep finished work"):
            run_batches(Work(), BATCHES, Execution(progress=fill), store)
    assert store.state.done
    assert not [*folder.glob("*.part")]
    (tiny / "ballast").unlink()
    with opened(folder) as again:
        assert again.state.done == store.state.done
        assert digest(run_batches(Work(), BATCHES, store=again)) == WHOLE


def test_a_disk_that_is_full_from_the_start(tiny: Path) -> None:
    fill_up(tiny)
    with (
        pytest.raises(InputError, match="cannot keep finished work"),
        Checkpoint(tiny / ".checkpoint").store(RUN, len(BATCHES), ZERO) as store,
    ):
        run_batches(Work(), BATCHES, store=store)
    assert [path.name for path in tiny.iterdir()] == ["ballast"]


def test_a_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot keep finished work in"):
        opened(tmp_path / "out" / ".checkpoint").__enter__()
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a file"


def test_a_checkpoint_without_anything_finished_leaves_no_folder(folder: Path) -> None:
    def fail(shard: Shard) -> Counts:
        raise ZeroDivisionError

    work = Work()
    object.__setattr__(work, "shard", fail)
    with Checkpoint(folder).store(RUN, 10, ZERO) as store, pytest.raises(ZeroDivisionError):
        run_batches(work, BATCHES, store=store)
    assert not folder.exists()


def test_a_file_system_without_locks_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(InputError, match=r"cannot keep finished work in .*: No locks"):
        opened(folder).__enter__()


def test_saves_are_rare_where_they_are_slow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with opened(folder, resume=False) as store:
        assert not store.due
        now += checkpoint.PAUSE
        assert store.due
        slow = os.replace

        def replace(*paths: Path) -> None:
            nonlocal now
            now += 1.0
            slow(*paths)

        monkeypatch.setattr(os, "replace", replace)
        store.save(store.state.plus([0], {"a": np.array([1])}))
        now += checkpoint.SHARE - 0.1
        assert not store.due
        now += 0.1
        assert store.due


@dataclass(frozen=True)
class Things:
    one: object
    two: object = 2


def test_the_digest_is_of_the_content() -> None:
    array = np.arange(6.0)
    same = [
        Things((array, "a"), {"x": 1, "y": None}),
        Things([array.copy(), "a"], {"y": None, "x": 1}),
    ]
    assert checkpoint.content_hash(same[0]) == checkpoint.content_hash(same[1])
    others = [
        Things((np.nextafter(array, 9.0), "a"), {"x": 1, "y": None}),
        Things((array, "b"), {"x": 1, "y": None}),
        Things((array.reshape(2, 3), "a"), {"x": 1, "y": None}),
        Things((array.astype(np.float32), "a"), {"x": 1, "y": None}),
        Things((array, "a"), {"x": 1, "z": None}),
        Things((array, "a"), {"x": 1, "y": 0.5}),
        Things((array, "a"), {"x": 1}),
        Things(((array,), "a"), {"x": 1, "y": None}),
    ]
    assert len({checkpoint.content_hash(thing) for thing in (same[0], *others)}) == 1 + len(others)
    assert checkpoint.content_hash("ab", "c") != checkpoint.content_hash("a", "bc")
    assert checkpoint.content_hash(np.float64(0.5), np.uint8(3)) == checkpoint.content_hash(0.5, 3)
    with pytest.raises(TypeError, match="content of object"):
        checkpoint.content_hash(object())


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
@pytest.mark.parametrize(("threads", "kills"), [(1, 5), (2, 4)])
def test_killed_at_any_moment_a_run_goes_on_to_the_same_bits(
    folder: Path, threads: int, kills: int
) -> None:
    """kill -9 again and again: while it begins, loads, works and saves, until it is through."""
    moments = random.Random(threads)
    most = 0
    for attempt in range(kills):
        with start(folder, str(threads), "eager", *(("resume",) if attempt else ())) as run:
            assert run.stdout
            if attempt % 3 == 2:
                time.sleep(moments.uniform(0, 0.5))
            else:
                found = int(run.stdout.readline().removeprefix("kept "))
                assert found >= most, "what was kept is gone"
                most = found
                wait_for_a_save(folder, run)
                time.sleep(moments.uniform(0, 0.03))
            run.kill()
    with start(folder, str(threads), "resume") as run:
        out, err = run.communicate(timeout=120)
    assert out.splitlines()[-1] == f"digest {WHOLE}", err
    assert 0 < most <= int(out.splitlines()[0].removeprefix("kept ")), "no batch was ever kept"


def wait_for_a_save(folder: Path, run: subprocess.Popen[str]) -> None:
    file = folder / "finished.bin"
    before = file.stat().st_mtime_ns if file.exists() else 0
    until = time.monotonic() + 60
    while run.poll() is None and not (file.exists() and file.stat().st_mtime_ns != before):
        assert time.monotonic() < until
        time.sleep(0.001)


@pytest.mark.skipif(os.name == "nt", reason="signals of a terminal")
@pytest.mark.parametrize("threads", ["1", "2"])
def test_ctrl_c_keeps_what_is_finished(folder: Path, threads: str) -> None:
    with start(folder, threads) as run:
        assert run.stdout
        assert run.stdout.readline() == "kept 0\n"
        wait_for_a_save(folder, run)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        assert "KeyboardInterrupt" in err
    assert kept(folder)[0] == "finished.bin"
    with start(folder, threads, "resume") as run:
        out, err = run.communicate(timeout=120)
    assert out.splitlines()[-1] == f"digest {WHOLE}", err
    assert int(out.splitlines()[0].removeprefix("kept ")) > 0
