"""The names of figures and series that the library reads; one that is nearly such is refused.

Other figures and series stand as information: lists of sources show them, and nothing reads them.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError, did_you_mean
from fsinsure.measures import entries, groups, measures
from fsinsure.messages import Message, separated
from fsinsure.registry import registry
from fsinsure.sources import Figure, table
from fsinsure.statuses import FUNDS, OUTSIDE, STATUSES

if TYPE_CHECKING:
    from collections.abc import Collection

    from fsinsure.region.region import Region
    from fsinsure.sources import Outcome

BIRTHS: Final = "births.resident"
"""Births of a year, for net migration between two censuses."""

RESIDENTS: Final = "population.resident"
"""Residents at the end of a year: of the base date a figure, by area or not, else a series."""

SERIES: Final = (BIRTHS, RESIDENTS)

NEAR: Final = 0.9
"""Likeness (difflib) from which a name counts as a misspelt one."""

RATE: Final = "registered_unemployment_rate"
CARDS: Final = "social_card"

SUMS: Final = ("new_urban_employment", "reemployment")
"""Goals of a plan that are sums over its years."""

GOALS: Final = (*SUMS, RATE, CARDS)
"""Goals of a plan beside the enrollment of each measure."""

RELIEF: Final = ("", "_small_share", "_small_months", "_large_share", "_large_months")
"""How the figures of the relief of the base year end; the first is the amount."""

POPULATION: Final = ("population.census", RESIDENTS)
"""Published totals of the people of the census and of the base date."""

FAMILIES: Final = (
    *("enrollment.", "retirees.", "recipients.", "contributors.", "members.", "persons."),
    *("fund.balance.", "target.", f"{RESIDENTS}."),
)
"""What begins names of which every one is read."""


def check(region: Region, one: Figure | Outcome) -> None:
    """Refuse a figure or a series of which the name is nearly one that is read.

    Raises
    ------
    DataError
        With the position of the value, and the name that was probably meant.
    """
    if isinstance(one, Figure):
        name, kind, known = one.name, Message("figure"), figures_read(region)
    else:
        name, kind, known = one.series, Message("series"), frozenset(SERIES)
    if name in known:
        return
    family = next((begin for begin in FAMILIES if name.startswith(begin)), "")
    if isinstance(one, Figure) and family:
        within = sorted(each for each in known if f"{each}.".startswith(family))
        raise DataError(
            "{where}: there is no figure {name!r}.{hint} Those that begin with {family} are "
            "{within}",
            where=one.where,
            name=name,
            hint=did_you_mean(name, within),
            family=family.rstrip("."),
            within=separated(within),
        )
    if near := _nearest(name, tuple(sorted(known))):
        raise DataError(
            "{where}: no {kind} {name!r} is read. Did you mean {near!r}? If it is another one, "
            "give it a name that differs more",
            where=one.where,
            kind=kind,
            name=name,
            near=near,
        )


@cache
def _nearest(name: str, known: tuple[str, ...]) -> str:
    """Return the name that another is nearly, empty if none; a series has it in many rows."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=NEAR)), "")


def figures_read(region: Region) -> Collection[str]:
    """Return the names of the figures of a region that the library reads."""
    return {RESIDENTS, *read_as_totals(region)}


def read_as_totals(region: Region) -> Collection[str]:
    """Return the names of the figures that are read for the region as a whole only."""
    return _always_read() | {f"relief.{region.base_year}{end}" for end in RELIEF}


@cache
def _always_read() -> frozenset[str]:
    enrolled = (f"enrollment.{measure}" for measure in measures())
    goals = (f"target.{one}" for one in (*measures(), *GOALS))
    balances = (f"fund.balance.{fund}" for fund in FUNDS)
    others = ("fund.balance", "fund.balance_growth", "pension.enterprise_mean", CARDS)
    return frozenset((*enrolled, *goals, *balances, *others, *_closing(), *POPULATION))


def _closing() -> set[str]:
    """Return the figures of ``data/closure.csv``: its equations, and what they refer to."""
    rows = table("closure")
    shares = {row["equation"] for row in rows}
    people = {*STATUSES, *groups(), *(entry.parameter for entry in entries())}
    found = set()
    for row in rows:
        if row["kind"] == "figure":
            unknowns = {*STATUSES, *groups()} - {OUTSIDE}
            found |= {row["equation"].replace("{group}", one) for one in unknowns}
        words = set(re.findall(r"[a-z_][a-z0-9_.]*", f"{row['people']} {row['equals']}"))
        found |= words - people - shares - registry().keys() - {"group"}
    return found
