"""The equations that close a base year, from ``data/closure.csv`` and the coverage matrix.

A row of the table is a sum of terms: an expression such as ``employee + base.share * flexible``,
each term a product of numbers, figures, assumptions and at most one group of people. Its kind is

share
    The base-year share of a coverage path is the number in ``equals``.
sum
    A name for a sum of people, for use in other rows.
figure, assumption
    ``people`` equals ``equals``, or the value of the name where that is blank. ``{group}`` stands
    for each of the unknowns.

Each published ``enrollment.<measure>`` is the sum of coverage times people, as the coverage
matrix says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import prod
from typing import NamedTuple, Protocol, TypeVar, cast

from fsinsure.arrays import Array
from fsinsure.base_year.equations import Equation, Solution, Use, solve
from fsinsure.base_year.refusals import Vector
from fsinsure.dims import AGES
from fsinsure.errors import ClosureError, DataError
from fsinsure.measures import entries, groups, measures
from fsinsure.messages import EMPTY, Message, both
from fsinsure.sources import counts, package_records
from fsinsure.statuses import OUTSIDE, STATUSES
from fsinsure.tabular import Record
from fsinsure.units import show, shown

KINDS = ("share", "sum", "figure", "assumption")
PLACEHOLDER = Fraction(3, 7)
"""Stands for a number that is not given, to see whether its equation would determine more."""
Amount = TypeVar("Amount", float, Array)
"""People: a number, or one for each draw."""
Factors = Sequence[tuple[str, Fraction]]
"""Numbers of a product, each with its name if it is an assumption."""
_SIGNED_TERM = re.compile(r"([+-]?)\s*([^+\s-][^+-]*)")


class Figure(Protocol):
    """A published figure: what is needed of :class:`fsinsure.sources.Figure`."""

    @property
    def value(self) -> Decimal:
        """The value as published."""

    @property
    def unit(self) -> str:
        """Its unit, as published."""

    @property
    def source(self) -> str:
        """Its source."""

    @property
    def amount(self) -> float:
        """The value in base units."""

    @property
    def half_unit(self) -> float:
        """Half a unit of the last digit published."""


@dataclass(frozen=True)
class Known:
    """What is given: figures by name, and assumptions by name; None is not given."""

    figures: Mapping[str, Figure | None]
    assumptions: Mapping[str, float | None]

    def value(self, name: str) -> Fraction | None:
        """Return a number that is given, exact in decimal."""
        figure = self.figures.get(name)
        number = self.assumptions.get(name) if figure is None else figure.amount
        return None if number is None else Fraction(repr(float(number)))


@dataclass
class _Sum:
    """The sum of some terms: weights of people, a number, and the assumptions that set them."""

    weights: Vector = field(default_factory=dict)
    number: Fraction = Fraction(0)
    slopes: dict[str, Vector] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)

    def add(self, expression: str, known: Known, outer: tuple[str, ...] = ()) -> _Sum:
        """Add an expression times some factors."""
        for people, factors in terms(expression, outer):
            self._add_term(people, [self._factor(name, known) for name in factors])
        return self

    def _add_term(self, people: str, factors: Factors) -> None:
        values = [value for _, value in factors]
        if not people:
            self.number += prod(values, start=Fraction(1))
            return
        _add(self.weights, people, prod(values, start=Fraction(1)))
        for index, (assumption, _) in enumerate(factors):
            if assumption:
                others = values[:index] + values[index + 1 :]
                slope = self.slopes.setdefault(assumption, {})
                _add(slope, people, prod(others, start=Fraction(1)))

    def _factor(self, name: str, known: Known) -> tuple[str, Fraction]:
        """Return a number, with its name if it is an assumption."""
        if is_number(name):
            return "", Fraction(name)
        value = known.value(name)
        if value is None:
            self.missing[name] = None
            return "", PLACEHOLDER
        return "" if known.figures.get(name) else name, value


@cache
def terms(expression: str, outer: tuple[str, ...] = ()) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the terms of an expression times some factors: the group of people, and the factors.

    Sums are replaced by what they add up, and shares by what they equal. A factor is a number, or
    the name of a figure or assumption; the group is empty where a term is a number.
    """
    found: list[tuple[str, tuple[str, ...]]] = []
    for sign, term in _SIGNED_TERM.findall(expression):
        factors, people = (*outer, f"{sign}1"), ""
        for name in map(str.strip, term.split("*")):
            if name in _sums() or name in unknowns():
                people = name
            else:
                factors = (*factors, _shares().get(name, name))
        found += terms(_sums()[people], factors) if people in _sums() else [(people, factors)]
    return tuple(found)


def is_number(factor: str) -> bool:
    """Return whether a factor of :func:`terms` is a number, not a name."""
    return factor.lstrip("+-")[0].isdigit()


def _add(vector: Vector, name: str, amount: Fraction) -> None:
    vector[name] = vector.get(name, Fraction(0)) + amount


@cache
def unknowns() -> tuple[str, ...]:
    """Return what is solved for: the insured statuses, then groups that are part of a status."""
    return (*(name for name in STATUSES if name != OUTSIDE), *partial_groups())


