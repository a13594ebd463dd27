"""The what-if page without a browser: controls to scenario, result to the numbers shown."""

from __future__ import annotations

import io
import math
import re
from xml.etree import ElementTree

import pytest

import fsinsure as fs
from fsinsure.app import figures, tables
from fsinsure.app.controls import Kept, moved
from fsinsure.app.levers import Slider, sections, year_shown
from fsinsure.app.model import (
    Setting,
    Shown,
    projected,
    scenario_of,
    sliders_of,
    workbook_of,
    yaml_of,
)
from fsinsure.app.range import draw
from fsinsure.app.reasons import reasons
from fsinsure.app.seek import seek
from fsinsure.app.svg import bars, tidy_step
from fsinsure.errors import FsinsureError
from fsinsure.output.levers import lever_name
from fsinsure.output.numbers import Unit
from fsinsure.registry import registry
from fsinsure.scenario import Scenario
from fsinsure.scenario.loader import parsed

MILLION = Unit(1e6, "million")


@pytest.fixture(scope="module")
def own() -> Scenario:
    return fs.load("baseline")


@pytest.fixture(scope="module")
def shown(own: Scenario) -> Shown:
    return Shown(projected(own))


def slider(scenario: Scenario, name: str) -> Slider:
    return next(one for one in sliders_of(scenario) if one.name == name)


def reread(text: str, scenario: Scenario) -> Scenario:
    """Return what an exported text holds, as a file beside the scenario that was opened."""
    assert scenario.folder is not None
    return parsed(text, scenario.folder, "what-if.yaml")


def path(scenario: Scenario, name: str) -> list[float]:
    """Return what a run of a scenario uses, from its table of parameters."""
    table = fs.run(scenario).parameters
    rows = table[(table["parameter"] == name) & (table["year"] > scenario.region.base_year)]
    return [float(value) for value in rows["value"]]


@pytest.mark.parametrize("name", ["baseline", "example", "china", "observed", "fee-relief"])
def test_controls_that_nobody_moved_give_the_scenario_itself(name: str) -> None:
    own = fs.load(name)
    levers = {one.name: one.start for one in sliders_of(own)}
    assert levers
    assert scenario_of(own, Setting(levers=levers)).hash == own.hash
    assert scenario_of(own, Setting()).hash == own.hash


def test_a_slider_changes_every_year_by_the_same_amount(own: Scenario) -> None:
    one = slider(own, "growth.employee")
    assert one.year == 2025
    assert one.start == 4.94  # the estimate of 2025, per cent
    changed = scenario_of(own, Setting(levers={one.name: 5.94}))
    before, after = path(own, one.name), path(changed, one.name)
    assert [round(b - a, 12) for a, b in zip(before, after, strict=True)] == [0.01] * 5
    assert "{2021: 6.37%, 2022: 6.26%" in yaml_of(changed)


def test_areas_keep_their_differences() -> None:
    own = fs.load("example").with_(
        {"growth.employee": {"north": "1%", "south": "3%", "islands": "2%"}}
    )
    one = slider(own, "growth.employee")
    assert one.start == 2.0  # their mean
    changed = scenario_of(own, Setting(levers={one.name: 3.0}))
    table = fs.run(changed).parameters
    rows = table[(table["parameter"] == one.name) & (table["year"] == own.horizon)]
    values = dict(zip(rows["area"], rows["value"].astype(float), strict=True))
    assert values == pytest.approx({"north": 0.02, "south": 0.04, "islands": 0.03}, abs=1e-12)


@pytest.mark.parametrize("name", ["baseline", "example", "china"])
def test_sliders_stay_within_the_registry(name: str) -> None:
    own = fs.load(name)
    for one in sliders_of(own):
        known = registry()[one.name]
        steps = one.steps()
        assert known.low is not None
        assert known.high is not None
        assert steps == sorted(set(steps))
        assert min(steps) >= known.low * one.factor - 10**-one.decimals, one.name
        assert max(steps) <= known.high * one.factor + 10**-one.decimals, one.name
        assert one.start in steps
        assert f"{one.step:.6e}"[:8] in ("1.000000", "2.000000", "5.000000"), one.name
        assert len(steps) >= 200


