"""No parameter without effect: every key of the schema moves something when it moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import fsinsure as fs
from foshan import CITY, FOSHAN
from fsinsure.base_year.closure import status_totals
from fsinsure.parameters import resolve
from fsinsure.registry import registry

POOLED = ("enterprise", "civil", "resident", "unemployment", "injury")

# What a key is set to, where "somewhat off its default" would not do or not be valid.
SPECIAL = {
    "mortality.table": "CL5-CL6",
    "mortality.table_year": 2000,
    "base.dormant_counted": 0.2,
    "coverage.pension.enterprise.dormant": 0.5,
    "coverage.unemployment.flexible": 0.5,
    "coverage.unemployment.civil_service": 0.9,
    "coverage.injury.project_worker": 0.5,
    "coverage.injury.intern": 0.5,
    "coverage.injury.platform_worker": 0.5,
    "coverage.injury.over_age_worker": 0.5,
    "transfer.land_expropriated": 0.1,
    "coverage.social_card": 0.7,
    "transfer.land_subsidy_years": 2,
    "growth.civil_service": 0.02,
    "retirement.delay_from": 2023,
    # A longer minimum needs somebody near it, a step and a maximum need the delay to reach them.
    "retirement.delay_max_male": 1,
    "retirement.delay_max_cadre": 1,
    "retirement.delay_max_worker": 1,
    "retirement.early_months": 1,
    "retirement.late_months": 12,
    # Money that is zero unless a scenario sets it.
    "pension.subsidy": 1e9,
    "civil.subsidy": 1e9,
    "civil.deficit_subsidy": 0.5,
    "indexing.pension_wage_weight": 0.5,
    "indexing.pension_price_weight": 0.5,
    "indexing.pension_flat": 30,
    "indexing.pension_top_up": 30,
    **{f"pooling.remittance_{fund}": 0.1 for fund in POOLED},
    **{f"pooling.transfer_{fund}": 1e8 for fund in POOLED},
    "unemployment.price_trigger": 0.05,  # above the growth that the fixture sets
    "resident.base_subsidy": 0.9,
    "reserve.watch": 24,
    "reserve.warning": 10,
    "reserve.alarm": 5,
    "response.employment": -0.2,
    "response.flexible": -0.2,
}

# The duration of benefit is that of single persons; each value here makes it shorter.
PERSONS_ONLY = {
    "unemployment.low_months": 96,
    "unemployment.low_step": 24,
    "unemployment.high_step": 12,
    "unemployment.most_months": 12,
}

# Moves a fund only once it lacks something: tests/test_deficit_subsidy.py.
OF_A_SHORTFALL = ("civil.deficit_subsidy",)

# People of the base year that a region assumes where it publishes no figure of them.
ASSUMED = [
    name
    for name, parameter in registry().items()
    if parameter.optional and name not in FOSHAN.values
]
CLOSING = ("enrollment.", "retirees.", "recipients.", "registered_unemployment_rate")


def numbers(result: fs.Result):
    found = {
        name: getattr(result, name)["persons"].to_numpy()
        for name in ("enrollment", "stocks", "flows")
    }
    # The bound moves with a warning limit; what is not known in a year counts as zero.
    read_off = np.nan_to_num(result.indicators[["value", "bound"]].to_numpy())
    return {**found, "ledger": result.ledger["yuan"].to_numpy(), "indicators": read_off}


def moved_value(scenario: fs.Scenario, name: str):
    """Return a value of a parameter somewhat off that of a scenario."""
    parameters, kind = resolve(scenario), registry()[name].kind
    if name in (special := SPECIAL | PERSONS_ONLY):
        return special[name]
    if kind == "profile":
        ages, weights = parameters.profiles[name]
        return {age: (1 + age / 100) * one for age, one in zip(ages, weights, strict=True)}
    if kind == "table":
        table = parameters.table(name, 2021)
        return {key: 1.1 * found for key, found in zip(*table, strict=True)}
    if kind == "path" and name in parameters.area_paths:
        first, *others = zip(parameters.region.codes, parameters.by_area(name)[0], strict=True)
        return {first[0]: 1.1 * first[1], **dict(others)}
    return 1.1 * float(parameters.path(name)[0] if kind == "path" else parameters.number(name))


def at_2025(result: fs.Result, measure: str) -> float:
    table = result.enrollment.set_index(["area", "year", "measure"])["persons"]
    return table[CITY, 2025, measure]


@pytest.fixture(scope="module")
def law_in_force(baseline):
    """The baseline with what it leaves out: delay, price link, land subsidy, reliefs and more."""
    months = {"action": "waive", "from": "2022-01", "to": "2022-06"}
    changes = {
        "relief": [
            {**months, "insurance": "injury", "payer": "employer", "group": "small"},
            {**months, "insurance": "unemployment", "payer": "employee"},
            {**months, "insurance": "pension.enterprise", "payer": "flexible"},
        ],
        "retirement.delay_from": 2021,
        "retirement.early_share": 0.2,
        "retirement.late_share": 0.1,
        "price.growth": 0.04,
        "indexing.pension_per_year": 1,
        "indexing.pension_top_up": 10,
        "fund.share_civil": 0.012,  # between three and six months of outgo
        "transfer.land_expropriated": 0.02,
        "coverage.unemployment.flexible": 0.1,
    }
    return baseline.with_(changes, name="law")


@pytest.fixture(scope="module")
def unmoved(law_in_force):
    return numbers(fs.run(law_in_force))


def differs(found: dict[str, np.ndarray], unmoved: dict[str, np.ndarray]) -> bool:
    """Whether a table has other rows, or a number that is off by more than 1."""
    return any(
        found[table].shape != unmoved[table].shape or abs(found[table] - unmoved[table]).max() > 1.0
        for table in unmoved
    )


@pytest.mark.parametrize(
    "name", [name for name in registry() if name not in (*PERSONS_ONLY, *OF_A_SHORTFALL, *ASSUMED)]
)
def test_every_lever_moves_the_output(law_in_force, unmoved, name):
    value = moved_value(law_in_force, name)
    changed = fs.run(law_in_force.with_({name: value}, name="changed"))
    assert differs(numbers(changed), unmoved), f"{name} = {value} has no effect"


@pytest.fixture(scope="module")
def nothing_published(baseline):
    """Foshan with its people, but assumed: no figure of enrollment, retirees or recipients."""
    people = status_totals(resolve(baseline))
    kept = {name: one for name, one in FOSHAN.figures.items() if not name.startswith(CLOSING)}
    known = baseline.region
    region = replace(known, figures=kept, digest="nothing published")
    bare = replace(baseline.with_({"targets": []}), region=region)
    return bare.with_({name: people[name.removeprefix("base.")] for name in ASSUMED}, name="bare")


@pytest.fixture(scope="module")
def assumed(nothing_published):
    return numbers(fs.run(nothing_published))


@pytest.mark.parametrize("name", ASSUMED)
def test_assumed_people_move_the_output_where_none_are_published(nothing_published, assumed, name):
    value = moved_value(nothing_published, name)
    changed = nothing_published.with_({name: value}, name="changed")
    assert differs(numbers(fs.run(changed)), assumed), f"{name} = {value} has no effect"


def test_the_same_people_assumed_are_the_people_published(assumed, result):
    np.testing.assert_allclose(assumed["stocks"], numbers(result)["stocks"], rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("name", ASSUMED)
def test_an_assumption_against_published_figures_is_refused(baseline, name):
    there = status_totals(resolve(baseline))[name.removeprefix("base.")]
    with pytest.raises(fs.ClosureError, match=rf"contradict.*Leave out or change.*{name}"):
        fs.run(baseline.with_({name: 1.3 * there}))


def months_of_benefit(scenario: fs.Scenario) -> float:
    """Mean months of a claim."""
    table = fs.run(scenario, engine="micro", persons=20_000, seed=3).distributions
    rows = table[(table["quantity"] == "months_of_benefit") & (table["of"] == "all")]
    return float(np.average(rows["low"], weights=rows["persons"]))


@pytest.fixture(scope="module")
def benefit_in_force(baseline):
    return months_of_benefit(baseline)


@pytest.mark.parametrize("name", PERSONS_ONLY)
def test_every_lever_of_persons_moves_them(baseline, benefit_in_force, name):
    moved = months_of_benefit(baseline.with_({name: PERSONS_ONLY[name]}, name="changed"))
    assert moved < benefit_in_force - 0.1


def test_every_other_key_of_a_scenario_has_an_effect(baseline, result):
    assert fs.run(baseline.with_({"horizon": 2023})).enrollment["year"].max() == 2023
    assert fs.run(baseline.with_({"targets": []})).targets.empty
    relief = {"action": "waive", "insurance": "injury", "payer": "employer"}
    entry = {**relief, "from": "2022-01", "to": "2022-06"}
    assert not fs.run(baseline.with_({"relief": [entry]})).ledger.equals(result.ledger)
    assert set(fs.run(baseline.with_({}, name="other")).enrollment["scenario"]) == {"other"}
    assert not result.targets.empty


@pytest.mark.parametrize(
    ("key", "more", "measure", "sign"),
    [
        ("growth.employee", "8%", "unemployment", +1),
        ("growth.flexible", "10%", "pension.enterprise", +1),
        ("coverage.unemployment.flexible", "10%", "unemployment", +1),
        ("coverage.injury.platform_worker", "30%", "injury", +1),
        ("retirement.min_months", 240, "pension.enterprise", -1),
        ("mortality.improvement", "3%", "pension.resident", +1),
        ("transfer.land_expropriated", "20%", "pension.enterprise", +1),
        ("growth.resident", "-10%", "pension.resident", -1),
    ],
)
def test_levers_move_the_right_way(baseline, result, key, more, measure, sign):
    moved = fs.run(baseline.with_({key: more}, name="moved"))
    assert sign * (at_2025(moved, measure) - at_2025(result, measure)) > 100


def test_more_flexible_workers_in_unemployment_insurance_are_just_that_share(baseline, result):
    moved = fs.run(baseline.with_({"coverage.unemployment.flexible": "10%"}, name="moved"))
    gained = at_2025(moved, "unemployment") - at_2025(result, "unemployment")
    assert gained == pytest.approx(0.1 * 294420 * 1.0241**5, rel=1e-9)
