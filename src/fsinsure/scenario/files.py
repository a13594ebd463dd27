"""Find and read scenario files: bundled ones and those of the user, within one folder tree."""

from __future__ import annotations

import os.path
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fsinsure.documents.problems import quote
from fsinsure.documents.user_files import Source, resolved
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import EMPTY, Message, separated

SUFFIXES: Final = (".yaml", ".yml")

BUNDLED_SHOWN: Final = "fsinsure/scenarios"
"""How the folder of the bundled scenarios is called in messages and results."""


@cache
def bundled_folder() -> Path:
    """Return the folder of the scenarios shipped with the library."""
    package = Path(str(files("fsinsure")))
    inside = package / "scenarios"
    # A checkout keeps them at its top, a wheel inside the package.
    return resolved(inside if inside.is_dir() else package.parent.parent / "scenarios")


def bundled_names() -> tuple[str, ...]:
    """Return the names that `load` and ``extends`` know without a path, in order."""
    return tuple(sorted(path.stem for path in bundled_folder().glob("*.yaml")))


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
            "no bundled scenario {name}.{hint} Bundled: {known}. To name a file, write its ending "
            ".yaml",
            name=quote(name),
            hint=did_you_mean(name, known),
            known=(separated(known) or Message("none")),
        )
    folder = bundled_folder()
    return Source(folder / f"{name}.yaml", f"{BUNDLED_SHOWN}/{name}.yaml", folder)


def shipped(path: Path) -> Message:
    """Return a hint where a missing file has the name of a bundled scenario; else empty."""
    if not os.path.exists(path) and path.stem in bundled_names():
        return Message(": {name} is shipped with the library, write {name} alone", name=path.stem)
    return EMPTY
