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
    from collections.abc import Callable

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
    from fsinsure.ensemble_api import check_draws
    from fsinsure.files import make_folder
    from fsinsure.output.progress import Bar
    from fsinsure.workbook_api import check_beside

    chosen = fsinsure.load(scenario)
    others = [fsinsure.load(name) for name in compare or ()]
    folder = out or Path("out", f"{chosen.name}-report")
    check_beside(chosen, others)
    if draws:
        check_draws(draws)
    make_folder(folder)
    step("run", lang)
    result = fsinsure.run(chosen)
    beside = [fsinsure.run(one) for one in others]
    ensemble = None
    if draws and uncertain_in(chosen):
        step("draws", lang, draws=f"{draws:,}")
        with Bar(lang, "ensemble.draws") as bar, warnings.catch_warnings():
            warnings.simplefilter("ignore", FsinsureWarning)  # those of the run were given
            ensemble = fsinsure.ensemble(chosen, draws, progress=bar.show)
    if xlsx or not html:
        step("xlsx", lang)
        file = folder / f"{chosen.name}.xlsx"
        say(str(result.to_excel(file, lang=lang, ensemble=ensemble, compare=beside)))
    if html or not xlsx:
        file = folder / f"{chosen.name}.html"
        more = asked(chosen, lang)
        step("html", lang)
        say(str(result.report(file, lang=lang, ensemble=ensemble, compare=beside, **more)))


def step(name: str, lang: str, **values: object) -> None:
    """Say on standard error what is done next; reports of long projections take minutes."""
    from fsinsure.output.labels import label

    say(label(f"report.step_{name}", lang, **values), err=True)


def asked(scenario: Scenario, lang: str) -> dict[str, Any]:
    """Return what the page asks of a scenario: sensitivity and answers, as far as there are any."""
    import fsinsure
    from fsinsure.analysis.uncertain import uncertain_in
    from fsinsure.output.progress import Bar

    found: dict[str, Any] = {}
    with warnings.catch_warnings():  # those of the run were given
        warnings.simplefilter("ignore", FsinsureWarning)
        step("answers", lang)
        with Bar(lang, "report.targets_solved") as bar:
            found["answers"] = answers(scenario, bar.show)
        if uncertain_in(scenario):
            step("sensitivity", lang)
            with Bar(lang, "ensemble.draws") as bar:
                found["sensitivity"] = fsinsure.sensitivity(scenario, progress=bar.show)
    return found


def answers(scenario: Scenario, progress: Callable[[int, int], None] | None = None) -> list[Answer]:
    """Return what it takes to meet each target for which the region names a lever.

    A note says which cannot be met by it.
    """
    import fsinsure

    found = []
    levers = scenario.region.closing_levers
    goals = [
        one for one in scenario.targets if one.year <= scenario.horizon and one.measure in levers
    ]
    for done, one in enumerate(goals):
        if progress is not None:
            progress(done, len(goals))
        try:
            found.append(fsinsure.solve(scenario, one.measure, year=one.year, value=one.value))
        except InputError as error:
            say(str(Message("Note: {message}.", message=error)), err=True)
    if progress is not None and goals:
        progress(len(goals), len(goals))
    return found
