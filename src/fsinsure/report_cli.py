"""The command report: a scenario as files for readers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

reports = typer.Typer()


@reports.command(
    help="测算报告：Excel 工作簿 · Write the report of a scenario: a workbook.",
    epilog="Example: fsinsure report baseline --xlsx --out out/report",
)
def report(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file or a shipped name.")
    ] = "baseline",
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Write the workbook; every kind unless one is named.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(help="Add probabilities and ranges, with as many draws.", metavar="N"),
    ] = None,
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
    """Run a scenario and write its report."""
    import fsinsure
    from fsinsure.output.progress import Bar

    chosen = fsinsure.load(scenario)
    others = [fsinsure.load(name) for name in compare or ()]
    ensemble = None
    if draws is not None:
        with Bar(lang, "ensemble.draws") as bar:
            ensemble = fsinsure.ensemble(chosen, draws, progress=bar.show)
    result = fsinsure.run(chosen) if ensemble is None else ensemble.central
    beside = [fsinsure.run(one) for one in others]
    folder = out or Path("out", f"{chosen.name}-report")
    to_excel = partial(result.to_excel, lang=lang, ensemble=ensemble, compare=beside)
    kinds = {"xlsx": (xlsx, to_excel)}
    every = not any(wanted for wanted, _ in kinds.values())
    for suffix, (wanted, write) in kinds.items():
        if wanted or every:
            say(str(write(folder / f"{chosen.name}.{suffix}")))
