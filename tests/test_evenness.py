"""The Sobol sequence, and the evenness of traits that the cross-engine validation relies on."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fsinsure.api import prepare
from fsinsure.engine import cohort
from fsinsure.microsim.plan import make_plan
from fsinsure.microsim.synthesis import AXES, CLASS, RANK, SPREAD
from fsinsure.numeric import sobol
from fsinsure.rules.wages import bases_by_rank
from fsinsure.state import RANKS
from fsinsure.validation.sampling_variance import UNEVEN, dispersion
from fsinsure.year.terms import class_rates

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]

AXIS = range(AXES)
MOST = 20_000
NUMBERS = np.arange(MOST, dtype=np.uint64)
SIZES = np.unique(np.round(np.geomspace(2, MOST, 60)).astype(int))
SHIFTS = 60


def top(bits: Bits, digits: int) -> NDArray[np.intp]:
    """The first binary digits of coordinates, as whole numbers."""
    return (bits >> np.uint64(32) >> np.uint64(32 - digits)).astype(np.intp)


@pytest.mark.parametrize("axis", AXIS)
def test_one_of_the_first_points_lies_in_each_interval(axis: int) -> None:
    """Also of every later run of 2^m points, and after a digital shift."""
    shifted = sobol.points(axis, NUMBERS) ^ np.uint64(0x9E3779B97F4A7C15)
    for digits in range(13):
        size = 1 << digits
        for start in range(0, MOST - size, 5 * size):
            found = top(shifted[start : start + size], digits)
            assert len(np.unique(found)) == size


@pytest.mark.parametrize("pair", list(combinations(AXIS, 2)))
def test_eight_points_lie_in_each_box_of_two_dimensions(pair: tuple[int, int]) -> None:
    points = [sobol.points(axis, NUMBERS) for axis in pair]
    for digits, across in product(range(3, 13), range(13)):
        if across > digits - 3:
            continue
        shape = (across, digits - 3 - across)
        box = [top(each[: 1 << digits], by) for each, by in zip(points, shape, strict=True)]
        assert (np.bincount((box[0] << shape[1]) + box[1], minlength=1 << digits - 3) == 8).all()


def test_points_of_high_numbers_combine_their_digits() -> None:
    high = np.array([sobol.NUMBERS - 1, 1 << 16, 3 << 20], dtype=np.uint64)
    for axis in AXIS:
        for number, found in zip(high, sobol.points(axis, high), strict=True):
            digits = [1 << at for at in range(32) if int(number) >> at & 1]
            parts = sobol.points(axis, np.array(digits, dtype=np.uint64))
            assert found == np.bitwise_xor.reduce(parts)
    with pytest.raises(IndexError):
        sobol.points(0, np.array([sobol.NUMBERS], dtype=np.uint64))


def test_deep_digits_are_even_too() -> None:
    """Numbers below 64 reach the digits after the first eight only because of the scrambling."""
    for axis in AXIS:
        below = sobol.points(axis, NUMBERS[:64]) << np.uint64(8)
        assert len(np.unique(top(below, 4))) >= 8


def independent_persons(
    amount: Callable[..., NDArray[np.float64]], axes: tuple[int, ...], mean: float, variance: float
) -> float:
    """Largest number of independent persons whose total varies as much as that of a cell.

    The variance of the total over random shifts, divided by the variance of one person.
    """
    rng = np.random.default_rng(1)
    points = [sobol.points(axis, NUMBERS) for axis in axes]
    found = np.zeros(len(SIZES))
    for _ in range(SHIFTS):
        shifts = rng.integers(0, 2**64, len(axes), dtype=np.uint64)
        off = amount(*(each ^ shift for each, shift in zip(points, shifts, strict=True))) - mean
        found += off.cumsum()[SIZES - 1] ** 2
    return float((found / SHIFTS / variance).max())


def test_the_total_of_a_cell_varies_less_than_assumed(baseline) -> None:
    parameters, base = prepare(baseline)
    traits = make_plan(cohort.project(parameters, base), parameters, base, 1_000, 0).traits
    within = dispersion(parameters)
    floor, cap = (parameters.region.base_value(f"pension.base_{name}") for name in ("floor", "cap"))
    wage, cv = (parameters.number(f"wage.{name}") for name in ("mean", "cv"))
    bases = bases_by_rank(wage, cv, floor, cap, RANKS)
    rates = class_rates(parameters)[0][traits.classes]
    mean = bases.mean()

    def of_rank(bits: Bits) -> NDArray[np.float64]:
        return bases[top(bits, 8)]

    def premium(rank: Bits, industry_class: Bits) -> NDArray[np.float64]:
        return bases[top(rank, 8)] * rates[top(industry_class, 16)]

    def months(bits: Bits) -> NDArray[np.float64]:
        return traits.spread[top(bits, 8)]

    product_mean = mean * rates.mean()
    for amount, axes, average, squared in (
        (of_rank, (RANK,), mean, within.base),
        (premium, (RANK, CLASS), product_mean, within.premium),
        (months, (SPREAD,), 1.0, within.pension),
    ):
        found = independent_persons(amount, axes, average, squared * average**2)
        assert found < UNEVEN
        # The shifts leave some variance: the persons of a cell are not a fixed lattice.
        assert found > 0.2


@pytest.mark.parametrize("many", [2, 3])
def test_traits_are_even_jointly(many: int) -> None:
    """Counts of 10,000 persons in 12 x 12 (x 12) boxes vary less than independent draws."""
    rng = np.random.default_rng(2)
    size, parts = 10_000, 12
    for axes in combinations(AXIS, many):
        variance = 0.0
        for _ in range(4):
            box = np.zeros(size, dtype=np.intp)
            for axis in axes:
                bits = sobol.points(axis, NUMBERS[:size]) ^ rng.integers(0, 2**64, dtype="u8")
                box = box * parts + (top(bits, 32) * parts >> 32)
            each = np.bincount(box, minlength=parts**many)
            variance += float(((each - size / parts**many) ** 2).sum()) / size / 4
        # Of independent draws it would be nearly 1.
        assert variance < {2: 0.12, 3: 0.6}[many]
