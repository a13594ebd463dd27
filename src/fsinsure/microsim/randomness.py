"""Luck: a pure function of (seed, person, year), so that no result depends on who is run where.

Philox4x64-10 (Salmon et al. 2011) as numpy has it: counter-based, one 256-bit block a person and
four years. A year's word is one uniform number; the events of the year share it in their order,
each taking its part and handing on what is left, which is uniform again (see
``docs/decisions/0004``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

YEARS_A_BLOCK: Final = 4
LIVES: Final = 0
"""The stream of the yearly words of a life."""
TRAITS: Final = 1
"""The stream of what a cell does not say of its persons."""
CLAIMS: Final = 2
"""The stream of when persons of a file claim their pension."""


def words(seed: int, stream: int, first: int, count: int, period: int) -> NDArray[np.uint64]:
    """Return four words for each of the persons ``first`` to ``first + count - 1``.

    Parameters
    ----------
    seed
        Of the run.
    stream
        :data:`LIVES`, :data:`TRAITS` or :data:`CLAIMS`.
    first, count
        Person ids.
    period
        Which four years (``year // 4`` counted from the first projected year).

    Returns
    -------
    NDArray
        ``[4, person]``
    """
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([first, period, 0, 0], dtype=np.uint64)
    raw = np.random.Philox(key=key, counter=counter).random_raw(YEARS_A_BLOCK * count)
    return raw.reshape(count, YEARS_A_BLOCK).T


def words_of(seed: int, stream: int, ids: NDArray[np.int64], period: int) -> NDArray[np.uint64]:
    """Return four words for each of some persons ``[4, person]``, as :func:`words` for one."""
    found = [words(seed, stream, int(one), 1, period) for one in ids]
    return np.concatenate(found, axis=1) if found else np.zeros((4, 0), dtype=np.uint64)


def uniform(word: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return words as numbers in [0, 1), on a grid of 2^-53."""
    return np.asarray((word >> np.uint64(11)) * 2.0**-53, dtype=np.float64)
