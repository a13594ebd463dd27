"""Draws beside published figures, weighted by them, and scenarios compared draw by draw."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from scipy.special import ndtri
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.draw_comparison import COST, Side, differences, regret, trade_off
from fsinsure.analysis.published_draws import coverage, weighted
from fsinsure.analysis.uncertain import uncertain_in
from fsinsure.cli import app
from fsinsure.measures import measures
from fsinsure.output.figures.fan import Source
from fsinsure.output.figures.trade_off import trade_off as picture
from test_ensemble import four_draws

YEARS = np.array([2020, 2021, 2022])
LAST = 2025


@pytest.fixture(scope="module")
def baseline():
    """An ensemble in which only the growth of employees is uncertain."""
    scenario = fs.load("baseline")
    none = {one.name: "none" for one in uncertain_in(scenario) if one.name != "growth.employee"}
    return fs.ensemble(scenario.with_({"uncertainty": none}), draws=256, seed=4)


def figure(amount, year=2022, measure="unemployment"):
    """A published figure of an invented region."""
    known = next(one for one in fs.load("baseline").region.outcomes if one.measure == measure)
    return replace(known, date=f"{year}-12-31", value=Decimal(repr(float(amount))), unit="人")


def test_a_figure_lies_in_the_range_by_its_rank():
    # Four draws of 10, 20, 30 and 5: the range is 6.5 to 27.
    scenario = fs.load("baseline")
    table = coverage(four_draws(), YEARS, [figure(25), figure(28)], scenario)
    assert table["judged"].all()
    used = [
        replace(figure(25), fitted=("growth.employee",)),
        replace(figure(25), known="2021-06-01"),
    ]
    assert coverage(four_draws(), YEARS, used, scenario)["judged"].tolist() == [False, False]
    assert table["inside"].tolist() == [True, False]
    assert table["share_below"].tolist() == [0.75, 0.75]
    assert table[["p10", "p50", "p90"]].to_numpy().tolist() == [[6.5, 15.0, 27.0]] * 2


def test_weights_are_those_of_a_normal_distribution():
    draws = 40_000
    random = np.random.default_rng(3)
    people = np.full((draws, len(measures()), 3, 1), 1.0)
    logs = random.normal(0.0, 0.2, draws)
    people[:, measures().index("unemployment"), 2, 0] = 1000.0 * np.exp(logs)
    base = four_draws()
    many = replace(
        base,
        reason=np.full(draws, "", dtype="<U200"),
        limited=np.zeros(draws, dtype=bool),
        enrollment=people,
        residents=np.ones((draws, 3)),
        closing=np.ones((draws, *base.closing.shape[1:])),
        flows=np.zeros((draws, *base.flows.shape[1:])),
    )
    shift, sigma = 0.1, 0.1
    rows, by = weighted(many, YEARS, [figure(1000.0 * np.exp(shift))], sigma, 0.0, 1)
    # The prior N(0, 0.2^2) and an observation of 0.1 with 0.1: N(0.08, 0.2^2 0.1^2 / 0.05).
    mean, sd = 0.08, np.sqrt(0.2**2 * 0.1**2 / (0.2**2 + 0.1**2))
    left = logs[rows]
    assert len(rows) == int(by.effective) > 10_000
    assert left.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(len(rows)))
    assert left.std() == pytest.approx(sd, rel=0.03)
    expected = mean + sd * ndtri(0.9)
    assert np.percentile(left, 90) == pytest.approx(expected, abs=0.01)


def test_given_figures_narrow_the_range_and_are_named(baseline):
    left = baseline.given(0.02)
    assert left.weighted.of == 256
    assert len(left.draws.reason) == int(left.weighted.effective) < 256
    assert {one.measure for one in left.weighted.figures} == {
        "unemployment",
        "pension.urban_employee",
    }
    before, after = (
        one.targets.set_index("measure").loc["unemployment"] for one in (baseline, left)
    )
    assert after["p90"] - after["p10"] < 0.7 * (before["p90"] - before["p10"])
    assert after["standard_error"] >= 0.0
    assert left.meta["ensemble"]["weighted"]["sigma"] == 0.02
    with pytest.raises(fs.InputError, match="draws count after weighting"):
        baseline.given(0.0005)
    with pytest.raises(fs.InputError, match=r"no measure 'unemploymnt'\. Did you mean"):
        baseline.given(counted=["unemploymnt"])
    with pytest.raises(fs.InputError, match="no published figure after the base year"):
        baseline.given(counted=["injury"])
    # The numbers of draws are those of all that were asked for, and what was refused is known.
    assert set(left.draws_table["draw"]) == set(left.chosen) <= set(range(256))
    assert left.meta["ensemble"]["projected"] == 256 and left.exceptions.equals(baseline.exceptions)
    met = replace(baseline, central=fs.run("observed"))
    with pytest.raises(fs.InputError, match="meet published figures already"):
        met.given()


def sides():
    """Two scenarios in four draws."""
    first = Side("a", {"measure.x": np.array([1.0, 2.0, 3.0, 4.0]), COST: np.zeros(4)})
    second = {"measure.x": np.array([2.0, 2.0, 2.0, 5.0]), COST: np.array([1.0, -1.0, 2.0, 2.0])}
    return [first, Side("b", second)]


def test_differences_regret_and_trade_off_by_hand():
    table = differences(sides()).set_index("subject")
    assert table["probability_higher"].to_dict() == {"measure.x": 0.5, COST: 0.75}
    assert table["mean"].to_dict() == {"measure.x": 0.25, COST: 1.0}
    assert table["p50"].to_dict() == {"measure.x": 0.5, COST: 1.5}
    poor = regret(sides()).set_index(["subject", "scenario"])
    assert poor["probability_best"].to_dict() == {
        ("measure.x", "a"): 0.5,
        ("measure.x", "b"): 0.75,
        (COST, "a"): 0.75,
        (COST, "b"): 0.25,
    }
    assert poor["mean"].to_dict() == {
        ("measure.x", "a"): 0.5,
        ("measure.x", "b"): 0.25,
        (COST, "a"): 0.25,
        (COST, "b"): 1.25,
    }
    pairs = trade_off(sides()).set_index("scenario")
    assert pairs["people_mean"].to_dict() == {"a": 2.5, "b": 2.75}
    assert pairs["cost_mean"].to_dict() == {"a": 0.0, "b": 1.0}
    assert pairs["dominated_by"].tolist() == ["", ""]
    noise = {"measure.x": np.array([1.0, 2.0, 3.0, 4.0]) + 1e-9, COST: np.zeros(4)}
    assert trade_off([sides()[0], Side("d", noise)])["dominated_by"].tolist() == ["", ""]
    worse = [sides()[0], Side("c", {"measure.x": np.ones(4), COST: np.ones(4)})]
    assert trade_off(worse)["dominated_by"].tolist() == ["", "a"]


def test_a_scenario_compared_with_itself_does_not_differ(baseline):
    other = replace(
        baseline,
        central=replace(baseline.central, scenario=baseline.scenario.with_({}, name="again")),
    )
    found = fs.compare(baseline, other)
    assert (found.differences["probability_higher"] == 0.0).all()
    assert (found.differences[["p5", "p95"]] == 0.0).all(axis=None)
    assert (found.regret["probability_best"] == 1.0).all()
    for lang in ("zh", "en"):
        assert picture(found.trade_off, LAST, Source(256, 256, 4), lang=lang).axes


def test_common_draws_tell_scenarios_apart_that_chance_hides(baseline):
    more = baseline.scenario.with_({"growth.flexible": "4%"}, name="more")
    found = fs.compare(baseline, fs.ensemble(more, draws=256, seed=4))
    row = found.differences.set_index("subject").loc["measure.pension.enterprise"]
    assert row["probability_higher"] == 1.0
    own = baseline.enrollment.query("level == 'total' and measure == 'pension.enterprise'")
    spread = float((own["p90"] - own["p10"]).iloc[-1])
    assert row["p90"] - row["p10"] < 0.05 * spread


def test_ensembles_with_other_draws_or_runs_are_not_compared(baseline):
    small = fs.load("baseline").with_({}, name="small")
    with pytest.raises(fs.InputError, match=r"differ in draws \(256 and 8\)"):
        fs.compare(baseline, fs.ensemble(small, draws=8, seed=4))
    with pytest.raises(fs.InputError, match=r"ensembles of fsinsure\.ensemble alone"):
        fs.compare(baseline, fs.run("low-growth"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_compares_draw_by_draw(lang, tmp_path):
    names = ["baseline", "low-growth"]
    asked = ["compare", *names, "--draws", "16", "--lang", lang, "--out", str(tmp_path / "out")]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.stderr
    assert "low-growth" in shown.stdout and "%" in shown.stdout
    assert (tmp_path / "out" / "trade_off.png").exists()


def test_the_command_prints_seven_lines(tmp_path):
    asked = ["ensemble", "example", "--draws", "256", "--plots", "none", "--lang", "en"]
    shown = CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "out")])
    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.strip().splitlines()
    assert len(lines) == 7
    assert "Probability of each target" in lines[1] and "together" in lines[2]
    assert "80 % range" in lines[3] and "matters most" in lines[4] and "run out" in lines[5]
    assert not (tmp_path / "out" / ".checkpoint").exists()


def test_the_command_says_which_figures_lie_in_the_range():
    shown = CliRunner().invoke(app, ["backtest", "baseline", "--draws", "32", "--lang", "en"])
    assert shown.exit_code == 0, shown.stderr
    assert "of 9 inside" in shown.stdout
    assert CliRunner().invoke(app, ["ensemble", "example", "--draws", "0"]).exit_code == 2
    assert CliRunner().invoke(app, ["ensemble", "example", "--given", "many"]).exit_code == 2
