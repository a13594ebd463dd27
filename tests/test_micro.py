"""The person engine: deterministic tests, the same bits for any blocks, and frequencies."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fsinsure as fs
from fsinsure.api import prepare
from fsinsure.dims import ACCOUNT, AGES, CADRES, PENSION, SEXES
from fsinsure.engine import cohort
from fsinsure.microsim import block
from fsinsure.microsim.plan import make_plan
from fsinsure.microsim.randomness import random_bits
from fsinsure.microsim.synthesis import cumulative_round, synthesize
from fsinsure.microsim.tables import ALL_BITS
from fsinsure.microsim.year_tables import year_tables
from fsinsure.rules import pension
from fsinsure.rules.lognormal import bin_means
from fsinsure.rules.unemployment import benefit_months
from fsinsure.rules.wages import bases_by_rank, expected_base
from fsinsure.state import RANKS, CellCode, Inflow, Move, People
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.year.event import Transitions, opening
from fsinsure.year.events import AGEING, FIRST_HALF, RETIREMENT, SECOND_HALF
from person_engine import by_year, empty, given_numbers
from person_engine import lived as simulated

SEED = 7


def plan_of(scenario, persons=30_000, seed=SEED):
    parameters, base = prepare(scenario)
    expected = cohort.project(parameters, base)
    return make_plan(expected, parameters, base, persons, seed)


@pytest.fixture(scope="module")
def plan(baseline):
    return plan_of(baseline)


@pytest.fixture(scope="module")
def expected(baseline):
    return cohort.project(*prepare(baseline))


@pytest.fixture(scope="module")
def people(baseline):
    return fs.run(baseline, engine="micro", persons=300_000, seed=SEED)


def persons_in(plan, status, sex, born, count, area=0, **traits):
    """Persons of one cell, all alike except for what is given."""
    cell = plan.code.of(STATUS[status], 2 * area + sex, born - plan.code.first_birth)
    plain = {
        "cell": np.full(count, cell),
        "contribution_index": np.ones(count),
        **{
            name: np.zeros(count) for name in ("rank", "industry_class", "month", "track", "months")
        },
        **{
            name: np.zeros(count)
            for name in ("account", "pension", "benefit_months_left", "months_at_last_claim")
        },
    } | traits
    kinds = {field.name: getattr(plan.people(0, 1), field.name).dtype for field in fields(People)}
    return People(**{name: np.asarray(plain[name]).astype(kinds[name]) for name in kinds})


def lived(plan, persons, monkeypatch, bits, years=1):
    """The counters of persons after some years, with given bits instead of random ones."""
    given_numbers(monkeypatch, lambda _: bits)
    counters = empty(plan.years[:years])
    simulated(persons, 0, plan.years[:years], counters, SEED)
    return by_year(counters)


def evenly(count):
    """A grid of bits, the middle of each of `count` equal parts."""
    return ((np.arange(count) + 0.5) / count * 2.0**53).astype(np.uint64) << np.uint64(11)


# Deterministic


@given(
    st.floats(2000, 20_000),
    st.floats(0.05, 2.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 4.0),
)
@settings(deadline=None)
def test_the_bases_of_ranks_average_to_the_expected_base(mean, cv, low, width):
    floor, cap = low * mean, (low + width) * mean
    bases = bases_by_rank(mean, cv, floor, cap, RANKS)
    assert bases.mean() == pytest.approx(expected_base(mean, cv, floor, cap), rel=1e-12)
    assert (np.diff(bases) >= -1e-9 * mean).all()
    assert bases.min() >= floor * (1 - 1e-9) and bases.max() <= cap * (1 + 1e-9)


@given(st.floats(0.01, 3.0))
def test_the_bins_of_months_average_to_the_mean(cv):
    means = bin_means(cv, RANKS)
    assert means.mean() == pytest.approx(1.0, abs=1e-12)
    assert (np.diff(means) >= 0).all()


def test_persons_on_the_rank_nodes_pay_what_the_cell_pays(plan, baseline, expected, monkeypatch):
    """One person a rank who stays in a job: credits, interest and base equal the cell's."""
    persons = persons_in(plan, "employee", 0, 1985, RANKS, rank=np.arange(RANKS))
    stays = np.full(RANKS, ALL_BITS)
    lived(plan, persons, monkeypatch, stays)
    law = expected.laws[0]
    one = np.zeros((1 + PENSION, len(STATUSES), 5, 2, AGES))
    one[0, STATUS["employee"], 0, 0, 36] = RANKS
    for event in (FIRST_HALF, SECOND_HALF):
        event.apply(law, one, opening(one, cohort.Book()))
    account = one[ACCOUNT, STATUS["employee"], 0, 0, 36]
    # To half a fen a person, of some thousand yuan.
    assert persons.account.sum() / 100 == pytest.approx(account, abs=0.005 * RANKS)
    assert (persons.months == 12).all()
    base = plan.years[0].rates.base
    assert base["base"].mean() == pytest.approx(float(law.rate("base")), rel=1e-12)
    other = float(law.rate("base_unemployment"))
    assert base["base_unemployment"].mean() == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize(
    ("status", "sex", "born"),
    [
        *(("employee", 0, 1985), ("flexible", 1, 1990), ("unemployed", 0, 1975)),
        *(("dormant", 1, 1980), ("resident", 0, 1970), ("not_insured", 0, 2003)),
        *(("retiree", 0, 1930), ("civil_service", 1, 1979)),
    ],
)
def test_a_grid_of_numbers_meets_every_probability(plan, expected, monkeypatch, status, sex, born):
    """Evenly spaced numbers make every move as often as the cohort engine says, to a few persons.

    The few are one for each rescaling of the numbers on the way to a move.
    """
    count = 100_000
    persons = persons_in(plan, status, sex, born, count, months=np.full(count, 240))
    year = plan.years[0]
    counters = lived(plan, persons, monkeypatch, evenly(count))[0]
    stock = np.zeros((1 + PENSION, len(STATUSES), 5, 2, AGES))
    stock[0, STATUS[status], 0, sex, plan.code.base_year - born] = count
    flows = []
    for happened, event in expected.transitions.by_year[year.year]:
        event = [move for move in event if isinstance(move, Move)]
        if happened is AGEING:
            stock[..., 1:] = stock[..., :-1].copy()
        flows += [
            amount[0].sum() if not isinstance(move, Inflow) else 0.0
            for move, amount in zip(event, cohort.apply(stock, event), strict=True)
        ]
    numbers = [n for n, move in enumerate(year.moves) if isinstance(move, Move)]
    counted = counters.flows.reshape(len(year.moves), -1).sum(axis=1)[numbers]
    assert np.abs(counted - flows).max() <= 4
    assert (np.array(flows) > 30).sum() >= 1, "no move was tested"
    ends = np.bincount(
        persons.cell // (year.code.places * year.code.births), minlength=len(STATUSES)
    )
    assert np.abs(ends[: len(STATUSES)] - stock[0].sum(axis=(1, 2, 3))).max() <= 8


