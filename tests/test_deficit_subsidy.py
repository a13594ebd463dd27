"""What the treasury pays of what a fund lacks: by hand, by area, with draws, in both engines."""

from __future__ import annotations

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.checks import prepare
from fsinsure.engine.cohort import project, stream
from fsinsure.ledger import Book, close
from fsinsure.statuses import FUNDS

CIVIL = "pension.civil"
POOR = {"fund.share_civil": 0.0005, "civil.employer_rate": 0.02, "horizon": 2023, "targets": []}
"""A civil fund with hardly any balance, which ends in the first year."""


def books() -> list[Book]:
    """Three years of an income of 40, three parts from the first of two areas, and outgo of 100."""
    found = []
    for _ in range(3):
        book = Book(found[-1] if found else None)
        book.post(CIVIL, "employer", np.array([30.0, 10.0]))
        book.post(CIVIL, "pension", np.array([50.0, 50.0]))
        found.append(book)
    return found


def closed(part: float | list[list[float]]):
    opening = {**dict.fromkeys(FUNDS, 0.0), CIVIL: 100.0}
    path = np.broadcast_to(np.asarray(part, dtype=float), np.shape(part) or (3,))
    return close(np.arange(2020, 2024), books(), opening, np.full(3, 0.02), {CIVIL: path})


def test_all_of_the_shortfall_by_hand() -> None:
    ledger = closed(1.0)
    # 100 - 60 + 2 % of (100 - 30) = 41.4; then 41.4 - 60 + 2 % of (41.4 - 30) = -18.372; then from
    # zero -60 - 0.6.
    assert ledger.closing[CIVIL] == pytest.approx([100, 41.4, 0, 0], abs=1e-12)
    paid = ledger.flows[CIVIL, "deficit_subsidy"]
    assert paid.sum(axis=-1) == pytest.approx([0, 18.372, 60.6])
    assert paid[2] == pytest.approx([45.45, 15.15])  # as contributions
    assert ledger.interest[CIVIL] == pytest.approx([1.4, 0.228, -0.6])
    assert list(ledger.subsidised()) == [(CIVIL, 2022)]
    assert list(ledger.deficits()) == []


def test_half_of_the_shortfall_by_hand() -> None:
    ledger = closed(0.5)
    # -9.186 are left; then -9.186 - 60 + 2 % of (-9.186 - 30) = -69.96972, of which half is paid.
    assert ledger.closing[CIVIL] == pytest.approx([100, 41.4, -9.186, -34.98486])
    paid = ledger.flows[CIVIL, "deficit_subsidy"].sum(axis=-1)
    assert paid == pytest.approx([0, 9.186, 34.98486])
    assert list(ledger.deficits()) == [(CIVIL, 2022)]


def test_nothing_is_paid_where_the_part_is_zero_or_the_fund_has_none() -> None:
    ledger = closed(0.0)
    assert ledger.closing[CIVIL][-1] == pytest.approx(-18.372 - 60 + 0.02 * (-18.372 - 30))
    assert not ledger.flows[CIVIL, "deficit_subsidy"].any()
    assert list(ledger.subsidised()) == []


def test_a_part_for_each_draw() -> None:
    ledger = closed([[1.0] * 3, [0.5] * 3, [0.0] * 3])
    for draw, part in enumerate((1.0, 0.5, 0.0)):
        alone = closed(part)
        assert ledger.closing[CIVIL][draw] == pytest.approx(alone.closing[CIVIL])
        paid = ledger.flows[CIVIL, "deficit_subsidy"][draw]
        assert paid == pytest.approx(alone.flows[CIVIL, "deficit_subsidy"])


