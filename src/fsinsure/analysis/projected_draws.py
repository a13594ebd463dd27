"""Draws projected by the cohort engine, each from the base year that it closes.

Draws that cannot be projected are not errors: each keeps its first reason. Growth that asks for
more people than there are takes those there are; leaving such draws out would make all others look
more likely. Results do not depend on how many draws are projected together.

A draw with the central values is the single run, with the same bits. Draws that advance together
are summed in another order: they agree with single runs of their values to some 1e-14.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.analysis.sampling import drawn_parameters
from fsinsure.base_year.closure_draws import Bases, ClosedDraws, close_draws
from fsinsure.base_year.solved_draws import Refused
from fsinsure.checks import unfit
from fsinsure.engine import cohort
from fsinsure.engine.cohort import Counts
from fsinsure.measures import enrollment, groups, measures
from fsinsure.statuses import FUNDS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from fsinsure.analysis.sampling import Sample
    from fsinsure.arrays import Array, Flags, Ints
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.parameters import Parameters

FUND_ITEMS: Final = tuple((fund, item) for fund in FUNDS for item in ITEMS[fund])
"""The items of all funds, in the order in which flows of draws are kept."""

REASON: Final = "<U200"


@dataclass(frozen=True, eq=False)
class Draws:
    """What came of some draws.

    Parameters
    ----------
    reason
        Why a draw could not be projected ``[draw]``; empty of those that were.
    limited
        In which draws growth ended as nobody was left who could enter ``[draw]``.
    enrollment
        Persons ``[draw, measure, year, area]``, the base year first.
    residents
        All persons ``[draw, year]``.
    closing
        Yuan ``[draw, fund, year]`` at 31 December; no funds where only heads are counted.
    flows
        Yuan of the region ``[draw, item, year]`` of the projected years, items as
        :data:`FUND_ITEMS`; none where only heads are counted.
    """

    reason: NDArray[np.str_]
    limited: Flags
    enrollment: Array
    residents: Array
    closing: Array
    flows: Array

    @classmethod
    def empty(cls, parameters: Parameters, draws: int, *, money: bool) -> Draws:
        """Return arrays for the results of draws, to be written into."""
        years, areas = len(parameters.years), len(parameters.region.codes)
        funds, items = (len(FUNDS), len(FUND_ITEMS)) if money else (0, 0)
        return cls(
            np.full(draws, "", dtype=REASON),
            np.zeros(draws, dtype=bool),
            np.full((draws, len(measures()), years + 1, areas), np.nan),
            np.full((draws, years + 1), np.nan),
            np.full((draws, funds, years + 1), np.nan),
            np.full((draws, items, years), np.nan),
        )

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Draws:
        """Return the draws of :attr:`arrays`."""
        return cls(**arrays)

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        names = ("reason", "limited", "enrollment", "residents", "closing", "flows")
        return {name: getattr(self, name) for name in names}

    @property
    def projected(self) -> Flags:
        """Which draws were projected ``[draw]``."""
        return np.asarray(self.reason == "")

    def select(self, draws: slice | Ints | Flags) -> Draws:
        """Return some of the draws."""
        return Draws.of({name: one[draws] for name, one in self.arrays.items()})

    def counts(self, years: Ints) -> Counts:
        """Return what is kept as a stream of draws has it; `years` begin with the base year."""
        flows = dict(zip(FUND_ITEMS, np.moveaxis(self.flows, 1, 0), strict=True))
        people, closing = (np.moveaxis(one, 0, 1) for one in (self.enrollment, self.closing))
        return Counts(years, people, self.residents, self.limited, closing, flows)

    def put(self, rows: slice | Ints, part: Draws) -> None:
        """Write the results of some draws into their rows."""
        for name, own in part.arrays.items():
            self.arrays[name][rows] = own


def project_draws(
    parameters: Parameters, base: Base, drawn: Sample, draws: int, *, money: bool = True
) -> Draws:
    """Close and project some draws on this thread.

    Parameters
    ----------
    parameters, base
        Of the central values: held at the base year, and that base year.
    drawn
        The values of the draws.
    draws
        How many there are; each takes up the size of its base year, some 0.4 MB for five areas.
    money
        Whether to keep the books of the funds.
    """
    found, bases, refused = closed_draws(parameters, base, drawn, draws)
    whole = project_closed(found, bases, refused, money=money)
    single = np.flatnonzero(_central(parameters, drawn, draws))
    if len(single):
        _copy(whole, replace(parameters, limited=True), base, single, money=money)
    return whole


def project_closed(
    parameters: Parameters, bases: Bases, refused: Refused, *, money: bool = True
) -> Draws:
    """Project draws from their base years on this thread.

    Parameters
    ----------
    parameters, bases, refused
        As of :func:`closed_draws`.
    money
        Whether to keep the books of the funds.
    """
    draws = len(refused.closes)
    whole = Draws.empty(parameters, draws, money=money)
    for start in range(0, draws, cohort.BLOCK):
        rows = np.arange(start, min(start + cohort.BLOCK, draws))
        _advance(whole, parameters, bases, rows[refused.closes[rows]], money=money)
    for reason, where in refused.reasons.items():
        whole.reason[where] = reason
    return whole


def closed_draws(
    parameters: Parameters, base: Base, drawn: Sample, draws: int
) -> tuple[Parameters, Bases, Refused]:
    """Return parameters and base years of draws, and which draws are refused so far.

    Those that do not close have the base year of the central values. Arguments as of
    :func:`project_draws`.
    """
    found = drawn_parameters(parameters, drawn)
    refused = Refused(np.ones(draws, dtype=bool))
    for reason, where in unfit(found).items() if found.draws else ():
        refused.mark(reason.text("en"), where)
    return found, _bases(parameters, base, drawn, refused), refused


def _central(parameters: Parameters, drawn: Sample, draws: int) -> Flags:
    """Return the draws of which every value is the central one ``[draw]``."""
    same = np.ones(draws, dtype=bool)
    for name, values in drawn.values.items():
        own: Array | float = parameters.area_paths.get(name, 0.0)
        if name in parameters.scalars:
            own = parameters.number(name)
        elif name in parameters.paths:
            own = parameters.path(name)
        same &= (values == own).reshape(draws, -1).all(axis=-1)
    return same


def _copy(whole: Draws, parameters: Parameters, base: Base, rows: Ints, *, money: bool) -> None:
    """Write a single run into the rows of the draws that are one, with the same bits."""
    run = cohort.project(parameters, base)
    people, closing, flows = kept_of(run)
    whole.enrollment[rows], whole.residents[rows] = people, residents_of(run)
    whole.limited[rows] = any(law.short for law in run.laws)
    if money:
        whole.closing[rows], whole.flows[rows] = closing, flows


def residents_of(projection: Projection) -> Array:
    """Return all persons ``[year]``."""
    return np.asarray(projection.persons.sum(axis=(-4, -3, -2, -1)))


def kept_of(projection: Projection) -> tuple[Array, Array, Array]:
    """Return enrollment, closing balances and flows of a projection, as :class:`Draws` has them."""
    counts = {name: group.count(projection.persons) for name, group in groups().items()}
    books = projection.ledger
    flows = [
        books.interest[fund] if item == "interest" else books.flows[fund, item].sum(axis=-1)
        for fund, item in FUND_ITEMS
    ]
    closing = np.stack([books.closing[fund] for fund in FUNDS])
    return enrollment(counts, projection.coverage), closing, np.stack(flows)


def _bases(parameters: Parameters, base: Base, drawn: Sample, refused: Refused) -> Bases:
    """Return the base year of every draw.

    It is closed once for draws with the same values; draws of which all values are the central ones
    have the base year of a single run, with the same bits.
    """
    draws = len(refused.closes)
    rows, which, closed = _closed(parameters, drawn, refused)
    if closed is None:
        return _repeated(base, draws)
    fits = closed.closes[which]
    if len(rows) == draws == len(closed.bases.stock) and fits.all():  # no copy of what is large
        return Bases(closed.bases.stock, {}, closed.bases.coverage, {})
    place = (np.cumsum(closed.closes) - 1)[which[fits]]
    found = _repeated(base, draws)
    found.stock[rows[fits]] = closed.bases.stock[place]
    for name, share in closed.bases.coverage.items():
        found.coverage[name][rows[fits]] = share[place]
    return found


def _closed(
    parameters: Parameters, drawn: Sample, refused: Refused
) -> tuple[Ints, Ints, ClosedDraws | None]:
    """Close the base years that are not the central one, and mark the draws that do not close.

    Returns
    -------
    tuple
        The draws, the place of each among those that were closed, and these; None if none was.
    """
    central = [
        parameters.number(name) if name in parameters.scalars else parameters.path(name)[0]
        for name in drawn.base
    ]
    values = np.stack([*drawn.base.values()], axis=-1) if central else np.empty((0, 0))
    own = (values != central).any(axis=-1) & refused.closes if central else np.zeros(0, dtype=bool)
    rows = np.flatnonzero(own)
    if not len(rows):
        return rows, rows, None
    alone, which = np.unique(values[rows], axis=0, return_inverse=True)
    which = which.reshape(-1)
    if len(alone) == len(rows):  # in the order of the draws
        alone, which = values[rows], np.arange(len(rows))
    closed = close_draws(parameters, dict(zip(drawn.base, alone.T, strict=True)))
    for reason, where in closed.refused.items():
        refused.mark(reason, np.isin(np.arange(len(refused.closes)), rows[where[which]]))
    return rows, which, closed


def _repeated(base: Base, draws: int) -> Bases:
    """Return the same base year for every draw."""
    coverage = {name: np.full(draws, share) for name, share in base.coverage.items()}
    return Bases(np.repeat(base.stock[None], draws, axis=0), {}, coverage, {})


def _advance(
    whole: Draws, parameters: Parameters, bases: Bases, rows: Ints, *, money: bool
) -> None:
    """Project the draws of some rows, and write them there."""
    if not len(rows):
        return
    own = bases.select_draws(rows)
    chosen = parameters if parameters.draws is None else parameters.select_draws(rows)
    held = chosen.with_base_coverage(own.coverage)
    (counts,) = cohort.stream(held, own, money=money, block=len(rows))
    whole.limited[rows] = counts.limited
    whole.enrollment[rows] = np.moveaxis(counts.enrollment, 0, 1)
    whole.residents[rows] = counts.residents
    if counts.closing is not None:
        whole.closing[rows] = np.moveaxis(counts.closing, 0, 1)
        none = np.zeros((len(rows), len(parameters.years)))
        flows = [counts.flows.get(key, none) for key in FUND_ITEMS]
        whole.flows[rows] = np.stack(flows, axis=1)
