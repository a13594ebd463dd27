"""Processor time of ``fsinsure run baseline`` without pictures, with the main ones, and with all.

Each run is a new interpreter that reports its own user and system seconds, so that this works on
every system and counts the imports. The least of some rounds is printed, in an order that changes
from round to round, since a shared machine is never equally busy.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

PLOTS = ("none", "main", "all")
COMMAND = """
import sys, time
from fsinsure.cli import app
try:
    app(sys.argv[1:])
finally:
    print(f"processor seconds: {time.process_time():.3f}")
"""


def processor_seconds(scenario: str, plots: str, folder: Path) -> float:
    """Return the processor time of one run in an interpreter of its own."""
    options = ["--plots", plots, "--out", str(folder / plots)]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", COMMAND, "run", scenario, *options],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return float(done.stdout.rsplit(": ", 1)[1])


def main() -> None:
    """Measure what the command line asks for."""
    command = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command.add_argument("--scenario", default="baseline", help="a scenario file or shipped name")
    command.add_argument("--rounds", type=int, default=3)
    asked = command.parse_args()
    seconds: dict[str, list[float]] = {plots: [] for plots in PLOTS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.rounds):
            for plots in PLOTS if number % 2 else PLOTS[::-1]:
                seconds[plots].append(processor_seconds(asked.scenario, plots, Path(folder)))
    print(f"fsinsure run {asked.scenario}, seconds of the processor, least of {asked.rounds}")
    for plots, measured in seconds.items():
        print(f"  --plots {plots:6}{min(measured):7.2f}")


if __name__ == "__main__":
    main()
