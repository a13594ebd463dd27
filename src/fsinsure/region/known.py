"""What was known when: the day on which a value became known, and the values known by a day.

A row may say when it became known. Without that, a rule says it, and the day counts as assumed:

- a value without a date, and an assumption of the region itself: the base date, as it was set when
  the projection was;
- another dated value: the first day on which it holds;
- an outcome: the end of the year after the one that it is about.

Several values of one date that became known on different days are revisions: of those known by a
day, the last one known holds.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from fsinsure.errors import InputError
from fsinsure.messages import EMPTY, Message
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.region.region import Value
    from fsinsure.sources import Outcome

START: Final = (
    *("base.", "fertility.", "fund.share_", "mortality.", "profile."),
    *("civil.pension", "civil.wage", "pension.in_payment", "resident.account"),
    *("wage.cv", "wage.mean", "wage.small_firm_share"),
)
"""What begins the names of parameters that describe the start, whenever they were printed."""

UNUSED: Final = (
    *("retirement.delay_max_", "retirement.delay_step_"),
    *("retirement.early_months", "retirement.late_months"),
)
"""What begins the names of parameters without effect until a scenario asks for them.

They say how a delay of the retirement age, or a choice of it, works once a scenario has one.
"""

EXEMPT: Final = (*START, *UNUSED)
"""What begins the names of parameters whose values are used whenever they became known."""

EXEMPT_FILES: Final = (
    *("figures.csv", "census.csv", "profiles.csv", "mortality.csv", "fertility.csv"),
)
"""Tables that describe the start: they are used whenever they were printed."""

Values = dict[str, tuple["Value", ...]]


class Known(NamedTuple):
    """The day on which something became known, and whether that day follows from the rule."""

    day: date
    assumed: bool

    def __str__(self) -> str:
        """Return the day, such as ``2019-12-31``."""
        return self.day.isoformat()


def became_known(value: Value, base_date: date) -> Known:
    """Return when a value became known; see the module for the rule."""
    if value.known:
        return Known(date.fromisoformat(value.known), assumed=False)
    own = not value.layer.startswith("law/")
    if value.date is None or (own and value.confidence == "assumption"):
        return Known(base_date, assumed=True)
    year, month = divmod(round(12 * value.date), 12)
    return Known(date(year, month + 1, 1), assumed=True)


def outcome_known(outcome: Outcome) -> Known:
    """Return when an outcome became known: its day, else the end of the following year.

    By then a yearbook is printed.
    """
    if outcome.known:
        return Known(date.fromisoformat(outcome.known), assumed=False)
    last = outcome.date.rpartition("/")[2]
    return Known(date(int(last[:4]) + 1, 12, 31), assumed=True)


def exempt(name: str, value: Value, base_date: date) -> bool:
    """Return whether a value is used whenever it became known (:data:`EXEMPT`)."""
    return name.startswith(EXEMPT) and (value.date is None or value.date <= base_date.year + 1)


def known_by(history: Mapping[str, Sequence[Value]], base_date: date, day: date | None) -> Values:
    """Return the values of every parameter that were known by a day; None: all that are known.

    Raises
    ------
    InputError
        If the day is before the base date, or a parameter has no value known by then; the message
        names file and row of its first value.
    """
    if day is not None and day < base_date:
        raise InputError(
            "{day} is before the base date, {base_date}: the opening stock was not known then. "
            "Give a day from {base_date} on, or none",
            day=day,
            base_date=base_date,
        )
    found = {name: _in_view(name, values, base_date, day) for name, values in history.items()}
    for name, values in found.items():
        if not values and not registry()[name].optional:
            first = min(history[name], key=lambda one: became_known(one, base_date).day)
            since, assumed = became_known(first, base_date)
            why = Message(" (assumed: the first day on which it holds)") if assumed else EMPTY
            raise InputError(
                "{where}: no value of {name} was known on {day}: the first became known on "
                "{since}{why}. {earliest}, or add the value that held before",
                where=first.where,
                name=name,
                day=day,
                since=since,
                why=why,
                earliest=_earliest(history, base_date),
            )
    return {name: values for name, values in found.items() if values}


def _earliest(history: Mapping[str, Sequence[Value]], base_date: date) -> Message:
    """Say from which day on every parameter has a value."""
    first = max(
        min(
            base_date if exempt(name, one, base_date) else became_known(one, base_date).day
            for one in values
        )
        for name, values in history.items()
        if values and not registry()[name].optional
    )
    return Message(
        "Every parameter has a value from {day} on: give that day or a later one", day=first
    )


def _in_view(
    name: str, values: Sequence[Value], base_date: date, day: date | None
) -> tuple[Value, ...]:
    """Return the values of a parameter known by a day, of revisions the last, in their order."""
    latest: dict[tuple[str, int, float | None], Value] = {}
    for one in sorted(values, key=lambda each: became_known(each, base_date).day):
        is_known = day is None or became_known(one, base_date).day <= day
        if is_known or exempt(name, one, base_date):
            latest[one.area, one.key, one.date] = one
    chosen = set(map(id, latest.values()))
    return tuple(one for one in values if id(one) in chosen)
