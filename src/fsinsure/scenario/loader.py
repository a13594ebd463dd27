"""Loading: follow ``extends`` from the file opened to its last ancestor, then merge."""

from __future__ import annotations

import os.path
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from fsinsure.documents import user_files, workbook
from fsinsure.documents.problems import quote
from fsinsure.documents.shape import Context
from fsinsure.documents.user_files import Source
from fsinsure.errors import InputError, Position, ScenarioError, did_you_mean
from fsinsure.messages import Message, separated
from fsinsure.region.load import default_region, open_region, region_names, shipped_region
from fsinsure.scenario import files
from fsinsure.scenario.files import SUFFIXES
from fsinsure.scenario.scenario import DEFAULT, Scenario
from fsinsure.scenario.schema import validate
from fsinsure.scenario.uncertainty import check_drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.documents.reader import Document
    from fsinsure.region.region import Region
    from fsinsure.scenario.schema import Content


@dataclass(frozen=True)
class _Read:
    """One file of a chain: its source, and its plain values with their positions."""

    source: Source
    document: Document


@dataclass(frozen=True)
class _Loaded:
    """A file of a chain after validation."""

    source: Source
    content: Content
    document: Document


def load(path_or_name: str | PathLike[str]) -> Scenario:
    """Load a scenario and everything that it extends.

    Parameters
    ----------
    path_or_name
        The path of a ``.yaml`` file or of a workbook (``.xlsx``, docs/workbook.md), or the name of
        a bundled scenario (``"baseline"``).

    Raises
    ------
    ScenarioError
        If a file cannot be used; names file, line and column or sheet and cell, the key, and what
        was expected.

    Examples
    --------
    >>> load("baseline").region.base_year
    2020
    """
    try:
        source = _locate(path_or_name)
    except InputError as error:
        raise ScenarioError(error.message) from None
    return _chained(_read_one(source, None))


def parsed(text: str, folder: Path, shown: str) -> Scenario:
    """Return the scenario that a text holds, as the content of a file in a folder.

    Parameters
    ----------
    text
        YAML.
    folder
        Where the names of files that it holds start.
    shown
        What messages call it; no file of this name needs to exist.

    Raises
    ------
    ScenarioError
        As :func:`load`.
    """
    from fsinsure.documents.reader import read  # imports yaml

    source = Source(folder / shown, shown, folder)
    return _chained(_Read(source, read(text.encode("utf-8"), shown)))


def _chained(first: _Read) -> Scenario:
    """Read what a file extends, up to its last ancestor, and merge."""
    chain, home = [first], first.source.root
    while isinstance(name := chain[-1].document.data.get("extends"), str):
        origin = chain[-1].document.locate(("extends",))
        chain.append(_read_one(_parent(name, chain, origin), origin))
    region = _region(chain, home)
    return _merge([_validated(one, home, region) for one in chain], home, region)


def _region(chain: Sequence[_Read], home: Path) -> Region:
    """Return the region that the first file of a chain names, else the default.

    Raises
    ------
    ScenarioError
        If there is no such region, or one of its files cannot be used.
    """
    for one in chain:
        name = one.document.data.get("region")
        if not isinstance(name, str):
            continue
        position = one.document.locate(("region",))
        try:
            if "/" not in name and name in region_names():
                return shipped_region(name)
            folder = user_files.within(name, one.source.folder, one.source.root)
            if not folder.is_dir():
                raise InputError(
                    "no region {name}.{hint} Shipped: {region_names}; or a folder in the folder "
                    "tree of the scenario",
                    name=quote(name),
                    hint=did_you_mean(name, region_names()),
                    region_names=separated(region_names()),
                )
            return open_region(folder)
        except InputError as error:
            raise ScenarioError(Message("region: {error}", error=error), position) from None
    return shipped_region(default_region())


