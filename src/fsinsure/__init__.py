"""fsinsure projects the social-insurance enrollment of a city and sets it against its plan.

::

    import fsinsure as fs

    base = fs.load("scenarios/baseline.yaml")   # or a shipped name: fs.load("baseline")
    result = fs.run(base)
    result.targets                              # the gap to each target, as a DataFrame
    drive = base.with_({"growth.flexible": "18%"}, name="flexible-drive")
    fs.compare(result, fs.run(drive)).targets

Every public name loads its module on first use, so that ``import fsinsure`` itself costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsinsure.analysis.reconcile import reconcile
    from fsinsure.comparison import Comparison, compare
    from fsinsure.engine.resume import Checkpoint
    from fsinsure.errors import (
        ClosureError,
        DataError,
        FsinsureError,
        IdentityError,
        InputError,
        MeasureError,
        PoolError,
        ScenarioError,
    )
    from fsinsure.population.columns import Persons
    from fsinsure.population.microdata import load_persons
    from fsinsure.result import Result
    from fsinsure.running import run
    from fsinsure.scenario import Scenario, Target, load

__version__ = "0.1.0"

__all__ = [
    "Checkpoint",
    "ClosureError",
    "Comparison",
    "DataError",
    "FsinsureError",
    "IdentityError",
    "InputError",
    "MeasureError",
    "Persons",
    "PoolError",
    "Result",
    "Scenario",
    "ScenarioError",
    "Target",
    "compare",
    "load",
    "load_persons",
    "reconcile",
    "run",
]

_HOMES = {
    "Checkpoint": "engine.resume",
    "Comparison": "comparison",
    "Persons": "population.columns",
    "Result": "result",
    "Scenario": "scenario",
    "Target": "scenario",
    "compare": "comparison",
    "load": "scenario",
    "load_persons": "population.microdata",
    "reconcile": "analysis.reconcile",
    "run": "running",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'fsinsure' has no attribute '{name}'")
    value: object = getattr(import_module(f"fsinsure.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
