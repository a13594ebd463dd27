"""The residents of the base year: every cell of the census, and a pyramid one can believe."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure as fs
from foshan import AREAS, FOSHAN
from fsinsure.base_year.census import by_sex, residents
from fsinsure.dims import AGES, SEXES
from fsinsure.errors import DataError
from fsinsure.parameters import resolve
from fsinsure.region.census import census_of
from fsinsure.region.law import profiles_in
from fsinsure.registry import registry
from fsinsure.tabular import records

Q = np.stack([0.0005 * np.exp(0.07 * np.arange(106)), 0.0003 * np.exp(0.075 * np.arange(106))])


@pytest.mark.parametrize("name", fs.regions())
def test_every_cell_of_the_census_is_met(name: str) -> None:
    region = fs.regions()[name]
    census = census_of(region, str(region.base_year))
    people = residents(region)
    assert people.shape == (len(region.codes), len(SEXES), AGES)
    groups = np.add.reduceat(people, census.starts, axis=-1)
    if census.counts.shape[1] == 1:
        groups = groups.sum(axis=1, keepdims=True)
    assert groups == pytest.approx(census.counts, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("name", fs.regions())
def test_nobody_is_negative_and_the_array_is_shared(name: str) -> None:
    region = fs.regions()[name]
    people = residents(region)
    assert (people >= 0).all()
    assert residents(region) is people
    with pytest.raises(ValueError, match="read-only"):
        people[0, 0, 0] = 1.0


def test_a_census_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"census\.csv: no census 1999; it has .*Add the rows of 19"
    ):
        residents(FOSHAN, "1999")


def test_the_pyramid_of_foshan_is_that_of_a_city_of_migrants() -> None:
    people = residents(FOSHAN)
    by_age = people.sum(axis=(0, 1))
    assert 25 <= np.argmax(by_age) < 40
    ratio = people[:, 0].sum(axis=0) / people[:, 1].sum(axis=0)
    assert ratio[20:50].mean() > 1.1  # men move in for work
    assert ratio[80:100].mean() < 0.9  # women live longer
    old = people[..., 60:].sum(axis=(1, 2)) / people.sum(axis=(1, 2))
    # Registered over all residents at the end of 2021: Gaoming 71 %, Nanhai 46 %.
    assert AREAS[int(np.argmax(old))] == "gaoming"
    assert AREAS[int(np.argmin(old))] == "nanhai"


@given(st.floats(1.0, 1.3), st.integers(0, 99))
def test_men_and_women_part_by_survival(sex_ratio: float, age: int) -> None:
    men, women = by_sex(np.full(AGES, 100.0), Q, sex_ratio)
    assert men + women == pytest.approx(np.full(AGES, 100.0))
    # L(x) = l(x) (1 - q(x) / 2), l(x) being the product of 1 - q.
    alive = np.prod(1 - Q[:, :age], axis=1) * (1 - Q[:, age] / 2)
    assert men[age] / women[age] == pytest.approx(sex_ratio * alive[0] / alive[1])


# Profiles.


@pytest.mark.parametrize("name", fs.regions())
def test_every_profile_of_the_model_is_there(name: str) -> None:
    parameters = resolve(fs.Scenario("bare", {}, fs.regions()[name], 2030))
    names = {one.split(".")[1] for one in registry() if one.startswith("profile.")}
    assert names >= {"arrival", "departure"}
    for one in names:
        weights = parameters.profile(one)
        assert weights.shape == (len(SEXES), AGES)
        assert (weights >= 0).all()
        assert weights.any(axis=1).all()


def test_a_scenario_sets_a_profile(baseline: fs.Scenario) -> None:
    knots = {20: 1, 30: 3}
    mine = baseline.with_({"profile.arrival.male": knots})
    men, women = resolve(mine).profile("arrival")
    assert men[19:32].tolist() == pytest.approx([0, *np.linspace(1, 3, 11), 0])
    assert women == pytest.approx(resolve(baseline).profile("arrival")[1])
    assert mine.hash != baseline.hash


def read(text: str) -> dict[str, list[tuple[int, str]]]:
    columns = ["profile", "sex", "age", "weight", "source", "confidence", "note"]
    rows = "\n".join(f"{row},ours,assumption," for row in text.split("\n"))
    found = profiles_in(records("p.csv", f"{','.join(columns)}\n{rows}", columns), "region x")
    return {name: [(one.key, one.text) for one in values] for name, values in found.items()}


def test_a_profile_of_both_sexes_holds_for_each() -> None:
    assert read("arrival,both,20,1\narrival,both,30,3") == {
        f"profile.arrival.{sex}": [(20, "1"), (30, "3")] for sex in SEXES
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arrival,both,20,1\narrival,both,20,2", r"p.csv:3:age: 20 after 20: ages must rise"),
        ("arrival,both,101,1", r"p.csv:2:age: 101 is not between 0 and 100"),
        ("arrival,both,20.5,1", r"p.csv:2:age: 20.5 is not a whole age"),
        ("arrival,both,20,-1", r"p.csv:2:weight: -1 is not between 0 and 1000"),
        (
            "arrival,mail,20,1",
            r"p.csv:2:sex: 'mail' is not one of male, female, both. Did you mean",
        ),
        (
            "arival,male,20,1",
            r"p.csv:2:profile: there is no profile 'arival'. Did you mean 'arrival",
        ),
    ],
)
def test_bad_profiles_are_refused(text: str, message: str) -> None:
    with pytest.raises(DataError, match=f"^{message}"):
        read(text)
