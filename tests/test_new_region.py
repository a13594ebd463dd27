"""What `fsinsure region new` writes, and what it refuses before it writes anything."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import FsinsureWarning, InputError
from fsinsure.region.load import find_region
from fsinsure.region.scaffold import scaffold
from fsinsure.registry import registry
from region_files import EXAMPLE, copied, edit, row, spoiled

ASSUMED = "assumptions.csv"


def assumed(like: fs.Region) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(scaffold("mine", like, ["a", "b"])[ASSUMED])))


@pytest.mark.parametrize("like", fs.regions())
def test_amounts_that_the_size_of_a_region_sets_are_not_copied(like: str) -> None:
    written = assumed(fs.regions()[like])
    assert {one["parameter"] for one in written if not one["value"]} >= {"migration.arrivals"}
    for one in written:
        name = one["parameter"]
        parameter = registry().get(name) or registry()[name.rpartition(".")[0]]
        if parameter.unit == "persons":
            assert one["value"] == ""
        if one["value"]:
            assert one["source"].startswith(f"copied from {like}: ")
        else:
            assert not one["source"] and not one["confidence"]
            assert one["note"].startswith(f"{like}: ")


def test_the_note_has_the_amount_of_the_other_region_for_each_resident() -> None:
    first = next(one for one in assumed(EXAMPLE) if one["parameter"] == "migration.arrivals")
    value = EXAMPLE.values["migration.arrivals"][0].text
    assert f"example: {value}, {float(value) / 603000:.3g} for each of its res" in first["note"]


def test_a_blank_amount_has_one_row_that_holds_from_the_base_year() -> None:
    rows = [
        one for one in assumed(fs.regions()["foshan"]) if one["parameter"] == "migration.arrivals"
    ]
    assert [one["from"] for one in rows] == [""]
    assert "foshan: 314000, " in rows[0]["note"]


def test_targets_of_enrollment_are_asked_for_in_the_scenario_only() -> None:
    files = scaffold("mine", fs.regions()["foshan"], ["a", "b"])
    names = [one["figure"] for one in csv.DictReader(io.StringIO(files["figures.csv"]))]
    assert {"target.new_urban_employment", "population.resident", "enrollment.injury"} <= {*names}
    assert "target.injury" not in names
    assert "- {measure: injury, year: 2025" in files["baseline.yaml"]


def test_goals_are_asked_for_the_years_of_the_plan_that_follows() -> None:
    files = scaffold("mine", fs.regions()["foshan"], ["a", "b"], 2022)
    rows = {one["figure"]: one for one in csv.DictReader(io.StringIO(files["figures.csv"]))}
    goals = [one for name, one in rows.items() if name.startswith("target.")]
    assert len(goals) == 4
    assert {one["date"] for one in goals} == {"2023/2027"}
    assert all("the years of your plan" in one["note"] for one in goals)
    assert rows["registered_unemployment_rate"]["date"] == "2022"
    assert rows["social_card"]["date"] == "2022-12-31"


def test_subsidies_in_yuan_are_amounts_of_a_region_and_wages_are_not() -> None:
    found = {one["parameter"]: one["value"] for one in assumed(EXAMPLE)}
    assert found["pension.subsidy"] == found["civil.subsidy"] == ""
    assert found["wage.mean"] == EXAMPLE.values["wage.mean"][0].text


def test_a_copy_of_a_copy_names_where_the_values_came_from(tmp_path: Path) -> None:
    mean = row(ASSUMED, "wage.mean,")
    folder = spoiled(tmp_path, ASSUMED, mean, mean.replace("invented", "copied from foshan: x"))
    region = fs.open_region(folder)
    assert region.copied == {"wage.mean": "foshan"}
    written = {one["parameter"]: one for one in assumed(region)}
    assert written["wage.mean"]["source"].startswith("copied from foshan: x")
    assert written["wage.cv"]["source"].startswith("copied from town: ")


def test_the_law_of_the_other_region_is_copied_too(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, "region.yaml", "law: china", "law: province")
    home = folder / "law" / "province"
    home.mkdir(parents=True)
    layer = "name: {zh: 省, en: Province}\nparent: china\n"
    (home / "layer.yaml").write_text(layer, encoding="utf-8")
    values = (
        "parameter,from,value,unit,source,confidence,note\n"
        "pension.accrual,,0.011,fraction,a notice,official,\n"
    )
    (home / "values.csv").write_text(values, encoding="utf-8")
    new = tmp_path / "new-city"
    ended = CliRunner().invoke(app, ["region", "new", str(new), "--like", str(folder)])
    assert ended.exit_code == 0, ended.output + ended.stderr
    assert (new / "law" / "province" / "layer.yaml").read_text(encoding="utf-8") == layer
    assert (new / "law" / "province" / "values.csv").read_text(encoding="utf-8") == values
    assert not (new / "law" / "china").exists()


@pytest.mark.parametrize(
    ("name", "areas", "year", "said"),
    [
        *((name, "a", 2022, "is not a name of a region") for name in ("my city", "123", "true")),
        *((name, "a", 2022, "is not a name of a region") for name in ("x#1", "a: b", "null")),
        ("con", "a", 2022, "is the name of a device"),
        ("foshan", "a", 2022, "foshan is a region shipped with the library"),
        ("mine", "东,b", 2022, "--areas: '东' is not a code"),
        ("mine", "A,B", 2022, "--areas: 'A' is not a code"),
        ("mine", "a,a", 2022, "--areas: a second area a"),
        ("mine", ",", 2022, "--areas: a region needs at least one area"),
        ("mine", "mine", 2022, "--areas: an area is called mine like the region"),
        ("mine", "total", 2022, "--areas: total is what tables call the region as a whole"),
        ("mine", "true", 2022, "--areas: expected a text, got true"),
        *(("mine", "a", year, "--base-year: ") for year in (-5, 0, 1800, 2096, 2100)),
    ],
)
def test_what_later_commands_would_refuse_is_refused_before_a_folder_is_written(
    tmp_path: Path, name: str, areas: str, year: int, said: str
) -> None:
    options = ["--like", "example", "--areas", areas, "--base-year", str(year)]
    ended = CliRunner().invoke(app, ["region", "new", *options, str(tmp_path / name)])
    assert ended.exit_code == 2, ended.output
    assert said in " ".join(ended.stderr.split())
    assert not any(tmp_path.iterdir())


def test_a_folder_with_the_name_of_a_shipped_region_is_not_passed_over_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(tmp_path, "example")
    monkeypatch.chdir(tmp_path)
    with pytest.warns(FsinsureWarning, match=r"the folder here is \./example"):
        assert find_region("example") == EXAMPLE
    found = find_region("./example")
    assert found.folder == tmp_path / "example"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("code: south", "code: total", "total is what tables call the region as a whole"),
        ("2022-12-31", "1800-12-31", "1800-12-31 is not between 1950 and 2099"),
    ],
)
def test_region_yaml_is_held_to_the_same(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = spoiled(tmp_path, "region.yaml", old, new)
    with pytest.raises(InputError, match=said):
        fs.open_region(folder)


def test_two_areas_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    names = EXAMPLE.names("zh")
    edit(folder, "region.yaml", names["south"], names["north"])
    with pytest.raises(InputError, match=r"areas\[1\]\.zh: a second area called"):
        fs.open_region(folder)
