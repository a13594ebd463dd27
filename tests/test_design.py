"""Points of draws: what they promise, by count and against what is independent."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fsinsure.numeric.design import DESIGNS, coordinates, correlated

KNOWN = [f"parameter.{number}" for number in range(230)]
NAMES = [KNOWN[3], KNOWN[100], KNOWN[229], "another"]


@pytest.mark.parametrize("design", DESIGNS)
def test_a_coordinate_depends_on_its_name_and_the_seed_alone(design):
    whole = coordinates(NAMES, 512, 7, design, KNOWN)
    for row, name in enumerate(NAMES):
        alone = coordinates([name], 512, 7, design, KNOWN)
        assert (alone[0] == whole[row]).all()
    other = coordinates(NAMES, 512, 8, design, KNOWN)
    assert (other != whole).mean() > 0.99


@pytest.mark.parametrize("design", DESIGNS)
def test_coordinates_are_uniform_and_apart(design):
    found = coordinates(NAMES, 1024, 1, design, KNOWN)
    assert found.min() > 0.0
    assert found.max() < 1.0
    for row in found:
        assert stats.kstest(row, "uniform").pvalue > 0.001
    pairs = np.corrcoef(found)[np.triu_indices(len(NAMES), 1)]
    assert np.abs(pairs).max() < 4 / np.sqrt(1024)


@pytest.mark.parametrize("design", ["latin", "sobol"])
def test_every_interval_has_one_point(design):
    found = coordinates(NAMES, 256, 5, design, KNOWN)
    for row in found:
        assert (np.bincount((row * 256).astype(int), minlength=256) == 1).all()


def test_first_random_points_do_not_depend_on_how_many_there_are():
    few, many = (coordinates(NAMES, count, 3, "random", KNOWN) for count in (10, 1000))
    assert (few == many[:, :10]).all()


def test_a_mean_is_nearer_than_that_of_random_points():
    """The mean of the squares of 1,000 points: 1/3; random points are off by some 0.009."""
    off = {}
    for design in DESIGNS:
        each = [
            (coordinates(NAMES[:3], 1000, seed, design, KNOWN) ** 2).mean(axis=1) - 1 / 3
            for seed in range(10)
        ]
        off[design] = float(np.sqrt(np.mean(np.square(each))))
    assert off["random"] == pytest.approx(np.sqrt(4 / 45 / 1000), rel=0.4)
    assert off["latin"] < off["random"] / 20
    assert off["sobol"] < off["random"] / 10


def test_scores_have_the_correlation_asked_for():
    wanted = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 1.0]])
    scores = stats.norm.ppf(coordinates(NAMES[:3], 4096, 2, "sobol", KNOWN))
    found = correlated(scores, np.linalg.cholesky(wanted))
    assert np.corrcoef(found) == pytest.approx(wanted, abs=0.02)
    assert (found[0] == scores[0]).all()
