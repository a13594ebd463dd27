"""The person engine, compiled: the twin of :mod:`fsinsure.microsim.blocks` with the same bits.

numba is an option (``pip install "fsinsure[fast]"``), imported when it is used.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np

from fsinsure.errors import InputError
from fsinsure.microsim import blocks
from fsinsure.microsim.blocks import Engine
from fsinsure.microsim.compiled.layout import persons_of, tables, thresholds
from fsinsure.microsim.randomness import LANES, LIVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Bits, Ints
    from fsinsure.microsim.block import Block
    from fsinsure.microsim.blocks import Draws
    from fsinsure.microsim.compiled.layout import Tables
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables


def available() -> bool:
    """Return whether numba is installed; one that is there but broken raises when it is used."""
    return find_spec("numba") is not None


def select_kernel(accelerate: bool | None) -> Engine:
    """Return the engine to use: :data:`COMPILED`, or that of :mod:`fsinsure.microsim.blocks`.

    Parameters
    ----------
    accelerate
        Whether to use compiled loops; None where numba is installed.

    Raises
    ------
    InputError
        If `accelerate` is True, and numba is not installed.
    """
    if accelerate and not available():
        raise InputError(
            "accelerate=True needs numba, which is not installed: pip install 'fsinsure[fast]', "
            "or in a checkout pip install -e '.[fast]'; or leave accelerate out: the results are "
            "the same, but take longer"
        )
    return COMPILED if accelerate or (accelerate is None and available()) else blocks.ARRAYS


def random_bits(seed: int, stream: int, ids: Ints, period: int, out: Bits) -> None:
    """Fill in the blocks of some persons.

    They are those of :func:`fsinsure.microsim.randomness.random_bits_of`.

    Parameters
    ----------
    out
        ``[person, 4]``
    """
    from fsinsure.microsim.compiled.philox import fill_bits

    fill_bits(out, ids, *(np.uint64(number) for number in (seed, stream, period)))


_TABLES: Final[WeakKeyDictionary[YearTables, Tables]] = WeakKeyDictionary()
"""The tables of years for compiled loops, as long as the years are in use."""


def _known(year: YearTables) -> Tables:
    """Return the tables of a year, made once."""
    found = _TABLES.get(year)
    if found is None:
        found = _TABLES[year] = tables(year)
    return found


def window(block: Block, years: Sequence[YearTables], draws: Draws) -> blocks.LiveYear:
    """Return what simulates a block through a year of a window, as in :mod:`.blocks`."""
    from fsinsure.microsim.compiled.kernel import find_hits, live_year

    persons, limits = persons_of(block), thresholds(years, draws.period)
    random_bits(draws.seed, LIVES, draws.ids[block.index], draws.period, persons.bits)
    find_hits(persons, limits)

    def year(index: int, counters: Counters, step: int = 0, new: Ints = blocks.NOBODY) -> None:
        when = index % LANES, step
        live_year(persons, new, when, limits, _known(years[index]), counters)

    return year


def record_pensions(block: Block, year: YearTables, counters: Counters) -> None:
    """Record the pensions in payment at the end of a year, as in :mod:`.blocks`."""
    from fsinsure.microsim.compiled import kernel

    kernel.record_pensions(persons_of(block), _known(year), counters)


COMPILED: Final = Engine(window, record_pensions)
