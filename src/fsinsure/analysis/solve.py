"""One lever changed by the same amount in every year, so that one target is met exactly.

With ``p(x)`` what the projection gives for a change ``x`` of the lever and ``a`` the target, the
root of ``p(x) - a`` is bracketed between no change and the bound of the lever, and found by Brent's
method (R. P. Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4). Where there
are too few people for a change, or the scenario is refused with it, the bound is the last change
that is possible, found by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.analysis.observe import observe
from fsinsure.checks import closed
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError
from fsinsure.measures import measures
from fsinsure.messages import EMPTY, Message
from fsinsure.parameters import resolve
from fsinsure.paths import AreaPaths, YearPath
from fsinsure.registry import registry
from fsinsure.scenario.scenario import WITH
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fsinsure.arrays import Array, Ints
    from fsinsure.scenario import Scenario
    from fsinsure.scenario.scenario import Value

PROBE: Final = 1e-3
"""The change with which the direction is found, of that up to a bound."""

FINEST: Final = 1e-3
"""How close to the last possible change the bisection goes, of the change up to a bound."""

CLOSE: Final = {"persons": 0.01, "yuan": 1.0}
"""How far from a target the search may end, by unit."""

MOST: Final = 60
"""Bisections."""


class Found(NamedTuple):
    """Where a search ended.

    Parameters
    ----------
    change
        Of the lever.
    level
        What the projection gives.
    met
        Whether that is the target; else the change is the last one possible.
    refused
        Why no larger change is possible, if it is not the bound of the lever.
    """

    change: float
    level: float
    met: bool
    refused: Message = EMPTY


def search(
    level: Callable[[float], float], aim: float, low: float, high: float, close: float
) -> Found:
    """Return the change of a lever with which a level is met, or the last one possible.

    Parameters
    ----------
    level
        What a change gives; it is monotonic, or the first crossing in one half of brackets counts.
        Raises a PoolError or an InputError where a change is not possible.
    aim
        The level to be met.
    low, high
        The largest changes in both directions, ``low <= 0 <= high``.
    close
        How far from `aim` a level may be.

    Returns
    -------
    Found
        With no change as its change and not met if the lever does not move the level at all.

    Examples
    --------
    >>> search(lambda x: 10 + 2 * x, 13.0, -1.0, 5.0, 1e-9)
    Found(change=1.5, level=13.0, met=True, refused='')
    >>> search(lambda x: 10 + 2 * x, 23.0, -1.0, 5.0, 1e-9)
    Found(change=5.0, level=20.0, met=False, refused='')
    """
    level = cache(level)
    own = level(0.0)
    if abs(own - aim) <= close:
        return Found(0.0, own, met=True)
    end = _direction(level, aim, low, high)
    if end == 0.0:
        return Found(0.0, own, met=False)
    near, far, refused = _bracket(level, aim, end)
    if near == far:
        return Found(far, level(far), abs(level(far) - aim) <= close, refused)

    def off(change: float) -> float:
        found = level(float(change)) - aim
        return 0.0 if abs(found) <= close else found

    from scipy.optimize import brentq

    root = float(brentq(off, near, far, xtol=1e-15 * max(abs(end), 1.0), disp=False))
    return Found(root, level(root), abs(level(root) - aim) <= close)


def _direction(level: Callable[[float], float], aim: float, low: float, high: float) -> float:
    """Return the end of the range towards which the level nears the target; 0.0 if neither."""
    own = level(0.0)
    for end, other in ((high, low), (low, high)):
        if not end:
            continue
        try:
            gained = (level(PROBE * end) - own) * np.sign(aim - own)
        except (PoolError, InputError):
            continue
        if gained:
            return end if gained > 0 else other
    return 0.0


def _bracket(
    level: Callable[[float], float], aim: float, end: float
) -> tuple[float, float, Message]:
    """Return two changes between which the level crosses the target.

    The same one twice, the last that is possible, if it does not up to there; and why no larger
    one is possible.
    """
    side = np.sign(level(0.0) - aim)
    near, far, barred, refused = 0.0, end, end, EMPTY
    for _ in range(MOST):
        try:
            crossed = (level(far) - aim) * side <= 0
        except (PoolError, InputError) as error:
            barred, refused = far, error.message
        else:
            if crossed:
                return near, far, EMPTY
            near = far
        if near == barred or abs(barred - near) <= FINEST * abs(end):
            break
        far = (near + barred) / 2
    return near, near, refused


@dataclass(frozen=True)
class Aim:
    """What is to be met at the end of a year.

    Parameters
    ----------
    subject
        A measure of people; with `money` a fund, whose closing balance it is.
    money
        Whether it is a balance.
    year
        The year.
    value
        Persons or yuan.
    """

    subject: str
    money: bool
    year: int
    value: float

    @property
    def unit(self) -> str:
        """``yuan`` or ``persons``."""
        return "yuan" if self.money else "persons"

    def level(self, scenario: Scenario) -> float:
        """Return what a scenario gives, by expected values: people alone, unless it is money."""
        parameters, base = closed(resolve(replace(scenario, horizon=self.year)))
        (counts,) = cohort.stream(parameters, base, money=self.money)
        if counts.closing is not None:
            return float(counts.closing[FUNDS.index(self.subject), 0, -1])
        return float(counts.enrollment[measures().index(self.subject), 0, -1].sum())


@dataclass(frozen=True, eq=False)
class Lever:
    """A parameter that is changed by the same amount in the years up to that of a target.

    Before and after these years it keeps its values; where they differ by area, so they do after
    the change.

    Parameters
    ----------
    scenario
        Whose lever it is; what it observes is solved.
    name
        A path, or a scalar that is a number.
    last
        The year of the target.
    """

    scenario: Scenario
    name: str
    last: int

    @cached_property
    def years(self) -> Ints:
        """The projected years ``[year]``."""
        region = self.scenario.region
        return np.arange(region.first_year, self.scenario.horizon + 1)

    @cached_property
    def own(self) -> Array:
        """Its values without a change ``[year, area]``; one column where all areas are alike."""
        parameters, _ = closed(resolve(self.scenario))
        if registry()[self.name].kind == "path":
            return np.asarray(parameters.by_area(self.name))
        return np.full((len(self.years), 1), parameters.number(self.name))

    @property
    def first(self) -> int:
        """The first year that can be changed: the one after the last that is observed."""
        seen = self.scenario.observed_to or 0
        return max(self.scenario.region.first_year, seen + 1)

    def changed(self, since: int) -> Array:
        """Return which years change ``[year]``."""
        if registry()[self.name].kind != "path":
            return np.ones(len(self.years), bool)
        return np.asarray((self.years >= since) & (self.years <= self.last))

    def bounds(self, since: int) -> tuple[float, float]:
        """Return the largest changes down and up in the years from one on."""
        known, own = registry()[self.name], self.own[self.changed(since)]
        assert known.low is not None
        assert known.high is not None
        return min(known.low - own.min(), 0.0), max(known.high - own.max(), 0.0)

    def values(self, since: int, change: float) -> Array:
        """Return its values with a change ``[year, area]``."""
        known = registry()[self.name]
        moved = np.where(self.changed(since)[:, None], self.own + change, self.own)
        # Rounding may lead beyond a bound by the last digit.
        return np.clip(moved, known.low, known.high)

    def setting(self, since: int, change: float) -> Value:
        """Return what a scenario sets to have a change."""
        cells = self.values(since, change)
        if registry()[self.name].kind != "path":
            return float(cells[0, 0])
        paths = [self._path(column) for column in cells.T]
        codes = self.scenario.region.codes
        return paths[0] if len(paths) == 1 else AreaPaths(tuple(zip(codes, paths, strict=True)))

    def at(self, since: int, change: float) -> Scenario:
        """Return the scenario with a change."""
        return with_settings(self.scenario, {self.name: self.setting(since, change)})

    def _path(self, column: Array) -> YearPath:
        """Return a path that has some values ``[year]``, a point where they change."""
        new = np.concatenate([[True], column[1:] != column[:-1]])
        points = zip(self.years[new].tolist(), column[new].tolist(), strict=True)
        return YearPath(tuple(points))


def with_settings(scenario: Scenario, settings: Mapping[str, Value]) -> Scenario:
    """Return a scenario with other values of some levers, its observed figures still met."""
    fitted = {key: name for key, name in scenario.fitted.items() if name not in settings}
    changed = replace(
        scenario,
        values={**scenario.values, **settings},
        origins={**scenario.origins, **dict.fromkeys(settings, WITH)},
        fitted=fitted,
        uncertainty=scenario.uncertainty.changed(None, None, settings.keys()),
    )
    if any(registry()[name].kind != "path" for name in settings):
        changed, _ = observe(changed)  # a number changes the observed years too
    return changed


def solve_from(lever: Lever, aim: Aim, since: int) -> Found:
    """Return the change of a lever from a year on with which a target is met, just not missed."""
    low, high = lever.bounds(since)
    half = CLOSE[aim.unit] / 2
    return search(lambda x: aim.level(lever.at(since, x)), aim.value + half, low, high, half)


def latest_start(lever: Lever, aim: Aim, since: int) -> tuple[int, Found] | None:
    """Return the latest year from which a change can still meet a target, and the change.

    Every later start is tried from the last year backwards, until one meets the target. None if
    none after `since` does.
    """
    for year in range(aim.year, since, -1):
        found = solve_from(lever, aim, year)
        if found.met:
            return year, found
    return None
