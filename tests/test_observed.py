"""Published figures that a scenario observes are met by the levers of the region.

The figures are read here from the CSV, without the library.
"""

from __future__ import annotations

import csv
import datetime
import json
import re
import warnings
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fsinsure as fs
from fsinsure.analysis import observe as solving
from fsinsure.analysis.observations import observations
from fsinsure.analysis.observe import observe, prepare
from fsinsure.analysis.reasons import levers
from fsinsure.api import validate
from fsinsure.checks import closed
from fsinsure.dims import COUNTED
from fsinsure.errors import DataError, InputError, ObservedWarning, PoolError, ScenarioError
from fsinsure.parameters import resolve
from fsinsure.year.law import bind
from region_files import copied, edit

UNTIL = 2023
POWERS = {"人": 0, "万人": 4}
LEVERS = {
    "unemployment": "growth.employee",
    "pension.urban_employee": "growth.flexible",
    "pension.enterprise": "growth.flexible",
    "residents": "migration.arrivals",
}


def published(folder: Path, after: int, until: int) -> list[tuple[str, int, float, float]]:
    """Measure, year, persons and half a unit of the figures of the whole region, from the file."""
    with (folder / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["measure"] in LEVERS and not row["area"]]
    found = []
    for row in rows:
        year, value = int(row["date"][:4]), Decimal(row["value"])
        if after < year <= until:
            power = POWERS[row["unit"]]
            half = Decimal(5).scaleb(value.as_tuple().exponent - 1 + power)
            found.append((row["measure"], year, float(value.scaleb(power)), float(half)))
    return found


def people(result: fs.Result, measure: str, year: int) -> float:
    """What the tables of a result say of a measure of the region, or of everyone in it."""
    if measure == "residents":
        stocks = result.stocks
        return float(
            stocks[(stocks["year"] == year) & (stocks["level"] == "area")]["persons"].sum()
        )
    table = result.enrollment
    rows = table[(table["measure"] == measure) & (table["year"] == year)]
    return float(rows[rows["level"] == "area"]["persons"].sum())


@pytest.fixture(scope="module")
def observed() -> fs.Result:
    return fs.run(fs.load("observed"))


def actuals(*rows: str, header: str = "measure,date,value,unit") -> str:
    return "\n".join((header, *rows, ""))


def written(folder: Path, *rows: str, header: str = "measure,date,value,unit") -> Path:
    path = folder / "actuals.csv"
    path.write_text(actuals(*rows, header=header), encoding="utf-8")
    return path


def test_every_published_figure_is_met_within_its_rounding(observed: fs.Result) -> None:
    region = observed.scenario.region
    figures = published(region.folder, region.base_year, UNTIL)
    assert {(measure, year) for measure, year, *_ in figures} >= {
        *(("unemployment", year) for year in (2021, 2022, 2023)),
        *(("pension.urban_employee", year) for year in (2021, 2022, 2023)),
        ("residents", 2021),
        ("residents", 2023),
    }
    for measure, year, persons, half in figures:
        assert abs(people(observed, measure, year) - persons) <= half, (measure, year)
    assert people(observed, "unemployment", 2021) == pytest.approx(3_236_854, abs=0.01)
    assert people(observed, "pension.urban_employee", 2023) == pytest.approx(4_616_988, abs=0.01)


def test_the_paths_of_the_scenario_go_on_after_the_last_figure(observed: fs.Result) -> None:
    own = resolve(observed.scenario.with_({"observe.until": None}, name="own"))
    for name in ("growth.employee", "growth.flexible"):
        known = observed.resolved.path(name)
        np.testing.assert_array_equal(known[3:], own.path(name)[3:])
        assert (known[:3] != own.path(name)[:3]).all()
    # Employees go on as the members of unemployment insurance grew in the last two years.
    figures = [3_236_854, 3_260_141, 3_295_414]
    grown = np.mean([later / before - 1 for before, later in pairwise(figures)])
    np.testing.assert_allclose(own.path("growth.employee"), round(float(grown), 3))
    # What 2021-2023 require of arrivals, on average, is what the scenario assumes after them.
    arrivals = observed.resolved.path("migration.arrivals")
    assert arrivals[3] == arrivals[4] == pytest.approx(arrivals[:3].mean(), rel=0.05)


