"""The JSON Schema that editors use agrees with what loading accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from fsinsure.dims import EARLIEST_YEAR, LAST_YEAR
from fsinsure.registry import Parameter, registry
from fsinsure.scenario import json_schema, load, schema_text
from fsinsure.scenario.editor import path
from scenario_files import refused, write

ROOT = Path(__file__).parents[1]


def valid(text: str) -> bool:
    """Check a file as an editor does: year keys are texts there."""
    data = json.loads(json.dumps(yaml.safe_load(text), default=str))
    return jsonschema.Draft202012Validator(json_schema()).is_valid(data)


def test_the_schema_in_the_repository_is_up_to_date() -> None:
    kept = (ROOT / "schema" / "scenario.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json_schema()["required"] == ["name"]


def test_every_key_has_meaning_unit_and_bounds_in_both_languages() -> None:
    schema = json_schema()
    for parameter in registry().values():
        level = schema
        for part in parameter.location:
            level = level["properties"][part]
            if "$ref" in level:
                level = schema["$defs"][level["$ref"].removeprefix("#/$defs/")]
        assert parameter.zh in level["description"]
        assert parameter.en in level["description"]
        assert parameter.zh in level["markdownDescription"]
        assert "default" not in level
        if parameter.low is not None:
            assert "范围" in level["description"]
            assert "bounds" in level["description"]


def test_the_pattern_of_years_is_any_year_that_a_region_may_project() -> None:
    fraction = Parameter("x.y", "path", "fraction", 0, 1, "", "")
    (pattern,) = path(fraction)["anyOf"][-1]["patternProperties"]
    assert [y for y in range(1900, 2200) if re.search(pattern, str(y))] == list(
        range(EARLIEST_YEAR, LAST_YEAR + 1)
    )


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_shipped_scenarios_are_valid(file: Path) -> None:
    assert valid(file.read_text(encoding="utf-8"))


GOOD = {
    "held coverage": "name: mine\ncoverage: {injury: {intern: base}}\n",
    "all kinds": """\
name: fee-relief
title: {zh: 阶段性减免, en: Staged fee relief}
description: What it asks
extends: baseline
horizon: 2025
base: {dormant: 60万人, benefit_share: 0.4}
growth:
  employee: {2021: 1.5%, 2023: 0.008, interpolate: linear}
  flexible: 12%
coverage: {unemployment: {flexible: {2021: 0%, 2024: 10%}}, pension.enterprise: {dormant: 0}}
mortality: {table: CL3-CL4}
retirement: {delay_from: none, min_months: 180}
labour: {return: 12 %}
targets:
  - {measure: injury, year: 2025, value: 364万, baseline: 335.99万, source: plan}
""",
    "an amount that goes on": "name: mine\npension: {award_base: {2021: 8000, then: wage}}\n",
    "a rate that is held": "name: mine\ngrowth: {civil_service: {2021: 1%, then: hold}}\n",
    "uncertainty": """\
name: mine
uncertainty:
  growth.employee: {normal: {mean: 5%, sd: 0.015}, persistence: 0.6}
  wage.growth: {range: {low: 3%, central: 5%, high: 6%}}
  wage.mean: {lognormal: {median: 4200元, sigma: 0.1}}
  wage.cv: {uniform: {low: 0.3, high: 90%}}
  base.dormant: {triangular: {low: 40万, mode: 60万人, high: 1000000}}
  fund.interest: {pert: {low: 1%, mode: 1%, high: 3%}, persistence: 0}
  price.growth: {empirical: [1%, 0.02, 1.5%]}
  base.benefit_share: none
  correlations:
    - {between: [growth.employee, wage.growth], value: -0.5}
