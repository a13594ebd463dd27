"""Targets: the number of people that a measure is to count in a year."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsinsure.errors import Position


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
