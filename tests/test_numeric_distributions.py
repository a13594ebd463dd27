"""Distributions against scipy.stats, which is independent code, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fsinsure.numeric.distributions import (
    Empirical,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    TwoPieceNormal,
    Uniform,
    truncated,
)

SHARES = np.array([0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999])


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (Normal(2.0, 0.5), stats.norm(2.0, 0.5)),
        (Lognormal(3.0, 0.4), stats.lognorm(0.4, scale=3.0)),
        (Uniform(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
        (Triangular(-1.0, 0.5, 3.0), stats.triang(0.375, -1.0, 4.0)),
        (Triangular(0.0, 0.0, 2.0), stats.triang(0.0, 0.0, 2.0)),
        (Pert(-1.0, 0.5, 3.0), stats.beta(2.5, 3.5, -1.0, 4.0)),
    ],
)
def test_textbook_families_are_those_of_scipy(own, other):
    assert own.quantile(SHARES) == pytest.approx(other.ppf(SHARES), rel=1e-10, abs=1e-12)
    for value in (-2.0, -0.5, 0.0, 0.5, 1.7, 2.2, 4.0):
        assert own.share_below(value) == pytest.approx(other.cdf(value), abs=1e-12)


def test_pert_has_the_mean_that_it_is_named_for():
    shares = (np.arange(200_000) + 0.5) / 200_000
    assert Pert(1.0, 2.0, 9.0).quantile(shares).mean() == pytest.approx((1 + 8 + 9) / 6, abs=1e-6)


def test_three_percentiles_are_met():
    one = TwoPieceNormal(0.0186, 0.0537, 0.09)
    assert one.quantile(np.array([0.1, 0.5, 0.9])) == pytest.approx([0.0186, 0.0537, 0.09])
    assert [one.share_below(v) for v in (0.0186, 0.0537, 0.09)] == pytest.approx([0.1, 0.5, 0.9])
    # Both halves are normal: at 0.977 two standard deviations of the upper one.
    upper = (0.09 - 0.0537) / stats.norm.ppf(0.9)
    assert one.quantile(stats.norm.cdf([2.0]))[0] == pytest.approx(0.0537 + 2 * upper)


def test_an_end_at_the_median_leaves_that_half_at_the_median():
    one = TwoPieceNormal(1.0, 1.0, 2.0)
    assert one.quantile(SHARES[:4]).tolist() == [1.0] * 4
    assert (one.share_below(0.999), one.share_below(1.0)) == (0.0, 0.5)
    fixed = TwoPieceNormal(1.0, 1.0, 1.0)
    assert fixed.quantile(SHARES).tolist() == [1.0] * len(SHARES)
    assert (fixed.share_below(0.999), fixed.share_below(1.0)) == (0.0, 1.0)


def test_given_values_are_the_quantiles_in_the_middle_of_their_shares():
    one = Empirical((4.0, 1.0, 2.0))
    assert one.quantile(np.array([1 / 6, 0.5, 5 / 6])) == pytest.approx([1, 2, 4])
    assert one.quantile(np.array([0.01, 1 / 3, 0.99])) == pytest.approx([1, 1.5, 4])
    assert one.share_below(1.5) == pytest.approx(1 / 3)
    assert (one.share_below(0.9), one.share_below(4.0)) == (0.0, 1.0)


def test_truncation_keeps_the_shape_and_says_what_it_cuts():
    found, cut = truncated(Normal(0.0, 1.0), SHARES, -1.0, 0.5)
    other = stats.truncnorm(-1.0, 0.5)
    assert found == pytest.approx(other.ppf(SHARES), abs=1e-10)
    assert cut == pytest.approx(stats.norm.cdf(-1.0) + stats.norm.sf(0.5))
    free, none = truncated(Normal(0.0, 1.0), SHARES, None, None)
    assert none == 0.0
    assert free == pytest.approx(stats.norm.ppf(SHARES))


def test_a_mass_at_the_bound_is_kept():
    found, cut = truncated(TwoPieceNormal(0.0, 0.0, 0.2), SHARES, 0.0, 1.0)
    assert cut == pytest.approx(stats.norm.sf(1.0 / (0.2 / stats.norm.ppf(0.9))))
    assert found[:3].tolist() == [0.0] * 3
    assert found[-1] > 0.2


def test_nothing_between_the_bounds_is_refused():
    with pytest.raises(ValueError, match="between the bounds"):
        truncated(Uniform(0.0, 1.0), SHARES, 2.0, 3.0)
