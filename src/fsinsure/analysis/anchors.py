"""Published figures that the money of the base year is held against: amounts a head, and wages.

They enter no equation. What a member brings in and costs is taken from the first projected year,
without what a scenario changes in it over the years; the region has the published amounts of a
comparable place, or of the nation, as ``anchor.<fund>_income`` and ``anchor.<fund>_outgo`` in
`figures.csv`. Rates of the law and wages give the income: a difference says something of them. New
pensions that are lower than those in payment dilute their mean: the region has its published growth
and the rises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fsinsure import tables
from fsinsure.checks import closed
from fsinsure.dims import PENSION, PERSONS, TOTAL
from fsinsure.engine import cohort
from fsinsure.ledger import INJURY, UNEMPLOYMENT, Book
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.scenario import Scenario
from fsinsure.statuses import STATUS
from fsinsure.year.event import opening
from fsinsure.year.money import indexing

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.engine.projection import Projection
    from fsinsure.region.region import Region

WAGES: Final = {
    "wage.employed_private": "employment.private_selfemployed",
    "wage.employed_nonprivate": "employment.nonprivate_units",
}
"""Series of the mean yearly wage, and of the people who earn it."""

FUNDS: Final = (UNEMPLOYMENT, INJURY)
KINDS: Final = ("income", "outgo")

NOT_A_HEAD: Final = ("interest", "pool_transfer", "repaid", "remittance")
"""Items that are no contribution of a member and no benefit to one."""


GROWTH: Final = "pension.enterprise_growth"
RISES: Final = "anchor.pension_rises"
"""Figures: growth of the mean enterprise pension, and of one in payment, over the same years."""

UNDATED: Final = ("scalar", "choice", "profile")
"""Kinds of parameters of which a scenario gives one value: the base year follows from it."""

SET_BY: Final = ("injury_outgo",)
"""Amounts by which assumptions were set: the cases and costs of injuries."""


class Anchor(NamedTuple):
    """An amount by rules and assumptions, and the published one.

    Parameters
    ----------
    name
        ``injury_outgo`` ...
    value, published
        Yuan a member and year.
    """

    name: str
    value: float
    published: float


def per_head(projection: Projection) -> list[Anchor]:
    """Return income and outgo a member for which the region has a published amount.

    Parameters
    ----------
    projection
        Of :func:`first_year`.
    """
    region = projection.region
    names = [f"{fund}_{kind}" for fund in FUNDS for kind in KINDS]
    wanted = [name for name in names if f"anchor.{name}" in region.figures]
    found = _amounts(projection) if wanted else {}
    return [Anchor(name, found[name], region.figure(f"anchor.{name}").amount) for name in wanted]


def dilution(projection: Projection) -> float:
    """Return what new pensions and deaths do to the mean enterprise pension in the first year.

    The mean at its end over the mean at its start after the rise, less 1; NaN without pensioners.

    Parameters
    ----------
    projection
        Of :func:`first_year`.
    """
    stocks = projection.stock
    if stocks is None:
        raise ValueError("persons were counted: what they carry by cell is not kept")
    raised = stocks[0].copy()
    indexing(projection.laws[0], raised, opening(raised, Book()))
    return _mean_pension(stocks[1]) / _mean_pension(raised) - 1.0


def _mean_pension(stock: Array) -> float:
    """Return the mean pension in payment of enterprise retirees, yuan a month; NaN without any."""
    cells = stock[:, STATUS["retiree"]]
    persons = float(cells[PERSONS].sum())
    return float(cells[PENSION].sum()) / persons if persons else float("nan")


def published_dilution(region: Region) -> float | None:
    """Return the same from published figures, a yearly mean; None where they are missing.

    The growth of the mean pension over that of a pension in payment, both of the same years.
    """
    if not {GROWTH, RISES} <= region.figures.keys():
        return None
    growth, rises = region.figure(GROWTH), region.figure(RISES)
    first, last = growth.years
    if rises.years != (first, last) or last <= first:
        return None
    return float(((1.0 + growth.amount) / (1.0 + rises.amount)) ** (1.0 / (last - first)) - 1.0)


def first_year(scenario: Scenario) -> Projection:
    """Project the first year, with what the scenario says without a date: amounts, shapes, tables.

    Of what changes over the years, the values of its region are used.
    """
    base = {
        name: value for name, value in scenario.values.items() if registry()[name].kind in UNDATED
    }
    region = scenario.region
    first = Scenario("base", {}, region, region.first_year, base, folder=scenario.folder)
    return cohort.project(*closed(resolve(first)))


def _amounts(projection: Projection) -> dict[str, float]:
    """Return yuan a member of the first year, by fund and kind."""
    year = projection.region.first_year
    people, posted = (
        made[(made["level"] == TOTAL) & (made["year"] == year)]
        for made in (tables.enrollment(projection, "base"), tables.ledger(projection, "base"))
    )
    persons = people.set_index("measure")["persons"]
    posted = posted[~posted["item"].isin(NOT_A_HEAD)]
    yuan = posted.groupby(["fund", "kind"])["yuan"].sum()
    return {
        f"{fund}_{kind}": float(yuan[fund, kind] / persons[fund])
        for fund in FUNDS
        for kind in KINDS
    }


def published_wage(region: Region) -> float | None:
    """Return the mean monthly wage of everybody employed in units.

    Of the last year up to the base year of which wages and people of both kinds of units are
    published; None where there is none.
    """
    by_year: dict[int, dict[str, float]] = {}
    for one in region.outcomes:
        year = int(one.date[:4])
        if not one.area and year <= region.base_year:
            by_year.setdefault(year, {})[one.series] = one.amount
    series = (*WAGES, *WAGES.values())
    years = [year for year, found in by_year.items() if all(name in found for name in series)]
    if not years:
        return None
    last = by_year[max(years)]
    people = sum(last[count] for count in WAGES.values())
    yearly = sum(last[wage] * last[count] for wage, count in WAGES.items()) / people
    return yearly / 12
