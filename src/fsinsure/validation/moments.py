"""Expected heads of persons by the cohort engine, and their sampling error.

Persons are independent: each changes status by the probabilities of their area, sex and age. So
the heads of a cell are sums of independent choices, and their mean and covariance follow exactly
from the same transitions (:class:`HeadMoments`). One event is not a probability of
the cell: persons reach the pension age by their month of birth and vest by the months that they
have. There the observed share takes the place of the cohort's and adds no variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, SEXES
from fsinsure.state import Flow, Inflow, Move
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.year.event import Event, Happened, Kind, Transitions
from fsinsure.year.events import AGEING, FIRST_HALF


@dataclass(frozen=True, eq=False)
class Counts:
    """Heads of persons, unweighted: whole numbers.

    Parameters
    ----------
    heads
        ``[year, status, area, sex, age]`` at 31 December, the base year first.
    flows
        By year: heads of each move and inflow, in the order of the transitions
        ``[area, sex, age]``.
    """

    heads: Array
    flows: Mapping[int, Sequence[Array]]


def counts(people: Array, flows: Mapping[int, Sequence[Flow]], weight: float) -> Counts:
    """Return heads, from the people that they stand for.

    Parameters
    ----------
    people
        ``[year, status, area, sex, age]``
    flows
        Of every year, in the order of the transitions.
    weight
        How many people a person stands for.
    """
    areas = people.shape[-3]
    by_year = {
        year: [_whole(flow, areas, weight) for flow in found] for year, found in flows.items()
    }
    return Counts(np.rint(people / weight), by_year)


def _whole(flow: Flow, areas: int, weight: float) -> Array:
    cells = np.zeros((areas, len(SEXES), AGES))
    cells[..., flow.ages] = np.rint(np.asarray(flow.persons) / weight)
    return cells


@dataclass(frozen=True, eq=False)
class Moved:
    """One move of persons against its probability, given who was there just before.

    Parameters
    ----------
    event, source, target
        Which move.
    heads, mean, variance
        How many moved, and the binomial mean and variance ``[area, sex, age]``.
    """

    event: Event
    source: str
    target: str
    heads: Array
    mean: Array
    variance: Array

    @property
    def individually_determined(self) -> bool:
        """Whether it depends on what persons carry themselves, so that it is not binomial."""
        return self.event.kind is Kind.INDIVIDUAL

    @property
    def name(self) -> str:
        """The event and the move."""
        return f"{self.event.name}: {self.source} to {self.target}"


@dataclass(frozen=True, eq=False)
class Year:
    """Expected heads at the end of a year, and when the first half of its money is computed.

    Both by the age at the end of the year.

    Parameters
    ----------
    year
        The calendar year.
    mean
        Heads ``[half, area, sex, age, status]`` then and at the end.
    covariance
        ``[pair, area, sex, age, status, status]``: within the first half, between it and the
        end (rows: the first half), and within the end.
    moves
        Each move against its probability.
    """

    year: int
    mean: Array
    covariance: Array
    moves: tuple[Moved, ...]


def expected_years(transitions: Transitions, persons: Counts) -> Iterator[Year]:
    """Advance through all years, from the persons of the base year and those who came later.

    Parameters
    ----------
    transitions
        As the cohort engine solved them.
    persons
        Heads at the start, of those who came, and of those who reached the pension age.
    """
    moments = HeadMoments(persons.heads[0])
    for year, events in transitions.by_year.items():
        yield moments.advance(year, events, persons.flows[year])


@dataclass(eq=False)
class _First:
    """The first half of a year's money: heads, their covariance, and that with the heads of now."""

    mean: Array
    covariance: Array
    with_now: Array


