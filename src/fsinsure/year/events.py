"""The order of the year. Every engine runs these events, in this order, and no others."""

from __future__ import annotations

from typing import Final

from fsinsure.year import land, money, people, retirement
from fsinsure.year.entries import ENTRIES
from fsinsure.year.event import Event, Kind

_MORTALITY: Final = ("mortality.*",)
_WORKING_AGE: Final = ("retirement.age_*", "retirement.delay_*", "retirement.late_*")
_CONTRIBUTIONS: Final = (
    *("wage.*", "pension.*", "civil.*", "resident.*", "unemployment.*", "injury.*", "coverage.*"),
    *("relief", "price.growth", "income.national_urban", "indexing.resident_rate"),
    *("retirement.age_*", "retirement.cadre_share", "transfer.land_subsidy_*"),
)
_LABOUR_COST: Final = ("response.*", "wage.*", "pension.*", "unemployment.*", "injury.*", "relief")

INDEXING: Final = Event(
    "indexing", money.indexing, Kind.IN_PLACE, ("indexing.*", "resident.base_pension")
)
FIRST_HALF: Final = Event("first_half", money.first_half, Kind.IN_PLACE, _CONTRIBUTIONS)
AGEING: Final = Event("ageing", land.ageing, Kind.IN_PLACE, ("transfer.land_subsidy_years",))
RETIREMENT: Final = Event(
    "retirement",
    retirement.retirement,
    Kind.INDIVIDUAL,
    (
        *("retirement.*", "pension.*", "civil.*", "wage.growth"),
        *("resident.base_pension", "indexing.resident_rate"),
    ),
)
SECOND_HALF: Final = Event(
    "second_half", money.second_half, Kind.IN_PLACE, (*_CONTRIBUTIONS, "pooling.*")
)

EVENTS: tuple[Event, ...] = (
    INDEXING,
    FIRST_HALF,
    Event(
        "deaths",
        people.deaths,
        # After its last known value the income grows with wages.
        levers=(*_MORTALITY, "income.urban", "wage.growth", "pension.death_months"),
    ),
    AGEING,
    Event(
        "migration",
        people.migration,
        levers=(
            *("migration.*", "profile.arrival.*", "profile.departure.*"),
            "retirement.cadre_share",
        ),
    ),
    RETIREMENT,
    Event("labour", people.labour, levers=("labour.*", *_WORKING_AGE)),
    Event(
        "employee_entries",
        ENTRIES["employee"],
        levers=(
            *("growth.employee", "profile.employee.*", "migration.demand_share"),
            *("migration.transferred_share", "entry.employee_*", "retirement.cadre_share"),
            *_LABOUR_COST,
        ),
    ),
    Event(
        "flexible_entries",
        ENTRIES["flexible"],
        levers=(
            *("growth.flexible", "profile.flexible.*", "entry.flexible_*"),
            *("response.flexible", "relief", "pension.flexible_rate"),
            *("unemployment.*", "coverage.unemployment.flexible"),
        ),
    ),
    Event(
        "civil_service_entries",
        ENTRIES["civil_service"],
        levers=("growth.civil_service", "profile.civil_service.*"),
    ),
    Event(
        "resident_entries",
        ENTRIES["resident"],
        levers=("growth.resident", "profile.resident.*"),
    ),
    Event(
        "land_expropriated",
        people.land_expropriated,
        levers=("transfer.land_expropriated", *_WORKING_AGE),
    ),
    Event(
        "resident_pensioners",
        people.resident_pensioners,
        levers=(
            *("entry.resident_pensioner", "retirement.age_resident", "resident.base_pension"),
            *("indexing.resident_rate", "pension.annuity_divisors"),
        ),
    ),
    Event("births", people.births, levers=("fertility.*", "retirement.cadre_share")),
    Event("newborn_deaths", people.newborn_deaths, levers=_MORTALITY),
    SECOND_HALF,
)
