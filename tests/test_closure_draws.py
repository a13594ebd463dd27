"""The base year for many draws: each is its exact closure, or is counted as one that has none."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatch

import numpy as np
import pytest

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.base_year.balances import opening_balances
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure import base_year_scenario, close_base, known_of
from fsinsure.base_year.closure_draws import RATES, close_draws
from fsinsure.base_year.closure_table import solve_base
from fsinsure.base_year.life_course import life_course
from fsinsure.base_year.solved_draws import Refused, people_of_draws
from fsinsure.engine.cohort import stream
from fsinsure.errors import ClosureError, InputError
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.statuses import STATUS
from fsinsure.year.law import bind

DRAWS = 8
NUMBERS = (
    *("base.institution_share", "base.dormant", "base.dormant_counted", "base.benefit_share"),
    *("base.injury_only_project_worker", "base.injury_only_intern", "base.account_ratio"),
    *("base.injury_only_over_age_worker", "base.service_share_employee", "wage.mean"),
    *("base.service_share_flexible", "base.service_share_dormant", "base.service_months_retiree"),
)
"""What the base year is closed with and places, apart from the rates of the life course."""


def ranges(scenario: fs.Scenario, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Draws ``[draw]`` within the range of each assumption."""
    random, found = np.random.default_rng(5), {}
    for name in names:
        (one,) = scenario.region.values[name]
        found[name] = random.uniform(float(one.low), float(one.high), DRAWS)
    return found


@pytest.mark.parametrize("name", ["baseline", "china"])
def test_every_draw_is_the_exact_closure_of_its_assumptions(name: str) -> None:
    scenario = fs.load(name)
    low = [one for one in NUMBERS if scenario.region.values[one][0].low]
    drawn = ranges(scenario, tuple(low))
    closed = close_draws(resolve(scenario), drawn)
    assert closed.closes.sum() >= DRAWS / 2
    bases = iter(range(closed.bases.draws))
    for draw in range(DRAWS):
        single = resolve(scenario.with_({one: float(each[draw]) for one, each in drawn.items()}))
        if not closed.closes[draw]:
            with pytest.raises(ClosureError):
                close_base(single)
            continue
        base, at = close_base(single), next(bases)
        found = closed.bases.select_draws(slice(at, at + 1))
        same(found.stock[0], base.stock, base.stock[0].sum())
        assert {one: float(x[0]) for one, x in found.totals.items()} == pytest.approx(
            base.totals, rel=1e-9, abs=1e-4
        )
        assert {one: float(x[0]) for one, x in found.coverage.items()} == pytest.approx(
            base.coverage, rel=1e-9, abs=1e-12
        )


def same(found: np.ndarray, stock: np.ndarray, people: float) -> None:
    """Within 1e-9, or a millionth of a person in all."""
    for quantity, one in enumerate(stock):
        scale = np.abs(one).sum() / people
        np.testing.assert_allclose(found[quantity], one, rtol=1e-9, atol=1e-6 * scale)


def test_the_statuses_are_those_worked_out_by_hand(baseline: fs.Scenario) -> None:
    drawn = {
        "base.institution_share": np.array([0.4, 0.6, 0.8]),
        "base.dormant": np.array([3e5, 6e5, 9e5]),
        "base.dormant_counted": np.array([0.0, 0.1, 0.2]),
        "base.benefit_share": np.array([0.3, 0.4, 0.5]),
    }
    totals = close_draws(resolve(baseline), drawn).bases.totals
    employee = 306.39e4 - drawn["base.institution_share"] * 13.67e4
    flexible = (392.63e4 - 65e4) - employee - drawn["base.dormant_counted"] * drawn["base.dormant"]
    assert totals["employee"] == pytest.approx(employee)
    assert totals["flexible"] == pytest.approx(flexible)
    at_work = employee + flexible + 13.67e4
    unemployed = drawn["base.benefit_share"] * 0.0248 / (1 - 0.0248) * at_work
    assert totals["unemployed"] == pytest.approx(unemployed)
    assert totals["dormant"] == pytest.approx(drawn["base.dormant"])


CASES = (
    ({}, ""),
    ({"base.dormant_counted": 0.5}, "negative people of flexible"),  # 29.4 - 0.5 x 60 < 0
    ({"base.injury_only_project_worker": 0.9}, "negative people of platform_worker"),
    ({"base.dormant": 5e6}, "too few residents of working age"),
    ({"base.dormant": 3.2e6}, "coverage.injury.project_worker above 1"),
    # Of two reasons the first counts.
    ({"base.dormant": 5e6, "base.dormant_counted": 0.5}, "negative people of flexible"),
)


