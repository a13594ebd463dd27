"""Assumptions: a range and a basis for each, estimates that can be computed again, effects."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa import holtwinters
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis import assumptions as module
from fsinsure.analysis.ends import COURSE, moved
from fsinsure.analysis.estimates import ESTIMATORS, forecast_growth, mean_growth, outside_growth
from fsinsure.analysis.uncertain import assumptions_of
from fsinsure.base_year.closure import course_of, status_totals
from fsinsure.cli import app
from fsinsure.parameters import resolve
from fsinsure.region.load import find_region, open_region
from region_files import assumed, copied, edit, row, spoiled

REGIONS = ("foshan", "china", "example")
SEPARATION = "labour.separation"


@pytest.mark.parametrize("name", REGIONS)
def test_every_assumption_has_a_range_and_a_basis(name: str) -> None:
    region = find_region(name)
    checked = 0
    for parameter, values in region.values.items():
        for one in values:
            assumed = one.confidence == "assumption" and one.layer == f"region {name}"
            if not assumed or parameter.startswith("profile.") or one.text == "base":
                continue  # a shape has none; what is held at the base year follows from a figure
            assert one.basis, f"{parameter} {one.date}: no basis"
            assert one.low is not None and one.high is not None
            assert one.low <= float(one.text) <= one.high
            checked += 1
    assert checked > 90


@pytest.mark.parametrize("name", REGIONS)
def test_what_says_that_it_is_an_estimate_names_one(name: str) -> None:
    for parameter, values in find_region(name).values.items():
        for one in values:
            text = one.source.removeprefix("estimate: ").removeprefix("analogue: ")
            named = any(text.startswith(known) for known in ESTIMATORS)
            assert named == (one.basis in ("estimate", "analogue")), f"{parameter}: {one.source}"


@pytest.mark.parametrize(
    ("name", "parameter", "estimator", "data"),
    [
        ("foshan", "growth.employee", "forecast_growth(unemployment)", "foshan"),
        ("foshan", "growth.flexible", "outside_growth", "china"),
        ("china", "growth.employee", "mean_growth(unemployment)", "china"),
        ("china", "growth.flexible", "outside_growth", "china"),
    ],
)
def test_estimates_are_computed_again(name: str, parameter: str, estimator: str, data: str) -> None:
    found = ESTIMATORS[estimator](find_region(data))
    values = [one for one in find_region(name).values[parameter] if one.basis != "judgement"]
    assert values
    for index, one in enumerate(values):
        written = (one.low, float(one.text), one.high)
        estimated = [float(each[index]) for each in found]
        assert written == pytest.approx(estimated, abs=0.00005), date_of(one.date)


def test_statsmodels_gives_the_growth_of_employees() -> None:
    """Independent code (the extra `estimate`), with the constants that the origins chose."""
    region = find_region("foshan")
    members = {
        int(one.date[:4]): float(one.value)
        for one in region.outcomes
        if one.series == "unemployment" and int(one.date[:4]) <= 2020
    }
    logs = np.log([members[year] for year in range(2011, 2021)])
    powers = 0.98 ** np.arange(1, 10)
    slope = float(powers @ np.diff(logs) / (powers @ powers))
    fitted = holtwinters.Holt(
        logs,
        damped_trend=True,
        initialization_method="known",
        initial_level=logs[0] - slope,
        initial_trend=slope / 0.98,
    ).fit(smoothing_level=1.0, smoothing_trend=0.0, damping_trend=0.98, optimized=False)
    growth = np.expm1(np.diff([logs[-1], *fitted.forecast(5)]))
    written = [float(one.text) for one in region.values["growth.employee"]][:5]
    assert written == pytest.approx(growth, abs=0.00005)


def date_of(date: float | None) -> str:
    return f"value from {date}"


def test_the_mean_growth_of_the_nation_by_hand() -> None:
    # 万: members at the ends of 2017 to 2020; 2016 is missing, so earlier years are not used.
    members = np.array([18784.177, 19643.454, 20542.6638, 21689.0])
    yearly = members[1:] / members[:-1] - 1
    low, central, high = (each[0] for each in mean_growth(find_region("china"), "unemployment"))
    assert central == pytest.approx(yearly.mean())
    # Student's t with 2 degrees of freedom: 90th percentile 1.8856 (tables).
    assert high - central == pytest.approx(1.8856 * yearly.std(ddof=1), rel=1e-4)
    assert central - low == pytest.approx(high - central)


def test_contributors_outside_unemployment_insurance_by_hand() -> None:
    members = np.array([40198.8668, 41848.0561, 43482.4877, 45638.0])
    ratio = np.array([2.65, 2.55, 2.53, 2.57])
    insured = np.array([18784.177, 19643.454, 20542.6638, 21689.0])
    outside = members * ratio / (1 + ratio) - insured
    growth = outside[1:] / outside[:-1] - 1
    assert outside_growth(find_region("china")).central[0] == pytest.approx(growth.mean())


def test_no_figure_after_the_base_year_is_read() -> None:
    region = find_region("foshan")
    early = tuple(one for one in region.outcomes if int(one.date[:4]) <= region.base_year)
    assert len(early) < len(region.outcomes)
    cut = replace(region, outcomes=early)
    for known, other in zip(
        forecast_growth(region, "unemployment"), forecast_growth(cut, "unemployment"), strict=True
    ):
        assert known.tolist() == other.tolist()


def test_too_short_a_series_is_refused() -> None:
    with pytest.raises(fs.InputError, match="7 years in a row"):
        forecast_growth(find_region("china"), "unemployment")
    with pytest.raises(fs.InputError, match="three years in a row"):
        mean_growth(find_region("example"), "unemployment")


def test_a_series_with_a_figure_that_is_not_above_0_is_refused() -> None:
    region = find_region("foshan")
    rows = [
        replace(one, value=Decimal(0), measure="")
        if (one.series, one.date) == ("unemployment", "2015-12-31")
        else one
        for one in region.outcomes
    ]
    assert rows != list(region.outcomes)
    for estimate in (forecast_growth, mean_growth):
        with pytest.raises(fs.DataError, match=r"outcomes\.csv:\d+:value: unemployment is 0, and"):
            estimate(replace(region, outcomes=tuple(rows)), "unemployment")


def test_ages_and_months_of_the_base_year_follow_from_the_named_sections_alone() -> None:
    scenario = fs.load("baseline")
    region = scenario.region
    changed = {
        name: tuple(replace(one, text=repr(one.low)) if one.basis else one for one in values)
        for name, values in region.history.items()
        if name.partition(".")[0] not in COURSE
    }
    other = replace(region, history={**region.history, **changed}, digest="other")
    totals = status_totals(resolve(scenario))
    courses = [course_of(resolve(replace(scenario, region=one)), totals) for one in (region, other)]
    assert np.array_equal(*courses)


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    """The effects of some assumptions, of either way of moving them."""
    chosen = ("growth.employee", "wage.mean", "labour.separation", "base.dormant")
    patch = pytest.MonkeyPatch()
    everything = module.assumptions_of
    patch.setattr(
        module, "assumptions_of", lambda s: [one for one in everything(s) if one.name in chosen]
    )
    calls: list[tuple[int, int]] = []
    table = fs.assumptions(fs.load("baseline"), progress=lambda *call: calls.append(call))
    patch.undo()
    assert calls == [(4, 4)]  # all in one block of draws
    return table


def test_the_effect_is_that_of_two_runs_whose_scenario_sets_the_ends(few: pd.DataFrame) -> None:
    base = fs.load("baseline")
    (assumption,) = (one for one in assumptions_of(base) if one.name == "growth.employee")
    ends = []
    for end in ("low", "high"):
        path = {int(one.date or 0): getattr(one, end) for one in assumption.values}
        ends.append(fs.run(base.with_({"growth.employee": path})))
    targets = [one.targets.set_index("measure")["projected"] for one in ends]
    row = few.set_index("parameter").loc["growth.employee"]
    for measure in targets[0].index:
        expected = targets[1][measure] - targets[0][measure]
        assert row[f"measure.{measure}"] == pytest.approx(expected, abs=0.01)
    money = [
        one.ledger.query("level == 'total' and year == 2025 and item == 'closing'") for one in ends
    ]
    funds = [one.set_index("fund")["yuan"] for one in money]
    assert row["fund.injury"] == pytest.approx(funds[1]["injury"] - funds[0]["injury"], abs=1)
    assert row["basis"] == "estimate"
    assert row["low"] < row["central"] < row["high"]


def test_the_largest_relative_effect_comes_first(few: pd.DataFrame) -> None:
    assert few["largest"].is_monotonic_decreasing
    assert (few["problem"] == "").all()
    assert few["moves"].str.startswith(("measure.", "fund.")).all()
    # The growth of employees moves each target of people more than any other of the four.
    moved_most = few.set_index("parameter")["measure.unemployment"].abs().idxmax()
    assert moved_most == "growth.employee"


def test_an_end_that_cannot_be_projected_says_why() -> None:
    base = fs.load("baseline")
    region = base.region
    values = region.history["growth.employee"]
    steep = tuple(replace(one, high=0.6) for one in values)
    wild = replace(region, history={**region.history, "growth.employee": steep}, digest="wild")
    scenario = replace(base, region=wild)
    patch = pytest.MonkeyPatch()
    everything = module.assumptions_of
    patch.setattr(
        module,
        "assumptions_of",
        lambda s: [one for one in everything(s) if one.name == "growth.employee"],
    )
    row = fs.assumptions(scenario).iloc[0]
    patch.undo()
    assert row["problem"].startswith("high: ")
    assert np.isnan(row["measure.unemployment"])


def test_what_the_scenario_sets_is_no_assumption_of_the_region() -> None:
    low = fs.load("low-growth")
    names = {one.name for one in assumptions_of(low)}
    assert "growth.employee" not in names
    assert "growth.civil_service" in names


@pytest.mark.parametrize("outside", ["0.039", "0.091"])
def test_a_value_outside_its_range_is_refused_where_it_stands(tmp_path: Path, outside: str) -> None:
    old = row("assumptions.csv", f"{SEPARATION},").rstrip("\n")
    cells = old.split(",")
    assert cells[7:9] == ["0.04", "0.09"]
    cells[2] = outside
    folder = spoiled(tmp_path, "assumptions.csv", old, ",".join(cells))
    line = 1 + (folder / "assumptions.csv").read_text(encoding="utf-8").split("\n").index(
        ",".join(cells)
    )
    with pytest.raises(
        fs.DataError, match=rf"assumptions\.csv:{line}:low: the value {outside} is not"
    ):
        open_region(folder)


@pytest.mark.parametrize("name", ["baseline", "example"])
def test_a_parameter_is_one_assumption_whatever_the_number_of_areas(name: str) -> None:
    names = [one.name for one in assumptions_of(fs.load(name))]
    assert len(names) == len(set(names))


def test_the_ends_of_all_areas_are_moved_together() -> None:
    base = fs.load("baseline")
    name = "migration.arrival_weight"
    (one,) = (each for each in assumptions_of(base) if each.name == name)
    with (base.region.folder / "assumptions.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["parameter"] == name]
    assert len(rows) == len(base.region.codes) == 5
    for end in ("low", "high"):
        written = {row["area"]: float(row[end]) for row in rows}
        found = resolve(moved(base, one, end)).by_area(name)[0]
        assert found.tolist() == [written[code] for code in base.region.codes]


def test_ages_and_months_follow_as_if_the_region_had_been_given_the_end(tmp_path: Path) -> None:
    """The effect of a rate of the labour market is that of two folders with its ends."""
    ends = {}
    for end in ("low", "high"):
        folder = copied(tmp_path, end)
        with (folder / "assumptions.csv").open(encoding="utf-8") as file:
            (row,) = (one for one in csv.DictReader(file) if one["parameter"] == SEPARATION)
        edit(folder, *assumed(f"{SEPARATION},", row[end]))
        home = tmp_path / f"{end}.yaml"
        home.write_text(f"name: {end}\nregion: ./{end}\n", encoding="utf-8")
        ends[end] = fs.run(home)
    year = ends["low"].scenario.horizon
    balances = {
        end: found.ledger.query(f"level == 'total' and year == {year} and item == 'closing'")
        for end, found in ends.items()
    }
    yuan = {end: found.set_index("fund")["yuan"] for end, found in balances.items()}
    base = fs.load("example").with_({"targets": []})
    (one,) = (each for each in assumptions_of(base) if each.name == SEPARATION)
    pair = [fs.run(moved(base, one, end)) for end in ("low", "high")]
    months = [each.projection.stock[0] for each in pair]
    assert not np.array_equal(*months)  # the opening stock itself follows
    for end, found in zip(("low", "high"), pair, strict=True):
        own = found.ledger.query(f"level == 'total' and year == {year} and item == 'closing'")
        for fund, amount in own.set_index("fund")["yuan"].items():
            assert amount == pytest.approx(yuan[end][fund], rel=1e-12)


def test_an_unknown_subject_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(fs.InputError, match=r"measure\.unemployment"):
        fs.assumptions(fs.load("baseline"), by="unemployment")


def test_the_command_writes_the_table(tmp_path: Path, few: pd.DataFrame) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr("fsinsure.assumptions", lambda *_: few)
    for lang, word in (("en", "estimate"), ("zh", "估计")):
        done = CliRunner().invoke(app, ["assumptions", "--lang", lang, "--out", str(tmp_path)])
        assert done.exit_code == 0, done.output
        assert word in done.output
    patch.undo()
    written = pd.read_csv(tmp_path / "assumptions.csv")
    assert written["parameter"].tolist() == few["parameter"].tolist()
