"""Read YAML text as plain values with their positions; constructs beyond plain data are refused.

The events of the parser are read one by one, so that an alias, a tag, a second document or the
thirty-first level of nesting is refused before any value is built from it. Plain scalars are
resolved as in the core schema of YAML 1.2: ``no`` and ``20_50`` are texts, ``010`` is ten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import yaml

from fsinsure.documents.problems import Location, lookalike, quote
from fsinsure.errors import Position, ScenarioError
from fsinsure.messages import Message, worded
from fsinsure.units import MOST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 30

MOST_VALUES: Final = 10_000
"""Values of one file at most; a value for every path and year would be half as many."""

# YAML 1.2.2, 10.3.2. The package yamlcore has the same table but cannot be imported where PyYAML
# was built without libyaml; a test holds the two together.
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Longer exponents stay text, which is refused where a number is expected; Decimal has a limit.
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")
_OTHER_BASE: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_INFINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NOT_A_NUMBER: Final = (".nan", ".NaN", ".NAN")

# YAML 1.2.2, 5.1, without the line separators that editors do not treat as line ends.
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INDENTING_TAB: Final = re.compile(r"^ *\t[ \t]*[^\s#]", re.MULTILINE)


@dataclass
class Document:
    """The values of a file and their positions.

    Parameters
    ----------
    data
        Plain values: mappings with text keys, lists, text, numbers as Decimal, bool, None.
    keys, values
        Positions by location, of the key and of its value.
    """

    data: dict[str, object]
    keys: dict[Location, Position] = field(default_factory=dict)
    values: dict[Location, Position] = field(default_factory=dict)

    def locate(self, location: Location, at_key: bool = False) -> Position | None:
        """Return the position of a location, or of the nearest location that contains it."""
        first, second = (self.keys, self.values) if at_key else (self.values, self.keys)
        for length in range(len(location), -1, -1):
            found = first.get(location[:length]) or second.get(location[:length])
            if found:
                return found
        return None


def decode(raw: bytes, file: str) -> str:
    """Decode UTF-8 (a byte order mark is dropped) and refuse control characters.

    Raises
    ------
    ScenarioError
        With the line of the first byte or character that cannot be used.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:2]:
        raise ScenarioError(
            Message("not UTF-8 text but UTF-16: save the file as UTF-8"), Position(file, 1, 1)
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder has removed the byte order mark; in Latin-1 each byte is a character.
        body = error.object.decode("latin-1")
        raise ScenarioError(
            Message(
                "not UTF-8 text (byte 0x{body:02x}): save the file as UTF-8, editors of Chinese "
                "Windows may write GBK",
                body=ord(body[error.start]),
            ),
            _at(body, error.start, file),
        ) from None
    if bad := _UNPRINTABLE.search(text):
        raise ScenarioError(
            Message("the control character U+{bad:04X}: delete it", bad=ord(bad[0])),
            _at(text, bad.start(), file),
        )
    if tab := _INDENTING_TAB.search(text):
        raise ScenarioError(
            Message("a tab in the indentation: indent with spaces, two for each level"),
            _at(text, text.index("\t", tab.start()), file),
        )
    return text


SCENARIO_NEEDS: Final = Message("a scenario needs at least 'name: some-name'")


def read(raw: bytes, file: str, needs: Message = SCENARIO_NEEDS) -> Document:
    """Read the text of a scenario file, or of another YAML file.

    Parameters
    ----------
    raw
        The content of the file.
    file
        Its name in messages.
    needs
        What an empty file lacks, for its message.

    Raises
    ------
    ScenarioError
        If it is not one YAML document of plain mappings, lists and scalars; with position.
    """
    text = decode(raw, file)
    try:
        return _Builder(text, file).document(needs)
    except yaml.MarkedYAMLError as error:
        raise _invalid(error, text, file) from None
    except yaml.YAMLError as error:
        raise ScenarioError(
            Message("not valid YAML: {error}", error=error), Position(file, 1, 1)
        ) from None


def _at(text: str, index: int, file: str) -> Position:
    line = text.count("\n", 0, index) + 1
    return Position(file, line, index - text.rfind("\n", 0, index))


def _invalid(error: yaml.MarkedYAMLError, text: str, file: str) -> ScenarioError:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    problem = error.problem or error.context or ""
    lines = text.splitlines()
    section = _commented_section(lines, line)
    hint = lookalike("\n".join(lines[max(0, line - 1) : line + 1]))
    if section:
        hint = Message(
            "; delete the '# ' of its section too, in line {number}: {line}",
            number=section,
            line=lines[section - 1],
        )
    elif "\\t" in problem:
        hint = Message("; use spaces, not tabs")
    elif not hint and ("mapping values" in problem or "cannot start any token" in problem):
        hint = Message(
            "; put a text with special characters in quotes, and align keys of one level"
        )
    return ScenarioError(
        Message("not valid YAML: {problem}{hint}", problem=problem, hint=hint),
        Position(file, line + 1, mark.column + 1 if mark else 1),
    )


def _commented_section(lines: list[str], index: int) -> int:
    """Return the number of the comment line that would be the section of an indented line.

    0 if there is none: `fsinsure new` writes sections as ``# growth:`` above their keys.
    """
    if index >= len(lines):
        return 0
    depth = len(lines[index]) - len(lines[index].lstrip(" "))
    for number in range(index, 0, -1):
        line = lines[number - 1]
        found = re.fullmatch(r"# ( *)[A-Za-z_.]+: *", line)
        if found and len(found[1]) < depth:
            return number
        if line.strip() and not line.startswith("#") and not line.startswith(" " * depth):
            return 0
    return 0


class _Builder:
    """Builds the values of one file from the events of the parser."""

    def __init__(self, text: str, file: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
        self._file = file
        self._document = Document({})

    def document(self, needs: Message) -> Document:
        next(self._events)  # the start of the stream
        opening = next(self._events)
        empty = Message("the file is empty: {needs}", needs=needs)
        if isinstance(opening, yaml.StreamEndEvent):
            raise ScenarioError(empty, Position(self._file, 1, 1))
        event = next(self._events)
        if isinstance(event, yaml.ScalarEvent) and not event.value:
            raise self._refuse(event, empty)
        data = self._value(event, ())
        if not isinstance(data, dict):
            raise self._refuse(
                event, "expected lines of 'key: value', got {data}", data=quote(data)
            )
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refuse(after, "a second document ('---'): one file holds one document")
        self._document.data = data
        return self._document

    def _position(self, event: yaml.Event) -> Position:
        mark = event.start_mark
        assert mark is not None  # both parsers mark every event
        return Position(self._file, mark.line + 1, mark.column + 1)

    def _refuse(self, event: yaml.Event, text: Message | str, /, **values: object) -> ScenarioError:
        return ScenarioError(worded(text, values), self._position(event))

    def _value(self, event: yaml.Event, location: Location) -> object:
        self._check(event)
        self._document.values[location] = self._position(event)
        if len(self._document.values) > MOST_VALUES:
            raise self._refuse(
                event, "more than {most_values} values in one file", most_values=MOST_VALUES
            )
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(location) >= DEEPEST:
            raise self._refuse(event, "nested more than {deepest} levels deep", deepest=DEEPEST)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(location)
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*location, len(items))))
        return items

    def _check(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(
                event, "the alias *{anchor}: write the value out", anchor=event.anchor
            )
        if getattr(event, "anchor", None):
            raise self._refuse(event, "an anchor (&): write the value out where it is used")
        if getattr(event, "tag", None):
            raise self._refuse(event, "a tag (!): values need none, write the plain value")

    def _mapping(self, location: Location) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._check(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, "a key must be a single word or year")
            key = self._text_of(event)
            inner = (*location, key)
            if key in found:
                first = self._document.keys[inner]
                raise self._refuse(
                    event,
                    "the key {key} a second time (first in line {line})",
                    key=quote(key),
                    line=first.line,
                )
            self._document.keys[inner] = self._position(event)
            found[key] = self._value(next(self._events), inner)
        return found

    def _text_of(self, event: yaml.ScalarEvent) -> str:
        if bad := _UNPRINTABLE.search(event.value):  # by an escape such as "\0"
            raise self._refuse(
                event, "the control character U+{bad:04X} in a text", bad=ord(bad[0])
            )
        return str(event.value)

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        text = self._text_of(event)
        if not event.implicit[0]:
            return text
        if _OTHER_BASE.fullmatch(text):
            # A number in YAML, but not intended: 0o3751 would silently be the year 2025.
            raise self._refuse(
                event,
                "{text} is an octal or hexadecimal number: write it with the digits 0-9 (2025), "
                "or in quotes if it is a text",
                text=quote(text),
            )
        return resolve(text)


def resolve(text: str) -> object:
    """Resolve a plain scalar: None, bool, Decimal (digits as written) or text."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MOST_DIGITS:
        return text
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    if _OTHER_BASE.fullmatch(text):
        return Decimal(int(text, 0))
    if _INFINITE.fullmatch(text):
        return Decimal("-Infinity" if text.startswith("-") else "Infinity")
    return Decimal("NaN") if text in _NOT_A_NUMBER else text
