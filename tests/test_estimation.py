"""Least squares within bounds: closed forms, coverage of intervals, what is not distinguished."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, t

from fsinsure.arrays import Array
from fsinsure.numeric.estimation import Estimate, connected, directions, estimate, unit_columns

WIDE = 100.0


def linear(
    matrix: Array,
    right: Array,
    *,
    known: bool = False,
    low: float = -WIDE,
    high: float = WIDE,
) -> Estimate:
    """The estimate of a linear model: residuals ``matrix @ x - right``."""
    count = matrix.shape[1]
    bounds = np.full(count, low), np.full(count, high)
    return estimate(
        lambda x: matrix @ x - right, lambda _: matrix, np.zeros(count), bounds, known=known
    )


def test_a_mean_has_the_standard_error_of_the_textbook() -> None:
    """One parameter that is every figure: the mean, s / sqrt(n), and t with n - 1 degrees."""
    figures = np.array([1.0, 2.0, 4.0, 5.0])
    found = linear(np.ones((4, 1)), figures)
    assert found.values[0] == pytest.approx(3.0)
    assert found.freedom == 3
    error = math.sqrt(10 / 3 / 4)  # squares 4, 1, 1, 4
    assert found.errors[0] == pytest.approx(error)
    # The 90th percentile of t with 3 degrees of freedom is 1.638 in every table.
    assert found.interval()[:, 0] == pytest.approx(
        [3 - 1.6377 * error, 3 + 1.6377 * error], rel=1e-4
    )


def test_known_errors_give_normal_intervals_that_do_not_depend_on_the_fit() -> None:
    for figures in (np.array([1.0, 2.0, 4.0, 5.0]), np.full(4, 3.0)):
        found = linear(np.ones((4, 1)), figures, known=True)
        assert found.errors[0] == pytest.approx(0.5)
        # The 90th percentile of the normal distribution is 1.2816.
        assert found.interval()[1, 0] == pytest.approx(3 + 0.5 * 1.2816, rel=1e-4)


def test_a_line_has_the_covariance_of_the_textbook() -> None:
    """Intercept and slope at 0, 1, 2: cov = s^2 [[5, -3], [-3, 3]] / 6."""
    matrix = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    found = linear(matrix, np.array([0.0, 3.0, 3.0]))
    assert found.values == pytest.approx([0.5, 1.5])
    square = 1.5  # residuals 0.5, -1, 0.5 and one degree of freedom
    assert found.covariance == pytest.approx(square * np.array([[5.0, -3.0], [-3.0, 3.0]]) / 6)
    assert found.correlation[0, 1] == pytest.approx(-3 / math.sqrt(15))


def test_the_interval_covers_80_percent_of_worlds() -> None:
    """Few figures and errors of unknown size: only the t distribution covers as it says."""
    rng = np.random.default_rng(20261129)
    matrix, truth = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]]), np.array([1.0, 0.5])
    worlds, inside = 600, np.zeros(2, dtype=int)
    for _ in range(worlds):
        found = linear(matrix, matrix @ truth + 0.1 * rng.standard_normal(4))
        low, high = found.interval()
        inside += (low <= truth) & (truth <= high)
    for count in inside:
        assert binomtest(int(count), worlds, 0.8).pvalue > 0.01
        # The interval of the normal distribution would fail: it covers 67 %.
        normal = 1 - 2 * t.sf(1.2816, 2)
        assert binomtest(int(count), worlds, normal).pvalue < 0.001


def test_a_curved_model_is_solved_exactly() -> None:
    years = np.arange(1, 5)
    growth = 0.03

    def residuals(x: Array) -> Array:
        return np.asarray(years * (np.log1p(x[0]) - np.log1p(growth)))

    def jacobian(x: Array) -> Array:
        return np.asarray(years[:, None] / (1 + x[0]))

    bounds = np.array([-0.3]), np.array([0.6])
    found = estimate(residuals, jacobian, np.array([0.1]), bounds, known=False)
    assert found.values[0] == pytest.approx(growth, abs=1e-9)
    assert found.errors[0] == pytest.approx(0.0, abs=1e-9)


def test_a_value_that_is_not_possible_is_not_taken() -> None:
    """Residuals that are not finite above 2 keep the search below, where the best is at 1.9."""

    def residuals(x: Array) -> Array:
        return np.array([x[0] - 1.9]) if x[0] <= 2.0 else np.array([np.nan])

    bounds = np.array([-WIDE]), np.array([WIDE])
    found = estimate(residuals, lambda _: np.eye(1), np.array([-50.0]), bounds, known=True)
    assert found.values[0] == pytest.approx(1.9)


def test_a_best_value_that_is_not_possible_is_an_error() -> None:
    """The best would be 3, and nothing above 2 is possible."""

    def residuals(x: Array) -> Array:
        return x - 3.0 if x[0] <= 2.0 else np.array([np.nan])

    bounds = np.array([-WIDE]), np.array([WIDE])
    with pytest.raises(ArithmeticError, match="better values would not be possible"):
        estimate(residuals, lambda _: np.eye(1), np.array([-5.0]), bounds, known=True)


def test_an_estimate_at_its_bound_has_no_error_and_counts_as_known() -> None:
    matrix = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    found = linear(matrix, np.array([5.0, 5.0, 1.0, 2.0, 3.5]), high=2.0)
    assert found.values[0] == 2.0
    assert found.bound.tolist() == [1, 0]
    assert math.isnan(found.errors[0])
    # With the first known, the second is the mean of 1, 2 and 3.5 - 2.
    assert found.values[1] == pytest.approx(1.5)
    assert found.freedom == 4
    left = 3**2 + 3**2 + 0.5**2 + 0.5**2
    assert found.errors[1] == pytest.approx(math.sqrt(left / 4 / 3))


def test_parameters_that_move_the_same_only_have_a_sum() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.standard_normal((2, 8))
    right = one + 2 * other + 0.1 * rng.standard_normal(8)
    found = linear(np.column_stack([one, other, 3 * one]), right)
    alone = linear(np.column_stack([one, other]), right)
    assert found.together() == [(0, 2)]
    assert found.values[0] + 3 * found.values[2] == pytest.approx(alone.values[0])
    assert np.isnan(found.errors[[0, 2]]).all()
    assert found.freedom == alone.freedom
    assert found.errors[1] == pytest.approx(alone.errors[1])
    assert alone.together() == []


def test_a_sum_of_three_is_named_as_one_group() -> None:
    rng = np.random.default_rng(6)
    some = rng.standard_normal((8, 4))
    matrix = np.column_stack([some, some[:, 0] + some[:, 1] + 1e-3 * rng.standard_normal(8)])
    assert linear(matrix, rng.standard_normal(8)).together() == [(0, 1, 4)]


@pytest.mark.parametrize(("angle", "groups"), [(0.5, []), (0.2, [(0, 1)])])
def test_a_correlation_of_estimates_above_095_is_named(
    angle: float, groups: list[tuple[int, ...]]
) -> None:
    """Two columns at an angle have estimates with the correlation -cos(angle): 0.878, 0.980."""
    matrix = np.array([[1.0, math.cos(angle)], [0.0, math.sin(angle)], [0.0, 0.0]])
    found = linear(matrix, np.array([1.0, 1.0, 0.1]))
    assert found.correlation[0, 1] == pytest.approx(-math.cos(angle))
    assert found.together() == groups


def test_correlations_do_not_need_residuals() -> None:
    """A perfect fit, and one without degrees of freedom, say as much of them."""
    matrix = np.array([[1.0, 1.0], [0.0, 0.1]])
    found = linear(matrix, matrix @ np.ones(2))
    assert found.freedom == 0
    assert math.isnan(found.scale)
    assert np.isnan(found.interval()).all()
    assert found.together() == [(0, 1)]


def test_fewer_figures_than_parameters_are_a_group() -> None:
    found = linear(np.array([[1.0, 1.0, 0.0]]), np.array([2.0]))
    assert (0, 1) in found.together()
    assert (2,) in found.together()
    assert found.values[:2].sum() == pytest.approx(2.0)


def test_singular_values_are_those_of_columns_of_length_one() -> None:
    """Two columns at an angle: sqrt(1 +- cos(angle)), whatever their lengths."""
    matrix = np.array([[5.0, 0.02 * math.cos(0.3)], [0.0, 0.02 * math.sin(0.3)]])
    columns, length = unit_columns(matrix)
    assert length == pytest.approx([5.0, 0.02])
    singular, _ = directions(columns)
    assert singular == pytest.approx(np.sqrt([1 + math.cos(0.3), 1 - math.cos(0.3)]))


def test_groups_are_connected_through_others() -> None:
    linked = np.zeros((4, 4), dtype=bool)
    linked[0, 3] = linked[3, 1] = True
    assert connected(linked) == [(0, 1, 3)]


def test_a_search_that_does_not_end_says_so() -> None:
    """1 / x has its best at the bound, and each step of Gauss and Newton doubles x."""
    bounds = np.array([0.5]), np.array([1e60])
    with pytest.raises(ArithmeticError, match="maximum number"):
        estimate(lambda x: 1 / x, lambda x: -1 / x[:, None] ** 2, np.ones(1), bounds, known=True)
