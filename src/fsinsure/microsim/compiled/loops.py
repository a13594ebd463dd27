"""A year of persons as loops, person after person; :mod:`.kernel` compiles them.

The numpy engine (:mod:`fsinsure.microsim.movers`) applies each operation to the movers of a block
before the next; here a person goes through the whole year (:mod:`.person`) before the next. Both do
the same arithmetic in the same order for each person and add integers, so the results have the same
bits. The formulas of the law are not written again: the functions of :mod:`fsinsure.rules` are
called and compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import SEXES
from fsinsure.microsim.block import IS_PENSIONER
from fsinsure.microsim.compiled.person import live_person, record
from fsinsure.microsim.growth import ACCOUNT_RESTARTS, PENSION_RESTARTS, pension_held
from fsinsure.microsim.histograms import PENSION
from fsinsure.microsim.randomness import (
    LANES,
    LANES_A_NUMBER,
    NUMBERS,
    OFFSETS,
    UPPER,
    lower_bits,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.arrays import Ints
    from fsinsure.microsim.compiled.layout import Persons, Tables, Whole
    from fsinsure.microsim.counters import Counters

S: Final = len(SEXES)


def find_hits(persons: Persons, thresholds: NDArray[np.uint16]) -> int:
    """Find the years of a window in which persons may move."""
    for i in range(len(persons.hits)):
        persons.hits[i] = hits_of(persons, i, persons.cell[i], thresholds)
    return len(persons.hits)


def hits_of(persons: Persons, i: Whole, cell: Whole, thresholds: NDArray[np.uint16]) -> np.uint16:
    """Return the years of a window in which a person in a cell may move, a bit a year."""
    found = np.uint16(0)
    for lane in range(LANES):
        # Not above, as in numpy.
        hit = persons.upper[i, lane] <= thresholds[cell, lane]
        found |= np.uint16(np.uint16(hit) << np.uint16(lane))
    return found


def live_year(
    persons: Persons,
    new: Ints,
    when: tuple[Whole, Whole],
    thresholds: NDArray[np.uint16],
    year: Tables,
    counters: Counters,
) -> Whole:
    """Simulate persons through a year; return how many were movers.

    Parameters
    ----------
    new
        The rows of those who enter in the year.
    when
        The year within the window, and the step from which the new take part; with 0 everybody is
        simulated, else the new.
    """
    (lane, step), stayers, found = when, year.stayers, 0
    here = np.uint16(1 << lane)
    later = np.uint16(0xFFFF ^ ((2 << lane) - 1))
    other = (lane // LANES_A_NUMBER + 1) % NUMBERS
    for k in range(len(new) if step else len(persons.hits)):
        i = new[k] if step else k
        if not step and not persons.hits[i] & here:
            continue
        number = (np.uint64(persons.upper[i, lane]) << UPPER) | lower_bits(
            persons.bits[i, other], OFFSETS[lane]
        )
        cell = persons.cell[i]
        # Who comes in this year takes part in it.
        moves = step > 0 or number < stayers.move_threshold[cell]
        if not moves and not (stayers.examined[cell] and must_act(persons, i, cell, year)):
            continue
        found += 1
        draw = np.float64(number >> np.uint64(11)) * 2.0**-53
        live_person(persons, i, draw, step, year, counters)
        persons.hits[i] = hits_of(persons, i, persons.cell[i], thresholds) & later
    return found


def must_act(persons: Persons, i: Whole, cell: Whole, year: Tables) -> bool:
    """Return whether a person is due for a pension, or holds an amount that restarts."""
    restarts = year.stayers.restarts[cell]
    if restarts & PENSION_RESTARTS or (restarts & ACCOUNT_RESTARTS and persons.account[i] != 0.0):
        return True
    cells, retirement = year.cells, year.retirement
    by = retirement.rule[cells.status[cell], cells.place[cell] % S, persons.track[i]]
    return bool(retirement.due[by, cells.birth[cell], persons.month[i]])


def record_pensions(persons: Persons, year: Tables, counters: Counters) -> int:
    """Record the pensions in payment at the end of a year; return how many persons have one."""
    growth, found = year.closing, 0
    for i in range(len(persons.cell)):
        cell = persons.cell[i]
        if not IS_PENSIONER[year.cells.status[cell]]:
            continue
        months, stored = persons.months[i], persons.pension[i]
        rise = growth.flat[cell], growth.per_month[cell], growth.pension_scale[cell]
        pension = np.int64(pension_held(stored, months, *rise))
        if pension != 0:
            record(PENSION, cell, pension, year, counters)
            found += 1
    return found


STEPS: Final = (hits_of, must_act)
"""The functions that the loops call, beside those of :mod:`.person`."""
