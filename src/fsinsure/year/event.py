"""What an event of the year is: a name, a function, and what kind of change it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from fsinsure.arrays import Array
from fsinsure.dims import FEMALE, PERSONS
from fsinsure.ledger import Book
from fsinsure.state import Inflow, Move
from fsinsure.year.law import Law


class Kind(Enum):
    """How an event changes the stock, which decides how the person engine follows it."""

    MOVES = "moves"
    """Persons move with the probability of their cell."""
    IN_PLACE = "in place"
    """The stock and the ledger change, and nobody moves."""
    INDIVIDUAL = "individually determined"
    """The moves depend on what each person carries; a cell has their expectation."""


@dataclass(frozen=True, eq=False)
class Opening:
    """The stock of 31 December before, as far as later events of the year need it.

    Parameters
    ----------
    people
        Persons ``[..., status, area]``.
    women
        Women ``[..., area, age]``.
    book
        The ledger of the year; None where only heads are counted.
    """

    people: Array
    women: Array
    book: Book | None = None


def opening(stock: Array, book: Book | None = None) -> Opening:
    """Return what later events need of an opening stock ``[..., quantity, ..., sex, age]``."""
    persons = stock[..., PERSONS, :, :, :, :]
    women = persons[..., :, :, FEMALE, :].sum(axis=-3)
    return Opening(persons.sum(axis=(-2, -1)), women, book)


Apply: TypeAlias = Callable[["Law", "Array", Opening], Sequence[Move | Inflow]]
"""Takes the law of the year, the stock as the events before left it, and the opening stock;
returns moves of that stock, which happen at the same time."""


@dataclass(frozen=True, eq=False)
class Event:
    """One event of the year.

    Parameters
    ----------
    name
        As tables and documents show it.
    apply
        What happens.
    kind
        How it changes the stock.
    levers
        The parameters that it reads, as patterns such as ``"migration.*"``.
    """

    name: str
    apply: Apply
    kind: Kind = Kind.MOVES
    levers: tuple[str, ...] = ()


Happened: TypeAlias = tuple[Event, tuple[Move | Inflow, ...]]
"""An event and the moves that it made."""


@dataclass(frozen=True, eq=False)
class Transitions:
    """The moves of every year, in the order in which they were applied.

    Each year holds events in order; the moves of one event happen at the same time.
    """

    by_year: Mapping[int, tuple[Happened, ...]]

    def __iter__(self) -> Iterator[tuple[int, Event, Move | Inflow]]:
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
