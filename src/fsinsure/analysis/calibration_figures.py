"""Which published figures a calibration uses: for the fit, held out, or neither and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.analysis.methods import FITTED as USED_TO_SET
from fsinsure.analysis.methods import note_text
from fsinsure.errors import InputError
from fsinsure.messages import EMPTY, Message, phrase, separated
from fsinsure.names import listed, meant
from fsinsure.numeric.naive import last_growth
from fsinsure.region.known import outcome_known
from fsinsure.region.outcomes import (
    comparable,
    comparable_names,
    comparable_shown,
    of_region,
    published,
    unit_of,
)
from fsinsure.region.own_outcomes import with_own

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from fsinsure.region.own_outcomes import Actuals
    from fsinsure.scenario import Scenario
    from fsinsure.sources import Outcome

FITTED: Final = "fitted"
HELD_OUT: Final = "held_out"
LEFT_OUT: Final = "left_out"

KNOWN_LATER: Final = phrase("known after as_of")
NOT_MOVED: Final = phrase("hardly moved by the parameters")
NOT_FITTED: Final = phrase("held out")


@dataclass(frozen=True)
class Candidate:
    """A published figure after the base year.

    Parameters
    ----------
    outcome
        The figure.
    year
        Of the figure.
    use
        ``fitted``, ``held_out`` or ``left_out``.
    note
        Why it is left out; of a held-out figure, why it does not judge; else empty.
    naive
        Of a held-out figure the last growth before it, carried on; NaN without two figures.
    """

    outcome: Outcome
    year: int
    use: str
    note: str = ""
    naive: float = float("nan")

    @property
    def measure(self) -> str:
        """The measure of the figure."""
        return self.outcome.measure

    @property
    def unit(self) -> str:
        """``persons`` or ``yuan``."""
        return unit_of(self.measure)


@dataclass(frozen=True)
class Choice:
    """What was asked of the figures.

    Parameters
    ----------
    parameters
        The names of those that are calibrated.
    measures
        Those whose figures are used; None for all.
    hold_out
        Years whose figures are not fitted.
    own
        The figures of the user; None without any.
    start
        What the closed base year has in the place of measures of people.
    """

    parameters: tuple[str, ...]
    measures: tuple[str, ...] | None
    hold_out: tuple[int, ...]
    own: Actuals | None
    start: Mapping[str, float]


def candidates(scenario: Scenario, choice: Choice) -> list[Candidate]:
    """Return the figures after the base year and up to the horizon, by measure and year.

    Raises
    ------
    InputError
        If a measure or a year that is held out has no figure, or none is left for the fit; says
        what there is.
    """
    _check_measures(choice.measures)
    region = scenario.region
    outcomes = with_own(region, choice.own)
    known = published(outcomes, region.conflicts)
    series = {name: of_region(known, name) for name in choice.measures or comparable()}
    found = [
        _candidate(scenario, choice, one, years)
        for years in series.values()
        for year, one in years.items()
        if region.base_year < year <= scenario.horizon
    ]
    _check_found(scenario, choice, found)
    return found


def _check_measures(measures: Sequence[str] | None) -> None:
    for name in measures or ():
        if name not in comparable():
            raise InputError(
                "there is no measure {name!r}.{hint} Measures: {comparable}",
                name=name,
                hint=meant(str(name), comparable_names()),
                comparable=listed(name, comparable_names()),
            )


def _candidate(
    scenario: Scenario, choice: Choice, one: Outcome, years: Mapping[int, Outcome]
) -> Candidate:
    """Return a figure of a measure with its use."""
    year, day = int(one.date[:4]), scenario.as_of
    set_by = dict.fromkeys((*one.fitted, *filter(None, [scenario.fitted.get(one.measure)])))
    others = set_by and not set(set_by) & set(choice.parameters)
    note = USED_TO_SET + " ".join(set_by) if others else ""
    if year in choice.hold_out:
        amounts = {each: figure.amount for each, figure in years.items()}
        # As in a backtest: the closed base year meets figures that are published as sums of others.
        if one.measure in choice.start:
            amounts.setdefault(scenario.region.base_year, choice.start[one.measure])
        return Candidate(one, year, HELD_OUT, note, _naive(amounts, year, choice.hold_out))
    own = choice.own is not None and any(one.where == each.where for each in choice.own.rows)
    if day is not None and not own and outcome_known(one).day > day:
        note = KNOWN_LATER
    return Candidate(one, year, LEFT_OUT if note else FITTED, note)


def _naive(years: Mapping[int, float], year: int, hold_out: Collection[int]) -> float:
    """Return the last growth before a year that is held out, from years that are not."""
    used = {each: one for each, one in years.items() if each not in hold_out and each < year}
    origin = max(used, default=year)
    if origin - 1 not in used:
        return float("nan")
    pair = np.array([used[origin - 1], used[origin]])
    return float(last_growth(pair, year - origin)[-1])


def _check_found(scenario: Scenario, choice: Choice, found: Sequence[Candidate]) -> None:
    region = scenario.region
    span = Message(
        "after {base_year} and up to {horizon}",
        base_year=region.base_year,
        horizon=scenario.horizon,
    )
    if not found:
        of = (
            Message(" of {measures}", measures=separated(map(comparable_shown, choice.measures)))
            if choice.measures
            else EMPTY
        )
        raise InputError(
            "{name} has no published figure{of} {span}: fill the column measure of its "
            "outcomes.csv, or give a table of your own",
            name=region.name,
            of=of,
            span=span,
        )
    have = dict.fromkeys(one.measure for one in found)
    for name in choice.measures or ():
        if name not in have:
            raise InputError(
                "{name} has no published figure {span}, but {have} have",
                name=name,
                span=span,
                have=separated(have),
            )
    years = sorted({one.year for one in found})
    for year in choice.hold_out:
        if year not in years:
            raise InputError(
                "hold_out: nothing published of {year}: name years of {years}",
                year=year,
                years=separated(map(str, years)),
            )
    _require_fitted(scenario, found)


def _require_fitted(scenario: Scenario, found: Iterable[Candidate]) -> None:
    """Refuse a calibration without a figure to be fitted, with the reason for each that is not."""
    why: dict[str, list[str]] = {}
    for one in found:
        if one.use == FITTED:
            return
        reason = one.note if one.use == LEFT_OUT else NOT_FITTED
        why.setdefault(reason, []).append(f"{one.measure} {one.year}")
    text = separated(
        (separated((note_text(one), separated(names)), ": ") for one, names in why.items()), "; "
    )
    raise InputError(
        "no figure is left to calibrate {name} by. {text}.{advice}",
        name=scenario.name,
        text=text,
        advice=separated(_advice(why), ""),
    )


def _advice(why: Collection[str]) -> Iterator[Message]:
    if KNOWN_LATER in why:
        yield Message(
            " Take a scenario with a later as_of or none, or give the figures in your own table."
        )
    if NOT_FITTED in why:
        yield Message(" Hold out fewer years.")
    if any(reason.startswith(USED_TO_SET) for reason in why):
        yield Message(
            " Calibrate the parameters that were set by them, or give figures of other years."
        )


def without_unmoved(
    found: Iterable[Candidate], moved: Mapping[tuple[str, int], bool]
) -> list[Candidate]:
    """Return the figures, those that the parameters hardly move without a use.

    They have nearly the same residual whatever the parameters are, so that they would only distort
    the standard error; of those held out, they do not judge.
    """
    return [
        one
        if one.note or moved[one.measure, one.year]
        else replace(one, use=LEFT_OUT if one.use == FITTED else one.use, note=NOT_MOVED)
        for one in found
    ]
