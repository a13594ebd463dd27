"""How long the HTML page of a result takes from all that it shows; `make bench` runs this."""

from __future__ import annotations

import time

import fsinsure as fs


def test_page(benchmark, tmp_path) -> None:
    """Write the page of the baseline with draws, sensitivity and answers that are there."""
    scenario = fs.load("baseline")
    given = {
        "ensemble": fs.ensemble(scenario, 256),
        "sensitivity": fs.sensitivity(scenario),
        "answers": [fs.solve(scenario, one.measure) for one in scenario.targets],
    }
    result = given["ensemble"].central
    clock = time.process_time()
    file = benchmark(lambda: result.report(tmp_path / "page.html", **given))
    rounds = benchmark.stats["rounds"] + 1
    benchmark.extra_info["processor_seconds"] = (time.process_time() - clock) / rounds
    benchmark.extra_info["megabytes"] = file.stat().st_size / 1e6
