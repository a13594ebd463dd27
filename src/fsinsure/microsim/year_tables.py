"""What the cohort engine solved, laid out so that persons can look it up: one `Year` a year.

Tables are by cell (:class:`fsinsure.state.People`); the last entry is that of who is gone. Whoever
is in a cell at the start of a year draws one number; the *steps* of the year, which are its moves
in their order, share the numbers out: a number below ``odds[cell, 1]`` makes the first move, one
between that and ``odds[cell, 2]`` the second, and so on; one above them all stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, DISTRICTS, FEMALE, HALF_YEAR, MALE, SEXES
from fsinsure.microsim import rates
from fsinsure.rules.retirement import NEVER
from fsinsure.state import CODE, PLACES, RANKS, Inflow, Move, ages_at, cells
from fsinsure.statuses import AS_CADRES, INSURED, PAYING, PENSIONERS, STATUS, STATUSES
from fsinsure.year.event import Event, Kind
from fsinsure.year.events import AGEING, FIRST_HALF, INDEXING, RETIREMENT, SECOND_HALF
from fsinsure.year.pension_age import (
    CLAIMS,
    DIVISORS,
    EARLY,
    LATE,
    ON_TIME,
    divisor_at,
    pension_ages,
)
from fsinsure.year.terms import rank_bases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Flags, Ints
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.rates import Rates
    from fsinsure.parameters import Parameters
    from fsinsure.year.event import Happened
    from fsinsure.year.law import Law


EVERY: Final = np.uint64(2**64 - 1)
SURE: Final = 1.0 - 2.0**-32
"""What stands for certainty: if nobody were left, who joins later in the year would have no luck
to move by. One in four thousand million stays who should not."""
TRACKS: Final = tuple(
    (who, claim) for claim in (ON_TIME, LATE, EARLY) for who in ("worker", "cadre")
)
"""Pension age of a woman and claim of a person, by :attr:`fsinsure.state.People.track`."""

AGES_OF: Final = tuple((who, claim) for who in ("male", "cadre", "worker") for claim in CLAIMS)
RULE: Final = {rule: number for number, rule in enumerate((*AGES_OF, ("resident", ON_TIME)))}
"""Number of a pension age with its claim."""
NOBODY: Final = len(RULE)
"""The rule of those who reach no pension age."""


@dataclass(frozen=True, eq=False)
class Entry:
    """People who come from outside the population.

    Parameters
    ----------
    move
        Number of the inflow within the year.
    step
        The first step that they live through.
    status
        The status that they join.
    persons
        How many are expected, by place and year of birth ``[place, birth]``.
    """

    move: int
    step: int
    status: int
    persons: Array


@dataclass(frozen=True, eq=False)
class Retirement:
    """Who reaches the pensionable age, and where that leads.

    Parameters
    ----------
    rule
        By which rule ``[status, sex, track]``, of :data:`RULE` or :data:`NOBODY`.
    due
        Whether they claim, or have reached the statutory age, by the end of the year
        ``[rule, birth, month of birth]``.
    reached
        Whether they claim for the first time within the year, by the same.
    past
        Whether they have reached the statutory age by its end, by the same.
    claims
        Whether they claim by its end, by the same.
    divisor
        Annuity divisor (计发月数) of an account awarded this year, by the same.
    minimum
        Contribution months that they need, by the same.
    vesting
        Whether a status needs the minimum months ``[status]``.
    award, leave
        Number of the move by which the vested draw a pension, and the others take their account
        ``[status]``.
    award_to, leave_to
        The codes that these lead to ``[status]``.
    """

    rule: Ints
    due: NDArray[np.bool_]
    reached: NDArray[np.bool_]
    past: NDArray[np.bool_]
    claims: NDArray[np.bool_]
    divisor: Array
    minimum: Array
    vesting: NDArray[np.bool_]
    award: Ints
    leave: Ints
    award_to: Ints
    leave_to: Ints


@dataclass(frozen=True, eq=False)
class Year:
    """Everything that persons need to know of a year.

    Parameters
    ----------
    year
        The calendar year.
    births
        How many years of birth there are.
    moves
        Moves and inflows in order: a move's *number* is its place here.
    odds
        The number below which somebody has moved before a step ``[cell, step]``, rising from 0; one
        entry more than there are steps.
    target, move
        Where a step leads, as a code, and the number of the move ``[step, status]``.
    after
        The first step of the event after that of a step: nobody moves twice in an event ``[step]``.
    marks
        Steps before the first half-year of money, before retirement, and in all ``[3]``.
    reach
        The number below which somebody moves before each of these ``[3, cell]``.
    ages
        Age at a step, and at the end of the year ``[step, birth]``.
    stay
        The word up to which a person may move ``[cell]``; :data:`EVERY` where somebody may be due.
    moving
        The word below which a person moves ``[cell]``.
    due
        Whether somebody may be due ``[cell]``.
    entries
        The inflows.
    retirement
        Who retires.
    rates
        What becomes of accounts and pensions.
    earned
        Months that a whole year in a status earns ``[cell]``.
    """

    year: int
    births: int
    moves: tuple[Move | Inflow, ...]
    odds: Array
    target: Ints
    move: Ints
    after: Ints
    marks: tuple[int, int, int]
    reach: Array
    ages: Ints
    stay: NDArray[np.uint64]
    moving: NDArray[np.uint64]
    due: NDArray[np.bool_]
    entries: tuple[Entry, ...]
    retirement: Retirement
    rates: Rates
    earned: NDArray[np.uint16]


class _Steps:
    """The steps of a year while they are laid out."""

    def __init__(self, count: int) -> None:
        self.staying = np.ones(cells(count))
        self.odds = [np.zeros(cells(count))]
        self.target: list[Ints] = []
        self.move: list[Ints] = []
        self.after: list[int] = []
        self.ages: list[Ints] = []

    def __len__(self) -> int:
        return len(self.target)


def year_tables(projection: Projection, parameters: Parameters, index: int, count: int) -> Year:
    """Return the tables of the projected year at an index.

    Parameters
    ----------
    projection
        Of the cohort engine.
    parameters
        Those it was projected with.
    index
        Of the projected year.
    count
        How many years of birth there are.
    """
    law = projection.laws[index]
    base = {name: found[index] for name, found in rank_bases(parameters, RANKS).items()}
    events = projection.transitions.by_year[law.year]
    moves = tuple(move for _, event in events for move in event)
    retirement = _retirement(law, parameters, dict(events)[RETIREMENT], moves, count)
    here, before = ages_at(law.year, count), ages_at(law.year - 1, count)
    return lay_out(events, law.year, count, retirement, rates.bind(law, base, here, before))


def lay_out(
    events: Sequence[Happened], year: int, count: int, retirement: Retirement, rates: Rates
) -> Year:
    """Lay the events of a year out as the tables that persons look them up in.

    Parameters
    ----------
    events
        Every event with its moves, in order.
    year
        The calendar year.
    count
        How many years of birth there are.
    retirement, rates
        Who retires, and what becomes of accounts and pensions.
    """
    steps, entries, ends = _walk(events, year, count)
    odds = np.stack(steps.odds, axis=1)
    moving, due = _threshold(odds[:, -1]), _anybody_due(retirement)
    return Year(
        year,
        count,
        tuple(move for _, event in events for move in event),
        odds,
        np.stack(steps.target),
        np.stack(steps.move),
        np.array(steps.after),
        ends,
        np.stack([odds[:, end] for end in ends]),
        np.stack([*steps.ages, ages_at(year, count)]),
        np.where(due, EVERY, moving),
        moving,
        due,
        entries,
        retirement,
        rates,
        _earned(count),
    )


def _walk(
    events: Sequence[Happened], year: int, count: int
) -> tuple[_Steps, tuple[Entry, ...], tuple[int, int, int]]:
    """Lay out the moves of a year as steps, and mark what happens between them."""
    steps = _Steps(count)
    ages = ages_at(year - 1, count)
    entries: list[Entry] = []
    marks: dict[Event, int] = {}
    number = 0
    for event, moves in events:
        marks[event] = len(steps)
        if event is AGEING:
            ages = ages_at(year, count)
        if event.kind is Kind.MOVES:
            _add(steps, moves, number, ages, count)
        for offset, move in enumerate(moves):
            if isinstance(move, Inflow):
                entries.append(_entry(move, number + offset, len(steps), ages, year))
        number += len(moves)
    check_events(list(marks))
    # By its first step alone it must be plain whether somebody new has the half-year before.
    if any(entry.step in (0, marks[FIRST_HALF]) for entry in entries):
        raise NotImplementedError("inflows come before the first move of a half-year")
    return steps, tuple(entries), (marks[FIRST_HALF], marks[RETIREMENT], len(steps))


FOLLOWED: Final = (INDEXING, FIRST_HALF, AGEING, RETIREMENT, SECOND_HALF)
"""The events that persons follow otherwise than by the probability of their cell, in order."""


def check_events(events: Sequence[Event]) -> None:
    """Check that persons can follow every event of the year, in its order.

    Raises
    ------
    NotImplementedError
        If an event has no counterpart in the person engine, or is in another order.
    """
    others = [event for event in events if event.kind is not Kind.MOVES]
    for event in others:
        if event not in FOLLOWED:
            raise NotImplementedError(
                f"the event {event.name} ({event.kind.value}) has no counterpart in the person "
                "engine: add one to FOLLOWED in microsim/year_tables.py, to what persons do in "
                "blocks.py and compiled/loops.py, and to POSTED in microsim/assemble.py; or run "
                "the cohort engine alone"
            )
    if tuple(others) != FOLLOWED or events[0] is not INDEXING or events[-1] is not SECOND_HALF:
        raise NotImplementedError(
            "the person engine runs " + ", ".join(event.name for event in FOLLOWED) + " in this "
            "order, indexing before all moves and the second half-year after them: the events of "
            "the year are in another order"
        )


def _add(steps: _Steps, event: Sequence[Move | Inflow], first: int, ages: Ints, count: int) -> None:
    """Add the steps of an event: the moves of each status one after another."""
    leaving: dict[str, list[tuple[int, Move]]] = {}
    for number, move in enumerate(event, start=first):
        if isinstance(move, Move):
            leaving.setdefault(move.source, []).append((number, move))
    before, taken = steps.staying, np.zeros_like(steps.staying)
    for choice in range(max((len(found) for found in leaving.values()), default=0)):
        target, number_of = np.full((2, len(CODE)), -1)
        for source, found in leaving.items():
            if choice < len(found):
                number, move = found[choice]
                here = slice(STATUS[source] * PLACES * count, (STATUS[source] + 1) * PLACES * count)
                moves = _by_birth(move.by_cell(), ages).ravel()
                taken[here] = np.minimum(taken[here] + moves, SURE)
                target[STATUS[source]] = CODE[move.target]
                number_of[STATUS[source]] = number
        steps.staying = before * (1.0 - taken)
        steps.odds.append(1.0 - steps.staying)
        steps.target.append(target)
        steps.move.append(number_of)
        steps.ages.append(ages)
    steps.after.extend([len(steps)] * (len(steps) - len(steps.after)))


def _by_birth(table: Array, ages: Ints) -> Array:
    """Lay ``[district, sex, age]`` out as ``[place, birth]``."""
    return np.asarray(table)[..., ages].reshape(PLACES, -1)


def _entry(move: Inflow, number: int, step: int, ages: Ints, year: int) -> Entry:
    shape = (len(DISTRICTS), len(SEXES), len(range(AGES)[move.ages]))
    persons = np.broadcast_to(move.persons, shape).reshape(PLACES, -1)
    full = np.zeros((PLACES, len(ages)))
    for age, at_age in zip(range(AGES)[move.ages], persons.T, strict=True):
        full[:, year - BASE_YEAR + AGES - 1 - age] = at_age
    return Entry(number, step, STATUS[move.target], full)


def _threshold(odds: Array) -> NDArray[np.uint64]:
    """Return the word below which a number is below the odds, to 53 bits."""
    # Python's 2^64 does not fit into a word; the largest word stands for certainty.
    word = np.minimum(np.ceil(odds * 2.0**53), 2.0**53 - 1.0).astype(np.uint64) << np.uint64(11)
    word[odds >= 1.0] = EVERY
    return word


def _anybody_due(retirement: Retirement) -> NDArray[np.bool_]:
    """Return the cells in which the month of birth or the track may make a person due."""
    born = np.asarray(retirement.due.any(axis=-1))  # [rule, birth]
    by_sex = np.asarray(born[retirement.rule].any(axis=2))  # [status, sex, birth]
    alive = np.tile(by_sex[: len(STATUSES)], (1, len(DISTRICTS), 1))
    return np.append(alive.ravel(), False)


def _retirement(
    law: Law,
    parameters: Parameters,
    event: Sequence[Move | Inflow],
    moves: Sequence[Move | Inflow],
    count: int,
) -> Retirement:
    award, leave, award_to, leave_to = np.full((4, len(CODE)), -1)
    for move in event:
        assert isinstance(move, Move)
        at = STATUS[move.source]
        number, to = (award, award_to) if move.target in PENSIONERS else (leave, leave_to)
        number[at], to[at] = moves.index(move), CODE[move.target]
    vesting = np.isin(np.arange(len(CODE)), [STATUS[status] for status in INSURED])
    dates = _dates(law, parameters, count)
    return Retirement(_rules(law), *dates, vesting, award, leave, award_to, leave_to)


def _rules(law: Law) -> Ints:
    """Return the rule of each person ``[code, sex, track]``; the codes of the gone have none."""
    rule = np.full((len(CODE), len(SEXES), len(TRACKS)), NOBODY)
    for track, (who, claim) in enumerate(TRACKS):
        if claim in law.claims:
            for status in (*INSURED, "civil_service"):
                rule[STATUS[status], MALE, track] = RULE["male", claim]
                women = "cadre" if status in AS_CADRES else who
                rule[STATUS[status], FEMALE, track] = RULE[women, claim]
    rule[STATUS["resident"]] = RULE["resident", ON_TIME]
    return rule


def _dates(
    law: Law, parameters: Parameters, count: int
) -> tuple[Flags, Flags, Flags, Flags, Array, Array]:
    """Return due, reached, past, claims, divisor and minimum ``[rule, birth, month of birth]``.

    Those who were due before and draw a pension now are of the age of mid-year; so are those whom
    no rule makes due.
    """
    born = 12 * (BASE_YEAR - AGES + 1 + np.arange(count))[:, None] + np.arange(12)
    ages = pension_ages(parameters)
    never = np.full(born.shape, NEVER)
    month = np.stack([*(ages[who].month(born, claim) for who, claim in RULE), never])
    statutory = np.stack([*(ages[who].month(born) for who, _ in RULE), never])
    minimum = np.full(month.shape, float(law.rate("retirement.min_months")))
    late = [number for (_, claim), number in RULE.items() if claim == LATE]
    minimum[late] = float(law.rate("retirement.min_months_late"))
    in_year = month // 12 == law.year
    age = np.where(in_year, month - born, 12 * law.year + HALF_YEAR - born)
    divisor = divisor_at(age, law.table(DIVISORS))
    claims, past = np.asarray(month // 12 <= law.year), np.asarray(statutory // 12 <= law.year)
    return claims | past, np.asarray(in_year), past, claims, divisor, minimum


def _earned(count: int) -> NDArray[np.uint16]:
    earned = np.zeros(cells(count), dtype=np.uint16)
    for status in PAYING:
        first = STATUS[status] * PLACES * count
        earned[first : first + PLACES * count] = 12
    return earned
