"""Write files whole or not at all, and the folder of a run as one unit.

A folder belongs to one run. Its ``run.json`` lists the other files with their SHA-256; only those
files, with that content, are ever replaced or removed. While files are replaced, ``run.json`` says
that the folder is unfinished, so a folder that looks finished holds one run, whenever the process
is killed; the next run into the folder completes it.
"""

from __future__ import annotations

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
        f"cannot write {path}: {error.strerror or error}. Close the program that has it open, free "
        "space, or choose another place."
    )


def write_whole(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder; replaced by write_run and write_file."""
    for name, data in contents.items():
        write_file(folder / name, data)
    return [folder / name for name in contents]


def write_run(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a run."""
    return write_whole(folder, contents)