def test_many_draws_of_a_scenario() -> None:
    parameters, base = prepare(fs.load("baseline").with_(POOR))
    parts = np.array([1.0, 0.4, 0.0])[:, None] * np.ones(3)
    drawn = parameters.with_draws({"civil.deficit_subsidy": parts})
    (block,) = stream(drawn, base, money=True)
    index = FUNDS.index(CIVIL)
    for draw in range(3):
        one = parameters.with_draws({"civil.deficit_subsidy": parts[draw]})
        ledger = project(one, base).ledger
        assert block.closing[index, draw] == pytest.approx(ledger.closing[CIVIL], rel=1e-12)
    paid = block.flows[CIVIL, "deficit_subsidy"]
    assert (paid[0] > 1e6).all()
    assert paid[1, 0] == pytest.approx(0.4 * paid[0, 0])
    assert not paid[2].any()


def test_the_year_in_which_it_begins_is_that_in_which_the_fund_would_end() -> None:
    scenario = fs.load("long-run").with_({"horizon": 2040, "targets": []})
    helped, alone = fs.run(scenario), fs.run(scenario.with_({"civil.deficit_subsidy": 0}))
    ends = dict(alone.projection.ledger.deficits())[CIVIL]
    assert helped.meta["deficit_subsidies"] == {CIVIL: ends}
    assert CIVIL not in helped.meta["deficits"]
    rows = {
        name: one.indicators[one.indicators["fund"] == CIVIL].set_index("indicator")["value"]
        for name, one in (("helped", helped), ("alone", alone))
    }
    assert rows["helped"]["deficit_subsidy_year"] == rows["alone"]["depletion_year"] == ends
    assert np.isnan(rows["helped"]["depletion_year"])
    assert np.isnan(rows["alone"]["deficit_subsidy_year"])
    # What the treasury will have to pay is the debt, and no reason to call it smaller.
    for name in ("implicit_debt", "actuarial_balance"):
        assert rows["helped"][name] == pytest.approx(rows["alone"][name], rel=1e-12)
    closing = helped.ledger.query(f"fund == '{CIVIL}' and item == 'closing'").set_index("year")
    assert (closing["yuan"] >= 0).all()
    assert (closing.loc[ends:, "yuan"] == 0).all()


def test_areas_add_up_and_share_as_they_paid() -> None:
    table = fs.run(fs.load("baseline").with_(POOR)).ledger
    rows = table[(table["fund"] == CIVIL) & (table["year"] == 2022)]
    yuan = rows.pivot_table(index="area", columns="item", values="yuan")
    paid = yuan["employer"] + yuan["employee"]
    total = paid["foshan"]
    assert yuan["deficit_subsidy"]["foshan"] > 1e6
    shares = yuan["deficit_subsidy"] / yuan["deficit_subsidy"]["foshan"]
    assert shares.to_numpy() == pytest.approx((paid / total).to_numpy())


def test_both_engines_agree() -> None:
    scenario = fs.load("baseline").with_(POOR)
    cohort, micro = fs.run(scenario), fs.run(scenario, engine="micro", persons=200_000, seed=2)
    paid = []
    for result in (cohort, micro):
        ledger = result.projection.ledger
        assert ledger.closing[CIVIL][1:] == pytest.approx([0, 0, 0], abs=1e-3)
        paid.append(ledger.flows[CIVIL, "deficit_subsidy"].sum(axis=-1))
    assert (paid[0] > 0).all()
    assert paid[1] == pytest.approx(paid[0], rel=0.05)
    assert micro.agreement.passed


def test_the_command_says_when_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from fsinsure.cli import app

    for lang, words in (("en", "treasury pays the shortfall"), ("zh", "由财政补缺口")):
        arguments = ["run", "long-run", "--lang", lang, "--plots", "none"]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        assert words in done.output


def test_the_first_year_is_that_of_any_draw() -> None:
    # All is paid in the first draw, nothing in the second, whose balance is negative from 2022 on.
    ledger = closed([[1.0], [0.0]])
    assert list(ledger.subsidised()) == [(CIVIL, 2022)]
    assert list(ledger.deficits()) == [(CIVIL, 2022)]
