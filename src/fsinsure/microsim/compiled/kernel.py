"""The loops of the person engine, compiled. Imports numba, which is an option.

Only :mod:`fsinsure.microsim.compiled.dispatch` imports this module, when it runs.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from numba.extending import register_jitable

from fsinsure.microsim import histograms
from fsinsure.microsim.compiled import loops
from fsinsure.microsim.compiled.philox import njit_cached
from fsinsure.rules.indexation import three_part
from fsinsure.rules.pension import (
    account_pension,
    basic_pension,
    civil_pension,
    employee_pension,
    transitional_pension,
)
from fsinsure.rules.resident import resident_pension
from fsinsure.rules.retirement import vested
from fsinsure.rules.unemployment import benefit_months, carried_months

RULES: Final = (
    *(three_part, vested, benefit_months, carried_months),
    *(civil_pension, resident_pension, employee_pension),
    *(basic_pension, account_pension, transitional_pension),
)
"""Rules that persons apply, and those that these call."""

_NUMBERS: Final = {"fastmath": False, "error_model": "numpy"}
"""Arithmetic as numpy does it: nothing reordered or fused."""

for rule in RULES:
    register_jitable(forceinline=True, **_NUMBERS)(rule)
for step in (histograms.code_of, histograms.bin_of, histograms.note, *loops.STEPS, loops.live_year):
    register_jitable(**_NUMBERS)(step)


def _fingerprint() -> int:
    """Return a number that changes with every source that may be compiled in.

    numba looks at the time stamp of this file only; a changed rule must not use an old kernel.
    """
    here = Path(__file__).parents[2]
    sources = (*here.glob("microsim/**/*.py"), *here.glob("rules/*.py"))
    seen = hashlib.sha256()
    for path in sorted((*sources, here / "dims.py", here / "state.py")):
        seen.update(path.read_bytes())
    return int.from_bytes(seen.digest()[:7], "little")


def _build(fingerprint: int) -> Any:
    live = loops.live_year

    def live_year(body: Any, word: Any, entry: int, walkers: Any, year: Any, sums: Any) -> int:
        # A number that is used is part of what the cache on disk is looked up by.
        return live(body, word, entry, walkers, year, sums) + 0 * fingerprint

    return njit_cached(live_year, **_NUMBERS)


live_year = _build(_fingerprint())
