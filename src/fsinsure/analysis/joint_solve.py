"""Several levers changed together, so that several targets are met at the least cost or change.

Each lever changes by its own amount in every year from the first to that of the last target
(:class:`fsinsure.analysis.solve.Lever`). The changes are measured in the range of each lever, so
that units do not matter. All changes of a step of the search are projected as draws in one block.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from fsinsure.analysis.solve import CLOSE, Aim, Lever, with_settings
from fsinsure.checks import closed
from fsinsure.draws import alike
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError
from fsinsure.measures import measures
from fsinsure.messages import Message
from fsinsure.numeric.least import Least, Problem, least, model_at
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fsinsure.arrays import Array
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.cohort import Counts
    from fsinsure.ledger import Ledger
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

Objective = Literal["cost", "change"]

TREASURY: Final = ("subsidy", "land_subsidy", "deficit_subsidy")
"""Income of the funds that the treasury pays."""

SMALLEST: Final = 1e6
"""The least size of a balance that a floor is measured in, yuan."""


@dataclass(frozen=True)
class Reserve:
    """A balance that a fund keeps at the end of a year.

    Parameters
    ----------
    fund
        The fund.
    year
        The year.
    value
        Yuan, or months of the outgo of the year.
    unit
        ``yuan`` or ``months``.
    """

    fund: str
    year: int
    value: float
    unit: str


class Step(NamedTuple):
    """What a search found for a start.

    Parameters
    ----------
    since
        The first year of the changes.
    changes
        ``[lever]``, in the units of the levers.
    found
        Where it ended, in ranges of the levers.
    """

    since: int
    changes: Array
    found: Least


def cost(counts: Counts) -> Array:
    """Return what funds and treasury have paid by the end of the projection, yuan ``[draw]``.

    Subsidies of the projected years less the closing balances of all funds; the difference of two
    projections is what one costs more.
    """
    assert counts.closing is not None
    paid = sum(flow.sum(axis=-1) for (_, item), flow in counts.flows.items() if item in TREASURY)
    return np.asarray(paid - counts.closing[..., -1].sum(axis=0))


def cost_of(ledger: Ledger) -> float:
    """Return :func:`cost` of one projection, yuan."""
    paid = sum(flow.sum() for (_, item), flow in ledger.flows.items() if item in TREASURY)
    return float(paid - sum(ledger.closing[fund][-1] for fund in FUNDS))


def outgo_of(counts: Counts, reserve: Reserve) -> Array:
    """Return the outgo of the fund in the year of a reserve, yuan ``[draw]``."""
    index = reserve.year - int(counts.years[0]) - 1
    items = [item for item, kind in ITEMS[reserve.fund].items() if kind == "outgo"]
    return np.asarray(sum(counts.flows[reserve.fund, item][:, index] for item in items))


def spare(counts: Counts, reserve: Reserve) -> Array:
    """Return what a fund has beyond a reserve, yuan ``[draw]``."""
    assert counts.closing is not None
    index = reserve.year - int(counts.years[0])
    balance = counts.closing[FUNDS.index(reserve.fund), :, index]
    if reserve.unit == "yuan":
        return np.asarray(balance - reserve.value)
    return np.asarray(balance - reserve.value * outgo_of(counts, reserve) / 12)


def range_of(lever: Lever, bounds: tuple[float, float]) -> float:
    """Return the range of a lever: from low to high as the region assumes, else its bounds."""
    for one in lever.scenario.region.values.get(lever.name, ()):
        if one.low is not None and one.high is not None and one.high > one.low:
            return one.high - one.low
    return (bounds[1] - bounds[0]) or 1.0


@dataclass(frozen=True, eq=False)
class Joint:
    """Levers, and what they are to meet.

    Parameters
    ----------
    scenario
        What it observes is solved.
    levers
        Their last year is that of the last target.
    targets, reserves
        Floors.
    objective
        What is to be least: ``cost`` or ``change``.
    bounds
        Of the values of some levers, (low, high) by name; others have those of the registry.
    refused
        Why changes were not possible, as they come.
    """

    scenario: Scenario
    levers: tuple[Lever, ...]
    targets: tuple[Aim, ...]
    reserves: tuple[Reserve, ...]
    objective: Objective
    bounds: Mapping[str, tuple[float, float]]
    refused: list[Message] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The year of the last target."""
        return max(one.year for one in self.targets)

    @property
    def money(self) -> bool:
        """Whether the books of the funds are needed."""
        of_funds = any(one.money for one in self.targets)
        return self.objective == "cost" or of_funds or bool(self.reserves)

    @property
    def horizon(self) -> int:
        """The last year that is projected: that of the targets, unless the cost is needed."""
        return self.scenario.horizon if self.objective == "cost" else self.last

    @cached_property
    def closed(self) -> tuple[Parameters, Base]:
        """The parameters and the base year without a change."""
        return closed(resolve(replace(self.scenario, horizon=self.horizon)))

    @cached_property
    def ranges(self) -> Array:
        """The range of each lever ``[lever]``, in which changes are measured."""
        return np.array([range_of(one, self.bounds_of(one.name)) for one in self.levers])

    def bounds_of(self, name: str) -> tuple[float, float]:
        """Return the bounds of the values of a lever."""
        known = registry()[name]
        assert known.low is not None
        assert known.high is not None
        return self.bounds.get(name, (known.low, known.high))

    def limits(self, since: int) -> tuple[Array, Array]:
        """Return the largest changes of the levers down and up, each ``[lever]``.

        Raises
        ------
        InputError
            If the values of a lever are further apart than its bounds.
        """
        found = []
        for lever in self.levers:
            low, high = self.bounds_of(lever.name)
            own = lever.own[lever.changed(since)]
            ends = (low - own.min(), high - own.max())
            if ends[0] > ends[1]:
                raise InputError(
                    "{name} is {least:g} to {most:g} in the years from {since} and moves as a "
                    "whole: its bounds, {low:g} to {high:g}, must be as far apart",
                    name=lever.name,
                    least=own.min(),
                    most=own.max(),
                    since=since,
                    low=low,
                    high=high,
                )
            found.append(ends)
        low_ends, high_ends = np.array(found).T
        return low_ends, high_ends

    def at(self, since: int, changes: Array) -> Scenario:
        """Return the scenario with changes ``[lever]``."""
        both = zip(self.levers, changes.tolist(), strict=True)
        settings = {lever.name: lever.setting(since, change) for lever, change in both}
        return with_settings(self.scenario, settings)

    def values(self, since: int, changes: Array) -> Array:
        """Return the cost and what each target and reserve has to spare ``[point, 1 + floor]``.

        Parameters
        ----------
        since
            The first year of the changes.
        changes
            ``[point, lever]``

        Returns
        -------
        Array
            Yuan (0 where no money is projected); persons or yuan; NaN of a change that is not
            possible.
        """
        try:
            parts = [self._of_counts(one) for one in self._counts(since, changes)]
        except (PoolError, InputError) as error:
            if len(changes) == 1:
                self.refused.append(error.message)
                return np.full((1, 1 + len(self.targets) + len(self.reserves)), np.nan)
            return np.concatenate([self.values(since, one[None]) for one in changes])
        return np.concatenate(parts)

    def _counts(self, since: int, changes: Array) -> Iterator[Counts]:
        """Yield the projections of changes ``[point, lever]``."""
        kinds = {registry()[one.name].kind for one in self.levers}
        if kinds != {"path"} or any(alike(one.name) for one in self.levers):
            for one in changes:  # each may have a base year, or observed figures, of its own
                changed = replace(self.at(since, one), horizon=self.horizon)
                parameters, base = closed(resolve(changed))
                yield from cohort.stream(parameters, base, money=self.money)
            return
        parameters, base = self.closed
        drawn = {}
        for lever, column in zip(self.levers, changes.T, strict=True):
            cells = np.stack([lever.values(since, change) for change in column.tolist()])
            cells = cells[:, : len(parameters.years)]
            drawn[lever.name] = cells if lever.own.shape[1] > 1 else cells[..., 0]
        yield from cohort.stream(parameters.with_draws(drawn), base, money=self.money)

    def _of_counts(self, counts: Counts) -> Array:
        """Return what :meth:`values` does for a block of projections."""
        first = int(counts.years[0])
        draws = counts.enrollment.shape[1]
        columns = [cost(counts) if counts.closing is not None else np.zeros(draws)]
        for aim in self.targets:
            index = aim.year - first
            if aim.money:
                assert counts.closing is not None
                level = counts.closing[FUNDS.index(aim.subject), :, index]
            else:
                rows = counts.enrollment[measures().index(aim.subject), :, index]
                level = rows.sum(axis=-1)
            columns.append(level - aim.value)
        columns += [spare(counts, one) for one in self.reserves]
        return np.stack(columns, axis=1)

    @cached_property
    def own(self) -> Array:
        """Cost, targets and reserves without a change ``[1 + floor]``, as :meth:`values`."""
        values = self.values(self.levers[0].first, np.zeros((1, len(self.levers))))
        return np.asarray(values[0])

    @cached_property
    def sizes(self) -> Array:
        """The size of each target and reserve ``[floor]``: what 1 is in the search."""
        of_targets = [max(abs(one.value), SMALLEST if one.money else 1.0) for one in self.targets]
        of_reserves = [max(abs(one), SMALLEST) for one in self.own[1 + len(self.targets) :]]
        return np.array([*of_targets, *of_reserves], dtype=np.float64)

    @cached_property
    def margins(self) -> Array:
        """How far above a target the search ends, so that it is met ``[floor]``."""
        units = [*(one.unit for one in self.targets), *("yuan" for _ in self.reserves)]
        return np.array([CLOSE[unit] / 2 for unit in units])

    def problem(self, since: int) -> Problem:
        """Return the problem of changes from a year on, in ranges of the levers."""
        low, high = self.limits(since)

        def values(points: Array) -> Array:
            found = self.values(since, points * self.ranges)
            floors = (found[:, 1:] - self.margins) / self.sizes
            aim = found[:, 0] if self.objective == "cost" else (points**2).sum(axis=1)
            return np.concatenate([aim[:, None], floors], axis=1)

        return Problem(values, low / self.ranges, high / self.ranges)

    def solve(self, since: int, start: Array | None = None) -> Step:
        """Return the changes from a year on with the least cost or change, from a start."""
        problem = self.problem(since)
        begin = np.zeros(len(self.levers)) if start is None else start / self.ranges
        begin = np.clip(begin, problem.low, problem.high)
        if np.isnan(problem.values(begin[None])).any():
            raise InputError(
                "the levers cannot be within their bounds: {refused}", refused=self.refused[-1]
            )
        found = least(problem, begin)
        return Step(since, found.at * self.ranges, found)

    def latest(self, since: int) -> Step | None:
        """Return the latest start that still meets all targets; None if none after `since` does.

        By bisection: the later the start, the more is needed.
        """
        works, found = since, None
        fails = self.last + 1
        while fails - works > 1:
            year = (works + fails) // 2
            step = self._tried(year)
            if step is not None and step.found.met:
                works, found = year, step
            else:
                fails = year
        return found

    def _tried(self, year: int) -> Step | None:
        try:
            return self.solve(year)
        except InputError:
            return None

    def prices(self, step: Step) -> Array:
        """Return what one unit more of each target and reserve costs, yuan ``[floor]``.

        The slope of the cost along the way that the answer moves with the limit; where the cost is
        least, that is the multiplier. 0 of those that are not in force.
        """
        with_money = replace(self, objective="cost")
        slopes = model_at(with_money.problem(step.since), step.found.at).slopes[0]
        return np.asarray(step.found.moves @ slopes / self.sizes * self._per_unit(step))

    def _per_unit(self, step: Step) -> Array:
        """Return the yuan of a floor in one unit of its limit ``[floor]``: of a month its outgo."""
        if not any(one.unit == "months" for one in self.reserves):
            return np.ones(len(self.sizes))
        (counts,) = self._counts(step.since, step.changes[None])
        months = [outgo_of(counts, one)[0] / 12 for one in self.reserves]
        units = zip(self.reserves, months, strict=True)
        of_reserves = [month if one.unit == "months" else 1.0 for one, month in units]
        return np.array([*np.ones(len(self.targets)), *of_reserves])