def test_levers_are_those_of_the_region() -> None:
    names = {name: [one.name for one in sliders_of(fs.load(name))] for name in ("china", "example")}
    for name, found in names.items():
        closing = set(fs.load(name).region.closing_levers.values())
        assert closing <= set(found)
        assert {"growth.employee", "growth.flexible", "coverage.unemployment.flexible"} <= set(
            found
        )
    titles = list(sections(sliders_of(fs.load("example")), "en"))
    assert titles[0] == "Yearly growth of year-end numbers"


def test_the_figures_are_those_of_the_library_for_the_exported_file(own: Scenario) -> None:
    setting = Setting(
        horizon=2028,
        delay="2026",
        rule="prices",
        relief="waive",
        relief_year=2022,
        relief_share=0.5,
        levers={"growth.flexible": 6.0, "coverage.injury.intern": 10.0},
        other="growth.civil_service: 1%",
    )
    changed = scenario_of(own, setting)
    again = reread(yaml_of(changed), changed)
    assert again.hash == changed.hash != own.hash
    page, library = Shown(projected(changed)), fs.run(again)
    for goal, row in zip(page.goals, library.targets.to_dict("records"), strict=True):
        assert (goal.measure, goal.projected, goal.gap) == (
            row["measure"],
            row["projected"],
            row["gap"],
        )
    people = library.enrollment.query("level == 'total' and measure == 'injury'")
    assert page.curve("injury") == dict(zip(people["year"], people["persons"], strict=True))
    money = library.ledger.query("level == 'total' and item == 'closing' and fund == 'injury'")
    assert page.balance("injury") == dict(zip(money["year"], money["yuan"], strict=True))
    assert changed.name == "baseline-what-if"


def test_choices_are_what_a_file_would_set(own: Scenario) -> None:
    chosen = scenario_of(own, Setting(delay="2025", rule="wages"))
    by_hand = own.with_(
        {
            "retirement.delay_from": 2025,
            "indexing.pension_rate": 0,
            "indexing.pension_flat": 0,
            "indexing.pension_per_year": 0,
            "indexing.pension_top_up": 0,
            "indexing.pension_wage_weight": 1,
            "indexing.pension_price_weight": 0,
        }
    )
    assert chosen.hash == by_hand.hash
    late = fs.load("delayed-retirement")
    assert scenario_of(late, Setting(delay="none")).values["retirement.delay_from"] is None


def test_relief_is_on_or_off(own: Scenario) -> None:
    relieved = fs.load("fee-relief")
    assert relieved.relief
    assert scenario_of(relieved, Setting(relief="off")).relief == ()
    half = Setting(relief="waive", relief_year=2023, relief_share=0.5)
    (entry,) = scenario_of(own, half).relief
    assert (entry.action, entry.payer, entry.share, entry.year) == ("waive", "employer", 0.5, 2023)
    assert set(entry.insurance) == {"pension.enterprise", "unemployment", "injury"}
    # Half of what firms owe in a year without relief is waived; public employers pay on.
    ledger = projected(own).ledger.query("level == 'total' and year == 2023 and item == 'employer'")
    due = ledger.set_index("fund")["yuan"]
    after = projected(scenario_of(own, half)).ledger
    waived = after.query("level == 'total' and year == 2023 and item == 'waived'")
    yuan = waived.set_index("fund")["yuan"]
    assert yuan["pension.enterprise"] == pytest.approx(due["pension.enterprise"] / 2, rel=1e-12)
    assert 0.4 * due["injury"] < yuan["injury"] < 0.5 * due["injury"]
    paid = after.query("level == 'total' and year == 2023 and item == 'employer'")
    assert paid.set_index("fund")["yuan"]["injury"] + yuan["injury"] == pytest.approx(due["injury"])


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("growth.flexble: 1%", "there is no parameter 'growth.flexble'.*growth.flexible"),
        ("growth.flexible: 900%", "growth.flexible.*between -30% and 60%"),
        ("nonsense", "expected lines of .key: value."),
        ("growth.flexible: [", "line 1|:1:"),
        ("growth.employee: 60%", "growth.employee|people"),
    ],
)
def test_what_cannot_be_used_is_an_error_with_the_next_step(
    own: Scenario, other: str, message: str
) -> None:
    with pytest.raises(FsinsureError, match=message):
        projected(scenario_of(own, Setting(other=other)))


