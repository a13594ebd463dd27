"""Every rule module: its docstring examples hold, and every function is documented by one."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

import fsinsure.rules

MODULES = [
    import_module(f"fsinsure.rules.{found.name}") for found in iter_modules(fsinsure.rules.__path__)
]


def functions(module: ModuleType) -> dict[str, object]:
    return {
        name: item
        for name, item in vars(module).items()
        if inspect.isfunction(item) and item.__module__ == module.__name__ and name[0] != "_"
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_docstring_examples(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted >= len(functions(module)) > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_rule_shows_an_example(module: ModuleType) -> None:
    without = [
        name for name, item in functions(module).items() if ">>>" not in (item.__doc__ or "")
    ]
    assert without == []
