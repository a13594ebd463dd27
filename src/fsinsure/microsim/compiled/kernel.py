"""The loops of the person engine, compiled. Imports numba, which is an option.

Only :mod:`fsinsure.microsim.compiled.dispatch` imports this module, when it runs.
"""

from __future__ import annotations

import hashlib
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from numba.extending import overload, register_jitable

from fsinsure.microsim import growth, histograms, randomness, synthesis
from fsinsure.microsim.compiled import loops, person, synthesized
from fsinsure.microsim.compiled.philox import fill_block, lanes_within, njit_cached
from fsinsure.microsim.person_rules import RULES, chosen
from fsinsure.rules import formula
from fsinsure.rules.indexation import three_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def called(functions: Iterable[Any]) -> dict[str, Any]:
    """Return functions of the library and all that they call, each after what it calls."""
    found: dict[str, Any] = {}
    for function in functions:
        known = formula(function).__globals__
        inner = [known[name] for name in formula(function).__code__.co_names if name in known]
        found |= called(
            one for one in inner if isfunction(one) and one.__module__.startswith("fsinsure.rules.")
        )
        found[f"{function.__module__}.{function.__name__}"] = function
    return found


_NUMBERS: Final = {"fastmath": False, "error_model": "numpy"}
"""Arithmetic as numpy does it: nothing reordered or fused."""

_BORROWED: Final = {"_nrt": False}
"""Loops allocate nothing and keep no array, so that no access to one counts references: that would
cost ten times the work of a person."""


LOOPS: Final = (loops.live, loops.record_pensions, synthesized.synthesize)


def _register(rule: Callable[..., Any]) -> None:
    """Compile the formula of a rule where the loops call the rule, or another formula this one."""
    options, bare = {"forceinline": True, **_NUMBERS, **_BORROWED}, formula(rule)
    register_jitable(**options)(bare)
    if bare is not rule:
        overload(rule, jit_options=options, strict=False)(lambda *_, **__: bare)


def _choose(condition: Any, one: Any, other: Any) -> Any:
    # Of numbers np.where makes arrays, which takes longer than the rest of an award.
    return one if condition else other


overload(chosen, jit_options={"forceinline": True, **_BORROWED}, strict=False)(lambda *_: _choose)
for slow, fast in ((randomness.fill_block, fill_block), (randomness.lanes_within, lanes_within)):
    overload(slow, jit_options={"forceinline": True, **_BORROWED}, strict=False)(
        lambda *_, fast=fast: fast
    )
for rule in called((three_part, *RULES)).values():
    _register(rule)
COUNTS: Final = (histograms.bin_of, histograms.record_person)
CALLED: Final[tuple[Any, ...]] = (*COUNTS, *person.RARE, *LOOPS)
INLINE: Final[tuple[Any, ...]] = (
    randomness.lower_bits,
    randomness.uniform,
    *growth.AMOUNTS,
    *synthesis.RULES,
    *synthesized.STEPS,
    *person.STEPS,
    *loops.STEPS,
)
"""What nearly every mover needs: a call would copy the tuples of tables, some kilobytes."""
for step in CALLED:
    register_jitable(**_NUMBERS, **_BORROWED)(step)
for step in INLINE:
    register_jitable(forceinline=True, **_NUMBERS, **_BORROWED)(step)


def _fingerprint() -> int:
    """Return a number that changes with every source that may be compiled in.

    numba looks at the time stamp of this file only; a changed rule must not use an old kernel.
    """
    here = Path(__file__).parents[2]
    patterns = (
        "microsim/**/*.py",
        "rules/*.py",
        "numeric/sobol.py",
        "dims.py",
        "state.py",
        "statuses.py",
        "data/statuses.csv",
    )
    seen = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in here.glob(pattern)):
        seen.update(path.read_bytes())
    return int.from_bytes(seen.digest()[:7], "little")


def _build(loop: Any, fingerprint: int) -> Any:
    def run(*arguments: Any) -> Any:
        # A number that is used is part of what the cache on disk is looked up by: loops return one.
        return loop(*arguments) + 0 * fingerprint

    return njit_cached(run, **_NUMBERS, **_BORROWED)


live, record_pensions, synthesize = (_build(loop, _fingerprint()) for loop in LOOPS)
