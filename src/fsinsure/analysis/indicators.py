"""Indicators: what is read off the funds, the pensions and the plan's other aims, year by year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.analysis.solvency import (
    actuarial_balance,
    implicit_debt,
    limits,
    months_of_reserve,
)
from fsinsure.dims import CITY, QUANTITIES, STATUS
from fsinsure.ledger import (
    CIVIL,
    ENTERPRISE,
    FUNDS,
    INJURY,
    ITEMS,
    PENSION_FUND,
    RELIEVED,
    UNEMPLOYMENT,
)
from fsinsure.sources import facts
from fsinsure.state import DEPARTED
from fsinsure.year.response import kept_by_relief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fsinsure.engine.projection import Projection
    from fsinsure.ledger import Ledger
    from fsinsure.parameters import Parameters

    Array = NDArray[np.float64]

COLUMNS: Final = [
    "scenario",
    "year",
    "fund",
    "indicator",
    "value",
    "unit",
    "bound",
    "level",
]

WORKING: Final = ("employee", "flexible", "civil")
"""Statuses of people in insured work."""

NOT_BENEFITS: Final = ("account_out", "remittance", "stabilisation", "relief_refund")
"""Outgo that pays no benefit: accounts that move, the pool's share, what firms get back."""

RELIEF: Final = ("forgone", "relief_refund")
"""What relief costs a fund."""


class Row(NamedTuple):
    """A row of the table, the scenario apart."""

    year: int
    fund: str
    indicator: str
    value: float
    unit: str
    bound: float = float("nan")
    level: str = ""


def table(projection: Projection, parameters: Parameters, scenario: str) -> pd.DataFrame:
    """Lay out the indicators of a run.

    Columns: scenario, year, fund (``city`` where it is no fund's), indicator, value, unit (ratio,
    fraction, months, yuan, year, persons), bound (the figure it is held against, empty if none),
    level (``ok``, ``watch``, ``warning``, ``alarm``, ``exhausted`` for the months of reserve,
    ``met`` or ``missed`` in a year with an aim of the plan, else empty text). Flows begin with the
    first projected year, stocks with the base year, and what sums up the projection stands at the
    horizon.
    """
    rows = [
        *_pensions(projection),
        *_costs(projection.ledger),
        *_kept(projection, parameters),
        *_reserves(projection.ledger, parameters),
        *_valuations(projection.ledger, parameters),
        *_plan(projection, parameters),
    ]
    found = pd.DataFrame(rows, columns=COLUMNS[1:])
    found.insert(0, "scenario", scenario)
    return found


def ratio(numerator: Array, denominator: Array) -> Array:
    """Divide; what is set against nothing has no ratio (NaN).

    >>> ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    none = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=none, where=denominator != 0))


def total(ledger: Ledger, fund: str, *items: str) -> Array:
    """Sum items of a fund over the city, yuan ``[year]``."""
    return np.asarray(sum(ledger.flows[fund, item].sum(axis=-1) for item in items))


def flows_of(ledger: Ledger, fund: str, kind: str, but: Sequence[str] = ("interest",)) -> Array:
    """Sum the items of a kind over the city, yuan ``[year]``, without some; interest apart."""
    return total(ledger, fund, *(i for i, k in ITEMS[fund].items() if k == kind and i not in but))


def _series(
    years: Sequence[int] | NDArray[np.int64], fund: str, name: str, values: Array, unit: str
) -> Iterator[Row]:
    for year, value in zip(years, values, strict=True):
        yield Row(int(year), fund, name, float(value), unit)


def people(projection: Projection, *statuses: str) -> Array:
    """Count the people of some statuses at 31 December ``[year]``."""
    persons = projection.persons[:, [STATUS[status] for status in statuses]]
    return np.asarray(persons.sum(axis=(-4, -3, -2, -1)))


def _pensions(projection: Projection) -> Iterator[Row]:
    years = projection.years
    contributors = people(projection, "employee", "flexible")
    support = ratio(contributors, people(projection, "retiree"))
    yield from _series(years, ENTERPRISE, "support_ratio", support, "ratio")
    for status, bases in (
        ("retiree", {"employee": "base", "flexible": "base_flexible"}),
        ("civil_retiree", {"civil": "base_civil"}),
    ):
        fund = PENSION_FUND[status]
        award = ratio(total(projection.ledger, fund, "new_pensions"), awarded(projection, status))
        values = ratio(award, _mean_base(projection, bases))
        yield from _series(years[1:], fund, "replacement_rate", values, "fraction")
    for status, fund in PENSION_FUND.items():
        paid = projection.carried[:, QUANTITIES.index("pension") - 1, STATUS[status]].sum(axis=-1)
        mean = ratio(paid, people(projection, status))
        yield from _series(years, fund, "average_pension", mean, "yuan")


def awarded(projection: Projection, status: str) -> Array:
    """Count the people whose pension begins ``[year]`` of the projected years."""
    return np.array(
        [
            sum(float(flow.persons.sum()) for flow in flows if flow.target == status)
            for flows in projection.flows.values()
        ]
    )


def _mean_base(projection: Projection, bases: dict[str, str]) -> Array:
    """Mean monthly contribution base ``[year]``, by the people at the start and end of the year."""
    weight = paid_on = np.zeros(len(projection.laws))
    for status, name in bases.items():
        stock = people(projection, status)
        mid_year = (stock[:-1] + stock[1:]) / 2.0
        weight = weight + mid_year
        each = np.array([float(law.money[name].item()) for law in projection.laws])
        paid_on = paid_on + mid_year * each
    return ratio(paid_on, weight)


def _costs(ledger: Ledger) -> Iterator[Row]:
    years = ledger.years[1:]
    for fund in (ENTERPRISE, CIVIL, UNEMPLOYMENT, INJURY):
        benefits = flows_of(ledger, fund, "outgo", NOT_BENEFITS)
        rate = ratio(benefits, total(ledger, fund, "payroll"))
        yield from _series(years, fund, "cost_rate", rate, "fraction")
    for fund in RELIEVED:
        yield from _series(years, fund, "relief_cost", total(ledger, fund, *RELIEF), "yuan")


def _kept(projection: Projection, parameters: Parameters) -> Iterator[Row]:
    """Yield the people insured at year end whom relief keeps, by the scenario's elasticities."""
    shares = kept_by_relief(parameters)
    kept = sum(share * people(projection, status)[1:] for status, share in shares.items())
    yield from _series(projection.years[1:], CITY, "people_kept", np.asarray(kept), "persons")


