"""What readers call things: Chinese and English names understood where a code is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from fsinsure.errors import InputError, close, did_you_mean
from fsinsure.messages import Message, either, separated

Value = TypeVar("Value")

Names = Mapping[str, tuple[str, ...]]
"""The names of each code, in every language."""

_HANZI: Final = re.compile("[一-鿿]{2,}")
_KIND_OF_PLACE: Final = re.compile("(?<=.)(地区|新区|街道|[省市区县镇乡])$")
"""What the name of a place may end with."""


def code_of(word: str, names: Names, *, shorten: bool = True) -> str:
    """Return the code that a word names, or the word itself.

    A word names a code that has it as a name, whatever its case, width and spaces; else, with
    `shorten`, the only code with a name that shortens to it, as 企业养老 is short for
    企业职工养老保险.

    Examples
    --------
    >>> measures = {"pension": ("企业职工养老保险",), "injury": ("工伤保险", "Work injury")}
    >>> code_of("企业养老", measures), code_of("work injury", measures)
    ('pension', 'injury')
    >>> code_of("保险", measures)
    '保险'
    """
    if word in names:
        return word
    asked = _plain(word)
    same = codes_of(word, names)
    if same:
        return same[0] if len(same) == 1 else word
    if not shorten or not _HANZI.fullmatch(asked):
        return word
    for short in (asked, _KIND_OF_PLACE.sub("", asked)):
        found = [
            code for code, known in names.items() if any(_shortens(short, one) for one in known)
        ]
        if len(found) == 1:
            return found[0]
    return word


def codes_of(word: str, names: Names) -> list[str]:
    """Return the codes that have a word as code or name, whatever its case, width and spaces."""
    asked = _plain(word)
    return [code for code, known in names.items() if asked in map(_plain, (code, *known))]


def by_code(
    given: Mapping[str, Value], code: Callable[[str], str], what: Message
) -> dict[str, Value]:
    """Return values by the code that their word names.

    Raises
    ------
    InputError
        If they are not given by name, or two words name the same.
    """
    if not isinstance(given, Mapping):
        raise InputError("{what}: give them by name, not {given!r}", what=what, given=given)
    found: dict[str, Value] = {}
    for word, value in given.items():
        if code(word) in found:
            raise InputError(
                "{what}: {word} names {code} a second time: keep one",
                what=what,
                word=word,
                code=code(word),
            )
        found[code(word)] = value
    return found


def texts(given: object, what: Message) -> list[str]:
    """Return a name, or a list of names, as a list.

    Raises
    ------
    InputError
        If it is not a text or a list of texts.
    """
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, Sequence | Mapping) or not all(isinstance(one, str) for one in found):
        raise InputError(
            "{what}: give a name, or a list of names, not {given!r}", what=what, given=given
        )
    return [one for one in found if isinstance(one, str)]


def meant(word: str, names: Names) -> Message:
    """Return ``" Did you mean 'x'?"`` for the closest code or name, or an empty message.

    A word that is the name of several codes is not repeated; the codes are given.

    Chinese words are compared without what places end with: of two characters one is then the
    same, as in 顺得 for 顺德区.

    >>> meant("顺得", {"shunde": ("顺德区",), "nanhai": ("南海区",)}).text("en")
    " Did you mean '顺德区'?"
    """
    if len(same := codes_of(word, names)) > 1:
        return Message(" It may be {codes}: write one of these.", codes=either(same))
    hint, stem = did_you_mean(word, every(names)), _KIND_OF_PLACE.sub("", _plain(word))
    if hint or len(stem) != 2 or not in_hanzi(stem):
        return hint
    stems = {_KIND_OF_PLACE.sub("", one): one for one in every(names) if in_hanzi(one)}
    found = close(stem, stems, cutoff=0.5)
    return did_you_mean(stems[found], [stems[found]]) if found else hint


def listed(word: object, names: Names, *others: str) -> Message:
    """Return what may be written: every code, or every Chinese name where a word has Chinese."""
    if isinstance(word, str) and _HANZI.search(_plain(word)):
        own = [next(filter(_HANZI.search, known), code) for code, known in names.items()]
        return separated((*own, *others))
    return separated((*names, *others))


def in_hanzi(word: str) -> bool:
    """Return whether a word begins with two Chinese characters."""
    return _HANZI.match(_plain(word)) is not None


def every(names: Names) -> Iterable[str]:
    """Return every code, then every name of one."""
    return dict.fromkeys((*names, *(one for known in names.values() for one in known)))


def _plain(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _shortens(short: str, name: str) -> bool:
    """Return whether the characters of a word stand in a name, in this order."""
    left = iter(name)
    return len(short) > 1 and all(one in left for one in short)
