"""Sensitivity of scenarios: by draws as by runs, closed forms of linear cases, refusals, lines."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.ends import ENDS, moved, project_ends, run_amounts, run_ends, together
from fsinsure.analysis.sampling import at_ends, drawn_parameters
from fsinsure.analysis.subjects import subjects_of
from fsinsure.analysis.uncertain import Assumed, assumptions_of, uncertain_in, unmoved
from fsinsure.checks import prepare
from fsinsure.cli import app
from fsinsure.parameters import resolve

UNEMPLOYMENT = "measure.unemployment"
GROWTH, CIVIL = "growth.employee", "growth.civil_service"
WIDTHS = np.array([0.005, 0.1])
"""Of their uniform distributions."""


def uniform(low, high):
    return {"uniform": {"low": low, "high": high}}


SAID = {GROWTH: uniform(0.05, 0.055), CIVIL: uniform(-0.05, 0.05)}


@pytest.fixture(scope="module")
def linear() -> fs.Scenario:
    """One year: unemployment insurance is linear in the growth of employees and of civil staff."""
    return fs.load("baseline").with_(
        {
            "horizon": 2021,
            "targets": [],
            "uncertainty": SAID,
        }
    )


def slope(scenario, name, low, high):
    """The change of people in unemployment insurance between two runs, over that of a value."""
    ends = [fs.run(scenario.with_({name: value})) for value in (low, high)]
    people = [run_amounts(one.projection, {UNEMPLOYMENT: 2021})[UNEMPLOYMENT] for one in ends]
    return (people[1] - people[0]) / (high - low)


@pytest.fixture(scope="module")
def slopes(linear):
    return np.array([slope(linear, GROWTH, 0.05, 0.055), slope(linear, CIVIL, -0.05, 0.05)])


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        (
            "baseline",
            [
                *("growth.flexible", "base.institution_share", "base.dormant_counted"),
                *("base.injury_only_intern", "labour.lapse", "mortality.level", "wage.mean"),
                *("wage.cv", "wage.growth", "civil.wage", "civil.pension", "resident.account"),
                *("migration.arrival_weight", "fund.share_injury", "retirement.cadre_share"),
            ],
        ),
        (
            "example",
            [
                *("unemployment.minimum_wage", "resident.base_pension", "pension.in_payment"),
                *("wage.growth", "entry.employee_dormant", "injury.incidence"),
            ],
        ),
    ],
)
def test_draws_at_both_ends_are_runs_of_a_region_with_these_values(name, parameters) -> None:
    scenario = fs.load(name)
    known, subjects = prepare(scenario), subjects_of(scenario)
    chosen = [one for one in assumptions_of(scenario) if one.name in parameters]
    assert len(chosen) == len(parameters)
    drawn = project_ends(*known, [Assumed(one) for one in chosen], subjects)
    level = run_amounts(fs.run(scenario).projection, subjects)
    for at, one in enumerate(chosen):
        runs = run_ends(scenario, one, subjects)
        assert drawn.reason[at] == runs.reason[0] == ["", ""]
        moves = False
        for subject, wanted in runs.amounts.items():
            np.testing.assert_allclose(
                drawn.amounts[subject][at], wanted[0], rtol=1e-9, atol=2.0, err_msg=one.name
            )
            moves |= bool(np.abs(wanted[0] - level[subject]).max() > 10.0)
        # What the treasury pays in full moves no balance, if pensions in payment follow it.
        assert moves is (one.name != "resident.base_pension"), one.name


def test_amounts_of_later_years_grow_from_their_last_value_alone() -> None:
    """The floor of 2020 has a range, that of 2021 has none: nothing after 2021 moves."""
    scenario = fs.load("baseline")
    (one,) = (one for one in assumptions_of(scenario) if one.name == "pension.base_floor")
    parameters, _ = prepare(scenario)
    found = drawn_parameters(parameters, at_ends(parameters, [Assumed(one)])).path(one.name)
    for draw, end in enumerate(ENDS):
        wanted = resolve(moved(scenario, one, end)).path(one.name)
        np.testing.assert_allclose(found[draw], wanted, rtol=1e-12)
    assert (found[:, 1:] == parameters.path(one.name)[1:]).all()
    assert not together(one.name)  # accounts of the base year follow from its value in 2020


def test_all_but_one_parameter_keep_the_values_of_the_scenario() -> None:
    scenario = fs.load("baseline")
    parameters, _ = prepare(scenario)
    uncertain = uncertain_in(scenario)
    values = at_ends(parameters, uncertain).values
    for at, one in enumerate(uncertain):
        own, central = values[one.name], unmoved(parameters, one.name)
        others = np.delete(np.arange(len(own)), [2 * at, 2 * at + 1])
        assert (own[others] == central).all()
        assert (own[2 * at : 2 * at + 2] != central).any()


def test_the_tornado_of_a_linear_case_is_its_slopes(linear, slopes) -> None:
    found = fs.sensitivity(linear, subjects=UNEMPLOYMENT, parameters=[GROWTH, CIVIL])
    rows = found.tornado.set_index("parameter")
    widths = 0.8 * WIDTHS  # from the 10th to the 90th percentile
    effect = (rows["high_effect"] - rows["low_effect"])[[GROWTH, CIVIL]]
    np.testing.assert_allclose(effect, slopes * widths, rtol=1e-6)
    squares = (slopes * widths) ** 2
    np.testing.assert_allclose(rows["share"][[GROWTH, CIVIL]], squares / squares.sum(), rtol=1e-6)
    assert rows.loc[GROWTH, ["low", "high"]].tolist() == pytest.approx([0.0505, 0.0545])
    assert rows["basis"].unique().tolist() == ["scenario"]
    assert found.groups["linear"].tolist() == pytest.approx([1.0])


def test_sobol_indices_of_a_linear_case(linear, slopes) -> None:
    """Additive: both indices are shares of slope^2 width^2 / 12, whose sum is the variance."""
    found = fs.sensitivity(
        linear, "sobol", subjects=[UNEMPLOYMENT], parameters=[GROWTH, CIVIL], points=256
    )
    squares = (slopes * WIDTHS) ** 2 / 12.0
    rows = found.indices.set_index("parameter").loc[[GROWTH, CIVIL]]
    np.testing.assert_allclose(rows["first"], squares / squares.sum(), atol=0.03)
    np.testing.assert_allclose(rows["total"], squares / squares.sum(), atol=0.03)
    (subject,) = found.subjects.to_dict("records")
    assert subject["sd"] == pytest.approx(squares.sum() ** 0.5, rel=0.02)
    assert subject["points"] == 256
    # Everything else that is uncertain keeps its value: its share of the tornado is left out.
    shares = found.tornado.set_index("parameter")["share"]
    assert subject["left_out"] == pytest.approx(1.0 - shares[[GROWTH, CIVIL]].sum(), abs=1e-12)
    group = found.groups.set_index("basis").loc["scenario"]
    assert group["drawn"] == 2
    assert group[["first", "total"]].tolist() == pytest.approx([1.0, 1.0], abs=0.03)


def test_threads_do_not_change_the_bits(linear) -> None:
    arguments = {"subjects": [UNEMPLOYMENT], "parameters": [GROWTH, CIVIL], "points": 128}
    one, two = (fs.sensitivity(linear, "sobol", threads=n, **arguments) for n in (1, 2))
    pd.testing.assert_frame_equal(one.indices, two.indices, check_exact=True)


def test_elementary_effects_of_a_linear_case_do_not_vary(linear, slopes) -> None:
    found = fs.sensitivity(
        linear, "morris", subjects=[UNEMPLOYMENT], parameters=[GROWTH, CIVIL], points=4
    )
    rows = found.screening.set_index("parameter").loc[[GROWTH, CIVIL]]
    wanted = slopes * 0.8 * WIDTHS
    np.testing.assert_allclose(rows["mu"], wanted, rtol=1e-6)
    np.testing.assert_allclose(rows["mu_star"], np.abs(wanted), rtol=1e-6)
    assert (rows["sigma"] < 1e-6 * rows["mu_star"]).all()


def test_morris_says_what_to_install(linear, monkeypatch) -> None:
    known = importlib.util.find_spec
    hidden = lambda name, *rest: None if name == "SALib" else known(name, *rest)  # noqa: E731
    monkeypatch.setattr("fsinsure.analysis.morris.find_spec", hidden)
    with pytest.raises(fs.InputError, match=r"fsinsure\[sensitivity\]"):
        fs.sensitivity(linear, "morris")


def test_correlated_parameters_are_refused_by_name(linear) -> None:
    pair = [{"between": [GROWTH, CIVIL], "value": 0.5}]
    tied = linear.with_({"uncertainty": {**SAID, "correlations": pair}})
    for method in ("sobol", "morris"):
        with pytest.raises(fs.InputError, match=rf"{GROWTH} and {CIVIL} \(0.5\).*tornado"):
            fs.sensitivity(tied, method, parameters=[GROWTH, CIVIL])
    assert len(fs.sensitivity(tied, parameters=[GROWTH, CIVIL], subjects=UNEMPLOYMENT).tornado) == 2
    fs.sensitivity(tied, "sobol", parameters=[GROWTH], subjects=UNEMPLOYMENT, points=16)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "sobel"}, "method must be one of tornado, sobol, morris"),
        ({"points": 64}, "leave them out"),
        ({"method": "sobol", "points": 100}, "power of two"),
        ({"method": "sobol", "points": 64.0}, "power of two"),
        ({"method": "morris", "points": 1}, "from 2 on"),
        ({"seed": -1}, "seed must be"),
        ({"level": 95}, "level must lie between 0 and 1"),
        ({"subjects": ["unemployment"]}, r"not a subject.*measure\.unemployment"),
        ({"subjects": []}, "subjects is empty"),
        ({"parameters": ["growth.employees"]}, "not uncertain in baseline.*growth.employee"),
        ({"parameters": ["pension.account_rate"]}, "not uncertain"),
        ({"threads": 0}, "threads must be"),
    ],
)
def test_what_cannot_be_asked(arguments, message) -> None:
    with pytest.raises(fs.InputError, match=message):
        fs.sensitivity("baseline", **arguments)


def test_the_tables_of_another_method_say_so(linear) -> None:
    found = fs.sensitivity(linear, parameters=[GROWTH], subjects=UNEMPLOYMENT)
    with pytest.raises(fs.InputError, match="indices needs method='sobol'"):
        _ = found.indices
    assert repr(found).startswith("<Sensitivity of baseline: tornado of 1 parameters")
    table = found.tornado
    table["share"] = 0.0
    assert found.tornado["share"].iat[0] == pytest.approx(1.0)


def test_an_end_that_cannot_be_projected_is_missing_and_says_why() -> None:
    wide = {"growth.civil_service": {"uniform": {"low": -0.01, "high": 0.02}}}
    floors = {"pension.base_floor": {"uniform": {"low": 3000, "high": 60000}}}
    scenario = fs.load("baseline").with_({"uncertainty": {**wide, **floors}})
    found = fs.sensitivity(scenario, parameters=[*wide, *floors], subjects="fund.injury").tornado
    row = found.set_index("parameter").loc["pension.base_floor"]
    assert row["problem"].startswith("high: pension.base_floor")
    assert "pension.base_cap" in row["problem"]
    assert np.isnan(row["high_effect"])
    assert np.isnan(row["share"]) or row["share"] == 0.0
    assert not np.isnan(row["low_effect"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_seven_lines_and_writes(tmp_path: Path, linear, lang) -> None:
    arguments = [
        *("sensitivity", "baseline", "--horizon", "2021", "--method", "sobol", "--points", "16"),
        *("--parameter", GROWTH, "--parameter", CIVIL, "--subject", UNEMPLOYMENT),
        *("--subject", "fund.injury", "--out", str(tmp_path), "--lang", lang),
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert len(done.stdout.strip().split("\n")) == 7
    assert GROWTH in done.stdout
    names = {file.name for file in tmp_path.iterdir()}
    tables = {"tornado.csv", "groups.csv", "subjects.csv", "indices.csv"}
    assert names == tables | {"indices.png", "run.json"}
    written = pd.read_csv(tmp_path / "indices.csv")
    assert set(written["parameter"]) == {GROWTH, CIVIL}
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["sensitivity"]
    assert record["method"] == "sobol"
    assert record["count"] == 16


def test_the_command_refuses_without_a_traceback() -> None:
    done = CliRunner().invoke(app, ["sensitivity", "baseline", "--subject", "fund.health"])
    assert done.exit_code == 2
    assert "fund.health" in done.stderr
