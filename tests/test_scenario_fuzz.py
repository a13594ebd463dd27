"""Whatever a file or `with_` holds: it gives a Scenario or a ScenarioError, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foshan import FOSHAN
from fsinsure.errors import ScenarioError
from fsinsure.registry import registry
from fsinsure.scenario import Scenario, load

SAMPLE = """\
# yaml-language-server: $schema=../schema/scenario.schema.json
name: fee-relief
title: {zh: 阶段性减免, en: Staged fee relief}
extends: baseline
horizon: 2025
base: {dormant: 60万, benefit_share: 40%}
growth:
  employee: {2021: 1.5%, 2023: 0.8%, interpolate: linear}
  flexible: 12%
coverage:
  unemployment: {flexible: {2021: 0%, 2024: 10%}}
mortality: {table: CL1-CL2}
retirement: {delay_from: none}
relief:
  - {action: defer, insurance: [injury, unemployment], payer: employer, share: 50%, from: 2022-01,
     to: 2022-06, group: small, repay_from: 2023-01, repay_to: 2023-12}
uncertainty:
  growth.employee: {normal: {mean: 5%, sd: 1.5%}, persistence: 0.6}
  price.growth: {empirical: [1%, 2%]}
  correlations: [{between: [growth.employee, price.growth], value: 0.5}]
targets:
  - {measure: injury, year: 2025, value: 364万, baseline: 335.99万, source: plan ch.3 §4}
"""
PIECES = st.sampled_from(
    [
        *(
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            "- ",
            "? ",
            "&a ",
            "*a",
            "!!str ",
            "!",
            "|",
            ">",
            "%",
            "#",
        ),
        *("---\n", "...\n", "\n", "\t", "  ", "'", '"', "\\", "\0", "\x85", "\ufeff", "\u2028"),
        *(
            "~",
            "true",
            "null",
            ".nan",
            ".inf",
            "1e999",
            "0x",
            "0o7",
            "9" * 50,
            "-",
            "+",
            "万",
            "：",
            ",",
        ),
        *("<<: ", "2020", "2101", "name: x\n", "growth:\n", "extends: ../x.yaml\n", "😀", "NaN"),
    ]
)
QUICK = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


def survives(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    try:
        scenario = load(file)
    except ScenarioError as error:
        assert str(error)
        assert len(str(error)) < 10_000
    else:
        assert isinstance(scenario, Scenario)
        assert len(scenario.hash) == 64


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = SAMPLE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        text = text[:start] + draw(PIECES | st.text(max_size=3)) + text[start + length :]
    return text


@QUICK
@given(text=st.text(max_size=80))
def test_any_text(file: Path, text: str) -> None:
    survives(file, text.encode("utf-8", "surrogatepass"))


@QUICK
@given(raw=st.binary(max_size=60))
def test_any_bytes(file: Path, raw: bytes) -> None:
    survives(file, raw)


@settings(QUICK, max_examples=400)
@given(text=mutated())
def test_a_scenario_with_a_few_slips_of_the_hand(file: Path, text: str) -> None:
    survives(file, text.encode("utf-8", "surrogatepass"))


@QUICK
@given(pieces=st.lists(PIECES, max_size=12))
def test_pieces_of_yaml(file: Path, pieces: list[str]) -> None:
    survives(file, f"name: mine\n{''.join(pieces)}".encode())


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | PIECES
    | st.sampled_from(["1.5%", "470万", "none", "x.csv", object(), b"x", {1, 2}]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.integers(2019, 2102) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from([*registry(), "horizon", "targets", "name", "growth"]) | st.text(max_size=8)


@QUICK
@given(overrides=st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_override(overrides: dict[str, object]) -> None:
    try:
        changed = Scenario(name="free", title={}, region=FOSHAN, horizon=2025).with_(overrides)
    except ScenarioError as error:
        assert str(error)
    else:
        assert set(changed.origins) == set(overrides)
