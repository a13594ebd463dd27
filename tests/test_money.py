"""The books of the funds against closed forms worked by hand, and under random scenarios."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fsinsure as fs
from foshan import AREAS, CITY, as_found
from fsinsure.dims import ACCOUNT, AGES, PENSION, PERSONS, QUANTITIES
from fsinsure.errors import ExtendedWarning, IdentityError
from fsinsure.ledger import Book, close
from fsinsure.parameters import resolve
from fsinsure.rules.wages import expected_base
from fsinsure.state import Move
from fsinsure.statuses import FUNDS, ITEMS, STATUS, STATUSES
from fsinsure.year import amounts, money, terms
from fsinsure.year.event import opening
from fsinsure.year.events import FIRST_HALF
from fsinsure.year.law import bind


@pytest.fixture(scope="module")
def baseline() -> fs.Scenario:
    return as_found()


@pytest.fixture(scope="module")
def result(baseline: fs.Scenario) -> fs.Result:
    return fs.run(baseline)


def per_mille(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(1000 * low), round(1000 * high)).map(lambda found: found / 1000)


def yuan(result: fs.Result, fund: str, item: str, area: str = CITY) -> dict[int, float]:
    table = result.ledger.query("fund == @fund and item == @item and area == @area")
    return dict(zip(table["year"].tolist(), table["yuan"].tolist(), strict=True))


def mid_year(result: fs.Result, status: str, year: int) -> float:
    """Persons of a status, half at the opening and half at the end of the year."""
    closing = result.projection.stock[:, 0, STATUS[status]].sum(axis=(-3, -2, -1))
    index = year - 2020
    left_before = sum(
        flow.persons.sum()
        for flow in result.projection.flows[year][: first_money_flow(result, year)]
        if flow.source == status
    )
    return float((closing[index - 1] - left_before + closing[index]) / 2)


def first_money_flow(result: fs.Result, year: int) -> int:
    """Flows of the year that come before the first half-year of money."""
    count = 0
    for event, moves in result.transitions.by_year[year]:
        if event is FIRST_HALF:
            return count
        count += len(moves)
    raise AssertionError("there is no first half-year of money")


def law_and_stock(baseline: fs.Scenario, **changes: object):
    """The money law of 2021 and an empty full stock."""
    parameters = resolve(baseline.with_({"horizon": 2021, **changes}))
    held = parameters.with_base_coverage(dict.fromkeys(parameters_held(parameters), 0.0))
    (law,) = bind(held, money=True)
    stock = np.zeros((len(QUANTITIES), len(STATUSES), len(AREAS), 2, AGES))
    return law, stock


def parameters_held(parameters) -> list[str]:
    return [
        "coverage.pension.enterprise.dormant",
        *(f"coverage.unemployment.{who}" for who in ("civil_service", "flexible")),
        *(f"coverage.injury.{who}" for who in ("project_worker", "intern", "platform_worker")),
        "coverage.injury.over_age_worker",
        "coverage.social_card",
    ]


def test_the_pension_bill_of_2020_closes(result):
    at_end = result.projection.stock[0, PENSION, STATUS["retiree"]].sum()
    assert 12 * at_end == pytest.approx(650_000 * 3449 * 12, rel=1e-12)  # 269.02 亿


def test_opening_balances_add_up_to_the_published_one(result):
    base = result.ledger.query("year == 2020")
    assert set(base["kind"]) == {"closing"}
    assert base["yuan"].sum() == pytest.approx(643.36e8, rel=1e-12)


def test_the_mean_base_of_2020_is_near_4400_and_the_relief_needs_a_believable_share(baseline):
    number = resolve(baseline).number
    base = expected_base(number("wage.mean"), number("wage.cv"), 3376, 20268)
    assert base == pytest.approx(4400, rel=0.02)
    # Employers' rates of 2020: 13 %, 0.8 % at the mean factor 0.7, injury 0.67 % halved.
    monthly = 2_981_900 * base * (0.13 + 0.0056 + 0.0034)
    share = (137.64e8 / monthly - 2.5) / (11 - 2.5)  # 11 months in full against 5 at a half
    assert 0.5 < share < 0.75


def test_contributions_are_people_times_base_times_rate_times_twelve(baseline):
    result = fs.run(baseline.with_({"wage.growth": 0, "horizon": 2021}))
    number = resolve(baseline).number
    # From January to June the floor of 2020, from July that of 2021.
    floor, cap = (3376 + 3958) / 2, (20268 + 22941) / 2
    base = expected_base(number("wage.mean"), number("wage.cv"), floor, cap)
    people = mid_year(result, "employee", 2021)
    paid = yuan(result, "pension.enterprise", "employer")[2021]
    assert paid == pytest.approx(people * base * 0.13 * 12, rel=1e-9)
    own = yuan(result, "pension.enterprise", "employee")[2021]
    assert own == pytest.approx(paid * 0.08 / 0.13, rel=1e-12)
    flexible = yuan(result, "pension.enterprise", "flexible")[2021]
    chosen = mid_year(result, "flexible", 2021) * 1.1 * floor
    assert flexible == pytest.approx(chosen * 0.20 * 12, rel=1e-9)


def test_the_benefit_is_nine_tenths_of_the_minimum_wage_by_months(baseline):
    result = fs.run(baseline.with_({"horizon": 2021}))
    lowest = (11 * 1720 + 1900) / 12  # 1900 from December 2021
    expected = mid_year(result, "unemployed", 2021) * 0.9 * lowest * 12
    assert yuan(result, "unemployment", "benefit")[2021] == pytest.approx(expected, rel=1e-9)


def test_the_injury_rate_is_the_payroll_mean_by_months_less_the_cut(baseline):
    share = [0.20, 0.15, 0.15, 0.35, 0.08, 0.04, 0.02, 0.01]
    before = [0.2, 0.4, 0.7, 0.9, 1.1, 1.3, 1.6, 1.9]
    after = [0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.2, 1.4]  # from May 2021
    mean = sum(s * (4 * b + 8 * a) / 12 for s, b, a in zip(share, before, after, strict=True))
    found = terms.money_terms(resolve(baseline))["injury_rate"][0]
    assert found == pytest.approx(mean / 100 * 0.5, rel=1e-12)


def test_firms_get_back_a_share_of_last_years_premiums(result):
    paid = sum(yuan(result, "unemployment", payer)[2021] for payer in ("employer", "employee"))
    refund = yuan(result, "unemployment", "job_retention_refund")
    assert refund[2022] == pytest.approx(0.5 * 0.6 * paid, rel=1e-12)


def test_pensions_in_payment_rise_by_hand(baseline):
    law, stock = law_and_stock(
        baseline,
        **{
            "indexing.pension_rate": 0.015,
            "indexing.pension_flat": 30,
            "indexing.pension_per_year": 1,
            "indexing.pension_top_up": 30,
        },
    )
    for age in (60, 70, 80):
        stock[:, STATUS["retiree"], 0, 0, age] = [10, 0, 10 * 300, 0, 10 * 3000]
    money.indexing(law, stock, opening(stock, Book()))
    found = stock[PENSION, STATUS["retiree"], 0, 0, [60, 70, 80]] / 10
    # 3000 + 30 flat + 25 years of 1 yuan + 1.5 % of 3000; 30 more from 70, 60 more from 80.
    np.testing.assert_allclose(found, [3100, 3130, 3160], rtol=1e-12)


def test_a_linked_rise_looks_at_the_year_before(baseline):
    changes = {
        "indexing.pension_rate": 0,
        "indexing.pension_wage_weight": 0.5,
        "indexing.pension_price_weight": 0.25,
        "wage.growth": {2021: 0.06, 2022: 0.08},
        "price.growth": {2021: 0.02, 2022: 0.0},
    }
    percent = terms.money_terms(resolve(baseline.with_(changes)))["percent"]
    np.testing.assert_allclose(percent[:3], [0.035, 0.035, 0.04], rtol=1e-12)


def test_an_award_by_hand(baseline):
    given = {"mean_index": 0.6, "deemed_years": 5, "deemed_index": 0.7}
    given |= {"transitional_coefficient": 0.012}
    law, stock = law_and_stock(baseline, **{f"pension.{name}": v for name, v in given.items()})
    amount = np.zeros((len(QUANTITIES), len(AREAS), 2, 1))
    amount[:, 0, 0, 0] = [2, 0, 2 * 180, 2 * 139_000, 0]  # two men of 60 with 15 years each
    divisor = np.array([[139.0], [195.0]])  # of men at 60, of women at 50
    move = Move(
        "employee",
        "retiree",
        np.zeros((1, 1, 1, 1)),
        slice(60, 61),
        "statutory age",
        divisor,
    )
    stock[ACCOUNT, STATUS["retiree"], :, :, 60] = amount[ACCOUNT, :, :, 0]
    book = Book()
    money.settle(law, stock, [move], [amount], book)
    each = (
        7647 * (1 + 0.6) / 2 * 15 * 0.01  # basic
        + 139_000 / 139  # account
        + 7647 * 0.7 * 5 * 0.012  # transitional
    )
    assert stock[PENSION, STATUS["retiree"], 0, 0, 60] == pytest.approx(2 * each, rel=1e-12)
    assert stock[ACCOUNT].sum() == 2 * 139_000  # drawn month by month from now on
    assert book.posted["pension.enterprise", "new_pensions"].sum() == pytest.approx(2 * each)


def test_an_account_is_drawn_in_equal_parts_over_its_months(baseline):
    law, _ = law_and_stock(baseline)
    kept = np.cumprod((1 - amounts.drawn_shares(law, 2021)["retiree"][0, 60:73]) ** 2)
    # 139 months for men from 60: equal parts, and no more after.
    expected = np.maximum(1 - 12 * np.arange(1, 14) / 139, 0)
    np.testing.assert_allclose(kept, expected, atol=0.03)
    assert kept[-1] == 0


def test_a_dead_pensioner_leaves_what_was_not_drawn(baseline):
    law, stock = law_and_stock(baseline, **{"pension.account_interest": 0})
    stock[ACCOUNT, STATUS["retiree"], 0, 0, 60] = 139_000.0
    start = opening(stock, Book())
    money.first_half(law, stock, start)
    assert stock[ACCOUNT].sum() == pytest.approx(139_000 - 6 * 1000, rel=0.002)
    amount = stock[:, STATUS["retiree"], :, :, 60:61].copy()
    move = Move("retiree", "dead", np.ones((1, 1, 1, 1)), slice(60, 61))
    money.settle(law, stock, [move], [amount], start.book)
    assert start.book.posted["pension.enterprise", "refund"][0] == amount[ACCOUNT].sum()


def test_a_year_of_interest_on_an_account_is_the_years_rate(baseline):
    law, stock = law_and_stock(baseline)
    stock[ACCOUNT, STATUS["dormant"], 0, 0, 40] = 1000.0
    start = opening(stock, Book())
    money.first_half(law, stock, start)
    money.second_half(law, stock, start)
    assert stock[ACCOUNT].sum() == pytest.approx(1000 * 1.0669, rel=1e-12)


def test_a_year_of_credits_earns_interest_as_the_law_computes_it(baseline):
    law, stock = law_and_stock(baseline)
    stock[PERSONS, STATUS["civil_service"], 0, 0, 40] = 1.0
    start = opening(stock, Book())
    money.first_half(law, stock, start)
    money.second_half(law, stock, start)
    credit = 9500 * 1.06 * 0.08 * 12
    # 年度计算法: credited x rate x 13 / 24; half-years differ from it in the second order only.
    assert stock[ACCOUNT].sum() == pytest.approx(credit * (1 + 0.0669 * 13 / 24), rel=1e-3)


def test_the_dead_leave_account_and_grant(baseline):
    law, stock = law_and_stock(baseline)
    amount = np.zeros((len(QUANTITIES), len(AREAS), 2, 1))
    amount[:, 1, 0, 0] = [3, 0, 0, 5000, 3 * 3449]
    book = Book()
    move = Move("retiree", "dead", np.zeros((1, 1, 1, 1)), slice(75, 76))
    money.settle(law, stock, [move], [amount], book)
    posted = {item: amount.tolist() for (_, item), amount in book.posted.items()}
    assert posted["refund"] == [0, 5000, 0, 0, 0]
    assert posted["death"] == pytest.approx([0, 3 * 4188 * 12, 0, 0, 0])
    # The pension of the first half-year was paid before.
    assert "pension" not in posted


def test_the_account_of_those_who_change_schemes_is_transferred(baseline):
    law, stock = law_and_stock(baseline)
    amount = np.ones((len(QUANTITIES), len(AREAS), 2, 1))
    book = Book()
    move = Move("resident", "flexible", np.zeros((1, 1, 1, 1)), slice(40, 41))
    money.settle(law, stock, [move], [amount], book)
    assert book.posted["pension.resident", "account_out"].tolist() == [2.0] * 5
    assert book.posted["pension.enterprise", "account_in"].tolist() == [2.0] * 5


def test_a_fund_with_constant_flows_grows_by_its_closed_form():
    years = np.arange(2020, 2051)
    books = []
    for _ in years[1:]:
        book = Book()
        book.post("unemployment", "employer", np.full(5, 30.0))
        book.post("unemployment", "benefit", np.full(5, 10.0))
        books.append(book)
    opening_balance = dict.fromkeys(FUNDS, 0.0) | {"unemployment": 1000.0}
    ledger = close(years, books, opening_balance, np.full(30, 0.02))
    # b' = 1.02 b + 100 * 1.01, a geometric series.
    expected = 1000 * 1.02**30 + 101 * (1.02**30 - 1) / 0.02
    assert ledger.closing["unemployment"][-1] == pytest.approx(expected, rel=1e-12)


def test_a_deficit_names_fund_and_year(baseline):
    poor = fs.run(baseline.with_({"pension.employer_rate": 0, "pension.employee_rate": 0}))
    deficits = dict(poor.projection.ledger.deficits())
    closing = yuan(poor, "pension.enterprise", "closing")
    assert deficits["pension.enterprise"] == min(y for y, left in closing.items() if left < 0)
    assert "unemployment" not in deficits


def test_pooling_takes_a_share_of_contributions_and_gives_an_amount(baseline):
    pooled = baseline.with_(
        {"pooling.remittance_injury": 0.1, "pooling.transfer_injury": "1亿", "horizon": 2021}
    )
    result = fs.run(pooled)
    paid = sum(yuan(result, "injury", item)[2021] for item in ("employer", "flat"))
    assert yuan(result, "injury", "remittance")[2021] == pytest.approx(0.1 * paid, rel=1e-12)
    assert yuan(result, "injury", "pool_transfer")[2021] == pytest.approx(1e8, rel=1e-12)


def test_the_table_has_each_item_once_and_areas_add_up(result):
    table = result.ledger
    key = ["scenario", "year", "area", "fund", "item"]
    assert not table.duplicated(key).any()
    balances = table[table["kind"].isin(["opening", "closing"]) | (table["item"] == "interest")]
    assert set(balances["area"]) == {CITY}
    flows = table.drop(balances.index)
    city = flows["area"] == CITY
    by_item = ["year", "fund", "item"]
    np.testing.assert_allclose(
        flows[~city].groupby(by_item)["yuan"].sum(),
        flows[city].groupby(by_item)["yuan"].sum(),
        rtol=1e-12,
    )
    assert set(table.query("year == 2021")["item"]) == {
        *("opening", "closing"),
        *(item for items in ITEMS.values() for item in items),
    }


def test_each_year_opens_with_what_the_last_one_left(result):
    for fund in FUNDS:
        opened, left = yuan(result, fund, "opening"), yuan(result, fund, "closing")
        assert [opened[year] for year in range(2021, 2026)] == [
            left[year] for year in range(2020, 2025)
        ]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.fixed_dictionaries(
        {
            "growth.employee": per_mille(-0.3, 0.03),
            "growth.resident": per_mille(-0.3, 0.05),
            "transfer.land_expropriated": per_mille(0, 0.5),
            "retirement.withdraw_share": per_mille(0, 1),
            "wage.growth": per_mille(-0.1, 0.2),
            "price.growth": per_mille(-0.05, 0.2),
            "indexing.pension_rate": per_mille(-0.1, 0.2),
            "indexing.pension_wage_weight": per_mille(0, 1),
            "pension.account_interest": per_mille(0, 0.1),
            "fund.interest": per_mille(-0.05, 0.1),
            "fund.share_civil": per_mille(0, 0.5),
            "pooling.remittance_enterprise": per_mille(0, 1),
            "pension.employer_rate": per_mille(0, 0.3),
        }
    )
)
def test_the_identities_hold_whatever_the_scenario(baseline, changes):
    random = baseline.with_({**changes, "horizon": 2023, "pension.base_cap": 500_000})
    result = fs.run(random)  # an identity that does not hold would raise
    table = result.ledger.query("level == 'total'")
    sign = {"opening": 1, "income": 1, "outgo": -1, "closing": -1, "memo": 0}
    later = table[table["year"] > 2020]
    off = (later["yuan"] * later["kind"].map(sign)).groupby([later["fund"], later["year"]]).sum()
    turnover = later["yuan"].abs().groupby([later["fund"], later["year"]]).sum()
    assert (off.abs() <= 1e-9 * turnover).all()
    assert (later[later["kind"] == "outgo"]["yuan"] >= -1e-6).all()


def test_a_broken_book_is_noticed(result):
    from dataclasses import replace

    from fsinsure.engine.identities import check

    closing = dict(result.projection.ledger.closing)
    closing["injury"] = closing["injury"] + np.array([0, 0, 1e6, 0, 0, 0])
    broken = replace(result.projection, ledger=replace(result.projection.ledger, closing=closing))
    with pytest.raises(IdentityError, match="money conserved in every fund: injury"):
        check(broken)


def test_a_value_may_start_in_a_month(baseline):
    path = {"2021": 1000, "2021-07": 1600, "2023-12": 2800}
    changed = baseline.with_({"unemployment.minimum_wage": path})
    found = resolve(changed).path("unemployment.minimum_wage")
    np.testing.assert_allclose(found, [1300, 1600, (11 * 1600 + 2800) / 12, 2800, 2800])


def test_amounts_run_past_their_last_year_with_wages_and_the_run_says_so(baseline):
    longer = baseline.with_({"horizon": 2028, "wage.growth": 0.1})
    resolved = resolve(longer)
    cap = resolved.path("pension.base_cap")
    np.testing.assert_allclose(cap[-3:], 27549 * np.array([1.1, 1.21, 1.331]), rtol=1e-12)
    with pytest.warns(ExtendedWarning, match=r"pension\.base_cap after 2025 with wage\.growth"):
        result = fs.run(longer)
    used = result.parameters.set_index(["parameter", "year"])["set_by"]
    assert used["pension.base_cap", 2026] == "law/guangdong, extended from 2025"
    assert used["pension.base_cap", 2025] == "law/guangdong"


def test_a_run_within_the_known_years_does_not_warn(baseline):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fs.run(baseline)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"pension.base_floor": 9000, "pension.base_cap": 8000}, r"base_floor is above.* in 2021"),
        ({"fund.share_civil": 0.6, "fund.share_injury": 0.6}, r"fund\.share_\* add up to 133\.0%"),
        ({"injury.grade_share_1": 0.8, "injury.grade_share_9": 0.8}, r"injury\.grade_share_\* add"),
        ({"injury.payroll_share_1": 0.9}, r"injury\.payroll_share_\* add up to 135\.0%"),
    ],
)
def test_what_cannot_be_is_refused(baseline, changes, match):
    with pytest.raises(fs.InputError, match=match):
        fs.run(baseline.with_(changes))


@pytest.mark.parametrize(
    ("change", "fund", "item", "envelope"),
    [
        # 306万 employees in mid-year on 4,770 yuan for twelve months: a point is 17.5亿.
        ({"pension.employer_rate": 0.14}, "pension.enterprise", "employer", 17.5e8),
        # 65万 pensions of 3,449 yuan: a point more from January is 2.7亿.
        ({"indexing.pension_rate": 0.06}, "pension.enterprise", "pension", 2.7e8),
        # 30 yuan more for 65万 people for twelve months.
        ({"indexing.pension_flat": 30}, "pension.enterprise", "pension", 2.3e8),
        # A yuan for each of 25 years for 65万 people.
        ({"indexing.pension_per_year": 1}, "pension.enterprise", "pension", 1.95e8),
        # 28.93万 people with 15 yuan (5 % of 300) less a month.
        ({"indexing.resident_rate": 0}, "pension.resident", "pension", -0.52e8),
        # 3.5万 claimants lose a ninth of 1,562 yuan for twelve months.
        ({"unemployment.benefit_share": 0.8}, "unemployment", "benefit", -0.73e8),
        # 5 % of a base of 1,166 yuan for them, once prices pass the trigger.
        ({"price.growth": 0.05}, "unemployment", "price_supplement", 0.24e8),
        # A point of the flexible workers' base of 4,034 yuan for 29.8万 people.
        ({"pension.flexible_rate": 0.21}, "pension.enterprise", "flexible", 1.44e8),
        # Without the cut of a half the injury premium doubles from 5.8亿.
        ({"injury.cut": 0}, "injury", "employer", 5.8e8),
        # 344万 insured in mid-year, 4 in a thousand hurt, 1,000 yuan of 2020 more each.
        ({"injury.medical_cost": 13000}, "injury", "medical", 0.146e8),
        ({"pension.subsidy": "10亿"}, "pension.enterprise", "subsidy", 10e8),
        # Half a point on 528亿 and half of the 40亿 that are left before interest.
        ({"fund.interest": 0.03}, "pension.enterprise", "interest", 2.74e8),
        # 12.5 % of 397亿 stay with the fund.
        ({"pooling.remittance_enterprise": 0}, "pension.enterprise", "remittance", -49.6e8),
    ],
)
def test_levers_have_the_size_of_the_back_of_an_envelope(
    baseline, result, change, fund, item, envelope
):
    moved = yuan(fs.run(baseline.with_({**change, "horizon": 2021})), fund, item)[2021]
    assert moved - yuan(result, fund, item)[2021] == pytest.approx(envelope, rel=0.05)


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ({"2021-13": 1600}, "2021-13: expected a year between 2021 and 2100"),
        ({"2021-7": 1600}, "2021-7: expected a year between 2021 and 2100"),
        ({"2020-07": 1600, "2021": 1700}, "2020-07: 2020 is the base year"),
        ({"2021-07": 1600}, "2021-01 to 2021-06 would have no value"),
        ({"2021": 1600, "2021-01": 1700}, "2021-01: 2021 a second time"),
        ({"2021": 1600, "2022-07": 1700, "interpolate": "linear"}, "a line runs between whole"),
    ],
)
def test_a_wrong_month_is_refused_where_it_stands(baseline, path, match):
    with pytest.raises(fs.ScenarioError, match=match):
        baseline.with_({"unemployment.minimum_wage": path})
