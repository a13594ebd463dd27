"""Every number and path may vary by draw: each draw is a single projection with its value."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import fsinsure as fs
from fsinsure import draws
from fsinsure.checks import prepare
from fsinsure.engine.cohort import project, stream
from fsinsure.measures import enrollment, groups
from fsinsure.parameters import GROWTH, Parameters, resolve
from fsinsure.paths import AreaPaths, YearPath
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS

SCENARIOS = {"foshan": "baseline", "china": "china", "example": "example"}
WAIVE = {"action": "waive", "from": "2022-02", "to": "2022-09"}
BUSY = {
    "horizon": 2023,
    "relief": [
        {**WAIVE, "insurance": "injury", "payer": "employer", "group": "small"},
        {**WAIVE, "insurance": "unemployment", "payer": "employee"},
        {
            **{"action": "defer", "from": "2021-10", "to": "2022-03", "group": "small"},
            **{"insurance": "pension.enterprise", "payer": "employer", "share": "50%"},
            "repay": {"from": "2022-07", "to": "2023-06"},
        },
    ],
    "retirement.early_share": 0.2,
    "retirement.late_share": 0.1,
    "transfer.land_expropriated": 0.02,
    "coverage.unemployment.flexible": 0.1,
    "response.employment": -0.2,
    "response.flexible": -0.1,
}
"""What a region may leave out: reliefs, flexible claims, the land subsidy, responses to costs."""

ENDS = ("low", "central", "high")
"""The draws."""

WITHOUT_RANGE = {
    "transfer.land_subsidy_years": (0.7, 1.0, 15.0),
    "response.employment": (0.0, -0.2, -0.4),
    "response.flexible": (0.0, -0.1, -0.3),
    "entry.flexible_dormant": (0.0, 1.0, 2.0),
}
"""Numbers without a range, and one that is zero in a draw."""
