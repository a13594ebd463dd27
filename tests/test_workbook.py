"""The workbook of a result: its numbers are those of the tables, its formulas follow them."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.engine.identities import CHECKS
from fsinsure.output.labels import label, labels

WAN, YI = 1e4, 1e8
YEARS = [*range(2020, 2026)]


@pytest.fixture(scope="module")
def result() -> fs.Result:
    return fs.run("baseline")


@pytest.fixture(scope="module")
def file(result: fs.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.to_excel(tmp_path_factory.mktemp("book") / "plan.xlsx")


@pytest.fixture(scope="module")
def tables(result: fs.Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The CSV files of the same run, as another program reads them."""
    folder = tmp_path_factory.mktemp("csv")
    result.write(folder, plots="none")
    return {
        path.stem: pd.read_csv(path, keep_default_na=True, encoding="utf-8-sig")
        for path in folder.glob("*.csv")
    }


@pytest.fixture(scope="module")
def values(file: Path) -> Any:
    return openpyxl.load_workbook(file, data_only=True)


@pytest.fixture(scope="module")
def formulas(file: Path) -> Any:
    return openpyxl.load_workbook(file)


def rows_under(sheet: Any, *heads: object) -> list[list[Any]]:
    """The rows below the first row that begins with some headings, up to a blank one."""
    found: list[list[Any]] = []
    inside = False
    for row in sheet.iter_rows(values_only=True):
        if inside and all(cell is None for cell in row):
            return found
        if inside:
            found.append([*row])
        inside = inside or [*row[: len(heads)]] == [*heads]
    return found


def test_sheets_stand_in_the_order_of_the_contents_with_links(values: Any) -> None:
    names = [
        *("封面", "目标", "参保人数", "人口结构", "增量来源", "基金收支", "指标"),
        *("分区计划", "回测", "参数", "假设区间", "检验"),
    ]
    assert values.sheetnames == names
    cover = values["封面"]
    links = {cell.value: cell.hyperlink.location for cell in cover["A"] if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in names[1:]}
    texts = [str(cell.value) for row in cover.iter_rows() for cell in row if cell.value]
    assert "基准情景（baseline）" in texts
    assert fs.load("baseline").hash in texts
    assert f"fsinsure {fs.__version__}" in texts
    assert "2021-12-31" in texts
    assert any("report --draws" in text for text in texts)  # what is left out, and how to get it


def test_targets_are_those_of_the_csv(values: Any, tables: dict[str, pd.DataFrame]) -> None:
    rows = rows_under(values["目标"], "口径", "目标年份")
    table = tables["targets"]
    assert len(rows) == len(table) == 3
    for row, own in zip(rows, table.itertuples(index=False), strict=True):
        assert row[0] == label(f"short.{own.measure}")
        assert row[1] == own.year == 2025
        persons = [own.base, own.target, own.projected, own.projected - own.target]
        assert row[2:6] == pytest.approx([one / WAN for one in persons], rel=1e-12)
        growth = [
            (own.target / own.base) ** (1 / 5) - 1,
            own.growth_required_from_last,
            (own.projected / own.base) ** (1 / 5) - 1,
        ]
        assert row[6:10] == pytest.approx([own.projected / own.target, *growth], rel=1e-12)
        assert row[10] == own.year_reached
        assert row[11] == "达到"


def test_people_are_those_of_the_csv_totals_apart(
    values: Any, tables: dict[str, pd.DataFrame]
) -> None:
    sheet, names = values["参保人数"], fs.load("baseline").region.names("zh")
    found: dict[tuple[str, str, int], float] = {}
    levels: dict[str, set[str]] = {"全地区": set(), "各区": set()}
    part = ""
    for row in sheet.iter_rows(min_row=4, values_only=True):
        part = row[0] if row[0] in levels else part
        if isinstance(row[2], float):
            levels[part].add(row[1])
            found |= {(row[0], row[1], year): row[2 + at] for at, year in enumerate(YEARS)}
    assert levels["全地区"] == {"佛山市"}
    assert levels["各区"] == {"禅城区", "南海区", "顺德区", "高明区", "三水区"}
    own = {
        (label(f"measure.{row.measure}"), names[row.area], row.year): row.persons / WAN
        for row in tables["enrollment"].itertuples()
    }
    assert found.keys() == own.keys()
    assert [*found.values()] == pytest.approx([own[key] for key in found], rel=1e-12)


