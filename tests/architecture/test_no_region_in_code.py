"""Regions are data: no area, region or base year stands in the library's Python."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

import fsinsure

SOURCE = Path(fsinsure.__file__).parent
DATA = SOURCE / "data"

Found = tuple[str, int, str]


@cache
def headers() -> dict[str, dict[str, object]]:
    """The content of ``region.yaml`` of every shipped region by its name."""
    files = sorted((DATA / "regions").glob("*/region.yaml"))
    return {file.parent.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


@cache
def names() -> frozenset[str]:
    """Names, codes and titles of regions and areas, in lower case.

    A title is also looked for without what it says of the kind of place: 佛山 of 佛山市.
    """
    found = set()
    for name, header in headers().items():
        found.add(name)
        for place in (header["name"], *header["areas"]):
            found |= {str(text) for key, text in place.items() if key in ("code", "zh", "en")}
    found |= {file.parent.name for file in (DATA / "law").glob("*/layer.yaml")}
    found |= {re.sub("[市区县]$", "", text) for text in found}
    # Words of the language beside names: an area of a region may be called north.
    words = {"all", "nation", "china", "中国", "全国", *invented()}
    return frozenset(text.lower() for text in found) - words


def invented() -> set[str]:
    """Codes and names of the region that is made up; its areas are points of the compass."""
    areas = headers()["example"]["areas"]
    return {str(text).lower() for area in areas for text in area.values()} | {"example"}


@cache
def years() -> frozenset[int]:
    """The base years, and the first projected ones."""
    base = {int(str(header["base_date"])[:4]) for header in headers().values()}
    return frozenset(base | {year + 1 for year in base})


def docstrings(tree: ast.AST) -> set[ast.AST]:
    """The constants that are docstrings, also those below an assignment."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                found.add(inner.value)
    return found


def named_in(text: str) -> list[str]:
    """The names that stand in a text; Latin ones as whole words."""
    low = text.lower()
    return [
        name
        for name in sorted(names())
        if (re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", low) if name.isascii()
            else name in low)
    ]  # fmt: skip


def constants(code: str) -> list[Found]:
    """Every constant of a module that names a region, an area or a base year."""
    tree = ast.parse(code)
    skipped = docstrings(tree)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or node in skipped:
            continue
        value = node.value
        if isinstance(value, str) and not value.startswith("https://"):
            found += [("name", node.lineno, name) for name in named_in(value)]
            found += [
                ("year", node.lineno, year)
                for year in re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", value)
                if int(year) in years()
            ]
        elif type(value) in (int, float) and value in years():
            found.append(("year", node.lineno, str(value)))
    return found


def test_there_are_regions_and_years_to_look_for() -> None:
    assert {"foshan", "佛山", "nanhai", "南海"} <= names()
    assert years() >= {2020, 2021, 2022, 2023}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = 2020", [("year", 1, "2020")]),
        ("x = 2021.0", [("year", 1, "2021.0")]),
        ("x = ['Foshan']", [("name", 1, "foshan")]),
        ("def f():\n    '''Of Foshan in 2020.'''\n    return '佛山市'", [("name", 3, "佛山")]),
        ("x = 1\n'''Of 2020.'''\n# Foshan\n", []),
        ("x = f'nanhai: {y}'", [("name", 1, "nanhai")]),
        ("x = 'nanhaiwards', 20200, True", []),
        ("x = r'20[0-9]{2}|2022'", [("year", 1, "2022")]),
    ],
)
def test_what_is_looked_for_is_found(code: str, found: list[Found]) -> None:
    assert [one for one in constants(code) if one[2] not in ("佛山市",)] == found


def test_no_module_names_a_region_an_area_or_a_base_year() -> None:
    stray = [
        f"{path.relative_to(SOURCE).as_posix()}:{line}: {kind} {what}"
        for path in sorted(SOURCE.rglob("*.py"))
        for kind, line, what in constants(path.read_text(encoding="utf-8"))
    ]
    assert not stray


def test_the_default_region_stands_in_one_file_only() -> None:
    default = yaml.safe_load((DATA / "default.yaml").read_text(encoding="utf-8"))
    assert default == {"region": fsinsure.load("baseline").region.name}
    beside = [
        path.relative_to(DATA).as_posix()
        for path in sorted(DATA.iterdir())
        if path.is_file() and default["region"] in path.read_text(encoding="utf-8").lower()
    ]
    assert beside == ["default.yaml"]