def cases(baseline: fs.Scenario) -> dict[str, np.ndarray]:
    parameters = resolve(baseline)
    names = {name for case, _ in CASES for name in case}
    return {
        name: np.array([case.get(name, parameters.number(name)) for case, _ in CASES])
        for name in names
    }


def test_draws_that_cannot_close_are_counted_with_their_reason(baseline: fs.Scenario) -> None:
    closed = close_draws(resolve(baseline), cases(baseline))
    for draw, (_, reason) in enumerate(CASES):
        assert closed.closes[draw] == (not reason)
        assert [one for one, where in closed.refused.items() if where[draw]] == [reason] * (
            reason != ""
        )
    assert closed.bases.draws == 1
    assert sum(closed.counts().values()) == len(CASES) - 1


def test_none_of_the_draws_may_close(baseline: fs.Scenario) -> None:
    closed = close_draws(resolve(baseline), {"base.dormant": np.array([5e6, 6e6])})
    assert closed.bases.draws == 0
    assert closed.counts() == {"too few residents of working age": 2}


def test_a_figure_that_some_draws_contradict(baseline: fs.Scenario) -> None:
    # Employees are published as well: with 13.67 civil staff only a share of 0.6 fits 306.39.
    known = known_of(resolve(baseline))
    figure = known.figures["enrollment.unemployment"]
    assert figure is not None
    employees = replace(figure, name="persons.employee", value=Decimal("298.19"))
    known = replace(known, figures={**known.figures, "persons.employee": employees})
    share = np.array([0.6, 0.4, 0.602])
    refused = Refused(np.ones(3, dtype=bool))
    _, over = people_of_draws(known, {"base.institution_share": share}, refused)
    # E + 0.6 C is 306.392: the last figure, in order, is compared with those before.
    (name,) = over
    assert np.abs(over[name]) == pytest.approx(abs(306.39e4 - 298.19e4 - share * 13.67e4), abs=1e-3)
    assert refused.closes.tolist() == [True, False, True]
    assert [*refused.reasons] == [f"{name} contradicts the others"]
    with pytest.raises(ClosureError):
        solve_base(replace(known, assumptions={**known.assumptions, "base.institution_share": 0.4}))


RATE_DRAWS = {
    "labour.separation": np.array([0.04, 0.06, 0.09, 0.06]),
    "labour.return": np.array([0.1, 0.2, 0.3, 0.2]),
    "mortality.improvement": np.array([0.0, 0.01, 0.02, 0.01]),
    "retirement.withdraw_share": np.array([0.1, 0.5, 0.9, 0.5]),
    "mortality.level": np.array([0.7, 0.77, 0.9, 0.77]),
    "entry.employee_dormant": np.array([0.15, 0.3, 0.6, 0.3]),
    "entry.flexible_resident": np.array([0.25, 0.5, 1.0, 0.5]),
    "retirement.cadre_share": np.array([0.2, 0.3, 0.4, 0.3]),
    "retirement.service_cv": np.array([0.4, 0.5, 0.6, 0.5]),
    "entry.resident_pensioner": np.array([0.02, 0.07, 0.1, 0.07]),
}


def test_each_draw_of_rates_has_the_life_course_of_these_rates(baseline: fs.Scenario) -> None:
    parameters = resolve(baseline)
    first = resolve(base_year_scenario(parameters))
    people = residents(FOSHAN).sum(axis=0)
    totals = close_base(parameters).totals
    rates = {
        name: values[:, None] if name in first.paths else values
        for name, values in RATE_DRAWS.items()
    }
    found = life_course(bind(first.with_draws(rates))[0], people, totals)
    for draw in range(4):
        one = {name: values[draw] for name, values in rates.items()}
        single = life_course(bind(first.with_draws(one))[0], people, totals)
        np.testing.assert_allclose(found[draw], single, rtol=1e-9, atol=1e-12)
    assert np.abs(found[0] - found[2]).max() > 0.01
    np.testing.assert_array_equal(found[1], found[3])


def test_a_draw_does_not_depend_on_those_beside_it(baseline: fs.Scenario) -> None:
    parameters = resolve(baseline)
    drawn = RATE_DRAWS | {"base.institution_share": np.array([0.5, 0.6, 0.7, 0.8])}
    together = close_draws(parameters, drawn).bases
    for draw in range(4):
        alone = close_draws(parameters, {name: one[[draw]] for name, one in drawn.items()}).bases
        np.testing.assert_allclose(together.stock[draw], alone.stock[0], rtol=1e-12, atol=1e-9)


