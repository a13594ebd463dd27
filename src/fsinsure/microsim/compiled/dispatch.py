"""The person engine, compiled: the twin of :mod:`fsinsure.microsim.blocks` with the same bits.

numba is an option (``pip install "fsinsure[fast]"``), imported when it is used.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError
from fsinsure.microsim import blocks
from fsinsure.microsim.compiled.layout import allocate_buffers, person_arrays, tables
from fsinsure.microsim.randomness import LIVES, YEARS_A_BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fsinsure.arrays import Bits
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.tables import YearTables
    from fsinsure.state import People

BLOCK: Final = 32_768
"""Persons whose state and random bits stay in the cache of a core through all years."""


def available() -> bool:
    """Return whether numba is installed; one that is there but broken raises when it is used."""
    return find_spec("numba") is not None


def select_kernel(accelerate: bool | None) -> Callable[..., None]:
    """Return the engine to use: :func:`live`, or that of :mod:`fsinsure.microsim.blocks`.

    Parameters
    ----------
    accelerate
        Whether to use :func:`live`; None where numba is installed.

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
    return live if accelerate or (accelerate is None and available()) else blocks.live


def random_bits(seed: int, stream: int, first: int, count: int, period: int) -> Bits:
    """Return the same bits as :func:`fsinsure.microsim.randomness.random_bits`."""
    from fsinsure.microsim.compiled.philox import fill_bits

    out = np.empty((YEARS_A_BLOCK, count), dtype=np.uint64)
    fill_bits(out, *(np.uint64(number) for number in (seed, stream, first, period)))
    return out


def live(
    people: People,
    first: int,
    years: Sequence[YearTables],
    counters: Sequence[Counters],
    seed: int,
    start: tuple[int, int] = (0, 0),
) -> None:
    """Simulate persons through the years, in place, as :func:`fsinsure.microsim.blocks.live` does.

    Several threads may do so at the same time: the loops need no lock of the interpreter.

    Parameters
    ----------
    people, first, years, counters, seed, start
        As there, but any number of persons: they are cut into blocks here.
    """
    from fsinsure.microsim.compiled.kernel import live_year

    buffers, by_year = allocate_buffers(BLOCK), list(map(tables, years))
    for row in range(0, len(people), BLOCK):
        block, bits = person_arrays(people.take(slice(row, row + BLOCK))), None
        for index in range(start[0], len(by_year)):
            period, lane = divmod(index, YEARS_A_BLOCK)
            if bits is None or lane == 0:
                bits = random_bits(seed, LIVES, first + row, len(block.cell), period)
            entry = start[1] if index == start[0] else 0
            live_year(block, bits[lane], entry, buffers, by_year[index], counters[index])
        people.cell[row : row + BLOCK] = block.cell
        counters[-1].record_pensions(block.cell, block.pension, years[0].code)
