"""Law cases: each file ``tests/laws/<insurance>/<case>.yaml`` is one worked example of a rule.

Keys of a case file (to add a case, add a file):

``source``     the law, its article or table
``rule``       the dotted name of the function
``given``      arguments; a list stands for several persons, and all lists have the same length
``assumed``    arguments that are the same for all persons (dated parameters, tables); optional
``expect``     what the law says: one value, or a list beside the lists of ``given``
``tolerance``  largest absolute difference; optional, 0 by default
``note``       what the case shows; optional

A month is written ``1965-05`` and stands for its month index; ``never`` stands for a delay that
never starts. Every case runs on single numbers, on a numpy array and on a pandas Series.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from fsinsure.rules.retirement import NEVER

FOLDER = Path(__file__).parent / "laws"
CASES = sorted(FOLDER.glob("*/*.yaml"))
KEYS = {"source", "rule", "given", "assumed", "expect", "tolerance", "note"}
NEEDED = {"source", "rule", "given", "expect"}


def value(text: Any) -> Any:
    """Turn months and ``never`` into month indices; lists element by element."""
    if isinstance(text, list):
        return [value(item) for item in text]
    if text == "never":
        return NEVER
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}", text):
        return 12 * int(text[:4]) + int(text[5:]) - 1
    return text


class Case:
    """One case file, with every argument as numbers."""

    def __init__(self, path: Path) -> None:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert raw.keys() <= KEYS, f"unknown keys in {path.name}: {sorted(raw.keys() - KEYS)}"
        assert raw.keys() >= NEEDED, f"missing keys in {path.name}: {sorted(NEEDED - raw.keys())}"
        module, name = raw["rule"].rsplit(".", 1)
        self.rule = getattr(import_module(module), name)
        given = {key: value(item) for key, item in raw["given"].items()}
        fixed = {key: value(item) for key, item in raw.get("assumed", {}).items()}
        self.fixed = {
            key: np.asarray(item) if isinstance(item, list) else item for key, item in fixed.items()
        }
        self.columns = {key: item for key, item in given.items() if isinstance(item, list)}
        self.fixed |= {key: item for key, item in given.items() if not isinstance(item, list)}
        self.expect = np.atleast_1d(value(raw["expect"]))
        self.tolerance = float(raw.get("tolerance", 0))
        lengths = {len(item) for item in self.columns.values()} or {1}
        assert lengths == {len(self.expect)}, f"lists of unequal length in {path.name}"

    def run(self, make: Any) -> Any:
        """Evaluate the rule on whole columns, each made by ``make`` from a list."""
        return self.rule(**self.fixed, **{key: make(item) for key, item in self.columns.items()})

    def rows(self) -> list[dict[str, Any]]:
        """Return the arguments of each person alone."""
        return [
            {key: item[row] for key, item in self.columns.items()}
            for row in range(len(self.expect))
        ]

    def check(self, found: Any) -> None:
        """Compare with what the law says."""
        np.testing.assert_allclose(
            np.broadcast_to(np.asarray(found, float), self.expect.shape),
            self.expect.astype(float),
            rtol=0,
            atol=self.tolerance + 1e-12,
        )


@pytest.fixture(params=CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def test_law_case_on_single_numbers(case: Case) -> None:
    found = [case.rule(**case.fixed, **row) for row in case.rows()]
    assert all(np.ndim(item) == 0 for item in found)
    case.check(found)


def test_law_case_on_an_array(case: Case) -> None:
    case.check(case.run(np.asarray))


def test_law_case_on_a_series(case: Case) -> None:
    index = [f"person {row}" for row in range(len(case.expect))]
    found = case.run(lambda items: pd.Series(items, index=index))
    if case.columns:
        assert isinstance(found, pd.Series)
        assert list(found.index) == index
    case.check(found)


def test_there_are_law_cases() -> None:
    assert CASES