@pytest.mark.parametrize(
    ("scenario", "year", "born", "sex", "status", "cadre", "due"),
    [
        # Men of 60; the delayed-retirement rule takes three months from those of September 1965.
        ("baseline", 2021, 1961, 0, "employee", 0, 12),
        ("delayed-retirement", 2025, 1965, 0, "employee", 0, 9),
        ("delayed-retirement", 2025, 1965, 0, "dormant", 0, 9),
        ("baseline", 2021, 1971, 1, "employee", 0, 12),
        ("baseline", 2021, 1971, 1, "employee", 1, 0),
        ("baseline", 2021, 1966, 1, "employee", 1, 12),
        # Past the age of workers without a pension: due in every year.
        ("baseline", 2021, 1969, 1, "employee", 0, 12),
        ("baseline", 2021, 1966, 1, "employee", 0, 12),
        ("baseline", 2021, 1971, 1, "civil_service", 0, 0),
        ("baseline", 2021, 1966, 1, "civil_service", 0, 12),
        ("baseline", 2021, 1961, 1, "resident", 0, 12),
        ("baseline", 2021, 1961, 0, "not_insured", 0, 0),
    ],
)
def test_people_retire_by_their_own_month_of_birth(
    scenario, year, born, sex, status, cadre, due, monkeypatch
):
    plan = plan_of(fs.load(scenario))
    plan = replace(plan, years=plan.years[year - 2021 : year - 2020])
    persons = persons_in(
        plan,
        status,
        sex,
        born,
        12,
        month=np.arange(12),
        months=np.full(12, 240),
        track=[cadre] * 12,
    )
    lived(plan, persons, monkeypatch, np.full(12, ALL_BITS))
    target = {"civil_service": "civil_retiree", "resident": "resident_pensioner"}.get(
        status, "retiree"
    )
    retired = persons.cell // (plan.code.places * plan.code.births) == STATUS[target]
    assert retired.tolist() == [True] * due + [False] * (12 - due)
    assert (persons.pension[retired] > 0).all()


