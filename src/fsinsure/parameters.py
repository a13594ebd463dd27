"""Parameters: what a scenario and the dated defaults say, by year, with provenance.

A *path* has a value for every projected year, a *table* a value for each of its keys and every
year; the others are *scalars*. Every value can be traced: to the row of ``data/defaults.csv`` it
comes from, or to the line of the scenario file that sets it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import BASE_YEAR
from fsinsure.errors import InputError, Position, did_you_mean
from fsinsure.scenario import TablePath, YearPath, registry
from fsinsure.scenario.explain import value_text
from fsinsure.scenario.paths import date_at, date_text, table_path
from fsinsure.scenario.registry import HELD
from fsinsure.sources import table
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array
    from fsinsure.scenario import Scenario
    from fsinsure.scenario.paths import Date, Table


GROWTH = {"wage": "wage.growth", "price": "price.growth"}
"""What a dated amount can grow with after its last known year."""


@dataclass(frozen=True)
class Default:
    """One dated default: a value, from when, and why. `key` is that of a table, else 0."""

    key: int
    year: int | None
    month: int
    value: str
    source: str
    confidence: str
    note: str

    @property
    def date(self) -> Date:
        """When it starts; a default without a date holds from the base year on."""
        return date_at(self.year or BASE_YEAR, self.month)


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
    """Read the dated defaults of every parameter, in order of year.

    A key of a table has rows of its own, named ``pension.annuity_divisors.60``.
    """
    found: dict[str, list[Default]] = {}
    for row in table("defaults"):
        year, _, month = row["year"].partition("-")
        name, key = row["parameter"], "0"
        if name not in registry():
            name, _, key = name.rpartition(".")
        found.setdefault(name, []).append(
            Default(
                int(key),
                int(year) if year else None,
                int(month or 1),
                *(row[column] for column in ("value", "source", "confidence", "note")),
            )
        )
    return {name: tuple(sorted(rows, key=lambda row: row.date)) for name, rows in found.items()}


@cache
def base_year_value(name: str) -> float:
    """Return the default of a path in force at the end of the base year, or its first one."""
    entries = defaults()[name]
    known = [entry for entry in entries if int(entry.date) <= BASE_YEAR]
    return float((known or entries[:1])[-1].value)


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
        A path that is held at the base year is not among them until :meth:`with_base_coverage`.
    scalars
        The parameters of one value; ``None`` is "none" for a year.
    tables
        The tables, also those in force before the first projected year.
    """

    scenario: Scenario
    years: NDArray[np.int64]
    paths: Mapping[str, Array]
    scalars: Mapping[str, float | str | None]
    tables: Mapping[str, TablePath]

    def path(self, name: str) -> Array:
        """Return the values ``[..., year]`` of a path."""
        return self.paths[name]

    def number(self, name: str) -> float:
        """Return a scalar that is a number."""
        value = self.scalars[name]
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is {value!r}, not a number")
        return float(value)

    def table(self, name: str, year: int) -> Table:
        """Return a table of the law: the keys, ascending, and their values in a year."""
        return self.tables[name].at(year)

    def dated_values(self, name: str) -> tuple[tuple[Date, float], ...]:
        """Return what a path was set to, with the date from which each value holds.

        Empty for a path that is a line between years. Growth after the last known year and draws
        are not included.
        """
        if name not in self.scenario.values:
            return tuple((entry.date, float(entry.value)) for entry in defaults()[name])
        path = self.scenario.values[name]
        assert isinstance(path, YearPath)
        return () if path.linear else path.points

    def position(self, *names: str) -> Position | None:
        """Return where the first of some keys that a file sets is set."""
        for name in names:
            origin = self.scenario.origins.get(name)
            if name in self.scenario.values and isinstance(origin, Position):
                return origin
        return None

    def with_base_coverage(self, base: Mapping[str, float]) -> Parameters:
        """Return these parameters with the held paths at their base-year values."""
        held = {name: np.full(len(self.years), value) for name, value in base.items()}
        return replace(self, paths={**held, **self.paths})

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
        return _extend(replace(self, paths={**self.paths, **changed}), but=changed)

    @property
    def draws(self) -> int | None:
        """Number of draws, or None for a single projection."""
        sizes = {values.shape[0] for values in self.paths.values() if values.ndim > 1}
        if len(sizes) > 1:
            raise InputError(f"paths disagree on the number of draws: {sorted(sizes)}")
        return sizes.pop() if sizes else None

    def select_draws(self, draws: slice) -> Parameters:
        """Return the parameters of some of the draws."""
        chosen = {name: v[draws] if v.ndim > 1 else v for name, v in self.paths.items()}
        return replace(self, paths=chosen)

    def rows(self) -> Iterator[ParameterRow]:
        """Yield every value in use with its provenance, in the order of the registry.

        A key of a table is a row, ``pension.annuity_divisors.60``. The reliefs of the scenario
        follow, each as a text at its year.
        """
        for name, parameter in registry().items():
            if parameter.kind == "path":
                for index, year in enumerate(self.years):
                    value = float(self.paths[name][..., index])
                    yield self._row(name, int(year), value, parameter.unit)
            elif parameter.kind == "table":
                for year in self.years.tolist():
                    for key, value in zip(*self.table(name, year), strict=True):
                        yield self._row(name, year, value, parameter.unit, key)
            else:
                yield self._row(name, None, self.scalars[name], parameter.unit)
        for index, relief in enumerate(self.scenario.relief):
            name, text = f"relief[{index}]", f"{', '.join(relief.insurance)}: {relief.text}"
            source = ("scenario", "assumption", self.scenario.set_by("relief", relief.position))
            yield ParameterRow(name, relief.year, text, "relief", *source)

    def _row(
        self, name: str, year: int | None, value: float | str | None, unit: str, key: int = 0
    ) -> ParameterRow:
        own = self.scenario.values.get(name)
        shown = f"{name}.{key}" if name in self.tables else name
        # Before the first year that a scenario sets, a table is that of the law.
        before = isinstance(own, TablePath) and year is not None and year < own.points[0][0]
        if name in self.scenario.values and not before:
            set_by = str(self.scenario.origins[name])
            return ParameterRow(shown, year, value, unit, "scenario", "assumption", set_by)
        entry = _in_force([one for one in defaults()[name] if one.key == key], year)
        last = self.extended.get(name)
        grown = year is not None and last is not None and year > last
        set_by = f"extended from {last}" if grown else "default"
        return ParameterRow(shown, year, value, unit, entry.source, entry.confidence, set_by)

    @cached_property
    def extended(self) -> dict[str, int]:
        """The dated amounts that run past their last known year, and that year."""
        found = {}
        for name, parameter in registry().items():
            if parameter.extend in GROWTH and name not in self.scenario.values:
                last = int(defaults()[name][-1].date)
                if last < self.years[-1]:
                    found[name] = last
        return found


