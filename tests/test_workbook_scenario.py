"""Scenarios and published figures from a workbook: the same as from YAML and CSV, cell by cell."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.scenario.files import bundled_names
from fsinsure.workbook.template import template

SHEETS = {
    "zh": ("参数", "目标", "减免", "已公布数据"),
    "en": ("Parameters", "Targets", "Relief", "Outcomes"),
}
Fill = Callable[[Any], None]


def cell_of(sheet: Any, key: str, column: str | int = "value") -> Any:
    """The cell of a parameter in the column that a heading begins with."""
    heads = {str(one.value).split()[0]: one.column for one in sheet[1] if one.value is not None}
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == key)
    return sheet.cell(row, heads[str(column)])


def filled(folder: Path, fill: Fill, lang: str = "zh", extends: str = "baseline") -> Path:
    """Write a template and fill it in, as a user of a spreadsheet would."""
    file = folder / "my.xlsx"
    file.write_bytes(template(fs.load(extends), "my", lang=lang))  # type: ignore[arg-type]
    book = openpyxl.load_workbook(file)
    fill(book)
    book.save(file)
    return file


def set_to(key: str, value: object, column: str | int = "value") -> Fill:
    def fill(book: Any) -> None:
        cell_of(book[SHEETS["zh"][0]], key, column).value = value

    return fill


def of(scenario: fs.Scenario) -> list[tuple[object, ...]]:
    """The targets of a scenario, wherever they stand."""
    return [
        (one.measure, one.year, one.value, one.baseline, one.baseline_tolerance, one.source)
        for one in scenario.targets
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", bundled_names())
def test_a_template_is_the_scenario_that_it_extends(name: str, lang: str, tmp_path: Path) -> None:
    """Blank, and with its own values written out: in both languages, whatever it sets."""
    base = fs.load(name)
    for copy in (False, True):
        file = tmp_path / "new.xlsx"
        file.write_bytes(template(base, "new", lang=lang, copy=copy))  # type: ignore[arg-type]
        read = fs.load(file)
        assert read.hash == base.hash
        assert read.name == "new"
        assert read.fitted == base.fitted
        assert of(read) == of(base)
        assert len(read.files) == (1 if copy else 1 + len(base.files))


def test_what_is_set_in_yaml_comes_back_from_a_workbook(tmp_path: Path) -> None:
    """Areas, tables, months, lines, growth, draws and reliefs."""
    text = """
name: rich
title: {zh: 富, en: rich}
extends: baseline
horizon: 2027
growth:
  employee: {2021: 1.5%, 2023-07: 2%}
  flexible: {chancheng: 3%, default: 0.123456789012345678}
wage: {growth: {2021: 4%, 2025: 6%, interpolate: linear}}
unemployment: {benefit_share: 85%}
migration: {arrivals: {2021: 30万, 2024: 250001}}
relief:
  - {action: defer, insurance: [unemployment, injury], payer: employer, share: 33.3%, from: 2022-04,
     to: 2022-12, group: small, repay_from: 2023-01, repay_to: 2023-12}
uncertainty:
  growth.employee: {normal: {mean: 5%, sd: 1.5%}, persistence: 0.6}
  wage.growth: {range: {low: 3%, central: 5%, high: 6%}}
  correlations: [{between: [growth.employee, wage.growth], value: 0.5}]
targets:
  - {measure: injury, year: 2026, value: 400.25万, baseline: 335.99万, source: "=a, \\"b\\""}
