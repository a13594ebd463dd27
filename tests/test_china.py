"""The nation as a region: the base year by hand, balances, targets, persons."""

from __future__ import annotations

import pytest

import fsinsure as fs
from fsinsure import api
from fsinsure.base_year.balances import opening_balances
from fsinsure.checks import prepare

MANY = 1e4


@pytest.fixture(scope="module")
def scenario() -> fs.Scenario:
    return fs.load("china")


def test_the_base_year_closes_by_hand(scenario: fs.Scenario) -> None:
    # 万: urban employees 45638, contributors 32859, enterprise 39908 with 10786 retirees,
    # unemployment 21689, injury 26770, residents 54244 of whom 16068 draw.
    _, base = prepare(scenario)
    people = {name: value / MANY for name, value in base.totals.items()}
    civil = 32859 - (39908 - 10786)
    assert people["civil_service"] == pytest.approx(civil)
    assert people["retiree"] == pytest.approx(10786)
    assert people["civil_retiree"] == pytest.approx(45638 - 39908 - civil)
    assert people["employee"] == pytest.approx(21689 - 0.8 * civil)
    dormant = people["dormant"]
    assert people["flexible"] == pytest.approx(39908 - 10786 - dormant - people["employee"])
    assert people["resident"] == pytest.approx(54244 - 16068)
    assert people["injury_only"] == pytest.approx(26770 - people["employee"] - civil)


def test_balances_are_those_of_2021_less_its_flows(scenario: fs.Scenario) -> None:
    parameters, _ = prepare(scenario)
    found = {fund: yuan / 1e8 for fund, yuan in opening_balances(parameters).items()}
    both = found["pension.enterprise"] + found["pension.civil"]
    assert both == pytest.approx(52574 - 60455 + 56481)
    assert found["pension.resident"] == pytest.approx(11396 - 5338 + 3716)
    assert found["unemployment"] == pytest.approx(3313 - 1460 + 1500)
    assert found["injury"] == pytest.approx(1411 - 952 + 990)


def test_where_sources_differ_the_register_has_both(scenario: fs.Scenario) -> None:
    readings = {
        text for one in scenario.region.conflicts for text in (one.reading_a, one.reading_b)
    }
    assert any("48600" in text for text in readings)
    assert any("49034" in text for text in readings)
    assert any("45638" in text for text in readings)


def test_two_targets_and_no_rate_of_participation(scenario: fs.Scenario) -> None:
    result = fs.run(scenario)
    targets = result.targets.set_index("measure")["target"]
    assert targets.to_dict() == {"unemployment": 2.3e8, "injury": 2.8e8}
    assert result.enrollment.loc[
        (result.enrollment["year"] == 2020)
        & (result.enrollment["level"] == "total")
        & (result.enrollment["measure"] == "pension.urban_employee"),
        "persons",
    ].item() == pytest.approx(45638 * MANY)


def test_the_age_structure_is_that_of_the_united_nations(scenario: fs.Scenario) -> None:
    result = fs.run(scenario)
    people = result.stocks
    opening = people[(people["year"] == 2020) & (people["level"] == "total")]
    by_age = opening.groupby("age_group", sort=False)["persons"].sum() / 1000
    assert by_age["0-4"] == pytest.approx(80_999)
    assert by_age["50-54"] == pytest.approx(119_239)
    assert opening["persons"].sum() == pytest.approx(1.425e9, rel=1e-3)


def test_a_sample_of_its_persons_agrees_with_the_cohort_engine(scenario: fs.Scenario) -> None:
    result = fs.run(scenario, engine="micro", persons=100_000, seed=3)
    assert result.agreement.passed


def test_a_sample_of_the_nation_is_simulated_unless_all_are_asked_for(
    scenario: fs.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A small sample: that of a large region is a million, which takes longer.
    monkeypatch.setattr(api, "SAMPLE", 2_000)
    assert persons_of(fs.run(scenario, engine="micro")) == 2_000
    monkeypatch.setattr(api, "EVERYONE", 602_999)
    assert persons_of(fs.run(fs.load("example"), engine="micro")) == 2_000
    monkeypatch.setattr(api, "EVERYONE", 603_000)
    assert persons_of(fs.run(fs.load("example"), engine="micro")) == 603_000


def persons_of(result: fs.Result) -> int:
    assert result.simulation is not None
    return result.simulation.plan.persons
