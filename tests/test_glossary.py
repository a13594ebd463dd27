"""The glossary names what exists, with the labels that readers see."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fsinsure.output.labels import LANGUAGES, labels
from fsinsure.registry import registry
from fsinsure.statuses import ITEMS, STATUS_ROWS

DOC = Path(__file__).parents[1] / "docs" / "glossary.md"
ROWS = re.findall(r"^\| (.+) \| (.+) \| (\w+) \| `(.+)` \|$", DOC.read_text("utf-8"), re.MULTILINE)
STATUS_LABELS = {row["status"]: {lang: row[lang] for lang in LANGUAGES} for row in STATUS_ROWS}


def resolved(name: str) -> Any:
    """Return a module, or what one of them holds, below ``fsinsure``."""
    try:
        return import_module(f"fsinsure.{name}")
    except ModuleNotFoundError:
        module, _, member = name.rpartition(".")
        return getattr(import_module(f"fsinsure.{module}"), member)


def test_the_glossary_has_rows_and_each_thing_once() -> None:
    table_rows = [line for line in DOC.read_text("utf-8").splitlines() if "` |" in line]
    assert len(ROWS) == len(table_rows) >= 60
    assert len({row[2:] for row in ROWS}) == len(ROWS)
    assert {row[3] for row in ROWS if row[2] == "status"} == set(STATUS_LABELS)


@pytest.mark.parametrize(("en", "zh", "kind", "name"), ROWS, ids=[row[3] for row in ROWS])
def test_a_term_exists_with_its_labels(en: str, zh: str, kind: str, name: str) -> None:
    terms = {"en": en.split("; "), "zh": zh.split("; ")}
    if kind == "code":
        assert resolved(name).__doc__
        return
    if kind == "parameter":
        parameter = registry()[name]
        assert terms["zh"][0] in parameter.zh
        assert terms["en"][0].lower() in parameter.en.lower()
        return
    if kind == "item":
        assert name == "closing" or any(name in items for items in ITEMS.values())
    shown = STATUS_LABELS[name] if kind == "status" else labels()[f"{kind}.{name}"]
    for lang in LANGUAGES:
        assert terms[lang][0] == shown[lang]
