"""How long a run takes, by horizon and by draws; `make bench` runs this."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.base_year.closure import close_base
from fsinsure.base_year.closure_draws import close_draws
from fsinsure.engine.cohort import stream
from fsinsure.parameters import resolve


@pytest.mark.parametrize("horizon", [2021, 2025, 2050, 2095])
def test_one_scenario(benchmark, horizon) -> None:
    """Run a loaded scenario: close the base year, project, check the identities."""
    scenario = fs.load("baseline").with_({"horizon": horizon})
    result = benchmark(fs.run, scenario)
    assert result.projection.years[-1] == horizon
    benchmark.extra_info["ms_per_year"] = 1e3 * benchmark.stats["mean"] / (horizon - 2020)


def test_a_lever_and_a_rerun(benchmark) -> None:
    """Change one value of a loaded scenario and run it again."""
    scenario = fs.load("baseline")
    result = benchmark(lambda: fs.run(scenario.with_({"growth.flexible": "18%"})))
    assert result.projection.years[-1] == scenario.horizon


@pytest.mark.parametrize("money", [False, True], ids=["people", "money"])
@pytest.mark.parametrize(("draws", "horizon"), [(100, 2025), (1000, 2025), (100, 2050)])
def test_draws(benchmark, draws, horizon, money) -> None:
    """Project many draws in blocks (memory: ``benchmarks/memory.py``)."""
    parameters = resolve(fs.load("baseline").with_({"horizon": horizon}))
    base = close_base(parameters)
    years = horizon - 2020
    random = np.random.default_rng(0)
    growth = 0.01 + 0.003 * random.standard_normal((draws, years))
    wage = 0.05 + 0.01 * random.standard_normal((draws, years))
    held = parameters.with_base_coverage(base.coverage)
    drawn = held.with_draws({"growth.employee": growth, "wage.growth": wage})
    blocks = benchmark.pedantic(lambda: list(stream(drawn, base, money=money)), rounds=3)
    assert sum(block.enrollment.shape[1] for block in blocks) == draws
    benchmark.extra_info["us_per_scenario_year"] = 1e6 * benchmark.stats["mean"] / draws / years


def varied(parameters, draws):
    """Return parameters whose growth paths, wages and rates vary by draw."""
    random = np.random.default_rng(0)
    spread = {
        # Small enough that the pools last for 75 years.
        **{"growth.employee": 1e-4, "growth.flexible": 1e-4, "growth.resident": 1e-4},
        **{"wage.growth": 0.005, "pension.account_interest": 0.002, "labour.separation": 0.005},
        **{"migration.arrivals": 2000.0, "indexing.pension_rate": 0.005},
    }
    paths = {
        name: parameters.path(name) + size * random.standard_normal((draws, 1))
        for name, size in spread.items()
    }
    scalars = {
        "mortality.level": 1.0 + 0.05 * random.standard_normal(draws),
        "wage.mean": parameters.number("wage.mean") * (1 + 0.02 * random.standard_normal(draws)),
    }
    return parameters.with_draws(paths | scalars)


@pytest.mark.parametrize(("draws", "horizon"), [(256, 2025), (64, 2095)])
def test_draws_of_many_parameters(benchmark, draws, horizon) -> None:
    """Project people and money of draws of growth paths, wages and rates."""
    parameters = resolve(fs.load("baseline").with_({"horizon": horizon}))
    base = close_base(parameters)
    drawn = varied(parameters.with_base_coverage(base.coverage), draws)
    benchmark.pedantic(lambda: list(stream(drawn, base, money=True)), rounds=3)
    per_year = 1e6 * benchmark.stats["mean"] / draws / (horizon - 2020)
    benchmark.extra_info["us_per_scenario_year"] = per_year


def test_closing_draws(benchmark) -> None:
    """Close the base year for draws of its assumptions and of rates of the life course."""
    parameters, draws = resolve(fs.load("baseline")), 256
    random = np.random.default_rng(0)
    separation = float(parameters.path("labour.separation")[0])
    drawn = {
        "base.institution_share": np.clip(0.6 + 0.03 * random.standard_normal(draws), 0.0, 1.0),
        "base.dormant": 6e5 * (1.0 + 0.1 * random.standard_normal(draws)),
        "labour.separation": separation * (1.0 + 0.1 * random.standard_normal(draws)),
        "mortality.level": 1.0 + 0.05 * random.standard_normal(draws),
    }
    closed = benchmark.pedantic(lambda: close_draws(parameters, drawn), rounds=3)
    assert closed.closes.any()
    benchmark.extra_info["us_per_draw"] = 1e6 * benchmark.stats["mean"] / draws


@pytest.mark.parametrize("horizon", [2025, 2095])
def test_people_alone(benchmark, horizon) -> None:
    """Close the base year and project the people of one scenario, without the money they carry."""
    scenario = fs.load("baseline").with_({"horizon": horizon})

    def people() -> int:
        parameters = resolve(scenario)
        base = close_base(parameters)
        (counts,) = stream(parameters.with_base_coverage(base.coverage), base)
        return counts.enrollment.shape[1]

    assert benchmark(people) == 1


@pytest.mark.parametrize("people", [True, False], ids=["people", "money"])
def test_tornado(benchmark, people) -> None:
    """Move every assumption to both ends of its range."""
    subjects = ["measure.unemployment"] if people else None
    found = benchmark.pedantic(lambda: fs.sensitivity("baseline", subjects=subjects), rounds=3)
    assert len(found.setting.parameters) > 90


@pytest.mark.parametrize("people", [True, False], ids=["people", "money"])
def test_sobol_indices(benchmark, people) -> None:
    """Sobol indices of 20 parameters over 1,024 points, with the tornado that chooses them."""
    subjects = ["measure.unemployment", "measure.injury"] if people else None
    found = benchmark.pedantic(
        lambda: fs.sensitivity("baseline", "sobol", subjects=subjects), rounds=1
    )
    assert found.setting.points.count == 1024
    benchmark.extra_info["parameters"] = len(found.setting.parameters)


FIVE = {
    "growth.employee": ("0%", "12%"),
    "growth.flexible": ("-5%", "12%"),
    "coverage.injury.project_worker": ("0%", "40%"),
    "coverage.injury.platform_worker": ("0%", "40%"),
    "coverage.unemployment.flexible": ("0%", "20%"),
}
THREE = {"pension.enterprise": "520万", "unemployment": "400万", "injury": "440万"}


def test_solve_one_lever(benchmark) -> None:
    """Solve one lever for one target, with the latest start and the rerun of the file."""
    scenario = fs.load("baseline")
    answer = measured(
        benchmark,
        lambda: fs.solve(scenario, "pension.enterprise", value=THREE["pension.enterprise"]),
    )
    assert answer.found.met


@pytest.mark.parametrize("least", ["change", "cost"])
def test_solve_five_levers_for_three_targets(benchmark, least) -> None:
    """Solve five levers for three targets, with prices, the latest start and the rerun."""
    scenario = fs.load("baseline")
    answer = measured(
        benchmark, lambda: fs.solve(scenario, THREE, list(FIVE), least=least, bounds=FIVE)
    )
    assert answer.step.found.met


def measured(benchmark, call):
    """Return what a call gives, its processor time in the report."""
    times = []

    def timed():
        start = time.process_time()
        found = call()
        times.append(time.process_time() - start)
        return found

    found = benchmark.pedantic(timed, rounds=3, warmup_rounds=1)
    benchmark.extra_info["processor_seconds"] = min(times)
    return found


def test_a_workbook(benchmark, tmp_path) -> None:
    """Write the workbook of a result, its tables made anew each time."""
    result = fs.run("baseline")
    write = lambda: replace(result).to_excel(tmp_path / "plan.xlsx")  # noqa: E731
    assert benchmark(write).stat().st_size > 50_000
