"""The command explain: which flows, rates and sources made a number of people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fsinsure.files import write_file
from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

explanations = typer.Typer()


@explanations.command(
    help="解释一个数：来自哪些流量、参数与出处 · Say what made a number of people.",
    epilog="Example: fsinsure explain baseline pension.enterprise 2025 --lang en",
)
def explain(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name.")
    ],
    measure: Annotated[str, typer.Argument(metavar="MEASURE", help="Such as pension.enterprise.")],
    year: Annotated[int, typer.Argument(metavar="YEAR", help="The base year or a projected one.")],
    area: Annotated[
        str | None, typer.Option(help="The code of an area; by default the region.")
    ] = None,
    event: Annotated[
        str | None, typer.Option(help="List what this event reads, with value and source.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A CSV file for all levels.", metavar="FILE", parser=path_of),
    ] = None,
    lang: Language = "zh",
) -> None:
    """Print groups, statuses, flows and events; with --event the parameters of one."""
    import fsinsure
    from fsinsure.encode import csv_bytes
    from fsinsure.output.terminal.explain import levels, parameters

    result = fsinsure.run(fsinsure.load(scenario))
    table = result.explain(measure, year, area)
    names = result.scenario.region.names(lang)
    if event is None:
        say(levels(table, names, lang))
    else:
        say(parameters(table, event, lang))
    if out is not None:
        write_file(out, csv_bytes(table))
        say(str(out))
