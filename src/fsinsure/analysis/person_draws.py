"""Draws simulated person by person: one run of the person engine each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.analysis.projected_draws import Draws, closed_draws, kept_of, residents_of
from fsinsure.base_year.closure import Base
from fsinsure.engine.identities import check
from fsinsure.microsim.compiled.dispatch import available
from fsinsure.microsim.parallel.executors import LOCAL
from fsinsure.microsim.simulate import simulate

if TYPE_CHECKING:
    from fsinsure.analysis.sampling import Sample
    from fsinsure.base_year.closure_draws import Bases
    from fsinsure.microsim.parallel.executors import Execution
    from fsinsure.parameters import Parameters


def simulate_draws(
    parameters: Parameters,
    base: Base,
    drawn: Sample,
    persons: int | None,
    seed: int,
    execution: Execution = LOCAL,
) -> Draws:
    """Close and simulate some draws, one after the other.

    Parameters
    ----------
    parameters, base
        Of the central values: held at the base year, and that base year.
    drawn
        The values of the draws, one or more of each.
    persons
        Number of persons of each draw; None for all.
    seed
        Of the first draw; each has its own.
    execution
        Where the persons of a draw run.
    """
    draws = max((len(one) for one in drawn.values.values()), default=1)
    found, bases, refused = closed_draws(parameters, base, drawn, draws)
    whole = Draws.empty(parameters, draws, money=True)
    accelerate = available()  # what is compiled is loaded once for all draws
    for row in np.flatnonzero(refused.closes):
        own = _base(bases, int(row))
        chosen = found if found.draws is None else found.select_draws(int(row))
        held = chosen.with_base_coverage(own.coverage)
        number = (seed + int(row)) % 2**64
        run = simulate(held, own, persons, number, execution, accelerate=accelerate)
        check(run.projection)
        whole.limited[row] = any(law.short for law in run.expected.laws)
        people, closing, flows = kept_of(run.projection)
        whole.residents[row] = residents_of(run.projection)
        whole.enrollment[row], whole.closing[row], whole.flows[row] = people, closing, flows
    for reason, where in refused.reasons.items():
        whole.reason[where] = reason
    return whole


def _base(bases: Bases, row: int) -> Base:
    """Return the base year of one of the draws."""
    coverage = {name: float(share[row]) for name, share in bases.coverage.items()}
    return Base(bases.stock[row], {}, coverage, {})
