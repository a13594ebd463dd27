"""Write files whole or not at all, and the folder of a run as one unit.

A folder belongs to one run. Its ``run.json`` lists the other files with their SHA-256; only those
files, with that content, are ever replaced or removed. While files are replaced, ``run.json`` says
that the folder is unfinished, so a folder that looks finished holds one run, whenever the process
is killed; the next run into the folder completes it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import socket
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from fsinsure.errors import InputError
from fsinsure.messages import Message, phrase, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANIFEST: Final = "run.json"
"""The file that describes the run in a folder and lists its files."""

LOCK: Final = ".fsinsure.lock"
"""Exists while a process replaces the files of a folder."""

_LARGEST: Final = 10_000_000
"""Bytes a ``run.json`` or a lock may have; a larger one is not ours."""

_UNFINISHED: Final = (
    "The files of this folder are being replaced. If no fsinsure process is running, the process "
    "was stopped: repeat the command to complete the folder."
)


_REASONS: Final = {
    errno.ENOENT: phrase("No such file or directory"),
    errno.EACCES: phrase("Permission denied"),
    errno.EPERM: phrase("Operation not permitted"),
    errno.EEXIST: phrase("File exists"),
    errno.EISDIR: phrase("Is a directory"),
    errno.ENOTDIR: phrase("Not a directory"),
    errno.ENOSPC: phrase("No space left on device"),
    errno.EROFS: phrase("Read-only file system"),
    errno.ENAMETOOLONG: phrase("File name too long"),
    errno.EMFILE: phrase("Too many open files"),
    errno.EIO: phrase("Input/output error"),
    errno.EADDRINUSE: phrase("Address already in use"),
}
"""What the system says of common errors."""


def reason(error: BaseException) -> Message:
    """Return what the system says of an error; of uncommon ones in its own words."""
    if isinstance(error, OSError) and error.errno in _REASONS:
        return Message(_REASONS[error.errno])
    return verbatim(getattr(error, "strerror", None) or str(error) or type(error).__name__)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the place of `path` when the block ends without error.

    The temporary file is created exclusively in the same folder under a random name, so no link,
    pipe or file that is already there is opened. The content is on disk before `path` is replaced.

    Parameters
    ----------
    path
        The file to write; its folder is made if it is not there.

    Raises
    ------
    InputError
        If the file cannot be written, which includes every OSError of the block. A file that was
        there keeps its content.
    """
    part = path.with_name(f".fsinsure-{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:
                yield file
                _to_disk(file)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    _folder_to_disk(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder if it is not there, before work that it is to hold.

    Raises
    ------
    InputError
        If it cannot be made, or no file can be written in it.
    """
    tried = folder / f".fsinsure-{secrets.token_hex(8)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tried.touch(exist_ok=False)
        tried.unlink()
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; see :func:`replacing`."""
    with replacing(path) as file:
        file.write(data)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Make renames durable, where the system can open a folder (not on Windows)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        "cannot write {path}: {strerror}. Close the program that has it open, free space, or "
        "choose another place.",
        path=path,
        strerror=reason(error),
    )


def write_run(
    folder: Path, contents: Mapping[str, bytes], meta: Mapping[str, object]
) -> list[Path]:
    """Write the files of a run and its ``run.json``; remove those of the run that was there.

    Parameters
    ----------
    folder
        Made if it is not there. Files that no run wrote stay, and none of them is replaced.
    contents
        Bytes by file name.
    meta
        What ``run.json`` says besides ``finished`` and ``files``.

    Returns
    -------
    list of Path
        The files, in order, ``run.json`` last.

    Raises
    ------
    InputError
        If another process is writing to the folder, a file in the way was not written by a run or
        has been changed since, or the folder cannot be written. The files that were there are kept
        unless replacing them failed half way; then ``run.json`` and the message say so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder) as token:
            earlier = _present(folder, _recorded(folder), contents)
            _replace(folder, token, contents, earlier, meta)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return [folder / name for name in (*contents, MANIFEST)]


def _replace(
    folder: Path,
    token: str,
    contents: Mapping[str, bytes],
    earlier: Mapping[str, str],
    meta: Mapping[str, object],
) -> None:
    """Write all files beside the earlier ones; replace those while ``run.json`` says so."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    parts = {
        name: folder / f".fsinsure-{token}-{number}.part"
        for number, name in enumerate((*contents, MANIFEST))
    }

    def describe(content: Mapping[str, object]) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        _create(parts[MANIFEST], text.encode("utf-8", "backslashreplace"))
        os.replace(parts[MANIFEST], folder / MANIFEST)
        _folder_to_disk(folder)

    try:
        for name, data in contents.items():
            _create(parts[name], data)
        describe({"finished": False, "note": _UNFINISHED, "files": hashes, "earlier": earlier})
        try:
            for name in contents:
                os.replace(parts[name], folder / name)
            for name in earlier.keys() - contents.keys():
                (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                "cannot replace {file}: {strerror}. {folder} is unfinished: close the program "
                "that has the file open and repeat the command.",
                file=folder / name,
                strerror=reason(error),
                folder=folder,
            ) from error
        describe({**meta, "finished": True, "files": hashes})
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _create(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet, and wait until it is on disk."""
    with path.open("xb") as file:
        file.write(data)
        _to_disk(file)


def _recorded(folder: Path) -> dict[str, set[str]]:
    """Return the SHA-256 values that a file may have, by name, as ``run.json`` records them.

    Raises
    ------
    InputError
        If there is a ``run.json`` that this version of the library did not write.
    """
    path = folder / MANIFEST
    found: dict[str, set[str]] = {}
    if not os.path.lexists(path):
        return found
    try:
        content = json.loads(_read(path))
        for files in (content["files"], content.get("earlier", {})):
            for name, digest in files.items():
                if Path(name).name != name or not re.fullmatch("[0-9a-f]{64}", digest):
                    raise ValueError(name)
                found.setdefault(name, set()).add(digest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InputError(
            "{path} was not written by this version of fsinsure, so it is not known which files "
            "may be replaced: choose another folder with --out, or move that file away.",
            path=path,
        ) from None
    return found


def _present(
    folder: Path, recorded: Mapping[str, set[str]], contents: Mapping[str, bytes]
) -> dict[str, str]:
    """Return the SHA-256 of the files of the earlier run that are still there and unchanged.

    Raises
    ------
    InputError
        If a file that would be replaced is not one of them.
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys((*contents, *recorded)):
        if not os.path.lexists(folder / name):
            continue
        digest = _digest(folder / name)
        if digest in recorded.get(name, ()):
            found[name] = digest
        elif name in contents:
            why = (
                Message("was changed after fsinsure wrote it")
                if name in recorded
                else Message("is not of a run")
            )
            raise InputError(
                "{folder} is in the way: it {why}. Move it away, or choose another folder with "
                "--out.",
                folder=folder / name,
                why=why,
            )
    return found


def _digest(path: Path) -> str:
    """Return the SHA-256 of a plain file that may be written, empty for anything else."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return ""
    try:
        with path.open("r+b") as file:  # fails where another program keeps it open (Windows)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unwritable(path, error) from error


def _read(path: Path) -> str:
    """Read a small plain file as text; ValueError for a link, a pipe or a large file."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise ValueError(f"{path} is not a small plain file")
    return path.read_text(encoding="utf-8")


@contextmanager
def _locked(folder: Path) -> Iterator[str]:
    """Hold the lock of a folder; yield the random part of the names of temporary files.

    Raises
    ------
    InputError
        If another process holds it.
    """
    lock, token = folder / LOCK, secrets.token_hex(8)
    _clear_if_dead(lock)
    try:
        file = lock.open("x", encoding="utf-8")
    except FileExistsError:
        owner = _owner(lock)
        raise InputError(
            "{folder} is being written by {owner}: wait for it, or choose another folder with "
            "--out. If that process is gone, delete {lock}.",
            folder=folder,
            owner=(
                Message("process {number} on {machine}", number=owner[1], machine=owner[2])
                if owner
                else Message("another process")
            ),
            lock=lock,
        ) from None
    try:
        with file:
            file.write(f"process {os.getpid()} on {socket.gethostname()}, {token}")
        yield token
    finally:
        lock.unlink(missing_ok=True)


def _owner(lock: Path) -> re.Match[str] | None:
    """Return the process, host and token that a lock names, None if it cannot be read."""
    with suppress(OSError, ValueError):
        return re.fullmatch("process ([0-9]{1,9}) on (.+), ([0-9a-f]{16})", _read(lock))
    return None


def _clear_if_dead(lock: Path) -> None:
    """Remove the lock and the temporary files of a process of this machine that has died."""
    owner = _owner(lock)
    if owner is None or owner[2] != socket.gethostname() or os.name != "posix":
        return  # Windows cannot ask whether a process lives: there the message says what to do
    try:
        os.kill(int(owner[1]), 0)
    except ProcessLookupError:
        for path in (*lock.parent.glob(f".fsinsure-{owner[3]}-*.part"), lock):
            path.unlink(missing_ok=True)
    except PermissionError:
        return  # it lives, and belongs to another user
