"""A number of people by its parts: by hand, against other tables, and level by level."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.explain import PARAMETER, Item, _check
from fsinsure.cli import app
from fsinsure.errors import IdentityError, InputError
from fsinsure.measures import measures


@pytest.fixture(scope="module")
def baseline() -> fs.Result:
    return fs.run("baseline")


def total(table: pd.DataFrame, measure: str, year: int, place: str) -> float:
    rows = (table["measure"] == measure) & (table["year"] == year) & (table["area"] == place)
    return float(table.loc[rows, "persons"].iloc[0])


def assert_adds_up(found: pd.DataFrame) -> None:
    people = found[found["kind"] != PARAMETER]
    sums = people.groupby("parent")["value"].sum()
    values = people.set_index("row")["value"]
    for row, parts in sums.drop(0).items():
        assert parts == pytest.approx(values[row], abs=1e-3), row


@pytest.mark.parametrize("name", ["baseline", "example", "observed", "injury-wide-cover"])
def test_every_level_adds_up_to_the_level_above(name: str) -> None:
    result = fs.run(name)
    region = result.scenario.region
    for measure in measures():
        for year in (region.base_year, region.first_year, result.scenario.horizon):
            for area in (None, region.codes[-1]):
                found = result.explain(measure, year, area)
                assert_adds_up(found)
                place = area or region.name
                wanted = total(result.enrollment, measure, year, place)
                assert found["value"].iloc[0] == pytest.approx(wanted, abs=1e-3)


def test_the_base_year_is_the_equations_solved_by_hand(baseline: fs.Result) -> None:
    """In 万: E + F + 65 = 392.63, E + F + C = 341.30 and E + 0.6 C = 306.39.

    So C = 341.30 - 392.63 + 65 and E = 306.39 - 0.6 C.
    """
    found = baseline.explain("unemployment", 2020)
    group = found[(found["kind"] == "group") & (found["name"] == "employee")]["row"].iloc[0]
    figures = found[found["parent"] == group].set_index("name")["value"] / 1e4
    assert figures.to_dict() == pytest.approx(
        {
            "enrollment.pension.enterprise": 0.6 * 392.63,
            "enrollment.unemployment": 306.39,
            "enrollment.pension.urban_contributors": -0.6 * 341.30,
            "retirees.enterprise": -0.6 * 65,
        }
    )
    sources = found[found["name"] == "enrollment.unemployment"]
    assert set(sources["source"]) == {"plan ch.1 §3(1)"}
    assert set(sources["confidence"]) == {"plan"}


def test_the_flows_are_those_of_the_flows_table(baseline: fs.Result) -> None:
    found = baseline.explain("pension.enterprise", 2025)
    flows = baseline.flows
    flows = flows[(flows["year"] == 2025) & (flows["level"] == "total")]
    wanted = flows.set_index(["from_status", "to_status"])["persons"]
    parents = found.set_index("row")["name"]
    shown = found[found["kind"] == "flow"]
    assert len(shown) > 20
    for row in shown.itertuples():
        source, _, target = row.name.partition(" > ")
        sign = 1 if parents[row.parent] == target else -1
        assert row.value == pytest.approx(sign * wanted[source, target])


def test_the_flows_of_employees_are_their_growth() -> None:
    result = fs.run(fs.load("example").with_({"growth.employee": "3%"}))
    found = result.explain("unemployment", 2024)
    status = found[(found["kind"] == "status") & (found["name"] == "employee")]["row"].iloc[0]
    parts = found[found["parent"] == status]
    opening = parts[parts["kind"] == "opening"]["value"].sum()
    assert parts[parts["kind"] == "flow"]["value"].sum() == pytest.approx(0.03 * opening)


def test_a_wider_share_is_valued_on_the_people_of_the_year_before() -> None:
    shares = {2021: "10%", 2022: "25%"}
    base = fs.load("baseline").with_({"coverage.unemployment.flexible": shares})
    result = fs.run(base)
    found = result.explain("unemployment", 2022)
    stocks = result.stocks
    rows = (stocks["year"] == 2021) & (stocks["level"] == "total")
    before = stocks.loc[rows & (stocks["status"] == "flexible"), "persons"].sum()
    wider = found[found["kind"] == "coverage"]
    assert wider["value"].to_list() == pytest.approx([0.15 * before])
    read = found[found["name"] == "coverage.unemployment.flexible"]
    assert set(read["value"]) == {0.25}  # of the share, and of the events that read it
    assert set(read["set_by"]) == {"with_"}


def test_areas_add_up_to_the_region(baseline: fs.Result) -> None:
    def people(area: str | None) -> pd.Series[float]:
        found = baseline.explain("injury", 2023, area)
        rows = found[found["kind"].isin(["group", "status", "opening", "flow"])].copy()
        rows["of"] = rows["parent"].map(found.set_index("row")["name"])
        return rows.groupby(["kind", "of", "name"])["value"].sum().astype(float)

    parts = pd.concat([people(area) for area in baseline.scenario.region.codes])
    summed = parts.groupby(level=[0, 1, 2]).sum()
    pd.testing.assert_series_equal(summed, people(None), check_names=False)


def test_a_parameter_has_the_value_and_source_of_the_parameters_table(
    baseline: fs.Result,
) -> None:
    found = baseline.explain("pension.enterprise", 2025)
    read = found[found["name"] == "growth.flexible"]
    assert len(read) == 1
    table = baseline.parameters
    row = table[(table["parameter"] == "growth.flexible") & (table["year"] == 2025)].iloc[0]
    for column in ("value", "unit", "set_by", "source", "confidence", "known"):
        assert read[column].iloc[0] == row[column]
    events = fs.events("baseline").set_index("event")["levers"]
    parent = found.set_index("row")["name"][read["parent"].iloc[0]]
    assert "growth.flexible" in events[parent]


def test_parts_that_do_not_add_up_are_an_error() -> None:
    item = Item("group", "employee", 10.0, parts=[Item("status", "employee", 9.0)])
    with pytest.raises(IdentityError, match="parts of group employee are 9"):
        _check(item, 2025)


def test_bad_input_says_what_there_is(baseline: fs.Result) -> None:
    with pytest.raises(InputError, match="2020 to 2025"):
        baseline.explain("injury", 2026)
    with pytest.raises(InputError, match="Did you mean 'nanhai'"):
        baseline.explain("injury", 2025, "nanhia")
    with pytest.raises(InputError, match="Did you mean 'injury'"):
        baseline.explain("injry", 2025)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command(lang: str, tmp_path: Path) -> None:
    def call(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["explain", *arguments, "--lang", lang])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    file = tmp_path / "parts.csv"
    said = call("baseline", "injury", "2025", "--area", "nanhai", "--out", str(file))
    assert ("南海区" if lang == "zh" else "Nanhai") in said
    assert ("就业变动" if lang == "zh" else "labour") in said
    assert_adds_up(pd.read_csv(file).assign(value=lambda t: pd.to_numeric(t["value"], "coerce")))
    assert "plan ch.1 §3(1)" in call("baseline", "injury", "2020")
    assert re.search(
        r"labour\.separation .*6%", call("baseline", "injury", "2025", "--event", "labour")
    )
    assert "labour.separation" in call("baseline", "injury", "2025", "--event", "就业变动")
    refused = CliRunner().invoke(app, ["explain", "baseline", "injury", "2025", "--event", "birth"])
    assert refused.exit_code == 2
    assert "Events: deaths" in refused.stderr
