"""The command ``fsinsure``: it prints and exits, and every decision is made elsewhere.

Exit codes: 0; 1 if the run went through but a target was missed (``--enforce``), a figure of the
base year is in doubt (``check-base``), persons do not agree with the cohort engine (``micro``) or
an identity of the model does not hold; 2 for input that cannot be used, with nothing written; 130
if a simulation of persons was stopped with Ctrl-C.
"""

from __future__ import annotations

import io
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer
from typer.core import TyperGroup

from fsinsure._version import __version__
from fsinsure.errors import ExtendedWarning, FsinsureError, IdentityError, InputError
from fsinsure.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsinsure.result import Result


class Commands(TyperGroup):
    """The commands; an error that fsinsure raises on purpose is a message, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command and turn errors into exit codes."""
        try:
            return super().invoke(ctx)
        except FsinsureError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1 if isinstance(error, IdentityError) else 2) from None


app = typer.Typer(
    cls=Commands,
    help="社会保险参保预测 · Project social-insurance enrollment and set it against the plan.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name: baseline.")
]


def _path(text: str) -> Path:
    """Read a path; the empty one would silently be the current folder."""
    if not text.strip():
        raise typer.BadParameter("it is empty: name a place, or leave --out out.")
    return Path(text)


Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the files.", metavar="DIR", parser=_path),
]
Language = Annotated[Literal["zh", "en"], typer.Option(help="Language of text and pictures.")]
Pictures = Annotated[
    Literal["main", "all", "none"],
    typer.Option(
        "--plots",
        help="Pictures to draw: main (targets, their channels, funds), all, or none.",
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fsinsure {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(
    help="运行情景，写出表格与图 · Run a scenario; write its tables and pictures.",
    epilog="Example: fsinsure run scenarios/baseline.yaml --out out/baseline",
)
def run(
    scenario: Scenario,
    horizon: Annotated[int | None, typer.Option(help="Last year, up to 2100.")] = None,
    out: Out = None,
    lang: Language = "zh",
    enforce: Annotated[bool, typer.Option(help="Exit with 1 if a target is missed.")] = False,
    plots: Pictures = "main",
) -> None:
    """Run one scenario and say in seven lines what came out."""
    import fsinsure
    from fsinsure.output.tidy import met

    chosen = fsinsure.load(scenario)
    if horizon is not None:
        chosen = chosen.with_({"horizon": horizon})
    result = fsinsure.run(chosen)
    due = result.targets["gap"].dropna()
    if enforce and due.empty:
        raise InputError(
            f"--enforce needs a target, and {chosen.name} has none up to {chosen.horizon}: "
            "add one under targets, or lengthen the horizon."
        )
    files = result.write(out or Path("out", chosen.name), lang=lang, plots=plots)
    _tell(result, files, lang)
    if enforce and not due.map(met).all():
        raise typer.Exit(1)


@app.command(
    help="逐人模拟，写出同样的表 · Simulate person by person; write the same tables.",
    epilog="Example: fsinsure micro scenarios/baseline.yaml --persons 30万 --seed 7 --processes 2",
)
def micro(  # noqa: PLR0913 (each is an option)
    scenario: Scenario,
    persons: Annotated[
        str, typer.Option(help="How many to simulate, such as 300000 or 30万; full: everybody.")
    ] = "full",
    seed: Annotated[int, typer.Option(min=0, help="Of the luck of every person.")] = 0,
    out: Out = None,
    processes: Annotated[int, typer.Option(min=1, help="Processes of this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Of a Dask cluster that does the work: tcp://host:8786.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped.")
    ] = False,
    accelerate: Annotated[
        bool | None, typer.Option(help="Run compiled; unless said, where numba is installed.")
    ] = None,
    lang: Language = "zh",
    plots: Pictures = "main",
) -> None:
    """Simulate persons, with a bar and a checkpoint, and say what came out."""
    import fsinsure
    from fsinsure.micro_cli import Order, simulate
    from fsinsure.output.terminal.agreement import agreement

    order = Order(persons, seed, processes, scheduler, resume, accelerate)
    chosen = fsinsure.load(scenario)
    folder = out or Path("out", chosen.name)
    result, files = simulate(chosen, order, folder, lang=lang, plots=plots)
    _tell(result, files, lang)
    found = result.agreement
    typer.echo(agreement(found.table, found.gaps, found.bound, lang))
    if not found.passed:
        raise typer.Exit(1)


@app.command(
    help="对比多个情景 · Run scenarios and set them side by side.",
    epilog="Example: fsinsure compare baseline low-growth high-growth --lang en",
)
def compare(
    scenarios: Annotated[
        list[str], typer.Argument(help="Two or more scenario files or shipped names.")
    ],
    out: Out = None,
    lang: Language = "zh",
    plots: Pictures = "main",
) -> None:
    """Print targets, the parameters that differ, funds, and why; with --out also write them."""
    import fsinsure
    from fsinsure.output.terminal.side_by_side import balances, deferrals, relief, why
    from fsinsure.output.terminal.summary import comparison

    results = [fsinsure.run(scenario) for scenario in [fsinsure.load(name) for name in scenarios]]
    compared = fsinsure.compare(*results)
    units = {
        name: unit
        for result in results
        for name, unit in zip(
            result.parameters["parameter"], result.parameters["unit"], strict=True
        )
    }
    files = compared.write(out, lang=lang, plots=plots) if out else []
    parts = [
        comparison(compared.targets, compared.parameters, units, lang),
        balances(compared.ledger, lang),
    ]
    told = (relief(compared.indicators, lang), deferrals(compared.ledger, lang))
    parts += [lines for lines in told if lines]
    if not compared.reasons.empty:
        parts.append(why(compared.reasons, lang))
    typer.echo("\n\n".join(parts))
    _echo_files(files)


@app.command(
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
    from fsinsure.api import validate as refuse
    from fsinsure.output.labels import label
    from fsinsure.output.terminal import listing
    from fsinsure.parameters import published
    from fsinsure.scenario import explain as rows

    bad = False
    for name in files:
        try:
            scenario = fsinsure.load(name)
            refuse(scenario)
        except InputError as error:
            bad = True
            typer.echo(f"error: {error}", err=True)
            continue
        facts = {"name": scenario.name, "horizon": scenario.horizon}
        count = len(scenario.targets)
        typer.echo(label("summary.valid", lang, file=name, targets=count, **facts))
        if explain:
            typer.echo(listing.explanation(rows(scenario), lang))
            typer.echo("\n" + listing.published(published(scenario), lang))
    if bad:
        raise typer.Exit(2)


@app.command(
    help="新建带注释的情景文件 · Write a commented scenario file to start from.",
    epilog="Example: fsinsure new my-reform.yaml",
)
def new(
    file: Annotated[Path, typer.Argument(help="The file to write, ending in .yaml.")],
    lang: Language = "zh",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a scenario that extends the baseline and lists every lever as a comment."""
    from fsinsure.parameters import defaults
    from fsinsure.scenario import scaffold

    if file.suffix != ".yaml":
        raise InputError(f"{file}: a scenario file ends in .yaml.")
    if not file.parent.is_dir():
        raise InputError(f"there is no folder {file.parent}: make it first, or choose another.")
    if file.exists() and not force:
        raise InputError(f"{file} is there already: choose another name, or add --force.")
    content = scaffold(file.stem, defaults(), lang=lang)
    _echo_files(write_whole(file.parent, {file.name: content.encode("utf-8")}))


@app.command(
    help="查看数据与出处 · List the data with source and confidence.",
    epilog="Example: fsinsure sources 失业保险 --confidence official",
)
def sources(
    find: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only what contains this.")] = "",
    confidence: Annotated[
        str | None, typer.Option(help="plan, official, secondary or assumption.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="One table, such as facts or rules.")] = None,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="The plan's contradictions and the reading used.")
    ] = False,
    lang: Language = "zh",
) -> None:
    """List values with where they come from, or the register of conflicts."""
    from fsinsure import sources as known
    from fsinsure.output.terminal import listing

    if not conflicts:
        rows = known.listing(find, confidence, table)
        everything = rows or known.listing("", confidence, table)
        typer.echo(listing.values(rows, lang) if rows else listing.nothing(find, everything, lang))
        return
    if confidence or table:
        raise InputError("--conflicts has no confidence or table to choose from: leave it out.")
    register = [asdict(one) for one in known.conflicts()]
    found = [
        one
        for one, texts in zip(known.conflicts(), register, strict=True)
        if find.casefold() in "\n".join(texts.values()).casefold()
    ]
    typer.echo(listing.conflicts(found, lang) if found else listing.nothing(find, register, lang))


@app.command(
    name="check-base",
    help="核对基年资金是否合理 · Check the money of the base year against published figures.",
    epilog="Example: fsinsure check-base --lang en",
)
def check_base(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Whose base-year assumptions to check.")
    ] = "baseline",
    lang: Language = "zh",
) -> None:
    """Print what rules and assumptions make of the published money; exit with 1 if in doubt."""
    import fsinsure
    from fsinsure.analysis.check_base import check_base as checked
    from fsinsure.output.terminal.base_check import base_check

    chosen = fsinsure.load(scenario)
    found = checked(chosen)
    typer.echo(base_check(found, chosen.name, lang))
    if not found["plausible"].dropna().all():
        raise typer.Exit(1)


@app.command(
    help="输出情景文件的 JSON Schema · Print the JSON Schema of scenario files.",
    epilog="Example: fsinsure schema --out schema/scenario.schema.json",
)
def schema(
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it here.", metavar="FILE", parser=_path)
    ] = None,
) -> None:
    """Print the schema that editors check and complete scenario files with."""
    from fsinsure.scenario import schema_text

    if out is None:
        typer.echo(schema_text(), nl=False)
    else:
        _echo_files(write_whole(out.parent, {out.name: schema_text().encode("utf-8")}))


def _tell(result: Result, files: list[Path], lang: str) -> None:
    """Print the summary of a run, and the funds that run out."""
    from fsinsure.output.labels import label
    from fsinsure.output.terminal.summary import Summary

    summary = Summary(
        scenario=result.scenario.name,
        title=result.scenario.title.get(lang, result.scenario.name),
        horizon=result.scenario.horizon,
        targets=result.targets,
        channels=result.channels,
        ledger=result.ledger,
        indicators=result.indicators,
        checks=[check.passed for check in result.checks],
        files=files,
        lang=lang,
    )
    typer.echo(str(summary))
    for fund, year in result.projection.ledger.deficits():
        name = label(f"short.{fund}", lang)
        typer.echo(label("note.deficit", lang, fund=name, year=year), err=True)


def _echo_files(files: Iterable[Path]) -> None:
    for file in files:
        typer.echo(str(file))


def main() -> None:
    """Run the command line, with UTF-8 output whatever the console or pipe is set to."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    warnings.showwarning = _note
    app()


def _note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show a warning of ours as a sentence, any other as Python does."""
    ours = issubclass(category, ExtendedWarning)
    text = warnings.formatwarning(message, category, filename, lineno, line)
    print(f"Note: {message}." if ours else text, file=file or sys.stderr)
