"""Parameters: what a scenario, its region and the law say, by year, with provenance.

A *path* has a value for every projected year, a *table* a value for each of its keys and every
year, a *profile* a weight for some ages; the others are *scalars*. Every value can be traced: to
the layer of law or the region that it comes from, or to the line of the scenario file that sets
it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.draws import WITH_AREAS, checked, count, varying
from fsinsure.errors import InputError, Position
from fsinsure.messages import separated
from fsinsure.paths import AreaPaths, Table, TablePath, YearPath, date_text, table_path
from fsinsure.region.region import of_area, points_of
from fsinsure.registry import HELD, NONE, registry
from fsinsure.scenario.observe import lay_over

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.paths import Date
    from fsinsure.region.region import Region, Value
    from fsinsure.registry import Parameter
    from fsinsure.scenario import Scenario
    from fsinsure.scenario.scenario import Value as ScenarioValue


GROWTH = {"wage": "wage.growth", "price": "price.growth"}
"""What a dated amount can grow with after its last known year."""

Scalar: TypeAlias = "float | str | Array | None"


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
        The parameters of one value, a number ``[draw]`` where it varies by draw; ``None`` is
        "none" for a year.
    tables
        The tables, also those in force before the first projected year.
    profiles
        The age profiles.
    area_paths
        The paths that differ by area ``[..., year, area]``; they are not among `paths`.
    limited
        Whether growth ends where there are no more people who could enter; otherwise that is an
        error.
    """

    scenario: Scenario
    years: NDArray[np.int64]
    paths: Mapping[str, Array]
    scalars: Mapping[str, Scalar]
    tables: Mapping[str, TablePath]
    profiles: Mapping[str, Table]
    area_paths: Mapping[str, Array] = field(default_factory=dict)
    limited: bool = False

    @property
    def region(self) -> Region:
        """The region of the scenario."""
        return self.scenario.region

    def path(self, name: str) -> Array:
        """Return the values ``[..., year]`` of a path."""
        return self.paths[name]

    def by_area(self, name: str) -> Array:
        """Return the values ``[..., year, area]`` of a path; one area where all are alike."""
        found = self.area_paths.get(name)
        return self.paths[name][..., None] if found is None else found

    def profile(self, name: str) -> Array:
        """Return an age profile ``[sex, age]``, linear between its ages and zero outside.

        Parameters
        ----------
        name
            ``arrival``, ``departure``, or a status with a growth path.
        """
        ages = np.arange(AGES)
        knots = [self.profiles[f"profile.{name}.{sex}"] for sex in SEXES]
        return np.stack([np.interp(ages, *one, left=0.0, right=0.0) for one in knots])

    def number(self, name: str) -> float:
        """Return a scalar that is one number.

        Raises
        ------
        InputError
            If it varies by draw.
        """
        value = self.scalars[name]
        if isinstance(value, np.ndarray):
            raise InputError(
                "{name} varies by draw, and one number is needed: select a draw", name=name
            )
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is {value!r}, not a number")
        return float(value)

    def constant(self, name: str) -> Array:
        """Return a scalar that is a number as a path ``[..., 1]``: the same in every year."""
        return self.constants[name]

    @cached_property
    def constants(self) -> dict[str, Array]:
        """Every scalar that is a number, as :meth:`constant`."""
        single = {name: one for name, one in self.scalars.items() if isinstance(one, int | float)}
        values = np.array([*single.values()], dtype=np.float64)[:, None]
        found: dict[str, Array] = dict(zip(single, values, strict=True))
        return found | {name: one[..., None] for name, one in varying([self.scalars]).items()}

    def table(self, name: str, year: int) -> Table:
        """Return a table of the law: the keys, ascending, and their values in a year."""
        return self.tables[name].at(year)

    def dated_values(self, name: str) -> tuple[tuple[Date, float], ...]:
        """Return what a path was set to, with the date from which each value holds.

        Empty for a path that is a line between years. Growth after the last known year and draws
        are not included.
        """
        if name not in self.scenario.values:
            values = self.region.values[name]
            return () if any(one.area for one in values) else points_of(values)
        path = self.scenario.values[name]
        return path.points if isinstance(path, YearPath) and not path.linear else ()

    def position(self, *names: str) -> Position | None:
        """Return where the first of some keys is set, in a file of the scenario or of the region.

        None if all were set from Python.
        """
        for name in names:
            origin = self.scenario.origins.get(name)
            if name in self.scenario.values and isinstance(origin, Position):
                return origin
        set_here = [name for name in names if name in self.scenario.values]
        given = [name for name in names if name in self.region.values]
        return None if set_here or not given else self.region.values[given[0]][0].where

    def with_base_coverage(self, base: Mapping[str, float | Array]) -> Parameters:
        """Return these parameters with the held paths at their base-year values, anew if need be.

        Parameters
        ----------
        base
            By path a share, or shares ``[draw]``.
        """
        held = {
            name: np.repeat(np.asarray(value)[..., None], len(self.years), axis=-1)
            for name, value in base.items()
            if name not in self.area_paths and (name not in self.paths or self._is_held(name))
        }
        return _laid_over(replace(self, paths={**self.paths, **held}))

    def _is_held(self, name: str) -> bool:
        values = self.region.values.get(name, ())
        return name not in self.scenario.values and any(one.text == HELD for one in values)

    def with_draws(self, changed: Mapping[str, ArrayLike]) -> Parameters:
        """Return these parameters with other numbers and paths, for example by draws.

        The base year stays as it was closed. Amounts that grow with wages or prices follow where
        these change, but for those that are given.

        Parameters
        ----------
        changed
            Values by name: of a number ``[draw]`` (or one for all draws), of a path
            ``[draw, year]`` (or ``[year]``), or ``[draw, year, area]`` where areas may differ; a
            path without areas holds in all of them. The draw axes must agree.

        Raises
        ------
        InputError
            As of :func:`fsinsure.draws.checked`, which also says what cannot vary by draw
            (:data:`fsinsure.draws.ALIKE`).
        """
        codes = self.region.codes
        found = {name: checked(name, one, self.years, codes) for name, one in changed.items()}
        scalars, paths, area_paths = dict(self.scalars), dict(self.paths), dict(self.area_paths)
        for name, values in found.items():
            if registry()[name].kind == "scalar":
                scalars[name] = values if values.ndim else float(values)
                continue
            paths.pop(name, None)
            area_paths.pop(name, None)
            (area_paths if values.ndim == WITH_AREAS else paths)[name] = values
        known = replace(self, scalars=scalars, paths=paths, area_paths=area_paths)
        grown = any(name in found for name in GROWTH.values())
        known = _extend(known, but=found) if grown else known
        if known.draws == 0:  # draw axes that disagree are refused here, too
            raise InputError("a projection needs at least one draw")
        return known

    @property
    def draws(self) -> int | None:
        """Number of draws, or None for a single projection.

        Raises
        ------
        InputError
            If parameters disagree.
        """
        groups = (self.scalars, self.paths, self.area_paths)
        return count(varying(groups))

    def select_draws(self, draws: slice | int | Ints) -> Parameters:
        """Return the parameters of some of the draws, or of one draw as a single projection."""
        groups = (self.scalars, self.paths, self.area_paths)
        drawn = varying(groups)
        some = [{name: drawn[name][draws] for name in group if name in drawn} for group in groups]
        return replace(
            self,
            scalars={**self.scalars, **some[0]},
            paths={**self.paths, **some[1]},
            area_paths={**self.area_paths, **some[2]},
        )

    @cached_property
    def extended(self) -> dict[str, int]:
        """The dated amounts that run past their last known year, and that year."""
        found = {}
        for name, parameter in registry().items():
            if parameter.extend in GROWTH and name not in self.scenario.values:
                last = int(self.region.values[name][-1].date or 0)
                if last < self.years[-1]:
                    found[name] = last
        return found


