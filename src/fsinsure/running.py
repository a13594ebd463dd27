"""Run a scenario: the whole library on one screen."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fsinsure.engine import cohort
from fsinsure.engine.identities import check
from fsinsure.errors import ExtendedWarning
from fsinsure.parameters import extended_text, resolve
from fsinsure.population.closure import close_base
from fsinsure.result import Result

if TYPE_CHECKING:
    from fsinsure.scenario import Scenario


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
    parameters = resolve(scenario)
    base = close_base(parameters)
    held = parameters.hold(base.coverage)
    if held.extended:
        warnings.warn(extended_text(held.extended), ExtendedWarning, stacklevel=2)
    projection = cohort.project(held, base)
    checks = check(projection)
    seconds = time.perf_counter() - clock
    result = Result(scenario, held, projection, checks, started, seconds)
    result.check_targets()
    return result
