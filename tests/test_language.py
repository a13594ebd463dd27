"""Plain technical English: words that were retired, and what stands in their place.

The list concerns identifiers, docstrings, comments, messages, labels, documents and the names of
files. The terms of the field, with their Chinese, are in ``docs/glossary.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
TEXTS = (
    *("src/**/*.py", "src/**/*.csv", "tests/**/*.py", "tests/laws/**/*.yaml", "scenarios/*.yaml"),
    *("*.md", "docs/**/*.md", "notebooks/*.py", "benchmarks/**/*.py", "benchmarks/*.md"),
)
NOT_PICTURES = r"^(?!src/fsinsure/output|tests/test_figures)"
"""A picture has room for texts, and texts have words."""
PERSONS = (
    NOT_PICTURES
    + r".*(microsim|validation|micro|fast|kernel|draws|bits|shard|person|agreement|0004)"
)
"""Where a word would mean random bits."""


class Retired(NamedTuple):
    """A pattern, matched without regard to case, in files whose path has `where`."""

    pattern: str
    instead: str
    where: str = ""


RETIRED = (
    Retired(r"luck", "draw, random numbers; deterministic for 'without'"),
    Retired(r"\btold\b", "reported, given"),
    Retired(r"reckon", "compute"),
    Retired(r"\bmend(s|ed|ing)?\b", "fix, correct"),
    Retired(r"\bwho(m)?(so)?ever\b", "those who"),
    Retired(r"\b(below|than|from|as|adds?|pays?|earns?|leaves?|draws?) nothing\b", "zero, none"),
    Retired(r"\b(is|are) nothing\b(?! (to|but|else|that))", "zero, none"),
    Retired(r"\b(comes?|came|coming) to\b", "total, amount to, be"),
    Retired(r"\b(go|goes|gone|went|going) along\b", "be transferred"),
    Retired(r"\bhand(s|ed|ing)? on\b", "pass"),
    Retired(r"\bwalk(s|ed|ing|ers?)?\b", "mover, MoverState; go through, run"),
    Retired(r"\bodds\b", "cumulative probability"),
    Retired(r"\bwords?\b", "random bits", PERSONS),
    Retired(r"\brandom words?\b|\bwords? of (luck|random)", "random bits"),
    Retired(r"\brooms?\b", "capacity, package, buffer", NOT_PICTURES),
    Retired(r"\bhouses?\b", "library, package"),
    Retired(r"\b(ground|upper|lower|top) floors?\b|\bfloors? (above|below)\b", "layer"),
    Retired(r"\blaid out\b|\blay(s|ing)? out\b", "build; layout"),
    Retired(r"\b(sets?|setting) out\b", "build, begin, describe"),
    Retired(r'"""Let\b|# Let\b', "say what the function does"),
    Retired(r'"""(Be born|Die|Arrive|Grow old)', "name the event: births, deaths, arrivals"),
)
ALLOWED = (
    r"\b((ast|os)\.walk|pkgutil\.walk_packages)\b",
    r"\bodds (law )?of Heligman\b",
    r"\bcom(e|es|ing) to (the city|live)\b",
)
"""Contexts in which a retired word is meant literally."""
PATTERNS = [(re.compile(item.pattern, re.IGNORECASE), item) for item in RETIRED]
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def files() -> list[Path]:
    found = {path for pattern in TEXTS for path in ROOT.glob(pattern)}
    return sorted(found - {Path(__file__).resolve()})


def plain(line: str) -> str:
    """Return a line with the parts of identifiers as words, without the allowed contexts."""
    for context in ALLOWED:
        line = re.sub(context, "", line, flags=re.IGNORECASE)
    return CAMEL.sub(" ", line).replace("_", " ")


def retired_in(path: str, lines: list[str]) -> Iterator[str]:
    texts = [plain(line) for line in (path, *lines)]
    whole = "\n".join(texts)
    here = [both for both in PATTERNS if re.search(both[1].where, path) and both[0].search(whole)]
    for number, text in enumerate(texts if here else ()):
        for pattern, item in here:
            for found in pattern.finditer(text):
                yield f"{path}:{number}: {found[0]!r}; instead: {item.instead}"


def test_no_retired_word_remains() -> None:
    found = [
        line
        for path in files()
        for line in retired_in(
            path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8").splitlines()
        )
    ]
    assert not found, f"{len(found)} retired words:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/a.py", "without_luck = 1"),
        ("src/a.py", "class WalkState:"),
        ("src/a.py", "LAID_OUT = 2"),
        ("src/a.py", "balance below nothing"),
        ("src/a.py", "what it Comes to"),
        ("src/a.py", '    """Let persons go."""'),
        ("src/microsim/a.py", "words = bits(seed)"),
        ("tests/without_luck.py", ""),
    ],
)
def test_a_retired_word_is_found(path: str, line: str) -> None:
    assert list(retired_in(path, [line]))


@pytest.mark.parametrize(
    "line",
    [
        "amended = recommend(layout)",
        "for node in ast.walk(tree):",
        "there is nothing to draw",
        "household, pension.base_floor, floors and caps",
        "the words of a label",
        "settled in outlay",
    ],
)
def test_ordinary_words_are_allowed(line: str) -> None:
    assert not list(retired_in("src/a.py", [line]))
