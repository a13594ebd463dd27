"""The command sensitivity: which parameters matter, and how much of it is judgement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say

if TYPE_CHECKING:
    from fsinsure.sensitivities import Sensitivity

sensitivities = typer.Typer()

Method = Annotated[
    Literal["tornado", "sobol", "morris"],
    typer.Option(
        help="tornado (each range in turn), sobol (shares of variance), or morris (screening)."
    ),
]
Moved = Annotated[
    list[str] | None,
    typer.Option(
        help="What is moved; repeatable. By default all, of sobol the 20 that matter most."
    ),
]
Asked = Annotated[
    list[str] | None,
    typer.Option(help="What is asked about, such as fund.injury; repeatable. By default all."),
]
Points = Annotated[
    int | None,
    typer.Option(help="Points of sobol, a power of two (1024); trajectories of morris (10)."),
]


@sensitivities.command(
    help="敏感性分析：哪些参数影响最大、多少来自判断 · Rank parameters by what they move.",
    epilog="Example: fsinsure sensitivity baseline --method sobol --lang en",
)
def sensitivity(  # noqa: PLR0913 (each is an option)
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name.")
    ],
    method: Method = "tornado",
    parameter: Moved = None,
    subject: Asked = None,
    points: Points = None,
    seed: Annotated[int, typer.Option(help="Seed of points and intervals.")] = 0,
    level: Annotated[float, typer.Option(help="Level of the intervals of indices.")] = 0.95,
    horizon: Annotated[int | None, typer.Option(help="Last year, up to 2100.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files.", metavar="DIR", parser=path_of)
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads; by default one a core.")
    ] = None,
    lang: Language = "zh",
    plots: Annotated[
        Literal["main", "all", "none"], typer.Option(help="Whether to draw the picture.")
    ] = "main",
) -> None:
    """Print seven lines; write tables and the picture with --out."""
    import fsinsure
    from fsinsure.output.progress import Bar

    chosen = fsinsure.load(scenario)
    if horizon is not None:
        chosen = chosen.with_({"horizon": horizon})
    with Bar(lang, "ensemble.draws") as bar:
        found = fsinsure.sensitivity(
            chosen,
            method,
            parameters=parameter or None,
            subjects=subject or None,
            points=points,
            seed=seed,
            level=level,
            threads=threads,
            progress=bar.show,
        )
    files = found.write(out, lang=lang, plots=plots) if out else []
    _summarize(found, files, lang)


def _summarize(found: Sensitivity, files: list[Path], lang: str) -> None:
    """Print what matters most."""
    from fsinsure.output.terminal.sensitivity import Verdict

    setting, plan = found.setting, found.scenario
    ranked = {"tornado": "tornado", "sobol": "indices", "morris": "screening"}[setting.method]
    verdict = Verdict(
        scenario=plan.name,
        title=plan.title.get(lang, plan.name),
        method=setting.method,
        parameters=len(setting.parameters),
        points=setting.points.count,
        effects=found.tables[ranked],
        groups=found.groups,
        subjects=found.subjects,
        tornado=found.tornado,
        files=files,
        lang=lang,
    )
    say(str(verdict))