def resolve(scenario: Scenario) -> Parameters:
    """Resolve a scenario over its region and the law for every year up to its horizon.

    Raises
    ------
    ValueError
        If the levers that meet what the scenario observes have not been solved.
    """
    if scenario.observes and scenario.solved is None:
        raise ValueError(f"solve what {scenario.name} observes first: fsinsure.analysis.observe")
    region = scenario.region
    years = np.arange(region.first_year, scenario.horizon + 1)
    paths: dict[str, Array] = {}
    area_paths: dict[str, Array] = {}
    profiles: dict[str, Table] = {}
    scalars: dict[str, Scalar] = {}
    tables: dict[str, TablePath] = {}
    for name, parameter in registry().items():
        entries, own = region.values.get(name, ()), scenario.values.get(name)
        if own is None and not entries:  # optional
            continue
        if parameter.kind == "table":
            tables[name] = _tables(name, scenario)
        elif parameter.kind == "profile":
            knots = zip(*((one.key, float(one.text)) for one in entries), strict=True)
            profiles[name] = own if isinstance(own, Table) else Table(*knots)
        elif isinstance(own, AreaPaths):
            by_area = [own.of(area).at(years) for area in region.codes]
            area_paths[name] = np.stack(by_area, axis=-1)
        elif own is None and any(one.area for one in entries):
            by_area = [_values_at(name, of_area(entries, area), years) for area in region.codes]
            area_paths[name] = np.stack(by_area, axis=-1)
        elif isinstance(own, YearPath):
            paths[name] = own.at(years)
        elif parameter.kind == "path":
            if entries[0].text != HELD:
                paths[name] = _values_at(name, entries, years)
        elif name in scenario.values:
            assert own is None or isinstance(own, float | str)
            scalars[name] = own
        else:
            scalars[name] = _scalar(parameter, entries[0].text)
    found = Parameters(scenario, years, paths, scalars, tables, profiles, area_paths)
    return _laid_over(_extend(found))


