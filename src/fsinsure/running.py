"""Run a scenario: the whole library on one screen."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fsinsure.analysis.solvency import limits
from fsinsure.analysis.targets import check_measure
from fsinsure.engine import cohort
from fsinsure.engine.identities import check
from fsinsure.errors import ExtendedWarning, InputError
from fsinsure.parameters import extended_text, resolve
from fsinsure.population.balances import opening_balances
from fsinsure.population.closure import close_base, enrolled
from fsinsure.result import Result
from fsinsure.scenario import Scenario
from fsinsure.year.law import bind

if TYPE_CHECKING:
    from fsinsure.parameters import Parameters
    from fsinsure.population.closure import Base


def run(scenario: Scenario) -> Result:
    """Project a scenario with the cohort engine.

    Parameters
    ----------
    scenario
        From :func:`fsinsure.load`, or a reform of one (:meth:`Scenario.with_`).

    Returns
    -------
    Result
        Tables, pictures and provenance; its identities have been checked.

    Warns
    -----
    ExtendedWarning
        If dated amounts run past their last known year; names each and the year.

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

    Examples
    --------
    >>> import fsinsure as fs
    >>> result = fs.run(fs.load("baseline"))
    >>> bool(result.targets.set_index("measure").loc["unemployment", "gap"] > 0)
    True
    """
    started = datetime.now(UTC)
    clock = time.perf_counter()
    parameters, base = prepare(scenario)
    if parameters.extended:
        warnings.warn(extended_text(parameters.extended), ExtendedWarning, stacklevel=2)
    projection = cohort.project(parameters, base)
    checks = check(projection)
    return Result(scenario, parameters, projection, checks, started, time.perf_counter() - clock)


def validate(scenario: Scenario) -> None:
    """Refuse what a run would refuse before its first year.

    Pools that run dry and funds that run out show in a run only.

    Raises
    ------
    ClosureError, MeasureError, InputError
        As :func:`run`.
    """
    parameters, _ = prepare(scenario)
    bind(parameters, money=True)
    opening_balances(parameters)


def prepare(scenario: Scenario) -> tuple[Parameters, Base]:
    """Resolve the parameters, close the base year, and set the targets against it.

    Returns
    -------
    tuple
        The parameters, held at the base year, and the closed base year.

    Raises
    ------
    ClosureError, MeasureError, InputError
        As :func:`run`.
    """
    if not isinstance(scenario, Scenario):
        raise InputError(
            f"a scenario is wanted, not {scenario!r}: load it first, fsinsure.load(...)"
        )
    parameters = resolve(scenario)
    limits(parameters)
    base = close_base(parameters)
    for target in scenario.targets:
        check_measure(target, enrolled(base))
    return parameters.hold(base.coverage), base
