"""The lives of persons as loops, person after person; :mod:`.kernel` compiles them.

The numpy engine (:mod:`fsinsure.microsim.blocks`) takes all persons of a block through a year
before the next year; here a person goes through all years (:mod:`.person` is one of them) before
the next person, so that what is read of a person and of its cells is at hand. Both do the same
arithmetic in the same order for each person and add integers, so the results have the same bits.
The formulas of the law are not written again: the functions of :mod:`fsinsure.rules` are called and
compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.microsim.block import IS_PENSIONER
from fsinsure.microsim.compiled.awards import record
from fsinsure.microsim.compiled.layout import At
from fsinsure.microsim.compiled.person import Year, live_person
from fsinsure.microsim.growth import ACCOUNT_RESTARTS, PENSION_RESTARTS, pension_held
from fsinsure.microsim.histograms import PENSION
from fsinsure.microsim.randomness import (
    LANES,
    LANES_A_NUMBER,
    LIVES,
    NUMBERS,
    OFFSETS,
    UPPER,
    fill_block,
    lanes_within,
    lower_bits,
    uniform,
)

if TYPE_CHECKING:
    from fsinsure.microsim.compiled.layout import Persons, Tables, Whole
    from fsinsure.microsim.counters import YearlyCounters

LATER: Final = np.array([0xFFFF & -(1 << lane) for lane in range(LANES + 1)], dtype=np.uint16)
"""The bits of a year of a window and of those after it."""
LANE_OF: Final = np.zeros(LANES, dtype=np.int64)
LANE_OF[[(0x09AF << lane & 0xFFFF) >> 12 for lane in range(LANES)]] = np.arange(LANES)
"""The year of a bit, by a de Bruijn sequence: a loop over the bits is mispredicted."""


def live(
    persons: Persons,
    span: tuple[Whole, Whole],
    seed: Whole,
    tables: Tables,
    counters: YearlyCounters,
) -> int:
    """Simulate persons through some years; return how many person-years were those of movers.

    Parameters
    ----------
    span
        The first year, and that after the last.
    counters
        Of all years together.
    """
    movers, gone = 0, len(tables.of_cell) - 1
    for i in range(len(persons.cell)):
        first = max(span[0], persons.year[i])
        if first >= span[1]:
            continue
        for window in range(first // LANES, -(-span[1] // LANES)):
            start = window * LANES
            fill_block(seed, LIVES, persons.ids[i], window, persons.bits)
            lanes = max(first - start, 0), min(span[1] - start, LANES)
            movers += live_window(persons, i, window, lanes, tables, counters)
            if persons.cell[i] == gone:
                break
    return movers


def live_window(
    persons: Persons,
    i: Whole,
    window: Whole,
    lanes: tuple[Whole, Whole],
    tables: Tables,
    counters: YearlyCounters,
) -> int:
    """Simulate a person through some of the 16 years of a window.

    Parameters
    ----------
    lanes
        The first year of the window, and that after the last.
    """
    movers, lane = 0, lanes[0]
    step: Whole = persons.step[i]
    if not (step and window * LANES + lane == persons.year[i]):
        step, lane = 0, next_hit(persons, i, window, lane, tables)
    while lane < lanes[1]:
        year = Year(At(window * LANES + lane), tables, counters)
        number = (np.uint64(persons.upper[lane]) << UPPER) | lower_bits(
            persons.bits[(lane // LANES_A_NUMBER + 1) % NUMBERS], OFFSETS[lane]
        )
        # Who comes in this year takes part in it.
        if step or moves(persons, i, number, year):
            live_person(persons, i, uniform(number), step, year)
            movers += 1
        step, lane = 0, next_hit(persons, i, window, lane + 1, tables)
    return movers


def next_hit(persons: Persons, i: Whole, window: Whole, lane: Whole, tables: Tables) -> Whole:
    """Return the next year of a window in which a person may move; 16 if there is none."""
    thresholds = tables.candidate_threshold[At(window), At(persons.cell[i])]
    found = np.uint32(lanes_within(persons.upper, thresholds) & LATER[lane])
    if not found:
        return LANES
    # The lowest bit alone, times 0x09AF, has another number in its upper four of 16 bits for each.
    lowest = found & (~found + np.uint32(1))
    return LANE_OF[lowest * np.uint32(0x09AF) >> np.uint32(12) & np.uint32(15)]


def moves(persons: Persons, i: Whole, number: Whole, year: Year) -> bool:
    """Return whether a person moves at random, is due, or holds an amount that restarts."""
    row = year.tables.of_cell[At(persons.cell[i]), year.index]
    if number < row.move_threshold:
        return True
    if not row.examined:
        return False
    if row.restarts & PENSION_RESTARTS:
        return True
    if row.restarts & ACCOUNT_RESTARTS and persons.account[i] != 0.0:
        return True
    dates, y = year.tables.dates, year.index
    by = At(dates.rule[y, At(row.status), At(row.sex), At(persons.track[i])])
    return bool(dates.due[y, by, At(row.birth), At(persons.month[i])])


def record_pensions(persons: Persons, tables: Tables, counters: YearlyCounters) -> int:
    """Record the pensions in payment at the end of the last year; return how many have one."""
    year, found = Year(len(tables.first_half) - 1, tables, counters), 0
    for i in range(len(persons.cell)):
        cell = persons.cell[i]
        row = tables.of_cell[cell, year.index + 1]
        if not IS_PENSIONER[row.status]:
            continue
        rise = row.pension_flat, row.pension_per_month, row.pension_scale
        pension = np.int64(pension_held(persons.pension[i], persons.months[i], *rise))
        if pension != 0:
            record(PENSION, cell, pension, year)
            found += 1
    return found


STEPS: Final = (next_hit, moves, live_window)
"""The functions that the loops call, beside those of :mod:`.person`."""