def test_persons_who_lack_months_pay_on_or_take_the_account(plan, monkeypatch):
    share = plan.years[0].rates.law.withdraw_share
    assert 0 < share < 1
    count = 10_000
    persons = persons_in(
        plan, "employee", 0, 1961, count, months=np.full(count, 173), account=np.full(count, 1e6)
    )
    counters = lived(plan, persons, monkeypatch, evenly(count))[0]
    status = persons.cell // (plan.code.places * plan.code.births)
    taken = status == STATUS["not_insured"]
    # Without those who died or left before mid-year.
    assert taken.sum() == pytest.approx(share * (count - (status >= 10).sum()), abs=80)
    assert not (status == STATUS["retiree"]).any(), "173 + 6 months by mid-year are not 180"
    assert (persons.account[taken] == 0).all() and (persons.months[taken] == 0).all()
    joined = status == STATUS["resident_pensioner"]
    assert joined.any() and (persons.months[joined] == 0).all(), "months end with the account"
    by_move = counters.awarded.reshape(len(plan.years[0].moves), -1).sum(axis=1)
    awarded = {move.target for move, fen in zip(plan.years[0].moves, by_move, strict=True) if fen}
    assert awarded <= {"resident_pensioner"}, "of those who left for the scheme of residents"
    enough = persons_in(plan, "employee", 0, 1961, 1, months=[174], account=[1e6])
    lived(plan, enough, monkeypatch, np.full(1, ALL_BITS))
    assert enough.cell[0] // (plan.code.places * plan.code.births) == STATUS["retiree"]


def test_a_pension_is_awarded_by_the_rule_on_the_own_record(plan, monkeypatch):
    year = plan.years[0]
    law = year.rates.law
    persons = persons_in(
        plan,
        "employee",
        0,
        1961,
        1,
        month=[4],
        months=[234],
        account=[5_000_000],
        contribution_index=[1.25],
    )
    counters = lived(plan, persons, monkeypatch, np.full(1, ALL_BITS))[0]
    account = 5_000_000 * year.rates.account_factor_half[0][persons.cell[0] * 0]
    account = np.rint(account + year.rates.account_credit_half[0][STATUS["employee"] * RANKS])
    own = pension.employee_pension(
        law.award_base,
        1.25 * law.mean_index,
        240 / 12,
        law.accrual,
        account / 100,
        139.0,
        law.deemed_index,
        law.deemed_years,
        law.transitional_coefficient,
    )
    assert persons.pension[0] == np.rint(100 * own)
    assert counters.awarded.sum() == persons.pension[0]
    # In units of a 4096th of a fen: nothing has been added to pensions since the start.
    assert counters.held[2].sum() / 4096 == pytest.approx(persons.pension[0], rel=0.05)


def test_a_claim_is_entitled_by_the_own_months(plan, monkeypatch):
    count = 20_000
    paid = np.arange(count) % 300
    persons = persons_in(plan, "employee", 0, 1985, count, months=paid)
    lived(plan, persons, monkeypatch, evenly(count))
    claims = np.flatnonzero(persons.benefit_months_left)
    assert len(claims) > 100
    bought = benefit_months(paid[claims] + 6, 48, 12, 6, 24)
    drawn = 6  # in the half-year after the claim
    assert persons.benefit_months_left[claims].tolist() == (bought - drawn).tolist()
    assert persons.months_at_last_claim[claims].tolist() == (paid[claims] + 6).tolist()


