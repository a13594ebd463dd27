"""The command ``fsinsure``: arguments, printed text and exit codes; the library does the work.

Exit codes: 0; 1 if the run finished but a check failed: a target was missed (``--enforce``), a
figure of the base year is in doubt (``check-base``), persons do not agree with the cohort engine
(``micro``) or an identity of the model does not hold; 2 for input that cannot be used and for
files, folders or streams that cannot be written; 130 if it was stopped with Ctrl-C.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer
from typer.core import TyperGroup

from fsinsure._version import __version__
from fsinsure.app_cli import pages
from fsinsure.backtest_cli import backtests
from fsinsure.calibrate_cli import calibrations
from fsinsure.ensemble_cli import compare_draws, ensembles, list_compared
from fsinsure.errors import FsinsureError, FsinsureWarning, InputError
from fsinsure.explain_cli import explanations
from fsinsure.files import reason
from fsinsure.input_cli import Language, inputs, path_of
from fsinsure.messages import Message, speaking
from fsinsure.output.terminal.say import UNWRITABLE, discard, say
from fsinsure.quota_cli import plan_figures
from fsinsure.region_cli import regions
from fsinsure.report_cli import reports
from fsinsure.sensitivity_cli import sensitivities
from fsinsure.solve_cli import solves
from fsinsure.usage import check_variable, language_of, reported

if TYPE_CHECKING:
    import fsinsure
    from fsinsure.region.region import Region
    from fsinsure.result import Result


class Commands(TyperGroup):
    """The commands; what is wrong is printed as a message in the language that is asked for."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run the command line in its language."""
        with speaking(language_of(sys.argv[1:] if args is None else args)):
            return super().main(args, *rest, **options)

    def make_context(
        self, info_name: str | None, args: list[str], *rest: Any, **options: Any
    ) -> Any:
        """Read the arguments."""
        with reported():
            if language_of(args) is None:
                check_variable()
            return super().make_context(info_name, args, *rest, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with reported():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    help="社会保险参保预测 · Project social-insurance enrollment and compare it with the plan.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name: baseline.")
]


Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for the files.", metavar="DIR", parser=path_of)
]
Pictures = Annotated[
    Literal["main", "all", "none"],
    typer.Option(
        "--plots", help="Pictures to draw: main (targets, their channels, funds), all, or none."
    ),
]

