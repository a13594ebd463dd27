"""Targets: the number of people that a measure is to count in a year."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.errors import Position
    from fsinsure.units import Quantity


@dataclass(frozen=True)
class Target:
    """A target of a scenario.

    Parameters
    ----------
    measure
        The measure, such as ``pension.enterprise``.
    year
        The year, at the end of which it is counted.
    value
        Persons.
    baseline
        The published base-year figure that the target is compared with, persons; checked against
        the measure in `fsinsure.checks`.
    baseline_tolerance
        Half a unit of the last digit of the baseline as written, persons: 50 for ``341.30万``.
        Zero without a baseline.
    source
        Where the target is published.
    position
        Where it stands in a file.
    """

    measure: str
    year: int
    value: float
    baseline: float | None = None
    baseline_tolerance: float = 0.0
    source: str | None = None
    position: Position | None = None

    @property
    def entry(self) -> dict[str, object]:
        """What a file would hold; the baseline keeps its digits, which give its tolerance."""
        found: dict[str, object] = {"measure": self.measure, "year": self.year, "value": self.value}
        if self.baseline is not None:
            last = Decimal(repr(self.baseline_tolerance * 2)).adjusted()
            exact = Decimal(self.baseline).quantize(Decimal(1).scaleb(last))
            found["baseline"] = f"{exact.scaleb(-4)}万"
        return {**found, "source": self.source} if self.source else found


def build(entry: Mapping[str, Any], position: Position | None) -> Target:
    """Build a target from the values of an entry, by key of the file."""
    baseline: Quantity | None = entry.get("baseline")
    return Target(
        measure=entry["measure"],
        year=entry["year"],
        value=float(entry["value"].amount),
        baseline=float(baseline.amount) if baseline else None,
        baseline_tolerance=float(baseline.step / 2) if baseline else 0.0,
        source=entry.get("source"),
        position=position,
    )
