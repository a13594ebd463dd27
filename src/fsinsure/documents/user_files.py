"""Read files that users name: within one folder tree, and of limited size."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

from fsinsure.documents.problems import quote
from fsinsure.errors import InputError
from fsinsure.files import reason
from fsinsure.messages import Message

LARGEST: Final = 1_000_000
"""Bytes of a scenario file at most."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Source:
    """A file to read, and the folder tree that its relative file names must stay in.

    Parameters
    ----------
    path
        Resolved.
    shown
        Its name in messages.
    root
        The folder, resolved, that its relative names must stay in.
    """

    path: Path
    shown: str
    root: Path

    @property
    def folder(self) -> Path:
        """Where its relative names start."""
        return self.path.parent


def resolved(path: Path) -> Path:
    """Resolve symbolic links; a loop of links stays as it is and fails on reading."""
    return Path(os.path.realpath(path))


def opened(path: Path) -> Source:
    """Return the source of a file that the user opened: its folder tree is the limit.

    Raises
    ------
    InputError
        If it is not a possible file name, or has control characters.
    """
    if _CONTROL.search(str(path)):
        raise InputError("{path} has a control character: rename the file", path=quote(str(path)))
    try:
        root = resolved(path.parent)
    except (OSError, ValueError) as error:
        raise InputError("not a usable file name ({error})", error=error) from None
    return Source(root / path.name, str(path), root)


def within(name: str, folder: Path, root: Path) -> Path:
    """Resolve a relative file name that must stay inside a folder tree.

    Parameters
    ----------
    name
        As written, with ``/`` between folders.
    folder
        Where it starts.
    root
        The folder tree that it must stay in, symbolic links resolved.

    Raises
    ------
    InputError
        If it leads outside, or cannot be a file name.
    """
    if "\\" in name:
        raise InputError("{name} has a backslash: write / between folders", name=quote(name))
    outside = Message(
        "{name} leaves the folder tree of the scenario ({folder})",
        name=quote(name),
        folder=root.name or root,
    )
    # On Windows a drive or a network share would be asked for before it is refused.
    if name.startswith("/") or PureWindowsPath(name).drive:
        raise InputError("{outside}: copy the file into it", outside=outside)
    try:
        path = resolved(folder / name)
    except (OSError, ValueError) as error:
        raise InputError(
            "{name} is not a usable file name ({error})", name=quote(name), error=error
        ) from None
    if not path.is_relative_to(root):
        raise InputError("{outside}: copy the file into it", outside=outside)
    return path


def read_bytes(path: Path) -> bytes:
    """Read a scenario file.

    Raises
    ------
    InputError
        If it is missing, not a regular file, unreadable or too large.
    """
    if os.path.isdir(path):
        raise InputError("this is a folder: name a scenario file in it")
    if not os.path.isfile(path):
        raise InputError(
            Message("no such file") if not os.path.exists(path) else Message("not a regular file")
        )
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError("cannot be read: {strerror}", strerror=reason(error)) from None
    if len(raw) > LARGEST:
        raise InputError("larger than 1 MB: a scenario is a short text, is this the right file?")
    return raw
