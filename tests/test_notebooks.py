"""Each notebook stands twice: as text to read and diff, and as .ipynb to open. They must agree."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.iterdir() if path.suffix in (".py", ".ipynb"))


@pytest.mark.parametrize("name", sorted(set(NOTEBOOKS)))
def test_the_pair_is_in_step_and_holds_no_output(name: str) -> None:
    text = jupytext.read(FOLDER / f"{name}.py")
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    assert cells == [(cell.cell_type, cell.source) for cell in text.cells], "run: make notebook"
    assert not any(cell.get("outputs") for cell in notebook.cells), "run: make notebook"


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
