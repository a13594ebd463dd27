"""Levers solved year by year, so that the projection meets what has been published.

The years up to the last figure are cut into blocks, usually of one year: no lever has one value for
years of two blocks. Within a block the levers are solved together, by Newton's method on expected
values, from the people at the opening of the block, as every lever moves every figure. The
derivatives are differences, all from one run with a draw for each lever. A figure within a year is
met on the straight line between the ends of the year. docs/observed.md has the formula.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.analysis.observations import observations, standing
from fsinsure.arrays import Array
from fsinsure.checks import closed
from fsinsure.checks import prepare as checked
from fsinsure.dims import COUNTED, PERSONS
from fsinsure.engine.cohort import advance, run_year
from fsinsure.engine.projection import coverage_of
from fsinsure.errors import DataError, PoolError
from fsinsure.measures import enrollment, groups, measure_shown, measures
from fsinsure.messages import Message, separated
from fsinsure.parameters import Parameters, resolve
from fsinsure.region.outcomes import PEOPLE, day_of
from fsinsure.registry import registry
from fsinsure.scenario.observe import Solved
from fsinsure.units import shown
from fsinsure.year.law import bind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.analysis.observations import Observation
    from fsinsure.base_year.closure import Base
    from fsinsure.scenario import Scenario

NEAR: Final = 1e-3
"""How much of half a unit of the last published digit may remain."""

EXACT: Final = 1e-10
"""What may remain, of the figure, where it has more digits than floating point can meet."""

STEP: Final = 1e-6
"""The difference for derivatives, of the width of the bounds of a lever."""

GROWTH: Final = "growth."
"""What begins the names of levers of which a lower value asks for fewer people."""

MOST: Final = 20
"""Iterations, and cuts of a step; Newton's method needs about four."""


def observe(scenario: Scenario) -> tuple[Scenario, list[Message]]:
    """Return a scenario with the values of levers that meet what it observes, and notes.

    Raises
    ------
    DataError
        If a figure cannot be met: names the figure, the lever, and its bound or what the pools
        lack.
    """
    if not scenario.observes:
        return scenario, []
    scenario = replace(scenario, solved=())
    wanted, notes = observations(scenario)
    if not wanted:
        return scenario, notes
    last = max(one.last for one in wanted)
    parameters, base = closed(resolve(replace(scenario, horizon=last)))
    stock = base.stock[:COUNTED]
    first = scenario.region.first_year
    found: list[Solved] = []
    while first <= last:
        block = _Block(parameters, base, stock, first, *_block(wanted, first))
        solved = block.solve()
        notes += block.extrapolated(solved)
        parameters = block.set(solved)
        stock = block.run(solved)
        found += block.solved(solved)
        first = block.last + 1
    return replace(scenario, solved=tuple(found)), notes


def prepare(scenario: Scenario) -> tuple[Parameters, Base]:
    """Solve what a scenario observes, and prepare it as :func:`fsinsure.checks.prepare` does.

    Raises
    ------
    DataError
        As :func:`observe`.
    ClosureError, InputError, MeasureError
        As :func:`fsinsure.checks.prepare`.
    """
    return checked(observe(scenario)[0])


def _block(wanted: Sequence[Observation], first: int) -> tuple[int, list[Observation]]:
    """Return the last year of the block that starts in a year, and its observations."""
    last = first
    while True:
        within = [one for one in wanted if first <= one.first <= last]
        end = max([last, *(one.last for one in within)])
        if end == last:
            return last, within
        last = end


