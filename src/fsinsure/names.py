"""What readers call things: Chinese and English names understood where a code is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from fsinsure.errors import close, did_you_mean
from fsinsure.messages import Message, separated

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
    same = [code for code, known in names.items() if asked in map(_plain, (code, *known))]
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


def meant(word: str, names: Names) -> Message:
    """Return ``" Did you mean 'x'?"`` for the closest code or name, or an empty message.

    Chinese words are compared without what places end with: of two characters one is then the
    same, as in 顺得 for 顺德区.

    >>> meant("顺得", {"shunde": ("顺德区",), "nanhai": ("南海区",)}).text("en")
    " Did you mean '顺德区'?"
    """
    hint, stem = did_you_mean(word, every(names)), _KIND_OF_PLACE.sub("", _plain(word))
    if hint or len(stem) != 2 or not in_hanzi(stem):
        return hint
    stems = {_KIND_OF_PLACE.sub("", one): one for one in every(names) if in_hanzi(one)}
    found = close(stem, stems, cutoff=0.5)
    return did_you_mean(stems[found], [stems[found]]) if found else hint


def listed(word: object, names: Names, *others: str) -> Message:
    """Return what may be written: every code, or every Chinese name where a word is Chinese."""
    if isinstance(word, str) and in_hanzi(word):
        own = [next(filter(in_hanzi, known), code) for code, known in names.items()]
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
