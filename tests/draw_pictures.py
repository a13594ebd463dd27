"""Pictures of an invented ensemble."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

import draw_tables as drawn
import figure_tables as tables
from foshan import CITY
from fsinsure.output.figures.arrival import arrivals
from fsinsure.output.figures.fan import Source
from fsinsure.output.figures.fan_funds import Accounts, fund_fan
from fsinsure.output.figures.fan_targets import target_fan
from fsinsure.output.figures.joint import joint
from fsinsure.output.figures.sheet import Picture

SOURCE = Source(drawn.DRAWS, drawn.DRAWS, 7)
LIMITS = (12.0, 6.0, 3.0)
PUBLISHED = pd.DataFrame(
    [
        ("unemployment", CITY, 2019, 3_000_000.0, 1.0, False),
        ("unemployment", CITY, 2021, 3_236_854.0, 1.0, False),
        ("injury", CITY, 2022, 3_312_000.0, 0.5, True),
    ],
    columns=["measure", "area", "year", "value", "elapsed", "own"],
)


def draw_targets(
    lang: str, horizon: int = 2025, year: int = 2025, *, rows: int = 3, **aims: float
) -> Picture:
    wanted = drawn.targets(year, horizon, **aims)
    wanted = pd.concat([wanted.iloc[:rows], wanted.iloc[3:]])
    central = tables.enrollment(horizon=horizon)
    table = drawn.enrollment(horizon)
    known = {"published": PUBLISHED, "source": SOURCE}
    return target_fan(table, central, wanted, **known, lang=lang, title="基准情景")


def draw_funds(
    lang: str, horizon: int = 2025, *unknown: str, last: int | None = None, subsidy: float = 0.0
) -> Picture:
    books = drawn.ledger(horizon, *unknown, subsidy=subsidy)
    central = tables.ledger(horizon=horizon)
    own = Accounts(
        books, drawn.indicators(horizon, *unknown), drawn.depletion(horizon, *unknown), central
    )
    return fund_fan(own, reserves=LIMITS, source=SOURCE, last=last, lang=lang, title="基准情景")


def draw_joint(
    lang: str, target: float | None = 4_700_000.0, fund: str = "injury", shift: float = 0.0
) -> Picture:
    table = drawn.joint(fund=fund)
    table["yuan"] += shift
    return joint(table, target, source=SOURCE, lang=lang, title="基准情景")


def draw_many(lang: str) -> Picture:
    table = pd.concat([drawn.joint()] * 20)
    return joint(table, 4_700_000.0, source=SOURCE, lang=lang, title="基准情景")


def draw_arrivals(
    lang: str, horizon: int = 2025, year: int = 2025, *, rows: int = 3, **aims: float
) -> Picture:
    wanted = drawn.targets(year, horizon, **aims)
    wanted = pd.concat([wanted.iloc[:rows], wanted.iloc[3:]])
    table = drawn.arrivals(horizon, **aims)
    return arrivals(table, wanted, source=SOURCE, lang=lang, title="基准情景")


NEVER, ALWAYS = {"unemployment": 9e6}, {"unemployment": 3.0639e6}
SURE = {"pension_enterprise": 3.9e6, "injury": 3.2e6, **ALWAYS}

PICTURES: dict[str, Callable[[str], Picture]] = {
    "fan-targets": draw_targets,
    "fan-targets-one": lambda lang: draw_targets(lang, rows=1),
    "fan-targets-never": lambda lang: draw_targets(lang, **NEVER),
    "fan-targets-always": lambda lang: draw_targets(lang, **ALWAYS),
    "fan-targets-sure": lambda lang: draw_targets(lang, **SURE),
    "fan-targets-later": lambda lang: draw_targets(lang, 2035, 2030),
    "fan-targets-long": lambda lang: draw_targets(lang, 2095),
    "fan-targets-beyond": lambda lang: draw_targets(lang, 2023),
    "fan-funds": draw_funds,
    "fan-funds-subsidised": lambda lang: draw_funds(lang, subsidy=1e8),
    "fan-funds-unknown": lambda lang: draw_funds(lang, 2025, "pension.civil", "injury"),
    "fan-funds-none-known": lambda lang: draw_funds(lang, 2025, *drawn.FLOWS),
    "fan-funds-long": lambda lang: draw_funds(lang, 2095),
    "fan-funds-last": lambda lang: draw_funds(lang, 2095, last=2030),
    "joint": draw_joint,
    "joint-many": draw_many,
    "joint-no-target": lambda lang: draw_joint(lang, None),
    "joint-never": lambda lang: draw_joint(lang, 9e6),
    "joint-far": lambda lang: draw_joint(lang, fund="pension.enterprise", shift=5e12),
    "joint-deficit": lambda lang: draw_joint(lang, 3.9e6, shift=-1e11),
    "arrivals": draw_arrivals,
    "arrivals-one": lambda lang: draw_arrivals(lang, rows=1),
    "arrivals-late": lambda lang: draw_arrivals(lang, 2035),
    "arrivals-long": lambda lang: draw_arrivals(lang, 2095),
    "arrivals-never": lambda lang: draw_arrivals(lang, **NEVER),
    "arrivals-always": lambda lang: draw_arrivals(lang, **ALWAYS, rows=2),
    "arrivals-first": lambda lang: draw_arrivals(lang, 2021),
}
