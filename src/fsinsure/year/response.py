"""How many people stay insured because contributions cost less, or leave because they cost more.

Growth paths say what happens at the rates of the base year and without relief. Where an elasticity
is set, the number of employees (flexible workers) in a year is that of the path times a multiplier,
``(1 + relative change of labour cost (of the own contribution)) ** elasticity``, and growth is what
takes it from the multiplier of one year to that of the next. What is only deferred costs the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from fsinsure.arrays import Array, joined
from fsinsure.errors import ScenarioError
from fsinsure.ledger import ENTERPRISE, INJURY, UNEMPLOYMENT
from fsinsure.messages import Message
from fsinsure.parameters import Parameters
from fsinsure.rules import relief as rules
from fsinsure.year.relief import NO_RELIEF, bind_relief, relieved
from fsinsure.year.terms import bases, employer_rates, wage_index

ELASTICITIES: Final = {"employee": "response.employment", "flexible": "response.flexible"}
"""The statuses that respond, and the parameter that says how much."""


def growth(parameters: Parameters) -> dict[str, Array]:
    """Return the growth paths ``[..., year, area]`` that a response changes; else none."""
    if not any(parameters.constant(name).any() for name in ELASTICITIES.values()):
        return {}
    found = {}
    for status, level in multipliers(parameters).items():
        if parameters.constant(ELASTICITIES[status]).any():
            first = np.ones_like(level[..., :1, :])
            before = np.concatenate([first, level[..., :-1, :]], axis=-2)
            path = parameters.by_area(f"growth.{status}")
            found[f"growth.{status}"] = (1.0 + path) * (level / before) - 1.0
    return found


def multipliers(parameters: Parameters) -> dict[str, Array]:
    """Return people relative to those at the cost of the base year, by status.

    Returns
    -------
    dict
        ``[..., year, area]``; one column where all areas are alike.

    Raises
    ------
    ScenarioError
        If flexible workers who respond to their contribution would pay none in a year.
    """
    found: dict[str, Array] = {}
    for status, change in (("employee", _labour_cost), ("flexible", _own_contribution)):
        elasticity = parameters.constant(ELASTICITIES[status])[..., None]
        relative = change(parameters)
        free = (relative <= -1.0) & (elasticity != 0.0)
        if free.any():
            nothing = free.any(axis=-1)
            where = nothing.reshape(-1, len(parameters.years)).any(axis=0)
            text = Message(
                "{elasticities}: {status} members pay no contribution in {years}, to which no "
                "response is defined. Leave them a contribution, or set the elasticity to 0.",
                elasticities=ELASTICITIES[status],
                status=status,
                years=parameters.years[np.argmax(where)],
            )
            raise ScenarioError(text, parameters.position(ELASTICITIES[status]))
        found[status] = np.asarray(1.0 + rules.response(relative, elasticity), dtype=np.float64)
    return found


def kept_by_relief(parameters: Parameters) -> dict[str, Array]:
    """Return the share of the people of a status whom relief alone keeps, ``[..., year, area]``.

    ``1 - m0 / m``, m being the multiplier with relief and m0 without.
    """
    scenario = replace(parameters.scenario, relief=())
    without = multipliers(replace(parameters, scenario=scenario))
    return {status: 1.0 - without[status] / m for status, m in multipliers(parameters).items()}


def _labour_cost(parameters: Parameters) -> Array:
    """Relative change of what an employee costs: wage and the employer's contributions.

    Returns
    -------
    Array
        ``[..., year, 1]``
    """
    base = bases(parameters)
    of_fund = {
        ENTERPRISE: base["base"],
        UNEMPLOYMENT: base["base_unemployment"],
        INJURY: base["base"],
    }
    before, now = (
        employer_rates(parameters, at) for at in (parameters.region.base_value, parameters.path)
    )
    saved = _saved(parameters, "employer")
    reference = sum(amount * before[fund] for fund, amount in of_fund.items())
    actual = sum(amount * now[fund] * (1.0 - saved(fund)) for fund, amount in of_fund.items())
    wage = parameters.constant("wage.mean") * wage_index(parameters)
    change = np.asarray(rules.labour_cost_change(wage, reference, reference - actual))
    return change[..., None]


def _own_contribution(parameters: Parameters) -> Array:
    """Relative change of what a flexible worker pays; the base and the cover are the same.

    Returns
    -------
    Array
        ``[..., year, area]``
    """
    covered = parameters.by_area("coverage.unemployment.flexible")

    def paid(at: Callable[[str], Array | float], saved: Callable[[str], Array | float]) -> Array:
        pension = np.asarray(at("pension.flexible_rate") * (1.0 - saved(ENTERPRISE)))
        both = at("unemployment.employer_rate") + at("unemployment.employee_rate")
        unemployment = np.asarray(both * (1.0 - saved(UNEMPLOYMENT)))
        return np.asarray(pension[..., None] + covered * unemployment[..., None])

    reference = paid(parameters.region.base_value, lambda _: 0.0)
    actual = paid(parameters.path, _saved(parameters, "flexible"))
    return np.asarray(rules.labour_cost_change(0.0, reference, reference - actual))


def _saved(parameters: Parameters, payer: str) -> Callable[[str], Array]:
    """Return how to look up the share of a fund's contributions saved ``[..., year]``."""
    small = parameters.constant("wage.small_firm_share")
    cuts = bind_relief(parameters.scenario.relief, small)

    def saved(fund: str) -> Array:
        halves = [cuts.get(int(year), NO_RELIEF) for year in parameters.years]
        return joined([np.atleast_1d(relieved(half, fund, payer)) for half in halves])

    return saved
