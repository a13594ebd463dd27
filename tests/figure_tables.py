"""Invented but plausible tables for the tests of the pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foshan import AREAS, CITY
from fsinsure.dims import AGE_GROUPS, SEXES
from fsinsure.statuses import STATUSES

BASE = 2020
BASES = {"pension.enterprise": 3_926_300.0, "unemployment": 3_063_900.0, "injury": 3_359_900.0}
AIMS = {"pension.enterprise": 4_700_000.0, "unemployment": 3_160_000.0, "injury": 3_640_000.0}
GROWTH = {"pension.enterprise": 0.0213, "unemployment": 0.0094, "injury": 0.0089}
SHARES = dict(zip(AREAS, (0.14, 0.39, 0.34, 0.05, 0.08), strict=True))


def leveled(table: pd.DataFrame) -> pd.DataFrame:
    """Insert the column ``level`` in front of ``area``."""
    levels = np.where(table["area"] == CITY, "total", "area")
    table.insert(table.columns.tolist().index("area"), "level", levels)
    return table


def enrollment(
    scenario: str = "baseline", horizon: int = 2025, extra: float = 0.0, **growth: float
) -> pd.DataFrame:
    """Constant growth of three measures, city and areas."""
    rates = GROWTH | {name.replace("_", "."): rate for name, rate in growth.items()}
    rows = [
        (
            scenario,
            year,
            area,
            measure,
            base * share * (1 + rates[measure] + extra) ** (year - BASE),
        )
        for measure, base in BASES.items()
        for area, share in {**SHARES, CITY: 1.0}.items()
        for year in range(BASE, horizon + 1)
    ]
    return leveled(pd.DataFrame(rows, columns=["scenario", "year", "area", "measure", "persons"]))


def targets(table: pd.DataFrame, year: int = 2025, **aims: float) -> pd.DataFrame:
    """The targets table of an enrollment table, by its definitions."""
    wanted = AIMS | {name.replace("_", "."): aim for name, aim in aims.items()}
    city = table[table["area"] == CITY]
    rows = []
    for (scenario, measure), group in city.groupby(["scenario", "measure"], sort=False):
        curve = group.set_index("year")["persons"]
        base, aim, span = curve[BASE], wanted[str(measure)], year - BASE
        projected = curve.get(year, np.nan)
        reached = [int(y) for y, persons in curve.items() if persons >= aim]
        rows.append(
            {
                "scenario": scenario,
                "measure": measure,
                "year": year,
                "base": base,
                "target": aim,
                "projected": projected,
                "gap": projected - aim,
                "attainment": projected / aim,
                "growth_required": (aim / base) ** (1 / span) - 1,
                "growth_required_from_last": aim / curve.get(year - 1, np.nan) - 1,
                "growth_projected": (projected / base) ** (1 / span) - 1,
                "year_reached": reached[0] if reached else None,
            }
        )
    return pd.DataFrame(rows).astype({"year_reached": "Int64"})


def channels(table: pd.DataFrame, measure: str = "pension.enterprise") -> pd.DataFrame:
    """An increment of `measure` split into channels that add up, yearly and over all years."""
    weights = {
        "pension.enterprise": {
            "entry.employee": 0.36, "entry.flexible": 0.42, "pensioners": 0.46,
            "separations": -0.28, "entry.dormant": 0.0, "coverage.dormant": 0.04,
        },
        "unemployment": {"entry.employee": 0.9, "retirements": -0.05, "coverage.flexible": 0.15},
        "injury": {
            "entry.employee": 0.7, "deaths": -0.012, "entry.injury_only": 0.1,
            "coverage.platform_worker": 0.15, "coverage.over_age_worker": 0.06,
            "coverage.intern": 0.002,
        },
    }[measure]  # fmt: skip
    total = sum(weights.values())
    rows = []
    for (scenario, area), group in table[table["measure"] == measure].groupby(
        ["scenario", "area"], sort=False
    ):
        curve = group.set_index("year")["persons"]
        first, last = int(curve.index.min()), int(curve.index.max())
        steps = [(year, year + 1) for year in range(first, last)]
        for start, end in [*steps, (first, last)] if last > first + 1 else steps:
            rise = curve[end] - curve[start]
            rows += [
                (scenario, measure, area, start, end, channel, rise * weight / total)
                for channel, weight in weights.items()
            ]
    names = ["scenario", "measure", "area", "from_year", "to_year", "channel", "persons"]
    return leveled(pd.DataFrame(rows, columns=names))


def stocks(scenario: str = "baseline", years: tuple[int, ...] = (2020, 2025)) -> pd.DataFrame:
    """A young migrant city that ages a little."""
    middle = np.array([int(group.split("-")[0].rstrip("+")) + 2.5 for group in AGE_GROUPS])
    rows = []
    for year in years:
        age = middle - (year - BASE) * 0.6
        people = (
            0.42
            + 1.15 * np.exp(-(((age - 31) / 11) ** 2))
            + 0.35 * np.exp(-(((age - 48) / 8) ** 2))
        )
        people *= 1 / (1 + np.exp((age - 70) / 7))
        people *= 9_498_863 * (1 + 0.008 * (year - BASE)) / people.sum()
        work = 1 / (1 + np.exp(-(age - 20) / 1.5)) / (1 + np.exp((age - 57) / 2.5))
        old = 1 / (1 + np.exp(-(age - 58) / 2))
        shares = {
            "employee": 0.55 * work, "flexible": 0.06 * work, "civil_service": 0.025 * work,
            "unemployed": 0.004 * work, "dormant": 0.10 * work, "resident": 0.05 * work,
            "retiree": 0.62 * old, "civil_retiree": 0.04 * old, "resident_pensioner": 0.27 * old,
        }  # fmt: skip
        shares["not_insured"] = 1 - sum(shares.values())
        for sex, part in zip(SEXES, (0.53, 0.47), strict=True):
            for area, share in {**SHARES, CITY: 1.0}.items():
                for status in STATUSES:
                    persons = people * shares[status] * part * share
                    rows += [
                        (scenario, year, area, sex, group, status, value)
                        for group, value in zip(AGE_GROUPS, persons, strict=True)
                    ]
    names = ["scenario", "year", "area", "sex", "age_group", "status", "persons"]
    return leveled(pd.DataFrame(rows, columns=names))


def compared(deficit: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Reasons, ledger and enrollment of two scenarios; `deficit` is taken off every balance."""
    moves = {
        "pension.enterprise": {
            "growth.employee": -1.72e9, "growth.flexible": 1.08e10, "a.long.name + " * 4: 2e9,
            "wage.cv": -3e7,
        },
        "injury": {"growth.employee": -1.9e7, "wage.cv": 4.6e7},
    }  # fmt: skip
    reasons, closing, people = [], [], []
    for subject, parts in moves.items():
        start = 7e10 - deficit
        for kind, unit, scale in (("fund", "yuan", 1.0), ("measure", "persons", 4e-5)):
            reasons += [
                ("other", "baseline", step, lever, kind, subject, 2025, value * scale, unit)
                for step, (lever, value) in enumerate(parts.items(), start=1)
            ]
        for scenario, more in (("baseline", 0.0), ("other", sum(parts.values()))):
            closing.append((scenario, 2025, CITY, subject, "closing", start + more))
            people.append((scenario, 2025, CITY, subject, 4e6 + 4e-5 * more))
    whose = ["scenario", "year", "area"]
    columns = ["scenario", "against", "step", "lever", "kind", "subject", "year", "value", "unit"]
    return (
        pd.DataFrame(reasons, columns=columns),
        leveled(pd.DataFrame(closing, columns=[*whose, "fund", "item", "yuan"])),
        leveled(pd.DataFrame(people, columns=[*whose, "measure", "persons"])),
    )


