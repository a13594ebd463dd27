"""A long run keeps what is finished, so that it can go on after it was stopped.

A folder holds the sum of all finished batches (``sums-N.npz``, written under a temporary name and
then renamed) and a journal (SQLite) that says which batches are in it and which run they belong to.
The journal names the file, so whatever moment the run is killed in, the two fit together.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError
from fsinsure.microsim.parallel.shards import State

if TYPE_CHECKING:
    from types import TracebackType

JOURNAL: Final = "journal.sqlite"

EVERY: Final = 2.0
"""Seconds between two saves, at least."""

SHARE: Final = 20.0
"""A save is due only when the run has worked this many times as long as the last save took."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS finished (batch INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS sums (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER,
  sha256 TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Checkpoint:
    """Where a run keeps what is finished.

    Parameters
    ----------
    folder
        A folder of its own; made if it is not there.
    resume
        Whether to go on with what it holds; without it, a folder that holds something is refused.
    """

    folder: Path
    resume: bool = False

    def journal(
        self, run: Mapping[str, str], batches: int, made: Mapping[str, str] | None = None
    ) -> Journal:
        """Open the journal of a run.

        Parameters
        ----------
        run
            What decides the numbers of the run, by the name that a message calls it.
        batches
            How many batches the run has.
        made
            Digests of what was made of it: must be the same too, but are named in a message only
            where nothing else differs.

        Raises
        ------
        InputError
            If the folder holds another run, or one and `resume` was not asked for; if it is in
            use, damaged or cannot be written.
        """
        return Journal(self, run, {**(made or {}), "number of batches": str(batches)})

    def remove(self) -> None:
        """Remove what the run kept, once its results are safe; other files are left alone."""
        with told(self.folder):
            for path in (self.folder / JOURNAL, *_sums(self.folder)):
                path.unlink(missing_ok=True)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()


class Journal:
    """An open checkpoint. No other process can open it meanwhile.

    Attributes
    ----------
    state
        What was finished when it was opened, or saved last.
    """

    def __init__(
        self, checkpoint: Checkpoint, run: Mapping[str, str], made: Mapping[str, str]
    ) -> None:
        self.folder = checkpoint.folder
        self.state = State()
        self._generation = 0
        self._saved = time.monotonic()
        self._pause = EVERY
        new = not self.folder.exists()
        try:
            with told(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                self._database = _connect(self.folder / JOURNAL)
                try:
                    self._begin(checkpoint, run, made)
                except (sqlite3.Error, OSError, InputError):
                    self._database.close()
                    raise
        except InputError:
            if new and self.folder.is_dir():
                checkpoint.remove()
            raise

    def _begin(
        self, checkpoint: Checkpoint, run: Mapping[str, str], made: Mapping[str, str]
    ) -> None:
        kept = dict(self._database.execute("SELECT name, value FROM run"))
        if kept:
            self._check(checkpoint, kept, run, made)
            self.state = self._load()
        else:
            with self._database:
                self._database.executemany("INSERT INTO run VALUES (?, ?)", {**run, **made}.items())
        self._sweep()

    def _check(
        self,
        checkpoint: Checkpoint,
        kept: Mapping[str, str],
        run: Mapping[str, str],
        made: Mapping[str, str],
    ) -> None:
        here = {**run, **made}
        if kept != here:
            names = [
                name for name in dict.fromkeys([*here, *kept]) if kept.get(name) != here.get(name)
            ]
            differing = [
                f"{name} ({_short(kept.get(name))} there, {_short(here.get(name))} here)"
                for name in [name for name in names if name not in made] or names
            ]
            raise InputError(
                f"{self.folder} keeps another run: it differs in {', '.join(differing)}. "
                "Ask for the same run, choose another folder with --out, or delete that folder."
            )
        if not checkpoint.resume:
            (finished,) = self._database.execute("SELECT count(*) FROM finished").fetchone()
            raise InputError(
                f"{self.folder} keeps a run that was stopped ({finished} of "
                f"{made['number of batches']} batches are done): add --resume to go on with it, or "
                "delete that folder to start anew."
            )

    def _load(self) -> State:
        row = self._database.execute("SELECT generation, sha256 FROM sums").fetchone()
        if row is None:
            return State()
        self._generation, digest = row
        path = self._path(self._generation)
        raw = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(raw).hexdigest() != digest:
            raise InputError(
                f"{path} is damaged or missing: what was finished is lost. "
                f"Delete {self.folder} to start anew."
            )
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            counts = {name: arrays[name] for name in arrays.files}
        done = {batch for (batch,) in self._database.execute("SELECT batch FROM finished")}
        return State(frozenset(done), counts)

    def due(self) -> bool:
        """Return whether it is time to save again."""
        return time.monotonic() - self._saved >= self._pause

    def save(self, state: State) -> None:
        """Keep a state, if it is further than the one kept.

        Raises
        ------
        InputError
            If it cannot be written; the state saved before is still kept.
        """
        new = state.done - self.state.done
        if not new:
            return
        started = time.monotonic()
        with told(self.folder):
            generation = self._generation + 1
            raw = _npz(state)
            _write(self._path(generation), raw)
            with self._database:
                self._database.executemany(
                    "INSERT OR IGNORE INTO finished VALUES (?)", [(batch,) for batch in sorted(new)]
                )
                self._database.execute(
                    "INSERT OR REPLACE INTO sums VALUES (1, ?, ?)",
                    (generation, hashlib.sha256(raw).hexdigest()),
                )
            self._generation, self.state = generation, state
            self._sweep()
        self._saved = time.monotonic()
        self._pause = max(EVERY, SHARE * (self._saved - started))

    def _path(self, generation: int) -> Path:
        return self.folder / f"sums-{generation}.npz"

    def _sweep(self) -> None:
        """Remove sums that the journal does not name: of earlier saves, or of one that was cut."""
        for path in _sums(self.folder):
            if path != self._path(self._generation):
                path.unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=0.5)
    try:
        # One process at a time, until it closes or dies; also spares WAL its shared memory, which
        # network folders do not have.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(TABLES)
        database.execute("BEGIN EXCLUSIVE")
        database.commit()
    except sqlite3.Error:
        database.close()
        raise
    return database


