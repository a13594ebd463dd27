"""The residents of the base year: the published margins, and a pyramid one can believe."""

from __future__ import annotations

import re

import numpy as np
import pytest
from fsinsure.profiles import profile, profiles, profiles_in
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.interpolate import PchipInterpolator

from foshan import AREAS
from fsinsure.base_year import census
from fsinsure.base_year.census import Figure, reconcile, residents, single_years
from fsinsure.errors import DataError, InputError
from fsinsure.life_tables import published_life_table
from fsinsure.numeric.raking import Margin, rake
from fsinsure.tabular import records

# Typed from the census bulletins, in 万.
AREA = {"chancheng": 133.03, "nanhai": 366.72, "shunde": 322.91, "gaoming": 46.90}
AREA |= {"sanshui": 80.32}
AGE = {"0-14": (0, 15, 143.47), "15-59": (15, 60, 706.45), "60+": (60, 101, 99.96)}
AGE |= {"65+": (65, 101, 69.84)}


def in_wan(persons: float) -> float:
    return round(persons / 1e4, 2)


def test_the_total_is_the_census_to_the_person() -> None:
    assert residents().shape == (5, 2, 101)
    assert residents().sum() == pytest.approx(9_498_863, abs=1e-6)


def test_the_margins_round_to_the_published_figures() -> None:
    people = residents()
    by_area = people.sum(axis=(1, 2))
    assert dict(zip(AREAS, map(in_wan, by_area), strict=True)) == AREA
    assert by_area[AREAS.index("shunde")] == pytest.approx(3_229_090, abs=1e-6)
    assert [in_wan(persons) for persons in people.sum(axis=(0, 2))] == [516.38, 433.50]
    for low, high, published in AGE.values():
        assert in_wan(people[..., low:high].sum()) == published


def test_the_raked_margins_are_the_reconciled_ones_to_the_person() -> None:
    for margin in census.margins():
        assert margin.totals.sum() == pytest.approx(9_498_863, abs=1e-6)
        assert margin.sums(residents()) == pytest.approx(margin.totals, rel=0, abs=1e-6)


def test_everybody_lives_somewhere() -> None:
    assert (residents() > 0).all()
    assert residents() is residents()
    with pytest.raises(ValueError, match="read-only"):
        residents()[0, 0, 0] = 1.0


def test_raking_hardly_changes_the_seed() -> None:
    factors = residents() / census.seed()
    assert factors.min() > 0.97
    assert factors.max() < 1.03


def test_the_pyramid_is_plausible() -> None:
    people = residents()
    by_age = people.sum(axis=(0, 1))
    steps = np.abs(np.diff(np.log(by_age)))
    # No jump where the published groups meet: not more than twice the steps around.
    for first in (15, 60, 65):
        assert steps[first - 1] < 2.0 * np.median(steps[first - 6 : first + 5])
    # A city of migrants: most people at 25-39, men above women at work and fewer in old age.
    assert 25 <= np.argmax(by_age) < 40
    ratio = people[:, 0].sum(axis=0) / people[:, 1].sum(axis=0)
    assert ratio[20:50].min() > 1.19 > ratio[:15].max()
    assert (np.diff(ratio[60:]) < 0).all()


def test_areas_with_fewer_migrants_are_older() -> None:
    people = residents()
    old = people[..., 60:].sum(axis=(1, 2)) / people.sum(axis=(1, 2))
    # Registered over all residents at the end of 2021: Gaoming 71 %, Nanhai 46 %.
    assert AREAS[int(np.argmax(old))] == "gaoming"
    assert AREAS[int(np.argmin(old))] == "nanhai"


def test_men_and_women_of_the_seed_part_by_survival() -> None:
    q = published_life_table("CL1-CL2")
    men, women = census.by_sex(np.full(101, 100.0))
    assert men + women == pytest.approx(np.full(101, 100.0))
    # L(0) is (l(0) + l(1)) / 2 = 1 - q(0) / 2.
    assert men[0] / women[0] == pytest.approx(1.11 * (1 - q[0, 0] / 2) / (1 - q[1, 0] / 2))
    survival = np.prod(1 - q[:, :60], axis=1) * (1 - q[:, 60] / 2)
    assert men[60] / women[60] == pytest.approx(1.11 * survival[0] / survival[1])