@cache
def partial_groups() -> dict[str, str]:
    """Return the coverage path of each group that is part of a status, by group.

    The people whom the path counts are solved for; their share of the group follows.
    """
    found: dict[str, str] = {}
    for entry in entries():
        if groups()[entry.group].parts == ((entry.group, 0, AGES - 1),):
            continue
        if not entry.parameter or found.setdefault(entry.group, entry.parameter) != entry.parameter:
            raise DataError(
                "coverage.csv counts {group}, which is part of a status, in {measure}: give it "
                "one path, {get}",
                group=entry.group,
                measure=entry.measure,
                get=(found.get(entry.group) or Message("path")),
            )
    return found


class Stated(NamedTuple):
    """A row of the table for one group: what an equation states, as text."""

    name: str
    kind: str
    people: str
    equals: str
    meaning: Message
    pattern: str


def stated(known: Known) -> list[Stated]:
    """Return every equation in order: figures as they are given, other figures, assumptions."""
    rows = [
        Stated(
            f"enrollment.{measure}",
            "figure",
            _counted(measure),
            "",
            Message("enrollment in {measure}", measure=measure),
            "",
        )
        for measure in measures()
    ]
    for row in _rows():
        for group in unknowns() if "{group}" in row["equation"] else ("",):
            cells = (row[column] for column in ("equation", "kind", "people", "equals", "zh", "en"))
            name, kind, *texts = (cell.replace("{group}", group) for cell in cells)
            people, equals, *meaning = texts
            pattern = row["equation"] if group else ""
            rows.append(Stated(name, kind, people, equals, both(*meaning), pattern))
    found = [row for row in rows if row.kind in ("figure", "assumption")]
    rank = {name: position for position, name in enumerate(known.figures)}
    return sorted(found, key=lambda one: (one.kind != "figure", rank.get(one.name, len(rank))))


def base_equations(known: Known) -> list[Equation]:
    """Return every equation, in the order of :func:`stated`."""
    return [_equation(known, *row) for row in stated(known)]


def solve_base(known: Known) -> Solution:
    """Solve for the people of every unknown; errors as of :func:`equations.solve`."""
    return solve(unknowns(), base_equations(known))


def share_expressions() -> Mapping[str, str]:
    """Return what the base-year share of each coverage path of a whole status equals."""
    return _shares()


def base_shares(known: Known) -> dict[str, float]:
    """Return the base-year share of each coverage path of a whole status.

    Raises
    ------
    ClosureError
        If an assumption that sets one is not given.
    """
    shares = {}
    for path, text in _shares().items():
        found = _Sum().add(text, known)
        if found.missing:
            raise ClosureError(
                "{path} of the base year is not known. Give {text}.", path=path, text=text
            )
        shares[path] = float(found.number)
    return shares


def total(name: str, people: Mapping[str, Amount]) -> Amount:
    """Return the people of a sum of the table, such as ``injury_only``."""
    weights = _Sum().add(name, Known({}, {})).weights
    return cast("Amount", sum(float(weight) * people[group] for group, weight in weights.items()))


def _equation(
    known: Known, name: str, kind: str, people: str, equals: str, meaning: Message, pattern: str
) -> Equation:
    found = _Sum().add(people, known)
    published = kind == "figure"
    figure = known.figures.get(name) if published else None
    if equals:
        found.add(equals, known, ("-1",))
        value = -found.number
    else:
        given = known.value(name)
        value = Fraction(0) if given is None else given
        found.missing |= {name: None} if given is None else {}
    if figure:
        text = _published(figure)
    else:
        text = EMPTY if equals or name in found.missing else shown(float(value), "persons")
    return Equation(
        name=name,
        published=published,
        weights=found.weights,
        value=value,
        half_unit=Fraction(repr(figure.half_unit)) if figure else Fraction(0),
        text=text,
        uses={use: _use(use, slopes, known) for use, slopes in found.slopes.items()},
        missing=tuple(found.missing),
        meaning=meaning,
        pattern=pattern,
    )


def _published(figure: Figure) -> Message:
    """Return a figure as published, in English people without 万, with its source."""
    written = f"{figure.value}{figure.unit}"
    en = f"{figure.amount:,.0f}" if counts(figure.unit, "人") else written
    return both(f"{written} ({figure.source})", f"{en} ({figure.source})")


def _use(name: str, slopes: Vector, known: Known) -> Use:
    return Use(show(known.assumptions[name] or 0.0, "fraction"), slopes)


def _counted(measure: str) -> str:
    """Return the people whom a measure counts, as an expression."""
    terms = []
    for entry in entries():
        if entry.measure == measure:
            share = entry.parameter or f"{Decimal(repr(entry.fixed)):f}"
            terms.append(
                entry.group if entry.group in partial_groups() else f"{share}*{entry.group}"
            )
    return " + ".join(terms)


@cache
def _rows() -> tuple[Record, ...]:
    for row in package_records("closure"):
        row.choice("kind", KINDS)
    return package_records("closure")


@cache
def _shares() -> dict[str, str]:
    return {row["equation"]: row["equals"] for row in _rows() if row["kind"] == "share"}


@cache
def _sums() -> dict[str, str]:
    return {row["equation"]: row["people"] for row in _rows() if row["kind"] == "sum"}
