"""The README shows what the commands print today, and names what is shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fsinsure.cli import app

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_samples_are_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    samples = re.findall(r"```text\n\$ fsinsure (.+)\n\.\.\.\n((?:.*\n)+?)```", TEXT)
    assert samples
    for command, shown in samples:
        draws = command.split()[0] in ("run", "micro") and "pictures" not in shown
        plain = ("--plots", "none") if draws else ()
        printed = CliRunner().invoke(app, [*command.split(), *plain])
        assert printed.exit_code == 0, printed.stderr
        assert printed.stdout.endswith(shown)


def test_every_shipped_scenario_and_notebook_is_named() -> None:
    table = TEXT.split("| about | scenarios |\n")[1].split("\n\n")[0]
    named = re.findall(r"`([a-z-]+)`", table)
    assert sorted(named) == sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"notebooks/([a-z_]+\.ipynb)", TEXT)) == notebooks


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert {"docs/images/targets.png", "docs/images/funds.png"} <= set(links)
    assert all((ROOT / link).exists() for link in links)