def test_accounts_of_the_funds_are_those_of_the_csv(
    values: Any, tables: dict[str, pd.DataFrame]
) -> None:
    table = tables["ledger"].query("level == 'total'")
    found: dict[tuple[str, str, int], float] = {}
    sums: dict[tuple[str, str, int], float] = {}
    for row in values["基金收支"].iter_rows(min_row=5, values_only=True):
        kept = sums if row[1] in ("收入合计", "支出合计", "当年结余", "累计结余") else found
        for at, year in enumerate(YEARS):
            if isinstance(row[2 + at], float | int) and row[0] != "基金":
                kept[row[0], row[1], year] = row[2 + at]
    own = {
        (label(f"short.{row.fund}"), label(f"item.{row.item}"), row.year): row.yuan / YI
        for row in table.itertuples()
        if row.item != "new_pensions"
    }
    assert found.keys() == own.keys()
    assert [*found.values()] == pytest.approx([own[key] for key in found], rel=1e-12, abs=1e-15)
    for kind, name in (("income", "收入合计"), ("outgo", "支出合计")):
        by_year = table[table["kind"] == kind].groupby(["fund", "year"])["yuan"].sum()
        for (fund, year), yuan in by_year.items():
            assert sums[label(f"short.{fund}"), name, year] == pytest.approx(yuan / YI, abs=1e-12)
    closing = table[table["item"] == "closing"].set_index(["fund", "year"])["yuan"]
    for (fund, year), yuan in closing.items():
        assert sums[label(f"short.{fund}"), "累计结余", year] == pytest.approx(yuan / YI)


def test_channels_are_those_of_the_csv(values: Any, tables: dict[str, pd.DataFrame]) -> None:
    rows = rows_under(values["增量来源"], "口径", "来源", "2020–2021")
    table = tables["channels"].query("level == 'total' and to_year - from_year == 1")
    own = table.groupby(["measure", "channel"], sort=False)["persons"].sum()
    shown = {(row[0], row[1]): row[7] for row in rows if row[1] != "增量合计"}
    assert shown == pytest.approx(
        {
            (label(f"measure.{measure}"), label(f"channel.{channel}")): persons / WAN
            for (measure, channel), persons in own.items()
        }
    )
    increments = {row[0]: row[7] for row in rows if row[1] == "增量合计"}
    people = (
        tables["enrollment"].query("level == 'total'").set_index(["measure", "year"])["persons"]
    )
    for measure in own.index.get_level_values("measure").unique():
        change = people[measure, 2025] - people[measure, 2020]
        assert increments[label(f"measure.{measure}")] == pytest.approx(change / WAN)


def test_population_by_age_and_status_adds_up(values: Any, tables: dict[str, pd.DataFrame]) -> None:
    table = tables["stocks"].query("level == 'total' and year == 2020")
    rows = rows_under(values["人口结构"], "年龄组")
    ages = [*dict.fromkeys(table["age_group"])]
    assert [row[0] for row in rows] == [*ages, "合计"]
    assert rows[-1][-1] == pytest.approx(table["persons"].sum() / WAN)
    for row in rows[:-1]:
        own = table[table["age_group"] == row[0]].groupby("status", sort=False)["persons"].sum()
        assert row[1:-1] == pytest.approx([one / WAN for one in own], abs=1e-12)


def test_parameters_hold_every_value_and_source(
    values: Any, tables: dict[str, pd.DataFrame]
) -> None:
    rows = rows_under(values["参数"], "参数", "含义")
    names = fs.load("baseline").region.names("zh")
    table = tables["parameters"]
    spread: dict[tuple[str, str, int | None], Any] = {}
    for row in rows:
        years = [None] if row[3] is None else range(row[3], row[4] + 1)
        spread |= {(row[0], row[2] or "", year): (row[5], row[7]) for year in years}
    assert len(spread) == len(table)
    for row in table.itertuples():
        year = None if pd.isna(row.year) else int(row.year)
        area = "" if pd.isna(row.area) else names[row.area]
        value, source = spread[row.parameter, area, year]
        if pd.isna(row.value):
            assert value is None
        elif isinstance(value, str):
            assert value == row.value
        else:
            assert value == pytest.approx(float(row.value), rel=1e-12)
        assert source == row.source


