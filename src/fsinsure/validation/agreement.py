"""Cross-engine validation: every cell, move and item of persons against the cohort engine.

The figures of persons are compared with what the cohort engine expects of the same persons
(:mod:`fsinsure.validation.moments`, :mod:`fsinsure.validation.expected_books`), in standard
deviations of the sampling error. One bound holds for all figures together: if both engines follow
the same rules, a run passes with a probability of at least one less :data:`FAMILY`. What is not
linear (vesting, the pension at award) is not sampling error; its gap is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fsinsure.arrays import Array
from fsinsure.dims import AGE_GROUPS, AGES, MONTHS, SEXES
from fsinsure.engine.projection import Projection
from fsinsure.ledger import SHORTFALL
from fsinsure.microsim.simulate import Simulation
from fsinsure.parameters import Parameters
from fsinsure.region.region import Region
from fsinsure.state import Inflow
from fsinsure.statuses import FUNDS, ITEMS, STATUSES
from fsinsure.tables import add_levels, with_total
from fsinsure.validation.expected_books import Books, Carried, carried_by, replay
from fsinsure.validation.moments import Counts, Moved, Year, counts, expected_years
from fsinsure.validation.sampling_variance import SamplingVariance, Variances, dispersion
from fsinsure.year.event import Transitions

Axes = Mapping[str, Sequence[object]]
Columns = dict[str, NDArray[Any]]

FAMILY: Final = 1e-3
"""Probability that chance alone takes any of the figures past the bound, at most."""

ANNUITY: Final = 0.02
"""Relative standard deviation of the annuity divisor within a year of age: ages are spread evenly
over a year, in which it falls by 5 to 7 %."""

HALF_A_FEN: Final = 0.005

WHOLE: Final = 1.0 / 6.0
"""Variance of a whole number that follows an expected one, cumulated: two ends, each rounded."""

ROUNDING: Final = 1e-9
"""Relative: figures without sampling error must be equal up to this."""

BY_AGE: Final = ("civil_retiree", "resident_pensioner")
BY_MONTHS: Final = ("retiree", "not_insured")
"""Where retirement leads if age alone decides, and if own months do too."""

TEXTS: Final = ("kind", "year", "area", "sex", "age_group", "subject")
COLUMNS: Final = (*TEXTS, "persons", "expected", "deviation", "score")
BANDS: Final = np.arange(0, AGES, 5)
ALL: Final = "all"


def score(difference: Array, variance: Array, max_contribution: Array | float = 1.0) -> Array:
    """Return how unlikely a difference is: the same scale for rare events and for common ones.

    Bennett's inequality bounds the probability of a difference of at least `x` in a sum of
    independent steps of at most `max_contribution` and a total `variance`: ``exp(-s^2 / 2)`` with
    the score ``s = sqrt(2 V h(x / V)), h(u) = (1 + u) ln(1 + u) - u``, both in units of the largest
    step. Where the variance is large, the score is the number of standard deviations.

    >>> [round(float(score(np.array(x), np.array(v))), 2) for x, v in ((300, 1e4), (3, 1e-3))]
    [2.99, 6.49]
    """
    steps = np.abs(difference) / max_contribution
    # Small enough to be certainty, and large enough for its inverse to be squared.
    var = np.maximum(variance / np.square(max_contribution), 1e-100)
    ratio = steps / var
    # For small ratios the difference below loses its digits: h(u) is u^2 / 2 there.
    exact = (1.0 + ratio) * np.log1p(ratio) - ratio
    h = np.where(ratio < 1e-4, np.minimum(ratio, 1e-4) ** 2 / 2.0, exact)
    return np.asarray(np.sign(difference) * np.sqrt(2.0 * var * h))


def bound(figures: int) -> float:
    """Return the score that none of so many figures passes by chance, with probability 1 - 0.001.

    >>> round(bound(40_000), 2)
    6.03
    """
    return float(np.sqrt(2.0 * np.log(2.0 * max(figures, 1) / FAMILY)))


@dataclass(frozen=True, eq=False)
class Agreement:
    """How persons compare with what the cohort engine expects of them.

    Parameters
    ----------
    table
        One row a figure: kind (``stock``, ``move``, ``inflow``, ``retirement``, ``ledger``,
        ``months``, ``award``), year, level (``total`` or ``area``), area, sex, age_group,
        subject (a status, a move, a fund and item), persons, expected, deviation
        (standard), score.
    gaps
        What is not linear: year, subject, persons, cohort, gap (relative).
    """

    table: pd.DataFrame
    gaps: pd.DataFrame

    def __repr__(self) -> str:
        """Show the verdict, not the tables."""
        verdict = "passed" if self.passed else f"{len(self.failed):,} figures failed"
        worst = self.table["score"].abs().max()
        return (
            f"<Agreement: {verdict}; {len(self.table):,} figures, the worst scores {worst:.2f}, "
            f"the bound is {self.bound:.2f}>"
        )

    @property
    def bound(self) -> float:
        """The score that no figure may exceed."""
        return bound(len(self.table))

    @property
    def failed(self) -> pd.DataFrame:
        """The figures past the bound, the worst first."""
        size = self.table["score"].abs()
        return self.table[~(size <= self.bound)].sort_values(
            "score", key=lambda s: -s.abs(), kind="stable"
        )

    @property
    def passed(self) -> bool:
        """Whether no figure is past the bound, something having been compared."""
        return len(self.table) > 0 and self.failed.empty

    @property
    def verdict(self) -> dict[str, float]:
        """How many figures there are, how far the worst is off, the bound, how many are past it."""
        return {
            "figures": len(self.table),
            "failed": len(self.failed),
            "worst": round(float(self.table["score"].abs().max()), 4),
            "bound": round(self.bound, 4),
        }


def agree(simulation: Simulation, parameters: Parameters) -> Agreement:
    """Compare the persons of a run with the cohort engine.

    Parameters
    ----------
    simulation
        The persons, counted.
    parameters
        Of the run.
    """
    projection, weight = simulation.projection, 1.0 / simulation.plan.scale
    stock = simulation.expected.stock
    assert stock is not None  # the cohort engine knows what people of a cell carry
    carried = {
        year: carried_by(sums, simulation.plan.code, year, weight)
        for year, sums in simulation.counters.items()
    }
    return compare(projection, parameters, stock[0], carried, weight)


def compare(
    projection: Projection,
    parameters: Parameters,
    base: Array,
    carried: Mapping[int, Carried],
    weight: float,
) -> Agreement:
    """Compare persons with the cohort engine.

    Parameters
    ----------
    projection
        Of the persons, with the transitions and laws that they were given.
    parameters
        Of the run.
    base
        The cohort engine's base year ``[quantity, status, area, sex, age]``.
    carried
        What persons carried who retired in each year, and what they were awarded.
    weight
        How many people a person stands for.
    """
    persons = counts(projection.persons, projection.flows, weight)
    region = projection.region
    by_cell: Axes = {"area": region.codes, "sex": SEXES, "age_group": AGE_GROUPS}
    parts: list[Columns] = []
    gaps: list[pd.DataFrame] = []
    moves: dict[str, list[Moved]] = {}
    sampling = SamplingVariance(dispersion(parameters), weight, len(region.areas))
    parts.extend(_start(by_cell, region.base_year, base[0] / weight, persons.heads[0]))
    parts.extend(_inflows(region, projection.transitions, persons, weight))
    books = replay(base, projection.transitions, projection.laws, persons, carried, weight)
    by_year = expected_years(projection.transitions, persons)
    for index, (expected, book) in enumerate(zip(by_year, books, strict=True), start=1):
        parts.extend(_stocks(by_cell, region.name, expected, persons.heads[index]))
        parts.extend(_moves(by_cell, expected.year, expected.moves))
        parts.extend(_ledger(projection, index - 1, book, sampling.year(expected, book)))
        parts.extend(_months(projection, index, book, sampling.months(expected, book)))
        parts.extend(_awards(region, book, sampling))
        gaps.append(_gaps(expected, book))
        for moved in expected.moves:
            if not moved.individually_determined:
                moves.setdefault(moved.name, []).append(moved)
    last, gap = int(projection.years[-1]), pd.concat(gaps, ignore_index=True)
    parts.extend(_all_years(region, last, moves))
    parts.extend(_retirement(region, last, gap))
    return Agreement(add_levels(_table(parts), region), gap)


def _rows(
    kind: str,
    year: int,
    axes: Axes,
    cells: Sequence[Array],
    max_contribution: float = 1.0,
    margin: float = 0.0,
) -> Columns:
    """Build columns from persons, expected and variance; cells that nobody can be in are left out.

    The score is of what goes beyond the margin, a share of the expected.
    """
    axes = {"year": [year], **axes}
    shape = tuple(len(values) for values in axes.values())
    persons, expected, variance = (
        (one if one.shape == shape else np.broadcast_to(one, shape)).ravel() for one in cells
    )
    some = np.flatnonzero((persons != 0) | (expected != 0))
    persons, expected, variance = persons[some], expected[some], variance[some]
    off = persons - expected
    equal = np.abs(off) <= ROUNDING * np.maximum(np.abs(expected), 1.0)
    columns: Columns = {
        name: np.full(len(some), kind if name == "kind" else ALL, dtype=object)
        for name in TEXTS
        if name not in axes
    }
    for (name, values), at in zip(axes.items(), np.unravel_index(some, shape), strict=True):
        columns[name] = np.array(values, dtype=object)[at]
    columns["persons"], columns["expected"] = persons, expected
    columns["deviation"] = np.sqrt(variance)
    beyond = np.sign(off) * np.maximum(np.abs(off) - margin * expected, 0.0)
    columns["score"] = np.where(equal, 0.0, score(beyond, variance, max_contribution or 1.0))
    return columns


def _table(parts: Sequence[Columns]) -> pd.DataFrame:
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in COLUMNS})


def _banded(cells: Array) -> Array:
    """Sum ``[area, sex, age, ...]`` to five-year groups."""
    return np.asarray(np.add.reduceat(cells, BANDS, axis=2))


def _stocks(by_cell: Axes, total: str, expected: Year, heads: Array) -> Iterator[Columns]:
    """Compare people of each status at 31 December: by cell, and in all the region."""
    own = np.einsum("dsaii->dsai", expected.covariance[-1])
    cells = [np.moveaxis(heads, 0, -1), expected.mean[-1], np.maximum(own, 0.0)]
    banded = [_banded(one) for one in cells]
    yield _rows("stock", expected.year, {**by_cell, "subject": STATUSES}, banded)
    axes: Axes = {"area": [total], "subject": STATUSES}
    yield _rows("stock", expected.year, axes, [one.sum(axis=(0, 1, 2)) for one in cells])


def _start(by_cell: Axes, year: int, base: Array, heads: Array) -> Iterator[Columns]:
    """Compare the persons of the base year: whole numbers that follow the cohort's."""
    cells = [_banded(np.moveaxis(one, 0, -1)) for one in (heads, base)]
    yield _rows("stock", year, {**by_cell, "subject": STATUSES}, [*cells, np.array(WHOLE)])


