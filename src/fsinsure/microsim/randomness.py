"""Random numbers: a pure function of (seed, person, year), so that no result depends on batches.

Philox4x64-10 (Salmon et al. 2011) as numpy has it: counter-based, one 256-bit block a person and 16
years. A year has 16 bits of the block: they decide for nearly everybody that nothing happens. Only
where they do not, the lower 48 bits of the number of the year are made, by the finalizer of
SplitMix64 (Steele et al. 2014) from 64 other bits of the block. The 64 bits are one uniform number;
the events of the year share it in their order: the position within the interval of an event is
uniform again (``docs/decisions/0004``, ``docs/decisions/0009``).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fsinsure.arrays import Bits, Ints

NUMBERS: Final = 4
"""Numbers of 64 bits in a block."""
LANES: Final = 16
"""Years of a block, and the bits that each has of it."""
LANES_A_NUMBER: Final = LANES // NUMBERS
LIVES: Final = 0
"""The stream of the yearly numbers of a person."""
TRAITS: Final = 1
"""The stream of traits that a cell does not determine."""
CLAIMS: Final = 2
"""The stream of the claims of pensions, early or late, of persons from a file."""

UPPER: Final = np.uint64(48)
"""Lower bits of a number of which a year's 16 bits are the upper ones."""
OFFSETS: Final = np.arange(1, LANES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
"""What distinguishes the years of a block in the mixing of SplitMix64 ``[lane]``."""
MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
MIX_2: Final = np.uint64(0x94D049BB133111EB)
SHIFT_1, SHIFT_2, SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)


def random_bits(seed: int, stream: int, first: int, count: int, period: int) -> Bits:
    """Return the blocks of the persons ``first`` to ``first + count - 1``.

    Parameters
    ----------
    seed
        Of the run.
    stream
        :data:`LIVES`, :data:`TRAITS` or :data:`CLAIMS`.
    first, count
        Person ids.
    period
        Which block: of lives, the 16 years ``year // 16`` counted from the first projected year.

    Returns
    -------
    Bits
        ``[person, 4]``
    """
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([first, period, 0, 0], dtype=np.uint64)
    raw = np.random.Philox(key=key, counter=counter).random_raw(NUMBERS * count)
    return raw.reshape(count, NUMBERS)


def fill_block(seed: Any, stream: int, person: Any, period: Any, out: Bits) -> None:
    """Fill in the block of a person ``[4]``; compiled loops have a Philox of their own."""
    out[:] = random_bits(seed, stream, person, 1, period)[0]


def lanes_within(upper: NDArray[np.uint16], thresholds: NDArray[np.uint16]) -> Any:
    """Return in which years of a block the upper bits are not above thresholds, a bit a year.

    Parameters
    ----------
    upper, thresholds
        ``[..., 16]``
    """
    within = upper <= thresholds
    packed = np.packbits(within.ravel(), bitorder="little")
    return packed.view("<u2").reshape(within.shape[:-1])


def random_bits_of(seed: int, stream: int, ids: Ints, period: int) -> Bits:
    """Return the blocks of some persons ``[person, 4]``; those of consecutive ids at a time."""
    ends = np.append(np.flatnonzero(np.diff(ids) != 1) + 1, len(ids))
    starts = np.append(0, ends[:-1])
    found = [
        random_bits(seed, stream, int(ids[start]), int(end - start), period)
        for start, end in zip(starts, ends, strict=True)
        if end > start
    ]
    if len(found) == 1:
        return found[0]
    return np.concatenate(found) if found else np.zeros((0, NUMBERS), dtype=np.uint64)


def upper_bits(blocks: Bits) -> NDArray[np.uint16]:
    """Return the upper 16 bits of the number of each year ``[..., 16]``, of blocks ``[..., 4]``."""
    return blocks.astype("<u8", copy=False).view("<u2")


def year_bits(blocks: Bits, lane: int) -> Bits:
    """Return the numbers of a year, 64 bits each, from blocks ``[..., 4]``.

    Parameters
    ----------
    lane
        The year within the 16 of the block.
    """
    upper = upper_bits(blocks)[..., lane].astype(np.uint64) << UPPER
    other = blocks[..., (lane // LANES_A_NUMBER + 1) % NUMBERS]
    return np.asarray(upper | lower_bits(other, OFFSETS[lane]))


def lower_bits(other: Bits, offset: Any) -> Bits:
    """Return the lower 48 bits of the number of a year.

    Parameters
    ----------
    other
        64 bits of the block that hold none of the year's 16.
    offset
        Of the year, out of :data:`OFFSETS`.
    """
    mixed = other + offset
    mixed = (mixed ^ (mixed >> SHIFT_1)) * MIX_1
    mixed = (mixed ^ (mixed >> SHIFT_2)) * MIX_2
    low: Bits = (mixed ^ (mixed >> SHIFT_3)) >> np.uint64(16)
    return low


def uniform(bits: Any) -> Any:
    """Return bits as numbers in [0, 1), on a grid of 2^-53."""
    return (bits >> np.uint64(11)) * 2.0**-53
