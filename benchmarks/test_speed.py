"""How long a run takes, by horizon and by draws; `make bench` runs this."""

from __future__ import annotations

import pytest

import fsinsure as fs


@pytest.mark.parametrize("horizon", [2021, 2025, 2050, 2095])
def test_one_scenario(benchmark, horizon) -> None:
    """Run a loaded scenario: close the base year, project, check the identities."""
    scenario = fs.load("baseline").with_({"horizon": horizon})
    result = benchmark(fs.run, scenario)
    assert result.projection.years[-1] == horizon
    benchmark.extra_info["ms_per_year"] = 1e3 * benchmark.stats["mean"] / (horizon - 2020)
