"""What is named twice, or names several things, is refused, and the hint is of use."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import DataError, InputError, ScenarioError
from fsinsure.measures import parameter_named, parameter_names
from fsinsure.messages import Message, separated
from fsinsure.microdata.parquet import reading
from fsinsure.names import meant
from fsinsure.region.outcomes import comparable
from fsinsure.registry import registry
from fsinsure.scenario import json_schema
from fsinsure.units import rounded
from fsinsure.workbook.template import template
from scenario_files import loaded, write

TITLE = "企业职工人数年增长率"
TWICE = {"growth.employee": ("0%", "5%"), TITLE: ("0%", "40%")}


def test_bounds_of_one_lever_by_key_and_title_are_refused(baseline: fs.Scenario) -> None:
    with pytest.raises(InputError, match=f"{TITLE} names growth.employee a second time") as caught:
        fs.solve(baseline, ["unemployment"], lever="growth.employee", bounds=TWICE)
    assert "重复" in caught.value.text("zh")


@pytest.mark.parametrize("what", ["bounds", "years"])
def test_a_calibration_refuses_what_is_given_twice(what: str) -> None:
    given: dict[str, Any] = {
        what: TWICE if what == "bounds" else dict.fromkeys(TWICE, (2021, 2022))
    }
    with pytest.raises(InputError, match=f"{what}: {TITLE} names growth.employee a second time"):
        fs.calibrate("as-implemented", ["growth.employee"], **given)


def test_a_reserve_of_one_fund_by_code_and_name_is_refused(baseline: fs.Scenario) -> None:
    reserves = {"unemployment": 12, "失业保险": 6}
    with pytest.raises(InputError, match="reserves: 失业保险 names unemployment a second time"):
        fs.solve(baseline, ["injury"], lever="growth.employee", reserves=reserves)


def test_a_title_leads_to_its_key_or_is_said_to_be_ambiguous() -> None:
    keys = defaultdict(set)
    for key, one in registry().items():
        for title in (one.zh, one.en):
            keys[title].add(key)
    shared = {title: found for title, found in keys.items() if len(found) > 1}
    assert shared
    for title, found in keys.items():
        if len(found) == 1:
            assert {parameter_named(title)} == found or len(own_keys(title)) > 1, title
        else:
            hint = meant(title, parameter_names()).text("en")
            assert "Did you mean" not in hint
            assert all(key in hint for key in found)


def own_keys(title: str) -> set[str]:
    """Return the keys with a title, remarks in brackets apart."""

    def bare(text: str) -> str:
        return re.sub(r"\s*[（(][^（(]*[)）]", "", text).casefold()

    return {key for key, one in registry().items() if bare(title) in (bare(one.zh), bare(one.en))}


def test_an_ambiguous_lever_lists_its_keys(baseline: fs.Scenario) -> None:
    with pytest.raises(InputError, match="It may be ") as caught:
        fs.solve(baseline, "injury", lever="Mean floating factor of employers")
    for text in (caught.value.text("zh"), caught.value.text("en")):
        assert text.count("Mean floating factor of employers") == 1
        assert "unemployment.floating_factor" in text
        assert "injury.floating_factor" in text


@pytest.mark.parametrize(
    "given",
    [
        {"target": "unemployment", "lever": ["growth.employee", 5]},
        {"target": "unemployment", "lever": 5},
        {"target": 5},
        {"target": ["injury", 5]},
        {"target": ["injury"], "lever": "growth.employee", "bounds": [("growth.employee", 1)]},
    ],
)
def test_what_is_no_name_is_refused(baseline: fs.Scenario, given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"give (a name|them by name).*, not "):
        fs.solve(baseline, **given)


def test_a_misspelt_title_of_a_bound_has_a_hint(baseline: fs.Scenario) -> None:
    bounds = {"企业职工人数年增长": ("0%", "5%")}
    with pytest.raises(InputError, match=f"which is no lever. Did you mean '{TITLE}'"):
        fs.solve(baseline, ["injury"], lever="growth.employee", bounds=bounds)


def test_overrides_may_be_named_as_readers_do(baseline: fs.Scenario) -> None:
    named = baseline.with_({"coverage.失业保险.flexible": "5%", TITLE: "3%"})
    coded = baseline.with_({"coverage.unemployment.flexible": "5%", "growth.employee": "3%"})
    assert named.values == coded.values != baseline.values
    assert named.origins == coded.origins
    with pytest.raises(ScenarioError, match=f"{TITLE} names growth.employee a second time"):
        baseline.with_({"growth.employee": "3%", TITLE: "4%"})
    with pytest.raises(ScenarioError, match=f"unknown key.*Did you mean '{TITLE}'"):
        baseline.with_({"企业职工人数年增长": "3%"})


def test_a_workbook_may_name_parameters_as_readers_do(tmp_path: Path) -> None:
    file = tmp_path / "mine.xlsx"
    file.write_bytes(template(fs.load("baseline"), "mine"))
    book = openpyxl.load_workbook(file)
    sheet = book["参数"]
    free = sheet.max_row + 1
    sheet.cell(free, 1, TITLE)
    value = next(cell.column for cell in sheet[1] if str(cell.value).startswith("value"))
    sheet.cell(free, value, "3%")
    book.save(file)
    assert (
        fs.load(file).values["growth.employee"]
        == fs.load("baseline").with_({"growth.employee": "3%"}).values["growth.employee"]
    )
    sheet.cell(free, 1, "企业职工人数年增长")
    book.save(file)
    with pytest.raises(ScenarioError, match=f"!A{free}: unknown parameter.*Did you mean '{TITLE}'"):
        fs.load(file)


def test_a_shipped_scenario_is_loaded_by_its_title_and_hinted_at() -> None:
    assert fs.load("基准情景").name == "baseline"
    with pytest.raises(InputError, match=r"no bundled scenario '基准'. Did you mean"):
        fs.load("基准")


@pytest.mark.parametrize(
    "text",
    [
        "coverage: {企业养老: {dormant: 5%}}\n",
        "targets: [{measure: 企业养老, year: 2025, value: 470万}]\n",
        "relief: [{action: waive, insurance: [企业养老, 失业], payer: employer, "
        "from: 2022-02, to: 2022-06}]\n",
    ],
)
def test_a_short_name_that_loads_is_valid_in_an_editor(text: str, tmp_path: Path) -> None:
    chosen = loaded(tmp_path, text + "extends: baseline\n")
    assert chosen.hash != fs.load("baseline").hash
    schema = jsonschema.Draft202012Validator(json_schema())
    data = {"name": "a"} | yaml.safe_load(re.sub(r"(2022-\d\d)", r"'\1'", text))
    assert schema.is_valid(data)
    data["name"] = 5
    assert not schema.is_valid(data)


def test_lists_in_chinese_are_in_chinese_alone(baseline: fs.Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        fs.solve(baseline, "balance.医疗保险", lever="growth.employee")
    text = caught.value.text("zh")
    assert "balance.失业保险" in text
    assert "balance.unemployment" not in text
    own = write(tmp_path, "measure,date,value,unit\n医疗保险,2021-12-31,100,万人\n", "own.csv")
    with pytest.raises(InputError) as caught:
        fs.run("observed", outcomes=own)
    assert not [one for one in comparable() if one in caught.value.text("zh")]
    assert "失业保险基金支出" in caught.value.text("zh")


def test_income_of_a_scheme_may_be_named_in_full(tmp_path: Path) -> None:
    head = "measure,date,value,unit\n"
    rows = [
        fs.backtest(
            "baseline", outcomes=write(tmp_path, f"{head}{name},2021,20,亿元\n", f"{at}.csv")
        ).table
        for at, name in enumerate(("失业保险基金支出", "unemployment.outgo"))
    ]
    assert rows[0].drop(columns="source").equals(rows[1].drop(columns="source"))
    assert (rows[0]["published"] == 2e9).any()


def test_a_word_among_years_may_be_of_an_area_or_of_a_path(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"expected an area .* or in a path .*'interpolate'"):
        loaded(tmp_path, "extends: baseline\ngrowth: {employee: {线性: 5%}}\n")


def test_hanzi_and_letters_are_spaced_where_a_value_meets_its_message() -> None:
    name = Message("{name} {missed}", name="pension.enterprise", missed="4,700,000 中的 1")
    assert name.text("zh") == "pension.enterprise 4,700,000 中的 1"
    named = Message("the reserve of {fund}", fund="失业保险")
    assert named.text("zh") == "失业保险的备付"
    assert named.text("en") == "the reserve of 失业保险"
    kept = Message("the reserve of {fund}", fund="我的 文件2020表.csv")
    assert kept.text("zh") == "我的 文件2020表.csv 的备付"
    assert separated(("失业", "injury", "a.csv"), ", ").text("zh") == "失业、injury、a.csv"


def test_targets_that_are_missed_are_named_in_chinese(baseline: fs.Scenario) -> None:
    with pytest.raises(InputError) as caught:
        fs.solve(
            baseline,
            {"pension.enterprise": "480万"},
            lever=["growth.employee"],
            year=2025,
            bounds={"growth.employee": ("0%", "1%")},
        )
    text = caught.value.text("zh")
    assert "企业职工养老保险 4,800,000 中的 " in text
    assert "pension.enterprise" not in text
    assert "pension.enterprise" in caught.value.text("en")


def test_a_bound_without_a_value_shows_how_to_write_one() -> None:
    arguments = ["solve", "baseline", "--target", "injury", "--bound", TITLE, "--lang", "zh"]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 2
    assert f"请在{TITLE}后写“=”和值" in found.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("amount", "unit", "zh", "en"),
    [
        (20, "persons", "20", "20"),
        (12_345, "persons", "1.23 万", "12,345"),
        (3.14159, "months", "3.14", "3.14"),
        (3.0e9, "yuan", "30.00 亿", "3,000 million"),
    ],
)
def test_amounts_are_written_in_their_unit(amount: float, unit: str, zh: str, en: str) -> None:
    assert (rounded(amount, unit).text("zh"), rounded(amount, unit).text("en")) == (zh, en)


def test_what_is_no_result_or_year_is_named(result: fs.Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a year is a whole number, such as .*, not '2025'"):
        result.explain("injury", "2025")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"compare takes results .* not 3"):
        fs.compare(result, 3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"name it x\.html, not x\.pdf"):
        result.report(tmp_path / "x.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "地区没有为其指定求解的参数"), ("en", "the region names no lever for it")],
)
def test_a_page_says_which_target_has_no_lever(tmp_path: Path, lang: str, words: str) -> None:
    target = "{measure: pension.civil, year: 2025, value: 100万}"
    chosen = loaded(tmp_path, f"extends: baseline\ntargets: [{target}]\n")
    assert "pension.civil" not in chosen.region.closing_levers
    file = fs.run(chosen).report(tmp_path / "x.html", lang=lang)
    page = file.read_text(encoding="utf-8")
    assert words in page
    assert "未求解" not in page
    assert "not asked" not in page


def test_of_what_another_library_says_of_a_file_the_first_line_is_shown() -> None:
    with pytest.raises(DataError) as caught, reading("a.parquet"):
        raise OSError("it is damaged\nIn file.cc, line 3\nin another")
    assert caught.value.text("en") == "a.parquet: cannot be read: it is damaged"
