"""How long it takes to import fsinsure and to ask the command for help, beside importing numpy."""

from __future__ import annotations

import subprocess
import sys
import time

REPEAT = 7
CASES = {
    "import numpy": ["-c", "import numpy"],
    "import fsinsure": ["-c", "import fsinsure"],
    "import fsinsure and use load": ["-c", "import fsinsure; fsinsure.load"],
    "import fsinsure and use run": ["-c", "import fsinsure; fsinsure.run"],
    "fsinsure --help": ["-m", "fsinsure", "--help"],
}


def seconds(arguments: list[str]) -> float:
    """Return the fastest of some runs in a new interpreter."""
    times = []
    for _ in range(REPEAT):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    empty = seconds(["-c", ""])
    measured = {name: seconds(arguments) for name, arguments in CASES.items()}
    numpy = measured["import numpy"] - empty
    print(f"{'':30}{'s':>8}{'x numpy':>10}   (x numpy without starting the interpreter)")
    for name, total in measured.items():
        print(f"{name:30}{total:8.3f}{(total - empty) / numpy:10.2f}")
