"""Processor time until fsinsure is imported, has run a scenario, or has shown help.

Each is the least of some runs in new interpreters, in turn, and is printed beside the time that
importing numpy takes. Compiled bytecode is there from the first run on, as after an installation,
unless PYTHONDONTWRITEBYTECODE is set.
"""

from __future__ import annotations

import subprocess
import sys

REPEAT = 7
HELP = """
import sys
sys.argv = ["fsinsure", "--help"]
from fsinsure.cli import main
try:
    main()
except SystemExit:
    pass
"""
RUN = "import fsinsure as fs; result = fs.run('baseline')"
CASES = {
    "import numpy": "import numpy",
    "import pandas": "import pandas",
    "import fsinsure": "import fsinsure",
    "import fsinsure and use load": "import fsinsure; fsinsure.load",
    "import fsinsure and use run": "import fsinsure; fsinsure.run",
    "first run": RUN,
    "first run and its targets": f"{RUN}; result.targets",
    "fsinsure --help": HELP,
}
REPORT = "\nimport time; print(f'\\nprocessor seconds: {time.process_time()}')"


def seconds(code: str) -> float:
    """Return the processor time of a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code + REPORT],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return float(done.stdout.rsplit(": ", 1)[1])


if __name__ == "__main__":
    measured: dict[str, list[float]] = {name: [] for name in CASES}
    empty = min(seconds("") for _ in range(REPEAT))
    for _ in range(REPEAT):
        for name, code in CASES.items():
            measured[name].append(seconds(code))
    numpy = min(measured["import numpy"]) - empty
    print(f"{'':30}{'s':>8}{'x numpy':>10}   (x numpy without starting the interpreter)")
    for name, times in measured.items():
        print(f"{name:30}{min(times):8.3f}{(min(times) - empty) / numpy:10.2f}")
