"""The command solve: what one lever must be so that one target is met, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

solves = typer.Typer()


@solves.command(
    help="目标求解：要达到目标需作何调整 · Solve a lever so that a target is met.",
    epilog="Example: fsinsure solve baseline --target pension.enterprise --value 520万 --lang en",
)
def solve(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name.")
    ],
    target: Annotated[
        str, typer.Option(help="A measure, or balance. and a fund, such as balance.unemployment.")
    ],
    lever: Annotated[
        str | None,
        typer.Option(help="A parameter; by default the one that the region names for a measure."),
    ] = None,
    value: Annotated[
        str | None, typer.Option(help="Persons or yuan, such as 470万; by default as the scenario.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Year of the target; by default as the scenario.")
    ] = None,
    since: Annotated[
        int | None, typer.Option(help="First year in which the lever changes.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the tables and the scenario file.", metavar="DIR", parser=path_of
        ),
    ] = None,
    lang: Language = "zh",
) -> None:
    """Print what it takes, what it costs each fund, and the latest year to start."""
    import fsinsure
    from fsinsure.output.terminal.solve import Solution

    answer = fsinsure.solve(
        fsinsure.load(scenario), target, lever, value=value, year=year, since=since
    )
    files = answer.write(out) if out else []
    aim = answer.aim
    found = Solution(
        scenario=answer.before.scenario.name,
        subject=aim.subject,
        money=aim.money,
        year=aim.year,
        value=aim.value,
        lever=answer.lever,
        since=answer.since,
        before=answer.unsolved,
        after=answer.projected,
        exact=answer.found.met,
        latest=answer.latest,
        latest_value=answer.latest_value,
        path=answer.path,
        people=answer.people,
        funds=answer.funds,
    )
    say(found.lines(lang))
    for file in files:
        say(str(file))
