"""Scenario files and data: validate, new, sources, assumptions, check-base, schema."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from fsinsure.errors import InputError
from fsinsure.files import write_file
from fsinsure.messages import VARIABLE, Message
from fsinsure.output.terminal.say import say

inputs = typer.Typer()
Language = Annotated[
    Literal["zh", "en"], typer.Option(help="Language of text and pictures.", envvar=VARIABLE)
]


def path_of(text: str) -> Path:
    """Read a path; an empty one would mean the current folder."""
    if not text.strip():
        wrong = Message("it is empty: give a folder or file, or omit the option.")
        raise typer.BadParameter(str(wrong))
    return Path(text)


@inputs.command(
    "list",
    help="列出随附的情景 · List the scenarios that are shipped.",
    epilog="Example: fsinsure list",
)
def list_scenarios(lang: Language = "zh") -> None:
    """Print name, title, region and years of every shipped scenario."""
    import fsinsure
    from fsinsure.output.labels import label
    from fsinsure.output.terminal import text

    rows = [
        [row["name"], row[f"title_{lang}"], row["region"], f"{row['base_year']}-{row['horizon']}"]
        for row in fsinsure.scenarios().to_dict("records")
    ]
    keys = ("listing.name", "list.title", "list.region", "list.years")
    say(text.table([label(key, lang) for key in keys], rows))
    say(label("list.next", lang))


@inputs.command(
    help="检查情景文件 · Check scenario files without running them.",
    epilog="Example: fsinsure validate scenarios/low-growth.yaml --explain",
)
def validate(
    files: Annotated[list[str], typer.Argument(help="Scenario files or shipped names.")],
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show which file and line sets each value, and the law in use."
        ),
    ] = False,
    lang: Language = "zh",
) -> None:
    """Check each file and report every problem found."""
    import fsinsure
    from fsinsure.api import validate as check
    from fsinsure.output.labels import label
    from fsinsure.output.terminal import listing
    from fsinsure.provenance import law_in_force
    from fsinsure.region.known import EXEMPT, EXEMPT_FILES
    from fsinsure.scenario import explain as rows

    bad = False
    for name in files:
        try:
            scenario = fsinsure.load(name)
            check(scenario)
        except InputError as error:
            bad = True
            say(str(Message("error: {error}", error=error)), err=True)
            continue
        facts = {"name": scenario.name, "horizon": scenario.horizon}
        count = len(scenario.targets)
        say(label("summary.valid", lang, file=name, targets=count, **facts))
        if explain:
            say(listing.explanation(rows(scenario), lang))
            say("\n" + listing.published(law_in_force(scenario), lang))
            if scenario.as_of is not None:
                day = scenario.as_of.isoformat()
                say("\n" + listing.exempt(day, EXEMPT_FILES, EXEMPT, lang))
    if bad:
        raise typer.Exit(2)


@inputs.command(
    help="新建情景文件或 Excel 填写表 · Write a scenario file, or a workbook to fill in.",
    epilog="Example: fsinsure new my-reform.yaml; fsinsure new --xlsx my-reform.xlsx",
)
def new(
    file: Annotated[Path, typer.Argument(help="The file to write, ending in .yaml or .xlsx.")],
    extends: Annotated[
        str, typer.Option(help="The shipped scenario that it extends and whose values it shows.")
    ] = "baseline",
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Write a workbook; so does a name that ends in .xlsx.")
    ] = False,
    copy: Annotated[
        bool, typer.Option("--copy", help="Write the values themselves and extend nothing.")
    ] = False,
    lang: Language = "zh",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a scenario that extends the baseline, with every parameter to be changed."""
    suffix = ".xlsx" if xlsx or file.suffix == ".xlsx" else ".yaml"
    if file.suffix != suffix:
        raise InputError(
            "{file}: a workbook ends in .xlsx."
            if xlsx
            else "{file}: a scenario file ends in .yaml, or in .xlsx for a workbook.",
            file=file,
        )
    if not file.parent.is_dir():
        raise InputError(
            "there is no folder {parent}: make it first, or choose another.", parent=file.parent
        )
    if file.exists() and not force:
        raise InputError("{file} exists: choose another name, or add --force.", file=file)
    write_file(file, _new(file.stem, extends, suffix, lang, copy=copy))
    say(str(file))