def _inflows(
    region: Region, transitions: Transitions, persons: Counts, weight: float
) -> Iterator[Columns]:
    """Compare births and arrivals: whole numbers that follow the cohort's."""
    for year, events in transitions.by_year.items():
        moves = [(event.name, move) for event, made in events for move in made]
        for (name, move), heads in zip(moves, persons.flows[year], strict=True):
            if isinstance(move, Inflow):
                expected = np.zeros(heads.shape)
                expected[..., move.ages] = move.persons / weight
                subject = f"{name}: {move.source} to {move.target}"
                axes: Axes = {"subject": [subject], "area": region.codes, "sex": SEXES}
                cells = [one.sum(axis=-1) for one in (heads, expected)]
                yield _rows("inflow", year, axes, [*cells, np.array(WHOLE)])


def _moves(by_cell: Axes, year: int, moves: Iterable[Moved]) -> Iterator[Columns]:
    """Compare each move with its probability: by cell."""
    for moved in moves:
        if not moved.individually_determined:
            cells = [_banded(one) for one in (moved.heads, moved.mean, moved.variance)]
            yield _rows("move", year, {"subject": [moved.name], **by_cell}, cells)


def _all_years(region: Region, last: int, moves: Mapping[str, list[Moved]]) -> Iterator[Columns]:
    """Compare each move over all years, in each area and the region: the sharpest figures."""
    for name, yearly in moves.items():
        cells = [
            with_total(np.sum([one.sum(axis=(1, 2)) for one in cells], axis=0))
            for cells in zip(*((m.heads, m.mean, m.variance) for m in yearly), strict=True)
        ]
        axes: Axes = {"subject": [f"{name}, all years"], "area": region.places}
        yield _rows("move", last, axes, cells)


