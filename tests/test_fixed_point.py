"""Points that a function returns as it is, found in many draws at once."""

from __future__ import annotations

import numpy as np
import pytest

from fsinsure.numeric.fixed_point import Search


def found(function, start, rounds=60):
    search = Search(np.asarray(start, dtype=float), 1e-13)
    for _ in range(rounds):
        search.step(function(search.point))
        if search.settled.all():
            break
    return search


def test_two_points_at_once_in_closed_form():
    # x = sqrt(2 y), y = sqrt(2 x): both are 2.
    search = found(lambda x: np.sqrt(2 * x[::-1]), [0.3, 5.0])
    assert search.settled
    assert search.point == pytest.approx([2.0, 2.0], rel=1e-12)


def test_where_the_function_goes_back_and_forth():
    # x = a / x is sqrt(a); taking the value each time would never end.
    wanted = np.array([[1.0, 4.0, 9.0]])
    search = found(lambda x: wanted / x, [[0.7, 3.0, 2.0]])
    assert search.settled.all()
    assert search.point == pytest.approx(np.sqrt(wanted), rel=1e-12)


def test_what_is_zero_stays_zero():
    search = found(lambda x: np.stack([0.0 * x[0], np.sqrt(2 * x[1])]), [0.0, 1.0])
    assert search.settled
    assert search.point == pytest.approx([0.0, 2.0], rel=1e-12)


def test_a_draw_that_is_found_does_not_move_while_others_are_sought():
    first = found(lambda x: np.sqrt(2 * x), [[1.9]]).point
    both = found(lambda x: np.sqrt(2 * x), [[1.9, 1e-6]]).point
    assert both[0, 0] == first[0, 0]


def test_without_a_point_a_draw_is_not_settled():
    assert not found(lambda x: 2 * x, [1.0]).settled
