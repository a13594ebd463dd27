"""One lever solved for one target: against closed forms, bounds, reruns and bad input."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.solve import search
from fsinsure.cli import app
from fsinsure.errors import InputError, PoolError
from fsinsure.messages import EMPTY
from fsinsure.scenario.files import bundled_folder, bundled_names
from fsinsure.scenario.loader import parsed
from fsinsure.scenario.writing import file_text

STEADY = {
    "growth.employee": "2%",
    "growth.flexible": 0,
    "growth.civil_service": 0,
    "transfer.land_expropriated": 0,
}
"""With these, unemployment insurance grows by employees alone."""


@pytest.fixture(scope="module")
def steady() -> fs.Scenario:
    return fs.load("example").with_(STEADY, name="steady")


def members(steady: fs.Scenario, growth: list[float]) -> float:
    """Members of unemployment insurance by hand: those published, and employees who compound."""
    stocks = fs.run(steady).stocks
    first = (stocks["year"] == 2022) & (stocks["level"] == "total")
    employees = float(stocks.loc[first & (stocks["status"] == "employee"), "persons"].sum())
    return 142_700 - employees + employees * math.prod(1 + rate for rate in growth)


def test_the_search_meets_a_closed_form() -> None:
    found = search(lambda x: (1 + x) ** 3, 2.0, -0.9, 5.0, 1e-12)
    assert found.met
    assert found.change == pytest.approx(2 ** (1 / 3) - 1, abs=1e-11)
    falling = search(lambda x: 8 - 2 * x, 5.0, -1.0, 4.0, 1e-12)
    assert falling.met
    assert falling.change == pytest.approx(1.5, abs=1e-11)
    assert search(lambda x: 3 + x, 3.0, -1.0, 1.0, 1e-9) == (0.0, 3.0, True, EMPTY)


def test_the_search_stops_at_a_bound_or_where_no_more_is_possible() -> None:
    assert search(lambda x: 10 + x, 20.0, -1.0, 4.0, 1e-9) == (4.0, 14.0, False, EMPTY)
    assert search(lambda x: 10 + x, 20.0, -1.0, 0.0, 1e-9) == (0.0, 10.0, False, EMPTY)
    assert search(lambda _: 10.0, 20.0, -1.0, 4.0, 1e-9) == (0.0, 10.0, False, EMPTY)

    def pool(x: float) -> float:
        if x > 2.5:
            raise PoolError("too few people")
        return 10 + x

    found = search(pool, 20.0, -1.0, 4.0, 1e-9)
    assert str(found.refused) == "too few people"
    assert not found.met
    assert 2.49 < found.change <= 2.5
    assert search(pool, 12.25, -1.0, 4.0, 1e-9).change == pytest.approx(2.25, abs=1e-8)


def test_growth_is_that_of_compound_interest(steady: fs.Scenario) -> None:
    target = members(steady, [0.03] * 5)
    answer = fs.solve(steady, "unemployment", value=target)
    assert answer.lever == "growth.employee"
    assert answer.path["after"].to_numpy() == pytest.approx([0.03] * 5, abs=1e-6)
    assert answer.projected == pytest.approx(target, abs=0.1)
    assert not answer.reached
    assert answer.projected >= target  # a target is a floor


def test_a_later_start_is_one_year_that_makes_up_for_all(steady: fs.Scenario) -> None:
    """Five years at 3 % are four at 2 % and one at what is left."""
    answer = fs.solve(steady, "unemployment", value=members(steady, [0.03] * 5))
    assert answer.latest == 2027
    assert answer.latest_value == pytest.approx(1.03**5 / 1.02**4 - 1, abs=1e-6)


def test_a_start_may_be_given_and_later_years_keep_their_values(steady: fs.Scenario) -> None:
    target = members(steady, [0.02, 0.02, 0.05, 0.05])
    answer = fs.solve(steady, "unemployment", value=target, year=2026, since=2025)
    expected = [0.02, 0.02, 0.05, 0.05, 0.02]
    assert answer.path["after"].to_numpy() == pytest.approx(expected, abs=1e-6)


def test_a_scenario_above_its_target_says_how_far_the_lever_may_give_way(
    steady: fs.Scenario,
) -> None:
    answer = fs.solve(steady, "unemployment", value=members(steady, [0.01] * 5))
    assert answer.reached
    assert answer.latest is None
    assert answer.found.change == pytest.approx(-0.01, abs=1e-6)
    bound = fs.solve(steady, "pension.enterprise", value="1万", year=2027)
    assert not bound.found.met
    assert bound.path["after"].to_numpy() == pytest.approx([-0.3] * 5)


def test_a_balance_is_met_and_its_cost_is_the_difference_of_two_runs() -> None:
    base = fs.load("baseline")
    lever = "unemployment.employer_rate"
    own = fs.run(base).projection.ledger.closing["unemployment"][4]
    answer = fs.solve(base, "balance.unemployment", lever, value=own - 1e9, year=2024)
    assert answer.projected == pytest.approx(own - 1e9, abs=100)
    funds = answer.funds.set_index(["year", "fund", "item"])["difference"]
    assert funds[2024, "unemployment", "balance"] == pytest.approx(-1e9, abs=100)
    assert funds[2024, "pension.enterprise", "balance"] == 0
    lost = sum(funds[year, "unemployment", "income"] for year in range(2021, 2025))
    spent = sum(funds[year, "unemployment", "outgo"] for year in range(2021, 2025))
    assert lost - spent == pytest.approx(-1e9, abs=100)


def test_a_lever_that_differs_by_area_keeps_the_differences(steady: fs.Scenario) -> None:
    area = steady.region.codes[0]
    uneven = steady.with_({"growth.employee": {area: "4%", "default": "1%"}})
    answer = fs.solve(uneven, "unemployment", value="15.5万")
    first = answer.path[answer.path["year"] == 2023].set_index("area")["after"]
    assert len(first) == len(steady.region.codes)
    assert (first[area] - first.drop(area)).to_numpy() == pytest.approx([0.03] * (len(first) - 1))
    assert answer.projected == pytest.approx(155_000, abs=1)


@pytest.mark.parametrize("name", bundled_names())
def test_the_text_of_a_scenario_is_the_scenario(name: str) -> None:
    scenario = fs.load(name)
    again = parsed(file_text(scenario), bundled_folder(), "again.yaml")
    assert again.hash == scenario.hash
    assert dict(again.fitted) == dict(scenario.fitted)
    assert again.title == scenario.title


def test_the_file_of_an_answer_reproduces_it(tmp_path: Path) -> None:
    answer = fs.solve("observed", "pension.enterprise", value="515万", year=2025)
    assert answer.since == 2024  # the years before are observed
    answer.write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        *("solve_path.csv", "solve_people.csv", "solve_funds.csv", "solved.yaml", "run.json")
    }
    again = fs.run(fs.load(tmp_path / "solved.yaml"))
    rows = again.enrollment[again.enrollment["measure"] == "pension.enterprise"]
    last = rows[(rows["year"] == 2025) & (rows["level"] == "total")]["persons"].iloc[0]
    assert last == pytest.approx(5_150_000, abs=1)


def test_a_lever_that_is_solved_is_no_longer_drawn(steady: fs.Scenario) -> None:
    pair = {"between": ["growth.employee", "price.growth"], "value": 0.5}
    other = {"between": ["fund.interest", "price.growth"], "value": 0.2}
    drawn = {
        **{"growth.employee": {"normal": {"mean": 0.02, "sd": 0.01}}, "fund.interest": "none"},
        **{"price.growth": {"empirical": [0.01, 0.02]}, "wage.cv": "none"},
        "correlations": [pair],
    }
    answer = fs.solve(steady.with_({"uncertainty": drawn}), "unemployment", value="15.5万")
    again = parsed(answer.text, bundled_folder(), "again.yaml").uncertainty
    assert set(again.values) == {"fund.interest", "price.growth", "wage.cv"}
    assert again.correlations == ()
    del drawn["fund.interest"]
    drawn["correlations"] = [pair, other]
    answer = fs.solve(steady.with_({"uncertainty": drawn}), "unemployment", value="15.5万")
    again = parsed(answer.text, bundled_folder(), "again.yaml").uncertainty
    assert [one.pair for one in again.correlations] == [{"fund.interest", "price.growth"}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "pension.enterprize"}, "Did you mean 'pension.enterprise'"),
        ({"target": "balance.injury"}, "give a value and a year"),
        ({"target": "balance.injury", "value": 1e9, "year": 2025}, "name no lever"),
        ({"target": "injury", "year": 2031}, "2021 to 2025, not 2031"),
        ({"target": "injury", "year": 2023}, "no target for injury in 2023: give a value"),
        ({"target": "injury", "value": "-3万"}, "not negative"),
        ({"target": "injury", "value": "30%"}, "does not go with"),
        ({"target": "injury", "lever": "growth.employe"}, "Did you mean 'growth.employee'"),
        ({"target": "injury", "lever": "mortality.table"}, "is not a number"),
        ({"target": "injury", "since": 2020}, "since is a year from 2021 to 2025"),
        ({"target": "unemployment", "value": "900万", "lever": "wage.growth"}, "does not move it"),
        (
            {"target": "unemployment", "value": "700万", "lever": "coverage.unemployment.flexible"},
            "at its upper bound, 100%",
        ),
        ({"target": "pension.enterprise", "value": "2000万"}, "a larger change is not possible"),
    ],
)
def test_bad_input_says_what_to_change(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        fs.solve("baseline", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_a_few_lines(lang: str, tmp_path: Path) -> None:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    for extra in ((), ("--value", "520万", "--out", str(tmp_path / lang))):
        done = call("solve", "baseline", "--target", "pension.enterprise", "--lang", lang, *extra)
        assert done.exit_code == 0, done.stderr
        assert "growth.flexible" in done.stdout
        assert len(done.stdout.splitlines()) <= 17
        assert bool(re.search(r"[一-鿿]", done.stdout)) == (lang == "zh")
    refused = call("solve", "baseline", "--target", "pension.enterprise", "--value", "2000万")
    assert refused.exit_code == 2
    assert "cannot be 20,000,000" in refused.stderr
