"""Indicators of the funds, the pensions and the other goals of the plan, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.analysis import solvency
from fsinsure.dims import MONTHS, PENSION, TOTAL
from fsinsure.ledger import CIVIL, ENTERPRISE, INJURY, RELIEVED, SHORTFALL, UNEMPLOYMENT
from fsinsure.region.names import CARDS, RATE
from fsinsure.state import DEPARTED
from fsinsure.statuses import FUNDS, ITEMS, PAYING, PENSION_FUND, STATUS
from fsinsure.year.response import kept_by_relief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fsinsure.arrays import Array, Ints
    from fsinsure.engine.projection import Projection
    from fsinsure.ledger import Ledger
    from fsinsure.parameters import Parameters
    from fsinsure.sources import Figure
    from fsinsure.state import Flow


NOT_BENEFITS: Final = ("account_out", "remittance", "job_retention_refund", "relief_refund")
"""Outgo that is no benefit: accounts transferred, remittances to the pool, refunds to firms."""

NOT_OWN: Final = ("interest", SHORTFALL)
"""Income that is left out of a valuation: discounting stands for interest, and what the treasury
pays of a shortfall is the debt that is valued."""

RELIEF: Final = ("waived", "relief_refund")
"""Cost of relief to a fund."""


class Row(NamedTuple):
    """A row of the table, in the order of its columns, without the scenario."""

    year: int
    fund: str
    indicator: str
    value: float
    unit: str
    low: float = float("nan")
    high: float = float("nan")
    bound: float = float("nan")
    level: str = ""


def table(projection: Projection, parameters: Parameters, scenario: str) -> pd.DataFrame:
    """Build the indicators of a run.

    Columns: scenario, year, fund (``total`` where it belongs to no fund), indicator, value, unit
    (ratio, fraction, months, yuan, year, persons), low and high (the range of readings, empty
    where there is one), bound (the limit or goal, empty if none), level. The level is ``ok``,
    ``watch``, ``warning``, ``alarm`` or ``exhausted`` for the months of reserve; ``met``,
    ``missed``, ``undetermined`` (the readings lie on both sides of the goal) or ``not_assessed``
    (a sum with years before the projection) in a year with a goal of the plan; else empty. Flows
    begin with the first projected year, stocks with the base year, sums with the first year of
    their goal; figures of the whole projection stand at the horizon.
    """
    rows = [
        *_pensions(projection),
        *_costs(projection.ledger),
        *_kept(projection, parameters),
        *_reserves(projection.ledger, parameters),
        *_valuations(projection.ledger, parameters),
        *_plan(projection, parameters),
        *_residents(projection),
    ]
    found = pd.DataFrame(rows, columns=Row._fields)
    found.insert(0, "scenario", scenario)
    return found


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient; NaN where the denominator is 0.

    >>> ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    none = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=none, where=denominator != 0))


def total(ledger: Ledger, fund: str, *items: str) -> Array:
    """Return the sum of items of a fund over the region, yuan ``[year]``."""
    return np.asarray(sum(ledger.flows[fund, item].sum(axis=-1) for item in items))


def flows_of(ledger: Ledger, fund: str, kind: str, but: Sequence[str] = ("interest",)) -> Array:
    """Return the sum of the items of a kind over the region, without `but`, yuan ``[year]``."""
    items = [item for item, its in ITEMS[fund].items() if its == kind and item not in but]
    return total(ledger, fund, *items)


def _series(years: Ints, fund: str, name: str, unit: str, *readings: Array) -> Iterator[Row]:
    """Yield a row a year; the readings ``[year]`` are value, or value, low and high."""
    empty = np.full((3 - len(readings), len(years)), np.nan)
    cells = np.concatenate([np.stack(readings), empty]).T.tolist()
    for year, (value, low, high) in zip(years.tolist(), cells, strict=True):
        yield Row(year, fund, name, value, unit, low, high)


def people(projection: Projection, *statuses: str) -> Array:
    """Return the people of some statuses at 31 December ``[year]``."""
    persons = projection.persons[:, [STATUS[status] for status in statuses]]
    return np.asarray(persons.sum(axis=(-4, -3, -2, -1)))


def _pensions(projection: Projection) -> Iterator[Row]:
    years = projection.years
    contributors = people(projection, "employee", "flexible")
    support = ratio(contributors, people(projection, "retiree"))
    yield from _series(years, ENTERPRISE, "support_ratio", "ratio", support)
    for status, bases in (
        ("retiree", {"employee": "base", "flexible": "base_flexible"}),
        ("civil_retiree", {"civil_service": "base_civil"}),
    ):
        fund = PENSION_FUND[status]
        award = ratio(total(projection.ledger, fund, "new_pensions"), awarded(projection, status))
        values = ratio(award, _mean_base(projection, bases))
        yield from _series(years[1:], fund, "replacement_rate", "fraction", values)
    for status, fund in PENSION_FUND.items():
        paid = projection.carried[:, PENSION - MONTHS, STATUS[status]].sum(axis=-1)
        mean = ratio(paid, people(projection, status))
        yield from _series(years, fund, "average_pension", "yuan", mean)


def moved(projection: Projection, weight: Callable[[Flow], int]) -> Array:
    """Return the weighted sum of the people of all flows, ``[year]`` of the projected years."""
    sums = [
        sum(weight(flow) * float(flow.persons.sum()) for flow in flows if weight(flow))
        for flows in projection.flows.values()
    ]
    return np.array(sums, dtype=np.float64)


def awarded(projection: Projection, status: str) -> Array:
    """Return the number of pensions awarded, ``[year]`` of the projected years."""
    return moved(projection, lambda flow: flow.target == status)


def _mean_base(projection: Projection, bases: dict[str, str]) -> Array:
    """Return the mean monthly contribution base ``[year]``, weighted by the mid-year persons."""
    persons = payroll = np.zeros(len(projection.laws))
    for status, name in bases.items():
        stock = people(projection, status)
        mid_year = (stock[:-1] + stock[1:]) / 2.0
        persons = persons + mid_year
        base = np.array([float(law.rate(name)) for law in projection.laws])
        payroll = payroll + mid_year * base
    return ratio(payroll, persons)


def _costs(ledger: Ledger) -> Iterator[Row]:
    years = ledger.years[1:]
    for fund in (ENTERPRISE, CIVIL, UNEMPLOYMENT, INJURY):
        benefits = flows_of(ledger, fund, "outgo", NOT_BENEFITS)
        rate = ratio(benefits, total(ledger, fund, "payroll"))
        yield from _series(years, fund, "cost_rate", "fraction", rate)
    for fund in RELIEVED:
        yield from _series(years, fund, "relief_cost", "yuan", total(ledger, fund, *RELIEF))


def _kept(projection: Projection, parameters: Parameters) -> Iterator[Row]:
    """Yield the persons insured at year end because of relief, by the scenario's elasticities."""
    shares = kept_by_relief(parameters)
    insured = {
        status: projection.persons[1:, STATUS[status]].sum(axis=(-2, -1)) for status in shares
    }
    kept = sum((share * insured[status]).sum(axis=-1) for status, share in shares.items())
    yield from _series(projection.years[1:], TOTAL, "people_kept", "persons", np.asarray(kept))


