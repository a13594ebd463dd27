"""The command report: a scenario as a workbook for planners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

if TYPE_CHECKING:
    from fsinsure.ensembles import Ensemble
    from fsinsure.result import Result

reports = typer.Typer()


@reports.command(
    help="测算报告：Excel 工作簿 · Write a scenario as a workbook for planners.",
    epilog="Example: fsinsure report baseline --xlsx --out out/report",
)
def report(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file or a shipped name.")
    ] = "baseline",
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Write the workbook, <scenario>.xlsx.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(help="Add probabilities and ranges, with as many draws.", metavar="N"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the files.", metavar="DIR", parser=path_of),
    ] = None,
    lang: Language = "zh",
) -> None:
    """Run a scenario and write its report; all there is unless one kind is asked for."""
    import fsinsure

    result = fsinsure.run(scenario)
    ensemble = None if draws is None else _drawn(result, draws, seed)
    name = result.scenario.name
    folder = out or Path("out", f"{name}-report")
    if xlsx or True:
        say(str(result.to_excel(folder / f"{name}.xlsx", lang=lang, ensemble=ensemble)))
