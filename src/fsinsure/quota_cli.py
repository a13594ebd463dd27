"""The command quotas: plan figures of the areas, and actual figures against them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

plan_figures = typer.Typer()


def weights_of(text: str) -> dict[str, float]:
    """Read keys and weights, such as ``enrollment=0.5,uncovered=0.5``; a key alone weighs 1.

    >>> weights_of("enrollment=0.5,uncovered=0.5")
    {'enrollment': 0.5, 'uncovered': 0.5}
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, weight = (piece.strip() for piece in part.partition("="))
        if name in found:
            raise InputError("--by: {name} is there twice; keep one", name=name)
        found[name] = number(weight, "--by") if equals else 1.0
    return found


def numbers_of(text: str) -> list[float]:
    """Read numbers with commas between."""
    return [number(part.strip(), "--profile") for part in text.split(",")]


def number(text: str, option: str) -> float:
    """Read a number of an option."""
    try:
        return float(text)
    except ValueError:
        raise InputError(
            "{option}: {text!r} is not a number, such as 0.5", option=option, text=text
        ) from None


By = Annotated[
    str,
    typer.Option(
        help="Keys and weights: employment, registered, enrollment, uncovered, capacity.",
        metavar="KEY[=WEIGHT],...",
    ),
]
Task = Annotated[
    Literal["target", "projection"],
    typer.Option(help="Divide the path to the targets, or the projection."),
]
Measures = Annotated[
    list[str] | None,
    typer.Option(help="A measure, again for more; those of the targets unless given."),
]
Areas = Annotated[
    Path | None,
    typer.Option(
        help="Areas, CSV or .xlsx: columns area, measure, year, capacity, least, most.",
        metavar="FILE",
        parser=path_of,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        help="Share of each month in the increment of a year; equal months without it.",
        metavar="12 NUMBERS",
    ),
]
Actuals = Annotated[
    Path | None,
    typer.Option(
        help="Actual figures, CSV or .xlsx: columns measure, area, date (a month), value and unit.",
        metavar="FILE",
        parser=path_of,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for the tables and the picture.", metavar="DIR", parser=path_of),
]


@plan_figures.command(
    help="分区计划指标与进度 · Divide the yearly task among areas; compare actual figures with it.",
    epilog="Example: fsinsure quotas baseline --by enrollment=0.5,uncovered=0.5 --out out/quotas",
)
def quotas(  # noqa: PLR0913 (each is an option)
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file or a shipped name.")
    ] = "baseline",
    by: By = "employment",
    task: Task = "target",
    measure: Measures = None,
    areas: Areas = None,
    profile: Profile = None,
    actuals: Actuals = None,
    out: Out = None,
    lang: Language = "zh",
) -> None:
    """Print plan figures by area and year, and where actual figures stand."""
    import fsinsure
    from fsinsure.output.terminal.quotas import quotas as lines
    from fsinsure.output.terminal.quotas import tracking

    found = fsinsure.quotas(
        fsinsure.run(scenario),
        weights_of(by),
        task=task,
        measures=measure or None,
        areas=areas,
        profile=None if profile is None else numbers_of(profile),
    )
    names = found.region.names(lang)
    tracked = None if actuals is None else found.track(actuals)
    files = found.write(out, actuals=actuals, lang=lang) if out else []
    say(lines(found.table, names, lang))
    if tracked is not None:
        say("\n" + tracking(tracked, names, lang))
    for file in files:
        say(str(file))