def _laid_over(known: Parameters) -> Parameters:
    """Return parameters with the values that meet observed figures in their place."""
    paths, by_area = lay_over(
        known.scenario.solved or (), known.years, known.paths, known.area_paths
    )
    return replace(known, paths=paths, area_paths=by_area)


def as_set(name: str, region: Region) -> ScenarioValue:
    """Return what a scenario would set to have the value of a parameter that a region has."""
    entries, parameter = region.values[name], registry()[name]
    if parameter.kind == "table":
        return table_path((int(one.date or 0), one.key, float(one.text)) for one in entries)
    if parameter.kind == "profile":
        return Table(*zip(*((one.key, float(one.text)) for one in entries), strict=True))
    if parameter.kind != "path":
        return _scalar(parameter, entries[0].text)
    if entries[0].text == HELD:
        return HELD
    then = parameter.extend if parameter.extend in GROWTH else ""
    if not any(one.area for one in entries):
        return YearPath(points_of(entries), then=then)
    paths = (
        (area, YearPath(points_of(of_area(entries, area)), then=then)) for area in region.codes
    )
    return AreaPaths(tuple(paths))


def _scalar(parameter: Parameter, text: str) -> float | str | None:
    """Return the value of a parameter of one value."""
    if parameter.kind == "choice":
        return text
    return None if text == NONE else float(text)


def _values_at(name: str, entries: Sequence[Value], years: NDArray[np.int64]) -> Array:
    try:
        return YearPath(points_of(entries)).at(years)
    except InputError:
        raise InputError(
            "{where}: {name} is not known before {date}, and the projection starts in {first}: "
            "add an earlier value (with as_of: one that was known by that day)",
            where=entries[0].where,
            name=name,
            date=date_text(entries[0].date or 0),
            first=years[0],
        ) from None


def _tables(name: str, scenario: Scenario) -> TablePath:
    """Return a table by year: that of the law up to the first year that a scenario sets."""
    values = scenario.region.values[name]
    law = table_path((int(one.date or 0), one.key, float(one.text)) for one in values)
    own = scenario.values.get(name)
    first, wanted = scenario.region.first_year, registry()[name]
    if wanted.every_key and not (isinstance(own, TablePath) and own.points[0][0] <= first):
        known = {one.key for one in values if one.date is not None and one.date <= first}
        missing = [str(key) for key in wanted.keys if key not in known]
        if missing:
            raise InputError(
                "{where}: {name} has no value for {missing} in {first}, the first projected year: "
                "add an earlier one (a layer that names a key gives all its values)",
                where=values[0].where,
                name=name,
                missing=separated(missing),
                first=first,
            )
    if not isinstance(own, TablePath):
        return law
    before = [point for point in law.points if point[0] < own.points[0][0]]
    # Of equal tables that follow one another the first is kept.
    same = groupby([*before, *own.points], lambda point: point[1])
    return TablePath(tuple(next(points) for _, points in same))


def _extend(known: Parameters, but: Collection[str] = ()) -> Parameters:
    """Extend amounts with growth after their last known year, except those of `but`."""
    paths = dict(known.paths)
    for name, last, full, growing in growing_amounts(known):
        if name in but:
            continue
        growth = known.path(GROWTH[growing])
        beyond = known.years > last
        index = np.cumprod(np.where(beyond, 1.0 + growth, 1.0), axis=-1)
        paths[name] = np.where(beyond, full * index, paths[name])
    return replace(known, paths=paths)


def growing_amounts(known: Parameters) -> Iterator[tuple[str, int, float, str]]:
    """Yield each amount that grows: its name, its last year, its last value, and with what.

    What starts within its last year has its full-year value from the year after.
    """
    for name, last in known.extended.items():
        yield name, last, float(known.region.values[name][-1].text), registry()[name].extend
    for name, path in known.scenario.values.items():
        if isinstance(path, YearPath) and path.then in GROWTH:
            yield name, int(path.last), path.points[-1][1], path.then