def test_observed_years_stay_as_they_were_solved() -> None:
    own = fs.load("observed")
    one = slider(own, "growth.employee")
    changed = scenario_of(own, Setting(levers={one.name: one.start + 1}))
    before, after = fs.run(own), projected(changed)
    people = [table.enrollment.query("level == 'total' and measure == 'unemployment'")
              for table in (before, after)]  # fmt: skip
    first, second = (dict(zip(one["year"], one["persons"], strict=True)) for one in people)
    assert first[2023] == pytest.approx(second[2023], abs=1e-6)
    assert second[2024] == pytest.approx(first[2024] * 1.019 / 1.009, rel=2e-3)
    assert Shown(projected(own)).curve("unemployment") == first
    again = fs.run(reread(yaml_of(changed), changed))
    # The file solves its observed years again, which leaves a part of a person.
    assert again.targets["projected"].tolist() == pytest.approx(
        after.targets["projected"].tolist(), abs=0.01
    )


@pytest.mark.parametrize(("value", "raised"), [("520万", True), ("480万", False)])
def test_a_solved_lever_is_rounded_to_the_side_on_which_the_target_is_met(
    own: Scenario, value: str, raised: bool
) -> None:
    one = slider(own, "growth.flexible")
    found = seek(own, one, one.start, "pension.enterprise", value, 2025)
    assert (found.value > one.start) == raised
    people = float(value[:-1]) * 1e4
    step = 10.0**-one.decimals
    for shown, met in ((found.value, True), (found.value - step, False)):
        changed = scenario_of(own, Setting(levers={one.name: shown}))
        projected_people = Shown(projected(changed)).curve("pension.enterprise")[2025]
        assert (projected_people >= people) == met, shown


def test_a_lever_solved_from_where_the_slider_is(own: Scenario) -> None:
    one = slider(own, "growth.flexible")
    moved_to = scenario_of(own, Setting(levers={one.name: 4.0}))
    found = seek(moved_to, one, 4.0, "pension.enterprise", "520万", 2025)
    direct = seek(own, one, one.start, "pension.enterprise", "520万", 2025)
    assert found.value == direct.value


def test_the_picture_has_a_curve_for_each_target_and_its_numbers(shown: Shown) -> None:
    tree = ElementTree.fromstring(figures.enrollment(shown, "en"))
    assert len(tree.findall(".//{*}polyline[@class='curve']")) == 3
    titles = [one.text for one in tree.iter("{http://www.w3.org/2000/svg}title")]
    people = fs.run("baseline").targets.set_index("measure")["projected"]
    for measure in ("pension.enterprise", "unemployment", "injury"):
        assert f"Projected 2025: {people[measure] / 1e6:.2f} million persons" in titles
    pinned = ElementTree.fromstring(figures.enrollment(shown, "zh", pinned=shown))
    curves = pinned.findall(".//{*}polyline[@class='curve']")
    assert sum("stroke-dasharray" in one.attrib for one in curves) == 3
    solid = [one.attrib["points"] for one in curves if "stroke-dasharray" not in one.attrib]
    dashed = [one.attrib["points"] for one in curves if "stroke-dasharray" in one.attrib]
    assert solid == dashed  # the same projection at the same place


def test_a_higher_curve_is_drawn_higher(own: Scenario, shown: Shown) -> None:
    more = Shown(projected(scenario_of(own, Setting(levers={"growth.employee": 5.94}))))
    tree = ElementTree.fromstring(figures.enrollment(more, "en", pinned=shown))
    dashed, solid = tree.findall(".//{*}polyline[@class='curve']")[:2]
    ends = [float(one.attrib["points"].split(",")[-1]) for one in (dashed, solid)]
    assert ends[1] < ends[0]  # y counts downwards


def test_channels_add_up_to_the_increment(shown: Shown) -> None:
    curve = shown.curve("injury")
    parts = shown.channels("injury", 2025)
    assert math.fsum(parts.values()) == pytest.approx(curve[2025] - curve[2020], abs=1e-3)
    tree = ElementTree.fromstring(figures.channels(shown, "injury", 2025, "en"))
    texts = [one.text or "" for one in tree.findall(".//{*}text")]
    signed = [float(text.replace("−", "-")) for text in texts if re.match(r"[+−]\d", text)]
    assert math.fsum(signed) == pytest.approx((curve[2025] - curve[2020]) / 1e6, abs=0.03)


