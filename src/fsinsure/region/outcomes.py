"""Published figures by measure: what a projection may be compared with, and what it may not.

The measure of an outcome is its scope. It is one of

- a measure of the coverage matrix (``unemployment``), or ``residents``: people at 31 December;
- ``<scheme>.income`` or ``<scheme>.outgo`` of a scheme in ``data/schemes.csv``: yuan of a year, the
  sum of its funds, interest included.

Figures of different measures are never compared: a series whose scope changes has another measure
from that year on, or none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError, MeasureError, did_you_mean
from fsinsure.measures import measure_named, measure_shown, measures, names_of
from fsinsure.messages import LANGUAGES, Message, both
from fsinsure.names import Names, code_of, listed, meant
from fsinsure.registry import registry
from fsinsure.sources import CONFIDENCES, base_amount, counts, half_unit, table
from fsinsure.statuses import MEASURE_ROWS
from fsinsure.tabular import last_day

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fsinsure.sources import Conflict, Outcome

PEOPLE: Final = "residents"
"""The measure that counts everybody who lives in the region."""

KINDS: Final = ("income", "outgo")
"""What a measure of money is: the items of this kind of the funds of a scheme."""

_KIND_NAMES: Final = {
    "income": ("{}基金收入", "{}: income"),
    "outgo": ("{}基金支出", "{}: outgo"),
}
"""What readers call them, with the name of the scheme."""

ROUNDED: Final = 1 + 1e-9
"""Figures agree up to the sum of half their last digits, and the rounding of binary numbers."""

_AMOUNT: Final = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)(万亿|万|亿)?")


@cache
def schemes() -> Mapping[str, tuple[str, ...]]:
    """Return the funds of each scheme whose income and outgo are published as one."""
    found: dict[str, tuple[str, ...]] = {}
    for row in table("schemes"):
        found[row["scheme"]] = (*found.get(row["scheme"], ()), row["fund"])
    return found


@cache
def comparable() -> tuple[str, ...]:
    """Return the names of the measures that an outcome may have, people first."""
    money = (f"{scheme}.{kind}" for scheme in schemes() for kind in KINDS)
    return (*measures(), PEOPLE, *money)


@cache
def comparable_names() -> Names:
    """Return what readers call the measures that an outcome may have."""
    found = names_of(comparable())
    return {code: known or _names_of_account(code) for code, known in found.items()}


def _names_of_account(code: str) -> tuple[str, ...]:
    scheme, kind = account(code) or ("", "")
    row = next(row for row in MEASURE_ROWS if row["measure"] == scheme)
    forms = zip(LANGUAGES, _KIND_NAMES[kind], strict=True)
    return tuple(form.format(row[f"short_{lang}"]) for lang, form in forms)


def comparable_shown(measure: str) -> Message:
    """Return the measure of an outcome in messages: in Chinese its name, in English its code."""
    return (
        both(_names_of_account(measure)[0], measure) if account(measure) else measure_shown(measure)
    )


def comparable_named(word: str) -> str:
    """Return the measure of an outcome that a word names, or the word itself.

    Income and outgo of a scheme are named in full: 失业保险基金支出.

    >>> comparable_named("失业保险基金支出"), comparable_named("企业养老")
    ('unemployment.outgo', 'pension.enterprise')
    """
    found = code_of(word, comparable_names(), shorten=False) if isinstance(word, str) else word
    return found if found in comparable() else measure_named(word, comparable())


def account(measure: str) -> tuple[str, str] | None:
    """Return the scheme and the kind of a measure of money; None for one of people.

    >>> account("unemployment.outgo"), account("unemployment")
    (('unemployment', 'outgo'), None)
    """
    scheme, _, kind = measure.rpartition(".")
    return (scheme, kind) if kind in KINDS and scheme in schemes() else None


def unit_of(measure: str) -> str:
    """Return the base unit of a measure, ``persons`` or ``yuan``."""
    return "yuan" if account(measure) else "persons"


def year_of(outcome: Outcome) -> int:
    """Return the year of an outcome that has a measure."""
    return int(outcome.date[:4])


def day_of(outcome: Outcome) -> datetime.date:
    """Return the day of an outcome, the last one of a month or year; it is of no range."""
    return last_day(outcome.date)


def elapsed(day: datetime.date) -> float:
    """Return the share of its year that has passed at the end of a day.

    >>> import datetime
    >>> elapsed(datetime.date(2023, 12, 31))
    1.0
    """
    return day.timetuple().tm_yday / last_day(str(day.year)).timetuple().tm_yday


def named(outcomes: Iterable[Outcome]) -> str:
    """Return measure, date and place of outcomes, for a message."""
    return ", ".join(f"{one.measure} {one.date} ({one.where})" for one in outcomes)


def check(outcomes: Sequence[Outcome], conflicts: Sequence[Conflict]) -> None:
    """Refuse outcomes of a region that cannot be compared with a projection as their measure says.

    Raises
    ------
    DataError
        As :func:`check_measure` and :func:`check_year_end`, and if two figures of one measure, area
        and year differ by more than rounding and no row of ``conflicts.csv`` names both; the
        message has the position.
    """
    of_measures = [one for one in outcomes if one.measure]
    for one in of_measures:
        check_measure(one)
        check_year_end(one)
    for text in contradictions(of_measures, conflicts):
        raise DataError(
            "{text}: correct one, leave its measure blank if it counts something else, or add a "
            "row with the measure as its topic and both figures to conflicts.csv",
            text=text,
        )


def contradictions(
    outcomes: Iterable[Outcome], conflicts: Sequence[Conflict] = ()
) -> Iterator[Message]:
    """Yield a text for each figure that differs from another of its measure, area and day.

    By more than rounding, and not if a conflict names both.
    """
    first: dict[tuple[str, str, datetime.date], Outcome] = {}
    for other in outcomes:
        one = first.setdefault((other.measure, other.area, day_of(other)), other)
        if not agree(one, other) and _settled(one, other, conflicts) is None:
            yield Message(
                "{where}: {measure} of {date} is {value} {unit}, and {other_value} {other_unit} "
                "at {other_where}",
                where=other.where,
                measure=other.measure,
                date=other.date,
                value=other.value,
                unit=other.unit,
                other_value=one.value,
                other_unit=one.unit,
                other_where=one.where,
            )


def check_positive(one: Outcome) -> None:
    """Refuse a figure that is not above 0: growth and errors are fractions of it."""
    if one.amount <= 0:
        raise DataError(
            "{where}: {measure} is {value}, and it must be more than 0, as growth and errors are "
            "fractions of it: correct it, or leave the row out",
            where=one.where,
            measure=one.measure or one.series,
            value=one.value,
        )


def check_measure(one: Outcome) -> None:
    """Refuse an outcome that is not of its measure.

    Raises
    ------
    DataError
        If there is no such measure, its unit is another, the value is not above 0, or a parameter
        that was set with it is none; the message has the position.
    """
    for name in one.fitted:
        if name not in registry():
            where = replace(one.where, column="fitted")
            raise DataError(
                "{where}: there is no parameter {name!r}.{hint} Name those that were set with "
                "this figure in view, with spaces between",
                where=where,
                name=name,
                hint=did_you_mean(name, registry()),
            )
    if one.measure not in comparable():
        where = replace(one.where, column="measure")
        raise DataError(
            "{where}: there is no measure {measure!r}.{hint} Measures: {comparable}; leave it "
            "blank for a figure of another scope",
            where=where,
            measure=one.measure,
            hint=meant(one.measure, comparable_names()),
            comparable=listed(one.measure, comparable_names()),
        )
    money = account(one.measure) is not None
    noun, such = ("元", "亿元") if money else ("人", "万人")
    if not counts(one.unit, noun):
        where = replace(one.where, column="unit")
        raise DataError(
            "{where}: {measure} is in {unit!r}: write {noun} or {such}",
            where=where,
            measure=one.measure,
            unit=one.unit,
            noun=noun,
            such=such,
        )
    check_positive(one)


def check_year_end(one: Outcome, otherwise: Message | None = None) -> None:
    """Refuse an outcome that is not of the date at which its measure is compared.

    Parameters
    ----------
    one
        The outcome.
    otherwise
        What else than to correct it can be done.

    Raises
    ------
    DataError
        If people are not of a 31 December, or money is not of a whole year.
    """
    money = account(one.measure) is not None
    if not re.fullmatch("[0-9]{4}" if money else "[0-9]{4}-12-31", one.date):
        where = replace(one.where, column="date")
        day = (
            Message("a whole year, such as 2019")
            if money
            else Message("a 31 December, such as 2019-12-31")
        )
        raise DataError(
            "{where}: {measure} is of {date}, and it is compared at {day}: correct it, or "
            "{otherwise}",
            where=where,
            measure=one.measure,
            date=one.date,
            day=day,
            otherwise=otherwise or Message("leave its measure blank"),
        )


def agree(first: Outcome, other: Outcome) -> bool:
    """Return whether two figures of the same thing differ by rounding at most."""
    return abs(first.amount - other.amount) <= (first.half_unit + other.half_unit) * ROUNDED


def _settled(first: Outcome, other: Outcome, conflicts: Iterable[Conflict]) -> Outcome | None:
    """Return the one of two figures that a conflict uses; None if no conflict names both."""
    for conflict in conflicts:
        if conflict.topic != first.measure:
            continue
        for one, two in ((first, other), (other, first)):
            if _stands_in(one, conflict.reading_a) and _stands_in(two, conflict.reading_b):
                return two if conflict.used == "b" else one
    return None


def _stands_in(outcome: Outcome, reading: str) -> bool:
    """Return whether a text has the figure of an outcome, to the rounding of both."""
    for digits, power in _AMOUNT.findall(reading):
        value = Decimal(digits.replace(",", ""))
        near = (half_unit(value, power) + outcome.half_unit) * ROUNDED
        if abs(base_amount(value, power) - outcome.amount) <= near:
            return True
    return False


Published = dict[tuple[str, str], dict[int, "Outcome"]]
"""Figures by measure and area (empty for the region), then by year, the earliest first."""


def published(outcomes: Iterable[Outcome], conflicts: Sequence[Conflict]) -> Published:
    """Return the published figures that have a measure; a pair without figures is not there.

    Of two figures of a year the one that a conflict uses, else the more confident one.
    """
    found: dict[tuple[str, str], dict[int, list[Outcome]]] = {}
    for one in outcomes:
        if one.measure:
            years = found.setdefault((one.measure, one.area), {})
            years.setdefault(year_of(one), []).append(one)
    return {
        of: {year: _used(years[year], conflicts) for year in sorted(years)}
        for of, years in found.items()
    }


def of_region(figures: Published, measure: str) -> dict[int, Outcome]:
    """Return the figures of a measure of the whole region by year; empty without any."""
    return figures.get((measure, ""), {})


def _used(found: Sequence[Outcome], conflicts: Sequence[Conflict]) -> Outcome:
    best = found[0]
    for other in found[1:]:
        settled = None if agree(best, other) else _settled(best, other, conflicts)
        surer = CONFIDENCES.index(other.confidence) < CONFIDENCES.index(best.confidence)
        best = settled or (other if surer else best)
    return best


def yearly_growth(first: Outcome, last: Outcome) -> float:
    """Return the growth a year between two published figures: ``(last / first)^(1 / years) - 1``.

    Raises
    ------
    MeasureError
        If they do not have one measure and area, or are not in order of time.
    """
    scopes = [(one.measure, one.area) for one in (first, last)]
    if not first.measure or scopes[0] != scopes[1]:
        names = [
            Message("{measure} ({scope})", measure=one.measure, scope=one.scope)
            if one.measure
            else Message("no measure ({scope})", scope=one.scope)
            for one in (first, last)
        ]
        raise MeasureError(
            "{where} and {last_where} count different people or money, {name} and {last_name}: "
            "growth is taken within one measure and area only",
            where=first.where,
            last_where=last.where,
            name=names[0],
            last_name=names[1],
        )
    years = year_of(last) - year_of(first)
    if years <= 0:
        raise MeasureError(
            "{where} is not later than {first_where}: growth needs two years",
            where=last.where,
            first_where=first.where,
        )
    return float((last.amount / first.amount) ** (1.0 / years) - 1.0)