def test_a_year_without_a_figure_takes_a_constant_lever_with_a_note() -> None:
    with pytest.warns(
        ObservedWarning, match="residents has no figure between 2021 and 2023"
    ) as said:
        result = fs.run(fs.load("observed"))
    assert len([one for one in said if issubclass(one.category, ObservedWarning)]) == 1
    arrivals = result.resolved.path("migration.arrivals")
    assert arrivals[1] == arrivals[2] != arrivals[0]


def test_solved_values_name_the_figure_that_they_meet(observed: fs.Result) -> None:
    table = observed.parameters
    rows = table[table["parameter"].isin(LEVERS.values())].set_index(["parameter", "year"])
    first = rows.loc[("growth.employee", 2021)]
    assert first["set_by"] == "observed"
    assert first["confidence"] == "secondary"
    assert "3236854" in first["source"]
    assert "2021-12-31" in first["source"]
    assert "城市统计年鉴" in first["source"]
    assert "962" in rows.loc[("migration.arrivals", 2022)]["source"]
    assert (
        rows.loc[[("growth.employee", 2024), ("growth.employee", 2025)], "set_by"] != "observed"
    ).all()
    seen = observed.meta["observed"]
    assert seen["until"] == UNTIL
    assert seen["outcomes"] is None
    assert {"measure": "unemployment", "date": "2022-12-31", "value": "3260141"}.items() <= next(
        one for one in seen["figures"] if one["value"] == "3260141"
    ).items()
    assert "observed" not in fs.run(fs.load("baseline")).meta


def test_what_the_last_years_must_bring(observed: fs.Result) -> None:
    rows = observed.remaining().set_index("measure")
    assert set(rows["since"]) == {UNTIL}
    # The target was passed: (316 / 329.5414) ** (1 / 2) - 1.
    assert rows.loc["unemployment", "growth_required"] == pytest.approx(-0.0207605, abs=1e-6)
    pension = rows.loc["pension.enterprise"]
    assert pension["persons"] * (1 + pension["growth_required"]) ** 2 == pytest.approx(4.7e6)
    with pytest.raises(InputError, match="2030 is not a year of the projection"):
        observed.remaining(2030)


def test_the_table_of_the_documentation_is_that_of_the_scenario(observed: fs.Result) -> None:
    text = (Path(__file__).parents[1] / "docs" / "observed.md").read_text(encoding="utf-8")
    since = observed.remaining().set_index("measure")
    for row in observed.targets.to_dict("records"):
        known, needed = since.loc[row["measure"], ["persons", "growth_required"]]
        (line,) = [
            one
            for one in text.splitlines()
            if one.startswith(f"| `{row['measure']}` | {known / 1e4:.1f}")
        ]
        assert line.endswith(f"| {row['projected'] / 1e4:.1f} |")
        assert "passed" in line if needed < 0 else f"| {needed:.1%} |".replace("%", " %") in line


def test_persons_agree_with_the_cohort_tables() -> None:
    result = fs.run(fs.load("observed"), engine="micro", persons=60_000, seed=3)
    assert result.agreement.passed
    whole = people(result.expected, "unemployment", 2022)
    assert whole == pytest.approx(3_260_141, abs=0.5)
    assert people(result, "unemployment", 2022) == pytest.approx(whole, rel=0.02)


def test_levers_that_are_solved_are_reasons_of_a_difference(observed: fs.Result) -> None:
    before = fs.run(fs.load("as-implemented"))
    names = [one.name for one in levers(before.scenario, observed.scenario)]
    assert {"growth.employee", "growth.flexible", "migration.arrivals"} == set(names)
    table = fs.compare(before, observed).reasons
    moved = table[(table["kind"] == "measure") & (table["subject"] == "unemployment")][
        "value"
    ].sum()
    apart = people(observed, "unemployment", 2025) - people(before, "unemployment", 2025)
    assert moved == pytest.approx(apart, abs=0.01)


def test_the_effect_of_a_solved_lever_by_hand(observed: fs.Result) -> None:
    """The growth of employees is solved to 2023 and 0.9 % a year after it, on both sides known."""
    before = fs.run(fs.load("as-implemented"))
    employees, staff = 2_981_880, 82_020  # of 306.39万; institution staff do not grow
    estimated = employees * 1.0537 * 1.0526 * 1.0515 * 1.0505 * 1.0494 + staff
    met = (3_295_414 - staff) * 1.009**2 + staff
    table = fs.compare(before, observed).reasons
    rows = table[(table["kind"] == "measure") & (table["subject"] == "unemployment")]
    moved = rows.set_index("lever")["value"]
    assert list(moved.index)[-1] != "growth.employee"  # the last step has all that is left
    assert moved["growth.employee"] == pytest.approx(met - estimated, abs=200)
    assert moved.drop("growth.employee").abs().max() < 1


