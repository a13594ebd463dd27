"""Net migration between two censuses, against populations whose migration is known."""

from __future__ import annotations

import numpy as np
import pytest

from fsinsure.base_year import migration
from fsinsure.year.demography import age_by_one

AGES = np.arange(101)
YEARS = 10
RNG = np.random.default_rng(4)
Q = np.minimum(0.5, np.array([[3e-5], [1.5e-5]]) * np.exp(0.1 * np.arange(106)) + 2e-4)
"""A life table ``[sex, age]`` after Gompertz and Makeham."""
OPENING = RNG.uniform(50, 150, (3, 2, 101))
BIRTHS = RNG.uniform(90, 110, (YEARS, 3, 2))


def mortality() -> tuple[np.ndarray, np.ndarray]:
    return migration.mortality_by_year(Q, 0.01, -2, YEARS)


def projected(moves: np.ndarray) -> np.ndarray:
    """The population after ten years in which the same people move at the end of each."""
    dying, infant = mortality()
    people = OPENING.copy()
    for year in range(YEARS):
        people = people - people * dying[year]
        age_by_one(people)
        people[..., 0] = BIRTHS[year] * (1 - infant[year])
        people = people + moves
    return people


def test_nobody_moves_where_a_population_only_ages() -> None:
    net = migration.net_migrants(OPENING, projected(np.zeros(101)), BIRTHS, *mortality())
    assert net == pytest.approx(np.zeros((3, 2, 101)), abs=1e-10)
    assert migration.yearly_migrants(net, mortality()[0]) == pytest.approx(net, abs=1e-10)


def test_without_deaths_the_cohort_change_is_the_migration() -> None:
    zero = np.zeros((YEARS, 2, 101)), np.zeros((YEARS, 2))
    zero[0][..., -1] = 1.0
    net = migration.net_migrants(OPENING, OPENING, BIRTHS, *zero)
    assert net[..., YEARS:100] == pytest.approx(
        OPENING[..., YEARS:100] - OPENING[..., : 100 - YEARS]
    )
    # Aged 3 at the end: born in the seventh year.
    assert net[..., 3] == pytest.approx(OPENING[..., 3] - BIRTHS[YEARS - 4])


def test_known_migration_is_recovered_by_age_in_the_year_of_the_move() -> None:
    # Arrivals around 22, departures around 50: smooth over age, another size in each area and sex.
    shape = 30 * np.exp(-(((AGES - 22) / 6.0) ** 2)) - 8 * np.exp(-(((AGES - 50) / 12.0) ** 2))
    moves = shape * np.array([[1.0, 0.8], [0.5, 0.5], [-0.2, 0.1]])[..., None]
    net = migration.net_migrants(OPENING, projected(moves), BIRTHS, *mortality())
    yearly = migration.yearly_migrants(net, mortality()[0], stiffness=1e-3)
    assert yearly == pytest.approx(moves, abs=0.02)
    # The default smooths more, and keeps the sum all the same.
    default = migration.yearly_migrants(net, mortality()[0])
    assert default == pytest.approx(moves, abs=1.0)
    assert default.sum(axis=-1) == pytest.approx(moves.sum(axis=-1), rel=0.01)


def test_migration_without_curvature_is_recovered_exactly() -> None:
    moves = np.broadcast_to(0.002 * (AGES - 40.0) ** 2 - 1.0, (3, 2, 101))
    net = migration.net_migrants(OPENING, projected(moves), BIRTHS, *mortality())
    assert migration.yearly_migrants(net, mortality()[0]) == pytest.approx(moves, abs=1e-6)


def test_movers_who_die_before_the_census_do_not_count() -> None:
    moves = np.zeros(101)
    moves[80] = 10.0
    net = migration.net_migrants(OPENING, projected(moves), BIRTHS, *mortality())
    dying, _ = mortality()
    lived = 10.0 * np.prod([1 - dying[year, 0, 79 + year] for year in range(1, YEARS)])
    assert net[0, 0, 89] == pytest.approx(lived)
    assert lived < 6.0


def test_mortality_improves_from_the_year_of_the_table() -> None:
    q = Q
    dying, infant = migration.mortality_by_year(q, 0.02, 3.0, 2)
    assert infant == pytest.approx(np.stack([q[:, 0], 0.98 * q[:, 0]]) / 2 * 0.98**3)
    assert dying.shape == (2, 2, 101)
