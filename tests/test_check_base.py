"""The money of the base year is plausible, and what is not is said."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from foshan import as_found
from fsinsure.analysis.anchors import first_year
from fsinsure.analysis.check_base import COLUMNS, check_base
from fsinsure.cli import app
from fsinsure.dims import QUANTITIES
from fsinsure.output.labels import LANGUAGES
from fsinsure.output.terminal.base_check import amount, base_check

YI = 1e8


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return check_base(fs.load("baseline")).set_index(["check", "item"])


def values(found: pd.DataFrame, check: str) -> pd.Series:
    return found.loc[check, "value"]


def test_what_is_due_from_employers_in_a_month(base: pd.DataFrame) -> None:
    """Some 298万 employees with 4,460 yuan, 13 + 0.56 + 0.36 %, less on the lower base of the 0.56.

    Industry classes of 0.2 to 1.9 % weigh 0.711 % together, cut by half; unemployment is 0.8 % with
    a mean factor of 0.7, on bases that the minimum wage and not 3,376 yuan bounds from below.
    """
    shares = (0.20, 0.15, 0.15, 0.35, 0.08, 0.04, 0.02, 0.01)
    rates = (0.002, 0.004, 0.007, 0.009, 0.011, 0.013, 0.016, 0.019)
    injury = sum(share * rate for share, rate in zip(shares, rates, strict=True)) / 2
    found = values(base, "relief")
    assert found["employees"] == pytest.approx(298e4, rel=0.005)
    assert 3_900 < found["mean_base"] < 4_600
    highest = 0.13 + injury + 0.008 * 0.7
    assert highest - 0.0056 * 0.15 < found["employer_rate"] < highest
    assert found["monthly_due"] == pytest.approx(
        found["employees"] * found["mean_base"] * found["employer_rate"]
    )


def test_the_relief_of_2020_implies_a_plausible_share_of_small_firms(base: pd.DataFrame) -> None:
    """Small firms 11 months in full, large ones 5 by half: due × (11 s + 2.5 (1 − s)) = 137.64."""
    found = values(base, "relief")
    due = found["monthly_due"] / YI
    share = (137.64 / due - 2.5) / (11 - 2.5)
    assert found["small_firm_share"] == pytest.approx(share)
    assert 0.5 < share < 0.75
    assert found["by_rule"] == pytest.approx(137.64 * YI, rel=0.01)
    assert base.loc[("relief", "by_rule"), "published"] == 13_764_000_000
    assert base.loc["relief", "plausible"].tolist()[-2:] == [True, True]


def test_the_pensions_of_2020(base: pd.DataFrame) -> None:
    """65万 people with 3,449 yuan a month: 269.02 亿, in months of the fund's 82 % of 643.36."""
    found = values(base, "pension")
    assert found["bill"] == pytest.approx(65e4 * 3_449 * 12)
    assert base.loc[("pension", "bill"), "published"] == 26_902_200_000
    assert base.loc[("pension", "bill"), "plausible"]
    relief = values(base, "relief")
    employees = relief["employees"] * relief["mean_base"] * (0.13 + 0.08) * 12
    # 29.4万 flexible workers pay 20 % of little more than the floor.
    flexible = (327.63e4 - relief["employees"]) * 3_376 * 1.1 * 0.20 * 12
    assert found["contributions_due"] == pytest.approx(employees + flexible, rel=0.03)
    assert found["bill_share"] == pytest.approx(found["bill"] / found["contributions_due"])
    assert found["reserve_months"] == pytest.approx(0.82 * 643.36 / 269.022 * 12)


def test_the_mean_wage_of_2019_by_hand(base: pd.DataFrame) -> None:
    """159.87万 in private units or self-employed with 58,953, 152万 in others with 85,481."""
    mean = (159.8683 * 58_953 + 152 * 85_481) / (159.8683 + 152) / 12
    found = values(base, "wages")
    assert found["published_mean"] == pytest.approx(mean)
    assert found["base_share"] == pytest.approx(values(base, "relief")["mean_base"] / mean)
    assert base.loc[("wages", "base_share"), "evidence"] == "independent"


def test_a_member_brings_in_and_costs_about_what_he_does_in_the_nation(base: pd.DataFrame) -> None:
    """The nation (万人, 亿元): 20542.6638 with 1272.5764, 19643.454 with 909.928 in 2018 ..."""
    published = base.loc["per_head", "published"]
    assert published["unemployment_income"] == pytest.approx(1272.5764e4 / 20542.6638, abs=0.6)
    assert published["unemployment_outgo"] == pytest.approx(909.928e4 / 19643.454, abs=0.6)
    assert published["injury_income"] == pytest.approx(815.6662e4 / 25474.4003, abs=0.6)
    assert published["injury_outgo"] == pytest.approx(817.3791e4 / 25474.4003, abs=0.6)
    assert base.loc["per_head", "plausible"].all()
    first = fs.run(fs.load("baseline").with_({"horizon": 2021}))
    posted = first.ledger.query("level == 'total' and year == 2021 and fund == 'injury'")
    outgo = posted.loc[posted["kind"] == "outgo", "yuan"].sum()
    people = first.enrollment.query("level == 'total' and year == 2021 and measure == 'injury'")
    # The rate of pensions, all that the baseline sets, is none of the injury fund.
    assert values(base, "per_head")["injury_outgo"] == pytest.approx(
        outgo / people["persons"].item(), rel=1e-9
    )


