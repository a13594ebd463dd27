"""Tables of the user in workbooks: as the same CSV, cell by cell, and errors by sheet and cell."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.documents.workbook import number_text, read_sheet

HEADER = ("measure", "area", "date", "value", "unit")


@pytest.fixture(scope="module")
def plan() -> fs.QuotaPlan:
    return fs.quotas(fs.run("baseline"))


def workbook(folder: Path, *rows: Sequence[object], change: object = None) -> Path:
    """Write a workbook of one sheet, Sheet1, with the header and rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for row in (HEADER, *rows):
        sheet.append(row)
    if callable(change):
        change(sheet)
    file = folder / "actuals.xlsx"
    book.save(file)
    return file


def test_typed_cells_give_the_table_of_the_same_csv(plan: fs.QuotaPlan, tmp_path: Path) -> None:
    """Dates, a month shown without its day, whole and broken numbers, and numbers as text."""
    rows = [
        ("injury", None, datetime(2021, 6, 30), 336, "万人"),
        ("injury", "nanhai", datetime(2021, 6, 1), 1_327_000, "人"),
        ("unemployment", None, "2021/9", 331.2, "万人"),
        ("unemployment", "nanhai", "2021-09", "130.10", "万人"),
    ]

    def shown(sheet: Worksheet) -> None:
        sheet["C3"].number_format = 'yyyy"年"m"月"'
        sheet["D2"].number_format = "#,##0.00"

    text = (
        "measure,area,date,value,unit\ninjury,,2021-06-30,336.00,万人\n"
        "injury,nanhai,2021-06,1327000,人\nunemployment,,2021-09,331.2,万人\n"
        "unemployment,nanhai,2021-09,130.10,万人\n"
    )
    (tmp_path / "actuals.csv").write_text(text, encoding="utf-8")
    of_csv = plan.track(tmp_path / "actuals.csv")
    of_book = plan.track(workbook(tmp_path, *rows, change=shown))
    pd.testing.assert_frame_equal(of_book, of_csv)
    assert set(of_book["actual"]) == {3_360_000, 1_327_000, 3_312_000, 1_301_000}


def test_decimals_that_a_cell_shows_decide_what_is_on_track(
    plan: fs.QuotaPlan, tmp_path: Path
) -> None:
    """337万 may be 5,000 people more; 337.00万 may be 50 more."""
    monthly = plan.monthly.query("level == 'total' and measure == 'injury'")
    month = next(one for one in monthly.itertuples() if 50 < one.persons % 10_000 < 5_000)
    date = f"{month.year}-{month.month:02d}"
    row = ("injury", None, date, month.persons // 10_000, "万人")
    assert plan.track(workbook(tmp_path, row))["on_track"].all()

    def shown(sheet: Worksheet) -> None:
        sheet["D2"].number_format = "0.00"

    assert not plan.track(workbook(tmp_path, row, change=shown))["on_track"].any()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("pension.resident", None, "2021-06", 50, "万人"), "!A2: pension.resident is another"),
        (("injury", "nowhere", "2021-06", 50, "万人"), "!B2: 'nowhere' is not one of"),
        (("injury", None, date(2021, 6, 15), 340, "万人"), "!C2: 2021-06-15 is not the end"),
        (("injury", None, date(2019, 6, 30), 340, "万人"), "!C2: 2019-06-30 is not in a year"),
        (("injury", None, 44377, 340, "万人"), "!C2: '44377' is not a day"),
        (("injury", None, datetime(2021, 6, 30, 8), 340, "万人"), "!C2: 2021-06-30 08:00:00 has"),
        (("injury", None, time(8), 340, "万人"), "!C2: 08:00:00 is a time"),
        (("injury", None, "2021-06", True, "万人"), "!D2: 'TRUE' is not"),
        (("injury", None, "2021-06", "many", "万人"), "!D2: 'many' is not"),
        (("injury", None, "2021-06", None, "万人"), "!D2: the cell is blank"),
        (("injury", "gaoming", "2021-06", 15, "人"), "!D2: 15人 is"),
        (("injury", None, "2021-06", "#N/A", "万人"), "!D2: #N/A is an error of the spread"),
        (("injury", None, "2021-06", "=3*112", "万人"), "!D2: a formula without a stored value"),
        (("injury", None, "2021-06", 340, "人次"), "!E2: "),
    ],
)
def test_errors_name_sheet_and_cell(
    plan: fs.QuotaPlan, tmp_path: Path, row: tuple[object, ...], message: str
) -> None:
    with pytest.raises(fs.DataError) as caught:
        plan.track(workbook(tmp_path, row))
    assert str(caught.value).startswith("actuals.xlsx:Sheet1" + message)


