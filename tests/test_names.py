"""Names that readers use: Chinese names of measures and areas where a code is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import InputError, MeasureError, ScenarioError
from fsinsure.measures import measure_named, require
from fsinsure.names import code_of, meant
from scenario_files import loaded, write

HEAD = "measure,date,value,unit\n"

MEASURES = {
    "企业养老": "pension.enterprise",
    "企业职工养老保险": "pension.enterprise",
    "机关事业养老": "pension.civil",
    "居民养老": "pension.resident",
    "城镇职工养老缴费": "pension.urban_contributors",
    "失业": "unemployment",
    "失业保险": "unemployment",
    "工伤保险": "injury",
    "Work injury insurance": "injury",
    "work  INJURY insurance": "injury",
    "ｉｎｊｕｒｙ": "injury",
}


@pytest.mark.parametrize(("word", "code"), MEASURES.items())
def test_a_measure_may_be_named_as_readers_do(word: str, code: str) -> None:
    assert require(word) == code


@pytest.mark.parametrize("word", ["养老", "保险", "职工养老保险", "险", "医疗保险", ""])
def test_what_names_several_measures_or_none_is_refused(word: str) -> None:
    assert measure_named(word) == word
    with pytest.raises(MeasureError, match="there is no measure"):
        require(word)


@pytest.mark.parametrize("word", ["南海", "南海区", "nanhai", "Nanhai", " NANHAI "])
def test_an_area_may_be_named_as_readers_do(baseline: fs.Scenario, word: str) -> None:
    region = baseline.region
    assert region.codes[region.index_of(word)] == "nanhai"


def test_the_name_of_a_place_may_have_its_kind() -> None:
    assert code_of("南海区", {"nanhai": ("南海",), "sanshui": ("三水",)}) == "nanhai"


def test_a_chinese_name_that_is_nearly_one_is_suggested(baseline: fs.Scenario) -> None:
    names = {"nanhai": ("南海区",), "sanshui": ("三水区",)}
    assert meant("南还区", names).text("zh") == "是否为“南海区”？"
    with pytest.raises(InputError, match="Did you mean '失业保险'"):
        fs.solve(baseline, "失业保障", lever="growth.employee")


def scenario(folder: Path, south: str, shunde: str, measure: str) -> fs.Scenario:
    body = (
        "extends: baseline\n"
        f"growth: {{flexible: {{{south}: 18%, {shunde}: 12%, default: 5%}}}}\n"
        f"targets: [{{measure: {measure}, year: 2025, value: 330万}}]\n"
    )
    return loaded(folder, body)


def test_a_scenario_with_chinese_names_is_that_with_codes(tmp_path: Path) -> None:
    chinese = scenario(tmp_path, "南海", "顺德区", "失业保险")
    codes = scenario(tmp_path, "nanhai", "shunde", "unemployment")
    assert chinese.values == codes.values
    assert [one.measure for one in chinese.targets] == ["unemployment"]
    with pytest.raises(ScenarioError, match="nanhai a second time"):
        scenario(tmp_path, "南海", "nanhai", "unemployment")


def test_a_relief_may_name_funds_as_readers_do(tmp_path: Path) -> None:
    body = (
        "relief: [{{action: waive, insurance: {}, payer: employer, from: 2022-02, to: 2022-06}}]\n"
    )
    chinese, codes = (
        loaded(tmp_path, body.format(funds)).relief[0].insurance
        for funds in ("[企业养老, 失业保险]", "[pension.enterprise, unemployment]")
    )
    assert chinese == codes


def test_tables_of_a_user_may_have_chinese_names(tmp_path: Path, result: fs.Result) -> None:
    named = write(tmp_path, HEAD + "失业保险,2021-12-31,323.9,万人\n", "a.csv")
    coded = write(tmp_path, HEAD + "unemployment,2021-12-31,323.9,万人\n", "b.csv")
    tables = [fs.backtest(result.scenario, outcomes=file).table for file in (named, coded)]
    columns = ["measure", "year", "method", "published"]
    assert (tables[0]["published"] == 3_239_000).any()
    assert tables[0][columns].equals(tables[1][columns])
    areas = write(tmp_path, "area,measure,least\n南海区,失业保险,1000\n", "areas.csv")
    plan = fs.quotas(result, areas=areas).table
    assert plan.loc[plan["area"] == "nanhai", "least"].notna().any()


def test_options_take_chinese_names() -> None:
    named = ("explain", "baseline", "失业保险", "2025", "--area", "南海", "--lang", "zh")
    coded = ("explain", "baseline", "unemployment", "2025", "--area", "nanhai", "--lang", "zh")
    outputs = [CliRunner().invoke(app, one).stdout for one in (named, coded)]
    assert outputs[0] == outputs[1]
    assert outputs[0].splitlines()[1].startswith("南海区 2025 年末失业保险")


NAMES = {"shunde": ("顺德区", "Shunde"), "nanhai": ("南海区", "Nanhai")}


@pytest.mark.parametrize("word", ["顺得", "顺得区", "顺得市", "顺德县"])
def test_a_district_is_suggested_whatever_the_kind_of_place(word: str) -> None:
    assert meant(word, NAMES).text("en") == " Did you mean '顺德区'?"


def test_a_misspelt_district_is_named_with_all_districts_in_chinese(tmp_path: Path) -> None:
    body = "extends: baseline\ngrowth: {flexible: {顺得: 12%, default: 5%}}\n"
    with pytest.raises(ScenarioError, match="顺得: expected an area") as caught:
        loaded(tmp_path, body)
    text = caught.value.text("zh")
    assert "是否为“顺德区”？" in text
    assert "禅城区、南海区、顺德区、高明区、三水区、default" in text


def test_a_place_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="东莞: expected an area"):
        loaded(tmp_path, "extends: baseline\ngrowth: {flexible: {东莞: 12%, default: 5%}}\n")


def test_a_misspelt_measure_is_named_with_all_measures_in_chinese() -> None:
    with pytest.raises(MeasureError, match="Did you mean '工伤保险'") as caught:
        require("工商保险")
    assert "失业保险" in caught.value.text("zh")
    assert "unemployment" not in caught.value.text("zh")


def test_measures_are_keys_by_their_chinese_names_too(tmp_path: Path) -> None:
    body = (
        "extends: baseline\ncoverage:\n  {}:\n    flexible: {{2022: 10%, 2021: 5%}}\n"
        "fitted: {{{}: growth.employee}}\n"
    )
    chinese = loaded(tmp_path, body.format("失业保险", "企业养老"))
    codes = loaded(tmp_path, body.format("unemployment", "pension.enterprise"))
    assert chinese.values == codes.values
    assert chinese.fitted == codes.fitted
    assert chinese.origins == codes.origins
    assert str(chinese.origins["coverage.unemployment.flexible"]).endswith(":5:15")


def test_a_measure_is_one_key(tmp_path: Path) -> None:
    body = "extends: baseline\ncoverage: {失业保险: {flexible: 5%}, unemployment: {flexible: 6%}}\n"
    with pytest.raises(ScenarioError, match=r"coverage\.unemployment: unemployment a second time"):
        loaded(tmp_path, body)


def test_an_unknown_measure_as_a_key_is_named_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"coverage\.工商保险: unknown key") as caught:
        loaded(tmp_path, "extends: baseline\ncoverage: {工商保险: {intern: 5%}}\n")
    assert "是否为“工伤保险”？" in caught.value.text("zh")


@pytest.mark.parametrize(
    "options",
    [
        ("--target", "失业保险", "--lever", "企业职工人数年增长率"),
        (
            "--target",
            "失业保险=330万",
            "--lever",
            "growth.employee",
            "--bound",
            "企业职工人数年增长率=0%,40%",
        ),
    ],
)
def test_a_solve_takes_chinese_names(options: tuple[str, ...]) -> None:
    codes = {"失业保险": "unemployment", "企业职工人数年增长率": "growth.employee"}
    coded = list(options)
    for name, code in codes.items():
        coded = [one.replace(name, code) for one in coded]
    named, asked = (
        CliRunner().invoke(app, ["solve", "baseline", *one, "--lang", "zh"])
        for one in (options, coded)
    )
    assert asked.exit_code == 0, asked.stderr
    assert named.stdout == asked.stdout


def test_a_balance_may_be_that_of_a_named_fund() -> None:
    with pytest.raises(InputError, match=r"has no target for balance\.unemployment"):
        fs.solve("baseline", "balance.失业保险", lever="growth.employee")


def test_a_lever_is_suggested_by_its_name_and_never_shortened() -> None:
    with pytest.raises(InputError, match="Did you mean '企业职工人数年增长率'"):
        fs.solve("baseline", "unemployment", lever="企业职工年增长率")
