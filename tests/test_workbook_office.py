"""The workbook in another spreadsheet: LibreOffice opens it and recalculates the same values."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import fsinsure as fs
from fsinsure.workbook.template import template

SOFFICE = shutil.which("soffice")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed: not run"),
]


def recalculated(file: Path, folder: Path) -> Any:
    """What LibreOffice computes: cached values are removed first."""
    book = openpyxl.load_workbook(file)  # openpyxl keeps formulas and drops their values
    folder.mkdir()
    bare = folder / "bare" / file.name
    bare.parent.mkdir()
    book.save(bare)
    profile = f"-env:UserInstallation=file://{(folder / 'profile').as_posix()}"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*command, str(folder), str(bare)], check=True, capture_output=True, timeout=300)
    return openpyxl.load_workbook(folder / file.name, data_only=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_recalculated_values_are_the_stored_ones(lang: str, tmp_path: Path) -> None:
    result = fs.run("baseline")
    file = result.to_excel(tmp_path / "plan.xlsx", lang=lang, compare=[fs.run("low-growth")])
    stored = openpyxl.load_workbook(file, data_only=True)
    found = recalculated(file, tmp_path / "office")
    assert found.sheetnames == stored.sheetnames
    compared = 0
    for sheet in openpyxl.load_workbook(file).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                own = stored[sheet.title][cell.coordinate].value
                other = found[sheet.title][cell.coordinate].value
                if isinstance(own, str):
                    assert other == own, (sheet.title, cell.coordinate)
                else:
                    assert other == pytest.approx(own, rel=1e-9, abs=1e-9), (
                        sheet.title,
                        cell.coordinate,
                    )
                compared += 1
    assert compared > 500


def test_formulas_follow_a_changed_target_and_increment(tmp_path: Path) -> None:
    file = fs.run("baseline").to_excel(tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(file)
    targets, plan = book["目标"], book["分区计划"]
    row = next(cell.row for cell in targets["A"] if cell.value == "企业职工养老保险")
    projected = openpyxl.load_workbook(file, data_only=True)["目标"].cell(row, 5).value
    targets.cell(row, 4).value = 520
    area = next(cell.row for cell in plan["B"] if cell.value == "禅城区")
    opening, before = plan.cell(area, 3).value, plan.cell(area, 4).value
    plan.cell(area, 4).value = before + 1_000
    book.save(file)
    found = recalculated(file, tmp_path / "office")
    cells = [found["目标"].cell(row, column).value for column in range(6, 13)]
    assert cells[0] == pytest.approx(projected - 520)
    assert cells[1] == pytest.approx(projected / 520)
    assert cells[2] == pytest.approx((520 / 392.63) ** (1 / 5) - 1)
    assert cells[5:] == ["未达到", "未达到"]
    assert found["分区计划"].cell(area, 5).value == opening + before + 1_000
    apart = next(cell.row for cell in found["分区计划"]["B"] if str(cell.value).startswith("差额"))
    assert found["分区计划"].cell(apart, 4).value == 1_000
    assert "不成立" not in [cell.value for row in found["检验"].iter_rows() for cell in row]


def test_a_template_that_another_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    file = tmp_path / "my.xlsx"
    file.write_bytes(template(fs.load("baseline"), "my"))
    book = openpyxl.load_workbook(file)
    sheet = book["参数"]
    heads = [str(cell.value).split()[0] for cell in sheet[1]]
    row = next(cell.row for cell in sheet["A"] if cell.value == "growth.employee")
    sheet.cell(row, heads.index("value") + 1).value = "=9/200"
    book.save(file)
    with pytest.raises(fs.ScenarioError, match="a formula without a stored value"):
        fs.load(file)
    recalculated(file, tmp_path / "office")
    read = fs.load(tmp_path / "office" / "my.xlsx")
    assert read.hash == fs.load("baseline").with_({"growth.employee": "4.5%"}).hash