def test_plan_figures_are_whole_and_add_up(formulas: Any, values: Any, result: fs.Result) -> None:
    rows = rows_under(values["分区计划"], "口径", "区域")
    own = fs.quotas(result).table
    areas = own[own["level"] == "area"]
    assert (
        sum(row[3] for row in rows if row[1].endswith("区"))
        == areas[areas["year"] == 2021]["increment"].sum()
    )
    assert all(set(row[2:]) == {0} for row in rows if row[1].startswith("差额"))
    sheet = formulas["分区计划"]
    first = next(row for row in sheet.iter_rows() if row[1].value == "禅城区")
    assert first[3].font.color.rgb == "FF0000FF"  # may be changed
    assert first[4].value == f"=C{first[0].row}+D{first[0].row}"


def test_record_holds_published_figures_and_errors(values: Any) -> None:
    rows = rows_under(values["回测"], "口径", "单位", "年份")
    tested = fs.backtest("baseline").table.query("method == 'projection'")
    assert len(rows) == len(tested)
    judged = [row for row in rows if row[6] == "是"]
    assert len(judged) == tested["judged"].sum() > 0
    for row in judged:
        assert row[5] == pytest.approx(row[3] / row[4] - 1)


def test_every_check_holds_and_has_a_name(values: Any) -> None:
    assert {f"identity.{name}" for name in CHECKS} <= labels().keys()
    cells = [cell for row in values["检验"].iter_rows(values_only=True) for cell in row]
    assert "不成立" not in cells
    assert cells.count("成立") == len(CHECKS) + 7 * 6 + 5 * 5  # measures, and funds from 2021 on


def test_numbers_keep_their_digits_and_headings_name_units(formulas: Any, values: Any) -> None:
    sheet = values["目标"]
    head = next(row for row in sheet.iter_rows() if row[1].value == "目标年份")
    assert [cell.value for cell in head][2:5] == [
        "2020 年末基数（万人）",
        "目标（万人）",
        "预测（万人）",
    ]
    projected = sheet.cell(head[0].row + 1, 5)
    assert projected.number_format == "#,##0.00"
    assert round(projected.value, 2) != projected.value
    rates = formulas["目标"].cell(head[0].row + 1, 8)
    assert rates.number_format == "0.00%"
    assert rates.data_type == "f"


def test_every_sheet_prints_across_a_page_with_its_heading(formulas: Any) -> None:
    for sheet in formulas.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)  # 1 is what a file without it means
        assert "佛山市 · 基准情景" in sheet.oddHeader.left.text
        assert "baseline · 2021-12-31" in sheet.oddFooter.left.text
        if sheet.title not in ("封面", "检验"):
            assert sheet.freeze_panes
            assert sheet.print_title_rows
    assert [formulas[name].page_setup.fitToHeight for name in ("封面", "参数")] == [None, 0]


def test_columns_are_wide_enough_for_chinese(formulas: Any) -> None:
    sheet = formulas["参保人数"]
    width = sheet.column_dimensions["A"].width
    longest = max(len(str(row[0].value or "")) for row in sheet.iter_rows(min_row=6))
    assert width >= 2 * longest


def test_missed_targets_are_marked(tmp_path: Path) -> None:
    high = fs.load("baseline").with_(
        {"targets": [{"measure": "injury", "year": 2025, "value": "600万"}]}, name="high"
    )
    book = openpyxl.load_workbook(fs.run(high).to_excel(tmp_path / "x.xlsx"), data_only=True)
    sheet = book["目标"]
    row = rows_under(sheet, "口径", "目标年份")[0]
    assert row[5] < 0
    assert row[10:12] == ["未达到", "未达到"]
    rules = {
        str(area.sqref): [rule.formula[0] for rule in rules]
        for area, rules in sheet.conditional_formatting._cf_rules.items()
    }
    assert any("<-0.00005" in one for one in rules["F6"])


