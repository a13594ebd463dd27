"""Growth and coverage by area: each area meets its path, and the areas add up to the total."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.reasons import SUBJECTS
from fsinsure.cli import app
from fsinsure.errors import ScenarioError
from fsinsure.output.terminal.summary import comparison
from fsinsure.parameters import resolve
from fsinsure.paths import AreaPaths, YearPath
from fsinsure.provenance import law_in_force
from fsinsure.registry import registry
from fsinsure.scenario import explain
from fsinsure.year import response
from region_files import EXAMPLE, copied, text
from scenario_files import loaded, refused_body, write

HERE = "region: example\n"
PATHS = "growth:\n  employee: {north: 4%, south: {2023: 1%, 2025: -1%}, default: 2%}\n"


@pytest.fixture
def own(tmp_path: Path) -> fs.Scenario:
    return loaded(tmp_path, HERE + PATHS)


@pytest.fixture(scope="module")
def base() -> fs.Scenario:
    return fs.Scenario(name="base", title={}, region=EXAMPLE, horizon=EXAMPLE.horizon)


@pytest.fixture(scope="module")
def plain(base: fs.Scenario) -> fs.Result:
    return fs.run(base)


def people(result: fs.Result, status: str) -> pd.DataFrame:
    """Persons of a status by year and area."""
    rows = result.stocks[result.stocks["status"] == status]
    return rows.groupby(["year", "area"])["persons"].sum().unstack()


def test_each_area_meets_its_path_and_those_not_named_the_default(own: fs.Scenario) -> None:
    result = fs.run(own)
    growth = people(result, "employee").pct_change().iloc[1:]
    assert growth["north"].to_numpy() == pytest.approx([0.04] * 5)
    assert growth["south"].to_numpy() == pytest.approx([0.01, 0.01, -0.01, -0.01, -0.01])
    assert growth["islands"].to_numpy() == pytest.approx([0.02] * 5)


def test_the_areas_add_up_to_the_total_in_every_table(own: fs.Scenario) -> None:
    result = fs.run(own)
    for name, value in (("enrollment", "persons"), ("stocks", "persons"), ("flows", "persons")):
        table = getattr(result, name)
        keys = [one for one in table if one not in ("level", "area", value)]
        parts = table[table["level"] == "area"].groupby(keys)[value].sum()
        total = table[table["level"] == "total"].groupby(keys)[value].sum()
        pd.testing.assert_series_equal(parts, total, rtol=1e-9)


def test_one_path_for_each_area_alike_is_the_path_for_all(base: fs.Scenario) -> None:
    alike = base.with_({"growth.employee": {"default": {2023: "2%", 2025: "1%"}}}, name="one")
    every = {code: {2023: "2%", 2025: "1%"} for code in EXAMPLE.codes}
    each = base.with_({"growth.employee": every}, name="one")
    once = base.with_({"growth.employee": {2023: "2%", 2025: "1%"}}, name="one")
    tables = [fs.run(one).stocks for one in (alike, each, once)]
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other, rtol=1e-12)


@pytest.mark.parametrize("status", ["employee", "flexible", "civil_service", "resident"])
def test_every_growth_path_may_be_set_by_area(
    base: fs.Scenario, plain: fs.Result, status: str
) -> None:
    before = people(plain, status)
    name = f"growth.{status}"
    path = plain.parameters.query("parameter == @name").set_index("year")["value"]
    changed = {code: dict(path.items()) for code in EXAMPLE.codes}
    changed["islands"] = "-1%"
    after = people(fs.run(base.with_({name: changed}, name="changed")), status)
    assert after["islands"].pct_change().iloc[1:].to_numpy() == pytest.approx([-0.01] * 5)
    for area in ("north", "south"):
        assert after[area].to_numpy() == pytest.approx(before[area].to_numpy(), rel=1e-9)


def test_wider_coverage_of_one_area_counts_people_there_only(
    base: fs.Scenario, plain: fs.Result
) -> None:
    name = "coverage.unemployment.flexible"
    wide = fs.run(base.with_({name: {"south": "50%", "default": 0}}, name="wide"))
    keys = ["year", "area", "measure"]
    more = wide.enrollment.set_index(keys)["persons"] - plain.enrollment.set_index(keys)["persons"]
    flexible = people(wide, "flexible")
    for year in range(2023, 2028):
        found = more.xs("unemployment", level="measure").loc[year]
        assert found["south"] == pytest.approx(0.5 * flexible["south"][year])
        assert found["north"] == pytest.approx(0, abs=1e-6)
        assert found[EXAMPLE.name] == pytest.approx(found["south"])
    assert more.xs("injury", level="measure").abs().max() == pytest.approx(0, abs=1e-6)
    assert more.loc[2022].abs().max() == pytest.approx(0, abs=1e-6)  # the base year is published


REFUSED = {
    "no default": (
        "growth:\n  employee: {north: 4%, south: 1%}\n",
        "mine.yaml:4:13: growth.employee: no path for islands: give one, or one as default",
    ),
    "unknown area": (
        "growth:\n  employee: {nort: 4%, south: 1%, default: 1%}\n",
        "mine.yaml:4:14: growth.employee.nort: expected an area (north, south, islands, default)."
        " Did you mean 'north'?",
    ),
    "a year among areas": (
        "growth:\n  employee: {north: 4%, 2023: 1%, default: 1%}\n",
        "mine.yaml:4:25: growth.employee.2023: expected an area",
    ),
    "an area among years": (
        "growth:\n  employee: {default: {2023: 1%, north: 2%}}\n",
        "mine.yaml:4:34: growth.employee.default.north: expected a year between 2023",
    ),
    "out of bounds": (
        "growth:\n  employee: {north: {2023: 1%, 2024: 900%}, default: 1%}\n",
        "mine.yaml:4:38: growth.employee.north.2024: 900% is out of bounds",
    ),
    "not by area": (
        "wage:\n  growth: {north: 4%, default: 1%}\n",
        "mine.yaml:4:11: wage.growth: wage.growth is one for all areas: give years, not areas",
    ),
    "held in an area": (
        "coverage:\n  social_card: {north: base, default: 90%}\n",
        "mine.yaml:4:24: coverage.social_card.north: base holds for all areas together",
    ),
    "an area of another region": (
        "growth:\n  employee: {nanhai: 4%, default: 1%}\n",
        "mine.yaml:4:14: growth.employee.nanhai: expected an area (north",
    ),
}


@pytest.mark.parametrize(("body", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_with_the_position(tmp_path: Path, body: str, said: str) -> None:
    message = refused_body(tmp_path, HERE + body)
    assert said in message
    assert "\n" not in message


def test_from_python_the_same_is_refused(base: fs.Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"growth\.employee: no path for south, islands"):
        base.with_({"growth.employee": {"north": "4%"}})
    with pytest.raises(ScenarioError, match=r"growth\.employee\.nort: expected an area"):
        base.with_({"growth.employee": {"nort": "4%", "default": "1%"}})


def test_with_reads_what_a_file_does(base: fs.Scenario, own: fs.Scenario) -> None:
    value = {"north": "4%", "south": {2023: "1%", 2025: "-1%"}, "default": 0.02}
    again = base.with_({"growth.employee": value})
    assert again.values == own.values
    assert again.hash == own.hash
    # A value that was read may be given again, also to a scenario that sets another.
    held = own.values["growth.employee"]
    assert isinstance(held, AreaPaths)
    assert held.of("islands") == YearPath(((2023, 0.02),))
    assert base.with_({"growth.employee": held}).hash == own.hash
    assert own.with_({"growth.employee": "2%"}).values["growth.employee"] == held.of("islands")
    assert own.with_({"growth.flexible": "2%"}).values["growth.employee"] == held


def test_a_scenario_that_extends_replaces_all_areas(tmp_path: Path, own: fs.Scenario) -> None:
    mine = loaded(tmp_path, "extends: mine.yaml\ngrowth: {employee: {default: 3%}}\n", "two.yaml")
    assert resolve(mine).by_area("growth.employee").tolist() == [[0.03] * 3] * 5


def test_the_hash_is_that_of_the_paths(base: fs.Scenario) -> None:
    values = (
        "2%",
        {"north": "3%", "default": "2%"},
        {"south": "3%", "default": "2%"},
        {"north": "3%", "default": {2023: "2%", 2024: "1%"}},
    )
    hashes = {base.with_({"growth.employee": value}).hash for value in values}
    assert len({base.hash, *hashes}) == len(values) + 1
    one = {"north": 0.03, "south": 0.01, "default": 0}
    orders = (one, dict(reversed(one.items())))
    assert len({base.with_({"growth.employee": value}).hash for value in orders}) == 1


def test_the_parameters_table_has_a_row_for_each_area(own: fs.Scenario) -> None:
    table = fs.run(own).parameters
    rows = table[table["parameter"] == "growth.employee"]
    assert len(rows) == 5 * 3
    assert set(rows["set_by"]) == {"mine.yaml:4:13"}
    found = rows.set_index(["area", "year"])["value"]
    assert found["north", 2023] == 0.04
    assert found["south", 2024] == 0.01
    assert found["south", 2025] == -0.01
    assert found["islands", 2027] == 0.02
    alike = table[table["parameter"] == "growth.flexible"]
    assert set(alike["area"]) == {""}


def test_explain_shows_the_areas(own: fs.Scenario, tmp_path: Path) -> None:
    (row,) = [one for one in explain(own) if one.key == "growth.employee"]
    assert row.value == "{north: 4%, south: {2023: 1%, 2025: -1%}, default: 2%}"
    shown = CliRunner().invoke(app, ["validate", str(tmp_path / "mine.yaml"), "--explain"])
    assert shown.exit_code == 0
    assert row.value in shown.output
    # What is shown can be written to a file again.
    assert loaded(tmp_path, f"{HERE}growth: {{employee: {row.value}}}\n").hash == own.hash


def test_the_attribution_of_a_difference_adds_up(base: fs.Scenario, own: fs.Scenario) -> None:
    later = base.with_({"growth.flexible": "6%", "wage.growth": "3%"}, name="later")
    for first, second in ((base, own), (own, base), (later, own)):
        compared = fs.compare(fs.run(first), fs.run(second))
        reasons = compared.reasons
        assert "growth.employee" in set(reasons["lever"])
        year = reasons["year"].max()
        kinds = {(kind, subject) for kind, subject, _ in SUBJECTS}
        assert {("measure", "injury"), ("fund", "injury")} <= kinds
        total = {}
        for one in (first, second):
            rows = fs.run(one).enrollment.query("level == 'total' and measure == 'injury'")
            total[one.name] = rows.set_index("year")["persons"][year]
        here = reasons[(reasons["kind"] == "measure") & (reasons["subject"] == "injury")]
        difference = total[second.name] - total[first.name]
        assert here["value"].sum() == pytest.approx(difference, abs=1e-3)


def test_the_comparison_names_the_areas_that_differ(base: fs.Scenario, own: fs.Scenario) -> None:
    compared = fs.compare(fs.run(base), fs.run(own))
    rows = compared.parameters
    assert list(rows.columns) == ["parameter", "area", "year", base.name, own.name]
    assert set(rows["parameter"]) == {"growth.employee"}
    # `base` sets one path for all areas: it is beside that of each area.
    assert not rows.isna().any().any()
    found = rows.set_index(["area", "year"])
    assert found.loc[("north", 2024), own.name] == 0.04
    assert (found[base.name] == resolve(base).path("growth.employee")[0]).all()


def test_the_terminal_names_the_areas_that_differ(base: fs.Scenario, own: fs.Scenario) -> None:
    compared = fs.compare(fs.run(base), fs.run(own))
    text = comparison(compared.targets, compared.parameters, {"growth.employee": "fraction"}, "en")
    rows = [line.split() for line in text.splitlines() if line.startswith("growth.employee")]
    alone = [row for row in rows if row[1] == "north"]
    assert [row[:2] for row in alone] == [["growth.employee", "north"]]
    assert alone[0][-1] == "4%"
    assert [row[2] for row in rows if row[1] == "south"] == ["2023–2024", "2025–2027"]


def test_a_path_that_is_replaced_is_replaced_in_every_area(own: fs.Scenario) -> None:
    replaced = resolve(own).with_draws({"growth.employee": np.full((2, 5), 0.01)})
    assert np.unique(replaced.by_area("growth.employee")).tolist() == [0.01]


def test_only_growth_and_coverage_of_people_and_weights_of_areas_are_by_area() -> None:
    sections = {name.split(".")[0] for name, one in registry().items() if one.by_area}
    assert {"growth", "coverage"} <= sections <= {"growth", "coverage", "migration", "mortality"}
    assert all(one.kind == "path" for one in registry().values() if one.by_area)


def test_the_pictures_and_files_of_a_run_by_area(own: fs.Scenario, tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = write(tmp_path, f"name: mine\n{HERE}{PATHS}")
    ended = CliRunner().invoke(app, ["run", str(path), "--out", str(out)])
    assert ended.exit_code == 0, re.sub(r"\s+", " ", ended.output)
    table = pd.read_csv(out / "enrollment.csv")
    assert list(table.columns[:4]) == ["scenario", "year", "level", "area"]


def test_explain_shows_the_layer_of_what_a_scenario_leaves_and_published_values_by_area(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path)
    header, *lines = text("assumptions.csv").splitlines()
    assert header.startswith("parameter,from,value,unit,")
    kept = [line.replace(",", ",,", 1) for line in lines if not line.startswith("growth.employee,")]
    own = [
        f"growth.employee,{area},2023,{value},fraction,yearbook,secondary,,,,,"
        for area, value in (("north", 0.03), ("", 0.01))
    ]
    body = "\n".join([header.replace(",", ",area,", 1), *kept, *own, ""])
    (folder / "assumptions.csv").write_text(body, encoding="utf-8")
    region = fs.open_region(folder)
    scenario = fs.Scenario(name="own", title={}, region=region, horizon=region.horizon)
    found = {(name, layer): value for name, _, value, layer, *_ in law_in_force(scenario)}
    assert found["growth.employee", "region town"] == "{north: 3%, default: 1%}"
    # Words stand as they are, and assumptions of a layer of law are shown with it.
    assert found["coverage.injury.intern", "law/china"] == "base"
    assert not {name for name, layer in found if layer == "region town"} - {"growth.employee"}


def test_flexible_workers_respond_to_the_contribution_of_their_own_area(tmp_path: Path) -> None:
    dearer = "unemployment: {employee_rate: {2023: 0.5%, 2024: 1%}}\n"
    covered = "coverage: {unemployment: {flexible: {north: 100%, default: 0%}}}\n"
    own = loaded(tmp_path, f"{HERE}{dearer}{covered}response: {{flexible: -0.5}}\n")
    values = resolve(own)
    base = EXAMPLE.base_value
    path = values.by_area("growth.flexible")[:, 0]
    growth = response.growth(values)["growth.flexible"]  # [year, area]
    rates = ("pension.flexible_rate", "unemployment.employer_rate", "unemployment.employee_rate")
    before = sum(base(name) for name in rates)
    change = values.path("unemployment.employee_rate")[1] - base("unemployment.employee_rate")
    assert change > 0
    expected = (1 + path[1]) * ((before + change) / before) ** -0.5 - 1
    assert growth[1] == pytest.approx([expected, path[1], path[1]], rel=1e-12)
    assert growth[[0, 2]] == pytest.approx(path[[0, 2], None] + np.zeros(3), rel=1e-12)
