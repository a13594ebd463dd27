"""The statuses of persons, the funds and the names of measures, as tables of ``data`` say them.

Each person has exactly one status. A status that is added there is placed by its age profile
(``data/profiles.csv``), counted by the coverage matrix and moved by the events of the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from fsinsure.dims import PENSION, QUANTITIES
from fsinsure.messages import Message, both
from fsinsure.tabular import Record, records


@dataclass(frozen=True)
class Status:
    """What a person is to social insurance.

    Parameters
    ----------
    name
        As in tables.
    earns_months
        Whether contribution months are earned.
    vests
        Whether a pension needs the minimum months.
    pension
        The status that is joined at the pension age; empty if none.
    women_as_cadres
        Whether all women have the pension age of cadres.
    account_fund
        The fund that keeps the individual account; that of a pensioner pays the pension too.
    death_grant
        Whether that fund pays a grant at death.
    joins_from
        The pools from which a growth path is met; empty without such a path.
    leaves_to
        Where those go who are too many for it.
    """

    name: str
    earns_months: bool
    vests: bool
    pension: str
    women_as_cadres: bool
    account_fund: str
    death_grant: bool
    joins_from: tuple[str, ...]
    leaves_to: str


def status_shown(name: str) -> Message:
    """Return a status in messages: its Chinese name, in English its code."""
    return both(next((row["zh"] for row in STATUS_ROWS if row["status"] == name), name), name)


def package_rows(name: str, columns: tuple[str, ...]) -> list[Record]:
    """Return the rows of a packaged table."""
    file = files("fsinsure.data") / f"{name}.csv"
    return records(f"{name}.csv", file.read_text(encoding="utf-8"), columns)


FLAGS: Final = ("earns_months", "vests", "women_as_cadres", "death_grant")
TEXTS: Final = ("pension", "account_fund", "joins_from", "leaves_to")
DRAWN: Final = ("layer", "colour", "hatch", "zh", "en")
STATUS_ROWS: Final = package_rows("statuses", ("status", *FLAGS, *TEXTS, *DRAWN))
MEASURE_ROWS: Final = package_rows("measures", ("measure", "zh", "en", "short_zh", "short_en"))
"""What readers call each measure, whole and short, also those that are no people."""


def _status(row: Record) -> Status:
    earns, vests, as_cadres, grant = (row.choice(name, ("yes", "no")) == "yes" for name in FLAGS)
    pension, fund, pools, exit_to = (row[name] for name in TEXTS)
    pools_of = tuple(pools.split())
    return Status(row["status"], earns, vests, pension, as_cadres, fund, grant, pools_of, exit_to)


ALL: Final = tuple(_status(row) for row in STATUS_ROWS)
STATUSES: Final = tuple(one.name for one in ALL)
STATUS: Final = {name: index for index, name in enumerate(STATUSES)}
"""Position of each status on the status axis."""

OUTSIDE: Final = "not_insured"
"""The status of those who are left: no figure of the base year counts them."""

PAYING: Final = tuple(one.name for one in ALL if one.earns_months)
INSURED: Final = tuple(one.name for one in ALL if one.vests)
"""They draw a pension from the pension age if vested."""
PENSION_OF: Final = {one.name: one.pension for one in ALL if one.pension}
PENSIONERS: Final = tuple(name for name in STATUSES if name in PENSION_OF.values())
"""Statuses with a pension in payment; the others carry the quantities before it only."""
AS_CADRES: Final = tuple(one.name for one in ALL if one.women_as_cadres)
ALIGNED: Final = {one.name: one for one in ALL if one.joins_from}
"""Statuses with a growth path."""
ACCOUNT_FUND: Final = {one.name: one.account_fund for one in ALL}
DEATH_GRANT: Final = tuple(one.name for one in ALL if one.death_grant)

CARRIED: Final = {
    name: slice(len(QUANTITIES) if name in PENSIONERS else PENSION) for name in STATUSES
}
"""The quantities that people of each status can carry."""

FUND_ROWS: Final = package_rows(
    "funds", ("fund", "opening_share", "subsidy", "deficit_subsidy", "colour", "dash", "marker")
)
FUNDS: Final = tuple(row["fund"] for row in FUND_ROWS)
OPENING_SHARE: Final = {row["fund"]: row["opening_share"] for row in FUND_ROWS}
"""The parameter of each fund's share of the opening balance; empty for the fund with the rest."""
SUBSIDY: Final = {row["fund"]: row["subsidy"] for row in FUND_ROWS if row["subsidy"]}
"""The parameter of the yearly subsidy of a fund."""
DEFICIT_SUBSIDY: Final = {
    row["fund"]: row["deficit_subsidy"] for row in FUND_ROWS if row["deficit_subsidy"]
}
"""The parameter of the part that the treasury pays of what a fund lacks at the end of a year."""
PENSION_FUND: Final = {name: ACCOUNT_FUND[name] for name in PENSIONERS}
"""The fund that pays the pension of each status that has one."""

ITEMS: Final[dict[str, dict[str, str]]] = {fund: {} for fund in FUNDS}
"""The items of every fund, in order, and the kind of each: income, outgo or memo."""
for _row in package_rows("ledger_items", ("fund", "item", "kind")):
    ITEMS[_row.choice("fund", FUNDS)][_row["item"]] = _row.choice(
        "kind", ("income", "outgo", "memo")
    )
