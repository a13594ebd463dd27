"""The dated values of the rules: ``data/reference_cases.csv`` and the defaults of parameters."""

from __future__ import annotations

import ast
import csv
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

import fsinsure
from foshan import FOSHAN
from fsinsure.paths import date_at
from fsinsure.registry import registry
from fsinsure.year.terms import CLASSES, GRADES

COLUMNS = ["rule", "from", "value", "unit", "source", "confidence", "note"]
UNITS = {"%", "ratio", "months", "years", "yuan/month", "yuan/year"}
CONFIDENCE = {"plan", "official", "secondary", "assumption"}


def rows() -> list[dict[str, str]]:
    text = files("fsinsure").joinpath("data/reference_cases.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def at_default(parameter: str, day: str, key: int = 0) -> Decimal:
    """Value of a parameter of the region on a day, in a table that of a key."""
    entries = [entry for entry in FOSHAN.values[parameter] if entry.key == key]
    return Decimal(
        [one for one in entries if one.date is None or one.date <= date_of(day)][-1].text
    )


def date_of(day: str) -> float:
    found = date.fromisoformat(day)
    return date_at(found.year, found.month)


def at(rule: str, day: str) -> Decimal:
    known = [row for row in rows() if row["rule"] == rule and row["from"] <= day]
    return Decimal(known[-1]["value"])


def test_every_row_is_complete() -> None:
    assert rows()
    for row in rows():
        assert list(row) == COLUMNS
        assert Decimal(row["value"]) >= 0
        assert row["unit"] in UNITS
        assert row["confidence"] in CONFIDENCE
        assert row["source"]
        assert "http" not in row["source"] + row["note"]
        assert date.fromisoformat(row["from"]).isoformat() == row["from"]


def test_what_is_recalled_is_an_assumption() -> None:
    for row in rows():
        if "recalled; no source read" in row["note"]:
            assert row["confidence"] == "assumption", row["rule"]


def test_dates_of_a_rule_rise_and_its_unit_stays() -> None:
    dates, units = defaultdict(list), defaultdict(set)
    for row in rows():
        dates[row["rule"]].append(row["from"])
        units[row["rule"]].add(row["unit"])
    for rule, days in dates.items():
        assert days == sorted(set(days)), rule
        assert len(units[rule]) == 1, rule


def test_the_cap_is_three_times_the_mean_wage_and_above_the_floor() -> None:
    for row in rows():
        if row["rule"] == "wage.province":
            if row["from"] < "2020":
                continue  # the law begins with the base year
            cap = at_default("pension.base_cap", row["from"])
            assert abs(cap - 3 * Decimal(row["value"])) <= 3
            assert cap > at_default("pension.base_floor", row["from"])


@pytest.mark.parametrize(
    ("table", "day"),
    [("unemployment.floating_share", "2020-01-01")],
)
def test_payroll_shares_add_up(table: str, day: str) -> None:
    names = {row["rule"] for row in rows() if row["rule"].startswith(f"{table}.")}
    assert sum(at(name, day) for name in names) == 100


@pytest.mark.parametrize(
    ("rule", "day", "value"),
    [
        ("resident.base_pension_city", "2019-12-31", "155"),
        ("resident.base_pension_city", "2020-01-01", "300"),
    ],
)
def test_values_on_their_dates(rule: str, day: str, value: str) -> None:
    assert at(rule, day) == Decimal(value)


@pytest.mark.parametrize(
    ("parameter", "day", "value"),
    [
        ("pension.employer_rate", "2020-12-31", "0.13"),
        ("pension.employer_rate", "2021-12-31", "0.14"),
        ("pension.employer_rate", "2022-01-01", "0.15"),
        ("unemployment.minimum_wage", "2020-12-31", "1720"),
        ("unemployment.minimum_wage", "2021-12-01", "1900"),
        ("unemployment.employer_rate", "2020-06-01", "0.008"),
        ("injury.class_rate_4", "2021-04-30", "0.009"),
        ("injury.class_rate_4", "2021-05-01", "0.008"),
        ("pension.account_interest", "2021-07-01", "0.0669"),
        ("indexing.pension_rate", "2025-01-01", "0.02"),
    ],
)
def test_defaults_on_their_dates(parameter: str, day: str, value: str) -> None:
    assert at_default(parameter, day) == Decimal(value)


@pytest.mark.parametrize(
    ("parameter", "key", "value"),
    [
        ("pension.annuity_divisors", 50, "195"),  # 国发〔2005〕38号 annex
        ("pension.annuity_divisors", 60, "139"),
        ("injury.lump_months", 1, "27"),  # 工伤保险条例 第三十五条
        ("injury.lump_months", 10, "7"),  # 第三十七条
    ],
)
def test_tables_on_a_date(parameter: str, key: int, value: str) -> None:
    assert at_default(parameter, "2021-01-01", key) == Decimal(value)


def test_tables_have_their_keys_and_start_with_a_year() -> None:
    tables = [one for one in registry().values() if one.kind == "table"]
    assert len(tables) == 4
    for parameter in tables:
        entries = FOSHAN.values[parameter.name]
        keys = {entry.key for entry in entries}
        assert keys <= set(parameter.keys), parameter.name
        assert keys == set(parameter.keys) or not parameter.every_key, parameter.name
        assert all(one.date == int(one.date or 0) for one in entries), parameter.name
        first = {key: min(one.date for one in entries if one.key == key) for key in keys}
        assert max(first.values()) <= 2021 or not parameter.every_key, parameter.name


def test_a_value_stands_in_one_place() -> None:
    cells = {f"{name}.{one.key}" for name, entries in FOSHAN.values.items() for one in entries}
    assert not {row["rule"] for row in rows()} & (set(registry()) | cells | set(FOSHAN.figures))


def test_reference_cases_are_read_by_no_module() -> None:
    """They are listed with the data, and that is all: a run cannot depend on them."""
    source = Path(fsinsure.__file__).parent
    named = {
        module.relative_to(source).as_posix()
        for module in source.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == "reference_cases"
    }
    assert named == {"region/listing.py"}


UNREAD = """
import fsinsure
from fsinsure import sources
from fsinsure.analysis.check_base import check_base

read, seen = sources.package_records, set()


def noted(name):
    seen.add(name)
    return read(name)


sources.package_records = noted
scenario = fsinsure.load("baseline")
fsinsure.run(scenario)
fsinsure.run(scenario, engine="micro", persons=2_000)
check_base(scenario)
print(*sorted(seen))
"""


def test_a_run_reads_no_reference_case() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNREAD], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    seen = set(done.stdout.split())
    assert {"parameters", "coverage"} <= seen
    assert "reference_cases" not in seen


def test_shares_leave_a_rest() -> None:
    for stem, keys, rest in (
        ("injury.payroll_share", CLASSES, 4),
        ("injury.grade_share", GRADES, 10),
    ):
        known = sum(Decimal(FOSHAN.values[f"{stem}_{key}"][0].text) for key in keys if key != rest)
        assert 0 < known < 1, stem
        assert f"{stem}_{rest}" not in registry()
