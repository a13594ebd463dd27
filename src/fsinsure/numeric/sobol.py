"""Points that fill several dimensions evenly, few of them as well as many: Sobol' (1967).

A point is an exact function of its number: the directions of the number's binary digits that are
set, added without carry. Of the first ``2^m`` points exactly one lies in each of ``2^m`` equal
parts of any dimension, and eight lie in each of ``2^m / 8`` equal boxes (of any shape in powers of
two) of any two dimensions. That stays so if all points are moved by one word, added without carry
(a digital shift).
"""

from __future__ import annotations

from functools import cache, reduce
from operator import xor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

WORD: Final = 64
DIGITS: Final = 16
"""Digits of a number that are looked up together."""
NUMBERS: Final = 1 << 2 * DIGITS
"""Numbers of points that there are."""

DIRECTIONS: Final = (
    (1, 0, (1,)),
    (0, 0, ()),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (2, 1, (1, 3)),
)
"""Degree, inner coefficients and first directions of each dimension (Joe and Kuo 2008)."""

SCRAMBLES: Final = (
    0x64F9526AB6F0846B,
    0xAF7D64DE8B7113FF,
    0x9BD9885CFC49E7E9,
    0x3560C533F99A2217,
    0x518E8874BD72CF9D,
)
"""Each dimension's directions are multiplied by this polynomial over GF(2), cut after 64 digits
(Tezuka and Faure 2003): digits that few points do not reach otherwise are even too. Of some 700
drawn sets, with orders of the dimensions, this one spread bases, premiums, months, awards and who
is due best over cells of 10 to 100,000 persons."""


def points(axis: int, number: NDArray[np.integer[Any]]) -> Words:
    """Return the coordinates of points, as fractions of 2^64.

    Parameters
    ----------
    axis
        Which dimension of :data:`DIRECTIONS`.
    number
        Below :data:`NUMBERS` ``[point]``.

    Examples
    --------
    >>> (points(0, np.arange(8)) >> np.uint64(61)).tolist()
    [0, 6, 5, 3, 7, 1, 2, 4]
    """
    low, high = _tables(axis)
    at = number.astype(np.intp, copy=False)
    if not len(at) or at.max() < 1 << DIGITS:
        return low.take(at)
    return low.take(at & (1 << DIGITS) - 1) ^ high.take(at >> DIGITS)


@cache
def _tables(axis: int) -> tuple[Words, Words]:
    """Return the points of all low and of all high digits of a number ``[65536]``."""
    found = _scrambled(_directions(*DIRECTIONS[axis]), SCRAMBLES[axis])
    return _sums(found[:DIGITS]), _sums(found[DIGITS:])


def _directions(degree: int, inner: int, first: tuple[int, ...]) -> list[int]:
    """Return the direction of each digit of a number, the lowest first."""
    if not degree:
        return [1 << WORD - 1 - digit for digit in range(2 * DIGITS)]
    odd = list(first)
    for digit in range(degree, 2 * DIGITS):
        before = odd[digit - degree]
        new = before ^ before << degree
        for back in range(1, degree):
            if inner >> degree - 1 - back & 1:
                new ^= odd[digit - back] << back
        odd.append(new)
    return [one << WORD - 1 - digit for digit, one in enumerate(odd)]


def _scrambled(directions: list[int], polynomial: int) -> list[int]:
    shifts = [by for by in range(WORD) if polynomial >> by & 1]
    return [reduce(xor, (one >> by for by in shifts)) for one in directions]


def _sums(directions: list[int]) -> Words:
    found = np.zeros(1, dtype=np.uint64)
    for one in directions:
        found = np.concatenate([found, found ^ np.uint64(one)])
    return found
