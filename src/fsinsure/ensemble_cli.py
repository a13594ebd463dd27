"""The command ensemble: how likely the targets are, in what range, and what matters most."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language, path_of
from fsinsure.output.terminal.say import say
from fsinsure.units import measure_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.ensembles import Ensemble
    from fsinsure.output.terminal.ensemble import Outlook
    from fsinsure.plots import Selection

STOPPED: Final = 130

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
    persons: Annotated[
        str | None,
        typer.Option(help="Simulate every draw with as many persons, such as 3万, instead."),
    ] = None,
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
    given: Annotated[
        str | None,
        typer.Option(
            help="Weight the draws by published figures of people in insurance, of which this is "
            "the relative standard error, such as 1%."
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep-draws", help="Write the draws too: draws.parquet (pyarrow).")
    ] = False,
    lang: Language = "zh",
    plots: Annotated[
        Literal["main", "all", "none"],
        typer.Option(help="Pictures to draw: main (targets and funds), all, or none."),
    ] = "main",
) -> None:
    """Print seven lines; the finished part is kept until the files are written."""
    import fsinsure
    from fsinsure.micro_cli import Bar, connected, kept_in, persons_of
    from fsinsure.output.labels import label

    chosen = fsinsure.load(scenario)
    if horizon is not None:
        chosen = chosen.with_({"horizon": horizon})
    if scheduler is not None and threads is not None:
        raise InputError("--threads are those of this machine: leave it out with --scheduler.")
    folder = out or Path("out", f"{chosen.name}-ensemble")
    checkpoint = kept_in(folder, resume=resume, lang=lang)
    simulated = None if persons is None else persons_of(persons)
    engine = "cohort" if simulated is None else "micro"
    project = partial(fsinsure.ensemble, chosen, draws, seed=seed, design=design, engine=engine)
    project = partial(project, persons=simulated, threads=threads, checkpoint=checkpoint)
    try:
        with connected(scheduler) as client, Bar(lang, "ensemble.draws") as bar:
            found = project(client=client, progress=bar.show)
        if given is not None:
            found = found.given(share_of(given))
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
        projected=len(found.draws.reason),
        uncertain=len(found.uncertain),
        design=setting.design,
        seed=setting.seed,
        weighted=found.weighted,
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
    names: Sequence[str], draws: int, seed: int, out: Path | None, *, lang: str, plots: Selection
) -> None:
    """Compare scenarios draw by draw and print what differs; write tables if `out` is given."""
    import fsinsure
    from fsinsure.output.terminal.draw_comparison import draw_comparison

    found = [fsinsure.ensemble(fsinsure.load(name), draws, seed=seed) for name in names]
    compared = fsinsure.compare(*found)
    files = compared.write(out, lang=lang, plots=plots) if out else []
    say(draw_comparison(compared.targets, compared.differences, compared.regret, lang))
    for file in files:
        say(str(file))


def share_of(text: str) -> float:
    """Return a share such as ``1%``.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return float(measure_in(text, "fraction").amount)
    except InputError as error:
        raise InputError(f"--given: {error}; give a share such as 1%") from None
