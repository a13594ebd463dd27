"""The person engine, compiled: the twin of :mod:`fsinsure.microsim.blocks` with the same bits.

numba is an option (``pip install "fsinsure[fast]"``), imported when it is used.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError
from fsinsure.microsim import blocks
from fsinsure.microsim.compiled.layout import body, counts, room, tables
from fsinsure.microsim.randomness import LIVES, YEARS_A_BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.microsim.counters import Sums
    from fsinsure.microsim.year_tables import Year
    from fsinsure.state import People

BLOCK: Final = 32_768
"""Persons whose state and luck stay in the cache of a core while they live through all years."""


def available() -> bool:
    """Return whether numba is installed; one that is there but broken raises when it is used."""
    return find_spec("numba") is not None


def chosen(accelerate: bool | None) -> Callable[..., None]:
    """Return the ``live`` to use: this one, or that of :mod:`fsinsure.microsim.blocks`.

    Parameters
    ----------
    accelerate
        None for this one where numba is installed.

    Raises
    ------
    InputError
        If this one is asked for, and numba is not installed.
    """
    if accelerate and not available():
        raise InputError(
            "accelerate=True needs numba, which is not installed: pip install 'fsinsure[fast]', "
            "or in a checkout pip install -e '.[fast]'; or leave accelerate out: the results are "
            "the same, but take longer"
        )
    return live if accelerate or (accelerate is None and available()) else blocks.live


def words(seed: int, stream: int, first: int, count: int, period: int) -> NDArray[np.uint64]:
    """Return the same words as :func:`fsinsure.microsim.randomness.words`."""
    from fsinsure.microsim.compiled.philox import fill_words

    out = np.empty((YEARS_A_BLOCK, count), dtype=np.uint64)
    fill_words(out, *(np.uint64(number) for number in (seed, stream, first, period)))
    return out


def live(
    people: People,
    first: int,
    years: Sequence[Year],
    sums: Sequence[Sums],
    seed: int,
    start: tuple[int, int] = (0, 0),
) -> None:
    """Take persons through the years, in place, as :func:`fsinsure.microsim.blocks.live` does.

    Others may do the same at the same time: the loops need no lock of the interpreter.

    Parameters
    ----------
    people, first, years, sums, seed, start
        As there, but any number of persons: they are cut into blocks here.
    """
    from fsinsure.microsim.compiled.kernel import live_year

    laid_out, found, walkers = map(tables, years), map(counts, sums), room(BLOCK)
    by_year = list(zip(laid_out, found, strict=True))
    for row in range(0, len(people), BLOCK):
        block, luck = body(people.take(slice(row, row + BLOCK))), None
        for index in range(start[0], len(by_year)):
            period, lane = divmod(index, YEARS_A_BLOCK)
            if luck is None or lane == 0:
                luck = words(seed, LIVES, first + row, len(block.cell), period)
            entry = start[1] if index == start[0] else 0
            live_year(block, luck[lane], entry, walkers, *by_year[index])
        sums[-1].note_pensions(block.cell, block.pension)