def test_the_hash_is_of_what_is_observed_and_not_of_what_was_solved(observed: fs.Result) -> None:
    scenario = fs.load("observed")
    assert observed.scenario.hash == scenario.hash
    assert scenario.hash != scenario.with_({"observe.until": 2022}).hash
    off = scenario.with_({"observe.until": None})
    assert "observed" not in fs.run(off).meta
    assert observed.scenario.with_({"growth.employee": "2%"}).solved is None


def test_figures_known_later_than_as_of_are_not_used() -> None:
    # The yearbook of 2021 comes out in 2022.
    scenario = fs.load("observed").with_({"as_of": "2022-12-31"})
    with pytest.warns(ObservedWarning, match="not used, as known after 2022-12-31: .*2023-12-31"):
        result = fs.run(scenario)
    assert {one.year for one in result.scenario.solved} == {2021}
    assert people(result, "unemployment", 2021) == pytest.approx(3_236_854, abs=0.5)


def example(until: int | str = 2024) -> fs.Scenario:
    return fs.load("example").with_({"observe.until": until})


def test_an_invented_region_is_observed_by_its_own_levers() -> None:
    result = fs.run(example())
    region = result.scenario.region
    figures = published(region.folder, region.base_year, 2024)
    assert len(figures) == 6
    for measure, year, persons, half in figures:
        assert abs(people(result, measure, year) - persons) <= half, (measure, year)


def test_differences_between_areas_stay_where_a_lever_differs_by_area() -> None:
    by_area = {"growth.employee": {"north": "2%", "default": "1%"}}
    result = fs.run(example().with_(by_area))
    path = result.resolved.by_area("growth.employee")
    np.testing.assert_allclose(path[:2, 0] - path[:2, 1], 0.01, rtol=0, atol=1e-12)
    np.testing.assert_allclose(path[2:], [[0.02, 0.01, 0.01]] * 3)
    assert people(result, "unemployment", 2023) == pytest.approx(143_800, abs=50)
    rows = result.parameters
    rows = rows[(rows["parameter"] == "growth.employee") & (rows["set_by"] == "observed")]
    assert len(rows) == 2 * 3


def block_of(by_area: dict[str, str]) -> solving._Block:
    """The first year of the example, with employees alone."""
    scenario = example(2023).with_({"growth.employee": by_area})
    wanted = [one for one in observations(scenario)[0] if one.lever == "growth.employee"]
    parameters, base = closed(resolve(replace(scenario, solved=())))
    return solving._Block(parameters, base, base.stock[:COUNTED], 2023, 2023, wanted)


def test_the_bounds_of_a_lever_hold_in_every_area() -> None:
    """Growth may be -30 to 60 %; north lies 2/3 of a point above the mean, two areas 1/3 below."""
    block = block_of({"north": "2%", "default": "1%"})
    assert block.own == pytest.approx([0.04 / 3])
    low, high = block.bounds
    assert low == pytest.approx([-0.3 + 0.01 / 3])
    assert high == pytest.approx([0.6 - 0.02 / 3])
    for value, bound, best in ((low, -0.3, "min"), (high, 0.6, "max")):
        path = block.set(value).by_area("growth.employee")[0]
        assert getattr(path, best)() == pytest.approx(bound)


def test_areas_further_apart_than_the_bounds_are_refused() -> None:
    block = block_of({"north": "2%", "default": "1%"})
    path = block.parameters.area_paths["growth.employee"].copy()
    path[:, 0] = 0.95  # a range of -30 to 60 % is 0.9 wide
    apart = {**block.parameters.area_paths, "growth.employee": path}
    wide = replace(block, parameters=replace(block.parameters, area_paths=apart))
    with pytest.raises(
        DataError, match=r"outcomes\.csv:\d+:value: growth\.employee differs"
    ) as error:
        wide.solve()
    assert "-30% to 60%, allow in 2023" in str(error.value)


class Straight(solving._Block):
    """A block whose people follow its lever on a straight line, which one step solves."""

    own = np.array([0.01])
    bounds = np.array([[-0.3], [0.6]])

    def people(self, values: np.ndarray) -> np.ndarray:
        return 140_000 * (1 + np.asarray(values))


