"""``fsinsure micro``: progress bar, Dask cluster, and the checkpoint of a stopped run."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

import typer

from fsinsure._version import __version__
from fsinsure.api import run
from fsinsure.errors import InputError
from fsinsure.microsim.parallel.checkpoint import Checkpoint
from fsinsure.output.labels import label
from fsinsure.output.progress import Bar
from fsinsure.output.terminal.say import say
from fsinsure.usage import STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

    from fsinsure.drawings import Selection
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario

KEPT: Final = ".checkpoint"
"""The folder, inside the one for the results, with the checkpoint of a run."""

PATIENCE: Final = 20.0
"""Seconds to wait for a scheduler, and for the first worker."""


@dataclass(frozen=True)
class MicroOptions:
    """The options of the command.

    Parameters
    ----------
    persons
        ``full``, or a number of persons such as ``30万``; None for the default of
        :func:`fsinsure.run`.
    seed
        Of the random numbers.
    threads
        Threads of this process; None for the default of :func:`fsinsure.run`.
    scheduler
        Address of a Dask cluster instead.
    resume
        Whether to go on with a run that was stopped.
    accelerate
        Whether to run compiled; None where numba is installed and the run is large.
    outcomes
        Figures of the user that are met.
    """

    persons: str | None
    seed: int
    threads: int | None
    scheduler: str | None
    resume: bool
    accelerate: bool | None
    outcomes: Path | None = None


def kept_in(folder: Path, *, resume: bool, lang: str) -> Checkpoint:
    """Return the checkpoint in a folder of results; say if there is nothing to resume."""
    checkpoint = Checkpoint(folder / KEPT, resume=resume)
    if resume and not checkpoint.folder.exists():
        say(label("micro.nothing_kept", lang, folder=checkpoint.folder), err=True)
    return checkpoint


def simulate(
    scenario: Scenario, options: MicroOptions, folder: Path, *, lang: str, plots: Selection
) -> tuple[Result, list[Path]]:
    """Simulate a scenario and write its tables and pictures.

    The finished part is kept in the folder until everything is written.

    Returns
    -------
    tuple
        The result, and the files.

    Raises
    ------
    InputError
        As :func:`fsinsure.run`; also if the folder holds another run, or the cluster does not
        answer.
    typer.Exit
        With 130 after Ctrl-C.
    """
    checkpoint = kept_in(folder, resume=options.resume, lang=lang)
    if options.scheduler is not None and options.threads is not None:
        raise InputError("--threads are those of this machine: leave it out with --scheduler.")
    try:
        with connected(options.scheduler) as client, Bar(lang) as bar:
            result = run(
                scenario,
                engine="micro",
                persons=options.persons,
                seed=options.seed,
                threads=options.threads,
                accelerate=options.accelerate,
                outcomes=options.outcomes,
                client=client,
                checkpoint=checkpoint,
                progress=bar.show,
            )
        files = _write(result, folder, checkpoint, lang=lang, plots=plots)
    except KeyboardInterrupt:
        say(label("micro.stopped", lang, folder=checkpoint.folder), err=True)
        raise typer.Exit(STOPPED) from None
    checkpoint.remove()
    return result, files


def _write(
    result: Result, folder: Path, checkpoint: Checkpoint, *, lang: str, plots: Selection
) -> list[Path]:
    try:
        return result.write(folder, lang=lang, plots=plots)
    except InputError as error:
        raise InputError(
            "{error} What was simulated is kept in {folder}: once there is space, repeat the "
            "command with --resume.",
            error=error,
            folder=checkpoint.folder,
        ) from error


@contextmanager
def connected(address: str | None) -> Iterator[Client | None]:
    """Connect to a Dask cluster that has workers, if an address is given.

    Raises
    ------
    InputError
        If Dask is not installed, the scheduler does not answer, or the cluster has no worker or
        one without fsinsure.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise InputError(
            "--scheduler needs Dask, which is not installed: pip install 'fsinsure[dist]', or in "
            "a checkout pip install -e '.[dist]'."
        ) from None
    try:
        _check_port(address)
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            "no Dask scheduler answers at {address} ({error}): start one with dask scheduler and "
            "give the address that it prints, such as tcp://host:8786.",
            address=address,
            error=error,
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise InputError(
                "the cluster at {address} has no worker: start some with dask worker {address}.",
                address=address,
            ) from error
        try:
            client.run(import_module, __package__)
        except ModuleNotFoundError as error:
            raise InputError(
                "a worker of the cluster at {address} cannot import {name}: install fsinsure "
                "{version} on every worker, and on the scheduler.",
                address=address,
                name=error.name,
                version=__version__,
            ) from error
        yield client


def _check_port(address: str) -> None:
    """Raise ValueError for an address without a port, on which a client would wait 40 seconds."""
    from distributed.comm.addressing import parse_address, parse_host_port

    scheme, place = parse_address(address)
    if scheme in ("tcp", "tls"):
        parse_host_port(place)
