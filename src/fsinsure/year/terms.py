"""The money terms of every year: wages, bases, rates and benefits that follow from parameters.

Amounts that a parameter gives in yuan of the base year grow with declared wages.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fsinsure.arrays import Array, joined
from fsinsure.ledger import ENTERPRISE, INJURY, UNEMPLOYMENT
from fsinsure.parameters import Parameters
from fsinsure.rules import Numbers, formula, indexation, injury, unemployment, wages

disability_lump_sum = formula(injury.disability_lump_sum)
termination_grant = formula(injury.termination_grant)

CLASSES = tuple(range(1, 9))
REST_CLASS = 4
GRADES = tuple(range(1, 11))
REST_GRADE = 10


def shares(parameters: Parameters, stem: str, keys: tuple[int, ...], rest: int) -> Array:
    """Return shares that add up to 1 ``[..., key]``: one key has what the others leave."""
    found = {key: parameters.constant(f"{stem}_{key}") for key in keys if key != rest}
    found[rest] = np.maximum(0.0, 1.0 - sum(found.values()))
    return joined([found[key] for key in keys])


def money_terms(parameters: Parameters) -> dict[str, Array]:
    """Return every term as an array ``[..., year]``; money is yuan, bases are a month's."""
    number = parameters.constant
    index = wage_index(parameters)
    found: dict[str, Array] = {}
    for name in ("health_premium", "price_base"):
        found[name] = number(f"unemployment.{name}") * index
    for name in ("flat_premium", "medical_cost", "long_term_cost"):
        found[name] = number(f"injury.{name}") * index
    for name in ("contribution", "subsidy"):
        found[f"resident_{name}"] = number(f"resident.{name}") * index
    found |= bases(parameters)
    found |= _indexing(parameters)
    rates = employer_rates(parameters, parameters.path)
    found["unemployment_rate"], found["injury_rate"] = rates[UNEMPLOYMENT], rates[INJURY]
    found |= _unemployment(parameters, found)
    found |= _injury(parameters, found)
    return found


def wage_index(parameters: Parameters) -> Array:
    """Return declared wages ``[..., year]`` relative to the base year."""
    return np.cumprod(1.0 + parameters.path("wage.growth"), axis=-1, dtype=np.float64)


def employer_rates(parameters: Parameters, at: Callable[[str], Array | float]) -> dict[str, Array]:
    """Return what employers of employees pay to each fund, as a share of the base.

    Parameters
    ----------
    parameters
        For the payroll shares of the industry classes.
    at
        Looks up a rate: ``parameters.path`` for all years, or that of one date.
    """
    payroll = shares(parameters, "injury.payroll_share", CLASSES, REST_CLASS)
    floating = sum(payroll[..., key, None] * rate for key, rate in enumerate(_floating(at)))
    benchmark, factor = at("unemployment.employer_rate"), at("unemployment.floating_factor")
    return {
        ENTERPRISE: np.asarray(at("pension.employer_rate")),
        UNEMPLOYMENT: np.asarray(unemployment.employer_rate(benchmark, factor)),
        INJURY: np.asarray(injury.cut_rate(np.asarray(floating), at("injury.cut"))),
    }


def class_rates(parameters: Parameters) -> Array:
    """Return the injury premium of employers by industry class ``[year, class]``."""
    rates = np.stack([np.asarray(rate) for rate in _floating(parameters.path)], axis=1)
    return np.asarray(injury.cut_rate(rates, parameters.path("injury.cut")[:, None]))


def _floating(at: Callable[[str], Array | float]) -> list[Array | float]:
    """Return the injury rate of each industry class after the mean floating tier, before any cut.

    Class 1 has no reduction tiers (人社部发〔2015〕71号): it floats up only.
    """
    factor = at("injury.floating_factor")
    return [
        at(f"injury.class_rate_{number}") * (np.maximum(factor, 1.0) if number == 1 else factor)
        for number in CLASSES
    ]


