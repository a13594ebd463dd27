"""The solver of aligned totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.numeric.fill import fill_scale


def taken(available, weight, scale):
    return (available * np.minimum(1.0, scale[..., None] * weight)).sum(-1)


def test_without_full_cells_the_scale_is_need_over_weighted_capacity():
    assert fill_scale(np.array(30.0), np.array([100.0, 50.0]), np.array([1.0, 2.0])) == 0.15


def test_a_full_cell_passes_the_rest_on():
    # 10 people with weight 10 are all taken; 5 more come from 100 with weight 1: scale 0.05 is
    # too small to fill the first cell, so the closed form is (15 - 10) / 100 once it is full.
    available, weight = np.array([10.0, 100.0]), np.array([100.0, 1.0])
    assert fill_scale(np.array(15.0), available, weight) == pytest.approx(0.05)


def test_nobody_needed_nobody_taken():
    assert fill_scale(np.array([0.0, 0.0]), np.ones((2, 3)), np.ones(3)).tolist() == [0.0, 0.0]


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_the_need_is_met_whatever_the_cells(seed, part):
    rng = np.random.default_rng(seed)
    available = rng.uniform(0, 1000, (4, 30)) * (rng.random((4, 30)) < 0.8)
    weight = 10.0 ** rng.uniform(-4, 3, 30) * (rng.random(30) < 0.8)
    need = part * (available * (weight > 0)).sum(-1)
    scale = fill_scale(need, available, weight)
    np.testing.assert_allclose(taken(available, weight, scale), need, rtol=1e-9, atol=1e-9)