def margin(target: str, years: int) -> float:
    """Return how far retirement over some years may be from the cohort engine's, besides chance.

    Where own months decide it is not linear: an assumption of about twice what was measured
    (docs/model.md).

    >>> [round(margin("retiree", years), 3) for years in (1, 5, 15, 80)], margin("civil_retiree", 5)
    ([0.05, 0.05, 0.1, 0.15], 0.01)
    """
    if target in BY_AGE:
        return 0.01
    return min(0.05 + 0.005 * max(years - 5, 0), 0.15)


def _retirement(region: Region, last: int, gaps: pd.DataFrame) -> Iterator[Columns]:
    """Compare retirements over all years with the cohort engine, within a margin."""
    years = gaps["year"].nunique()
    for target in (*BY_MONTHS, *BY_AGE):
        subject = f"retirement to {target}"
        both = gaps.loc[gaps["subject"] == subject, ["persons", "cohort"]].sum()
        axes: Axes = {"subject": [subject], "area": [region.name]}
        cells = [np.full((1, 1, 1), float(both[name])) for name in ("persons", "cohort", "cohort")]
        yield _rows("retirement", last, axes, cells, margin=margin(target, years))


def _ledger(
    projection: Projection, index: int, books: Books, sampling: Variances
) -> Iterator[Columns]:
    """Compare income, outgo and memos of each fund."""
    for fund in FUNDS:
        for item in ITEMS[fund]:
            if item in ("interest", "new_pensions", SHORTFALL):
                continue
            observed = projection.ledger.flows[fund, item][index]
            expected = np.broadcast_to(books.book.sum(fund, (item,)), observed.shape)
            cells = [with_total(one) for one in (observed, expected, sampling.variance[fund, item])]
            axes: Axes = {"subject": [f"{fund} {item}"], "area": projection.region.places}
            most = sampling.max_contribution[fund, item]
            yield _rows("ledger", books.law.year, axes, cells, most)


