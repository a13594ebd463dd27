"""docs/validation.md shows what the command prints today.

``python tests/test_validation_doc.py`` writes the tables again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fsinsure.cli import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "validation.md"
BLOCK = re.compile(r"```text\n\$ fsinsure (.+)\n((?:.*\n)*?)```")


def with_tables(text: str) -> str:
    """Return the page with what its commands print today."""

    def printed(block: re.Match[str]) -> str:
        shown = CliRunner().invoke(app, block[1].split())
        assert shown.exit_code == 0, shown.stderr
        return f"```text\n$ fsinsure {block[1]}\n{shown.stdout.rstrip()}\n```"

    return BLOCK.sub(printed, text)


@pytest.mark.slow
def test_the_tables_are_what_the_commands_print() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(BLOCK.findall(text)) >= 2
    assert with_tables(text) == text, "run: python tests/test_validation_doc.py"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
