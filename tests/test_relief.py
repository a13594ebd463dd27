"""What reliefs do to the books: sizes by hand, months, repayment, and conservation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import fsinsure as fs
from foshan import as_found, grown
from fsinsure.analysis.check_base import check_base
from fsinsure.base_year.closure import close_base
from fsinsure.engine.cohort import stream
from fsinsure.ledger import CONTRIBUTIONS
from fsinsure.parameters import resolve
from fsinsure.scenario.relief import IN_FIRMS, PAYERS, month_text
from fsinsure.statuses import ITEMS, STATUS
from fsinsure.year import response
from fsinsure.year.terms import bases, employer_rates

EMPLOYEES = 2_981_880
THREE = ["pension.enterprise", "unemployment", "injury"]
ENTRY = {"action": "waive", "insurance": "pension.enterprise", "payer": "employer"}
YEAR = {"from": "2022-01", "to": "2022-12"}


@pytest.fixture(scope="module")
def baseline() -> fs.Scenario:
    return as_found()


@pytest.fixture(scope="module")
def result(baseline: fs.Scenario) -> fs.Result:
    return fs.run(baseline)


def as_2020(year: int) -> list[dict[str, object]]:
    """The reliefs of 2020 in another year."""
    entry = {"action": "waive", "insurance": THREE, "payer": "employer", "from": f"{year}-02"}
    return [
        {**entry, "to": f"{year}-12", "group": "small"},
        {**entry, "to": f"{year}-06", "group": "large", "share": "50%"},
    ]


def relieved(baseline: fs.Scenario, *entries: dict[str, object], **changes: object) -> fs.Result:
    return fs.run(baseline.with_({"relief": list(entries), **changes}, name="relieved"))


def yuan(result: fs.Result, fund: str, item: str) -> np.ndarray:
    """Yuan of the city in the projected years."""
    return result.projection.ledger.flows[fund, item].sum(axis=-1)


def waived(baseline: fs.Scenario, first: str, last: str) -> float:
    span = {"from": f"2022-{first}", "to": f"2022-{last}"}
    return float(yuan(relieved(baseline, {**ENTRY, **span}), "pension.enterprise", "waived")[1])


def people(result: fs.Result, status: str) -> np.ndarray:
    return result.projection.stock[:, 0, STATUS[status]].sum(axis=(-3, -2, -1))


def test_the_share_of_small_firms_is_the_calibrated_one(baseline):
    table = check_base(baseline).set_index("item")["value"]
    default = resolve(baseline).number("wage.small_firm_share")
    assert default == pytest.approx(table["small_firm_share"], abs=5e-4)
    # It is found there, not read.
    other = baseline.with_({"wage.small_firm_share": 0.1})
    assert check_base(other)["value"].equals(check_base(baseline)["value"])


def test_the_relief_of_2020_a_year_later_is_a_little_larger(baseline):
    result = relieved(baseline, *as_2020(2021))
    found = sum(yuan(result, fund, "waived")[0] for fund in THREE)
    # 137.64亿 in 2020; 2.7 % more people in mid-year, a base of 4,770 in the place of 4,457.
    assert found == pytest.approx(137.64e8 * (1 + grown(2021)) / 2 * 4770 / 4457, rel=0.01)


def test_relief_of_2022_is_months_times_shares_times_the_monthly_due(baseline, result):
    found = relieved(baseline, *as_2020(2022))
    # 322.5万 employees in the mean of the year x 5,091 x 13 % x 12 months = 256亿 of the year are
    # 21.3亿 a month; small firms (58.6 %) 11 months, large ones 2.5.
    months = 0.586 * 11 + 0.414 * 5 * 0.5
    due = yuan(result, "pension.enterprise", "employer")[1]
    forgone = yuan(found, "pension.enterprise", "waived")[1]
    employees = 2_981_900 * (grown(2021) + grown(2022)) / 2
    base = float(result.projection.laws[1].rate("base"))
    assert due == pytest.approx(employees * base * 0.13 * 12, rel=1e-3)
    assert forgone == pytest.approx(due / 12 * months, rel=0.01)
    assert yuan(found, "pension.enterprise", "employer")[1] == pytest.approx(due - forgone)


def test_relief_is_exact_to_the_month(baseline, result):
    first, second = waived(baseline, "01", "06"), waived(baseline, "07", "12")
    whole = yuan(result, "pension.enterprise", "employer")[1]
    assert first + second == pytest.approx(whole, rel=1e-12)
    assert waived(baseline, "02", "06") == pytest.approx(first * 5 / 6, rel=1e-12)
    assert waived(baseline, "05", "08") == pytest.approx((first + second) * 2 / 6, rel=1e-12)
    assert waived(baseline, "12", "12") == pytest.approx(second / 6, rel=1e-12)


def test_government_pays_on_for_its_staff(baseline, result):
    entry = {**ENTRY, **YEAR, "insurance": ["unemployment", "injury"]}
    found = relieved(baseline, entry)
    law = found.projection.laws[1]
    staff = people(found, "civil_service")[1]  # does not change in the baseline
    injury = staff * float(law.rate("base_civil") * law.rate("injury_rate_civil")) * 12
    assert yuan(found, "injury", "employer")[1] == pytest.approx(injury, rel=0.01)
    paid = yuan(found, "unemployment", "employer")[1]
    insured = 0.6 * staff * float(law.rate("base_civil") * law.rate("unemployment_rate")) * 12
    assert paid == pytest.approx(insured, rel=0.01)
    assert paid < 0.1 * yuan(result, "unemployment", "employer")[1]


def test_what_is_deferred_comes_back_in_equal_months(baseline, result):
    repay = {"repay_from": "2023-07", "repay_to": "2024-06"}
    found = relieved(baseline, {**ENTRY, **YEAR, "action": "defer", "share": "20%", **repay})
    fund = "pension.enterprise"
    deferred = 0.2 * yuan(result, fund, "employer")[1]
    by_hand = {
        "deferred": [0, deferred, 0, 0, 0],
        "deferred_outstanding": [0, deferred, deferred / 2, 0, 0],
        "repaid": [0, 0, deferred / 2, deferred / 2, 0],
        "waived": [0, 0, 0, 0, 0],
    }
    for item, expected in by_hand.items():
        np.testing.assert_allclose(yuan(found, fund, item), expected, rtol=1e-12, err_msg=item)
    # The fund has it all back; what it lost is interest (2.5 % for a year and a half).
    lost = result.projection.ledger.closing[fund] - found.projection.ledger.closing[fund]
    kept = deferred * (1 - 0.125)  # remittances follow what is paid
    assert lost[2] == pytest.approx(kept * (1 + 0.025 / 2), rel=1e-9)
    assert 0 < lost[-1] < 0.06 * deferred


def test_what_is_to_be_repaid_beyond_the_horizon_stays_owed(baseline):
    repay = {"repay_from": "2025-01", "repay_to": "2026-12"}
    found = relieved(baseline, {**ENTRY, **YEAR, "action": "defer", **repay})
    deferred, owed = (
        yuan(found, "pension.enterprise", item) for item in ("deferred", "deferred_outstanding")
    )
    assert deferred[1] > 0
    np.testing.assert_allclose(owed / deferred[1], [0, 1, 1, 1, 0.5], rtol=1e-12)


def test_deferrals_may_be_repaid_in_the_same_year(baseline):
    span = {"from": "2022-01", "to": "2022-06", "repay_from": "2022-10", "repay_to": "2022-12"}
    found = relieved(baseline, {**ENTRY, **span, "action": "defer"})
    flows = {
        item: yuan(found, "pension.enterprise", item)
        for item in ("deferred", "repaid", "deferred_outstanding")
    }
    assert flows["repaid"][1] == pytest.approx(flows["deferred"][1])
    assert flows["deferred"][1] > 0
    assert not flows["deferred_outstanding"].any()


def test_a_refund_is_given_back_beside_what_was_paid(baseline, result):
    entry = {**ENTRY, **YEAR, "insurance": "injury", "action": "refund", "share": "50%"}
    found = relieved(baseline, {**entry, "group": "large"}, **{"wage.small_firm_share": 0.6})
    fully = relieved(baseline, {**entry, "action": "waive", "share": "100%"})
    paid, before = yuan(found, "injury", "employer"), yuan(result, "injury", "employer")
    assert paid.tolist() == before.tolist()
    of_firms = yuan(fully, "injury", "waived")[1]
    assert yuan(found, "injury", "relief_refund")[1] == pytest.approx(0.2 * of_firms, rel=1e-12)


def test_refunds_to_firms_and_remittances_follow_what_was_paid(baseline, result):
    entry = {"insurance": "unemployment", "payer": "employer", **YEAR, "share": "40%"}
    repay = {"repay_from": "2023-01", "repay_to": "2023-12"}
    changes = {"pooling.remittance_unemployment": 0.1}
    found = relieved(baseline, {"action": "defer", **entry, **repay}, **changes)
    repaid = yuan(found, "unemployment", "repaid")[2]
    assert repaid > 0
    paid = sum(yuan(found, "unemployment", payer) for payer in ("employer", "employee"))
    refunds = yuan(found, "unemployment", "job_retention_refund")
    assert refunds[2] == pytest.approx(0.5 * 0.6 * paid[1], rel=1e-12)
    assert refunds[3] == pytest.approx(0.5 * 0.6 * (paid[2] + repaid), rel=1e-12)
    remitted = yuan(found, "unemployment", "remittance")
    everyone = paid + yuan(found, "unemployment", "flexible")
    everyone[2] += repaid
    np.testing.assert_allclose(remitted, 0.1 * everyone, rtol=1e-12)
    assert refunds[2] < yuan(result, "unemployment", "job_retention_refund")[2]


def test_members_keep_their_rights_when_their_own_part_is_waived(baseline, result):
    own = [{**ENTRY, **YEAR, "payer": payer} for payer in ("employee", "flexible")]
    found = relieved(baseline, *own)
    assert yuan(found, "pension.enterprise", "flexible")[1] == pytest.approx(0, abs=1)
    np.testing.assert_array_equal(found.projection.stock, result.projection.stock)


SHARE = st.sampled_from([0.05, 0.1, 0.25, 0.33])


@st.composite
def entries(draw: st.DrawFn) -> dict[str, object]:
    """A relief of at most a third, so that three of them fit together."""
    payer = draw(st.sampled_from(["employer", "employee", "flexible", "flat"]))
    funds = [fund for fund in PAYERS if payer in PAYERS[fund]]
    first = draw(st.integers(0, 11))
    last = draw(st.integers(first, 11))
    year = draw(st.integers(2021, 2024))
    entry = {
        "action": draw(st.sampled_from(["waive", "defer", "refund"])),
        "insurance": draw(st.lists(st.sampled_from(funds), min_size=1, unique=True)),
        "payer": payer,
        "share": draw(SHARE),
        "from": month_text(12 * year + first),
        "to": month_text(12 * year + last),
    }
    if payer in IN_FIRMS:
        entry["group"] = draw(st.sampled_from(["small", "large", "all"]))
    if entry["action"] == "defer":
        start = 12 * year + last + draw(st.integers(1, 30))
        entry["repay_from"] = month_text(start)
        entry["repay_to"] = month_text(start + draw(st.integers(0, 30)))
    return entry


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(listed=st.lists(entries(), min_size=1, max_size=3))
def test_contributions_are_conserved_under_any_relief(baseline, result, listed):
    found = relieved(baseline, *listed)  # an identity that does not hold would raise
    np.testing.assert_array_equal(found.projection.stock, result.projection.stock)
    with_relief, without = found.projection.ledger.flows, result.projection.ledger.flows
    touched = False
    for fund in THREE:
        payers = [item for item in ITEMS[fund] if item in CONTRIBUTIONS]
        due = sum(without[fund, payer] for payer in payers)
        paid = sum(with_relief[fund, payer] for payer in payers)
        missing = with_relief[fund, "waived"] + with_relief[fund, "deferred"]
        np.testing.assert_allclose(due - paid, missing, atol=1e-9 * due.max())
        owed = (with_relief[fund, "deferred"] - with_relief[fund, "repaid"]).cumsum(axis=0)
        np.testing.assert_allclose(
            with_relief[fund, "deferred_outstanding"], owed, atol=1e-9 * due.max()
        )
        assert (with_relief[fund, "deferred_outstanding"] >= 0).all()
        assert (missing + with_relief[fund, "relief_refund"] <= due * (1 + 1e-9)).all()
        touched = touched or bool((missing + with_relief[fund, "relief_refund"]).any())
    names = {name for entry in listed for name in entry["insurance"]}
    # Nobody flexible is in unemployment insurance in the baseline, so their dues are zero.
    assume(names != {"unemployment"} or {entry["payer"] for entry in listed} != {"flexible"})
    assert touched


def test_a_broken_deferral_is_noticed(baseline):
    from dataclasses import replace

    from fsinsure.engine.identities import check

    found = relieved(baseline, *as_2020(2022)).projection
    for item, message in (
        ("deferred_outstanding", "owed until repaid: injury"),
        ("waived", "deferred: injury 2022"),
    ):
        flows = dict(found.ledger.flows)
        flows["injury", item] = flows["injury", item] + np.array([0, 1e3, 0, 0, 0])[:, None]
        with pytest.raises(fs.IdentityError, match=message):
            check(replace(found, ledger=replace(found.ledger, flows=flows)))


# ---------------------------------------------------------------- response to cost


def test_cheaper_labour_keeps_people_by_the_elasticity(baseline, result):
    found = relieved(baseline, {**ENTRY, **YEAR}, **{"response.employment": -0.2})
    resolved = found.resolved
    base = bases(resolved)
    # Reference: 13 % pension, 0.8 % x 0.7 unemployment, injury 0.711 % halved.
    wage = 3900 * np.cumprod(1 + resolved.path("wage.growth"))
    paid = base["base"] * (0.13 + 0.003555) + base["base_unemployment"] * 0.0056
    # The whole 13 % are waived; injury is 0.62 % less a fifth in 2022.
    change = -base["base"][1] * (0.13 + 0.003555 - 0.00496) / (wage[1] + paid[1])
    multiplier = response.multipliers(resolved)["employee"][:, 0]
    assert multiplier[1] == pytest.approx((1 + change) ** -0.2, rel=1e-12)
    ratio = people(found, "employee") / people(result, "employee")
    np.testing.assert_allclose(ratio[1:], multiplier, rtol=1e-9)
    # 13 % of the base is a ninth or so of what labour costs: some 2 % of 331万 people.
    kept = people(found, "employee")[2] * (1 - 1 / multiplier[1])
    assert kept == pytest.approx(people(found, "employee")[2] - people(result, "employee")[2])
    assert 50_000 < kept < 95_000
    # When it ends, whom it kept leaves again.
    assert abs(ratio[3] - 1) < 1e-3


def test_the_reference_are_the_rates_of_the_base_year(baseline):
    dearer = baseline.with_({"pension.employer_rate": 0.16, "response.employment": -0.2})
    assert (response.multipliers(resolve(dearer).with_base_coverage(COVERED))["employee"] < 1).all()
    same = dearer.with_({"pension.employer_rate": 0.13, "injury.cut": 0.5})
    now = employer_rates(resolve(same), resolve(same).path)
    assert (now["pension.enterprise"] == 0.13).all()
    level = response.multipliers(resolve(same).with_base_coverage(COVERED))["employee"]
    np.testing.assert_allclose(level, 1, atol=1e-3)


COVERED = {"coverage.unemployment.flexible": 0.0}


def test_flexible_workers_respond_to_their_own_contribution(baseline, result):
    entry = {**ENTRY, **YEAR, "payer": "flexible", "share": "50%"}
    found = relieved(baseline, entry, **{"response.flexible": -0.3})
    ratio = people(found, "flexible") / people(result, "flexible")
    # Half of the contribution is left in 2022.
    np.testing.assert_allclose(ratio, [1, 1, 0.5**-0.3, 1, 1, 1], rtol=1e-9)
    same = people(found, "employee"), people(result, "employee")
    np.testing.assert_allclose(*same, rtol=1e-9)


def test_a_deferral_does_not_make_labour_cheaper(baseline):
    repay = {"repay_from": "2023-01", "repay_to": "2023-12"}
    plain = baseline.with_({"response.employment": -0.5})
    deferred = relieved(plain, {**ENTRY, **YEAR, "action": "defer", **repay})
    np.testing.assert_array_equal(deferred.projection.stock, fs.run(plain).projection.stock)


def test_a_refund_makes_labour_as_cheap_as_a_waiver(baseline):
    plain = baseline.with_({"response.employment": -0.5})
    one, other = (relieved(plain, {**ENTRY, **YEAR, "action": a}) for a in ("waive", "refund"))
    np.testing.assert_allclose(people(one, "employee"), people(other, "employee"), rtol=1e-12)


def test_without_an_elasticity_a_relief_moves_nobody(baseline, result):
    found = relieved(baseline, *as_2020(2022))
    np.testing.assert_array_equal(found.projection.stock, result.projection.stock)
    for level in response.multipliers(found.resolved).values():
        assert (level == 1).all()


def kept(result: fs.Result) -> list[float]:
    """People whom relief keeps, by projected year."""
    return result.indicators.query("indicator == 'people_kept'")["value"].tolist()


def test_whom_the_shipped_relief_keeps_by_hand():
    found = fs.run(fs.load("fee-relief"))
    # A wage of 4,382 yuan in 2022 (3,900 and two years of 6 %), a base of 5,227 (the floor of 2021
    # grown by 6 %), and 4,440 for unemployment; 14 % pension, 0.496 % injury, 0.56 % unemployment.
    # Small firms (58.6 %) save 11 months of it, large ones half of five.
    due = 5227 * (0.14 + 0.00496) + 4440 * 0.0056
    saved = 0.586 * 11 / 12 + 0.414 * 0.5 * 5 / 12
    cheaper = (4382 + due * (1 - saved)) / (4382 + due)
    share = 1 - cheaper**0.2
    assert share == pytest.approx(0.0197, abs=5e-5)
    # A point more of the base than in 2020, and injury at 0.496 % instead of 0.36 %, cost jobs.
    dearer = (4382 + due) / (4382 + due - 5227 * (0.01 + 0.00141))
    by_hand = EMPLOYEES * grown(2022) * dearer**-0.2 / (1 - share) * share
    assert kept(found) == pytest.approx([0, by_hand, 0, 0, 0], rel=1e-3)
    # They are the people who would not be there without the relief, and gone when it is over.
    without = fs.run(found.scenario.with_({"relief": []}, name="without"))
    fewer = people(found, "employee") - people(without, "employee")
    assert kept(found) == pytest.approx(fewer[1:].tolist(), abs=1e-3)
    assert people(found, "flexible") == pytest.approx(people(without, "flexible"))


def test_flexible_workers_are_kept_by_what_they_save_themselves(baseline, result):
    found = relieved(
        baseline,
        {**ENTRY, **YEAR, "payer": "flexible", "share": "50%"},
        **{"response.flexible": -0.3},
    )
    by_hand = people(result, "flexible")[2] * (0.5**-0.3 - 1)
    assert kept(found) == pytest.approx([0, by_hand, 0, 0, 0], rel=1e-9)


def test_without_an_elasticity_relief_keeps_nobody(baseline):
    found = relieved(baseline, *as_2020(2022))
    assert kept(found) == [0.0] * 5
    assert all((share == 0).all() for share in response.kept_by_relief(found.resolved).values())


def test_lower_rates_are_no_relief_and_keep_nobody(baseline):
    changes = {"pension.employer_rate": "12%", "response.employment": -0.2}
    found = relieved(baseline, **changes)
    assert (response.multipliers(found.resolved)["employee"] > 1.001).all()
    assert kept(found) == [0.0] * 5
    # Beside a relief they are not counted as its work: without it the rates are the same.
    both = relieved(baseline, *as_2020(2022), **changes)
    fewer = people(both, "employee") - people(found, "employee")
    assert kept(both) == pytest.approx(fewer[1:].tolist(), abs=1e-3)
    assert 0 < kept(both)[1] < people(both, "employee")[2] - people(fs.run(baseline), "employee")[2]


def test_the_parameters_table_shows_the_paths_as_set(baseline, result):
    found = relieved(baseline, *as_2020(2022), **{"response.employment": -0.2})
    shown, before = (
        run.parameters.query("parameter == 'growth.employee'")["value"].tolist()
        for run in (found, result)
    )
    assert shown == before


def test_draws_respond_like_a_single_run(baseline):
    scenario = baseline.with_({"relief": as_2020(2022), "response.employment": -0.2})
    parameters = resolve(scenario)
    base = close_base(parameters)
    held = parameters.with_base_coverage(base.coverage)
    drawn = held.with_draws({"growth.employee": np.stack([held.path("growth.employee")] * 2)})
    (counts,) = stream(drawn, base)
    table = fs.run(scenario).enrollment.query("level == 'area'")
    single = table.pivot_table(index="measure", columns="year", values="persons", aggfunc="sum")
    several = counts.enrollment.sum(axis=-1)
    measures = table["measure"].drop_duplicates().tolist()
    for draw in range(2):
        np.testing.assert_allclose(several[:, draw], single.loc[measures].to_numpy(), rtol=1e-9)


def test_a_response_beyond_the_pools_is_the_usual_error(baseline):
    with pytest.raises(fs.PoolError, match=r"2022: growth\.flexible asks for"):
        relieved(
            baseline,
            {**ENTRY, **YEAR, "payer": "flexible", "share": "95%"},
            **{"response.flexible": -3},
        )


def test_without_a_contribution_there_is_no_response(baseline):
    entry = {**ENTRY, **YEAR, "payer": "flexible"}
    with pytest.raises(fs.InputError, match=r"response\.flexible: flexible members pay no contr"):
        relieved(baseline, entry, **{"response.flexible": -0.1})
    assert relieved(baseline, entry).checks


@pytest.mark.parametrize("name", ["fee-relief", "deferral"])
def test_the_shipped_scenarios_do_what_they_say(name):
    found, result = fs.run(fs.load(name)), fs.run(fs.load("baseline"))
    moved = {
        item: float(sum(yuan(found, fund, item)[1] for fund in THREE))
        for item in ("waived", "deferred", "relief_refund")
    }
    # Due in a month, 14 % for pensions, 0.496 % and 0.56 % for injury and unemployment, for those
    # employed at the start in the first half (24.6亿), and at the end in the second (25.9亿).
    each = 5227 * (0.14 + 0.00496) + 4439 * 0.0056
    first, last = (EMPLOYEES * grown(year) * each for year in (2021, 2022))
    if name == "fee-relief":
        # Small firms 5 months of the first half and 6 of the second, large ones half of 5. Dearer
        # labour costs 0.2 % of the jobs of 2021; relief keeps 1.8 % more at the end of 2022.
        of_months = (0.586 * 5 + 0.414 * 0.5 * 5) * first * 0.998 + 0.586 * 6 * last * 1.018
        assert moved["waived"] == pytest.approx(of_months, rel=0.002)  # 190亿
        assert people(found, "employee")[2] > people(result, "employee")[2] + 40_000
    else:
        # A third of what small firms owe for three months of the first half and six of the second.
        by_hand = 0.33 * 0.586 * (3 * first + 6 * last)
        assert moved["deferred"] == pytest.approx(by_hand, rel=0.002)  # 44亿
        np.testing.assert_array_equal(found.projection.stock, result.projection.stock)
    assert sum(moved.values()) == moved["waived" if name == "fee-relief" else "deferred"]
