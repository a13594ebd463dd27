"""Random numbers: a pure function of (seed, person, year), so that no result depends on batches.

Philox4x64-10 (Salmon et al. 2011) as numpy has it: counter-based, one 256-bit block a person and
four years. The 64 bits of a year are one uniform number; the events of the year share it in their
order: the position within the interval of an event is uniform again (``docs/decisions/0004``).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fsinsure.arrays import Array, Bits, Ints

YEARS_A_BLOCK: Final = 4
LIVES: Final = 0
"""The stream of the yearly numbers of a person."""
TRAITS: Final = 1
"""The stream of traits that a cell does not determine."""
CLAIMS: Final = 2
"""The stream of the claims of pensions, early or late, of persons from a file."""


def random_bits(seed: int, stream: int, first: int, count: int, period: int) -> Bits:
    """Return the bits of four years for the persons ``first`` to ``first + count - 1``.

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
    Bits
        ``[4, person]``
    """
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([first, period, 0, 0], dtype=np.uint64)
    raw = np.random.Philox(key=key, counter=counter).random_raw(YEARS_A_BLOCK * count)
    return raw.reshape(count, YEARS_A_BLOCK).T


def random_bits_of(seed: int, stream: int, ids: Ints, period: int) -> Bits:
    """Return the bits of four years for some persons ``[4, person]``."""
    found = [random_bits(seed, stream, int(one), 1, period) for one in ids]
    return np.concatenate(found, axis=1) if found else np.zeros((4, 0), dtype=np.uint64)


def uniform(bits: Bits) -> Array:
    """Return bits as numbers in [0, 1), on a grid of 2^-53."""
    return np.asarray((bits >> np.uint64(11)) * 2.0**-53, dtype=np.float64)
