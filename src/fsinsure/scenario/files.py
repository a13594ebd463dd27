"""Find and read scenario files: bundled ones and those of the user, within one folder tree."""

from __future__ import annotations

import os.path
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fsinsure.documents.problems import quote
from fsinsure.documents.user_files import Source, resolved
from fsinsure.errors import InputError
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.names import Names, code_of, meant

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


@cache
def titles() -> Names:
    """Return the titles of the bundled scenarios, by name."""
    from fsinsure.documents.reader import read  # imports yaml

    found = {}
    for name in bundled_names():
        path = bundled_folder() / f"{name}.yaml"
        title = read(path.read_bytes(), path.name).data.get("title")
        own = title.values() if isinstance(title, dict) else (title,)
        found[name] = tuple(one for one in own if isinstance(one, str))
    return found


def named(word: str) -> str:
    """Return the bundled scenario that a word names by its title, or the word itself."""
    return word if word in bundled_names() else code_of(word, titles(), shorten=False)


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
            hint=meant(code_of(name, titles()), titles()),
            known=(separated(known) or Message("none")),
        )
    folder = bundled_folder()
    return Source(folder / f"{name}.yaml", f"{BUNDLED_SHOWN}/{name}.yaml", folder)


def shipped(path: Path) -> Message:
    """Return a hint where a missing file has the name of a bundled scenario; else empty."""
    if not os.path.exists(path) and path.stem in bundled_names():
        return Message(": {name} is shipped with the library, write {name} alone", name=path.stem)
    return EMPTY
