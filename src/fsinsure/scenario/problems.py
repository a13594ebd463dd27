"""What is wrong with a scenario, collected before it is told: one line for each problem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NoReturn

from fsinsure.errors import Position, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Location = tuple[str | int, ...]
"""Where a value stands among the keys: ``("growth", "employee", "2023")``."""

MOST_TOLD: Final = 10
"""Lines of one message; what is beyond is counted."""

MOST_SHOWN: Final = 40
"""Characters of a value quoted in a message."""


@dataclass(frozen=True)
class Issue:
    """One problem: what it is, under which key, and whether the key itself is at fault."""

    text: str
    location: Location = ()
    at_key: bool = False


class Invalid(ValueError):
    """Raised by the readers of single values; `issues` are located within the value."""

    def __init__(self, *issues: Issue) -> None:
        self.issues = issues
        super().__init__("; ".join(issue.text for issue in issues))

    def within(self, outer: Location) -> list[Issue]:
        """Return the issues located in what holds the value."""
        return [replace(issue, location=(*outer, *issue.location)) for issue in self.issues]


def refuse(text: str) -> Invalid:
    """Make the error of a value that has one problem."""
    return Invalid(Issue(text))


def key_text(location: Location) -> str:
    """Write a location as a key: ``targets[0].value``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def quote(value: object) -> str:
    """Show a value in a message, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def fail(issues: Iterable[Issue], locate: Callable[[Location, bool], Position | None]) -> NoReturn:
    """Raise one ScenarioError for all issues, in the order of the file.

    Parameters
    ----------
    issues
        At least one.
    locate
        Gives the position of a location (of its key, if the second argument is true).
    """
    placed = [(locate(issue.location, issue.at_key), issue) for issue in issues]
    placed.sort(key=lambda pair: (pair[0].line, pair[0].column) if pair[0] else (0, 0))
    lines: list[str] = []
    for position, issue in placed[:MOST_TOLD]:
        key = key_text(issue.location)
        shown = key if len(key) <= 2 * MOST_SHOWN else f"{key[: 2 * MOST_SHOWN]}…"
        where = f"{position}: " if position and lines else ""
        lines.append(f"{where}{shown}: {issue.text}" if shown else f"{where}{issue.text}")
    if len(placed) > MOST_TOLD:
        lines.append(f"... and {len(placed) - MOST_TOLD} more problems")
    raise ScenarioError("\n".join(lines), placed[0][0])