def test_what_is_left_of_a_claim_is_carried_to_the_next(plan, monkeypatch):
    """社会保险法 第四十六条: the years count anew, and what was not drawn is added, 24 at most."""
    count = 20_000
    for left, drawn_up in ((10, 7 + 10), (20, 24)):
        record = {"months": np.full(count, 100), "months_at_last_claim": np.full(count, 40)}
        left_over = {"benefit_months_left": np.full(count, left)}
        persons = persons_in(plan, "employee", 0, 1985, count, **record, **left_over)
        lived(plan, persons, monkeypatch, evenly(count))
        # With 106 - 40 months: four, and three.
        claims = np.flatnonzero(persons.months_at_last_claim > 40)
        assert len(claims) > 100
        assert set(persons.months_at_last_claim[claims]) == {106}
        assert set(persons.benefit_months_left[claims]) == {drawn_up - 6}


def test_benefit_is_drawn_until_none_is_left(plan, monkeypatch):
    for left in (24, 12, 5, 0):
        benefit_months_left = np.full(100, left)
        persons = persons_in(
            plan,
            "unemployed",
            0,
            1985,
            100,
            months=np.full(100, 90),
            benefit_months_left=benefit_months_left,
        )
        lived(plan, persons, monkeypatch, np.full(100, 2**64 - 2, dtype=np.uint64))
        assert set(persons.cell) == {persons_in(plan, "unemployed", 0, 1985, 1).cell[0]}
        assert set(persons.benefit_months_left) == {max(left - 12, 0)}


def test_pensions_rise_by_the_three_parts(monkeypatch):
    plan = plan_of(fs.load("three-part-indexing"))
    year = plan.years[1]
    persons = persons_in(plan, "retiree", 1, 1945, 1, months=[300], pension=[300_000])
    plan = replace(plan, years=(year,))
    lived(plan, persons, monkeypatch, np.full(1, ALL_BITS))
    cell = persons.cell[0]
    rates = year.rates
    assert rates.flat[cell] > 0 and rates.per_year[cell] > 0
    rise = rates.flat[cell] + 25 * rates.per_year[cell] + 300_000 * rates.percent[cell]
    assert persons.pension[0] == np.rint(300_000 + rise)


# The same bits


def test_blocks_of_any_size_give_the_same_bits(plan):
    group = plan.groups[0]
    runs = [plan.run([(0, group.count)], block) for block in (1_000, 7_000, 32_768)]
    inflow = next(group for group in plan.groups[1:] if group.count > 200)
    runs_of_inflow = [plan.run([(inflow.first, inflow.count)], block) for block in (100, 32_768)]
    for first, *others in (runs, runs_of_inflow):
        assert sum(int(np.abs(array).sum()) for array in first.values()) > 0
        for other in others:
            assert first.keys() == other.keys()
            for name, array in first.items():
                assert array.dtype == np.int64
                np.testing.assert_array_equal(array, other[name], err_msg=name)


def test_the_state_of_a_person_does_not_depend_on_the_others(plan):
    together = plan.people(0, 9_000)
    simulated(together, 0, plan.years, empty(plan.years), SEED)
    for first, count in ((0, 1), (1, 999), (1_000, 7_000), (8_000, 1_000)):
        alone = plan.people(first, count)
        simulated(alone, first, plan.years, empty(plan.years), SEED)
        for field in fields(People):
            np.testing.assert_array_equal(
                getattr(alone, field.name), getattr(together, field.name)[first : first + count]
            )


def test_ranges_add_up(plan):
    whole_group = plan.run([(0, 6_000)])
    parts = plan.run([(0, 2_500), (2_500, 3_500)])
    for name, array in whole_group.items():
        np.testing.assert_array_equal(array, parts[name])


