"""Attribution to levers: steps that add up exactly, in a fixed order, and sizes by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

import fsinsure as fs
from foshan import CITY, GROWTH
from fsinsure.analysis import reasons
from fsinsure.analysis.reasons import PER_PERSON, SUBJECTS, Side, levels, levers, steps, table
from fsinsure.encode import csv_bytes
from fsinsure.output.levers import material
from fsinsure.output.terminal.side_by_side import balances, deferrals, why
from fsinsure.scenario.relief import Relief

NAMES = ("baseline", "low-growth", "plan-targets", "delayed-retirement", "table-baseline")
REFORMS = {
    "base.dormant": "55万",
    "base.benefit_share": "30%",
    "growth.flexible": {2021: "3%", 2022: "8%"},
    "coverage.injury.intern": "12%",
    "coverage.unemployment.flexible": "10%",
    "wage.growth": "3%",
    "pension.base_cap": 30000,
    "pension.employer_rate": "15%",
    "retirement.delay_from": 2021,
    "fund.interest": "1%",
    "mortality.table": "CL5-CL6",
}


def side(scenario: fs.Scenario) -> Side:
    return Side(scenario, fs.run(scenario).projection)


def of(found: pd.DataFrame, subject: str, kind: str = "fund") -> pd.Series:
    rows = found[(found["kind"] == kind) & (found["subject"] == subject)]
    return rows.set_index("lever")["value"]


reforms = st.dictionaries(st.sampled_from(sorted(REFORMS)), st.none(), max_size=5).map(
    lambda chosen: {name: REFORMS[name] for name in chosen}
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.sampled_from(NAMES), reforms, reforms, st.randoms())
def test_the_steps_add_up_exactly(one, other, first, second, random) -> None:
    short = {"horizon": 2022, "targets": []}
    pair = [
        fs.run(fs.load(name).with_({**changes, **short}, name=new))
        for name, changes, new in ((one, first, "first"), (other, second, "second"))
    ]
    found = fs.compare(*pair).reasons
    ends = [levels(result.projection, 2022) for result in pair]
    for (kind, subject, unit), low, high in zip(SUBJECTS, *ends, strict=True):
        values = of(found, subject, kind).tolist()
        random.shuffle(values)
        total = 0.0
        for value in values:
            total += value
        parts = PER_PERSON if unit == "persons" else 1
        assert total == (int(high) - int(low)) / parts  # to the last bit, in any order
        column, key, frame = (
            ("yuan", "fund", "ledger") if kind == "fund" else ("persons", "measure", "enrollment")
        )
        stands = []
        for result in pair:
            rows = getattr(result, frame)
            rows = rows[(rows["year"] == 2022) & (rows["area"] == CITY) & (rows[key] == subject)]
            if kind == "fund":
                rows = rows[rows["item"] == "closing"]
            stands.append(rows[column].item())
        # The tables are not rounded; each end is off by half a counting unit at most.
        assert abs(total - (stands[1] - stands[0])) <= 1.0 / parts + 1e-6


def test_switching_every_lever_gives_the_second_scenario_itself(baseline) -> None:
    changes = {**REFORMS, "horizon": 2023}
    second = baseline.with_(changes, name="second")
    switched = baseline.with_({"horizon": 2023})
    for lever in levers(baseline, second):
        switched = lever.switch(switched)
    assert switched.values == second.values
    assert np.array_equal(side(switched).projection.stock, side(second).projection.stock)


def test_one_lever_has_the_whole_difference(baseline, result) -> None:
    other = fs.run(baseline.with_({"growth.flexible": "10%"}, name="other"))
    compared = fs.compare(result, other)
    found = compared.reasons
    assert set(found["lever"]) == {"growth.flexible"}
    assert (found["scenario"].unique(), found["against"].unique()) == ("other", "baseline")
    assert len(found) == len(SUBJECTS)
    ledger = compared.ledger.query("scenario == 'other' and year == 2025 and item == 'closing'")
    ledger = ledger[ledger["fund"] == "pension.enterprise"]
    moved = of(found, "pension.enterprise").item()
    assert moved == pytest.approx(ledger["difference"].item(), abs=1.0)
    assert moved > 1e9
    people = compared.enrollment.query(
        "scenario == 'other' and year == 2025 and level == 'total' and measure == 'injury'"
    )
    gained = of(found, "injury", "measure").item()
    assert gained == pytest.approx(people["difference"].item(), abs=1 / PER_PERSON)
    assert gained > 1000


def test_the_effect_of_a_point_of_the_employer_rate_by_hand(baseline, result) -> None:
    other = fs.run(
        baseline.with_({"pension.employer_rate": "15%", "growth.civil_service": "1%"}, name="15")
    )
    found = fs.compare(result, other).reasons
    # 298.188万 employees of 2020 (306.39万 in unemployment insurance less institution staff) who
    # grow as estimated, those of mid-year paying; a mean base of 4,770 yuan in 2021, of 5,227 in
    # 2022 with the floor of July 2021 in the whole year, and 6 % more a year from then; a point for
    # 12 months; 12.5 % goes to the pool; 2.5 % interest from the middle of each year.
    people, due, balance = 2_981_880, 0.01 * 12, 0.0
    for growth, base in zip(GROWTH.values(), (4770, *5227 * 1.06 ** np.arange(4)), strict=True):
        paying, people = people * (1 + growth / 2), people * (1 + growth)
        balance = balance * 1.025 + paying * base * due * (1 - 0.125) * (1 + 0.025 / 2)
    moved = of(found, "pension.enterprise")
    assert moved["pension.employer_rate"] == pytest.approx(balance, rel=0.005)
    assert of(found, "unemployment")["pension.employer_rate"] == 0.0
    assert of(found, "pension.civil")["pension.employer_rate"] == 0.0
    assert abs(of(found, "pension.civil")["growth.civil_service"]) > 1e7


def test_the_order_is_that_of_the_parameters_with_behaviour_last(baseline, monkeypatch) -> None:
    changes = ["wage.growth", "growth.flexible", "pension.employer_rate", "base.dormant"]
    second = baseline.with_({name: REFORMS[name] for name in changes}, name="second")
    order = ["base.dormant", "growth.flexible", "wage.growth", "pension.employer_rate"]
    assert [lever.name for lever in levers(baseline, second)] == order
    assert [lever.name for lever in levers(second, baseline)] == order
    monkeypatch.setattr(reasons, "BEHAVIOUR", "growth.")
    order.append(order.pop(1))
    assert [lever.name for lever in levers(baseline, second)] == order


def test_an_interaction_of_two_levers_is_attributed_to_the_later(baseline) -> None:
    short = baseline.with_({"horizon": 2022})
    both = {"growth.flexible": "20%", "coverage.unemployment.flexible": "50%"}
    found = table(side(short), side(short.with_(both, name="both")))
    people = of(found, "unemployment", "measure")
    # Nobody is covered while flexible workers grow; then half of the grown number is.
    assert people["growth.flexible"] == pytest.approx(0.0, abs=1.0)
    assert people["coverage.unemployment.flexible"] == pytest.approx(
        0.5 * 294420 * 1.2**2, rel=1e-6
    )


def waived(share: float, line: int) -> Relief:
    return Relief("waive", ("injury",), "employer", 12 * 2022, 12 * 2022 + 5, share, position=line)


def test_reliefs_that_are_removed_come_before_those_that_are_added(baseline) -> None:
    first = replace(baseline, relief=(waived(0.5, 1), waived(0.3, 2), waived(0.3, 3)))
    second = replace(baseline, relief=(waived(0.3, 1), waived(1.0, 2), waived(0.2, 3)))
    found = levers(first, second)
    # One of the two reliefs of 0.3 stays, though it is in another line.
    assert [lever.name for lever in found] == [
        "relief[0] removed", "relief[2] removed", "relief[1] added", "relief[2] added",
    ]  # fmt: skip
    scenario = first
    shares = []
    for lever in found:
        scenario = lever.switch(scenario)
        shares.append([relief.share for relief in scenario.relief])
    assert shares == [[0.3, 0.3], [0.3], [0.3, 1.0], [0.3, 1.0, 0.2]]


def test_no_lever_is_written_as_a_formula(baseline, result) -> None:
    """The names of reliefs stand in the CSV as in the table: none begins with a sign."""
    relief = fs.load("fee-relief")
    forth = fs.compare(result, fs.run(relief)).reasons
    back = fs.compare(fs.run(relief), result).reasons
    assert set(forth["lever"]) == {"relief[0] added", "relief[1] added", "response.employment"}
    assert set(back["lever"]) == {"relief[0] removed", "relief[1] removed", "response.employment"}
    assert b"'" not in csv_bytes(forth) + csv_bytes(back)


def test_levers_that_cannot_be_switched_one_by_one_are_one_step(baseline) -> None:
    short = baseline.with_({"horizon": 2021})
    shares = {
        "base.injury_only_project_worker": 0.95,  # with 5 % interns and 25 % over-age: above one
        "base.injury_only_intern": 0.02,
        "base.injury_only_over_age_worker": 0.01,
        "wage.growth": 0.03,
    }
    second = short.with_(shares, name="second")
    found = [name for name, _ in steps(side(short), side(second))]
    *joined, alone = shares
    assert found == [" + ".join(joined), alone]


def test_a_pool_that_runs_dry_in_between_joins_levers_too(baseline, result) -> None:
    crowd = baseline.with_({"growth.employee": "20%", "migration.arrivals": "100万"}, name="crowd")
    with pytest.raises(fs.PoolError):
        fs.run(baseline.with_({"growth.employee": "20%"}, name="alone"))
    found = fs.compare(result, fs.run(crowd)).reasons
    assert set(found["lever"]) == {"growth.employee + migration.arrivals"}


def test_the_year_is_the_last_that_both_reach(baseline, result) -> None:
    far = baseline.with_({"horizon": 2030, "growth.flexible": "6%"}, name="far")
    for pair in ((result, fs.run(far)), (fs.run(far), result)):
        assert set(fs.compare(*pair).reasons["year"]) == {2025}


def test_what_is_set_to_its_default_is_no_lever_unless_it_grows(baseline) -> None:
    rate, twin = {"wage.cv": 0.6}, baseline.with_({}, name="twin")
    assert levers(baseline, baseline.with_(rate, name="same")) == []
    assert levers(baseline, baseline.with_({"targets": [], "horizon": 2030}, name="same")) == []
    assert len(levers(baseline, baseline.with_({"wage.cv": 0.7}, name="other"))) == 1
    # An amount that follows wages unless it is set is a lever, though it is equal now.
    cap = fs.run(baseline).resolved.path("pension.base_cap")
    fixed = baseline.with_({"pension.base_cap": dict(zip(range(2021, 2026), cap, strict=True))})
    assert [lever.name for lever in levers(baseline, fixed)] == ["pension.base_cap"]
    # A share held at the base year differs from one set to a number.
    held = baseline.with_({"coverage.injury.intern": 0.1})
    assert [lever.name for lever in levers(held, baseline)] == ["coverage.injury.intern"]
    empty = fs.compare(fs.run(baseline), fs.run(twin)).reasons
    assert list(empty.columns) == list(reasons.COLUMNS)
    assert empty.empty


def test_a_lever_without_effect_has_zeros(baseline, result) -> None:
    late = baseline.with_(
        {"horizon": 2030, "growth.flexible": {2021: "2.41%", 2027: "9%"}}, name="l"
    )
    found = fs.compare(result, fs.run(late)).reasons
    assert set(found["lever"]) == {"growth.flexible"}
    assert (found["value"] == 0.0).all()
    assert "没有明显影响" in why(found)


def test_a_life_table_is_read_from_the_folder_of_its_scenario(tmp_path: Path) -> None:
    rows = "".join(f"{age},0.01,0.01\n" for age in range(106))
    sides = []
    for name, rates in (("one", rows), ("two", rows.replace("0.01", "0.02"))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "table.csv").write_text("age,male,female\n" + rates, encoding="utf-8")
        file = folder / f"{name}.yaml"
        table_of = "mortality: {table: table.csv, table_year: 2020}"
        text = f"name: {name}\nextends: baseline\nhorizon: 2021\n{table_of}\n"
        file.write_text(text, encoding="utf-8")
        sides.append(side(fs.load(file)))
    found = table(*sides)
    assert set(found["lever"]) == {"mortality.table"}
    switched = levers(*(one.scenario for one in sides))[0].switch(sides[0].scenario)
    assert np.array_equal(side(switched).projection.stock, sides[1].projection.stock)


def test_every_scenario_is_compared_with_the_first(baseline, result, tmp_path) -> None:
    two = fs.run(baseline.with_({"growth.employee": "0%"}, name="two"))
    twin = fs.run(baseline.with_({"base.service_months_retiree": 250}, name="idle"))
    compared = fs.compare(result, two, twin)
    assert list(dict.fromkeys(compared.reasons["scenario"])) == ["two", "idle"]
    written = {path.name for path in compared.write(tmp_path / "out", lang="en")}
    drawn = {name for name in written if name.startswith("reasons_")}
    assert drawn == {"reasons_fund_two.png", "reasons_measure_two.png"}
    back = pd.read_csv(tmp_path / "out" / "reasons.csv")
    assert back["value"].tolist() == compared.reasons["value"].tolist()
    with pytest.raises(fs.InputError, match=r"'tow' is not compared.*Did you mean 'two'"):
        compared.plot_reasons(scenario="tow")
    with pytest.raises(fs.InputError, match="nothing to draw"):
        compared.plot_reasons(scenario="idle")
    with pytest.raises(fs.InputError, match="No kind 'fnd'"):
        compared.plot_reasons("fnd")


@pytest.mark.parametrize("engine", ["micro", "cohort"])
def test_the_attribution_of_persons_is_that_of_expected_values(baseline, result, engine) -> None:
    """No step has sampling variation, also where only one side was simulated."""
    reform = baseline.with_({"pension.employer_rate": "15%", "fund.interest": "1%"}, name="reform")
    persons = {"engine": "micro", "persons": 2_000}
    pair = fs.run(baseline, **persons), fs.run(reform, **(persons if engine == "micro" else {}))
    found, expected = fs.compare(*pair), fs.compare(result, fs.run(reform))
    pd.testing.assert_frame_equal(found.reasons, expected.reasons)
    closing = found.ledger.query("fund == 'pension.enterprise' and item == 'closing'")
    sampled = closing.query("year == 2025 and level == 'total' and scenario == 'reform'")
    steps_sum = of(found.reasons, "pension.enterprise").sum()
    assert abs(float(sampled["difference"].iloc[0]) - steps_sum) > 1.0, "persons are a sample"
    said = _texts(found.plot_reasons("fund", lang="en"))
    assert "Expected values of the cohort engine" in said
    assert "Expected values of the cohort engine" not in _texts(
        expected.plot_reasons("fund", lang="en")
    )


def _texts(picture) -> str:
    return " ".join(text.get_text() for text in picture.findobj(Text))


def rows(*parts: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("b", "a", step, lever, kind, subject, 2025, value)
            for step, (lever, kind_subject, value) in enumerate(parts, start=1)
            for kind, subject in [kind_subject.split(" ")]
        ],
        columns=["scenario", "against", "step", "lever", "kind", "subject", "year", "value"],
    ).assign(unit=lambda found: found["kind"].map({"fund": "yuan", "measure": "persons"}))


def test_the_text_lists_levers_by_size_and_sums_the_minor_ones() -> None:
    found = rows(
        ("x.small", "fund injury", -3e7),
        ("x.less", "fund injury", 2e9),
        ("x.more", "fund injury", -5.5e9),
        ("x.tiny", "fund injury", -2e7),
        ("x.little", "fund unemployment", 9e5),
        ("x.more", "measure injury", 12_345.0),
    )
    lines = why(found).splitlines()
    assert lines[0] == "b 与 a 为何不同（2025 年末，参数依次改变）"
    assert lines[1].split() == ["基金结余（亿元）", "差额"]
    assert lines[2].split(" = ")[1] == "x.more −55、x.less +20、其他 −0.5"
    assert lines[2].split()[:2] == ["工伤保险", "−35.5"]
    assert lines[4].split(maxsplit=1) == ["工伤保险", "+1.23 = x.more +1.23"]
    assert len(lines) == 5  # 90万 yuan are 0 in 亿元
    english = why(found, "en")
    assert "Work injury insurance" in english
    assert "-3.55 = x.more -5.5, x.less +2, Other -0.05" in english.replace("−", "-")
    assert set(material(found)["subject"]) == {"injury"}
    alone = why(found[found["lever"] != "x.tiny"])
    assert "x.more −55、x.less +20、x.small −0.3\n" in alone  # a single minor one keeps its name


def test_balances_are_those_of_the_last_year_of_all() -> None:
    ledger = pd.DataFrame(
        [
            ("a", 2025, "total", CITY, "injury", "closing", 4e9, 0.0),
            ("a", 2026, "total", CITY, "injury", "closing", 5e9, 0.0),
            ("b", 2025, "total", CITY, "injury", "closing", -1.5e9, -5.5e9),
            ("b", 2025, "total", CITY, "injury", "medical", 7e9, 1e9),
        ],
        columns=["scenario", "year", "level", "area", "fund", "item", "yuan", "difference"],
    )
    head, columns, *lines = balances(ledger).splitlines()
    assert "2025" in head and "亿元" in head
    assert columns.split() == ["基金", "a", "b"]
    assert [line.split() for line in lines] == [["工伤保险", "40", "−15", "(−55)"]]
    assert "(−5.5)" in balances(ledger, "en")


def test_deferrals_and_the_outstanding_part_are_reported(baseline) -> None:
    entry = {"action": "defer", "insurance": "injury", "payer": "employer", "from": "2022-01"}
    late = {**entry, "to": "2022-12", "repay_from": "2025-07", "repay_to": "2026-06"}
    line = deferrals(
        fs.compare(
            fs.run(baseline), fs.run(baseline.with_({"relief": [late]}, name="late"))
        ).ledger,
        "en",
    )
    found = re.fullmatch(
        r"late, deferred in 2022: ([0-9.]+) billion yuan; of all deferrals ([0-9.]+) billion yuan "
        r"are still owed at the end of 2025",
        line,
    )
    assert found is not None
    assert float(found[2]) == pytest.approx(float(found[1]) / 2, abs=0.001)
