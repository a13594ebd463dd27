"""Calibration: simulated truth, hand cases, bounds, held-out years, bad input, and the command."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from scipy.stats import binomtest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.calibration import Model, calibrated, moved_figures
from fsinsure.analysis.calibration_asked import parameters_of
from fsinsure.analysis.measured import projected
from fsinsure.cli import app
from fsinsure.errors import FsinsureWarning, IdentifiabilityWarning, InputError

PEOPLE = ("unemployment", "pension.enterprise")
GROWTH = ("growth.employee", "growth.flexible")
YEARS = range(2023, 2028)


def table(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """Figures of persons or yuan by measure and year, as a user gives them."""
    return pd.DataFrame(
        [
            (
                name,
                f"{year}" if name.endswith("come") else f"{year}-12-31",
                repr(float(value)),
                unit,
            )
            for name, year, value in rows
            for unit in ["元" if name.endswith("come") else "人"]
        ],
        columns=["measure", "date", "value", "unit"],
    )


def outcomes(scenario: fs.Scenario, *measures: str) -> pd.DataFrame:
    """What a scenario projects, as published figures."""
    projection = fs.run(scenario).projection
    return table(
        *(
            (name, year, value)
            for name in measures
            for year, value in projected(projection, name).items()
            if year in YEARS
        )
    )


@pytest.fixture(scope="module")
def example() -> fs.Scenario:
    return fs.load("example")


@pytest.fixture(scope="module")
def truth(example: fs.Scenario) -> fs.Scenario:
    return example.with_({"growth.employee": "4%", "growth.flexible": "-2%"}, name="truth")


def test_the_parameters_of_a_simulated_truth_are_found(
    example: fs.Scenario, truth: fs.Scenario
) -> None:
    found = fs.calibrate(example, GROWTH, outcomes=outcomes(truth, *PEOPLE), measures=PEOPLE)
    assert found.parameters["estimate"].to_numpy() == pytest.approx([0.04, -0.02], abs=1e-9)
    assert found.parameters["initial"].to_numpy() == pytest.approx([0.012, 0.05])
    assert found.fit["after"].to_numpy() == pytest.approx(found.fit["published"], rel=1e-9)
    assert found.errors["fit_before"] > 0.01
    assert found.errors["fit_after"] < 1e-9
    assert found.together == ()


def test_money_and_a_parameter_that_closes_the_base_year_are_found(example: fs.Scenario) -> None:
    """The mean wage moves accounts of the base year, so that it is not drawn but run."""
    truth = example.with_({"growth.employee": "3%", "wage.mean": 5200})
    names = ["wage.mean", "growth.employee"]
    measures = ("unemployment", "unemployment.income")
    found = fs.calibrate(example, names, outcomes=outcomes(truth, *measures), measures=measures)
    assert found.parameters["estimate"].to_numpy() == pytest.approx([5200, 0.03], rel=1e-8)
    assert found.parameters["first"].isna().tolist() == [True, False]


def test_draws_and_runs_of_changed_scenarios_agree(example: fs.Scenario) -> None:
    names = ("growth.employee", "migration.arrivals", "unemployment.employer_rate", "wage.mean")
    varied = parameters_of(example, names, {}, {"growth.employee": (2024, 2025)})
    figures = [("residents", 2025), ("unemployment", 2024), ("unemployment.income", 2026)]
    model = Model(example, varied, figures)
    changes = np.array([[0.02, 500.0, 0.001, 300.0], [0.0, 0.0, 0.0, 0.0], [0.01, 0.0, 0.002, 0.0]])
    levels = model.levels(changes)
    for change, found in zip(changes, levels, strict=True):
        projection = fs.run(model.at(change)).projection
        given = [projected(projection, measure)[year] for measure, year in figures]
        assert found == pytest.approx(given, rel=1e-12)
    assert (levels[0] != levels[1]).all()


def steady(example: fs.Scenario) -> fs.Scenario:
    """With these, unemployment insurance grows by employees alone."""
    others = ("growth.flexible", "growth.civil_service", "transfer.land_expropriated")
    return example.with_({"growth.employee": "2%", **dict.fromkeys(others, 0)}, name="steady")


def employees(scenario: fs.Scenario) -> float:
    """Employees of the base year."""
    stocks = fs.run(scenario).stocks
    first = (stocks["year"] == 2022) & (stocks["level"] == "total")
    return float(stocks.loc[first & (stocks["status"] == "employee"), "persons"].sum())


def test_growth_from_two_figures_is_the_root_of_a_polynomial(example: fs.Scenario) -> None:
    """Members by hand: others, and employees who compound; the best growth by a fine search."""
    scenario = steady(example)
    base = employees(scenario)
    others, published = 142_700 - base, np.array([146_000.0, 148_500.0])
    growth = np.linspace(0.02, 0.03, 2_000_001)
    members = others + base * (1 + growth) ** np.arange(1, 3)[:, None]
    squares = (np.log(members / published[:, None]) ** 2).sum(axis=0)
    best = growth[np.argmin(squares)]
    given = table(("unemployment", 2023, published[0]), ("unemployment", 2024, published[1]))
    found = fs.calibrate(scenario, "growth.employee", outcomes=given, measures=["unemployment"])
    (row,) = found.parameters.to_dict("records")
    assert row["estimate"] == pytest.approx(best, abs=1e-8)
    # One parameter and one degree of freedom: s is the root of the sum of squares.
    slopes = base * np.array([1.0, 2 * (1 + best)]) / members[:, np.argmin(squares)]
    error = math.sqrt(squares.min() / (slopes**2).sum())
    assert row["standard_error"] == pytest.approx(error, rel=1e-4)
    # The 90th percentile of t with one degree of freedom is 3.078.
    assert row["interval_high"] - best == pytest.approx(3.0777 * error, rel=1e-4)
    known = fs.calibrate(
        scenario,
        "growth.employee",
        outcomes=given,
        measures=["unemployment"],
        sigma="0.5%",
        method="likelihood",
    )
    (row,) = known.parameters.to_dict("records")
    assert row["estimate"] == pytest.approx(best, abs=1e-8)
    assert row["standard_error"] == pytest.approx(0.005 / math.sqrt((slopes**2).sum()), rel=1e-4)
    assert row["interval_high"] - best == pytest.approx(1.2816 * row["standard_error"], rel=1e-4)


def test_sigma_weights_the_figures_of_measures(example: fs.Scenario, truth: fs.Scenario) -> None:
    """A measure without much weight is met less, one with much weight is met better."""
    given = outcomes(truth, *PEOPLE)
    other = given["measure"] == "pension.enterprise"
    given.loc[other, "value"] = [repr(float(value) * 0.98) for value in given.loc[other, "value"]]
    off = {}
    for loose, tight in (PEOPLE, PEOPLE[::-1]):
        found = fs.calibrate(
            example,
            "growth.employee",
            outcomes=given,
            measures=PEOPLE,
            sigma={loose: "10%", tight: 0.01},
        )
        errors = found.fit.set_index("measure")["error_after"].abs().groupby(level=0).mean()
        off[tight] = errors.to_dict()
    assert off["unemployment"]["unemployment"] < off["pension.enterprise"]["unemployment"] / 2


def test_the_interval_covers_80_percent_of_worlds(example: fs.Scenario) -> None:
    """Figures of a known growth with errors of 1 %, in many worlds."""
    scenario = steady(example)
    base, rng, worlds, inside = employees(scenario), np.random.default_rng(7), 40, 0
    truth = 142_700 - base + base * 1.03 ** np.arange(1, 6)
    varied = parameters_of(scenario, "growth.employee", {}, {})
    model = Model(scenario, varied, [("unemployment", year) for year in YEARS])
    for _ in range(worlds):
        given = truth * np.exp(0.01 * rng.standard_normal(5))
        low, high = calibrated(model, given, np.ones(5), known=False).interval()[:, 0] + 0.02
        inside += low <= 0.03 <= high
    assert binomtest(inside, worlds, 0.8).pvalue > 0.05
    assert inside < worlds


def test_bounds_hold_and_are_named(example: fs.Scenario, truth: fs.Scenario) -> None:
    given = outcomes(truth, *PEOPLE)
    bounds = {"growth.employee": ("-1%", "2.5%"), "growth.flexible": ("6%", 0.5)}
    found = fs.calibrate(example, GROWTH, outcomes=given, measures=PEOPLE, bounds=bounds)
    rows = found.parameters.set_index("parameter")
    assert rows["estimate"].tolist() == pytest.approx([0.025, 0.06])
    assert rows["at_bound"].tolist() == ["high", "low"]
    assert rows[["standard_error", "interval_low", "interval_high"]].isna().all(axis=None)
    assert rows["low"].tolist() == [-0.01, 0.06]


def test_an_interval_ends_at_a_bound(example: fs.Scenario) -> None:
    given = table(("unemployment", 2023, 144_000.0), ("unemployment", 2024, 150_000.0))
    bounds = {"growth.employee": ("1%", "4%")}
    found = fs.calibrate(
        example, "growth.employee", outcomes=given, measures=["unemployment"], bounds=bounds
    )
    (row,) = found.parameters.to_dict("records")
    assert row["at_bound"] == ""
    assert (row["interval_low"], row["interval_high"]) == (0.01, 0.04)


def test_a_path_changes_in_its_years_only_and_keeps_its_differences(example: fs.Scenario) -> None:
    area = example.region.codes[0]
    uneven = example.with_({"growth.employee": {area: "4%", "default": "1%"}})
    truth = uneven.with_(
        {
            "growth.employee": {
                area: {2023: "4%", 2024: "5%", 2026: "4%"},
                "default": {2023: "1%", 2024: "2%", 2026: "1%"},
            }
        }
    )
    given = outcomes(truth, "unemployment")
    years = {"growth.employee": (2024, 2025)}
    found = fs.calibrate(
        uneven, "growth.employee", outcomes=given, measures=["unemployment"], years=years
    )
    (row,) = found.parameters.to_dict("records")
    assert row["change"] == pytest.approx(0.01, abs=1e-9)
    assert (row["first"], row["last"]) == (2024, 2025)
    assert row["initial"] == pytest.approx(0.02)  # 4, 1 and 1 %
    path = found.after.resolved.by_area("growth.employee")
    assert path[:, 0] == pytest.approx([0.04, 0.05, 0.05, 0.04, 0.04], abs=1e-8)


def test_parameters_that_move_the_same_are_named(example: fs.Scenario) -> None:
    """Both rates are shares of the same wages: income has their sum."""
    rates = ["unemployment.employer_rate", "unemployment.employee_rate"]
    truth = example.with_(dict(zip(rates, ("0.7%", "0.4%"), strict=True)))
    given = outcomes(truth, "unemployment.income")
    with pytest.warns(IdentifiabilityWarning, match=f"{rates[0]} and {rates[1]} only move tog"):
        found = fs.calibrate(example, rates, outcomes=given, measures=["unemployment.income"])
    assert found.together == (tuple(rates),)
    assert found.parameters["estimate"].sum() == pytest.approx(0.011, rel=1e-7)
    assert found.parameters["standard_error"].isna().all()
    conditions = found.directions.groupby("direction")["condition"].first()
    assert conditions[1] == 1.0
    assert conditions[2] > 1e6
    shares = found.directions[found.directions["direction"] == 2]["share"]
    assert shares.iloc[0] == pytest.approx(-shares.iloc[1])


def test_fewer_figures_than_parameters_are_said(example: fs.Scenario) -> None:
    given = table(("pension.enterprise", 2023, 219_000.0))
    with pytest.warns(FsinsureWarning) as notes:
        found = fs.calibrate(example, GROWTH, outcomes=given, hold_out=[2024], measures=PEOPLE[1:])
    texts = [str(note.message) for note in notes if note.category is IdentifiabilityWarning]
    assert any("2 parameters and only 1 figures" in text for text in texts)
    assert any("only move together" in text for text in texts)
    assert found.errors["fit_after"] < 1e-9
    assert found.parameters["standard_error"].isna().all()


def test_held_out_years_judge_and_do_not_move_the_fit(example: fs.Scenario) -> None:
    rows = [("unemployment", 2023, 144_000.0), ("unemployment", 2024, 146_000.0)]
    fits = []
    for last in (150_000.0, 120_000.0):
        given = table(*rows, ("unemployment", 2025, last))
        found = fs.calibrate(
            example, "growth.employee", outcomes=given, measures=["unemployment"], hold_out=[2025]
        )
        fits.append(found.parameters["estimate"].iloc[0])
        held = found.fit.set_index("year").loc[2025]
        assert held["use"] == "held_out"
        assert held["judged"]
        assert held["naive"] == pytest.approx(146_000**2 / 144_000)
        assert held["naive_error"] == pytest.approx(146_000**2 / 144_000 / last - 1)
        assert held["error_after"] == pytest.approx(held["after"] / last - 1)
        assert found.errors["held_after"] == abs(held["error_after"])
        assert found.errors["held_naive"] == abs(held["naive_error"])
    assert fits[0] == fits[1]


def test_the_base_year_is_one_of_the_two_of_the_last_growth(example: fs.Scenario) -> None:
    """It is no outcome, and the closed base year meets its figure of 14.27万."""
    found = fs.calibrate(example, "growth.employee", measures=["unemployment"], hold_out=[2024])
    held = found.fit.set_index("year").loc[2024]
    assert held["naive"] == pytest.approx(143_800**2 / 142_700)


def test_a_held_out_year_before_one_of_the_fit_has_the_growth_up_to_it() -> None:
    """Of 2022 the last growth before is 2020-2021, in years that are not held out."""
    found = fs.calibrate("as-implemented", "growth.employee", measures=["unemployment"],
                         hold_out=[2022])  # fmt: skip
    held = found.fit.set_index("year").loc[2022]
    assert held["naive"] == pytest.approx(3_236_854**2 / 3_063_907)
    both = fs.calibrate("as-implemented", "growth.employee", measures=["unemployment"],
                        hold_out=[2022, 2023])  # fmt: skip
    naive = both.fit.set_index("year")["naive"]
    assert naive[2023] == pytest.approx(3_236_854 * (3_236_854 / 3_063_907) ** 2)


def test_figures_that_set_other_parameters_are_left_out_and_named() -> None:
    """Residents have set the arrivals: they say something of these and of no other parameter."""
    found = fs.calibrate("as-implemented", GROWTH, hold_out=[2023])
    left = found.fit[found.fit["measure"] == "residents"].set_index("year")
    assert left["use"].to_dict() == {2021: "left_out", 2023: "held_out", 2025: "left_out"}
    assert set(left["note"]) == {"used to set migration.arrivals"}
    assert not left["judged"].any()
    arrivals = fs.calibrate("as-implemented", "migration.arrivals", measures=["residents"])
    assert set(arrivals.fit["use"]) == {"fitted"}
    assert arrivals.scenario.fitted == {"residents": "migration.arrivals"}


def test_figures_known_after_as_of_are_left_out_unless_they_are_the_users() -> None:
    with pytest.raises(InputError, match=r"known after as_of: .*unemployment 2021.* later as_of"):
        fs.calibrate("baseline", "growth.employee")
    given = table(("unemployment", 2021, 3_236_854.0), ("unemployment", 2022, 3_260_141.0))
    found = fs.calibrate("baseline", "growth.employee", outcomes=given, measures=["unemployment"])
    assert found.fit.set_index("year")["use"].to_dict() == {
        **{2021: "fitted", 2022: "fitted", 2023: "left_out"}
    }


def test_a_measure_that_is_hardly_moved_is_left_out(
    example: fs.Scenario, truth: fs.Scenario
) -> None:
    """Employees leave less often, so that residents move a little: they say nothing of growth."""
    given = outcomes(truth, "unemployment")
    for hold_out, uses in (([], {"left_out"}), ([2024], {"left_out", "held_out"})):
        found = fs.calibrate(example, "growth.employee", outcomes=given, hold_out=hold_out)
        rows = found.fit.set_index("measure")
        assert set(rows["note"]["residents"]) == {"hardly moved by the parameters"}
        assert set(rows["use"]["residents"]) == uses
        assert not rows["judged"]["residents"].any()
        assert set(rows["note"]["unemployment"]) == {""}
    slopes = np.array([[0.4, 0.0], [2.0, 0.1], [0.1, 1.0], [0.0, 0.0], [0.1, 0.01]])
    measures, fitted = ["a", "a", "b", "a", "c"], np.ones(5, dtype=bool)
    moved = moved_figures(slopes, measures, fitted)
    assert moved.tolist() == [True, True, True, False, False]
    fitted[1:3] = False  # what is held out is no measure of how much a parameter moves
    assert moved_figures(slopes, measures, fitted).tolist() == [True, True, True, False, True]


def test_the_file_reproduces_the_scenario_and_names_what_judges_no_more(
    example: fs.Scenario, truth: fs.Scenario, tmp_path: Path
) -> None:
    found = fs.calibrate(example, GROWTH, outcomes=outcomes(truth, *PEOPLE), measures=PEOPLE)
    assert found.scenario.name == "example-calibrated"
    assert dict(found.scenario.fitted) == {
        "unemployment": "growth.employee",
        "pension.enterprise": "growth.flexible",
    }
    files = found.write(tmp_path)
    assert {file.name for file in files} == {
        *("calibrate_parameters.csv", "calibrate_figures.csv", "calibrate_directions.csv"),
        *("calibrate_correlations.csv", "calibrated.yaml", "calibrate.png", "run.json"),
    }
    again = fs.run(fs.load(tmp_path / "calibrated.yaml"))
    assert again.scenario.hash == found.scenario.hash
    for name in PEOPLE:
        expected = projected(fs.run(truth).projection, name)
        assert projected(again.projection, name) == pytest.approx(expected, rel=1e-8)
    noted = fs.backtest(again.scenario).table
    of = noted[(noted["measure"] == "unemployment") & noted["published"].notna()]
    assert set(of["note"]) == {"used to set growth.employee"}
    meta = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["calibrate"]
    assert meta["figures"] == 10
    assert meta["freedom"] == 8
    assert meta["outcomes"]["file"] == "outcomes"


def test_a_distribution_of_a_calibrated_parameter_ends(
    example: fs.Scenario, truth: fs.Scenario
) -> None:
    """It was of the value before; what is not calibrated keeps its own."""
    uncertain = example.with_(
        {
            "uncertainty": {
                "growth.employee": {"normal": {"mean": "2%", "sd": "1%"}},
                "wage.growth": {"normal": {"mean": "5%", "sd": "1%"}},
            }
        }
    )
    given = outcomes(truth, "unemployment")
    found = fs.calibrate(uncertain, "growth.employee", outcomes=given, measures=["unemployment"])
    assert set(found.scenario.uncertainty.values) == {"wage.growth"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"parameters": []}, "name at least one parameter"),
        ({"parameters": ["growth.employe"]}, "Did you mean 'growth.employee'"),
        ({"parameters": ["mortality.table"]}, "mortality.table is not a number"),
        ({"parameters": ["growth.employee"] * 2}, "growth.employee is named twice"),
        ({"bounds": {"growth.flexible": (0, 1)}}, "bounds of growth.flexible, which is not cal"),
        ({"bounds": {"growth.employee": ("5%", "1%")}}, "the low value, 5%, is not below 1%"),
        ({"bounds": {"growth.employee": (0, "90%")}}, "leave what it may be at all, -30% to 60%"),
        ({"bounds": {"growth.employee": 0.1}}, "give a low and a high value, not 0.1"),
        ({"bounds": {"growth.employee": (0, "3万")}}, "bounds of growth.employee: 万 does not go"),
        ({"bounds": {"growth.employee": (0, None)}}, "bounds of growth.employee"),
        ({"years": {"growth.employee": (2021, 2025)}}, "from 2023 to 2027, not (2021, 2025)"),
        ({"years": {"growth.employee": (2025, 2024)}}, "from 2023 to 2027, not (2025, 2024)"),
        ({"parameters": ["wage.mean"], "years": {"wage.mean": (2023, 2024)}}, "one number for all"),
        ({"measures": ["unemploymnt"]}, "Did you mean 'unemployment'"),
        ({"measures": ["injury"]}, "example has no published figure of injury after 2022"),
        ({"measures": ["unemployment", "injury"]}, "injury has no published figure"),
        ({"hold_out": [2026]}, "nothing published of 2026: name years of 2023, 2024"),
        ({"hold_out": 2024}, "hold_out is a list of years, such as [2024], not 2024"),
        ({"hold_out": ["2024"]}, "hold_out is a list of years"),
        ({"hold_out": [2023, 2024]}, "held out: pension.enterprise 2023"),
        ({"parameters": ["wage.growth"]}, "wage.growth moves no figure of pension.enterprise, un"),
        ({"years": {"growth.employee": (2025, 2027)}}, "growth.employee moves no figure"),
        ({"method": "likelihood"}, "method likelihood needs sigma"),
        ({"method": "bayes"}, "method must be least_squares or likelihood"),
        ({"sigma": {"unemployment": 0.01}}, "sigma lacks pension.enterprise"),
        ({"sigma": {"injury": 0.01}}, "sigma of injury, and no figure of it is used"),
        ({"sigma": 0}, "must be above 0, such as 1%, not 0"),
        ({"outcomes": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_bad_input_says_what_to_change(changed: dict[str, object], message: str) -> None:
    arguments = {"parameters": ["growth.employee"], **changed}
    with pytest.raises(InputError, match=re.escape(message)):
        fs.calibrate("example", **arguments)  # type: ignore[arg-type]


def test_values_further_apart_than_the_bounds_are_refused(example: fs.Scenario) -> None:
    uneven = example.with_({"growth.employee": {2023: "1%", 2025: "6%"}})
    with pytest.raises(InputError, match=r"its values in 2023-2027 are 1% to 6%, further apart"):
        fs.calibrate(uneven, "growth.employee", bounds={"growth.employee": (0, "4%")})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("unemployment,2023-06-30,14.4,万人", "own.csv:2:date: unemployment is of 2023-06-30"),
        ("unemployment,2023-12-31,144,万人", "is 10 times the published 14.38万人"),
        ("unemployed,2023-12-31,0.3,万人", "own.csv:2:measure: 'unemployed' is not a measure"),
        ("unemployment,2021-12-31,14,万人", "no figure is later than the base year 2022"),
    ],
)
def test_figures_of_another_scope_are_refused(row: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(f"measure,date,value,unit\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        fs.calibrate("example", "growth.employee", outcomes=file)


def test_figures_for_which_there_are_not_enough_people_are_an_error(example: fs.Scenario) -> None:
    years = {"growth.employee": (2023, 2025)}
    given = table(("unemployment", 2025, 250_000.0))
    held = {"measures": ["unemployment"], "hold_out": [2023, 2024], "outcomes": given}
    with pytest.raises(InputError, match=r"the search finds no best growth\.employee"):
        fs.calibrate(example, "growth.employee", years=years, **held)


def test_estimates_that_lack_people_after_the_last_figure_are_an_error(
    example: fs.Scenario,
) -> None:
    given = table(("pension.enterprise", 2024, 400_000.0))
    with pytest.raises(InputError, match=r"with growth\.flexible at 60% the scenario cannot be"):
        fs.calibrate(
            example, "growth.flexible", outcomes=given, measures=PEOPLE[1:], hold_out=[2023]
        )


def test_a_scenario_that_meets_its_figures_is_refused() -> None:
    with pytest.raises(InputError, match=r"set observe\.until to none"):
        fs.calibrate("observed", "growth.employee")


def test_the_numbers_of_the_page_are_those_of_its_command() -> None:
    page = (Path(__file__).parents[1] / "docs" / "calibrate.md").read_text(encoding="utf-8")
    found = fs.calibrate("as-implemented", GROWTH, hold_out=[2023])
    rows = {
        "fit: urban pension and unemployment insurance, 2021 and 2022": ("fit_before", "fit_after"),
        "held out: the same, 2023": ("held_before", "held_after", "held_naive"),
    }
    for text, names in rows.items():
        cells = " | ".join(f"{100 * found.errors[name]:.1f} %" for name in names)
        assert f"| {text} | {cells} |" in page
    values = found.parameters.set_index("parameter")
    one, other = (values.loc[name] for name in GROWTH)
    ends = ("interval_low", "interval_high")
    low, high = (f"{100 * one[end]:.1f}" for end in ends)
    first = f"from {100 * one['initial']:.1f} to {100 * one['estimate']:.1f} % a year"
    assert f"{first} (80 % interval {low} to {high} %)" in " ".join(page.split())
    low, high = (f"{100 * other[end]:.2g}" for end in ends)
    second = f"from {100 * other['initial']:.1f} to {100 * other['estimate']:.0f} %"
    assert f"{second} ({low} to {high} %)" in " ".join(page.split())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_seven_lines(lang: str, tmp_path: Path) -> None:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    names = [part for name in GROWTH for part in ("--parameter", name)]
    out = ("--out", str(tmp_path / "out"), "--plots", "none", "--lang", lang)
    held = ("--hold-out", "2024", "--measure", PEOPLE[0], "--measure", PEOPLE[1])
    done = call("calibrate", "example", *names, *held, *out)
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 7
    assert all(name in lines[1] for name in GROWTH)
    assert "2024" in lines[3]
    assert bool(re.search(r"[一-鿿]", done.stdout)) == (lang == "zh")
    assert (tmp_path / "out" / "calibrated.yaml").exists()
    assert not (tmp_path / "out" / "calibrate.png").exists()
    some = ("--parameter", GROWTH[0], "--bounds", f"{GROWTH[0]}=1%,1.5%", "--sigma", "1%")
    years = ("--years", f"{GROWTH[0]}=2023-2024", "--method", "likelihood")
    done = call("calibrate", "example", *some, *years, "--measure", PEOPLE[0], *out)
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7
    refused = {
        "--bounds=growth.employee": "write a name, = and the value",
        "--bounds=growth.employee=1%": "give two values",
        "--years=growth.employee=now": "give two years",
        "--sigma=unemployment=": "sigma of unemployment",
        "--hold-out=1999": "nothing published of 1999",
    }
    english = ("--lang", "en")
    for option, message in refused.items():
        done = call("calibrate", "example", "--parameter", GROWTH[0], option, *out, *english)
        assert done.exit_code == 2, option
        assert message in done.stderr
    twice = ("--bounds", f"{GROWTH[0]}=0,1%") * 2
    assert "is given twice" in call("calibrate", "example", *names, *twice, *out, *english).stderr
