"""The dated values of the rules, in ``data/rules.csv`` and among the defaults of parameters."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from fsinsure.parameters import defaults
from fsinsure.scenario import registry
from fsinsure.scenario.paths import date_at
from fsinsure.year.terms import CLASSES, GRADES

COLUMNS = ["rule", "from", "value", "unit", "source", "confidence", "note"]
UNITS = {"%", "ratio", "months", "years", "yuan/month", "yuan/year"}
CONFIDENCE = {"plan", "official", "secondary", "assumption"}


def rows() -> list[dict[str, str]]:
    text = files("fsinsure").joinpath("data/rules.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def at_default(parameter: str, day: str) -> Decimal:
    """Value of a parameter's default on a day."""
    known = [entry for entry in defaults()[parameter] if entry.date <= date_of(day)]
    return Decimal(known[-1].value)


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
                continue  # the defaults begin with the base year
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
        ("pension.annuity_months.60", "2020-01-01", "139"),
        ("resident.base_pension", "2020-01-01", "300"),
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


def test_a_value_stands_in_one_place() -> None:
    assert not {row["rule"] for row in rows()} & set(registry())


def test_shares_leave_a_rest() -> None:
    for stem, keys, rest in (
        ("injury.payroll_share", CLASSES, 4),
        ("injury.grade_share", GRADES, 10),
    ):
        known = sum(Decimal(defaults()[f"{stem}_{key}"][0].value) for key in keys if key != rest)
        assert 0 < known < 1, stem
        assert f"{stem}_{rest}" not in registry()
