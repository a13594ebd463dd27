"""A checkpoint: the finished part of a run in one file, so that a stopped run can go on.

The file holds which batches are finished, the sum of their counts, and what the run is of. It is
written under another name, flushed to the disk and renamed, so it is whole at any moment; its first
bytes are the SHA-256 of the rest. A lock that the system releases when its process ends keeps a
second run out of the folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError
from fsinsure.files import reason
from fsinsure.messages import Message, separated
from fsinsure.microsim.parallel.shards import State

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

FINISHED: Final = "finished.bin"
PART: Final = "finished.part"
LOCK: Final = "lock"

PAUSE: Final = 2.0
"""Least seconds between two saves."""

SHARE: Final = 20.0
"""A save is due when the run has worked this many times as long as the last save took."""

CONTENT: Final = "tables and persons"
"""Name of the hash of everything that was derived from the other values of a run."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a run keeps its finished part.

    Parameters
    ----------
    folder
        A folder of its own; made if it does not exist.
    resume
        Whether to go on with the run in it; without it, a folder that holds a run is refused.
    """

    folder: Path
    resume: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))

    @contextmanager
    def store(
        self, run: Mapping[str, str], batches: int, zero: Mapping[str, NDArray[Any]]
    ) -> Iterator[CheckpointStore]:
        """Open the checkpoint of a run; no other run can open it meanwhile.

        Parameters
        ----------
        run
            What decides the numbers of the run, by the name that a message calls it. The value of
            :data:`CONTENT` is named only if no other value differs.
        batches
            Number of batches of the run.
        zero
            Counts with the names and shapes of those of the run.

        Raises
        ------
        InputError
            If the folder holds another run, or one and `resume` is False; if it is in use or cannot
            be written, or its file is damaged. A folder that was made here is removed again.
        """
        made = not self.folder.exists()
        try:
            with _writing(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                lock = (self.folder / LOCK).open("ab")
            with lock:
                with _writing(self.folder):
                    _lock(lock, self.folder)
                yield CheckpointStore(self, {**run, "number of batches": str(batches)}, zero)
        finally:
            if made and not (self.folder / FINISHED).exists():
                with suppress(InputError):
                    self.remove()

    def remove(self) -> None:
        """Remove the checkpoint, once the results are written; other files are left alone."""
        with _writing(self.folder):
            for name in (FINISHED, PART, LOCK):
                (self.folder / name).unlink(missing_ok=True)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()


class CheckpointStore:
    """An open checkpoint.

    Attributes
    ----------
    state
        What was finished when it was opened, or saved last.
    """

    def __init__(
        self, checkpoint: Checkpoint, run: Mapping[str, str], zero: Mapping[str, NDArray[Any]]
    ) -> None:
        self._folder = checkpoint.folder
        self._run = dict(run)
        self.state = State()
        self._due = time.monotonic() + PAUSE
        if not (self._folder / FINISHED).exists():
            return
        kept, self.state = self._load()
        self._check(kept)
        shapes = {name: array.shape for name, array in zero.items()}
        if shapes != {name: array.shape for name, array in self.state.counts.items()}:
            raise self._damaged()
        if not checkpoint.resume:
            raise InputError(
                "{folder} holds a stopped run ({done} of {batches} batches are done): add "
                "--resume to go on with it, or delete that folder to start anew.",
                folder=self._folder,
                done=len(self.state.done),
                batches=run["number of batches"],
            )

    def _load(self) -> tuple[dict[str, str], State]:
        with _writing(self._folder):
            raw = (self._folder / FINISHED).read_bytes()
        size = hashlib.sha256().digest_size
        if hashlib.sha256(raw[size:]).digest() != raw[:size]:
            raise self._damaged()
        with np.load(io.BytesIO(raw[size:]), allow_pickle=False) as arrays:
            counts = {name: arrays[name] for name in arrays.files}
        run, done = json.loads(str(counts.pop("run"))), counts.pop("done")
        return run, State(frozenset(done.tolist()), counts)

    def _damaged(self) -> InputError:
        return InputError(
            "{folder} is damaged: what was finished is lost. Delete {outer} to start anew.",
            folder=self._folder / FINISHED,
            outer=self._folder,
        )

    def _check(self, kept: Mapping[str, str]) -> None:
        """Raise if the run in the file is another one."""
        here = self._run
        names = [name for name in {**here, **kept} if kept.get(name) != here.get(name)]
        differing = [
            Message(
                "{name} ({there} there, {here} here)",
                name=Message(name),
                there=_short(kept.get(name)),
                here=_short(here.get(name)),
            )
            for name in [name for name in names if name != CONTENT] or names
        ]
        if differing:
            raise InputError(
                "{folder} holds another run: it differs in {differing}. Ask for the same run, "
                "choose another folder with --out, or delete that folder.",
                folder=self._folder,
                differing=separated(differing),
            )

    @property
    def due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() >= self._due

    def save(self, state: State) -> None:
        """Write a state, if more is finished than in the one saved last.

        Raises
        ------
        InputError
            If it cannot be written; the state saved before is still there.
        """
        if state.done == self.state.done:
            return
        started = time.monotonic()
        buffer = io.BytesIO()
        run, done = json.dumps(self._run), np.array(sorted(state.done))
        np.savez(buffer, allow_pickle=False, run=np.array(run), done=done, **dict(state.counts))
        content = buffer.getbuffer()
        with _writing(self._folder):
            part = self._folder / PART
            part.unlink(missing_ok=True)
            try:
                with part.open("xb") as file:
                    file.write(hashlib.sha256(content).digest())
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, self._folder / FINISHED)
            finally:
                part.unlink(missing_ok=True)
        self.state = state
        now = time.monotonic()
        self._due = now + max(PAUSE, SHARE * (now - started))


def _lock(file: IO[bytes], folder: Path) -> None:
    """Lock a file until it is closed or its process ends, by kill -9 too."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        raise InputError(
            "another run is at work in {folder}: wait for it, or choose another folder.",
            folder=folder,
        ) from error


