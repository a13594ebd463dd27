"""Parameters: what a scenario and the dated defaults say, as arrays by year, with provenance.

A *path* is a parameter with a value for every projected year; the others are *scalars*. Every
value can be traced: to the row of ``data/defaults.csv`` it comes from, or to the line of the
scenario file that sets it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import BASE_YEAR
from fsinsure.errors import InputError, did_you_mean
from fsinsure.scenario import YearPath, registry
from fsinsure.sources import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from fsinsure.scenario import Scenario

    Array = NDArray[np.float64]

HELD = "base"
"""Default of a coverage path: the share that closes the base year, held."""


@dataclass(frozen=True)
class Default:
    """One dated default: a value, from when, and why."""

    year: int | None
    value: str
    source: str
    confidence: str
    note: str


@dataclass(frozen=True)
class ParameterRow:
    """One line of the parameters table: a value in use and where it comes from."""

    parameter: str
    year: int | None
    value: float | str | None
    unit: str
    source: str
    confidence: str
    set_by: str


@cache
def defaults() -> dict[str, tuple[Default, ...]]:
    """Read the dated defaults of every parameter, in order of year."""
    found: dict[str, list[Default]] = {}
    for row in table("defaults"):
        year = int(row["year"]) if row["year"] else None
        found.setdefault(row["parameter"], []).append(
            Default(year, row["value"], row["source"], row["confidence"], row["note"])
        )
    return {
        name: tuple(sorted(entries, key=lambda entry: entry.year or 0))
        for name, entries in found.items()
    }


@dataclass(frozen=True, eq=False)
class Parameters:
    """Every parameter of a run, resolved.

    Parameters
    ----------
    scenario
        Where the overrides come from.
    years
        The projected years ``[year]``, the base year not among them.
    paths
        For each path its values ``[..., year]`` (a leading draw axis where they vary by draw).
        A path that is held at the base year is not among them until :meth:`hold`.
    scalars
        The other parameters; ``None`` is "none" for a year.
    """

    scenario: Scenario
    years: NDArray[np.int64]
    paths: Mapping[str, Array]
    scalars: Mapping[str, float | str | None]

    def path(self, name: str) -> Array:
        """Return the values ``[..., year]`` of a path."""
        return self.paths[name]

    def number(self, name: str) -> float:
        """Return a scalar that is a number."""
        value = self.scalars[name]
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is {value!r}, not a number")
        return float(value)

    def is_held(self, name: str) -> bool:
        """Tell whether a path is held at its base-year value."""
        return name not in self.scenario.values and defaults()[name][0].value == HELD

    def hold(self, base: Mapping[str, float]) -> Parameters:
        """Return these parameters with the held paths at their base-year values."""
        held = {
            name: np.full(len(self.years), value)
            for name, value in base.items()
            if name not in self.paths
        }
        return replace(self, paths={**self.paths, **held})

    def with_paths(self, changed: Mapping[str, Array]) -> Parameters:
        """Return these parameters with some paths replaced, for example by draws.

        Parameters
        ----------
        changed
            Values ``[year]`` or ``[draw, year]`` by path name; the draw axes must agree.

        Raises
        ------
        InputError
            If a name is not a path or the years do not fit, or values leave the bounds.
        """
        known = registry()
        for name, values in changed.items():
            if name not in known or known[name].kind != "path":
                raise InputError(f"{name!r} is not a path.{did_you_mean(name, known)}")
            if np.shape(values)[-1] != len(self.years):
                raise InputError(
                    f"{name} needs one value for each of the {len(self.years)} years "
                    f"{self.years[0]}-{self.years[-1]}, got {np.shape(values)[-1]}"
                )
            low, high = known[name].low, known[name].high
            if low is not None and high is not None:
                outside = (np.asarray(values) < low) | (np.asarray(values) > high)
                if outside.any() or np.isnan(values).any():
                    raise InputError(f"{name} must lie between {low:g} and {high:g} in every draw")
        return replace(self, paths={**self.paths, **changed})

    @property
    def draws(self) -> int | None:
        """Number of draws, or None for a single projection."""
        sizes = {values.shape[0] for values in self.paths.values() if values.ndim > 1}
        if len(sizes) > 1:
            raise InputError(f"paths disagree on the number of draws: {sorted(sizes)}")
        return sizes.pop() if sizes else None

    def block(self, draws: slice) -> Parameters:
        """Return the parameters of some of the draws."""
        return replace(
            self,
            paths={
                name: values[draws] if values.ndim > 1 else values
                for name, values in self.paths.items()
            },
        )

    def rows(self) -> Iterator[ParameterRow]:
        """Yield every value in use with its provenance, in the order of the registry."""
        for name, parameter in registry().items():
            if parameter.kind == "path":
                for index, year in enumerate(self.years):
                    value = float(self.paths[name][..., index])
                    yield self._row(name, int(year), value, parameter.unit)
            else:
                yield self._row(name, None, self.scalars[name], parameter.unit)

    def _row(
        self, name: str, year: int | None, value: float | str | None, unit: str
    ) -> ParameterRow:
        if name in self.scenario.values:
            set_by = str(self.scenario.origins[name])
            return ParameterRow(name, year, value, unit, "scenario", "assumption", set_by)
        entry = _in_force(defaults()[name], year)
        return ParameterRow(name, year, value, unit, entry.source, entry.confidence, "default")


def _in_force(entries: Sequence[Default], year: int | None) -> Default:
    if year is None:
        return entries[0]
    return [entry for entry in entries if entry.year is not None and entry.year <= year][-1]


def resolve(scenario: Scenario) -> Parameters:
    """Resolve a scenario over the dated defaults for every year up to its horizon."""
    years = np.arange(BASE_YEAR + 1, scenario.horizon + 1)
    paths: dict[str, Array] = {}
    scalars: dict[str, float | str | None] = {}
    for name, parameter in registry().items():
        entries = defaults()[name]
        if parameter.kind == "path":
            if name in scenario.values:
                path = scenario.values[name]
                assert isinstance(path, YearPath)
                paths[name] = path.at(years)
            elif entries[0].value != HELD:
                points = tuple((entry.year or BASE_YEAR, float(entry.value)) for entry in entries)
                paths[name] = YearPath(points).at(years)
        elif name in scenario.values:
            value = scenario.values[name]
            assert not isinstance(value, YearPath)
            scalars[name] = value
        else:
            text = entries[0].value
            scalars[name] = text if parameter.kind == "choice" else float(text)
    return Parameters(scenario, years, paths, scalars)