def test_a_figure_that_the_last_step_meets_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    block = block_of({"default": "1%"})
    straight = Straight(
        *(block.parameters, block.base, block.opening, block.first, block.last, block.wanted)
    )
    aim = block.wanted[0].outcome.amount
    monkeypatch.setattr(solving, "MOST", 1)
    assert straight.solve() == pytest.approx([aim / 140_000 - 1], abs=1e-9)


def test_known_levers_are_found_again_from_the_figures_that_they_give() -> None:
    true = {
        "growth.employee": {2023: "3%", 2024: "-2%", 2025: "1%"},
        "growth.flexible": {2023: "4%", 2024: "9%", 2025: "2%"},
        "migration.arrivals": {2023: 7000, 2024: 11000, 2025: 9000},
    }
    made = fs.run(fs.load("example").with_(true))
    measures = ("unemployment", "pension.enterprise", "residents")
    table = pd.DataFrame(
        [
            (measure, f"{year}-12-31", repr(people(made, measure, year)), "人")
            for measure in measures
            for year in (2023, 2024)
        ],
        columns=["measure", "date", "value", "unit"],
    )
    found = fs.run(fs.load("example"), outcomes=table).resolved
    assert found.path("growth.employee")[:2] == pytest.approx([0.03, -0.02], abs=1e-9)
    assert found.path("growth.flexible")[:2] == pytest.approx([0.04, 0.09], abs=1e-8)
    assert found.path("migration.arrivals")[:2] == pytest.approx([7000, 11000], abs=1e-2)
    assert found.path("growth.employee")[2] != 0.03