def _short(value: str | None) -> str:
    """Return a value as a message shows it: the first characters of a hash."""
    return "none" if value is None else value if len(value) <= 20 else f"{value[:8]}..."


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Report an OSError as a sentence."""
    try:
        yield
    except OSError as error:
        raise InputError(
            "cannot keep finished work in {folder}: {strerror}. Free it and go on with --resume, "
            "or choose another folder with --out.",
            folder=folder,
            strerror=reason(error),
        ) from error


def content_hash(*things: object) -> str:
    """Return the SHA-256 of arrays, dataclasses and the plain values and containers in them.

    Two runs with the same hash of their tables do the same to every person.

    Raises
    ------
    TypeError
        If the content of something among them is not known.
    """
    found = hashlib.sha256()
    for part in _parts(things):
        found.update(part)
    return found.hexdigest()


def _parts(thing: object) -> Iterator[bytes]:
    if isinstance(thing, np.ndarray):
        yield f"array {thing.dtype.str} {thing.shape}".encode()
        yield thing.tobytes()
    elif is_dataclass(thing) and not isinstance(thing, type):
        yield from _parts(type(thing).__name__)
        yield from _parts({field.name: getattr(thing, field.name) for field in fields(thing)})
    elif isinstance(thing, Mapping):
        yield from _parts(sorted(thing.items()))
    elif isinstance(thing, (list, tuple)):
        yield f"sequence {len(thing)}".encode()
        for item in thing:
            yield from _parts(item)
    elif isinstance(thing, slice):
        yield from _parts((thing.start, thing.stop, thing.step))
    elif thing is None or isinstance(thing, (str, int, float, bytes, np.generic)):
        text = repr(thing.item() if isinstance(thing, np.generic) else thing)
        yield f"{len(text)} {text}".encode()
    else:
        raise TypeError(f"cannot hash the content of {type(thing).__name__}")