def test_random_bits_do_not_depend_on_the_range():
    together = random_bits(SEED, 0, 100, 50, 3)
    np.testing.assert_array_equal(together[20:25], random_bits(SEED, 0, 120, 5, 3))
    assert not np.intersect1d(together, random_bits(SEED, 1, 100, 50, 3)).size
    assert not np.intersect1d(together, random_bits(SEED + 1, 0, 100, 50, 3)).size
    assert not np.intersect1d(together, random_bits(SEED, 0, 100, 50, 4)).size


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(baseline):
    one, same, other = (
        fs.run(baseline, engine="micro", persons=5_000, seed=seed) for seed in (1, 1, 2)
    )
    assert one.ledger.equals(same.ledger) and one.flows.equals(same.flows)
    assert not one.flows.equals(other.flows)


# Who there is


def test_whole_persons_follow_the_expected_ones(plan, expected):
    scale, total = plan.scale, expected.persons[0].sum()
    base = plan.groups[0]
    assert base.count == plan.persons == 30_000
    assert abs(base.count - total * scale) <= 0.5
    by_status = np.bincount(
        np.repeat(base.cell, np.diff(base.ends, prepend=0))
        // (plan.code.places * plan.code.births),
        minlength=len(STATUSES),
    )
    assert np.abs(by_status - expected.persons[0].sum(axis=(1, 2, 3)) * scale).max() <= 1
    entries = [entry for year in plan.years for entry in year.entries]
    assert len(entries) == len(plan.groups) - 1
    for entry, group in zip(entries, plan.groups[1:], strict=True):
        assert abs(group.count - entry.persons.sum() * scale) <= 1
        assert np.abs(np.diff(group.ends, prepend=0) - entry.persons.ravel() * scale).max() <= 1
    inflows = sum(entry.persons.sum() for entry in entries) * scale
    assert abs(sum(group.count for group in plan.groups[1:]) - inflows) <= 0.5


def test_ids_follow_one_another(plan):
    firsts = [group.first for group in plan.groups]
    counts = [group.count for group in plan.groups]
    assert firsts == [0, *np.cumsum(counts)[:-1]]
    for group in plan.groups:
        if group.count:
            assert plan.group_of(group.first) is group
            assert plan.group_of(group.first + group.count - 1) is group


@given(st.lists(st.floats(0, 50), min_size=1, max_size=50), st.floats(0.01, 1.0))
def test_rounding_keeps_every_sum(amounts, scale):
    upto = cumulative_round(np.array(amounts), scale)
    assert np.abs(upto - np.cumsum(amounts) * scale).max() <= 0.5 + 1e-9
    assert (np.diff(upto) >= 0).all()


@given(first=st.integers(0, 29_000), count=st.integers(1, 1_000))
@settings(max_examples=30, deadline=None)
def test_a_person_is_the_same_in_any_range(plan, first, count):
    everybody = synthesize(plan.groups[0], plan.traits, 0, plan.persons)
    some = synthesize(plan.groups[0], plan.traits, first, count)
    for field in fields(People):
        expected = getattr(everybody, field.name)[first : first + count]
        np.testing.assert_array_equal(getattr(some, field.name), expected)


def test_traits_are_spread_as_expected(baseline):
    plan = plan_of(baseline, persons=300_000)
    people, number = plan.people(0, plan.persons), prepare(baseline)[0].number
    stock = prepare(baseline)[1].stock
    n = len(people)
    # Of independent draws one rank in 256 would be off by 0.09.
    assert np.abs(np.bincount(people.rank, minlength=RANKS) / n * RANKS - 1).max() < 0.06
    assert np.abs(np.bincount(people.month, minlength=12) / n * 12 - 1).max() < 0.01
    assert (people.track & 1).mean() == pytest.approx(
        stock[CADRES].sum() / stock[0].sum(), abs=2e-3
    )
    share = np.bincount(people.industry_class, minlength=8) / n
    assert share[:3] == pytest.approx(
        [number(f"injury.payroll_share_{industry_class}") for industry_class in (1, 2, 3)], abs=2e-3
    )
    assert people.contribution_index.mean() == pytest.approx(1.0, abs=2e-3)
    # No trait goes with another, nor with months.
    traits = np.stack([people.rank, people.month, people.industry_class, people.track]).astype(
        float
    )
    assert np.abs(np.corrcoef(traits) - np.eye(4)).max() < 0.01
    assert sum(getattr(people, field.name).nbytes for field in fields(People)) <= 48 * n


