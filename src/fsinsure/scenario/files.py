"""Find and read scenario files: bundled ones and those of the user, within one folder tree."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PureWindowsPath
from typing import Final

from fsinsure.errors import InputError, did_you_mean
from fsinsure.scenario.problems import quote

LARGEST: Final = 1_000_000
"""Bytes of a scenario file at most."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

SUFFIXES: Final = (".yaml", ".yml")

ALIASES: Final = {"foshan-2020": "baseline"}
"""Other names of bundled scenarios."""

BUNDLED_SHOWN: Final = "fsinsure/scenarios"
"""How the folder of the bundled scenarios is called in messages and results."""


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


@cache
def bundled_folder() -> Path:
    """Return the folder of the scenarios shipped with the library."""
    package = Path(str(files("fsinsure")))
    inside = package / "scenarios"
    # A checkout keeps them at its top, a wheel inside the package.
    return resolved(inside if inside.is_dir() else package.parent.parent / "scenarios")


def bundled_names() -> tuple[str, ...]:
    """Return the names that `load` and ``extends`` know without a path, in order."""
    found = sorted(path.stem for path in bundled_folder().glob("*.yaml"))
    return (*found, *(alias for alias, name in ALIASES.items() if name in found))


def bundled(name: str) -> Source:
    """Return the bundled scenario of a name.

    Raises
    ------
    InputError
        If there is none; the message lists those there are.
    """
    known = bundled_names()
    if name not in known:
        raise InputError(
            f"no bundled scenario {quote(name)}.{did_you_mean(name, known)} Bundled: "
            f"{', '.join(known) or 'none'}. To name a file, write its ending .yaml"
        )
    stem = ALIASES.get(name, name)
    folder = bundled_folder()
    return Source(folder / f"{stem}.yaml", f"{BUNDLED_SHOWN}/{stem}.yaml", folder)


def opened(path: Path) -> Source:
    """Return the source of a file that the user opened: its folder tree is the limit.

    Raises
    ------
    InputError
        If it is not a possible file name, or has control characters.
    """
    if _CONTROL.search(str(path)):
        raise InputError(f"{quote(str(path))} has a control character: rename the file")
    try:
        root = resolved(path.parent)
    except (OSError, ValueError) as error:
        raise InputError(f"not a usable file name ({error})") from None
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
        raise InputError(f"{quote(name)} has a backslash: write / between folders")
    outside = f"{quote(name)} leaves the folder tree of the scenario ({root.name or root})"
    # On Windows a drive or a network share would be asked for before it is refused.
    if name.startswith("/") or PureWindowsPath(name).drive:
        raise InputError(f"{outside}: copy the file into it")
    try:
        path = resolved(folder / name)
    except (OSError, ValueError) as error:
        raise InputError(f"{quote(name)} is not a usable file name ({error})") from None
    if not path.is_relative_to(root):
        raise InputError(f"{outside}: copy the file into it")
    return path


def shipped(path: Path) -> str:
    """Return a hint where a missing file has the name of a bundled scenario; else empty."""
    if not os.path.exists(path) and path.stem in bundled_names():
        return f": {path.stem} is shipped with the library, write {path.stem} alone"
    return ""


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
        raise InputError("no such file" if not os.path.exists(path) else "not a regular file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None
    if len(raw) > LARGEST:
        raise InputError("larger than 1 MB: a scenario is a short text, is this the right file?")
    return raw