def test_interest_is_no_amount_a_member(base: pd.DataFrame) -> None:
    """Employers pay 0.56 and employees 0.2 % of some 4,150 yuan, half of the growth is there."""
    hand = 12 * (0.0056 + 0.002) * 4_150 * (1 + 0.0537 / 2) / 1.0537
    found = values(base, "per_head")
    assert found["unemployment_income"] == pytest.approx(hand, rel=0.05)  # interest would be 40
    first = fs.run(fs.load("baseline").with_({"horizon": 2021}))
    for fund in ("unemployment", "injury"):
        posted = first.ledger.query(f"level == 'total' and year == 2021 and fund == '{fund}'")
        income = posted[posted["kind"] == "income"].set_index("item")["yuan"]
        assert income["interest"] / income.sum() > 0.03
        people = first.enrollment.query(
            f"level == 'total' and year == 2021 and measure == '{fund}'"
        )
        assert found[f"{fund}_income"] == pytest.approx(
            (income.sum() - income["interest"]) / people["persons"].item(), rel=1e-9
        )


def test_the_first_year_has_the_life_table_and_the_shapes_of_the_scenario() -> None:
    base = fs.load("baseline")
    table, shape = {"mortality.table": "CL5-CL6"}, {"profile.employee.male": {20: 1, 60: 1}}
    later = {"growth.employee": "1%", "retirement.delay_from": 2021}
    plain = first_year(base).stock
    for own in (table, shape):
        found = first_year(base.with_({**own, **later})).stock
        expected = fs.run(base.with_({**own, "horizon": 2021})).projection.stock
        for year in (0, 1):
            people = found[year][QUANTITIES.index("persons")]
            assert np.allclose(people, expected[year][QUANTITIES.index("persons")])
        assert not np.allclose(people, plain[1][QUANTITIES.index("persons")])


def test_new_pensions_dilute_more_than_the_published_growth_allows(base: pd.DataFrame) -> None:
    """28 % in 2016-2020 beside rises of 6.5, 5.5, 5, 5, 5 %; 2021 from the tables of a run."""
    row = base.loc[("pension", "dilution")]
    rises = 1.065 * 1.055 * 1.05**3
    assert row["published"] == pytest.approx((1.28 / 1.3007) ** 0.2 - 1, abs=1e-12)
    assert rises == pytest.approx(1.3007, abs=0.00005)
    assert row["published"] == pytest.approx(-0.0032, abs=0.00005)
    found = fs.run(fs.load("baseline").with_({"horizon": 2021})).indicators
    means = found[found["indicator"] == "average_pension"].set_index(["fund", "year"])["value"]
    mean = means["pension.enterprise", 2021]
    assert row["value"] == pytest.approx(mean / (3_449 * 1.045) - 1, abs=1e-9)
    assert row["evidence"] == "independent"
    assert not row["plausible"]  # docs/assumptions.md: what remains is not explained


def test_the_registered_share_of_those_who_retire_by_hand() -> None:
    """Registered people with the ages of the nation (WPP, thousand) over the residents of 2020."""
    nation, registered = 1_424_932, 473.77e4
    # Women of 45-49 reach 50 from 2021 on, women of 50-54 reach 55, men of 55-59 reach 60.
    share = {
        age: registered * people / nation / residents
        for age, people, residents in (
            (45, 116_597, 412_031 + 484_538),
            (50, 119_239, 332_243 + 402_722),
            (55, 97_313, 231_571 + 267_465),
        )
    }
    assert [round(share[age], 2) for age in (55, 45, 50)] == [0.65, 0.43, 0.54]
    # Years from 20 to mid-1998, mean of the five years of award 2021 to 2025.
    years = {55: 0.45 * 15.5, 45: 0.45 * 5.5, 50: 0.10 * 10.5}
    found = []
    for weight, density in ((1, 0.55), (0.5, 0.65), (0, 0.65)):
        here = {age: one / (one + (1 - one) * weight) for age, one in share.items()}
        found.append(density * sum(years[age] * here[age] for age in years))
    first = fs.load("baseline").region.values["pension.deemed_years"][0]
    assert found == pytest.approx([first.low, float(first.text), first.high], abs=0.05)


def test_all_funds_grow_as_they_did_before_relief() -> None:
    """(643.36 - 643.36 / 1.2999 + relief) / 5, the relief of 2020 alone or of 2016-2020.

    Under the rates of 2020, when employers paid 13 %: the 14 % of 2021 bring more on top.
    """
    posted = fs.run(as_found().with_({"horizon": 2021, "targets": []})).ledger
    closing = posted.query("level == 'total' and item == 'closing'").groupby("year")["yuan"].sum()
    grown = 643.36 - 643.36 / 1.2999
    low, high = ((grown + relief) / 5 for relief in (137.64, 152.34))
    assert low < (closing[2021] - closing[2020]) / YI < high


