"""Which published figures a scenario meets, and the lever and years that each determines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from fsinsure.errors import DataError
from fsinsure.measures import measure_shown, measures
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.region.known import outcome_known
from fsinsure.region.outcomes import PEOPLE, agree, day_of, elapsed, named, of_region, published
from fsinsure.region.own_outcomes import beyond, earlier, later
from fsinsure.registry import registry
from fsinsure.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fsinsure.scenario import Scenario
    from fsinsure.sources import Outcome

EARLIEST: Final = (3, 31)
"""The first day of a year, month and day, whose figure says enough of the year: of a quarter."""


@dataclass(frozen=True)
class Observation:
    """A figure to be met, and what meets it.

    Parameters
    ----------
    outcome
        The figure.
    lever
        The path that is solved.
    first, last
        The years in which the lever has one value: from the year after the figure before.
    elapsed
        The share of the last year that has passed on the day of the figure; 1 at its end.
    """

    outcome: Outcome
    lever: str
    first: int
    last: int
    elapsed: float


def observations(scenario: Scenario) -> tuple[list[Observation], list[Message]]:
    """Return what a scenario observes, in the order of levers and years, and notes about it.

    Figures of the region count up to ``observe.until``; those of the user all do. Of a measure and
    year the latest is met, of one day that of the user.

    Raises
    ------
    DataError
        If two measures with figures of one year have one lever, no lever is named for a figure of
        the user, or a figure is from the first quarter of its year and the only one of that year.
    """
    levers = scenario.region.closing_levers
    notes: list[Message] = []
    found: dict[str, list[Outcome]] = {}
    for measure, one in _one_a_year(scenario, notes):
        if measure not in levers:
            _without_lever(scenario, one, notes)
            continue
        _refuse_early(one)
        found.setdefault(levers[measure], []).append(one)
    result: list[Observation] = []
    for lever, outcomes in found.items():
        ordered = sorted(outcomes, key=day_of)
        _one_of_a_year(lever, ordered)
        first = scenario.region.first_year
        for one in ordered:
            day = day_of(one)
            result.append(Observation(one, lever, first, day.year, elapsed(day)))
            if day.year > first:
                notes.append(
                    Message(
                        "{measure} has no figure between {before} and {last}: {lever} is constant "
                        "in {first}-{last}",
                        measure=measure_shown(one.measure),
                        before=first - 1,
                        first=first,
                        last=day.year,
                        lever=lever,
                    )
                )
            first = day.year + 1
    notes += _not_published(scenario, found)
    return result, notes


def _refuse_early(one: Outcome) -> None:
    """Refuse a figure of the first months of a year: the year would be mostly extrapolated."""
    day = day_of(one)
    if (day.month, day.day) < EARLIEST:
        raise DataError(
            "{where}: {measure} of {day} would be extrapolated to the end of {year} from "
            "{elapsed:.0%} of the year: give a figure of {year}-03-31 or later, or leave the row "
            "out",
            where=one.where,
            measure=measure_shown(one.measure),
            day=day,
            year=day.year,
            elapsed=elapsed(day),
        )


def _not_published(scenario: Scenario, met: Mapping[str, Sequence[Outcome]]) -> list[Message]:
    """Name the measures with figures after the base year that have none up to ``observe.until``.

    Figures that became known after ``as_of`` are published too: another note has them.
    """
    region, until = scenario.region, scenario.observe.until
    if until is None:
        return []
    last: dict[str, int] = {}
    for one in (*_up_to(scenario), *(each for of in met.values() for each in of)):
        last[one.measure] = max(last.get(one.measure, 0), day_of(one).year)
    if not last:
        return [
            Message(
                "observe.until is {until}, and nothing published of {region} after {base_year} "
                "can be met",
                until=until,
                region=region.name,
                base_year=region.base_year,
            )
        ]
    end = min(until, scenario.horizon)
    ended = {one: year for one, year in last.items() if one in region.closing_levers and year < end}
    return [
        Message(
            "nothing published of {measures} after {year}, and observe.until is {until}: from "
            "there on the scenario's own path counts",
            measures=separated(measure_shown(one) for one, year in ended.items() if year == of),
            year=of,
            until=until,
        )
        for of in sorted(set(ended.values()))
    ]


def met_ends(scenario: Scenario) -> dict[str, set[int]]:
    """Return the years at whose end a published figure is met, by measure."""
    found: dict[str, set[int]] = {}
    for one in scenario.solved or ():
        day = day_of(one.outcome)
        if day.year == one.year and elapsed(day) == 1.0:
            found.setdefault(one.outcome.measure, set()).add(one.year)
    return found


def _one_a_year(scenario: Scenario, notes: list[Message]) -> Iterator[tuple[str, Outcome]]:
    """Yield the measure and the figure that is met, for every measure and year."""
    region = scenario.region
    own = scenario.actuals
    given = () if own is None else later(own, region.base_year).rows
    if own is not None:
        early = earlier(own, region.base_year)
        late = beyond(own, scenario.horizon)
        notes += filter(None, (early, late, _known_later(scenario, given)))
    rows = [*given, *_of_region(scenario, notes)]

    def key(one: Outcome) -> tuple[str, int]:
        return one.measure, day_of(one).year

    within = [one for one in rows if region.base_year < day_of(one).year <= scenario.horizon]
    for (measure, _), same in groupby(sorted(within, key=key), key):
        # The later day first, and of one day the user's.
        ranked = sorted(same, key=lambda one: (-day_of(one).toordinal(), one not in given))
        left = [
            one
            for one in ranked[1:]
            if day_of(one) != day_of(ranked[0]) or not agree(ranked[0], one)
        ]
        if left:
            notes.append(
                Message(
                    "{where} is met, and not used beside it: {others}",
                    where=ranked[0].where,
                    others=named(left),
                )
            )
        yield measure, ranked[0]


def _of_region(scenario: Scenario, notes: list[Message]) -> list[Outcome]:
    """Return the figures of people of the whole region that the scenario meets.

    Where a scenario says what was known when, later figures are not among them, and a note says so.
    """
    found = _up_to(scenario)
    day = scenario.as_of
    unknown = [one for one in found if day is not None and outcome_known(one).day > day]
    if unknown:
        notes.append(
            Message("not used, as known after {day}: {figures}", day=day, figures=named(unknown))
        )
    return [one for one in found if one not in unknown]


def _known_later(scenario: Scenario, given: Sequence[Outcome]) -> Message:
    """Return the note on figures of the user that say they became known later; empty without any.

    They are met all the same: a figure is given to be used.
    """
    day = scenario.as_of
    if day is None:
        return EMPTY
    later_known = [
        one
        for one in given
        if one.known and outcome_known(one).day > day and day_of(one).year <= scenario.horizon
    ]
    if not later_known:
        return EMPTY
    return Message(
        "met although known after {day}, as your own figures are: {figures}",
        day=day,
        figures=named(later_known),
    )


def _up_to(scenario: Scenario) -> list[Outcome]:
    """Return the region's figures of people after its base year, up to ``observe.until``."""
    region, until = scenario.region, scenario.observe.until or 0
    figures = published(region.outcomes, region.conflicts)
    return [
        one
        for measure in (*measures(), PEOPLE)
        for year, one in of_region(figures, measure).items()
        if region.base_year < year <= until
    ]


