"""Single values: bounds, units, paths, and what is said of each mistake; in files and `with_`."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure
from foshan import FOSHAN
from fsinsure.errors import InputError, ScenarioError
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.scenario import Scenario, Target, YearPath, load
from scenario_files import loaded, refused, refused_body, write


def test_every_kind_of_value(tmp_path: Path) -> None:
    write(tmp_path, "age,male,female\n", "tables/local.csv")
    scenario = loaded(
        tmp_path,
        """\
title: {zh: 阶段性减免, en: Staged relief}
description: What does relief change?
horizon: 2030
base: {dormant: 60万, benefit_share: 40%}
growth:
  employee: {2023: 0.8%, 2021: 1.5%}
  flexible: 12%
  civil_service: {2021: 0, 2025: 1%, interpolate: linear}
coverage:
  unemployment: {flexible: {2021: 0%, 2024: 10%}}
  pension.enterprise: {dormant: 0%}
mortality: {table: tables/local.csv}
retirement: {delay_from: none, age_male: 60, min_months: {2021: 180, 2030: 186}}
labour: {return: 0.12}
""",
    )
    assert scenario.name == "mine"
    assert scenario.title == {"zh": "阶段性减免", "en": "Staged relief"}
    assert scenario.description == "What does relief change?"
    assert scenario.horizon == 2030
    assert scenario.folder == tmp_path.resolve()
    assert scenario.values == {
        "base.dormant": 600_000.0,
        "base.benefit_share": 0.4,
        "growth.employee": YearPath(((2021, 0.015), (2023, 0.008))),
        "growth.flexible": YearPath(((2021, 0.12),)),
        "growth.civil_service": YearPath(((2021, 0.0), (2025, 0.01)), linear=True),
        "coverage.unemployment.flexible": YearPath(((2021, 0.0), (2024, 0.1))),
        "coverage.pension.enterprise.dormant": YearPath(((2021, 0.0),)),
        "mortality.table": "tables/local.csv",
        "retirement.delay_from": None,
        "retirement.age_male": 60.0,
        "retirement.min_months": YearPath(((2021, 180.0), (2030, 186.0))),
        "labour.return": YearPath(((2021, 0.12),)),
    }


BAD_VALUES = {
    "percent slip": (
        "growth: {employee: 3.66}",
        "mine.yaml:2:20: growth.employee: 3.66 is out of bounds: expected a share between -30% and "
        "60%. 3.66 means 366%; write 3.66% (or 0.0366)",
    ),
    "percent slip in a year": (
        "growth: {employee: {2021: 1%, 2023: -5}}",
        "mine.yaml:2:37: growth.employee.2023: -5 is out of bounds: expected a share between -30% "
        "and 60%. -5 means -500%; write -5% (or -0.05)",
    ),
    "share above one": ("base: {benefit_share: 1.2}", "1.2 means 120%; write 1.2% (or 0.012)"),
    "no slip with a sign": ("growth: {employee: 366%}", "366% is out of bounds: expected a share"),
    "beyond any slip": ("growth: {employee: 5000}", "between -30% and 60%"),
    "below": ("growth: {employee: -31%}", "-31% is out of bounds"),
    "negative people": ("base: {dormant: -1}", "between 0 and 1,000,000,000"),
    "too many people": ("base: {dormant: 11亿}", "11亿 is out of bounds"),
    "万 on a share": ("growth: {employee: 1万}", "万 does not go with a share: expected a share"),
    "percent on people": ("base: {dormant: 5%}", "% does not go with a number of people"),
    "money for people": ("base: {dormant: 5万元}", "元 is money, not a number of people"),
    "万 on months": ("retirement: {min_months: 1万}", "万 does not go with a number of months"),
    "commas": ("base: {dormant: '600,000'}", "without commas"),
    "decimal comma": ("growth: {employee: '1,5%'}", "write a decimal point, not a comma"),
    "bare decimal comma": (
        "growth: {employee: 0,05}",
        "growth.05: is not a key; a comma separates",
    ),
    "decimal comma of a year": (
        "growth: {employee: {2021: 0,5%}}",
        "growth.employee.5%: is not a ",
    ),
    "zero-width space": (
        "growth: {employee: 5\u200b%}",
        "(it holds a zero-width space (U+200B), delete it): expected a share",
    ),
    "zero-width space in a key": (
        "growth: {employee\u200b: 5%}",
        "growth.employee\\u200b: unknown key (it holds a zero-width space (U+200B), delete it). "
        "Did you mean 'employee'?",
    ),
    "full-width comma": (
        "relief: [{action: waive, insurance: [injury，unemployment], payer: employer, "
        "from: 2022-01, to: 2022-02}]",
        "(the comma ， is full-width, YAML needs ', ')",
    ),
    "full-width colon inside": (
        "growth:\n  employee： 5%",
        "growth: expected the keys employee, flexible, civil_service, resident; got "
        "'employee： 5%' (the "
        "colon ： is full-width",
    ),
    "word": ("growth: {employee: much}", "'much' is not a number: expected a share between -30%"),
    "bool": ("growth: {employee: true}", "expected a share between -30% and 60%, or {year: value}"),
    "bool scalar": ("base: {benefit_share: false}", "such as 1.5% or 0.015, got false"),
    "null": ("growth: {employee: }", "got no value"),
    "null scalar": ("base: {dormant: ~}", "such as 12.5万 or 125000, got no value"),
    "null in a year": ("growth: {employee: {2021: }}", "growth.employee.2021: expected a share"),
    "list": ("growth: {employee: [1%]}", "got a list"),
    "mapping for a scalar": ("base: {dormant: {2021: 1}}", "got a mapping"),
    "nan": ("growth: {employee: .nan}", "NaN is not a finite number"),
    "infinity": ("growth: {employee: -.inf}", "-Infinity is not a finite number"),
    "huge": (f"base: {{dormant: {'9' * 50}}}", "a number of more than 40 characters"),
    "huge exponent": ("base: {dormant: 1e99999999}", "beyond any amount"),
    "date": ("growth: {employee: 2021-01-01}", "is not a number"),
    "empty section": (
        "growth:",
        "growth: expected the keys employee, flexible, civil_service, resident; ",
    ),
    "section as number": (
        "growth: 1%",
        "expected the keys employee, flexible, civil_service, resident; go",
    ),
    "unknown section": ("grwoth: {employee: 1%}", "grwoth: unknown key. Did you mean 'growth'?"),
    "unknown key": (
        "growth: {employe: 1%}",
        "mine.yaml:2:10: growth.employe: unknown key. Did you mean 'employee'? Known here: "
        "employee, flexible, civil_service, resident",
    ),
    "key of another section": ("growth: {separation: 1%}", "Did you mean 'labour.separation'?"),
    "flat key": ("growth.employee: 1%", "write it nested: growth: {employee: ...}"),
    "half-dotted coverage": (
        "coverage: {injury.intern: 8%}",
        "coverage.injury.intern: write it nested: coverage: {injury: {intern: ...}}",
    ),
    "first part of a dotted key": (
        "coverage: {pension: {enterprise: {dormant: 1%}}}",
        "coverage.pension: unknown key. Did you mean 'pension.enterprise'?",
    ),
    "flat coverage": (
        "coverage.pension.enterprise.dormant: 1%",
        "write it nested: coverage: {pension.enterprise: {dormant: ...}}",
    ),
    "unknown measure": (
        "coverage: {unemploymnt: {flexible: 1%}}",
        "coverage.unemploymnt: unknown key. Did you mean 'unemployment'?",
    ),
    "unknown group": (
        "coverage: {injury: {interns: 1%}}",
        "coverage.injury.interns: unknown key. Did you mean 'intern'?",
    ),
    "fixed coverage": ("coverage: {injury: {employee: 1%}}", "Known here: project_worker, intern"),
    "late first year": (
        "growth: {employee: {2024: 1%, 2023: 2%}}",
        "mine.yaml:2:31: growth.employee.2023: the first year is 2023, so 2021-2022 would have no "
        "value: give a value from 2021 on",
    ),
    "first year 2022": ("growth: {employee: {2022: 1%}}", "so 2021 would have no value"),
    "base year": (
        "growth: {employee: {2020: 1%}}",
        "mine.yaml:2:21: growth.employee.2020: 2020 is the base year, closed from published",
    ),
    "year too late": ("growth: {employee: {2021: 1%, 2101: 1%}}", "between 2021 and 2100"),
    "year too early": ("growth: {employee: {2019: 1%}}", "expected a year between 2021 and 2100"),
    "year with a fraction": ("growth: {employee: {2021.0: 1%}}", "expected a year between 2021"),
    "year in words": ("growth: {employee: {now: 1%}}", "expected a year between 2021 and 2100"),
    "misspelt interpolate": ("growth: {employee: {2021: 1%, interpolat: linear}}", "Did you mean"),
    "interpolate how": (
        "growth: {employee: {2021: 1%, interpolate: liner}}",
        "growth.employee.interpolate: expected one of step, linear, got 'liner'. Did you mean "
        "'linear'?",
    ),
    "interpolate bool": ("growth: {employee: {2021: 1%, interpolate: true}}", "got true"),
    "interpolate alone": ("growth: {employee: {interpolate: linear}}", "no year: give a value"),
    "what follows a rate": (
        "growth: {employee: {2021: 1%, then: wage}}",
        "growth.employee.then: growth.employee does not grow with wages or prices: write hold",
    ),
    "what follows an amount": (
        "pension: {award_base: {2021: 8000, then: wages}}",
        "pension.award_base.then: expected one of hold, wage, price, got 'wages'. Did you mean 'wa",
    ),
    "what follows no year": ("pension: {award_base: {then: wage}}", "no year: give a value"),
    "misspelt then": ("pension: {award_base: {2021: 8000, than: wage}}", "Did you mean 'then'?"),
    "no years": ("growth: {employee: {}}", "no year: give a value from 2021 on"),
    "life table": (
        "mortality: {table: CL1-CL3}",
        "expected one of CL1-CL2, CL3-CL4, CL5-CL6, got 'CL1-CL3'. Did you mean 'CL1-CL2'? (or the "
        "name of a .csv file beside the scenario)",
    ),
    "life table null": ("mortality: {table: ~}", "got no value (or the name of a .csv file"),
    "life table missing": ("mortality: {table: mine.csv}", "there is no file 'mine.csv' beside"),
    "life table outside": ("mortality: {table: ../x.csv}", "leaves the folder tree"),
    "life table absolute": ("mortality: {table: /etc/x.csv}", "leaves the folder tree"),
    "life table backslash": ("mortality: {table: a\\x.csv}", "write / between folders"),
    "life table folder": ("mortality: {table: folder.csv}", "there is no file 'folder.csv'"),
    "delay year": ("retirement: {delay_from: 1949}", "a year between 1950 and 2100, or none"),
    "delay word": ("retirement: {delay_from: never}", "'never' is not a number: expected a year"),
    "delay fraction": ("retirement: {delay_from: 2025.5}", "is not a whole year"),
    "delay bool": ("retirement: {delay_from: false}", "expected a year between 1950 and 2100, got"),
    "horizon early": ("horizon: 2020", "mine.yaml:2:10: horizon: 2020 is out of bounds"),
    "horizon late": ("horizon: 2101", "expected a year between 2021 and 2100"),
    "horizon fraction": ("horizon: 2025.0", "2025.0 is not a whole year: write it like 2021"),
    "horizon null": ("horizon: none", "'none' is not a number"),
    "title list": ("title: [Staged, relief]", "title: expected the keys zh, en; got a list"),
    "title plain": ("title: ' '", "title: expected a text, got ' '"),
    "title number": ("title: {zh: 1}", "title.zh: expected a text, got 1; put it in quotes"),
    "title empty": ("title: {zh: ' '}", "title.zh: expected a text, got ' '"),
    "description": ("description: true", "description: expected a text, got true; put it in quo"),
    "targets mapping": (
        "targets: {measure: injury}",
        "targets: expected a list of targets, each {measure, year, value}, got a mapping",
    ),
    "target text": ("targets: [470万]", "targets[0]: expected the keys measure, year, value, base"),
    "target measure": (
        "targets: [{measure: pension.enterprize, year: 2025, value: 470万}]",
        "targets[0].measure: expected one of pension.enterprise",
    ),
    "target measure hint": (
        "targets: [{measure: pension.enterprize, year: 2025, value: 470万}]",
        "Did you mean 'pension.enterprise'?",
    ),
    "target key": (
        "targets: [{measure: injury, year: 2025, value: 364万, base: 336万}]",
        "targets[0].base: unknown key. Did you mean 'baseline'?",
    ),
    "target without value": (
        "targets: [{measure: injury, year: 2025}]",
        "mine.yaml:2:11: targets[0].value: is missing",
    ),
    "target slip": (
        "targets: [{measure: injury, year: 2025, value: 364}]",
        "targets[0].value: 364 is out of bounds: expected a number of people between 1,000 and "
        "1,000,000,000. 364 means 364 people; write 364万",
    ),
    "target money": (
        "targets: [{measure: injury, year: 2025, value: 643亿元}]",
        "元 is money, not a number of people",
    ),
    "target year": (
        "targets: [{measure: injury, year: 25, value: 364万}]",
        "targets[0].year: 25 is out of bounds: expected a year between 2021 and 2100",
    ),
    "target twice": (
        "targets:\n  - {measure: injury, year: 2025, value: 364万}\n"
        "  - {measure: injury, year: 2025, value: 365万}",
        "mine.yaml:4:5: targets[1]: a second target for injury in 2025: keep one",
    ),
}


@pytest.mark.parametrize(("body", "said"), BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_refused_values(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    message = refused_body(tmp_path, f"{body}\n")
    assert said in message
    assert message.startswith("mine.yaml:")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("horizon: 2025\n", "name: is missing"),
        ("name:\n", "name: expected a text, got no value"),
        ("name: 2025\n", "name: expected a text, got 2025; put it in quotes"),
        ("name: 'fee relief'\n", "'fee relief' is not a name"),
        ("name: 减免 方案\n", "is not a name"),
        ("name: a/b\n", "is not a name"),
        ("name: ..\n", "is not a name"),
        ("name: -x\n", "is not a name"),
        (f"name: {'x' * 65}\n", "up to 64 letters"),
        ("name: con\n", "'con' is the name of a device in Windows"),
        ("name: LPT1\n", "'LPT1' is the name of a device in Windows"),
        ("name: Baseline\n", "'Baseline' differs from the shipped scenario baseline in case only"),
    ],
)
def test_refused_names(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_all_problems_of_a_file_are_reported_at_once_in_its_order(tmp_path: Path) -> None:
    message = refused_body(
        tmp_path,
        "horizon: 1999\nlabour: {lapse: 95%}\ngrowth:\n  employe: 1%\n"
        "  civil_service: {2021: 3, 2022: 1%, 2023: 1000%}\n",
    )
    lines = message.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["mine.yaml:2:10", "horizon"],
        ["mine.yaml:3:17", "labour.lapse"],
        ["mine.yaml:5:3", "growth.employe"],
        ["mine.yaml:6:25", "growth.civil_service.2021"],
        ["mine.yaml:6:44", "growth.civil_service.2023"],
    ]


def test_ten_problems_at_most(tmp_path: Path) -> None:
    body = "".join(f"key{i}: 1\n" for i in range(13))
    lines = refused_body(tmp_path, body).splitlines()
    assert len(lines) == 11
    assert lines[9].startswith("mine.yaml:11:1: key9")
    assert lines[10] == "... and 3 more problems"


def test_bounds_belong_to_what_is_allowed(tmp_path: Path) -> None:
    for parameter in registry().values():
        if (
            parameter.low is None
            or parameter.high is None
            or parameter.kind in ("table", "profile")
        ):
            continue  # for tables: test_law_tables
        *outer, last = parameter.location
        for bound in (parameter.low, parameter.high):
            text = f"{bound:.0f}" if parameter.kind == "year" else repr(bound)
            body = f"{': {'.join([*outer, last])}: {text}{'}' * len(outer)}\n"
            value = loaded(tmp_path, body).values[parameter.name]
            found = value.points[0][1] if isinstance(value, YearPath) else value
            assert found == bound, parameter.name
        wrong = f"{': {'.join([*outer, last])}: {parameter.high + 1}{'}' * len(outer)}\n"
        assert parameter.name in refused_body(tmp_path, wrong)


def test_targets(tmp_path: Path) -> None:
    scenario = loaded(
        tmp_path,
        "targets:\n"
        "  - {measure: pension.enterprise, year: 2025, value: 470万, baseline: 341.30万,"
        " source: plan ch.3 §4}\n"
        "  - {measure: injury, year: 2030, value: 3640000人}\n",
    )
    first, second = scenario.targets
    assert (first.measure, first.year, first.value) == ("pension.enterprise", 2025, 4_700_000.0)
    assert (first.baseline, first.baseline_tolerance) == (3_413_000.0, 50.0)
    assert first.source == "plan ch.3 §4"
    assert str(first.position).endswith("mine.yaml:3:5")
    assert (second.value, second.baseline, second.baseline_tolerance) == (3_640_000.0, None, 0.0)
    assert second.source is None


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [("392.63万", 50.0), ("336万", 5_000.0), ("3363900", 0.5), ("0.03亿", 500_000.0)],
)
def test_the_tolerance_is_half_a_unit_of_the_last_digit(
    tmp_path: Path, written: str, tolerance: float
) -> None:
    body = f"targets: [{{measure: injury, year: 2025, value: 364万, baseline: {written}}}]\n"
    assert loaded(tmp_path, body).targets[0].baseline_tolerance == tolerance


YEARS = np.arange(2021, 2027)


def test_a_path_in_steps_holds_each_value() -> None:
    path = YearPath(((2021, 0.015), (2023, 0.008), (2025, 0.0)))
    assert path.at(YEARS).tolist() == [0.015, 0.015, 0.008, 0.008, 0.0, 0.0]


def test_a_linear_path_runs_straight_and_holds_its_end() -> None:
    path = YearPath(((2021, 0.0), (2025, 0.4)), linear=True)
    assert path.at(YEARS) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.4])


def test_a_path_keeps_the_shape_of_the_years() -> None:
    path = YearPath(((2021, 2.0),))
    assert path.at(np.full((2, 3), 2050)).tolist() == [[2.0] * 3] * 2


def test_a_path_has_no_value_before_its_start_and_needs_order() -> None:
    with pytest.raises(InputError, match="starts in 2021 has no value for 2020"):
        YearPath(((2021, 1.0),)).at(np.array([2020, 2021]))
    with pytest.raises(InputError, match="ascending"):
        YearPath(((2023, 1.0), (2021, 1.0)))
    with pytest.raises(InputError, match="ascending"):
        YearPath(())


@given(
    st.dictionaries(st.integers(2022, 2100), st.floats(-0.3, 0.6), max_size=5),
    st.floats(-0.3, 0.6),
    st.booleans(),
)
def test_every_path_stays_between_its_points(
    points: dict[int, float], first: float, linear: bool
) -> None:
    path = YearPath(((2021, first), *sorted(points.items())), linear)
    values = path.at(np.arange(2021, 2101))
    known = [first, *points.values()]
    assert values.min() >= min(known) - 1e-15
    assert values.max() <= max(known) + 1e-15
    for year, value in points.items():
        assert values[year - 2021] == value


@pytest.fixture
def base(tmp_path: Path) -> Scenario:
    write(tmp_path, "age,male,female\n", "q.csv")
    return loaded(tmp_path, "growth: {employee: 1%, flexible: {2021: 5%, 2026: 2%}}\n")


@pytest.mark.parametrize(
    ("value", "points"),
    [
        ("18%", ((2021, 0.18),)),
        (0.18, ((2021, 0.18),)),
        (0, ((2021, 0.0),)),
        (Decimal("0.18"), ((2021, 0.18),)),
        (Fraction(1, 4), ((2021, 0.25),)),
        (np.float64(0.18), ((2021, 0.18),)),
        (np.float32(0.25), ((2021, 0.25),)),
        (np.int64(0), ((2021, 0.0),)),
        ({2021: "1.5%", 2023: 0.008}, ((2021, 0.015), (2023, 0.008))),
        ({"2021": "1.5%"}, ((2021, 0.015),)),
        ({np.int64(2021): 0.015}, ((2021, 0.015),)),
        (YearPath(((2021, 0.1), (2030, 0.2))), ((2021, 0.1), (2030, 0.2))),
        (pd.Series([0.1, 0.2], [2021, 2030]), ((2021, 0.1), (2030, 0.2))),
        ("\u22125%", ((2021, -0.05),)),
    ],
)
def test_with_takes_what_yaml_would_hold(base: Scenario, value: object, points: object) -> None:
    changed = base.with_({"growth.flexible": value})
    path = changed.values["growth.flexible"]
    assert isinstance(path, YearPath)
    assert path.points == points
    assert changed.values["growth.employee"] == base.values["growth.employee"]
    assert changed.origins["growth.flexible"] == "with_"
    assert changed.origins["growth.employee"] == base.origins["growth.employee"]


def test_a_held_coverage_is_a_coverage_that_nobody_set(tmp_path: Path) -> None:
    key = "coverage.injury.intern"
    free = loaded(tmp_path, "horizon: 2030\n", "free.yaml")
    wide = loaded(tmp_path, "extends: free.yaml\ncoverage: {injury: {intern: 5%}}\n", "wide.yaml")
    back = "extends: wide.yaml\ncoverage: {injury: {intern: base}}\n"
    assert wide.hash != free.hash
    for held in (loaded(tmp_path, back), wide.with_({key: "base"}), free.with_({key: "base"})):
        assert key not in held.values
        assert held.hash == free.hash
        assert key not in resolve(held).paths  # until the base year is closed
    assert "is not a number" in refused_body(tmp_path, "growth: {employee: base}\n")


def test_with_leaves_the_scenario_as_it_was(base: Scenario) -> None:
    before = base.hash
    changed = base.with_({"growth.flexible": "18%", "horizon": 2040}, name="drive")
    assert base.hash == before
    assert base.horizon == 2025
    assert (changed.name, changed.horizon) == ("drive", 2040)
    assert changed.title == {"zh": "drive", "en": "drive"}
    assert changed.origins["horizon"] == "with_"
    with pytest.raises(TypeError):
        base.values["growth.flexible"] = 1.0


def test_with_keeps_a_linear_path_linear(base: Scenario) -> None:
    path = YearPath(((2021, 0.1), (2030, 0.2)), linear=True)
    assert base.with_({"growth.flexible": path}).values["growth.flexible"] == path


def test_with_sets_other_kinds(base: Scenario) -> None:
    target = {"measure": "injury", "year": 2025, "value": "364万", "baseline": "335.99万"}
    changed = base.with_(
        {
            "retirement.delay_from": None,
            "coverage.pension.enterprise.dormant": "10%",
            "mortality.table": "q.csv",
            "base.dormant": "60万",
            "targets": [target],
        }
    )
    assert changed.values["retirement.delay_from"] is None
    assert changed.values["coverage.pension.enterprise.dormant"] == YearPath(((2021, 0.1),))
    assert changed.values["mortality.table"] == "q.csv"
    assert changed.values["base.dormant"] == 600_000.0
    assert [t.value for t in changed.targets] == [3_640_000.0]
    assert changed.targets[0].position is None
    assert base.with_({"targets": []}).targets == ()
    assert base.with_({"retirement.delay_from": "none"}).values["retirement.delay_from"] is None


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"growth.flexibel": 1}, "growth.flexibel: unknown key. Did you mean 'growth.flexible'?"),
        (
            {"growth": {"employee": 0.01}},
            "growth: is a section: give dotted keys, such as 'growth.emp",
        ),
        ({"coverage.injury": {}}, "such as 'coverage.injury.project_worker'"),
        ({"\x1b[31mgrowth": 1}, "\\x1b[31mgrowth: unknown key."),
        ({"growth.flexible": pd.NA}, "or {year: value}, got an object of type NAType"),
        ({"growth.flexible": np.array([0.1])}, "got an object of type ndarray"),
        ({"growth.flexible": pd.Series([0.1, 0.2], [2021, 2021])}, "2021 a second time"),
        (
            {"growth.flexible": pd.Series([0.1, np.nan], [2021, 2022])},
            "growth.flexible.2022: NaN is",
        ),
        ({"growth.flexible": pd.DataFrame({"a": [1]})}, "growth.flexible.a: expected a year"),
        ({"horizon": np.array(2030)}, "horizon: expected a year between 2021 and 2100, got an obj"),
        ({"mortality.table": b"CL1-CL2"}, "got an object of type bytes"),
        ({"targets": load("baseline").targets[0]}, "targets: expected a list of targets"),
        ({"targets": [5]}, "targets[0]: expected the keys measure, year"),
        (
            None,
            "overrides are a mapping of dotted keys, such as {'growth.flexible': '18%'}, not a N",
        ),
        ({"extends": "baseline"}, "extends: unknown key."),
        ({5: 1}, "a key must be a text such as 'growth.employee', got 5"),
        ({"growth.flexible": 3.66}, "growth.flexible: 3.66 is out of bounds: expected a share bet"),
        ({"growth.flexible": 3.66}, "3.66 means 366%; write 3.66% (or 0.0366)"),
        ({"growth.flexible": True}, "got true"),
        ({"growth.flexible": None}, "got no value"),
        ({"growth.flexible": [0.1]}, "got a list"),
        ({"growth.flexible": math.nan}, "is not a finite number"),
        ({"growth.flexible": math.inf}, "is not a finite number"),
        ({"growth.flexible": 10**5000}, "'a huge integer' is not a number"),
        ({"growth.flexible": Fraction(10**5000)}, "'a huge number' is not a number"),
        ({"growth": None, "growth.employee": 0.01}, "growth: is a section"),
        ({"growth.flexible": object}, "expected a share between -30% and 60%"),
        ({"growth.flexible": {2021: 0.1, "2021": 0.2}}, "growth.flexible: 2021 a second time"),
        ({"growth.flexible": {2023: 0.1}}, "growth.flexible.2023: the first year is 2023"),
        ({"growth.flexible": {2021.0: 0.1}}, "expected a year between 2021 and 2100"),
        ({"horizon": 2025.0}, "horizon: 2025.0 is not a whole year"),
        ({"mortality.table": "no.csv"}, "mortality.table: there is no file 'no.csv'"),
        ({"mortality.table": "\0.csv"}, "is not a usable file name"),
        ({"targets": [{"measure": "injury"}]}, "targets[0].year: is missing"),
    ],
    ids=range(34),
)
def test_with_refuses_with_the_messages_of_a_file(
    base: Scenario, overrides: dict[str, object], said: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        base.with_(overrides)
    assert said in str(caught.value)
    assert caught.value.position is None


def test_with_takes_back_targets_and_reliefs(base: Scenario) -> None:
    for shipped in (load("baseline"), load("deferral"), load("fee-relief")):
        changed = base.with_({"targets": shipped.targets, "relief": list(shipped.relief)})
        assert changed.relief == tuple(replace(one, position=None) for one in shipped.relief)
        assert changed.targets == tuple(replace(one, position=None) for one in shipped.targets)
    odd = Target("injury", 2030, 3_640_000.5, 3_413_001.0, 0.5, "plan: §4")
    assert base.with_({"targets": [odd]}).targets == (odd,)
    half = replace(load("fee-relief").relief[1], share=1 / 3)
    assert base.with_({"relief": [half]}).relief == (replace(half, position=None),)


def test_names_that_differ_in_case_only_are_not_compared() -> None:
    free = load("baseline").with_({"horizon": 2021})
    results = [fsinsure.run(free.with_({}, name=name)) for name in ("drive", "Drive")]
    with pytest.raises(InputError, match=r"named 'drive' \(case apart\): give one of them another"):
        fsinsure.compare(*results)


def test_with_refuses_a_bad_name_and_endless_nesting(base: Scenario) -> None:
    with pytest.raises(ScenarioError, match="is not a name"):
        base.with_({}, name="a b")
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ScenarioError, match="nested too deep"):
        base.with_({"growth.flexible": endless})


def test_a_file_and_with_say_the_same(tmp_path: Path, base: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        base.with_({"growth.flexible": "3.66"})
    said = refused_body(tmp_path, "growth: {flexible: '3.66'}\n")
    assert said == f"mine.yaml:2:20: {caught.value}"


def test_a_scenario_without_a_folder_has_no_data_file() -> None:
    free = Scenario(name="free", title={}, region=FOSHAN, horizon=2025)
    assert free.with_({"growth.civil_service": 0.01}).values["growth.civil_service"] == YearPath(
        ((2021, 0.01),)
    )
    with pytest.raises(ScenarioError, match="no folder"):
        free.with_({"mortality.table": "q.csv"})


def test_the_hash_is_that_of_the_content(tmp_path: Path, base: Scenario) -> None:
    same = load(
        write(
            tmp_path,
            "name: other\ntitle: {en: Other}\n# a comment\nhorizon: 2025\n"
            "growth:\n  flexible: {2026: 0.02, 2021: 0.05}\n  employee: 0.01\n",
            "deeper/other.yaml",
        )
    )
    assert same.hash == base.hash
    assert len(base.hash) == 64
    for key, value in {
        "growth.employee": 0.011,
        "horizon": 2026,
        "retirement.delay_from": None,
        "growth.flexible": {2021: 0.05, 2026: 0.02, "interpolate": "linear"},
        "targets": [{"measure": "injury", "year": 2025, "value": 3_640_000}],
        "mortality.table": "CL5-CL6",
    }.items():
        assert base.with_({key: value}).hash != base.hash, key


def test_the_hash_reads_the_data_file(tmp_path: Path, base: Scenario) -> None:
    own = base.with_({"mortality.table": "q.csv"})
    before = own.hash
    write(tmp_path, "age,male,female\n0,0.1,0.1\n", "q.csv")
    assert own.hash != before
    (tmp_path / "q.csv").unlink()
    with pytest.raises(ScenarioError, match=r"q\.csv: no such file"):
        _ = own.hash


def test_scenarios_can_be_sent_to_other_processes(base: Scenario) -> None:
    for twin in (pickle.loads(pickle.dumps(base)), copy.deepcopy(base)):
        assert twin == base
        assert twin.hash == base.hash
        assert hash(twin) == hash(base)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_scenario_needs_a_name(base: Scenario, name: str) -> None:
    with pytest.raises(ScenarioError, match="name: expected a text"):
        base.with_({"growth.flexible": "5%"}, name=name)