class HeadMoments:
    """Mean and covariance of heads, advanced through the events.

    With ``Q`` the probabilities between statuses at one event, the mean becomes ``mean Q`` and the
    covariance ``Q' C Q`` and what the event adds: ``diag(q) - q q'`` for each person, ``q`` their
    row of ``Q`` (independent choices). Ages and places never mix, so each cell has a small matrix
    of its own.

    Parameters
    ----------
    heads
        At the start ``[status, area, sex, age]``.
    """

    def __init__(self, heads: Array) -> None:
        self.there = np.moveaxis(np.asarray(heads, dtype=np.float64), 0, -1).copy()
        self.mean = self.there.copy()
        self.covariance = np.zeros((*self.mean.shape, len(STATUSES)))
        self.first = self._now()

    def advance(self, year: int, events: Sequence[Happened], flows: Sequence[Array]) -> Year:
        """Advance through the events of a year."""
        found: list[Moved] = []
        left = iter(flows)
        for event, moves in events:
            if event is AGEING:
                self._age()
            elif event is FIRST_HALF:
                self.first = self._now()
            elif moves:
                found.extend(self._event(event, moves, [next(left) for _ in moves]))
        first = self.first
        covariance = np.stack([first.covariance, first.with_now, self.covariance])
        return Year(year, np.stack([first.mean, self.mean]), covariance, tuple(found))

    def _now(self) -> _First:
        return _First(self.mean.copy(), self.covariance.copy(), self.covariance.copy())

    def _age(self) -> None:
        first = self.first
        now = (self.there, self.mean, self.covariance)
        for cells in (*now, first.mean, first.covariance, first.with_now):
            oldest = cells[:, :, -1].copy()
            cells[:, :, 1:] = cells[:, :, :-1].copy()
            cells[:, :, 0] = 0.0
            cells[:, :, -1] += oldest

    def _event(
        self, event: Event, moves: Sequence[Move | Inflow], flows: Sequence[Array]
    ) -> list[Moved]:
        individual = event.kind is Kind.INDIVIDUAL
        found = []
        transition = np.zeros_like(self.covariance)
        leaving = np.zeros_like(self.mean)
        joining = np.zeros_like(self.mean)
        for move, heads in zip(moves, flows, strict=True):
            if isinstance(move, Inflow):
                joining[..., STATUS[move.target]] += heads
                continue
            source = STATUS[move.source]
            there = self.there[..., source]
            law = move.by_cell(len(there))
            share = observed_share(heads, there, law) if individual else law
            leaving[..., source] += share
            if move.target in STATUS:
                transition[..., source, STATUS[move.target]] += share
            mean = there * law
            found.append(Moved(event, move.source, move.target, heads, mean, mean * (1.0 - law)))
        self._step(transition, leaving, random=not individual)
        self.mean += joining
        count_movers(np.moveaxis(self.there, -1, 0), moves, flows)
        return found

    def _step(self, transition: Array, leaving: Array, *, random: bool) -> None:
        """Advance mean and covariance by one event."""
        at = np.arange(len(STATUSES))
        transition[..., at, at] += 1.0 - leaving
        turned = np.swapaxes(transition, -1, -2)
        self.covariance = turned @ self.covariance @ transition
        self.first.with_now = self.first.with_now @ transition
        after = self.mean[..., None] * transition
        new = after.sum(axis=-2)
        if random:
            self.covariance -= turned @ after
            self.covariance[..., at, at] += new
        self.mean = new


def count_movers(there: Array, moves: Sequence[Move | Inflow], flows: Sequence[Array]) -> None:
    """Move observed heads from status to status in ``[status, ...]``, in place."""
    for move, heads in zip(moves, flows, strict=True):
        if move.source in STATUS:
            there[STATUS[move.source]] -= heads
        if move.target in STATUS:
            there[STATUS[move.target]] += heads


def observed_share(moved: Array, there: Array, otherwise: Array) -> Array:
    """Return the share that moved; where nobody was, the share of the cohort."""
    return np.divide(moved, there, out=np.array(otherwise, dtype=np.float64), where=there > 0)
