"""The command ensemble: how likely the targets are, in what range, and what matters most."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.messages import Message
from fsinsure.output.terminal.say import say
from fsinsure.units import measure_in
from fsinsure.usage import STOPPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.drawings import Selection
    from fsinsure.ensembles import Ensemble
    from fsinsure.output.terminal.ensemble import Outlook
    from fsinsure.scenario import Scenario

Weight = Annotated[
    str | None,
    typer.Option(
        help="Weight the draws by published figures of people in insurance, of which this is "
        "the relative standard error, such as 3%."
    ),
]

Keep = Annotated[
    bool, typer.Option("--keep-draws", help="Write the draws too: draws.parquet (pyarrow).")
]

Pictures = Annotated[
    Literal["main", "all", "none"],
    typer.Option(help="Pictures to draw: main (targets and funds), all, or none."),
]

Persons = Annotated[
    str | None,
    typer.Option(help="Simulate every draw with as many persons, such as 3万, instead."),
]

ensembles = typer.Typer()


@ensembles.command(
    help="概率预测：达标概率、区间与主要影响因素 · Project many draws of what is uncertain.",
    epilog="Example: fsinsure ensemble baseline --draws 2000 --seed 7 --lang en",
)
def ensemble(  # noqa: PLR0913 (each is an option)
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or a shipped name.")
    ],
    draws: Annotated[int, typer.Option(help="Number of draws.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    design: Annotated[
        Literal["sobol", "latin", "random"], typer.Option(help="How draws are spread.")
    ] = "sobol",
    horizon: Annotated[int | None, typer.Option(help="Last year, up to 2100.")] = None,
    persons: Persons = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files.", metavar="DIR", parser=path_of)
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads; by default one a core.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask cluster to use: tcp://host:8786.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    given: Weight = None,
    keep: Keep = False,
    lang: Language = "zh",
    plots: Pictures = "main",
) -> None:
    """Print seven lines; the finished part is kept until the files are written."""
    import fsinsure
    from fsinsure.micro_cli import connected, kept_in
    from fsinsure.output.labels import label
    from fsinsure.output.progress import Bar

    chosen = fsinsure.load(scenario)
    chosen = chosen if horizon is None else chosen.with_({"horizon": horizon})
    if scheduler is not None and threads is not None:
        raise InputError("--threads are those of this machine: leave it out with --scheduler.")
    folder = out or Path("out", f"{chosen.name}-ensemble")
    checkpoint = kept_in(folder, resume=resume, lang=lang)
    sigma = None if given is None else share_of(given)
    engine = "cohort" if persons is None else "micro"
    project = partial(fsinsure.ensemble, chosen, draws, seed=seed, design=design, engine=engine)
    project = partial(project, persons=persons, threads=threads, checkpoint=checkpoint)
    try:
        with connected(scheduler) as client, Bar(lang, "ensemble.draws") as bar:
            found = _given(project(client=client, progress=bar.show), sigma)
        files = found.write(folder, lang=lang, plots=plots, keep_draws=keep)
    except KeyboardInterrupt:
        say(label("micro.stopped", lang, folder=checkpoint.folder), err=True)
        raise typer.Exit(STOPPED) from None
    checkpoint.remove()
    say(str(_outlook(found, files, lang)))


def _outlook(found: Ensemble, files: Sequence[Path], lang: str) -> Outlook:
    """Return the lines about an ensemble."""
    from fsinsure.output.terminal.ensemble import Outlook

    setting = found.setting
    return Outlook(
        scenario=found.scenario.name,
        title=found.scenario.title.get(lang, found.scenario.name),
        horizon=found.scenario.horizon,
        draws=setting.draws,
        projected=int(found.all_draws.projected.sum()),
        uncertain=len(found.uncertain),
        design=setting.design,
        seed=setting.seed,
        weighted=found.weighted,
        persons=setting.persons,
        limited=float(found.draws.limited.mean()),
        targets=found.targets,
        enrollment=found.enrollment,
        drivers=found.drivers,
        depletion=found.depletion,
        indicators=found.indicators,
        files=files,
        lang=lang,
    )


def compare_draws(
    scenarios: Sequence[Scenario],
    draws: int,
    seed: int,
    folder: Path,
    *,
    lang: str,
    plots: Selection,
    bom: bool | None,
) -> None:
    """Compare scenarios draw by draw, print what differs and write the tables."""
    import fsinsure
    from fsinsure.output.terminal.draw_comparison import draw_comparison

    found = [fsinsure.ensemble(one, draws, seed=seed) for one in scenarios]
    compared = fsinsure.compare(*found)
    files = compared.write(folder, lang=lang, plots=plots, bom=bom)
    tables = (compared.targets, compared.differences, compared.regret)
    say(draw_comparison(*tables, compared.draws, compared.last, lang))
    list_compared(files, lang)


def list_compared(files: Sequence[Path], lang: str) -> None:
    """Print the files of a comparison, and how many of them are pictures."""
    from fsinsure.output.labels import label

    for file in files:
        say(str(file))
    pictures = [file.name for file in files if file.suffix == ".png"]
    key = "compare.pictures" if pictures else "compare.no_pictures"
    say(label(key, lang, count=len(pictures), first=next(iter(pictures), "")))


def _given(found: Ensemble, sigma: float | None) -> Ensemble:
    """Weight draws, if asked for; if too few are left, say that they are kept."""
    try:
        return found if sigma is None else found.given(sigma)
    except InputError as error:
        raise InputError(
            "{error}. The draws are kept: repeat the command with --resume and another --given, "
            "which takes seconds",
            error=error,
        ) from None


def share_of(text: str) -> float:
    """Return a share such as ``3%``, above 0 and below 1.

    Raises
    ------
    InputError
        If it is none.
    """
    advice = Message("give a share above 0% and below 100%, such as 3%")
    try:
        found = float(measure_in(text, "fraction").amount)
    except InputError as error:
        raise InputError("--given: {error}; {advice}", error=error, advice=advice) from None
    if not 0.0 < found < 1.0:
        raise InputError("--given {text}: {advice}", text=text, advice=advice)
    return found