def test_actuals_of_the_user_are_met_and_hashed(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2024-12-31,332.10,万人")
    result = fs.run(fs.load("observed"), outcomes=file)
    assert people(result, "unemployment", 2024) == pytest.approx(3_321_000, abs=50)
    assert people(result, "unemployment", 2023) == pytest.approx(3_295_414, abs=0.5)
    assert result.meta["observed"]["outcomes"]["file"] == "actuals.csv"
    other = written(tmp_path, "unemployment,2024-12-31,332.11,万人")
    assert fs.run(fs.load("observed"), outcomes=other).scenario.hash != result.scenario.hash
    assert result.remaining()["since"].unique().tolist() == [2024]


def test_actuals_stand_before_the_figures_of_the_region(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2023-12-31,331,万人")
    with pytest.warns(
        ObservedWarning, match=r"actuals.csv:2:value is met, and not used beside it: unemp"
    ):
        result = fs.run(fs.load("observed"), outcomes=file)
    assert people(result, "unemployment", 2023) == pytest.approx(3_310_000, abs=5000)


def test_a_figure_within_a_year_is_met_on_the_line_between_its_ends(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2024-06-30,331.20,万人")
    result = fs.run(fs.load("observed"), outcomes=file)
    gone = (datetime.date(2024, 6, 30) - datetime.date(2023, 12, 31)).days / 366
    before, after = (people(result, "unemployment", year) for year in (2023, 2024))
    assert before + gone * (after - before) == pytest.approx(3_312_000, abs=50)


def test_a_lever_may_meet_another_measure_in_another_year(tmp_path: Path) -> None:
    """The city publishes urban pensions to 2023; the user has enterprise pension of 2024."""
    file = written(tmp_path, "pension.enterprise,2024-12-31,452.5,万人")
    result = fs.run(fs.load("observed"), outcomes=file)
    assert people(result, "pension.enterprise", 2024) == pytest.approx(4_525_000, abs=500)
    assert people(result, "pension.urban_employee", 2023) == pytest.approx(4_616_988, abs=0.5)
    met = {one.year: one.outcome.measure for one in result.scenario.solved
           if one.lever == "growth.flexible"}  # fmt: skip
    assert met[2023] == "pension.urban_employee"
    assert met[2024] == "pension.enterprise"


def test_observed_holds_as_far_as_its_header_says() -> None:
    text = (Path(__file__).parents[1] / "scenarios" / "observed.yaml").read_text(encoding="utf-8")
    (last,) = re.findall(r"# It holds to ([0-9]{4}):", text)
    scenario = fs.load("observed")
    fs.run(scenario.with_({"horizon": int(last)}))
    with pytest.raises(PoolError, match=rf"{int(last) + 1}: growth\.civil_service asks for"):
        fs.run(scenario.with_({"horizon": int(last) + 1}))


def test_a_figure_within_a_year_has_a_note_with_the_year_end_that_it_implies(
    tmp_path: Path,
) -> None:
    # 182 of 366 days: 3,295,414 + (3,312,000 - 3,295,414) * 366 / 182.
    file = written(tmp_path, "unemployment,2024-06-30,331.20,万人")
    with pytest.warns(
        ObservedWarning,
        match=r"actuals.csv:2:value: unemployment of 2024-06-30, after 50% of the year, is carried "
        r"on in a straight line: 3,328,768 at the end of 2024",
    ):
        fs.run(fs.load("observed"), outcomes=file)


def test_an_earlier_day_of_the_user_does_not_stand_before_a_later_one_of_the_region(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, "unemployment,2022-06-30,330,万人")
    with pytest.warns(
        ObservedWarning, match=r"is met, and not used beside it: unemployment 2022-06-30"
    ):
        result = fs.run(fs.load("observed"), outcomes=file)
    assert people(result, "unemployment", 2022) == pytest.approx(3_260_141, abs=0.5)


@pytest.mark.parametrize(
    ("written_as", "day"),
    [("2024/6/30", "2024-06-30"), ("2024/12/31", "2024-12-31"), ("2024/9", "2024-09")],
)
def test_dates_are_read_as_spreadsheets_write_them_in_chinese(
    tmp_path: Path, written_as: str, day: str
) -> None:
    file = written(tmp_path, f"unemployment,{written_as},331.2,万人")
    result = fs.run(fs.load("observed"), outcomes=file)
    (one,) = [each for each in result.scenario.solved if each.year == 2024]
    assert one.outcome.date == day
    table = result.published
    (row,) = table[table["own"]].itertuples()
    assert (row.measure, row.year, row.value) == ("unemployment", 2024, 3_312_000)


def test_what_is_left_counts_from_the_last_figure_of_each_measure(tmp_path: Path) -> None:
    def since(*rows: str) -> dict[str, tuple[int, bool]]:
        result = fs.run(fs.load("observed"), outcomes=written(tmp_path, *rows))
        table = result.remaining()
        for row in table.itertuples():
            assert row.persons == pytest.approx(people(result, row.measure, row.since))
        pairs = zip(table["since"], table["published"], strict=True)
        return dict(zip(table["measure"], pairs, strict=True))

    enterprise = "pension.enterprise"
    # Residents are no people in insurance, and a half-year is no year end.
    for row in ("residents,2024-12-31,969.9,万人", "unemployment,2024-06-30,331.2,万人"):
        assert since(row) == {
            enterprise: (2023, False),
            "unemployment": (2023, True),
            "injury": (2023, False),
        }
    assert since("injury,2024-12-31,361,万人") == {
        enterprise: (2024, False),
        "unemployment": (2023, True),
        "injury": (2024, True),
    }


def test_what_is_left_is_there_when_residents_are_known_to_the_year_of_the_targets() -> None:
    with pytest.warns(ObservedWarning, match="nothing published of"):
        result = fs.run(fs.load("observed").with_({"observe.until": 2025}))
    assert result.scenario.observed_to == 2025
    table = result.remaining().set_index("measure")
    assert table["since"].tolist() == [2023] * 3
    # (3,160,000 / 3,295,414) ^ (1 / 2) - 1
    assert table.loc["unemployment", "growth_required"] == pytest.approx(-0.020761, abs=1e-6)


def test_what_is_left_is_not_of_the_sample() -> None:
    people = fs.run("observed", engine="micro", persons=20_000, seed=1).remaining()
    pd.testing.assert_frame_equal(people, fs.run("observed").remaining())


def test_measures_without_figures_up_to_the_year_are_named() -> None:
    words = (
        r"nothing published of pension.urban_employee, unemployment after 2023, and observe.until "
        "is 2025: from there on the scenario's own path counts"
    )
    with pytest.warns(ObservedWarning, match=words):
        fs.run(fs.load("observed").with_({"observe.until": 2025}))


def test_nothing_to_meet_is_said(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    rows = (folder / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if not row.startswith(("unemployment,", "pension.", "population"))]
    assert 1 < len(kept) < len(rows)
    (folder / "outcomes.csv").write_text("\n".join((*kept, "")), encoding="utf-8")
    (tmp_path / "my.yaml").write_text("name: my\nregion: ./town\nobserve: {until: 2023}\n", "utf-8")
    with pytest.warns(ObservedWarning, match="2023, and nothing published of town after 2022 can"):
        fs.run(fs.load(tmp_path / "my.yaml"))


def test_the_nation_is_observed_to_its_last_figures() -> None:
    with pytest.warns(ObservedWarning, match="name no lever for injury"):
        result = fs.run(fs.load("china").with_({"as_of": "none", "observe.until": 2024}))
    for year, unemployed, urban, resident in (
        (2021, 22_958, 48_074, 54_797),
        (2022, 23_807, 50_349, 54_952),
        (2023, 24_373, 52_121, 54_522),
    ):
        for measure, published in (
            ("unemployment", unemployed),
            ("pension.urban_employee", urban),
            ("pension.resident", resident),
        ):
            found = people(result, measure, year)
            assert found == pytest.approx(published * 10_000, abs=5000), (measure, year)


def test_figures_of_the_base_year_are_left_out_with_a_note(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2020,306,万人", "unemployment,2024,331,万人")
    words = r"not later than the base year 2020, .*figures.csv: unemployment 2020 \(actuals.csv:2"
    with pytest.warns(ObservedWarning, match=words):
        fs.run(fs.load("observed"), outcomes=file)


def test_the_latest_figure_of_a_year_counts(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2024-03,330,万人", "unemployment,2024-06,331.2,万人")
    with pytest.warns(ObservedWarning, match="not used beside it: unemployment 2024-03"):
        result = fs.run(fs.load("observed"), outcomes=file)
    (one,) = [each for each in result.scenario.solved if each.year == 2024]
    assert one.outcome.date == "2024-06"


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (["unemploymnt,2024,1,万人"], None, ":2:measure: 'unemploymnt' is not a measure. Did you"),
        ([",2024,1,万人"], None, ":2:measure: it is blank: name the measure whose scope"),
        (["unemployment,2024,many,万人"], None, ":2:value: "),
        (
            ["unemployment.income,2024,1,亿元"],
            None,
            ":2:measure: unemployment.income is money, and",
        ),
        (["unemployment,2024,-1,万人"], None, ":2:value: unemployment is -1, and it must be more"),
        (["unemployment,2024,0,万人"], None, ":2:value: unemployment is 0, and it must be more"),
        (["unemployment,2019-12-31,0,人"], None, ":2:value: unemployment is 0, and it must be"),
        (["unemployment,2024,1,亿元"], None, ":2:unit: unemployment is in '亿元': write 人 or"),
        (["unemployment,2021-02-30,1,万人"], None, ":2:date: '2021-02-30' is not a day"),
        (["unemployment,2023-06-31,1,万人"], None, ":2:date: '2023-06-31' is not a day"),
        (
            ["unemployment,2024-06-30,331.0,万人", "unemployment,2024-06,332.0,万人"],
            None,
            ":3:value: unemployment of 2024-06 is 332.0 万人, and 331.0 万人 at actuals.csv:2:",
        ),
        (["unemployment,2024-13,1,万人"], None, ":2:date: '2024-13' is not a day"),
        (["unemployment,2023/2024,1,万人"], None, ":2:date: 2023/2024: give one day"),
        (["unemployment,2020,306,万人"], None, "actuals.csv: no figure is later than the base"),
        (["unemployment,2024"], "measure,date", ":1: no column value, unit"),
        (["unemployment,2024,1,万人,x"], "measure,date,value,unit,who", ":1:who: unknown column"),
        (
            ["unemployment,2024,1,万人,nanhai"],
            "measure,date,value,unit,area",
            ":2:area: only figures of the whole region",
        ),
        (
            ["pension.enterprise,pension.urban_employee,2024,470,万人"],
            "measure,series,date,value,unit",
            ":2:measure: pension.urban_employee has the scope of pension.urban_employee in",
        ),
        (["pension.civil,2024,18,万人"], None, "name no lever for pension.civil"),
        (
            ["pension.enterprise,2023,440,万人"],
            None,
            "both have figures of 2023, and closing_levers give both the lever growth.flexible",
        ),
        (["unemployment,2024/6/31,331,万人"], None, ":2:date: '2024-06-31' is not a day"),
        (
            ["unemployment,2024-02-29,330,万人"],
            None,
            "unemployment of 2024-02-29 would be extrapolated to the end of 2024 from 16% of the",
        ),
        (["unemployment,2024,40,万人"], None, "growth.employee at its lower bound of -30% gives"),
        (["unemployment,2024,800,万人"], None, "growth.employee at its upper bound of 60% gives"),
    ],
)
def test_what_cannot_be_met_is_an_error_with_its_place(
    tmp_path: Path, rows: list[str], header: str | None, message: str
) -> None:
    file = written(tmp_path, *rows, header=header or "measure,date,value,unit")
    with pytest.raises(DataError) as caught:
        fs.run(fs.load("observed"), outcomes=file)
    assert message in str(caught.value)
    assert "actuals.csv" in str(caught.value) or "outcomes.csv" in str(caught.value)


def test_the_same_table_is_met_by_a_run_and_judged_by_a_backtest(tmp_path: Path) -> None:
    """A row of people without a measure of its own is of the measure that its series is called."""
    file = written(tmp_path, "unemployment,2024-12-31,332.1,万人", header="series,date,value,unit")
    met = fs.run("observed", outcomes=file)
    assert people(met, "unemployment", 2024) == pytest.approx(3_321_000, abs=500)
    judged = fs.backtest("observed", file).table
    row = judged[(judged["measure"] == "unemployment") & (judged["year"] == 2024)]
    assert set(row["published"]) == {3_321_000}
    scoped = written(
        tmp_path,
        "pension.enterprise,pension.urban_employee,2024,470,万人",
        header="measure,series,date,value,unit",
    )
    for use in (lambda: fs.run("observed", outcomes=scoped), lambda: fs.backtest("china", scoped)):
        with pytest.raises(DataError, match=r"actuals\.csv:2:measure: pension.urban_employee has"):
            use()


def test_a_scenario_is_not_projected_before_what_it_observes_is_solved() -> None:
    scenario = fs.load("observed")
    with pytest.raises(ValueError, match="solve what observed observes first"):
        resolve(scenario)
    parameters, _ = prepare(scenario)
    assert parameters.scenario.observed_to == UNTIL
    assert resolve(scenario.with_({"observe.until": None})).scenario.solved is None


def test_a_scenario_may_be_given_by_name_or_path(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("name: own\nextends: example\n", encoding="utf-8")
    expected = fs.run(fs.load("example")).enrollment
    for one in ("example", path):
        found = fs.run(one).enrollment
        pd.testing.assert_frame_equal(
            found.drop(columns="scenario"), expected.drop(columns="scenario")
        )
        assert not fs.backtest(one).table.empty
        validate(one)
    with pytest.raises(InputError, match=r"'measure\.unemploymnt' is not a subject"):
        fs.assumptions("example", by="measure.unemploymnt")


LEAVING = {
    "migration.demand_share": 0,
    "migration.departure_not_insured": {2021: "5%", 2024: "50%"},
}


def test_a_figure_for_which_there_are_not_enough_people_says_what_they_lack(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2024,500,万人", "unemployment,2025,540,万人")
    with pytest.raises(DataError) as caught:
        fs.run(fs.load("observed").with_(LEAVING), outcomes=file)
    text = str(caught.value)
    assert "actuals.csv:3:value: unemployment of 2025, 5,400,000, by growth.employee" in text
    assert "for want of people: 2025: growth." in text


def test_a_figure_is_met_where_the_own_path_lacks_people(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2024,500,万人", "unemployment,2025,480,万人")
    result = fs.run(fs.load("observed").with_(LEAVING), outcomes=file)
    assert people(result, "unemployment", 2025) == pytest.approx(4_800_000, abs=5000)


def test_outcomes_are_a_file_or_a_table() -> None:
    with pytest.raises(InputError, match="path of a CSV file or a DataFrame"):
        fs.run(fs.load("observed"), outcomes=3)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="cannot be read"):
        fs.run(fs.load("observed"), outcomes="nowhere.csv")


def test_a_figure_of_a_user_is_met_though_it_became_known_after_the_day(tmp_path: Path) -> None:
    head = "measure,date,value,unit,known"
    rows = ["unemployment,2021-12-31,330,万人,2022-11", "residents,2021-12-31,961,万人,2021-12-31"]
    file = written(tmp_path, *rows, header=head)
    with pytest.warns(
        ObservedWarning,
        match=r"known after 2021-12-31, as your own figures are: unemployment 2021-12-31 "
        r"\(actuals\.csv:2:value\)$",
    ):
        result = fs.run(fs.load("baseline"), outcomes=file)
    assert people(result, "unemployment", 2021) == pytest.approx(3_300_000, abs=5000)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ObservedWarning)
        fs.run(fs.load("baseline").with_({"as_of": "none"}), outcomes=file)


@pytest.mark.parametrize(
    ("until", "message"),
    [(2020, "observe.until: "), ("soon", "observe.until: "), (2022.5, "observe.until: ")],
)
def test_a_year_that_is_none_is_refused(until: object, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        fs.load("baseline").with_({"observe.until": until})


def test_a_figure_of_the_region_that_cannot_be_met_names_its_row(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder, "outcomes.csv", "14.38,万人", "54.38,万人")
    (tmp_path / "my.yaml").write_text("name: my\nregion: ./town\nobserve: {until: 2023}\n", "utf-8")
    with pytest.raises(DataError, match=r"town/outcomes.csv:\d+:value: unemployment of 2023-12-31"):
        fs.run(fs.load(tmp_path / "my.yaml"))


def test_a_lever_without_effect_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder, "region.yaml", "unemployment: growth.employee", "unemployment: growth.resident")
    (tmp_path / "my.yaml").write_text("name: my\nregion: ./town\nobserve: {until: 2023}\n", "utf-8")
    with pytest.raises(DataError, match=r"growth.resident does not move unemployment in 2023"):
        fs.run(fs.load(tmp_path / "my.yaml"))
    cover = "coverage.injury.project_worker"
    edit(folder, "region.yaml", "unemployment: growth.resident", f"unemployment: {cover}")
    words = r"in 2023: at its upper bound of 100% it gives [0-9,]+, and the figure of 2023-12-31"
    with pytest.raises(DataError, match=words):
        fs.run(fs.load(tmp_path / "my.yaml").with_({cover: "100%"}))


def test_nothing_after_the_horizon_is_used(tmp_path: Path) -> None:
    file = written(tmp_path, "unemployment,2023,329,万人", "unemployment,2026,340,万人")
    with pytest.warns(ObservedWarning, match="later than the horizon 2025: unemployment 2026"):
        fs.run(fs.load("baseline"), outcomes=file)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ObservedWarning)
        short = fs.run(fs.load("observed").with_({"horizon": 2021}))
    assert people(short, "unemployment", 2021) == pytest.approx(3_236_854, abs=0.5)


def test_responses_to_contributions_do_not_change_what_is_met() -> None:
    scenario = fs.load("observed").with_({"response.employment": -0.3})
    assert people(fs.run(scenario), "unemployment", 2022) == pytest.approx(3_260_141, abs=0.5)


def test_the_command_meets_a_file_and_says_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from fsinsure.cli import app

    monkeypatch.chdir(tmp_path)
    written(tmp_path, "unemployment,2024-12-31,332.10,万人")
    run = ["run", "observed", "--plots", "none", "--out", "out", "--lang", "en"]
    done = CliRunner().invoke(app, [*run, "--outcomes", "actuals.csv"])
    assert done.exit_code == 0
    assert "At the last year end with published figures met" in done.output
    assert "Unemployment insurance 2024, published" in " ".join(done.output.split())
    assert "Work injury insurance 2024, projected" in " ".join(done.output.split())
    meta = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert meta["observed"]["outcomes"]["file"] == "actuals.csv"
    micro = ["micro", "observed", "--persons", "20000", "--seed", "1", "--plots", "none"]
    done = CliRunner().invoke(app, [*micro, "--out", "people", "--outcomes", "actuals.csv"])
    assert done.exit_code == 0, done.output
    meta = json.loads((tmp_path / "people" / "run.json").read_text(encoding="utf-8"))
    assert meta["observed"]["outcomes"]["file"] == "actuals.csv"
    written(tmp_path, "unemployment,2024-12-31,many,万人")
    for command in (run, micro):
        failed = CliRunner().invoke(app, [*command, "--outcomes", "actuals.csv"])
        assert failed.exit_code == 2


def test_solving_leaves_the_law_of_the_years_as_it_is(observed: fs.Result) -> None:
    again, _ = observe(fs.load("observed"))
    assert again.solved == observed.scenario.solved
    assert len(bind(observed.resolved)) == 5