def test_a_status_with_nobody_has_no_life_course(baseline: fs.Scenario) -> None:
    parameters = resolve(baseline)
    law = bind(resolve(base_year_scenario(parameters)))[0]
    totals = close_base(parameters).totals | {"resident": 0.0}
    course = life_course(law, residents(FOSHAN).sum(axis=0), totals)
    assert (course[0, STATUS["resident"]] == 0).all()
    assert course[0].sum(axis=0) == pytest.approx(np.ones((2, 101)))


def test_nothing_else_moves_the_life_course(baseline: fs.Scenario) -> None:
    parameters = resolve(baseline)
    first, people = resolve(base_year_scenario(parameters)), residents(FOSHAN).sum(axis=0)
    others = {}
    for name, values in first.paths.items():
        if not any(fnmatch(name, rate) for rate in RATES):
            one = registry()[name]
            low = values * 0.9 if one.low is None else np.maximum(values * 0.9, one.low)
            others[name] = low if (low != values).any() else np.minimum(values + 0.01, one.high)
    totals = close_base(parameters).totals
    both = [bind(law)[0] for law in (first, first.with_draws(others))]
    courses = [life_course(law, people, totals) for law in both]
    np.testing.assert_array_equal(*courses)


def test_a_stream_starts_from_the_base_year_of_each_draw(baseline: fs.Scenario) -> None:
    drawn = {
        "base.institution_share": np.array([0.5, 0.6, 0.7]),
        "base.dormant": np.array([5e5, 6e5, 7e5]),
    }
    parameters = resolve(baseline)
    bases = close_draws(parameters, drawn).bases
    held = {
        name: np.repeat(share[:, None], len(parameters.years), axis=1)
        for name, share in bases.coverage.items()
        if name not in parameters.paths
    }
    (counts,) = stream(parameters.with_draws(held), bases, money=True)
    for draw in range(3):
        single = resolve(baseline.with_({one: float(x[draw]) for one, x in drawn.items()}))
        base = close_base(single)
        (alone,) = stream(single.with_base_coverage(base.coverage), base, money=True)
        np.testing.assert_allclose(counts.enrollment[:, draw], alone.enrollment[:, 0], rtol=1e-9)
        np.testing.assert_allclose(counts.closing[:, draw], alone.closing[:, 0], rtol=1e-9)


def test_base_years_and_parameters_must_have_the_same_draws(baseline: fs.Scenario) -> None:
    parameters = resolve(baseline)
    bases = close_draws(parameters, {"base.dormant": np.array([5e5, 6e5])}).bases
    two = parameters.with_draws({"growth.employee": np.zeros((3, len(parameters.years)))})
    with pytest.raises(InputError, match="3 draws of parameters, and 2 base years"):
        next(stream(two, bases))


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        ({"base.dormand": [1.0]}, r"'base.dormand' is not a number.*base\.dormant"),
        ({"base.dormant": [-1.0]}, r"base\.dormant must lie between"),
        ({"base.dormant": [np.nan]}, r"base\.dormant must lie between"),
        ({"base.dormant": [1.0], "wage.mean": [4e3, 4e3]}, "one value a draw"),
        ({"base.employee": [1e6]}, r"base\.employee has no central value"),
        ({"retirement.age_male": [60.0]}, r"retirement\.age_male cannot vary by draw"),
    ],
)
def test_draws_that_are_refused_as_a_whole(
    baseline: fs.Scenario, drawn: dict[str, list[float]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        close_draws(resolve(baseline), {name: np.array(one) for name, one in drawn.items()})


def test_balances_are_shared_by_draw(baseline: fs.Scenario) -> None:
    parameters = resolve(baseline)
    injury = np.array([0.01, 0.05])
    moved = replace(parameters, scalars={**parameters.scalars, "fund.share_injury": injury})
    found = opening_balances(moved)
    assert found["injury"] == pytest.approx(643.36e8 * injury)
    rest = 1 - injury - 0.02 - 0.05 - 0.08
    assert found["pension.enterprise"] == pytest.approx(643.36e8 * rest)


def test_who_is_placed_is_as_many_as_were_counted(baseline: fs.Scenario) -> None:
    drawn = ranges(baseline, NUMBERS[:3])
    bases = close_draws(resolve(baseline), drawn).bases
    persons = bases.stock[:, 0]
    for status, count in bases.totals.items():
        if status in STATUS:
            assert persons[:, STATUS[status]].sum(axis=(1, 2, 3)) == pytest.approx(count)
    everybody = np.broadcast_to(residents(FOSHAN), persons[:, 0].shape)
    np.testing.assert_allclose(persons.sum(axis=1), everybody, rtol=1e-12)
