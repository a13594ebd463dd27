"""Copies of the example region, whole or with one mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

from fsinsure.region.load import shipped_region

EXAMPLE = shipped_region("example")


def copied(home: Path, name: str = "town") -> Path:
    """Copy the example region."""
    folder = home / name
    shutil.copytree(EXAMPLE.folder, folder)
    return folder


def text(file: str) -> str:
    return (EXAMPLE.folder / file).read_text(encoding="utf-8")


def row(file: str, begin: str) -> str:
    """The one row of a file that begins so, with its line end."""
    (found,) = [line for line in text(file).splitlines() if line.startswith(begin)]
    return f"{found}\n"


def assumed(begin: str, value: str) -> tuple[str, str, str]:
    """Another value of an assumption, without the range that was given for the old one."""
    old = row("assumptions.csv", begin).rstrip("\n")
    cells = old.split(",")
    columns = text("assumptions.csv").splitlines()[0].split(",")
    assert len(cells) == len(columns)
    changed = {"value": value, "low": "", "high": "", "basis": ""}
    new = [changed.get(name, cell) for name, cell in zip(columns, cells, strict=True)]
    return "assumptions.csv", old, ",".join(new)


def edit(folder: Path, file: str, old: str, new: str, count: int = 1) -> None:
    """Replace a text in a file of a region."""
    path = folder / file
    before = path.read_text(encoding="utf-8")
    assert old in before, f"{file} has no {old!r}"
    path.write_text(before.replace(old, new, count), encoding="utf-8", newline="\n")


def spoiled(home: Path, file: str, old: str, new: str, count: int = 1) -> Path:
    """Copy the example region with one text replaced."""
    folder = copied(home)
    edit(folder, file, old, new, count)
    return folder


def with_older_census(home: Path, births: str, name: str = "town") -> Path:
    """Copy the example region with a census ten years older, and rows of births."""
    folder = copied(home, name)
    older = text("census.csv").partition("\n")[2].replace("2022", "2012")
    (folder / "census.csv").write_text(text("census.csv") + older, encoding="utf-8")
    outcomes = folder / "outcomes.csv"
    outcomes.write_text(outcomes.read_text(encoding="utf-8") + births, encoding="utf-8")
    return folder
