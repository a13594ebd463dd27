"""One lever changed so that a target is met with a given probability.

The same draws of what is uncertain (docs/uncertainty.md) are projected for every change. With
``k`` the smallest number of draws that is a share of at least the probability of all, the target is
met where the ``k``-th largest level of the draws is. That level is a continuous function of the
change, and its root is bracketed and found as that of a single projection (sample average
approximation: A. Shapiro, D. Dentcheva and A. Ruszczynski, Lectures on Stochastic Programming,
2009, section 5.7). The lever is what is decided, so it is not drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.analysis.observe import observe
from fsinsure.analysis.projected_draws import closed_draws, project_closed, project_draws
from fsinsure.analysis.sampling import drawn_parameters, sample, shares_of
from fsinsure.analysis.solve import CLOSE, Aim, Found, Lever, search, solve_from
from fsinsure.analysis.uncertain import uncertain_in
from fsinsure.base_year.solved_draws import Refused
from fsinsure.checks import closed, unfit
from fsinsure.errors import InputError, PoolError
from fsinsure.measures import measures
from fsinsure.messages import Message
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.analysis.projected_draws import Draws
    from fsinsure.analysis.uncertain import Uncertain
    from fsinsure.arrays import Array
    from fsinsure.base_year.closure_draws import Bases
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

DESIGN: Final = "sobol"
MOST: Final = 100_000
"""Draws, at most."""

CLOSEST: Final = 1e-7
"""How far from a target the search may end, of the target."""

BEYOND: Final = 1.5
"""How far the bracket reaches, of what the draws should need."""


class Chances(NamedTuple):
    """The probability of a target.

    Parameters
    ----------
    wanted
        What was asked.
    before, after
        The share of draws that meet the target, without and with the change.
    draws, seed
        The draws.
    """

    wanted: float
    before: float
    after: float
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class Likely:
    """A target that is to be met in a share of all draws.

    Parameters
    ----------
    lever, aim, since
        As of :func:`fsinsure.analysis.solve.solve_from`.
    probability
        The share, above 0 and below 1.
    draws, seed
        How many draws, and of which seed.
    """

    lever: Lever
    aim: Aim
    since: int
    probability: float
    draws: int
    seed: int
    _known: dict[float, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no probability, and draws that cannot tell it."""
        chance = self.probability
        if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance < 1:
            raise InputError(
                "probability must lie between 0 and 1, such as 0.9, not {chance!r}", chance=chance
            )
        if not is_whole(self.draws) or not 2 <= self.draws <= MOST:
            raise InputError(
                "draws must be a whole number from 2 to {most:,}, not {draws!r}",
                most=MOST,
                draws=self.draws,
            )
        if not is_whole(self.seed) or not 0 <= self.seed < 2**63:
            raise InputError(
                "seed must be a whole number from 0 to 2^63 - 1, not {seed!r}", seed=self.seed
            )
        if not self.uncertain:
            raise InputError(
                "nothing is uncertain in {name} but the lever, so the target is met or not: leave "
                "the probability out, or name what is under uncertainty",
                name=self.lever.scenario.name,
            )

    @cached_property
    def uncertain(self) -> Sequence[Uncertain]:
        """What is drawn."""
        return uncertain_in(self.scenario(0.0))

    @cached_property
    def shares(self) -> Mapping[str, Array]:
        """From which draws start, the same for every change."""
        return shares_of(self.scenario(0.0), self.uncertain, self.draws, self.seed, DESIGN)

    @cached_property
    def bases(self) -> tuple[Bases, Refused]:
        """The base years of the draws, which a path to come does not change."""
        return self._closed(self.scenario(0.0))[1:]

    def scenario(self, change: float) -> Scenario:
        """Return the scenario with a change, up to the year of the target."""
        return replace(self.lever.at(self.since, change), horizon=self.aim.year)

    def _closed(self, scenario: Scenario) -> tuple[Parameters, Bases, Refused]:
        parameters, base = closed(resolve(scenario))
        drawn = sample(parameters, self.uncertain, self.shares)
        return closed_draws(parameters, base, drawn, self.draws)

    def projected(self, change: float) -> Draws:
        """Return the draws with a change."""
        scenario = self.scenario(change)
        if registry()[self.lever.name].kind != "path":
            return project_closed(*self._closed(scenario), money=self.aim.money)
        parameters, _ = closed(resolve(scenario))
        found = drawn_parameters(parameters, sample(parameters, self.uncertain, self.shares))
        bases, known = self.bases
        refused = Refused(known.closes.copy(), dict(known.reasons))
        for reason, where in unfit(found).items():
            refused.mark(reason.text("en"), where)
        return project_closed(found, bases, refused, money=self.aim.money)

    def levels(self, change: float) -> Array:
        """Return what the draws give in the place of the target ``[draw]``.

        Of those that can be projected, as an ensemble counts them.

        Raises
        ------
        PoolError
            If none can, or not the scenario itself: in draws growth ends with the people there are,
            but the answer is a scenario that runs.
        """
        if change not in self._known:
            self.aim.level(self.scenario(change))
            self._known[change] = levels_of(self.projected(change), self.aim)
        return self._known[change]

    def level(self, change: float) -> float:
        """Return the level that a share of at least the probability of draws reaches."""
        levels = np.sort(self.levels(change))
        # A share such as 0.9 of 10 draws is 9, not 9.000000000000002.
        enough = math.ceil(self.probability * len(levels) - 1e-9)
        return float(levels[len(levels) - enough])

    def chance(self, change: float) -> float:
        """Return the share of draws that meet the target."""
        return float((self.levels(change) >= self.aim.value).mean())

    def solve(self) -> Found:
        """Return the change with which the target is just met with the probability."""
        low, high = self.lever.bounds(self.since)
        half = max(CLOSE[self.aim.unit], CLOSEST * abs(self.aim.value)) / 2
        aim = self.aim.value + half
        near = self._guess(aim)
        if near:
            ends = (max(low, min(near, 0.0)), min(high, max(near, 0.0)))
            found = search(self.level, aim, *ends, half)
            if found.met or found.change in (low, high):
                return found
        return search(self.level, aim, low, high, half)

    def _guess(self, aim: float) -> float:
        """Return a change beyond what the draws should need, from a single projection; 0 if none.

        What the draws lack where the projection meets the target, at its slope there.
        """
        single = solve_from(self.lever, self.aim, self.since)
        if not single.change:
            return 0.0
        own = self.aim.level(self.lever.scenario)
        slope = (single.level - own) / single.change
        needed = (aim - self.level(0.0)) / slope if slope else 0.0
        return BEYOND * needed

    def rerun(self, scenario: Scenario) -> float:
        """Return the share of draws of another scenario that meet the target.

        Of the scenario file of the answer, with what is uncertain in it.
        """
        chosen, _ = observe(replace(scenario, horizon=self.aim.year))
        uncertain = uncertain_in(chosen)
        shares = shares_of(chosen, uncertain, self.draws, self.seed, DESIGN)
        parameters, base = closed(resolve(chosen))
        drawn = sample(parameters, uncertain, shares)
        found = project_draws(parameters, base, drawn, self.draws, money=self.aim.money)
        return float((levels_of(found, self.aim) >= self.aim.value).mean())


def levels_of(draws: Draws, aim: Aim) -> Array:
    """Return what draws that are projected give in the place of a target ``[draw]``.

    Persons or yuan; those that cannot be projected are not counted, as in an ensemble.

    Raises
    ------
    PoolError
        If none can be projected.
    """
    found = draws.select(draws.projected)
    if not len(found.reason):
        raise PoolError(Message("none of the draws can be projected"))
    if aim.money:
        return np.asarray(found.closing[:, FUNDS.index(aim.subject), -1])
    return np.asarray(found.enrollment[:, measures().index(aim.subject), -1].sum(axis=-1))