def _months(
    projection: Projection, index: int, books: Books, sampling: tuple[Array, float]
) -> Iterator[Columns]:
    """Compare the contribution months that people of each status have."""
    variance, most = sampling
    expected = books.stock[-1, MONTHS].sum(axis=(-2, -1))
    cells = [with_total(one) for one in (projection.carried[index, 0], expected, variance)]
    axes: Axes = {"subject": STATUSES, "area": projection.region.places}
    yield _rows("months", books.law.year, axes, cells, most)


def _awards(region: Region, books: Books, sampling: SamplingVariance) -> Iterator[Columns]:
    """Compare the pensions that begin with the formula, given months, accounts and ages."""
    within, weight = sampling.within, sampling.weight
    for status, one in books.awards.items():
        by_index = within.base * (1.0 + within.pension) * one.index
        variance = weight * (by_index + ANNUITY**2 * (1.0 + within.account) * one.account)
        # Each award is rounded to a whole fen, all of a kind perhaps the same way.
        variance = variance + (one.heads * HALF_A_FEN) ** 2
        cells = [with_total(part) for part in (one.persons, one.expected, variance)]
        # Where nobody retires, rounding may leave a sum just below 0.
        mean = float(max(one.expected.sum(), 0.0) / max(one.heads.sum(), weight))
        axes: Axes = {"subject": [status], "area": region.places}
        yield _rows("award", books.law.year, axes, cells, weight * mean)


def _gaps(expected: Year, books: Books) -> pd.DataFrame:
    """Measure what is not linear, in the region."""
    rows = [*_reached(expected), *books.gaps]
    table = pd.DataFrame(rows, columns=["subject", "persons", "cohort"])
    table.insert(0, "year", expected.year)
    share = table["persons"] / table["cohort"].where(table["cohort"] != 0)
    return table.assign(gap=share - 1.0)


def _reached(expected: Year) -> Iterator[tuple[str, float, float]]:
    """Yield retirements and accounts taken, against the shares of the cohort engine."""
    totals: dict[str, Array] = {}
    for moved in expected.moves:
        if moved.individually_determined:
            pair = np.array([moved.heads.sum(), moved.mean.sum()])
            totals[moved.target] = totals.get(moved.target, np.zeros(2)) + pair
    for target, (persons, cohort) in totals.items():
        yield f"retirement to {target}", float(persons), float(cohort)
