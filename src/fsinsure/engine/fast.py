"""The person engine, compiled: the twin of :mod:`fsinsure.engine.micro` with the same bits.

numba is an option (``pip install "fsinsure[fast]"``), imported when it is used.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.engine import micro
from fsinsure.engine.layout import body, counts, room, tables
from fsinsure.engine.luck import LIVES, YEARS_A_BLOCK
from fsinsure.engine.sums import NAMES, Sums
from fsinsure.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fsinsure.engine.replay import Year
    from fsinsure.state import People

BLOCK: Final = 32_768
"""Persons whose state and luck stay in the cache of a core while they live through all years."""


def available() -> bool:
    """Return whether numba is installed; one that is there but broken raises when it is used."""
    return find_spec("numba") is not None


def chosen(accelerate: bool | None) -> Callable[..., None]:
    """Return the ``live`` to use: this one, or that of :mod:`fsinsure.engine.micro`.

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
            "or leave accelerate out; the results are the same, but take longer"
        )
    return live if accelerate or (accelerate is None and available()) else micro.live


def words(seed: int, stream: int, first: int, count: int, period: int) -> NDArray[np.uint64]:
    """Return the same words as :func:`fsinsure.engine.luck.words`."""
    from fsinsure.engine.philox import fill_words

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
    *,
    threads: int = 1,
) -> None:
    """Take persons through the years, in place, as :func:`fsinsure.engine.micro.live` does.

    Parameters
    ----------
    people, first, years, sums, seed, start
        As there, but any number of persons: they are cut into blocks here.
    threads
        Each adds up sums of its own; integers may be added in any order.
    """
    run = _Run(people, first, years, seed, start)
    blocks = range(0, len(people), BLOCK)
    if min(threads, len(blocks)) <= 1:
        run.live(blocks, sums)
        return
    parts = [blocks[number::threads] for number in range(threads)]
    own = [[Sums(len(year.moves), year.births) for year in years] for _ in parts]
    with ThreadPoolExecutor(threads) as pool:
        # The list raises what went wrong in a thread.
        list(pool.map(run.live, parts, own))
    for part in own:
        for total, added in zip(sums, part, strict=True):
            added.settle()
            for name in NAMES:
                getattr(total, name)[...] += getattr(added, name)


class _Run:
    """Everything that the blocks of a run share."""

    def __init__(
        self, people: People, first: int, years: Sequence[Year], seed: int, start: tuple[int, int]
    ) -> None:
        self.people, self.first, self.seed, self.start = people, first, seed, start
        self.tables = [tables(year) for year in years]

    def live(self, blocks: range, sums: Sequence[Sums]) -> None:
        """Take blocks of persons, by their first rows, through all years."""
        from fsinsure.engine.kernel import live_year

        walkers, found = room(BLOCK), [counts(total) for total in sums]
        for row in blocks:
            block, luck = body(self.people.take(slice(row, row + BLOCK))), None
            for index in range(self.start[0], len(self.tables)):
                period, lane = divmod(index, YEARS_A_BLOCK)
                if luck is None or lane == 0:
                    size = len(block.cell)
                    luck = words(self.seed, LIVES, self.first + row, size, period)
                entry = self.start[1] if index == self.start[0] else 0
                live_year(block, luck[lane], entry, walkers, self.tables[index], found[index])
            sums[-1].note_pensions(block.cell, block.pension)