def test_the_range_is_that_of_the_ensemble(own: Scenario, shown: Shown) -> None:
    drawn, sure = draw(own, 50), fs.ensemble("baseline", draws=50)
    table = sure.enrollment.query("level == 'total' and measure == 'injury' and year == 2025")
    assert drawn.people("injury")[2025] == (table["p10"].iloc[0], table["p90"].iloc[0])
    expected = sure.targets.set_index("measure")["probability"]["injury"]
    assert drawn.probability("injury", 2025) == expected
    tree = ElementTree.fromstring(figures.enrollment(shown, "zh", drawn=drawn))
    assert len(tree.findall(".//{*}polygon[@class='band']")) == 3
    assert "达标概率" in tables.targets(shown, "zh", drawn=drawn)


def test_tables_have_the_figures_of_the_library_and_escape_texts(shown: Shown) -> None:
    html = tables.targets(shown, "en")
    row = fs.run("baseline").targets.set_index("measure").loc["injury"]
    assert f"{row['projected'] / 1e6:.3f} million" in html
    assert "115.6%" in html  # rounded down
    funds = tables.funds(shown, "zh", pinned=shown)
    balance = fs.run("baseline").ledger.query(
        "level == 'total' and year == 2025 and item == 'closing' and fund == 'unemployment'"
    )
    assert f"<td>{balance['yuan'].iloc[0] / 1e8:.2f}</td>" in funds
    assert "<td>0</td>" in funds  # no difference from itself
    assert tables.note("<b>") == '<p class="fsinsure">&lt;b&gt;</p>'


def test_reasons_name_the_levers_and_their_parts(own: Scenario, shown: Shown) -> None:
    changed = Shown(projected(scenario_of(own, Setting(levers={"growth.employee": 3.94}))))
    html = reasons(shown, changed, "en")
    difference = changed.curve("injury")[2025] - shown.curve("injury")[2025]
    assert f"{difference / 1e3:.1f}".replace("-", "−") in html
    assert "Yearly growth of employees at year end" in html
    assert "No difference" in reasons(shown, shown, "en")


def test_the_workbook_holds_what_is_shown(own: Scenario, shown: Shown) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed: not read")
    changed = Shown(projected(scenario_of(own, Setting(levers={"growth.employee": 3.94}))))
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(changed, "en", shown, None)))
    cells = [cell.value for sheet in book for row in sheet for cell in row]
    people = fs.run(changed.scenario).targets.set_index("measure")["projected"]
    numbers = [value for value in cells if isinstance(value, float)]
    thousands = people["injury"] / 1e3
    assert any(value == pytest.approx(thousands, rel=1e-9) for value in numbers)
    before = fs.run(own).targets.set_index("measure")["projected"]["injury"]
    sheet = [[cell.value for cell in row] for row in book["Scenarios"].iter_rows()]
    heads = next(row for row in sheet if "Pinned: Baseline" in row)
    row = next(row for row in sheet if row[0] == "Work injury insurance")
    assert row[heads.index("Pinned: Baseline")] * 1e3 == pytest.approx(before, rel=1e-9)


def test_names_of_levers_are_unique() -> None:
    for lang in ("zh", "en"):
        names = [lever_name(one.name, lang) for one in sliders_of(fs.load("baseline"))]
        assert len(set(names)) == len(names)


def test_kept_controls_belong_to_one_scenario(own: Scenario) -> None:
    kept, setting = Kept(), Setting(rule="prices")
    assert kept.of(own) == Setting()
    kept.setting = setting
    assert kept.of(own) is setting
    kept.move("growth.flexible", 7.0)
    assert kept.of(own).levers == {"growth.flexible": 7.0}
    assert kept.of(fs.load("example")) == Setting()
    assert moved(setting, setting) == ""


def test_a_year_is_shown_that_the_plan_judges(own: Scenario) -> None:
    assert year_shown(own.with_({"horizon": 2040})) == 2025
    assert year_shown(own.with_({"horizon": 2040, "targets": []})) == 2040


def test_steps_and_bars() -> None:
    assert [tidy_step(span, 200) for span in (0.5, 90.0, 1e6)] == [0.002, 0.2, 5000.0]
    tree = ElementTree.fromstring(bars(["a & b"], [("now", "#000", [2e6])], MILLION))
    assert [one.text for one in tree.findall(".//{*}rect/{*}title")] == [
        "a & b · now: +2.00 million"
    ]
