"""The README shows what the commands print today, and names what is shipped.

``python tests/test_readme.py`` writes the samples again.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fsinsure.cli import app

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


SAMPLE = re.compile(r"```text\n\$ fsinsure (.+)\n\.\.\.\n((?:.*\n)+?)```")


def printed_by(command: str) -> str:
    plain = ("--plots", "none") if command.split()[0] in ("run", "micro") else ()
    printed = CliRunner().invoke(app, [*command.split(), *plain])
    assert printed.exit_code == 0, printed.stderr
    return printed.stdout


@pytest.mark.slow
def test_the_samples_are_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    samples = SAMPLE.findall(TEXT)
    assert samples
    for command, shown in samples:
        assert printed_by(command).endswith(shown), "run: python tests/test_readme.py"


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


def with_samples(text: str) -> str:
    """Return the text with what the commands print from the first line of each sample on."""
    for command, shown in SAMPLE.findall(text):
        lines = printed_by(command).splitlines(keepends=True)
        first = shown.split(maxsplit=1)[0]
        start = max(n for n, line in enumerate(lines) if line.split(maxsplit=1)[:1] == [first])
        text = text.replace(shown, "".join(lines[start:]))
    return text


if __name__ == "__main__":
    os.chdir(tempfile.mkdtemp())
    (ROOT / "README.md").write_text(with_samples(TEXT), encoding="utf-8", newline="\n")
