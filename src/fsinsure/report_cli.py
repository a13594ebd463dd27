"""The command report: a scenario as files for readers."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from fsinsure.errors import FsinsureWarning, InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.messages import Message
from fsinsure.output.terminal.say import say

if TYPE_CHECKING:
    from fsinsure.answer import Answer
    from fsinsure.scenario import Scenario

DRAWS: Final = 256
"""Draws unless a number is given: enough to tell the parameters apart, in seconds."""

reports = typer.Typer()


@reports.command(
    help="测算报告：Excel 工作簿与网页 · Write the report of a scenario: a workbook and a page.",
    epilog="Example: fsinsure report baseline --compare fee-relief --out out/report",
)
def report(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file or a shipped name.")
    ] = "baseline",
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Write the workbook; every kind unless one is named.")
    ] = False,
    html: Annotated[
        bool, typer.Option("--html", help="Write the page; every kind unless one is named.")
    ] = False,
    draws: Annotated[
        int,
        typer.Option(
            help="Draws of what is uncertain, for probabilities and ranges; 0 for none.",
            metavar="N",
            min=0,
        ),
    ] = DRAWS,
    compare: Annotated[
        list[str] | None,
        typer.Option(help="Another scenario to compare with, again for more.", metavar="SCENARIO"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the files.", metavar="DIR", parser=path_of),
    ] = None,
    lang: Language = "zh",
) -> None:
    """Run a scenario, ask how sure it is and what would change it, and write its report."""
    import fsinsure
    from fsinsure.analysis.uncertain import uncertain_in
    from fsinsure.output.progress import Bar

    chosen = fsinsure.load(scenario)
    others = [fsinsure.load(name) for name in compare or ()]
    result = fsinsure.run(chosen)
    beside = [fsinsure.run(one) for one in others]
    ensemble = None
    if draws and uncertain_in(chosen):
        with Bar(lang, "ensemble.draws") as bar, warnings.catch_warnings():
            warnings.simplefilter("ignore", FsinsureWarning)  # those of the run were given
            ensemble = fsinsure.ensemble(chosen, draws, progress=bar.show)
    folder = out or Path("out", f"{chosen.name}-report")
    if xlsx or not html:
        file = folder / f"{chosen.name}.xlsx"
        say(str(result.to_excel(file, lang=lang, ensemble=ensemble, compare=beside)))
    if html or not xlsx:
        file = folder / f"{chosen.name}.html"
        more = asked(chosen, lang)
        say(str(result.report(file, lang=lang, ensemble=ensemble, compare=beside, **more)))


def asked(scenario: Scenario, lang: str) -> dict[str, Any]:
    """Return what the page asks of a scenario: sensitivity and answers, as far as there are any."""
    import fsinsure
    from fsinsure.analysis.uncertain import uncertain_in
    from fsinsure.output.progress import Bar

    found: dict[str, Any] = {}
    with warnings.catch_warnings():  # those of the run were given
        warnings.simplefilter("ignore", FsinsureWarning)
        found["answers"] = answers(scenario)
        if uncertain_in(scenario):
            with Bar(lang, "ensemble.draws") as bar:
                found["sensitivity"] = fsinsure.sensitivity(scenario, progress=bar.show)
    return found


def answers(scenario: Scenario) -> list[Answer]:
    """Return what it takes to meet each target; a note says which cannot be met by one lever."""
    import fsinsure

    found = []
    for one in scenario.targets:
        if one.year <= scenario.horizon:
            try:
                found.append(fsinsure.solve(scenario, one.measure, year=one.year, value=one.value))
            except InputError as error:
                say(str(Message("Note: {message}.", message=error)), err=True)
    return found
