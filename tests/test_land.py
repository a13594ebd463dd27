"""The land-expropriation subsidy: who pays for whom, how much and how long, by hand."""

from __future__ import annotations

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.parameters import resolve
from fsinsure.statuses import STATUS

FUND = "pension.enterprise"


def yuan(result: fs.Result, item: str, fund: str = FUND) -> dict[int, float]:
    table = result.ledger.query("fund == @fund and item == @item and level == 'total'")
    return dict(zip(table["year"].tolist(), table["yuan"].tolist(), strict=True))


def joined(result: fs.Result, year: int) -> float:
    flows = result.projection.flows[year]
    return sum(f.persons.sum() for f in flows if f.reason == "land-expropriated transfer")


def monthly(scenario: fs.Scenario, year: int) -> float:
    """What a flexible worker pays a month: 1.1 times the floor, at 20 %."""
    floor = resolve(scenario).path("pension.base_floor")[year - 2021]
    return 1.1 * floor * 0.20


@pytest.fixture(scope="module")
def once(baseline):
    """A tenth of the residents of working age join in 2021, and nobody later."""
    return baseline.with_({"transfer.land_expropriated": {2021: "10%", 2022: 0}}, name="once")


@pytest.fixture(scope="module")
def run_once(once):
    return fs.run(once)


def test_half_a_year_in_the_year_of_joining(once, run_once):
    # About 1.6万 join; 6 months x 807 yuan x 60 % = 2,904 yuan each, 0.5亿 in all.
    expected = joined(run_once, 2021) * 6 * monthly(once, 2021) * 0.6
    assert yuan(run_once, "land_subsidy")[2021] == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(0.5e8, rel=0.15)


def test_it_pays_in_the_place_of_the_member_so_the_fund_gets_no_more(once, run_once):
    without = fs.run(once.with_({"transfer.land_subsidy_share": 0}))
    for year, paid in yuan(run_once, "land_subsidy").items():
        own = yuan(run_once, "flexible")[year]
        assert own + paid == pytest.approx(yuan(without, "flexible")[year], rel=1e-12)
        assert paid > 0
    for item in ("closing", "accounts", "remittance"):
        got, same = yuan(run_once, item), yuan(without, item)
        np.testing.assert_allclose(list(got.values()), list(same.values()), rtol=1e-12)
    assert set(yuan(without, "land_subsidy").values()) == {0.0}


def test_who_stops_paying_loses_it(once, run_once):
    """Lapse 6 %, jobs 5 % and deaths take 11-12 % a year; those who retire leave as well."""
    paid = yuan(run_once, "land_subsidy")
    per_month = {year: paid[year] / monthly(once, year) for year in (2022, 2023, 2024, 2025)}
    for year in (2023, 2024, 2025):
        assert 0.80 < per_month[year] / per_month[year - 1] < 0.89


STILL = {
    "labour.lapse": 0,
    "labour.flexible_to_employee": 0,
    "labour.separation_flexible": 0,
    # The same share of every age, and growing: nobody leaves because they are too many.
    "growth.flexible": {2021: 0, 2022: "20%"},
    "profile.flexible.male": {16: 1, 59: 1},
    "profile.flexible.female": {16: 1, 59: 1},
    "retirement.age_male": 75,
    "retirement.age_cadre": 75,
    "retirement.age_worker": 75,
}
"""Who joined as a flexible worker stays one until death."""


def test_never_more_of_a_cell_than_flexible_workers_are_there(once):
    shrinking = fs.run(once.with_({"growth.flexible": "-30%", "horizon": 2040}))
    books, stock = shrinking.projection.ledger.books, shrinking.projection.stock[1:]
    for book, people in zip(books, stock, strict=True):
        followed = book.land.sum(axis=-4)
        assert (followed >= -1e-9).all()
        assert (followed <= people[0, STATUS["flexible"]] + 1e-9).all()


def test_members_who_never_move_age_and_die(once):
    projection = fs.run(once.with_(STILL)).projection
    books = projection.ledger.books
    for before, after, law in zip(books, books[1:], projection.laws[1:], strict=False):
        expected = before.land.sum(axis=-4)[..., :-1] * (1 - law.dying[0, 0, :, :-1])
        np.testing.assert_allclose(after.land.sum(axis=-4)[..., 1:], expected, rtol=1e-9)


@pytest.mark.parametrize(("years", "months"), [(0.5, 6), (1, 12), (1.25, 15), (2, 24)])
def test_it_ends_when_the_sum_set_aside_is_used_up(once, years, months):
    """Nobody leaves, and bases and rates stand still: so many months of 60 % for each joiner."""
    still = {
        **STILL,
        "mortality.level": 0.2,
        "mortality.improvement": 0.1,  # next to no deaths at working age matter here
        "pension.base_floor": 4000,
        "transfer.land_subsidy_years": years,
    }
    scenario = once.with_(still)
    result = fs.run(scenario)
    each = 1.1 * 4000 * 0.20 * 0.6
    total = sum(yuan(result, "land_subsidy").values())
    assert total == pytest.approx(joined(result, 2021) * each * months, rel=0.005)
    assert yuan(result, "land_subsidy")[2025] == 0.0


def test_a_city_where_nobody_joins_follows_nobody(result):
    assert all(book.land is None for book in result.projection.ledger.books)
    assert set(yuan(result, "land_subsidy").values()) == {0.0}


def test_the_subsidy_excludes_what_a_relief_waives(once, run_once):
    """Waived for a quarter of 2021: three of the six months of the second half-year."""
    waiver = {
        "action": "waive",
        "insurance": "pension.enterprise",
        "payer": "flexible",
        "from": "2021-10",
        "to": "2021-12",
    }
    waived = fs.run(once.with_({"relief": [waiver]}, name="waived"))
    assert yuan(waived, "land_subsidy")[2021] == pytest.approx(
        yuan(run_once, "land_subsidy")[2021] / 2
    )
