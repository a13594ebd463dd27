"""Shapes of YAML data: sections of keys, lists of sections and single values.

From a shape the values of a file are read (:func:`read`) and its JSON Schema is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from fsinsure.documents.problems import (
    Invalid,
    Issue,
    Location,
    key_text,
    lookalike,
    meant_key,
    quote,
)
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.names import Names, code_of, listed, meant
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NAME: Final = "[^a-z_.]"
"""What only names hold, not codes: the schema leaves names, short ones too, to the loader."""

Fragment: TypeAlias = "dict[str, Any]"
"""A part of a JSON Schema."""


@dataclass(frozen=True)
class Context:
    """What the values of a file depend on.

    Parameters
    ----------
    folder
        Of the file that holds the value.
    root
        The folder tree that file names must stay in.
    home
        Of the file that the user opened; file names are kept relative to it.
    first_year
        The first projected year.
    areas
        The areas of the region by code, with what readers call them.
    """

    folder: Path | None = None
    root: Path | None = None
    home: Path | None = None
    first_year: int = 0
    areas: Names = field(default_factory=dict)


@dataclass(frozen=True)
class Leaf:
    """A key with a single value.

    Parameters
    ----------
    read
        Turns what the file holds into what a scenario keeps, or raises `Invalid`.
    fragment
        Its JSON Schema, with what an editor shows.
    required
        Whether it must be set.
    definitions
        JSON Schema that the fragment refers to, by name.
    """

    read: Callable[[object, Context], object]
    fragment: Fragment
    required: bool = False
    definitions: Mapping[str, Fragment] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A mapping of known keys.

    Parameters
    ----------
    name
        Among the definitions of the JSON Schema.
    title
        What it is, in both languages.
    keys
        What may stand in it, in order.
    about
        What an editor shows where it is used.
    plain
        The key, of a single text, that a text in the place of the section stands for.
    names
        What readers call its keys: they may be written so.
    """

    name: str
    title: str
    keys: Mapping[str, Node]
    about: str = ""
    plain: str = ""
    names: Names = field(default_factory=dict)

    def code(self, key: str) -> str:
        """Return the key that a word of a file stands for, or the word itself."""
        return code_of(key, self.names) if self.names else key


@dataclass(frozen=True)
class Listing:
    """A list of sections.

    Parameters
    ----------
    entry
        The shape of each entry.
    wanted
        What is expected, for messages.
    about
        What an editor shows of it.
    """

    entry: Section
    wanted: str
    about: str


Node: TypeAlias = Leaf | Section | Listing


def read(
    node: Node, value: object, context: Context, issues: list[Issue], at: Location = ()
) -> object:
    """Read a value of some shape.

    Parameters
    ----------
    node
        The shape.
    value
        Mappings with text keys, lists, text, numbers as Decimal, bool and None.
    context
        What the values depend on.
    issues
        Problems are added to it.
    at
        The location of the value.

    Returns
    -------
    object
        What each leaf read, in mappings and lists as in the file; of no use if there are issues.
    """
    if isinstance(node, Leaf):
        try:
            return node.read(value, context)
        except Invalid as error:
            issues += error.within(at)
            return None
    if isinstance(node, Listing):
        if isinstance(value, list):
            return [
                read(node.entry, item, context, issues, (*at, index))
                for index, item in enumerate(value)
            ]
        issues.append(
            Issue(
                Message(
                    "expected a list of {wanted}, got {value}",
                    wanted=Message(node.wanted),
                    value=quote(value),
                ),
                at,
            )
        )
        return None
    if node.plain and isinstance(value, str):
        return {node.plain: read(node.keys[node.plain], value, context, issues, at)}
    if not isinstance(value, dict):
        got = Message(
            "{value}{more}",
            value=quote(value),
            more=(Message(": give a key or delete the line") if value is None else EMPTY),
        )
        issues.append(
            Issue(
                Message("expected the keys {keys}; got {got}", keys=separated(node.keys), got=got),
                at,
            )
        )
        return None
    return _read_keys(node, value, context, issues, at)