def _short(value: str | None) -> str:
    """Return a value as a message shows it: of a digest, enough to tell it from another."""
    return "none" if value is None else value if len(value) <= 20 else f"{value[:8]}..."


def _sums(folder: Path) -> list[Path]:
    return [*folder.glob("sums-*.npz"), *folder.glob(".sums-*.part")]


def _npz(state: State) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(state.counts))
    return buffer.getvalue()


def _write(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.stem}.part")
    try:
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say in a sentence what the disk or the journal refuses."""
    try:
        yield
    except sqlite3.Error as error:
        if error.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            raise InputError(
                f"another run is at work in {folder}: wait for it, or choose another folder."
            ) from error
        if error.sqlite_errorname in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise InputError(
                f"{folder / JOURNAL} is damaged: delete {folder} to start anew."
            ) from error
        raise _unwritable(folder, error) from error
    except OSError as error:
        raise _unwritable(folder, error.strerror or error) from error


def _unwritable(folder: Path, reason: object) -> InputError:
    return InputError(
        f"cannot keep finished work in {folder}: {reason}. Free it and go on with --resume, or "
        "choose another folder with --out."
    )


def digest(*things: object) -> str:
    """Return the SHA-256 of arrays, dataclasses, and what of Python they are made of.

    Two runs with the same digest of what their persons look up do the same to every person.

    Raises
    ------
    TypeError
        If there is something among them whose content is not known.
    """
    found = hashlib.sha256()
    for thing in things:
        _feed(found, thing)
    return found.hexdigest()


def _feed(found: hashlib._Hash, thing: object) -> None:
    feed = partial(_feed, found)
    if isinstance(thing, np.ndarray):
        found.update(f"array {thing.dtype.str} {thing.shape}".encode())
        found.update(np.ascontiguousarray(thing).tobytes())
    elif is_dataclass(thing) and not isinstance(thing, type):
        feed(type(thing).__name__)
        for field in fields(thing):
            feed(field.name)
            feed(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        found.update(f"mapping {len(thing)}".encode())
        for key in sorted(thing):
            feed(key)
            feed(thing[key])
    elif isinstance(thing, (list, tuple)):
        found.update(f"sequence {len(thing)}".encode())
        for one in thing:
            feed(one)
    elif isinstance(thing, slice):
        feed(("slice", thing.start, thing.stop, thing.step))
    elif thing is None or isinstance(thing, (str, int, float, bytes, np.generic)):
        text = repr(thing.item() if isinstance(thing, np.generic) else thing)
        found.update(f"{len(text)} {text}".encode())
    else:
        raise TypeError(f"cannot take the digest of {type(thing).__name__}")