def in_force(steps: Sequence[tuple[Date, float]], date: Date) -> float:
    """Return the value that holds at a date; none (NaN) before the first.

    >>> in_force([(2021, 1.0), (2022.5, 2.0)], 2022.5)
    2.0
    """
    return [math.nan, *(value for start, value in steps if start <= date)][-1]


def _in_force(entries: Sequence[Default], year: int | None) -> Default:
    if year is None:
        return entries[0]
    return [entry for entry in entries if entry.year is not None and entry.year <= year][-1]


def defaults_in_force(scenario: Scenario) -> list[tuple[str, str, str, str, str]]:
    """List the dated law and statistics that a scenario leaves at their defaults.

    Returns
    -------
    list of tuple
        Key, from when, value as YAML has it, confidence and source of every entry in force in a
        projected year, for the keys that have at least one published value. The cells of
        a table with the same date and source are one entry.
    """
    rows = []
    for name, parameter in registry().items():
        entries = defaults()[name]
        if name in scenario.values or all(one.confidence == "assumption" for one in entries):
            continue
        for (date, confidence, source), group in groupby(
            [one for one in entries if _applies(one, entries, scenario.horizon)],
            lambda one: (one.date, one.confidence, one.source),
        ):
            found = list(group)
            text = found[0].value
            if parameter.kind == "table":
                cells = sorted((one.key, float(one.value)) for one in found)
                text = value_text(dict(cells), parameter.unit)
            elif parameter.kind != "choice":
                text = show(float(text), parameter.unit)
            rows.append((name, date_text(date) if found[0].year else "", text, confidence, source))
    return rows


def _applies(entry: Default, entries: Sequence[Default], horizon: int) -> bool:
    """Whether an entry is in force at some time between the first projected year and a horizon."""
    later = [one.date for one in entries if one.key == entry.key and one.date > entry.date]
    return min(later, default=math.inf) > BASE_YEAR + 1 and int(entry.date) <= horizon


def resolve(scenario: Scenario) -> Parameters:
    """Resolve a scenario over the dated defaults for every year up to its horizon."""
    years = np.arange(BASE_YEAR + 1, scenario.horizon + 1)
    paths: dict[str, Array] = {}
    scalars: dict[str, float | str | None] = {}
    tables: dict[str, TablePath] = {}
    for name, parameter in registry().items():
        entries, own = defaults()[name], scenario.values.get(name)
        if parameter.kind == "table":
            tables[name] = _tables(name, scenario)
        elif isinstance(own, YearPath):
            paths[name] = own.at(years)
        elif parameter.kind == "path":
            if entries[0].value != HELD:
                points = tuple((entry.date, float(entry.value)) for entry in entries)
                paths[name] = YearPath(points).at(years)
        elif name in scenario.values:
            assert not isinstance(own, TablePath)
            scalars[name] = own
        else:
            text = entries[0].value
            scalars[name] = text if parameter.kind == "choice" else float(text)
    return _extend(Parameters(scenario, years, paths, scalars, tables))


def _tables(name: str, scenario: Scenario) -> TablePath:
    """Return a table by year: that of the law up to the first year that a scenario sets."""
    law = table_path((int(one.date), one.key, float(one.value)) for one in defaults()[name])
    own = scenario.values.get(name)
    if not isinstance(own, TablePath):
        return law
    before = [point for point in law.points if point[0] < own.points[0][0]]
    # Of equal tables that follow one another the first is kept.
    same = groupby([*before, *own.points], lambda point: point[1])
    return TablePath(tuple(next(points) for _, points in same))


def _extend(known: Parameters, but: Collection[str] = ()) -> Parameters:
    """Extend amounts with growth after their last known year, except those of `but`."""
    paths = dict(known.paths)
    for name, last, full, growing in _growing(known):
        if name in but:
            continue
        growth = known.path(GROWTH[growing])
        beyond = known.years > last
        index = np.cumprod(np.where(beyond, 1.0 + growth, 1.0), axis=-1)
        paths[name] = np.where(beyond, full * index, paths[name])
    return replace(known, paths=paths)


def _growing(known: Parameters) -> Iterator[tuple[str, int, float, str]]:
    """Yield each amount that grows: its name, its last year, its last value, and with what.

    What starts within its last year has its full-year value from the year after.
    """
    for name, last in known.extended.items():
        yield name, last, float(defaults()[name][-1].value), registry()[name].extend
    for name, path in known.scenario.values.items():
        if isinstance(path, YearPath) and path.then in GROWTH:
            yield name, int(path.last), path.points[-1][1], path.then
