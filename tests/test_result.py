"""What a user holds: the output contract, files, and comparison."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform

import numpy as np
import pandas as pd
import pytest
import scipy

import fsinsure as fs
from foshan import AREAS, CITY, FOSHAN
from fsinsure.encode import csv_bytes
from fsinsure.statuses import STATUSES

CONTRACT = {
    "enrollment": ["scenario", "year", "level", "area", "measure", "persons"],
    "stocks": ["scenario", "year", "level", "area", "sex", "age_group", "status", "persons"],
    "flows": ["scenario", "year", "level", "area", "from_status", "to_status", "persons"],
    "channels": [
        "scenario", "measure", "level", "area", "from_year", "to_year", "channel", "persons",
    ],
    "targets": [
        "scenario", "measure", "year", "base", "target", "projected", "gap", "attainment",
        "growth_required", "growth_required_from_last", "growth_projected", "year_reached",
    ],
    "ledger": ["scenario", "year", "level", "area", "fund", "item", "kind", "yuan"],
    "indicators": [
        "scenario", "year", "fund", "indicator", "value", "unit", "low", "high", "bound", "level",
    ],
    "parameters": [
        "scenario", "parameter", "area", "year", "value", "unit", "source", "confidence", "known",
        "known_assumed", "set_by",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRACT)
def test_columns_are_those_of_the_contract(result, name):
    table = getattr(result, name)
    assert list(table.columns) == CONTRACT[name]
    assert set(table["scenario"]) == {"baseline"}
    assert len(table) > 0


def test_stocks_begin_with_the_base_year_and_add_up(result):
    for name in ("enrollment", "stocks"):
        assert getattr(result, name)["year"].min() == 2020
    total = result.stocks.query("year == 2020 and level == 'total'")["persons"].sum()
    assert total == pytest.approx(9498863, abs=1e-3)  # the census
    by_place = result.stocks.groupby(["year", "area"])["persons"].sum().unstack()
    np.testing.assert_allclose(by_place[list(AREAS)].sum(axis=1), by_place[CITY], rtol=1e-12)


def test_the_base_year_has_the_published_figures_without_a_binary_tail(result):
    """Findings A14; the figures are those of the plan, chapter 1."""
    published = {
        "pension.enterprise": 3926300.0,
        "pension.urban_contributors": 3413000.0,
        "pension.civil": 179600.0,
        "unemployment": 3063900.0,
        "injury": 3359900.0,
    }
    base = result.enrollment.query("year == 2020 and level == 'total'")
    found = base.set_index("measure")["persons"]
    assert {name: found[name] for name in published} == published
    targets = result.targets.set_index("measure")["base"]
    assert all(targets[name] == published[name] for name in targets.index)


def test_values_that_start_within_a_year_have_no_binary_tail():
    table = fs.run(fs.load("as-implemented")).parameters.set_index(["parameter", "year"])["value"]
    assert table["injury.class_rate_2", 2021] == 0.004  # 0.4 % before May and after
    assert table["unemployment.price_trigger", 2023] == 0.03375  # 3 % for 3 months, then 3.5 %


def test_flows_explain_every_change_of_every_status(result):
    stocks = result.stocks.query("level == 'total'").groupby(["year", "status"])["persons"].sum()
    flows = result.flows.query("level == 'total'")
    joined = flows.groupby(["year", "to_status"])["persons"].sum()
    left = flows.groupby(["year", "from_status"])["persons"].sum()
    for year in range(2021, 2026):
        for status in STATUSES:
            change = joined.get((year, status), 0.0) - left.get((year, status), 0.0)
            expected = stocks[year, status] - stocks[year - 1, status]
            assert change == pytest.approx(expected, abs=1e-3), (year, status)


def test_transitions_can_be_inspected(result):
    moves = list(result.transitions)
    assert {year for year, _, _ in moves} == set(range(2021, 2026))
    (move,) = result.transitions.find(2023, "unemployed", "employee")
    assert move.by_cell(len(AREAS)).shape == (5, 2, 101)
    assert move.by_cell(len(AREAS))[:, :, 30] == pytest.approx(0.5)  # labour.reemployment


def test_repeat_runs_write_the_same_bytes(baseline, tmp_path):
    for folder in ("one", "two"):
        fs.run(baseline).write(tmp_path / folder, lang="en", plots="none")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "targets.csv" in names
    for name in names:
        if name != "run.json":  # which has the time
            one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
            assert one == two, name


def test_run_json_identifies_the_run(result, tmp_path):
    files = result.write(tmp_path, plots="none")
    meta = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert meta["scenario"] == "baseline"
    assert meta["scenario_hash"] == result.scenario.hash
    assert len(meta["data_hash"]) == 64
    assert meta["region"] == "foshan"
    assert meta["region_hash"] == FOSHAN.digest
    assert len(meta["checks"]) == len(result.checks) == 13
    assert all(check["passed"] and check["compared"] > 0 for check in meta["checks"])
    assert meta["finished"]
    assert [*meta["files"], "run.json"] == [path.name for path in files]
    for name, digest in meta["files"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert meta["python"] == platform.python_version()
    for package in (np, pd, scipy):
        assert meta[package.__name__] == package.__version__
    assert platform.machine() in meta["platform"]


def test_files_of_an_earlier_run_do_not_stay_and_those_of_the_user_do(result, baseline, tmp_path):
    result.write(tmp_path, plots="none")
    (tmp_path / "notes.csv").write_text("mine", encoding="utf-8")
    manifest = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    for name in ("targets.png", "quantiles.csv"):  # as if the earlier run had written them
        (tmp_path / name).write_text("of the earlier run", encoding="utf-8")
        manifest["files"][name] = hashlib.sha256(b"of the earlier run").hexdigest()
    (tmp_path / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    fs.run(baseline.with_({"horizon": 2021}, name="none")).write(tmp_path, plots="none")
    assert not (tmp_path / "targets.png").exists()
    assert not (tmp_path / "quantiles.csv").exists()
    assert (tmp_path / "targets.csv").exists()
    assert (tmp_path / "notes.csv").exists()


def test_an_unknown_selection_of_pictures_is_refused_and_no_file_is_written(
    result, baseline, tmp_path
):
    for plots in ("mian", False, None):
        with pytest.raises(fs.InputError, match="plots must be 'main', 'all' or 'none', not"):
            result.write(tmp_path / "out", plots=plots)
        with pytest.raises(fs.InputError, match="plots must be 'main', 'all' or 'none', not"):
            fs.compare(result, fs.run(baseline.with_({}, name="b"))).write(tmp_path, plots=plots)
    with pytest.raises(fs.InputError, match="Did you mean 'main'"):
        result.write(tmp_path / "out", plots="mian")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_an_error_and_leaves_no_trace(result, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    with pytest.raises(fs.InputError, match="cannot write"):
        result.write(taken, plots="none")
    assert taken.read_text(encoding="utf-8") == "a file"
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_comparison_replaces_the_run_or_comparison_before_it_as_a_whole(
    result, baseline, tmp_path
):
    low = fs.run(fs.load("low-growth"))
    relief = fs.run(fs.load("fee-relief"))
    result.write(tmp_path, plots="none")
    fs.compare(result, low).write(tmp_path)
    assert not (tmp_path / "stocks.csv").exists()  # of the run
    assert (tmp_path / "reasons_fund_low-growth.png").exists()
    fs.compare(result, relief).write(tmp_path, plots="none")
    meta = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert list(meta["scenarios"]) == ["baseline", "fee-relief"]
    # The versions stand once, at the top; they and the entry of a scenario describe its run.
    entry = meta["scenarios"]["fee-relief"]
    versions = {name: meta[name] for name in relief.meta if name not in entry}
    assert {**versions, **entry} == relief.meta
    assert set(versions) == {
        *("fsinsure", "data_hash", "python", "numpy", "pandas", "scipy", "platform")
    }
    assert {path.name for path in tmp_path.iterdir()} == {*meta["files"], "run.json"}
    assert all(name.endswith(".csv") for name in meta["files"])


def test_a_table_that_is_edited_in_place_changes_no_result(baseline, tmp_path):
    """Findings A5: to 万人 for a slide, by each way that pandas has of editing in place."""
    one, two = fs.run(baseline), fs.run(fs.load("low-growth"))
    compared = fs.compare(one, two)
    before = {name: getattr(two, name).copy() for name in CONTRACT}
    differences = compared.enrollment["difference"].copy()
    for name in CONTRACT:
        table = getattr(two, name)
        table["scenario"] = "mine"
        column = next((c for c in ("persons", "yuan", "gap", "value") if c in table), "scenario")
        if column in ("persons", "yuan", "gap"):
            table[column] /= 1e4
        table.loc[0, column] = 0.0 if column != "scenario" else "x"
        del table["scenario"]
    edited = compared.enrollment
    edited["difference"] = 0.0
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(two, name), table)
    pd.testing.assert_series_equal(compared.enrollment["difference"], differences)
    pd.testing.assert_series_equal(fs.compare(one, two).enrollment["difference"], differences)
    two.write(tmp_path, plots="none")
    assert pd.read_csv(tmp_path / "targets.csv")["gap"][0] == before["targets"]["gap"][0]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"])
def test_a_text_never_begins_a_cell_as_a_formula(first):
    table = pd.DataFrame(
        {
            "set_by": [f"{first}cmd|' /C calc'!A0", "plain", None],
            "value": [f"{first}1", -1.5, "a-b"],
            "yuan": [-2.0, 0.1 + 0.2, float("nan")],
        }
    )
    rows = list(csv.reader(io.StringIO(csv_bytes(table).decode("utf-8"), newline="")))
    assert rows == [
        ["set_by", "value", "yuan"],
        [f"'{first}cmd|' /C calc'!A0", f"'{first}1", "-2"],
        ["plain", "-1.5", "0.3"],
        ["", "a-b", ""],
    ]


def test_control_characters_do_not_break_the_rows_of_a_csv():
    assert csv_bytes(pd.DataFrame({"source": ["a\rb\x1b"]})) == b"source\na\\rb\\x1b\n"


def test_pensions_of_residents_start_to_the_month(baseline):
    half = fs.run(baseline.with_({"retirement.age_resident": 60.5, "horizon": 2021}))
    (move,) = half.transitions.find(2021, "resident", "resident_pensioner")
    # Born in 1961: the first six birth months reach 60 and a half within 2021.
    assert move.by_cell(len(AREAS))[:, :, 60] == pytest.approx(0.5)
    assert move.by_cell(len(AREAS))[:, :, 61] == pytest.approx(1.0)


def test_comparison_names_only_what_differs_the_horizon_included(baseline, result):
    far = baseline.with_(
        {"horizon": 2035, "growth.flexible": {2021: "2.41%", 2030: "9%"}}, name="far"
    )
    table = fs.compare(result, fs.run(far)).parameters
    assert list(table.columns) == ["parameter", "area", "year", "baseline", "far"]
    assert set(table["parameter"]) == {"growth.flexible", "horizon"}
    # The same until 2025; from 2026 the baseline's default differs, though it ends in 2025.
    assert table["year"].min() == 2026
    last = table.set_index("parameter").loc["horizon"]
    assert (last["baseline"], last["far"]) == (2025, 2035)


def test_comparison_of_the_same_parameters_has_no_rows(result, baseline):
    assert fs.compare(result, fs.run(baseline.with_({}, name="twin"))).parameters.empty


def test_comparison_gives_differences_from_the_first(result, baseline):
    other = fs.run(baseline.with_({"growth.flexible": "10%"}, name="other"))
    table = fs.compare(result, other).enrollment
    assert isinstance(table, pd.DataFrame)
    total = table[(table["level"] == "total") & (table["measure"] == "pension.enterprise")]
    row = total.query("scenario == 'other' and year == 2021")
    # 10 - 2.41 per cent of 29.442万 more at the end of the first year.
    assert row["difference"].item() == pytest.approx(0.0759 * 294420, rel=1e-6)


def test_comparison_has_the_differences_of_indicators_from_the_first(result, baseline):
    far = fs.run(baseline.with_({"horizon": 2027, "pension.employer_rate": "15%"}, name="far"))
    table = fs.compare(result, far).indicators
    assert list(table.columns) == [*result.indicators.columns, "difference"]
    assert len(table) == len(result.indicators) + len(far.indicators)
    keys = ["year", "fund", "indicator"]
    for _, rows in table.groupby("scenario"):
        assert not rows.duplicated(keys).any()
    own = table[table["scenario"] == "baseline"]["difference"]
    assert (own.dropna() == 0).all() and len(own.dropna()) > 100
    months = table.query("indicator == 'months_of_reserve' and fund == 'pension.enterprise'")
    before, after = (
        months[months["scenario"] == name].set_index("year") for name in ("baseline", "far")
    )
    for year in range(2021, 2026):
        more = after["value"][year] - before["value"][year]
        assert after["difference"][year] == more > 0.3
    assert after["difference"].loc[2026:].isna().tolist() == [True, True]  # not reached


def test_other_types_than_scenarios_and_results_are_refused(result, baseline):
    with pytest.raises(fs.InputError, match=r"or by the name of a shipped one, .* not from a int"):
        fs.run(3)
    with pytest.raises(fs.InputError, match="takes results"):
        fs.compare(result, baseline)
    with pytest.raises(fs.InputError, match="at least two"):
        fs.compare(result)
    with pytest.raises(fs.InputError, match="named 'baseline'"):
        fs.compare(result, result)
