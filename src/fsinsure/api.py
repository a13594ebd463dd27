"""Run a scenario: the whole library on one screen."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fsinsure._version import __version__
from fsinsure.checks import beyond_known_years, prepare
from fsinsure.engine import cohort
from fsinsure.engine.identities import check
from fsinsure.errors import ExtendedWarning, InputError
from fsinsure.microdata.schema import Persons
from fsinsure.microsim.compiled.dispatch import chosen
from fsinsure.microsim.parallel.executors import HERE, Place
from fsinsure.microsim.simulate import Kept, simulate
from fsinsure.result import Result
from fsinsure.sources import data_hash
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from distributed import Client

    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.microsim.parallel.executors import Progress
    from fsinsure.scenario import Scenario

COHORT, MICRO = ENGINES = ("cohort", "micro")
FULL = "full"
FEWEST = 1_000
MOST = 10_000_000_000
"""More than there are people; the ids and whole fen of so many fit into 64 bits."""


def run(  # noqa: PLR0913 (what the person engine is told besides the scenario)
    scenario: Scenario,
    engine: str = COHORT,
    *,
    persons: int | str | Persons | None = None,
    seed: int | None = None,
    processes: int = 1,
    client: Client | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    accelerate: bool | None = None,
) -> Result:
    """Project a scenario.

    Parameters
    ----------
    scenario
        From :func:`fsinsure.load`, or a reform of one (:meth:`Scenario.with_`).
    engine
        ``cohort`` for expected values, ``micro`` for persons, one by one.
    persons
        With ``micro``: how many persons of the base year to simulate, each standing for equally
        many; ``full``, the default, for every one; or persons loaded from a file
        (docs/persons.md).
    seed
        With ``micro``: of the luck; 0 unless given. The same seed gives the same bits, wherever
        persons run.
    processes
        With ``micro``: processes of this machine; one is enough for compiled loops, which use a
        thread for every core. In a script, a call with several must stand under
        ``if __name__ == "__main__":``.
    client
        With ``micro``: of a Dask cluster that does the work instead.
    checkpoint
        With ``micro``: where finished work is kept until you remove it
        (:class:`fsinsure.Checkpoint`), so that a run that was stopped can go on.
    progress
        With ``micro``: called with how many persons are finished, and how many there are.
    accelerate
        With ``micro``: whether to run compiled, which needs numba (the extra ``fast``) and gives
        the same bits; where numba is installed unless said otherwise.

    Returns
    -------
    Result
        Tables, pictures and provenance; its identities have been checked.

    Warns
    -----
    ExtendedWarning
        If dated amounts run past their last known year, or the scenario holds a path at its last
        value while the default goes on; names each and the year.

    Raises
    ------
    ClosureError
        If the base-year assumptions cannot meet a published figure.
    PoolError
        If a growth path asks for more people than there are.
    MeasureError
        If a target is set against a baseline of another measure.
    IdentityError
        If an identity of the model does not hold (a defect of the library).
    InputError
        If the engine, the persons, the seed or the processes are not what they can be, or numba is
        wanted and not installed; if the checkpoint holds another run, or cannot be written.
    WorkerError
        If processes or workers of a cluster die again and again.

    Examples
    --------
    >>> import fsinsure as fs
    >>> result = fs.run(fs.load("baseline"))
    >>> bool(result.targets.set_index("measure").loc["unemployment", "gap"] > 0)
    True
    """
    count, luck = _checked(engine, persons, seed)
    place = Place(processes, client, progress)
    if engine == COHORT and (place != HERE or checkpoint is not None or accelerate is not None):
        raise InputError(
            "processes, client, checkpoint, progress and accelerate are for engine='micro'; the "
            "cohort engine takes milliseconds"
        )
    chosen(accelerate)
    started = datetime.now(UTC)
    clock = time.perf_counter()
    parameters, base = prepare(scenario)
    for text in beyond_known_years(parameters):
        warnings.warn(text, ExtendedWarning, stacklevel=2)
    simulation = None
    if engine == MICRO:
        kept = Kept(checkpoint, _identity(scenario)) if checkpoint else None
        simulation = simulate(parameters, base, count, luck, place, kept, accelerate)
        projection = simulation.projection
    else:
        projection = cohort.project(parameters, base)
    checks = check(projection, published=not isinstance(count, Persons))
    seconds = time.perf_counter() - clock
    return Result(scenario, parameters, projection, checks, started, seconds, simulation)


def _identity(scenario: Scenario) -> dict[str, str]:
    """Return what decides the numbers of a run, by the name that a message calls it."""
    return {"scenario": scenario.hash, "data": data_hash(), "fsinsure": __version__}


def _checked(
    engine: str, persons: int | str | Persons | None, seed: int | None
) -> tuple[int | Persons | None, int]:
    """Check the arguments of the person engine; return how many persons, and the seed."""
    if engine not in ENGINES:
        raise InputError(f"engine must be 'cohort' or 'micro', not {engine!r}")
    if engine == COHORT and (persons is not None or seed is not None):
        raise InputError(
            "persons and seed are for engine='micro'; the cohort engine reckons with everybody, "
            "and without luck"
        )
    count: int | Persons | None
    if isinstance(persons, Persons):
        count = persons
    elif persons is None or persons == FULL:
        count = None
    elif is_whole(persons) and FEWEST <= persons <= MOST:
        count = int(persons)
    else:
        raise InputError(
            f"persons must be 'full' or a whole number from {FEWEST:,} to {MOST:,}, not {persons!r}"
        )
    luck = 0 if seed is None else seed
    if not is_whole(luck) or not 0 <= luck < 2**64:
        raise InputError(f"seed must be a whole number from 0 to 2^64 - 1, not {seed!r}")
    return count, int(luck)


def validate(scenario: Scenario) -> None:
    """Refuse what a run would refuse before its first year.

    Pools that run dry and funds that run out show in a run only.

    Warns
    -----
    ExtendedWarning
        As :func:`run`.

    Raises
    ------
    ClosureError, MeasureError, InputError
        As :func:`run`.
    """
    parameters, _ = prepare(scenario)
    for text in beyond_known_years(parameters):
        warnings.warn(text, ExtendedWarning, stacklevel=2)
