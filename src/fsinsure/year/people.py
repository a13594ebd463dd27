"""Deaths, births, migration, work, land expropriation and late entries of a year."""

from __future__ import annotations

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, FEMALE, PERSONS
from fsinsure.state import ARRIVED, BORN, DEAD, DEPARTED, LAND_EXPROPRIATED, Inflow, Move
from fsinsure.statuses import STATUSES
from fsinsure.year import demography
from fsinsure.year.event import Opening
from fsinsure.year.law import Law
from fsinsure.year.pension_age import ON_TIME

NEWBORN = slice(0, 1)
WORKING_FROM = 16


def deaths(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Deaths by the life table, at the age at the start of the year, in every status alike."""
    return [Move(status, DEAD, law.dying) for status in STATUSES]


def births(law: Law, stock: Array, start: Opening) -> list[Inflow]:
    """Births, not insured: fertility times the mean of women at the opening and the close."""
    women = stock[..., PERSONS, :, :, FEMALE, :].sum(axis=-3)
    born = demography.births(start.women, women, law.fertility)
    by_sex = born[..., None] * demography.sex_shares(law.areas("fertility.sex_ratio"))
    return [Inflow(BORN, "not_insured", by_sex[..., None], law.cadre_share, NEWBORN)]


def newborn_deaths(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Deaths of children born in the year, before its end."""
    return [Move("not_insured", DEAD, law.infant, NEWBORN)]


def migration(law: Law, stock: Array, start: Opening) -> list[Move | Inflow]:
    """Gross migration: arrivals, who are not insured yet, and departures."""
    mobility = law.profiles["departure"]
    leaving = [
        Move(status, DEPARTED, law.share(f"migration.departure_{status}") * mobility)
        for status in ("not_insured", "employee", "dormant")
    ]
    arrivals = law.cells("migration.arrivals") * law.arrival
    return [Inflow(ARRIVED, "not_insured", arrivals, law.cadre_share), *leaving]


def labour(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Losing, finding and changing insured work, at working age."""
    share = law.share
    ages, working = _working_age(law)
    separated = share("labour.separation") * working
    to_unemployed = share("labour.separation_unemployed")
    to_flexible = share("labour.separation_flexible")
    return [
        Move("employee", "unemployed", separated * to_unemployed, ages),
        Move("employee", "flexible", separated * to_flexible, ages),
        Move("employee", "dormant", separated * (1.0 - to_unemployed - to_flexible), ages),
        Move("unemployed", "employee", share("labour.reemployment") * working, ages),
        Move("unemployed", "dormant", share("labour.exhaustion") * working, ages),
        Move("dormant", "employee", share("labour.return") * working, ages),
        Move("flexible", "dormant", share("labour.lapse") * working, ages),
        Move("flexible", "employee", share("labour.flexible_to_employee") * working, ages),
    ]


def land_expropriated(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Transfers of residents to flexible work with the subsidy, on top of the growth paths."""
    ages, working = _working_age(law)
    moved = law.share("transfer.land_expropriated") * working
    return [Move("resident", "flexible", moved, ages, LAND_EXPROPRIATED)]


def resident_pensioners(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Entries into the resident scheme past its pension age, of people without any pension."""
    reach = law.reach["resident"]
    past = 1.0 - reach.below
    ages = slice(int(np.argmax(past > 0.0)), AGES)
    joining = law.share("entry.resident_pensioner") * past[ages]
    divisor = reach.divisor[ON_TIME, ages]
    return [Move("not_insured", "resident_pensioner", joining, ages, "late entry", divisor)]


def _working_age(law: Law) -> tuple[slice, Array]:
    """Return the ages, and 1.0 for each sex while anybody has not claimed a pension yet."""
    women = law.reach["cadre"].below + law.reach["worker"].below
    working = np.stack([law.reach["male"].below, women]) > 0
    ages = slice(WORKING_FROM, int(np.flatnonzero(working.any(axis=0))[-1]) + 1)
    return ages, working[:, ages].astype(np.float64)
