"""Several levers solved for several targets: closed forms, conditions, reruns and bad input."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.asked_jointly import joint_of
from fsinsure.cli import app
from fsinsure.errors import InputError

STEADY = {
    "growth.employee": "2%",
    "growth.flexible": 0,
    "growth.civil_service": 0,
    "transfer.land_expropriated": 0,
}
"""With these, unemployment insurance grows by employees, and by the share of flexible workers."""

BOTH = ["growth.employee", "growth.flexible"]


@pytest.fixture(scope="module")
def steady() -> fs.Scenario:
    return fs.load("example").with_(STEADY, name="steady")


def people(scenario: fs.Scenario, status: str) -> float:
    stocks = fs.run(scenario).stocks
    first = (stocks["year"] == 2022) & (stocks["level"] == "total")
    return float(stocks.loc[first & (stocks["status"] == status), "persons"].sum())


def level(result: fs.Result, measure: str, year: int = 2027) -> float:
    rows = result.enrollment.query("level == 'total' and measure == @measure and year == @year")
    return float(rows["persons"].iloc[0])


def members(steady: fs.Scenario, growth: float) -> float:
    """Members of unemployment insurance in 2027 by hand: employees compound, others stay."""
    employees = people(steady, "employee")
    return 142_700 - employees + employees * (1 + growth) ** 5


@pytest.fixture(scope="module")
def answer(steady: fs.Scenario) -> object:
    """Targets that 3 % growth of employees and 0.1 % growth of flexible workers give."""
    known = fs.run(steady.with_({"growth.employee": "3%", "growth.flexible": "0.1%"}))
    pension = level(known, "pension.enterprise")
    return fs.solve(
        steady, {"unemployment": members(steady, 0.03), "pension.enterprise": pension}, BOTH
    )


def test_two_targets_of_two_levers_are_met_exactly(answer) -> None:
    after = answer.levers.set_index("lever")["after"]
    assert after["growth.employee"] == pytest.approx(0.03, abs=1e-6)
    assert after["growth.flexible"] == pytest.approx(0.001, abs=1e-5)
    assert answer.constraints["binding"].all()
    assert (answer.constraints["after"] >= answer.constraints["limit"] - 1e-3).all()


def test_the_least_change_of_one_target_is_that_of_the_closed_form(steady: fs.Scenario) -> None:
    """Members: others + employees (1.02 + x)^5 + flexible workers times the share y."""
    employees, flexible = people(steady, "employee"), people(steady, "flexible")
    share = "coverage.unemployment.flexible"
    base = steady.with_({share: "5%"})
    others = level(fs.run(base), "unemployment") - employees * 1.02**5 - 0.05 * flexible
    wanted = others + employees * 1.025**5 + 0.08 * flexible
    found = fs.solve(base, {"unemployment": wanted}, ["growth.employee", share])
    ranges = found.levers.set_index("lever")["range"]
    assert ranges["growth.employee"] == pytest.approx(0.03)  # assumed: -0.3 % to 2.7 %
    assert ranges[share] == 1.0  # that of the registry

    def squares(x: float) -> float:
        y = (wanted - others - employees * (1.02 + x) ** 5) / flexible - 0.05
        return (x / ranges["growth.employee"]) ** 2 + y**2

    best = minimize_scalar(squares, bounds=(-0.02, 0.02), options={"xatol": 1e-12})
    change = found.step.changes[0]
    assert change == pytest.approx(best.x, abs=1e-7)
    assert found.change**2 == pytest.approx(best.fun, rel=1e-5)


def test_the_conditions_of_the_least_hold(answer) -> None:
    """The slope of the objective is that of the floors times multipliers that are not negative."""
    joint, step = answer.joint, answer.step
    problem = joint.problem(step.since)
    h = 1e-5
    slopes = []
    for index in range(len(joint.levers)):
        ends = np.stack([step.found.at + sign * h * np.eye(2)[index] for sign in (1, -1)])
        up, down = problem.values(ends)
        slopes.append((up - down) / (2 * h))
    of_objective, of_floors = np.array(slopes)[:, 0], np.array(slopes)[:, 1:]
    assert (step.found.multipliers >= 0).all()
    assert of_floors @ step.found.multipliers == pytest.approx(of_objective, rel=1e-4)


RELIEF = {"response.employment": -0.2, "pension.employer_rate": "16%"}
"""With these, a lower rate keeps employees, and costs the fund."""


@pytest.mark.parametrize("least", ["change", "cost"])
def test_the_shadow_price_is_what_more_of_a_target_costs(steady: fs.Scenario, least: str) -> None:
    base = steady.with_(RELIEF)
    bounds = {"growth.employee": ("0%", "2.1%"), "pension.employer_rate": ("0%", "16%")}

    def solved(wanted: float) -> object:
        asked = {"unemployment": wanted}
        return fs.solve(base, asked, list(bounds), least=least, bounds=bounds)

    wanted, by = members(steady, 0.0215), 100.0
    first = solved(wanted)
    price = first.constraints["shadow_price"].iloc[0]
    up, down = (solved(wanted + sign * by).cost for sign in (1, -1))
    assert price == pytest.approx((up - down) / (2 * by), rel=1e-3)
    assert price > 1000  # of each job that the lower rate keeps
    if least == "cost":
        multiplier = first.step.found.multipliers[0] / first.joint.sizes[0]
        assert price == pytest.approx(multiplier, rel=1e-6)


def test_a_lever_that_pays_goes_to_its_bound_and_the_dear_one_gives_the_rest(
    steady: fs.Scenario,
) -> None:
    """More employees pay contributions; a lower rate keeps employees, and costs the fund."""
    base, wanted = steady.with_(RELIEF), members(steady, 0.0215)
    bounds = {"growth.employee": ("1%", "2.1%"), "pension.employer_rate": ("0%", "16%")}
    found = fs.solve(base, {"unemployment": wanted}, list(bounds), least="cost", bounds=bounds)
    levers = found.levers.set_index("lever")
    assert levers.loc["growth.employee", "bound"] == "high"
    assert levers.loc["growth.employee", "after"] == pytest.approx(0.021, abs=1e-9)
    alone = fs.solve(
        base.with_({"growth.employee": "2.1%"}),
        "unemployment",
        "pension.employer_rate",
        value=wanted,
    )
    rate = alone.path["after"].iloc[0]
    assert levers.loc["pension.employer_rate", "after"] == pytest.approx(rate, abs=1e-6)


def test_the_cost_is_that_of_two_runs(answer, steady: fs.Scenario) -> None:
    """Balances that fall, and subsidies that rise, from the printed ledgers."""
    ends = []
    for run in (answer.before, answer.after):
        ledger = run.ledger[run.ledger["level"] == "total"]
        last = ledger[(ledger["kind"] == "closing") & (ledger["year"] == 2027)]
        paid = ledger[ledger["item"].isin(["subsidy", "land_subsidy", "deficit_subsidy"])]
        ends.append(paid["yuan"].sum() - last["yuan"].sum())
    assert answer.cost == pytest.approx(ends[1] - ends[0], abs=1)
    assert answer.cost != 0


def test_a_reserve_that_binds_is_kept(steady: fs.Scenario) -> None:
    fund, levers = "unemployment", ["growth.employee", "unemployment.employer_rate"]
    free = fs.solve(steady, {"unemployment": "15.4万"}, levers)
    months = months_kept(free.after, fund) + 2
    kept = fs.solve(steady, {"unemployment": "15.4万"}, levers, reserves={fund: months})
    assert months_kept(kept.after, fund) == pytest.approx(months, abs=1e-4)
    row = kept.constraints.query("kind == 'reserve'").iloc[0]
    assert (row["unit"], row["limit"], bool(row["binding"])) == ("months", months, True)
    assert row["after"] == pytest.approx(months, abs=1e-4)
    assert kept.change > free.change
    balance = float(kept.after.projection.ledger.closing[fund][-1])
    yuan = fs.solve(
        steady, {"unemployment": "15.4万"}, levers, reserves={fund: f"{balance / 1e4:.6f}万"}
    )
    assert yuan.change == pytest.approx(kept.change, rel=1e-3)


def months_kept(result: fs.Result, fund: str) -> float:
    ledger = result.ledger.query("level == 'total' and fund == @fund and year == 2027")
    outgo = ledger.loc[ledger["kind"] == "outgo", "yuan"].sum()
    return float(12 * ledger.loc[ledger["kind"] == "closing", "yuan"].sum() / outgo)


def test_the_latest_start_makes_up_for_all_years(answer) -> None:
    assert answer.latest is not None
    assert answer.latest.since == 2027
    rows = answer.latest_path.query("lever == 'growth.employee'").set_index("year")["after"]
    assert rows[2026] == pytest.approx(0.02)
    assert rows[2027] == pytest.approx(1.03**5 / 1.02**4 - 1, abs=1e-6)


def test_years_after_the_targets_count_in_the_cost_alone(answer, steady: fs.Scenario) -> None:
    targets = dict(zip(answer.constraints["name"], answer.constraints["limit"], strict=True))
    longer = fs.solve(steady.with_({"horizon": 2032}), targets, BOTH, year=2027)
    assert longer.step.changes == pytest.approx(answer.step.changes, abs=1e-8)
    assert (
        longer.path.query("year > 2027")["before"]
        .eq(longer.path.query("year > 2027")["after"])
        .all()
    )
    balances = [
        sum(run.projection.ledger.closing.values())[-1] for run in (longer.before, longer.after)
    ]
    assert longer.cost == pytest.approx(balances[0] - balances[1], rel=0.2)  # but for subsidies
    assert longer.cost != pytest.approx(answer.cost, rel=0.1)


def test_nothing_changes_where_all_targets_are_met(steady: fs.Scenario) -> None:
    found = fs.solve(steady, {"unemployment": "14万", "injury": "10万"}, BOTH)
    assert found.change == pytest.approx(0, abs=1e-9)
    assert found.latest is None
    assert not found.constraints["binding"].any()


@pytest.mark.parametrize(
    "changes",
    [
        {"growth.flexible": 0.01, "coverage.unemployment.civil_service": -0.1},
        {"wage.growth": 0.02, "pension.employer_rate": -0.03},
        {"labour.separation": 0.02, "mortality.level": 0.05, "wage.mean": 300.0},
        {"retirement.age_male": 1.0, "growth.employee": 0.01},
    ],
)
def test_draws_give_what_runs_give(changes: dict[str, float]) -> None:
    """Of paths and numbers, by draws, and of numbers that close the base year, one by one."""
    base = fs.load("example")
    joint = joint_of(
        base,
        {"balance.pension.enterprise": 1e9, "injury": 170_000},
        list(changes),
        year=2027,
        least="cost",
        bounds={name: bounds(name) for name in changes},
        reserves={"unemployment": 6},
    )
    change = np.array(list(changes.values()))
    found = joint.values(2023, np.stack([0 * change, change]))
    for row, ran in zip(found, (fs.run(base), fs.run(joint.at(2023, change))), strict=True):
        closing = ran.projection.ledger.closing
        assert row[1] == pytest.approx(closing["pension.enterprise"][-1] - 1e9, abs=1)
        assert row[2] == pytest.approx(level(ran, "injury") - 170_000, abs=1e-3)
        spare = closing["unemployment"][-1] * (1 - 6 / months_kept(ran, "unemployment"))
        assert row[3] == pytest.approx(spare, abs=1)
    assert found[0] != pytest.approx(found[1])


def bounds(name: str) -> tuple[float, float]:
    from fsinsure.registry import registry

    low, high = registry()[name].low, registry()[name].high
    assert low is not None
    assert high is not None
    return low, high


def test_the_file_of_an_answer_reproduces_it(answer, steady: fs.Scenario, tmp_path: Path) -> None:
    answer.write(tmp_path, lang="en")
    assert {file.name for file in tmp_path.iterdir()} == {
        *("solve_levers.csv", "solve_path.csv", "solve_constraints.csv", "solve_people.csv"),
        *("solve_funds.csv", "solve.png", "solved.yaml", "run.json"),
    }
    again = fs.run(fs.load(tmp_path / "solved.yaml"))
    assert level(again, "unemployment") == pytest.approx(members(steady, 0.03), abs=0.1)
    table = pd.read_csv(tmp_path / "solve_path.csv")
    assert set(table["lever"]) == set(BOTH)
    assert len(table) == 2 * 5


def test_all_targets_of_a_scenario_by_the_levers_of_the_region() -> None:
    found = fs.solve(fs.load("example").with_({"growth.employee": "0%", "growth.flexible": "0%"}))
    assert found.constraints["name"].tolist() == ["pension.enterprise", "unemployment", "injury"]
    assert (found.constraints["after"] >= found.constraints["limit"] - 1e-3).all()
    assert set(found.levers["lever"]) == {
        *("growth.flexible", "growth.employee", "coverage.injury.project_worker")
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": {"injury": "17万"}, "least": "money"}, "least is 'cost' or 'change'"),
        ({"target": []}, "no targets are given"),
        ({"target": ["injury", "injury"]}, "the target injury is there twice"),
        ({"target": ["injuri"]}, "Did you mean 'injury'"),
        ({"target": ["injury"], "lever": []}, "no levers are given"),
        ({"target": ["injury"], "lever": ["wage.growth"] * 2}, "wage.growth is there twice"),
        ({"target": ["injury", "unemployment"], "value": 5}, "give the values by name"),
        ({"target": ["injury"], "bounds": {"growth.employee": (0, 1)}}, "which is no lever"),
        (
            {"target": ["unemployment"], "bounds": {"growth.employee": ("3%", "1%")}},
            "low, 3%, is above high, 1%: swap them",
        ),
        (
            {"target": ["unemployment"], "bounds": {"growth.employee": ("3%", "90%")}},
            "lie between -30% and 60%",
        ),
        ({"target": ["unemployment"], "bounds": {"growth.employee": "3%"}}, "two numbers"),
        ({"target": ["unemployment"], "reserves": {"unemploymint": 3}}, "'unemployment'"),
        ({"target": ["unemployment"], "reserves": {"unemployment": "30人"}}, "people"),
        (
            {"target": ["unemployment"], "lever": ["growth.employee"], "least": "cost"},
            "growth.employee needs bounds where the cost is to be least",
        ),
        (
            {
                "target": {"unemployment": "30万", "pension.enterprise": "25万"},
                "lever": BOTH,
                "bounds": {"growth.employee": ("0%", "4%")},
            },
            "growth.employee 4% (its upper bound)",
        ),
    ],
)
def test_bad_input_says_what_to_change(
    steady: fs.Scenario, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        fs.solve(steady, **arguments)  # type: ignore[call-overload]


def test_an_error_names_the_target_that_is_missed_and_how_near_it_comes(
    steady: fs.Scenario,
) -> None:
    best = members(steady, 0.04)
    with pytest.raises(InputError) as raised:
        fs.solve(
            steady,
            {"unemployment": 200_000, "pension.enterprise": 210_000},
            BOTH,
            bounds={"growth.employee": ("0%", "4%")},
        )
    assert f"unemployment {best:,.0f} of 200,000 ({best / 2e5:.1%})" in str(raised.value)
    assert "pension.enterprise 2" not in str(raised.value)  # that one is met


def test_bounds_of_levers_that_move_as_a_whole_are_far_enough_apart(steady: fs.Scenario) -> None:
    uneven = steady.with_({"growth.employee": {2023: "1%", 2025: "5%"}})
    with pytest.raises(InputError, match="must be as far apart"):
        fs.solve(uneven, ["unemployment"], bounds={"growth.employee": ("2%", "3%")})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_levers_targets_and_cost(lang: str, tmp_path: Path) -> None:
    arguments = ["solve", "example", "--target", "unemployment=16万", "--target", "injury=18万"]
    arguments += ["--lever", "growth.employee", "--lever", "coverage.injury.project_worker"]
    arguments += ["--bound", "growth.employee=0%,9%", "--reserve", "unemployment=3"]
    done = CliRunner().invoke(app, [*arguments, "--lang", lang, "--out", str(tmp_path / lang)])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("growth.employee") == 2  # once more with the latest start
    assert bool(re.search(r"[一-鿿]", done.stdout)) == (lang == "zh")
    assert (tmp_path / lang / "solve.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a --target, or give --all-targets"),
        (("--all-targets", "--target", "injury"), "name a --target, or give --all-targets"),
        (("--target", "injury=3万", "--value", "4万"), "there twice"),
        (("--target", "injury", "--target", "injury=3万"), "injury is there twice"),
        (("--all-targets", "--reserve", "injury"), "write injury=VALUE"),
        (("--all-targets", "--bound", "growth.flexible=3%"), "needs two ends"),
    ],
)
def test_bad_options_say_what_to_change(arguments: tuple[str, ...], message: str) -> None:
    done = CliRunner().invoke(app, ["solve", "example", *arguments])
    assert done.exit_code == 2
    assert message in done.stderr.replace("\n", " ")


def test_all_targets_may_be_asked_from_the_command_line() -> None:
    done = CliRunner().invoke(app, ["solve", "example", "--all-targets", "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "Solve example: what meets the targets with the least change" in done.stdout