def _without_lever(scenario: Scenario, one: Outcome, notes: list[Message]) -> None:
    """Refuse a figure of the user that no lever meets; note one of the region."""
    text = Message(
        "closing_levers of {name} name no lever for {measure}",
        name=scenario.region.name,
        measure=measure_shown(one.measure),
    )
    if scenario.actuals is not None and one in scenario.actuals.rows:
        raise DataError(
            "{where}: {text}: add it to region.yaml, or leave the row out",
            where=one.where,
            text=text,
        )
    note = Message("{text}: its figures are not met", text=text)
    if note not in notes:
        notes.append(note)


def _one_of_a_year(lever: str, outcomes: Sequence[Outcome]) -> None:
    """Refuse figures of two measures that one lever would have to meet in one year."""
    for first, other in pairwise(outcomes):
        year = day_of(other).year
        if day_of(first).year == year:
            raise DataError(
                "{where}: {measure} and {other_measure} both have figures of {year}, and "
                "closing_levers give both the lever {lever}, which can meet one of them a year: "
                "leave one out, or give {other_measure} another lever in region.yaml",
                where=other.where,
                measure=measure_shown(first.measure),
                other_measure=measure_shown(other.measure),
                year=year,
                lever=lever,
            )


def standing(lever: str, value: float, low: float, high: float) -> Message:
    """Return in words where a lever stands, and whether that is a bound of it."""
    text = shown(value, registry()[lever].unit)
    if low < value < high:
        return Message("at {shown}", shown=text)
    if value <= low:
        return Message("at its lower bound of {shown}", shown=text)
    return Message("at its upper bound of {shown}", shown=text)
