"""The standard normal distribution against scipy, by each of the three ways it is computed."""

from __future__ import annotations

import doctest
import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy import special

from fsinsure.numeric import normal

ROOT_TWO = math.sqrt(2.0)
EDGES = [ROOT_TWO * at for at in (1.0, 8.0, math.sqrt(709.782712893384))]
"""Where another formula begins; past the last the probability is 0 or 1."""

NUMBERS = np.concatenate(
    [
        np.linspace(-40.0, 40.0, 1_601),
        [
            sign * edge * (1.0 + step)
            for edge in EDGES
            for sign in (-1, 1)
            for step in (-1e-9, 1e-9)
        ],
        [0.0, -0.0, 1e-300, -1e-300, 1e300, -1e300, math.inf, -math.inf, math.nan],
    ]
)
SHARES = np.concatenate(
    [
        np.logspace(-300, -1, 700),
        np.linspace(0.001, 0.999, 999),
        1.0 - np.logspace(-16, -1, 200),
        [math.exp(-2.0), 1.0 - math.exp(-2.0), math.exp(-32.0), 5e-324],
        [0.0, 1.0, -0.1, 1.1, math.nan, math.inf],
    ]
)


def close(found: object, expected: object) -> None:
    # The same bits, unless a compiler has fused multiplications with additions in scipy.
    np.testing.assert_allclose(found, expected, rtol=4e-15, atol=0.0)


@pytest.mark.parametrize("size", [1, 5, normal.SOME, normal.SOME + 1, normal.MANY])
def test_few_numbers_have_the_probabilities_of_scipy(size: int) -> None:
    parts = [NUMBERS[first : first + size] for first in range(0, len(NUMBERS), size)]
    close(np.concatenate([normal.ndtr(part) for part in parts]), special.ndtr(NUMBERS))


@pytest.mark.parametrize("size", [1, 7, normal.MANY])
def test_few_numbers_have_the_quantiles_of_scipy(size: int) -> None:
    parts = [SHARES[first : first + size] for first in range(0, len(SHARES), size)]
    close(np.concatenate([normal.ndtri(part) for part in parts]), special.ndtri(SHARES))


def test_how_many_there_are_does_not_change_a_bit() -> None:
    rng = np.random.default_rng(5)
    numbers = rng.normal(scale=4.0, size=normal.MANY)
    alone = [normal.ndtr(one) for one in numbers]
    assert normal.ndtr(numbers).tolist() == alone


def test_many_numbers_are_left_to_scipy() -> None:
    shares = np.linspace(0.0, 1.0, normal.MANY + 1)
    assert normal.ndtri(shares).tolist() == special.ndtri(shares).tolist()
    numbers = np.linspace(-9.0, 9.0, normal.MANY + 1)
    assert normal.ndtr(numbers).tolist() == special.ndtr(numbers).tolist()


def test_another_implementation_agrees() -> None:
    """Python's own: erfc of the C library, and the quantiles of Wichura (1988, AS 241)."""
    for x in np.linspace(-37.0, 37.0, 149):
        assert normal.ndtr(x) == pytest.approx(math.erfc(-x / ROOT_TWO) / 2.0, rel=1e-13)
    for share in (1e-300, 1e-20, 0.001, 0.1, 0.3, 0.5, 0.77, 0.999):
        assert normal.ndtri(share) == pytest.approx(NormalDist().inv_cdf(share), rel=1e-14)


@pytest.mark.parametrize("shape", [(), (0,), (3,), (1, 2, 1), (8, 9), (50, 50)])
def test_shapes_are_kept(shape: tuple[int, ...]) -> None:
    for function in (normal.ndtr, normal.ndtri):
        found = function(np.full(shape, 0.25))
        assert np.shape(found) == shape
        assert np.asarray(found).dtype == np.float64


def test_examples() -> None:
    outcome = doctest.testmod(normal)
    assert outcome.attempted == 2
    assert outcome.failed == 0
