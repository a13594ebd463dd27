"""What follows the last year of a path: `then`, and the warning where nobody said it."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import fsinsure
from foshan import FOSHAN
from fsinsure.api import validate
from fsinsure.errors import ExtendedWarning
from fsinsure.parameters import GROWTH, resolve
from fsinsure.registry import registry
from fsinsure.scenario import Scenario, load
from fsinsure.scenario.files import bundled_names
from scenario_files import loaded

AMOUNTS = [name for name, parameter in registry().items() if parameter.extend in GROWTH]


def notes(scenario: Scenario) -> str:
    """Return what validating a scenario warns of held paths."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        validate(scenario)
    assert {warning.category for warning in caught} <= {ExtendedWarning}
    return "\n".join(str(one.message) for one in caught if "held at" in str(one.message))


@pytest.mark.parametrize(("then", "yearly"), [("wage", 0.05), ("price", 0.02), ("hold", 0.0)])
@pytest.mark.parametrize("name", AMOUNTS)
def test_an_amount_goes_on_as_it_says(name: str, then: str, yearly: float) -> None:
    low, high = registry()[name].low, registry()[name].high
    assert low is not None and high is not None
    first, last = low + 0.1 * (high - low), low + 0.2 * (high - low)
    scenario = Scenario(name="free", title={}, region=FOSHAN, horizon=2040).with_(
        {
            "wage.growth": 0.05,
            "price.growth": 0.02,
            name: {2021: first, 2024: last, "then": then},
        }
    )
    found = resolve(scenario).path(name)
    years = np.arange(2021, 2041)
    wanted = np.where(years < 2024, first, last * (1 + yearly) ** np.maximum(0, years - 2024))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_an_amount_that_starts_within_a_year_grows_from_its_full_value() -> None:
    scenario = Scenario(name="free", title={}, region=FOSHAN, horizon=2027).with_(
        {
            "wage.growth": 0.1,
            "pension.base_floor": {2021: 4000, "2025-07": 5000, "then": "wage"},
        }
    )
    found = resolve(scenario).path("pension.base_floor")[-4:]
    np.testing.assert_allclose(found, [4000, 4500, 5500, 6050], rtol=1e-12)


def test_writing_the_known_years_changes_no_value_that_grows_with_wages() -> None:
    base = load("baseline").with_({"horizon": 2035, "as_of": "none"})
    known = {2021: 7647, 2022: 8682, 2023: 9028, 2024: 9307, 2025: 9493}
    same = base.with_({"pension.award_base": {**known, "then": "wage"}}, name="same")
    held = base.with_({"pension.award_base": known}, name="held")
    wanted, found, frozen = (
        fsinsure.run(one).ledger.drop(columns="scenario") for one in (base, same, held)
    )
    assert found.equals(wanted)
    assert not frozen.equals(wanted)


def test_a_frozen_path_is_reported_with_its_line_and_what_to_write(tmp_path: Path) -> None:
    body = "horizon: 2035\npension:\n  award_base: {2021: 8000, 2025: 9000}\n"
    text = notes(loaded(tmp_path, body))
    assert "pension.award_base after 2025 (mine.yaml:4:15)" in text
    assert "'then: wage' or, if it is meant, 'then: hold'" in text
    for then in ("wage", "hold"):
        said = body.replace("9000}", f"9000, then: {then}}}")
        assert notes(loaded(tmp_path, said)) == ""


def test_what_the_plan_period_had_is_not_carried_on_silently(tmp_path: Path) -> None:
    body = (
        "horizon: 2035\nretirement:\n  min_months: 180\npension:\n  employer_rate: 13%\n"
        "indexing:\n  pension_rate: 5%\n"
    )
    text = notes(loaded(tmp_path, body))
    assert text.count(" after 2021 (") == 3
    assert "pension.employer_rate after 2021 (mine.yaml:6:18)" in text
    assert "indexing.pension_rate after 2021 (mine.yaml:8:17)" in text
    assert "give the years up to 2035 or, if it is meant, 'then: hold'" in text
    assert "wage" not in text  # they are rates


def test_a_path_is_not_reported_where_its_default_rests_or_it_says_enough() -> None:
    base = load("as-implemented").with_({"horizon": 2035})
    for key, value in {
        "growth.civil_service": "1%",  # one default for all years
        "growth.employee": {2021: "1%", 2031: "0.5%"},  # the default changes again in 2041 only
        "pension.employer_rate": {2021: "13%", "then": "hold"},
        "pension.award_base": {2021: 8000, 2035: 9000},
        "mortality.table": "CL1-CL2",
        "base.dormant": "50万",
    }.items():
        assert notes(base.with_({key: value})) == "", key
    assert "growth.employee after 2030 (with_)" in notes(
        base.with_({"growth.employee": {2021: "1%", 2030: "0.5%"}})
    )


@pytest.mark.parametrize("name", bundled_names())
def test_shipped_scenarios_say_enough_for_their_horizon(name: str) -> None:
    # What a scenario observes has notes of its own: tests/test_observed.py.
    assert notes(load(name).with_({"observe.until": None})) == ""


def test_only_growth_enters_the_hash() -> None:
    base = Scenario(name="free", title={}, region=FOSHAN, horizon=2025)
    path = {2021: 8000, 2025: 9000}
    plain, held, grown = (
        base.with_({"pension.award_base": {**path, **then}})
        for then in ({}, {"then": "hold"}, {"then": "wage"})
    )
    assert plain.hash == held.hash != grown.hash
    again = base.with_({"pension.award_base": grown.values["pension.award_base"]})
    assert again.values == grown.values


def test_two_sides_that_both_follow_wages_differ_by_wages_only() -> None:
    first = load("baseline").with_({"pension.award_base": {2021: 8000, "then": "wage"}}, name="a")
    second = first.with_({"wage.growth": "3%"}, name="b")
    reasons = fsinsure.compare(fsinsure.run(first), fsinsure.run(second)).reasons
    levers = {name for name in reasons["lever"] if name.startswith(("pension", "wage"))}
    assert levers == {"wage.growth"}
