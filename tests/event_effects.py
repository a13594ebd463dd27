"""Which parameters change what an event of the year does, measured on the events themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

import fsinsure as fs
from fsinsure.api import prepare
from fsinsure.engine import cohort
from fsinsure.ledger import Book
from fsinsure.state import Move
from fsinsure.year import events
from fsinsure.year.event import Event, Opening, opening
from fsinsure.year.law import Law, bind
from fsinsure.year.money import settle

if TYPE_CHECKING:
    Array = np.ndarray
    Outcome = dict[tuple[str, ...], Array]


def outcome(event: Event, law: Law, stock: Array, start: Opening, book: Book) -> Outcome:
    """Return all that an event changes, from the same stock and book."""
    stock, mine = stock.copy(), Book(book.before)
    mine.posted, mine.tally = dict(book.posted), dict(book.tally)
    mine.land, mine.deferrals = book.land, dict(book.deferrals)
    moves = event.apply(law, stock, Opening(start.people, start.women, mine))
    amounts = cohort.apply(stock, moves)
    settle(law, stock, moves, amounts, mine)
    found: Outcome = {("stock",): stock}
    for number, move in enumerate(moves):
        size = move.probability if isinstance(move, Move) else move.persons
        found["move", str(number), move.source, move.target] = np.asarray(size)
    found |= {("posted", *key): amount for key, amount in mine.posted.items()}
    found |= {("tally", *key): amount for key, amount in mine.tally.items()}
    if mine.land is not None:
        found["land",] = mine.land
    return found


def same(first: Outcome, second: Outcome) -> bool:
    return first.keys() == second.keys() and all(
        first[key].shape == second[key].shape
        and np.allclose(first[key], second[key], rtol=1e-12, atol=1e-9)
        for key in first
    )


class Effects:
    """The events of a scenario's years, each with the stock and the book that it finds."""

    def __init__(self, scenario: fs.Scenario) -> None:
        parameters, base = prepare(scenario)
        self.found: list[tuple[int, Event, Array, Opening, Book, Outcome]] = []
        stock, book = base.stock.copy(), None
        for index, law in enumerate(bind(parameters, money=True)):
            book = Book(book)
            start = opening(stock, book)
            for event in events.EVENTS:
                before = Book(book.before)
                before.posted, before.tally = dict(book.posted), dict(book.tally)
                before.land, before.deferrals = book.land, dict(book.deferrals)
                happened = outcome(event, law, stock, start, before)
                self.found.append((index, event, stock.copy(), start, before, happened))
                moves = event.apply(law, stock, start)
                settle(law, stock, moves, cohort.apply(stock, moves), book)

    def of(self, changed: fs.Scenario) -> Iterator[Event]:
        """Yield the events that do something else under a changed scenario."""
        parameters, _ = prepare(changed)
        laws = bind(parameters, money=True)
        seen = set()
        for index, event, stock, start, book, before in self.found:
            if event not in seen:
                after = outcome(event, laws[index], stock, start, book)
                if not same(before, after):
                    seen.add(event)
                    yield event
