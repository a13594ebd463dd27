"""The levers of the page: which they are, their own values, and the steps of their sliders.

Names, units and bounds are those of the registry. A slider shows the value of one year (the mean of
the areas where they differ); to move it changes every open year by the same amount, as
:func:`fsinsure.solve` does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from fsinsure.analysis.solve import Lever
from fsinsure.app.svg import tidy_step
from fsinsure.paths import AreaPaths, YearPath
from fsinsure.registry import SECTIONS, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.registry import Parameter
    from fsinsure.scenario import Scenario
    from fsinsure.scenario.scenario import Value

MAIN: Final = ("growth.", "coverage.", "indexing.pension_rate", "response.")
"""What the names of the levers begin with; the closing levers of the region join them."""

FEWEST_STEPS: Final = 200
"""Steps of a slider, at least."""

WIDER: Final = 2.0
"""How far a slider goes beyond the range of an assumption, of the width of the range."""

DIGITS: Final = 10
"""Decimals of a value that a slider sets: a file has no digits of rounding."""


@dataclass(frozen=True, eq=False)
class Slider:
    """One lever of a scenario as a slider.

    Parameters
    ----------
    lever
        The parameter, with its own values.
    year
        The year whose value is shown.
    """

    lever: Lever
    year: int

    @property
    def name(self) -> str:
        """The name of the parameter."""
        return self.lever.name

    @property
    def known(self) -> Parameter:
        """The parameter in the registry."""
        return registry()[self.name]

    @property
    def section(self) -> str:
        """The section of the registry that it belongs to."""
        return self.name.split(".", 1)[0]

    @property
    def unit(self) -> str:
        """The sign of the unit as shown: of shares only."""
        return "%" if self.known.unit == "fraction" else ""

    @property
    def factor(self) -> float:
        """What the base unit is multiplied by: shares are shown in percent."""
        return 100.0 if self.known.unit == "fraction" else 1.0

    @cached_property
    def own(self) -> float:
        """The value of the scenario in the year, base units."""
        return float(self.lever.own[self.lever.years == self.year].mean())

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The ends of the slider in base units, within the bounds of the registry."""
        low, high = self.known.low, self.known.high
        assert low is not None
        assert high is not None
        found = self._range()
        if found is None:
            return low, high
        width = WIDER * (found[1] - found[0])
        return max(low, min(found[0] - width, self.own)), min(high, max(found[1] + width, self.own))

    def _range(self) -> tuple[float, float] | None:
        """Return the 10th and 90th percentile that the region assumes; None if it does not."""
        values = self.lever.scenario.region.values.get(self.name, ())
        dated = [one for one in values if one.date is None or int(one.date) <= self.year]
        if not dated or dated[-1].low is None or dated[-1].high is None:
            return None
        return dated[-1].low, dated[-1].high

    @cached_property
    def step(self) -> float:
        """The step as shown: 1, 2 or 5 of a power of ten."""
        low, high = self.ends
        return tidy_step((high - low) * self.factor, FEWEST_STEPS)

    @property
    def decimals(self) -> int:
        """Decimals of a value as shown, one more than the step has."""
        return max(0, 1 - math.floor(math.log10(self.step) + 1e-9))

    @property
    def start(self) -> float:
        """The value of the scenario as shown."""
        return self.shown(self.own)

    def shown(self, value: float) -> float:
        """Return a value in base units as shown, rounded."""
        return round(value * self.factor, self.decimals) + 0.0

    def steps(self, *others: float) -> list[float]:
        """Return the values of the slider as shown: multiples of the step, its own, and others."""
        low, high = (end * self.factor for end in self.ends)
        first, last = math.ceil(low / self.step - 1e-9), math.floor(high / self.step + 1e-9)
        grid = {round(count * self.step, self.decimals) + 0.0 for count in range(first, last + 1)}
        return sorted(grid | {self.start, *others})

    def change(self, shown: float) -> float:
        """Return the change of the lever in base units; zero where it is shown as it was."""
        return 0.0 if shown == self.start else shown / self.factor - self.own

    def setting(self, shown: float) -> Value:
        """Return what a scenario sets so that the slider is there."""
        return _rounded(self.lever.setting(self.lever.first, self.change(shown)))


def _rounded(value: Value) -> Value:
    """Return a number or a path without the digits of rounding."""
    if isinstance(value, YearPath):
        points = tuple((year, round(one, DIGITS)) for year, one in value.points)
        return replace(value, points=points)
    if isinstance(value, AreaPaths):
        paths = ((area, _rounded(path)) for area, path in value.paths)
        return replace(value, paths=tuple((a, p) for a, p in paths if isinstance(p, YearPath)))
    return round(value, DIGITS) if isinstance(value, float) else value


@lru_cache(maxsize=16)
def sliders(scenario: Scenario, year: int) -> tuple[Slider, ...]:
    """Return the levers of a scenario in the order of the registry.

    Parameters
    ----------
    scenario
        What it observes is solved.
    year
        The year whose values are shown.
    """
    region = scenario.region
    names = [
        name
        for name, known in registry().items()
        if known.kind in ("path", "scalar")
        and (name.startswith(MAIN) or name in region.closing_levers.values())
        and (name in scenario.values or name in region.values)
    ]
    found = (Slider(Lever(scenario, name, scenario.horizon), year) for name in names)
    return tuple(one for one in found if one.lever.first <= year)


def sections(found: Sequence[Slider], lang: str) -> dict[str, list[Slider]]:
    """Return sliders by the name of their section in a language, ``zh`` or ``en``."""
    groups: dict[str, list[Slider]] = {}
    for one in found:
        groups.setdefault(SECTIONS[one.section][lang == "en"], []).append(one)
    return groups


def year_shown(scenario: Scenario) -> int:
    """Return the year whose values are shown: that of the last target, or the horizon."""
    due = [one.year for one in scenario.targets if one.year <= scenario.horizon]
    return max(due, default=scenario.horizon)