def _reserves(ledger: Ledger, parameters: Parameters) -> Iterator[Row]:
    """Yield months of reserve with their level, and first years of deficit and of subsidy."""
    limits = solvency.limits(parameters)
    horizon = int(ledger.years[-1])
    first = {"depletion_year": ledger.deficits(), "deficit_subsidy_year": ledger.subsidised()}
    for fund in FUNDS:
        outgo = flows_of(ledger, fund, "outgo")
        months = solvency.months_of_reserve(ledger.closing[fund][1:], outgo)
        for row in _series(ledger.years[1:], fund, "months_of_reserve", "months", months):
            level = limits.level(row.value)
            yield row._replace(bound=limits.next(level), level=level)
    for name, found in first.items():
        by_fund = dict(found)
        for fund in FUNDS:
            if name == "depletion_year" or SHORTFALL in ITEMS[fund]:
                yield Row(horizon, fund, name, float(by_fund.get(fund, np.nan)), "year")


def _valuations(ledger: Ledger, parameters: Parameters) -> Iterator[Row]:
    """Yield implicit debt and actuarial balance over the projection, at the base year's end."""
    rate = parameters.path("fund.interest")
    horizon = int(ledger.years[-1])
    values = {}
    for fund in PENSION_FUND.values():
        income, outgo = (flows_of(ledger, fund, kind, NOT_OWN) for kind in ("income", "outgo"))
        values[fund] = (float(ledger.closing[fund][0]), income, outgo)
        debt = solvency.implicit_debt(*values[fund], rate)
        yield Row(horizon, fund, "implicit_debt", debt, "yuan")
    for fund in (ENTERPRISE, CIVIL):
        payroll = total(ledger, fund, "payroll")
        balance = solvency.actuarial_balance(*values[fund], payroll, rate)
        yield Row(horizon, fund, "actuarial_balance", balance, "fraction")


