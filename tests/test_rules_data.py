"""``data/rules.csv``: dated values with unit, source and an honest confidence."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

COLUMNS = ["rule", "from", "value", "unit", "source", "confidence", "note"]
UNITS = {"%", "ratio", "months", "years", "yuan/month", "yuan/year"}
CONFIDENCE = {"plan", "official", "secondary", "assumption"}


def rows() -> list[dict[str, str]]:
    text = files("fsinsure").joinpath("data/rules.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


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
            cap = at("pension.base_cap", row["from"])
            assert abs(cap - 3 * Decimal(row["value"])) <= 3
            assert cap > at("pension.base_floor", row["from"])


@pytest.mark.parametrize(
    ("table", "day"),
    [("injury.class_share", "2020-01-01"), ("unemployment.floating_share", "2020-01-01")],
)
def test_payroll_shares_add_up(table: str, day: str) -> None:
    names = {row["rule"] for row in rows() if row["rule"].startswith(f"{table}.")}
    assert sum(at(name, day) for name in names) == 100


@pytest.mark.parametrize(
    ("rule", "day", "value"),
    [
        ("pension.employer_rate", "2021-12-31", "14"),
        ("pension.employer_rate", "2022-01-01", "15"),
        ("minimum_wage", "2020-12-31", "1720"),
        ("minimum_wage", "2021-12-01", "1900"),
        ("unemployment.employer_rate", "2020-06-01", "0.8"),
        ("injury.class_rate.4", "2021-04-30", "0.9"),
        ("injury.class_rate.4", "2021-05-01", "0.8"),
        ("pension.annuity_months.60", "2020-01-01", "139"),
        ("pension.account_interest", "2020-07-01", "6.04"),
        ("pension.indexing_rate", "2025-01-01", "2"),
        ("resident.base_pension", "2020-01-01", "300"),
    ],
)
def test_values_on_their_dates(rule: str, day: str, value: str) -> None:
    assert at(rule, day) == Decimal(value)
