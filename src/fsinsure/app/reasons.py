"""Why what is shown differs from what was pinned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fsinsure.comparison import compare
from fsinsure.output.labels import label
from fsinsure.output.terminal.side_by_side import why

if TYPE_CHECKING:
    from fsinsure.app.model import Shown
    from fsinsure.result import Result


def reasons(pinned: Shown, shown: Shown, lang: str) -> str:
    """Return the contributions of the levers that differ, as text.

    Raises
    ------
    FsinsureError
        As :func:`fsinsure.compare`.
    """
    first = _called(pinned.result, label("app.pinned_name", lang))
    other = _called(shown.result, label("app.present_name", lang))
    table = compare(first, other).reasons
    return why(table, lang) if len(table) else ""


def _called(result: Result, name: str) -> Result:
    """Return a result under another name: both may be changes of one scenario."""
    return replace(result, scenario=replace(result.scenario, name=name))