def test_national_ages_keep_the_five_year_groups() -> None:
    ages = census.national_ages()
    assert ages[30:35].sum() == pytest.approx(122_430_000)
    assert ages[65:70].sum() == pytest.approx(72_124_000)
    assert ages[100] == 36_000
    assert (ages > 0).all()


@given(arrays(np.float64, st.integers(2, 21), elements=st.floats(1.0, 1e6)), st.integers(1, 10))
def test_single_years_are_the_monotone_cubic_of_scipy(counts: np.ndarray, width: int) -> None:
    knots = width * np.arange(len(counts) + 1)
    curve = PchipInterpolator(knots, np.append(0.0, np.cumsum(counts)))
    years = single_years(counts, width)
    total = counts.sum()
    assert years == pytest.approx(np.diff(curve(np.arange(knots[-1] + 1))), abs=1e-9 * total)
    assert years.reshape(-1, width).sum(axis=1) == pytest.approx(counts, abs=1e-9 * total)
    assert (years >= -1e-9 * total).all()


def test_level_groups_split_level() -> None:
    assert single_years(np.full(4, 50.0), 5) == pytest.approx(np.full(20, 10.0))


def test_reconciling_keeps_exact_figures_and_spreads_the_rest() -> None:
    published = {"a": Figure(100_100, 0.5), "b": Figure(200_000, 50), "c": Figure(100_000, 50)}
    assert reconcile(published, 400_130) == pytest.approx(
        {"a": 100_100, "b": 200_020, "c": 100_010}
    )


@pytest.mark.parametrize("total", [400_300, 399_900])
def test_reconciling_refuses_what_rounding_does_not_explain(total: float) -> None:
    published = {"a": Figure(100_100, 0.5), "b": Figure(200_000, 50), "c": Figure(100_000, 50)}
    with pytest.raises(DataError, match=rf"a, b, c add up to 400,100, not to the total {total:,}"):
        reconcile(published, total)


def margin(name: str, axis: int, totals: list[float], group: list[int] | None = None) -> Margin:
    labels = tuple(f"{name}{index}" for index in range(len(totals)))
    positions = np.array(range(len(totals)) if group is None else group)
    return Margin(name, axis, positions, labels, np.array(totals, dtype=float))


def test_raking_a_flat_seed_gives_independence() -> None:
    raked = rake(np.ones((2, 3)), [margin("row", 0, [40, 60]), margin("column", 1, [20, 30, 50])])
    assert raked == pytest.approx(np.outer([40, 60], [20, 30, 50]) / 100)


def test_raking_by_groups_scales_a_group_as_one() -> None:
    raked = rake(np.array([1.0, 3.0, 5.0]), [margin("age", 0, [8, 10], [0, 0, 1])])
    assert raked.tolist() == [2, 6, 10]


positive = arrays(np.float64, (3, 2, 4), elements=st.floats(0.1, 10.0))


@settings(max_examples=50)
@given(positive, positive)
def test_raking_meets_every_margin_and_keeps_cross_product_ratios(
    seed: np.ndarray, truth: np.ndarray
) -> None:
    wanted = [
        margin("a", 0, truth.sum(axis=(1, 2)).tolist()),
        margin("b", 1, truth.sum(axis=(0, 2)).tolist()),
        margin("c", 2, truth.reshape(6, 2, 2).sum(axis=(0, 2)).tolist(), [0, 0, 1, 1]),
    ]
    raked = rake(seed, wanted)
    for each in wanted:
        assert each.sums(raked) == pytest.approx(each.totals, rel=1e-11)
    assert (raked > 0).all()
    assert log_ratios(np.log(raked)) == pytest.approx(log_ratios(np.log(seed)), abs=1e-9)


def log_ratios(log_table: np.ndarray) -> np.ndarray:
    """Log cross-product ratios of every pair of axes against the first position."""
    pairs = [log_table[:, :, 0], log_table[:, 0, :], log_table[0]]
    return np.concatenate(
        [(pair - pair[:1] - pair[:, :1] + pair[:1, :1]).ravel() for pair in pairs]
    )