"""
    try:
        scenario = _written(tmp_path, text)
    except fs.ScenarioError as error:  # pragma: no cover
        pytest.fail(str(error))
    for lang in ("zh", "en"):
        file = tmp_path / f"{lang}.xlsx"
        file.write_bytes(template(scenario, "again", lang=lang, copy=True))  # type: ignore[arg-type]
        read = fs.load(file)
        assert read.hash == scenario.hash
        assert of(read) == of(scenario)
        assert read.relief[0].canonical == scenario.relief[0].canonical


def _written(folder: Path, text: str) -> fs.Scenario:
    (folder / "rich.yaml").write_text(text, encoding="utf-8")
    return fs.load(folder / "rich.yaml")


@pytest.mark.parametrize(
    ("fill", "overrides"),
    [
        (set_to("growth.employee", 0.045), {"growth.employee": "4.5%"}),
        (set_to("growth.employee", "4.5%"), {"growth.employee": "4.5%"}),
        (set_to("growth.employee", "０．０４５"), {"growth.employee": "4.5%"}),
        (set_to("growth.employee", "0.045"), {"growth.employee": "4.5%"}),
        (set_to("base.dormant", 550_000), {"base.dormant": 550_000}),
        (set_to("base.dormant", "55万"), {"base.dormant": 550_000}),
        (set_to("retirement.delay_from", 2025), {"retirement.delay_from": 2025}),
        (set_to("mortality.table", "CL3-CL4"), {"mortality.table": "CL3-CL4"}),
        (set_to("horizon", 2030), {"horizon": 2030}),
        (set_to("as_of", datetime.date(2022, 6, 30)), {"as_of": "2022-06-30"}),
        (set_to("as_of", "none"), {"as_of": None}),
        (
            set_to("growth.employee", "{2021: 1.5%, 2024: 3%, interpolate: linear}"),
            {"growth.employee": {2021: "1.5%", 2024: "3%", "interpolate": "linear"}},
        ),
        (
            set_to("growth.employee", "{nanhai: 6%,\n default: 5%}"),
            {"growth.employee": {"nanhai": "6%", "default": "5%"}},
        ),
    ],
)
def test_cells_are_what_they_mean(fill: Fill, overrides: dict[str, object], tmp_path: Path) -> None:
    read = fs.load(filled(tmp_path, fill))
    assert read.hash == fs.load("baseline").with_(overrides).hash
    assert read.hash != fs.load("baseline").hash


def test_years_units_targets_and_reliefs(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book["参数"]
        for year, value in ((2021, 0.02), (2023, 0.03)):
            cell_of(sheet, "growth.flexible", year).value = value
        cell_of(sheet, "base.dormant").value = 55.5
        cell_of(sheet, "base.dormant", "unit").value = "万人"
        book["目标"]["C2"] = 480.25  # in 万人
        book["减免"].append(
            ["waive", "unemployment，injury", "employer", 0.5, datetime.date(2022, 2, 1), "2022-06"]
        )
        book["减免"]["E2"].number_format = "yyyy-mm"

    read = fs.load(filled(tmp_path, fill))
    base = fs.load("baseline")
    first, *others = base.targets
    expected = base.with_(
        {
            "growth.flexible": {2021: "2%", 2023: "3%"},
            "base.dormant": "55.5万",
            "targets": [{**first.entry, "value": "480.25万"}, *(one.entry for one in others)],
            "relief": [
                {
                    **{"action": "waive", "insurance": ["unemployment", "injury"]},
                    **{"payer": "employer", "share": "50%", "from": "2022-02", "to": "2022-06"},
                }
            ],
        }
    )
    assert read.hash == expected.hash
    where = {row.parameter: row.set_by for row in fs.run(read).parameters.itertuples()}
    sheet = openpyxl.load_workbook(tmp_path / "my.xlsx")["参数"]
    first_cell = cell_of(sheet, "growth.flexible", 2021).coordinate
    assert where["growth.flexible"] == f"my.xlsx:参数!{first_cell}"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("growth.employee", "many", "growth.employee: 'many' is not a number"),
        ("growth.employee", 4, "400.00% is out of bounds: expected a share between -30% and 60%"),
        ("growth.employee", True, "expected a share between"),
        ("growth.employee", " ", "nothing but spaces: clear the cell"),
        ("growth.employee", "\u3000", "nothing but spaces: clear the cell"),
        ("growth.employee", "=1/20", "a formula without a stored value"),
        ("growth.employee", "#DIV/0!", "#DIV/0! is an error of the spreadsheet"),
        ("growth.employee", datetime.datetime(2021, 1, 1, 8), "has a time"),
        ("growth.employee", "{2021: 4%, 2021: 5%}", "a second time"),
        ("growth.employee", "{2021: 4%", "not valid YAML"),
        ("growth.employee", "{2021: &a 4%}", "an anchor"),
        ("growth.employee", "{north: 4%}", "north"),
        ("base.dormant", -5, "-5 is out of bounds: expected a number of people between"),
        ("mortality.table", "CL9", "'CL9'"),
        ("horizon", 1800, "1800"),
        ("horizon", 44377, "44377"),
        ("as_of", 44377, "44377"),
        ("extends", "nowhere", "no bundled scenario 'nowhere'"),
        ("name", "no name", "'no name' is not a name"),
    ],
)
def test_errors_name_sheet_and_cell(key: str, value: object, said: str, tmp_path: Path) -> None:
    file = filled(tmp_path, set_to(key, value))
    cell = cell_of(openpyxl.load_workbook(file)["参数"], key)
    with pytest.raises(fs.ScenarioError) as caught:
        fs.load(file)
    assert f"{file}:参数!{cell.coordinate}:" in str(caught.value)
    assert said in str(caught.value)
    assert caught.value.__cause__ is None


def change(*edits: tuple[str, object], sheet: str = "参数") -> Fill:
    def fill(book: Any) -> None:
        for place, value in edits:
            book[sheet][place] = value

    return fill


def merge(book: Any) -> None:
    book["参数"].merge_cells("G5:H6")


def both(book: Any) -> None:
    cell_of(book["参数"], "growth.employee").value = 0.04
    cell_of(book["参数"], "growth.employee", 2022).value = 0.05


def without_first(book: Any) -> None:
    cell_of(book["参数"], "growth.employee", 2023).value = 0.05


def constant(book: Any) -> None:
    cell_of(book["参数"], "base.dormant", 2022).value = 5


def own_unit(book: Any) -> None:
    cell_of(book["参数"], "base.dormant").value = "55万"
    cell_of(book["参数"], "base.dormant", "unit").value = "万人"


def odd_unit(book: Any) -> None:
    cell_of(book["参数"], "base.dormant").value = 55
    cell_of(book["参数"], "base.dormant", "unit").value = "万元"


def twice(book: Any) -> None:
    sheet = book["参数"]
    for _ in range(2):
        sheet.append(["fund.interest", None, None, None, None, None, 0.02])


def no_sheet(book: Any) -> None:
    book["参数"].title = "别的"


def two_sheets(book: Any) -> None:
    book.create_sheet("Parameters")["A1"] = "parameter"


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (set_to("name", None), "my.xlsx:参数!A1: name: "),
        (merge, "my.xlsx:参数!G5: G5:H6 are merged"),
        (both, "growth.employee has a value for all years too"),
        (without_first, "2021"),
        (constant, "base.dormant is the same in all years: fill the column value"),
        (own_unit, "'55万' is not a number in 万人: write the number alone"),
        (odd_unit, "'万元' is no unit of this parameter: use one of 人, 千人, 万人"),
        (twice, "fund.interest a second time (first in row "),
        (no_sheet, "my.xlsx: no sheet 参数 or Parameters: 'fsinsure new my.xlsx' writes"),
        (two_sheets, "my.xlsx: the sheets 参数, Parameters are of the same kind"),
        (
            change(("A300", "growth.emploee"), ("G300", 1)),
            "!A300: unknown parameter 'growth.emploee'. Did you mean 'growth.employee'?",
        ),
        (change(("G301", 1)), "!A301: a value without a parameter"),
        (change(("G1", "取值")), "!G1: unknown heading '取值'"),
        (change(("H1", "value")), "!G1: the heading 'value' a second time"),
        (change(("A2", "who"), sheet="目标"), "my.xlsx:目标!A2: "),
        (change(("C2", "half"), sheet="目标"), "my.xlsx:目标!C2: "),
        (change(("B3", None), sheet="目标"), "year"),
        (change(("A2", "waive"), ("B2", "health"), sheet="减免"), "my.xlsx:减免!"),
    ],
    ids=lambda one: getattr(one, "__name__", None) or str(one)[:30],
)
def test_what_cannot_be_used_is_refused(fill: Fill, said: str, tmp_path: Path) -> None:
    file = filled(tmp_path, fill)
    with pytest.raises(fs.ScenarioError) as caught:
        fs.load(file)
    assert said in str(caught.value)


def test_files_that_are_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("name: a", encoding="utf-8")
    with pytest.raises(fs.ScenarioError, match=r"text\.xlsx: not a workbook that can be read"):
        fs.load(tmp_path / "text.xlsx")
    with pytest.raises(fs.ScenarioError, match="no such file"):
        fs.load("missing.xlsx")


FIGURES = [
    ("unemployment", "2021-12-31", "322.10", "万人"),
    ("unemployment", "2022-12-31", "326.5", "万人"),
    ("injury", "2022-12-31", "3551200", "人"),
]


def figures(folder: Path, lang: str) -> tuple[Path, Path]:
    """The same figures as CSV and on a filled template, with typed cells."""
    table = pd.DataFrame(FIGURES, columns=["measure", "date", "value", "unit"])
    table.to_csv(folder / "own.csv", index=False)

    def fill(book: Any) -> None:
        sheet = book[SHEETS[lang][3]]
        for row, (measure, date, value, unit) in enumerate(FIGURES, start=2):
            sheet.cell(row, 1).value = f"{measure} 口径" if row == 2 else measure
            sheet.cell(row, 2).value = datetime.date.fromisoformat(date)
            sheet.cell(row, 3).value = float(value)
            sheet.cell(row, 3).number_format = "0.00" if row == 2 else "General"
            sheet.cell(row, 4).value = unit

    return folder / "own.csv", filled(folder, fill, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_outcomes_of_a_workbook_are_those_of_the_csv(lang: str, tmp_path: Path) -> None:
    table, book = figures(tmp_path, lang)
    of_csv, of_book = (fs.backtest("baseline", outcomes=one) for one in (table, book))
    columns = ["measure", "year", "method", "forecast", "published", "error", "judged"]
    pd.testing.assert_frame_equal(of_book.table[columns], of_csv.table[columns])
    pd.testing.assert_frame_equal(of_book.errors, of_csv.errors)
    assert of_book.table.query("method == 'projection' and measure == 'injury'")[
        "published"
    ].dropna().tolist() == [3_551_200]
    met = [fs.run("observed", outcomes=one).enrollment for one in (table, book)]
    pd.testing.assert_frame_equal(*met)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("A2", "jobless", "!A2: 'jobless' is not a measure"),
        ("B3", "44926", "!B3: '44926' is not a day"),
        ("C2", "many", "!C2: "),
        ("C2", " ", "!C2: nothing but spaces"),
        ("C2", None, "!C2: the cell is blank"),
        ("C2", "=A9", "!C2: a formula without a stored value"),
        ("D2", "万元", "!D2: "),
        ("A1", "口径 measure", "!A1: "),
    ],
)
def test_errors_of_outcomes_name_sheet_and_cell(
    place: str, value: object, said: str, tmp_path: Path
) -> None:
    _, file = figures(tmp_path, "zh")
    book = openpyxl.load_workbook(file)
    book["已公布数据"][place] = value
    book.save(file)
    with pytest.raises(fs.DataError) as caught:
        fs.backtest("baseline", outcomes=file)
    assert f"my.xlsx:已公布数据{said}" in str(caught.value)


def test_one_workbook_is_scenario_and_outcomes(tmp_path: Path) -> None:
    """The command line: new, run, backtest, and an error with exit code 2 and no files."""
    run = CliRunner().invoke
    file, out = tmp_path / "my.xlsx", tmp_path / "out"
    assert run(app, ["new", "--xlsx", str(file), "--lang", "zh"]).exit_code == 0
    assert "exists" in run(app, ["new", "--xlsx", str(file)]).output
    assert "ends in .xlsx" in run(app, ["new", "--xlsx", str(tmp_path / "a.yaml")]).output
    done = run(app, ["run", str(file), "--out", str(out), "--plots", "none"])
    assert done.exit_code == 0, done.output
    base = fs.run("baseline").targets.drop(columns="scenario")
    read = pd.read_csv(out / "targets.csv", encoding="utf-8-sig").drop(columns="scenario")
    pd.testing.assert_frame_equal(read, base, check_dtype=False)
    book = openpyxl.load_workbook(file)
    cell_of(book["参数"], "growth.employee").value = "much"
    book.save(file)
    failed = run(app, ["run", str(file), "--out", str(tmp_path / "no")])
    assert failed.exit_code == 2
    assert "my.xlsx:参数!G" in failed.output
    assert "Traceback" not in failed.output
    assert not (tmp_path / "no").exists()


def test_a_copy_as_yaml_extends_nothing(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    shown = CliRunner().invoke(app, ["new", str(file), "--copy", "--extends", "fee-relief"])
    assert shown.exit_code == 0, shown.output
    assert fs.load(file).hash == fs.load("fee-relief").hash
    assert fs.load(file).files == (file.resolve(),)
    assert "extends" not in file.read_text(encoding="utf-8")


def test_a_new_scenario_has_a_title_in_each_language(tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        file = filled(tmp_path, lambda _: None, lang=lang)
        assert fs.load(file).title == {"zh": "新情景", "en": "A new scenario"}