def test_the_same_run_gives_the_same_bytes(result: fs.Result, file: Path, tmp_path: Path) -> None:
    code = "import fsinsure as fs, sys\nfs.run('baseline').to_excel(sys.argv[1])"
    other = tmp_path / "other.xlsx"
    subprocess.run(
        [sys.executable, "-c", code, str(other)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert other.read_bytes() == file.read_bytes()
    made = openpyxl.load_workbook(file).properties.created
    assert made == datetime.datetime(2021, 12, 31)  # the day of the data, not of the run


@pytest.mark.parametrize(
    "title", ["=1+1", "+A1", "-2", "@SUM(A1)", '=HYPERLINK("x")', "http://a.b"]
)
def test_texts_are_never_formulas_or_links(title: str, tmp_path: Path) -> None:
    scenario = tmp_path / "own.yaml"
    scenario.write_text(
        f"name: own\nextends: baseline\ntitle: {{zh: '{title}'}}\ndescription: '{title}'\n",
        encoding="utf-8",
    )
    book = openpyxl.load_workbook(fs.run(scenario).to_excel(tmp_path / "own.xlsx"))
    cells = [cell for row in book["封面"].iter_rows() for cell in row if cell.value == title]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    outward = [
        cell.hyperlink.target
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink
    ]
    assert not any(outward)


def test_formulas_call_nothing_but_plain_functions(formulas: Any) -> None:
    texts = {
        str(getattr(cell.value, "text", cell.value))
        for sheet in formulas.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    assert len(texts) > 500
    assert not any(re.search(r"[0-9]e[+-]?[0-9]", text) for text in texts)  # Excel writes E
    called = {name for text in texts for name in re.findall(r"[A-Z]+(?=\()", text)}
    assert called == {"SUM", "IF", "MAX", "MIN", "ABS"}


def test_charts_follow_the_cells(file: Path) -> None:
    with zipfile.ZipFile(file) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if "charts/chart" in name]
    assert len(charts) == 3 + 5
    refs = {ref for chart in charts for ref in re.findall(r"<c:f>([^<]*)</c:f>", chart)}
    assert "目标!$C$13:$H$13" in refs  # the years
    assert all(re.match(r"(目标|基金收支)!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+$", ref) for ref in refs)


def test_english_has_no_chinese_but_in_sources(result: fs.Result, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(result.to_excel(tmp_path / "p.xlsx", lang="en"), data_only=True)
    assert book.sheetnames[:3] == ["Cover", "Targets", "Enrollment"]
    chinese = re.compile("[\u4e00-\u9fff]")
    for sheet in book.worksheets:
        sourced = set()
        for row in sheet.iter_rows():
            sourced |= {c.column for c in row if c.value in ("Source", "Note", "Source of it")}
            for cell in row:
                if isinstance(cell.value, str) and cell.column not in sourced:
                    assert not chinese.search(cell.value), (
                        sheet.title,
                        cell.coordinate,
                        cell.value,
                    )
    row = rows_under(book["Targets"], "Measure", "Target year")[0]
    assert row[3] == 4700.0  # thousand persons


def test_probabilities_are_those_of_the_ensemble(tmp_path: Path) -> None:
    drawn = fs.ensemble("baseline", draws=32)
    made = drawn.central.to_excel(tmp_path / "e.xlsx", ensemble=drawn)
    sheet = openpyxl.load_workbook(made, data_only=True)["概率与区间"]
    rows = rows_under(sheet, "口径", "达到概率")
    table = drawn.targets
    assert [row[1] for row in rows] == pytest.approx(table["probability"].tolist())
    assert rows[-1][0] == "各项目标全部达到"
    assert rows[0][4] == pytest.approx(table["p10"].iloc[0] / WAN)
    funds = rows_under(sheet, "基金", "2025 年底前用尽的概率")
    assert [row[1] for row in funds] == pytest.approx(drawn.depletion["probability"].tolist())
    other = fs.run(fs.load("baseline").with_({"growth.employee": "1%"}, name="other"))
    with pytest.raises(fs.InputError, match="ensemble is of baseline, not of this other"):
        other.to_excel(tmp_path / "x.xlsx", ensemble=drawn)


def test_scenarios_stand_side_by_side(result: fs.Result, tmp_path: Path) -> None:
    low = fs.run("low-growth")
    made = result.to_excel(tmp_path / "c.xlsx", compare=[low])
    sheet = openpyxl.load_workbook(made, data_only=True)["情景对比"]
    people = rows_under(sheet, "口径", "年份")
    assert [row[2] for row in people] == pytest.approx((result.targets["projected"] / WAN).tolist())
    assert [row[4] for row in people] == pytest.approx((low.targets["projected"] / WAN).tolist())
    assert [row[5] for row in people] == pytest.approx((low.targets["gap"] / WAN).tolist())
    for wrong, words in (
        ([fs.run("example")], "example is of example"),
        ([low, low], "two scenarios are called low-growth"),
    ):
        with pytest.raises(fs.InputError, match=words):
            result.to_excel(tmp_path / "x.xlsx", compare=wrong)
    assert not (tmp_path / "x.xlsx").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["china", "example", "observed", "long-run"])
def test_other_scenarios_and_regions(name: str, lang: str, tmp_path: Path) -> None:
    """One area, unknown balances, published figures that are met, targets long past."""
    done = fs.run(name)
    made = done.to_excel(tmp_path / "x.xlsx", lang=lang)
    book = openpyxl.load_workbook(made, data_only=True)
    cells = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    assert label("book.checks.broken", lang) not in cells
    assert not any(isinstance(cell, str) and cell.startswith("#") for cell in cells)
    rows = rows_under(
        book.worksheets[1],
        label("column.measure", lang) if False else book.worksheets[1].cell(5, 1).value,
    )
    assert len(rows) == len(done.targets)


def test_no_targets_and_targets_beyond_the_horizon(tmp_path: Path) -> None:
    base = fs.load("baseline")
    none = fs.run(base.with_({"targets": []}, name="none")).to_excel(tmp_path / "n.xlsx")
    book = openpyxl.load_workbook(none, data_only=True)
    assert "分区计划" not in book.sheetnames
    assert "此情景没有目标" in [cell.value for cell in book["目标"]["A"]]
    short = fs.run(base.with_({"horizon": 2023}, name="short")).to_excel(tmp_path / "s.xlsx")
    row = rows_under(openpyxl.load_workbook(short, data_only=True)["目标"], "口径", "目标年份")[0]
    assert row[4:7] == [None, None, None]
    assert row[11] == "预测期之后"
    assert row[7] == pytest.approx((470 / 392.63) ** (1 / 5) - 1)


def test_simulated_persons_have_a_workbook_too(tmp_path: Path) -> None:
    persons = fs.run("baseline", engine="micro", persons=20_000, seed=3)
    book = openpyxl.load_workbook(persons.to_excel(tmp_path / "m.xlsx"), data_only=True)
    row = rows_under(book["目标"], "口径", "目标年份")[0]
    assert row[4] == pytest.approx(persons.targets["projected"].iloc[0] / WAN)
    assert any("20,000" in str(cell.value) for cell in book["封面"]["B"])


def test_a_file_is_written_whole_or_not_at_all(
    result: fs.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(fs.InputError, match=r"x\.xls: a workbook ends in \.xlsx"):
        result.to_excel(tmp_path / "x.xls")
    with pytest.raises(fs.InputError, match="No labels in language 'fr'"):
        result.to_excel(tmp_path / "x.xlsx", lang="fr")
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fsinsure.files.os.replace", full)
    with pytest.raises(fs.InputError, match="No space left"):
        result.to_excel(old)
    assert old.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["old.xlsx"]


def test_the_command_writes_the_workbook(tmp_path: Path) -> None:
    shown = CliRunner().invoke(
        app,
        [
            "report",
            "baseline",
            "--xlsx",
            "--draws",
            "0",
            "--lang",
            "zh",
            "--compare",
            "low-growth",
            "--out",
            str(tmp_path),
        ],
    )
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.strip() == str(tmp_path / "baseline.xlsx")
    assert "情景对比" in openpyxl.load_workbook(tmp_path / "baseline.xlsx").sheetnames
    assert CliRunner().invoke(app, ["report", "nowhere"]).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--draws", "1"], "draws must be a whole number from 2"),
        (["--compare", "china"], "compare scenarios of one region"),
        (["--out", "file/report"], "cannot write"),
    ],
)
def test_what_cannot_be_reported_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setattr(fs, "run", None)
    shown = CliRunner().invoke(app, ["report", "baseline", "--lang", "en", *arguments])
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert not [*tmp_path.glob("**/baseline.*")]