Horizon = Annotated[int | None, typer.Option(help="Last year, up to 2100.")]
Bom = Annotated[
    bool | None,
    typer.Option(
        "--bom/--no-bom",
        help="Begin CSV files with the mark by which Excel and WPS read UTF-8; default with zh.",
    ),
]
Outcomes = Annotated[
    Path | None,
    typer.Option(
        help="Published figures of your own that are met, a CSV or .xlsx like outcomes.csv.",
        metavar="FILE",
        parser=path_of,
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
    horizon: Horizon = None,
    out: Out = None,
    lang: Language = "zh",
    enforce: Annotated[bool, typer.Option(help="Exit with 1 if a target is missed.")] = False,
    plots: Pictures = "main",
    outcomes: Outcomes = None,
    bom: Bom = None,
) -> None:
    """Run one scenario and print a summary of it."""
    import fsinsure
    from fsinsure.output.tidy import met

    chosen = _to(fsinsure.load(scenario), horizon)
    if enforce and not any(target.year <= chosen.horizon for target in chosen.targets):
        raise InputError(
            "--enforce needs a target, and {name} has none up to {horizon}: add one under "
            "targets, or lengthen the horizon.",
            name=chosen.name,
            horizon=chosen.horizon,
        )
    result = fsinsure.run(chosen, outcomes=outcomes)
    files = result.write(out or Path("out", chosen.name), lang=lang, plots=plots, bom=bom)
    _summarize(result, files, lang)
    if enforce and not result.targets["gap"].dropna().map(met).all():
        raise typer.Exit(1)


@app.command(
    help="逐人模拟，写出同样的表 · Simulate individual persons; write the same tables.",
    epilog="Example: fsinsure micro scenarios/baseline.yaml --persons 30万 --seed 7",
)
def micro(  # noqa: PLR0913 (each is an option)
    scenario: Scenario,
    persons: Annotated[
        str | None,
        typer.Option(
            help="Number of persons, such as 300000 or 30万; full: the whole population. Without "
            "it everyone of up to 30 million residents, and 1 million of more."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")] = 0,
    horizon: Horizon = None,
    out: Out = None,
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads",
            "--processes",
            min=1,
            help="Threads; by default one a core if compiled, else 2.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask cluster to use: tcp://host:8786.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    accelerate: Annotated[
        bool | None,
        typer.Option(
            help="Run compiled code; by default where numba is installed and the run is large."
        ),
    ] = None,
    lang: Language = "zh",
    plots: Pictures = "main",
    outcomes: Outcomes = None,
) -> None:
    """Simulate persons with a progress bar and a checkpoint, and print a summary."""
    import fsinsure
    from fsinsure.micro_cli import MicroOptions, simulate
    from fsinsure.output.terminal.agreement import agreement

    order = MicroOptions(persons, seed, threads, scheduler, resume, accelerate, outcomes)
    chosen = _to(fsinsure.load(scenario), horizon)
    folder = out or Path("out", f"{chosen.name}-micro")
    result, files = simulate(chosen, order, folder, lang=lang, plots=plots)
    _summarize(result, files, lang)
    found = result.agreement
    say(agreement(found.table, found.gaps, found.bound, result.scenario.region.names(lang), lang))
    if not found.passed:
        raise typer.Exit(1)


@app.command(
    help="对比多个情景 · Run scenarios and compare them.",
    epilog="Example: fsinsure compare baseline low-growth high-growth --lang en",
)
def compare(
    scenarios: Annotated[
        list[str], typer.Argument(help="Two or more scenario files or shipped names.")
    ],
    horizon: Horizon = None,
    out: Out = None,
    lang: Language = "zh",
    plots: Pictures = "main",
    draws: Annotated[
        int | None, typer.Option(help="Compare draw by draw, with as many common draws.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    bom: Bom = None,
) -> None:
    """Print targets, differing parameters, funds and reasons, and write them."""
    import fsinsure

    chosen = [_to(fsinsure.load(name), horizon) for name in scenarios]
    folder = out or Path("out", f"{chosen[0].name}-compared")
    if draws is not None:
        compare_draws(chosen, draws, seed, folder, lang=lang, plots=plots, bom=bom)
        return
    from fsinsure.output.terminal.side_by_side import balances, deferrals, relief, why
    from fsinsure.output.terminal.summary import comparison

    results = [fsinsure.run(scenario) for scenario in chosen]
    for region in dict.fromkeys(result.scenario.region for result in results):
        _note_copies(region, lang)
    compared = fsinsure.compare(*results)
    units: dict[str, str] = {}
    for result in results:
        table = result.parameters
        units |= dict(zip(table["parameter"], table["unit"], strict=True))
    files = compared.write(folder, lang=lang, plots=plots, bom=bom)
    parts = [
        comparison(compared.targets, compared.parameters, units, lang),
        balances(compared.ledger, lang),
    ]
    optional = (relief(compared.indicators, lang), deferrals(compared.ledger, lang))
    parts += [lines for lines in optional if lines]
    if not compared.reasons.empty:
        parts.append(why(compared.reasons, lang, reliefs=compared.reliefs(lang)))
    say("\n\n".join(parts))
    list_compared(files, lang)


app.add_typer(inputs)
app.add_typer(backtests)
app.add_typer(ensembles)
app.add_typer(plan_figures)
app.add_typer(solves)
app.add_typer(calibrations)
app.add_typer(explanations)
app.add_typer(sensitivities)
app.add_typer(reports)
app.add_typer(pages)
app.add_typer(regions, name="region")


def _to(scenario: fsinsure.Scenario, horizon: int | None) -> fsinsure.Scenario:
    """Return a scenario with another last year, if one is given."""
    return scenario if horizon is None else scenario.with_({"horizon": horizon})


def _summarize(result: Result, files: list[Path], lang: str) -> None:
    """Print the summary of a run and the funds with a negative balance."""
    from fsinsure.output.labels import label
    from fsinsure.output.terminal.summary import Summary

    _note_copies(result.scenario.region, lang)
    summary = Summary(
        scenario=result.scenario.name,
        title=result.scenario.title.get(lang, result.scenario.name),
        base_year=result.scenario.region.base_year,
        horizon=result.scenario.horizon,
        targets=result.targets,
        channels=result.channels,
        ledger=result.ledger,
        indicators=result.indicators,
        goals={
            name[7:]: one.years[1]
            for name, one in result.scenario.region.figures.items()
            if name[:7] == "target."
        },
        remaining=result.remaining().iloc[: 0 if result.scenario.observed_to is None else None],
        checks=[check.passed for check in result.checks],
        files=files,
        lang=lang,
    )
    say(str(summary))
    books = result.projection.ledger
    for key, found in (("deficit", books.deficits()), ("deficit_subsidy", books.subsidised())):
        for fund, year in found:
            name = label(f"short.{fund}", lang)
            say(label(f"note.{key}", lang, fund=name, year=year), err=True)


def _note_copies(region: Region, lang: str) -> None:
    """Say how much of a region is copied from other places, if any is."""
    from fsinsure.output.labels import label
    from fsinsure.region_cli import copies

    copied = copies(region, lang)
    if copied:
        say(label("note.copied", lang, copied=copied), err=True)


def main() -> None:
    """Run the command line, with UTF-8 output whatever the console or pipe is set to."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    warnings.showwarning = _note
    try:
        app()
    except OSError as error:  # help, version and usage are printed by typer
        discard(sys.stdout)
        text = Message("error: cannot write: {error}.", error=reason(error))
        with suppress(FsinsureError, typer.Exit):
            say(str(text), err=True)
        sys.exit(UNWRITABLE)


def _note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning of fsinsure as a sentence, any other as Python does."""
    ours = issubclass(category, FsinsureWarning)
    text = warnings.formatwarning(message, category, filename, lineno, line)
    note = Message("Note: {message}.", message=message)
    say(str(note) if ours else text.rstrip(), err=True)
