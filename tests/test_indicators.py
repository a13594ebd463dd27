"""Indicators: closed forms, the limits, small cases by hand, and the same figures in the tables."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure as fs
from foshan import CITY, FOSHAN
from fsinsure.analysis import indicators
from fsinsure.analysis.solvency import (
    Limits,
    actuarial_balance,
    discount,
    implicit_debt,
    months_of_reserve,
    present_value,
)
from fsinsure.ledger import Book, close
from fsinsure.state import Flow
from fsinsure.statuses import PAYING
from region_files import copied

PENSIONS = ("pension.enterprise", "pension.civil", "pension.resident")
FUNDS = (*PENSIONS, "unemployment", "injury")
BASE_AND_AFTER = range(2020, 2026)
PROJECTED = range(2021, 2026)
AT_END = (2025,)
EXPECTED = {
    "support_ratio": (("pension.enterprise",), BASE_AND_AFTER, "ratio"),
    "cost_rate": (
        ("pension.enterprise", "pension.civil", "unemployment", "injury"),
        PROJECTED,
        "fraction",
    ),
    "replacement_rate": (("pension.enterprise", "pension.civil"), PROJECTED, "fraction"),
    "average_pension": (PENSIONS, BASE_AND_AFTER, "yuan"),
    "months_of_reserve": (FUNDS, PROJECTED, "months"),
    "depletion_year": (FUNDS, AT_END, "year"),
    "deficit_subsidy_year": (("pension.civil",), AT_END, "year"),
    "implicit_debt": (PENSIONS, AT_END, "yuan"),
    "actuarial_balance": (("pension.enterprise", "pension.civil"), AT_END, "fraction"),
    "relief_cost": (("pension.enterprise", "unemployment", "injury"), PROJECTED, "yuan"),
    "people_kept": (("total",), PROJECTED, "persons"),
    "new_urban_employment": (("total",), PROJECTED, "persons"),
    "cumulative_new_urban_employment": (("total",), PROJECTED, "persons"),
    "reemployment": (("total",), PROJECTED, "persons"),
    "cumulative_reemployment": (("total",), PROJECTED, "persons"),
    "registered_unemployment_rate": (("total",), BASE_AND_AFTER, "fraction"),
    "social_card_holders": (("total",), BASE_AND_AFTER, "persons"),
    "residents": (("total",), BASE_AND_AFTER, "persons"),
}


def series(result: fs.Result, indicator: str, fund: str) -> pd.DataFrame:
    table = result.indicators
    found = table[(table["indicator"] == indicator) & (table["fund"] == fund)]
    assert len(found), (indicator, fund)
    return found.set_index("year")


def posted(result: fs.Result, fund: str, year: int, *items: str) -> float:
    table = result.ledger.query("level == 'total' and fund == @fund and year == @year")
    return float(table[table["item"].isin(items)]["yuan"].sum())


def test_each_indicator_has_its_funds_years_and_unit(result):
    table = result.indicators
    for name, (funds, years, unit) in EXPECTED.items():
        rows = table[table["indicator"] == name]
        assert set(zip(rows["fund"], rows["year"], strict=True)) == {
            (fund, year) for fund in funds for year in years
        }, name
        assert len(rows) == len(funds) * len(years), name
        assert set(rows["unit"]) == {unit}, name
    assert set(EXPECTED) == set(table["indicator"])
    assert table["level"].map(type).eq(str).all()


# Closed forms


def test_constant_flows_are_a_geometric_series():
    rate, years = 0.03, 40
    v = 1 / (1 + rate)
    closed = 100.0 * (1 + rate / 2) * v * (1 - v**years) / (1 - v)
    assert present_value(np.full(years, 100.0), np.full(years, rate)) == pytest.approx(closed)


def test_a_flow_that_grows_at_the_rate_of_interest_is_worth_the_same_every_year():
    rate = np.full(30, 0.04)
    flow = 50.0 * 1.04 ** np.arange(1, 31)
    assert present_value(flow, rate) == pytest.approx(30 * 50.0 * 1.02)


def test_the_rate_of_each_year_counts_from_that_year_on():
    assert discount(np.array([0.1, 0.2])) == pytest.approx([1.05 / 1.1, 1.1 / (1.1 * 1.2)])


def test_the_contribution_rate_that_balances_a_fund_leaves_no_balance():
    rate, payroll = np.full(25, 0.025), 1000.0 * 1.05 ** np.arange(25)
    outgo = 0.2 * payroll
    # Without an opening balance the balance is the rate paid less the cost rate.
    assert actuarial_balance(0.0, 0.2 * payroll, outgo, payroll, rate) == pytest.approx(0.0)
    assert actuarial_balance(0.0, 0.17 * payroll, outgo, payroll, rate) == pytest.approx(-0.03)
    opening = 0.03 * present_value(payroll, rate)
    assert actuarial_balance(opening, 0.17 * payroll, outgo, payroll, rate) == pytest.approx(0.0)


@given(
    opening=st.floats(0, 1e3),
    net=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    rate=st.floats(-0.05, 0.2),
)
def test_the_debt_is_the_present_value_of_what_the_books_lack_in_the_end(opening, net, rate):
    """The discount of a flow and the interest of the books are one convention."""
    rates = np.full(len(net), rate)
    books = [Book() for _ in net]
    for book, amount in zip(books, net, strict=True):
        book.post("injury", "employer", np.full(5, amount / 5))
    openings = dict.fromkeys(FUNDS, 0.0) | {"injury": opening}
    ledger = close(np.arange(2020, 2021 + len(net)), books, openings, rates)
    debt = implicit_debt(opening, np.array(net), np.zeros(len(net)), rates)
    at_end = ledger.closing["injury"][-1] / (1 + rate) ** len(net)
    assert debt == pytest.approx(-at_end, abs=1e-6)


# Reserves and their levels

TWELVE_SIX_THREE = Limits(12.0, 6.0, 3.0)


@pytest.mark.parametrize(
    ("months", "level", "bound"),
    [
        (np.inf, "ok", 12.0),
        (12.0, "ok", 12.0),
        (11.999, "watch", 6.0),
        (6.0, "watch", 6.0),
        (5.999, "warning", 3.0),
        (3.0, "warning", 3.0),
        (2.999, "alarm", 0.0),
        (0.0, "alarm", 0.0),
        (-0.001, "exhausted", np.nan),
        (-np.inf, "exhausted", np.nan),
    ],
)
def test_the_levels_at_their_limits(months, level, bound):
    assert TWELVE_SIX_THREE.level(months) == level
    assert TWELVE_SIX_THREE.next(level) == pytest.approx(bound, nan_ok=True)


@pytest.mark.parametrize("wrong", [(6, 6, 3), (12, 3, 3), (3, 6, 12)])
def test_limits_that_do_not_descend_are_refused(baseline, wrong):
    changes = dict(zip(("reserve.watch", "reserve.warning", "reserve.alarm"), wrong, strict=True))
    with pytest.raises(fs.InputError, match=r"reserve\.watch, .* each must be below the one"):
        fs.run(baseline.with_(changes))


def test_a_scenario_whose_limits_do_not_descend_is_refused(baseline):
    from fsinsure.api import validate

    crossed = baseline.with_({"reserve.warning": 13})
    for refuse in (fs.run, validate):
        with pytest.raises(fs.InputError, match=r"are 12, 13 and 3 months"):
            refuse(crossed)


def test_months_of_reserve_by_hand():
    found = months_of_reserve(np.array([36.0, -6.0, 5.0, -5.0]), np.array([24.0, 12.0, 0.0, 0.0]))
    assert found.tolist() == [18.0, -6.0, np.inf, -np.inf]


def test_a_missing_value_has_no_reserve_and_no_level():
    found = months_of_reserve(np.array([np.nan, np.nan, 5.0]), np.array([0.0, 12.0, np.nan]))
    assert np.isnan(found).all()
    assert TWELVE_SIX_THREE.level(np.nan) == ""
    assert np.isnan(TWELVE_SIX_THREE.next(""))


def test_without_payroll_there_is_no_actuarial_balance():
    rate = np.full(2, 0.03)
    assert np.isnan(actuarial_balance(1.0, np.ones(2), np.ones(2), np.zeros(2), rate))


def test_the_limits_of_a_scenario_are_the_ones_in_use(baseline, result):
    strict = fs.run(baseline.with_({"reserve.watch": 20, "reserve.warning": 9}, name="strict"))
    before, after = (series(r, "months_of_reserve", "pension.enterprise") for r in (result, strict))
    assert set(before["level"]) == {"ok"}
    # 19.6 months in 2021, 20.9 in 2022 and more later
    assert after["level"].tolist() == ["watch", *["ok"] * 4]
    assert after["bound"].tolist() == [9.0, *[20.0] * 4]


def test_the_depletion_year_is_the_first_of_a_negative_balance(baseline):
    poor = fs.run(baseline.with_({"pension.employer_rate": "2%"}, name="poor"))
    closing = poor.ledger.query("fund == 'pension.enterprise' and item == 'closing'")
    below = closing.set_index("year")["yuan"] < 0
    assert below.any() and not below[2021]
    reserve = series(poor, "months_of_reserve", "pension.enterprise")
    assert (reserve["level"] == "exhausted").tolist() == below.loc[2021:].tolist()
    (year,) = series(poor, "depletion_year", "pension.enterprise")["value"]
    assert year == below.idxmax() == dict(poor.projection.ledger.deficits())["pension.enterprise"]
    assert np.isnan(series(poor, "depletion_year", "injury")["value"].item())
    assert series(poor, "implicit_debt", "pension.enterprise")["value"].item() > 0
    assert series(poor, "actuarial_balance", "pension.enterprise")["value"].item() < 0


# Against the tables


def test_the_reserve_is_that_of_the_ledger(result):
    for fund in FUNDS:
        rows = result.ledger.query("level == 'total' and fund == @fund")
        for year, row in series(result, "months_of_reserve", fund).iterrows():
            of_year = rows[rows["year"] == year]
            outgo = of_year[of_year["kind"] == "outgo"]["yuan"].sum()
            expected = posted(result, fund, year, "closing") / (outgo / 12)
            assert row["value"] == pytest.approx(expected)


def test_the_cost_rate_is_benefits_over_payroll(result):
    benefits = {
        "pension.enterprise": ("pension", "refund", "death"),
        "pension.civil": ("pension", "refund"),
        "unemployment": ("benefit", "health", "grants", "price_supplement"),
        "injury": ("medical", "disability", "death", "long_term"),
    }
    for fund, items in benefits.items():
        for year, row in series(result, "cost_rate", fund).iterrows():
            expected = posted(result, fund, year, *items) / posted(result, fund, year, "payroll")
            assert row["value"] == pytest.approx(expected), (fund, year)


def test_pensions_and_contributors_of_the_base_year_are_the_published_ones(result):
    # (298.188 + 29.442) / 65 of the closure; 3449 published, 300 + 60 assumed
    assert series(result, "support_ratio", "pension.enterprise")["value"][2020] == pytest.approx(
        327.63 / 65
    )
    assert series(result, "average_pension", "pension.enterprise")["value"][2020] == pytest.approx(
        3449
    )
    assert series(result, "average_pension", "pension.resident")["value"][2020] == pytest.approx(
        360
    )


def test_new_civil_pensions_have_the_replacement_rate_of_the_scenario(baseline, result):
    """An award of the civil scheme is a share of its base, so the rate is that share."""
    assert series(result, "replacement_rate", "pension.civil")["value"].tolist() == pytest.approx(
        [0.65] * 5
    )
    more = fs.run(baseline.with_({"civil.replacement": {2021: 0.65, 2024: 0.5}}, name="less"))
    values = series(more, "replacement_rate", "pension.civil")["value"]
    assert values.tolist() == pytest.approx([0.65] * 3 + [0.5] * 2)


def test_the_replacement_rate_of_the_enterprise_scheme_from_the_tables(result):
    flows = result.flows.query("level == 'total' and to_status == 'retiree'")
    new = flows.groupby("year")["persons"].sum()
    for year, row in series(result, "replacement_rate", "pension.enterprise").iterrows():
        award = posted(result, "pension.enterprise", year, "new_pensions") / new[year]
        # Payroll is computed on the people of mid-year, about half of the two year ends.
        members = result.stocks.query("level == 'total' and status in ['employee', 'flexible']")
        stocks = members[members["year"].isin([year - 1, year])]
        months = stocks["persons"].sum() / 2 * 12
        base = posted(result, "pension.enterprise", year, "payroll") / months
        assert row["value"] == pytest.approx(award / base, rel=0.02)


def test_a_fund_without_relief_bears_no_cost_of_it(result):
    table = result.indicators.query("indicator == 'relief_cost'")
    assert (table["value"] == 0.0).all()


def test_the_cost_of_relief_is_what_is_waived_and_refunded():
    book = Book()
    book.post("injury", "waived", np.full(5, 2.0))
    book.post("injury", "relief_refund", np.full(5, 1.0))
    ledger = close(np.array([2020, 2021]), [book], dict.fromkeys(FUNDS, 100.0), np.zeros(1))
    assert indicators.total(ledger, "injury", *indicators.RELIEF).tolist() == [15.0]
    assert indicators.flows_of(ledger, "injury", "outgo").tolist() == [5.0]
    assert indicators.flows_of(ledger, "injury", "outgo", indicators.NOT_BENEFITS).tolist() == [0.0]


# The other goals of the plan


def flow(source: str, target: str, persons: float) -> Flow:
    return Flow(source, target, np.full((5, 2, 1), persons / 10), slice(30, 31))


def test_new_employment_by_hand():
    flows = (
        flow("not_insured", "employee", 100.0),
        flow("arrived", "employee", 20.0),
        flow("resident", "flexible", 5.0),
        flow("dormant", "employee", 30.0),
        flow("employee", "dormant", 25.0),
        flow("employee", "unemployed", 10.0),
        flow("employee", "retiree", 12.0),
        flow("employee", "not_insured", 1.0),
        flow("civil_service", "dead", 3.0),
        # Neither new work nor attrition: changes within work, leaving the city, the unemployed.
        flow("employee", "flexible", 7.0),
        flow("employee", "departed", 40.0),
        flow("unemployed", "retiree", 4.0),
        flow("not_insured", "resident", 9.0),
    )
    run = SimpleNamespace(flows={2021: flows})
    by_hand = 100 + 20 + 5 + 30 - 25 - 10 - 12 - 1 - 3
    assert indicators.new_employment(run).tolist() == pytest.approx([by_hand])
    kept_empty = indicators.new_employment(run, refilled=False)
    assert kept_empty.tolist() == pytest.approx([by_hand - 40])
    assert indicators.reemployment(run).tolist() == [0.0]
    found = (*flows, flow("unemployed", "employee", 8.0), flow("unemployed", "dormant", 2.0))
    assert indicators.reemployment(SimpleNamespace(flows={2021: found})).tolist() == [8.0]


def test_new_employment_lies_between_the_growth_of_work_and_that_with_departures(result):
    working = list(PAYING)
    stocks = result.stocks[(result.stocks["area"] == CITY) & result.stocks["status"].isin(working)]
    growth = stocks.groupby("year")["persons"].sum().diff().loc[2021:]
    flows = result.flows[
        (result.flows["area"] == CITY)
        & result.flows["from_status"].isin(working)
        & (result.flows["to_status"] == "departed")
    ]
    left = flows.groupby("year")["persons"].sum()
    jobs = series(result, "new_urban_employment", "total")
    assert jobs["low"].to_numpy() == pytest.approx(growth.to_numpy())
    assert jobs["high"].to_numpy() == pytest.approx((growth + left).to_numpy())
    assert jobs["value"].tolist() == jobs["high"].tolist()
    total = series(result, "cumulative_new_urban_employment", "total")
    for reading in ("value", "low", "high"):
        assert total[reading].tolist() == pytest.approx(jobs[reading].cumsum().tolist())


def test_reemployment_is_the_flow_from_benefit_into_employment(baseline, result):
    flows = result.flows.query(
        "level == 'total' and from_status == 'unemployed' and to_status == 'employee'"
    )
    by_year = flows.groupby("year")["persons"].sum()
    rows = series(result, "reemployment", "total")
    assert rows["value"].to_dict() == pytest.approx(by_year.to_dict())
    assert rows["low"].tolist() == rows["value"].tolist()
    # If all the registered find work as those on benefit do, who are 40 % of them.
    assert rows["high"].tolist() == pytest.approx((by_year / 0.4).tolist())
    goal = series(result, "cumulative_reemployment", "total").loc[2025]
    assert goal["bound"] == 150_000
    assert goal["low"] < 150_000 < goal["high"]
    assert goal["level"] == "undetermined"
    none = fs.run(baseline.with_({"base.benefit_share": 0}, name="none"))
    assert series(none, "cumulative_reemployment", "total")["level"][2025] == ""


def against(low: float, high: float, **kind: bool) -> str:
    name = "target.registered_unemployment_rate" if kind else "target.new_urban_employment"
    target = FOSHAN.figure(name)
    row = indicators.Row(2025, "total", "x", high, "persons", low, high)
    (judged,) = indicators._judged([row], target, **kind)
    return judged.level


@pytest.mark.parametrize(
    ("low", "high", "level"),
    [
        (400_000.0, 500_000.0, "met"),
        (399_999.6, 500_000.0, "met"),
        (399_999.0, 500_000.0, "undetermined"),
        (100_000.0, 400_000.0, "undetermined"),
        (100_000.0, 399_999.0, "missed"),
        (np.nan, 400_000.0, "met"),
        (np.nan, 399_999.0, "missed"),
        (100_000.0, np.nan, ""),
        (np.nan, np.nan, ""),
    ],
)
def test_a_goal_between_two_readings_is_not_determined(low, high, level):
    assert against(low, high) == level


@pytest.mark.parametrize(
    ("low", "high", "level"),
    [(0.02, 0.03, "met"), (0.03, 0.031, "undetermined"), (0.031, 0.04, "missed")],
)
def test_an_upper_bound_between_two_readings_is_not_determined(low, high, level):
    assert against(low, high, at_most=True) == level


def test_the_registered_rate_of_the_base_year_is_the_published_one(baseline, result):
    assert series(result, "registered_unemployment_rate", "total")["value"][2020] == pytest.approx(
        0.0248
    )
    # With more recipients among the same registered unemployed the published rate still holds.
    more = fs.run(baseline.with_({"base.benefit_share": "60%"}, name="more"))
    assert series(more, "registered_unemployment_rate", "total")["value"][2020] == pytest.approx(
        0.0248
    )
    none = fs.run(baseline.with_({"base.benefit_share": 0}, name="none"))
    rows = series(none, "registered_unemployment_rate", "total")
    assert rows["value"].isna().all()
    assert set(rows["level"]) == {""}


def test_goals_are_judged_in_the_years_of_the_plan(baseline):
    far = fs.run(baseline.with_({"horizon": 2027}, name="far"))
    rate = series(far, "registered_unemployment_rate", "total")
    assert rate["level"].tolist() == ["", *["met"] * 5, "", ""]
    assert rate["bound"].isna().tolist() == [True, *[False] * 5, True, True]
    for name, bound, level in (
        ("cumulative_new_urban_employment", 400_000, "met"),
        ("cumulative_reemployment", 150_000, "undetermined"),
        ("social_card_holders", 7_500_000, "missed"),
    ):
        rows = series(far, name, "total")
        assert rows["bound"].dropna().to_dict() == {2025: bound}
        assert rows.loc[rows["level"] != "", "level"].to_dict() == {2025: level}


def test_a_rate_above_its_bound_and_jobs_below_theirs_are_missed(baseline):
    changes = {"labour.separation": "12%", "migration.departure_employee": 0}
    changes["growth.employee"] = "1%"
    weak = fs.run(baseline.with_(changes, name="weak"))
    assert series(weak, "registered_unemployment_rate", "total")["level"][2025] == "missed"
    assert series(weak, "cumulative_new_urban_employment", "total")["level"][2025] == "missed"


def test_card_holders_follow_the_residents_and_the_share(baseline, result):
    residents = result.stocks.query("level == 'total'").groupby("year")["persons"].sum()
    holders = series(result, "social_card_holders", "total")["value"]
    assert holders.to_numpy() == pytest.approx((residents * 6_000_000 / residents[2020]).to_numpy())
    wide = fs.run(baseline.with_({"coverage.social_card": {2021: "70%", 2025: "80%"}}, name="wide"))
    rows = series(wide, "social_card_holders", "total")
    assert rows["value"][2025] == pytest.approx(0.8 * residents[2025])
    assert rows["level"][2025] == "met"


# Goals of other years than those of the projection, in a region with base year 2022.

JOBS = "new_urban_employment"


def with_goals(home: Path, *goals: tuple[str, str, str, str], horizon: int = 2030) -> fs.Result:
    folder = copied(home)
    rows = "".join(
        f"target.{name},,{value},{unit},{date},invented,assumption,x,x,\n"
        for name, value, unit, date in goals
    )
    with (folder / "figures.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    region = fs.open_region(folder)
    return fs.run(fs.Scenario(name="bare", title={}, region=region, horizon=horizon))


def test_a_sum_is_that_of_the_years_of_its_goal(tmp_path):
    found = with_goals(tmp_path, (JOBS, "1", "万人", "2029/2030"))
    each = series(found, JOBS, "total")
    total = series(found, f"cumulative_{JOBS}", "total")
    assert total.index.tolist() == [2029, 2030]
    for reading in ("value", "low", "high"):
        assert total[reading][2030] == pytest.approx(each[reading].loc[2029:2030].sum())
    assert total["bound"].dropna().to_dict() == {2030: 10_000}
    low, high = each["low"].loc[2029:2030].sum(), each["high"].loc[2029:2030].sum()
    # A bound between the sum of these two years and that of all eight.
    between = round((high + each["low"].sum()) / 2)
    assert low < high < between < each["high"].sum()
    more = with_goals(tmp_path / "more", (JOBS, f"{between}", "人", "2029/2030"))
    assert series(more, f"cumulative_{JOBS}", "total")["level"][2030] == "missed"


def test_a_sum_with_years_before_the_projection_is_not_assessed(tmp_path):
    found = with_goals(
        tmp_path, (JOBS, "40", "万人", "2021/2025"), ("reemployment", "1", "人", "2021/2025")
    )
    for name in (JOBS, "reemployment"):
        total = series(found, f"cumulative_{name}", "total")
        assert total.index.min() == 2023
        assert total.loc[total["level"] != "", "level"].to_dict() == {2025: "not_assessed"}


@pytest.mark.parametrize("date", ["2016/2020", "2031/2035", "2026/2035"])
def test_a_sum_that_does_not_end_in_the_projection_has_no_bound(tmp_path, date):
    total = series(with_goals(tmp_path, (JOBS, "4", "万人", date)), f"cumulative_{JOBS}", "total")
    assert total.index.min() == (2026 if date == "2026/2035" else 2023)
    assert total["bound"].isna().all()
    assert set(total["level"]) == {""}


def test_a_goal_of_one_year_holds_in_that_year(tmp_path):
    found = with_goals(
        tmp_path,
        ("registered_unemployment_rate", "3.5", "%", "2027"),
        (JOBS, "4", "万人", "2027"),
    )
    rate = series(found, "registered_unemployment_rate", "total")
    assert rate["bound"].dropna().to_dict() == {2027: 0.035}
    total = series(found, f"cumulative_{JOBS}", "total")
    assert total["value"][2027] == pytest.approx(series(found, JOBS, "total")["value"][2027])
    assert total["bound"].dropna().to_dict() == {2027: 40_000}
