"""Many draws with money: each is what a single projection of the same parameters gives."""

from __future__ import annotations

import numpy as np
import pytest

from fsinsure.base_year.closure import close_base
from fsinsure.engine.cohort import project, stream
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS, ITEMS

DRAWS = 9
MOVED = {
    "growth.employee": 0.02,
    "growth.flexible": 0.02,
    "growth.resident": 0.01,
    "wage.growth": 0.02,
    "price.growth": 0.02,
    "fund.interest": 0.005,
    "indexing.pension_rate": 0.01,
    "indexing.pension_flat": 30.0,
    "indexing.pension_wage_weight": 0.3,
    "indexing.resident_rate": 0.01,
    "pension.account_interest": 0.01,
    "pension.employer_rate": 0.01,
    "unemployment.employer_rate": 0.001,
    "injury.class_rate_4": 0.001,
    "mortality.improvement": 0.01,
    "labour.separation": 0.01,
    "migration.arrivals": 20_000.0,
    "retirement.min_months": 10.0,
    "retirement.withdraw_share": 0.2,
    "coverage.unemployment.flexible": 0.1,
    "income.urban": 200.0,
}
"""The paths that vary by draw, and by how much (a standard deviation)."""


@pytest.fixture(scope="module")
def prepared(baseline):
    parameters = resolve(baseline)
    base = close_base(parameters)
    return parameters.with_base_coverage(base.coverage), base


@pytest.fixture(scope="module")
def moved(prepared):
    """Values ``[draw, year]`` of each moved path, kept within its bounds."""
    parameters, _ = prepared
    random = np.random.default_rng(11)
    found = {}
    for name, spread in MOVED.items():
        values = parameters.path(name) + spread * random.standard_normal((DRAWS, 5))
        found[name] = np.clip(values, registry()[name].low, registry()[name].high)
    return found


@pytest.fixture(scope="module")
def drawn(prepared, moved):
    parameters, base = prepared
    return list(stream(parameters.with_draws(moved), base, money=True, block=7))


def joined(blocks):
    """Put the blocks together: enrollment, closing balances and flows of all draws."""
    flows = {key: np.concatenate([block.flows[key] for block in blocks]) for key in blocks[0].flows}
    people = np.concatenate([block.enrollment for block in blocks], axis=1)
    return people, np.concatenate([block.closing for block in blocks], axis=1), flows


def test_every_draw_is_the_projection_of_its_parameters(prepared, moved, drawn):
    parameters, base = prepared
    _, closing, flows = joined(drawn)
    assert set(flows) == {(fund, item) for fund in FUNDS for item in ITEMS[fund]}
    for draw in range(DRAWS):
        single = parameters.with_draws({name: values[draw] for name, values in moved.items()})
        ledger = project(single, base).ledger
        for index, fund in enumerate(FUNDS):
            np.testing.assert_allclose(closing[index, draw], ledger.closing[fund], rtol=1e-12)
        alone = {key: cells.sum(axis=-1) for key, cells in ledger.flows.items()}
        alone |= {(fund, "interest"): earned for fund, earned in ledger.interest.items()}
        for key, total in flows.items():
            np.testing.assert_allclose(total[draw], alone[key], rtol=1e-12, err_msg=str(key))


def test_what_varies_by_draw_moves_the_money(drawn):
    _, closing, flows = joined(drawn)
    assert (np.ptp(closing[:, :, 1:], axis=1) > 0).all()
    # Whatever is paid at all differs, but for amounts that a path gives for the whole city.
    given = {("pension.enterprise", "subsidy"), ("pension.civil", "subsidy")}
    for key, total in flows.items():
        if total.any() and key not in given:
            assert np.ptp(total, axis=0).any(), key


@pytest.mark.parametrize("block", [1, 2, 4, 32])
def test_any_block_size_gives_the_same_money(prepared, moved, drawn, block):
    parameters, base = prepared
    other = list(stream(parameters.with_draws(moved), base, money=True, block=block))
    assert len(other) == -(-DRAWS // block)
    (people, closing, flows), (people_other, closing_other, flows_other) = map(
        joined, (drawn, other)
    )
    np.testing.assert_array_equal(people_other, people)
    np.testing.assert_array_equal(closing_other, closing)
    for key, total in flows.items():
        np.testing.assert_array_equal(flows_other[key], total, err_msg=str(key))


def test_money_does_not_change_the_people(prepared, moved, drawn):
    parameters, base = prepared
    heads = list(stream(parameters.with_draws(moved), base, block=7))
    assert heads[0].closing is None
    assert not heads[0].flows
    people = np.concatenate([block.enrollment for block in heads], axis=1)
    np.testing.assert_allclose(people, joined(drawn)[0], rtol=1e-12)


def test_parameters_without_draws_are_one_draw(prepared):
    parameters, base = prepared
    (one,) = stream(parameters, base, money=True)
    closing = project(parameters, base).ledger.closing
    assert one.closing.shape == (len(FUNDS), 1, 6)
    np.testing.assert_allclose(one.closing[:, 0], [closing[fund] for fund in FUNDS], rtol=1e-12)
