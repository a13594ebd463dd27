"""The identification of a run: versions, scenario, region, engine and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.encode import provenance

if TYPE_CHECKING:
    from fsinsure.result import Result


def run_record(result: Result) -> dict[str, object]:
    """Return what ``run.json`` says of a run, besides the files."""
    plan = result.simulation.plan if result.simulation else None
    return {
        **provenance(),
        "scenario": result.scenario.name,
        "scenario_hash": result.scenario.hash,
        "region": result.scenario.region.name,
        "region_hash": result.scenario.region.digest,
        "seed": plan.seed if plan else None,
        "engine": "micro" if plan else "cohort",
        **({"persons": plan.persons} if plan else {}),
        "horizon": result.scenario.horizon,
        "as_of": None if result.scenario.as_of is None else result.scenario.as_of.isoformat(),
        "deficits": dict(result.projection.ledger.deficits()),
        "deficit_subsidies": dict(result.projection.ledger.subsidised()),
        "extended": result.resolved.extended,
        **({"observed": observed} if (observed := result.scenario.observed) else {}),
        "started": result.started.isoformat(timespec="seconds"),
        "seconds": round(result.seconds, 4),
        "checks": [
            {"name": check.name, "compared": check.compared, "passed": check.passed}
            for check in result.checks
        ],
    }