def test_persons_hold_what_their_cells_hold(baseline, expected):
    plan = plan_of(baseline, persons=300_000)
    people = plan.people(0, plan.persons)
    status = people.cell // (plan.code.places * plan.code.births)
    for quantity, held in enumerate((people.months, people.account / 100, people.pension / 100)):
        by_status = np.bincount(status, held, minlength=len(STATUSES)) / plan.scale
        wanted = expected.carried[0, quantity].sum(axis=-1)
        # Months spread by a third of their mean, evenly within each of many small cells.
        heads = np.bincount(status, minlength=len(STATUSES))
        assert (np.abs(by_status - wanted) <= wanted * (1e-3 + 1.0 / np.sqrt(heads)) + 1.0).all()


# At random


def test_a_run_of_persons_has_every_table_and_keeps_the_identities(people):
    for name in ("enrollment", "stocks", "flows", "channels", "targets", "ledger", "indicators"):
        assert len(getattr(people, name)), name
    assert len(people.parameters)
    assert len(people.checks) >= 12 and all(check.passed for check in people.checks)
    assert people.meta["engine"] == "micro"
    assert people.meta["seed"] == SEED
    assert people.meta["persons"] == 300_000
    assert people.projection.stock is None


def test_tables_have_the_rows_of_the_cohort_engine(people, result):
    for name in ("enrollment", "stocks", "flows", "ledger", "indicators", "parameters"):
        mine, theirs = getattr(people, name), getattr(result, name)
        keys = [key for key in mine if mine[key].dtype == object or key == "year"]
        assert (
            mine[keys]
            .drop(columns=["level"], errors="ignore")
            .equals(theirs[keys].drop(columns=["level"], errors="ignore"))
        ), name


def test_moves_are_as_frequent_as_expected(people):
    """Below any pensionable age every flow is binomial around the expected one: 5 sigma."""
    projection, expected = people.projection, people.simulation.expected
    weight = projection.weight
    compared = 0
    for year in (2021, 2022):
        for mine, theirs in zip(projection.flows[year], expected.flows[year], strict=True):
            assert (mine.source, mine.target, mine.reason) == (
                theirs.source,
                theirs.target,
                theirs.reason,
            )
            if mine.source in ("born", "arrived"):
                continue
            shape = (projection.persons.shape[2], len(SEXES), theirs.persons.shape[-1])
            wanted = np.zeros((*shape[:2], AGES))
            wanted[..., theirs.ages] = np.broadcast_to(theirs.persons, shape)
            mean = wanted[..., :48].sum(axis=-1) / weight
            counted = mine.persons[..., :48].sum(axis=-1) / weight
            assert (np.abs(counted - mean) <= 5 * np.sqrt(mean) + 3).all(), (
                mine.source,
                mine.target,
            )
            compared += int((mean > 50).sum())
    assert compared > 100


def test_heads_are_those_of_the_cohort_engine(people):
    """Within 5 sigma of a Poisson count of who moved, in every status and area below 48."""
    projection, expected = people.projection, people.simulation.expected
    young = projection.persons[1:3, ..., :48].sum(axis=(-2, -1)) / projection.weight
    wanted = expected.persons[1:3, ..., :48].sum(axis=(-2, -1)) / projection.weight
    assert (np.abs(young - wanted) <= 5 * np.sqrt(wanted) + 3).all()


def test_money_is_that_of_the_cohort_engine_within_a_few_percent(people):
    mine, theirs = people.projection.ledger.flows, people.simulation.expected.ledger.flows
    for fund, item in (
        *(("pension.enterprise", "employer"), ("pension.enterprise", "pension")),
        *(("pension.civil", "employee"), ("pension.resident", "resident")),
        *(("unemployment", "employer"), ("injury", "employer"), ("injury", "flat")),
    ):
        first = mine[fund, item][0].sum(), theirs[fund, item][0].sum()
        assert first[0] == pytest.approx(first[1], rel=0.01), (fund, item)


