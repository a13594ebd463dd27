"""One lever solved for the probability of a target: a closed form, an ensemble, and bad input."""

from __future__ import annotations

import re

import pytest
from scipy.stats import norm
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.uncertain import uncertain_in
from fsinsure.cli import app
from fsinsure.errors import InputError

YEARS, DRAWS = 5, 64


@pytest.fixture(scope="module")
def certain() -> fs.Scenario:
    """An example in which only the growth of civil servants is drawn."""
    steady = fs.load("example").with_(
        {
            "growth.employee": "2%",
            "growth.flexible": 0,
            "transfer.land_expropriated": 0,
            "coverage.unemployment.civil_service": "50%",
        },
        name="certain",
    )
    drawn = dict.fromkeys([one.name for one in uncertain_in(steady)], "none")
    normal = {"normal": {"mean": "0%", "sd": "2%"}}
    return steady.with_({"uncertainty": {**drawn, "growth.civil_service": normal}})


def people(scenario: fs.Scenario, status: str) -> float:
    stocks = fs.run(scenario).stocks
    first = (stocks["year"] == 2022) & (stocks["level"] == "total")
    return float(stocks.loc[first & (stocks["status"] == status), "persons"].sum())


@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_growth_is_that_of_the_quantile_of_what_is_drawn(
    certain: fs.Scenario, probability: float
) -> None:
    """Half of the civil servants are members, and their growth is at its quantile.

    The target is met with a probability where employees and the civil servants of the opposite
    quantile make it up.
    """
    employees, civil = people(certain, "employee"), people(certain, "civil_service")
    level = fs.run(certain).enrollment.query("level == 'total' and measure == 'unemployment'")
    last = level.set_index("year")["persons"][2027]
    others = last - employees * 1.02**YEARS - 0.5 * civil
    wanted = last + 2000
    growth = norm.ppf(1 - probability, 0, 0.02)
    needed = (wanted - others - 0.5 * civil * (1 + growth) ** YEARS) / employees
    answer = fs.solve(certain, "unemployment", value=wanted, probability=probability, draws=DRAWS)
    found = answer.path["after"].iloc[0]
    # The quantile of 64 points is off by as much as the next point is away.
    near = norm.ppf(1 - probability + 1.5 / DRAWS, 0, 0.02) - growth
    assert found == pytest.approx(needed ** (1 / YEARS) - 1, abs=near * civil / employees)
    assert found > 0.02
    assert answer.chances is not None
    assert probability <= answer.chances.after <= probability + 2 / DRAWS
    assert answer.latest is None


def test_an_ensemble_of_the_file_meets_the_target_with_the_probability() -> None:
    answer = fs.solve("example", "pension.enterprise", probability=0.8, draws=32, seed=3)
    targets = fs.ensemble(answer.after.scenario, draws=32, seed=3).targets
    row = targets[targets["measure"] == "pension.enterprise"].iloc[0]
    assert answer.chances is not None
    assert row["probability"] == answer.chances.after
    assert row["probability"] >= 0.8
    assert answer.chances.before < 0.8
    assert not answer.reached


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probability": 1.0}, "probability must lie between 0 and 1"),
        ({"probability": "90%"}, "probability must lie between 0 and 1"),
        ({"probability": 0.9, "draws": 1}, "from 2 to 100,000"),
        ({"probability": 0.9, "seed": -1}, "seed must be"),
        ({"probability": 0.9, "lever": ["growth.employee", "growth.flexible"]}, "one by one"),
        ({"probability": 0.9, "value": "900万", "lever": "wage.growth"}, "does not move it"),
    ],
)
def test_bad_input_says_what_to_change(
    certain: fs.Scenario, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        fs.solve(certain, "unemployment", **arguments)  # type: ignore[call-overload]


def test_where_nothing_is_uncertain_there_is_no_probability(certain: fs.Scenario) -> None:
    sure = certain.with_({"uncertainty": {"growth.civil_service": "none"}})
    with pytest.raises(InputError, match="leave the probability out"):
        fs.solve(sure, "unemployment", value="16万", probability=0.9)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_the_probabilities(lang: str) -> None:
    arguments = ["solve", "example", "--target", "pension.enterprise", "--probability", "80%"]
    done = CliRunner().invoke(app, [*arguments, "--draws", "16", "--lang", lang])
    assert done.exit_code == 0, done.stderr
    assert "80.0%" in done.stdout
    assert bool(re.search(r"[一-鿿]", done.stdout)) == (lang == "zh")
