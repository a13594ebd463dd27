"""Run a scenario with either engine."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from fsinsure._version import __version__
from fsinsure.analysis.observe import observe
from fsinsure.cautions import beyond_known_years, not_assessed, without_effect
from fsinsure.checks import prepare
from fsinsure.dims import PERSONS
from fsinsure.engine import cohort
from fsinsure.engine.identities import check
from fsinsure.errors import (
    ExtendedWarning,
    FsinsureWarning,
    InputError,
    ObservedWarning,
    TargetWarning,
)
from fsinsure.microdata.schema import Persons
from fsinsure.output.progress import reported
from fsinsure.region.own_outcomes import read_actuals, to_be_met
from fsinsure.result import Result
from fsinsure.scenario import opened
from fsinsure.sources import library_hash
from fsinsure.units import is_whole, measure_in

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from distributed import Client

    from fsinsure.base_year.closure import Base
    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Progress
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

COHORT, MICRO = ENGINES = ("cohort", "micro")
FULL = "full"
FEWEST = 1_000
MOST = 10_000_000_000
"""More than the population of the world; their ids and whole fen still fit into 64 bits."""

EVERYONE = 30_000_000
"""Residents up to whom everyone is simulated unless a number is given: some seconds, and 1 GB."""

SAMPLE = 1_000_000
"""Persons simulated of a larger region unless a number is given."""


def run(  # noqa: PLR0913 (flat, so that a notebook needs no other name)
    scenario: Scenario | str | PathLike[str],
    engine: str = COHORT,
    *,
    horizon: int | None = None,
    persons: int | str | Persons | None = None,
    seed: int | None = None,
    threads: int | None = None,
    client: Client | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | bool | None = None,
    accelerate: bool | None = None,
    outcomes: str | PathLike[str] | pd.DataFrame | None = None,
) -> Result:
    """Project a scenario.

    Parameters
    ----------
    scenario
        From :func:`fsinsure.load`, or a reform of one (:meth:`Scenario.with_`); or what
        :func:`fsinsure.load` takes, a path or a name.
    engine
        ``cohort`` for expected values, ``micro`` for persons, one by one.
    horizon
        The last year, instead of that of the scenario.
    persons
        With ``micro``: number of persons of the base year to simulate, such as 300_000 or ``30万``,
        each standing for equally many; ``full`` for every one; or persons loaded from a file
        (docs/persons.md). By default every one of up to 30 million residents, and 1 million of
        more.
    seed
        With ``micro``: seed of the random numbers, 0 by default. The same seed gives the same bits,
        wherever persons run.
    threads
        With ``micro``: threads of this process; by default one for every core if the loops are
        compiled, and otherwise two, since array operations gain little from more.
    client
        With ``micro``: client of a Dask cluster that does the work instead.
    checkpoint
        With ``micro``: where the finished part is kept until you remove it
        (:class:`fsinsure.Checkpoint`), so that a run that was stopped can go on.
    progress
        With ``micro``: True for a progress bar; or a function that is called with the number of
        persons that are finished, and of all.
    accelerate
        With ``micro``: whether to run compiled, which needs numba (the extra ``fast``) and gives
        the same bits; by default, if numba is installed and the run has so many person-years that
        it takes longer than to load what is compiled.
    outcomes
        Published figures of your own, each to be met by a lever of the region: a CSV file, a
        workbook (.xlsx) or a DataFrame like ``outcomes.csv`` (docs/observed.md). They stand before
        those of the region.

    Returns
    -------
    Result
        Tables, pictures and provenance; its identities have been checked.

    Warns
    -----
    ExtendedWarning
        If dated amounts are used past their last known year, or the scenario holds a path at its
        last value while the default goes on; names each and the year.
    ObservedWarning
        If figures that the scenario observes leave a year open, or some are not used.
    FsinsureWarning
        If shares of early or late claims have no effect, as there is no delay.
    UserWarning
        If persons from a file represent 5 % more or fewer people than the scenario has residents.

    Raises
    ------
    ClosureError
        If the base-year assumptions cannot meet a published figure.
    DataError
        If `outcomes` cannot be used, or a figure that is observed cannot be met.
    PoolError
        If a growth path needs more people than there are.
    MeasureError
        If a target is set against a baseline of another measure.
    IdentityError
        If an identity of the model does not hold (a defect of the library).
    InputError
        If the engine, persons, seed or threads are invalid, or numba is asked for and not
        installed; if the checkpoint holds another run, or cannot be written; if persons from a
        file represent less than half or more than twice the residents.
    WorkerError
        If workers of a cluster die and no batch is finished in between.

    Examples
    --------
    >>> import fsinsure as fs
    >>> result = fs.run("baseline")
    >>> bool(result.targets.set_index("measure").loc["unemployment", "gap"] > 0)
    True
    """
    count, number = _checked(engine, persons, seed)
    micro_only = (threads, client, progress or None, checkpoint, accelerate)
    if engine == COHORT and any(one is not None for one in micro_only):
        raise InputError(
            "threads, client, checkpoint, progress and accelerate are for engine='micro'; the "
            "cohort engine takes milliseconds"
        )
    if engine == MICRO:  # the person engine is imported only where it runs
        from fsinsure.microsim.compiled.dispatch import select_engine
        from fsinsure.microsim.parallel.executors import Execution
        from fsinsure.microsim.simulate import CheckpointSpec, simulate

        select_engine(accelerate)
    started = datetime.now(UTC)
    clock = time.perf_counter()
    chosen = opened(scenario)
    if horizon is not None:
        chosen = chosen.with_({"horizon": horizon})
    chosen = _with_outcomes(chosen, outcomes)
    parameters, base = _prepared(chosen)
    chosen = parameters.scenario
    if isinstance(count, Persons) and (
        text := count.check(parameters.region, float(base.stock[PERSONS].sum()))
    ):
        warnings.warn(FsinsureWarning(text), stacklevel=2)
    simulation = None
    if engine == MICRO:
        if persons is None and base.stock[PERSONS].sum() > EVERYONE:
            count = SAMPLE
        keep = CheckpointSpec(checkpoint, _identity(chosen)) if checkpoint else None
        with reported(progress, "micro.persons") as watch:
            execution = Execution(threads, client, watch)
            simulation = simulate(parameters, base, count, number, execution, keep, accelerate)
        projection = simulation.projection
    else:
        projection = cohort.project(parameters, base)
    checks = check(projection, published=not isinstance(count, Persons))
    seconds = time.perf_counter() - clock
    return Result(chosen, parameters, projection, checks, started, seconds, simulation)


def run_solved(scenario: Scenario) -> Result:
    """Project a scenario whose observed figures are solved already, by expected values.

    As :func:`run` without its warnings: what is observed is not solved again.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    parameters, base = prepare(scenario)
    projection = cohort.project(parameters, base)
    checks = check(projection)
    return Result(scenario, parameters, projection, checks, started, time.perf_counter() - clock)


