"""A rule is read by a projection, or marked as a reference case that no projection reads."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import fsinsure

SOURCE = Path(fsinsure.__file__).parent
RULES = SOURCE / "rules"
DOC = Path(__file__).parents[1] / "docs" / "rules.md"
MARK = "reference"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(module: str) -> dict[str, ast.FunctionDef]:
    """The functions of a module of rules, by name."""
    found = tree(RULES / f"{module}.py").body
    return {node.name: node for node in found if isinstance(node, ast.FunctionDef)}


MODULES = sorted(path.stem for path in RULES.glob("*.py") if path.stem != "__init__")
ALL = {f"{module}.{name}" for module in MODULES for name in functions(module)}


def read_by(node: ast.AST, within: ast.Module, own: str = "") -> set[str]:
    """The functions of rules that a piece of a module names.

    Parameters
    ----------
    node
        The piece: a whole module, or a function of it.
    within
        The module, whose imports and aliases say what the names stand for.
    own
        Its name, if it is a module of rules.
    """
    names = {name.split(".")[1]: name for name in ALL if name.startswith(f"{own}.")}
    modules = {}
    for item in ast.walk(within):
        if isinstance(item, ast.ImportFrom) and item.module == "fsinsure.rules":
            modules |= {alias.asname or alias.name: alias.name for alias in item.names}
        elif isinstance(item, ast.ImportFrom) and (item.module or "").startswith("fsinsure.rules."):
            module = str(item.module).rpartition(".")[2]
            names |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in item.names}
    for item in within.body if own else ():
        # ``lookup, steps = formula(tables.lookup), formula(tables.steps)``
        if isinstance(item, ast.Assign):
            names |= _aliases(item, names, modules)
    return _named(node, names, modules) & ALL


def _aliases(item: ast.Assign, names: dict[str, str], modules: dict[str, str]) -> dict[str, str]:
    """What the names that a module assigns at its top stand for."""
    left, right = item.targets[0], item.value
    pairs = [(left, right)]
    if isinstance(left, ast.Tuple) and isinstance(right, ast.Tuple):
        pairs = list(zip(left.elts, right.elts, strict=True))
    return {
        target.id: found
        for target, value in pairs
        if isinstance(target, ast.Name)
        for found in _named(value, names, modules)
    }


def _named(node: ast.AST, names: dict[str, str], modules: dict[str, str]) -> set[str]:
    found = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and item.id in names:
            found.add(names[item.id])
        elif isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name):
            found.add(f"{modules.get(item.value.id, '')}.{item.attr}")
    return found


def projected() -> set[str]:
    """The rules that the library outside ``rules`` names, and those that these name in turn."""
    outside = [path for path in SOURCE.rglob("*.py") if RULES not in path.parents]
    waiting = set().union(*(read_by(tree(path), tree(path)) for path in outside))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        module, _, function = name.partition(".")
        inner = read_by(functions(module)[function], tree(RULES / f"{module}.py"), module)
        waiting |= inner - found
    return found


def marked() -> set[str]:
    """The rules that are decorated as reference cases."""
    return {
        f"{module}.{name}"
        for module in MODULES
        for name, node in functions(module).items()
        if any(isinstance(item, ast.Name) and item.id == MARK for item in node.decorator_list)
    }


def public() -> set[str]:
    return {name for name in ALL if name.split(".")[1][0] != "_"}


def test_a_rule_that_no_projection_reads_is_marked() -> None:
    assert public() - projected() == marked()


def test_the_search_sees_rules_called_by_name_by_module_and_by_other_rules() -> None:
    found = projected()
    assert {"pension.pension_bill", "injury.cut_rate", "tables.lookup"} <= found
    assert "pension.survivor_months" not in found


def test_the_document_lists_the_reference_cases() -> None:
    text = DOC.read_text(encoding="utf-8").split("## Reference cases\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+\.\w+)`", text)) & public() == marked()