@dataclass(frozen=True, eq=False)
class _Block:
    """Years of which the levers are solved together.

    Parameters
    ----------
    parameters
        With the levers of the years before solved.
    base
        The closed base year.
    opening
        ``[quantity, status, area, sex, age]`` at the opening of the first year.
    first, last
        Its years.
    wanted
        The figures to be met; each has a lever of its own, or other years of it.
    """

    parameters: Parameters
    base: Base
    opening: Array
    first: int
    last: int
    wanted: Sequence[Observation]

    @cached_property
    def own(self) -> Array:
        """The value of each lever as the scenario has it ``[figure]``; the mean of the areas."""
        return np.array([self._by_area(one).mean() for one in self.wanted])

    @cached_property
    def bounds(self) -> Array:
        """The lowest and the highest value of each lever ``[2, figure]``, in no area exceeded."""
        found = np.empty((2, len(self.wanted)))
        for index, one in enumerate(self.wanted):
            known, apart = registry()[one.lever], self._by_area(one) - self.own[index]
            low = -np.inf if known.low is None else known.low
            high = np.inf if known.high is None else known.high
            found[:, index] = low - apart.min(), high - apart.max()
        return found

    def _by_area(self, one: Observation) -> Array:
        """Return the scenario's own value of a lever in the year of a figure ``[area]``."""
        index = int(np.flatnonzero(self.parameters.years == one.last)[0])
        found: Array = self.parameters.by_area(one.lever)[index]
        return found

    def set(self, values: Array) -> Parameters:
        """Return the parameters with the levers at some values ``[..., figure]``.

        Where a lever differs by area, the differences stay as they are.
        """
        paths, by_area = dict(self.parameters.paths), dict(self.parameters.area_paths)
        for index, one in enumerate(self.wanted):
            home = by_area if one.lever in by_area else paths
            years = (self.parameters.years >= one.first) & (self.parameters.years <= one.last)
            apart = self._by_area(one) - self.own[index]
            value = values[..., index, None] + (apart if home is by_area else 0.0)
            if home is by_area:
                path = np.broadcast_to(
                    home[one.lever], (*values.shape[:-1], *years.shape, len(apart))
                )
                home[one.lever] = np.where(years[:, None], value[..., None, :], path)
            else:
                home[one.lever] = np.where(years, value, home[one.lever])
        return replace(self.parameters, paths=paths, area_paths=by_area)

    def _years(self, values: Array) -> Iterator[tuple[int, Array, dict[str, Array]]]:
        """Run the block with some values ``[..., figure]``: year, stock and coverage, with opening.

        The stock is the same array in every year.
        """
        parameters = self.set(values)
        shares = coverage_of(parameters, self.base)
        stock = np.broadcast_to(self.opening, (*values.shape[:-1], *self.opening.shape)).copy()
        laws = {law.year: law for law in bind(parameters)}
        for year in range(self.first - 1, self.last + 1):
            if year >= self.first:
                for _ in run_year(laws[year], stock, None, carry=advance):
                    pass
            index = year - self.parameters.region.base_year
            yield year, stock, {name: path[..., index, :] for name, path in shares.items()}

    def run(self, values: Array) -> Array:
        """Return the stock at the end of the block."""
        *_, (_, stock, _) = self._years(values)
        return stock

    def people(self, values: Array) -> Array:
        """Return what the projection has in the place of each figure ``[..., figure]``."""
        before, after = self._around(values)
        return before + np.array([one.elapsed for one in self.wanted]) * (after - before)

    def extrapolated(self, values: Array) -> Iterator[Message]:
        """Yield a note for each figure within a year, with the end of the year that it implies."""
        if all(one.elapsed == 1.0 for one in self.wanted):
            return
        for one, end in zip(self.wanted, self._around(values)[1], strict=True):
            if one.elapsed < 1.0:
                yield Message(
                    "{where}: {measure} of {day}, after {elapsed:.0%} of the year, is carried on "
                    "in a straight line: {end:,.0f} at the end of {year}",
                    where=one.outcome.where,
                    measure=measure_shown(one.outcome.measure),
                    day=day_of(one.outcome),
                    elapsed=one.elapsed,
                    end=end,
                    year=one.last,
                )

    def _around(self, values: Array) -> tuple[Array, Array]:
        """Return each measure at the opening and the end of its figure's year ``[..., figure]``."""
        ends: dict[int, Array] = {}
        for year, stock, coverage in self._years(values):
            persons = stock[..., PERSONS, :, :, :, :]
            counted = {name: group.count(persons) for name, group in groups().items()}
            insured = enrollment(counted, coverage).sum(axis=-1)
            everyone = persons.sum(axis=(-4, -3, -2, -1))
            ends[year] = np.stack([*insured, everyone], axis=-1)
        known = (*measures(), PEOPLE)
        at = [(one.last, known.index(one.outcome.measure)) for one in self.wanted]
        before, after = (
            np.stack([ends[year - back][..., index] for year, index in at], axis=-1)
            for back in (1, 0)
        )
        return before, after

    def solve(self) -> Array:
        """Return the values of the levers ``[figure]`` that meet every figure."""
        if not self.wanted:
            return np.empty(0)
        aim = np.array([one.outcome.amount for one in self.wanted])
        unit = np.array([one.outcome.half_unit for one in self.wanted])
        low, high = self.bounds
        self._refuse_areas_too_far_apart()
        at, people = self._start(np.clip(self.own, low, high))
        lacking: PoolError | None = None
        for left in reversed(range(MOST + 1)):
            missing = aim - people
            if (np.abs(missing) <= np.maximum(NEAR * unit, EXACT * aim)).all():
                return at
            if not left:
                break
            slopes = self._slopes(at, people)
            self._refuse_without_effect(slopes, at, people)
            step = np.clip(at + np.linalg.solve(slopes, missing), low, high) - at
            if not step.any():
                break
            at, people, lacking = self._forward(at, step)
        if lacking is not None:
            raise self._lacking(lacking)
        raise self._beyond(at, people, np.abs(missing) / unit)

    def _slopes(self, at: Array, people: Array) -> Array:
        """Return the change of what is projected by that of levers ``[figure, lever]``."""
        low, high = self.bounds
        wide = np.where(np.isfinite(high - low), high - low, np.maximum(np.abs(at), 1.0))
        width = STEP * wide * np.where(at + STEP * wide > high, -1.0, 1.0)
        try:
            moved = self.people(at + np.diag(width))
        except PoolError:  # nearly everyone has entered
            width = np.abs(width) * np.where(at - np.abs(width) < low, 1.0, -1.0)
            try:
                moved = self.people(at + np.diag(width))
            except PoolError as error:
                raise self._lacking(error) from None
        return np.asarray((moved - people).T / width)

    def _start(self, own: Array) -> tuple[Array, Array]:
        """Start from the scenario's own values, or where fewest enter if these lack people."""
        try:
            return own, self.people(own)
        except PoolError:
            grows = np.array([one.lever.startswith(GROWTH) for one in self.wanted])
            fewest = np.where(grows, self.bounds[0], own)
            try:
                return fewest, self.people(fewest)
            except PoolError as error:
                raise self._lacking(error) from None

    def _forward(self, at: Array, step: Array) -> tuple[Array, Array, PoolError | None]:
        """Take a step, cut until there are people enough for it; return what it lacked whole."""
        lacking = None
        for _ in range(MOST):
            try:
                return at + step, self.people(at + step), lacking
            except PoolError as error:
                lacking, step = error, step / 4
        return at, self.people(at), lacking

    def _lacking(self, error: PoolError) -> DataError:
        """Return the error of figures for which there are not enough people."""
        names = separated(
            Message(
                "{measure} of {date}, {amount:,.0f}, by {lever}",
                measure=measure_shown(one.measure),
                date=one.date,
                amount=one.amount,
                lever=lever,
            )
            for one, lever in ((each.outcome, each.lever) for each in self.wanted)
        )
        return DataError(
            "{where}: {names}: cannot be met, for want of people: {short} Correct a figure or its "
            "measure, or leave it out",
            where=self.wanted[0].outcome.where,
            names=names,
            short=error.short,  # which levers would help does not matter: they are solved
        )

    def _refuse_areas_too_far_apart(self) -> None:
        """Refuse levers whose areas differ by more than its bounds: no move keeps them all inside.

        Values within the bounds do not, except where they were drawn or set by other code.
        """
        for one, low, high in zip(self.wanted, *self.bounds, strict=True):
            if low > high:
                known = registry()[one.lever]
                raise DataError(
                    "{where}: {lever} differs between areas by more than its bounds, {low} to "
                    "{high}, allow in {last}: set values that are closer together",
                    where=one.outcome.where,
                    lever=one.lever,
                    low=shown(known.low or 0.0, known.unit),
                    high=shown(known.high or 0.0, known.unit),
                    last=one.last,
                )

    def _refuse_without_effect(self, slopes: Array, at: Array, people: Array) -> None:
        """Refuse levers that do not move what they are to meet, each for itself or together."""
        for index, one in enumerate(self.wanted):
            if slopes[index, index] == 0.0:
                aim = one.outcome
                raise DataError(
                    "{where}: {lever} does not move {measure} in {last}: {at} it gives "
                    "{people:,.0f}, and the figure of {date} is {amount:,.0f}: name another lever "
                    "in closing_levers of region.yaml, or none",
                    where=aim.where,
                    lever=one.lever,
                    measure=measure_shown(aim.measure),
                    last=one.last,
                    at=standing(one.lever, float(at[index]), *self.bounds[:, index]),
                    people=people[index],
                    date=aim.date,
                    amount=aim.amount,
                )
        if np.linalg.matrix_rank(slopes / np.abs(slopes).max(axis=0)) < len(slopes):
            names = separated(one.lever for one in self.wanted)
            raise DataError(
                "{where}: {names} move the figures of {first}-{last} alike: name other levers in "
                "closing_levers of region.yaml",
                where=self.wanted[0].outcome.where,
                names=names,
                first=self.first,
                last=self.last,
            )

    def _beyond(self, at: Array, people: Array, off: Array) -> DataError:
        """Return the error of the figure that cannot be met, one whose lever is at its bound."""
        low, high = self.bounds
        stuck = (at <= low) | (at >= high)
        index = int(np.argmax(np.where(stuck, off, off * 1e-9)))
        one = self.wanted[index]
        limit = standing(one.lever, float(at[index]), low[index], high[index])
        if not stuck[index]:
            limit += Message(", where the search ended,")
        return DataError(
            "{where}: {measure} of {date} is {amount:,.0f} and cannot be met: {lever} {limit} "
            "gives {people:,.0f}. Correct the figure or its measure, leave it out, or name "
            "another lever in closing_levers of region.yaml",
            where=one.outcome.where,
            measure=measure_shown(one.outcome.measure),
            date=one.outcome.date,
            amount=one.outcome.amount,
            lever=one.lever,
            limit=limit,
            people=people[index],
        )

    def solved(self, values: Array) -> Iterator[Solved]:
        """Yield the value of every lever and year of the block."""
        for index, one in enumerate(self.wanted):
            by_area = self._by_area(one) + (values[index] - self.own[index])
            alike = one.lever not in self.parameters.area_paths
            for year in range(one.first, one.last + 1):
                shown = [values[index]] if alike else by_area
                yield Solved(one.lever, year, tuple(map(float, shown)), one.outcome)