def _with_outcomes(
    scenario: Scenario, outcomes: str | PathLike[str] | pd.DataFrame | None
) -> Scenario:
    """Return a scenario that meets the figures of a table of the user, if there is one."""
    if outcomes is None:
        return scenario
    own = to_be_met(read_actuals(outcomes, scenario.region))
    return replace(scenario, actuals=own, solved=None)


def _identity(scenario: Scenario) -> dict[str, str]:
    """Return what decides the numbers of a run, by the name that a message calls it."""
    return {"scenario": scenario.hash, "data": library_hash(), "fsinsure": __version__}


def _checked(
    engine: str, persons: int | str | Persons | None, seed: int | None
) -> tuple[int | Persons | None, int]:
    """Check the arguments of the person engine; return how many persons, and the seed."""
    if engine not in ENGINES:
        raise InputError("engine must be 'cohort' or 'micro', not {engine!r}", engine=engine)
    if engine == COHORT and (persons is not None or seed is not None):
        raise InputError(
            "persons and seed are for engine='micro'; the cohort engine computes expected values "
            "of the whole population"
        )
    count: int | Persons | None
    if isinstance(persons, Persons):
        count = persons
    elif persons is None or (isinstance(persons, str) and persons.strip().lower() == FULL):
        count = None
    else:
        count = whole_persons(persons)
    number = 0 if seed is None else seed
    if not is_whole(number) or not 0 <= number < 2**64:
        raise InputError("seed must be a whole number from 0 to 2^64 - 1, not {seed!r}", seed=seed)
    return count, int(number)


def whole_persons(persons: int | str) -> int:
    """Return a number of persons to simulate, such as 300_000 or ``30万``.

    Raises
    ------
    InputError
        If it is no whole number, or too few or too many.
    """
    try:
        count = measure_in(persons, "persons").amount if isinstance(persons, str) else persons
    except InputError as error:
        raise InputError(
            "persons: {error}; give a number such as 30万, or full", error=error
        ) from None
    if not is_whole(count) and not (isinstance(count, Decimal) and count == int(count)):
        raise InputError(
            "persons must be a whole number such as 30万, or full, not {persons!r}", persons=persons
        )
    if not FEWEST <= count <= MOST:
        raise InputError(
            "persons must be a whole number from {fewest:,} to {most:,}, or full, not {persons!r}",
            fewest=FEWEST,
            most=MOST,
            persons=persons,
        )
    return int(count)


def events(scenario: Scenario | str | PathLike[str] = "baseline") -> pd.DataFrame:
    """Return the year as a table: its events in order, what they read and which moves they make.

    Parameters
    ----------
    scenario
        Whose first projected year is shown; by default the shipped baseline.

    Returns
    -------
    DataFrame
        One row an event: order, event, kind (moves, in place, or individually determined), levers
        (parameters that it reads, as patterns), moves (from > to).
    """
    import pandas as pd

    parameters, base = _prepared(opened(scenario))
    projection = cohort.project(parameters, base)
    first = next(iter(projection.transitions.by_year.values()))
    rows = [
        {
            "order": order,
            "event": event.name,
            "kind": event.kind.value,
            "levers": ", ".join(event.levers),
            "moves": ", ".join(dict.fromkeys(f"{move.source} > {move.target}" for move in moves)),
        }
        for order, (event, moves) in enumerate(first, start=1)
    ]
    return pd.DataFrame(rows)


def validate(scenario: Scenario | str | PathLike[str]) -> None:
    """Raise the errors that a run would raise before its first year.

    Whether a growth path needs more people than there are shows only in a run.

    Warns
    -----
    ExtendedWarning
        As :func:`run`.

    Raises
    ------
    ClosureError, MeasureError, InputError
        As :func:`run`.
    """
    _prepared(opened(scenario))


def _prepared(scenario: Scenario) -> tuple[Parameters, Base]:
    """Prepare a scenario, solve what it observes, and warn of what it extends or skips."""
    scenario, notes = observe(scenario)
    for text in notes:
        warnings.warn(ObservedWarning(text), stacklevel=3)
    parameters, base = prepare(scenario)
    if text := without_effect(parameters):
        warnings.warn(FsinsureWarning(text), stacklevel=3)
    for text in beyond_known_years(parameters):
        warnings.warn(ExtendedWarning(text), stacklevel=3)
    if text := not_assessed(scenario.targets, scenario.horizon):
        warnings.warn(TargetWarning(text), stacklevel=3)
    return parameters, base
