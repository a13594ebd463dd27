"""The order of the year: every engine walks this list and nothing else."""

from __future__ import annotations

from typing import Final

from fsinsure.year import entries, land, money, people

EVENTS: Final[tuple[tuple[str, people.Event], ...]] = (
    ("indexing", money.indexing),
    ("first_half_year", people.half_year),
    ("first_half_money", money.first_half),
    ("deaths", people.deaths),
    ("ageing", people.ageing),
    ("subsidised_ageing", land.ageing),
    ("births", people.births),
    ("newborn_deaths", people.newborn_deaths),
    ("migration", people.migration),
    ("retirement", people.retirement),
    ("labour", people.labour),
    ("employee_entries", entries.employee_entries),
    ("flexible_entries", entries.flexible_entries),
    ("civil_entries", entries.civil_entries),
    ("resident_entries", entries.resident_entries),
    ("land_expropriated", people.land_expropriated),
    ("second_half_year", people.half_year),
    ("second_half_money", money.second_half),
)