FUND_BOOKS = {
    "pension.enterprise": (5.3e10, {"employer": 2.2e10, "employee": 1.35e10, "flexible": 3e9},
                           {"pension": 3.2e10, "remittance": 4e9, "account_out": 3e9, "death": 2e8,
                            "refund": 1e8}),
    "pension.civil": (1.3e9, {"employer": 2.6e9, "employee": 1.3e9}, {"pension": 3.6e9}),
    "pension.resident": (3.2e9, {"resident": 1.4e8, "subsidy": 1.1e9}, {"pension": 1.3e9}),
    "unemployment": (5.1e9, {"employer": 9e8, "employee": 3e8}, {"benefit": 6e8, "health": 1e8}),
    "injury": (1.9e9, {"employer": 6e8, "flat": 1e8}, {"medical": 2e8, "disability": 2e8}),
}  # fmt: skip
RELIEF = {
    ("pension.enterprise", "waived"): {2022: 1e10},
    ("pension.enterprise", "deferred"): {2022: 3e9},
    ("pension.enterprise", "repaid"): {2023: 3e9},
    ("pension.enterprise", "deferred_outstanding"): {2022: 3e9},
    ("unemployment", "relief_refund"): {2022: 1.2e8, 2023: 6e7},
    ("unemployment", "deferred"): {2022: 1e8},
    ("unemployment", "repaid"): {2023: 6e7},
    ("unemployment", "deferred_outstanding"): {2022: 1e8, 2023: 4e7, 2024: 4e7, 2025: 4e7},
}
"""Yuan of relief by fund, item and year."""
KINDS = {"repaid": "income", "relief_refund": "outgo"}


