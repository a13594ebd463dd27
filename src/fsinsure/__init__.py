"""fsinsure projects the social-insurance enrollment of a city and sets it against its plan.

::

    import fsinsure as fs

    base = fs.load("scenarios/baseline.yaml")   # or a bundled name: fs.load("foshan-2020")
    result = fs.run(base)
    result.targets                              # the gap to each target, as a DataFrame
    drive = base.with_({"growth.flexible": "18%"}, name="flexible-drive")
    fs.compare(result, fs.run(drive)).targets

Every public name loads its module on first use, so that ``import fsinsure`` itself costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsinsure.analysis.compare import Comparison, compare
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
    from fsinsure.result import Result
    from fsinsure.running import run
    from fsinsure.scenario import Scenario, Target, load

__version__ = "0.1.0"

__all__ = [
    "ClosureError",
    "Comparison",
    "DataError",
    "FsinsureError",
    "IdentityError",
    "InputError",
    "MeasureError",
    "PoolError",
    "Result",
    "Scenario",
    "ScenarioError",
    "Target",
    "compare",
    "load",
    "run",
]

_HOMES = {
    "Comparison": "analysis.compare",
    "Result": "result",
    "Scenario": "scenario",
    "Target": "scenario",
    "compare": "analysis.compare",
    "load": "scenario",
    "run": "running",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'fsinsure' has no attribute '{name}'")
    value: object = getattr(import_module(f"fsinsure.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """Keeps ``fsinsure.run`` the function: importing its module would put the module there."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
