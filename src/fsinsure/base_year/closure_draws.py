"""Close the base year for many draws of its assumptions, all at once.

Each draw is what :func:`fsinsure.base_year.closure.close_base` gives for its assumptions, and for
the rates of the base year that its life course has. A draw that cannot be closed is not an error:
it is counted, with its reason.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from itertools import pairwise
from typing import Final, cast

import numpy as np

from fsinsure.arrays import Array, Flags, Ints, two_or_more
from fsinsure.base_year.balances import base_quantities
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure import (
    CARD_HOLDERS,
    base_year_scenario,
    card_holders,
    known_of,
    placed,
    service_months,
    totals_of,
)
from fsinsure.base_year.closure_table import Known, partial_groups
from fsinsure.base_year.life_course import life_course
from fsinsure.base_year.solved_draws import Refused, people_of_draws, shares_of_draws
from fsinsure.dims import QUANTITIES
from fsinsure.errors import InputError, did_you_mean
from fsinsure.measures import groups
from fsinsure.parameters import Parameters, resolve
from fsinsure.registry import registry
from fsinsure.statuses import ALIGNED, INSURED, STATUSES
from fsinsure.year.entries import ENTRIES, ENTRY_AGES
from fsinsure.year.law import Law, bind

RATES: Final = ("mortality.*", "labour.*", "retirement.*", "entry.*")
"""The numbers and paths that the life course depends on, as patterns."""

BLOCK: Final = 16
"""Draws that are placed together: few enough to stay in cache."""


@dataclass(frozen=True, eq=False)
class Bases:
    """The closed base years of some draws: :class:`fsinsure.base_year.closure.Base` by draw.

    Parameters
    ----------
    stock
        ``[draw, quantity, status, area, sex, age]`` at 31 December of the base year.
    totals
        People ``[draw]`` by status, and ``injury_only``.
    coverage
        Base-year share ``[draw]`` of every coverage path by name.
    rounding
        Published figures that follow from others, and how far each lies above what they give
        ``[draw]``.
    """

    stock: Array
    totals: Mapping[str, Array]
    coverage: Mapping[str, Array]
    rounding: Mapping[str, Array]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.stock)

    def select_draws(self, draws: slice | Ints | Flags) -> Bases:
        """Return the base years of some of the draws."""
        named = (self.totals, self.coverage, self.rounding)
        chosen = ({name: one[draws] for name, one in values.items()} for values in named)
        return Bases(self.stock[draws], *chosen)


@dataclass(frozen=True, eq=False)
class ClosedDraws:
    """What came of closing the base year for some draws.

    Parameters
    ----------
    bases
        The base years of the draws that close, in order; no others.
    closes
        Which draws these are ``[draw]``.
    refused
        By reason the draws that cannot close ``[draw]``; each has one reason, the first.
    """

    bases: Bases
    closes: Flags
    refused: Mapping[str, Flags]

    def first(self) -> ClosedDraws:
        """Return the first draw alone."""
        bases = self.bases.select_draws(slice(int(self.closes[0])))
        refused = {reason: where[:1] for reason, where in self.refused.items()}
        return ClosedDraws(bases, self.closes[:1], refused)

    def counts(self) -> dict[str, int]:
        """Return how many draws each reason refuses."""
        return {reason: int(where.sum()) for reason, where in self.refused.items()}


def close_draws(parameters: Parameters, drawn: Mapping[str, Array]) -> ClosedDraws:
    """Close the base year for many draws.

    A base year of five areas takes 0.4 MB a draw, and blocks stay in cache: give some hundred draws
    at a time. Results do not depend on which draws are closed together.

    Parameters
    ----------
    parameters
        Of the central assumptions, which close.
    drawn
        Values ``[draw]`` by parameter: scalars, and of paths the value in the base year. Growth of
        the projection, migration and what else the base year does not depend on has no effect.

    Raises
    ------
    InputError
        If a name is not a number or a path, values are outside its bounds or not as many as those
        of others, an assumption has no central value, or what moves the life course may not vary
        by draw (:data:`fsinsure.draws.ALIKE`).
    ClosureError
        If the central assumptions cannot meet a published figure.
    """
    draws = _checked(parameters, drawn)
    if draws == 1:
        both = {name: two_or_more(values) for name, values in drawn.items()}
        return close_draws(parameters, both).first()
    known, refused = known_of(parameters), Refused(np.ones(draws, dtype=bool))
    assumed = {name: values for name, values in drawn.items() if name in known.assumptions}
    people, rounding = people_of_draws(known, assumed, refused)
    totals = totals_of(people)
    working = np.stack([totals[name] for name in {**ALIGNED, **dict.fromkeys(INSURED)}])
    there = residents(parameters.region)[..., ENTRY_AGES].sum()
    refused.mark("too few residents of working age", np.asarray(working.sum(axis=0) > there))
    rows = np.flatnonzero(refused.closes)
    beside = two_or_more(rows)
    some = Refused(np.ones(len(beside), dtype=bool))
    bases = _bases(
        parameters,
        known,
        {name: values[beside] for name, values in drawn.items()},
        {name: values[beside] for name, values in people.items()},
        some,
    )
    if len(beside) > len(rows):
        bases, some = bases.select_draws(slice(some.closes[:1].sum())), some.first()
    own = {name: values[rows[some.closes]] for name, values in rounding.items()}
    for reason, where in some.reasons.items():
        refused.mark(reason, np.isin(np.arange(draws), rows[where]))
    return ClosedDraws(replace(bases, rounding=own), refused.closes, refused.reasons)


def _checked(parameters: Parameters, drawn: Mapping[str, Array]) -> int:
    """Return the number of draws; errors as of :func:`close_draws`."""
    known = registry()
    for name, values in drawn.items():
        if name not in known or known[name].kind not in ("path", "scalar"):
            hint = did_you_mean(name, known)
            raise InputError(
                "{name!r} is not a number or a path of numbers.{hint}", name=name, hint=hint
            )
        if known[name].kind == "scalar" and parameters.scalars.get(name) is None:
            raise InputError(
                "{name} has no central value: give it one in the scenario first", name=name
            )
        low, high = known[name].low, known[name].high
        if low is None or high is None:
            raise InputError("{name} has no bounds: it cannot be drawn", name=name)
        if not ((values >= low) & (values <= high)).all():
            raise InputError(
                "{name} must lie between {low:g} and {high:g} in every draw",
                name=name,
                low=low,
                high=high,
            )
    sizes = {np.shape(values) for values in drawn.values()}
    if len(sizes) != 1 or len(next(iter(sizes))) != 1:
        raise InputError("draws of the base year need one value a draw, as many of each parameter")
    return int(next(iter(sizes))[0])


def _bases(
    parameters: Parameters,
    known: Known,
    drawn: Mapping[str, Array],
    people: Mapping[str, Array],
    refused: Refused,
) -> Bases:
    """Return base years of draws of which the equations are solved; mark those that do not fit.

    The base years are of the draws that fit, without rounding.
    """
    totals = totals_of(people)
    course = _courses(parameters, drawn, totals)
    refused.mark("no stationary state", np.asarray(np.isnan(course).any(axis=(-4, -3, -2, -1))))
    course = np.where(refused.closes[:, None, None, None, None], course, 0.0)
    stock, fitting, eligible = _placed(parameters, drawn, totals, course)
    for status, fits in fitting.items():
        refused.mark(f"too few residents for {status}", totals[status] > fits)
    draws = len(refused.closes)
    coverage = shares_of_draws(known, drawn, draws)
    coverage[CARD_HOLDERS] = np.full(draws, card_holders(parameters.region))
    for group, path in partial_groups().items():
        there = eligible[group]
        refused.mark(f"{path} above 1", people[group] > there)
        coverage[path] = np.divide(people[group], there, out=np.zeros(draws), where=there > 0)
    bases = Bases(stock, totals, coverage, {})
    return bases if refused.closes.all() else bases.select_draws(refused.closes)


def _placed(
    parameters: Parameters,
    drawn: Mapping[str, Array],
    totals: Mapping[str, Array],
    course: Array,
) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """Place the people of every draw, and give them what they carry; blocks stay in cache.

    Returns
    -------
    tuple
        The base stock ``[draw, quantity, status, area, sex, age]``; by status the most who fit
        ``[draw]``; by partly covered group the people who are eligible ``[draw]``.
    """
    from concurrent.futures import ThreadPoolExecutor

    everybody, draws = residents(parameters.region), len(course)
    stock = np.empty((draws, len(QUANTITIES), len(STATUSES), *everybody.shape))

    def of_block(rows: slice) -> tuple[dict[str, Array], dict[str, Array]]:
        own = [{name: one[rows] for name, one in of.items()} for of in (drawn, totals)]
        persons, fitting = placed(everybody, own[1], course[rows])
        stock[rows] = _stock(parameters, own[0], persons, course[rows])
        counted = {one: groups()[one].count(persons).sum(axis=-1) for one in partial_groups()}
        return fitting, counted

    ends = [*range(BLOCK, draws - 1, BLOCK), draws]  # no block of a single draw
    blocks = [slice(first, end) for first, end in pairwise([0, *ends])]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [*pool.map(of_block, blocks)]
    fitting, eligible = (
        {name: np.concatenate([one[name] for one in part]) for name in part[0]}
        for part in zip(*found, strict=True)
    )
    return stock, fitting, eligible


def _stock(
    parameters: Parameters, drawn: Mapping[str, Array], persons: Array, course: Array
) -> Array:
    """Return the base stock ``[draw, quantity, status, area, sex, age]`` of placed persons."""
    scalars = {name: values for name, values in drawn.items() if name in parameters.scalars}
    # A number of each draw takes the place of a number.
    numbers = cast("Mapping[str, float]", scalars)
    moved = replace(parameters, scalars={**parameters.scalars, **numbers})
    return base_quantities(moved, persons, service_months(moved, course), course)


def _courses(
    parameters: Parameters, drawn: Mapping[str, Array], totals: Mapping[str, Array]
) -> Array:
    """Return the life course of every draw, solved once for draws with the same rates and totals.

    Returns
    -------
    Array
        ``[draw, quantity, status, sex, age]``
    """
    rates = {name: values for name, values in drawn.items() if moves_course(name)}
    wanted = {name: totals[name] for name in ENTRIES}
    alike = np.stack([*rates.values(), *wanted.values()])
    _, first, which = np.unique(alike, axis=1, return_index=True, return_inverse=True)
    first = two_or_more(first)
    law = _law_of_base_year(parameters, {name: values[first] for name, values in rates.items()})
    people = residents(parameters.region).sum(axis=0)
    course = life_course(law, people, {name: values[first] for name, values in wanted.items()})
    return course[which.reshape(-1)]


def moves_course(name: str) -> bool:
    """Return whether the life course of the base year depends on a parameter."""
    return any(fnmatch(name, pattern) for pattern in RATES)


def _law_of_base_year(parameters: Parameters, rates: Mapping[str, Array]) -> Law:
    """Return the law whose rates the life course follows, with draws ``[draw]`` of some rates."""
    first = resolve(base_year_scenario(parameters))
    drawn = {name: one[:, None] if name in first.paths else one for name, one in rates.items()}
    return bind(first.with_draws(drawn))[0]