def _read_keys(
    node: Section, value: dict[str, object], context: Context, issues: list[Issue], at: Location
) -> dict[str, object]:
    """Read the keys of a section, in its order."""
    written: dict[str, str] = {}
    for word in value:
        key = node.code(word)
        if key not in node.keys:
            issues.append(_unknown((*at, word), node, value[word]))
        elif key in written:
            text = Message("{key} a second time", key=key)
            issues.append(Issue(text, (*at, word), at_key=True))
        else:
            written[key] = word
    for key, inner in node.keys.items():
        if isinstance(inner, Leaf) and inner.required and key not in written:
            issues.append(Issue(Message("is missing: it has no default"), (*at, key), at_key=True))
    return {
        key: read(inner, value[written[key]], context, issues, (*at, written[key]))
        for key, inner in node.keys.items()
        if key in written
    }


def written(node: Section, data: object, location: tuple[str, ...]) -> tuple[str, ...]:
    """Return a location with its keys as they are written in a file."""
    found: list[str] = []
    for key in location:
        words = data if isinstance(data, dict) else {}
        found.append(next((word for word in words if node.code(word) == key), key))
        data, inner = words.get(found[-1]), node.keys[key]
        if not isinstance(inner, Section):
            break
        node = inner
    return (*found, *location[len(found) :])


def _unknown(location: Location, section: Section, value: object) -> Issue:
    """Report that a section has no such key, and which was probably meant."""
    word, dotted = str(location[-1]), key_text(location)
    name = word if word in registry() else dotted
    if name in registry():
        *nest, key = registry()[name].location
        opening = ": {".join([*nest, key])
        return Issue(
            Message("write it nested: {nested}", nested=f"{opening}: ...{'}' * len(nest)}"),
            location,
            at_key=True,
        )
    if value is None and re.fullmatch(r"[0-9]+ *(%|万|亿)?", word):
        text = Message(
            "is not a key; a comma separates keys: write a decimal point, such as 0.{word}",
            word=word,
        )
        return Issue(text, location, at_key=True)

    def hint() -> Message:
        longer = [key for key in section.keys if key.startswith(f"{word}.")]
        closest = meant_key(longer[0] if longer else word, section.keys)
        odd = lookalike(word)
        hint = closest if closest or odd else meant_key(dotted, registry())
        return Message(
            "{odd}.{hint} Known here: {keys}",
            odd=odd,
            hint=hint or meant(word, section.names),
            keys=listed(word, {key: section.names.get(key, ()) for key in section.keys}),
        )

    return Issue(Message("unknown key"), location, at_key=True, hint=hint)


def json_schema(section: Section) -> Fragment:
    """Return the JSON Schema of a file of some shape."""
    definitions: dict[str, Fragment] = {}
    top = _mapping(section, definitions)
    return {"$defs": dict(sorted(definitions.items())), **top}


def _mapping(section: Section, definitions: dict[str, Fragment]) -> Fragment:
    keys = section.keys.items()
    required = [key for key, node in keys if isinstance(node, Leaf) and node.required]
    return {
        "additionalProperties": False,
        "properties": {
            word: _property(key, node, definitions)
            for key, node in keys
            for word in (key, *section.names.get(key, ()))
        },
        **({"patternProperties": {NAME: {}}} if section.names else {}),
        **({"required": required} if required else {}),
        "title": section.title,
        "type": "object",
    }


def _property(key: str, node: Node, definitions: dict[str, Fragment]) -> Fragment:
    """Return the JSON Schema of a key; the sections that it refers to join the definitions."""
    if isinstance(node, Leaf):
        definitions.update(node.definitions)
        return dict(sorted({"title": key, **node.fragment}.items()))
    section = node.entry if isinstance(node, Listing) else node
    definitions[section.name] = _mapping(section, definitions)
    found: Fragment = {"$ref": f"#/$defs/{section.name}"}
    if isinstance(node, Listing):
        found = {"items": found, "type": "array"}
    elif node.plain:
        found = {"anyOf": [found, _property(key, node.keys[node.plain], definitions)]}
    about = {"description": node.about} if node.about else {}
    title = {"title": key} if key != section.title else {}  # else it would stand twice
    return dict(sorted({**found, **about, **title}.items()))