def test_persons_see_out_a_century(baseline):
    far = fs.run(baseline.with_({"horizon": 2060}), engine="micro", persons=2_000, seed=3)
    assert all(check.passed for check in far.checks)
    assert far.projection.persons[-1].sum() > 0


@pytest.mark.parametrize("name", ["fee-relief", "stress-recession", "three-part-indexing"])
def test_other_scenarios_keep_the_identities(name):
    found = fs.run(fs.load(name), engine="micro", persons=3_000, seed=SEED)
    assert all(check.passed for check in found.checks)
    assert len(found.targets) + len(found.channels) > 0


# What cannot be


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"engine": "person"}, "engine must be 'cohort' or 'micro', not 'person'"),
        ({"persons": 5_000}, "persons and seed are for engine='micro'"),
        ({"seed": 0}, "persons and seed are for engine='micro'"),
        ({"engine": "micro", "persons": 10**15}, "whole number from 1,000 to 10,000,000,000"),
        (
            {"engine": "micro", "persons": "some"},
            "give a number such as 30万, or full",
        ),
        ({"engine": "micro", "persons": 999}, "not 999"),
        ({"engine": "micro", "persons": True}, "not True"),
        ({"engine": "micro", "persons": 5e5}, "not 500000.0"),
        ({"engine": "micro", "seed": -1}, r"seed must be a whole number from 0 to 2\^64 - 1"),
        ({"engine": "micro", "seed": 2**64}, "seed must be a whole number"),
        ({"engine": "micro", "seed": 1.5}, "not 1.5"),
    ],
)
def test_arguments_that_cannot_be_are_refused(baseline, arguments, message):
    with pytest.raises(fs.InputError, match=message):
        fs.run(baseline, **arguments)


def test_another_order_of_the_year_is_refused(baseline):
    parameters, base = prepare(baseline)
    projection = cohort.project(parameters, base)
    events = list(projection.transitions.by_year[2021])
    order = [event for event, _ in events]
    events.insert(order.index(FIRST_HALF), events.pop(order.index(RETIREMENT)))
    other = replace(projection, transitions=Transitions({2021: tuple(events)}))
    with pytest.raises(NotImplementedError, match="in another order"):
        year_tables(other, parameters, 0, CellCode(5, 2020, 2025), None)


def test_new_persons_before_the_first_move_of_the_year_are_refused(baseline):
    # Their step would not say whether they take part in the half-year before it.
    parameters, base = prepare(baseline)
    projection = cohort.project(parameters, base)
    events = list(projection.transitions.by_year[2021])
    births = next(one for one in events if one[0].name == "births")
    events.remove(births)
    other = replace(projection, transitions=Transitions({2021: (events[0], births, *events[1:])}))
    with pytest.raises(NotImplementedError, match="inflows precede all moves of a half-year"):
        year_tables(other, parameters, 0, CellCode(5, 2020, 2025), None)


def test_pensioners_who_move_to_a_status_without_pension_are_refused(baseline):
    # Their pension would be kept, but not be evaluated.
    parameters, base = prepare(baseline)
    projection = cohort.project(parameters, base)
    chance = np.full((1, 5, len(SEXES), AGES), 0.01)
    back = (Move("retiree", "dormant", chance),)
    events = tuple(
        (event, (*moves, *back) if event.name == "labour" else moves)
        for event, moves in projection.transitions.by_year[2021]
    )
    other = replace(projection, transitions=Transitions({2021: events}))
    with pytest.raises(NotImplementedError, match="a move from retiree to dormant"):
        year_tables(other, parameters, 0, CellCode(5, 2020, 2025), None)


def test_codes_of_cells_are_read_back():
    code = CellCode(5, 2020, 2025)
    cells = block.decode(code)
    for status, place, birth in ((0, 0, 0), (3, 7, 55), (9, 9, 105)):
        cell = code.of(status, place, birth)
        assert (cells.status[cell], cells.place[cell], cells.birth[cell]) == (
            status,
            place,
            birth,
        )
    assert cells.status[-1] == len(STATUSES)
