"""Project a scenario for many draws of what is uncertain in it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fsinsure.analysis.draw_blocks import DrawPlan, Persons, run_draws
from fsinsure.analysis.projected_draws import Draws
from fsinsure.analysis.sampling import sample, shares_of
from fsinsure.analysis.uncertain import uncertain_in
from fsinsure.api import COHORT, ENGINES, MICRO, run, whole_persons
from fsinsure.checks import prepare
from fsinsure.ensembles import Ensemble, Setting
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import separated
from fsinsure.microsim.parallel.executors import Execution
from fsinsure.numeric.design import DESIGNS
from fsinsure.output.progress import reported
from fsinsure.scenario import opened
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from os import PathLike

    from distributed import Client

    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Progress
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario

MOST: Final = 1_000_000
"""Draws, at most."""


def ensemble(  # noqa: PLR0913 (flat, as run)
    scenario: Scenario | str | PathLike[str],
    draws: int = 2_000,
    *,
    seed: int = 0,
    design: str = "sobol",
    engine: str = COHORT,
    persons: int | str | None = None,
    threads: int | None = None,
    client: Client | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | bool | None = None,
) -> Ensemble:
    """Project a scenario for many draws of what is uncertain in it.

    Every assumption of the region with a range is drawn unless the scenario sets it, and what the
    scenario names under ``uncertainty`` (docs/uncertainty.md). The same seed gives the same draw to
    the same parameter in every scenario.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`.
    draws
        How many, 2 or more.
    seed
        Of the draws, and with persons of the first draw.
    design
        ``sobol`` (scrambled, evenly spread), ``latin`` (Latin hypercube) or ``random``.
    engine
        ``cohort`` for expected values, ``micro`` for persons: then each draw is a simulation.
    persons
        With ``micro``: the number of persons of each draw, such as 300_000 or ``30万``.
    threads
        Threads of this process; by default one for every core.
    client
        Client of a Dask cluster that does the work instead.
    checkpoint
        Where the finished part is kept until you remove it (:class:`fsinsure.Checkpoint`), so that
        a run that was stopped can go on.
    progress
        True for a progress bar; or a function that is called with the number of draws that are
        finished, and of all.

    Returns
    -------
    Ensemble
        Tables with mean and percentiles, probabilities of the targets, and pictures; the same bits
        for any threads and workers.

    Raises
    ------
    InputError
        If an argument is invalid, nothing is uncertain, or no draw could be projected; as
        :func:`fsinsure.run`.

    Examples
    --------
    >>> import fsinsure as fs
    >>> sure = fs.ensemble("baseline", draws=64)
    >>> sure.targets["probability"].between(0, 1).all().item()
    True
    """
    _check(draws, seed, design, engine, persons)
    each = None if persons is None else whole_persons(persons)
    clock, started = time.perf_counter(), datetime.now(UTC)
    central = run(opened(scenario))
    chosen = central.scenario
    parameters, base = prepare(chosen)
    uncertain = uncertain_in(chosen)
    if not uncertain:
        raise InputError(
            "nothing is uncertain in {name}: its region gives no range of an assumption that it "
            "leaves alone. Name what is under uncertainty (docs/uncertainty.md)",
            name=chosen.name,
        )
    drawn = sample(parameters, uncertain, shares_of(chosen, uncertain, draws, seed, design))
    by_person = None if each is None else Persons(each, seed)
    plan = DrawPlan(parameters, base, drawn, draws, persons=by_person)
    setting = Setting(draws, seed, design, engine, each)
    keep = {**_identity(central), **{name: str(one) for name, one in asdict(setting).items()}}
    zero = Draws.empty(parameters, draws, money=True).arrays
    store = checkpoint.store(keep, len(plan.blocks), zero) if checkpoint else nullcontext()
    with store as kept, reported(progress, "ensemble.draws") as watch:
        found = run_draws(plan, Execution(threads, client, watch), kept)
    seconds = time.perf_counter() - clock
    return Ensemble(central, base, tuple(uncertain), drawn, found, setting, started, seconds)


def check_draws(draws: int) -> None:
    """Raise InputError unless there can be so many draws."""
    if not is_whole(draws) or not 2 <= draws <= MOST:
        raise InputError(
            "draws must be a whole number from 2 to {most:,}, not {draws!r}", most=MOST, draws=draws
        )


def _check(draws: int, seed: int, design: str, engine: str, persons: int | str | None) -> None:
    """Refuse invalid arguments."""
    check_draws(draws)
    if not is_whole(seed) or not 0 <= seed < 2**63:
        raise InputError("seed must be a whole number from 0 to 2^63 - 1, not {seed!r}", seed=seed)
    if design not in DESIGNS:
        hint = did_you_mean(str(design), DESIGNS)
        raise InputError(
            "design must be one of {designs}, not {design!r}.{hint}",
            designs=separated(DESIGNS),
            design=design,
            hint=hint,
        )
    if engine not in ENGINES:
        raise InputError("engine must be 'cohort' or 'micro', not {engine!r}", engine=engine)
    if (engine == MICRO) != (persons is not None):
        raise InputError("give a number of persons with engine='micro', and only with it")


def _identity(central: Result) -> dict[str, str]:
    """Return what decides the numbers of the draws, by the name that a message calls it."""
    meta = central.meta
    return {
        "scenario": str(meta["scenario_hash"]),
        "data": str(meta["data_hash"]),
        "fsinsure": str(meta["fsinsure"]),
    }
