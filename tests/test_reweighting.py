"""Draws weighted by figures: two draws by hand, the normal closed form, and bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fsinsure.analysis.reweighting import (
    check_size,
    effective_size,
    error_covariance,
    log_weights,
    normalised,
)
from fsinsure.errors import InputError


def test_two_draws_by_hand() -> None:
    """One projects the figure exactly, one is two standard errors off: 1 : exp(-2)."""
    projected = 100.0 * np.array([[1.0], [math.exp(0.04)]])
    logs = log_weights(projected, [100.0], error_covariance(["a"], [2023], [0.02]))
    assert logs == pytest.approx([0.0, -2.0])
    weights = normalised(logs)
    share = 1 / (1 + math.exp(-2))
    assert weights == pytest.approx([share, 1 - share])
    assert effective_size(weights) == pytest.approx(1 / (share**2 + (1 - share) ** 2))


def test_figures_of_two_measures_add_up() -> None:
    covariance = error_covariance(["a", "b"], [2023, 2023], [0.01, 0.03], 0.9)
    assert covariance == pytest.approx(np.diag([1e-4, 9e-4]))
    projected = np.exp([[0.01, -0.06]])
    assert log_weights(projected, [1.0, 1.0], covariance)[0] == pytest.approx(-(1 + 4) / 2)


def test_years_of_a_measure_are_correlated() -> None:
    """Equal deviations d of two years with correlation r: d^2 / (sigma^2 (1 + r)) in all."""
    covariance = error_covariance(["a", "a"], [2022, 2024], [0.02, 0.02], 0.6)
    r = 0.6**2
    assert covariance[0, 1] == pytest.approx(r * 4e-4)
    logs = log_weights(np.exp([[0.03, 0.03], [0.03, -0.03]]), [1.0, 1.0], covariance)
    same, opposite = 0.03**2 / (4e-4 * (1 + r)), 0.03**2 / (4e-4 * (1 - r))
    assert logs == pytest.approx([-same, -opposite])


def test_weighted_draws_are_the_conjugate_normal() -> None:
    """Prior N(0.05, 0.04^2) of a logarithm, a figure at 0 with 0.03: both moments."""
    rng = np.random.default_rng(20261129)
    mean, spread, error, draws = 0.05, 0.04, 0.03, 200_000
    level = mean + spread * rng.standard_normal(draws)
    covariance = error_covariance(["a"], [2023], [error])
    weights = normalised(log_weights(np.exp(level)[:, None], [1.0], covariance))
    variance = 1 / (1 / spread**2 + 1 / error**2)
    centre = variance * mean / spread**2
    size = effective_size(weights)
    tolerance = 4 * math.sqrt(variance / size)
    assert weights @ level == pytest.approx(centre, abs=tolerance)
    assert weights @ (level - centre) ** 2 == pytest.approx(variance, rel=4 * math.sqrt(2 / size))
    # The effective share of the draws has a closed form, too: (E w)^2 / E w^2.
    ratio = error**2 / spread**2
    mean_weight = math.sqrt(ratio / (1 + ratio)) * math.exp(-(mean**2) / 2 / (error**2 + spread**2))
    mean_square = math.sqrt(ratio / (2 + ratio)) * math.exp(-(mean**2) / (error**2 + 2 * spread**2))
    assert size / draws == pytest.approx(mean_weight**2 / mean_square, rel=0.02)


def test_far_draws_do_not_overflow() -> None:
    weights = normalised(np.array([-1e6, -1e6 - math.log(3.0)]))
    assert weights == pytest.approx([0.75, 0.25])


def test_a_draw_that_cannot_be_compared_has_no_weight() -> None:
    projected = np.array([[1.0, 1.0], [0.0, 1.0], [np.nan, 1.0], [1.0, -1.0]])
    logs = log_weights(projected, [1.0, 1.0], np.eye(2))
    assert normalised(logs).tolist() == [1.0, 0.0, 0.0, 0.0]
    with pytest.raises(InputError, match="no draw can be weighted"):
        normalised(logs[1:])


def test_too_few_effective_draws_say_what_to_change() -> None:
    assert check_size(np.full(30, 1 / 30)) == pytest.approx(30.0)
    with pytest.raises(InputError, match=r"only 2\.0 of 4 draws count .* about 120 draws"):
        check_size(np.array([0.5, 0.5, 0.0, 0.0]))


@pytest.mark.parametrize(
    ("sigma", "correlation", "message"),
    [
        ([0.0], 0.0, "must be above 0"),
        ([math.nan], 0.0, "must be above 0"),
        ([0.01], 1.0, "from 0 to below 1, not 1"),
        ([0.01], -0.2, "from 0 to below 1, not -0.2"),
    ],
)
def test_bad_errors_are_refused(sigma: list[float], correlation: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        error_covariance(["a"], [2023], sigma, correlation)
