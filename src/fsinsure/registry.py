"""The registry: every parameter that a scenario can set, from ``data/parameters.csv``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, cast

from fsinsure.dims import EARLIEST_YEAR, LAST_YEAR
from fsinsure.sources import table

Kind = Literal["path", "scalar", "year", "choice", "table", "profile"]

HELD: Final = "base"
"""The value of a coverage path that keeps the share of the closed base year."""

NONE: Final = "none"
"""The value of a year, or a day, that there is not."""

CHOICES: Final = {"mortality.table": ("CL1-CL2", "CL3-CL4", "CL5-CL6")}
"""The values that a parameter of kind ``choice`` may have beside a file name."""


@dataclass(frozen=True)
class Parameter:
    """The declaration of a parameter.

    Parameters
    ----------
    name
        Dotted, as in results: ``growth.employee``, ``coverage.injury.intern``.
    kind
        ``path`` (a value for every year), ``scalar``, ``year`` (or none), ``choice``, ``table``
        (a value for each key, for every year) or ``profile`` (values at some ages, linear between
        them and zero outside). In the file the keys stand beside it: ``table 40-70`` needs every
        key; in ``steps 0-100`` a value holds from its key up to the next, and any keys will do.
    unit
        ``fraction``, ``ratio``, ``persons``, ``yuan``, ``months``, ``years``, ``year`` or
        ``table``.
    low, high
        Bounds in base units, both included; ``None`` for a choice.
    en, zh
        What it means.
    extend
        How a dated value goes on after its last known year: ``hold``, or grow with ``wage`` or
        ``price``; ``optional`` for a scalar that a region may leave out; else empty.
    keys
        The keys that a table or profile may have; empty for the other kinds.
    every_key
        Whether a table needs all of them.
    """

    name: str
    kind: Kind
    unit: str
    low: float | None
    high: float | None
    en: str
    zh: str
    extend: str = ""
    keys: range = range(0)
    every_key: bool = True

    @property
    def can_be_held(self) -> bool:
        """Whether it may be ``base``: held at the share which closes the base year."""
        return self.name.startswith("coverage.")

    @property
    def optional(self) -> bool:
        """Whether a region may leave it out."""
        return self.extend == "optional"

    @property
    def by_area(self) -> bool:
        """Whether a scenario may set it by area."""
        return self.name.startswith(("growth.", "coverage.", "migration.arrival_weight"))

    @property
    def location(self) -> tuple[str, ...]:
        """Where it stands in a file: nested two deep for a measure's coverage, else one deep.

        >>> registry()["coverage.pension.enterprise.dormant"].location
        ('coverage', 'pension.enterprise', 'dormant')
        >>> registry()["coverage.social_card"].location
        ('coverage', 'social_card')
        """
        section, rest = self.name.split(".", 1)
        if section in ("coverage", "profile"):
            return (section, *rest.rsplit(".", 1))
        return (section, rest)


@cache
def registry() -> dict[str, Parameter]:
    """Return every parameter by name, in the order of the file."""
    return {row["parameter"]: _parameter(row) for row in table("parameters")}


def without_remarks(title: str) -> str:
    """Return the title of a parameter without its remarks in brackets.

    >>> without_remarks("灵活就业参保人数年增长率（不含被征地转入）")
    '灵活就业参保人数年增长率'
    """
    return re.sub(r"\s*（[^）]*）|\s*\([^)]*\)", "", title)


def _parameter(row: dict[str, str]) -> Parameter:
    kind, _, keys = row["kind"].partition(" ")
    first, _, last = keys.partition("-")
    return Parameter(
        name=row["parameter"],
        kind=cast("Kind", "table" if kind == "steps" else kind),
        unit=row["unit"],
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
        en=row["en"],
        zh=row["zh"],
        extend=row["extend"],
        keys=range(int(first), int(last) + 1) if keys else range(0),
        every_key=kind == "table",
    )


HORIZON: Final = Parameter(
    "horizon", "year", "year", EARLIEST_YEAR, LAST_YEAR, "Last projected year", "测算终止年"
)

SHARE: Final = Parameter(
    "share", "scalar", "fraction", 0, 1, "Share of the amount due", "占应缴额的比例"
)
"""What a relief may take of the contributions due."""

Tree = dict[str, "Tree | Parameter"]

SECTIONS: Final = {
    "base": ("基年假设", "Assumptions that close the base year"),
    "growth": ("年末人数增长率", "Yearly growth of year-end numbers"),
    "coverage": ("覆盖率（口径矩阵）", "Coverage: who is counted in which measure"),
    "mortality": ("死亡率", "Mortality"),
    "fertility": ("生育", "Fertility"),
    "migration": ("迁移", "Migration"),
    "retirement": ("退休", "Retirement"),
    "labour": ("劳动力市场转移", "Moves in the labour market"),
    "profile": ("年龄结构", "Age profiles of statuses and of those who join, leave or move"),
    "transfer": ("制度间转移", "Transfers between schemes"),
    "entry": ("新参保来源", "Where new members come from"),
    "wage": ("工资", "Wages"),
    "price": ("物价", "Prices"),
    "income": ("居民收入", "Household income"),
    "pension": ("企业职工养老保险", "Pension insurance of enterprise employees"),
    "civil": ("机关事业单位养老保险", "Pension insurance of civil staff"),
    "resident": ("城乡居民养老保险", "Resident pension insurance"),
    "indexing": ("待遇调整", "How pensions in payment rise"),
    "unemployment": ("失业保险", "Unemployment insurance"),
    "injury": ("工伤保险", "Work-injury insurance"),
    "response": ("行为反应", "How people respond to what contributions cost"),
    "fund": ("基金", "Funds"),
    "reserve": ("基金储备警戒线", "Warning limits of the funds' reserves"),
    "pooling": ("统筹调剂", "Pooling with the province and the nation"),
}
"""What each section is about, in Chinese and English."""


@cache
def tree() -> Tree:
    """Return the parameters nested as in a file."""
    root: Tree = {}
    for parameter in registry().values():
        place(root, parameter.location, parameter)
    return root


def place(root: dict[str, Any], location: tuple[str, ...], value: object) -> None:
    """Set a value in nested mappings; those that are missing are added."""
    *outer, last = location
    for part in outer:
        root = root.setdefault(part, {})
    root[last] = value
