"""Messages to the user in Chinese and English.

A message keeps its template and its values, and is written in a language when it is shown. The
English template is the key; the Chinese one stands beside it in ``data/messages.csv`` and has the
same placeholders. A value may be a message itself, so that one text is in one language.
"""

from __future__ import annotations

import csv
import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from numbers import Number
from string import Formatter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LANGUAGES: Final = ("zh", "en")
VARIABLE: Final = "FSINSURE_LANG"
"""The environment variable that names the language where nothing else does."""

_HAN: Final = "[一-鿿]"
_STOP: Final = "[、。，；：？！（）“”]"
_CLOSED: Final = re.compile(
    f"(?:{_HAN}|{_STOP})(?: \0| ?\0 )(?:{_HAN}|{_STOP})|{_STOP}(?: \0| ?\0 )|(?: \0| ?\0 ){_STOP}"
)
"""Seams with a space between hanzi, or beside a full-width mark."""
_OPEN: Final = re.compile(f"{_HAN}\0[A-Za-z0-9]|[A-Za-z0-9%]\0{_HAN}")
"""Seams without the space between hanzi and letters or digits."""

_CHOSEN: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str:
    """Return the language of messages: the one in use, else the environment's, else Chinese."""
    named = _CHOSEN.get() or os.environ.get(VARIABLE)
    return named if named in LANGUAGES else LANGUAGES[0]


@contextmanager
def speaking(lang: str | None = None) -> Iterator[None]:
    """Use a language within a block; without one, that of the environment."""
    before = _CHOSEN.set(lang)
    try:
        yield
    finally:
        _CHOSEN.reset(before)


class Message:
    """A text in Chinese and English.

    Parameters
    ----------
    template
        The English text, with placeholders of `str.format` if there are values.
    **values
        Their values: numbers, texts that are the same in every language, or messages. An error
        stands for its message.

    Examples
    --------
    >>> fund = Message("there is no fund {fund!r}.", fund="sick")
    >>> fund.text("en"), fund.text("zh")
    ("there is no fund 'sick'.", "没有基金 'sick'。")
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = {name: _kept(value) for name, value in values.items()}

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language, without one in the `language` of messages."""
        lang = lang or language()
        template = self.template if lang == "en" else chinese().get(self.template, self.template)
        if not self.values:
            return template
        values = {name: _shown(value, lang) for name, value in self.values.items()}
        return template.format(**values) if lang == "en" else spaced(_filled(template, values))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return repr(self.text())

    def __bool__(self) -> bool:
        return bool(self.template)

    def __add__(self, other: Message | str) -> Message:
        return separated((self, other), "")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return (self.template, self.values) == (other.template, other.values)

    def __hash__(self) -> int:
        return hash((self.template, *self.values))


EMPTY: Final = Message("")


def verbatim(text: str) -> Message:
    """Return a text that is the same in every language: a name, a number, a foreign message."""
    return separated((text,))


def worded(message: Message | str, values: Mapping[str, object]) -> Message:
    """Return a message, or that of a template with its values."""
    return Message(message, **values) if isinstance(message, str) else message


class _Separated(Message):
    """Parts with a separator between them; `template` is the separator."""

    __slots__ = ("parts",)

    def __init__(self, separator: str, parts: Iterable[object]) -> None:
        super().__init__(separator)
        self.parts = tuple(_kept(part) for part in parts)

    def text(self, lang: str | None = None) -> str:
        """Return the parts in a language."""
        lang = lang or language()
        between = self.template if lang == "en" else chinese().get(self.template, self.template)
        shown = [str(_shown(part, lang)) for part in self.parts]
        if lang == "en":
            return between.join(shown)
        return spaced([piece for part in shown for piece in (between, part)][1:])

    def __bool__(self) -> bool:
        return any(self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Separated) and self.parts == other.parts and super().__eq__(other)

    def __hash__(self) -> int:
        return hash((self.template, self.parts))


class _Both(Message):
    """A text whose Chinese is given beside it; `template` is the English one."""

    __slots__ = ("zh",)

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        return self.template if (lang or language()) == "en" else self.zh


class _Sentence(Message):
    """A message that begins a sentence, with a capital letter in English."""

    __slots__ = ("message",)

    def __init__(self, message: Message) -> None:
        super().__init__(message.template)
        self.message = message

    def text(self, lang: str | None = None) -> str:
        """Return the sentence in a language."""
        text = self.message.text(lang)
        return text[:1].upper() + text[1:]


def both(zh: str, en: str) -> Message:
    """Return a text of a table that has it in both languages, such as a name."""
    return _Both(zh, en)


def sentence(message: Message) -> Message:
    """Return a message as the beginning of a sentence."""
    return _Sentence(message)


def either(parts: Iterable[object], last: str = " or ") -> Message:
    """Return ``a, b or c``."""
    found = tuple(parts)
    if len(found) < 2:
        return separated(found)
    return separated((separated(found[:-1]), found[-1]), last)


def separated(parts: Iterable[object], separator: str = ", ") -> Message:
    """Return texts and messages as one message, with a separator that has a Chinese form."""
    return _Separated(separator, parts)


def _kept(value: object) -> object:
    """Return what is kept of a value: no references to what may be large, or not be pickled."""
    if isinstance(value, BaseException) and value.args and isinstance(value.args[0], Message):
        return value.args[0]
    return value if isinstance(value, Message | Number | str) else _Text(value)


class _Text(str):
    """The text of an object, and what `repr` writes of it."""

    def __new__(cls, value: object) -> _Text:
        found = super().__new__(cls, str(value))
        found.__dict__["shown"] = repr(value)
        return found

    def __reduce__(self) -> tuple[object, ...]:
        return str.__new__, (_Text, str(self)), self.__dict__

    def __repr__(self) -> str:
        return str(self.__dict__["shown"])


def _filled(template: str, values: Mapping[str, object]) -> Iterator[str]:
    """Yield the texts of a template and its values as `str.format` puts them together."""
    formatter = Formatter()
    for text, field, spec, conversion in formatter.parse(template):
        yield text
        if field is not None:
            value, _ = formatter.get_field(field, (), values)
            yield formatter.format_field(formatter.convert_field(value, conversion), spec or "")


def spaced(pieces: Iterable[str]) -> str:
    """Join Chinese texts, with a space where hanzi meet letters or digits, and none between hanzi.

    Only seams change: what a value holds, such as the name of a file, stays as it is.

    >>> spaced(["请 ", "降低 x", " 的值"]), spaced(["2020 年没有", "injury", "的数"])
    ('请降低 x 的值', '2020 年没有 injury 的数')
    """
    found = ""
    for piece in filter(None, pieces):
        seam = f"{found[-2:]}\0{piece[:2]}"
        if _CLOSED.search(seam):
            found, piece = found.rstrip(" "), piece.lstrip(" ")
        elif _OPEN.search(seam):
            found += " "
        found += piece
    return found


def _shown(value: object, lang: str) -> object:
    return value.text(lang) if isinstance(value, Message) else value


def said(error: BaseException) -> Message:
    """Return what an error says: the message of ours, the words of any other as they are."""
    kept = _kept(error)
    return kept if isinstance(kept, Message) else verbatim(str(kept))


def phrase(text: str) -> str:
    """Return an English text that tables hold, and that `Message` shows in both languages."""
    return text


@cache
def chinese() -> dict[str, str]:
    """Return the Chinese template of each English one."""
    text = files("fsinsure.data").joinpath("messages.csv").read_text(encoding="utf-8")
    return {row["en"]: row["zh"] for row in csv.DictReader(text.splitlines(keepends=True))}
