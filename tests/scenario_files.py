"""Write scenario files and catch what is said of them; shared by the scenario tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsinsure.errors import ScenarioError
from fsinsure.scenario import Scenario, load


def write(folder: Path, text: str | bytes, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


def loaded(folder: Path, body: str, name: str = "mine.yaml") -> Scenario:
    """Load a scenario of which only the lines after the name are given."""
    return load(write(folder, f"name: mine\n{body}", name))


def refused(folder: Path, text: str | bytes, name: str = "mine.yaml") -> str:
    """Return the message for a whole file, its folder cut off."""
    with pytest.raises(ScenarioError) as caught:
        load(write(folder, text, name))
    return str(caught.value).replace(f"{folder}/", "")


def refused_body(folder: Path, body: str) -> str:
    return refused(folder, f"name: mine\n{body}")