def ledger(
    scenario: str = "baseline", horizon: int = 2025, rise: float = 0.06, *, relief: bool = False
) -> pd.DataFrame:
    """Books whose income grows by 3 % a year and whose outgo grows by `rise`."""
    rows: list[tuple[int, str, str, str, float]] = []
    for fund, (balance, income, outgo) in FUND_BOOKS.items():
        rows.append((BASE, fund, "closing", "closing", balance))
        for year in range(BASE + 1, horizon + 1):
            span = year - BASE - 1
            rows.append((year, fund, "opening", "opening", balance))
            posted = [(item, "income", yuan * 1.03**span) for item, yuan in income.items()]
            posted.append(("interest", "income", 0.02 * balance))
            posted += [(item, "outgo", yuan * (1 + rise) ** span) for item, yuan in outgo.items()]
            if relief:
                posted += [
                    (item, KINDS.get(item, "memo"), yuan.get(year, 0.0))
                    for (owner, item), yuan in RELIEF.items()
                    if owner == fund
                ]
            rows += [(year, fund, item, kind, yuan) for item, kind, yuan in posted]
            sign = {"income": 1, "outgo": -1, "memo": 0}
            balance += sum(sign[kind] * yuan for _, kind, yuan in posted)
            rows.append((year, fund, "closing", "closing", balance))
    table = pd.DataFrame(rows, columns=["year", "fund", "item", "kind", "yuan"])
    table.insert(1, "area", CITY)
    table.insert(0, "scenario", scenario)
    return leveled(table)


def indicators(books: pd.DataFrame, kept: dict[int, float] | None = None) -> pd.DataFrame:
    """Indicators of a ledger: reserves from its books, the rest invented."""
    sums = books.groupby(["fund", "kind", "year"])["yuan"].sum()
    horizon = int(books["year"].max())
    found: list[tuple[str, str, int, float]] = []
    for fund in FUND_BOOKS:
        closing, outgo = sums[fund, "closing"], sums[fund, "outgo"]
        months = (closing / outgo * 12).dropna()
        found += [("months_of_reserve", fund, year, value) for year, value in months.items()]
        below = closing.index[closing < 0]
        first = float(below[0]) if len(below) else np.nan
        found.append(("depletion_year", fund, horizon, first))
    for span, year in enumerate(range(BASE + 1, horizon + 1)):
        for fund, rate, cost in (
            ("pension.enterprise", 0.45, 0.16),
            ("pension.civil", 0.65, 0.21),
        ):
            found.append(("replacement_rate", fund, year, rate * 0.998**span))
            found.append(("cost_rate", fund, year, cost * 1.01**span))
        for fund, pension in zip(FUND_BOOKS, (3500.0, 6200.0, 360.0), strict=False):
            found.append(("average_pension", fund, year, pension * 1.04**span))
        found.append(("support_ratio", "pension.enterprise", year, 5 * 0.98**span))
    found += [("people_kept", "total", year, value) for year, value in (kept or {}).items()]
    table = pd.DataFrame(found, columns=["indicator", "fund", "year", "value"])
    table.insert(0, "scenario", str(books["scenario"].iloc[0]))
    return table


def sensitivity(basis: str = "judgement") -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Effects, indices, shares by basis and subjects of people and of a fund."""
    names = (
        ("growth.employee", "estimate", 0.0186, 0.09, "fraction"),
        ("migration.departure_not_insured", basis, 0.024, 0.06, "fraction"),
        ("wage.mean", basis, 3300.0, 4700.0, "yuan"),
        ("civil.subsidy", "scenario", 0.0, 4e8, "yuan"),
    )
    rows = []
    for subject, scale in (("measure.unemployment", 4e5), ("fund.pension.enterprise", 2e10)):
        for at, (name, own, low, high, unit) in enumerate(names):
            effect, share = scale / 2**at, 0.75 / 4**at
            low_effect = (-effect, effect / 3, -effect, 0.0)[at]
            head = ("baseline", subject, name, own, low, high, unit, low_effect, effect, share)
            bounds = (share - 0.05, share - 0.1, share, share + 0.02, share - 0.03, share + 0.1)
            rows.append((*head, *bounds))
    columns = [
        *("scenario", "subject", "parameter", "basis", "low", "high", "unit"),
        *("low_effect", "high_effect", "share", "first", "first_low", "first_high"),
        *("total", "total_low", "total_high"),
    ]
    effects = pd.DataFrame(rows, columns=columns)
    groups = effects.groupby(["subject", "basis"], sort=False)["share"].sum().reset_index()
    groups = groups.assign(linear=groups["share"], total=groups["share"])
    subjects = pd.DataFrame({"subject": effects["subject"].unique(), "year": 2025, "left_out": 0.1})
    return effects, groups, subjects
