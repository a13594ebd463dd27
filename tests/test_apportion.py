"""Apportionment: by hand, against exact fractions, and what must hold of any totals and weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.arrays import Array
from fsinsure.numeric.apportion import bounded, cumulative, proportional, reachable, whole

WEIGHTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=12)
TOTALS = st.integers(-(10**7), 10**7)


def free(total: int, parts: int) -> tuple[Array, Array]:
    none = np.full(parts, np.nan)
    return bounded(total, none, none)


def hamilton(total: int, weights: list[int]) -> list[int]:
    """Largest remainders in exact fractions, of equal remainders that of the earlier part."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    found = [part.numerator // part.denominator for part in exact]
    order = sorted(range(len(exact)), key=lambda at: (found[at] - exact[at], at))
    for at in order[: total - sum(found)]:
        found[at] += 1
    return found


def test_largest_remainders_by_hand() -> None:
    # quotas of 10 seats by 46, 37, 17 votes are 4.6, 3.7 and 1.7: 0.7 and 0.7 come before 0.6
    assert whole(10, np.array([4.6, 3.7, 1.7])).tolist() == [4, 4, 2]
    # equal remainders: the earlier parts
    assert whole(2, np.full(4, 0.5)).tolist() == [1, 1, 0, 0]


def test_the_alabama_paradox_of_largest_remainders() -> None:
    """Balinski and Young: with one more to divide, a part may get one less. It is documented."""
    weights = np.array([6.0, 6.0, 2.0])

    def seats(total: int) -> list[int]:
        return whole(total, total * weights / 14).tolist()

    assert (seats(10), seats(11)) == ([4, 4, 2], [5, 5, 1])


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**4), min_size=1, max_size=9))
def test_without_bounds_it_is_the_method_of_hamilton(total: int, weights: list[int]) -> None:
    low, high = free(total, len(weights))
    parts = proportional(total, np.array(weights, dtype=float), low, high)
    assert whole(total, parts).tolist() == hamilton(total, weights)


@given(TOTALS, WEIGHTS)
def test_parts_add_up_keep_quota_and_have_the_sign_of_the_total(
    total: int, weights: list[int]
) -> None:
    shares = np.array(weights, dtype=float) / sum(weights)
    low, high = free(total, len(weights))
    found = whole(total, proportional(total, shares, low, high))
    assert found.sum() == total
    assert (np.abs(found - total * shares) < 1 + 1e-6).all()
    assert (found * np.sign(total) >= 0).all()


@st.composite
def bounded_tasks(draw: st.DrawFn) -> tuple[int, Array, Array, Array]:
    """A total, weights (some zero), and bounds between which the total can be divided."""
    parts = draw(st.integers(1, 10))
    integers = st.lists(st.integers(-(10**5), 10**5), min_size=parts, max_size=parts)
    ends = np.sort(np.array([draw(integers), draw(integers)], dtype=float), axis=0)
    values = st.one_of(st.just(0.0), st.floats(1e-3, 1e6))
    weights = np.array(draw(st.lists(values, min_size=parts, max_size=parts)))
    under, over = reachable(weights, ends[0], ends[1])
    return draw(st.integers(int(under), int(over))), weights, ends[0], ends[1]


@given(bounded_tasks())
def test_parts_stay_within_bounds_and_add_up(task: tuple[int, Array, Array, Array]) -> None:
    total, weights, low, high = task
    parts = proportional(total, weights, low, high)
    found = whole(total, parts)
    assert found.sum() == total
    assert ((found >= low) & (found <= high)).all()
    assert (np.abs(found - parts) < 1 + 1e-6).all()


@given(bounded_tasks())
def test_parts_within_their_bounds_have_one_ratio_to_their_weights(
    task: tuple[int, Array, Array, Array],
) -> None:
    total, weights, low, high = task
    parts = proportional(total, weights, low, high)
    inside = (parts > low + 1) & (parts < high - 1) & (weights > weights.sum() * 1e-6)
    ratios = parts[inside] / weights[inside] * weights.max(initial=0)
    if inside.any():
        slack = 1e-6 * max(1.0, float(np.abs(ratios).max()))
        assert np.ptp(ratios) <= slack
        # those at a bound would have to cross it to have the ratio
        factor = float(ratios.mean()) / weights.max()
        wanted = np.clip(factor * weights, low, high)
        some = weights > weights.sum() * 1e-6
        assert np.abs(parts - wanted)[some].max() <= 1e-3


def test_what_one_cannot_take_is_divided_among_the_others() -> None:
    # 100 by 5 : 3 : 2 is 50, 30, 20; at most 20 for the first leaves 80 by 3 : 2
    weights, most = np.array([5.0, 3.0, 2.0]), np.array([20.0, np.nan, np.nan])
    low, high = bounded(100, np.full(3, np.nan), most)
    assert proportional(100, weights, low, high).tolist() == [20, 48, 32]
    # at least 60 for the last leaves 40 by 5 : 3
    low, high = bounded(100, np.array([np.nan, np.nan, 60.0]), np.full(3, np.nan))
    assert proportional(100, weights, low, high).tolist() == [25, 15, 60]


def test_bounds_that_are_not_given() -> None:
    none = np.full(2, np.nan)
    assert [ends.tolist() for ends in bounded(10, none, none)] == [[0, 0], [10, 10]]
    assert [ends.tolist() for ends in bounded(-10, none, none)] == [[-10, -10], [0, 0]]
    # the first is to lose at least 3: the other may take 13
    low, high = bounded(10, np.array([-5.0, np.nan]), np.array([-3.0, np.nan]))
    assert (low.tolist(), high.tolist()) == ([-5, 0], [-3, 15])


def test_parts_without_weight_take_none_unless_they_must() -> None:
    weights = np.array([0.0, 1.0])
    low, high = np.array([0.0, 0.0]), np.array([9.0, 6.0])
    assert reachable(weights, low, high) == (0, 6)
    low[0] = 2
    assert proportional(5, weights, low, high).tolist() == [2, 3]


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5),
    st.lists(st.floats(0, 100), min_size=12, max_size=12).filter(lambda one: sum(one) > 0.01),
)
def test_months_add_up_and_every_sum_to_date_is_rounded(
    totals: list[int], profile: list[float]
) -> None:
    found = cumulative(np.array(totals), np.array(profile))
    assert found.sum(axis=1).tolist() == totals
    exact = np.outer(totals, np.cumsum(profile) / sum(profile))
    assert np.abs(found.cumsum(axis=1) - exact).max() <= 0.5 + 1e-6


def test_a_seasonal_profile_by_hand() -> None:
    # 100 over shares 0.5, 0.333, 0.167: to date 50, 83.3, 100
    assert cumulative(np.array([100]), np.array([3.0, 2.0, 1.0])).tolist() == [[50, 33, 17]]
