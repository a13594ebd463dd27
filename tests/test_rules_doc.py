"""``docs/rules.md`` lists every rule with its law, its dated values and the cases that prove it.

``python tests/test_rules_doc.py`` writes the section of dated values again from the data.
"""

from __future__ import annotations

import csv
import inspect
import re
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from pkgutil import iter_modules

import pytest
import yaml

import fsinsure.rules
from foshan import FOSHAN
from fsinsure.paths import date_text

ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs" / "rules.md"
HEADING = "## Dated values\n"
MODULES = [found.name for found in iter_modules(fsinsure.rules.__path__)]
LAW = re.compile(r"[\u4e00-\u9fff]+〔\d{4}〕\d+号|第[一二三四五六七八九十]+条")


def public_functions() -> set[str]:
    """Every public rule, as ``module.name``."""
    found = set()
    for name in MODULES:
        module = import_module(f"fsinsure.rules.{name}")
        found |= {
            f"{name}.{key}"
            for key, item in vars(module).items()
            if inspect.isfunction(item) and item.__module__ == module.__name__ and key[0] != "_"
        }
    return found


@cache
def listed() -> dict[str, dict[str, str]]:
    """The rows of the document, by ``module.name``."""
    rows, module = {}, ""
    for line in DOC.read_text(encoding="utf-8").split(HEADING)[0].splitlines():
        if found := re.match(r"`src/fsinsure/rules/(\w+)\.py`", line):
            module = found[1]
        if line.startswith("| `"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            row = dict(zip(("rule", "formula", "law", "values", "cases"), cells, strict=True))
            name = f"{module}.{row['rule'].strip('`')}"
            assert name not in rows, f"{name} stands twice"
            rows[name] = row
    return rows


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def cases() -> dict[str, str]:
    """The function of every case of a rule of money or retirement, by ``folder/name``."""
    found = {}
    for path in sorted((ROOT / "tests" / "laws").glob("*/*.yaml")):
        rule = yaml.safe_load(path.read_text(encoding="utf-8"))["rule"]
        if rule.startswith("fsinsure.rules."):
            found[f"{path.parent.name}/{path.stem}"] = rule.removeprefix("fsinsure.rules.")
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    text = files("fsinsure").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def dated() -> dict[str, list[tuple[str, str, str, str]]]:
    """Every dated value of the data: (from, value, unit, confidence) by name."""
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for row in rows_of("reference_cases"):
        cells = row["from"][:7], row["value"], row["unit"], row["confidence"]
        found.setdefault(row["rule"], []).append(cells)
    for name, figure in FOSHAN.figures.items():
        found[name] = [(figure.date, str(figure.value), figure.unit, figure.confidence)]
    units = {row["parameter"]: row["unit"] for row in rows_of("parameters")}
    for name, values in FOSHAN.values.items():
        for one in values:
            value, unit = one.text, units[name]
            if unit == "fraction" and re.fullmatch(r"[\d.e-]+", value):
                value, unit = f"{(Decimal(value) * 100).normalize():f}", "%"
            cells = "" if one.date is None else date_text(one.date), value, unit, one.confidence
            found.setdefault(f"{name}.{one.key}" if one.key else name, []).append(cells)
    return found


def used_names() -> list[str]:
    """The names and patterns of dated values, in the order of the document."""
    return list(dict.fromkeys(name for row in listed().values() for name in quoted(row["values"])))


def line(pattern: str) -> str:
    """One line of the section: the values of a name, or of the rows of a table, by date."""
    members = [name for name in dated() if fnmatchcase(name, pattern)]
    when: dict[tuple[str, str, str], list[str]] = {}
    for name in members:
        for start, value, unit, confidence in dated()[name]:
            key = name[len(pattern) - 1 :] if pattern.endswith("*") else ""
            text = f"{key} → {value}" if key else value
            when.setdefault((start, unit, confidence), []).append(text)
    texts = []
    for (start, unit, confidence), values in sorted(when.items(), key=lambda item: item[0][0]):
        since = f"from {start} " if start else ""
        shown = "" if unit in ("ratio", "year", "table") else f" {unit}"
        texts.append(f"{since}{', '.join(values)}{shown} ({confidence})")
    return f"- `{pattern}`: {'; '.join(texts)}"


def section() -> str:
    """The section of dated values, as the data have it."""
    text = "Written from the data by `python tests/test_rules_doc.py`.\n\n"
    return f"{HEADING}\n{text}" + "\n".join(line(name) for name in used_names()) + "\n"


def test_every_rule_is_listed_and_every_listed_rule_exists() -> None:
    assert listed().keys() == public_functions()


@pytest.mark.parametrize("name", sorted(listed()))
def test_each_rule_has_a_formula_and_a_law_that_its_module_names(name: str) -> None:
    row = listed()[name]
    assert row["formula"]
    assert row["law"]
    source = inspect.getsource(import_module(f"fsinsure.rules.{name.split('.')[0]}"))
    source = re.sub(r"\s+", "", source)
    assert [law for law in LAW.findall(row["law"]) if law not in source] == []


def test_every_law_case_stands_at_its_rule() -> None:
    listed_cases = {case: name for name, row in listed().items() for case in quoted(row["cases"])}
    assert listed_cases == cases()
    assert listed_cases


def test_every_dated_value_named_exists() -> None:
    assert [name for name in used_names() if not any(fnmatchcase(n, name) for n in dated())] == []


def test_every_reference_case_belongs_to_a_rule() -> None:
    names = {row["rule"] for row in rows_of("reference_cases")}
    assert names
    assert [n for n in names if not any(fnmatchcase(n, name) for name in used_names())] == []


def test_the_dated_values_are_those_of_the_data() -> None:
    written = DOC.read_text(encoding="utf-8").split(HEADING)[1]
    message = "docs/rules.md is behind the data: run python tests/test_rules_doc.py"
    assert HEADING + written == section(), message


if __name__ == "__main__":
    start = DOC.read_text(encoding="utf-8").split(HEADING)[0]
    DOC.write_text(start + section(), encoding="utf-8", newline="\n")
