"""Sobol indices against closed forms, and against scipy's own estimates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fsinsure.analysis.sobol import design, indices, pages
from fsinsure.numeric.distributions import Uniform

NAMES = ("x1", "x2", "x3")
A, B = 7.0, 0.1


def ishigami(shares):
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1, each uniform between -pi and pi."""
    x = Uniform(-np.pi, np.pi).quantile(shares)
    return np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0])


def alone(*columns):
    return frozenset(columns)


def found_of(function, names, groups, points, seed=1, level=0.95):
    made = pages(len(names), groups)
    sets = [*(alone(at) for at in range(len(names))), *groups]
    values = function(design(names, points, seed, made))
    return indices(values, made, sets, level, seed)


def test_ishigami_by_hand() -> None:
    """The variance of Ishigami and Homma (1990) by parts, in closed form."""
    first = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    second = A**2 / 8.0
    both = 8.0 * B**2 * np.pi**8 / 225.0
    whole = first + second + both
    groups = [alone(0, 2), alone(0, 1)]
    found = found_of(ishigami, NAMES, groups, 4096)
    wanted = np.array([first, second, 0.0, first + both, first + second]) / whole
    total = np.array([first + both, second, both, first + both, whole]) / whole
    assert found.first[:, 0] == pytest.approx(wanted, abs=0.02)
    assert found.total[:, 0] == pytest.approx(total, abs=0.02)
    assert found.sd**2 == pytest.approx(whole, rel=0.01)
    assert found.mean == pytest.approx(A / 2.0, abs=0.02)
    for own, truth in ((found.first, wanted), (found.total, total)):
        assert (own[:, 1] <= own[:, 0]).all()
        assert (own[:, 0] <= own[:, 2]).all()
        assert ((own[:, 1] - 0.02 <= truth) & (truth <= own[:, 2] + 0.02)).all()


def test_the_estimates_are_those_of_scipy() -> None:
    made = pages(3, [])
    table = ishigami(design(NAMES, 256, 3, made)).reshape(256, len(made))
    known = stats.sobol_indices(
        func={
            "f_A": table[:, 0],
            "f_B": table[:, 1],
            "f_AB": table[:, None, 2:].T.reshape(3, 1, -1),
        },
        n=256,
    )
    found = indices(table.ravel(), made, [alone(0), alone(1), alone(2)], 0.9, 0)
    np.testing.assert_allclose(found.first[:, 0], known.first_order, rtol=1e-10)
    np.testing.assert_allclose(found.total[:, 0], known.total_order, rtol=1e-10)
    # Percentile and accelerated intervals of as many points are about as wide.
    wide = known.bootstrap(confidence_level=0.9, n_resamples=500)
    for own, other in ((found.first, wide.first_order), (found.total, wide.total_order)):
        limits = other.confidence_interval
        width = np.asarray(limits.high) - np.asarray(limits.low)
        np.testing.assert_allclose(own[:, 2] - own[:, 1], width, rtol=0.35)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Linear: x1 + 2 x2 with uniform parameters: 1/5 and 4/5 of the variance."""

    def linear(shares):
        return shares[0] + 2.0 * shares[1]

    hits = np.zeros(4)
    worlds = 100
    for seed in range(worlds):
        made = pages(2, [])
        random = np.random.default_rng(seed)
        cube = random.random((2, 2, 64))
        shares = np.stack(
            [[cube[int(at in one), at] for one in made] for at in range(2)]
        ).transpose(0, 2, 1)
        values = linear(shares.reshape(2, -1))
        found = indices(values, made, [alone(0), alone(1)], 0.8, seed)
        for at, truth in enumerate((0.2, 0.8)):
            hits[2 * at] += found.first[at, 1] <= truth <= found.first[at, 2]
            hits[2 * at + 1] += found.total[at, 1] <= truth <= found.total[at, 2]
    # 80 of 100 within about three standard deviations of 4.
    assert ((hits >= 66) & (hits <= 93)).all(), hits


def test_the_group_of_two_has_their_interaction() -> None:
    """(x1 - 1/2) (x2 - 1/2) + x3 - 1/2: of 1/144 + 1/12 the first part is all interaction."""

    def product(shares):
        return (shares[0] - 0.5) * (shares[1] - 0.5) + shares[2] - 0.5

    found = found_of(product, NAMES, [alone(0, 1)], 4096)
    together = (1 / 144) / (1 / 144 + 1 / 12)
    assert found.first[:2, 0] == pytest.approx([0.0, 0.0], abs=0.01)
    assert found.first[3, 0] == pytest.approx(together, abs=0.01)
    assert found.total[3, 0] == pytest.approx(together, abs=0.01)


def test_points_that_are_missing_are_left_out_whole() -> None:
    made = pages(3, [])
    values = ishigami(design(NAMES, 64, 3, made)).reshape(64, -1)
    some = values.copy()
    some[5, 3] = np.nan
    sets = [alone(0), alone(1), alone(2)]
    found = indices(some.ravel(), made, sets, 0.9, 0)
    kept = indices(np.delete(values, 5, axis=0).ravel(), made, sets, 0.9, 0)
    assert found.points == 63
    np.testing.assert_array_equal(found.first, kept.first)
    none = indices(np.full(values.size, np.nan), made, sets, 0.9, 0)
    assert none.points == 0
    assert np.isnan(none.total).all()


def test_what_does_not_vary_has_no_shares() -> None:
    made = pages(3, [])
    values = np.full(16 * len(made), 1e11) + np.tile([0.0, 1e-5], 8 * len(made))
    found = indices(values, made, [alone(0), alone(1), alone(2)], 0.9, 0)
    assert np.isnan(found.first).all()
    assert found.sd == 0.0


def test_a_page_changes_its_columns_alone() -> None:
    made = pages(3, [alone(0, 2)])
    shares = design(NAMES, 8, 0, made).reshape(3, 8, len(made))
    own, other = shares[..., 0], shares[..., 1]
    assert (own != other).all()
    for at, columns in enumerate(made):
        for name in range(3):
            wanted = other[name] if name in columns else own[name]
            np.testing.assert_array_equal(shares[name, :, at], wanted)


def test_the_same_seed_gives_the_same_bits() -> None:
    one, two = (found_of(ishigami, NAMES, [], 64, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.total, two.total)
    assert (found_of(ishigami, NAMES, [], 64, seed=5).total != one.total).any()
