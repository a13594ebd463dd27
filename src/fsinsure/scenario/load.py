"""Loading: follow ``extends`` from the file opened to its last ancestor, then merge."""

from __future__ import annotations

import os.path
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from fsinsure.errors import InputError, Position, ScenarioError
from fsinsure.scenario import files
from fsinsure.scenario.files import SUFFIXES, Source
from fsinsure.scenario.registry import registry
from fsinsure.scenario.scenario import DEFAULT, Scenario
from fsinsure.scenario.schema import validate
from fsinsure.scenario.values import BaseDirs

if TYPE_CHECKING:
    from fsinsure.scenario.reader import Document
    from fsinsure.scenario.schema import Content


@dataclass(frozen=True)
class _Loaded:
    """One file of a chain: its source, its content, and the positions of its values."""

    source: Source
    content: Content
    document: Document


def load(path_or_name: str | PathLike[str]) -> Scenario:
    """Load a scenario and everything that it extends.

    Parameters
    ----------
    path_or_name
        The path of a ``.yaml`` file, or the name of a bundled scenario (``"baseline"``,
        ``"foshan-2020"``).

    Raises
    ------
    ScenarioError
        If a file cannot be used; names file, line, column, key, and what was expected.

    Examples
    --------
    >>> load("foshan-2020").name
    'baseline'
    """
    try:
        source = _locate(path_or_name)
    except InputError as error:
        raise ScenarioError(str(error)) from None
    home = source.root
    chain: list[_Loaded] = []
    origin: Position | None = None
    while True:
        loaded = _load_one(source, home, origin)
        chain.append(loaded)
        if loaded.content.extends is None:
            return _merge(chain, home)
        origin = loaded.document.locate(("extends",))
        source = _parent(loaded, chain, origin)


def _locate(path_or_name: object) -> Source:
    if not isinstance(path_or_name, str | PathLike):
        raise InputError(
            "a scenario is loaded from the path of a .yaml file or by the name of a shipped one, "
            f"such as 'baseline', not from a {type(path_or_name).__name__}"
        )
    if isinstance(path_or_name, str):
        if not path_or_name.strip():
            raise InputError(f"no scenario named. Bundled: {', '.join(files.bundled_names())}")
        plain = not any(mark in path_or_name for mark in "/\\")
        if plain and not path_or_name.endswith(SUFFIXES):
            return files.bundled(path_or_name)
    return files.opened(Path(path_or_name))


def _load_one(source: Source, home: Path, origin: Position | None) -> _Loaded:
    from fsinsure.scenario.reader import read  # imports yaml

    try:
        raw = files.read_bytes(source.path)
    except InputError as error:
        what = f"extends: {source.shown}" if origin else source.shown
        raise ScenarioError(f"{what}: {error}{files.shipped(source.path)}", origin) from None
    document = read(raw, source.shown)
    base_dirs = BaseDirs(source.folder, source.root, home)
    return _Loaded(source, validate(document.data, base_dirs, document.locate), document)


def _parent(child: _Loaded, chain: list[_Loaded], origin: Position | None) -> Source:
    """Return the source that a file extends, unless it closes a loop."""
    name = child.content.extends or ""
    try:
        source = _extended(name, child.source)
    except InputError as error:
        raise ScenarioError(f"extends: {error}", origin) from None
    seen = [loaded.source.path for loaded in chain]
    if source.path in seen:
        loop = [loaded.source.shown for loaded in chain[seen.index(source.path) :]]
        shown = " → ".join([*loop, loop[0]])
        raise ScenarioError(f"extends: a loop: {shown}", origin)
    return source


def _extended(name: str, child: Source) -> Source:
    if "/" not in name and "\\" not in name and not name.endswith(SUFFIXES):
        return files.bundled(name)
    if not name.endswith(SUFFIXES):
        raise InputError(f"expected a file ending in .yaml or a bundled name, got {name!r}")
    path = files.within(name, child.folder, child.root)
    shown = Path(os.path.normpath(Path(child.shown).parent / name))
    return Source(path, shown.as_posix(), child.root)


def _merge(chain: list[_Loaded], home: Path) -> Scenario:
    """Merge the files of a chain: each overrides, key by key, the file that it extends."""
    own = chain[0].content
    fallback = own.title.get("zh") or own.title.get("en") or own.name
    scenario = Scenario(
        name=own.name,
        title={language: own.title.get(language) or fallback for language in ("zh", "en")},
        origins={"horizon": DEFAULT},
        files=tuple(loaded.source.path for loaded in reversed(chain)),
        folder=home,
        description=own.description,
    )
    for loaded in reversed(chain):
        locations = {key: registry()[key].location for key in loaded.content.values}
        for key in ("horizon", "targets", "relief"):
            if getattr(loaded.content, key) is not None:
                locations[key] = (key,)
        origins = {key: _position(loaded, location, home) for key, location in locations.items()}
        scenario = scenario.merged(loaded.content, origins)
    return scenario


def _position(loaded: _Loaded, location: tuple[str, ...], home: Path) -> Position:
    """Return where a value stands, in a file named from the folder of the file opened.

    It is written to tables and must not depend on how a path was typed. A bundled file that a
    file of the user extends keeps its name in messages, without a folder.
    """
    position = loaded.document.locate(location)
    assert position is not None  # every value that was read has one
    source = loaded.source
    if source.root != home:
        return position
    return replace(position, file=source.path.relative_to(home).as_posix())
