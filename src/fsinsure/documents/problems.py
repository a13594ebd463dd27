"""What is wrong with a scenario, collected before it is reported: one line for each problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from fsinsure.errors import Position, ScenarioError, did_you_mean
from fsinsure.messages import EMPTY, Message, either, separated, verbatim, worded

if TYPE_CHECKING:
    from collections.abc import Iterable

Key = TypeVar("Key", str, int)
Item = TypeVar("Item")
Read = TypeVar("Read")

Location = tuple[str | int, ...]
"""Where a value stands among the keys: ``("growth", "employee", "2023")``."""

MOST_REPORTED: Final = 10
"""Lines of one message; what is beyond is counted."""

MOST_SHOWN: Final = 40
"""Characters of a value quoted in a message."""

# Characters that look like those of YAML, or cannot be seen; a colon only after a key.
_LOOKALIKE: Final = re.compile(
    "(?<=[A-Za-z0-9_])\uff1a|\uff0c|[\u2212\u2013\u2014](?=[0-9.])"
    "|[\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000\u00ad]|[\uff5b\uff5d\u201c\u201d]"
)
_LOOKALIKES: Final = {
    "\uff1a": Message("the colon \uff1a is full-width, YAML needs ': ' (and a space)"),
    "\uff0c": Message("the comma \uff0c is full-width, YAML needs ', '"),
    "\uff5b": Message("the bracket \uff5b is full-width, YAML needs {"),
    "\uff5d": Message("the bracket \uff5d is full-width, YAML needs }"),
    "\u201c": Message('the quote \u201c is typographic, YAML needs "'),
    "\u201d": Message('the quote \u201d is typographic, YAML needs "'),
    **{
        dash: Message("the minus sign U+{code:04X} is typographic, write -", code=ord(dash))
        for dash in "\u2212\u2013\u2014"
    },
    "\u200b": Message("it holds a zero-width space (U+200B), delete it"),
    "\u2060": Message("it holds a word joiner of no width (U+2060), delete it"),
    "\u00ad": Message("it holds a soft hyphen (U+00AD), delete it"),
}


@dataclass(frozen=True)
class Issue:
    """One problem.

    Parameters
    ----------
    text
        What is wrong.
    location
        Under which key.
    at_key
        Whether the key itself is at fault.
    hint
        Returns what was probably meant, appended to the text. It is called only for the issues
        that are reported.
    """

    text: Message
    location: Location = ()
    at_key: bool = False
    hint: Callable[[], Message] | None = None


class Invalid(ValueError):
    """A value cannot be used; `issues` are located within the value."""

    def __init__(self, *issues: Issue) -> None:
        self.issues = issues
        super().__init__(separated((issue.text for issue in issues), "; "))

    def within(self, outer: Location) -> list[Issue]:
        """Return the issues located in what holds the value."""
        return [replace(issue, location=(*outer, *issue.location)) for issue in self.issues]


def read_each(items: Iterable[tuple[Key, Item]], read: Callable[[Key, Item], Read]) -> list[Read]:
    """Read items with their keys.

    Raises
    ------
    Invalid
        With the issues of all items that cannot be used, located by their keys.
    """
    found: list[Read] = []
    issues: list[Issue] = []
    for key, item in items:
        try:
            found.append(read(key, item))
        except Invalid as error:
            issues += error.within((key,))
    if issues:
        raise Invalid(*issues)
    return found


def invalid(text: Message | str, /, **values: object) -> Invalid:
    """Make the error of a value that has one problem."""
    return Invalid(Issue(worded(text, values)))


class Unreadable:
    """A value of a type without an equivalent in YAML; messages name the type."""

    def __init__(self, value: object) -> None:
        self.kind = type(value).__name__


def key_text(location: Location) -> str:
    """Write a location as a key: ``targets[0].value``; what cannot be printed is escaped."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    text = text.removeprefix(".")
    return text if text.isprintable() else repr(text)[1:-1]


def lookalike(text: str) -> Message:
    """Name the first character that only looks like one of YAML, in brackets; else empty."""
    found = _LOOKALIKE.search(text)
    if found is None:
        return EMPTY
    space = Message(
        "the space U+{code:04X} is none to YAML, write a plain space", code=ord(found[0])
    )
    return Message(" ({what})", what=_LOOKALIKES.get(found[0], space))


def meant_key(word: str, known: Collection[str]) -> Message:
    """Return ``" Did you mean 'x'?"`` for the key that was meant, or an empty message.

    Of a word with look-alikes the word without them, if it is a key; of the last part of dotted
    keys those that end with it.
    """
    plain = _LOOKALIKE.sub("", word)
    if plain != word:
        return did_you_mean(plain, [one for one in known if one == plain])
    ends = [repr(one) for one in known if one.endswith(f".{word}")]
    if len(ends) > 1:
        return Message(" Did you mean {keys}?", keys=either(ends[:4]))
    return did_you_mean(word, known)


def quote(value: object) -> Message:
    """Show a value in a message, shortened; a look-alike character in it is named."""
    if value is None:
        return Message("no value")
    if isinstance(value, bool):
        return verbatim(str(value).lower())
    if isinstance(value, dict):
        return Message("a mapping")
    if isinstance(value, list):
        return Message("a list")
    if isinstance(value, Unreadable):
        return Message("an object of type {kind}", kind=value.kind)
    text = repr(value) if isinstance(value, str) else str(value)
    short = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    return verbatim(short) + (lookalike(value) if isinstance(value, str) else EMPTY)


def fail(issues: Iterable[Issue], locate: Callable[[Location, bool], Position | None]) -> NoReturn:
    """Raise one ScenarioError for all issues, in the order of the file.

    Parameters
    ----------
    issues
        At least one.
    locate
        Gives the position of a location (of its key, if the second argument is true).
    """
    placed = [(locate(issue.location, issue.at_key), issue) for issue in issues]
    placed.sort(key=lambda pair: (pair[0].line, pair[0].column) if pair[0] else (0, 0))
    lines: list[Message] = []
    for position, issue in placed[:MOST_REPORTED]:
        key = key_text(issue.location)
        shown = key if len(key) <= 2 * MOST_SHOWN else f"{key[: 2 * MOST_SHOWN]}…"
        where = (position,) if position and lines else ()
        text = issue.text + (issue.hint() if issue.hint else EMPTY)
        lines.append(separated((*where, *filter(None, (shown,)), text), ": "))
    if len(placed) > MOST_REPORTED:
        lines.append(Message("... and {count} more problems", count=len(placed) - MOST_REPORTED))
    raise ScenarioError(separated(lines, "\n"), placed[0][0])
