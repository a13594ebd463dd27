"""What an engine returns: plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fsinsure.arrays import Array, Ints
from fsinsure.base_year.balances import opening_balances
from fsinsure.base_year.closure import Base
from fsinsure.base_year.closure_draws import Bases
from fsinsure.ledger import Book, Ledger, close
from fsinsure.parameters import Parameters
from fsinsure.region.region import Region
from fsinsure.state import Flow
from fsinsure.statuses import DEFICIT_SUBSIDY
from fsinsure.year.event import Transitions
from fsinsure.year.law import Law


@dataclass(frozen=True, eq=False)
class Projection:
    """What an engine returns.

    Parameters
    ----------
    years
        ``[year]``, the base year first.
    persons
        ``[year, status, area, sex, age]`` at 31 December.
    carried
        What they carry in all, ``[year, quantity, status, area]``: months, accounts (yuan),
        pensions in payment (yuan a month).
    flows
        The flows of each projected year, in order.
    coverage
        Share by coverage path name ``[year, area]``, the base year first; one area where all are
        alike.
    transitions
        The moves of every year, as probabilities.
    laws
        The law of each projected year.
    ledger
        The books of the funds, closed.
    stock
        ``[year, quantity, status, area, sex, age]``, what people carry by cell; None where
        persons were counted, which keep that to themselves.
    weight
        Persons that each simulated one stands for; None where nobody was simulated.
    rounding
        Published figures that follow from others, and how far each lies above what they give.
    """

    years: Ints
    persons: Array
    carried: Array
    flows: Mapping[int, tuple[Flow, ...]]
    coverage: Mapping[str, Array]
    transitions: Transitions
    laws: Sequence[Law]
    ledger: Ledger
    stock: Array | None = None
    weight: float | None = None
    rounding: Mapping[str, float] = field(default_factory=dict)

    @property
    def region(self) -> Region:
        """The region that was projected."""
        return self.laws[0].region


def close_books(parameters: Parameters, years: Ints, books: Sequence[Book]) -> Ledger:
    """Close the books on the opening balances of a scenario, at its interest."""
    paid = {fund: parameters.path(name) for fund, name in DEFICIT_SUBSIDY.items()}
    rate = parameters.path("fund.interest")
    return close(years, books, opening_balances(parameters), rate, paid)


def coverage_of(parameters: Parameters, base: Base | Bases) -> dict[str, Array]:
    """Return each coverage path ``[..., year, area]`` with its base-year share in front."""
    found = {}
    for name, share in base.coverage.items():
        path, first = parameters.by_area(name), np.asarray(share)[..., None, None]
        draws = np.broadcast_shapes(path.shape[:-2], first.shape[:-2])
        path = np.broadcast_to(path, (*draws, *path.shape[-2:]))
        first = np.broadcast_to(first, path[..., :1, :].shape)
        found[name] = np.concatenate([first, path], axis=-2)
    return found
