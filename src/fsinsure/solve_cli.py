"""The command solve: what levers must be so that targets are met, and what that costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.messages import Message
from fsinsure.output.terminal.say import say
from fsinsure.units import measure_in

if TYPE_CHECKING:
    from fsinsure.answer import Answer
    from fsinsure.joint_answer import JointAnswer

solves = typer.Typer()


Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="A measure, or balance. and a fund, such as balance.unemployment; again for more.",
        metavar="NAME[=VALUE]",
    ),
]
AllTargets = Annotated[
    bool, typer.Option("--all-targets", help="All targets of the scenario together.")
]
Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        help="A parameter, again for more; by default those that the region names for measures.",
    ),
]
Value = Annotated[
    str | None, typer.Option(help="Persons or yuan, such as 470万; by default as the scenario.")
]
Year = Annotated[int | None, typer.Option(help="Year of the targets; by default as the scenario.")]
Since = Annotated[int | None, typer.Option(help="First year in which levers change.")]
Least = Annotated[
    Literal["change", "cost"],
    typer.Option(help="What several levers keep least: their change, or what is paid more."),
]
Bounds = Annotated[
    list[str] | None,
    typer.Option("--bound", help="Ends of a lever; again for more.", metavar="LEVER=LOW,HIGH"),
]
Reserves = Annotated[
    list[str] | None,
    typer.Option(
        "--reserve",
        help="Months of outgo, or yuan, that a fund keeps at the end; again for more.",
        metavar="FUND=VALUE",
    ),
]
Probability = Annotated[
    str | None,
    typer.Option(help="Share of draws, such as 90%, in which one lever is to meet one target."),
]
DrawCount = Annotated[int, typer.Option("--draws", help="Draws, with --probability.")]
Seed = Annotated[int, typer.Option(help="Seed of the draws.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder for the tables and the scenario file, of several levers also the picture.",
        metavar="DIR",
        parser=path_of,
    ),
]


@solves.command(
    help="目标求解：要达到目标需作何调整 · Solve levers so that targets are met.",
    epilog="Example: fsinsure solve baseline --target pension.enterprise --value 520万 --lang en",
)
def solve(  # noqa: PLR0913 (each is an option)
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name.")
    ],
    targets: Targets = None,
    all_targets: AllTargets = False,
    levers: Levers = None,
    value: Value = None,
    year: Year = None,
    since: Since = None,
    least: Least = "change",
    bounds: Bounds = None,
    reserves: Reserves = None,
    probability: Probability = None,
    draws: DrawCount = 256,
    seed: Seed = 0,
    out: Out = None,
    lang: Language = "zh",
) -> None:
    """Print what it takes, what it costs each fund, and the latest year to start."""
    import fsinsure

    if bool(targets) == all_targets:
        raise InputError("name a --target, or give --all-targets for those of the scenario")
    options: dict[str, Any] = {
        **_asked(targets or [], value),
        "lever": levers[0] if levers and len(levers) == 1 else levers or None,
        **{"year": year, "since": since, "least": least},
        "bounds": {name: _ends(name, ends) for name, ends in _pairs(bounds, "--bound").items()},
        "reserves": _pairs(reserves, "--reserve"),
        "probability": None if probability is None else _share(probability),
        **{"draws": draws, "seed": seed},
    }
    answer: Answer | JointAnswer = fsinsure.solve(fsinsure.load(scenario), **options)
    files = answer.write(out, lang=lang) if out else []
    say(_lines(answer, lang))
    for file in files:
        say(str(file))


def _asked(targets: list[str], value: str | None) -> dict[str, Any]:
    """Return target and value: of one target both, of several the values by name."""
    names: dict[str, str | None] = {}
    for one in targets:
        name, equals, own = (part.strip() for part in one.partition("="))
        if name in names:
            raise InputError("--target: {name} is there twice; keep one", name=name)
        names[name] = own if equals else None
    if len(names) != 1:
        return {"target": names or None, "value": value}
    ((name, given),) = names.items()
    if given is not None and value is not None:
        raise InputError(
            "the value of {name} is there twice, in --target and --value: keep one", name=name
        )
    return {"target": name, "value": value if given is None else given}


def _pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """Read options such as ``unemployment=12``.

    >>> _pairs(["unemployment=12", "injury=5亿"], "--reserve")
    {'unemployment': '12', 'injury': '5亿'}
    """
    found: dict[str, str] = {}
    for one in texts or []:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not value:
            raise InputError(
                "{option}: {one!r} has no value: write {name}=VALUE",
                option=option,
                one=one,
                name=(name or Message("NAME")),
            )
        if name in found:
            raise InputError("{option}: {name} is there twice; keep one", option=option, name=name)
        found[name] = value
    return found


def _share(text: str) -> float:
    """Read a probability.

    >>> _share("90%"), _share("0.9")
    (0.9, 0.9)
    """
    return float(measure_in(text, "fraction").amount)


def _ends(name: str, text: str) -> tuple[str, str]:
    """Read the two ends of a lever.

    >>> _ends("growth.flexible", "0%, 10%")
    ('0%', '10%')
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise InputError(
            "--bound: {name} needs two ends, such as {name}=0%,10%, not {text}",
            name=name,
            text=text,
        )
    return parts[0], parts[1]


def _lines(answer: Answer | JointAnswer, lang: str) -> str:
    """Return what is printed of an answer."""
    from fsinsure.answer import Answer

    return _of_one(answer, lang) if isinstance(answer, Answer) else _of_several(answer, lang)


def _of_one(answer: Answer, lang: str) -> str:
    from fsinsure.output.terminal.solve import Solution

    aim = answer.aim
    return Solution(
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
        chances=answer.chances[:3] if answer.chances else None,
        draws=answer.chances.draws if answer.chances else 0,
    ).lines(lang)


def _of_several(answer: JointAnswer, lang: str) -> str:
    from fsinsure.output.terminal.joint_solve import JointSolution

    return JointSolution(
        scenario=answer.before.scenario.name,
        least=answer.joint.objective,
        year=answer.before.scenario.horizon,
        cost=answer.cost,
        latest=None if answer.latest is None else answer.latest.since,
        levers=answer.levers,
        constraints=answer.constraints,
        funds=answer.funds,
        latest_path=answer.latest_path,
    ).lines(lang)
