"""The examples of the documentation run, and what pages show is what is printed.

``python tests/test_docs.py`` writes printed samples again.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import pytest
import typer
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
GUIDES = sorted(
    path.relative_to(DOCS).as_posix()
    for path in (DOCS / "start.md", *DOCS.glob("howto/*.md"), *DOCS.glob("zh/*.md"))
)
"""Pages whose examples are run, in order, in one folder."""
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])

BLOCK = re.compile(
    r"^```(?:(?P<kind>\w+)|\{(?P<role>[\w-]+)\}(?: (?P<argument>\w+))?)\n(?P<text>.*?)^```$",
    re.M | re.S,
)
CAPTION = re.compile(r"\A:caption: (\S+)\n\n")
EXIT = re.compile(r"# .*(?:exit code|退出码) (?P<code>\d+)(?:，位置 (?P<place>[\w.]+:\d+:\w+))?")
SAMPLE = re.compile(r"```text\n\$ fsinsure (.+)\n((?:.*\n)*?)```")


def text_of(page: str | Path) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


class Command(NamedTuple):
    """A line of the ``sh`` blocks of a page, and what it says of its end."""

    arguments: list[str]
    code: int
    place: str


def command_lines(text: str) -> list[Command]:
    """Return each ``fsinsure`` line; a comment may name the exit code and the place of an error."""
    found = []
    for block in BLOCK.finditer(text):
        for line in block["text"].replace("\\\n", " ").splitlines():
            if block["kind"] == "sh" and line.startswith("fsinsure "):
                end = EXIT.search(line)
                code, place = (int(end["code"]), end["place"] or "") if end else (0, "")
                found.append(Command(shlex.split(line, comments=True)[1:], code, place))
    return found


def save(block: re.Match[str]) -> None:
    """Write a block with a caption under this name into the folder."""
    if caption := CAPTION.match(block["text"]):
        Path(caption[1]).write_text(block["text"][caption.end() :], encoding="utf-8")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning")
@pytest.mark.parametrize("page", GUIDES)
def test_the_examples_of_a_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files with a caption are written, commands and Python run, all in order."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"fs": fs}
    for block in BLOCK.finditer(text_of(page)):
        if block["role"] == "code-block":
            save(block)
        elif block["kind"] == "python" or block["role"] == "code-cell":
            exec(compile(block["text"], f"{page}: {block['text'][:40]!r}", "exec"), names)
        elif block["kind"] == "sh":
            run_commands(block[0] + "\n")
    plt.close("all")


def run_commands(text: str) -> None:
    for arguments, code, place in command_lines(text):
        printed = CliRunner().invoke(app, quick(arguments))
        assert printed.exit_code == code, f"{shlex.join(arguments)}: {printed.output}"
        assert place in printed.output


def quick(arguments: list[str]) -> list[str]:
    """Return a command without pictures and with few draws: what it costs is not in question."""
    plain = ["--plots", "none"] if arguments[0] in ("run", "micro", "ensemble") else []
    few = [
        "16" if before == "--draws" else each
        for before, each in zip(["", *arguments], arguments, strict=False)
    ]
    return few + plain


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_a_page_is_understood(page: Path) -> None:
    """Commands, options and the types of their values exist, also on pages that are not run."""
    for arguments, *_ in command_lines(text_of(page)):
        understood(typer.main.get_command(app), arguments)


def understood(command: object, arguments: list[str]) -> None:
    """Parse arguments as the command line does; a group passes the rest to its command."""
    context = command.make_context("fsinsure", list(arguments))  # type: ignore[attr-defined]
    if inner := getattr(command, "commands", None):
        name, *rest = [*context._protected_args, *context.args]
        assert name in inner, f"there is no command {name}"
        understood(inner[name], rest)


def with_samples(text: str) -> str:
    """Return a page with what its commands print today."""

    def printed(block: re.Match[str]) -> str:
        usual = {"FSINSURE_LANG": None}  # the language where nothing is set
        shown = CliRunner().invoke(app, shlex.split(block[1]), env=usual)
        return f"```text\n$ fsinsure {block[1]}\n{shown.output.rstrip()}\n```"

    return SAMPLE.sub(printed, text)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in GUIDES if SAMPLE.search(text_of(page))])
def test_samples_are_what_is_printed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in BLOCK.finditer(text_of(page)):
        save(block)
    assert with_samples(text_of(page)) == text_of(page), "run: python tests/test_docs.py"


def test_the_pages_of_python_have_every_public_name() -> None:
    text = "\n".join(text_of(path) for path in DOCS.glob("api/*.md"))
    named = set(re.findall(r"^\.\. auto(?:function|class):: (\w+)$", text, re.M))
    errors = {name for name in fs.__all__ if name.endswith("Error")}
    assert "automodule:: fsinsure.errors" in text
    assert named == set(fs.__all__) - errors


def test_the_errors_that_the_page_of_evidence_names_are_those_of_the_backtest() -> None:
    said = re.findall(r"([−+])([\d.]+) % in\s+(\d{4})", text_of("evidence.md"))
    table = fs.backtest("baseline").table
    rows = table[(table["measure"] == "unemployment") & (table["method"] == "projection")]
    errors = rows.dropna(subset="error").set_index("year")["error"]
    found = {int(year): float(size) * (1 if sign == "+" else -1) for sign, size, year in said}
    assert found == {year: round(100 * error, 1) for year, error in errors.items()}


def test_the_speeds_that_the_comparison_names_are_those_measured() -> None:
    """Ratios of the table of docs/scale.md, computed again."""
    rows = re.findall(r"^\| ([\w-]+) [\d.]+ \| [\d.]+ \| ([\d.]+) \|", text_of("scale.md"), re.M)
    seconds = {name: float(value) for name, value in rows}
    numpy, compiled = (seconds[f"fsinsure-{name}"] for name in ("numpy", "numba"))
    speed = text_of("comparison.md").split("## Speed")[1]
    first, second, last = re.findall(r"^- (?:.|\n  )+", speed, re.M)[:3]
    for text, own, peers in (
        (first, numpy, ("polars", "jax", "openfisca", "starsim")),
        (second, compiled, ("polars", "openfisca")),
    ):
        said = [float(one) for one in re.findall(r"([\d.]+) times as", text)]
        assert said == pytest.approx([seconds[peer] / own for peer in peers], abs=0.06)
    assert "about as long" in last and seconds["limit"] == pytest.approx(compiled, rel=0.25)


if __name__ == "__main__":
    for guide in GUIDES:
        if SAMPLE.search(text_of(guide)):
            os.chdir(tempfile.mkdtemp())
            for found in BLOCK.finditer(text_of(guide)):
                save(found)
            (DOCS / guide).write_text(with_samples(text_of(guide)), encoding="utf-8", newline="\n")
