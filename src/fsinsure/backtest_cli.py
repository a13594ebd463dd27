"""The command backtest: how good a scenario was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

backtests = typer.Typer()


@backtests.command(
    help="回测：预测与公布数比较 · Compare projections with figures published later.",
    epilog="Example: fsinsure backtest china --out out/backtest --lang en",
)
def backtest(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file or a shipped name.")
    ] = "baseline",
    outcomes: Annotated[
        Path | None,
        typer.Option(
            help="Your own published figures, columns measure, date, value and unit.",
            metavar="FILE",
            parser=path_of,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the tables and the picture.", metavar="DIR", parser=path_of),
    ] = None,
    lang: Language = "zh",
    draws: Annotated[
        int | None,
        typer.Option(help="Compare with the range of as many draws of what is uncertain instead."),
    ] = None,
) -> None:
    """Print errors by measure and year, of the projection and of naive rules."""
    import fsinsure

    if draws is not None:
        if out or outcomes:
            raise InputError(
                "--draws prints the range of draws alone: leave --out and --outcomes out"
            )
        print_coverage(scenario, draws, lang)
        return
    from fsinsure.output.terminal.backtest import backtest as lines

    found = fsinsure.backtest(fsinsure.load(scenario), outcomes)
    files = found.write(out, lang=lang) if out else []
    tables = {name: getattr(found, name) for name in ("table", "errors", "rolling", "relief")}
    say(lines(tables, found.result.scenario.name, found.as_of, lang))
    for file in files:
        say(str(file))


def print_coverage(scenario: str, draws: int, lang: str) -> None:
    """Print where published figures lie in the range of draws."""
    import fsinsure
    from fsinsure.output.terminal.coverage import coverage

    found = fsinsure.ensemble(fsinsure.load(scenario), draws)
    say(coverage(found.coverage(), len(found.draws.reason), lang))
