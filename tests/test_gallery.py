"""The gallery has every picture of a run and of a comparison, each with code that draws it."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest
from matplotlib.image import imread

from fsinsure.output.figures.sheet import WIDTH
from fsinsure.plots import Plots

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")
IMAGES = re.findall(r"^!\[[^]]*\]\((images/gallery/[\w-]+\.png)\)$", PAGE, re.M)
MOST = 3_000_000
"""Bytes of all images together."""


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_image_is_there_and_small_and_no_other() -> None:
    found = {path.relative_to(DOCS).as_posix() for path in (DOCS / "images/gallery").iterdir()}
    assert found == set(IMAGES) and len(IMAGES) == len(found)
    assert sum((DOCS / name).stat().st_size for name in IMAGES) < MOST
    for name in IMAGES:
        assert imread(DOCS / name).shape[1] == WIDTH * script().DPI


def test_every_picture_of_a_run_is_in_the_gallery() -> None:
    others = {"all", "drawings", "about"}
    methods = inspect.getmembers(Plots, inspect.isfunction)
    pictures = {name for name, _ in methods if not name.startswith("_")} - others
    assert pictures == {name for name in pictures if f".plot.{name}(" in PAGE}
    assert len(pictures) == 10


def test_each_image_follows_code_that_makes_a_picture() -> None:
    blocks = re.findall(r"```python\n(.*?)```\n\n(!?)", PAGE, re.S)
    assert [bool(mark) for _, mark in blocks] == [False, *(True for _ in IMAGES)]
    assert all("\npicture = " in f"\n{code}" for code, mark in blocks if mark)


@pytest.mark.slow
def test_the_code_draws_the_images(tmp_path: Path) -> None:
    written = script().draw(DOCS / "gallery.md", tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == IMAGES
    for path, name in zip(written, IMAGES, strict=True):
        assert imread(path).shape == imread(DOCS / name).shape, f"{name}: make images"
