"""The cohort engine against closed forms, and under random scenarios."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fsinsure as fs
from foshan import AREAS, grown
from fsinsure.base_year.closure import close_base
from fsinsure.dims import ACCOUNT, AGES, CADRES, COUNTED, MONTHS, PENSION, PERSONS
from fsinsure.engine.cohort import apply, run_year, stream
from fsinsure.ledger import Book
from fsinsure.parameters import resolve
from fsinsure.state import Inflow, Move
from fsinsure.statuses import STATUS
from fsinsure.year.law import bind
from fsinsure.year.money import settle


def people(result: fs.Result, status: str) -> dict[int, float]:
    stock = result.projection.stock[:, 0, STATUS[status]].sum(axis=(-3, -2, -1))
    return dict(zip(result.projection.years.tolist(), stock.tolist(), strict=True))


def prepared(scenario):
    parameters = resolve(scenario)
    base = close_base(parameters)
    return parameters.with_base_coverage(base.coverage), base


def test_constant_growth_is_compound_interest(baseline):
    found = people(fs.run(baseline.with_({"growth.employee": "1.5%"})), "employee")
    assert found[2025] == pytest.approx(found[2020] * 1.015**5, rel=1e-12)


def test_every_area_grows_alike(result):
    stock = result.projection.stock[:, 0, STATUS["employee"]].sum(axis=(-2, -1))
    np.testing.assert_allclose(stock[5] / stock[0], grown(2025), rtol=1e-12)


def test_shrinking_statuses_lose_their_surplus(baseline):
    found = people(fs.run(baseline.with_({"growth.employee": "-20%"})), "employee")
    assert found[2021] == pytest.approx(0.8 * found[2020], rel=1e-12)


def test_land_expropriated_transfers_come_on_top_of_growth(baseline):
    moved = fs.run(baseline.with_({"transfer.land_expropriated": "10%", "horizon": 2021}))
    flow = moved.flows.query(
        "level == 'total' and from_status == 'resident' and to_status == 'flexible'"
    )["persons"].sum()
    assert people(moved, "flexible")[2021] > people(moved, "flexible")[2020] * 1.05
    entered = fs.run(baseline.with_({"horizon": 2021}))
    extra = people(moved, "flexible")[2021] - people(entered, "flexible")[2021]
    pool = entered.projection.stock[1, 0, STATUS["resident"]]
    # A tenth of the residents of working age (men to 59, women to 54) at the end of the year.
    expected = 0.1 * (pool[:, 0, 16:60].sum() + pool[:, 1, 16:55].sum())
    assert extra == pytest.approx(expected, rel=1e-9)
    assert flow > extra  # some residents become flexible workers by the growth path as well


def test_men_born_in_1960_retire_in_2020_and_those_of_1961_by_the_end_of_2021(baseline):
    quick = baseline.with_({"base.service_share_employee": "100%", "retirement.min_months": 0,
                            "horizon": 2021})  # fmt: skip
    moves = fs.run(quick).transitions.find(2021, "employee", "retiree")
    probability = moves[0].by_cell(len(AREAS))
    assert len(moves) == 1
    np.testing.assert_allclose(probability[:, 0, 60], 1.0)  # born 1961: 60 within 2021
    np.testing.assert_allclose(probability[:, 0, 59], 0.0)
    # Women at 50: all workers, and no cadre; at 55 all who are left.
    np.testing.assert_allclose(probability[:, 1, 50], 0.75)
    np.testing.assert_allclose(probability[:, 1, 49], 0.0)
    np.testing.assert_allclose(probability[:, 1, 55], 1.0)


def test_delayed_retirement_keeps_a_quarter_of_the_men_of_1965_at_work_in_2025(baseline):
    delayed = baseline.with_({"retirement.delay_from": 2025, "retirement.min_months": 0})
    (move,) = fs.run(delayed).transitions.find(2025, "employee", "retiree")
    # Born January to September 1965: due with at most 3 months of delay by December 2025.
    np.testing.assert_allclose(move.by_cell(len(AREAS))[:, 0, 60], 9 / 12)


def test_draws_give_what_single_runs_give(baseline):
    parameters, base = prepared(baseline)
    growth = np.array([[0.0, 0.01, 0.02, 0.0, 0.01], [0.03] * 5, [-0.3] * 5])
    flexible = np.array([0.05, 0.1, 0.0])[:, None] * np.ones(5)
    drawn = parameters.with_draws({"growth.employee": growth, "growth.flexible": flexible})
    counts = np.concatenate([block.enrollment for block in stream(drawn, base, block=2)], axis=1)
    for draw in range(3):
        single = parameters.with_draws(
            {"growth.employee": growth[draw], "growth.flexible": flexible[draw]}
        )
        (alone,) = stream(single, base)
        np.testing.assert_allclose(counts[:, draw], alone.enrollment[:, 0], rtol=1e-12)


def test_the_stream_counts_what_the_projection_counts(baseline, result):
    parameters, base = prepared(baseline)
    (counts,) = stream(parameters, base)
    city = result.enrollment.query("level == 'total'").pivot(
        index="measure", columns="year", values="persons"
    )
    found = counts.enrollment[:, 0].sum(axis=-1)
    order = [
        *("pension.enterprise", "pension.urban_contributors", "pension.urban_employee"),
        *("pension.civil", "pension.resident", "unemployment", "injury"),
    ]
    np.testing.assert_allclose(found, city.reindex(order).to_numpy(), rtol=1e-12)


def test_any_block_size_gives_the_same_bits(baseline):
    parameters, base = prepared(baseline.with_({"horizon": 2022}))
    growth = np.random.default_rng(1).normal(0.01, 0.005, (9, 2))
    drawn = parameters.with_draws({"growth.employee": growth})
    one, other = (
        np.concatenate([block.enrollment for block in stream(drawn, base, block=size)], axis=1)
        for size in (2, 9)
    )
    np.testing.assert_array_equal(one, other)


def test_wrong_draws_are_refused(baseline):
    parameters, _ = prepared(baseline)
    with pytest.raises(fs.InputError, match=r"Did you mean 'growth.employee'"):
        parameters.with_draws({"growth.employe": np.zeros(5)})
    with pytest.raises(fs.InputError, match="one value for each of the 5 years"):
        parameters.with_draws({"growth.employee": np.zeros(4)})
    with pytest.raises(fs.InputError, match=r"between -0.3 and 0.6"):
        parameters.with_draws({"growth.employee": np.full(5, 3.0)})


def test_moves_of_one_event_happen_at_once():
    stock = np.zeros((COUNTED, 10, 5, 2, AGES))
    stock[PERSONS, STATUS["employee"]] = 100.0
    stock[MONTHS, STATUS["employee"]] = 1200.0
    half = np.full((1, 1, 1, 1), 0.5)
    apply(stock, [Move("employee", "dormant", half), Move("dormant", "employee", half)])
    # Those who became dormant do not come back within the event.
    assert np.unique(stock[PERSONS, STATUS["dormant"]]).tolist() == [50.0]
    assert np.unique(stock[MONTHS, STATUS["dormant"]]).tolist() == [600.0]


def test_an_inflow_brings_persons_and_cadres_and_no_months():
    stock = np.zeros((COUNTED, 10, 5, 2, AGES))
    apply(stock, [Inflow("arrived", "not_insured", np.ones((5, 2, AGES)), cadre_share=0.25)])
    assert stock[PERSONS].sum() == 10 * AGES
    assert stock[CADRES, :, :, 0].sum() == 0  # men have one pension age
    assert stock[CADRES, :, :, 1].sum() == 0.25 * 5 * AGES
    assert stock[MONTHS].sum() == 0


def test_a_pool_too_small_names_pool_year_shortfall_and_levers(baseline):
    with pytest.raises(fs.PoolError) as error:
        fs.run(baseline.with_({"growth.employee": "60%", "growth.flexible": "60%"}))
    text = str(error.value)
    for part in ("2022", "growth.employee", "not_insured", "short", "migration.arrivals"):
        assert part in text, text


def test_the_baseline_runs_to_2100(baseline):
    far = fs.run(baseline.with_({"horizon": 2100}))
    assert far.projection.years[-1] == 2100
    assert all(check.passed for check in far.checks)


growth = st.integers(-50, 50).map(lambda whole: whole / 1000)
share = st.integers(0, 100).map(lambda whole: whole / 100)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    overrides=st.fixed_dictionaries(
        {},
        optional={
            "growth.employee": growth,
            "growth.flexible": growth,
            "growth.civil_service": growth,
            "growth.resident": growth,
            "migration.arrivals": st.integers(0, 500_000),
            "migration.demand_share": share,
            "migration.departure_not_insured": st.integers(0, 20).map(lambda whole: whole / 100),
            "labour.separation": st.integers(0, 50).map(lambda whole: whole / 100),
            "labour.reemployment": st.integers(0, 60).map(lambda whole: whole / 100),
            "labour.return": share,
            "labour.lapse": st.integers(0, 50).map(lambda whole: whole / 100),
            "retirement.cadre_share": share,
            "retirement.withdraw_share": share,
            "retirement.delay_from": st.sampled_from([None, 2021, 2023, 2025]),
            "retirement.min_months": st.integers(0, 480),
            "transfer.land_expropriated": st.integers(0, 50).map(lambda whole: whole / 100),
            "mortality.improvement": st.integers(-5, 10).map(lambda whole: whole / 100),
            "fertility.level": st.integers(0, 500).map(lambda whole: whole / 100),
            "coverage.unemployment.flexible": share,
            "coverage.injury.project_worker": share,
        },
    )
)
def test_identities_hold_under_random_scenarios(baseline, overrides):
    # fs.run checks them itself and raises; the channels prove their sums when they are made.
    try:
        result = fs.run(baseline.with_(overrides, name="random"))
    except fs.PoolError:
        return
    assert len(result.checks) == 13
    assert all(check.passed for check in result.checks)
    assert len(result.channels) > 0


def test_an_inflow_adds_what_each_brings():
    # Two areas, two people each; each brings 24 months and an account of 1,000 yuan.
    stock = np.zeros((5, len(STATUS), 2, 2, AGES))
    persons, each = np.full((2, 2, 1), 2.0), np.array([24.0, 1000.0])[:, None, None, None]
    inflow = Inflow("arrived", "employee", persons, 0.0, slice(30, 31), "", each)
    apply(stock, [inflow])
    here = stock[:, STATUS["employee"], :, :, 30]
    for quantity, amount in ((PERSONS, 2.0), (MONTHS, 48.0), (ACCOUNT, 2000.0), (PENSION, 0.0)):
        assert (here[quantity] == amount).all()
    assert stock[MONTHS].sum() == 4 * 48.0
    book = Book()
    settle(None, stock, [inflow], [persons], book)
    assert book.posted["pension.enterprise", "account_in"].tolist() == [4000.0, 4000.0]


def test_recruits_bring_a_share_of_the_records_of_employees_like_them(baseline):
    changes = {"migration.demand_share": "30%", "migration.transferred_share": 0.6}
    parameters, base = prepared(baseline.with_({**changes, "horizon": 2021}))
    stock, book, seen = base.stock.copy(), Book(), {}

    def decide(event, law, stock, start):
        moves = event.apply(law, stock, start)
        if event.name == "employee_entries":
            seen["moves"], seen["before"] = moves, stock[:, STATUS["employee"]].copy()
        return moves

    for _ in run_year(bind(parameters, money=True)[0], stock, book, decide):
        pass
    came = next(move for move in seen["moves"] if isinstance(move, Inflow))
    before = seen["before"][..., came.ages]
    there = np.where(before[PERSONS] > 0, before[PERSONS], 1.0)
    brought = 0.6 * (came.persons * before[ACCOUNT] / there).sum(axis=(-2, -1))
    assert brought.sum() > 1e8
    np.testing.assert_allclose(book.noted("account", "arrived"), brought, rtol=1e-12)
    # Others bring the accounts of another scheme.
    assert (book.posted["pension.enterprise", "account_in"] > brought).all()


def test_nobody_brings_anything_where_nothing_is_transferred(baseline):
    found = fs.run(baseline.with_({"migration.transferred_share": 0, "horizon": 2021}))
    rows = found.ledger.query("level == 'total' and year == 2021")
    taken, given = (
        rows.loc[rows["item"] == item, "yuan"].sum() for item in ("account_in", "account_out")
    )
    # What one scheme takes, another gives: the rest has left the region.
    left = found.projection.ledger.books[0].noted("account", "departed").sum()
    assert given - taken == pytest.approx(left, rel=1e-12)