def _new(name: str, extends: str, suffix: str, lang: Literal["zh", "en"], *, copy: bool) -> bytes:
    """Return the content of a new scenario."""
    from fsinsure.scenario import load, scaffold
    from fsinsure.scenario.files import bundled
    from fsinsure.scenario.writing import file_text

    bundled(extends)
    if suffix == ".xlsx":
        from fsinsure.workbook.template import template

        return template(load(extends), name, lang=lang, copy=copy)
    if copy:
        base = load(extends)
        return file_text(base.with_({}, name=name)).encode("utf-8")
    return scaffold(name, lang=lang, extends=extends).encode("utf-8")


@inputs.command(
    help="查看数据与出处 · List the data with source and confidence.",
    epilog="Example: fsinsure sources 失业保险 --confidence official",
)
def sources(
    find: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only rows that contain this text.")
    ] = "",
    confidence: Annotated[
        str | None, typer.Option(help="plan, official, secondary or assumption.")
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="One table, such as figures or law/china/values.")
    ] = None,
    conflicts: Annotated[
        bool,
        typer.Option("--conflicts", help="Figures that contradict each other, and the one used."),
    ] = False,
    region: Annotated[
        str | None, typer.Option(help="A shipped region, or the folder of one.")
    ] = None,
    lang: Language = "zh",
) -> None:
    """List values with their sources, or the register of conflicts."""
    from fsinsure.output.terminal import listing
    from fsinsure.region.listing import listing as known
    from fsinsure.region.load import find_region
    from fsinsure.sources import contains

    chosen = find_region(region)
    if not conflicts:
        rows = known(chosen, find, confidence, table)
        everything = rows or known(chosen, "", confidence, table)
        say(listing.values(rows, lang) if rows else listing.nothing(find, everything, lang))
        return
    if confidence or table:
        raise InputError("--conflicts cannot be combined with --confidence or --table.")
    register = {one: asdict(one) for one in chosen.conflicts}
    found = [one for one, texts in register.items() if contains(texts, find)]
    say(
        listing.conflicts(found, lang)
        if found
        else listing.nothing(find, [*register.values()], lang)
    )


@inputs.command(
    name="check-base",
    help="核对基年资金是否合理 · Check the money of the base year against published figures.",
    epilog="Example: fsinsure check-base --lang en",
)
def check_base(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO]", help="The scenario whose base-year assumptions are checked."
        ),
    ] = "baseline",
    lang: Language = "zh",
) -> None:
    """Compare published amounts with those that rules and assumptions imply."""
    import fsinsure
    from fsinsure.analysis.check_base import check_base as checked
    from fsinsure.output.terminal.base_check import base_check

    chosen = fsinsure.load(scenario)
    found = checked(chosen)
    say(base_check(found, chosen.name, chosen.region.base_year, lang))
    if not found["plausible"].dropna().all():
        raise typer.Exit(1)


@inputs.command(
    help="列出假设及其范围的影响 · List assumptions by what their range moves.",
    epilog="Example: fsinsure assumptions baseline --by measure.unemployment --lang en",
)
def assumptions(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="The scenario that is projected.")
    ] = "baseline",
    by: Annotated[
        str | None,
        typer.Option(
            help="Sort by the effect on one subject, such as measure.unemployment or fund.injury."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the table.", metavar="DIR", parser=path_of),
    ] = None,
    lang: Language = "zh",
) -> None:
    """Move each assumption from its low to its high end, one at a time."""
    from tqdm import tqdm

    import fsinsure
    from fsinsure.encode import csv_bytes, provenance
    from fsinsure.files import write_run
    from fsinsure.output.terminal.assumptions import assumptions as lines

    chosen = fsinsure.load(scenario)
    with tqdm(leave=False, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        found = fsinsure.assumptions(chosen, by, show)
    say(lines(found, chosen.horizon, lang))
    if out is not None:
        about = {**provenance(), "scenario": chosen.name, "scenario_hash": chosen.hash}
        for file in write_run(out, {"assumptions.csv": csv_bytes(found)}, about):
            say(str(file))


@inputs.command(
    help="输出情景文件的 JSON Schema · Print the JSON Schema of scenario files.",
    epilog="Example: fsinsure schema --out schema/scenario.schema.json",
)
def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write to this file.", metavar="FILE", parser=path_of),
    ] = None,
) -> None:
    """Print the schema that editors use to check and complete scenario files."""
    from fsinsure.scenario import schema_text

    if out is None:
        say(schema_text().rstrip("\n"))
    else:
        write_file(out, schema_text().encode("utf-8"))
        say(str(out))