def bases(parameters: Parameters) -> dict[str, Array]:
    """Return the mean monthly bases of those who pay ``[..., year]``, yuan."""
    index = wage_index(parameters)
    path, number = parameters.path, parameters.constant
    floor, cap = path("pension.base_floor"), path("pension.base_cap")
    lowest = path("unemployment.minimum_wage")
    wage, cv = number("wage.mean") * index, number("wage.cv")
    return {
        "base": wages.expected_base(wage, cv, floor, cap),
        "base_unemployment": wages.expected_base(wage, cv, lowest, cap),
        "base_flexible": wages.contribution_base(path("pension.flexible_base") * floor, floor, cap),
        "base_civil": number("civil.wage") * index,
    }


def rank_bases(parameters: Parameters, count: int) -> dict[str, Array]:
    """Return the monthly bases of employees by wage rank ``[year, rank]``, yuan.

    Parameters
    ----------
    parameters
        Without draws.
    count
        How many ranks; they average to :func:`bases`.
    """
    wage, cv = parameters.number("wage.mean") * wage_index(parameters), parameters.number("wage.cv")
    cap = parameters.path("pension.base_cap")
    floors = {"base": "pension.base_floor", "base_unemployment": "unemployment.minimum_wage"}
    found = {}
    for name, floor in floors.items():
        yearly = zip(wage, parameters.path(floor), cap, strict=True)
        found[name] = np.stack([wages.bases_by_rank(w, cv, f, c, count) for w, f, c in yearly])
    return found


def _indexing(parameters: Parameters) -> dict[str, Array]:
    """Return how pensions in payment rise; links use the growth of the year before."""
    path = parameters.path
    wage, price = (_year_before(path(f"{of}.growth")) for of in ("wage", "price"))
    weights = path("indexing.pension_wage_weight"), path("indexing.pension_price_weight")
    linked = indexation.linked_rate(wage, price, *weights, 0.0, np.inf)
    rate = path("indexing.resident_rate")
    base_pension = parameters.constant("resident.base_pension") * np.cumprod(1.0 + rate, axis=-1)
    return {
        "percent": path("indexing.pension_rate") + linked,
        "resident_base": base_pension,
        "resident_rise": base_pension - base_pension / (1.0 + rate),
    }


def _year_before(growth: Array) -> Array:
    """Shift growth by a year; growth in the base year is taken as in the first year."""
    return np.concatenate([growth[..., :1], growth[..., :-1]], axis=-1)


def _unemployment(parameters: Parameters, found: dict[str, Array]) -> dict[str, Array]:
    path = parameters.path
    growth = path("price.growth")
    trigger = path("unemployment.price_trigger")
    # Only the general index is projected, so its trigger stands for both.
    active = unemployment.price_link_active(growth, growth, trigger, trigger)
    lowest, share = path("unemployment.minimum_wage"), path("unemployment.benefit_share")
    return {
        "benefit": unemployment.monthly_benefit(lowest, share),
        "price_supplement": unemployment.price_supplement(found["price_base"], growth, active),
    }


def _injury(parameters: Parameters, found: dict[str, Array]) -> dict[str, Array]:
    path = parameters.path
    graded = shares(parameters, "injury.grade_share", GRADES, REST_GRADE)
    civil_rate = path("injury.class_rate_1") * np.maximum(path("injury.floating_factor"), 1.0)
    own = found["base"]
    lump_months = _by_key(parameters, "injury.lump_months")
    grant_months = _by_key(parameters, "injury.medical_grant_months")
    lump: Numbers = 0.0
    for key, grade in enumerate(GRADES):
        each = disability_lump_sum(grade, own, lump_months)
        grant = termination_grant(grade, own, grant_months)
        lump = lump + graded[..., key, None] * (each + grant)
    income, multiple = path("income.national_urban"), path("injury.death_multiple")
    funeral = injury.funeral_grant(own, path("injury.funeral_months"))
    death = injury.death_lump_sum(income, multiple) + funeral
    return {
        "injury_rate_civil": injury.cut_rate(civil_rate, path("injury.cut")),
        "injury_lump": np.asarray(lump),
        "injury_death": np.asarray(death),
    }


def _by_key(parameters: Parameters, name: str) -> list[Numbers]:
    """Return the values ``[year]`` of a table, key by key."""
    by_year = [parameters.table(name, int(year)).values for year in parameters.years]
    return list(np.array(by_year).T)