def test_what_set_an_assumption_is_no_independent_evidence(base: pd.DataFrame) -> None:
    evidence = base["evidence"]
    assert evidence["relief", "small_firm_share"] == "calibrated"
    assert evidence["pension", "bill"] == "input"
    assert evidence["balance", "yearly_growth"] == "input"  # the published growth, a year
    assert evidence["per_head", "injury_income"] == "independent"
    assert evidence["per_head", "injury_outgo"] == "calibrated"
    assert evidence["per_head", "unemployment_outgo"] == "independent"
    assert (evidence[base["published"].notna() & base["plausible"].notna()] != "").all()


def test_the_growth_of_the_balance(base: pd.DataFrame) -> None:
    """643.36 / 1.2999 = 494.93 亿 in 2015; 5.39 % a year, or 29.69 亿."""
    found = values(base, "balance")
    assert found["growth"] == 0.2999
    assert found["opening"] / YI == pytest.approx(494.93, abs=0.005)
    assert found["yearly_growth"] == pytest.approx(0.0539, abs=0.00005)
    assert found["opening"] * (1 + found["yearly_growth"]) ** 5 == pytest.approx(643.36 * YI)
    assert found["yearly_increase"] / YI == pytest.approx(29.69, abs=0.005)
    assert base.loc[("balance", "yearly_growth"), "plausible"]


@pytest.mark.parametrize(("wage", "side"), [(2_000, 1), (9_000, -1)])
def test_a_wage_that_does_not_fit_is_in_doubt(wage: float, side: int, base: pd.DataFrame) -> None:
    scenario = fs.load("baseline").with_({"wage.mean": wage}, name="other")
    found = check_base(scenario).set_index(["check", "item"])
    share = found.loc[("relief", "small_firm_share")]
    assert side * (share["value"] - base.loc[("relief", "small_firm_share"), "value"]) > 0
    assert not share["plausible"]
    assert not found.loc[("relief", "by_rule"), "plausible"]
    assert found.loc[("pension", "bill"), "plausible"]


def test_values_after_the_base_year_have_no_effect(base: pd.DataFrame) -> None:
    later = fs.load("baseline").with_({"pension.employer_rate": "10%", "wage.growth": "9%"})
    pd.testing.assert_frame_equal(check_base(later).set_index(["check", "item"]), base)


def test_the_table_is_tidy() -> None:
    found = check_base(fs.load("baseline"))
    assert tuple(found.columns) == COLUMNS
    assert found["value"].notna().all()
    assert not found.duplicated(["check", "item"]).any()
    judged = found["low"].notna() | found["high"].notna()
    assert (found["plausible"].notna() == judged).all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_printed_table_has_every_line_in_both_languages(lang: str) -> None:
    found = check_base(fs.load("baseline"))
    report = base_check(found, "baseline", 2020, lang)
    assert len(report.splitlines()) == 2 + len(found) + found["check"].nunique()
    assert {"zh": "137.64 亿元", "en": "13.76 billion yuan"}[lang] in report
    assert "29.99%" in report
    assert {"zh": "合理", "en": "plausible"}[lang] in report
    assert lang == "zh" or not re.search(r"[一-鿿]", report)


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0.58563, "fraction", "58.56%", "58.56%"),
        (2_981_880, "persons", "298.19 万人", "2.98 million persons"),
        (13_764_000_000, "yuan", "137.64 亿元", "13.76 billion yuan"),
        (4_456.6, "yuan_month", "4,457 元/月", "4,457 yuan a month"),
        (23.53, "months", "23.5 个月", "23.5 months"),
    ],
)
def test_amounts_have_their_unit(value: float, unit: str, zh: str, en: str) -> None:
    assert (amount(value, unit, "zh"), amount(value, unit, "en")) == (zh, en)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["check-base", "--lang", "zh"])
    # One figure is in doubt, the dilution of the mean pension.
    assert done.exit_code == 1, done.stderr
    assert done.stdout.startswith("2020 年基数核对：情景 baseline")
    assert done.stdout.count("存疑") == 1
    english = CliRunner().invoke(app, ["check-base", "baseline", "--lang", "en"])
    assert english.exit_code == 1
    assert english.stdout.startswith("Plausibility of 2020: scenario baseline")


def test_the_command_exits_with_1_in_doubt_and_2_on_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "name: high\nextends: baseline\nwage:\n  mean: 9000\n"
    Path("high.yaml").write_text(text, encoding="utf-8")
    doubtful = CliRunner().invoke(app, ["check-base", "high.yaml", "--lang", "en"])
    assert doubtful.exit_code == 1
    assert "doubtful" in doubtful.stdout
    bad = CliRunner().invoke(app, ["check-base", "no-such-scenario"])
    assert bad.exit_code == 2
    assert bad.stderr.startswith("error: ")
