"""The tables of a year for persons, built from the transitions that the cohort engine solved.

A person draws one random number a year. The *steps* of the year, which are its moves in their
order, divide the interval from 0 to 1: a number below ``cumulative_probability[cell, 1]`` makes the
first move, one between that and ``cumulative_probability[cell, 2]`` the second, and so on; a number
above them all stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, FEMALE, HALF_YEAR, MALE, MONTHS, PENSION, SEXES
from fsinsure.microsim import growth, rates, tables
from fsinsure.microsim.randomness import UPPER
from fsinsure.rules.retirement import NEVER
from fsinsure.state import CODE, RANKS, Inflow, Move
from fsinsure.statuses import AS_CADRES, INSURED, PENSIONERS, STATUS, STATUSES
from fsinsure.year import pension_age
from fsinsure.year.event import Event, Kind
from fsinsure.year.events import AGEING, FIRST_HALF, INDEXING, RETIREMENT, SECOND_HALF
from fsinsure.year.pension_age import pension_ages
from fsinsure.year.terms import rank_bases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array, Bits, Flags, Ints
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.rates import Rates
    from fsinsure.parameters import Parameters
    from fsinsure.state import CellCode
    from fsinsure.year.event import Happened
    from fsinsure.year.law import Law


MAX_PROBABILITY: Final = 1.0 - 2.0**-32
"""Stands for certainty: if nobody were left in a cell, persons who join it later in the year would
have no remaining interval. One person in 2^32 stays who should not."""
TRACKS: Final = tuple(
    (who, claim)
    for claim in (pension_age.ON_TIME, pension_age.LATE, pension_age.EARLY)
    for who in ("worker", "cadre")
)
"""Pension age of a woman and claim of a person, by :attr:`fsinsure.state.People.track`."""

AGES_OF: Final = tuple(
    (who, claim) for who in ("male", "cadre", "worker") for claim in pension_age.CLAIMS
)
RULE: Final = {
    rule: number for number, rule in enumerate((*AGES_OF, ("resident", pension_age.ON_TIME)))
}
"""Number of a pension age with its claim."""
NO_RULE: Final = len(RULE)
"""The rule of persons who reach no pension age."""


class _Steps:
    """The steps of a year while its tables are built."""

    def __init__(self, code: CellCode) -> None:
        self.code = code
        self.staying = np.ones(code.cells)
        self.cumulative_probability = [np.zeros(code.cells)]
        self.target: list[Ints] = []
        self.move: list[Ints] = []
        self.next_event: list[int] = []

    def __len__(self) -> int:
        return len(self.target)


def all_years(
    projection: Projection, parameters: Parameters, code: CellCode
) -> tuple[tables.YearTables, ...]:
    """Return the tables of every projected year."""
    found: list[tables.YearTables] = []
    for index in range(len(projection.laws)):
        before = found[-1] if found else None
        found.append(year_tables(projection, parameters, index, code, before))
    return tuple(found)


def year_tables(
    projection: Projection,
    parameters: Parameters,
    index: int,
    code: CellCode,
    before: tables.YearTables | None,
) -> tables.YearTables:
    """Return the tables of the projected year at an index.

    Parameters
    ----------
    projection
        Of the cohort engine.
    parameters
        Those it was projected with.
    index
        Of the projected year.
    code
        Of the cells.
    before
        The tables of the year before, of the first year None.
    """
    law = projection.laws[index]
    base = {name: found[index] for name, found in rank_bases(parameters, RANKS).items()}
    events = projection.transitions.by_year[law.year]
    retirement = _retirement(law, parameters, events, base["base"], code)
    bound = rates.bind(law, base, code)
    return build_tables(events, law.year, code, retirement, bound, before)


def build_tables(
    events: Sequence[Happened],
    year: int,
    code: CellCode,
    retirement: tables.Retirement,
    found: Rates,
    before: tables.YearTables | None,
) -> tables.YearTables:
    """Build the tables of a year from its events.

    Parameters
    ----------
    events
        Every event with its moves, in order.
    year
        The calendar year.
    code
        Of the cells.
    retirement, found
        Who retires, and the changes of accounts and pensions.
    before
        The tables of the year before, of the first year None.
    """
    steps, entries, (first_half, retiring) = _steps_of(events, year, code)
    probability = np.stack(steps.cumulative_probability, axis=1)
    threshold = _threshold(probability[:, -1])
    opening = before.closing if before else growth.no_growth(code)
    settled = before.rates.account_factor_half[1] if before else np.ones(code.cells)
    closing, restarts = growth.after_year(opening, found, settled)
    examined = _may_be_due(retirement, code) | (restarts > 0)
    candidate = np.where(examined, tables.ALL_BITS, threshold) >> UPPER
    stayers = tables.StayerTables(candidate.astype(np.uint16), threshold, examined, restarts)
    movers = tables.MoverTables(
        probability,
        np.stack(steps.target),
        np.stack(steps.move),
        np.array(steps.next_event),
        np.stack([probability[:, end] for end in (first_half, retiring, len(steps))]),
        found.account_factor_half,
        found.account_credit_half,
        found.flat,
        found.per_year,
        found.percent,
        first_half,
        retiring,
    )
    moves = tuple(move for _, event in events for move in event)
    rest = entries, stayers, movers, retirement, found, opening, closing
    return tables.YearTables(year, code, moves, _aged(events), *rest)


def _aged(events: Sequence[Happened]) -> Flags:
    """Return whether those who move have the age of the end of the year ``[move]``."""
    after = [event for event, _ in events].index(AGEING)
    found = [
        index > after or isinstance(move, Inflow)
        for index, (_, moves) in enumerate(events)
        for move in moves
    ]
    return np.array(found, dtype=np.bool_)


def _steps_of(
    events: Sequence[Happened], year: int, code: CellCode
) -> tuple[_Steps, tuple[tables.InflowGroup, ...], tuple[int, int]]:
    """Return the steps, the inflows, and the steps before the first half-year and retirement."""
    steps = _Steps(code)
    ages = code.ages_at(year - 1)
    entries: list[tables.InflowGroup] = []
    first_step: dict[Event, int] = {}
    number = 0
    for event, moves in events:
        first_step[event] = len(steps)
        if event is AGEING:
            ages = code.ages_at(year)
        if event.kind is Kind.MOVES:
            _add_steps(steps, moves, number, ages)
        for offset, move in enumerate(moves):
            if isinstance(move, Inflow):
                at = number + offset, len(steps)
                entries.append(_inflow_group(move, *at, code, year))
        number += len(moves)
    check_events(list(first_step))
    # The first step alone must say whether new persons take part in the half-year before.
    if any(entry.step in (0, first_step[FIRST_HALF]) for entry in entries):
        raise NotImplementedError("inflows precede all moves of a half-year: put a move before")
    return steps, tuple(entries), (first_step[FIRST_HALF], first_step[RETIREMENT])


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
                "movers.py and compiled/person.py, and to POSTED in microsim/assemble.py; or run "
                "the cohort engine alone"
            )
    if tuple(others) != FOLLOWED or events[0] is not INDEXING or events[-1] is not SECOND_HALF:
        raise NotImplementedError(
            "the person engine runs " + ", ".join(event.name for event in FOLLOWED) + " in this "
            "order, indexing before all moves and the second half-year after them: the events of "
            "the year are in another order"
        )


def _add_steps(steps: _Steps, event: Sequence[Move | Inflow], first: int, ages: Ints) -> None:
    """Add the steps of an event: the moves of each status one after another."""
    leaving: dict[str, list[tuple[int, Move]]] = {}
    for number, move in enumerate(event, start=first):
        if isinstance(move, Move):
            _check_pension(move)
            leaving.setdefault(move.source, []).append((number, move))
    of_status = steps.code.places * steps.code.births
    before, taken = steps.staying, np.zeros_like(steps.staying)
    for choice in range(max((len(found) for found in leaving.values()), default=0)):
        target, number_of = np.full((2, len(CODE)), -1)
        for source, found in leaving.items():
            if choice < len(found):
                number, move = found[choice]
                status = STATUS[source]
                here = slice(status * of_status, (status + 1) * of_status)
                probability = move.by_cell(steps.code.areas)[..., ages].ravel()
                taken[here] = np.minimum(taken[here] + probability, MAX_PROBABILITY)
                target[status], number_of[status] = CODE[move.target], number
        steps.staying = before * (1.0 - taken)
        steps.cumulative_probability.append(1.0 - steps.staying)
        steps.target.append(target)
        steps.move.append(number_of)
    steps.next_event.extend([len(steps)] * (len(steps) - len(steps.next_event)))


def _check_pension(move: Move) -> None:
    """Check that a pension is evaluated wherever persons have it."""
    if move.source in PENSIONERS and move.target in STATUS and move.target not in PENSIONERS:
        raise NotImplementedError(
            f"a move from {move.source} to {move.target}: persons keep a pension in the statuses "
            "of pensioners alone"
        )


def _inflow_group(
    move: Inflow, number: int, step: int, code: CellCode, year: int
) -> tables.InflowGroup:
    ages = np.arange(AGES)[move.ages]
    persons = np.broadcast_to(move.persons, (code.areas, len(SEXES), len(ages)))
    births = year - code.first_birth - ages
    by_birth = np.zeros((code.places, code.births))
    by_birth[:, births] = persons.reshape(code.places, -1)
    brought = np.zeros((PENSION - MONTHS, *by_birth.shape))
    if move.each is not None:
        each = np.broadcast_to(move.each, (len(brought), *persons.shape))
        brought[:, :, births] = each.reshape(len(brought), code.places, -1)
    return tables.InflowGroup(number, step, STATUS[move.target], by_birth, brought)


def _threshold(probability: Array) -> Bits:
    """Return the random bits below which the number drawn is below a probability, to 53 bits."""
    # 2^64 does not fit into 64 bits; the largest value stands for certainty.
    steps = np.minimum(np.ceil(probability * 2.0**53), 2.0**53 - 1.0)
    bits = steps.astype(np.uint64) << np.uint64(11)
    return np.where(probability >= 1.0, tables.ALL_BITS, bits)


def _may_be_due(retirement: tables.Retirement, code: CellCode) -> Flags:
    """Return the cells in which the month of birth or the track may make a person due."""
    born = np.asarray(retirement.due.any(axis=-1))  # [rule, birth]
    by_sex = np.asarray(born[retirement.rule].any(axis=2))  # [status, sex, birth]
    alive = np.tile(by_sex[: len(STATUSES)], (1, code.areas, 1))
    return np.append(alive.ravel(), False)


def _retirement(
    law: Law, parameters: Parameters, events: Sequence[Happened], base: Array, code: CellCode
) -> tables.Retirement:
    moves = [move for _, event in events for move in event]
    award, leave, award_to, leave_to = np.full((4, len(CODE)), -1)
    for move in dict(events)[RETIREMENT]:
        assert isinstance(move, Move)
        at = STATUS[move.source]
        number, to = (award, award_to) if move.target in PENSIONERS else (leave, leave_to)
        number[at], to[at] = moves.index(move), CODE[move.target]
    vesting = np.isin(np.arange(len(CODE)), [STATUS[status] for status in INSURED])
    dates = _dates(law, parameters, code)
    return tables.Retirement(_rules(law), *dates, base, vesting, award, leave, award_to, leave_to)


def _rules(law: Law) -> Ints:
    """Return the rule of each person ``[code, sex, track]``; the codes of the gone have none."""
    rule = np.full((len(CODE), len(SEXES), len(TRACKS)), NO_RULE)
    for track, (who, claim) in enumerate(TRACKS):
        if claim in law.claims:
            for status in (*INSURED, "civil_service"):
                rule[STATUS[status], MALE, track] = RULE["male", claim]
                women = "cadre" if status in AS_CADRES else who
                rule[STATUS[status], FEMALE, track] = RULE[women, claim]
    rule[STATUS["resident"]] = RULE["resident", pension_age.ON_TIME]
    return rule


def _dates(
    law: Law, parameters: Parameters, code: CellCode
) -> tuple[Flags, Flags, Flags, Flags, Array, Array]:
    """Return due, reached, past, claims, divisor and minimum ``[rule, birth, month of birth]``.

    The divisor is that of the age at mid-year for persons who were due in an earlier year, and for
    those whom no rule makes due.
    """
    born = 12 * (code.first_birth + np.arange(code.births))[:, None] + np.arange(12)
    ages = pension_ages(parameters)
    never = np.full(born.shape, NEVER)
    month = np.stack([*(ages[who].month(born, claim) for who, claim in RULE), never])
    statutory = np.stack([*(ages[who].month(born) for who, _ in RULE), never])
    minimum = np.full(month.shape, float(law.rate("retirement.min_months")))
    late = [number for (_, claim), number in RULE.items() if claim == pension_age.LATE]
    minimum[late] = float(law.rate("retirement.min_months_late"))
    in_year = month // 12 == law.year
    age = np.where(in_year, month - born, 12 * law.year + HALF_YEAR - born)
    divisor = pension_age.divisor_at(age, law.table(pension_age.DIVISORS))
    claims, past = np.asarray(month // 12 <= law.year), np.asarray(statutory // 12 <= law.year)
    return claims | past, np.asarray(in_year), past, claims, divisor, minimum
