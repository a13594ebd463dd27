"""Channels: they add up exactly, and each is the count of the flows that it names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import fsinsure as fs
from foshan import AREAS, CITY
from fsinsure.analysis.channels import channel_into, decompose
from fsinsure.statuses import STATUS


def increments(result: fs.Result):
    table = result.enrollment.set_index(["measure", "area", "year"])["persons"].unstack("year")
    return table[2025] - table[2020]


def test_channels_add_up_for_the_city_and_every_area(result):
    whole = result.channels.query("from_year == 2020 and to_year == 2025")
    sums = whole.groupby(["measure", "area"])["persons"].sum()
    expected = increments(result)
    assert sums.index.nunique() == 7 * (len(AREAS) + 1)
    np.testing.assert_allclose(sums, expected.loc[sums.index], atol=1e-3)


def test_years_add_up_to_the_span(result):
    table = result.channels.query("level == 'total'")
    yearly = table.query("to_year == from_year + 1").groupby(["measure", "channel"])["persons"]
    whole = table.query("from_year == 2020 and to_year == 2025").set_index(["measure", "channel"])
    np.testing.assert_allclose(yearly.sum().loc[whole.index], whole["persons"], atol=1e-3)


def test_areas_add_up_to_the_city(result):
    table = result.channels.pivot_table(
        index=["measure", "from_year", "to_year", "channel"], columns="area", values="persons"
    )
    np.testing.assert_allclose(table[list(AREAS)].sum(axis=1), table[CITY], atol=1e-3)


def of_2023(result: fs.Result, measure: str) -> dict[str, float]:
    rows = result.channels.query(
        "measure == @measure and level == 'total' and from_year == 2022 and to_year == 2023"
    )
    return dict(zip(rows["channel"], rows["persons"], strict=True))


def moved(result: fs.Result, sources: str, targets: str) -> float:
    rows = result.flows.query("level == 'total' and year == 2023")
    chosen = rows["from_status"].isin(sources.split()) & rows["to_status"].isin(targets.split())
    return float(rows.loc[chosen, "persons"].sum())


def test_gross_channels_of_the_pension_scheme_are_the_flows_across_its_border(result):
    inside, outside = "employee flexible retiree", "not_insured resident arrived born"
    idle = "dormant unemployed"
    expected = {
        "entry.employee": moved(result, outside, "employee"),
        "entry.flexible": moved(result, outside, "flexible"),
        "return.employee": moved(result, idle, "employee"),
        "return.flexible": moved(result, idle, "flexible"),
        "pensioners": moved(result, f"{idle} {outside}", "retiree"),
        "separations": -moved(result, inside, idle),
        "departures": -moved(result, inside, "departed"),
        "withdrawals": -moved(result, inside, "not_insured"),
        "deaths": -moved(result, inside, "dead"),
    }
    found = of_2023(result, "pension.enterprise")
    assert found == pytest.approx(expected, rel=1e-9)
    assert moved(result, "employee flexible", "retiree") > 0  # they stay: in no channel


def test_contributors_who_retire_leave_a_measure_of_contributors(result):
    found = of_2023(result, "pension.urban_contributors")
    assert found["retirements"] == pytest.approx(
        -moved(result, "employee flexible civil_service", "retiree civil_retiree"), rel=1e-9
    )
    assert "pensioners" not in found


def test_a_change_of_status_leaves_a_measure_that_does_not_count_the_new_one(result):
    found = of_2023(result, "unemployment")
    switched = moved(result, "employee", "flexible")
    assert found["switches"] == pytest.approx(-switched, rel=1e-9)


def test_deaths_are_the_deaths_of_the_covered(result):
    channel = result.channels.query(
        "measure == 'pension.enterprise' and level == 'total' and channel == 'deaths'"
        " and from_year == 2020 and to_year == 2021"
    )["persons"].item()
    died = result.flows.query(
        "level == 'total' and year == 2021 and to_status == 'dead'"
        " and from_status in ['employee', 'flexible', 'retiree']"
    )
    assert channel == pytest.approx(-died["persons"].sum(), rel=1e-12)


def test_wider_coverage_is_a_channel_of_its_own(baseline):
    wide = fs.run(baseline.with_({"coverage.unemployment.flexible": {2021: "0%", 2024: "10%"}}))
    found = wide.channels.query(
        "measure == 'unemployment' and level == 'total' and channel == 'coverage.flexible'"
        " and from_year == 2023 and to_year == 2024"
    )["persons"].item()
    flexible = wide.stocks.query("year == 2023 and level == 'total' and status == 'flexible'")
    assert found == pytest.approx(0.1 * flexible["persons"].sum(), rel=1e-12)
    # Before the widening, flexible workers are in no channel of unemployment insurance.
    assert increments(wide)["unemployment", CITY] > 0


def test_parts_of_a_status_are_injury_only():
    assert channel_into("injury", "arrived", "not_insured") == "entry.injury_only"
    assert channel_into("injury", "dormant", "retiree") == "return.injury_only"
    assert channel_into("injury", "not_insured", "employee") == "entry.employee"
    assert channel_into("pension.enterprise", "dormant", "retiree") == "pensioners"


def test_channels_hold_over_a_long_run_with_everything_moving(baseline):
    far = fs.run(
        baseline.with_(
            {
                "horizon": 2060,
                "retirement.delay_from": 2025,
                "coverage.injury.over_age_worker": {2021: "10%", 2030: "30%"},
                "coverage.pension.enterprise.dormant": {2021: "0%", 2025: "50%"},
                "transfer.land_expropriated": "5%",
            }
        )
    )
    # Building the table checks every sum (IdentityError).
    assert far.channels["to_year"].max() == 2060


@pytest.mark.parametrize("people", [5.0, np.nan])
def test_an_increment_that_no_flow_explains_is_refused(result, people):
    persons = result.projection.persons.copy()
    persons[3, STATUS["flexible"], AREAS.index("shunde"), 0, 40] += people
    with pytest.raises(fs.IdentityError, match=r"2023: the channels of pension\..* in shunde miss"):
        decompose(replace(result.projection, persons=persons))
