"""Every number and path may vary by draw: each draw is a single projection with its value."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.base_year.closure_draws import Bases
from fsinsure.checks import CHECKS, prepare
from fsinsure.draws import ALIKE, alike, closing
from fsinsure.engine.cohort import project, stream
from fsinsure.measures import enrollment, groups
from fsinsure.parameters import GROWTH, resolve
from fsinsure.paths import AreaPaths, YearPath
from fsinsure.registry import registry
from fsinsure.scenario.observe import Solved, lay_over
from fsinsure.statuses import FUNDS

SCENARIOS = ("baseline", "china", "example")
"""One of each region, the first whose region gives a range of a parameter is taken."""

ENDS = ("low", "central", "high")
"""The draws."""

CHOSEN = {
    "entry.employee_resident": (0.0, 0.2, 0.4),
    "transfer.land_subsidy_years": (0.7, 1.0, 15.0),
    "response.employment": (0.0, -0.2, -0.4),
    "response.flexible": (0.0, -0.1, -0.3),
}
"""Draws of numbers of which no region gives a range, or none with a value of zero."""

LATER = ("fertility.level", "fertility.sex_ratio")
"""What moves those who are counted once the newborn are of working age."""

NO_EFFECT = {
    "civil.deficit_subsidy": "no fund lacks anything: tests/test_deficit_subsidy.py",
    "pension.account_interest": "known in the years that are projected here",
}


@cache
def prepared(name, years=3):
    """A scenario with what it may leave out: reliefs, claims, land subsidy, responses to costs."""
    scenario = fs.load(name)
    first = scenario.region.first_year
    waive = {"action": "waive", "from": f"{first}-02", "to": f"{first}-09"}
    defer = {"action": "defer", "from": f"{first}-10", "to": f"{first}-12"}
    changes = {
        "horizon": first + years - 1,
        "targets": [],
        "relief": [
            {**waive, "insurance": "injury", "payer": "employer", "group": "small"},
            {**waive, "insurance": "unemployment", "payer": "employee"},
            {**waive, "insurance": "pension.enterprise", "payer": "flexible", "share": "10%"},
            {
                **{**defer, "insurance": "pension.enterprise", "payer": "employer"},
                **{
                    "group": "small",
                    "repay_from": f"{first + 1}-07",
                    "repay_to": f"{first + 2}-06",
                },
            },
        ],
        "retirement.early_share": 0.2,
        "retirement.late_share": 0.1,
        "transfer.land_expropriated": 0.02,
        "coverage.unemployment.flexible": 0.1,
        "response.employment": -0.2,
        "response.flexible": -0.1,
        "unemployment.price_trigger": 0,
        "indexing.pension_price_weight": 0.5,
    }
    busy = scenario.with_(changes, name="busy")
    return busy, *prepare(busy)


def ranged(name):
    """The scenario whose region gives a range of a parameter, None where none does."""
    for scenario in SCENARIOS:
        busy, _, _ = prepared(scenario)
        if any(one.basis for one in busy.region.values.get(name, ())):
            return scenario
    return None


def value_at(region, name, end):
    """The value of a parameter at an end of its range, as a scenario sets it."""
    entries, known = region.values[name], registry()[name]
    place = "text" if end == "central" else end
    points = [
        (one.area, one.date or 0, float(getattr(one, place if one.basis else "text")))
        for one in entries
    ]
    if known.kind == "scalar":
        return points[0][2]
    then = known.extend if known.extend in GROWTH else ""
    if not any(area for area, _, _ in points):
        return YearPath(tuple((date, value) for _, date, value in points), then=then)
    return AreaPaths(
        tuple(
            (code, YearPath(tuple((date, value) for area, date, value in points if area == code)))
            for code in region.codes
        )
    )


def single(name, busy, base, value):
    """The parameters of a scenario that sets a value, held at its base year without it."""
    scenario = replace(busy, values={**busy.values, name: value})
    return resolve(scenario).with_base_coverage(base.coverage)


def stacked(name, singles):
    """The values of a parameter by draw."""
    if registry()[name].kind == "scalar":
        return np.array([one.number(name) for one in singles])
    if name in singles[0].area_paths:
        return np.stack([one.by_area(name) for one in singles])
    return np.stack([one.path(name) for one in singles])


def assert_every_draw_is_a_single_projection(drawn, singles, base):
    """Compare people and money of each draw with a projection of its own, and draws with others."""
    # Explicitly the same for all draws, also where a number that would close each is drawn.
    coverage = {name: np.full(len(singles), share) for name, share in base.coverage.items()}
    bases = Bases(np.repeat(base.stock[None], len(singles), axis=0), {}, coverage, {})
    blocks = list(stream(drawn, bases, money=True, block=2))
    people = np.concatenate([block.enrollment for block in blocks], axis=1)
    closing = np.concatenate([block.closing for block in blocks], axis=1)
    flows = {key: np.concatenate([block.flows[key] for block in blocks]) for key in blocks[0].flows}
    for draw, parameters in enumerate(singles):
        alone = project(parameters, base)
        counts = {one: group.count(alone.persons) for one, group in groups().items()}
        counted = enrollment(counts, alone.coverage)
        np.testing.assert_allclose(people[:, draw], counted, rtol=1e-9)
        for index, fund in enumerate(FUNDS):
            found, wanted = closing[index, draw], alone.ledger.closing[fund]
            np.testing.assert_allclose(found, wanted, rtol=1e-9, err_msg=fund)
        money = {key: cells.sum(axis=-1) for key, cells in alone.ledger.flows.items()}
        money |= {(fund, "interest"): earned for fund, earned in alone.ledger.interest.items()}
        for key, total in money.items():
            # Where the amount is zero, rounding leaves less than a fen.
            np.testing.assert_allclose(flows[key][draw], total, 1e-9, 1e-3, err_msg=str(key))
    return [np.ptp(people, axis=1), *(np.ptp(total, axis=0) for total in flows.values())]


BY_BASE = [
    name
    for name in registry()
    if closing(name) and name not in ("wage.mean", "wage.cv", "civil.wage", "resident.base_pension")
]
"""What moves the base year alone: nothing where all draws have the same."""

NUMERIC = [name for name, one in registry().items() if one.kind in ("path", "scalar")]
VARYING = [
    name for name in NUMERIC if alike(name) is None and (name in CHOSEN or ranged(name) is not None)
]


@pytest.mark.parametrize("name", VARYING)
def test_every_draw_is_the_projection_with_its_value(name):
    chosen, years = ranged(name) or SCENARIOS[0], 18 if name in LATER else 3
    busy, parameters, base = prepared(chosen, years)
    values = CHOSEN.get(name) or [value_at(busy.region, name, end) for end in ENDS]
    singles = [single(name, busy, base, value) for value in values]
    drawn = parameters.with_draws({name: stacked(name, singles)})
    assert drawn.draws == len(ENDS)
    spread = assert_every_draw_is_a_single_projection(drawn, singles, base)
    moved = name not in NO_EFFECT and name not in BY_BASE
    assert any((one > 1e-6).any() for one in spread) is moved


def test_draws_of_all_parameters_together():
    _, parameters, base = prepared("baseline")
    random = np.random.default_rng(5)
    changed = {}
    for name in VARYING:
        low, high = registry()[name].low, registry()[name].high
        scalar = registry()[name].kind == "scalar"
        by_area = name in parameters.area_paths
        value = parameters.number(name) if scalar else parameters.by_area(name)
        value = value if scalar or by_area else value[..., 0]
        moved = value * random.uniform(0.95, 1.05, (4, *np.shape(value)))
        changed[name] = np.clip(moved, low, high)
    drawn = parameters.with_draws(changed)
    singles = [drawn.select_draws(draw) for draw in range(4)]
    for draw, one in enumerate(singles):
        assert one.draws is None
        assert one.number("wage.mean") == changed["wage.mean"][draw]
        np.testing.assert_array_equal(one.path("wage.growth"), changed["wage.growth"][draw])
        weights = one.by_area("migration.arrival_weight")
        np.testing.assert_array_equal(weights, changed["migration.arrival_weight"][draw])
    assert_every_draw_is_a_single_projection(drawn, singles, base)


def test_one_value_is_the_same_in_all_draws():
    _, parameters, _ = prepared("baseline")
    changed = {"wage.mean": 4000, "growth.employee": [0.01, 0.02, 0.03]}
    found = parameters.with_draws(changed)
    assert found.draws is None
    assert found.number("wage.mean") == 4000.0
    both = found.with_draws({"wage.cv": [0.5, 0.6]})
    assert both.draws == 2
    assert both.select_draws(slice(1, 2)).constant("wage.cv").tolist() == [[0.6]]
    assert both.select_draws(1).number("wage.cv") == 0.6
    with pytest.raises(fs.InputError, match=r"wage.cv varies by draw, and one number is needed"):
        both.number("wage.cv")


def test_amounts_follow_wages_unless_they_are_given():
    _, parameters, _ = prepared("example", 8)
    growth = np.array([[0.0] * 8, [0.1] * 8])
    years = parameters.years > parameters.extended["pension.base_cap"]
    assert years.any()
    drawn = parameters.with_draws({"wage.growth": growth})
    cap = drawn.path("pension.base_cap")
    last = float(parameters.region.values["pension.base_cap"][-1].text)
    np.testing.assert_allclose(cap[0, years], last)
    np.testing.assert_allclose(cap[1, years], last * 1.1 ** np.arange(1, years.sum() + 1))
    given = parameters.with_draws({"wage.growth": growth, "pension.base_cap": [30_000.0] * 8})
    assert set(given.path("pension.base_cap").tolist()) == {30_000.0}
    # Once given it stays, whatever else is drawn later.
    kept = parameters.with_draws({"pension.base_cap": [30_000.0] * 8})
    assert set(kept.with_draws({"wage.cv": [0.5]}).path("pension.base_cap")) == {30_000.0}


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {
                "labour.separation_unemployed": [[0.1] * 3, [0.1, 0.7, 0.1]],
                "labour.separation_flexible": [0.4] * 3,
            },
            r"labour.separation_flexible add up to 110.0% in {second}",
        ),
        ({"injury.payroll_share_1": [0.1, 0.9]}, r"injury.payroll_share_\* add up to 13\d.\d%"),
        ({"fund.share_civil": [0.9, 0.1]}, r"fund.share_\* add up to 10\d.\d%"),
        ({"pension.base_cap": [[30_000] * 3, [3_000] * 3]}, "pension.base_floor is above"),
        ({"reserve.warning": [6.0, 50.0]}, "reserve.alarm are .*, 50 and .* must be"),
    ],
)
def test_what_is_checked_of_parameters_holds_in_every_draw(changed, text):
    _, parameters, _ = prepared("baseline")
    drawn = parameters.with_draws(changed)
    with pytest.raises(fs.ScenarioError, match=text.format(second=parameters.years[1])):
        for check in CHECKS:
            check(drawn)


def test_a_full_projection_is_of_one_draw():
    _, parameters, base = prepared("baseline")
    with pytest.raises(ValueError, match=r"vary by draw: use stream, or Parameters.select_draws"):
        project(parameters.with_draws({"wage.mean": [4000.0, 4100.0]}), base)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"wage.man": [1.0]},
            r"'wage.man' is neither a path nor a number. Did you mean 'wage.mean'",
        ),
        ({"mortality.table": [1.0]}, "'mortality.table' is neither a path nor a number"),
        ({"retirement.delay_from": [2025]}, "'retirement.delay_from' is neither"),
        ({"profile.arrival.male": [1.0]}, "'profile.arrival.male' is neither"),
        ({"wage.mean": [4000, 1]}, "wage.mean must lie between 500 and 100000 in every draw"),
        ({"wage.mean": [4000.0, np.nan]}, "wage.mean must lie between 500 and 100000"),
        ({"wage.mean": [[4000.0] * 3]}, r"wage.mean has the axes \[draw\], got .* \(1, 3\)"),
        ({"wage.growth": 0.05}, "needs one value for each of the 3 years .* got a single number"),
        ({"wage.growth": np.zeros((2, 4))}, "one value for each of the 3 years .* got 4"),
        ({"wage.growth": np.zeros((2, 3, 5))}, r"wage.growth is the same in all areas"),
        (
            {"growth.employee": np.zeros((2, 3, 4))},
            "growth.employee needs one value for each of the areas chancheng",
        ),
        ({"growth.employee": np.zeros((2, 2, 3, 5))}, r"has the axes \[draw, year\]"),
        ({"wage.cv": []}, "at least one draw"),
        ({"wage.cv": [0.5] * 2, "wage.mean": [4000] * 3}, "wage.cv has 2, wage.mean has 3"),
        ({"retirement.age_male": [60.0]}, "retirement.age_male cannot vary by draw: it sets the"),
        ({"mortality.table_year": [2013.0]}, "mortality.table_year cannot vary by draw"),
    ],
)
def test_draws_that_cannot_be_are_refused(changed, text):
    _, parameters, _ = prepared("baseline")
    with pytest.raises(fs.InputError, match=text):
        parameters.with_draws(changed)


def test_numbers_that_close_the_base_year_need_a_base_year_for_each_draw():
    _, parameters, base = prepared("baseline")
    drawn = parameters.with_draws({"base.dormant": [6e5, 7e5], "wage.cv": [0.5, 0.6]})
    with pytest.raises(fs.InputError, match=r"base\.dormant, wage\.cv close the base year: close"):
        next(stream(drawn, base))


def test_what_is_alike_in_all_draws_is_a_number_of_the_registry():
    refused = [name for name in NUMERIC if alike(name)]
    assert {registry()[name].kind for name in refused} == {"scalar"}
    for stem in ALIKE:
        assert [name for name in refused if name.startswith(stem)], stem


@pytest.mark.parametrize("values", [(0.05,), (0.05, 0.06)])
def test_values_that_meet_a_figure_hold_in_every_draw(values):
    years, drawn = np.array([2021, 2022, 2023]), np.arange(6.0).reshape(2, 3)
    solved = [Solved("growth.employee", 2022, values, None)]
    paths, by_area = lay_over(solved, years, {"growth.employee": drawn}, {})
    found = by_area["growth.employee"] if len(values) > 1 else paths["growth.employee"][..., None]
    assert found.shape == (2, 3, len(values))
    assert found[:, 1].tolist() == [list(values)] * 2
    assert found[:, ::2].tolist() == [[[one] * len(values) for one in row] for row in drawn[:, ::2]]
    assert drawn[0, 1] == 1.0  # what was given is left alone
