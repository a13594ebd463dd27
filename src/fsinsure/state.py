"""Plain containers: what moves, from where to where, with which probability.

A *stock* is an array ``[..., quantity, status, district, sex, age]`` at 31 December (see
:mod:`fsinsure.dims`). A :class:`Move` is the atom of the library: some people of one status leave
it for another with a probability. The cohort engine multiplies stocks by probabilities; the person
engine compares a draw with the same probability.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, DISTRICTS, SEXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ALL_AGES: Final = slice(0, AGES)

DEAD = "dead"
DEPARTED = "departed"
BORN = "born"
ARRIVED = "arrived"


@dataclass(frozen=True, eq=False)
class Move:
    """People who leave one status for another (or die, or leave the city).

    Parameters
    ----------
    source
        The status that they leave.
    target
        The status that they join, ``"dead"`` or ``"departed"``.
    probability
        Share of the source that moves, broadcastable to ``[..., quantity, district, sex, age]``
        with the ages of `ages`. Its quantity axis has length 1 where the movers carry the mean
        of their cell, else one entry a quantity (movers picked by what they carry).
    ages
        The ages that the probability covers; nobody of another age moves.
    reason
        Why they move, where the two statuses do not tell: the name of the rule or path.
    """

    source: str
    target: str
    probability: Array
    ages: slice = field(default_factory=lambda: ALL_AGES)
    reason: str = ""

    def by_cell(self) -> Array:
        """Return the probability of a person, as ``[..., district, sex, age]`` over all ages."""
        persons = self.probability[..., 0, :, :, :]
        shape = (*persons.shape[:-3], len(DISTRICTS), len(SEXES), AGES)
        full = np.zeros(shape)
        full[..., self.ages] = persons
        return full


@dataclass(frozen=True, eq=False)
class Inflow:
    """People who come from outside the population: born, or arrived in the city.

    Parameters
    ----------
    source
        ``"born"`` or ``"arrived"``.
    target
        The status that they join.
    persons
        How many, broadcastable to ``[..., district, sex, age]`` with the ages of `ages`.
    ages
        The ages that `persons` covers.
    """

    source: str
    target: str
    persons: Array
    ages: slice = field(default_factory=lambda: ALL_AGES)
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Flow:
    """What a move or an inflow came to: persons ``[..., district, sex, age]`` of the given ages.

    The age is that of 31 December, except where `aged` is false: those people (the year's dead)
    left before everyone's age went up by one.
    """

    source: str
    target: str
    persons: Array
    ages: slice
    reason: str = ""
    aged: bool = True

    @cached_property
    def by_district(self) -> Array:
        """Persons ``[..., district]``."""
        return np.asarray(self.persons.sum(axis=(-2, -1)))


@dataclass(frozen=True, eq=False)
class Transitions:
    """The moves of every year, in the order in which they were applied.

    Each year holds events in order; the moves of one event happen at the same time.
    """

    by_year: Mapping[int, tuple[tuple[str, tuple[Move | Inflow, ...]], ...]]

    def __iter__(self) -> Iterator[tuple[int, str, Move | Inflow]]:
        for year, events in self.by_year.items():
            for event, moves in events:
                for move in moves:
                    yield year, event, move

    def find(self, year: int, source: str, target: str) -> tuple[Move, ...]:
        """Return the moves of a year from one status to another, in order."""
        return tuple(
            move
            for event_year, _, move in self
            if event_year == year
            and isinstance(move, Move)
            and (move.source, move.target) == (source, target)
        )
