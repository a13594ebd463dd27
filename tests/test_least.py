"""The least under floors and bounds: against closed forms, and where no point meets the floors."""

from __future__ import annotations

import numpy as np
import pytest

from fsinsure.numeric.least import Problem, least


def problem(objective, *floors, low: float, high: float) -> Problem:
    """Return a problem of two levers, given functions of them."""

    def values(points: np.ndarray) -> np.ndarray:
        found = [np.broadcast_to(one(*points.T), len(points)) for one in (objective, *floors)]
        return np.stack(found, axis=1)

    return Problem(values, np.full(2, low), np.full(2, high))


def test_the_least_sum_of_squares_on_a_line() -> None:
    """(1, 2) is the foot of the perpendicular on x + 2 y = 5; squares add up to limit² / 5."""
    asked = problem(lambda x, y: x**2 + y**2, lambda x, y: x + 2 * y - 5, low=-9, high=9)
    found = least(asked, np.zeros(2))
    assert found.at == pytest.approx([1, 2], abs=1e-7)
    assert found.multipliers == pytest.approx([2], abs=1e-6)
    assert found.moves == pytest.approx(np.array([[0.2, 0.4]]), abs=1e-6)
    assert found.met
    assert found.residual < 1e-7


def test_the_least_sum_over_a_product() -> None:
    """x + y over x y >= 4 is least at (2, 2); it is 2 sqrt(limit)."""
    asked = problem(lambda x, y: x + y, lambda x, y: x * y - 4, low=0.1, high=10)
    found = least(asked, np.array([9.0, 0.5]))
    assert found.at == pytest.approx([2, 2], abs=1e-4)
    assert found.objective == pytest.approx(4, abs=1e-7)
    assert found.multipliers == pytest.approx([0.5], abs=1e-5)
    assert found.moves == pytest.approx(np.array([[0.25, 0.25]]), abs=1e-5)


def test_a_linear_cost_ends_in_a_corner() -> None:
    """The cheap lever goes to its bound, the dear one gives the rest, at its own price."""
    asked = problem(lambda x, y: x + 3 * y, lambda x, y: x + y - 1.5, low=0, high=1)
    found = least(asked, np.zeros(2))
    assert found.at == pytest.approx([1, 0.5], abs=1e-8)
    assert found.multipliers == pytest.approx([3], abs=1e-6)
    assert found.moves == pytest.approx(np.array([[0, 1]]), abs=1e-6)


def test_a_floor_that_does_not_bind_has_no_price() -> None:
    asked = problem(
        lambda x, y: x**2 + y**2, lambda x, y: x - 1, lambda x, y: x + y + 5, low=-9, high=9
    )
    found = least(asked, np.zeros(2))
    assert found.at == pytest.approx([1, 0], abs=1e-8)
    assert found.multipliers == pytest.approx([2, 0], abs=1e-6)
    assert not found.moves[1].any()


def test_floors_out_of_reach_are_missed_by_as_little_as_can_be() -> None:
    """x - 2 and 1 - 2 x cross at x = 1, where both are -1."""
    asked = problem(lambda x, y: y**2, lambda x, y: x - 2, lambda x, y: 1 - 2 * x, low=0, high=1)
    found = least(asked, np.zeros(2))
    assert not found.met
    assert found.at[0] == pytest.approx(1, abs=1e-7)
    assert found.floors == pytest.approx([-1, -1], abs=1e-6)


def test_a_point_that_is_not_possible_bars_the_way() -> None:
    """The least beyond x = 0.7 is not there; the search ends just before it."""
    asked = problem(
        lambda x, y: np.where(x > 0.7, np.nan, (x - 1) ** 2 + y**2), lambda x, y: y, low=-1, high=2
    )
    found = least(asked, np.zeros(2))
    assert found.at[0] == pytest.approx(0.7, abs=2e-3)
    assert found.at[0] <= 0.7
    assert found.at[1] == pytest.approx(0, abs=1e-6)


def test_a_lever_that_cannot_move_stays() -> None:
    def values(points: np.ndarray) -> np.ndarray:
        return np.stack([(points**2).sum(axis=1), points.sum(axis=1) - 3], axis=1)

    found = least(Problem(values, np.array([1.0, -9.0]), np.array([1.0, 9.0])), np.zeros(2))
    assert found.at == pytest.approx([1, 2], abs=1e-8)
    assert found.multipliers == pytest.approx([4], abs=1e-6)
