"""The command calibrate: parameters that bring a scenario closest to published figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

calibrations = typer.Typer()

Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name.")
]
Names = Annotated[
    list[str], typer.Option(help="A path or a number that is calibrated; repeat for more.")
]
Bounds = Annotated[
    list[str] | None,
    typer.Option(help="Bounds of a parameter: growth.employee=0%,10%; repeat for more."),
]
Years = Annotated[
    list[str] | None,
    typer.Option(help="Years in which a path changes: growth.employee=2024-2026."),
]
Measures = Annotated[
    list[str] | None, typer.Option(help="Use figures of this measure only; repeat for more.")
]
HoldOut = Annotated[
    list[int] | None,
    typer.Option(help="A year that judges the fit and is not used for it; repeat for more."),
]
Sigma = Annotated[
    list[str] | None,
    typer.Option(help="Standard error of figures: 1%, or unemployment=1%; repeat for more."),
]
Method = Annotated[
    Literal["least_squares", "likelihood"],
    typer.Option(help="likelihood takes sigma as known, least_squares estimates its size."),
]
Outcomes = Annotated[
    Path | None,
    typer.Option(
        help="Your own published figures, columns measure, date, value and unit.",
        metavar="FILE",
        parser=path_of,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the tables, the scenario file and the picture.",
        metavar="DIR",
        parser=path_of,
    ),
]
Pictures = Annotated[
    Literal["main", "all", "none"], typer.Option("--plots", help="Draw the picture, or none.")
]


@calibrations.command(
    help="参数校准：使预测最接近公布数 · Calibrate parameters by published figures.",
    epilog="Example: fsinsure calibrate example --parameter growth.employee "
    "--parameter growth.flexible --hold-out 2024 --lang en",
)
def calibrate(  # noqa: PLR0913 (each is an option)
    scenario: Scenario,
    parameter: Names,
    bounds: Bounds = None,
    years: Years = None,
    measure: Measures = None,
    hold_out: HoldOut = None,
    sigma: Sigma = None,
    method: Method = "least_squares",
    outcomes: Outcomes = None,
    out: Out = None,
    lang: Language = "zh",
    plots: Pictures = "main",
) -> None:
    """Print the estimates, the fit, and what was held out."""
    import fsinsure
    from fsinsure.output.terminal.calibration import Calibrated

    chosen = fsinsure.load(scenario)
    found = fsinsure.calibrate(
        chosen,
        parameter,
        bounds={name: _pair(name, text) for name, text in _named("--bounds", bounds).items()},
        years={name: _span(name, text) for name, text in _named("--years", years).items()},
        measures=measure or None,
        outcomes=outcomes,
        hold_out=hold_out or (),
        sigma=_errors(sigma),
        method=method,
    )
    folder = out or Path("out", f"{chosen.name}-calibrated")
    files = found.write(folder, lang=lang, plots=plots)
    summary = Calibrated(
        scenario=chosen.name,
        method=method,
        parameters=found.parameters,
        figures=found.fit,
        errors=found.errors,
        together=found.together,
        targets=(found.before.targets, found.after.targets),
        folder=str(folder),
        files=len(files),
    )
    say(summary.lines(lang))


def _named(option: str, texts: list[str] | None) -> dict[str, str]:
    """Read texts such as ``growth.employee=0%,10%``: what stands after each name."""
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise InputError(
                "{option} {text}: write a name, = and the value", option=option, text=text
            )
        if name in found:
            raise InputError("{option}: {name} is given twice", option=option, name=name)
        found[name] = value
    return found


def _pair(name: str, text: str) -> tuple[str, str]:
    """Read the low and the high bound of a parameter."""
    low, comma, high = text.partition(",")
    if not comma or "," in high:
        raise InputError(
            "--bounds {name}={text}: give two values, such as {name}=0%,10%", name=name, text=text
        )
    return low, high


def _span(name: str, text: str) -> tuple[int, int]:
    """Read the first and the last year of a parameter; one year is both."""
    first, dash, last = (part.strip() for part in text.partition("-"))
    ends = (first, last if dash else first)
    if not all(end.isascii() and end.isdigit() and len(end) < 6 for end in ends):
        raise InputError(
            "--years {name}={text}: give two years, such as {name}=2024-2026", name=name, text=text
        )
    return int(ends[0]), int(ends[1])


def _errors(texts: list[str] | None) -> dict[str, str] | str | None:
    """Read the standard errors: one for all, or by measure."""
    if not texts:
        return None
    if len(texts) == 1 and "=" not in texts[0]:
        return texts[0]
    return _named("--sigma", texts)
