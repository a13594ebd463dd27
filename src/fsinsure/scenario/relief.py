"""Fee relief as listed by a scenario: contributions waived, deferred or refunded, by month.

Shares are of the amount due in those months. A relief lies in one calendar year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from fsinsure.dims import LAST_YEAR
from fsinsure.documents.problems import Invalid, Issue, invalid, quote, read_each
from fsinsure.measures import measure_named, names_of
from fsinsure.messages import Message, separated
from fsinsure.names import listed
from fsinsure.paths import flow
from fsinsure.rules.relief import combined_share
from fsinsure.scenario.words import meant_name, word
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsinsure.documents.shape import Context
    from fsinsure.errors import Position

WAIVE: Final = "waive"
DEFER: Final = "defer"
REFUND: Final = "refund"
ACTIONS: Final = (WAIVE, DEFER, REFUND)

SMALL: Final = "small"
LARGE: Final = "large"
ALL: Final = "all"
GROUPS: Final = (SMALL, LARGE, ALL)

PAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "pension.enterprise": ("employer", "employee", "flexible"),
    "unemployment": ("employer", "employee", "flexible"),
    "injury": ("employer", "flat"),
}
"""The payers whose contributions can be relieved, by fund."""

ANY_PAYER: Final = tuple(dict.fromkeys(payer for payers in PAYERS.values() for payer in payers))
IN_FIRMS: Final = ("employer", "employee")
"""Payers that belong to a small or a large firm."""

NO_FIRMS: Final = {
    "pension.civil": Message(
        "its employers are government and institutions, which reliefs leave out"
    ),
    "pension.resident": Message("nobody pays for residents but themselves and the government"),
}


_FIELDS: Final = {
    "from": "first",
    "to": "last",
    "repay_from": "repay_first",
    "repay_to": "repay_last",
}
"""The fields of a :class:`Relief` that are not called as the keys of a file."""


@dataclass(frozen=True)
class Relief:
    """A relief as a scenario gives it.

    Parameters
    ----------
    action
        ``waive`` (never paid), ``defer`` (paid later) or ``refund`` (paid and given back).
    insurance
        The funds concerned.
    payer
        Whose contributions: an item of those funds.
    first, last
        Months, both included, as month indices (:func:`fsinsure.rules.retirement.month_index`).
    share
        Of the amount due.
    group
        ``small`` or ``large`` firms, or ``all``.
    repay_first, repay_last
        When a deferral is repaid, in equal months; None for the other actions.
    position
        Where it stands in a file.
    """

    action: str
    insurance: tuple[str, ...]
    payer: str
    first: int
    last: int
    share: float = 1.0
    group: str = ALL
    repay_first: int | None = None
    repay_last: int | None = None
    position: Position | None = None

    @property
    def year(self) -> int:
        """The calendar year in which it lies."""
        return self.first // 12

    @property
    def text(self) -> str:
        """A summary in one line."""
        parts = [self.action, show(self.share, "fraction"), "of", self.payer, f"({self.group})"]
        parts += [month_text(self.first), "to", month_text(self.last)]
        if self.repay_first is not None and self.repay_last is not None:
            parts += ["repaid", month_text(self.repay_first), "to", month_text(self.repay_last)]
        return " ".join(parts)

    @property
    def entry(self) -> dict[str, object]:
        """What a file would hold."""
        found: dict[str, object] = {
            "action": self.action,
            "insurance": list(self.insurance),
            "payer": self.payer,
            "share": show(self.share, "fraction"),
            "from": month_text(self.first),
            "to": month_text(self.last),
            "group": self.group,
        }
        if self.repay_first is not None and self.repay_last is not None:
            found["repay_from"] = month_text(self.repay_first)
            found["repay_to"] = month_text(self.repay_last)
        return found

    @property
    def yaml(self) -> str:
        """The entry as a line of a file."""
        return flow({**self.entry, "insurance": f"[{', '.join(self.insurance)}]"})

    @property
    def canonical(self) -> list[object]:
        """Everything that affects numbers."""
        when = [self.first, self.last, self.repay_first, self.repay_last]
        return [self.action, sorted(self.insurance), self.payer, self.share, self.group, *when]


def month_text(month: int) -> str:
    """Write a month index as YAML does: ``2022-01``.

    >>> month_text(24264)
    '2022-01'
    """
    return f"{month // 12}-{month % 12 + 1:02d}"


def month(value: object, context: Context) -> int:
    """Read a month such as ``2022-01`` of a projected year; return its index.

    Raises
    ------
    Invalid
        If it is not one.
    """
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", value) if isinstance(value, str) else None
    if found is None:
        raise invalid(
            "expected a month such as {first_year}-01, got {value}",
            first_year=context.first_year + 1,
            value=quote(value),
        )
    year, number = int(found[1]), int(found[2])
    if not 1 <= number <= 12:
        raise invalid("{value} is no month: after the year comes 01 to 12", value=value)
    if year < context.first_year:
        raise invalid(
            "{value} is before {first_year}, the first projected year",
            value=value,
            first_year=context.first_year,
        )
    if year > LAST_YEAR:
        raise invalid(
            "{value} is after {last_year}, the last year that can be projected",
            value=value,
            last_year=LAST_YEAR,
        )
    from fsinsure.rules.retirement import month_index  # imports scipy

    return int(month_index(year, number))


def insurance(value: object) -> tuple[str, ...]:
    """Read a fund with reliefs, or a list of such funds.

    Raises
    ------
    Invalid
        If a fund is unknown, named twice or has no reliefs, or the list is empty.
    """
    if not isinstance(value, list):
        return (_fund(value),)
    if not value:
        raise invalid("an empty list: name one or more of {payers}", payers=separated(PAYERS))

    def fund(index: int, item: object) -> str:
        found = _fund(item)
        if found in value[:index]:
            raise invalid("{found} a second time", found=found)
        return found

    return tuple(read_each(enumerate(value), fund))


def action(value: object) -> str:
    """Read what a relief does."""
    if value == "reduce":
        raise invalid("to reduce is to waive a part: write action: waive and share: 50%")
    return word(ACTIONS, value)


def _fund(value: object) -> str:
    value = measure_named(value, (*PAYERS, *NO_FIRMS)) if isinstance(value, str) else value
    if isinstance(value, str) and value in PAYERS:
        return value
    if isinstance(value, str) and value in NO_FIRMS:
        raise invalid(
            "{value} has no relief: {no_firms}. Known: {payers}",
            value=value,
            no_firms=NO_FIRMS[value],
            payers=separated(PAYERS),
        )
    known = names_of(tuple(PAYERS))
    hint = meant_name("pension.enterprise" if value == "pension" else value, known)
    raise invalid(
        "expected one of {known}, got {value}{hint}",
        known=listed(value, known),
        value=quote(value),
        hint=hint,
    )


def build(entry: Mapping[str, Any], position: Position | None) -> Relief:
    """Build a relief from the values of an entry.

    Parameters
    ----------
    entry
        By key of the file.
    position
        Where it stands.

    Raises
    ------
    Invalid
        If its values contradict each other, located within the entry.
    """
    found = Relief(**{_FIELDS.get(key, key): value for key, value in entry.items()})
    found = replace(found, position=position)
    issues = [*_payer_issues(found), *_month_issues(found), *_repay_issues(found)]
    if issues:
        raise Invalid(*issues)
    return found


def _payer_issues(found: Relief) -> Iterator[Issue]:
    for fund in found.insurance:
        if found.payer not in PAYERS[fund]:
            known = separated(PAYERS[fund])
            yield Issue(
                Message(
                    "{fund} has no contributions of {payer}: {known}",
                    fund=fund,
                    payer=found.payer,
                    known=known,
                ),
                ("payer",),
            )
    if found.group != ALL and found.payer not in IN_FIRMS:
        text = Message(
            "{payer} members belong to no firm: leave group out, or write all", payer=found.payer
        )
        yield Issue(text, ("group",))


def _month_issues(found: Relief) -> Iterator[Issue]:
    if found.last < found.first:
        text = Message(
            "{last} is before from, {first}",
            last=month_text(found.last),
            first=month_text(found.first),
        )
        yield Issue(text, ("to",))
    elif found.last // 12 > found.year:
        text = Message(
            "{last} is in another year than from, {first}: write one entry for each year",
            last=month_text(found.last),
            first=month_text(found.first),
        )
        yield Issue(text, ("to",))


def _repay_issues(found: Relief) -> Iterator[Issue]:
    given = {"repay_from": found.repay_first, "repay_to": found.repay_last}
    for key, value in given.items():
        if found.action == DEFER and value is None:
            text = Message("is missing: a deferral says from when and to when it is repaid")
            yield Issue(text, (key,), at_key=True)
        if found.action != DEFER and value is not None:
            text = Message(
                "only what is deferred is repaid, and the action is {action}", action=found.action
            )
            yield Issue(text, (key,), at_key=True)
    if found.action == DEFER and found.repay_first is not None:
        if found.repay_first <= found.last:
            text = Message(
                "{first} is not after to, {last}",
                first=month_text(found.repay_first),
                last=month_text(found.last),
            )
            yield Issue(text, ("repay_from",))
        if found.repay_last is not None and found.repay_last < found.repay_first:
            text = Message("{month} is before repay_from", month=month_text(found.repay_last))
            yield Issue(text, ("repay_to",))


def sizes(group: str) -> tuple[str, ...]:
    """Return the sizes of firm that a group covers."""
    return (SMALL, LARGE) if group == ALL else (group,)


def overlaps(reliefs: Sequence[Relief]) -> Iterator[Issue]:
    """Yield an issue for each entry that exceeds, with those before it, the amount due."""
    meeting: dict[tuple[str, str, str, int], list[int]] = {}
    for index, relief in enumerate(reliefs):
        for key in _cells(relief):
            others = meeting.setdefault(key, [])
            others.append(index)
            try:
                combined_share([reliefs[other].share for other in others])
            except ValueError:
                yield Issue(_too_much(key, others, reliefs), (index,))
                break


def _cells(relief: Relief) -> Iterator[tuple[str, str, str, int]]:
    """Return each fund, payer, size of firm and month that a relief covers."""
    months = range(relief.first, relief.last + 1)
    return product(relief.insurance, (relief.payer,), sizes(relief.group), months)


def _too_much(
    key: tuple[str, str, str, int], others: Sequence[int], reliefs: Sequence[Relief]
) -> Message:
    fund, payer, size, at = key
    whose = Message("{payer} contributions to {fund}", payer=payer, fund=fund)
    if payer in IN_FIRMS:
        whose += Message(" in {size} firms", size=size)
    return Message(
        "{names} add up to {total} of the {whose} in {month}, at most 100%: lower a share, or end "
        "one before the next begins",
        names=separated((f"relief[{other}]" for other in others), " and "),
        total=show(round(sum(reliefs[other].share for other in others), 9), "fraction"),
        whose=whose,
        month=month_text(at),
    )


def late(reliefs: Sequence[Relief], horizon: int) -> Iterator[Issue]:
    """Yield an issue for each entry that the projection would never reach."""
    for index, relief in enumerate(reliefs):
        if relief.year > horizon:
            text = Message(
                "{month} is after the horizon {horizon}: raise horizon, or leave the entry out",
                month=month_text(relief.first),
                horizon=horizon,
            )
            yield Issue(text, (index, "from"))
