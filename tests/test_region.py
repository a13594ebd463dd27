"""Regions are folders of data: the shipped ones load, mistakes are refused with their position."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import ClosureError, DataError, InputError, ScenarioError
from fsinsure.measures import measures
from fsinsure.parameters import resolve
from fsinsure.region.region import COPIED
from fsinsure.registry import registry
from fsinsure.scenario import explain, load
from fsinsure.sources import CONFIDENCES, base_amount, counts
from region_files import EXAMPLE, copied, edit, row, spoiled, text
from scenario_files import write

BOTH_LANGUAGES = ("zh", "en")


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def printed(found: Result) -> str:
    return re.sub(r"\s+", " ", found.output + found.stderr)


# The shipped regions.


@pytest.mark.parametrize("name", fs.regions())
def test_a_shipped_region_loads_and_names_itself_in_both_languages(name: str) -> None:
    region = fs.regions()[name]
    assert region.name == name == region.folder.name
    assert set(region.title) == set(BOTH_LANGUAGES)
    assert region.places == (*region.codes, name)
    assert len(region.levels) == len(region.places)
    assert set(region.levels[:-1]) <= {"area"} and region.levels[-1] == "total"
    for lang in BOTH_LANGUAGES:
        assert list(region.names(lang)) == list(region.places)
    assert region.first_year == region.base_year + 1 <= region.horizon
    assert set(region.closing_levers) <= {*measures(), "residents"}
    assert set(region.closing_levers.values()) <= set(registry())


@pytest.mark.parametrize("name", fs.regions())
def test_the_base_year_of_a_shipped_region_closes_and_is_plausible(name: str) -> None:
    checked = fs.check_region(fs.regions()[name])
    rows = checked.plausibility
    doubtful = rows.loc[rows["plausible"].fillna(True).eq(False), "item"].tolist()
    # How much new pensions dilute the mean one is not explained (docs/assumptions.md).
    assert doubtful == (["dilution"] if name == "foshan" else [])
    assert not checked.copied
    assert (checked.statuses["persons"] >= 0).all()
    assert checked.statuses["share"].sum() == pytest.approx(1.0)
    total = checked.provenance.set_index("group").sum(axis=1)
    region = fs.regions()[name]
    assert total["figures"] == len(region.figures) + len(region.area_figures)
    assert total.drop("figures").sum() == sum(map(len, region.values.values()))


@pytest.mark.parametrize("name", fs.regions())
def test_every_shipped_region_runs_and_its_areas_add_up(name: str) -> None:
    region = fs.regions()[name]
    scenario = fs.Scenario(name="bare", title={}, region=region, horizon=region.first_year + 1)
    result = fs.run(scenario)
    for table, value in (("enrollment", "persons"), ("stocks", "persons"), ("flows", "persons")):
        cells = getattr(result, table)
        assert set(cells["area"]) == set(region.places)
        keys = [one for one in cells if one not in ("level", "area", value)]
        parts = cells[cells["level"] == "area"].groupby(keys)[value].sum()
        total = cells[cells["level"] == "total"].set_index(keys)[value]
        assert set(cells.loc[cells["level"] == "total", "area"]) == {name}
        assert parts.to_numpy() == pytest.approx(total.sort_index().to_numpy(), rel=1e-9, abs=1e-6)


def test_every_published_total_of_the_base_year_is_met_by_the_run() -> None:
    for region in fs.regions().values():
        scenario = fs.Scenario(name="bare", title={}, region=region, horizon=region.first_year)
        table = fs.run(scenario).enrollment.query(
            f"level == 'total' and year == {region.base_year}"
        )
        people = table.set_index("measure")["persons"]
        for measure in measures():
            figure = region.figures.get(f"enrollment.{measure}")
            if figure is not None:
                assert people[measure] == pytest.approx(figure.amount, abs=2 * figure.half_unit)


def test_a_figure_or_area_that_a_region_does_not_have_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match=r"no figure 'enrollment.injry'. Did you mean 'enr"):
        EXAMPLE.figure("enrollment.injry")
    with pytest.raises(InputError, match=r"no area 'nort'. Did you mean 'north'\? Areas: north"):
        EXAMPLE.index_of("nort")
    assert EXAMPLE.amount("enrollment.injry") is None
    assert [EXAMPLE.index_of(code) for code in EXAMPLE.codes] == [0, 1, 2]


def test_a_folder_is_the_shipped_region_if_its_content_is(tmp_path: Path) -> None:
    same = fs.open_region(copied(tmp_path, "example"))
    assert same == EXAMPLE
    assert hash(same) == hash(EXAMPLE)
    other = fs.open_region(copied(tmp_path, "town"))
    assert other != EXAMPLE  # another name in every table
    assert EXAMPLE != "example"
    assert len({*fs.regions().values(), same, other}) == len(fs.regions()) + 1


def test_line_ends_do_not_make_another_region(tmp_path: Path) -> None:
    folder = copied(tmp_path, "example")
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert fs.open_region(folder) == EXAMPLE


def test_scenarios_and_results_in_its_folder_do_not_make_another_region(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = fs.open_region(folder)
    write(folder, "name: mine\nregion: .\n")
    write(folder, "year,persons\n", "out/enrollment.csv")
    assert fs.open_region(folder) == before


def test_a_changed_file_is_read_again_and_makes_another_region(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = fs.open_region(folder)
    assert fs.open_region(folder) is before
    edit(folder, "assumptions.csv", "wage.growth,2023,0.045", "wage.growth,2023,0.05")
    after = fs.open_region(folder)
    assert after != before
    assert after.base_value("wage.growth") == 0.05


# Mistakes.

FIGURES, CENSUS, ASSUMED, REGION = "figures.csv", "census.csv", "assumptions.csv", "region.yaml"
PROFILES, ISLANDS = "profiles.csv", [one for one in text(CENSUS).splitlines() if ",islands," in one]
SOUTH = row(CENSUS, "2022,south,male,20-24")
CENSUS_ROW = text(CENSUS).splitlines().index(SOUTH.strip()) + 1


def line_of(file: str, begin: str) -> int:
    return [one.startswith(begin) for one in text(file).splitlines()].index(True) + 1


INJURY = line_of(FIGURES, "enrollment.injury")
NORTH = line_of(FIGURES, "population.resident,north")
WAGE = line_of(ASSUMED, "wage.growth")
LAPSE = line_of(ASSUMED, "labour.separation_unemployed")
SECOND = line_of(REGION, "  - {code: south")

MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "figure of another date": (
        FIGURES,
        "injury,,15.94,万人,2022-12-31",
        "injury,,15.94,万人,2021-12-31",
        f"{FIGURES}:{INJURY}:value: enrollment.injury is of 2021-12-31, and the base date",
    ),
    "unknown measure": (
        FIGURES,
        "enrollment.injury",
        "enrollment.injry",
        f"{FIGURES}:{INJURY}:value: there is no figure 'enrollment.injry'. Did you mean 'enrol",
    ),
    "unknown area in a figure": (
        FIGURES,
        "population.resident,north",
        "population.resident,nord",
        f"{FIGURES}:{NORTH}:area: 'nord' is not one of north, south, islands. Did you mean 'north'",
    ),
    "area missing in a figure": (
        FIGURES,
        row(FIGURES, "population.resident,islands"),
        "",
        f"{FIGURES}:{NORTH}:value: population.resident is given by area but not for islands",
    ),
    "figure twice": (
        FIGURES,
        "enrollment.unemployment,",
        "enrollment.injury,",
        f"{FIGURES}:{INJURY}:figure: enrollment.injury occurs twice",
    ),
    "areas that do not add up": (
        FIGURES,
        "population.resident,,603000",
        "population.resident,,703000",
        ":value: population.resident is 703,000, and its areas add up to 603,000",
    ),
    "not a number": (
        FIGURES,
        "15.94",
        "much",
        f"{FIGURES}:{INJURY}:value: 'much' is not a number",
    ),
    "people below zero": (
        FIGURES,
        "15.94",
        "-15.94",
        f"{FIGURES}:{INJURY}:value: enrollment.injury is -15.94: people are not negative",
    ),
    "money for people": (
        FIGURES,
        "15.94,万人",
        "15.94,万元",
        f"{FIGURES}:{INJURY}:unit: enrollment.injury is in '万元': write 人 or 万人",
    ),
    "people for money": (
        FIGURES,
        "fund.balance,,31.60,亿元",
        "fund.balance,,31.60,亿人",
        ":unit: fund.balance is in '亿人': write 元 or 亿元",
    ),
    "unknown confidence": (
        FIGURES,
        "invented: statistical bulletin 2022,assumption",
        "invented: statistical bulletin 2022,asumption",
        f"{FIGURES}:2:confidence: 'asumption' is not one of plan, official, secondary, assumption.",
    ),
    "one column too many": (FIGURES, "企业职工", "企业,职工", f"{FIGURES}:2: 11 cells under 10"),
    "area missing in the census": (
        CENSUS,
        "\n".join(ISLANDS),
        "",
        f"{CENSUS}:2: the census 2022 has no row for islands, male, 0",
    ),
    "cell missing in the census": (
        CENSUS,
        SOUTH,
        "",
        f"{CENSUS}:2: the census 2022 has no row for south, male, 20-24",
    ),
    "cell twice": (
        CENSUS,
        SOUTH,
        2 * SOUTH,
        f"{CENSUS}:{CENSUS_ROW + 1}:age_group: south male 20-24 occurs twice",
    ),
    "unknown area in the census": (
        CENSUS,
        "2022,south,male,20-24",
        "2022,soth,male,20-24",
        f"{CENSUS}:{CENSUS_ROW}:area: 'soth' is not one of north, south, islands. Did you",
    ),
    "unknown sex": (
        CENSUS,
        "2022,south,male,20-24",
        "2022,south,mail,20-24",
        f"{CENSUS}:{CENSUS_ROW}:sex: 'mail' is not one of male, female",
    ),
    "negative cell": (CENSUS, "24,7174", "24,-1", f"{CENSUS}:{CENSUS_ROW}:value: -1 is not betw"),
    "unit of a cell": (
        CENSUS,
        "7174,人",
        "7174,元",
        f"{CENSUS}:{CENSUS_ROW}:unit: '元' is not a unit of people",
    ),
    "cell of another year": (
        CENSUS,
        "7174,人,2022",
        "7174,人,2012",
        f"{CENSUS}:{CENSUS_ROW}:date: 2012-12-31 is not in 2022",
    ),
    "unknown parameter": (
        ASSUMED,
        "wage.growth",
        "wage.growht",
        f"{ASSUMED}:{WAGE}:parameter: there is no parameter 'wage.growht'. Did you mean 'wage.g",
    ),
    "wrong unit": (
        ASSUMED,
        "wage.growth,2023,0.045,fraction",
        "wage.growth,2023,0.045,ratio",
        f"{ASSUMED}:{WAGE}:unit: wage.growth is in fraction, not in 'ratio'",
    ),
    "out of bounds": (
        ASSUMED,
        "wage.growth,2023,0.045",
        "wage.growth,2023,4.5",
        f"{ASSUMED}:{WAGE}:value: 4.5 is not between -0.2 and 0.3",
    ),
    "no value in the first year": (
        ASSUMED,
        "wage.growth,2023,0.045",
        "wage.growth,2024,0.045",
        f"{ASSUMED}:{WAGE}:value: wage.growth is not known before 2024, and the projection starts"
        " in 2023",
    ),
    "not a month": (
        ASSUMED,
        "wage.growth,2023,",
        "wage.growth,2023-13,",
        f"{ASSUMED}:{WAGE}:from: '2023-13' is not a year or a month",
    ),
    "date of a single value": (
        ASSUMED,
        "wage.mean,,",
        "wage.mean,2023,",
        f"{ASSUMED}:{WAGE - 1}:from: wage.mean has one value: leave the date out",
    ),
    "two values from one date": (
        ASSUMED,
        "growth.resident,2033",
        "growth.resident,2023",
        ":from: a second value of growth.resident from this date",
    ),
    "no value at all": (
        ASSUMED,
        row(ASSUMED, "fertility.level"),
        "",
        f"{ASSUMED}: no value for fertility.level: neither the law nor the region has one",
    ),
    "no source": (
        ASSUMED,
        "fertility.level,2023,0.9,ratio,invented",
        "fertility.level,2023,0.9,ratio,",
        ":source: blank in this row",
    ),
    "confidence of an assumption": (
        ASSUMED,
        "fertility.level,2023,0.9,ratio,invented,assumption",
        "fertility.level,2023,0.9,ratio,invented,sure",
        ":confidence: 'sure' is not one of plan",
    ),
    "shares of the same people": (
        ASSUMED,
        "labour.separation_unemployed,2023,0.17,fraction,invented,assumption,,0.0971,0.243,",
        "labour.separation_unemployed,2023,0.97,fraction,invented,assumption,,0.9,1,",
        f"{ASSUMED}:{LAPSE}:value: labour.separation_unemployed and labour.separation_flexible add"
        " up to 107.0% in 2023",
    ),
    "shares of one whole": (
        ASSUMED,
        "fund.share_civil,,0.06,fraction,invented,assumption,,0.015,0.15,",
        "fund.share_civil,,0.86,fraction,invented,assumption,,0.8,0.9,",
        f"{ASSUMED}:{line_of(ASSUMED, 'fund.share_civil')}:value: fund.share_* add up to 111.0%",
    ),
    "unknown profile": (
        PROFILES,
        "arrival,male,5",
        "arival,male,5",
        f"{PROFILES}:3:profile: there is no profile 'arival'. Did you mean 'arrival'?",
    ),
    "ages that fall": (
        PROFILES,
        "arrival,male,12",
        "arrival,male,3",
        f"{PROFILES}:4:age: 3 after 5: ages must rise",
    ),
    "age beyond the last": (
        PROFILES,
        "arrival,male,12",
        "arrival,male,120",
        f"{PROFILES}:4:age: 1",
    ),
    "area of an outcome": (
        "outcomes.csv",
        "resident,islands",
        "resident,iland",
        ":area: 'iland' is not one of north, south, islands. Did you mean 'islands'?",
    ),
    "reading in use": ("conflicts.csv", ",a,", ",c,", "conflicts.csv:2:used: 'c' is not one of a"),
    "law that does not exist": (
        REGION,
        "law: china",
        "law: chian",
        f"{REGION}:6:6: law: there is no law 'chian'. Did you mean 'china'? Known: china, guang",
    ),
    "base date within the year": (
        REGION,
        "2022-12-31",
        "2022-06-30",
        f"{REGION}:3:12: base_date: 2022-06-30 is not a 31 December",
    ),
    "not a date": (REGION, "2022-12-31", "2022", f"{REGION}:3:12: base_date: expected a date suc"),
    "horizon in the past": (
        REGION,
        "horizon: 2027",
        "horizon: 2022",
        f"{REGION}:4:10: horizon: 2022 is not after the base date",
    ),
    "area like the region": (
        REGION,
        "code: south",
        "code: town",
        f"{REGION}:{SECOND}:12: areas[1].code: an area is called town like the region",
    ),
    "area called default": (
        REGION,
        "code: south",
        "code: default",
        f"{REGION}:{SECOND}:12: areas[1].code: default stands for the areas that a path does not",
    ),
    "area twice": (
        REGION,
        "code: south",
        "code: north",
        f"{REGION}:{SECOND}:5: areas[1]: a second",
    ),
    "code that is a text": (
        REGION,
        "code: south",
        "code: South East",
        f"{REGION}:{SECOND}:12: areas[1].code: 'South East' is not a code",
    ),
    "lever of an unknown measure": (
        REGION,
        "  unemployment: growth",
        "  unemploymnt: growth",
        ": closing_levers.unemploymnt: unknown key. Did you mean 'unemployment'?",
    ),
    "unknown lever": (
        REGION,
        "unemployment: growth.employee",
        "unemployment: growth.employe",
        "closing_levers.unemployment: there is no parameter 'growth.employe'. Did you mean 'growth",
    ),
    "unknown key": (REGION, "currency:", "curency:", ": curency: unknown key. Did you mean 'curr"),
    "no horizon": (REGION, "horizon: 2027", "", ": horizon: is missing"),
}


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_with_its_position(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    folder = spoiled(tmp_path, file, old, new)
    with pytest.raises(InputError) as caught:
        fs.check_region(fs.open_region(folder))
    message = str(caught.value)
    assert message.startswith(f"town/{file}:")
    assert said in message
    assert len(message.splitlines()) == (2 if "curency" in new else 1)  # unknown, and missing


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "'25-29' where a group from 24 on is expected"), (99, "'25-29' where a group from 24 on")],
)
def test_a_gap_in_the_age_groups_is_refused(tmp_path: Path, count: int, said: str) -> None:
    folder = spoiled(tmp_path, CENSUS, ",20-24,", ",20-23,", count)
    with pytest.raises(DataError, match=rf"^town/{CENSUS}:8:age_group: {re.escape(said)}"):
        fs.open_region(folder)


@pytest.mark.parametrize("last", ["85-89", "85", "85-120"])
def test_the_last_age_group_must_be_open(tmp_path: Path, last: str) -> None:
    folder = spoiled(tmp_path, CENSUS, ",85+,", f",{last},", 99)
    with pytest.raises(DataError, match=rf"^town/{CENSUS}:20:age_group: the last group must be op"):
        fs.open_region(folder)


def test_a_later_census_only_is_refused(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, CENSUS, "2022", "2032", 999)
    with pytest.raises(DataError, match=r"no census of 2022 or before; it has 2032\. Add the rows"):
        fs.open_region(folder)


def test_a_census_beside_that_of_the_base_year_is_no_mistake(tmp_path: Path) -> None:
    folder = copied(tmp_path, "example")
    older = text(CENSUS).partition("\n")[2].replace("2022", "2012")
    (folder / CENSUS).write_text(text(CENSUS) + older, encoding="utf-8")
    assert fs.check_region(fs.open_region(folder)).plausible


def test_all_blank_cells_are_reported_at_once(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder, FIGURES, "15.94", "")
    edit(folder, FIGURES, "14.60,万人", ",万人")
    edit(folder, FIGURES, "亿元,2022-12-31", "亿元,")
    edit(folder, CENSUS, ",7174,", ",,")
    edit(folder, PROFILES, "0.16", "")
    with pytest.raises(DataError) as caught:
        fs.open_region(folder)
    first = line_of(FIGURES, "enrollment.pension.resident")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        f"town/{FIGURES}:{first}:value",
        f"town/{FIGURES}:{line_of(FIGURES, 'fund.balance')}:date",
        f"town/{CENSUS}:{CENSUS_ROW}:value",
        f"town/{PROFILES}:5:weight",
    ]
    assert "blank in this row and 1 more row: fill it in, or delete the row" in str(caught.value)


@pytest.mark.parametrize("file", [FIGURES, CENSUS, ASSUMED, PROFILES])
def test_a_missing_file_is_named_with_its_columns(tmp_path: Path, file: str) -> None:
    folder = copied(tmp_path)
    (folder / file).unlink()
    with pytest.raises(DataError, match=rf"^town/{file}: there is no such file; it needs the col"):
        fs.open_region(folder)


@pytest.mark.parametrize("file", ["outcomes.csv", "conflicts.csv"])
def test_later_figures_and_conflicts_may_be_left_out(tmp_path: Path, file: str) -> None:
    folder = copied(tmp_path)
    (folder / file).unlink()
    assert fs.check_region(fs.open_region(folder)).plausible


def test_a_folder_without_region_yaml_is_no_region(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no region, as it has no region\.yaml\. 'fsinsure regio"):
        fs.open_region(tmp_path)


def test_a_negative_status_names_the_figures_that_force_it(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, FIGURES, "urban_contributors,,17.62", "urban_contributors,,12.62")
    region = fs.open_region(folder)
    with pytest.raises(ClosureError) as caught:
        fs.check_region(region)
    message = str(caught.value)
    assert "it would need -" in message
    assert "enrollment.pension.urban_contributors of 126,200 (invented: statistical b" in message
    assert "retirees.enterprise of 51,800" in message


def test_a_missing_figure_is_named_with_what_could_stand_for_it(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, FIGURES, row(FIGURES, "retirees.enterprise"), "")
    with pytest.raises(ClosureError, match=r"1 more equation is needed\. Give 1 of: retirees\.ent"):
        fs.check_region(fs.open_region(folder))


# Layers of law.

LAYER = "name: {{zh: 省, en: Province}}\nparent: {parent}\n"
HEADER = "parameter,from,value,unit,source,confidence,note\n"


def own_law(folder: Path, rows: str, parent: str = "china", name: str = "province") -> None:
    """Give a region a law of its own between the nation and itself."""
    write(folder, LAYER.format(parent=parent), f"law/{name}/layer.yaml")
    write(folder, HEADER + rows, f"law/{name}/values.csv")


def test_the_innermost_layer_sets_a_value(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, REGION, "law: china", "law: province")
    header = text(ASSUMED).partition("\n")[0]
    own = "pension.accrual,,0.012,fraction,town,assumption,,,,,"
    edit(folder, ASSUMED, f"{header}\n", f"{header}\n{own}\n")
    own_law(
        folder,
        "pension.employer_rate,2023,0.14,fraction,a notice,official,\n"
        "pension.accrual,,0.011,fraction,a notice,official,\n"
        "pension.annuity_divisors.60,2023,140,months,a notice,official,\n",
    )
    region = fs.open_region(folder)
    assert region.laws == ("china", "province")
    layers = {name: {one.layer for one in values} for name, values in region.values.items()}
    assert layers["pension.employee_rate"] == {"law/china"}
    assert layers["pension.employer_rate"] == {"law/province"}
    assert layers["pension.accrual"] == {"region town"}
    # Of a table the keys that a layer names are its own.
    divisors = {one.key: one for one in region.values["pension.annuity_divisors"]}
    assert (divisors[60].layer, divisors[60].text) == ("law/province", "140")
    assert divisors[61].layer == "law/china"

    scenario = load(write(tmp_path, "name: mine\nregion: ./town\npension: {employee_rate: 7%}\n"))
    table = fs.run(scenario).parameters.groupby("parameter")["set_by"].unique()
    assert list(table["pension.employer_rate"]) == ["law/province"]
    assert list(table["pension.accrual"]) == ["region town"]
    assert list(table["pension.employee_rate"]) == ["mine.yaml:3:26"]
    assert list(table["pension.annuity_divisors.60"]) == ["law/province"]
    assert list(table["wage.growth"]) == ["region town"]

    shown = command("validate", tmp_path / "mine.yaml", "--explain", "--lang", "en").output
    (line,) = [one for one in shown.splitlines() if one.startswith("pension.employer_rate")]
    assert "14%" in line and "law/province" in line and "a notice" in line


def test_a_key_of_a_table_without_a_value_in_the_first_year_is_refused(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, REGION, "law: china", "law: province")
    own_law(folder, "pension.annuity_divisors.60,2025,170,months,a notice,official,\n")
    region = fs.open_region(folder)
    with pytest.raises(InputError, match=r"pension\.annuity_divisors has no value for 60 in 2023"):
        fs.check_region(region)


def test_a_law_that_overrides_itself_is_refused(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, REGION, "law: china", "law: province")
    own_law(folder, "", parent="county")
    own_law(folder, "", parent="province", name="county")
    with pytest.raises(
        ScenarioError, match=r"^town/region\.yaml:6:6: law: the law province overri"
    ):
        fs.open_region(folder)


def test_a_parent_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, REGION, "law: china", "law: province")
    own_law(folder, "", parent="chian")
    with pytest.raises(InputError, match=r"there is no law 'chian'. Did you mean 'china'\?"):
        fs.open_region(folder)


def test_a_mistake_in_a_law_is_refused_with_its_position(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, REGION, "law: china", "law: province")
    own_law(folder, "pension.accrual,,1.1,fraction,a notice,official,\n")
    with pytest.raises(DataError, match=r"province/values\.csv:2:value: 1\.1 is not between"):
        fs.open_region(folder)


# Regions in scenarios and at the command line.


def test_a_scenario_may_name_a_folder_of_its_own_tree(tmp_path: Path) -> None:
    copied(tmp_path / "regions", "town")
    scenario = load(write(tmp_path, "name: mine\nregion: ./regions/town\n"))
    assert scenario.region == fs.open_region(tmp_path / "regions" / "town")
    assert scenario.horizon == scenario.region.horizon
    inside = write(tmp_path, "name: mine\nregion: .\n", "regions/town/mine.yaml")
    assert load(inside).region == scenario.region
    assert load(inside).hash == scenario.hash


@pytest.mark.parametrize("name", ["../town", "./../town", "../work/../town"])
def test_a_folder_outside_the_tree_is_refused(tmp_path: Path, name: str) -> None:
    copied(tmp_path, "town")
    path = write(tmp_path, f"name: mine\nregion: {name}\n", "work/mine.yaml")
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2:9: region: "):
        load(path)


def test_a_link_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    copied(tmp_path, "town")
    path = write(tmp_path, "name: mine\nregion: ./town\n", "work/mine.yaml")
    (path.parent / "town").symlink_to(tmp_path / "town", target_is_directory=True)
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2:9: region: "):
        load(path)


def test_an_unknown_region_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2:9: region: no region 'exampl'. Did you"):
        load(write(tmp_path, "name: mine\nregion: exampl\n"))


def test_a_scenario_takes_the_region_of_the_one_it_extends(tmp_path: Path) -> None:
    base = load(write(tmp_path, "name: base\nregion: example\n", "base.yaml"))
    mine = load(write(tmp_path, "name: mine\nextends: base.yaml\ngrowth: {employee: 1%}\n"))
    assert mine.region is base.region == EXAMPLE


def test_years_are_those_of_the_region(tmp_path: Path) -> None:
    early = write(tmp_path, "name: mine\nregion: example\ngrowth: {employee: {2022: 1%}}\n")
    with pytest.raises(ScenarioError, match=r"2022 is the base year, closed from published fig"):
        load(early)
    same = write(tmp_path, "name: mine\nregion: foshan\ngrowth: {employee: {2021: 1%, 2022: 2%}}\n")
    assert load(same).region.base_year == 2020


@pytest.mark.parametrize(
    ("file", "old", "new", "position"),
    [
        (FIGURES, "15.94,万人,2022", "15.94,万人,2021", f"town/{FIGURES}:{INJURY}:value: "),
        (
            ASSUMED,
            "separation_unemployed,2023,0.17,fraction,invented,assumption,,0.0971,0.243,",
            "separation_unemployed,2023,0.97,fraction,invented,assumption,,0.9,1,",
            ":value: ",
        ),
        (REGION, "law: china", "law: nowhere", f"town/{REGION}:6:6: "),
        (FIGURES, "urban_contributors,,17.62", "urban_contributors,,12.62", "would need -"),
    ],
)
def test_mistakes_end_with_2_and_the_position(
    tmp_path: Path, file: str, old: str, new: str, position: str
) -> None:
    folder = spoiled(tmp_path, file, old, new)
    scenario = write(tmp_path, "name: mine\nregion: ./town\n")
    out = tmp_path / "out"
    for arguments in (
        ("region", "check", folder),
        ("validate", scenario),
        ("run", scenario, "--out", out, "--plots", "none"),
    ):
        ended = command(*arguments)
        assert ended.exit_code == 2, arguments
        assert re.sub(r"\s+", "", position) in re.sub(r"\s+", "", printed(ended)), arguments
    assert not out.exists()


@pytest.mark.parametrize("lang", BOTH_LANGUAGES)
def test_the_shipped_regions_are_listed(lang: str) -> None:
    shown = command("region", "list", "--lang", lang)
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) == 1 + len(fs.regions())
    for name, region in fs.regions().items():
        (line,) = [one for one in shown.output.splitlines() if one.startswith(f"{name} ")]
        assert region.title[lang] in line
        assert str(region.base_date) in line
        assert " < ".join(region.laws) in line


@pytest.mark.parametrize("lang", BOTH_LANGUAGES)
def test_a_check_says_what_is_published_and_what_is_assumed(lang: str) -> None:
    shown = command("region", "check", "example", "--lang", lang)
    assert shown.exit_code == 0
    assert EXAMPLE.title[lang] in shown.output
    if lang == "en":
        plain = shown.output.replace(EXAMPLE.title["zh"], "")
        assert not re.search(r"[一-鿿]", plain)


def test_a_check_of_an_implausible_region_ends_with_1(tmp_path: Path) -> None:
    folder = spoiled(
        tmp_path, FIGURES, "pension.enterprise_mean,,2860", "pension.enterprise_mean,,1"
    )
    assert fs.check_region(fs.open_region(folder)) is not None
    one_old = spoiled(tmp_path / "old", CENSUS, "7174", "7174000")
    edit(one_old, FIGURES, "population.resident,,603000", "population.resident,,7769826")
    edit(one_old, FIGURES, "population.resident,south,228000", "population.resident,south,7394826")
    assert not fs.check_region(fs.open_region(one_old)).plausible
    assert command("region", "check", one_old).exit_code == 1


def test_an_unknown_region_of_a_check_is_refused() -> None:
    ended = command("region", "check", "exampl")
    assert ended.exit_code == 2
    assert "Did you mean 'example'" in printed(ended)


# A new region.


def filled(folder: Path) -> None:
    """Fill the blanks of a new region in with the figures, census and amounts of the example."""
    for file, keys in (
        (FIGURES, ("figure", "area")),
        (CENSUS, ("area", "sex", "age_group")),
        (ASSUMED, ("parameter",)),
    ):
        known = defaultdict(list)
        for one in cells(EXAMPLE.folder / file):
            known[tuple(one[key] for key in keys)].append(one)
        given = cells(folder / file)
        assert not all(one["value"] for one in given)
        rows = []
        for one in given:
            rows += [one] if one["value"] else known[tuple(one[key] for key in keys)]
        with (folder / file).open("w", encoding="utf-8", newline="") as handle:
            # A new region has no ranges yet.
            columns = list(given[0])
            writer = csv.DictWriter(handle, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_new_region_is_refused_until_it_is_filled_in_and_then_runs(tmp_path: Path) -> None:
    folder = tmp_path / "my-city"
    areas = ",".join(EXAMPLE.codes)
    made = command("region", "new", folder, "--like", "example", "--areas", areas)
    assert made.exit_code == 0, printed(made)
    assert {one.name for one in folder.iterdir()} >= {FIGURES, CENSUS, ASSUMED, PROFILES, REGION}

    ended = command("region", "check", folder)
    assert ended.exit_code == 2
    blank = re.sub(r"\s+", "", printed(ended))
    for file in (FIGURES, CENSUS):
        assert f"my-city/{file}:2:value:blankinthisrow" in blank
    assert f"my-city/{ASSUMED}:{line_of(ASSUMED, 'base.dormant,')}:value:blankinthisrow" in blank

    filled(folder)
    region = fs.open_region(folder)
    assert region.base_date == EXAMPLE.base_date
    assert region.codes == EXAMPLE.codes
    checked = fs.check_region(region)
    assert checked.plausible
    assert checked.copied
    for name in checked.copied:
        for one in region.values[name]:
            assert one.source.startswith(COPIED)
            assert one.confidence == "assumption"
    parameters = [name for name in region.copied if not name.startswith("profile.")]
    note = f"{len(parameters)} assumptions and 6 age profiles are copied from example: replace them"
    listed = f'fsinsure sources "copied from" --region {folder}'
    shown = command("region", "check", folder, "--lang", "en")
    assert shown.exit_code == 0
    assert note in printed(shown) and listed in printed(shown)
    found = command("sources", "copied from", "--region", folder, "--table", "assumptions")
    assert all(name in found.output for name in parameters)

    scenario = load(folder / "baseline.yaml")
    assert scenario.region == region
    edit(folder, "baseline.yaml", "# targets:", "targets:")
    edit(folder, "baseline.yaml", "#   - ", "  - ", 99)
    assert {one.measure for one in load(folder / "baseline.yaml").targets} <= set(measures())
    out = tmp_path / "out"
    ran = command("run", folder / "baseline.yaml", "--out", out, "--lang", "en")
    assert ran.exit_code == 0, printed(ran)
    assert f"Note: {note}" in printed(ran)
    assert (out / "targets.png").exists()
    # The same figures and assumptions: the same people in every year.
    mine = fs.run(scenario).enrollment["persons"]
    bare = fs.Scenario(name="bare", title={}, region=EXAMPLE, horizon=scenario.horizon)
    assert mine.to_numpy() == pytest.approx(fs.run(bare).enrollment["persons"].to_numpy())


@pytest.mark.parametrize("like", fs.regions())
@pytest.mark.parametrize("year", [None, 2024])
def test_the_files_of_a_new_region_are_readable(
    tmp_path: Path, like: str, year: int | None
) -> None:
    """Only blank cells are missing: with any number in them the folder is read."""
    folder = tmp_path / "new"
    more = () if year is None else ("--base-year", str(year))
    assert command("region", "new", folder, "--like", like, *more).exit_code == 0
    for file in (FIGURES, CENSUS, ASSUMED):
        rows = cells(folder / file)
        base = year or fs.regions()[like].base_year
        fill = {"value": "1", "date": str(base), "source": "a test", "confidence": CONFIDENCES[0]}
        with (folder / file).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            for one in rows:
                blank = {key: fill.get(key, "x") for key, cell in one.items() if not cell}
                kept = {key: one[key] for key in ("area", "from") if key in one}
                writer.writerow(one | {**blank, **kept, "note": ""})
    region = fs.open_region(folder)
    assert region.base_year == (year or fs.regions()[like].base_year)
    assert region.codes == ("all",)
    assert resolve(load(folder / "baseline.yaml")).years[0] == region.first_year


def test_a_new_region_never_writes_over_a_folder(tmp_path: Path) -> None:
    ended = command("region", "new", tmp_path)
    assert ended.exit_code == 2
    assert "exists" in printed(ended)
    ended = command("region", "new", tmp_path / "a" / "b")
    assert ended.exit_code == 2
    assert "there is no folder" in printed(ended)
    assert not any(tmp_path.iterdir())


# Units.


@pytest.mark.parametrize(
    ("unit", "people", "money"),
    [
        ("人", True, False),
        ("万人", True, False),
        ("亿人", True, False),
        ("thousand", True, True),
        ("亿元", False, True),
        ("万亿元", False, True),
        ("元/月", False, False),
        ("%", False, False),
        ("", False, False),
        ("人次", False, False),
    ],
)
def test_what_a_unit_counts(unit: str, people: bool, money: bool) -> None:
    assert (counts(unit, "人"), counts(unit, "元")) == (people, money)


def test_a_unit_of_万亿_is_a_trillion() -> None:
    assert base_amount(Decimal("4.9"), "万亿元") == 4.9e12


def test_explain_lists_what_a_scenario_sets(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, "name: mine\nregion: example\nwage: {growth: 3%}\n"))
    rows = {one.key: one for one in explain(scenario)}
    assert rows["wage.growth"].value == "3%"
