"""The base year: every published figure met to the person, impossible assumptions refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure import close_base, status_totals
from fsinsure.parameters import resolve
from fsinsure.statuses import STATUS

PUBLISHED = {
    "pension.enterprise": 392.63,
    "pension.urban_contributors": 341.30,
    "pension.civil": 17.96,
    "pension.resident": 50.92,
    "unemployment": 306.39,
    "injury": 335.99,
}

PERCENT = st.integers(1, 99).map(lambda whole: whole / 100)


def enrolled(result: fs.Result) -> dict[str, float]:
    table = result.enrollment.query("level == 'total' and year == 2020")
    return dict(zip(table["measure"], table["persons"], strict=True))


def test_every_published_figure_is_met_to_the_person(result):
    found = enrolled(result)
    # Not published for the city: all of urban employee pension insurance.
    assert found.pop("pension.urban_employee") == pytest.approx(392.63e4 + 17.96e4)
    assert found.keys() == PUBLISHED.keys()
    for measure, figure in PUBLISHED.items():
        assert round(found[measure]) == round(figure * 1e4), measure


def test_the_statuses_are_those_worked_out_by_hand_in_the_model(baseline):
    totals = status_totals(resolve(baseline))
    by_hand = {
        "employee": 298.188,  # 306.39 - 0.60 x 13.67
        "civil_service": 13.67,  # 341.30 - (392.63 - 65)
        "flexible": 29.442,  # 392.63 - 65 - 298.188
        "retiree": 65.0,
        "civil_retiree": 4.29,  # 17.96 - 13.67
        "resident": 21.99,  # 50.92 - 28.93
        "resident_pensioner": 28.93,
        "injury_only": 24.132,  # 335.99 - 298.188 - 13.67
        # 2.48 % registered unemployment among 341.30 at work, 40 % of whom draw benefit.
        "unemployed": 0.4 * 0.0248 / (1 - 0.0248) * 341.30,
        "dormant": 60.0,
    }
    assert {k: v / 1e4 for k, v in totals.items()} == pytest.approx(by_hand, abs=1e-6)


def test_no_cell_holds_more_people_than_live_there(baseline):
    persons = close_base(resolve(baseline)).stock[0]
    assert persons.min() >= 0
    np.testing.assert_allclose(persons.sum(axis=0), residents(FOSHAN), rtol=1e-12)


def test_pensioners_are_of_pensionable_age(baseline):
    persons = close_base(resolve(baseline)).stock[0]
    retirees = persons[STATUS["retiree"]]
    assert retirees[:, 0, :60].sum() == 0  # men
    assert retirees[:, 1, :50].sum() == 0  # women
    assert persons[STATUS["resident_pensioner"]][..., :60].sum() == 0


@settings(max_examples=40)
@given(
    share=PERCENT,
    dormant=st.integers(0, 1_200_000),
    benefit=PERCENT,
)
def test_other_assumptions_close_the_same_figures(baseline, share, dormant, benefit):
    changed = baseline.with_(
        {
            "base.institution_share": share,
            "base.dormant": dormant,
            "base.benefit_share": benefit,
            "horizon": 2021,
        },
        name="changed",
    )
    found = enrolled(fs.run(changed))
    for measure, figure in PUBLISHED.items():
        assert abs(found[measure] - figure * 1e4) < 0.5, measure


@pytest.mark.parametrize(("value", "agrees"), [("410.60", True), ("410.61", False)])
def test_a_further_figure_may_differ_by_rounding(baseline, value, agrees):
    """392.63 + 17.96 = 410.59, each to half a unit of the last digit: 0.015 in all."""
    name = "enrollment.pension.urban_employee"
    further = replace(FOSHAN.figures["enrollment.pension.civil"], name=name, value=Decimal(value))
    figures = {**FOSHAN.figures, name: further}
    scenario = replace(baseline, region=replace(FOSHAN, figures=figures, digest=value))
    if agrees:
        found = enrolled(fs.run(scenario.with_({"horizon": 2021})))
        assert found["pension.urban_employee"] == pytest.approx(4105900)
    else:
        with pytest.raises(fs.ClosureError, match=r"differs by 200 people.*4,106,100"):
            fs.run(scenario)


@pytest.mark.parametrize("counted", [0.01, 0.08, 0.4])
def test_counted_dormant_members_take_the_place_of_flexible_workers(baseline, counted):
    """392.63 - 65 = E + F + D and 341.30 = E + F + C + D leave C = 13.67 whatever D is."""
    base = status_totals(resolve(baseline))
    found = status_totals(resolve(baseline.with_({"base.dormant_counted": counted})))
    members = counted * 600_000
    at_work = 3_413_000 - members
    by_hand = base | {
        "flexible": base["flexible"] - members,
        # The registered rate is one of those at work, who are fewer.
        "unemployed": 0.4 * 0.0248 / (1 - 0.0248) * at_work,
    }
    assert found == pytest.approx(by_hand, abs=1e-6)
    assert found["civil_service"] == pytest.approx(136_700)
    assert found["civil_retiree"] == pytest.approx(42_900)


def test_the_civil_fund_does_not_depend_on_counted_dormant_members(baseline, result):
    counted = fs.run(baseline.with_({"base.dormant_counted": "8%"}, name="counted"))
    fund = "level == 'total' and fund == 'pension.civil'"
    rows = [one.ledger.query(fund).set_index("item")["yuan"] for one in (result, counted)]
    assert len(rows[0]) > 50
    for item in ("payroll", "employer", "employee"):
        np.testing.assert_allclose(*(one[item] for one in rows), rtol=1e-12)
    # Its staff are the same; those who leave the city differ, and with them the ages of recruits:
    # a thousandth of the accounts that leave, less of all else.
    np.testing.assert_allclose(*(one.drop("account_out") for one in rows), rtol=5e-4)
    np.testing.assert_allclose(*(one["account_out"] for one in rows), rtol=2e-3)
    at = STATUS["civil_service"]
    same, staff = (one.projection.persons[:, at].sum(axis=(-2, -1)) for one in (result, counted))
    np.testing.assert_allclose(staff, same, rtol=1e-12)
    for measure, figure in PUBLISHED.items():
        assert round(enrolled(counted)[measure]) == round(figure * 1e4), measure


def test_a_path_of_counted_dormant_members_moves_every_figure_that_counts_them(baseline):
    path = {"coverage.pension.enterprise.dormant": {2021: "0%", 2025: "50%"}}
    table = fs.run(baseline.with_(path, name="later")).enrollment
    plain = fs.run(baseline).enrollment
    keys = ["measure", "level", "area", "year"]
    both = table.merge(plain, on=keys).query("level == 'total' and year == 2025")
    more = (both["persons_x"] - both["persons_y"]).set_axis(both["measure"])
    assert more["pension.enterprise"] > 100_000
    assert more["pension.urban_contributors"] == pytest.approx(more["pension.enterprise"])
    assert more["pension.urban_employee"] == pytest.approx(more["pension.enterprise"])
    counting = ["pension.enterprise", "pension.urban_contributors", "pension.urban_employee"]
    assert more.drop(counting).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("assumptions", "named"),
    [
        (
            {"base.dormant": "60万", "base.dormant_counted": "50%"},
            r"cannot meet the published .*pension\.enterprise of 3,926,300.*base\.dormant",
        ),
        (
            {"base.dormant": "500万"},
            r"dormant 5,000,000 = .* of 6,98[56],[0-9]{3} residents of 16-59.*Lower base\.dormant",
        ),
        (
            {"base.injury_only_intern": "60%", "base.injury_only_project_worker": "60%"},
            r"base\.injury_only_\* add up to 145",
        ),
    ],
)
def test_impossible_assumptions_say_what_cannot_be_met(baseline, assumptions, named):
    with pytest.raises(fs.InputError, match=named):
        fs.run(baseline.with_(assumptions))


@given(PERCENT, st.integers(0, 5_000_000))
def test_a_closure_either_meets_the_figures_or_says_why_not(baseline, counted, dormant):
    changed = baseline.with_({"base.dormant": dormant, "base.dormant_counted": counted})
    try:
        totals = status_totals(resolve(changed))
    except fs.ClosureError as error:
        assert "cannot meet the published" in str(error)
        return
    paying = totals["employee"] + totals["flexible"]
    assert paying + totals["retiree"] + counted * dormant == pytest.approx(3926300)
    assert paying + totals["civil_service"] + counted * dormant == pytest.approx(3413000)