@pytest.mark.parametrize(
    ("seed", "margins", "message"),
    [
        (
            [[1, 1], [1, 1]],
            [margin("row", 0, [1, 2]), margin("column", 1, [1, 3])],
            "the margin column adds up to 4, but row to 3",
        ),
        (
            [[1, 0], [1, 0]],
            [margin("row", 0, [1, 2]), margin("column", 1, [1, 2])],
            "the margin column column1 should have people, but the seed has none there",
        ),
        (
            [[1, 0], [0, 1]],
            [margin("row", 0, [1, 3]), margin("column", 1, [2, 2])],
            "raking does not converge: after 500 sweeps the margin row row0 is off by 1 of 4",
        ),
    ],
)
def test_impossible_margins_are_refused(
    seed: list[list[float]], margins: list[Margin], message: str
) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        rake(np.array(seed, dtype=float), margins)


STOCKS = ("employee", "flexible", "civil_service", "resident", "dormant", "unemployed", "retiree")
STOCKS += ("civil_retiree", "resident_pensioner")


def test_every_profile_of_the_model_is_there() -> None:
    wanted = {"arrival", "departure", "inflow"}
    wanted |= {f"entry_{status}" for status in STOCKS[:4]} | {f"stock_{s}" for s in STOCKS}
    assert set(profiles()) == wanted
    for each in profiles().values():
        assert each.shape == (2, 101)
        assert (each >= 0).all()
        assert each.any(axis=1).all()


@pytest.mark.parametrize(
    ("name", "men", "women"),
    [
        # First and last ages with anybody: the statutory ages of 国发〔1978〕104号 are 60, 55, 50.
        ("entry_employee", (16, 59), (16, 54)),
        ("entry_flexible", (25, 58), (25, 53)),
        ("entry_civil_service", (22, 35), (22, 35)),
        ("entry_resident", (16, 59), (16, 59)),
        ("stock_employee", (16, 59), (16, 54)),
        ("stock_flexible", (20, 59), (20, 54)),
        ("stock_civil_service", (22, 59), (22, 54)),
        ("stock_resident", (16, 59), (16, 59)),
        ("stock_dormant", (20, 59), (20, 54)),
        ("stock_unemployed", (20, 59), (20, 49)),
        ("stock_retiree", (60, 100), (50, 100)),
        ("stock_civil_retiree", (60, 100), (55, 100)),
        ("stock_resident_pensioner", (60, 100), (60, 100)),
    ],
)
def test_profiles_respect_the_statutory_ages(
    name: str, men: tuple[int, int], women: tuple[int, int]
) -> None:
    found = [(int(np.nonzero(w)[0][0]), int(np.nonzero(w)[0][-1])) for w in profile(name)]
    assert found == [men, women]


def test_migrants_are_young() -> None:
    assert all(20 <= np.argmax(by_sex) <= 28 for by_sex in profile("arrival"))
    assert (profile("departure")[:, 35:49] == 1).all()  # who leaves is older: they go home
    assert (profile("departure")[:, 62:] <= 0.15).all()


def read(text: str) -> dict[str, np.ndarray]:
    columns = ["profile", "sex", "age", "weight"]
    return profiles_in(records("p.csv", ",".join(columns) + "\n" + text, columns))


def test_profiles_are_linear_between_knots_and_zero_outside() -> None:
    p = read("x,male,20,1\nx,male,30,3\nx,female,40,2")["x"]
    assert p[0, 19:32].tolist() == pytest.approx([0, *np.linspace(1, 3, 11), 0])
    assert p[1, 40] == 2
    assert p[1].sum() == 2
    assert np.array_equal(*read("x,both,20,1\nx,both,30,3")["x"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,both,20,1\nx,both,20,2", "p.csv:3:age: 20 after 20; ages of a profile must rise"),
        ("x,both,101,1", "p.csv:2:age: 101 is not between 0 and 100"),
        ("x,both,20.5,1", "p.csv:2:age: 20.5 is not a whole age"),
        ("x,both,20,-1", "p.csv:2:weight: -1 is not between 0 and 1000"),
        ("x,mail,20,1", "p.csv:2:sex: 'mail' is not one of male, female, both. Did you mean"),
        ("x,male,20,1", "p.csv:2:sex: the profile x has no knots for female"),
    ],
)
def test_bad_profiles_are_refused(text: str, message: str) -> None:
    with pytest.raises(DataError, match=f"^{re.escape(message)}"):
        read(text)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(InputError, match=r"no profile 'arival'. Did you mean 'arrival'\?"):
        profile("arival")
