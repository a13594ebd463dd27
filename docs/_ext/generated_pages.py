"""Pages written at build time: notebooks, commands, parameters, and the files at the top.

They stand in ``docs/generated``, which git ignores.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
GENERATED = DOCS / "generated"
PLACES = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
"""Files at the top of the checkout, and the pages that show them."""


PARAMETER = ("parameter", "kind", "unit", "from", "to", "meaning", "含义")
COLUMN = ("column", "type", "unit", "heading", "列名", "meaning", "含义")


def cache_folder() -> Path:
    """Return the folder of outputs of notebooks for what the library is now."""
    digest = hashlib.sha256()
    for folder in ("src", "scenarios"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".csv", ".yaml"):
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return ROOT / "out" / "docs-notebooks" / digest.hexdigest()[:16]


def not_executed() -> list[str]:
    """Return the pages that are shown without output: those not in FSINSURE_DOCS_EXECUTED.

    It names notebooks and pages with code, ``first_steps zh/index``; without it all are executed.
    """
    wanted = os.environ.get("FSINSURE_DOCS_EXECUTED")
    if wanted is None:
        return []
    pages = {path.stem: f"generated/notebooks/{path.name}" for path in notebooks()}
    pages |= {f"zh/{path.stem}": f"zh/{path.name}" for path in (DOCS / "zh").glob("*.md")}
    if unknown := set(wanted.split()) - pages.keys():
        known = ", ".join(sorted(pages))
        unknown_names = ", ".join(sorted(unknown))
        raise SystemExit(f"FSINSURE_DOCS_EXECUTED: no page {unknown_names}. There are {known}")
    return [path for name, path in sorted(pages.items()) if name not in wanted.split()]


def notebooks() -> list[Path]:
    """Return the notebooks."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def write_all(app: Any) -> None:
    """Write every generated page."""
    pages = dict(top_pages())
    pages |= {
        "commands.md": commands_page(),
        "parameters.md": parameters_page(),
        "tables.md": tables_page(),
    }
    for path in notebooks():
        pages[f"notebooks/{path.name}"] = path.read_text(encoding="utf-8")
    for old in GENERATED.rglob("*"):
        if old.is_file() and old.relative_to(GENERATED).as_posix() not in pages:
            old.unlink()
    for name, text in pages.items():
        path = GENERATED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


def top_pages() -> Iterator[tuple[str, str]]:
    """Return the files at the top with links as from the folder of generated pages."""
    for name, page in PLACES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        for other, place in PLACES.items():
            text = text.replace(f"]({other}", f"]({place}")
        text = text.replace("](docs/decisions)", "](../decisions.md)").replace("](docs/", "](../")
        yield page, text


def commands_page() -> str:
    """Return what ``--help`` of every command prints."""
    import typer

    from fsinsure.cli import app

    lines = [
        "# Command line",
        "",
        "What `--help` prints. Exit codes: [in short](../start.md#exit-codes).",
        "",
    ]
    for path, command in commands(typer.main.get_command(app), "fsinsure"):
        context = command.make_context(path, [], resilient_parsing=True)
        context.terminal_width = context.max_content_width = 96
        lines += [f"## `{path}`", "", "```text", plain(command.get_help(context)), "```", ""]
    return "\n".join(lines)


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Return each command with its full name: a group, then what it holds."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")


def parameters_page() -> str:
    """Return what a scenario can set, from ``data/parameters.csv``."""
    from fsinsure.registry import registry

    lines = [
        "# Parameters",
        "",
        "What a scenario file can set, from `data/parameters.csv`. How values are written:",
        "[How to add a scenario](../howto/scenario.md). Values in use: `fsinsure sources`.",
    ]
    section = ""
    for one in registry().values():
        first = one.name.split(".")[0]
        if first != section:
            section = first
            lines += ["", f"## {section}", "", *heading(*PARAMETER)]
        bounds = ["" if bound is None else f"{bound:,.10g}" for bound in (one.low, one.high)]
        lines.append(cells(f"`{one.name}`", one.kind, one.unit, *bounds, one.en, one.zh))
    return "\n".join([*lines, ""])


def tables_page() -> str:
    """Return every table that users get, with its columns, from the registry of both."""
    from fsinsure.columns import tables

    lines = [
        "# Tables",
        "",
        "Tables by what has them, and the file that `write` and the command line make of each:",
        "one row a fact, UTF-8. `result.tables()` lists those of a result, `result.labelled(name)`",
        "shows one with headings, texts and units in words. A `?` marks a column that some methods",
        "have; `*` stands for columns whose names follow the scenarios or parameters.",
    ]
    holder = ""
    for name, one in tables().items():
        if name.split(".")[0] != holder:
            holder = name.split(".")[0]
            lines += ["", f"## {holder}"]
        file = f", file `{one.file}`" if one.file else ""
        lines += ["", f"### `{name}`", "", f"{one.title['en']} · {one.title['zh']}{file}", ""]
        lines += heading(*COLUMN)
        for each in one.columns:
            mark = "?" if each.name in one.optional else ""
            texts = (each.title["en"], each.title["zh"], each.meaning["en"], each.meaning["zh"])
            lines.append(cells(f"`{each.name}{mark}`", each.dtype, each.unit, *texts))
    return "\n".join([*lines, ""])


def heading(*names: str) -> tuple[str, str]:
    """Return the first two lines of a table."""
    return cells(*names), "|" + "---|" * len(names)


def cells(*texts: str) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def plain(text: str) -> str:
    """Return a text without the codes of colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip()


def setup(app: Any) -> dict[str, bool]:
    """Write the pages before they are looked for."""
    app.connect("builder-inited", write_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
