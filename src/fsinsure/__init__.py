"""fsinsure projects the social-insurance enrollment of a region and sets it against its plan.

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

from fsinsure._version import __version__ as __version__

if TYPE_CHECKING:
    from fsinsure.analysis.assumptions import assumptions
    from fsinsure.analysis.check_region import RegionCheck, check_region
    from fsinsure.analysis.net_migration import net_migration
    from fsinsure.analysis.reconcile import reconcile
    from fsinsure.api import events, run
    from fsinsure.backtests import backtest
    from fsinsure.calibrations import calibrate
    from fsinsure.compare_api import compare
    from fsinsure.comparison import Comparison
    from fsinsure.ensemble_api import ensemble
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
    from fsinsure.microdata.load import load_persons
    from fsinsure.microdata.schema import Persons
    from fsinsure.microsim.parallel.checkpoint import Checkpoint
    from fsinsure.quota_plan import quotas
    from fsinsure.region.load import open_region, regions
    from fsinsure.region.region import Region
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario, Target, load
    from fsinsure.scenario.listing import scenarios
    from fsinsure.sensitivities import sensitivity
    from fsinsure.solves import solve

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
    "Region",
    "RegionCheck",
    "Result",
    "Scenario",
    "ScenarioError",
    "Target",
    "assumptions",
    "backtest",
    "calibrate",
    "check_region",
    "compare",
    "ensemble",
    "events",
    "load",
    "load_persons",
    "net_migration",
    "open_region",
    "quotas",
    "reconcile",
    "regions",
    "run",
    "scenarios",
    "sensitivity",
    "solve",
]

_HOMES = {
    "Checkpoint": "microsim.parallel.checkpoint",
    "Comparison": "comparison",
    "Persons": "microdata.schema",
    "Region": "region.region",
    "RegionCheck": "analysis.check_region",
    "Result": "result",
    "Scenario": "scenario",
    "Target": "scenario",
    "assumptions": "analysis.assumptions",
    "backtest": "backtests",
    "calibrate": "calibrations",
    "check_region": "analysis.check_region",
    "compare": "compare_api",
    "ensemble": "ensemble_api",
    "events": "api",
    "load": "scenario",
    "load_persons": "microdata.load",
    "net_migration": "analysis.net_migration",
    "open_region": "region.load",
    "quotas": "quota_plan",
    "reconcile": "analysis.reconcile",
    "regions": "region.load",
    "run": "api",
    "scenarios": "scenario.listing",
    "sensitivity": "sensitivities",
    "solve": "solves",
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