def merged(sheet: Worksheet) -> None:
    sheet.merge_cells("B2:B3")


def another(sheet: Worksheet) -> None:
    sheet.parent.create_sheet("notes")["A1"] = "from the bureau"


def emptied(sheet: Worksheet) -> None:
    sheet.delete_rows(1, 9)


def misspelt(sheet: Worksheet) -> None:
    sheet["A1"] = "mesure"


def nameless(sheet: Worksheet) -> None:
    sheet["G3"] = "?"


def doubled(sheet: Worksheet) -> None:
    sheet["F1"] = "unit"


def titled(sheet: Worksheet) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = "Insured people"


def far_away(sheet: Worksheet) -> None:
    sheet["A1000000"] = "?"


def percent(sheet: Worksheet) -> None:
    sheet["D3"].number_format = "0.0%"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (merged, "actuals.xlsx:Sheet1!B2: B2:B3 are merged"),
        (another, "actuals.xlsx: sheets with cells: Sheet1, notes"),
        (emptied, "actuals.xlsx: sheets with cells: none"),
        (misspelt, "actuals.xlsx:Sheet1!A1: unknown column 'mesure'. Did you mean 'measure'?"),
        (nameless, "actuals.xlsx:Sheet1!G1: unknown column ''"),
        (doubled, "actuals.xlsx:Sheet1!F1: the column is there twice"),
        (titled, "actuals.xlsx:Sheet1:1: no column date, value, unit"),
        (far_away, "actuals.xlsx:Sheet1: cells down to row 1,000,000"),
        (percent, "actuals.xlsx:Sheet1!D3: '3360000.0%' has a unit"),
    ],
)
def test_sheets_that_cannot_be_used(
    plan: fs.QuotaPlan, tmp_path: Path, change: Callable[[Worksheet], None], message: str
) -> None:
    rows = [("injury", None, "2021-06", 3_360_000, "人"), ("injury", None, "2021-09", 33_600, "人")]
    with pytest.raises(fs.DataError) as caught:
        plan.track(workbook(tmp_path, *rows, change=change))
    assert str(caught.value).startswith(message)


def test_a_table_may_stand_anywhere_on_its_sheet(plan: fs.QuotaPlan, tmp_path: Path) -> None:
    """Rows and columns without any text are skipped; cells keep their own names."""
    rows = [("injury", None, "2021-06", 336, "万人"), ("injury", None, "2021-09", 10, "万人")]

    def moved(sheet: Worksheet) -> None:
        sheet.insert_rows(1, 2)
        sheet.insert_cols(4)
        sheet.insert_cols(1)

    with pytest.raises(fs.DataError, match=r"^actuals\.xlsx:Sheet1!F5: 10万人 is"):
        plan.track(workbook(tmp_path, *rows, change=moved))
    assert len(plan.track(workbook(tmp_path, rows[0], change=moved))) == 1


def parts_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as parts_of_book:
        for name, content in parts.items():
            parts_of_book.writestr(name, content)
    return written.getvalue()


def edited(file: Path, part: str, old: bytes, new: bytes) -> None:
    """Change the XML of a part, as another program would have written it."""
    parts = parts_of(file)
    assert old in parts[part]
    file.write_bytes(zipped({**parts, part: parts[part].replace(old, new)}))


def test_a_formula_is_read_by_its_stored_value(plan: fs.QuotaPlan, tmp_path: Path) -> None:
    file = workbook(tmp_path, ("injury", None, "2021-06", "=3*112", "万人"))
    edited(file, "xl/worksheets/sheet1.xml", b"<v />", b"<v>336</v>")
    assert plan.track(file)["actual"].tolist() == [3_360_000]