""",
    "smallest": "name: mine\n",
    "null delay": "name: mine\nretirement: {delay_from: null}\n",
    "delay year": "name: mine\nretirement: {delay_from: 2030}\n",
    "name in hanzi": "name: 方案一\n",
    "plain title": "name: mine\ntitle: 扩面方案（一）\n",
}
BAD = {
    "held growth": "name: mine\ngrowth: {employee: base}\n",
    "held from a year on": "name: mine\ncoverage: {injury: {intern: {2021: 5%, 2023: base}}}\n",
    "no name": "horizon: 2025\n",
    "bad name": "name: a b\n",
    "unknown key": "name: mine\ngrowht: {employee: 1%}\n",
    "unknown inner key": "name: mine\ngrowth: {employe: 1%}\n",
    "unknown measure": "name: mine\ncoverage: {pension: {dormant: 1%}}\n",
    "out of bounds": "name: mine\ngrowth: {employee: 3.66}\n",
    "bool": "name: mine\ngrowth: {employee: true}\n",
    "null": "name: mine\ngrowth: {employee: ~}\n",
    "万 on a share": "name: mine\ngrowth: {employee: 1万}\n",
    "percent on people": "name: mine\nbase: {dormant: 5%}\n",
    "money for people": "name: mine\nbase: {dormant: 5万元}\n",
    "far year": "name: mine\ngrowth: {employee: {2021: 1%, 2101: 1%}}\n",
    "a rate that grows": "name: mine\ngrowth: {employee: {2021: 1%, then: wage}}\n",
    "interpolation": "name: mine\ngrowth: {employee: {2021: 1%, interpolate: spline}}\n",
    "path for a scalar": "name: mine\nbase: {dormant: {2021: 1}}\n",
    "life table": "name: mine\nmortality: {table: CL7-CL8}\n",
    "target measure": "name: mine\ntargets: [{measure: x, year: 2025, value: 364万}]\n",
    "target without year": "name: mine\ntargets: [{measure: injury, value: 364万}]\n",
    "target slip": "name: mine\ntargets: [{measure: injury, year: 2025, value: 364}]\n",
    "title": "name: mine\ntitle: [a, b]\n",
    "empty title": "name: mine\ntitle: ''\n",
    **{
        f"uncertainty: {line}": f"name: mine\nuncertainty: {{{line}}}\n"
        for line in (
            "growth.employe: none",
            "retirement.age_male: none",
            "growth.employee: 5%",
            "growth.employee: {persistence: 0.5}",
            "growth.employee: {normal: {mean: 5%}}",
            "growth.employee: {normal: {mean: 5%, sd: 0}}",
            "growth.employee: {normal: {mean: 5万, sd: 1%}}",
            "growth.employee: {empirical: [1%, 2%], uniform: {low: 1%, high: 2%}}",
            "growth.employee: {empirical: [1%]}",
            "growth.employee: {empirical: [1%, 2%], persistence: 1}",
            "wage.cv: {uniform: {low: 0.3, high: 0.9}, persistence: 0.5}",
            "wage.mean: {lognormal: {median: 0, sigma: 0.1}}",
            "correlations: [{between: [wage.growth], value: 0.5}]",
            "correlations: [{between: [wage.growth, wage.growth], value: 0.5}]",
            "correlations: [{between: [wage.growth, growth.employee], value: 1}]",
            "correlations: [{between: [wage.growth, growth.employee]}]",
        )
    },
}
OF_THE_REGION = {
    "late start": "name: mine\ngrowth: {employee: {2023: 1%}}\n",
    "base year": "name: mine\ngrowth: {employee: {2020: 1%, 2021: 1%}}\n",
    "horizon": "name: mine\nhorizon: 2020\n",
}
"""What is wrong in a region with the base year 2020: the schema is that of all regions."""


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD.keys())
def test_editor_and_loader_accept(tmp_path: Path, text: str) -> None:
    assert valid(text)
    assert load(write(tmp_path, text)).name


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_editor_and_loader_refuse(tmp_path: Path, text: str) -> None:
    assert not valid(text)
    assert refused(tmp_path, text)


@pytest.mark.parametrize("text", OF_THE_REGION.values(), ids=OF_THE_REGION.keys())
def test_the_loader_alone_refuses_what_the_base_year_rules_out(tmp_path: Path, text: str) -> None:
    assert valid(text)
    assert "202" in str(refused(tmp_path, text))
