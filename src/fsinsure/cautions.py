"""What a scenario is warned of: it runs, and may not be what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.checks import SAME_PEOPLE
from fsinsure.measures import measure_shown
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.parameters import GROWTH
from fsinsure.registry import registry
from fsinsure.scenario import YearPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Target


def without_effect(parameters: Parameters) -> Message:
    """Return what to warn of shares of early and late claims without a delay; empty if nothing."""
    shares = [name for name in SAME_PEOPLE[-1] if parameters.number(name)]
    if not shares or parameters.scalars["retirement.delay_from"] is not None:
        return EMPTY
    return Message(
        "without effect: {shares}; set retirement.delay_from, or leave them out",
        shares=separated(shares),
    )


def not_assessed(targets: Sequence[Target], horizon: int) -> Message:
    """Return a sentence that names the targets after the horizon; empty if there are none."""
    late = [
        Message("{measure} {year}", measure=measure_shown(target.measure), year=target.year)
        for target in targets
        if target.year > horizon
    ]
    if not late:
        return EMPTY
    return Message(
        "targets after the horizon {horizon} are not assessed: {targets}; a longer horizon would "
        "include them",
        horizon=horizon,
        targets=separated(late),
    )


def beyond_known_years(parameters: Parameters) -> Iterator[Message]:
    """Report the defaults that run past their last known year, and the paths that are held.

    What goes on because later values were not known by ``as_of`` is not reported: it was asked for.
    """
    known, origins = registry(), parameters.scenario.origins
    all_known = parameters.region.as_of(None).values
    extended = [
        Message(
            "{name} after {year} with {growth}",
            name=name,
            year=year,
            growth=GROWTH[known[name].extend],
        )
        for name, year in parameters.extended.items()
        if int(all_known[name][-1].date or 0) == year
    ]
    if extended:
        yield Message("run past their last known year: {paths}", paths=separated(extended))
    frozen = held_paths(parameters)
    if frozen:
        amounts = any(known[name].extend in GROWTH for name in frozen)
        shown = [
            Message("{name} after {year} ({origin})", name=name, year=year, origin=origins[name])
            for name, year in frozen.items()
        ]
        yield Message(
            "held at their last value while the default goes on: {paths}; give the years up to "
            "{last}{grow} or, if it is meant, 'then: hold', as in {{{first}: 5%, then: hold}}",
            paths=separated(shown),
            last=parameters.years[-1],
            grow=", 'then: wage'" if amounts else "",
            first=parameters.years[0],
        )


def held_paths(parameters: Parameters) -> dict[str, int]:
    """Return the paths that a scenario holds while their default changes, and their last year.

    Only beyond the years of the plan, and where the scenario does not set what follows (``then``).
    """
    found: dict[str, int] = {}
    end, region = int(parameters.years[-1]), parameters.region
    for name, path in parameters.scenario.values.items():
        if end <= region.horizon or not isinstance(path, YearPath) or path.then:
            continue
        changes = [one.date for one in region.values[name] if one.date and one.date < end + 1]
        if registry()[name].extend in GROWTH:
            changes.append(end)
        if changes and path.last < changes[-1]:
            found[name] = int(path.last)
    return found