@pytest.mark.parametrize(("number", "month"), [(57, "2021-06"), (31, "2021-06-01")])
def test_a_date_format_that_chinese_spreadsheets_store_by_number(
    tmp_path: Path, number: int, month: str
) -> None:
    """57 shows 2021年6月 and 31 shows 2021年6月1日; 44348 is 1 June 2021."""

    def shown(sheet: Worksheet) -> None:
        sheet["C2"].number_format = "0.000"

    file = workbook(tmp_path, ("injury", None, 44_348, 336, "万人"), change=shown)
    edited(file, "xl/styles.xml", b'<xf numFmtId="164"', b'<xf numFmtId="%d"' % number)
    sheet = read_sheet("actuals.xlsx", file.read_bytes())
    assert sheet.rows[1] == (2, ["injury", "", month, "336", "万人"])
    assert sheet.letters == ("A", "B", "C", "D", "E")


@given(st.decimals(0, 10**9, places=4), st.integers(0, 6))
def test_a_number_is_that_of_the_cell_with_the_decimals_it_shows(value, places) -> None:  # type: ignore[no-untyped-def]
    text = number_text(float(value), "0." + "0" * places if places else "General")
    assert float(text) == float(value)
    assert "e" not in text.lower()
    assert len(text.partition(".")[2]) >= places


@pytest.mark.parametrize("content", [b"", b"measure,value\n", b"PK\x03\x04 and no more"])
def test_files_that_are_no_workbook(plan: fs.QuotaPlan, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "actuals.xlsx"
    file.write_bytes(content)
    with pytest.raises(fs.DataError, match=r"^actuals\.xlsx: not a workbook"):
        plan.track(file)


def test_damaged_and_swollen_workbooks(plan: fs.QuotaPlan, tmp_path: Path) -> None:
    file = workbook(tmp_path, ("injury", None, "2021-06", 336, "万人"))
    parts = parts_of(file)
    for name in parts:
        for content in (None, b"", parts[name][: len(parts[name]) // 2]):
            kept = {one: data for one, data in parts.items() if one != name}
            file.write_bytes(zipped(kept if content is None else {**parts, name: content}))
            try:  # parts that only describe may be missing
                assert plan.track(file)["actual"].tolist() == [3_360_000], name
            except fs.DataError as error:
                assert str(error).startswith("actuals.xlsx:"), name
    file.write_bytes(zipped({**parts, "xl/media/blank": bytes(30_000_000)}))
    with pytest.raises(fs.DataError, match="more than 20 MB when it is unpacked"):
        plan.track(file)
    file.write_bytes(bytes(1_000_001))
    with pytest.raises(fs.DataError, match="more than 1 MB"):
        plan.track(file)
    with pytest.raises(fs.DataError, match=r"none\.xlsx: cannot be read"):
        plan.track(tmp_path / "none.xlsx")


def test_without_openpyxl_the_extra_is_named(tmp_path: Path) -> None:
    file = workbook(tmp_path, ("injury", None, "2021-06", 336, "万人"))
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from pathlib import Path; from fsinsure.documents.user_tables import read_table\n"
        f"read_table({str(file)!r}, 'outcomes', ('measure',), ())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "InputError: workbooks (.xlsx) need openpyxl" in ran.stderr
    assert "pip install 'fsinsure[excel]'" in ran.stderr


def test_the_command_takes_workbooks(tmp_path: Path) -> None:
    file = workbook(tmp_path, ("injury", "nanhai", date(2021, 6, 30), 132.7, "万人"))
    ran = CliRunner().invoke(app, ["quotas", "--actuals", str(file), "--lang", "en"])
    assert ran.exit_code == 0, ran.output
    assert "1,327,000" in ran.output
    wrong = workbook(tmp_path, ("injury", "nanhai", date(2021, 6, 30), "132.7x", "万人"))
    ran = CliRunner().invoke(app, ["quotas", "--actuals", str(wrong), "--out", str(tmp_path / "o")])
    assert ran.exit_code == 2
    assert "actuals.xlsx:Sheet1!D2:" in ran.output
    assert not (tmp_path / "o").exists()


def test_a_table_of_areas_may_be_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("area", "most"), ("nanhai", 1000.0), ("shunde", "few")):
        book.active.append(row)
    book.save(tmp_path / "areas.xlsx")
    with pytest.raises(fs.DataError, match=r"^areas\.xlsx:Sheet!B3: "):
        fs.quotas(fs.run("baseline"), areas=tmp_path / "areas.xlsx", measures=["injury"])
    book.active["B3"] = None
    book.save(tmp_path / "areas.xlsx")
    table = fs.quotas(fs.run("baseline"), areas=tmp_path / "areas.xlsx", measures=["injury"]).table
    assert (table.query("area == 'nanhai'")["increment"] <= 1000).all()