def _reserves(ledger: Ledger, parameters: Parameters) -> Iterator[Row]:
    """Months of reserve with their level, and the first year below nothing."""
    line = limits(parameters)
    horizon = int(ledger.years[-1])
    first_below = dict(ledger.deficits())
    for fund in FUNDS:
        months = months_of_reserve(ledger.closing[fund][1:], flows_of(ledger, fund, "outgo"))
        for row in _series(ledger.years[1:], fund, "months_of_reserve", months, "months"):
            level = line.level(row.value)
            yield row._replace(bound=line.next(level), level=level)
    for fund in FUNDS:
        year = float(first_below.get(fund, np.nan))
        yield Row(horizon, fund, "depletion_year", year, "year")


def _valuations(ledger: Ledger, parameters: Parameters) -> Iterator[Row]:
    """Implicit debt and actuarial balance over the projection, at the end of the base year."""
    rate = parameters.path("fund.interest")
    horizon = int(ledger.years[-1])
    values = {
        fund: (
            float(ledger.closing[fund][0]),
            flows_of(ledger, fund, "income"),
            flows_of(ledger, fund, "outgo"),
        )
        for fund in PENSION_FUND.values()
    }
    for fund, (opening, income, outgo) in values.items():
        yield Row(
            horizon, fund, "implicit_debt", implicit_debt(opening, income, outgo, rate), "yuan"
        )
    for fund in (ENTERPRISE, CIVIL):
        payroll = total(ledger, fund, "payroll")
        balance = actuarial_balance(*values[fund], payroll, rate) if payroll.any() else np.nan
        yield Row(horizon, fund, "actuarial_balance", balance, "fraction")


def new_employment(projection: Projection) -> Array:
    """Imply the new urban employment of a year, persons ``[year]`` of the projected years.

    Who begins insured work, less who stops it for lack of work or a gap in contributions, less
    natural attrition (retired, died). Who leaves the city while working is no natural attrition,
    so it is not taken off: the post is filled anew.
    """
    found = []
    for flows in projection.flows.values():
        net = 0.0
        for flow in flows:
            joins = flow.target in WORKING
            leaves = flow.source in WORKING and flow.target != DEPARTED
            net += (joins - leaves) * float(flow.persons.sum())
        found.append(net)
    return np.array(found)


def registered_rate(working: Array, drawing: Array, benefit_share: float) -> Array:
    """Divide the registered unemployed by them and the insured at work, as the closure does.

    Parameters
    ----------
    working
        Employees, flexible workers and civil staff, persons.
    drawing
        People who draw unemployment benefit, persons.
    benefit_share
        Share of the registered unemployed who draw it; with none the rate is not known (NaN).

    Examples
    --------
    >>> registered_rate(np.array([97.0]), np.array([1.5]), 0.5).tolist()
    [0.03]
    """
    registered = ratio(drawing, np.asarray(benefit_share))
    return ratio(registered, registered + working)


def plan_years(name: str) -> tuple[int, int]:
    """Return the first and last year of a published aim: of ``2021/2025``, 2021 and 2025."""
    dates = [int(part[:4]) for part in facts()[name].date.split("/")]
    return dates[0], dates[-1]


def _against(row: Row, target: str, *, at_most: bool = False) -> Row:
    """Set a row against an aim of the plan; numbers of people are compared to the person."""
    bound = facts()[target].amount
    over = row.value - bound
    good = over <= 0 if at_most else over >= -0.5
    return row._replace(bound=bound, level="" if np.isnan(over) else "met" if good else "missed")


def _plan(projection: Projection, parameters: Parameters) -> Iterator[Row]:
    """Yield the aims of the plan that are not enrollment, in the years that it names."""
    years = projection.years
    jobs = new_employment(projection)
    yield from _series(years[1:], CITY, "new_urban_employment", jobs, "persons")
    name, target = "cumulative_new_urban_employment", "target.new_urban_employment"
    for row in _series(years[1:], CITY, name, np.cumsum(jobs), "persons"):
        yield _against(row, target) if row.year == plan_years(target)[1] else row
    name, target = "registered_unemployment_rate", "target.registered_unemployment_rate"
    working, drawing = people(projection, *WORKING), people(projection, "unemployed")
    rate = registered_rate(working, drawing, parameters.number("base.benefit_share"))
    first, last = plan_years(target)
    for row in _series(years, CITY, name, rate, "fraction"):
        yield _against(row, target, at_most=True) if first <= row.year <= last else row
    target = "target.social_card"
    residents = projection.persons.sum(axis=(-4, -3, -2, -1))
    holders = residents * projection.coverage["coverage.social_card"]
    for row in _series(years, CITY, "social_card_holders", holders, "persons"):
        yield _against(row, target) if row.year == plan_years(target)[1] else row