def new_employment(projection: Projection, *, refilled: bool = True) -> Array:
    """Return the implied new urban employment, persons ``[year]`` of the projected years.

    People who begin insured work, less those who stop it because of unemployment or a gap in
    contributions, less natural attrition (retired, died).

    Parameters
    ----------
    projection
        The projection.
    refilled
        Whether the posts of workers who leave the region are filled again, so that a departure is
        no loss of employment. If not, departures are natural attrition too, and the result is the
        growth of insured work.
    """
    return moved(
        projection,
        lambda flow: (
            (flow.target in PAYING)
            - (flow.source in PAYING and not (refilled and flow.target == DEPARTED))
        ),
    )


def reemployment(projection: Projection) -> Array:
    """Return the insured unemployed who become employees, ``[year]`` of the projected years."""
    return moved(projection, lambda flow: (flow.source, flow.target) == ("unemployed", "employee"))


def registered_rate(working: Array, drawing: Array, benefit_share: float) -> Array:
    """Return the registered unemployed over the sum of them and the insured at work.

    The calibration of the base year uses the same ratio.

    Parameters
    ----------
    working
        Employees, flexible workers and civil staff, persons.
    drawing
        Recipients of unemployment benefit, persons.
    benefit_share
        Share of the registered unemployed who receive it; at 0 the rate is not known (NaN).

    Examples
    --------
    >>> registered_rate(np.array([97.0]), np.array([1.5]), 0.5).tolist()
    [0.03]
    """
    registered = ratio(drawing, np.asarray(benefit_share))
    return ratio(registered, registered + working)


def _judged(rows: Iterable[Row], goal: Figure | None, *, at_most: bool = False) -> Iterator[Row]:
    """Compare rows with a goal of the plan, if any; people are rounded to whole persons.

    An upper bound applies in every year of the goal, a lower bound in its last. With a range of
    readings the goal is met or missed if it is at both ends of the range.
    """
    if goal is None:
        yield from rows
        return
    first, last = goal.years
    bound = goal.amount
    for row in rows:
        if not (first if at_most else last) <= row.year <= last:
            yield row
            continue
        readings = np.array([row.value] if np.isnan(row.low) else [row.low, row.high])
        good = readings <= bound if at_most else readings >= bound - 0.5
        level = "met" if good.all() else "undetermined" if good.any() else "missed"
        yield row._replace(bound=bound, level="" if np.isnan(readings).any() else level)


def _plan(projection: Projection, parameters: Parameters) -> Iterator[Row]:
    """Yield the goals of the plan other than enrollment, in the years that it names."""
    years, figures = projection.years, projection.region.figures
    benefit_share = parameters.number("base.benefit_share")
    jobs, found = new_employment(projection), reemployment(projection)
    for name, *readings in (
        ("new_urban_employment", jobs, new_employment(projection, refilled=False), jobs),
        ("reemployment", found, found, ratio(found, np.asarray(benefit_share))),
    ):
        yield from _series(years[1:], TOTAL, name, "persons", *readings)
        yield from _summed(years[1:], name, readings, figures.get(f"target.{name}"))
    working, drawing = people(projection, *PAYING), people(projection, "unemployed")
    rate = registered_rate(working, drawing, benefit_share)
    rows = _series(years, TOTAL, RATE, "fraction", rate)
    yield from _judged(rows, figures.get(f"target.{RATE}"), at_most=True)
    residents = projection.persons.sum(axis=(-4, -2, -1))
    holders = (residents * projection.coverage["coverage.social_card"]).sum(axis=-1)
    rows = _series(years, TOTAL, "social_card_holders", "persons", holders)
    yield from _judged(rows, figures.get(f"target.{CARDS}"))


def _summed(
    years: Ints, name: str, readings: Sequence[Array], goal: Figure | None
) -> Iterator[Row]:
    """Yield the sum over the years of a goal, or over all if none of them is projected.

    A goal that begins before the projection is not assessed: its first years are not known.
    """
    first, last = goal.years if goal else (0, 0)
    counted = years >= (first if first <= years[-1] else 0)
    sums = [np.cumsum(reading[counted]) for reading in readings]
    rows = _series(years[counted], TOTAL, f"cumulative_{name}", "persons", *sums)
    for row in _judged(rows, goal):
        known = first >= years[0] or row.year != last
        yield row if known else row._replace(level="not_assessed")


def _residents(projection: Projection) -> Iterator[Row]:
    """Yield the residents."""
    people = projection.persons.sum(axis=(-4, -3, -2, -1))
    yield from _series(projection.years, TOTAL, "residents", "persons", people)
