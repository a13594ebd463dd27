"""The person engine, compiled: the twin of :mod:`fsinsure.microsim.blocks` with the same bits.

numba is an option (``pip install "fsinsure[fast]"``), imported when it is used.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError
from fsinsure.microsim import blocks
from fsinsure.microsim.blocks import Engine
from fsinsure.microsim.compiled.layout import persons_of, tables
from fsinsure.microsim.compiled.synthesized import Synthesized, nobody_yet, source_of
from fsinsure.microsim.tables import ByYears

if TYPE_CHECKING:
    from fsinsure.microsim.block import Block
    from fsinsure.microsim.blocks import Lives, Run, Watch
    from fsinsure.microsim.synthesis import Group, Traits
    from fsinsure.state import People


def available() -> bool:
    """Return whether numba is installed; one that is there but broken raises when it is used."""
    return find_spec("numba") is not None


def loaded() -> bool:
    """Return whether the compiled loops are loaded, which takes half a second."""
    return f"{__package__}.kernel" in sys.modules


def select_engine(accelerate: bool | None) -> Engine:
    """Return the engine to use: :data:`COMPILED`, or that of :mod:`fsinsure.microsim.blocks`.

    Parameters
    ----------
    accelerate
        Whether to use compiled loops; None where numba is installed.

    Raises
    ------
    InputError
        If `accelerate` is True, and numba is not installed.
    """
    if accelerate and not available():
        raise InputError(
            "accelerate=True needs numba, which is not installed: pip install 'fsinsure[fast]', "
            "or in a checkout pip install -e '.[fast]'; or leave accelerate out: the results are "
            "the same, but take longer"
        )
    compiled = accelerate or (accelerate is None and available())
    return COMPILED if compiled else blocks.ARRAYS


all_tables: Final = ByYears(tables)
"""The tables of all years for compiled loops."""


def live_years(block: Block, lives: Lives, run: Run, watch: Watch | None = None) -> None:
    """Simulate a block by compiled loops, as :func:`fsinsure.microsim.blocks.live_years`.

    Those who enter later are in their cells before, so a block that is watched has one entry.
    """
    assert watch is None or len(lives.entries) == 1
    from fsinsure.microsim.compiled import kernel

    years, counters = run.years, run.counters
    seed, known = np.uint64(run.seed), all_tables(years)
    year, step, people = np.array(lives.entries).T
    number = np.repeat(np.arange(len(people)), people).take(block.index)
    for k, entry in enumerate(lives.entries):
        if years[entry.year].opening.months.any():  # else they are stored as they are
            block.enter(np.flatnonzero(number == k), years[entry.year].opening)
    ids = lives.ids.take(block.index)
    persons = persons_of(block, ids, year.take(number), step.take(number))
    first = min(year)
    for end in [len(years)] if watch is None else range(first + 1, len(years) + 1):
        kernel.live(persons, (first, end), seed, known, counters)
        first = end
        if watch is not None:
            watch(years[end - 1], block)
    kernel.record_pensions(persons, known, counters)


def synthesize(group: Group, traits: Traits, first: int, count: int) -> People:
    """Synthesize persons, as :func:`fsinsure.microsim.synthesis.synthesize`."""
    from fsinsure.microsim.compiled import kernel

    people, position = nobody_yet(group, count), first - group.first
    others = (getattr(people, name) for name in Synthesized._fields[1:])
    made = Synthesized(np.empty(count, np.uint32), *others)
    at = int(np.searchsorted(group.ends, position, side="right"))
    kernel.synthesize(made, source_of(group, traits), position, at)
    people.cell = made.cell.astype(group.cell.dtype)
    return people


COMPILED: Final = Engine(synthesize, live_years, "C")