def opened(scenario: Scenario | str | PathLike[str]) -> Scenario:
    """Return a scenario, loaded from a path or by name unless it is one already.

    Raises
    ------
    ScenarioError, InputError
        As :func:`load`.
    """
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def _locate(path_or_name: object) -> Source:
    if not isinstance(path_or_name, str | PathLike):
        raise InputError(
            "a scenario is loaded from the path of a .yaml file or by the name of a shipped one, "
            "such as 'baseline', not from a {kind}",
            kind=type(path_or_name).__name__,
        )
    if isinstance(path_or_name, str):
        if not path_or_name.strip():
            raise InputError(
                "no scenario named. Bundled: {bundled_names}",
                bundled_names=separated(files.bundled_names()),
            )
        plain = not any(mark in path_or_name for mark in "/\\")
        if plain and not path_or_name.endswith((*SUFFIXES, workbook.SUFFIX)):
            return files.bundled(files.named(path_or_name))
    return user_files.opened(Path(path_or_name))


def _read_one(source: Source, origin: Position | None) -> _Read:
    if source.path.suffix.lower() == workbook.SUFFIX:
        from fsinsure.scenario.workbook_file import read  # imports yaml
    else:
        from fsinsure.documents.reader import read  # imports yaml

    try:
        raw = user_files.read_bytes(source.path)
    except InputError as error:
        what = Message("extends: {shown}", shown=source.shown) if origin else source.shown
        raise ScenarioError(
            separated((what, error.message + files.shipped(source.path)), ": "),
            origin,
        ) from None
    return _Read(source, read(raw, source.shown))


def _validated(one: _Read, home: Path, region: Region) -> _Loaded:
    source, document = one.source, one.document
    context = Context(source.folder, source.root, home, region.first_year, region.area_names)
    return _Loaded(source, validate(document.data, context, document.locate), document)


def _parent(name: str, chain: list[_Read], origin: Position | None) -> Source:
    """Return the source that the last file of a chain extends, unless it closes a loop."""
    try:
        source = _extended(name, chain[-1].source)
    except InputError as error:
        raise ScenarioError(Message("extends: {error}", error=error), origin) from None
    seen = [loaded.source.path for loaded in chain]
    if source.path in seen:
        loop = [loaded.source.shown for loaded in chain[seen.index(source.path) :]]
        shown = " → ".join([*loop, loop[0]])
        raise ScenarioError(Message("extends: a loop: {shown}", shown=shown), origin)
    return source


def _extended(name: str, child: Source) -> Source:
    if "/" not in name and "\\" not in name and not name.endswith(SUFFIXES):
        return files.bundled(name)
    if not name.endswith(SUFFIXES):
        raise InputError(
            "expected a file ending in .yaml or a bundled name, got {name!r}", name=name
        )
    path = user_files.within(name, child.folder, child.root)
    shown = Path(os.path.normpath(Path(child.shown).parent / name))
    return Source(path, shown.as_posix(), child.root)


def _merge(chain: list[_Loaded], home: Path, region: Region) -> Scenario:
    """Merge the files of a chain: each overrides, key by key, the file that it extends."""
    own = chain[0].content
    fallback = own.title.get("zh") or own.title.get("en") or own.name
    scenario = Scenario(
        name=own.name,
        region=region,
        horizon=region.horizon,
        title={language: own.title.get(language) or fallback for language in ("zh", "en")},
        origins={"horizon": DEFAULT},
        files=tuple(loaded.source.path for loaded in reversed(chain)),
        folder=home,
        description=own.description,
    )
    nearest = next((one for one in chain if one.content.as_of is not None), None)
    for loaded in reversed(chain):
        content = loaded.content
        if loaded is not nearest:  # a day that another replaces need not suit the region
            content = replace(content, as_of=None)
        locations = dict(content.locations)
        for key in ("horizon", "as_of", "targets", "relief", "fitted"):
            if getattr(content, key) is not None:
                locations[key] = (key,)
        if loaded.content.observe is not None:
            locations["observe.until"] = ("observe", "until")
        locations |= content.uncertain
        origins = {key: _position(loaded, location, home) for key, location in locations.items()}
        scenario = scenario.merged(content, origins)
    check_drawn(scenario)
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
    sheet = position.file.removeprefix(source.shown)  # of a workbook
    return replace(position, file=source.path.relative_to(home).as_posix() + sheet)
