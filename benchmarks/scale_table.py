"""The table of what was measured: ``benchmarks/scale.csv``."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("scale.csv")
SERIES: Final = ("persons", "years", "threads", "workers", "larger")


@dataclass(frozen=True)
class Measured:
    """What a run took."""

    series: str
    kernel: str
    persons: int
    years: int
    threads: int
    dask: bool
    seconds: float
    cpu_seconds: float
    peak_mb: float
    """The interpreter and, for each worker of a cluster, the largest of them."""

    @property
    def nanoseconds(self) -> float:
        """Of the processor, a person and year: other work on the machine disturbs it least."""
        return 1e9 * self.cpu_seconds / self.persons / self.years


def read() -> list[Measured]:
    """Return what was measured before."""
    if not TABLE.exists():
        return []
    kinds = {field.name: field.type for field in fields(Measured)}
    cast = {"str": str, "int": int, "float": float, "bool": lambda text: text == "True"}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Measured(**{name: cast[str(kinds[name])](text) for name, text in row.items()})
            for row in csv.DictReader(file)
        ]


def write(rows: list[Measured]) -> None:
    """Write the table."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [field.name for field in fields(Measured)], lineterminator="\n"
        )
        writer.writeheader()
        for row in rows:
            writer.writerow(
                asdict(row)
                | {
                    "seconds": f"{row.seconds:.3f}",
                    "cpu_seconds": f"{row.cpu_seconds:.3f}",
                    "peak_mb": f"{row.peak_mb:.0f}",
                }
            )
